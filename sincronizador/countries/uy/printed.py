"""The words of a printed CFE: what both paper forms must carry, by part. Formato CFE v25.2, representación impresa."""

import re
from collections.abc import Iterator
from datetime import date

from sincronizador.core.emitido import Emitido
from sincronizador.core.template import PLAIN, Extra, Lugar, Template
from sincronizador.core.ticket import Align, Row, Size, Text
from sincronizador.countries.uy import glosas
from sincronizador.countries.uy.balance import Balance
from sincronizador.countries.uy.emisor import Emisor
from sincronizador.countries.uy.emitted import is_redondeo
from sincronizador.countries.uy.fields import BY_SECTION
from sincronizador.countries.uy.figures import day, price
from sincronizador.countries.uy.lines import Line, Retencion, line_of, retenciones_of
from sincronizador.countries.uy.parties import Receptor, mandante, place, propietario
from sincronizador.countries.uy.references import referencias
from sincronizador.countries.uy.signed import parse_signed
from sincronizador.countries.uy.tipos import Familia, TipoCfe

PRUEBA = "DOCUMENTO DE PRUEBA - SIN VALOR FISCAL"
PAPEL = "TRANSCRIPCIÓN DE PAPEL - USO INTERNO"
"""On every form of a contingency document: its paper is the one from the booklet, and the client has it."""
COPIA = "COPIA"
DGI_WEB = "www.dgi.gub.uy"


