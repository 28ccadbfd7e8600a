"""What DGI answers to a sobre, and later to its documents."""

import shutil
from datetime import timedelta

import pytest
from issuer_by_hand import NOON, VALIDITY, Issuer, envelope, recepcion, xmlsec1_confirms

from sincronizador.signing.identity import issue, make_authority

needs_xmlsec1 = pytest.mark.skipif(shutil.which("xmlsec1") is None, reason="apt-get install xmlsec1")
BODY = ("--id-attr:Id", "http://schemas.xmlsoap.org/soap/envelope/:Body")


def test_a_good_sobre_is_received_and_its_documents_are_accepted(issuer, answer_schemas):
    sent = issuer.send(issuer.cfe(111, 1), issuer.cfe(111, 2), issuer.cfe(181, 7))
    assert (sent.status, sent.estado, sent.motivos) == (200, ["AS"], [])
    answered = issuer.consult(sent)
    assert answered.estado == ["AE", "AE", "AE"]
    assert answered.find("NroCFE") == ["1", "2", "7"]
    assert answered.find("CantCFEAceptados") == ["3"]
    for answer in (sent, answered):
        schema = answer_schemas.get(answer.ack.tag.rpartition("}")[2])
        assert schema is None or schema.validate(answer.ack), schema.error_log


@needs_xmlsec1
def test_xmlsec1_confirms_the_seal_of_an_answer_and_the_signature_in_it(issuer, dgi_folder, tmp_path):
    sent = issuer.send(issuer.cfe(111, 1))
    pem = dgi_folder / "firma.pem"
    assert xmlsec1_confirms(sent.body, pem, tmp_path, *BODY)
    assert xmlsec1_confirms(sent.data, pem, tmp_path)
    assert not xmlsec1_confirms(sent.body.replace(b"Dataout", b"Datasalida"), pem, tmp_path, *BODY)
    assert not xmlsec1_confirms(sent.data.replace(b">AS<", b">BS<"), pem, tmp_path)
    assert b"xmldsig#rsa-sha1" in sent.data


@needs_xmlsec1
def test_the_requests_of_these_tests_are_good_for_xmlsec1_too(identity, tmp_path):
    pem = tmp_path / "issuer.pem"
    from sincronizador.signing.trust import to_pem

    pem.write_bytes(to_pem(identity.certificate))
    for digest in ("sha1", "sha256"):
        request = envelope(identity, recepcion("EFACRECEPCIONSOBRE", '<a b="1">ñ & <c/></a>'), digest=digest)
        assert xmlsec1_confirms(request, pem, tmp_path, *BODY)


@pytest.mark.parametrize("digest", ["sha1", "sha256"])
def test_a_request_may_be_signed_with_either_digest(issuer, digest):
    issuer.digest = digest
    assert issuer.send(issuer.cfe(111, 1)).estado == ["AS"]


def test_a_request_may_be_signed_as_java_clients_do(issuer):
    """WSS4J names the prefixes that it declares on the Body though nothing there shows them."""
    inner = recepcion("EFACRECEPCIONSOBRE", issuer.sobre(issuer.cfe(111, 1)))
    action = "http://dgi.gub.uyaction/AWS_EFACTURA.EFACRECEPCIONSOBRE"
    assert issuer.call("/ePrueba/ws_eprueba", inner, action, inclusive=True).estado == ["AS"]


def test_a_request_without_signature_is_told_so(issuer, line):
    inner = recepcion("EFACRECEPCIONSOBRE", issuer.sobre(issuer.cfe(111, 1)))
    bare = envelope(issuer.identity, inner)
    bare = bare[: bare.index(b"<soapenv:Header>")] + bare[bare.index(b"<soapenv:Body") :]
    headers = {"Content-Type": "text/xml", "SOAPAction": "http://dgi.gub.uyaction/AWS_EFACTURA.EFACRECEPCIONSOBRE"}
    got = line.send("POST", "/ePrueba/ws_eprueba", bare, headers)
    assert got.status == 500
    assert got.fault[0] == "No signature in message!"
    assert line.state()["sobres"] == []


def test_a_certificate_of_an_authority_that_dgi_does_not_know_is_not_trusted(issuer, line):
    stranger = issue(make_authority(VALIDITY), VALIDITY, rut=issuer.rut, titular="OTRO (PRUEBA)")
    got = Issuer(line, stranger, None, caes=issuer.caes).send(issuer.cfe(111, 1))
    assert got.fault[0] == "certificate not trusted"


