"""DGI's client: what it asks, letter by letter, and which answers it takes for DGI's word."""

import socket
import threading
from collections.abc import Callable
from datetime import date

import pytest
from loopback_office import (
    CONSOLIDADO,
    EFACTURA,
    VALIDITY,
    Heard,
    Office,
    fault,
    settings_of,
    signing,
    texts,
    unsigned,
)
from lxml import etree

from sincronizador.authorities.door import Authority, Fault
from sincronizador.core.signature import Digest
from sincronizador.errors import NeedsOperator, Unanswered, Unavailable
from sincronizador.nube.configuration import Dgi
from sincronizador.nube.offices import Offices
from sincronizador.signing.certificate import Identity
from sincronizador.signing.identity import issue
from sincronizador.signing.wsse import SOAP

Sign = Callable[[bytes], bytes]
ACK = '<ACKSobre xmlns="http://cfe.dgi.gub.uy" version="1.0"><a>Peña &amp; Cía</a></ACKSobre>'


def typed(heard: Heard, name: str, inside: str) -> bytes:
    return (
        f'<d:{heard.name}Response xmlns:d="{EFACTURA}"><d:{name}>{inside}</d:{name}></d:{heard.name}Response>'
    ).encode()


def test_a_sobre_travels_whole_and_its_acknowledgement_comes_back(office: Office, client: Authority, dgi: Sign) -> None:
    sobre = '<?xml version="1.0" encoding="UTF-8"?>\n<EnvioCFE a="1">Ñandú & ]]&gt; <![CDATA[x]]>\r\n</EnvioCFE>'
    declared = f'<?xml version="1.0" encoding="ISO-8859-1"?>\n{ACK}'
    office.clerk = lambda heard: (200, dgi(texts(heard.name, declared)))
    assert client.send_sobre(sobre.encode()) == ACK.encode()
    heard = office.heard[0]
    assert heard.inner == sobre
    assert (heard.path, heard.namespace, heard.name) == ("/r", EFACTURA, "WS_eFactura.EFACRECEPCIONSOBRE")
    assert heard.headers["soapaction"] == '"http://dgi.gub.uyaction/AWS_EFACTURA.EFACRECEPCIONSOBRE"'
    assert heard.headers["content-type"] == "text/xml; charset=utf-8"
    assert (heard.signer, heard.digest) == ("217777770013", Digest.SHA256)


def test_a_report_and_a_token_go_to_the_reception(office: Office, client: Authority, dgi: Sign) -> None:
    office.clerk = lambda heard: (200, dgi(texts(heard.name, ACK)))
    assert client.send_report(b"<Reporte/>") == ACK.encode()
    assert client.consult("4711", "Zm9v+/=&") == ACK.encode()
    report, consult = office.heard
    assert (report.path, report.name, report.inner) == ("/r", "WS_eFactura.EFACRECEPCIONREPORTE", "<Reporte/>")
    assert consult.name == "WS_eFactura.EFACCONSULTARESTADOENVIO"
    asked = etree.fromstring(consult.inner)
    assert [(one.tag, one.text) for one in asked.iter()] == [
        (f"{{{EFACTURA}}}ConsultaCFE", None),
        (f"{{{EFACTURA}}}IdReceptor", "4711"),
        (f"{{{EFACTURA}}}Token", "Zm9v+/=&"),
    ]


@pytest.mark.parametrize(
    ("ask", "name", "values", "carried"),
    [
        (
            lambda it: it.document_state(101, "A", 1234),
            "EFACCONSULTARESTADOCFE",
            [("TipoCFE", "101"), ("Serie", "A"), ("Nro", "1234")],
            "Ackconsultaestadocfe",
        ),
        (
            lambda it: it.sobres_sent(date(2026, 11, 1), date(2026, 11, 30), id_emisor=7),
            "EFACCONSULTARENVIOSSOBRE",
            [
                ("IdEmisor", "7"),
                ("IdReceptor", "0"),
                ("FechaDesde", "2026-11-01T00:00:00"),
                ("FechaHasta", "2026-11-30T23:59:59"),
            ],
            "Ackconsultaenviossobre",
        ),
        (
            lambda it: it.reports_sent(date(2026, 11, 21), secuencia=2),
            "EFACCONSULTARENVIOSREPORTE",
            [("FechaResumen", "2026-11-21"), ("Secuencia", "2"), ("IdEmisor", "0")],
            "Ackconsultaenviosreporte",
        ),
        (
            lambda it: it.issuers(date(2026, 11, 1)),
            "EFACCONSULTARRUCEMISORES",
            [
                ("Filtro_eFacDocNro", ""),
                ("Filtro_eFacDenominacion", ""),
                ("Filtro_eFacRUCEmisorAudFchHora", "2026-11-01T00:00:00"),
            ],
            "Rucemisoresmail",
        ),
    ],
)
def test_queries_are_asked_and_answered_in_elements(
    ask: Callable[[Authority], bytes | Fault],
    name: str,
    values: list[tuple[str, str]],
    carried: str,
    office: Office,
    client: Authority,
    dgi: Sign,
) -> None:
    office.clerk = lambda heard: (200, dgi(typed(heard, carried, "<d:Estado>AE</d:Estado><d:Mail>ñ</d:Mail>")))
    given = ask(client)
    assert isinstance(given, bytes)
    root = etree.fromstring(given)
    assert root.tag == f"{{{EFACTURA}}}{carried}"
    assert [one.text for one in root] == ["AE", "ñ"]
    heard = office.heard[0]
    assert (heard.path, heard.name) == ("/c", f"WS_eFactura_Consultas.{name}")
    assert heard.headers["soapaction"] == f'"http://dgi.gub.uyaction/AWS_EFACTURA_CONSULTAS.{name}"'
    assert heard.values() == values


