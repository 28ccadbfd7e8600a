"""Everything that eats bytes from outside, each with good ones of ours to begin with, and what must hold of any."""

# ruff: noqa: E501 - a shape is read best on one line

import base64
import gzip
import json
import os
import re
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime
from email.message import EmailMessage
from functools import cache, partial
from hashlib import sha256

from actividad import actividad
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from hunt import Target
from lxml import etree
from surroundings import NOW, PROJECT, a_house, an_identity, dgi, private_folder

from sincronizador import web
from sincronizador.authorities.dgi import ISSUERS, SEND_SOBRE, TAXPAYER, Dgi, Service, Services
from sincronizador.authorities.door import Fault
from sincronizador.authorities.intercambio import TAKEN, Intercambio
from sincronizador.authorities.soap import StrangeError, answer
from sincronizador.cli import checkup
from sincronizador.cli.installation import RUT
from sincronizador.cli.verification import Means, inspect
from sincronizador.core.answer import Answer, Block, First
from sincronizador.core.emitido import Anexo
from sincronizador.core.numbering import Folio, Rango
from sincronizador.core.receipt import Attempt, HandOver, Standing
from sincronizador.core.signature import SignaturePlan
from sincronizador.countries.uy import acks, consultas
from sincronizador.countries.uy.cae import parse_cae
from sincronizador.countries.uy.rates import parse_rates
from sincronizador.countries.uy.received import take_apart
from sincronizador.countries.uy.resumen import Resumen
from sincronizador.countries.uy.sobre import compose_sobre_empresas
from sincronizador.countries.uy.taxpayer import parse_taxpayer
from sincronizador.daemon import assembly
from sincronizador.engine import validation
from sincronizador.errors import NeedsOperator, SincronizadorError, Unanswered
from sincronizador.folders.answers import LINE_BYTES, parse_answer, render
from sincronizador.folders.origin import Origin, origin_of
from sincronizador.formats.whole import first_section, missing
from sincronizador.journal import mark
from sincronizador.lock import Lock
from sincronizador.nube import bodies, reception
from sincronizador.nube.configuration import load as load_cloud
from sincronizador.nube.enclosures import MOST_PARTS, open_letter
from sincronizador.nube.troubles import Trouble
from sincronizador.nube.watermark import read_watermark
from sincronizador.printing.commands import commands
from sincronizador.printing.escpos import encode
from sincronizador.printing.paper import Paper
from sincronizador.providers.open_api import OpenApi
from sincronizador.settings import load
from sincronizador.signing.certificate import load_certificate, load_pkcs12, problems, to_pkcs12
from sincronizador.signing.identity import sign_cae
from sincronizador.signing.verify import verify
from sincronizador.signing.wsse import Seal, open_envelope
from sincronizador.signing.xmldsig import XmlSigner

MAPPINGS = PROJECT / "config" / "mapeos"
GOLDENS = PROJECT / "tests" / "goldens"
STANDING = Standing(epoch=3, server_epoch="s1")
PRINTER_ORDERS = frozenset(
    {
        b"\x1b@",
        b"\x1c.",
        b"\x1bR",
        b"\x1bt",
        b"\x1ba",
        b"\x1bE",
        b"\x1b2",
        b"\x1b3",
        b"\x1bd",
        b"\x1d!",
        b"\x1dV",
        b"\x1d(",
    }
)
"""What a page may tell a printer; all of them are written by us."""
_FIELD = re.compile(rb"[^=\r\n]+=[^\r\n]*")
_SECTION = re.compile(rb"\[[^\r\n]*\]")


def dropped(name: str, content: bytes) -> None:
    """A file as if it had been dropped: read, judged by the law, told, printed, and answered."""
    house = a_house()
    missing(content, xml=name.endswith(".xml"))
    first_section(content)
    with house.journal.reading() as db:
        checked = validation.validate(house, db, name, content, NOW)
        is_told(name, content, checked)
        for document in checked.documents[:3]:
            blocks = (Block("RESPUESTA", (("REFERENCIA", document.referencia),)), *map(_block, checked.findings))
            is_an_answer(render(Answer(first=First.OK, blocks=blocks, encoding=checked.encoding or "ascii")))
            if document.specimen is not None:
                is_printed(encode(validation.ticket(house, document.specimen), Paper(columns=48)))