def test_a_body_that_was_changed_after_signing_is_refused(issuer, line):
    headers = {"Content-Type": "text/xml", "SOAPAction": "http://dgi.gub.uyaction/AWS_EFACTURA.EFACRECEPCIONSOBRE"}
    good = envelope(issuer.identity, recepcion("EFACRECEPCIONSOBRE", "uno"))
    for changed in (good.replace(b"uno", b"dos"), good.replace(b"<ds:SignatureValue>", b"<ds:SignatureValue>AAAA")):
        assert line.send("POST", "/ePrueba/ws_eprueba", changed, headers).code == 101


def test_a_body_beside_the_signed_one_is_not_taken(issuer, line):
    """The classic trick: the signed Body is moved aside and another one put in its place."""
    good = envelope(issuer.identity, recepcion("EFACRECEPCIONSOBRE", "uno"))
    body = good[good.index(b"<soapenv:Body") : good.index(b"</soapenv:Envelope>")]
    other = body.replace(b'wsu:Id="id-body"', b'wsu:Id="other"').replace(b"uno", b"dos")
    twisted = good.replace(b"</soapenv:Header>" + body, body + b"</soapenv:Header>" + other)
    headers = {"Content-Type": "text/xml", "SOAPAction": "http://dgi.gub.uyaction/AWS_EFACTURA.EFACRECEPCIONSOBRE"}
    got = line.send("POST", "/ePrueba/ws_eprueba", twisted, headers)
    assert (got.code, got.fault[3]) == (101, "The Body is not signed")


def test_a_message_that_is_signed_otherwise_than_dgi_asks_is_refused(issuer, line):
    headers = {"Content-Type": "text/xml", "SOAPAction": "http://dgi.gub.uyaction/AWS_EFACTURA.EFACRECEPCIONSOBRE"}
    good = envelope(issuer.identity, recepcion("EFACRECEPCIONSOBRE", "uno"))
    c14n = b"http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
    token = good[good.index(b'#X509v3">') + 9 : good.index(b"</wsse:BinarySecurityToken>")]
    cases = {
        101: (
            good.replace(
                b'Method Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"', b'Method Algorithm="' + c14n + b'"'
            ),
            good.replace(b"rsa-sha256", b"rsa-sha512"),
            good.replace(b"xmlenc#sha256", b"xmlenc#sha512"),
            good.replace(b'URI="#X509-1"', b'URI="#X509-2"'),
            good.replace(b'URI="#id-body"', b'URI=""'),
            b"<!DOCTYPE a>" + good,
            b"nada",
        ),
        12: (good.replace(token, b"AAAA"),),
    }
    for code, requests in cases.items():
        for request in requests:
            assert line.send("POST", "/ePrueba/ws_eprueba", request, headers).code == code


def test_a_certificate_without_ruc_is_nobodys(issuer, line, certifier):
    nobody = Issuer(line, issue(certifier, VALIDITY, rut="", titular="SIN RUC (PRUEBA)"), certifier)
    assert nobody.receive("EFACRECEPCIONSOBRE", "nada").code == 6


def test_the_action_must_name_the_operation(issuer):
    inner = recepcion("EFACRECEPCIONSOBRE", issuer.sobre(issuer.cfe(111, 1)))
    got = issuer.call("/ePrueba/ws_eprueba", inner, "http://dgi.gub.uyaction/AWS_EFACTURA.EFACRECEPCIONREPORTE")
    assert got.code == 101


def test_a_certificate_that_expired_is_refused_at_the_door(issuer, clock):
    clock.now = NOON + timedelta(days=700)
    assert issuer.send(issuer.cfe(111, 1)).code == 12


def sobres():
    """Code -> a sobre that has earned it by itself."""
    return {
        "S01": lambda i: "esto no es XML",
        "S02": lambda i: i.sobre(i.cfe(111, 1), RUCEmisor="215555550010"),
        "S03": lambda i: i.sobre(i.cfe(111, 1), X509Certificate="AAAA"),
        "S04": lambda i: i.sobre(i.cfe(111, 1), Fecha="ayer"),
        "S05": lambda i: i.sobre(i.cfe(111, 1), CantCFE=2),
        "S07": lambda i: i.sobre(i.cfe(111, 1)).replace("<DGICFE:CantCFE>", " " * 2_000_000 + "<DGICFE:CantCFE>"),
    }


@pytest.mark.parametrize("code", sobres())
def test_a_sobre_earns_its_code(code, issuer, answer_schemas):
    got = issuer.receive("EFACRECEPCIONSOBRE", sobres()[code](issuer))
    assert got.estado == ["BS"]
    assert code in got.motivos
    assert got.find("Token") == []
    assert not answer_schemas or answer_schemas["ACKSobre"].validate(got.ack), answer_schemas["ACKSobre"].error_log


