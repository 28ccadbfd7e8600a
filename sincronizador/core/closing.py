"""
The closing of a day: what the legacy system says it sold beside what was issued, line by line. Pure.

Nobody rounds here: a day agrees to the cent or it does not agree.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from sincronizador.core.answer import Estado


class Resultado(StrEnum):
    """What came of one line of a closing."""

    COINCIDE = "COINCIDE"
    DIFIERE = "DIFIERE"
    FALTA_AQUI = "FALTA_AQUI"
    """The legacy system tells of it, and no document of the day is it."""
    FALTA_ALLI = "FALTA_ALLI"
    """It was issued, and the legacy system does not tell of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A document of ours, as the journal keeps it."""

    till: str
    referencia: str
    key: str
    """The REFERENCIA as it is compared."""
    tipo: int
    serie: str
    numero: int
    fecha: date
    firmado: str
    moneda: str
    total: Decimal
    receptor: str
    estado: Estado
    impresion: str
    name: str
    """Of the dropped file."""

    @property
    def slug(self) -> str:
        """The natural key: ``101-A-1234``."""
        return f"{self.tipo}-{self.serie}-{self.numero}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldTotal:
    """What the legacy system says of all sales of a type and currency; None: it does not say."""

    line: int
    till: str
    """Upper case; empty: of all tills of the closing."""
    tipo: int
    moneda: str
    cantidad: int | None
    total: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldSale:
    """What the legacy system says of one sale, which it names by REFERENCIA or by number."""

    line: int
    referencia: str
    key: str
    tipo: int
    serie: str
    numero: int
    moneda: str
    """Empty: it does not say."""
    total: Decimal | None

    @property
    def is_numbered(self) -> bool:
        """Whether it says the document's number."""
        return bool(self.serie and self.numero)

    @property
    def name(self) -> str:
        """As a person calls it."""
        return self.referencia or f"{self.tipo}-{self.serie}-{self.numero}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """All documents of ours of a type and currency, of one till or of all."""

    till: str
    tipo: int
    moneda: str
    cantidad: int
    total: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class TotalLine:
    """A total of both sides."""

    resultado: Resultado
    told: ToldTotal | None
    ours: Total

    @property
    def difference(self) -> Decimal | None:
        """What the legacy system says more than we do; None where it says nothing."""
        return None if self.told is None or self.told.total is None else self.told.total - self.ours.total


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleLine:
    """A sale of both sides, or of one."""

    resultado: Resultado | None
    """None: the legacy system tells no sales one by one."""
    told: ToldSale | None
    ours: Issued | None
    why: str = ""
    """A Spanish sentence; empty where both agree."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A day of both sides."""

    totals: tuple[TotalLine, ...]
    sales: tuple[SaleLine, ...]

    @property
    def results(self) -> list[Resultado]:
        """Of every line that was compared."""
        lines: tuple[TotalLine | SaleLine, ...] = (*self.totals, *self.sales)
        return [line.resultado for line in lines if line.resultado is not None]

    @property
    def differences(self) -> int:
        """How many lines do not agree."""
        return sum(one is not Resultado.COINCIDE for one in self.results)


def sums(issued: Iterable[Issued], *, by_till: bool) -> list[Total]:
    """Counts and totals of what counts as issued, by till (where wanted), type and currency."""
    found: dict[tuple[str, int, str], list[Decimal]] = {}
    for one in issued:
        if one.estado.emitido:
            till = one.till.upper() if by_till else ""
            found.setdefault((till, one.tipo, one.moneda), []).append(one.total)
    return [
        Total(till=till, tipo=tipo, moneda=moneda, cantidad=len(amounts), total=sum(amounts, Decimal(0)))
        for (till, tipo, moneda), amounts in sorted(found.items())
    ]


def compare(
    totals: Sequence[ToldTotal],
    sales: Sequence[ToldSale],
    issued: Sequence[Issued],
    elsewhere: Callable[[ToldSale], str],
) -> Comparison:
    """
    Every line of a closing with what came of it, and every document of the day.

    Who tells totals must tell all of them, and who tells sales all of them; who tells neither says that there were
    none. `elsewhere` says what became of a sale that is no document of the day.
    """
    compared = () if sales and not totals else tuple(_totals(totals, issued))
    return Comparison(totals=compared, sales=tuple(_sales(sales, issued, elsewhere)))


