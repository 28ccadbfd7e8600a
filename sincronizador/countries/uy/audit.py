"""What the law says of documents that somebody else made: numbers, code, QR and totals of a CFE, counts of a sobre."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from urllib.parse import unquote

from lxml import etree

from sincronizador.core.emitido import Anexo, Emitido
from sincronizador.core.finding import Finding
from sincronizador.core.inspection import Check, Juicio, aviso, mal, ok
from sincronizador.countries.uy import cae, codes, remedies
from sincronizador.countries.uy.emisor import Ajustes, Emisor
from sincronizador.countries.uy.emitted import read_emitido
from sincronizador.countries.uy.figures import day, money
from sincronizador.countries.uy.qr import CONSULTA
from sincronizador.countries.uy.received import Received
from sincronizador.countries.uy.signed import CFE, parse_signed
from sincronizador.countries.uy.sobre import MAX_CFES, MAX_SOBRE
from sincronizador.countries.uy.tipos import Regimen, TipoCfe
from sincronizador.countries.uy.uruguay import Uruguay
from sincronizador.countries.uy.xml import NUMBERED
from sincronizador.errors import NeedsOperator

DGI = ("214844360018", "219999830019")
"""RUTs that DGI signs with: production and testing."""

_DIGITS = 10
"""Of a count."""
_SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}Signature"
_QR_FIELDS = ("emisor", "tipo", "serie", "número", "monto", "fecha", "hash")
_TOTALS = frozenset({codes.TOTALS.code, codes.LINE_AMOUNT.code, codes.TOTAL_RANGE.code, codes.ROUNDED_TOTAL.code,
                     codes.TOTAL_DIFFERS.code})  # fmt: skip
_UNJUDGED = {codes.UI_UNKNOWN.code: "no se controla el tope de 5.000 UI: aquí no se sabe el valor de la UI"}
"""Findings that say nothing of the document."""


def read_cfe(signed: bytes) -> Emitido:
    """What a signed CFE says of itself. Raises `Rejected` E1901."""
    return read_emitido(signed, Anexo())


def title_of(emitido: Emitido) -> str:
    """A line that names it."""
    firmado = f"{emitido.firmado:%d/%m/%Y %H:%M}"
    return (
        f"{emitido.slug}: {emitido.nombre} del {day(emitido.fecha)}, firmado el {firmado}, "
        f"emisor {emitido.emisor}, {money(emitido.total, emitido.moneda)}"
    )


def audit_cfe(emitido: Emitido, qr: str, ui: Mapping[int, Decimal]) -> Iterator[Check]:
    """
    All but its signature.

    `qr`: a text read from a printed QR, to be compared; empty: none. `ui`: year -> its value, as far as known.
    """
    yield from _numbered(emitido)
    yield ok("código", f"el código de seguridad es {emitido.codigo_seguridad}")
    yield ok("QR", emitido.qr) if not qr else _compared(emitido.qr, qr)
    yield from _lawful(emitido, ui)


def _numbered(emitido: Emitido) -> Iterator[Check]:
    if TipoCfe(emitido.tipo).is_papel:
        return  # its number is the booklet's, and a rule of the law
    number, numbers = emitido.cae.strip(), f"{emitido.serie} {emitido.cae_desde} a {emitido.cae_hasta}"
    if not emitido.cae_desde <= emitido.numero <= emitido.cae_hasta:
        yield mal("CAE", f"el número {emitido.numero} no está en {number} ({numbers}) (E03)")
    elif emitido.firmado.date() > emitido.cae_vence:
        signed = day(emitido.firmado.date())
        yield mal("CAE", f"{number} venció el {day(emitido.cae_vence)} y el CFE se firmó el {signed} (E07)")
    else:
        yield ok("CAE", f"{number} autoriza {numbers} hasta el {day(emitido.cae_vence)}")


def is_qr_of(emitido: Emitido, qr: str) -> bool:
    """Whether the text of a printed QR is this document's."""
    return _compared(emitido.qr, qr).juicio is Juicio.OK


def _compared(ours: str, given: str) -> Check:
    """Another QR may write the amount without decimals and the day without slashes."""
    theirs = given.strip().partition("?")[2].split(",")
    if not given.strip().startswith(CONSULTA) or len(theirs) != len(_QR_FIELDS):
        return mal("QR", f"el texto dado no es el de un QR de CFE; debe ser {ours}")
    expected = ours.partition("?")[2].split(",")
    wrong = [
        f"{name} dice {one} y es {other}"
        for name, one, other in zip(_QR_FIELDS, theirs, expected, strict=True)
        if _loosely(name, one) != _loosely(name, other)
    ]
    return mal("QR", f"no es el de este comprobante: {'; '.join(wrong)}") if wrong else ok("QR", "es el de este CFE")