class Printed:
    """
    The parts of a printed CFE, each in words.

    Read from the signed bytes and the annex alone, but for the issuer's web site and resolution, which are not in them.
    What the template hides is in none of them.
    """

    def __init__(self, emitido: Emitido, emisor: Emisor, template: Template = PLAIN) -> None:
        document = self._document = parse_signed(emitido.signed)
        self.emitido = emitido
        self.tipo = TipoCfe(emitido.tipo)
        self.template = template
        self.balance = Balance(document, emitido, template.ocultar)
        self.receptor = Receptor(document, self.tipo.familia, template.ocultar)
        self._emisor = emisor
        self._id_doc = document.zone("Encabezado", "IdDoc")
        self._cae = document.zone("CAEData")

    def emisor(self, align: Align) -> tuple[Text, ...]:
        """Who issues, in the order of the law: legal name, trade name if there is one, address, legends."""
        fields, hidden = self._document.zone("Encabezado", "Emisor"), self.template.ocultar
        legal, trade = fields["RznSoc"], fields.get("NomComercial")
        names = [Text(legal, align, Size.NORMAL if trade else Size.LARGE, bold=True)]
        if trade:
            names.append(Text(trade, align, Size.HUGE, bold=True))
        phones = " / ".join(self._document.values("Encabezado", "Emisor", "Telefono"))
        small = (
            fields["DomFiscal"],
            place(fields.get("Ciudad"), fields.get("Departamento")),
            f"Sucursal {fields['EmiSucursal']}" if fields.get("EmiSucursal") and "sucursal" not in hidden else "",
            f"Tel. {phones}" if phones and "telefono" not in hidden else "",
        )
        legend = fields.get("InfoAdicionalEmisor", "")
        return (
            *names,
            *(Text(text, align) for text in small if text),
            *((Text(legend, align, Size.LARGE),) if legend else ()),
        )

    @property
    def regimen(self) -> str:
        """The box about the issuer's tax regime, or empty."""
        especial = self._cae.get("CAEEspecial")
        if not especial:
            return ""
        causal = self._cae.get("CausalCAEEsp", "")
        return glosas.REGIMENES[especial] + (f" - Causal {causal}" if causal else "")

    def documento(self, align: Align) -> tuple[Text, ...]:
        """What it is, in the letters of 3 mm that the law asks for: RUC, type, series and number, how it is paid."""
        emitido, id_doc = self.emitido, self._id_doc
        lines = (
            (f"RUC {emitido.emisor}", False),
            (emitido.nombre, True),
            ("Cobranza" if id_doc.get("IndCobPropia") == "1" else "", True),
            (f"Serie {emitido.serie} N.º {emitido.numero}", True),
            (glosas.FORMAS_DE_PAGO.get(id_doc.get("FmaPago", ""), ""), False),
            ("Pagos por cuenta de terceros" if id_doc.get("IndPagCta3ros") == "1" else "", False),
            *((text, False) for text in propietario(id_doc)),
        )
        return tuple(Text(line, align, Size.LARGE, bold=bold) for line, bold in lines if line)

    def datos(self) -> Iterator[Row]:
        """Date (with the hour when it was signed on that day), currency and rate, due date, period, how goods move."""
        emitido, id_doc = self.emitido, self._id_doc
        says_hour = emitido.firmado.date() == emitido.fecha and "hora" not in self.template.ocultar
        yield Row("Fecha", day(emitido.fecha) + (f" {emitido.firmado:%H:%M}" if says_hour else ""))
        if "FchValor" in id_doc:
            yield Row("Fecha valor", _day(id_doc["FchValor"]))
        if self.tipo.familia is not Familia.E_REM:
            yield Row("Moneda", emitido.moneda)
        if emitido.cotizacion is not None:
            yield Row("Tipo de cambio", price(emitido.cotizacion))
        if "FchVenc" in id_doc:
            yield Row("Vencimiento del pago", _day(id_doc["FchVenc"]))
        period = [_day(id_doc[name]) for name in ("PeriodoDesde", "PeriodoHasta") if name in id_doc]
        if period:
            yield Row("Período" if len(period) == 2 else _HALF["PeriodoDesde" in id_doc], " - ".join(period))
        yield from self._trade()

    def _trade(self) -> Iterator[Row]:
        """How goods move, what an export is, and what foreign currency is bought for."""
        id_doc = self._id_doc
        for label, element, words in (
            ("Tipo de traslado", "TipoTraslado", glosas.TRASLADOS),
            ("Modalidad de venta", "ModVenta", glosas.MODALIDADES),
            ("Vía de transporte", "ViaTransp", glosas.VIAS),
        ):
            told = words.get(id_doc.get(element, ""))
            if told:
                yield Row(label, told)
        if id_doc.get("ClauVenta", "N/A").upper() != "N/A":
            yield Row("Cláusula de venta", id_doc["ClauVenta"].upper())
        if "IndCompraMEReventa" in id_doc:
            yield Row(glosas.COMPRA_ME[id_doc["IndCompraMEReventa"]], "")

    @property
    def mandante(self) -> str:
        """For whom it is sold or bought, or empty."""
        return mandante(self._document)

    def lines(self) -> Iterator[Line]:
        """The lines sold or moved. The missing cent is not among them: it is told with the totals."""
        items = self._document.branches("Detalle", "Item")
        return (line_of(item, parts) for item, parts in items if not is_redondeo(item))

    def retenciones(self) -> Iterator[Retencion]:
        """The lines of an e-Resguardo."""
        for item, parts in self._document.branches("Detalle", "Item"):
            yield from retenciones_of(item, parts)

    def referencias(self) -> Iterator[Row]:
        """The documents it corrects or refers to, each with its amount and the reason."""
        return referencias(self._document)

    @property
    def leyenda(self) -> str:
        """The text that the issuer must print, or empty."""
        return self._id_doc.get("InfoAdicionalDoc", "")

    def pie(self) -> Iterator[str]:
        """Beside or below the QR: entry into the regime, where to verify, IVA al día, CAE and its range."""
        emitido = self.emitido
        web = _bare(self._emisor.web) if self.tipo.is_e_ticket else DGI_WEB
        yield _resolution(self._emisor.resolucion)
        yield f"Puede verificar comprobante en {web}"
        # Where there is no such field its absence says nothing.
        can_say = not BY_SECTION["DOCUMENTO"]["IVA_AL_DIA"].is_foreign(self.tipo.columna)
        if can_say and self._cae.get("CAEEspecial") not in ("3", "4"):
            yield glosas.IVA_AL_DIA[self._id_doc.get("IVAalDia", "")]
        serie = emitido.serie
        yield f"{'Constancia' if self.tipo.is_papel else 'CAE'} N.º {emitido.cae}"
        yield f"Rango {serie} {emitido.cae_desde} - {serie} {emitido.cae_hasta}"

    @property
    def vencimiento(self) -> str:
        """The box about the last day of the range."""
        return f"Fecha de vencimiento: {day(self.emitido.cae_vence)}"

    def adenda(self) -> Iterator[str]:
        """What the issuer adds and DGI does not see: the free text, then the extra fields."""
        yield from self.emitido.anexo.adenda.splitlines()
        for row in self.extras(Lugar.ADENDA):
            yield f"{row.left}: {row.right}"

    def extras(self, lugar: Lugar) -> Iterator[Row]:
        """The extra fields of that place: those that the template names, or all of them in the adenda."""
        given = self.emitido.anexo.extra
        wanted = self.template.extra or [Extra(campo=name, rotulo=_label(name)) for name in dict(given)]
        for each in wanted:
            if each.lugar is lugar:
                yield from (Row(each.rotulo, value) for name, value in given if name == each.campo)


_HALF = {True: "Período desde", False: "Período hasta"}


def _resolution(text: str) -> str:
    """``Fecha emisor dd/mm/aaaa`` for a date of entry, ``Res. XX/aaaa`` for a resolution."""
    if re.fullmatch(r"\d\d/\d\d/\d{4}", text):
        return f"Fecha emisor {text}"
    return text if text.lower().startswith(("res", "fecha")) else f"Res. {text}"


def _label(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _bare(web: str) -> str:
    return re.sub(r"^https?://", "", web.strip()).rstrip("/")


def _day(text: str) -> str:
    return day(date.fromisoformat(text))
