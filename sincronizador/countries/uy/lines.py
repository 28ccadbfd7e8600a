"""A line of a printed CFE in words. Formato CFE v25.2, zone B, and representación impresa, cuerpo."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sincronizador.countries.uy.emitted import is_subtracted, signed_amount
from sincronizador.countries.uy.figures import amount, price, quantity, rate
from sincronizador.countries.uy.glosas import TASAS
from sincronizador.countries.uy.signed import Groups, Zone
from sincronizador.countries.uy.tipos import IndFact

CREDITO_FISCAL = "2181"
"""How the codes of fiscal credits begin; the other codes are withholdings. Formato CFE v25.2, A125."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retencion:
    """A withholding, perception or fiscal credit of a line, in words."""

    codigo: str
    nombre: str
    """``Retención/percepción`` or ``Crédito fiscal``."""
    tasa: str
    """``60 %``, or empty."""
    base: str
    """MntSujetoaRet, or empty."""
    valor: str
    """With its sign: negative where the line annuls one of another e-Resguardo."""
    detalle: str
    """InfoAdicionalRet."""

    @property
    def cuenta(self) -> str:
        """How the value comes about: ``60 % de 2.200,00``."""
        if self.tasa and self.base:
            return f"{self.tasa} de {self.base}"
        return self.tasa or (f"sobre {self.base}" if self.base else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of the document in words. `bruto` and `ajustes` add up to `importe`; an e-Remito has no amounts."""

    nombre: str
    descripcion: str
    codigos: str
    """``GTIN13 7730001000015, INT1 A-4``."""
    ncm: str
    cantidad: str
    """With the unit of measure when it says something: ``0,25 kg``."""
    precio: str
    bruto: str
    """Quantity by price."""
    ajustes: tuple[tuple[str, str], ...]
    """Discounts and surcharges: what, and how much with its sign."""
    importe: str
    tasa: str
    retenciones: tuple[Retencion, ...]
    plain: bool
    """One unit without measure, discount or surcharge: quantity and price say nothing that `importe` does not."""

    @property
    def detalles(self) -> tuple[str, ...]:
        """What both forms tell below the name: the description, the tariff code of what is exported."""
        return tuple(filter(None, (self.descripcion, f"NCM {self.ncm}" if self.ncm else "")))


def line_of(item: Zone, parts: Groups | None = None) -> Line:
    """The words of one Item of goods or services, with its codes, parts of discounts and withholdings."""
    parts = parts or {}
    ajustes = tuple(_adjustments(item, parts))
    cantidad, unidad = Decimal(item["Cantidad"]), "" if item["UniMed"] == "N/A" else f" {item['UniMed']}"
    priced = "MontoItem" in item
    importe = signed_amount(item) if priced else Decimal(0)
    sold = cantidad if priced or not is_subtracted(item) else -cantidad
    return Line(
        nombre=item["NomItem"],
        descripcion=item.get("DscItem", ""),
        codigos=", ".join(f"{each['TpoCod']} {each['Cod']}" for each in parts.get("CodItem", ())),
        ncm=item.get("NCM", ""),
        cantidad=quantity(sold) + unidad,
        precio=price(Decimal(item["PrecioUnitario"])) if priced else "",
        bruto=amount(importe - sum((value for _, value in ajustes), Decimal(0))) if priced else "",
        ajustes=tuple((name, amount(value)) for name, value in ajustes),
        importe=_importe(item, importe) if priced else "",
        tasa=TASAS[IndFact(int(item["IndFact"]))] if "IndFact" in item else "",
        retenciones=retenciones_of(item, parts),
        plain=priced and cantidad == 1 and not unidad and not ajustes,
    )


def retenciones_of(item: Zone, parts: Groups) -> tuple[Retencion, ...]:
    """The withholdings of one Item; of an e-Resguardo they are all that it has."""
    sign = -1 if item.get("IndFact") == str(int(IndFact.A_ANULAR)) else 1
    return tuple(_retencion(each, sign) for each in parts.get("RetencPercep", ()))


def name_of(codigo: str) -> str:
    """What a code of DGI's table C stands for."""
    return "Crédito fiscal" if codigo.startswith(CREDITO_FISCAL) else "Retención/percepción"


def _retencion(each: Zone, sign: int) -> Retencion:
    return Retencion(
        codigo=each["CodRet"],
        nombre=name_of(each["CodRet"]),
        tasa=rate(Decimal(each["Tasa"])) if "Tasa" in each else "",
        base=amount(Decimal(each["MntSujetoaRet"])) if "MntSujetoaRet" in each else "",
        valor=amount(sign * Decimal(each["ValRetPerc"])),
        detalle=each.get("InfoAdicionalRet", ""),
    )


def _importe(item: Zone, importe: Decimal) -> str:
    return "Sin cargo" if item.get("IndFact") == str(int(IndFact.GRATIS)) else amount(importe)


def _adjustments(item: Zone, parts: Groups) -> Sequence[tuple[str, Decimal]]:
    """Discount and surcharge of a line with their percentage and parts, and what each adds to it."""
    sign = -1 if is_subtracted(item) else 1
    discount = _named("Descuento", item.get("DescuentoPct"), parts.get("SubDescuento", ()), ("DescTipo", "DescVal"))
    surcharge = _named("Recargo", item.get("RecargoPct"), parts.get("SubRecargo", ()), ("RecargoTipo", "RecargoVal"))
    both = (
        (discount, -sign * Decimal(item.get("DescuentoMonto") or "0")),
        (surcharge, sign * Decimal(item.get("RecargoMnt") or "0")),
    )
    return [(name, value) for name, value in both if value]


def _named(name: str, percentage: str | None, parts: Sequence[Mapping[str, str]], elements: tuple[str, str]) -> str:
    """``Descuento 15 % (10 % + 5,00)``."""
    tipo, value = elements
    told = [rate(Decimal(part[value])) if part[tipo] == "2" else amount(Decimal(part[value])) for part in parts]
    whole = f"{name} {rate(Decimal(percentage))}" if percentage and Decimal(percentage) else name
    return f"{whole} ({' + '.join(told)})" if told else whole
