"""A document of every type, made by hand with nearly every optional element of its family: what paper is tried on."""

from datetime import date
from functools import cache

from lxml import etree
from signed_samples import COMPRADOR, RUT, identity

from sincronizador.core.emitido import Anexo, Emitido
from sincronizador.core.signature import SignaturePlan
from sincronizador.countries.uy.emitted import read_emitido
from sincronizador.countries.uy.tipos import Familia, TipoCfe
from sincronizador.signing.xmldsig import XmlSigner

EMISOR = f"""
<Emisor><RUCEmisor>{RUT}</RUCEmisor><RznSoc>EMPRESA INVENTADA SA</RznSoc><NomComercial>Almacén Ñandú</NomComercial>
<GiroEmis>Venta de alimentos</GiroEmis><Telefono>2900 0000</Telefono><Telefono>099 000 000</Telefono>
<CorreoEmisor>ventas@almacen.com.uy</CorreoEmisor><EmiSucursal>CENTRO</EmiSucursal><CdgDGISucur>1</CdgDGISucur>
<DomFiscal>Calle Inventada 1234</DomFiscal><Ciudad>Montevideo</Ciudad><Departamento>Montevideo</Departamento>
<InfoAdicionalEmisor>Habilitación bromatológica 4567</InfoAdicionalEmisor></Emisor>"""

_ADDRESS = "<DirRecep>Avenida Ficticia 100</DirRecep><CiudadRecep>Salto</CiudadRecep><DeptoRecep>Salto</DeptoRecep>"
_ADDRESS += "<PaisRecep>URUGUAY</PaisRecep><CP>50000</CP><InfoAdicional>Portón verde</InfoAdicional>"
_DELIVERY = "<LugarDestEnt>Depósito 2</LugarDestEnt><CompraID>OC-7788</CompraID>"
COMPANY = (
    f"<Receptor><TipoDocRecep>2</TipoDocRecep><CodPaisRecep>UY</CodPaisRecep><DocRecep>{COMPRADOR}</DocRecep>"
    f"<RznSocRecep>PEÑA Y CÍA. &amp; Hnos.</RznSocRecep>{_ADDRESS}{_DELIVERY}</Receptor>"
)
RETAINED = COMPANY.replace(_DELIVERY, "")
CONSUMER = (
    "<Receptor><TipoDocRecep>3</TipoDocRecep><CodPaisRecep>UY</CodPaisRecep><DocRecep>12345672</DocRecep>"
    f"<RznSocRecep>Ana Pérez</RznSocRecep>{_ADDRESS}{_DELIVERY}</Receptor>"
)
ABROAD = (
    "<Receptor><TipoDocRecep>7</TipoDocRecep><CodPaisRecep>BR</CodPaisRecep><DocRecepExt>00000000000191</DocRecepExt>"
    "<RznSocRecep>IMPORTADORA FICTICIA LTDA</RznSocRecep><DirRecep>Rua Inventada 1</DirRecep>"
    "<CiudadRecep>Porto Alegre</CiudadRecep><DeptoRecep>RS</DeptoRecep><PaisRecep>BRASIL</PaisRecep><CP>90010</CP>"
    f"<InfoAdicional>Atn. Sra. Souza</InfoAdicional>{_DELIVERY}</Receptor>"
)
CODES = (
    "<CodItem><TpoCod>GTIN13</TpoCod><Cod>7730001000015</Cod></CodItem><CodItem><TpoCod>INT1</TpoCod><Cod>A-4</Cod>"
    "</CodItem>"
)
_ADJUSTED = (
    "<DescuentoPct>15</DescuentoPct><DescuentoMonto>30.00</DescuentoMonto><SubDescuento><DescTipo>2</DescTipo>"
    "<DescVal>10</DescVal></SubDescuento><SubDescuento><DescTipo>1</DescTipo><DescVal>10.00</DescVal></SubDescuento>"
    "<RecargoPct>5</RecargoPct><RecargoMnt>10.00</RecargoMnt><SubRecargo><RecargoTipo>1</RecargoTipo>"
    "<RecargoVal>10.00</RecargoVal></SubRecargo>"
)
_RETAINED_LINE = (
    "<RetencPercep><CodRet>2183165</CodRet><Tasa>60.000</Tasa><MntSujetoaRet>39.60</MntSujetoaRet>"
    "<InfoAdicionalRet>Decreto 94/002</InfoAdicionalRet><ValRetPerc>23.76</ValRetPerc></RetencPercep>"
)
SUBTOTALS = (
    "<SubTotInfo><STI_Item><NroSTI>1</NroSTI><GlosaSTI>Bebidas</GlosaSTI><OrdenSTI>2</OrdenSTI>"
    "<ValSubtotSTI>80.00</ValSubtotSTI></STI_Item><STI_Item><NroSTI>2</NroSTI><GlosaSTI>Almacén</GlosaSTI>"
    "<OrdenSTI>1</OrdenSTI><ValSubtotSTI>180.00</ValSubtotSTI></STI_Item></SubTotInfo>"
)
PAYMENTS = (
    "<MediosPago><MedioPago><NroLinMP>1</NroLinMP><CodMP>1</CodMP><GlosaMP>Efectivo</GlosaMP><OrdenMP>2</OrdenMP>"
    "<ValorPago>100.00</ValorPago></MedioPago><MedioPago><NroLinMP>2</NroLinMP><GlosaMP>Tarjeta de débito</GlosaMP>"
    "<OrdenMP>1</OrdenMP><ValorPago>60.00</ValorPago></MedioPago></MediosPago>"
)
MANDANTE = (
    f"<Compl_Fiscal><Compl_Fiscal_Data><RUCEmisor>{RUT}</RUCEmisor><TipoDocMdte>2</TipoDocMdte><Pais>UY</Pais>"
    "<DocMdte>211003420017</DocMdte><NombreMdte>Productores del Este</NombreMdte></Compl_Fiscal_Data></Compl_Fiscal>"
)
SEALED = (
    '<Compl_Fiscal><xenc:EncryptedData xmlns:xenc="http://www.w3.org/2001/04/xmlenc#"><xenc:CipherData>'
    "<xenc:CipherValue>c2VjcmV0bw==</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData></Compl_Fiscal>"
)


