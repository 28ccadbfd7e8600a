"""Signed CFE made element by element, without the composer: what the readers of signed documents are tried on."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from xml.sax.saxutils import escape

from lxml import etree

from sincronizador.core.emitido import Anexo, Emitido
from sincronizador.core.signature import SignaturePlan
from sincronizador.countries.uy.emisor import Emisor
from sincronizador.countries.uy.emitted import read_emitido
from sincronizador.signing.certificate import Identity
from sincronizador.signing.identity import Validity, issue, make_authority
from sincronizador.signing.xmldsig import XmlSigner

RUT, COMPRADOR = "217777770013", "215555550010"
EMISOR = Emisor(
    rut=RUT,
    razon_social="EMPRESA INVENTADA SA",
    sucursal="1",
    domicilio="Calle Inventada 1234",
    ciudad="Montevideo",
    departamento="Montevideo",
    web="https://www.almacen.com.uy/",
    resolucion="01/02/2026",
)
Fields = dict[str, str]
ITEM: Fields = {
    "NroLinDet": "1",
    "IndFact": "3",
    "NomItem": "Café molido 250 g",
    "Cantidad": "2",
    "UniMed": "N/A",
    "PrecioUnitario": "1175.50",
    "MontoItem": "2351.00",
}
TOTALES: Fields = {
    "TpoMoneda": "UYU",
    "TpoCambio": "",
    "MntNoGrv": "",
    "MntExpoyAsim": "",
    "MntImpuestoPerc": "",
    "MntIVaenSusp": "",
    "MntNetoIvaTasaMin": "",
    "MntNetoIVATasaBasica": "1927.05",
    "MntNetoIVAOtra": "",
    "IVATasaMin": "10",
    "IVATasaBasica": "22.000",
    "MntIVATasaMin": "",
    "MntIVATasaBasica": "423.95",
    "MntIVAOtra": "",
    "MntTotal": "2351.00",
    "MntTotRetenido": "",
    "MntTotCredFisc": "",
    "CantLinDet": "1",
    "MontoNF": "",
    "MntPagar": "2351.00",
}
"""In the order of the schema; what is empty is absent."""
RECEPTOR_RUT: Fields = {
    "TipoDocRecep": "2",
    "CodPaisRecep": "UY",
    "DocRecep": COMPRADOR,
    "RznSocRecep": "PEÑA Y CÍA. <SRL> & Hnos.",
    "DirRecep": "Avenida Ficticia 100",
    "CiudadRecep": "Salto",
}
E_FACTURA: Fields = {"TipoCFE": "111", "MntBruto": ""}


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A CFE by zones; what is given replaces or adds to a plain e-Ticket, an empty text takes an element away."""

    id_doc: Fields = field(default_factory=dict)
    emisor: Fields = field(default_factory=dict)
    receptor: Fields = field(default_factory=dict)
    totales: Fields = field(default_factory=dict)
    items: tuple[Fields, ...] = (ITEM,)
    below: str = ""
    """XML after Detalle: SubTotInfo, DscRcgGlobal, MediosPago, Referencia."""
    cae: Fields = field(default_factory=dict)
    retenciones: tuple[Fields, ...] = ()

    def document(self) -> bytes:
        """The canonical bytes without signature."""
        tipo = self.id_doc.get("TipoCFE", "101")
        root = "eTck" if tipo < "110" else "eFact"
        id_doc = {
            "TipoCFE": tipo,
            "Serie": "A",
            "Nro": "1234",
            "NroInterno": "V0000123",
            "FchEmis": "2026-11-21",
            "PeriodoDesde": "",
            "PeriodoHasta": "",
            "MntBruto": "1",
            "FmaPago": "1",
        }
        emisor = {
            "RUCEmisor": RUT,
            "RznSoc": "EMPRESA INVENTADA SA",
            "NomComercial": "",
            "Telefono": "",
            "CdgDGISucur": "1",
            "DomFiscal": "Calle Inventada 1234",
            "Ciudad": "Montevideo",
            "Departamento": "Montevideo",
        }
        cae = {"CAE_ID": "90260000001", "DNro": "1", "HNro": "100000", "FecVenc": "2028-11-21"}
        text = (
            f'<CFE xmlns="http://cfe.dgi.gub.uy" version="1.0"><{root}>'
            "<TmstFirma>2026-11-21T15:04:05-03:00</TmstFirma>"
            f"<Encabezado><IdDoc>{_xml(id_doc | self.id_doc)}</IdDoc><Emisor>{_xml(emisor | self.emisor)}</Emisor>"
            + (f"<Receptor>{_xml(self.receptor)}</Receptor>" if self.receptor else "")
            + f"<Totales>{_totals(TOTALES | self.totales, self.retenciones)}</Totales></Encabezado>"
            f"<Detalle>{''.join(f'<Item>{_xml(item)}</Item>' for item in self.items)}</Detalle>{self.below}"
            f"<CAEData>{_xml(cae | self.cae)}</CAEData></{root}></CFE>"
        )
        return etree.tostring(etree.fromstring(text.encode()), method="c14n")

    def signed(self) -> bytes:
        """The same, signed."""
        return XmlSigner(identity()).sign(self.document(), SignaturePlan())

    def emitido(self, anexo: Anexo | None = None) -> Emitido:
        """What is read from it."""
        return read_emitido(self.signed(), anexo or Anexo())


