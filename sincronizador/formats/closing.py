"""``[CIERRE_DIA]`` and ``[LISTADO]``: which documents a file asks about, and what its writer says of them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from sincronizador.core.closing import ToldSale, ToldTotal
from sincronizador.core.codes import (
    AMBIGUOUS_NUMBER,
    BAD_DATE,
    BAD_NUMBER,
    BAD_VALUE,
    CLOSING_FORM,
    CLOSING_MANY,
    CLOSING_REPEATED,
    MISSING,
)
from sincronizador.core.finding import Finding
from sincronizador.core.numbers import AmbiguousNumber, NotADate, NotANumber, parse_date, parse_number
from sincronizador.core.sections import Entry, Section, Sections

CLOSING, TOTAL, SALE, LISTING = "CIERRE_DIA", "CIERRE_TOTAL", "CIERRE_VENTA", "LISTADO"
ALL_TILLS = "TODAS"
LONGEST = 31
"""Days of a listing."""
MOST_SALES = 20_000
"""Sales that one file tells one by one."""

FIELDS = {
    CLOSING: frozenset({"FECHA", "CAJA", "DECIMAL"}),
    TOTAL: frozenset({"CAJA", "TIPO", "MONEDA", "CANTIDAD", "TOTAL"}),
    SALE: frozenset({"REFERENCIA", "TIPO", "SERIE", "NUMERO", "MONEDA", "TOTAL"}),
    LISTING: frozenset({"DESDE", "HASTA", "CAJA"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Which documents are meant: by their FECHA and till. With an error among its findings nothing else counts."""

    desde: date
    hasta: date
    till: str
    """Upper case; empty: of all tills."""
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """A ``[CIERRE_DIA]``, read."""

    span: Span
    totals: tuple[ToldTotal, ...]
    sales: tuple[ToldSale, ...]


def read_listing(sections: Sections, till: str) -> Span:
    """
    The request of a file whose kind is LISTADO, dropped in `till`.

    Findings: E0120, E0207, E0208, E0209. Raises StopIteration for another kind.
    """
    head = next(section for section in sections if section.name == LISTING)
    reader = _Reader("", {})
    reader.findings += _strangers(sections, (LISTING,))
    desde = reader.day(head, "DESDE", "Escriba el primer día, por ejemplo DESDE=21/11/2026.")
    hasta = reader.day(head, "HASTA") or desde
    wrong = not 0 <= (hasta - desde).days < LONGEST if desde and hasta else False
    if wrong and (entry := head.get("HASTA")):
        hint = "Pida los días de a un mes por archivo."
        reader.refuse(entry, f"se esperan entre 1 y {LONGEST} días, de DESDE a HASTA", hint)
    return reader.span(head, till, desde, hasta)


def read_closing(
    sections: Sections, till: str, key_of: Callable[[str], str], moneda_de: Mapping[str, str], *, decimal: str = ""
) -> Closing:  # fmt: skip
    """
    The request of a file whose kind is CIERRE, dropped in `till`; `decimal` decides how ambiguous amounts are read.

    TIPO is the number of the type. Findings: E0120, E0121, E0123, E0205 to E0209. Raises StopIteration for another
    kind.
    """
    head = next(section for section in sections if section.name == CLOSING)
    reader = _Reader(head.text_of("DECIMAL").upper() or decimal, moneda_de)
    reader.findings += _strangers(sections, (CLOSING, TOTAL, SALE))
    fecha = reader.day(head, "FECHA", "Escriba el día que se cierra, por ejemplo FECHA=21/11/2026.")
    totals = tuple(reader.total(section) for section in sections.all(TOTAL))
    told_sales = sections.all(SALE)
    if len(told_sales) > MOST_SALES:
        reader.findings.append(CLOSING_MANY.at(line=told_sales[MOST_SALES].line, maximo=MOST_SALES))
    sales = tuple(reader.sale(section, key_of) for section in told_sales[:MOST_SALES])
    for told in totals:
        reader.once((TOTAL, told.till, told.tipo, told.moneda), told.line)
    for sale in sales:
        reader.once((SALE, sale.key or sale.name), sale.line)
    return Closing(span=reader.span(head, till, fecha, fecha), totals=totals, sales=sales)


def _strangers(sections: Sections, known: tuple[str, ...]) -> Iterator[Finding]:
    """What has no place in such a file."""
    for section in sections:
        if section.name not in known:
            yield CLOSING_FORM.at(line=section.line, value=section.name, pedido=known[0])