def is_told(name: str, content: bytes, checked: validation.Checkup) -> None:
    """Every finding has a sentence, and the lines told are in the file."""
    lines = content.count(b"\n") + content.count(b"\r") + content.count(b"\n\0") + 2
    assert all(finding.message for finding in checked.findings)
    assert all(finding.line is None or 0 < finding.line <= lines for finding in checked.findings), checked.findings
    list(checkup.told(name, checked, content, lambda _: ""))
    json.dumps(checkup.facts(name, checked, lambda _: "")).encode()


def is_an_answer(page: bytes) -> None:
    """Nothing that was dropped makes a line, a section or a field of its own."""
    first, *lines = page.removesuffix(b"\r\n").split(b"\r\n")
    assert first in (b"OK", b"PENDIENTE", b"ERROR")
    assert all(_FIELD.fullmatch(line) or _SECTION.fullmatch(line) for line in lines), lines
    assert all(len(line) <= LINE_BYTES - 2 for line in lines)
    assert not re.search(rb"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f]", page)


def is_printed(page: bytes) -> None:
    """Nothing that was dropped gives the printer orders."""
    given = [command.name for command in commands(page) if command.name and command.name != b"\n"]
    assert set(given) <= PRINTER_ORDERS, set(given) - PRINTER_ORDERS
    assert given.count(b"\x1b@") == 1
    assert given.count(b"\x1dV") == 1


def _block(finding) -> Block:
    return Block("ERROR.1", (("CODIGO", finding.code), ("MENSAJE", finding.message), ("VALOR", finding.value or "")))


def goldens(ending: str) -> list[bytes]:
    return [path.read_bytes() for path in sorted(GOLDENS.glob(f"*/*{ending}"))]


@cache
def signed_document() -> bytes:
    """A CFE of ours."""
    country = a_house().country
    text = (GOLDENS / "uy" / "0001-101-contado.txt").read_bytes()
    from sincronizador.formats.read import read

    request = country.read(read(text, vocabulary=country.vocabulary, from_xml=country.from_xml).sections, NOW.date())
    rango = Rango(id="90260000001", tipo=101, serie="A", desde=1, hasta=1000, vence=date(2028, 11, 21))
    document = country.complete(country.draft(request, {}), Folio(rango=rango, numero=7), NOW)
    return XmlSigner(an_identity(), embed_certificate=True).sign(document, SignaturePlan())


def drafts() -> list[bytes]:
    """What a caller sends: our documents without what is added when they are numbered."""
    country = a_house().country
    return [country.draft_of(signed) for signed in goldens(".cfe.xml")] + dgi("examples/1??_*.xml")


def envelopes() -> list[bytes]:
    own = signed_document()
    around = (
        b'<EnvioCFE xmlns="http://cfe.dgi.gub.uy" version="1.0"><Caratula version="1.0"><CantCFE>1</CantCFE></Caratula>'
    )
    return [own, around + own + b"</EnvioCFE>", *dgi("dgi/*.xml", "examples/*.xml")]


def looked_at(content: bytes) -> None:
    """A document of a stranger: whatever is wrong with it is a line."""
    found = inspect(content, "x.xml", Means(today=NOW.date(), qr="x"))
    assert found.titulo
    assert all(check.texto for check in found.checks)


@cache
def dialect(name: str):
    return assembly.make_dialect(str(MAPPINGS / f"{name}.toml"))


def mapped(toml: str, name: str, content: bytes) -> None:
    """A file of another program."""
    own = dialect(toml)
    lack = own.missing(content)
    assert lack is None or lack
    own.read(content, name)
    dropped(name, content)


def mapping(toml: str, *names: str, words: Sequence[bytes] = ()) -> Target:
    return Target(
        name=f"mapeo {toml}",
        seeds=lambda: [(MAPPINGS / name).read_bytes() for name in names],
        eat=partial(mapped, toml, names[0]),
        words=tuple(words),
    )


def in_a_file(eat: Callable[[str], object], name: str) -> Callable[[bytes], None]:
    """For what reads a file by its name."""

    def eaten(content: bytes) -> None:
        path = private_folder() / name
        path.write_bytes(content)
        eat(str(path))

    return eaten


class Saying:
    """A carrier that always brings the same answer."""

    def __init__(self, response: web.Response) -> None:
        self._response = response

    def request(self, *_: object, **__: object) -> web.Response:
        return self._response