def _totals(totales: Fields, retenciones: tuple[Fields, ...]) -> str:
    """Totales with the withholdings in their place, before the last two."""
    *names, not_billable, to_pay = totales
    middle = "".join(f"<RetencPercep>{_xml(each)}</RetencPercep>" for each in retenciones)
    head = _xml({name: totales[name] for name in names})
    return head + middle + _xml({name: totales[name] for name in (not_billable, to_pay)})


def _xml(fields: Fields) -> str:
    return "".join(f"<{name}>{escape(value)}</{name}>" for name, value in fields.items() if value)


@cache
def identity() -> Identity:
    """An identity for the run."""
    validity = Validity(desde=datetime(2026, 1, 1, tzinfo=UTC), hasta=datetime(2028, 1, 1, tzinfo=UTC))
    return issue(make_authority(validity), validity, rut=RUT, titular="EMPRESA INVENTADA SA (PRUEBA)")


DISCOUNTED = {name: ITEM[name] for name in list(ITEM)[:-1]} | {
    "DescuentoPct": "10",
    "DescuentoMonto": "235.10",
    "MontoItem": "2115.90",
}
REDONDEO = ITEM | {
    "NroLinDet": "2",
    "IndFact": "7",
    "NomItem": "Redondeo",
    "Cantidad": "1",
    "PrecioUnitario": "0.01",
    "MontoItem": "0.01",
}
REFERENCE = (
    "<Referencia><Referencia><NroLinRef>1</NroLinRef><TpoDocRef>101</TpoDocRef><Serie>A</Serie><NroCFERef>7</NroCFERef>"
    "<RazonRef>Devolución</RazonRef><FechaCFEref>2026-11-20</FechaCFEref><MntCFEref>1250.00</MntCFEref>"
    "<TpoMonedaRef>UYU</TpoMonedaRef></Referencia></Referencia>"
)
GLOBAL_REFERENCE = (
    "<Referencia><Referencia><NroLinRef>1</NroLinRef><IndGlobal>1</IndGlobal><RazonRef>Bonificación anual</RazonRef>"
    "</Referencia></Referencia>"
)
ZONES = (
    "<SubTotInfo><STI_Item><NroSTI>1</NroSTI><GlosaSTI>Bebidas</GlosaSTI><ValSubtotSTI>500.00</ValSubtotSTI></STI_Item>"
    "</SubTotInfo><DscRcgGlobal><DRG_Item><NroLinDR>1</NroLinDR><TpoMovDR>D</TpoMovDR><TpoDR>1</TpoDR>"
    "<GlosaDR>Pago contado</GlosaDR><ValorDR>100.00</ValorDR><IndFactDR>3</IndFactDR></DRG_Item></DscRcgGlobal>"
    "<MediosPago><MedioPago><NroLinMP>1</NroLinMP><GlosaMP>Tarjeta de débito</GlosaMP><ValorPago>2351.00</ValorPago>"
    "</MedioPago></MediosPago>"
)
SAMPLES: dict[str, Sample] = {
    "101": Sample(),
    "101 identified": Sample(
        receptor={"TipoDocRecep": "3", "CodPaisRecep": "UY", "DocRecep": "12345672", "RznSocRecep": "Ana Pérez"}
    ),
    "101 with everything": Sample(
        id_doc={"FchVenc": "2026-12-21", "InfoAdicionalDoc": "Ley 17.250: relaciones de consumo"},
        emisor={"NomComercial": "Almacén Ñandú", "Telefono": "29000000"},
        items=(DISCOUNTED, REDONDEO),
        totales={"CantLinDet": "2", "MontoNF": "-0.01", "MntPagar": "2350.99"},
        below=ZONES + GLOBAL_REFERENCE,
    ),
    "102": Sample(id_doc={"TipoCFE": "102"}, below=REFERENCE),
    "103": Sample(id_doc={"TipoCFE": "103"}, below=GLOBAL_REFERENCE),
    "111": Sample(id_doc=E_FACTURA | {"FmaPago": "2"}, receptor=RECEPTOR_RUT),
    "111 in dollars": Sample(
        id_doc=E_FACTURA, receptor=RECEPTOR_RUT, totales={"TpoMoneda": "USD", "TpoCambio": "39.850"}
    ),
    "112": Sample(
        id_doc={"TipoCFE": "112"}, receptor=RECEPTOR_RUT, below=REFERENCE.replace("<TpoDocRef>101", "<TpoDocRef>211")
    ),
    "113": Sample(id_doc={"TipoCFE": "113"}, receptor=RECEPTOR_RUT, below=GLOBAL_REFERENCE),
    "111 with retentions": Sample(
        id_doc=E_FACTURA,
        receptor=RECEPTOR_RUT,
        totales={"MntTotRetenido": "100.00", "MntTotCredFisc": "2.00", "MntPagar": "2451.00"},
        retenciones=(
            {"CodRet": "2183165", "ValRetPerc": "100.00"},
            {"CodRet": "2181466", "ValRetPerc": "2.00"},
        ),
    ),
}