def _totals(told: Sequence[ToldTotal], issued: Sequence[Issued]) -> Iterator[TotalLine]:
    ours = sums(issued, by_till=True)
    missing = list(ours)
    for line in told:
        mine = [one for one in ours if _is_of(one, line)]
        missing = [one for one in missing if one not in mine]
        yield _total(line, mine)
    for one in missing if any(line.till for line in told) else _merged(missing):
        yield TotalLine(resultado=Resultado.FALTA_ALLI, told=None, ours=one)


def _is_of(one: Total, line: ToldTotal) -> bool:
    return (one.tipo, one.moneda) == (line.tipo, line.moneda) and line.till in ("", one.till)


def _total(line: ToldTotal, mine: Sequence[Total]) -> TotalLine:
    ours = Total(
        till=line.till, tipo=line.tipo, moneda=line.moneda, cantidad=sum(one.cantidad for one in mine),
        total=sum((one.total for one in mine), Decimal(0)),
    )  # fmt: skip
    if line.cantidad in (None, ours.cantidad) and line.total in (None, ours.total):
        resultado = Resultado.COINCIDE
    else:
        resultado = Resultado.DIFIERE if ours.cantidad else Resultado.FALTA_AQUI
    return TotalLine(resultado=resultado, told=line, ours=ours)


def _merged(totals: Sequence[Total]) -> Iterator[Total]:
    """The same of all tills together."""
    for tipo, moneda in sorted({(one.tipo, one.moneda) for one in totals}):
        mine = [one for one in totals if (one.tipo, one.moneda) == (tipo, moneda)]
        yield Total(
            till="", tipo=tipo, moneda=moneda, cantidad=sum(one.cantidad for one in mine),
            total=sum((one.total for one in mine), Decimal(0)),
        )  # fmt: skip


def _sales(
    told: Sequence[ToldSale], issued: Sequence[Issued], elsewhere: Callable[[ToldSale], str]
) -> Iterator[SaleLine]:
    by_key = {one.key: one for one in issued if one.key}
    by_number = {one.slug: one for one in issued}
    seen: set[str] = set()
    for line in told:
        ours = by_key.get(line.key) if line.key else by_number.get(line.name)
        if ours is None or not ours.estado.emitido:
            why = elsewhere(line) if ours is None else f"Su comprobante {ours.slug} quedó {ours.estado}."
            yield SaleLine(resultado=Resultado.FALTA_AQUI, told=line, ours=ours, why=why)
        else:
            why = f"{ours.slug} ya está en otra línea del archivo." if ours.slug in seen else ""
            why = why or " ".join(_differences(line, ours))
            yield SaleLine(
                resultado=Resultado.DIFIERE if why else Resultado.COINCIDE, told=line, ours=ours, why=why
            )  # fmt: skip
        if ours is not None:
            seen.add(ours.slug)
    for one in issued:
        if one.slug not in seen:
            yield _unseen(one, is_missing=bool(told) and one.estado.emitido)


def _unseen(one: Issued, *, is_missing: bool) -> SaleLine:
    if not is_missing:
        return SaleLine(resultado=None, told=None, ours=one)
    why = f"Se emitió {one.slug} y el archivo no trae esa venta."
    return SaleLine(resultado=Resultado.FALTA_ALLI, told=None, ours=one, why=why)


def _differences(told: ToldSale, ours: Issued) -> Iterator[str]:
    number = f"{told.tipo or ours.tipo}-{told.serie or ours.serie}-{told.numero or ours.numero}"
    if number != ours.slug:
        yield f"El archivo dice {number} y se emitió {ours.slug}."
    if told.moneda not in ("", ours.moneda):
        yield f"El archivo dice {told.moneda} y se emitió en {ours.moneda}."
    if told.total not in (None, ours.total):
        yield f"El archivo dice {told.total} y se emitió por {ours.total}."
