"""A line of a printed CFE in words. Formato CFE v25.2, representación impresa, cuerpo."""

from dataclasses import dataclass
from decimal import Decimal

from sincronizador.countries.uy.emitted import signed_amount
from sincronizador.countries.uy.figures import amount, price, quantity, rate
from sincronizador.countries.uy.signed import Zone
from sincronizador.countries.uy.tipos import IndFact

TASAS = {
    IndFact.EXENTA: "Exento",
    IndFact.MINIMA: "10 %",
    IndFact.BASICA: "22 %",
    IndFact.OTRA: "Otra",
    IndFact.GRATIS: "Gratis",
    IndFact.NO_FACTURABLE: "No fact.",
    IndFact.NO_FACTURABLE_NEGATIVO: "No fact.",
    IndFact.EXPORTACION: "Export.",
    IndFact.PERCIBIDO: "Percib.",
    IndFact.SUSPENSO: "Susp.",
    IndFact.MONOTRIBUTO: "",
}
"""IndFact -> how its IVA is told in a few letters; nothing where IVA must not be mentioned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of the document in words. `bruto` and `ajustes` add up to `importe`."""

    nombre: str
    descripcion: str
    cantidad: str
    """With the unit of measure when it says something: ``0,25 kg``."""
    precio: str
    bruto: str
    """Quantity by price."""
    ajustes: tuple[tuple[str, str], ...]
    """Discounts and surcharges: what, and how much with its sign."""
    importe: str
    tasa: str
    plain: bool
    """One unit without measure, discount or surcharge: quantity and price say nothing that `importe` does not."""


def line_of(item: Zone) -> Line:
    """The words of one Item."""
    ind = IndFact(int(item["IndFact"]))
    sign = -1 if ind is IndFact.NO_FACTURABLE_NEGATIVO else 1
    importe = signed_amount(item)
    ajustes = tuple(
        (_adjustment(name, item.get(percentage)), direction * sign * Decimal(item[element]))
        for name, percentage, element, direction in (
            ("Descuento", "DescuentoPct", "DescuentoMonto", -1),
            ("Recargo", "RecargoPct", "RecargoMnt", 1),
        )
        if Decimal(item.get(element) or "0")
    )
    cantidad = Decimal(item["Cantidad"])
    unidad = "" if item["UniMed"] == "N/A" else f" {item['UniMed']}"
    return Line(
        nombre=item["NomItem"],
        descripcion=item.get("DscItem", ""),
        cantidad=quantity(cantidad) + unidad,
        precio=price(Decimal(item["PrecioUnitario"])),
        bruto=amount(importe - sum((value for _, value in ajustes), Decimal(0))),
        ajustes=tuple((name, amount(value)) for name, value in ajustes),
        importe="Sin cargo" if ind is IndFact.GRATIS else amount(importe),
        tasa=TASAS[ind],
        plain=cantidad == 1 and not unidad and not ajustes,
    )


def _adjustment(name: str, percentage: str | None) -> str:
    return f"{name} {rate(Decimal(percentage))}" if percentage and Decimal(percentage) else name
