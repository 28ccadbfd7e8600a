"""A mapping as a dialect: its files are taken, read and answered."""

import csv
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from sincronizador.core import codes as form
from sincronizador.core.dialect import AnswerForm, Names, Proof
from sincronizador.core.finding import MOST_FINDINGS, Finding
from sincronizador.core.job import stem_of
from sincronizador.core.sections import Reading, Section, Sections, Vocabulary
from sincronizador.errors import Rejected
from sincronizador.formats import whole
from sincronizador.formats.encoding import decode

from . import codes, json_source, tables, workbook, xml_source
from .lines import fixed, lines_of, marked, separated
from .model import DOCUMENT, FILE, Mapeo
from .records import Record, Source
from .rules import batch_of, sections_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A file as a mapping reads it, with everything that it leaves aside."""

    reading: Reading
    unused: tuple[str, ...]
    """Columns with something in them, and records, that nothing is made of: «L: columna 7»."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MappedDialect:
    """Files of a customer's format, read by a mapping."""

    mapeo: Mapeo
    vocabulary: Vocabulary
    names: Names
    proof: Proof
    form: AnswerForm | None = None
    companions: tuple[str, ...] = ()
    name: str = field(init=False)

    def __post_init__(self) -> None:
        """The mapping's name is its dialect's."""
        object.__setattr__(self, "name", self.mapeo.name)

    def missing(self, content: bytes) -> str | None:
        """What the content still lacks: its end record, or what its format ends with."""
        mapeo = self.mapeo
        if mapeo.format != "xlsx" and whole.has_hole(content):
            return whole.HOLE
        if mapeo.format == "xml":
            return whole.missing(content, xml=True)
        if mapeo.format == "xlsx":
            return workbook.missing(content)
        if mapeo.format != "json" and not mapeo.end:
            return None
        try:
            text, _ = decode(content, mapeo.encoding)
        except Rejected:
            return None if content.strip() and not mapeo.end else "el contenido"
        if mapeo.format == "json":
            return json_source.missing(text)
        return None if self._ends(text) else f"el registro {mapeo.end} del final"

    def read(self, content: bytes, name: str) -> Reading:
        """The file in the words of our TXT. Raises `Rejected` E0101 for what is no text."""
        return self.trial(content, name).reading

    def trial(self, content: bytes, name: str) -> Trial:
        """The same, with what is left aside."""
        try:
            source = self._source(content)
        except (workbook.BadWorkbook, json_source.BadJson, csv.Error) as error:
            detail = "las comillas no cierran bien" if isinstance(error, csv.Error) else str(error)
            return _unreadable(codes.UNREADABLE_FORM.at(formato=self.mapeo.format, detalle=detail, mapeo=self.name))
        except xml_source.ForbiddenXml:
            return _unreadable(form.XML_DTD.at())
        except xml_source.BadXml as error:
            return _unreadable(form.XML_MALFORMED.at(line=error.line, detalle=str(error)))
        sections, findings = self._read(source, stem_of(name))
        found = sorted(findings, key=lambda finding: finding.place)[:MOST_FINDINGS]
        is_partial = any(finding.code == codes.UNKNOWN_RECORD.code for finding in found)
        kept = Sections(sections, is_partial=is_partial)
        reading = Reading(sections=kept, findings=tuple(found), encoding=source.encoding)
        return Trial(reading=reading, unused=tuple(_unused(source, self.mapeo)))

    def _ends(self, text: str) -> bool:
        """Whether the last line is the end record."""
        mapeo = self.mapeo
        last = next((line for line in reversed(lines_of(text)) if line.strip()), "")
        if mapeo.format == "secciones":
            return last.strip() == f"{mapeo.layout.marker[0]}{mapeo.end}{mapeo.layout.marker[1]}"
        kind = mapeo.layout.kind or (1, 1)
        if mapeo.format == "fijo":
            length = mapeo.layout.length
            last = last[(len(last) - 1) // length * length :] if length else last
            return last[kind[0] - 1 : kind[1]].strip() == mapeo.end
        cells = last.split(mapeo.layout.separator)
        return len(cells) >= kind[0] and cells[kind[0] - 1].strip().strip('"') == mapeo.end

    def _source(self, content: bytes) -> Source:
        mapeo = self.mapeo
        if mapeo.format == "xml":
            return xml_source.source_of(content, mapeo)
        if mapeo.format == "xlsx":
            rows = workbook.rows_of(content, sheet=mapeo.layout.sheet, largest=mapeo.largest)
            return tables.source_of(rows, mapeo, "utf-8")
        text, encoding = decode(content, mapeo.encoding)
        match mapeo.format:
            case "json":
                return json_source.source_of(text, mapeo, encoding)
            case "fijo":
                return tables.source(fixed(text, mapeo), mapeo, encoding)
            case "secciones":
                return tables.source(marked(text, mapeo), mapeo, encoding)
        return tables.source_of(separated(text, mapeo), mapeo, encoding)

    def _read(self, source: Source, stem: str) -> tuple[tuple[Section, ...], list[Finding]]:
        mapeo, free = self.mapeo, self.vocabulary.free
        parts = [
            part
            for document in source.documents
            for part in sections_of(mapeo, source.head, document, stem, free)
            if part[0]
        ]
        made = [sections for sections, _ in parts]
        findings = [*source.findings, *_placed(parts)]
        if not made and not any(finding.is_error for finding in findings):
            detail = "no cumple ninguna condición" if source.documents else f"falta {mapeo.document or 'todo dato'}"
            findings.append(codes.NO_DOCUMENT_HERE.at(detalle=detail, mapeo=mapeo.name))
        if mapeo.batch and made:
            records = (*source.head, *(record for document in source.documents for record in document))
            batch, found = batch_of(mapeo, records, stem)
            return (batch, *(section for sections in made for section in sections)), [*findings, *found]
        if len(made) > 1:
            findings.append(codes.SEVERAL_DOCUMENTS.at(line=made[1][0].line, cuantos=len(made), mapeo=mapeo.name))
        return made[0] if made else (), findings


def _placed(parts: Sequence[tuple[tuple[Section, ...], tuple[Finding, ...]]]) -> Iterator[Finding]:
    """
    The findings of all documents. In a lote, lines tell whose one is; it loses its line where they would tell wrong.

    Two documents of one record begin on one line, and the rows of a document need not stand together.
    """
    starts = [sections[0].line for sections, _ in parts]
    for number, (_, findings) in enumerate(parts, 1):
        for finding in findings:
            told = starts == sorted(starts) and finding.line and bisect_right(starts, finding.line) == number
            yield finding if told else replace(finding, line=None, message=f"Línea {finding.line}: {finding.message}")


def _unreadable(finding: Finding) -> Trial:
    reading = Reading(sections=Sections(()), findings=(finding,), encoding="utf-8")
    return Trial(reading=reading, unused=())


def _unused(source: Source, mapeo: Mapeo) -> Iterator[str]:
    """What has something in it and nothing is made of, in the order of the file."""
    if mapeo.format == "xml":
        return iter(source.unused)
    records: Iterable[Record] = (*source.head, *(record for document in source.documents for record in document))
    found: dict[str, None] = {}
    for record in records:
        columns = mapeo.columns(record.kind) | {mapeo.layout.group} | _kind_columns(record, mapeo)
        found |= dict.fromkeys(_label(record, column, mapeo) for column in record.cells if column not in columns)
    return iter(found)


def _kind_columns(record: Record, mapeo: Mapeo) -> set[str]:
    """The column that tells the kind: it has been used."""
    place = mapeo.layout.kind
    return {name for name, own in mapeo.records.get(record.kind, {}).items() if place and own[0] == place[0]}


def _label(record: Record, column: str, mapeo: Mapeo) -> str:
    plain = mapeo.format in ("csv", "xlsx") or record.kind in (DOCUMENT, FILE)
    return column if plain else f"{record.kind}: {column}"