def test_the_register_may_be_empty(office: Office, client: Authority, dgi: Sign) -> None:
    office.clerk = lambda heard: (200, dgi(typed(heard, "Rucemisoresmail", "")))
    given = client.issuers()
    assert isinstance(given, bytes)
    assert len(etree.fromstring(given)) == 0


def test_the_answer_to_a_report_is_a_document_in_a_text(office: Office, client: Authority, dgi: Sign) -> None:
    text = ACK.replace("&", "&amp;").replace("<", "&lt;")
    office.clerk = lambda heard: (200, dgi(typed(heard, "Ackrepdiario", text)))
    assert client.report_answer("99") == ACK.encode()
    assert office.heard[0].values() == [("IdReceptor", "99")]


def test_the_rut_service_is_asked_in_its_relative_namespace(office: Office, client: Authority, dgi: Sign) -> None:
    data = (
        '<?xml version="1.0" encoding="ISO-8859-1"?><WS_PersonaActEmpresarial xmlns="DGI_Modernizacion_Consolidado"/>'
    )
    name = "WS_PersonaGetActEmpresarial.ExecuteResponse"
    answer = f'<{name} xmlns="{CONSOLIDADO}"><Data><![CDATA[{data}]]></Data></{name}>'.encode()
    office.clerk = lambda _: (200, dgi(answer))
    assert client.taxpayer("219000090011") == data.split("?>")[1].encode()
    heard = office.heard[0]
    assert (heard.path, heard.namespace, heard.name) == ("/p", CONSOLIDADO, "WS_PersonaGetActEmpresarial.Execute")
    assert heard.headers["soapaction"] == ('"DGI_Modernizacion_Consolidadoaction/AWS_PERSONAGETACTEMPRESARIAL.Execute"')
    assert heard.values() == [("Rut", "219000090011")]


def test_sha1_is_a_setting(office: Office, issuer: Identity, dgi: Sign) -> None:
    office.clerk = lambda heard: (200, dgi(texts(heard.name, ACK)))
    Offices(settings_of(office, huella="sha1"), "prueba").client(issuer).send_sobre(b"<a/>")
    assert office.heard[0].digest is Digest.SHA1


def test_a_fault_is_a_value(office: Office, client: Authority, dgi: Sign) -> None:
    office.clerk = lambda _: (500, dgi(fault(108, "Sobre duplicado", "Id 7 & 8")))
    assert client.send_sobre(b"<a/>") == Fault(code=108, description="Sobre duplicado", detail="Id 7 & 8")


PLAIN = "<Respuestas><Respuesta><codigo>105</codigo><descripcion>Vuelva luego</descripcion></Respuesta></Respuestas>"
DECLARED = (
    '<?xml version="1.0" encoding="utf-8"?><Respuestas xmlns="http://dgi.gub.uy/faults"><Respuesta>'
    "<Codigo> 105 </Codigo><Descripcion>Vuelva\n luego</Descripcion><Detalle/></Respuesta></Respuestas>"
)


@pytest.mark.parametrize("inner", [PLAIN, DECLARED])
def test_an_exception_of_the_service_is_a_fault_wherever_it_stands(
    inner: str, office: Office, client: Authority, dgi: Sign
) -> None:
    expected = Fault(code=105, description="Vuelva luego", detail="")
    office.clerk = lambda heard: (200, dgi(texts(heard.name, inner)))
    assert client.consult("1", "t") == expected
    in_text = f'<s:Fault xmlns:s="{SOAP}"><faultcode/><detail><![CDATA[{inner}]]></detail></s:Fault>'
    office.clerk = lambda _: (500, dgi(in_text.encode()))
    assert client.consult("1", "t") == expected


