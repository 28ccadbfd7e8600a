"""What a printed CFE comes to: discounts, taxes, withholdings, the total, and how it was paid. Zones A, C, D and E."""

from collections.abc import Collection, Iterable, Iterator
from decimal import Decimal

from sincronizador.core.emitido import Emitido
from sincronizador.core.ticket import Row, Size
from sincronizador.countries.uy.emitted import redondeo
from sincronizador.countries.uy.figures import amount, money, rate
from sincronizador.countries.uy.glosas import TASAS
from sincronizador.countries.uy.lines import CREDITO_FISCAL, name_of
from sincronizador.countries.uy.signed import SignedCfe, Zone
from sincronizador.countries.uy.tipos import Bruto, Familia, IndFact, TipoCfe


class Balance:
    """The amounts of one document, each with its name, but for what is `hidden`. An e-Remito has none."""

    def __init__(self, document: SignedCfe, emitido: Emitido, hidden: Collection[str] = ()) -> None:
        self._document = document
        self._emitido = emitido
        self._hidden = hidden
        self._totales = document.zone("Encabezado", "Totales")
        self._bruto = document.zone("Encabezado", "IdDoc").get("MntBruto", "")
        self._familia = TipoCfe(emitido.tipo).familia

    @property
    def tells_iva(self) -> bool:
        """Whether lines and totals tell IVA apart; who pays IVA mínimo or Monotributo may not mention it."""
        return self._familia in (Familia.E_TCK, Familia.E_FACT) and self._bruto != str(int(Bruto.MONOTRIBUTO))

    def discounts(self) -> Iterator[Row]:
        """Subtotals and global discounts and surcharges, as the document names them."""
        subtotals = () if "subtotales" in self._hidden else self._document.zones("SubTotInfo", "STI_Item")
        for subtotal in _ordered(subtotals, "OrdenSTI"):
            yield Row(_subtotal(subtotal["GlosaSTI"]), amount(Decimal(subtotal["ValSubtotSTI"])))
        for move in self._document.zones("DscRcgGlobal", "DRG_Item"):
            yield _global(move)

    def rows(self) -> Iterator[Row]:
        """Net and IVA by rate, what carries none, and what lies between the total and what is paid."""
        # An e-Ticket may tell its total alone. Formato CFE v25.2, representación impresa, cuerpo.
        if not (self._familia is Familia.E_TCK and "desglose_iva" in self._hidden):
            yield from self._taxes()
        retenciones = self._retenciones(credito=False)
        if "MntPagar" not in self._totales:
            yield from retenciones
            return
        total = Decimal(self._totales["MntTotal"])
        if total == self._emitido.total and not retenciones:
            return
        yield Row("Total", amount(total))
        yield from retenciones
        cent = redondeo(self._document)
        not_billable = Decimal(self._totales.get("MontoNF", "0")) - cent
        if not_billable:
            yield Row("No facturable", amount(not_billable))
        if cent:
            yield Row("Redondeo", amount(cent))

    def total(self) -> Iterator[Row]:
        """The line that everybody looks for."""
        if self._familia is not Familia.E_REM:
            yield Row(self._name(), money(self._emitido.total, self._emitido.moneda), Size.LARGE, bold=True)

    def _name(self) -> str:
        if self._familia is Familia.E_RESG:
            return "TOTAL RETENIDO"
        return "TOTAL" if Decimal(self._totales["MntTotal"]) == self._emitido.total else "TOTAL A PAGAR"

    def _taxes(self) -> Iterator[Row]:
        totals = self._totales
        basica, minima = (rate(Decimal(totals.get(name, "0"))) for name in ("IVATasaBasica", "IVATasaMin"))
        for label, name in (
            (f"Neto gravado {basica}", "MntNetoIVATasaBasica"),
            (f"IVA {basica}", "MntIVATasaBasica"),
            (f"Neto gravado {minima}", "MntNetoIvaTasaMin"),
            (f"IVA {minima}", "MntIVATasaMin"),
            ("Neto gravado otra tasa", "MntNetoIVAOtra"),
            ("IVA otra tasa", "MntIVAOtra"),
            (self._untaxed, "MntNoGrv"),
            ("Exportación y asimilados", "MntExpoyAsim"),
            ("Impuesto percibido", "MntImpuestoPerc"),
            ("IVA en suspenso", "MntIVaenSusp"),
        ):
            value = Decimal(totals.get(name, "0"))
            if value:
                yield Row(label, amount(value))

    @property
    def _untaxed(self) -> str:
        """The name of MntNoGrv: in an e-Boleta nothing is exempt, its sellers are untaxed."""
        if self._familia is Familia.E_BOLETA:
            return "No gravado"
        return "Exento" if self.tells_iva else "Subtotal"

    def _retenciones(self, *, credito: bool) -> list[Row]:
        """The withholdings, which add to what is paid, or the fiscal credits, which do not."""
        # A seller whose prices hold IMEBA is paid what is left of them. Formato CFE v25.2, A130.
        sign = -1 if self._familia is Familia.E_BOLETA and self._bruto == str(int(Bruto.CON_IMEBA)) else 1
        return [
            Row(f"{name_of(each['CodRet'])} {each['CodRet']}", amount(sign * Decimal(each["ValRetPerc"])))
            for each in self._document.zones("Encabezado", "Totales", "RetencPercep")
            if each["CodRet"].startswith(CREDITO_FISCAL) is credito
        ]

    def pagos(self) -> Iterator[Row]:
        """How it was paid, with the fiscal credits; what was handed over and what was given back."""
        yield from self._retenciones(credito=True)
        for pago in _ordered(self._document.zones("MediosPago", "MedioPago"), "OrdenMP"):
            yield Row(pago.get("GlosaMP") or "Pago", amount(Decimal(pago["ValorPago"])))
        for name, value in self._emitido.anexo.pagos:
            yield Row(name.capitalize(), amount(Decimal(value)), bold=name == "VUELTO")


def _subtotal(glosa: str) -> str:
    """It adds nothing to the total, and has to say so."""
    return glosa if glosa.lower().startswith("sub") else f"Subtotal {glosa}"


def _global(move: Zone) -> Row:
    """A global discount or surcharge with the sign it counts with: on what is subtracted, it turns."""
    ind = IndFact(int(move["IndFactDR"]))
    is_discount = move["TpoMovDR"] == "D"
    name = move.get("GlosaDR") or ("Descuento" if is_discount else "Recargo")
    value = Decimal(move["ValorDR"])
    subtracts = is_discount is not (ind is IndFact.NO_FACTURABLE_NEGATIVO)
    tasa = TASAS[ind]
    return Row(f"{name} ({tasa})" if tasa else name, amount(-value if subtracts else value))


def _ordered(zones: Iterable[Zone], place: str) -> list[Zone]:
    """In the order that the issuer asks for, where it does: those with a place first."""
    return sorted(zones, key=lambda zone: int(zone.get(place) or 100))
