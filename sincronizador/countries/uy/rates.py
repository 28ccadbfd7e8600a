"""
The fiscal exchange rate, and the table of quotations that a person imports. Formato Reporte v13.2, 1 B.

BCU's interbank quotation, buying banknotes, at the close of the day before the operation; of the last working day
before, where there is none. The table has a line for each currency and day that was quoted.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sincronizador.core.finding import MOST_FINDINGS, Finding, Rule
from sincronizador.core.numbers import NotADate, parse_date
from sincronizador.countries.uy.monedas import MONEDA_DE

Rates = Mapping[tuple[str, date], Decimal]
"""Currency and day -> pesos of one of it, at the close of that day, with all its decimals."""

NORM = "Formato Reporte v13.2, contenido del archivo"
LOOK_BACK = 7
"""Days. Between two quotations there are weekends and holidays; more than this is a table that was not brought up."""

NO_HEADER = Rule(
    "E1941",
    "Tabla de cotizaciones sin encabezado",
    "La primera línea de la tabla debe decir «fecha;moneda;cotizacion» y dice «{valor}».",
    "Guarde la tabla como CSV separado por punto y coma, con esa primera línea.",
    NORM,
)
BAD_ROW = Rule(
    "E1942",
    "Cotización mal escrita",
    "La línea {linea} no es una cotización: {detalle}.",
    "Escriba por ejemplo 20/11/2026;USD;39,850, sin separador de miles.",
    NORM,
)
RATE_TWICE = Rule(
    "E1943",
    "Cotización repetida",
    "La línea {linea} cotiza {moneda} del {fecha} a {valor} y la línea {primera} a {otra}.",
    "Deje una sola línea por moneda y día.",
    NORM,
)

RULES = (NO_HEADER, BAD_ROW, RATE_TWICE)

_HEADER = ("fecha", "moneda", "cotizacion")
_RATE = re.compile(r"\d{1,9}(?:[.,]\d{1,10})?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class RatesFile:
    """A table that somebody wants to import. With findings nothing of it is taken."""

    rates: Rates
    findings: tuple[Finding, ...] = ()


def fiscal_rate(rates: Rates, moneda: str, day: date) -> Decimal | None:
    """The rate for an operation of that day; None when the table does not reach so far."""
    for back in range(1, LOOK_BACK + 1):
        found = rates.get((moneda, day - timedelta(days=back)))
        if found is not None:
            return found
    return None


def parse_rates(content: bytes) -> RatesFile:
    """
    The quotations in a CSV of ``fecha;moneda;cotizacion``, in UTF-8 or Windows-1252; empty lines are passed over.

    Findings: E1941 to E1943, each with its line.
    """
    lines = _decoded(content).splitlines()
    heading = _cells(lines[0]) if lines else ()
    if tuple(cell.lower().replace("ó", "o") for cell in heading) != _HEADER:
        said = lines[0][:80] if lines else ""
        return RatesFile(rates={}, findings=(NO_HEADER.at(line=1, value=said),))
    table = _Table()
    for number, line in enumerate(lines[1:], 2):
        if line.strip(" ;\t"):
            table.take(number, _cells(line))
    return RatesFile(rates=table.rates, findings=tuple(table.findings[:MOST_FINDINGS]))


class _Table:
    """Rows as they come."""

    def __init__(self) -> None:
        self.rates: dict[tuple[str, date], Decimal] = {}
        self.findings: list[Finding] = []
        self._lines: dict[tuple[str, date], int] = {}

    def take(self, number: int, cells: tuple[str, ...]) -> None:
        """One row."""
        try:
            key, rate = _row(cells)
        except ValueError as exc:
            self.findings.append(BAD_ROW.at(line=number, detalle=str(exc)))
            return
        known = self.rates.setdefault(key, rate)
        first = self._lines.setdefault(key, number)
        if known != rate:
            moneda, day = key
            self.findings.append(
                RATE_TWICE.at(
                    line=number, value=str(rate), moneda=moneda, fecha=f"{day:%d/%m/%Y}", primera=first, otra=known
                )
            )


def _row(cells: tuple[str, ...]) -> tuple[tuple[str, date], Decimal]:
    """Currency and day, and the rate. Raises ValueError with what is wrong."""
    if len(cells) != len(_HEADER):
        raise ValueError(f"tiene {len(cells)} columnas y van {len(_HEADER)}")
    fecha, moneda, cotizacion = cells
    try:
        day = parse_date(fecha)
    except NotADate:
        day = None
    if day is None:
        raise ValueError(f"«{fecha[:40]}» no es una fecha")
    code = MONEDA_DE.get(moneda.upper(), "UYU")
    if code == "UYU":
        raise ValueError(f"«{moneda[:40]}» no es una moneda extranjera de la tabla de DGI")
    rate = Decimal(cotizacion.replace(",", ".")) if _RATE.fullmatch(cotizacion) else Decimal(0)
    if rate <= 0:
        raise ValueError(f"«{cotizacion[:40]}» no es una cotización")
    return (code, day), rate


def _cells(line: str) -> tuple[str, ...]:
    return tuple(cell.strip().strip('"').strip() for cell in line.split(";"))


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")
