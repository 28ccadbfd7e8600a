"""Sales of an imaginary shop, and what the law makes of them: computed here, never by the product."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
ZERO = Decimal(0)
RATES = {"MINIMA": Decimal("0.10"), "BASICA": Decimal("0.22")}
IND_FACT = {"EXENTA": 1, "MINIMA": 2, "BASICA": 3, "NO_FACTURABLE": 6}


def cents(amount: Decimal) -> Decimal:
    """Two decimals, half away from zero."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def check_rut(eleven: str) -> str | None:
    """A RUT of these eleven digits with its check digit; None when there is none."""
    digit = 11 - sum(int(d) * w for d, w in zip(eleven, (4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2), strict=True)) % 11
    return None if digit == 10 else eleven + str(digit % 11)


def check_ci(seven: str) -> str:
    """A CI of these seven digits with its check digit."""
    return seven + str(-sum(int(d) * w for d, w in zip(seven, (2, 9, 8, 7, 6, 3, 4), strict=True)) % 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of a sale. A discount has at most two decimals and so is exact."""

    detalle: str
    cantidad: Decimal
    precio: Decimal
    iva: str
    descuento: Decimal = ZERO
    descuento_porc: Decimal = ZERO
    codigo: str = ""
    unidad: str = ""

    @property
    def importe(self) -> Decimal:
        """After the line's discounts."""
        gross = self.cantidad * self.precio
        return cents(gross - self.descuento - cents(gross * self.descuento_porc / 100))


@dataclass(frozen=True, slots=True, kw_only=True)
class Receptor:
    """Who buys."""

    tipo_doc: str
    documento: str
    nombre: str
    direccion: str = ""
    ciudad: str = ""
    pais: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """What the legacy system knows of a sale, a credit note or a debit note."""

    tipo: int
    referencia: str
    fecha: date
    lines: tuple[Line, ...]
    contado: bool = True
    con_iva: bool = True
    moneda: str = "UYU"
    cotizacion: Decimal | None = None
    receptor: Receptor | None = None
    descuento: tuple[str, Decimal] | None = None
    """A global discount: rate of IVA, value."""
    a_pagar: Decimal | None = None
    """What the till charged, when it says so."""
    adenda: str = ""
    extra: tuple[tuple[str, str], ...] = ()
    refers: str = ""
    """REFERENCIA of the sale that a note corrects."""

    def importes(self) -> Mapping[str, Decimal]:
        """The amounts that its answer must show."""
        base = self._bases()
        net = {rate: cents(base[rate] / (1 + RATES[rate])) if self.con_iva else base[rate] for rate in RATES}
        tax = {rate: cents(net[rate] * RATES[rate]) for rate in RATES}
        total = sum(net.values()) + sum(tax.values()) + base["EXENTA"]
        exact = sum(base.values(), ZERO) if self.con_iva else total + base["NO_FACTURABLE"]
        pagar = exact if self.a_pagar is None else self.a_pagar
        return {
            "NETO_BASICA": net["BASICA"],
            "IVA_BASICA": tax["BASICA"],
            "NETO_MINIMA": net["MINIMA"],
            "IVA_MINIMA": tax["MINIMA"],
            "EXENTO": base["EXENTA"],
            "NO_FACTURABLE": pagar - total,
            "TOTAL": total,
            "A_PAGAR": pagar,
        }

    def exact(self) -> Decimal:
        """What is paid when nobody rounds."""
        return Sale(
            tipo=self.tipo,
            referencia=self.referencia,
            fecha=self.fecha,
            lines=self.lines,
            con_iva=self.con_iva,
            descuento=self.descuento,
        ).importes()["A_PAGAR"]

    def avisos(self) -> frozenset[str]:
        """The warnings that its answer must carry."""
        found = set()
        if self.a_pagar is not None and self.a_pagar != self.exact():
            found.add("A0210")
        if any(len(line.detalle) > 80 for line in self.lines):
            found.add("A0220")
        return frozenset(found)

    def _bases(self) -> dict[str, Decimal]:
        base = {rate: sum((line.importe for line in self.lines if line.iva == rate), ZERO) for rate in IND_FACT}
        if self.descuento:
            base[self.descuento[0]] -= self.descuento[1]
        return base