def discount(ind_fact: int) -> str:
    """A global discount and a global surcharge of one kind of line."""
    return (
        f"<DscRcgGlobal><DRG_Item><NroLinDR>1</NroLinDR><TpoMovDR>D</TpoMovDR><TpoDR>2</TpoDR><CodDR>1</CodDR>"
        f"<GlosaDR>Pago contado</GlosaDR><ValorDR>10.00</ValorDR><IndFactDR>{ind_fact}</IndFactDR></DRG_Item><DRG_Item>"
        "<NroLinDR>2</NroLinDR><TpoMovDR>R</TpoMovDR><TpoDR>1</TpoDR><GlosaDR>Envío</GlosaDR><ValorDR>5.00</ValorDR>"
        f"<IndFactDR>{ind_fact}</IndFactDR></DRG_Item></DscRcgGlobal>"
    )


def reference(tipo: int, extra: str = "") -> str:
    """What it corrects or refers to, and a document that has no code."""
    return (
        f"<Referencia><Referencia><NroLinRef>1</NroLinRef><TpoDocRef>{tipo}</TpoDocRef><Serie>A</Serie>"
        "<NroCFERef>7</NroCFERef><RazonRef>Según lo acordado</RazonRef><FechaCFEref>2026-11-20</FechaCFEref>"
        f"{extra}</Referencia><Referencia><NroLinRef>2</NroLinRef><IndGlobal>1</IndGlobal>"
        "<RazonRef>Liquidación 2026/11</RazonRef></Referencia></Referencia>"
    )


_IN_DOLLARS = "<MntCFEref>12.50</MntCFEref><TpoMonedaRef>USD</TpoMonedaRef><TpoCambioRef>39.850</TpoCambioRef>"


def item(number: int, ind_fact: int | None, name: str, **more: str) -> str:
    """One line; what is given replaces the parts of a plain one, an empty text takes a part away."""
    parts = {
        "codes": "",
        "ind": f"<IndFact>{ind_fact}</IndFact>" if ind_fact else "",
        "agent": "",
        "name": f"<NomItem>{name}</NomItem>",
        "ncm": "",
        "description": "",
        "quantity": "<Cantidad>2</Cantidad><UniMed>un</UniMed>",
        "price": "<PrecioUnitario>50</PrecioUnitario>",
        "adjusted": "",
        "retained": "",
        "amount": "<MontoItem>100.00</MontoItem>",
    }
    return f"<Item><NroLinDet>{number}</NroLinDet>{''.join((parts | more).values())}</Item>"


