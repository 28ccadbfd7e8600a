"""
An issuer that talks to DGI by hand: SOAP out of templates that are canonical as written, signed with `cryptography`.

Nothing of the program's client is in it, and nothing of the fake DGI: it is made from DGI's description.
"""

import hashlib
import http.client
import json
import ssl
import subprocess
from base64 import b64encode
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from html import escape

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from lxml import etree

from sincronizador.core.numbering import Rango
from sincronizador.core.signature import Digest, SignaturePlan
from sincronizador.countries.uy.tipos import ZONE
from sincronizador.signing.identity import Validity, sign_cae
from sincronizador.signing.xmldsig import XmlSigner

RUT = "217777770013"
CLIENTE = "215555550010"
NOON = datetime(2026, 11, 20, 12, tzinfo=ZONE)
"""When the fake DGI's clock stands, unless a test moves it."""
VALIDITY = Validity(desde=NOON - timedelta(days=300), hasta=NOON + timedelta(days=600))
RECEPCION = "/ePrueba/ws_eprueba"
CONSULTAS = "/ePrueba/ws_consultasPrueba"
PERSONA = "/ePrueba/ws_personaGetActEmpresarialPrueba"

CFE = "http://cfe.dgi.gub.uy"
DGI = "http://dgi.gub.uy"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
WSS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
DS = "http://www.w3.org/2000/09/xmldsig#"
EXC = "http://www.w3.org/2001/10/xml-exc-c14n#"
DIGESTS = {
    "sha1": (DS + "sha1", DS + "rsa-sha1", SHA1()),  # noqa: S303 - DGI's example is signed so
    "sha256": (
        "http://www.w3.org/2001/04/xmlenc#sha256",
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
        SHA256(),
    ),
}


def envelope(identity, inner, *, digest="sha256", namespace=DGI, body_id="id-body", prefix="dgi", inclusive=False):
    """A signed request; `inner` is canonical and uses `prefix`, which `inclusive` declares as WSS4J does."""
    hashed_by, signed_by, algorithm = DIGESTS[digest]
    wsu = f"{WSS}wssecurity-utility-1.0.xsd"
    declared = f' xmlns:{prefix}="{namespace}"'
    alone = inner if inclusive else inner.replace(">", f"{declared}>", 1)
    first = declared if inclusive else ""
    body = f'<soapenv:Body{first} xmlns:soapenv="{SOAP}" xmlns:wsu="{wsu}" wsu:Id="{body_id}">{alone}</soapenv:Body>'
    named = f'<ec:InclusiveNamespaces xmlns:ec="{EXC}" PrefixList="{prefix}"></ec:InclusiveNamespaces>'
    named = named if inclusive else ""
    hashed = b64encode(hashlib.new(digest, body.encode()).digest()).decode()
    info = (
        f'<ds:CanonicalizationMethod Algorithm="{EXC}"></ds:CanonicalizationMethod>'
        f'<ds:SignatureMethod Algorithm="{signed_by}"></ds:SignatureMethod>'
        f'<ds:Reference URI="#{body_id}"><ds:Transforms><ds:Transform Algorithm="{EXC}">{named}</ds:Transform>'
        f"</ds:Transforms>"
        f'<ds:DigestMethod Algorithm="{hashed_by}"></ds:DigestMethod><ds:DigestValue>{hashed}</ds:DigestValue>'
        "</ds:Reference>"
    )
    signed = f'<ds:SignedInfo xmlns:ds="{DS}">{info}</ds:SignedInfo>'
    value = b64encode(identity.key.sign(signed.encode(), PKCS1v15(), algorithm)).decode()
    token = b64encode(identity.certificate.der).decode()
    return (
        f'<soapenv:Envelope xmlns:soapenv="{SOAP}" xmlns:{prefix}="{namespace}"><soapenv:Header>'
        f'<wsse:Security xmlns:wsse="{WSS}wssecurity-secext-1.0.xsd" xmlns:wsu="{wsu}" soapenv:mustUnderstand="1">'
        f'<wsse:BinarySecurityToken wsu:Id="X509-1" EncodingType="{WSS}soap-message-security-1.0#Base64Binary" '
        f'ValueType="{WSS}x509-token-profile-1.0#X509v3">{token}</wsse:BinarySecurityToken>'
        f'<ds:Signature xmlns:ds="{DS}"><ds:SignedInfo>{info}</ds:SignedInfo>'
        f"<ds:SignatureValue>{value}</ds:SignatureValue><ds:KeyInfo><wsse:SecurityTokenReference>"
        f'<wsse:Reference URI="#X509-1" ValueType="{WSS}x509-token-profile-1.0#X509v3"/>'
        "</wsse:SecurityTokenReference></ds:KeyInfo></ds:Signature></wsse:Security></soapenv:Header>"
        f'<soapenv:Body xmlns:wsu="{wsu}" wsu:Id="{body_id}">{inner}</soapenv:Body></soapenv:Envelope>'
    ).encode()


