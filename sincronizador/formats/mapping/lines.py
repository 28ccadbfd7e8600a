"""Files of lines: records with a separator, of fixed width, and sections with a mark of their own."""

import csv
import io
import re
from collections.abc import Iterator

from sincronizador.formats.encoding import PADDING

from .model import ROW, Mapeo
from .records import Record
from .tables import Row, numbered, trimmed

_LINE_END = re.compile(r"\r\n|\r|\n")


def lines_of(text: str) -> list[str]:
    """The lines of a file without what old programs leave at its end."""
    return _LINE_END.split(text.replace("\0", "").rstrip(PADDING))


def separated(text: str, mapeo: Mapeo) -> Iterator[Row]:
    """The cells of each line. Raises `csv.Error` for quotes that make no sense."""
    if not mapeo.layout.quoted:
        for number, line in enumerate(lines_of(text), 1):
            yield Row(number, line.split(mapeo.layout.separator))
        return
    clean = text.replace("\0", "").rstrip(PADDING)
    reader = csv.reader(io.StringIO(clean, newline=""), delimiter=mapeo.layout.separator, strict=True)
    before = 0
    for cells in reader:
        yield Row(before + 1, cells)
        before = reader.line_num


def fixed(text: str, mapeo: Mapeo) -> Iterator[Record]:
    """The records of fixed width; what lies behind the last column of a kind is a column without name."""
    length = mapeo.layout.length
    if length:
        flat = text.replace("\0", "").rstrip("\x1a\r\n")
        lines = [flat[start : start + length] for start in range(0, len(flat), length)]
    else:
        lines = lines_of(text)
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield _cut(line, number, mapeo)


def _cut(line: str, number: int, mapeo: Mapeo) -> Record:
    kind = mapeo.layout.kind
    own = line[kind[0] - 1 : kind[1]].strip() if kind else ROW
    columns = mapeo.records.get(own, {})
    cells = {name: line[start - 1 : end].strip() for name, (start, end) in columns.items()}
    covered = {place for start, end in (*columns.values(), *filter(None, [kind])) for place in range(start, end + 1)}
    rest = "".join(char if place not in covered else " " for place, char in enumerate(line, 1)).strip()
    first = next((place for place, char in enumerate(line, 1) if place not in covered and char.strip()), 0)
    cells[f"posición {first}"] = rest if columns else ""
    return Record(own, number, {name: text for name, text in cells.items() if text})


def marked(text: str, mapeo: Mapeo) -> Iterator[Record]:
    """The records of a file of sections: each line of one, or all its lines when they are ``name=value``."""
    before, behind = mapeo.layout.marker
    kind, start, pairs = "", 0, dict[str, tuple[str, int]]()
    for number, raw in enumerate(lines_of(text), 1):
        line = raw.strip()
        if line.startswith(before) and line.endswith(behind) and len(line) > len(before) + len(behind):
            if mapeo.layout.pairs and kind:
                yield _paired(kind, start, pairs)
            kind, start, pairs = line[len(before) : len(line) - len(behind)].strip(), number, {}
            if not mapeo.layout.pairs and kind == mapeo.end:
                yield Record(kind, number, {})
        elif line and mapeo.layout.pairs:
            name, _, value = line.partition("=")
            if trimmed(value):
                pairs[name.strip()] = (trimmed(value), number)
        elif line:
            yield Record(kind, number, numbered(raw.split(mapeo.layout.separator), kind, mapeo))
    if mapeo.layout.pairs and kind:
        yield _paired(kind, start, pairs)


def _paired(kind: str, line: int, pairs: dict[str, tuple[str, int]]) -> Record:
    texts = {name: text for name, (text, _) in pairs.items()}
    return Record(kind, line, texts, {name: place for name, (_, place) in pairs.items()})