def told_by_a_cloud(content: bytes) -> None:
    """An answer to every question; its first line is the status."""
    status, _, body = content.partition(b"\n")
    headers = {"content-type": "application/json", "sincronizador-server-epoch": "s1", "retry-after": "7"}
    code = int(status) if status.isdigit() and len(status) == 3 else 200
    cloud = OpenApi(Saying(web.Response(status=code, headers=headers, body=body)), "t")
    over = HandOver(
        attempt=Attempt(3, 2), lease="", serie="A", numero=12, signed=b"<CFE/>", anexo=Anexo(), signed_at=NOW,
    )  # fmt: skip
    for ask in (
        lambda: cloud.submit("V1", b"{}", STANDING), lambda: cloud.find("V1", STANDING),
        lambda: cloud.confirm("V1", 12, "x", STANDING), lambda: cloud.hand_over("V1", over, STANDING),
        lambda: cloud.void("V1", Attempt(3, 2), "x", STANDING), lambda: cloud.changes("", 9, STANDING),
        lambda: cloud.certificates(STANDING), lambda: cloud.health(STANDING),
        lambda: cloud.raise_epoch("m", 2, STANDING), lambda: cloud.recovered((), STANDING),
        lambda: cloud.leases(STANDING), lambda: cloud.take(101, "1", 9, "llave-larga", STANDING),
        lambda: cloud.held("1", 1, 2, STANDING), lambda: cloud.close("l", (), (), STANDING),
        lambda: cloud.taxpayer("211428940011"),
    ):  # fmt: skip
        with suppress(SincronizadorError):
            moments_can_be_told(ask())


def moments_can_be_told(value: object) -> None:
    """What a cloud says of time can be written in any zone."""
    for name in getattr(value, "__slots__", ()):
        found = getattr(value, name)
        if isinstance(found, datetime):
            found.astimezone(UTC)
        else:
            for one in found if isinstance(found, tuple) else (found,):
                moments_can_be_told(one)


def cloud_answers() -> list[bytes]:
    signed = b"<CFE/>"
    document = {
        "key": "V1", "kind": "documento", "attempt": {"epoch": 3, "counter": 2}, "state": "prepared", "doc_type": 101,
        "series": "A", "number": 12, "signed_xml": base64.b64encode(signed).decode(), "extra": False,
        "sha256": sha256(signed).hexdigest(), "content_sha256": "c0", "signed_at": "2026-11-21T12:00:00-03:00",
        "epoch": 3, "signed_by": "cloud", "annex": {"adenda": "ñ", "correo": ""}, "authority": None,
    }  # fmt: skip
    cae = {"id": "9", "from": 1, "to": 100, "expires": "2028-11-21", "special": None, "reason": None}
    lease = {
        "lease": "l", "cae": cae, "doc_type": 101, "series": "A", "from": 5, "to": 9, "held": False, "closed": True,
    }  # fmt: skip
    health = {
        "status": "ok", "detail": "", "time": "2026-11-21T15:00:00Z", "environment": "prueba", "server_epoch": "s1",
        "contingency": {"allowed": True, "reason": ""}, "min_client": "0.1", "installation": {"epoch": 3},
        "recovering_since": "2026-11-21T15:00:00Z",
    }  # fmt: skip
    taxpayer = {
        "rut": "211428940011", "name": "Ñ", "status": "ACTIVO", "since": "2001-05-02", "phones": ["2400"],
        "emails": [], "activities": ["PAN"], "source": "CACHE", "asked_at": "2026-11-21T12:00:00-03:00",
        "offline": True,
    }  # fmt: skip
    error = {"error": {"code": "x", "message": "No.", "details": [{"field": "A", "rule": "B", "message": "C"}]}}
    pages = (
        document, lease, health, {"documents": [document, document], "cursor": "c", "more": False},
        {"leases": [lease], "types": [101]}, {"certificates": ["AAAA"]}, {"epoch": 4}, {"state": "voided"}, taxpayer,
    )  # fmt: skip
    bad = [f"{code}\n".encode() + json.dumps(error).encode() for code in (400, 404, 409, 410, 422, 425, 429, 500, 503)]
    return [b"200\n" + json.dumps(page).encode() for page in pages] + bad


def over_http(content: bytes) -> None:
    """What a server sends, whatever it is: an answer, or one of three verdicts."""
    ours, theirs = socket.socketpair()
    with theirs:
        theirs.setblocking(False)
        sent = theirs.send(content)
        theirs.shutdown(socket.SHUT_WR)
        http = web.Http("http://nube.invalid")
        web_connected, web._connected = web._connected, lambda *_: ours
        try:
            answer = http.request("GET", "/v1/health", {}, None, 2.0, limit=2_000)
            assert len(answer.body) <= min(2_000, sent)
        finally:
            web._connected = web_connected
            http.close()
            ours.close()


