"""The words of a printed CFE: what both paper forms must carry, by part. Formato CFE v25.2, representación impresa."""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from sincronizador.core.emitido import Emitido
from sincronizador.core.ticket import Align, Row, Size, Text
from sincronizador.countries.uy.emisor import Emisor
from sincronizador.countries.uy.emitted import is_redondeo, redondeo
from sincronizador.countries.uy.figures import amount, day, money, price, rate
from sincronizador.countries.uy.lines import TASAS, Line, line_of
from sincronizador.countries.uy.signed import Zone, parse_signed
from sincronizador.countries.uy.tipos import Bruto, Familia, IndFact, TipoCfe, TipoDoc

PRUEBA = "DOCUMENTO DE PRUEBA - SIN VALOR FISCAL"
COPIA = "COPIA"
CREDITO_FISCAL = "2181"
"""How the codes of fiscal credits begin; the other codes are withholdings. Formato CFE v25.2, A125."""
DGI_WEB = "www.dgi.gub.uy"

ESPECIALES = {
    "1": "Contribuyente Exonerado",
    "2": "Contribuyente IVA MÍNIMO",
    "3": "MONOTRIBUTO",
    "4": "MONOTRIBUTO SOCIAL MIDES",
}
"""CAEEspecial -> the box that it obliges to."""

DOCUMENTOS = {
    TipoDoc.NIE: "NIE",
    TipoDoc.RUT: "RUC",
    TipoDoc.CI: "CI",
    TipoDoc.OTRO: "Documento",
    TipoDoc.PASAPORTE: "Pasaporte",
    TipoDoc.DNI: "DNI",
    TipoDoc.NIFE: "NIFE",
}
"""TipoDocRecep -> its printed name."""

_FAMILIES = {
    10: "e-Ticket",
    11: "e-Factura",
    12: "e-Factura de Exportación",
    13: "e-Ticket Venta por Cuenta Ajena",
    14: "e-Factura Venta por Cuenta Ajena",
    15: "e-Boleta de entrada",
}
_NOTES = {2: "Nota de Crédito de ", 3: "Nota de Débito de "}
_ALONE = {124: "e-Remito de Exportación", 181: "e-Remito", 182: "e-Resguardo"}


