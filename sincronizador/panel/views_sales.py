"""The list of sales and its form: what was asked for, read leniently, and a row for each sale."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from urllib.parse import urlencode

from sincronizador.core.answer import Estado
from sincronizador.core.job import Impresion, Kind
from sincronizador.countries.door import Country
from sincronizador.journal.search import Found, Page, Wanted

from .words import KINDS, PAPERS, Word, clean, moment, money, word_of

SIZE = 25
_THOUSANDS = re.compile(r"[0-9]{1,3}(\.[0-9]{3})+")
GROUPS: Mapping[str, tuple[str, tuple[Estado, ...]]] = {
    "emitidas": ("Emitidas", tuple(estado for estado in Estado if estado.emitido)),
    "esperando": ("Esperando", (Estado.RECIBIDO, Estado.ESPERANDO, Estado.PARCIAL)),
    "contingencia": ("Emitidas sin Internet, por enviar", (Estado.FIRMADO_CONTINGENCIA,)),
    "rechazadas": ("Rechazadas", (Estado.RECHAZADO, Estado.RECHAZADO_DGI)),
    "anuladas": ("Retiradas o descartadas", (Estado.RETIRADO, Estado.DESCARTADO, Estado.NO_COBRADO)),
}
FIELDS = ("q", "desde", "hasta", "minimo", "maximo", "estado", "caja", "lote")


@dataclass(frozen=True, slots=True)
class Asked:
    """The form as it was filled in, and what it means."""

    fields: Mapping[str, str]
    wanted: Wanted
    mistakes: tuple[str, ...]
    """What could not be understood, a sentence each."""

    @property
    def narrowed(self) -> bool:
        """Whether more than the search line was used."""
        return any(self.fields[name] for name in FIELDS[1:])


@dataclass(frozen=True, slots=True)
class Row:
    """A sale in the list."""

    id: int
    title: str
    document: str
    """``e-Ticket A 1234``; what it is, where there is no document."""
    total: str
    when: str
    till: str
    receptor: str
    word: Word
    paper: Word | None


def asked(query: Mapping[str, str]) -> Asked:
    """What somebody asks for."""
    fields = {name: query.get(name, "").strip()[:100] for name in FIELDS}
    mistakes: list[str] = []
    wanted = Wanted(
        text=fields["q"],
        first=_day(fields["desde"], mistakes),
        last=_day(fields["hasta"], mistakes),
        least=_amount(fields["minimo"], mistakes),
        most=_amount(fields["maximo"], mistakes),
        estados=GROUPS.get(fields["estado"], ("", ()))[1],
        till=fields["caja"],
        lote=_number(fields["lote"]),
        before=_number(query.get("antes", "")),
    )
    return Asked(fields, wanted, tuple(mistakes))


def address(asked_for: Asked, before: int) -> str:
    """Where the next page is."""
    fields = {name: value for name, value in asked_for.fields.items() if value}
    return "/ventas?" + urlencode({**fields, "antes": before})


def rows(page: Page, country: Country, now: datetime) -> list[Row]:
    """The rows of a page."""
    return [row(found, country, now) for found in page.rows]


def row(found: Found, country: Country, now: datetime) -> Row:
    """A sale in the list."""
    name = document_name(found, country)
    return Row(
        id=found.id,
        title=clean(found.referencia or found.name),
        document=name or KINDS[found.kind],
        total=money(found.total, found.moneda) if found.total is not None else "",
        when=moment(found.claimed_at, now),
        till=clean(found.till),
        receptor=clean(found.receptor),
        word=word_of(found.kind, found.estado),
        paper=None if found.impresion is Impresion.NO_PEDIDA or found.kind is Kind.LOTE else PAPERS[found.impresion],
    )


def document_name(found: Found, country: Country) -> str:
    """``e-Ticket A 1234``; empty without a document."""
    return f"{country.type_name(found.tipo)} {found.serie} {found.numero}" if found.numero else ""


def _day(text: str, mistakes: list[str]) -> date | None:
    if not text:
        return None
    for form in ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d/%m/%y"):
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day, of no zone
        except ValueError:
            continue
    mistakes.append(f"No se entiende la fecha «{clean(text)}»: escriba, por ejemplo, 21/11/2026.")
    return None


def _amount(text: str, mistakes: list[str]) -> Decimal | None:
    if not text:
        return None
    plain = text.removeprefix("$").strip()
    if _THOUSANDS.fullmatch(plain) or "," in plain:
        plain = plain.replace(".", "").replace(",", ".")
    try:
        number = Decimal(plain)
    except InvalidOperation:
        number = Decimal("NaN")
    if number.is_finite() and abs(number) < Decimal(10) ** 15:
        return number
    mistakes.append(f"No se entiende el importe «{clean(text)}»: escriba, por ejemplo, 1.250,50.")
    return None


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0