def _loosely(name: str, text: str) -> object:
    if name == "monto":
        try:
            return Decimal(text)
        except InvalidOperation:
            return text
    if name == "fecha" and "/" in text:
        return "".join(reversed(text.split("/")))
    return unquote(text)


def _lawful(emitido: Emitido, ui: Mapping[int, Decimal]) -> Iterator[Check]:
    """Its lines and totals computed anew, and every rule of the law, as on the day it was signed."""
    try:
        country = _country(emitido.signed, ui)
    except NeedsOperator as exc:
        yield mal("reglas", str(exc))
        return
    today = emitido.firmado.date()
    reading = country.from_xml(_unsigned(emitido.signed))
    found = list(reading.findings)
    is_understood = all(finding.code in _TOTALS for finding in found)
    if is_understood:
        found += country.check(country.read(reading.sections, today), {}, today)
    totals = [finding for finding in found if finding.code in _TOTALS]
    others = [finding for finding in found if finding.code not in _TOTALS]
    yield from (_told("totales", finding) for finding in totals)
    if is_understood and not totals:
        yield ok("totales", "las líneas y los totales cierran")
    yield from (_told("reglas", finding) for finding in others)
    if not others:
        yield ok("reglas", "cumple las reglas del formato")


def _told(que: str, finding: Finding) -> Check:
    if finding.code in _UNJUDGED:
        return aviso(que, _UNJUDGED[finding.code])
    text = f"{finding.code} {finding.message}"
    return mal(que, text) if finding.is_error else aviso(que, text)


def _country(signed: bytes, ui: Mapping[int, Decimal]) -> Uruguay:
    """The law for the issuer that the document names. Raises `NeedsOperator` E1005 for what can be none."""
    document = parse_signed(signed)
    said = document.zone("Encabezado", "Emisor")
    especial = document.zone("CAEData").get("CAEEspecial", "")
    regimen = next((regimen for regimen in Regimen if regimen.especial == especial), Regimen.GENERAL)
    emisor = Emisor(
        rut=said.get("RUCEmisor", ""), razon_social=said.get("RznSoc", ""), sucursal=said.get("CdgDGISucur", ""),
        domicilio=said.get("DomFiscal", ""), ciudad=said.get("Ciudad", ""), departamento=said.get("Departamento", ""),
        web="-", resolucion="-", regimen=regimen,
    )  # fmt: skip
    return Uruguay(emisor, Ajustes(ui=ui))


def _unsigned(signed: bytes) -> bytes:
    """The document without its signature and without what is added when it is numbered; a paper keeps its number."""
    root = etree.fromstring(signed, _parser())
    body = root[0]
    tipo = body.findtext(f"{CFE}Encabezado/{CFE}IdDoc/{CFE}TipoCFE", "")
    added = NUMBERED[:1] if tipo.strip().startswith("2") else NUMBERED
    for element in (*root.iterchildren(_SIGNATURE), *(found for name in added for found in _added(body, name))):
        parent = element.getparent()
        if parent is not None:
            parent.remove(element)
    return etree.tostring(root)


def _added(body: etree._Element, name: str) -> list[etree._Element]:
    return [*body.iterchildren(CFE + name), *body.iterfind(f"{CFE}Encabezado/{CFE}IdDoc/{CFE}{name}")]


def audit_sobre(received: Received, emitidos: list[Emitido | None]) -> Iterator[Check]:
    """What an envelope says of the CFEs in it; None stands for one that could not be read."""
    caratula = received.caratula
    count = caratula.get("CantCFE", "").strip()
    there = len(received.cfes)
    yield (ok if count == str(there) else mal)("carátula", f"CantCFE dice {count or 'nada'} y hay {there}")
    if there > MAX_CFES or len(received.whole) > MAX_SOBRE:
        yield mal("tamaño", f"{there} CFE y {len(received.whole)} bytes; DGI admite {MAX_CFES} y {MAX_SOBRE}")
    rut = caratula.get("RUCEmisor", "").strip()
    foreign = [emitido.slug for emitido in emitidos if emitido is not None and emitido.emisor != rut]
    if foreign:
        yield mal("emisor", f"la carátula dice {rut} y son de otro emisor: {', '.join(foreign)}")
    slugs = [emitido.slug for emitido in emitidos if emitido is not None]
    if twice := sorted({slug for slug in slugs if slugs.count(slug) > 1}):
        yield mal("números", f"están más de una vez: {', '.join(twice)}")