class Printed:
    """
    The parts of a printed CFE, each in words.

    Read from the signed bytes and the annex alone, but for the issuer's web site and resolution, which are not in them.
    """

    def __init__(self, emitido: Emitido, emisor: Emisor) -> None:
        document = self._document = parse_signed(emitido.signed)
        self.emitido = emitido
        self._emisor = emisor
        self._id_doc = document.zone("Encabezado", "IdDoc")
        self._totales = document.zone("Encabezado", "Totales")
        self._receptor = document.zone("Encabezado", "Receptor")
        self._cae = document.zone("CAEData")
        self._familia = TipoCfe(emitido.tipo).familia

    def emisor(self, align: Align) -> tuple[Text, ...]:
        """Who issues: trade name if there is one, legal name, address, and the legends about the issuer."""
        fields = self._document.zone("Encabezado", "Emisor")
        legal, trade = fields["RznSoc"], fields.get("NomComercial")
        head = Text(trade, align, Size.HUGE, bold=True) if trade else Text(legal, align, Size.LARGE, bold=True)
        small = (
            legal if trade else "",
            fields["DomFiscal"],
            _place(fields.get("Ciudad"), fields.get("Departamento")),
            f"Tel. {fields['Telefono']}" if fields.get("Telefono") else "",
            fields.get("InfoAdicionalEmisor", ""),
        )
        return (head, *(Text(text, align) for text in small if text))

    @property
    def especial(self) -> str:
        """The box about the issuer's tax regime, or empty."""
        name = ESPECIALES.get(self._cae.get("CAEEspecial", ""), "")
        causal = self._cae.get("CausalCAEEsp", "")
        return f"{name} - Causal {causal}" if name and causal else name

    def documento(self, align: Align) -> tuple[Text, ...]:
        """What it is, in the letters of 3 mm that the law asks for: RUC, type, series and number, how it is paid."""
        emitido, id_doc = self.emitido, self._id_doc
        lines = (
            (f"RUC {emitido.emisor}", False),
            (emitido.nombre, True),
            (f"Serie {emitido.serie} N.º {emitido.numero}", True),
            ({"1": "Contado", "2": "Crédito"}.get(id_doc.get("FmaPago", ""), ""), False),
            ("Pagos por cuenta de terceros" if id_doc.get("IndPagCta3ros") == "1" else "", False),
            ("Cobranza" if id_doc.get("IndCobPropia") == "1" else "", False),
        )
        return tuple(Text(line, align, Size.LARGE, bold=bold) for line, bold in lines if line)

    @property
    def receptor_heading(self) -> str:
        """The box of the receiver: ``CONSUMO FINAL``, or ``RUC COMPRADOR`` with its number."""
        return "CONSUMO FINAL" if self._familia is Familia.E_TCK else f"RUC COMPRADOR {self.emitido.receptor}"

    def receptor(self) -> Iterator[str]:
        """Who receives, below the box: name, document, address, purchase order; as much as the document says."""
        fields = self._receptor
        yield fields.get("RznSocRecep", "")
        if self._familia is Familia.E_TCK and self.emitido.receptor:
            yield self._identity(fields)
        yield fields.get("DirRecep", "")
        yield _place(fields.get("CiudadRecep"), fields.get("DeptoRecep"))
        yield fields.get("InfoAdicional", "")
        yield f"Entrega: {fields['LugarDestEnt']}" if fields.get("LugarDestEnt") else ""
        yield f"Orden de compra: {fields['CompraID']}" if fields.get("CompraID") else ""

    def _identity(self, fields: Zone) -> str:
        country = fields.get("CodPaisRecep", "")
        name = DOCUMENTOS[TipoDoc(int(fields["TipoDocRecep"]))]
        return f"{name} {self.emitido.receptor}" + (f" ({country})" if country not in ("", "UY") else "")

    def datos(self) -> Iterator[Row]:
        """Date (with the hour when it was signed on that day), currency and its rate, due date, period."""
        emitido, id_doc = self.emitido, self._id_doc
        hour = f" {emitido.firmado:%H:%M}" if emitido.firmado.date() == emitido.fecha else ""
        yield Row("Fecha", day(emitido.fecha) + hour)
        yield Row("Moneda", emitido.moneda)
        if emitido.cotizacion is not None:
            yield Row("Tipo de cambio", price(emitido.cotizacion))
        if "FchVenc" in id_doc:
            yield Row("Vencimiento del pago", _day(id_doc["FchVenc"]))
        if "PeriodoDesde" in id_doc and "PeriodoHasta" in id_doc:
            yield Row("Período", f"{_day(id_doc['PeriodoDesde'])} - {_day(id_doc['PeriodoHasta'])}")

    def lines(self) -> Iterator[Line]:
        """The lines sold. The missing cent is not among them: it is told with the totals."""
        return (line_of(item) for item in self._document.zones("Detalle", "Item") if not is_redondeo(item))

    def discounts(self) -> Iterator[Row]:
        """Subtotals and global discounts and surcharges, as the document names them."""
        for subtotal in self._document.zones("SubTotInfo", "STI_Item"):
            yield Row(subtotal["GlosaSTI"], amount(Decimal(subtotal["ValSubtotSTI"])))
        for move in self._document.zones("DscRcgGlobal", "DRG_Item"):
            is_discount = move["TpoMovDR"] == "D"
            name = move.get("GlosaDR") or ("Descuento" if is_discount else "Recargo")
            tasa = TASAS[IndFact(int(move["IndFactDR"]))]
            value = Decimal(move["ValorDR"])
            yield Row(f"{name} ({tasa})" if tasa else name, amount(-value if is_discount else value))

    def totales(self) -> Iterator[Row]:
        """Net and IVA by rate, what carries none, and what lies between the total and what is paid."""
        yield from self._taxes()
        total, pagar = Decimal(self._totales["MntTotal"]), self.emitido.total
        retenciones = self._retenciones(credito=False)
        if total == pagar and not retenciones:
            return
        yield Row("Total", amount(total))
        yield from retenciones
        cent = redondeo(self._document)
        not_billable = Decimal(self._totales.get("MontoNF", "0")) - cent
        if not_billable:
            yield Row("No facturable", amount(not_billable))
        if cent:
            yield Row("Redondeo", amount(cent))

    @property
    def a_pagar(self) -> Row:
        """The line that everybody looks for."""
        name = "TOTAL" if Decimal(self._totales["MntTotal"]) == self.emitido.total else "TOTAL A PAGAR"
        return Row(name, money(self.emitido.total, self.emitido.moneda), Size.LARGE, bold=True)

    def _taxes(self) -> Iterator[Row]:
        totals = self._totales
        no_iva = self._id_doc.get("MntBruto") == str(int(Bruto.MONOTRIBUTO))
        basica, minima = (rate(Decimal(totals.get(name, "0"))) for name in ("IVATasaBasica", "IVATasaMin"))
        for label, name in (
            (f"Neto gravado {basica}", "MntNetoIVATasaBasica"),
            (f"IVA {basica}", "MntIVATasaBasica"),
            (f"Neto gravado {minima}", "MntNetoIvaTasaMin"),
            (f"IVA {minima}", "MntIVATasaMin"),
            ("Neto gravado otra tasa", "MntNetoIVAOtra"),
            ("IVA otra tasa", "MntIVAOtra"),
            ("Subtotal" if no_iva else "Exento", "MntNoGrv"),
            ("Exportación y asimilados", "MntExpoyAsim"),
            ("Impuesto percibido", "MntImpuestoPerc"),
            ("IVA en suspenso", "MntIVaenSusp"),
        ):
            value = Decimal(totals.get(name, "0"))
            if value:
                yield Row(label, amount(value))

    def _retenciones(self, *, credito: bool) -> list[Row]:
        """The withholdings, which add to what is paid, or the fiscal credits, which do not."""
        name = "Crédito fiscal" if credito else "Retención/percepción"
        return [
            Row(f"{name} {each['CodRet']}", amount(Decimal(each["ValRetPerc"])))
            for each in self._document.zones("Encabezado", "Totales", "RetencPercep")
            if each["CodRet"].startswith(CREDITO_FISCAL) is credito
        ]

    def pagos(self) -> Iterator[Row]:
        """How it was paid, with the fiscal credits; what was handed over and what was given back."""
        yield from self._retenciones(credito=True)
        for pago in self._document.zones("MediosPago", "MedioPago"):
            yield Row(pago.get("GlosaMP") or "Pago", amount(Decimal(pago["ValorPago"])))
        for name, value in self.emitido.anexo.pagos:
            yield Row(name.capitalize(), amount(Decimal(value)), bold=name == "VUELTO")

    def referencias(self) -> Iterator[Row]:
        """The documents it corrects or refers to, each with its amount and the reason."""
        for reference in self._document.zones("Referencia", "Referencia"):
            yield _reference(reference)
            if "TpoCambioRef" in reference:
                yield Row("Tipo de cambio", price(Decimal(reference["TpoCambioRef"])))
            if reference.get("RazonRef"):
                yield Row(f"Motivo: {reference['RazonRef']}", "")

    @property
    def leyenda(self) -> str:
        """The text that the issuer must print, or empty."""
        return self._id_doc.get("InfoAdicionalDoc", "")

    def pie(self) -> Iterator[str]:
        """Beside or below the QR: entry into the regime, where to verify, IVA al día, CAE and its range."""
        emitido = self.emitido
        web = _bare(self._emisor.web) if self._familia is Familia.E_TCK else DGI_WEB
        yield _resolution(self._emisor.resolucion)
        yield f"Puede verificar comprobante en {web}"
        if "IVAalDia" not in self._id_doc and self._cae.get("CAEEspecial") not in ("3", "4"):
            yield "IVA al día"
        serie = emitido.serie
        yield f"CAE N.º {emitido.cae}"
        yield f"Rango {serie} {emitido.cae_desde} - {serie} {emitido.cae_hasta}"

    @property
    def vencimiento(self) -> str:
        """The box about the last day of the range."""
        return f"Fecha de vencimiento: {day(self.emitido.cae_vence)}"

    def adenda(self) -> Iterator[str]:
        """What the issuer adds and DGI does not see: the free text, then the extra fields."""
        anexo = self.emitido.anexo
        yield from anexo.adenda.splitlines()
        for name, value in anexo.extra:
            yield f"{name.replace('_', ' ').capitalize()}: {value}"


