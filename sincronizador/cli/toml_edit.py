"""
A TOML edited for a person: values change where they stand, what is only shown in a comment is uncommented in its place.

Comments, order and every key that was not asked about stay.
"""

import re
import tomllib
from collections.abc import Mapping
from importlib import resources
from typing import Any

import tomlkit

Place = tuple[str, ...]
"""The keys to a value: ``("nube", "url")``."""

_HEADER = re.compile(r"^(?P<off># ?)?\[(?P<name>[^\[\]\n]+)\][ \t]*$", re.MULTILINE)
_SECTION = re.compile(r"^(?:# ?)?\[\[?[^\[\]\n]+\]\]?[ \t]*(?:#.*)?$", re.MULTILINE)


def template() -> str:
    """The TOML that explains every key."""
    return resources.files(__package__).joinpath("sincronizador.toml").read_text("utf-8")


def edited(text: str, wanted: Mapping[Place, Any]) -> str:
    """
    The TOML `text` with those values, each where a reader looks for it; a table that there is none of comes last.

    Nothing else of what it says changes. Raises ValueError for a text that is no TOML.
    """
    rest: dict[Place, Any] = {}
    for place, value in wanted.items():
        data = tomllib.loads(text)
        if _found(data, place) == value:
            continue
        attempt = _uncommented(text, place, value)
        if attempt is not None and _says(attempt, _put(data, place, value)):
            text = attempt
        else:
            rest[place] = value
    return _set(text, rest) if rest else text


def _found(data: Mapping[str, Any], place: Place) -> Any:
    found: Any = data
    for key in place:
        if not isinstance(found, Mapping) or key not in found:
            return None
        found = found[key]
    return found


def _put(data: Mapping[str, Any], place: Place, value: Any) -> dict[str, Any]:
    key, *rest = place
    inner = data.get(key, {})
    return {**data, key: _put(inner, tuple(rest), value) if rest else value}


def _says(text: str, data: Mapping[str, Any]) -> bool:
    try:
        return tomllib.loads(text) == data
    except tomllib.TOMLDecodeError:
        return False


def _uncommented(text: str, place: Place, value: Any) -> str | None:
    """Where a comment of its table shows the key, that line says it; None where no comment does, or the key is set."""
    *table, key = place
    header, start = None, 0
    if table:
        header = next((found for found in _HEADER.finditer(text) if found["name"] == ".".join(table)), None)
        if header is None:
            return None
        start = header.end()
    nearest = _SECTION.search(text, start)
    end = nearest.start() if nearest else len(text)
    line = re.compile(rf"^# ?{re.escape(key)}[ \t]*=.*$", re.MULTILINE).search(text, start, end)
    if line is None:
        return None
    text = f"{text[: line.start()]}{_line(key, value)}{text[line.end() :]}"
    if header is not None and header["off"]:
        text = f"{text[: header.start()]}[{header['name']}]{text[header.end() :]}"
    return text


def _line(key: str, value: Any) -> str:
    return tomlkit.dumps({key: value}).strip()


def _set(text: str, wanted: Mapping[Place, Any]) -> str:
    document = tomlkit.parse(text)
    for place, value in wanted.items():
        at: Any = document
        *tables, key = place
        for depth, name in enumerate(tables):
            if name not in at:
                at[name] = tomlkit.table(is_super_table=depth < len(tables) - 1)
            at = at[name]
        at[key] = value
    return tomlkit.dumps(document)
