"""Queries: documents, sobres, reports, what was received from others, who issues electronically, who a RUT is."""

from datetime import timedelta

import pytest
from issuer_by_hand import CLIENTE, NOON, RUT, VALIDITY, Issuer
from lxml import etree

from sincronizador.authorities.fake_codes import PERSONA, SERVICIO
from sincronizador.signing.identity import issue

SPACE = "DGI_Modernizacion_Consolidado"
TEST_RUTS = [
    "219000090011", "219999820013", "219999830019", "211428940011", "210475730011", "210465050018", "210154140015",
    "210094030014",
]  # fmt: skip


def span(days=1):
    return {"FechaDesde": (NOON - timedelta(days=days)).isoformat(), "FechaHasta": NOON.isoformat()}


def state_of(issuer, numero):
    return issuer.ask("EFACCONSULTARESTADOCFE", "Cfeid", TipoCFE=111, Serie="A", Nro=numero)


def test_the_state_of_a_document_comes_with_what_its_sobre_is_asked_by(issuer):
    sent = issuer.send(issuer.cfe(111, 1), issuer.cfe(111, 2, item="1.00"))
    one, two, three = (state_of(issuer, numero) for numero in (1, 2, 3))
    assert (one.has("EstadoCFE"), two.has("EstadoCFE"), three.has("EstadoCFE")) == (["AE"], ["BE"], [""])
    assert one.has("Token") == sent.find("Token")
    assert one.has("IdReceptor") == sent.find("IDReceptor")
    assert three.has("IdReceptor") == ["0"]


def test_the_state_of_a_document_is_not_told_before_the_hour_of_its_sobre(issuer, clock):
    issuer.line.told("ajustes", {"demora": 60})
    sent = issuer.send(issuer.cfe(111, 1))
    assert state_of(issuer, 1).has("EstadoCFE") == [""]
    assert state_of(issuer, 1).has("IdReceptor") == sent.find("IDReceptor")
    clock.now = NOON + timedelta(seconds=60)
    assert state_of(issuer, 1).has("EstadoCFE") == ["AE"]


def test_sobres_are_found_by_date_number_and_document(issuer):
    cfe = issuer.cfe(111, 1)
    first, second = issuer.send(cfe), issuer.send(cfe, CantCFE=5)
    operation = ("EFACCONSULTARENVIOSSOBRE", "Consultaenviossobre")
    every = issuer.ask(*operation, IdEmisor=0, IdReceptor=0, **span())
    assert every.has("EstadoSobre") == ["AS", "BS"]
    assert every.has("IdReceptor") == first.find("IDReceptor") + second.find("IDReceptor")
    one = issuer.ask(*operation, IdEmisor=1, IdReceptor=0, **span())
    assert (one.has("IdEmisor"), one.has("Token")) == (["1"], first.find("Token"))
    assert issuer.ask(*operation, IdEmisor=9, IdReceptor=0, **span()).has("DatosSobre") == []
    assert issuer.ask(*operation, IdEmisor=0, IdReceptor=0, **span(32)).code == 102
    by_cfe = issuer.ask("EFACCONSULTARENVIOSCFE", "Cfeid", TipoCFE=111, Serie="A", Nro=1)
    assert by_cfe.has("IdReceptor") == first.find("IDReceptor")


def test_what_was_issued_to_somebody_is_told_to_them_alone(issuer, certifier):
    issuer.judged(issuer.cfe(111, 1), issuer.cfe(111, 2))
    client = Issuer(issuer.line, issue(certifier, VALIDITY, rut=CLIENTE, titular="B (PRUEBA)"), certifier, rut=CLIENTE)
    query = {"RUCEmisor": RUT, "TipoCFE": 0, "Serie": "", "Nro": 0, **span()}
    got = client.ask("EFACCONSULTARCFERECIBIDOS", "Consultacferecibidos", **query)
    assert got.has("Nro") == ["1", "2"]
    assert got.has("MontoTotal") == ["1220.00", "1220.00"]
    assert client.ask("EFACCONSULTARCFERECIBIDOS", "Consultacferecibidos", **{**query, "Nro": 2}).has("Nro") == ["2"]
    assert issuer.ask("EFACCONSULTARCFERECIBIDOS", "Consultacferecibidos", **query).has("Nro") == []


def test_the_register_of_issuers_tells_where_their_mail_goes(issuer, clock):
    issuer.line.told(
        "emisores",
        [{"rut": CLIENTE, "denominacion": "CLIENTE & CÍA", "mail": "cfe@example.com", "url": "https://example.com/ws"},
         {"rut": RUT, "denominacion": "EMPRESA INVENTADA SA", "mail": "cfe@example.org", "fin": "2030-01-01"}],
    )  # fmt: skip
    clock.now = NOON + timedelta(days=1)
    issuer.line.told("emisores", {"rut": "210475730011", "denominacion": "NUEVA SA", "mail": "cfe@example.net"})

    def ask(rut="", name="", since="2011-10-01T00:00:00"):
        fields = {"Filtro_eFacDocNro": rut, "Filtro_eFacDenominacion": name, "Filtro_eFacRUCEmisorAudFchHora": since}
        return issuer.ask("EFACCONSULTARRUCEMISORES", "Consultarucemisores", **fields)

    assert ask().has("MAIL") == ["cfe@example.net", "cfe@example.com", "cfe@example.org"]
    assert ask(rut=CLIENTE).has("DENOMINACION") == ["CLIENTE & CÍA"]
    assert ask(rut="2155").has("RUC") == [CLIENTE]
    assert ask(name="INVENTADA").has("RUC") == [RUT]
    assert ask(since=(NOON + timedelta(hours=1)).isoformat()).has("RUC") == ["210475730011"]
    assert ask().has("URL_WEBSERVICE") == ["https://example.com/ws"]