def text(value):
    """A text as canonical XML writes it."""
    return escape(value, quote=False).replace("\r", "&#xD;")


def recepcion(operation, data):
    return (
        f"<dgi:WS_eFactura.{operation}><dgi:Datain><dgi:xmlData>{text(data)}</dgi:xmlData></dgi:Datain>"
        f"</dgi:WS_eFactura.{operation}>"
    )


def consulta(operation, query, **fields):
    inside = "".join(f"<dgi:{name}>{text(str(value))}</dgi:{name}>" for name, value in fields.items())
    name = f"dgi:WS_eFactura_Consultas.{operation}"
    return f"<{name}><dgi:{query}>{inside}</dgi:{query}></{name}>"


@dataclass
class Answer:
    status: int
    body: bytes

    @property
    def root(self):
        return etree.fromstring(self.body)

    @property
    def inside(self):
        """The only child of the Body."""
        return self.root.find(f"{{{SOAP}}}Body")[0]

    @property
    def fault(self):
        """faultstring, and code, description and detail, whatever their case; None for an answer."""
        if self.inside.tag != f"{{{SOAP}}}Fault":
            return None
        respuesta = next(node for node in self.inside.iter("*") if etree.QName(node).localname == "Respuesta")
        code, description, detail = (child.text or "" for child in respuesta)
        return self.inside.findtext("faultstring"), int(code), description, detail

    @property
    def code(self):
        return self.fault and self.fault[1]

    @property
    def data(self):
        """The document in xmlData."""
        return self.inside.findtext(f"{{{DGI}}}Dataout/{{{DGI}}}xmlData").encode()

    @property
    def ack(self):
        return etree.fromstring(self.data)

    def find(self, name):
        """Texts of every element of that local name in the document of xmlData."""
        return [node.text or "" for node in self.ack.iter(f"{{{CFE}}}{name}")]

    @property
    def motivos(self):
        return self.find("Motivo")

    @property
    def estado(self):
        return self.find("Estado")

    def has(self, name):
        """Texts of every element of that local name in the Body."""
        return [node.text or "" for node in self.inside.iter(f"{{{DGI}}}{name}")]


class Line:
    """A way to the server: one connection a request."""

    def __init__(self, server, ca):
        self._port = server.port
        self._tls = ssl.create_default_context(cafile=ca)
        self.timeout = 20

    def send(self, method, path, body=b"", headers=None):
        way = http.client.HTTPSConnection("127.0.0.1", self._port, context=self._tls, timeout=self.timeout)
        try:
            way.request(method, path, body, headers or {})
            got = way.getresponse()
            return Answer(got.status, got.read())
        finally:
            way.close()

    def control(self, method, path, said=None):
        """The back door; what it says."""
        body = said if isinstance(said, bytes) else json.dumps(said).encode() if said is not None else b""
        got = self.send(method, f"/prueba/{path}", body)
        return got.status, json.loads(got.body)

    def told(self, path, said):
        status, found = self.control("POST", path, said)
        assert status == 200, found
        return found

    def state(self):
        return self.control("GET", "estado")[1]