def _goods(*ind_facts: int, ncm: str = "") -> str:
    """The lines of a sale: the first with everything, then one of each kind."""
    first, *others = ind_facts
    full = item(
        1,
        first,
        "Café molido 250 g",
        codes=CODES,
        ncm=ncm,
        description="<DscItem>Origen Colombia, tueste medio</DscItem>",
        quantity="<Cantidad>4.000</Cantidad><UniMed>un</UniMed>",
        adjusted=_ADJUSTED,
        amount="<MontoItem>180.00</MontoItem>",
    )
    return full + "".join(_other(number, ind) for number, ind in enumerate(others, 2))


def _other(number: int, ind_fact: int) -> str:
    if ind_fact == 5:
        free = {"price": "<PrecioUnitario>0</PrecioUnitario>", "amount": "<MontoItem>0.00</MontoItem>"}
        return item(number, 5, "Muestra gratis", **free)
    return item(number, ind_fact, _NAMES.get(ind_fact, f"Línea de tipo {ind_fact}"))


_NAMES = {6: "Propina", 7: "Envases devueltos", 3: "Jabón", 1: "Libro", 10: "Flete al exterior"}


def _sale(tipo: TipoCfe) -> str:
    """An e-Ticket or e-Factura with every kind of line that may stand in one."""
    id_doc = (
        "<PeriodoDesde>2026-11-01</PeriodoDesde><PeriodoHasta>2026-11-30</PeriodoHasta><MntBruto>1</MntBruto>"
        "<FmaPago>2</FmaPago><FchVenc>2026-12-21</FchVenc><ModVenta>90</ModVenta>"
        "<InfoAdicionalDoc>Ley 17.250: relaciones de consumo</InfoAdicionalDoc><IndPagCta3ros>1</IndPagCta3ros>"
    )
    totales = (
        "<TpoMoneda>UYU</TpoMoneda><MntNoGrv>100.00</MntNoGrv><MntExpoyAsim>100.00</MntExpoyAsim>"
        "<MntImpuestoPerc>100.00</MntImpuestoPerc><MntIVaenSusp>100.00</MntIVaenSusp>"
        "<MntNetoIvaTasaMin>90.91</MntNetoIvaTasaMin><MntNetoIVATasaBasica>143.44</MntNetoIVATasaBasica>"
        "<MntNetoIVAOtra>100.00</MntNetoIVAOtra><IVATasaMin>10</IVATasaMin><IVATasaBasica>22</IVATasaBasica>"
        "<MntIVATasaMin>9.09</MntIVATasaMin><MntIVATasaBasica>31.56</MntIVATasaBasica><MntIVAOtra>3.00</MntIVAOtra>"
        "<MntTotal>778.00</MntTotal><MntTotRetenido>23.76</MntTotRetenido><MntTotCredFisc>2.00</MntTotCredFisc>"
        "<CantLinDet>10</CantLinDet><RetencPercep><CodRet>2183165</CodRet><ValRetPerc>23.76</ValRetPerc></RetencPercep>"
        "<RetencPercep><CodRet>2181410</CodRet><ValRetPerc>2.00</ValRetPerc></RetencPercep><MontoNF>0.00</MontoNF>"
        "<MntPagar>801.76</MntPagar>"
    )
    lines = _goods(3, 2, 1, 4, 5, 6, 7, 10, 11) + item(
        10, 12, "Lana", agent="<IndAgenteResp>R</IndAgenteResp>", retained=_RETAINED_LINE
    )
    receptor = CONSUMER if tipo.is_e_ticket else COMPANY
    below = SUBTOTALS + discount(3) + PAYMENTS + reference(_referred(tipo), _IN_DOLLARS)
    fiscal = MANDANTE if tipo.is_cuenta_ajena else ""
    return _cfe(tipo, id_doc, receptor + f"<Totales>{totales}</Totales>", lines + "</Detalle>" + below, fiscal)