def _answers(sign: Sign) -> dict[str, tuple[int, bytes]]:
    good = sign(texts("WS_eFactura.EFACRECEPCIONSOBRE", ACK))
    return {
        "a captive portal": (200, b"<html><body>Bienvenido</body></html>"),
        "a page that is no XML": (200, b"<!DOCTYPE html><p>Error<br></html>"),
        "nothing": (200, b""),
        "a gateway's error": (502, b"Bad Gateway"),
        "DGI's answer, whole, with another status": (404, good),
        "cut": (200, good[:-20]),
        "unsigned": (200, unsigned(texts("WS_eFactura.EFACRECEPCIONSOBRE", ACK))),
        "changed": (200, good.replace(b"ACKSobre", b"ACKSobro")),
        "to another question": (200, sign(texts("WS_eFactura.EFACRECEPCIONREPORTE", ACK))),
        "of another service": (200, sign(texts("WS_eFactura.EFACRECEPCIONSOBRE", ACK).replace(b"dgi.gub.uy", b"dgi"))),
        "an echo": (200, sign(b'<d:WS_eFactura.EFACRECEPCIONSOBRE xmlns:d="http://dgi.gub.uy"/>')),
        "without a document": (200, sign(texts("WS_eFactura.EFACRECEPCIONSOBRE", ""))),
        "a sentence for a document": (200, sign(texts("WS_eFactura.EFACRECEPCIONSOBRE", "Error interno"))),
        "half a document": (200, sign(texts("WS_eFactura.EFACRECEPCIONSOBRE", ACK[:-5]))),
        "a document with a DTD": (200, sign(texts("WS_eFactura.EFACRECEPCIONSOBRE", "<!DOCTYPE a><a/>"))),
        "an empty body": (200, sign(b"")),
        "two answers": (200, sign(b"<a/><a/>")),
        "a fault without a code": (500, sign(fault(1).replace(b"Codigo", b"Otro"))),
        "a fault with a word for a code": (500, sign(fault(1).replace(b">1<", b">uno<"))),
        "an unsigned fault": (500, unsigned(fault(108))),
    }


def test_what_is_not_certainly_the_answer_is_no_answer(office: Office, client: Authority, dgi: Sign) -> None:
    for name, given in _answers(dgi).items():
        office.clerk = lambda _, given=given: given  # type: ignore[misc]
        with pytest.raises(Unanswered) as raised:
            client.send_sobre(b"<a/>")
        assert raised.value.code == "E3702", name


def test_an_unsigned_complaint_is_told(office: Office, client: Authority) -> None:
    text = fault(1).replace(b"Error al consumir el Servicio Web", b"Backend  down")
    office.clerk = lambda _: (500, unsigned(text))
    with pytest.raises(Unanswered, match="«Backend down»"):
        client.send_sobre(b"<a/>")


@pytest.mark.parametrize("said", ["No signature in message!", "certificate not trusted"])
def test_a_gateway_that_does_not_take_our_signature_asks_for_a_person(
    said: str, office: Office, client: Authority
) -> None:
    text = fault(1).replace(b"Error al consumir el Servicio Web", said.encode())
    office.clerk = lambda _: (500, unsigned(text))
    with pytest.raises(NeedsOperator) as raised:
        client.send_sobre(b"<a/>")
    assert raised.value.code == "E3705"
    assert said in str(raised.value)


@pytest.mark.parametrize("rut", ["214844360018", "217777770013", ""])
def test_an_answer_that_dgi_of_this_environment_did_not_sign_asks_for_a_person(
    rut: str, office: Office, client: Authority, authority: Identity
) -> None:
    other = signing(issue(authority, VALIDITY, rut=rut, titular="OTRO (PRUEBA)"))
    office.clerk = lambda heard: (200, other(texts(heard.name, ACK)))
    with pytest.raises(NeedsOperator) as raised:
        client.send_sobre(b"<a/>")
    assert raised.value.code == "E3704"
    assert "OTRO" in str(raised.value)


def test_whose_word_is_dgis_is_a_setting(office: Office, issuer: Identity, authority: Identity) -> None:
    other = signing(issue(authority, VALIDITY, rut="214844360018", titular="DGI"))
    office.clerk = lambda heard: (200, other(texts(heard.name, ACK)))
    client = Offices(settings_of(office), "produccion").client(issuer)
    assert client.send_sobre(b"<a/>") == ACK.encode()


def test_a_server_that_is_not_trusted_hears_nothing(office: Office, issuer: Identity) -> None:
    client = Offices(settings_of(office, ca=None), "prueba").client(issuer)
    with pytest.raises(NeedsOperator, match=r"dgi\.ca") as raised:
        client.send_sobre(b"<a/>")
    assert raised.value.code == "E3703"
    assert not office.heard


def test_without_a_line_nothing_left(issuer: Identity) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"https://127.0.0.1:{closed.getsockname()[1]}/x"
    nobody = Dgi.model_validate({"recepcion": url}, context="/")
    with pytest.raises(Unavailable) as raised:
        Offices(nobody, "prueba").client(issuer).send_sobre(b"<a/>")
    assert raised.value.code == "E3701"


def test_silence_is_no_answer(office: Office, issuer: Identity) -> None:
    going = threading.Event()
    office.clerk = lambda _: (going.wait(10), (200, b""))[1]
    with pytest.raises(Unanswered, match="no contestó en"):
        Offices(settings_of(office, espera=0.3), "prueba").client(issuer).send_sobre(b"<a/>")
    going.set()