def told_by_dgi(content: bytes) -> None:
    """What comes in DGI's place, status first: its signed word, or one of three verdicts."""
    status, _, body = content.partition(b"\n")
    code = int(status) if status.isdigit() and len(status) == 3 else 200
    service = Service(carrier=Saying(web.Response(status=code, headers={}, body=body)), path="/")
    services = Services(reception=service, queries=service, taxpayers=service)
    client = Dgi(services, lambda content: content, open_envelope, ruc=RUT)
    for ask in (
        lambda: client.send_sobre(b"<a/>"), client.issuers, lambda: client.taxpayer(RUT),
        lambda: client.report_answer("1"),
    ):  # fmt: skip
        with suppress(SincronizadorError):
            said = ask()
            assert isinstance(said, Fault) or etree.fromstring(said) is not None


def read_of_dgi(content: bytes) -> None:
    """The Body of a message as if its signature were good."""
    for operation in (SEND_SOBRE, ISSUERS, TAXPAYER):
        with suppress(StrangeError):
            said = answer(content, operation)
            assert isinstance(said, Fault) or etree.fromstring(said) is not None


def bodies_of_dgi() -> list[bytes]:
    inner = "&lt;?xml version='1.0' encoding='ISO-8859-1'?>&lt;ACKSobre>ñ&lt;/ACKSobre>"
    fault = (
        '<s:Fault xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><faultcode>s:Client</faultcode><faultstring>no'
        '</faultstring><detail><GenericFault xmlns="http://dgi.gub.uy/faults"><Respuestas><Respuesta><Codigo>11</Codigo>'
        "<Descripcion>x</Descripcion></Respuesta></Respuestas></GenericFault></detail></s:Fault>"
    )
    name, efactura = "WS_eFactura.EFACRECEPCIONSOBREResponse", 'xmlns="http://dgi.gub.uy"'
    typed = "WS_eFactura_Consultas.EFACCONSULTARRUCEMISORESResponse"
    relative = "WS_PersonaGetActEmpresarial.ExecuteResponse"
    return [
        body.encode()
        for body in (
            f"<{name} {efactura}><Dataout><xmlData>{inner}</xmlData></Dataout></{name}>",
            f"<{typed} {efactura}><Rucemisoresmail><Item><RUC>1</RUC></Item></Rucemisoresmail></{typed}>",
            f'<{relative} xmlns="DGI_Modernizacion_Consolidado"><Data>{inner}</Data></{relative}>',
            fault,
        )
    ]


def in_a_body(body: bytes) -> bytes:
    return b'<s:Body xmlns:s="http://schemas.xmlsoap.org/soap/envelope/">' + body + b"</s:Body>"


def messages_of_dgi() -> list[bytes]:
    return [b"200\n" + Seal(an_identity()).seal(body) for body in bodies_of_dgi()]


def told_by_a_receiver(content: bytes) -> None:
    """What comes in the place of a receiver's web service, status first: taken, refused, or nobody knows."""
    status, _, body = content.partition(b"\n")
    code = int(status) if status.isdigit() and len(status) == 3 else 200
    service = Service(carrier=Saying(web.Response(status=code, headers={}, body=body)), path="/")
    with suppress(Unanswered):
        said = Intercambio(service, lambda inside: inside).send_sobre(b"<a/>")
        assert said is None or said.code != TAKEN


def messages_of_receivers() -> list[bytes]:
    name = "WS_eFactura_Intercambio.SOBREResponse"
    told = [
        f'<{name} xmlns="http://dgi.gub.uy"><Dataout><xmlData>&lt;Respuestas&gt;&lt;Respuesta&gt;&lt;Codigo&gt;{code}&lt;/Codigo&gt;'
        f"&lt;Descripcion&gt;x&lt;/Descripcion&gt;&lt;/Respuesta&gt;&lt;/Respuestas&gt;</xmlData></Dataout></{name}>".encode()
        for code in (0, 1000)
    ]
    around = b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/">'
    return [b"200\n" + around + in_a_body(one) + b"</s:Envelope>" for one in (*told, *bodies_of_dgi())]


def a_letter(content: bytes) -> None:
    """What a stranger mailed: every XML in it judged as a sobre, what is not looked at told."""
    opened = open_letter(content, "carta.eml")
    assert len(opened.xmls) <= MOST_PARTS
    assert all(one.name == os.path.basename(one.name) and one.name.isascii() for one in opened.xmls)
    assert "\n" not in opened.reply_to
    for one in opened.xmls[:3]:
        with suppress(SincronizadorError):
            a_sobre(one.content)


