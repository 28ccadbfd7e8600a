"""
A request as JSON, turned into the TXT that says the same.

``{"DOCUMENTO": {"TIPO": "VENTA", ...}, "ITEM": [{...}, {...}], "ADENDA": "..."}``: a section is an object, several of
one name a list of them, free text a text or a list of lines. What belongs to one section (``RETENCION`` to its
``ITEM``, everything of a lote's document to its ``DOCUMENTO``) stands within it.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from sincronizador.core import codes
from sincronizador.core.sections import Entry, Section
from sincronizador.errors import Rejected
from sincronizador.formats.txt_writer import write

DEEPEST = 4
"""Levels of sections within sections."""
_NAME = re.compile(r"[^\W\d_][\w .-]{0,63}")
_LONGEST_NUMBER = 40
_NO_TEXT = re.compile("[\0\x1a\ud800-\udfff]")
"""Padding to the reader of TXT, or no letter at all."""


class _Pairs(list[tuple[str, object]]):
    """An object, repeated names and all."""


class _Number(str):
    """A number as it is written."""

    __slots__ = ()


@dataclass(slots=True)
class Transcript:
    """The TXT, and where each of its lines came from."""

    content: bytes
    paths: Mapping[int, str]
    """Line -> ``ITEM[1].CANTIDAD``, counted from 0 as JSON does."""


@dataclass(slots=True)
class _Written:
    sections: list[Section] = field(default_factory=list)
    paths: dict[int, str] = field(default_factory=dict)
    line: int = 1

    def add(self, name: str, path: str, entries: tuple[Entry, ...] = (), text: str = "") -> None:
        self.sections.append(Section(name, self.line, entries, text))
        self.paths[self.line] = path
        for place, entry in enumerate(entries, 1):
            self.paths[self.line + place] = f"{path}.{entry.name}"
        self.paths |= {self.line + place: path for place in range(1, len(text.split("\n")) + 1) if text}
        self.line += 1 + len(entries) + (len(text.split("\n")) if text else 0)


def transcribe(content: bytes) -> Transcript:
    """The TXT of a JSON request. Raises `Rejected` E9253, which names the place in it."""
    value = _load(content)
    if not isinstance(value, _Pairs):
        raise _wrong("", 'debe ser un objeto: {"DOCUMENTO": {...}, "ITEM": [...]}')
    written = _Written()
    _sections(value, "", written, 0)
    if not written.sections:
        raise _wrong("", "no dice nada")
    # The mark rules over whatever encoding the installation expects of files.
    return Transcript(write(written.sections).encode("utf-8-sig"), written.paths)


def _load(content: bytes) -> object:
    def refuse(name: str) -> object:
        raise ValueError(name)

    try:
        return json.loads(
            content.decode("utf-8-sig"), object_pairs_hook=_Pairs, parse_float=_Number, parse_int=_Number,
            parse_constant=refuse,
        )  # fmt: skip
    except json.JSONDecodeError as error:
        raise _wrong("", f"no es JSON (línea {error.lineno}, columna {error.colno})") from error
    except UnicodeDecodeError as error:
        raise _wrong("", f"no está en UTF-8 (posición {error.start + 1})") from error
    except (ValueError, RecursionError) as error:
        raise _wrong("", "tiene demasiados niveles o valores que no son de JSON") from error


def _sections(pairs: _Pairs, within: str, written: _Written, depth: int) -> None:
    for name, value in _told_once(pairs, within):
        path = f"{within}.{name}" if within else name
        if value is None:
            continue
        if isinstance(value, str) and not isinstance(value, _Number):
            written.add(name, path, text=_text(value, path))
        elif isinstance(value, _Pairs):
            _section(name, value, path, written, depth)
        elif isinstance(value, list) and all(isinstance(one, _Pairs) for one in value):
            for number, one in enumerate(value):
                _section(name, one, f"{path}[{number}]", written, depth)
        elif isinstance(value, list) and all(type(one) is str for one in value):
            written.add(name, path, text=_text("\n".join(value), path))
        else:
            raise _wrong(path, "debe ser una sección, que es un objeto, o una lista de ellas")


def _section(name: str, pairs: _Pairs, path: str, written: _Written, depth: int) -> None:
    if depth > DEEPEST:
        raise _wrong(path, "tiene demasiados niveles")
    entries, inner = [], _Pairs()
    for label, value in _told_once(pairs, path):
        if isinstance(value, (_Pairs, list)):
            inner.append((label, value))
        elif (text := _value(value, f"{path}.{label}")) is not None:
            entries.append(Entry(label, text, 0))
    written.add(name, path, tuple(entries))
    _sections(inner, path, written, depth + 1)


def _told_once(pairs: _Pairs, within: str) -> Iterator[tuple[str, object]]:
    names = set[str]()
    for name, value in pairs:
        if _NAME.fullmatch(name) is None:
            raise _wrong(within, f"«{name[:64]}» no puede ser el nombre de un campo ni de una sección")
        if name in names:
            raise _wrong(within, f"«{name}» está dos veces")
        names.add(name)
        yield name, value


def _value(value: object, path: str) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "SI" if value else "NO"
    if isinstance(value, _Number):
        return _number(value, path)
    return _text(str(value), path)


def _number(written: _Number, path: str) -> str:
    """Digits that have one reading: whether ``1.175`` is one or a thousand is no question in JSON."""
    if len(written) > _LONGEST_NUMBER:
        raise _wrong(path, "es un número demasiado largo")
    number = Decimal(written)
    if abs(number.adjusted()) > _LONGEST_NUMBER:
        raise _wrong(path, "es un número demasiado grande o demasiado chico")
    sign, digits = ("-", f"{-number:f}") if number.is_signed() else ("", f"{number:f}")
    _, _, decimals = digits.partition(".")
    return f"{sign}0{digits}" if len(decimals) == 3 and not digits.startswith("0") else sign + digits


def _text(value: str, path: str) -> str:
    if _NO_TEXT.search(value):
        raise _wrong(path, "tiene un carácter que no es una letra")
    return value.replace("\r\n", "\n").replace("\r", "\n")


def _wrong(path: str, detail: str) -> Rejected:
    return codes.BAD_JSON.at(detalle=f"{path} {detail}" if path else detail).as_error(Rejected)