def _export(tipo: TipoCfe) -> str:
    id_doc = (
        "<PeriodoDesde>2026-11-01</PeriodoDesde><PeriodoHasta>2026-11-30</PeriodoHasta><FmaPago>1</FmaPago>"
        "<FchVenc>2026-12-21</FchVenc><ClauVenta>FOB</ClauVenta><ModVenta>1</ModVenta><ViaTransp>1</ViaTransp>"
        "<InfoAdicionalDoc>Exportación definitiva</InfoAdicionalDoc><IndPagCta3ros>1</IndPagCta3ros>"
    )
    totales = (
        "<TpoMoneda>USD</TpoMoneda><TpoCambio>39.850</TpoCambio><MntExpoyAsim>275.00</MntExpoyAsim>"
        "<MntTotal>275.00</MntTotal><CantLinDet>5</CantLinDet><MontoNF>0.00</MontoNF><MntPagar>275.00</MntPagar>"
    )
    lines = _goods(10, 10, 5, 6, 7, ncm="<NCM>0901.21.00</NCM>")
    below = SUBTOTALS + discount(10) + PAYMENTS + reference(_referred(tipo), _IN_DOLLARS)
    return _cfe(tipo, id_doc, ABROAD + f"<Totales>{totales}</Totales>", lines + "</Detalle>" + below)


_MOVED = (
    "<TipoTraslado>1</TipoTraslado><IndPropiedad>1</IndPropiedad><TipoDocProp>2</TipoDocProp>"
    "<CodPaisProp>UY</CodPaisProp><DocProp>211003420017</DocProp><RznSocProp>Productores del Este</RznSocProp>"
)


def _remito(tipo: TipoCfe) -> str:
    id_doc = _MOVED + "<InfoAdicionalDoc>Transporte refrigerado</InfoAdicionalDoc>"
    bare = {"price": "", "amount": ""}
    lines = item(1, None, "Cajón de manzanas", codes=CODES, description="<DscItem>Royal Gala</DscItem>", **bare)
    lines += item(2, 8, "Cajón de peras", **bare)
    totales = "<Totales><CantLinDet>2</CantLinDet></Totales>"
    return _cfe(tipo, id_doc, COMPANY + totales, lines + "</Detalle>" + SUBTOTALS + reference(181))


def _export_remito(tipo: TipoCfe) -> str:
    id_doc = (
        f"{_MOVED}<ClauVenta>CIF</ClauVenta><ModVenta>2</ModVenta><ViaTransp>3</ViaTransp>"
        "<InfoAdicionalDoc>Consignación a la feria</InfoAdicionalDoc>"
    )
    totales = (
        "<TpoMoneda>USD</TpoMoneda><TpoCambio>39.850</TpoCambio><MntExpoyAsim>100.00</MntExpoyAsim>"
        "<MntTotal>100.00</MntTotal><CantLinDet>4</CantLinDet>"
    )
    ncm = "<NCM>0808.10.00</NCM>"
    lines = item(1, None, "Cajón de manzanas", codes=CODES, ncm=ncm, description="<DscItem>Royal Gala</DscItem>")
    lines += item(2, None, "Cajón de peras") + _other(3, 5) + item(4, 8, "Cajón de uvas")
    below = SUBTOTALS + reference(124, _IN_DOLLARS)
    return _cfe(tipo, id_doc, ABROAD + f"<Totales>{totales}</Totales>", lines + "</Detalle>" + below)


def _resguardo(tipo: TipoCfe) -> str:
    id_doc = "<FchValor>2026-10-31</FchValor><InfoAdicionalDoc>Resolución 662/012</InfoAdicionalDoc>"
    totales = (
        "<TpoMoneda>UYU</TpoMoneda><MntTotRetenido>1256.24</MntTotRetenido><MntTotCredFisc>2.00</MntTotCredFisc>"
        "<CantLinDet>2</CantLinDet><RetencPercep><CodRet>2183165</CodRet><ValRetPerc>1256.24</ValRetPerc>"
        "</RetencPercep><RetencPercep><CodRet>2181410</CodRet><ValRetPerc>2.00</ValRetPerc></RetencPercep>"
    )
    lines = (
        "<Item><NroLinDet>1</NroLinDet><RetencPercep><CodRet>2183165</CodRet><Tasa>60.000</Tasa>"
        "<MntSujetoaRet>2133.33</MntSujetoaRet><InfoAdicionalRet>Decreto 94/002</InfoAdicionalRet>"
        "<ValRetPerc>1280.00</ValRetPerc></RetencPercep><RetencPercep><CodRet>2181410</CodRet>"
        "<MntSujetoaRet>100.00</MntSujetoaRet><ValRetPerc>2.00</ValRetPerc></RetencPercep></Item>"
        f"<Item><NroLinDet>2</NroLinDet><IndFact>9</IndFact>{_RETAINED_LINE}</Item>"
    )
    below = SUBTOTALS + reference(182, "<MntCFEref>23.76</MntCFEref><TpoMonedaRef>UYU</TpoMonedaRef>")
    return _cfe(tipo, id_doc, RETAINED + f"<Totales>{totales}</Totales>", lines + "</Detalle>" + below)