def a_sobre(content: bytes) -> None:
    """The sobre of another company: judged, each refusal with a code of DGI's tables."""
    found = take_apart(content)
    try:
        caratula = reception.read_caratula(found, "x.xml")
    except ValueError:
        return
    verdict = reception.judge(found, caratula, reception.Means(now=NOW, environment="prueba"))
    assert all(re.fullmatch(r"S\d\d", motivo.codigo) for motivo in verdict.motivos)
    for cfe in verdict.cfes:
        assert cfe.motivos or cfe.emitido is not None
        assert all(re.fullmatch(r"E\d\d", motivo.codigo) for motivo in cfe.motivos)


@cache
def sobres() -> tuple[bytes, ...]:
    """Ours, to another company."""
    der = an_identity().certificate.der
    made = compose_sobre_empresas(
        [(signed_document(), "ñ")], ruc_emisor=RUT, ruc_receptor="211428940011", idemisor=7, fecha=NOW, certificate=der
    )
    return (made, *dgi("examples/*obre*.xml"))


def letters() -> list[bytes]:
    message = EmailMessage()
    message["From"], message["Subject"] = "Proveedor <cfe@proveedor.com.uy>", "Sus comprobantes"
    message.set_content("Adjuntamos.")
    message.add_attachment(sobres()[0], maintype="application", subtype="xml", filename="Sob_1.xml")
    around = EmailMessage()
    around.set_content("Va.")
    around.add_attachment(message)
    return [message.as_bytes(), around.as_bytes(), sobres()[0]]


def a_taxpayer(content: bytes) -> None:
    """DGI's document about a taxpayer."""
    found = parse_taxpayer(content)
    assert found.rut
    assert all("\n" not in text for text in (found.razon_social, found.direccion, *found.giros))


HTTP = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nX: y\r\n\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\n\r\n",
    b"HTTP/1.0 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 10\r\n\r\n\x1f\x8b\x08\0\0\0\0\0\0\x03",
    b"HTTP/1.1 204 No Content\r\nSet-Cookie: a=b\r\n\r\n",
)

BODIES = (
    bodies.Submission, bodies.Validation, bodies.Confirmation, bodies.HandOver, bodies.Voiding, bodies.LeaseWish,
    bodies.HeldRange, bodies.LeaseEnd, bodies.EpochWish, bodies.Recovery, bodies.IssuerFacts, bodies.InstallationWish,
    bodies.CertificateFile, bodies.CaeFile, bodies.Annulment, bodies.Cause,
)  # fmt: skip


def asked_of_a_cloud(content: bytes) -> None:
    """A body of the wire: parsed, or a 400 that can be written."""
    for kind in BODIES:
        try:
            bodies.parse(kind, content)
        except Trouble as trouble:
            json.dumps(trouble.body).encode()


def cloud_bodies() -> list[bytes]:
    attempt, digest = {"epoch": 1, "counter": 1}, "0" * 64
    return [
        json.dumps(one).encode()
        for one in (
            {
                "attempt": attempt, "country": "uy", "issuer": RUT, "branch": "1", "terminal": "1", "doc_type": 101,
                "payload": "<CFE/>", "annex": {"adenda": "", "correo": ""}, "sha256": digest,
            },
            {
                "attempt": attempt, "lease": None, "series": "A", "number": 1, "signed_xml": "AAAA",
                "annex": {"adenda": "", "correo": ""}, "signed_at": "2026-11-21T12:00:00-03:00", "sha256": digest,
                "contingency": {"started_at": "2026-11-21T12:00:00-03:00", "reason": "x"},
            },
            {"number": 1, "sha256": digest}, {"attempt": attempt, "reason": "x"}, {"used": [1], "voided": [2]},
            {"doc_type": 101, "branch": "1", "size": 9}, {"cae": "90", "from": 1, "to": 2}, {"machine": "m", "from": 1},
            {"numbers": [{"doc_type": 101, "series": "A", "number": 1}]},
        )
    ]  # fmt: skip


def a_certificate(content: bytes) -> None:
    """DER or PEM."""
    problems(load_certificate(content), rut=RUT, ambiente="prueba", now=NOW)


def certificates() -> list[bytes]:
    der = an_identity().certificate.der
    return [der, x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM)]


def a_cae(content: bytes) -> None:
    """The file, and its signature."""
    with suppress(SincronizadorError):
        verify(content)
    parse_cae(content)


