"""``cierre``: what was issued on a day, alone or beside the totals that a file tells. Reads the journal only."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from sincronizador.cli import settings
from sincronizador.cli.day import Day
from sincronizador.cli.terminal import say, say_json
from sincronizador.core.closing import Comparison, Issued, sums
from sincronizador.journal import jobs, listings
from sincronizador.journal.journal import open_journal

if TYPE_CHECKING:
    from sincronizador.formats.closing import Closing
    from sincronizador.settings import Settings


@click.command(help="Dice qué se emitió en un día, o si coincide con los totales de un archivo con [CIERRE_DIA].")
@click.argument("archivo", required=False)
@click.option("--fecha", type=Day(), help="El día, si no hay archivo.")
@click.option("--caja", default="", help="Solo esa caja.")
@click.option("--csv", "table", metavar="DESTINO", default="", help="Escribe la tabla en este archivo.")
@click.option("--json", "as_json", is_flag=True, help="Como JSON.")
def cierre(archivo: str | None, fecha: date | None, caja: str, table: str, as_json: bool) -> int:
    """The command; exit code 1 when a closing does not agree."""
    from sincronizador.engine.closing import closing_rows, compare_day, listing_rows

    if (archivo is None) == (fecha is None):
        raise click.UsageError("Diga el día con --fecha, o un archivo con [CIERRE_DIA]; uno de los dos.")
    found = settings()
    closing = _read(found, archivo, caja) if archivo is not None else None
    till = closing.span.till if closing else caja.upper()
    day = closing.span.desde if closing else fecha or date.min
    with open_journal(found.diario, read_only=True).reading() as db:
        issued = listings.between(db, day, day, till)
        pending = listings.pending(db, jobs.last_id(db) + 1, till)
        compared = compare_day(db, closing, issued) if closing else None
    if table:
        _write(table, closing_rows(compared) if compared else listing_rows(issued))
    facts = _facts(day, till, issued, pending, compared)
    if as_json:
        say_json(facts)
    else:
        _print(facts)
    return int(compared is not None and compared.differences > 0)


def _read(found: "Settings", path: str, till: str) -> "Closing":
    """The closing of a file. Raises `Rejected` for the first thing that is wrong with it."""
    from sincronizador.cli.ordering import read_file
    from sincronizador.core import codes
    from sincronizador.core.finding import Finding
    from sincronizador.core.job import Kind
    from sincronizador.daemon import assembly
    from sincronizador.engine.case import key_of
    from sincronizador.errors import Rejected
    from sincronizador.formats.closing import read_closing
    from sincronizador.formats.read import read
    from sincronizador.formats.requests import kind_of, vocabulary

    country = assembly.COUNTRIES[found.pais](found)
    reading = read(
        read_file(path), vocabulary=vocabulary(country.vocabulary), from_xml=country.from_xml,
        encoding=found.entrada.codificacion,
    )  # fmt: skip
    kind = kind_of(reading.sections)
    if isinstance(kind, Finding):
        raise next((finding for finding in reading.findings if finding.is_error), kind).as_error(Rejected)
    if kind is not Kind.CIERRE:
        raise codes.MIXED_REQUEST.at(detalle="no es un [CIERRE_DIA]").as_error(Rejected)
    closing = read_closing(reading.sections, till, key_of, country.moneda_de, decimal=found.entrada.decimal)
    for finding in (*reading.findings, *closing.span.findings):
        if finding.is_error:
            raise finding.as_error(Rejected)
    return closing


def _write(path: str, rows: Sequence[Sequence[str]]) -> None:
    from sincronizador.files import write_atomic
    from sincronizador.folders.table import render_table

    write_atomic(path, render_table(rows, "utf-8"))


def _facts(
    day: date, till: str, issued: Sequence[Issued], pending: int, compared: Comparison | None
) -> dict[str, Any]:  # fmt: skip
    from sincronizador.engine.closing import closing_rows

    facts: dict[str, Any] = {
        "fecha": day.isoformat(),
        "caja": till or "TODAS",
        "emitidos": sum(one.estado.emitido for one in issued),
        "pendientes": pending,
        "totales": [
            {"caja": one.till, "tipo": one.tipo, "moneda": one.moneda, "cantidad": one.cantidad,
             "total": f"{one.total:.2f}"}
            for one in sums(issued, by_till=True)
        ],
    }  # fmt: skip
    if compared is not None:
        names, *rows = closing_rows(compared)
        facts |= {
            "coincide": not compared.differences,
            "diferencias": compared.differences,
            "lineas": [dict(zip(names, row, strict=True)) for row in rows],
        }
    return facts


def _print(facts: dict[str, Any]) -> None:
    say(f"{facts['fecha']}, caja {facts['caja']}: {facts['emitidos']} emitidos, {facts['pendientes']} sin decidir.")
    for one in facts["totales"]:
        till = f"{one['caja']}  " if one["caja"] else ""
        say(f"  {till}{one['tipo']}  {one['cantidad']}  {one['moneda']} {one['total']}")
    if "lineas" not in facts:
        return
    for line in facts["lineas"]:
        if line["RESULTADO"] not in ("", "COINCIDE"):
            place = f"Línea {line['LINEA']}: " if line["LINEA"] else ""
            say(f"{place}{line['RESULTADO']}  {_what(line)}")
    say("El cierre coincide." if facts["coincide"] else f"El cierre no coincide: {facts['diferencias']} diferencias.")


def _what(line: dict[str, str]) -> str:
    """A line that does not agree, in words."""
    if line["CLASE"] == "VENTA":
        return f"{line['REFERENCIA'] or line['NUMERO']}. {line['MENSAJE']}"
    told = f"{line['CANTIDAD'] or '?'} por {line['TOTAL'] or '?'}"
    issued = f"{line['CANTIDAD_EMITIDA']} por {line['TOTAL_EMITIDO']}"
    till = f" {line['CAJA']}" if line["CAJA"] else ""
    return f"{line['TIPO']} {line['MONEDA']}{till}: el archivo dice {told}; se emitió {issued}"