@dataclass
class Issuer:
    """One that signs documents and tells DGI of them."""

    line: Line
    identity: object
    authority: object
    rut: str = RUT
    now: datetime = NOON
    digest: str = "sha256"
    sent: int = 0
    caes: dict = field(default_factory=dict)

    def has_cae(self, tipo, *, first=1, last=1000, number=None, autorizado=date(2026, 11, 1), **more):
        rango = Rango(
            id=number or f"90260000{tipo}", tipo=tipo, serie="A", desde=first, hasta=last,
            vence=more.pop("vence", date(2028, 11, 1)), **more,
        )  # fmt: skip
        self.caes[tipo] = rango
        self.line.told("cae", sign_cae(self.authority, rango, rut=self.rut, autorizado=autorizado))
        return rango

    def cfe(self, tipo, numero, *, digest=Digest.SHA256, sign=True, **said):
        """A signed document; see `compose` for what can be said."""
        said.setdefault("rut", self.rut)
        said.setdefault("cae", self.caes.get(tipo))
        said.setdefault("firmado", self.now)
        document = compose(tipo, numero, **said).encode()
        return XmlSigner(self.identity).sign(document, SignaturePlan(digest=digest)) if sign else document

    def sobre(self, *cfes, **said):
        self.sent += 1
        caratula = {
            "RutReceptor": "219999830019",
            "RUCEmisor": self.rut,
            "Idemisor": self.sent,
            "CantCFE": len(cfes),
            "Fecha": self.now.isoformat(),
            "X509Certificate": b64encode(self.identity.certificate.der).decode(),
            **said,
        }
        inside = "".join(f"<{name}>{value}</{name}>" for name, value in caratula.items())
        body = b"".join(cfes).decode()
        return (
            f'<DGICFE:EnvioCFE xmlns:DGICFE="{CFE}" version="1.0"><DGICFE:Caratula version="1.0">'
            + inside.replace("<", "<DGICFE:").replace("<DGICFE:/", "</DGICFE:")
            + f"</DGICFE:Caratula>{body}</DGICFE:EnvioCFE>"
        )

    def call(self, path, inner, action, **how):
        request = envelope(self.identity, inner, digest=self.digest, **how)
        return self.line.send("POST", path, request, {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": action})

    def receive(self, operation, data):
        action = f'"http://dgi.gub.uyaction/AWS_EFACTURA.{operation}"'
        return self.call(RECEPCION, recepcion(operation, data), action)

    def send(self, *cfes, **said):
        """A sobre of these documents, sent."""
        return self.receive("EFACRECEPCIONSOBRE", self.sobre(*cfes, **said))

    def consult(self, sent, *, number=None, token=None):
        number = number if number is not None else sent.find("IDReceptor")[0]
        token = token if token is not None else sent.find("Token")[0]
        asked = f'<ConsultaCFE xmlns="{DGI}"><IdReceptor>{number}</IdReceptor><Token>{token}</Token></ConsultaCFE>'
        return self.receive("EFACCONSULTARESTADOENVIO", asked)

    def judged(self, *cfes, **said):
        """What DGI says of each document of a sobre that it took."""
        sent = self.send(*cfes, **said)
        assert sent.estado == ["AS"], sent.data
        return self.consult(sent)

    def report(self, blocks="", *, dia=None, secuencia=1, sign=True, total=None, **said):
        """A daily report, signed; `blocks` as `resumen` makes them."""
        root = f'<Reporte xmlns="{CFE}">'
        count = (
            total
            if total is not None
            else sum(
                int(node.text)
                for node in etree.fromstring(f"{root}{blocks}</Reporte>").iter(
                    f"{{{CFE}}}CantDocsUtil", f"{{{CFE}}}CantCFCEmi"
                )
            )
        )
        caratula = {
            "RUCEmisor": self.rut,
            "FechaResumen": dia or (self.now - timedelta(days=1)).date(),
            "SecEnvio": secuencia,
            "TmstFirmaEnv": self.now.isoformat(),
            "CantComprobantes": count,
            **said,
        }
        inside = "".join(f"<{name}>{value}</{name}>" for name, value in caratula.items())
        document = f'{root}<Caratula version="1.0">{inside}</Caratula>{blocks}</Reporte>'.encode()
        if not sign:
            return document.decode()
        return XmlSigner(self.identity, embed_certificate=True).sign(document, SignaturePlan()).decode()

    def send_report(self, *args, **said):
        return self.receive("EFACRECEPCIONREPORTE", self.report(*args, **said))

    def ask(self, operation, query, **fields):
        action = f'"http://dgi.gub.uyaction/AWS_EFACTURA_CONSULTAS.{operation}"'
        return self.call(CONSULTAS, consulta(operation, query, **fields), action)

    def report_state(self, dia):
        got = self.ask("EFACCONSULTARENVIOSREPORTE", "Consultaenviosreporte", FechaResumen=dia)
        return got.has("Estado")

    def taxpayer(self, rut):
        space = "DGI_Modernizacion_Consolidado"
        name = "dgi:WS_PersonaGetActEmpresarial.Execute"
        inner = f"<{name}><dgi:Rut>{text(rut)}</dgi:Rut></{name}>"
        action = f'"{space}action/AWS_PERSONAGETACTEMPRESARIAL.Execute"'
        return self.call(PERSONA, inner, action, namespace=space)


FAMILY = {10: "eTck", 11: "eFact", 13: "eTck", 14: "eFact", 18: "eRem"}
CODE = "2183165"
"""Of a withholding."""


def tags(**values):
    """An element for each value that there is."""
    return "".join(f"<{name}>{value}</{name}>" for name, value in values.items() if value not in (None, ""))


def compose(
    tipo, numero, *, rut, cae, firmado, fecha=None, serie="A", sucursal=1, receptor=True, refers=(), global_ref="",
    complemento="", cae_id=None, desde=None, hasta=None, vence=None, especial="", **money,
):  # fmt: skip
    """An unsigned document, canonical; see `_money` for what can be said of its figures."""
    electronic = tipo - 100 if tipo > 200 else tipo
    family = FAMILY[electronic // 10]
    how = {"TipoTraslado": 1} if family == "eRem" else {"FmaPago": 1}
    id_doc = tags(TipoCFE=tipo, Serie=serie, Nro=numero, FchEmis=fecha or firmado.date(), **how)
    emisor = tags(
        RUCEmisor=rut, RznSoc="EMPRESA INVENTADA SA", CdgDGISucur=sucursal, DomFiscal="Calle Inventada 1234",
        Ciudad="MONTEVIDEO", Departamento="MONTEVIDEO",
    )  # fmt: skip
    who = tags(
        TipoDocRecep=2, CodPaisRecep="UY", DocRecep=CLIENTE, RznSocRecep="CLIENTE &amp; CÍA DE PRUEBA",
        DirRecep="Avenida Ficticia 100", CiudadRecep="MONTEVIDEO",
    )  # fmt: skip
    totales, line = _money(**money) if family != "eRem" else (tags(CantLinDet=1), _LOAD)
    constancia = tags(
        CAE_ID=cae_id or cae.id, DNro=desde or cae.desde, HNro=hasta or cae.hasta, FecVenc=vence or cae.vence,
        CAEEspecial=especial,
    )  # fmt: skip
    fiscal = tags(RUCEmisor=complemento, TipoDocMdte=2, Pais="UY", DocMdte=CLIENTE, NombreMdte="MANDANTE")
    fiscal = tags(Compl_Fiscal=tags(Compl_Fiscal_Data=fiscal)) if complemento else ""
    encabezado = tags(IdDoc=id_doc, Emisor=emisor, Receptor=who if receptor else "", Totales=totales)
    inside = tags(TmstFirma=firmado.isoformat(), Encabezado=encabezado, Detalle=f"<Item>{line}</Item>")
    inside += tags(Referencia=_references(refers, global_ref), CAEData=constancia) + fiscal
    return f'<CFE xmlns="{CFE}" version="1.0"><{family}>{inside}</{family}></CFE>'


_LOAD = tags(NroLinDet=1, NomItem="Bulto", Cantidad=1, UniMed="N/A")


def _money(*, neto="1000.00", iva=None, total=None, moneda="UYU", cambio=None, lineas=1, item=None, retencion=""):
    """Totales and the only line, at 22 %: every figure follows from `neto` but for the one that is said."""
    neto = Decimal(neto)
    iva = (neto * 22 / 100).quantize(Decimal("0.01")) if iva is None else Decimal(iva)
    total = neto + iva if total is None else Decimal(total)
    withheld = tags(CodRet=CODE, ValRetPerc=retencion) if retencion else ""
    totales = tags(
        TpoMoneda=moneda, TpoCambio=cambio, MntNetoIVATasaBasica=neto, IVATasaBasica="22.000", MntIVATasaBasica=iva,
        MntTotal=total, MntTotRetenido=retencion, CantLinDet=lineas, RetencPercep=withheld,
        MntPagar=total + Decimal(retencion or 0),
    )  # fmt: skip
    retained = tags(CodRet=CODE, Tasa="10.000", MntSujetoaRet=neto, ValRetPerc=retencion) if retencion else ""
    line = tags(
        NroLinDet=1, IndFact=3, NomItem="Servicio", Cantidad=1, UniMed="N/A", PrecioUnitario=neto,
        RetencPercep=retained, MontoItem=item or neto,
    )  # fmt: skip
    return totales, line


def _references(refers, global_ref):
    if global_ref:
        return tags(Referencia=tags(NroLinRef=1, IndGlobal=1, RazonRef=global_ref))
    lines = []
    for place, (tipo, numero, *more) in enumerate(refers, start=1):
        day, amount = (*more, "", "")[:2]
        known = {"FechaCFEref": day, "MntCFEref": amount, "TpoMonedaRef": "UYU" if amount else ""}
        named = tags(NroLinRef=place, TpoDocRef=tipo, Serie="A", NroCFERef=numero, **known)
        lines.append(tags(Referencia=named))
    return "".join(lines)


BLOCKS = {
    101: "Rsmn_Tck", 102: "Rsmn_Tck_Nota_Credito", 201: "Rsmn_Tck_Cont", 111: "Rsmn_Fac", 112: "Rsmn_Fac_Nota_Credito",
    211: "Rsmn_Fac_Cont", 181: "Rsmn_Rem",
}  # fmt: skip


def resumen(tipo, neto, *, used=(), annulled=(), fecha=None, iva=None, total=None, large=None, **said):
    """One block: `used` and `annulled` are ranges of serie A, `neto` what its only group sums up to, None for none."""
    is_paper = tipo > 200
    util = sum(last - first + 1 for first, last in used)
    gone = sum(last - first + 1 for first, last in annulled)
    groups = said.pop("groups", None)
    if groups is None:
        groups = [] if neto is None else [(fecha or (NOON - timedelta(days=1)).date(), 1, neto, iva, total)]
    rows = "".join(_row(tipo, *group) for group in groups)
    data = f"<Montos>{rows}</Montos>" if rows else ""
    counts = {"CantDocsMay_topeUI": large} if large is not None or tipo % 100 < 4 else {}
    if counts and large is None:
        counts["CantDocsMay_topeUI"] = 0
    if is_paper:
        counts["CantCFCEmi"] = said.pop("papers")
    else:
        counts = {"CantDocsUtil": util, **counts, "CantDocsAnulados": gone, "CantDocsEmi": util - gone}
    counts |= said
    data += "".join(f"<{name}>{value}</{name}>" for name, value in counts.items())
    for group, item, ranges in (("RngDocsUtil", "RDU_Item", used), ("RngDocsAnulados", "RDA_Item", annulled)):
        inside = "".join(
            f"<{item}><Serie>A</Serie><NroDesde>{first}</NroDesde><NroHasta>{last}</NroHasta></{item}>"
            for first, last in ranges
        )
        data += f"<{group}>{inside}</{group}>" if inside else ""
    return f"<{BLOCKS[tipo]}><TipoComp>{tipo}</TipoComp><RsmnData>{data}</RsmnData></{BLOCKS[tipo]}>"


def _row(tipo, fecha, sucursal, neto, iva=None, total=None):
    if tipo == 181:
        return f"<Mnts_Rem_Item><Fecha>{fecha}</Fecha><CodSuc>{sucursal}</CodSuc></Mnts_Rem_Item>"
    neto = Decimal(neto)
    iva = (neto * 22 / 100).quantize(Decimal("0.01")) if iva is None else Decimal(iva)
    total = neto + iva if total is None else Decimal(total)
    return (
        f"<Mnts_FyT_Item><Fecha>{fecha}</Fecha><CodSuc>{sucursal}</CodSuc><TotMntIVATasaBas>{neto}</TotMntIVATasaBas>"
        f"<MntIVATasaBas>{iva}</MntIVATasaBas><IVATasaBas>22.000</IVATasaBas><TotMntTotal>{total}</TotMntTotal>"
        "</Mnts_FyT_Item>"
    )


def xmlsec1_confirms(document, pem, folder, *options):
    """Whether xmlsec1, which nobody here wrote, finds the signature good."""
    place = folder / "answer.xml"
    place.write_bytes(document)
    command = ["xmlsec1", "--verify", *options, "--pubkey-cert-pem", str(pem), str(place)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0