def test_the_foreign_documents_of_a_sobre_are_told(issuer):
    got = issuer.send(issuer.cfe(111, 1, rut="215555550010"))
    assert got.motivos == ["S02"]


def test_a_document_signed_under_another_certificate_is_not_of_this_sobre(issuer, certifier):
    other = Issuer(issuer.line, issue(certifier, VALIDITY, rut=issuer.rut, titular="OTRA (PRUEBA)"), certifier)
    other.caes = issuer.caes
    assert issuer.send(issuer.cfe(111, 1), other.cfe(111, 2)).motivos == ["S06"]


def test_a_document_from_before_its_certificate_refuses_the_sobre(issuer):
    assert issuer.send(issuer.cfe(111, 1, firmado=NOON - timedelta(days=300))).motivos == ["S03"]


def test_more_documents_than_a_sobre_may_hold_are_refused(issuer):
    one = issuer.cfe(181, 1)
    got = issuer.send(*[one] * 251)
    assert "S04" in got.motivos
    assert got.find("CantidadCFE") == ["250"]


def test_a_sobre_sent_twice_is_told_even_if_the_first_was_refused(issuer):
    first = issuer.sobre(issuer.cfe(111, 1))
    assert issuer.receive("EFACRECEPCIONSOBRE", first).estado == ["AS"]
    assert issuer.receive("EFACRECEPCIONSOBRE", first).motivos == ["S08"]
    bad = issuer.sobre(issuer.cfe(111, 2), CantCFE=3)
    assert issuer.receive("EFACRECEPCIONSOBRE", bad).motivos == ["S05"]
    good = bad.replace("<DGICFE:CantCFE>3<", "<DGICFE:CantCFE>1<")
    assert issuer.receive("EFACRECEPCIONSOBRE", good).motivos == ["S08"]


def test_sobres_without_a_number_are_no_copies_of_one_another(issuer):
    nameless = issuer.sobre(issuer.cfe(111, 1)).replace("<DGICFE:Idemisor>1</DGICFE:Idemisor>", "")
    for _ in range(2):
        assert set(issuer.receive("EFACRECEPCIONSOBRE", nameless).motivos) == {"S04"}


def test_before_the_announced_hour_nothing_is_said(issuer, clock):
    issuer.line.told("ajustes", {"demora": 600})
    sent = issuer.send(issuer.cfe(111, 1))
    assert sent.find("Fechahora") == [(NOON + timedelta(seconds=600)).isoformat()]
    assert issuer.consult(sent).code == 13
    clock.now = NOON + timedelta(seconds=600)
    assert issuer.consult(sent).estado == ["AE"]
    assert issuer.consult(sent).estado == ["AE"]


def test_a_consult_names_its_own_sobre_and_token(issuer, certifier):
    one, two = issuer.send(issuer.cfe(111, 1)), issuer.send(issuer.cfe(111, 2))
    assert issuer.consult(one, token=two.find("Token")[0]).code == 3
    assert issuer.consult(one, number="0").code == 2
    assert issuer.consult(one, number="299").code == 104
    assert issuer.receive("EFACCONSULTARESTADOENVIO", "<ConsultaCFE/>").code == 1
    other = Issuer(issuer.line, issue(certifier, VALIDITY, rut="215555550010", titular="B (PRUEBA)"), certifier)
    assert other.consult(one).code == 4


def test_answers_may_come_in_parts(issuer):
    issuer.line.told("guion", {"donde": "sobre", "efecto": {"parcial": 2}})
    sent = issuer.send(*(issuer.cfe(111, number) for number in range(1, 6)))
    seen = [issuer.consult(sent) for _ in range(3)]
    assert [(one.find("CantenSobre"), one.find("CantResponden")) for one in seen] == [
        (["5"], ["2"]), (["5"], ["4"]), (["5"], ["5"]),
    ]  # fmt: skip


def test_an_answer_may_be_held_back_past_its_hour(issuer):
    issuer.line.told("guion", {"donde": "sobre", "efecto": {"parcial": 0}})
    sent = issuer.send(issuer.cfe(111, 1))
    assert issuer.consult(sent).code == 105
    assert issuer.consult(sent).estado == ["AE"]


def test_an_issuer_whose_time_is_over_is_none(issuer):
    issuer.line.told("emisores", {"rut": issuer.rut, "fin": "2026-11-19"})
    assert issuer.send(issuer.cfe(111, 1)).code == 103