def _boleta(tipo: TipoCfe) -> str:
    id_doc = (
        "<PeriodoDesde>2026-11-01</PeriodoDesde><PeriodoHasta>2026-11-30</PeriodoHasta><MntBruto>2</MntBruto>"
        "<FmaPago>1</FmaPago><FchVenc>2026-12-21</FchVenc><InfoAdicionalDoc>Hacienda en pie</InfoAdicionalDoc>"
    )
    totales = (
        "<TpoMoneda>UYU</TpoMoneda><MntNoGrv>275.00</MntNoGrv><MntIVaenSusp>100.00</MntIVaenSusp>"
        "<MntTotal>375.00</MntTotal><MntTotRetenido>23.76</MntTotRetenido><CantLinDet>6</CantLinDet><RetencPercep>"
        "<CodRet>2183165</CodRet><ValRetPerc>23.76</ValRetPerc></RetencPercep><MontoNF>0.00</MontoNF>"
        "<MntPagar>351.24</MntPagar>"
    )
    lines = _goods(15, 14, 5, 6, 7) + item(
        6, 12, "Lana", agent="<IndAgenteResp>R</IndAgenteResp>", retained=_RETAINED_LINE
    )
    below = SUBTOTALS + discount(15) + PAYMENTS + reference(_referred(tipo), _IN_DOLLARS)
    return _cfe(tipo, id_doc, COMPANY + f"<Totales>{totales}</Totales>", lines + "</Detalle>" + below)


def _referred(tipo: TipoCfe) -> int:
    """What a document of this type is likely to refer to."""
    return int(tipo) // 10 * 10 + 1


_MAKERS = {
    Familia.E_TCK: _sale,
    Familia.E_FACT: _sale,
    Familia.E_FACT_EXP: _export,
    Familia.E_REM: _remito,
    Familia.E_REM_EXP: _export_remito,
    Familia.E_RESG: _resguardo,
    Familia.E_BOLETA: _boleta,
}


def _cfe(tipo: TipoCfe, id_doc: str, receptor_and_totals: str, detail: str, fiscal: str = "") -> str:
    root = tipo.familia
    return (
        f'<CFE xmlns="http://cfe.dgi.gub.uy" version="1.0"><{root}><TmstFirma>2026-11-21T15:04:05-03:00</TmstFirma>'
        f"<Encabezado><IdDoc><TipoCFE>{int(tipo)}</TipoCFE><Serie>A</Serie><Nro>1234</Nro>"
        f"<NroInterno>V0000123</NroInterno><FchEmis>2026-11-21</FchEmis>{id_doc}</IdDoc>{EMISOR}{receptor_and_totals}"
        f"</Encabezado><Detalle>{detail}<CAEData><CAE_ID>90260000001</CAE_ID><DNro>1</DNro><HNro>100000</HNro>"
        f"<FecVenc>{date(2028, 11, 21)}</FecVenc></CAEData>{fiscal}</{root}></CFE>"
    )


def xml_of(tipo: int) -> str:
    """The text of the document, unsigned."""
    return _MAKERS[TipoCfe(tipo).familia](TipoCfe(tipo)).replace("\n", "")


def lines_of(tipo: int, count: int) -> tuple[str, str]:
    """The change that makes so many lines of the goods of a document."""
    text = xml_of(tipo)
    old = text[text.index("<Detalle>") : text.index("</Detalle>")]
    goods = (item(number, 3, f"Artículo {number} de la lista", description="") for number in range(1, count + 1))
    return old, "<Detalle>" + "".join(goods)


@cache
def signed(tipo: int, *changes: tuple[str, str]) -> bytes:
    """The signed document of a type, with texts replaced that must stand in it."""
    text = xml_of(tipo)
    for old, new in changes:
        if old not in text:
            raise AssertionError(f"{old} is not in the sample of {tipo}")
        text = text.replace(old, new)
    canonical = etree.tostring(etree.fromstring(text.encode()), method="c14n")
    return XmlSigner(identity()).sign(canonical, SignaturePlan())


def emitido(tipo: int, *changes: tuple[str, str], anexo: Anexo | None = None) -> Emitido:
    """What is read from it."""
    return read_emitido(signed(tipo, *changes), anexo or Anexo())