READERS = (
    acks.parse_ack_sobre, acks.parse_ack_cfe, acks.parse_ack_report, acks.parse_rechazos, consultas.parse_estado_cfe,
    consultas.parse_envios_sobre, consultas.parse_envios_reporte, consultas.parse_respuesta_reporte,
    lambda content: list(consultas.parse_emisores(content)),
)  # fmt: skip


def an_answer_of_dgi(content: bytes) -> None:
    """Read as every kind that there is; none but one can be it."""
    for reader in READERS:
        with suppress(SincronizadorError):
            reader(content)


def answers_of_dgi() -> list[bytes]:
    motivo = acks.Motivo(codigo="E05", glosa="No cumple", detalle="x")
    about = {"ruc_receptor": RUT, "ruc_emisor": RUT, "id_respuesta": 1, "id_emisor": 2, "id_receptor": 3,
             "recibido": NOW, "firmado": NOW}  # fmt: skip
    asked = acks.Consulta(token="VG9rZW4=", desde=NOW)
    cfe = acks.CfeAck(ordinal=1, tipo=101, serie="A", numero=1, estado="BE", motivos=(motivo,))
    state = "<EstadoCFE>AE</EstadoCFE><IdEmisor>1</IdEmisor><IdReceptor>2</IdReceptor>"
    report = "<DatosReporte><IdReceptor>1</IdReceptor><Estado>AR</Estado></DatosReporte>"
    packed = base64.b64encode(gzip.compress(b"<RucEmisores><x><RUC>217777770013</RUC></x></RucEmisores>")).decode()
    service = {
        "Ackconsultaestadocfe": state,
        "Ackconsultaenviosreporte": f"<ColeccionDatosReporte>{report}</ColeccionDatosReporte>",
        "Rucemisoresmailcomprimido": packed,
    }
    return [
        acks.compose_ack_sobre(acks.AckSobre(**about, estado="AS", consulta=asked)),
        acks.compose_ack_cfe(acks.AckCfe(**about, en_sobre=1, cfes=(cfe,))),
        *(f'<{name} xmlns="http://dgi.gub.uy">{text}</{name}>'.encode() for name, text in service.items()),
    ]


def a_table_of_rates(content: bytes) -> None:
    """What is wrong with it is told by line, and then nothing of it is taken."""
    found = parse_rates(content)
    assert all(finding.message and finding.line for finding in found.findings)
    assert all(rate > 0 for rate in found.rates.values())


def counted(content: bytes) -> None:
    """A signed document in the report of its day: counted whole or not at all."""
    day = Resumen(emisor=RUT, day=NOW.date(), firmado=NOW, rates={}, ui={})
    try:
        day.add(content)
    except (SincronizadorError, ValueError):
        assert day.comprobantes == 0
        return
    assert day.comprobantes == 1


def caes() -> list[bytes]:
    rango = Rango(id="90260000001", tipo=101, serie="A", desde=1, hasta=1000, vence=date(2028, 11, 21))
    own = sign_cae(an_identity(), rango, rut=RUT, autorizado=date(2026, 11, 21))
    return [own, *dgi("dgi/*CAE*.xml", "examples/*CAE*.xml")]


def a_lock(path: str) -> None:
    """What is in the file of somebody's lock names him, or does not."""
    held, second = Lock(path), Lock(path)
    with open(path, "rb") as file:
        content = file.read()
    held.take(NOW)
    with open(path, "wb") as file:
        file.write(content)
    try:
        with suppress(NeedsOperator):
            second.take(NOW)
            raise AssertionError("two of them")
    finally:
        held.release()


def a_watermark(path: str) -> None:
    """The mark of a base is one that can be compared, or none."""
    found = read_watermark(path)
    if found is not None:
        found.is_ahead_of(found)
        assert found.seq < found.seq + 1 + found.restores


def answers() -> list[bytes]:
    """The goldens with the ends of line that are sent."""
    return [content.replace(b"\n", b"\r\n") for content in goldens(".rsp")]


def an_answer(content: bytes) -> None:
    """An answer read back, or a ValueError."""
    with suppress(ValueError):
        parse_answer(content)


def a_name(content: bytes) -> None:
    """A name that was dropped is found again in the claimed one, and no name leaves its folder."""
    name = os.fsdecode(content.replace(b"/", b"").replace(b"\0", b""))[:150] + ".txt"
    for till in ("", "CAJA1", "~e0~", name[:8]):
        if till and ("/" in till or not till):
            continue
        claimed = Origin(name=name, till=till, only_check=False).claimed("0123456789ab")
        assert "/" not in claimed
        found = origin_of(claimed)
        assert found is not None
        assert (found.name, found.till) == (name, till) or len(os.fsencode(name)) > 200
    origin_of(os.fsdecode(content))


