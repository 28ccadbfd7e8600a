"""A lote: many documents in one file, cut at each ``[DOCUMENTO]``, with its own count and total checked."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from sincronizador.core.codes import BAD_NUMBER, LOTE_COUNT, LOTE_FORM, LOTE_TOTAL, MISSING
from sincronizador.core.finding import MOST_FINDINGS, Finding
from sincronizador.core.numbers import AmbiguousNumber, NotANumber, parse_number
from sincronizador.core.sections import Entry, Reading, Section, Sections
from sincronizador.formats.requests import flag

HEAD = "LOTE"
DOCUMENT = "DOCUMENTO"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lote:
    """A file of many documents. With an error among its findings none of them counts."""

    referencia: str
    """As written; empty when the file gave none."""
    todo_o_nada: bool
    """Either all of its documents are issued, or none."""
    documents: tuple[Reading, ...]
    """In file order, each with what is wrong with its own form."""
    findings: tuple[Finding, ...]
    """Of the lote itself: its head, its count, its total."""


def line_of(document: Reading) -> int:
    """The line on which a document begins."""
    return document.sections.items[0].line


def read_lote(reading: Reading, *, decimal: str = "") -> Lote:
    """
    The lote of a file whose first section is ``[LOTE]``; `decimal` decides how ambiguous amounts are read.

    CANTIDAD is the count of its documents, TOTAL the plain sum of their ``[TOTALES] A_PAGAR`` (or TOTAL), whatever
    their types and currencies: it proves that the file is what its writer wrote. Findings: E0114, E0115, E0116,
    E0205, E0208, E0209, and those of the file that are of no document.
    """
    head, *rest = reading.sections.items
    starts = [place for place, section in enumerate(rest) if section.name == DOCUMENT]
    ends = [*starts, len(rest)][1:]
    cut = [Sections(tuple(rest[start:end])) for start, end in zip(starts, ends, strict=True)]
    lines = [sections.items[0].line for sections in cut]
    own, placed = _placed(reading.findings, lines)
    findings = [*own, *_form(head, rest[: starts[0]] if starts else rest, reading, documents=len(cut))]
    todo_o_nada = flag(head, "TODO_O_NADA", findings)
    findings += _count(head, len(cut))
    findings += _total(head, cut, decimal)
    return Lote(
        referencia=head.text_of("REFERENCIA"),
        todo_o_nada=todo_o_nada,
        documents=tuple(
            Reading(sections=_marked(sections, reading, found), findings=tuple(found), encoding=reading.encoding)
            for sections, found in zip(cut, placed, strict=True)
        ),
        findings=tuple(sorted(findings, key=lambda finding: finding.place)),
    )


def _marked(sections: Sections, reading: Reading, found: Sequence[Finding]) -> Sections:
    """A document's sections; partial only where something is wrong with this document."""
    is_partial = reading.sections.is_partial and any(finding.is_error for finding in found)
    return replace(sections, is_partial=is_partial)


def same(one: Reading, other: Reading) -> bool:
    """Whether two documents say the same, wherever in their files."""
    return _words(one) == _words(other)


def _words(reading: Reading) -> list[tuple[str, str, tuple[tuple[str, str], ...]]]:
    return [(s.name, s.text, tuple((e.name, e.text) for e in s.entries)) for s in reading.sections]


def _placed(findings: Sequence[Finding], lines: Sequence[int]) -> tuple[list[Finding], list[list[Finding]]]:
    """Findings of the file itself, and those of each document."""
    own: list[Finding] = []
    placed: list[list[Finding]] = [[] for _ in lines]
    for finding in findings:
        owner = bisect_right(lines, finding.line) if finding.line is not None else 0
        (placed[owner - 1] if owner else own).append(finding)
    return own, placed


def _form(head: Section, before: Sequence[Section], reading: Reading, *, documents: int) -> Iterator[Finding]:
    if before:
        yield LOTE_FORM.at(line=before[0].line, detalle=f"[{before[0].name}] está antes del primer [{DOCUMENT}]")
    elif not documents:
        yield LOTE_FORM.at(line=head.line, detalle=f"no trae ningún [{DOCUMENT}]")
    if len(reading.findings) >= MOST_FINDINGS:
        # Further ones were not told, so nobody knows which of the documents are well formed.
        yield LOTE_FORM.at(line=head.line, detalle=f"tiene {MOST_FINDINGS} errores de forma o más")


def _count(head: Section, documents: int) -> Iterator[Finding]:
    entry = head.get("CANTIDAD")
    if entry is None:
        return
    if not (entry.text.isascii() and entry.text.isdigit()):
        yield BAD_NUMBER.at(field="CANTIDAD", line=entry.line, value=entry.text)
    elif (entry.text.lstrip("0") or "0") != str(documents):
        yield LOTE_COUNT.at(field="CANTIDAD", line=entry.line, value=entry.text, documentos=documents)


def _total(head: Section, cut: Sequence[Sections], decimal: str) -> Iterator[Finding]:
    entry = head.get("TOTAL")
    if entry is None:
        return
    findings: list[Finding] = []
    given = _amount(entry, decimal, findings)
    total, silent = Decimal(0), []
    for sections in cut:
        amount = _payable(sections)
        if amount is None:
            silent.append(sections.items[0].line)
        else:
            total += _amount(amount, sections.text_of(DOCUMENT, "DECIMAL") or decimal, findings) or 0
    if silent:
        hint = (
            f"Con TOTAL en [LOTE] cada documento lleva [TOTALES] A_PAGAR=, y a {len(silent)} de {len(cut)} les falta."
        )
        findings.append(MISSING.at(field="A_PAGAR", line=silent[0], seccion="TOTALES", sugerencia=hint))
    yield from findings
    if not findings and given != total:
        yield LOTE_TOTAL.at(field="TOTAL", line=entry.line, value=entry.text, suma=total)


def _payable(sections: Sections) -> Entry | None:
    totales = sections.first("TOTALES")
    return (totales.get("A_PAGAR") or totales.get("TOTAL")) if totales else None


def _amount(entry: Entry, decimal: str, findings: list[Finding]) -> Decimal | None:
    try:
        return parse_number(entry.text, decimal=decimal.upper())
    except (NotANumber, AmbiguousNumber):
        findings.append(BAD_NUMBER.at(field=entry.name, line=entry.line, value=entry.text))
        return None
