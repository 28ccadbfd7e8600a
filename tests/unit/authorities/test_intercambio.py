"""The client of receivers' web services: what it asks, letter by letter, and what it makes of the answers."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from loopback_office import EFACTURA, Office, fault, texts, unsigned
from lxml import etree

from sincronizador.authorities.door import Exchange, Fault
from sincronizador.authorities.intercambio import RECHAZOS, SOBRE, address_of
from sincronizador.core.signature import Digest
from sincronizador.errors import NeedsOperator, Unanswered, Unavailable
from sincronizador.nube.configuration import Correo
from sincronizador.nube.post import Post
from sincronizador.signing.certificate import Identity

SOBRE_XML = '<?xml version="1.0" encoding="UTF-8"?>\n<EnvioCFE_entreEmpresas>Ñandú & ]]&gt;</EnvioCFE_entreEmpresas>'


def told(code: int, description: str = "", detail: str = "") -> str:
    facts = f"<Codigo>{code}</Codigo><Descripcion>{description}</Descripcion><Detalle>{detail}</Detalle>"
    return f"<?xml version='1.0' encoding='utf-8'?><Respuestas><Respuesta>{facts}</Respuesta></Respuestas>"


def settings(**more: object) -> Correo:
    given = {"servidor": "localhost", "remitente": "cfe@example.com", "cifrado": "ninguno", **more}
    return Correo.model_validate(given, context="/")


@pytest.fixture
def receiver(office: Office, issuer: Identity) -> Iterator[Exchange]:
    post = Post(settings(ca_receptores=office.ca), "sha256")
    yield post.exchange(f"{office.url}/ws/aws_efactura_intercambio?wsdl", issuer)
    post.close()


def test_a_sobre_travels_whole_and_signed(office: Office, receiver: Exchange) -> None:
    office.clerk = lambda heard: (200, unsigned(texts(heard.name, told(0, "OK"))))
    assert receiver.send_sobre(SOBRE_XML.encode()) is None
    [heard] = office.heard
    assert heard.inner == SOBRE_XML
    assert (heard.path, heard.namespace) == ("/ws/aws_efactura_intercambio", EFACTURA)
    assert heard.name == "WS_eFactura_Intercambio.SOBRE"
    assert heard.headers["soapaction"] == '"http://dgi.gub.uyaction/AWS_EFACTURA_INTERCAMBIO.SOBRE"'
    assert (heard.signer, heard.digest) == ("217777770013", Digest.SHA256)


def test_rejections_have_an_operation_of_their_own(office: Office, receiver: Exchange) -> None:
    office.clerk = lambda heard: (200, unsigned(texts(heard.name, told(0))))
    assert receiver.send_rechazos(b"<CFEs_Anulados_x_RechazoDGI/>") is None
    assert office.heard[0].name == "WS_eFactura_Intercambio.NOTIFICACIONANULACIONCFE"


@pytest.mark.parametrize("code", [1000, 1001, 1002, 2000, 3002, 4002])
def test_a_code_says_why_it_was_not_taken(office: Office, receiver: Exchange, code: int) -> None:
    office.clerk = lambda heard: (200, unsigned(texts(heard.name, told(code, "No", "x"))))
    assert receiver.send_sobre(b"<a/>") == Fault(code=code, description="No", detail="x")


def test_a_signed_answer_and_a_fault_are_understood_too(office: Office, receiver: Exchange, dgi) -> None:  # type: ignore[no-untyped-def]
    office.clerk = lambda heard: (200, dgi(texts(heard.name, told(0))))
    assert receiver.send_sobre(b"<a/>") is None
    office.clerk = lambda _: (500, unsigned(fault(1002, "Firma")))
    assert receiver.send_sobre(b"<a/>") == Fault(code=1002, description="Firma", detail="")


@pytest.mark.parametrize(
    "said",
    [
        (404, b"no"),
        (200, b"<html>Bienvenido</html>"),
        (200, unsigned(b"")),
        (200, unsigned(texts("WS_eFactura_Intercambio.OTRA", told(0)))),
        (200, unsigned(texts("WS_eFactura_Intercambio.SOBRE", "<ACKSobre/>"))),
        (200, unsigned(texts("WS_eFactura_Intercambio.SOBRE", "gracias"))),
        (200, unsigned(texts("WS_eFactura_Intercambio.SOBRE", told(0)))[:-30]),
    ],
)
def test_anything_else_is_no_answer(office: Office, receiver: Exchange, said: tuple[int, bytes]) -> None:
    office.clerk = lambda _: said
    with pytest.raises(Unanswered) as raised:
        receiver.send_sobre(b"<a/>")
    assert raised.value.code == "E3707"


def test_a_server_that_nobody_vouches_for_gets_nothing(office: Office, issuer: Identity) -> None:
    with pytest.raises(NeedsOperator) as raised:
        Post(settings(), "sha256").exchange(office.url, issuer).send_sobre(b"<a/>")
    assert (raised.value.code, office.heard) == ("E3708", [])


def test_nobody_there(issuer: Identity) -> None:
    with pytest.raises(Unavailable) as raised:
        Post(settings(), "sha256").exchange("https://127.0.0.1:1/x", issuer).send_sobre(b"<a/>")
    assert raised.value.code == "E3706"


@pytest.mark.parametrize(
    ("published", "address"),
    [
        ("https://a.example/x/y?wsdl", ("https://a.example", "/x/y")),
        (" https://a.example:8443?Op=1 ", ("https://a.example:8443", "/?Op=1")),
        ("HTTPS://[::1]:9/x", ("https://[::1]:9", "/x")),
        ("http://a.example/x", ("", "")),
        ("https://u:p@a.example/", ("", "")),
        ("https://a.example:99999/", ("", "")),
        ("https://a.example/\r\nX: 1", ("", "")),
        ("https://a.example/a b", ("", "")),
        ("", ("", "")),
        ("no tiene", ("", "")),
    ],
)
def test_an_address_of_the_register(published: str, address: tuple[str, str]) -> None:
    assert address_of(published) == address


def test_the_operations_are_those_of_the_wsdl(wsdls: Path) -> None:
    wsdl = etree.parse(wsdls / "wsdl_con_WS-Security_aws_efactura_intercambio.xml")
    soap = "{http://schemas.xmlsoap.org/wsdl/soap/}operation"
    actions = {one.get("soapAction") for one in wsdl.iter(soap)}
    assert {SOBRE.action, RECHAZOS.action} <= actions
    schema = etree.XMLSchema(etree.parse(wsdls / "aws_efactura_intercambio.xsd1.xsd"))
    for operation in (SOBRE, RECHAZOS):
        asked = operation.request("<dgi:Datain><dgi:xmlData>x</dgi:xmlData></dgi:Datain>")
        schema.assertValid(etree.fromstring(asked))
