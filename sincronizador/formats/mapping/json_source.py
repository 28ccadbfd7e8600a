"""JSON: the documents and their lists as records, every value with the line of its name."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from .model import DOCUMENT, FILE, Mapeo
from .records import Record, Source, plain
from .tables import trimmed

DEEPEST = 50
"""Levels of nesting; no order has ten."""

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"(\s*:)?|[{\n]', re.DOTALL)
_STEP = re.compile(r"([^.\[\]]*)((?:\[\*\])*)")


class _Pairs(list[tuple[str, object]]):
    """An object: its names and values in order, repeated names and all, so that they can be told."""


class _Number(str):
    """A number as it is written."""

    __slots__ = ()


class BadJson(ValueError):
    """Not JSON; says where and why, in Spanish."""


def missing(text: str) -> str | None:
    """What the text still lacks to be JSON; None also when it is wrong before its end: waiting would not cure it."""
    try:
        _load(text)
    except json.JSONDecodeError as error:
        return "el cierre del JSON" if error.pos >= len(text.rstrip()) or "Unterminated" in error.msg else None
    except (ValueError, RecursionError):
        return None
    return None


def source_of(text: str, mapeo: Mapeo, encoding: str) -> Source:
    """The documents of a file. Raises `BadJson`."""
    try:
        value = _load(text)
    except json.JSONDecodeError as error:
        raise BadJson(f"en la línea {error.lineno}, columna {error.colno}") from error
    except (ValueError, RecursionError) as error:
        raise BadJson("tiene demasiados niveles o valores que no son de JSON") from error
    walk = _Walk(text, mapeo.document)
    try:
        walk.visit(value)
    except RecursionError as error:
        raise BadJson("tiene demasiados niveles") from error
    head = () if not walk.outside else (Record(FILE, 1, walk.outside),)
    return Source(head=head, documents=tuple(map(tuple, walk.documents)), encoding=encoding)


def path_problem(path: str) -> str:
    """Why a path (``salesOrders[*]``, ``customer.code``) is none, in Spanish; empty when it is one."""
    good = all(found and (found[1] or found[2]) for found in map(_STEP.fullmatch, path.split(".")))
    return "" if good else "un camino como customer.code o items[*]"


def _load(text: str) -> object:
    def refuse(name: str) -> object:
        raise ValueError(name)

    return json.loads(
        text, object_pairs_hook=_Pairs, parse_float=_Number, parse_int=_Number, parse_constant=refuse
    )  # fmt: skip


def _places(text: str) -> tuple[Iterator[int], Iterator[int]]:
    """The lines of the objects and of the names, each in the order of the text: that in which a walk meets them."""
    objects, names, line = list[int](), list[int](), 1
    for found in _TOKEN.finditer(text):
        if found[0] == "\n":
            line += 1
        elif found[0] == "{":
            objects.append(line)
        elif found[1]:
            names.append(line)
            line += found[0].count("\n")
    return iter(objects), iter(names)


@dataclass(slots=True)
class _Open:
    """A record that is being filled."""

    kind: str
    line: int
    cells: dict[str, str] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)


class _Walk:
    """One pass over a file, in its order: no object may be left out, or the lines of the next would be wrong."""

    def __init__(self, text: str, document: str) -> None:
        self._objects, self._names = _places(text)
        self._document = document
        self.documents: list[list[Record]] = []
        self.outside: dict[str, str] = {}
        """What stands outside all documents, by its path."""

    def visit(self, value: object) -> None:
        """The whole file."""
        if not self._document:
            self._begin(value, 1)
        else:
            self._outside(value, "", 1)

    def _begin(self, value: object, line: int) -> None:
        document: list[Record] = []
        self._record(value, DOCUMENT, line, document, 0)
        self.documents.append(document)

    def _outside(self, value: object, path: str, line: int) -> None:
        if path == self._document:
            self._begin(value, line)
        elif isinstance(value, _Pairs):
            next(self._objects)
            for name, inner, at in self._told_once(value):
                self._outside(inner, f"{path}.{name}" if path else name, at)
        elif isinstance(value, list):
            for inner in value:
                self._outside(inner, f"{path}[*]", line)
        elif text := _text(value):
            self.outside[path] = text

    def _record(self, value: object, kind: str, line: int, document: list[Record], depth: int) -> None:
        """A record for an object or a bare value of a list; those of the lists in it follow it."""
        opened = _Open(kind, line)
        place = len(document)
        self._fill(opened, value, "", line, document, depth)
        if opened.cells or kind == DOCUMENT:
            document.insert(place, Record(kind, opened.line, opened.cells, opened.lines))

    def _fill(self, opened: _Open, value: object, path: str, line: int, document: list[Record], depth: int) -> None:
        if depth > DEEPEST:
            raise BadJson("tiene demasiados niveles")
        if isinstance(value, _Pairs):
            begun = next(self._objects)
            opened.line = opened.line if path else begun
            for name, inner, at in self._told_once(value):
                self._fill(opened, inner, f"{path}.{name}" if path else name, at, document, depth + 1)
        elif isinstance(value, list):
            kind = path if opened.kind == DOCUMENT else f"{opened.kind}.{path}".rstrip(".")
            for inner in value:
                self._record(inner, f"{kind}[*]", line, document, depth + 1)
        elif text := _text(value):
            if path in opened.cells:
                raise _twice(path, line)
            opened.cells[path or "valor"] = text
            opened.lines[path or "valor"] = line

    def _told_once(self, pairs: _Pairs) -> Iterator[tuple[str, object, int]]:
        """Names, values and lines of an object. Of two values for one name nobody knows which was meant."""
        names = set[str]()
        for name, value in pairs:
            line = next(self._names)
            if name in names:
                raise _twice(name, line)
            names.add(name)
            yield name, value, line


def _twice(name: str, line: int) -> BadJson:
    return BadJson(f"«{name}» está dos veces en un mismo objeto, la segunda en la línea {line}")


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, _Number):
        return plain(Decimal(value)) if len(value) <= 40 else str(value)
    return trimmed(str(value))