def a_mark(path: str) -> None:
    """The mark beside the journal."""
    found = mark.read(path)
    assert found is None or isinstance(found.last, int)


XML_WORDS = (
    b"<CFE>", b"<eTck>", b"<Item>", b"<Detalle>", b"<Totales>", b"<MntPagar>", b"<NomItem>", b"<Adenda>", b"</CFE>",
    b'xmlns="http://cfe.dgi.gub.uy"', b"<Signature>", b'<?xml version="1.0" encoding="utf-16"?>', b"encoding='punycode'",
)  # fmt: skip
MAIL_WORDS = (
    b"Content-Type: multipart/mixed; boundary=x\n", b"Content-Type: message/rfc822\n", b"\n\n", b"--x\n", b"--x--\n",
    b"Content-Transfer-Encoding: base64\n", b"Content-Transfer-Encoding: quoted-printable\n", b"=?utf-8?b?w7E=?=",
    b"=?x-unknown?q?a?=", b'filename="../../etc/passwd.xml"', b"filename*=utf-8''%C3%B1.xml", b"charset=rot13", b"From: a\n",
    b"Content-Type: application/xml\n", b"PK\x03\x04",
)  # fmt: skip
SOAP_WORDS = (
    b"<soapenv:Body>", b"</soapenv:Body>", b'wsu:Id="cuerpo"', b"<ds:Reference>", b"<Respuestas>", b"<Codigo>105</Codigo>",
    b'xmlns:dgi="', b'xmlns=""', b"<![CDATA[", b"]]>", b"<!DOCTYPE a>", b"<detail>", b'PrefixList="soapenv #default"',
)  # fmt: skip
TXT_WORDS = tuple(
    word.encode()
    for word in (
        "[DOCUMENTO]\n", "[ITEM]\n", "[TOTALES]\n", "[ADENDA]\n", "[LOTE]\n", "[RETIRAR]\n", "[ANULAR]\n", "[FIN]\n",
        "[CONSULTA]\n", "[CONSULTA_RUT]\n", "[REIMPRIMIR]\n", "[RECEPTOR]\n", "[REFERENCIA]\n", "[PAGO]\n", "[DESCUENTO]\n", "TIPO=111\n",
        "REFERENCIA=", "CANTIDAD=2\n", "TODO_O_NADA=SI\n", "DECIMAL=COMA\n", "IVA=", "A_PAGAR=", "MONEDA=USD\n",
    )
)  # fmt: skip
JSON_WORDS = (
    b'{"a":',
    b'"signed_xml":',
    b'"number":',
    b'"details":[',
    b'"more":true',
    b'"\\ud800"',
    b"1e999",
    b"[" * 900,
)
SIGNS = (b"|", b";", b",", b'"', b"\r\n", b"->", b"<-", b"\t")