def nombre_de(tipo: int) -> str:
    """The printed name of any type that may be referred to. Formato CFE v25.2, table A."""
    if tipo > 200:
        return f"{nombre_de(tipo - 100)} de Contingencia"
    if tipo in _ALONE:
        return _ALONE[tipo]
    return _NOTES.get(tipo % 10, "") + _FAMILIES.get(tipo // 10, f"comprobante {tipo}")


def _reference(fields: Zone) -> Row:
    if fields.get("IndGlobal") == "1":
        return Row("Referencia global", "")
    name = f"Referencia: {nombre_de(int(fields['TpoDocRef']))} {fields['Serie']} {fields['NroCFERef']}"
    when = f" del {_day(fields['FechaCFEref'])}" if "FechaCFEref" in fields else ""
    how_much = money(Decimal(fields["MntCFEref"]), fields.get("TpoMonedaRef", "")) if "MntCFEref" in fields else ""
    return Row(name + when, how_much.strip())


def _place(city: str | None, departamento: str | None) -> str:
    """Both, or one of them when the capital gives its name to the departamento."""
    return " - ".join(dict.fromkeys(name for name in (city, departamento) if name))


def _resolution(text: str) -> str:
    """``Fecha emisor dd/mm/aaaa`` for a date of entry, ``Res. XX/aaaa`` for a resolution."""
    if re.fullmatch(r"\d\d/\d\d/\d{4}", text):
        return f"Fecha emisor {text}"
    return text if text.lower().startswith(("res", "fecha")) else f"Res. {text}"


def _bare(web: str) -> str:
    return re.sub(r"^https?://", "", web.strip()).rstrip("/")


def _day(text: str) -> str:
    return day(date.fromisoformat(text))