class _Reader:
    """The values of a file; what cannot be one is a finding."""

    def __init__(self, decimal: str, moneda_de: Mapping[str, str]) -> None:
        self._moneda_de = moneda_de
        self._decimal = decimal if decimal in ("PUNTO", "COMA") else ""
        self._seen: dict[object, int] = {}
        self.findings: list[Finding] = []

    def span(self, head: Section, till: str, desde: date | None, hasta: date | None) -> Span:
        wanted = head.text_of("CAJA").upper() or till.upper()
        return Span(
            desde=desde or date.min,
            hasta=hasta or date.min,
            till="" if wanted == ALL_TILLS else wanted,
            findings=tuple(sorted(self.findings, key=lambda finding: finding.place)),
        )

    def total(self, section: Section) -> ToldTotal:
        tipo = self._count(section, "TIPO")
        if not tipo and section.get("TIPO") is None:
            self._missing(section, "TIPO", "Escriba el número del tipo, por ejemplo TIPO=101.")
        if section.get("CANTIDAD") is None and section.get("TOTAL") is None:
            self._missing(section, "CANTIDAD", "Escriba CANTIDAD, TOTAL, o los dos.")
        return ToldTotal(
            line=section.line,
            till=section.text_of("CAJA").upper(),
            tipo=tipo or 0,
            moneda=self._currency(section) or "UYU",
            cantidad=self._count(section, "CANTIDAD"),
            total=self._amount(section, "TOTAL"),
        )

    def sale(self, section: Section, key_of: Callable[[str], str]) -> ToldSale:
        referencia = section.text_of("REFERENCIA")
        sale = ToldSale(
            line=section.line,
            referencia=referencia,
            key=key_of(referencia),
            tipo=self._count(section, "TIPO") or 0,
            serie=section.text_of("SERIE").upper(),
            numero=self._count(section, "NUMERO") or 0,
            moneda=self._currency(section),
            total=self._amount(section, "TOTAL"),
        )
        if not (referencia or (sale.tipo and sale.is_numbered)):
            self._missing(section, "REFERENCIA", "Escriba REFERENCIA, o TIPO, SERIE y NUMERO.")
        return sale

    def day(self, section: Section, name: str, hint: str = "") -> date | None:
        entry = section.get(name)
        found = None
        try:
            found = parse_date(entry.text) if entry else None
        except NotADate:
            self.findings.append(BAD_DATE.at(field=name, line=section.line, value=entry.text if entry else ""))
            return None
        if found is None and hint:
            self._missing(section, name, hint)
        return found

    def once(self, what: object, line: int) -> None:
        """Nothing is told twice: which of the two would be meant?"""
        if what in self._seen:
            self.findings.append(CLOSING_REPEATED.at(line=line, primera=self._seen[what]))
        self._seen.setdefault(what, line)

    def refuse(self, entry: Entry, expected: str, hint: str) -> None:
        self.findings.append(
            BAD_VALUE.at(field=entry.name, line=entry.line, value=entry.text, esperado=expected, sugerencia=hint)
        )

    def _missing(self, section: Section, name: str, hint: str) -> None:
        self.findings.append(MISSING.at(field=name, line=section.line, seccion=section.name, sugerencia=hint))

    def _currency(self, section: Section) -> str:
        entry = section.get("MONEDA")
        if entry is None:
            return ""
        code = self._moneda_de.get(entry.text.upper())
        if code is None:
            self.refuse(entry, "se espera una moneda", "Escriba el código de tres letras, por ejemplo UYU o USD.")
        return code or ""

    def _count(self, section: Section, name: str) -> int | None:
        entry = section.get(name)
        if entry is None:
            return None
        if entry.text.isascii() and entry.text.isdigit() and len(entry.text) <= 12:
            return int(entry.text)
        self.refuse(entry, "se espera un número entero", f"Escriba {name} solo con cifras.")
        return None

    def _amount(self, section: Section, name: str) -> Decimal | None:
        entry = section.get(name)
        if entry is None:
            return None
        try:
            return parse_number(entry.text, decimal=self._decimal)
        except NotANumber:
            self.findings.append(BAD_NUMBER.at(field=name, line=entry.line, value=entry.text))
        except AmbiguousNumber as both:
            finding = AMBIGUOUS_NUMBER.at(
                field=name, line=entry.line, value=entry.text,
                lectura_punto=f"{both.as_point:f}", lectura_coma=f"{both.as_comma:f}",
            )  # fmt: skip
            hint = f"Escriba dos decimales (por ejemplo 1175,00) o ponga DECIMAL=COMA o DECIMAL=PUNTO en [{CLOSING}]."
            self.findings.append(replace(finding, hint=hint))
        return None
