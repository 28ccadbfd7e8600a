"""A checkup for a person and for a program: the lines that `validar` prints, and its JSON."""

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from sincronizador.formats.txt_writer import write

if TYPE_CHECKING:
    from sincronizador.core.finding import Finding
    from sincronizador.core.total import Total
    from sincronizador.engine.validation import Checked, Checkup, Way

_LONGEST = 100
"""Letters of a line of the file that are shown."""
_LINE_END = re.compile(r"\r\n|\r|\n")

Plain = Callable[["Checked"], str]
"""Gives the ticket of a document as text; empty where there is none."""


def told(name: str, checkup: "Checkup", content: bytes, plain: Plain | None) -> Iterator[str]:
    """A file in words; with `plain` also what was understood, and the ticket."""
    yield f"{name}: {_verdict(checkup)}"
    source = _LINE_END.split(content.decode(checkup.encoding or "ascii", "replace"))
    shown = 0
    for finding in checkup.findings:
        yield from _finding(finding, source, is_shown=finding.line == shown)
        shown = finding.line or 0
    for document in checkup.documents:
        yield from _document(document, plain)


def facts(name: str, checkup: "Checkup", plain: Plain) -> dict[str, Any]:
    """A file as data; the keys are public and stay."""
    return {
        "archivo": name,
        "valido": checkup.is_valid,
        "pide": checkup.kind.name if checkup.kind else "",
        "codificacion": checkup.encoding,
        "hallazgos": [finding_facts(finding) for finding in checkup.findings],
        "documentos": [_document_facts(document, plain) for document in checkup.documents],
    }


def _verdict(checkup: "Checkup") -> str:
    errors = sum(finding.is_error for finding in checkup.findings)
    warnings = len(checkup.findings) - errors
    state = _count(errors, "error", "errores") if errors else "está bien"
    return f"{state}, {_count(warnings, 'aviso', 'avisos')}" if warnings else state


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _finding(finding: "Finding", source: list[str], *, is_shown: bool) -> Iterator[str]:
    place = f"línea {finding.line}: " if finding.line else ""
    norm = f" ({finding.norm})" if finding.norm else ""
    yield f"  {finding.code} {place}{finding.message}{norm}"
    within = not is_shown and finding.line is not None and finding.line <= len(source)
    if within and finding.line and (text := source[finding.line - 1].strip()):
        yield f"       {finding.line:>5} | {text[:_LONGEST]}"
    if finding.hint:
        yield f"        {finding.hint}"


def _document(document: "Checked", plain: Plain | None) -> Iterator[str]:
    if plain is None:
        return
    yield ""
    yield f"  {' '.join(filter(None, (document.nombre or 'Comprobante', document.referencia)))}"
    if document.totals:
        yield f"    {'':<16}{'en el archivo':>16}{'calculado':>16}{'diferencia':>16}"
        yield from (_total(total) for total in document.totals)
    if document.specimen is not None:
        yield f"    {_way(document.way)}"
        yield "    Así se entendió:"
    else:
        yield "    Así se leyó:"
    yield from (f"      {line}" for line in write(document.interpreted).rstrip("\n").split("\n"))
    if ticket := plain(document):
        yield "    Así saldría:"
        yield from (f"      {line}".rstrip() for line in ticket.split("\n"))


def _total(total: "Total") -> str:
    shown = ("" if value is None else f"{value:.2f}" for value in (total.given, total.ours, total.difference))
    return f"    {total.name:<16}" + "".join(f"{text:>16}" for text in shown)


def _way(way: "Way") -> str:
    """Where it would go, as a sentence."""
    if way.route == "papel":
        return "Transcribe un papel: lleva el número que trae y no se imprime."
    number = {
        None: "El número lo pone la nube",
        0: "Hoy esperaría: no quedan números de su tipo",
    }.get(way.numbers, f"Hay números de su tipo: quedan {way.numbers}")
    paper = {
        "A4": "sale en A4, en el PDF",
        "ticket": f"se imprime en {way.printer}",
    }.get(way.form, "no se imprime")
    return f"{number}; {paper}."


def finding_facts(finding: "Finding") -> dict[str, Any]:
    return {
        "codigo": finding.code,
        "error": finding.is_error,
        "linea": finding.line,
        "campo": finding.field,
        "valor": finding.value,
        "mensaje": finding.message,
        "sugerencia": finding.hint,
        "norma": finding.norm,
    }


def _document_facts(document: "Checked", plain: Plain) -> dict[str, Any]:
    return {
        "linea": document.line,
        "referencia": document.referencia,
        "tipo": document.tipo or None,
        "nombre": document.nombre,
        "valido": not any(finding.is_error for finding in document.findings),
        "totales": [
            {"nombre": total.name, **{
                key: None if value is None else f"{value:.2f}"
                for key, value in (("dado", total.given), ("calculado", total.ours), ("diferencia", total.difference))
            }}
            for total in document.totals
        ],
        "destino": {
            "ruta": document.way.route,
            "numeros": document.way.numbers,
            "impresora": document.way.printer,
            "forma": document.way.form,
        },
        "interpretado": write(document.interpreted),
        "ticket": plain(document),
    }  # fmt: skip
