"""For each rule of the law a file that keeps it and one that breaks it, and where: data for ``test_reglas``."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from ventas import FACTURADO, HOY, item, pedido, uruguay, venta

from sincronizador.core.emitido import Anexo, Emitido
from sincronizador.core.request import Known, Target
from sincronizador.countries.uy.tipos import ZONE

CI = "[RECEPTOR]\nDOCUMENTO=12345672\n"
POR_NUMERO = "[REFERENCIA]\nTIPO=101\nSERIE=A\nNUMERO=5\n"
POR_VENTA = "[REFERENCIA]\nVENTA=V9\n"
ABROAD = (
    "[RECEPTOR]\nTIPO_DOC=NIFE\nPAIS=BR\nDOCUMENTO=191\nNOMBRE=Importadora\nDIRECCION=Rua 1\nCIUDAD=Porto Alegre\n"
    "DEPARTAMENTO=RS\nNOMBRE_PAIS=BRASIL\n"
)
EXPORTACION = "[EXPORTACION]\nCLAUSULA=FOB\nMODALIDAD=GENERAL\nVIA=MARITIMA\n"
MANDANTE = "[MANDANTE]\nDOCUMENTO=211003420017\nNOMBRE=Productores\n"
TRASLADO = "[TRASLADO]\nMOTIVO=VENTA\n"
OWNER = TRASLADO + "PROPIETARIO_DOCUMENTO=211003420017\nPROPIETARIO_NOMBRE=Dueña SA\n"
BOX = "DETALLE=Cajón\nCANTIDAD=12\nUNIDAD=un"
RETENCION = "\n[RETENCION]\nCODIGO=2183165\nTASA=5\nBASE=100\n"
PAPER = {
    "FECHA": "20/11/2026", "SERIE": "A", "NUMERO": "7", "CONSTANCIA": "90260000001", "CONSTANCIA_DESDE": "1",
    "CONSTANCIA_HASTA": "100", "CONSTANCIA_VENCE": "20281121",
}  # fmt: skip
SEALED = (
    '<Compl_Fiscal><x:EncryptedData xmlns:x="http://www.w3.org/2001/04/xmlenc#"><x:CipherData><x:CipherValue>c2VjcmV0'
    "</x:CipherValue></x:CipherData></x:EncryptedData></Compl_Fiscal>"
)
SALE = Emitido(
    tipo=101, nombre="e-Ticket", serie="A", numero=5, referencia="V9", fecha=date(2026, 11, 1),
    firmado=datetime(2026, 11, 1, 12, tzinfo=ZONE), moneda="UYU", cotizacion=None, total=Decimal("100.00"),
    importes=(), codigo_seguridad="", hash="", qr="", cae="", cae_desde=1, cae_hasta=9, cae_vence=HOY, receptor="",
    signed=b"", anexo=Anexo(), emisor="",
)  # fmt: skip
"""A sale of ours, of 100 pesos."""
KNOWN: Known = {Target(referencia="V9"): SALE, Target(tipo=101, serie="A", numero=5): SALE}


@dataclass(frozen=True, kw_only=True)
class Regla:
    """A file that keeps a rule, one that breaks it, and the installation they come to."""

    bien: str
    mal: str
    donde: str
    """The last line like this is where it is told; empty: at none."""
    campo: str | None = None
    """The field that is named."""
    regimen: str = "general"
    ajustes: Mapping[str, object] = field(default_factory=dict)
    xml: bool = False
    """They are CFE, not TXT."""


def exporta(**fields: str) -> str:
    """A sale abroad, with other data of its sale."""
    given = {"CLAUSULA": "FOB", "MODALIDAD": "GENERAL", "VIA": "MARITIMA", **fields}
    zone = "".join(f"{name}={value}\n" for name, value in given.items())
    return venta(item("1", "EXPORTACION"), tipo="121", resto=f"[EXPORTACION]\n{zone}{ABROAD}")


def remito(lines: str = BOX, traslado: str = TRASLADO, resto: str = "") -> str:
    """Goods that travel."""
    return f"[DOCUMENTO]\nTIPO=181\nREFERENCIA=V1\n{traslado}{FACTURADO}[ITEM]\n{lines}\n{resto}"


def remito_exp(precio: str, more: str = "") -> str:
    """Goods that travel abroad, and perhaps others to take off."""
    other = f"[ITEM]\nDETALLE=Cajón\nPRECIO={precio}\n{more}"
    refers = "[REFERENCIA]\nTIPO=124\nSERIE=A\nNUMERO=3\n"
    return f"[DOCUMENTO]\nTIPO=124\nREFERENCIA=V1\n{TRASLADO}{EXPORTACION}{ABROAD}{other}{refers}"


def resguardo(retencion: str = RETENCION, resto: str = "", **fields: str) -> str:
    """What was withheld."""
    head = "".join(f"{name}={value}\n" for name, value in fields.items())
    return f"[DOCUMENTO]\nTIPO=182\nREFERENCIA=V1\n{head}{FACTURADO}{retencion.lstrip()}{resto}"


def boleta(iva: str = "NO_CONTRIBUYENTE", *, rut: bool = False, resto: str = "", **fields: str) -> str:
    """A purchase from who does not invoice."""
    seller = FACTURADO if rut else FACTURADO.replace("DOCUMENTO=215555550010", "DOCUMENTO=12345672")
    return venta(item("100", iva), tipo="151", resto=seller + resto, **fields)


def ajena(resto: str = MANDANTE, tipo: str = "131", **fields: str) -> str:
    """A sale for somebody else."""
    return venta(item("100"), tipo=tipo, resto=resto, **fields)


def papel(**fields: str) -> str:
    """An e-Ticket that was written on paper; an empty field is left out."""
    given = {name: value for name, value in {**PAPER, **fields}.items() if value}
    return venta(item("100"), tipo="201", **given)


def nota(referencia: str, tipo: str = "102", total: str = "100", **fields: str) -> str:
    """A note."""
    return venta(item(total), tipo=tipo, resto=referencia, **fields)


def cfe(text: str, *changes: tuple[str, str]) -> str:
    """The CFE of a TXT as an integrator would send it, changed; an element a line."""
    document = uruguay().draft(pedido(text), {}).decode()
    for old, new in changes:
        assert old in document
        document = document.replace(old, new, 1)
    return document.replace("><", ">\n<")


TICKET = venta(item("100"))
GTIN = item("1", CODIGO="4006381333931", TIPO_CODIGO="GTIN13")

REGLAS: Mapping[str, Regla] = {
    # The form of a value, as far as the country reads it.
    "E0205": Regla(bien=TICKET, mal=venta(item("cien")), donde="PRECIO=cien", campo="PRECIO"),
    "E0206": Regla(
        bien=venta(item("1.175"), DECIMAL="PUNTO"), mal=venta(item("1.175")), donde="PRECIO=1.175", campo="PRECIO"
    ),
    "E0207": Regla(
        bien=venta(item("1"), FECHA="20/11/2026"),
        mal=venta(item("1"), FECHA="31/11/2026"),
        donde="FECHA=31/11/2026",
        campo="FECHA",
    ),
    "E0208": Regla(bien=TICKET, mal=venta(item("1", "GRABADA")), donde="IVA=GRABADA", campo="IVA"),
    "E0209": Regla(
        bien=TICKET, mal=TICKET.replace("FORMA_PAGO=CONTADO\n", ""), donde="[DOCUMENTO]", campo="FORMA_PAGO"
    ),
    "E0220": Regla(
        bien=venta(item("1", CODIGO="7" * 35)),
        mal=venta(item("1", CODIGO="7" * 36)),
        donde="CODIGO=" + "7" * 36,
        campo="CODIGO",
    ),
    "E0108": Regla(bien=nota(POR_VENTA), mal=nota("[REFERENCIA]\nVENTA=V8\n"), donde="VENTA=V8", campo="VENTA"),
    # The document as a whole.
    "E1002": Regla(bien=venta(item("1"), resto=CI), mal=venta(item("1"), resto=CI + CI), donde="[RECEPTOR]"),
    "E1003": Regla(
        bien=venta(item("1"), resto="[EMISOR]\nRUT=217777770013\n"),
        mal=venta(item("1"), resto="[EMISOR]\nRUT=215555550010\n"),
        donde="RUT=215555550010",
        campo="RUT",
    ),
    "E1004": Regla(
        bien=venta(item("1", AGENTE="R") + RETENCION, resto=CI),
        mal="[RETENCION]\nCODIGO=2183165\nVALOR=1\n" + TICKET,
        donde="[RETENCION]",
    ),
    "E1006": Regla(bien=boleta(), mal=boleta(IVA_AL_DIA="NO"), donde="IVA_AL_DIA=NO", campo="IVA_AL_DIA"),
    "E1007": Regla(bien=remito(), mal=remito(resto="[PAGO]\nMEDIO=VALE\nVALOR=1\n"), donde="[PAGO]"),
    "E1008": Regla(bien=papel(), mal=papel(NUMERO="101"), donde="NUMERO=101", campo="NUMERO"),
    "E1009": Regla(bien=papel(), mal=venta(item("1"), NUMERO="7"), donde="NUMERO=7", campo="NUMERO"),
    # Who receives, for whom, whose.
    "E1101": Regla(
        bien=venta(item("1"), tipo="111", resto=FACTURADO),
        mal=venta(item("1"), tipo="111", resto=FACTURADO.replace("0010", "0011")),
        donde="DOCUMENTO=215555550011",
        campo="DOCUMENTO",
    ),
    "E1102": Regla(
        bien=venta(item("1"), resto=CI),
        mal=venta(item("1"), resto="[RECEPTOR]\nDOCUMENTO=12345673\n"),
        donde="DOCUMENTO=12345673",
        campo="DOCUMENTO",
    ),
    "E1103": Regla(
        bien=exporta(), mal=exporta().replace("NOMBRE_PAIS=BRASIL\n", ""), donde="[RECEPTOR]", campo="NOMBRE_PAIS"
    ),
    "E1104": Regla(
        bien=venta(item("32000", "EXENTA"), DECIMAL="PUNTO"),
        mal=venta(item("32000.01", "EXENTA"), DECIMAL="PUNTO"),
        donde="[DOCUMENTO]",
        campo="DOCUMENTO",
    ),
    "E1105": Regla(
        bien=venta(item("28800", "EXENTA"), FECHA="02/01/2027"),
        mal=venta(item("28801", "EXENTA"), FECHA="02/01/2027"),
        donde="[DOCUMENTO]",
        campo="DOCUMENTO",
    ),
    "E1106": Regla(
        bien=venta(item("1", AGENTE="R") + RETENCION, resto=CI),
        mal=venta(item("1", AGENTE="R") + RETENCION),
        donde="[DOCUMENTO]",
        campo="DOCUMENTO",
    ),
    "E1107": Regla(bien=ajena(), mal=ajena(resto=""), donde="[DOCUMENTO]", campo="MANDANTE"),
    "E1108": Regla(
        bien=remito(traslado=OWNER),
        mal=remito(traslado=TRASLADO + "AJENOS=SI\nPROPIETARIO_DOCUMENTO=211003420017\n"),
        donde="[TRASLADO]",
        campo="PROPIETARIO_NOMBRE",
    ),
    "E1109": Regla(
        bien=cfe(ajena(resto=""), ("</eTck>", SEALED + "</eTck>")),
        mal=cfe(ajena(resto=""), ("</eTck>", SEALED.replace("c2VjcmV0", "secreto!") + "</eTck>")),
        donde='<x:EncryptedData xmlns:x="http://www.w3.org/2001/04/xmlenc#">',
        campo="EncryptedData",
        xml=True,
    ),
    "E1111": Regla(
        bien=venta(item("1"), resto=CI),
        mal=venta(item("1")),
        donde="[DOCUMENTO]",
        campo="DOCUMENTO",
        ajustes={"free_shop": True},
    ),
    # The head.
    "E1201": Regla(
        bien=venta(item("1"), FECHA="20/01/2027", resto=CI),
        mal=venta(item("1"), FECHA="21/01/2027", resto=CI),
        donde="FECHA=21/01/2027",
        campo="FECHA",
    ),
    "E1202": Regla(
        bien=venta(item("1"), PERIODO_DESDE="01/10/2026", PERIODO_HASTA="01/10/2026"),
        mal=venta(item("1"), PERIODO_DESDE="02/10/2026", PERIODO_HASTA="01/10/2026"),
        donde="PERIODO_HASTA=01/10/2026",
        campo="PERIODO_HASTA",
    ),
    "E1203": Regla(
        bien=venta(*[item("1")] * 200, tipo="111", resto=FACTURADO),
        mal=venta(*[item("1")] * 201, tipo="111", resto=FACTURADO),
        donde="[DOCUMENTO]",
        campo="DETALLE",
    ),
    "E1204": Regla(
        bien=venta(item("1"), MONEDA="USD", COTIZACION="40"),
        mal=venta(item("1"), MONEDA="USD"),
        donde="[DOCUMENTO]",
        campo="COTIZACION",
    ),
    "E1205": Regla(
        bien=venta(item("1"), COTIZACION="1"),
        mal=venta(item("1"), COTIZACION="40"),
        donde="COTIZACION=40",
        campo="COTIZACION",
    ),
    "E1218": Regla(
        bien=venta(item("1", "NO_FACTURABLE"), resto=POR_NUMERO, COBRANZA="SI"),
        mal=venta(item("1", "BASICA"), resto=POR_NUMERO, COBRANZA="SI"),
        donde="COBRANZA=SI",
        campo="COBRANZA",
    ),
    "E1220": Regla(bien=exporta(), mal=exporta(CLAUSULA="F0B"), donde="CLAUSULA=F0B", campo="CLAUSULA"),
    "E1221": Regla(
        bien=resguardo(FECHA="30/11/2026", FECHA_VALOR="30/11/2026"),
        mal=resguardo(FECHA="30/11/2026", FECHA_VALOR="01/12/2026"),
        donde="FECHA_VALOR=01/12/2026",
        campo="FECHA_VALOR",
    ),
    "E1225": Regla(
        bien=ajena(IVA_AL_DIA="MANDANTE_NO"),
        mal=venta(item("1"), IVA_AL_DIA="MANDANTE_NO"),
        donde="IVA_AL_DIA=MANDANTE_NO",
        campo="IVA_AL_DIA",
    ),
    "E1226": Regla(
        bien=ajena(resto="[ADENDA]\nOculto\n", SECRETO_PROFESIONAL="MANDANTE"),
        mal=venta(item("1"), resto="[ADENDA]\nOculto\n", SECRETO_PROFESIONAL="MANDANTE"),
        donde="SECRETO_PROFESIONAL=MANDANTE",
        campo="SECRETO_PROFESIONAL",
    ),
    # Lines and taxes.
    "E1206": Regla(
        bien=venta(item("1", "BASICA", IND_FACT="3")),
        mal=venta(item("1", "BASICA", IND_FACT="2")),
        donde="IND_FACT=2",
        campo="IND_FACT",
    ),
    "E1207": Regla(
        bien=venta(item("1", CANTIDAD="-2"), item("1", CANTIDAD="2")),
        mal=venta(item("1", CANTIDAD="-2"), item("1")),
        donde="[DOCUMENTO]",
        campo="NETO_BASICA",
    ),
    "E1208": Regla(
        bien=venta(item("100", "OTRA"), resto="[TOTALES]\nIVA_OTRA=3\n"),
        mal=venta(item("100", "OTRA")),
        donde="[DOCUMENTO]",
        campo="IVA_OTRA",
    ),
    "E1210": Regla(
        bien=venta(item("100"), resto="[TOTALES]\nA_PAGAR=100\n"),
        mal=venta(item("100"), resto="[TOTALES]\nA_PAGAR=102\n"),
        donde="A_PAGAR=102",
        campo="A_PAGAR",
    ),
    "E1211": Regla(
        bien=venta(item("3,33", CANTIDAD="3", IMPORTE="10")),
        mal=venta(item("3,33", CANTIDAD="3", IMPORTE="11")),
        donde="IMPORTE=11",
        campo="IMPORTE",
    ),
    "E1212": Regla(bien=venta(item("0,01")), mal=venta(item("0")), donde="PRECIO=0", campo="PRECIO"),
    "E1213": Regla(
        bien=venta(item("0", "GRATIS"), item("1")),
        mal=venta(item("5", "GRATIS"), item("1")),
        donde="PRECIO=5",
        campo="PRECIO",
    ),
    "E1214": Regla(bien=TICKET, mal=venta("DETALLE=Artículo\nIVA=BASICA"), donde="[ITEM]", campo="PRECIO"),
    "E1215": Regla(
        bien=venta(item("100"), resto="[DESCUENTO]\nVALOR=100\nIVA=BASICA\n"),
        mal=venta(item("100"), resto="[DESCUENTO]\nVALOR=101\nIVA=BASICA\n"),
        donde="VALOR=101",
        campo="VALOR",
    ),
    "E1216": Regla(
        bien=resguardo(), mal=resguardo("[RETENCION]\nCODIGO=2183165\nBASE=100\n"), donde="[RETENCION]", campo="VALOR"
    ),
    "E1217": Regla(
        bien=venta(GTIN),
        mal=venta(GTIN.replace("3931", "3932")),
        donde="CODIGO=4006381333932",
        campo="CODIGO",
    ),
    "E1219": Regla(
        bien=venta(item("1", "EXENTA")), mal=venta(item("1")), donde="IVA=BASICA", campo="IVA", regimen="exonerado"
    ),
    "E1222": Regla(bien=boleta("IMEBA", rut=True), mal=boleta("IMEBA"), donde="IVA=IMEBA", campo="IVA"),
    "E1223": Regla(
        bien=exporta(),
        mal=exporta().replace("IVA=EXPORTACION", "IVA=BASICA"),
        donde="IVA=BASICA",
        campo="IVA",
    ),
    "E1224": Regla(
        bien=venta(item("10", DESCUENTO="1", SUBDESCUENTO="1")),
        mal=venta(item("10", SUBDESCUENTO="1")),
        donde="SUBDESCUENTO=1",
        campo="SUBDESCUENTO",
    ),
    "E1227": Regla(
        bien=venta(item("1", AGENTE="R") + RETENCION, resto=CI),
        mal=venta(item("1") + RETENCION, resto=CI),
        donde="[ITEM]",
        campo="AGENTE",
    ),
    # What it refers to.
    "E1301": Regla(bien=nota(POR_NUMERO), mal=nota(""), donde="[DOCUMENTO]", campo="REFERENCIA"),
    "E1303": Regla(
        bien=nota(POR_NUMERO + POR_NUMERO.replace("5", "6")),
        mal=nota(POR_NUMERO + POR_VENTA),
        donde="VENTA=V9",
        campo="VENTA",
    ),
    "E1304": Regla(
        bien=nota(POR_NUMERO.replace("101", "201")),
        mal=nota(POR_NUMERO.replace("101", "131")),
        donde="TIPO=131",
        campo="TIPO",
    ),
    "E1305": Regla(
        bien=nota(POR_NUMERO),
        mal=nota(POR_NUMERO.replace("SERIE=A\n", "")),
        donde="[REFERENCIA]",
        campo="SERIE",
    ),
    "E1306": Regla(
        bien=nota(POR_VENTA + "FECHA=01/11/2026\n"),
        mal=nota(POR_VENTA + "FECHA=02/11/2026\n"),
        donde="FECHA=02/11/2026",
        campo="FECHA",
    ),
    "E1307": Regla(
        bien=nota(POR_VENTA + "MONTO=100\n"),
        mal=nota(POR_VENTA + "MONTO=100,01\n"),
        donde="MONTO=100,01",
        campo="MONTO",
    ),
    "E1308": Regla(
        bien=nota(POR_VENTA + "MONEDA=UYU\n"),
        mal=nota(POR_VENTA + "MONEDA=USD\n"),
        donde="MONEDA=USD",
        campo="MONEDA",
    ),
    "E1310": Regla(
        bien=nota("[REFERENCIA]\nGLOBAL=SI\nRAZON=Liquidación\n"),
        mal=nota("[REFERENCIA]\nGLOBAL=SI\n"),
        donde="[REFERENCIA]",
        campo="RAZON",
    ),
    "E1311": Regla(
        bien=nota(POR_NUMERO.replace("5", "6") + "MONEDA=USD\nCOTIZACION=40\n"),
        mal=nota(POR_NUMERO.replace("5", "6") + "MONEDA=USD\n"),
        donde="[REFERENCIA]",
        campo="COTIZACION",
    ),
    "E1312": Regla(
        bien=remito(BOX + "\nIVA=A_RESTAR", resto="[REFERENCIA]\nTIPO=181\nSERIE=A\nNUMERO=3\n"),
        mal=remito(BOX + "\nIVA=A_RESTAR"),
        donde="[ITEM]",
        campo="IVA",
    ),
    # XML.
    "E0107": Regla(bien=cfe(TICKET), mal=cfe(TICKET, ("</eTck>", "")), donde="</CFE>", xml=True),
    "E0109": Regla(bien=cfe(TICKET), mal="<!DOCTYPE CFE>\n" + cfe(TICKET), donde="", xml=True),
    "E0110": Regla(
        bien=cfe(TICKET),
        mal=cfe(TICKET, ("</CFE>", '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/></CFE>')),
        donde='<CFE xmlns="http://cfe.dgi.gub.uy" version="1.0">',
        xml=True,
    ),
    "E1401": Regla(
        bien=cfe(TICKET),
        mal=cfe(TICKET, ("<FmaPago>1</FmaPago>", "<FmaPago>1</FmaPago><Vendedor>7</Vendedor>")),
        donde="<Vendedor>7</Vendedor>",
        campo="Vendedor",
        xml=True,
    ),
    "E1402": Regla(
        bien=cfe(TICKET),
        mal=cfe(TICKET, ("</TipoCFE>", "</TipoCFE><Serie>A</Serie>")),
        donde="<Serie>A</Serie>",
        campo="Serie",
        xml=True,
    ),
    # Warnings: the document is issued all the same.
    "A0210": Regla(
        bien=venta(item("100"), resto="[TOTALES]\nA_PAGAR=100\n"),
        mal=venta(item("100"), resto="[TOTALES]\nA_PAGAR=101\n"),
        donde="A_PAGAR=101",
        campo="A_PAGAR",
    ),
    "A0211": Regla(
        bien=venta(item("1", CANTIDAD="1,1250")),
        mal=venta(item("1", CANTIDAD="1,1255")),
        donde="CANTIDAD=1,1255",
        campo="CANTIDAD",
    ),
    "A0212": Regla(
        bien=venta(item("122"), resto="[TOTALES]\nIVA_BASICA=22\n"),
        mal=venta(item("122"), resto="[TOTALES]\nIVA_BASICA=22,01\n"),
        donde="IVA_BASICA=22,01",
        campo="IVA_BASICA",
    ),
    "A0213": Regla(
        bien=venta(item("10"), resto="[PAGO]\nMEDIO=EFECTIVO\nVALOR=10\nENTREGADO=20\n"),
        mal=venta(item("10"), resto="[PAGO]\nMEDIO=EFECTIVO\nVALOR=10\nENTREGADO=9\n"),
        donde="ENTREGADO=9",
        campo="ENTREGADO",
    ),
    "A0214": Regla(
        bien=venta(item("1"), MONEDA="USD", COTIZACION="40"),
        mal=venta(item("1"), MONEDA="USD", COTIZACION="0,025"),
        donde="COTIZACION=0,025",
        campo="COTIZACION",
    ),
    "A0215": Regla(
        bien=venta(item("10"), resto="[PAGO]\nMEDIO=DEBITO\nVALOR=10\n"),
        mal=venta(item("10"), resto="[PAGO]\nMEDIO=DEBITO\nVALOR=10\nCOBRO=C1\n"),
        donde="COBRO=C1",
        campo="COBRO",
    ),
    "A0216": Regla(bien=nota(POR_VENTA), mal=nota(POR_VENTA, total="100,01"), donde="[DOCUMENTO]"),
    "A0217": Regla(
        bien=nota(POR_VENTA, FECHA="01/11/2026"),
        mal=nota(POR_VENTA, FECHA="31/10/2026"),
        donde="FECHA=31/10/2026",
        campo="FECHA",
    ),
    "A0218": Regla(
        bien=papel(CONSTANCIA_VENCE="20261120"),
        mal=papel(CONSTANCIA_VENCE="20261119"),
        donde="FECHA=20/11/2026",
        campo="FECHA",
    ),
    "A0220": Regla(
        bien=venta(item("1"), resto="[RECEPTOR]\nNOMBRE=" + "x" * 150 + "\n"),
        mal=venta(item("1"), resto="[RECEPTOR]\nNOMBRE=" + "x" * 151 + "\n"),
        donde="NOMBRE=" + "x" * 151,
        campo="NOMBRE",
    ),
    "A1110": Regla(
        bien=venta(item("1"), resto="[EXPORTACION]\nMODALIDAD=TAX FREE\n" + CI),
        mal=venta(item("1"), resto="[EXPORTACION]\nMODALIDAD=TAX FREE\n"),
        donde="[DOCUMENTO]",
        campo="DOCUMENTO",
    ),
    "A1212": Regla(
        bien=remito(BOX + "\n[ITEM]\n" + BOX.replace("12", "-2")),
        mal=remito(BOX.replace("12", "-2")),
        donde="CANTIDAD=-2",
        campo="CANTIDAD",
    ),
    "A1217": Regla(
        bien=venta(GTIN),
        mal=venta(GTIN.replace("GTIN13", "EAN")),
        donde="TIPO_CODIGO=EAN",
        campo="TIPO_CODIGO",
    ),
    "A1226": Regla(
        bien=venta(item("1"), resto="[ADENDA]\nSecreto profesional\n", SECRETO_PROFESIONAL="SI"),
        mal=venta(item("1"), SECRETO_PROFESIONAL="SI"),
        donde="SECRETO_PROFESIONAL=SI",
        campo="SECRETO_PROFESIONAL",
    ),
}

ELSEWHERE = frozenset({"E1005", "A1105"})
"""Rules about the installation and not about a file; their tests are beside those of the table."""

DIVISA = {"COMPRA_MONEDA": "1"}
AJENA = {"COMPRA_MONEDA": "2"}
_SECRETO = {"SECRETO_PROFESIONAL": "SI"}
_SIN_DIRECCION = FACTURADO.replace("DIRECCION=Calle 1\n", "")
_NIE = "TIPO_DOC=NIE\nDOCUMENTO={}\nNOMBRE=Ana\n"
_GRANDE = {"DECIMAL": "PUNTO"}


def divisa(precio: str = "100", resto: str = "", **fields: str) -> str:
    """Foreign currency bought from nobody in particular."""
    return venta(item(precio, "MONEDA_EXTRANJERA"), tipo="151", resto=resto, **fields)


TAMBIEN: tuple[tuple[str, str, str, str, str], ...] = (
    # The head.
    ("E1201", venta(item("1"), PERIODO_DESDE="01/10/2011"), venta(item("1"), PERIODO_DESDE="30/09/2011"),
     "PERIODO_DESDE", "general"),
    ("E1201", nota(POR_NUMERO.replace("5", "6") + "FECHA=20/01/2027\n"),
     nota(POR_NUMERO.replace("5", "6") + "FECHA=21/01/2027\n"), "FECHA", "general"),
    ("E1006", resguardo(resto="[REFERENCIA]\nTIPO=111\nSERIE=A\nNUMERO=3\nMONTO=5\n"),
     remito(resto="[REFERENCIA]\nTIPO=111\nSERIE=A\nNUMERO=3\nMONTO=5\n"), "MONTO", "general"),
    ("E1220", venta(item("1", "EXPORTACION"), resto="[EXPORTACION]\nMODALIDAD=SERVICIOS\n"),
     ajena(resto=MANDANTE + "[EXPORTACION]\nMODALIDAD=SERVICIOS\n"), "MODALIDAD", "general"),
    ("E1220", venta(item("1"), tipo="111", resto=FACTURADO + "[EXPORTACION]\nMODALIDAD=SERVICIOS\n"),
     venta(item("1"), tipo="111", resto=FACTURADO + "[EXPORTACION]\nMODALIDAD=TAX FREE\n"), "MODALIDAD", "general"),
    ("E0209", exporta(), exporta(MODALIDAD=""), "MODALIDAD", "general"),
    # Papers.
    ("E1008", papel(), papel(FECHA=""), "FECHA", "general"),
    ("E1008", papel(), papel(CONSTANCIA=""), "CONSTANCIA", "general"),
    ("E1008", papel(SERIE="1A"), papel(SERIE="A1"), "SERIE", "general"),
    ("E1008", papel(), papel(CONSTANCIA_DESDE="101"), "CONSTANCIA_DESDE", "general"),
    ("E1008", papel(), papel(CONSTANCIA_VENCE="20510101"), "CONSTANCIA_VENCE", "general"),
    ("E1008", papel(), papel(CONSTANCIA_ESPECIAL="MONOTRIBUTO"), "CONSTANCIA_ESPECIAL", "general"),
    ("E1008", papel(), papel(CONSTANCIA_CAUSAL="7"), "CONSTANCIA_CAUSAL", "general"),
    # Receivers.
    ("E1103", exporta(), exporta().replace("DEPARTAMENTO=RS\n", ""), "DEPARTAMENTO", "general"),
    ("E1103", venta(item("1"), tipo="111", resto=_SIN_DIRECCION + "[ADENDA]\nx\n", **_SECRETO),
     venta(item("1"), tipo="111", resto=_SIN_DIRECCION), "DIRECCION", "general"),
    ("E1103", venta(item("1"), tipo="111", resto="[RECEPTOR]\nNOMBRE=Ana\n", **_SECRETO),
     venta(item("1"), tipo="111", resto="[RECEPTOR]\nTIPO_DOC=OTRO\nDOCUMENTO=X1\n", **_SECRETO), "DOCUMENTO",
     "general"),
    ("E1103", remito().replace("[TRASLADO]", "SECRETO_PROFESIONAL=SI\n[TRASLADO]"),
     remito().replace("[TRASLADO]", "SECRETO_PROFESIONAL=SI\n[TRASLADO]").replace("CIUDAD=Salto\n", ""), "CIUDAD",
     "general"),
    ("E1103", resguardo(), resguardo().replace("DOCUMENTO=215555550010\n", ""), "DOCUMENTO", "general"),
    ("E1103", divisa(**DIVISA), divisa("32000", **DIVISA, **_GRANDE).replace("[ITEM]", CI + FACTURADO.replace(
        "[RECEPTOR]\nDOCUMENTO=215555550010\n", "").replace("CIUDAD=Salto\n", "") + "[ITEM]"), "CIUDAD", "general"),
    ("E1103", venta(item("1"), resto="[RECEPTOR]\n" + _NIE.format("12345")),
     venta(item("1"), resto="[RECEPTOR]\n" + _NIE.format("A12345")), "DOCUMENTO", "general"),
    ("E1103", venta(item("1"), resto="[RECEPTOR]\n" + _NIE.format("123456789012")),
     venta(item("1"), resto="[RECEPTOR]\n" + _NIE.format("1234567890123")), "DOCUMENTO", "general"),
    ("E1103", venta(item("1"), resto="[RECEPTOR]\nPAIS=UY\n" + _NIE.format("12345")),
     venta(item("1"), resto="[RECEPTOR]\nPAIS=AR\n" + _NIE.format("12345")), "PAIS", "general"),
    ("E1103", venta(item("1"), resto="[RECEPTOR]\nTIPO_DOC=DNI\nPAIS=CL\nDOCUMENTO=77\n"),
     venta(item("1"), resto="[RECEPTOR]\nTIPO_DOC=DNI\nPAIS=PE\nDOCUMENTO=77\n"), "PAIS", "general"),
    ("E1104", ajena(tipo="131", resto=MANDANTE), venta(item("90000"), tipo="132", resto=MANDANTE + POR_NUMERO.replace(
        "101", "131")), "DOCUMENTO", "general"),
    ("E1104", papel(), venta(item("90000"), tipo="201", **PAPER), "DOCUMENTO", "general"),
    ("E1108", remito(traslado=OWNER), remito(traslado=OWNER.replace("_DOCUMENTO=211003420017",
        "_TIPO_DOC=NIE\nPROPIETARIO_DOCUMENTO=211003420017")), "PROPIETARIO_TIPO_DOC", "general"),
    # Principals and secrecy.
    ("E1107", ajena(), ajena(resto=MANDANTE.replace("NOMBRE=Productores\n", "")), "NOMBRE", "general"),
    ("E1107", ajena(), ajena(resto=MANDANTE.replace("211003420017", "217777770013")), "DOCUMENTO", "general"),
    ("E1107", ajena(), venta(item("1"), resto=MANDANTE), "MANDANTE", "general"),
    ("E1107", ajena(resto="[MANDANTE]\n" + _NIE.format("9")), ajena(resto="[MANDANTE]\n" + _NIE.format("X9")),
     "DOCUMENTO", "general"),
    ("E1107", divisa(resto=MANDANTE, **AJENA), divisa(**AJENA), "MANDANTE", "general"),
    ("E1107", divisa(resto=MANDANTE, **AJENA), divisa(resto=MANDANTE, **DIVISA), "MANDANTE", "general"),
    ("E1107", divisa(resto="[MANDANTE]\n" + _NIE.format("9"), **AJENA),
     divisa(resto="[MANDANTE]\nDOCUMENTO=12345672\nNOMBRE=Ana\n", **AJENA), "TIPO_DOC", "general"),
    ("E1226", divisa(resto=MANDANTE, **AJENA), divisa(resto=MANDANTE, **AJENA, **_SECRETO), "SECRETO_PROFESIONAL",
     "general"),
    ("E1225", venta(item("1", "MONOTRIBUTO")), venta(item("1", "MONOTRIBUTO"), IVA_AL_DIA="NO"), "IVA_AL_DIA",
     "monotributo"),
    # e-Boletas.
    ("E1222", boleta(), boleta(rut=True), "IVA", "general"),
    ("E1222", boleta("IVA_MINIMO", rut=True), boleta("IVA_MINIMO"), "IVA", "general"),
    ("E1222", boleta("SUSPENSO", rut=True, PRECIOS="CON_IMEBA"), boleta("SUSPENSO", rut=True), "IVA", "general"),
    ("E1222", divisa(**DIVISA), boleta("MONEDA_EXTRANJERA"), "IVA", "general"),
    ("E1222", divisa(**DIVISA), boleta(COMPRA_MONEDA="1"), "IVA", "general"),
    ("E1222", divisa(**DIVISA), divisa(**DIVISA, MONEDA="USD", COTIZACION="40"), "MONEDA", "general"),
    ("E1222", divisa(**DIVISA, resto="[TOTALES]\nA_PAGAR=100\n"),
     divisa(**DIVISA, resto="[TOTALES]\nA_PAGAR=100,50\n"), "A_PAGAR", "general"),
    ("E1206", boleta(PRECIOS="CON_IMEBA"), venta(item("1"), PRECIOS="CON_IMEBA"), "PRECIOS", "general"),
    # Regimes.
    ("E1219", venta(item("1", "MONOTRIBUTO")), venta(item("1", "BASICA")), "IVA", "iva_minimo"),
    ("E1219", venta(item("1", "MONOTRIBUTO")), ajena(), "TIPO", "monotributo_mides"),
    ("E1219", ajena().replace("IVA=BASICA", "IVA=MONOTRIBUTO"), venta(item("1", "MONOTRIBUTO")), "IVA", "general"),
    ("E1219", venta(item("1", "EXPORTACION")), venta(item("1", "EXPORTACION"), PRECIOS="MONOTRIBUTO"), "PRECIOS",
     "general"),
    ("E1219", boleta(), boleta(PRECIOS="CON_IMEBA"), "PRECIOS", "monotributo"),
    ("E1219", ajena().replace("IVA=BASICA", "IVA=EXENTA"), ajena(), "IVA", "exonerado"),
    ("E1219", venta(item("1", "EXENTA"), resto="[RECARGO]\nVALOR=1\nIVA=EXENTA\n"),
     venta(item("1", "EXENTA"), resto="[RECARGO]\nVALOR=1\nIND_FACT=3\n"), "IND_FACT", "exonerado"),
    # Lines.
    ("E1223", exporta() + "[RECARGO]\nVALOR=1\nIVA=EXPORTACION\n", exporta() + "[RECARGO]\nVALOR=1\nIVA=BASICA\n",
     "IVA", "general"),
    ("E1212", remito_exp("0", "IVA=A_RESTAR\n"), remito_exp("0"), "PRECIO", "general"),
    ("E1224", venta(item("10", RECARGO="1", SUBRECARGO="1")), venta(item("10", SUBRECARGO="1")), "SUBRECARGO",
     "general"),
    ("E1227", resguardo(), resguardo(RETENCION.replace("2183165", "21831A")), "CODIGO", "general"),
    ("E1227", resguardo(), resguardo(RETENCION.replace("BASE=100", "BASE=0\nVALOR=5")), "BASE", "general"),
    ("E1227", resguardo(), resguardo(RETENCION.replace("BASE=100", "BASE=100\nVALOR=0")), "VALOR", "general"),
    ("E1227", venta(item("1")), venta(item("1", AGENTE="A")), "AGENTE", "general"),
    ("E1227", venta(item("1", AGENTE="R") + RETENCION.replace("2183165", "2181410")),
     boleta().replace("IVA=NO", "AGENTE=R\nIVA=NO").replace("[RECEPTOR]", RETENCION.lstrip().replace(
         "2183165", "2181410") + "[RECEPTOR]"), "CODIGO", "general"),
    # References.
    ("E1305", nota(POR_NUMERO.replace("=A", "=1A")), nota(POR_NUMERO.replace("=A", "=A1")), "SERIE", "general"),
    ("E1310", nota("[REFERENCIA]\nGLOBAL=SI\nRAZON=x\n"),
     nota("[REFERENCIA]\nGLOBAL=SI\nRAZON=x\nFECHA=20/11/2026\n"), "FECHA", "general"),
    ("E1311", nota(POR_NUMERO.replace("5", "6") + "COTIZACION=40\nMONEDA=USD\n"),
     nota(POR_NUMERO.replace("5", "6") + "COTIZACION=40\n"), "COTIZACION", "general"),
    ("E1311", nota(POR_NUMERO.replace("5", "6") + "MONEDA=UYU\n"),
     nota(POR_NUMERO.replace("5", "6") + "COTIZACION=40\nMONEDA=UYU\n"), "COTIZACION", "general"),
    ("E1312", remito(BOX + "\nIVA=A_RESTAR", resto="[REFERENCIA]\nTIPO=281\nSERIE=A\nNUMERO=3\n"),
     remito(BOX + "\nIVA=A_RESTAR", resto=POR_VENTA), "IVA", "general"),
    ("E1312", resguardo(RETENCION + "ANULA=SI\n", resto="[REFERENCIA]\nTIPO=282\nSERIE=A\nNUMERO=3\n"),
     resguardo(RETENCION + "ANULA=SI\n", resto="[REFERENCIA]\nTIPO=111\nSERIE=A\nNUMERO=3\n"), "ANULA", "general"),
    ("E1218", venta(item("1", "NO_FACTURABLE"), resto=POR_NUMERO, COBRANZA="SI"),
     venta(item("1", "NO_FACTURABLE"), COBRANZA="SI"), "COBRANZA", "general"),
    ("E1218", venta(item("1", "NO_FACTURABLE"), resto=POR_NUMERO, COBRANZA="SI"),
     venta(item("2", "NO_FACTURABLE"), resto=POR_NUMERO + "[DESCUENTO]\nVALOR=1\n", COBRANZA="SI"), "COBRANZA",
     "general"),
)  # fmt: skip
"""Code, a file that keeps it, one that breaks it otherwise than in `REGLAS`, the field named, the issuer's regime."""