def test_a_query_that_makes_no_sense_is_told_so(issuer):
    for said in ({"TipoCFE": "x", "Serie": "A", "Nro": 1}, {"TipoCFE": 111, "Serie": "A", "Nro": 10**20}):
        assert issuer.ask("EFACCONSULTARESTADOCFE", "Cfeid", **said).code == 102
    sobres = ("EFACCONSULTARENVIOSSOBRE", "Consultaenviossobre")
    assert issuer.ask(*sobres, FechaDesde="ayer", FechaHasta="hoy").code == 102
    assert issuer.ask("EFACCONSULTARRESPUESTAREPORTE", "Consultarespuestareporte", IdReceptor=10**20).code == 104
    assert issuer.consult(issuer.send(issuer.cfe(111, 1)), number=10**20).code == 2


def test_what_is_no_operation_of_a_service_is_told_so(issuer):
    assert issuer.ask("EFACCONSULTARNADA", "Nada").code == 101


@pytest.mark.parametrize("rut", TEST_RUTS)
def test_the_ruts_of_dgis_testing_environment_are_known(rut, issuer):
    got = issuer.taxpayer(rut)
    assert got.status == 200
    data = got.inside.findtext(f"{{{SPACE}}}Data")
    assert data.startswith('<?xml version="1.0" encoding="ISO-8859-1"?>')
    root = etree.fromstring(data.encode("iso-8859-1"))
    assert root.tag == f"{{{SPACE}}}WS_PersonaActEmpresarial"
    assert root.findtext(f"{{{SPACE}}}RUT") == rut
    assert root.findtext(f"{{{SPACE}}}EstadoActividad") == "AA"
    assert root.findtext(f"{{{SPACE}}}Denominacion")
    assert root.find(f".//{{{SPACE}}}WS_PersonaActEmpresarial.WS_DomFiscalLocPrincipalItem") is not None


def test_the_seal_of_the_taxpayers_service_is_good_by_the_other_way(issuer, dgi_folder):
    """libxml2 does not canonicalise its relative namespace, so xmlsec1 cannot judge; the standard library does."""
    import hashlib
    from base64 import b64decode
    from xml.etree import ElementTree as ET

    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA1

    got = issuer.taxpayer("219000090011").body.decode()
    body = got[got.index("<soapenv:Body") : got.index("</soapenv:Envelope>")]
    digest = got.partition("<ds:DigestValue>")[2].partition("<")[0]
    assert b64decode(digest) == hashlib.new("sha1", ET.canonicalize(body).encode()).digest()  # noqa: S324
    info = ET.canonicalize(got[got.index("<ds:SignedInfo") : got.index("<ds:SignatureValue>")])
    value = b64decode(got.partition("<ds:SignatureValue>")[2].partition("<")[0])
    key = x509.load_pem_x509_certificate((dgi_folder / "firma.pem").read_bytes()).public_key()
    key.verify(value, info.encode(), PKCS1v15(), SHA1())  # noqa: S303 - DGI signs its answers so


def test_a_rut_that_is_none_is_told_what_it_is(issuer):
    codes = {"210475730012": 7, "21047573001": 7, "2104757300110": 5, "217777770013": 14, CLIENTE: 14}
    assert {rut: issuer.taxpayer(rut).code for rut in codes} == codes
    assert b"<Codigo>14</Codigo>" in issuer.taxpayer(CLIENTE).body


@pytest.mark.parametrize("code", PERSONA)
def test_every_fault_of_the_taxpayers_service_comes_when_told(code, issuer):
    issuer.line.told("contribuyentes", {"rut": CLIENTE, "codigo": code})
    assert issuer.taxpayer(CLIENTE).code == code


def test_other_taxpayers_can_be_kept(issuer):
    issuer.line.told("contribuyentes", {"rut": CLIENTE, "denominacion": "ÑANDÚ SRL", "estado": "CC"})
    root = etree.fromstring(issuer.taxpayer(CLIENTE).inside.findtext(f"{{{SPACE}}}Data").encode("iso-8859-1"))
    assert root.findtext(f"{{{SPACE}}}Denominacion") == "ÑANDÚ SRL"
    assert root.findtext(f"{{{SPACE}}}EstadoActividad") == "CC"


@pytest.mark.parametrize("code", SERVICIO)
def test_every_fault_of_a_service_comes_on_cue(code, issuer, xsd_folder):
    issuer.line.told("guion", {"donde": "servicio", "filtro": {"operacion": "EFACCONSULTARESTADOCFE"},
                               "efecto": {"falla": code}})  # fmt: skip
    assert issuer.send(issuer.cfe(111, 1)).estado == ["AS"]
    got = state_of(issuer, 1)
    assert (got.status, got.code) == (500, code)
    assert got.fault[2] == SERVICIO[code]
    if xsd_folder is not None:
        schema = etree.XMLSchema(etree.parse(str(xsd_folder / "ExcepcionesServicios.xsd")))
        schema.assertValid(got.inside.find(".//Respuestas"))
    assert state_of(issuer, 1).has("EstadoCFE") == ["AE"]
