"""Rows of cells as records: their columns named by a header, or by their number as the mapping says."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sincronizador.core.finding import MOST_FINDINGS, Finding
from sincronizador.core.nearest import nearest

from . import codes
from .model import ROW, UNWANTED, Mapeo
from .records import Record, Source, divide, filled


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of a line, in order, as they stand there."""

    line: int
    cells: Sequence[str]


def source_of(rows: Iterable[Row], mapeo: Mapeo, encoding: str) -> Source:
    """The documents of a file of rows. Findings: E0140, E0146, E0148."""
    told = [row for row in rows if any(cell.strip() for cell in row.cells)]
    findings: list[Finding] = []
    if mapeo.layout.header:
        names = [cell.strip() for cell in told[0].cells] if told else []
        findings = list(_header_findings(names, mapeo)) if names else []
        records = [Record(ROW, row.line, _by_name(row.cells, names)) for row in told[1:]]
    else:
        records = [_by_number(row, mapeo) for row in told]
    return source(records, mapeo, encoding, findings)


def source(records: Iterable[Record], mapeo: Mapeo, encoding: str, findings: Iterable[Finding] = ()) -> Source:
    """The documents of a file whose records come one after another; of unknown ones a finding each."""
    known, found = [], list(findings)
    kinds = _kinds(mapeo)
    for record in records:
        if record.kind in mapeo.ignored:
            continue
        if record.kind not in kinds:
            if len(found) < MOST_FINDINGS:
                found.append(_unknown(record, mapeo))
        else:
            known.append(record)
    fill = mapeo.layout.fill
    if mapeo.layout.group:
        documents = tuple(tuple(filled(one, fill)) for one in _grouped(known, mapeo.layout.group))
        return Source(documents=documents, findings=tuple(found), encoding=encoding)
    head, cut = divide(known, lambda record: record.kind == mapeo.document)
    if not mapeo.document and head:
        head, cut = [], [head]
    return Source(
        head=tuple(filled(head, fill)), documents=tuple(tuple(filled(one, fill)) for one in cut),
        findings=tuple(found), encoding=encoding,
    )  # fmt: skip


def _kinds(mapeo: Mapeo) -> frozenset[str]:
    return frozenset((*mapeo.records, *mapeo.wanted, mapeo.head, mapeo.end))


def _unknown(record: Record, mapeo: Mapeo) -> Finding:
    known = sorted(kind for kind in _kinds(mapeo) if kind)
    near = nearest(record.kind.upper(), [kind.upper() for kind in known])
    hint = f"¿Es «{near}»?" if near else f"Los que conoce son: {', '.join(known)}."
    hint += " Si no interesa, agréguelo a ignorar en el mapeo."
    return codes.UNKNOWN_RECORD.at(line=record.line, value=record.kind[:40], mapeo=mapeo.name, parecido=hint)


def _grouped(records: Sequence[Record], column: str) -> tuple[tuple[Record, ...], ...]:
    """The rows of each document, in the order of its first; a row without the column goes on with the one above."""
    groups: dict[str, list[Record]] = {}
    key = ""
    for record in records:
        key = record.text(column) or key
        groups.setdefault(key, []).append(record)
    return tuple(map(tuple, groups.values()))


def _by_name(cells: Sequence[str], names: Sequence[str]) -> dict[str, str]:
    named = [*names, *(f"columna {number}" for number in range(len(names) + 1, len(cells) + 1))]
    return {name: text for name, cell in zip(named, cells, strict=False) if name and (text := trimmed(cell))}


def _by_number(row: Row, mapeo: Mapeo) -> Record:
    kind = mapeo.layout.kind
    own = row.cells[kind[0] - 1].strip() if kind and len(row.cells) >= kind[0] else "" if kind else ROW
    return Record(own, row.line, numbered(row.cells, own, mapeo))


def numbered(cells: Sequence[str], kind: str, mapeo: Mapeo) -> dict[str, str]:
    """The cells of a record whose columns the mapping numbers; those that it does not name keep their number."""
    names = {start: name for name, (start, _) in mapeo.records.get(kind, {}).items()}
    if mapeo.layout.kind:
        names.setdefault(mapeo.layout.kind[0], UNWANTED)
    labels = [names.get(number, f"columna {number}") for number in range(1, len(cells) + 1)]
    return _by_name(cells, ["" if label.startswith(UNWANTED) else label for label in labels])


def _header_findings(names: Sequence[str], mapeo: Mapeo) -> Iterator[Finding]:
    wanted = [*mapeo.columns(ROW), *filter(None, [mapeo.layout.group]), *mapeo.layout.fill]
    for name in dict.fromkeys(wanted):
        if name not in names:
            upper = {other.upper(): other for other in names if other}
            near = nearest(name.upper(), upper)
            hint = f"¿Es «{upper[near]}»?" if near else f"Las que tiene son: {', '.join(filter(None, names))}."[:400]
            yield codes.NO_COLUMN.at(line=1, value=name, mapeo=mapeo.name, parecido=hint)
        elif names.count(name) > 1:
            yield codes.DOUBLE_COLUMN.at(line=1, value=name)


def trimmed(text: str) -> str:
    """A cell's text: trimmed, its line ends those of ours."""
    text = text.strip()
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
