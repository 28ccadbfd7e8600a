"""
``[CIERRE_DIA]`` and ``[LISTADO]``: the documents of a day, alone or beside what the legacy system says of it.

The answer and its table are one look at the journal, kept in the commit that decides.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal

from sincronizador import files
from sincronizador.core import codes
from sincronizador.core.answer import Estado
from sincronizador.core.closing import (
    Comparison,
    Issued,
    Resultado,
    SaleLine,
    ToldSale,
    Total,
    TotalLine,
    compare,
    sums,
)
from sincronizador.core.finding import Finding
from sincronizador.core.job import Job, Kind
from sincronizador.core.request import Target
from sincronizador.core.sections import Reading
from sincronizador.folders.answers import table_name
from sincronizador.folders.table import render_table
from sincronizador.formats.closing import Closing, Span, read_closing, read_listing
from sincronizador.journal import events, jobs, listings
from sincronizador.journal.journal import Tx

from .case import key_of
from .documents import find
from .house import House
from .requests import settle_form

SENTENCES = {
    Kind.CIERRE: "El cierre coincide con lo emitido.",
    Kind.LISTADO: "El listado está en el CSV.",
}
COLUMNS = (
    "N", "LINEA", "CLASE", "RESULTADO", "CAJA", "REFERENCIA", "TIPO", "SERIE", "NUMERO", "FECHA", "MONEDA",
    "CANTIDAD", "CANTIDAD_EMITIDA", "TOTAL", "TOTAL_EMITIDO", "DIFERENCIA", "ESTADO", "MENSAJE",
)  # fmt: skip
"""Of the table of a closing, in order. Further ones come at the end."""
LISTED = (
    "N", "CAJA", "REFERENCIA", "ESTADO", "EMITIDO", "TIPO", "SERIE", "NUMERO", "FECHA", "FECHA_FIRMA", "MONEDA",
    "A_PAGAR", "RECEPTOR", "IMPRESION", "ARCHIVO",
)  # fmt: skip
"""Of the table of a listing, in order. Further ones come at the end."""
MOST_TOLD = 100
"""Lines in the answer itself; all of them are in the table."""

Blocks = list[tuple[str, tuple[tuple[str, str], ...]]]


def decide(house: House, db: Tx, job: Job, kind: Kind, reading: Reading, now: datetime) -> None:
    """Answer a closing or a listing."""
    jobs.set_read(
        db, job.id, kind=kind, encoding=reading.encoding, route="consulta", referencia="", key="", printer="", copies=0
    )
    closing = _read(house, job, kind, reading)
    found = sorted((*reading.findings, *closing.span.findings), key=lambda finding: finding.place)
    if job.only_check or any(finding.is_error for finding in found):
        settle_form(db, job, found, now)
        return
    issued = listings.between(db, closing.span.desde, closing.span.hasta, closing.span.till)
    pending = listings.pending(db, job.id, closing.span.till)
    if kind is Kind.LISTADO:
        blocks, rows, differ = _listed(closing.span, issued, pending), listing_rows(issued), None
    else:
        compared = compare_day(db, closing, issued)
        blocks, rows = _compared(closing.span, compared, issued, pending), closing_rows(compared)
        differ = differs(closing.span, compared)
    listings.keep_table(db, job.id, render_table(rows, reading.encoding))
    events.record(db, job.id, now, "answered", differ.message if differ else SENTENCES[kind])
    estado = Estado.NO_RESUELTO if differ else Estado.RESUELTO
    findings = [*found, differ] if differ else found
    jobs.settle(db, job.id, estado, at=now, findings=findings, result=tuple(blocks))


def fields(house: House, job: Job) -> list[tuple[str, str]]:
    """What the answer names besides its sections."""
    return [("CSV", table_name(job.name, house.form(job)))] if job.kind in SENTENCES and job.result else []


def compare_day(db: Tx, closing: Closing, issued: Sequence[Issued]) -> Comparison:
    """A closing beside the documents of its day."""
    return compare(closing.totals, closing.sales, issued, lambda sale: _elsewhere(db, sale))


def differs(span: Span, compared: Comparison) -> Finding | None:
    """What is wrong with a closing; None: it agrees."""
    if not compared.differences:
        return None
    return codes.CLOSING_DIFFERS.at(
        fecha=f"{span.desde:%d/%m/%Y}", lineas=len(compared.results), diferencias=compared.differences
    )


def closing_rows(compared: Comparison) -> list[Sequence[str]]:
    """The table of a closing: its totals, then every sale of both sides."""
    lines = (*(_total_cells(line) for line in compared.totals), *(_sale_cells(line) for line in compared.sales))
    return [COLUMNS, *((str(n), *(cells[name] for name in COLUMNS[1:])) for n, cells in enumerate(lines, 1))]


def listing_rows(issued: Sequence[Issued]) -> list[Sequence[str]]:
    """The table of a listing."""
    return [LISTED, *((str(n), *_listed_cells(one)) for n, one in enumerate(issued, 1))]


def _read(house: House, job: Job, kind: Kind, reading: Reading) -> Closing:
    if kind is Kind.LISTADO:
        return Closing(span=read_listing(reading.sections, job.till), totals=(), sales=())
    return read_closing(reading.sections, job.till, key_of, house.country.moneda_de, decimal=house.rules.decimal)


def _elsewhere(db: Tx, sale: ToldSale) -> str:
    """What became of a sale that is no document of the day."""
    target = Target(referencia=sale.referencia, tipo=sale.tipo, serie=sale.serie, numero=sale.numero)
    job = find(db, target)
    if job is None:
        return "Nunca llegó." if sale.referencia else "Ese número no se emitió aquí."
    if not job.estado.emitido:
        said = next((finding.message for finding in job.findings), "")
        return f"{'Quedó' if job.estado.decided else 'Está'} {job.estado}. {said}".strip()
    document = listings.of_job(db, job.id)
    if document is None:
        return f"Quedó {job.estado}."
    till = f", en {document.till}" if document.till else ""
    return f"Se emitió {document.slug} con FECHA {document.fecha.isoformat()}{till}."


def _listed(span: Span, issued: Sequence[Issued], pending: int) -> Blocks:
    head = (
        ("DESDE", span.desde.isoformat()), ("HASTA", span.hasta.isoformat()), ("CAJA", span.till or "TODAS"),
        ("DOCUMENTOS", str(len(issued))), ("PENDIENTES", str(pending)),
    )  # fmt: skip
    totals = sums(issued, by_till=True)
    return [
        ("LISTADO", head),
        *((f"TOTAL.{n}", _shown(_total_fields(one))) for n, one in enumerate(totals[:MOST_TOLD], 1)),
    ]


def _total_fields(one: Total) -> Iterator[tuple[str, str]]:
    yield "CAJA", one.till
    yield "TIPO", str(one.tipo)
    yield "MONEDA", one.moneda
    yield "CANTIDAD", str(one.cantidad)
    yield "TOTAL", f"{one.total:.2f}"


def _compared(span: Span, compared: Comparison, issued: Sequence[Issued], pending: int) -> Blocks:
    cells = [_total_cells(line) for line in compared.totals]
    cells += [_sale_cells(line) for line in compared.sales if line.resultado not in (None, Resultado.COINCIDE)]
    head = (
        ("FECHA", span.desde.isoformat()), ("CAJA", span.till or "TODAS"),
        ("COINCIDE", "NO" if compared.differences else "SI"), ("LINEAS", str(len(compared.results))),
        ("DIFERENCIAS", str(compared.differences)), ("EMITIDOS", str(sum(one.estado.emitido for one in issued))),
        ("PENDIENTES", str(pending)),
    )  # fmt: skip
    told = (_shown((name, each[name]) for name in COLUMNS[1:]) for each in cells[:MOST_TOLD])
    return [("CIERRE", head), *((f"CIERRE.{n}", block) for n, block in enumerate(told, 1))]


def _shown(pairs: Iterator[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in pairs if value)


def _total_cells(line: TotalLine) -> dict[str, str]:
    told, ours = line.told, line.ours
    return dict.fromkeys(COLUMNS, "") | {
        "LINEA": str(told.line) if told else "", "CLASE": "TOTAL", "RESULTADO": line.resultado, "CAJA": ours.till,
        "TIPO": str(ours.tipo), "MONEDA": ours.moneda,
        "CANTIDAD": str(told.cantidad) if told and told.cantidad is not None else "",
        "CANTIDAD_EMITIDA": str(ours.cantidad), "TOTAL": _amount(told.total if told else None),
        "TOTAL_EMITIDO": _amount(ours.total), "DIFERENCIA": _amount(line.difference),
    }  # fmt: skip


def _sale_cells(line: SaleLine) -> dict[str, str]:
    told, ours = line.told, line.ours
    cells = dict.fromkeys(COLUMNS, "") | {
        "CLASE": "VENTA", "RESULTADO": line.resultado or "", "MENSAJE": line.why,
        "TOTAL": _amount(told.total if told else None), "LINEA": str(told.line) if told else "",
    }  # fmt: skip
    if ours is not None:
        difference = told.total - ours.total if told and told.total is not None else None
        return cells | {
            "CAJA": ours.till, "REFERENCIA": ours.referencia, "TIPO": str(ours.tipo), "SERIE": ours.serie,
            "NUMERO": str(ours.numero), "FECHA": ours.fecha.isoformat(), "MONEDA": ours.moneda,
            "TOTAL_EMITIDO": _amount(ours.total), "ESTADO": ours.estado, "DIFERENCIA": _amount(difference),
        }  # fmt: skip
    if told is not None:
        cells |= {
            "REFERENCIA": told.referencia, "TIPO": str(told.tipo or ""), "SERIE": told.serie,
            "NUMERO": str(told.numero or ""), "MONEDA": told.moneda,
        }  # fmt: skip
    return cells


def _listed_cells(one: Issued) -> Sequence[str]:
    return (
        one.till, one.referencia, one.estado, "SI" if one.estado.emitido else "NO", str(one.tipo), one.serie,
        str(one.numero), one.fecha.isoformat(), one.firmado, one.moneda, _amount(one.total), one.receptor,
        one.impresion, files.printable(one.name),
    )  # fmt: skip


def _amount(value: Decimal | None) -> str:
    return "" if value is None else f"{value:.2f}"