def audit_cae(content: bytes, today: date) -> tuple[str, list[Check]]:
    """A CAE file: its title, and what is said of it. Raises `Rejected` E220x."""
    file = cae.parse_cae(content)
    rango = file.rango
    name = TipoCfe(rango.tipo).nombre if rango.tipo in frozenset(TipoCfe) else f"tipo {rango.tipo}"
    numbers = f"{rango.serie} {rango.desde} a {rango.hasta}"
    title = f"CAE {rango.id}: {name}, {numbers}, emisor {file.emisor}, autorizado el {day(file.autorizado)}"
    checks = [
        aviso("vigencia", finding.message) if finding.code == cae.EXPIRED.code else mal("CAE", finding.message)
        for finding in cae.cae_problems(file, rut=file.emisor, hoy=today)
    ]
    if not checks:
        checks.append(ok("vigencia", f"vence el {day(rango.vence)}"))
    if not file.constancia:
        checks.append(aviso("TA", "no trae TA: es de antes de que ese elemento existiera; se acepta igual"))
    return title, checks


def audit_report(received: Received) -> Iterator[Check]:
    """A daily report: whether its counts add up. Formato Reporte v13.2."""
    tree = received.tree
    said = received.caratula.get("CantComprobantes", "").strip()
    used = sum(_count(node.text) for name in ("CantDocsUtil", "CantCFCEmi") for node in tree.iter(CFE + name))
    text = f"CantComprobantes dice {said or 'nada'} y los resúmenes suman {used}"
    yield (ok if said == str(used) else mal)("carátula", text)
    for block in tree:
        tipo = block.findtext(CFE + "TipoComp", "")
        data = block.find(CFE + "RsmnData")
        if data is not None:
            yield from _summary(tipo, data)


def _summary(tipo: str, data: etree._Element) -> Iterator[Check]:
    counts = {name: _count(data.findtext(CFE + name)) for name in ("CantDocsUtil", "CantDocsAnulados", "CantDocsEmi")}
    if data.find(CFE + "CantDocsUtil") is None:
        return
    if counts["CantDocsEmi"] != counts["CantDocsUtil"] - counts["CantDocsAnulados"]:
        yield mal(f"tipo {tipo}", "CantDocsEmi no es CantDocsUtil menos CantDocsAnulados")
    for group, item, count in (("RngDocsUtil", "RDU_Item", "CantDocsUtil"),
                               ("RngDocsAnulados", "RDA_Item", "CantDocsAnulados")):  # fmt: skip
        ranges = data.findall(f"{CFE}{group}/{CFE}{item}")
        total = sum(_count(node.findtext(CFE + "NroHasta")) - _count(node.findtext(CFE + "NroDesde")) + 1
                    for node in ranges)  # fmt: skip
        if ranges and total != counts[count]:
            yield mal(f"tipo {tipo}", f"{count} dice {counts[count]} y sus rangos suman {total}")


def audit_answer(received: Received) -> Iterator[Check]:
    """What an answer of DGI or of a receiver decided; a refusal of theirs is no fault of the file."""
    for node in received.tree.iter(CFE + "Estado"):
        estado = (node.text or "").strip()
        parent = node.getparent()
        about = {} if parent is None else _texts(parent)
        slug = "-".join(filter(None, (about.get("TipoCFE"), about.get("Serie"), about.get("NroCFE"))))
        words = f"{estado}, {remedies.ESTADO[estado].que if estado in remedies.ESTADO else 'estado desconocido'}"
        why = [_texts(reason) for reason in (parent.iter(CFE + "MotivosRechazo", CFE + "MotivosRechazoCF")
                                             if parent is not None else ())]  # fmt: skip
        reasons = "; ".join(f"{one.get('Motivo', '')} {one.get('Glosa', '')} {one.get('Detalle', '')}".strip()
                            for one in why)  # fmt: skip
        text = f"{slug + ': ' if slug else ''}{words}{': ' + reasons if reasons else ''}"
        yield (aviso if estado.startswith("B") else ok)("estado", text)


def signed_at(received: Received) -> datetime | None:
    """When a CAE, a report or an answer says that it was signed; None where that cannot be told."""
    for name in ("TmstFirmaEnv", "Tmst", "TmstFrma"):
        for node in received.tree.iter(CFE + name):
            try:
                moment = datetime.fromisoformat((node.text or "").strip())
            except ValueError:
                return None
            return moment if moment.tzinfo else moment.replace(tzinfo=Uruguay.zone)
    return None


def _texts(node: etree._Element) -> Mapping[str, str]:
    return {etree.QName(child).localname: (child.text or "").strip() for child in node}


def _count(text: str | None) -> int:
    digits = (text or "").strip()
    return int(digits) if digits.isdecimal() and len(digits) <= _DIGITS else 0


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