TARGETS: tuple[Target, ...] = (
    Target(name="txt", seeds=lambda: goldens(".txt"), eat=partial(dropped, "V1.txt"), words=TXT_WORDS),
    Target(name="xml", seeds=drafts, eat=partial(dropped, "V1.xml"), words=XML_WORDS),
    Target(name="verificar-xml", seeds=envelopes, eat=looked_at, words=XML_WORDS),
    mapping("clipper", "clipper.pip", words=SIGNS),
    mapping("cobol", "LOTE0412.DAT"),
    mapping("secciones", "venta-774.plano", words=SIGNS),
    mapping("odoo-csv", "sale.order-2026-11-21.csv", words=SIGNS),
    mapping("odoo-xlsx", "sale.order-2026-11-21.xlsx", words=(b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06")),
    mapping("handy", "pedidos-20261121.json", words=JSON_WORDS),
    mapping("erp-xml", "factura-20417.xml", words=XML_WORDS),
    mapping("efactshell", "eFacturaInfo_12_2026-11-21_1795266000000.txt", words=SIGNS),
    Target(
        name="toml de un mapeo",
        seeds=lambda: [path.read_bytes() for path in sorted(MAPPINGS.glob("*.toml"))],
        eat=in_a_file(assembly.make_dialect, "mapeo.toml"),
        words=(b"[[seccion]]\n", b"[seccion.campos]\n", b"[forma]\n", b"[tabla.t]\n", b"[respuesta]\n", b"{ ", b" }"),
    ),
    Target(
        name="toml de una instalación",
        seeds=lambda: [(PROJECT / "config" / "sincronizador.toml").read_bytes()],
        eat=in_a_file(load, "sincronizador.toml"),
        words=(b"[emisor]\n", b"[nube]\n", b"[impresora.X]\n", b"[ui]\n", b"= [", b"[[libreta]]\n", b"true", b"1979-05-27"),
    ),
    Target(
        name="toml de la nube",
        seeds=lambda: [(PROJECT / "config" / "nube.toml").read_bytes()],
        eat=in_a_file(load_cloud, "nube.toml"),
        words=(b"[limites]\n", b"[administracion]\n", b"base = ", b"sqlite:///x", b"postgresql://x"),
    ),
    Target(name="respuestas de la nube", seeds=cloud_answers, eat=told_by_a_cloud, words=JSON_WORDS),
    Target(name="mensajes de DGI", seeds=messages_of_dgi, eat=told_by_dgi, words=SOAP_WORDS),
    Target(
        name="cuerpos de DGI", seeds=lambda: [in_a_body(one) for one in bodies_of_dgi()], eat=read_of_dgi, words=SOAP_WORDS
    ),
    Target(name="servicio de un receptor", seeds=messages_of_receivers, eat=told_by_a_receiver, words=SOAP_WORDS),
    Target(name="sobre de otra empresa", seeds=lambda: list(sobres()), eat=a_sobre, words=(b"<Caratula>", b"<Idemisor>", *XML_WORDS)),
    Target(name="carta", seeds=letters, eat=a_letter, words=MAIL_WORDS),
    Target(
        name="contribuyente", seeds=lambda: [actividad().encode("iso-8859-1")], eat=a_taxpayer,
        words=(b"<RUT>", b"<Contactos>", b"<DomCtt_Val>", *XML_WORDS),
    ),
    Target(
        name="http",
        seeds=lambda: HTTP,
        eat=over_http,
        words=(b"\r\n\r\n", b"Content-Length: ", b"Transfer-Encoding: chunked\r\n", b"HTTP/1.1 ", b"0\r\n\r\n", b"ffffffff\r\n"),
    ),
    Target(name="pedidos a la nube", seeds=cloud_bodies, eat=asked_of_a_cloud, words=JSON_WORDS),
    Target(name="CAE", seeds=caes, eat=a_cae, words=(b"<DA>", b"<NA>", b"<FVD>", b"<Serie>", *XML_WORDS)),
    Target(
        name="respuestas de DGI", seeds=answers_of_dgi, eat=an_answer_of_dgi,
        words=(b"<Estado>", b"<ParamConsulta>", b"<RUC>", b"H4sI", b"<![CDATA[", *XML_WORDS),
    ),
    Target(
        name="cotizaciones", seeds=lambda: [b"fecha;moneda;cotizacion\n20/11/2026;USD;39,8512\n"], eat=a_table_of_rates,
        words=(b";", b"USD", b"20261120", b"\n", b"1,0"),
    ),
    Target(name="reporte diario", seeds=lambda: [signed_document()], eat=counted, words=XML_WORDS),
    Target(name="firma", seeds=lambda: [signed_document()], eat=verify, words=XML_WORDS),
    Target(name="PKCS#12", seeds=lambda: [to_pkcs12(an_identity(), b"x")], eat=lambda content: load_pkcs12(content, b"x")),
    Target(name="certificado", seeds=certificates, eat=a_certificate, words=(b"-----BEGIN CERTIFICATE-----\n",)),
    Target(
        name="marca", seeds=lambda: [b'{"machine": "m", "last": 7}\n'], eat=in_a_file(a_mark, "marca"), words=JSON_WORDS
    ),
    Target(
        name="marca de la nube",
        seeds=lambda: [b'{"identity": "i", "server_epoch": "s", "restores": 0, "seq": 7}\n'],
        eat=in_a_file(a_watermark, "marca-nube"),
        words=JSON_WORDS,
    ),
    Target(
        name="traba",
        seeds=lambda: [b'{"pid": 7, "maquina": "m", "desde": "2026-11-21T12:00:00-03:00"}'],
        eat=in_a_file(a_lock, "traba"),
        words=JSON_WORDS,
    ),
    Target(name="respuestas", seeds=answers, eat=an_answer, words=(b"=", b"[X]", b".2=", b".9999999999=")),
    Target(name="nombres", seeds=lambda: [b"V1~e0123456789ab~CAJA1", b"LATIDO"], eat=a_name, words=(b"~e", b"~", b".")),
)  # fmt: skip
