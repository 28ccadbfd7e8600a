"""Each code of a document, earned by a document that deserves it."""

from datetime import timedelta

import pytest
from issuer_by_hand import NOON, RUT, VALIDITY, Issuer

from sincronizador.authorities.fake_codes import CFC, CFE
from sincronizador.core.signature import Digest, SignaturePlan
from sincronizador.signing.identity import issue, make_authority
from sincronizador.signing.xmldsig import XmlSigner

YESTERDAY = (NOON - timedelta(days=1)).date()


def with_invoice(issuer):
    assert issuer.judged(issuer.cfe(111, 1)).estado == ["AE"]


def annulled(issuer):
    """Number 5 of the e-Facturas, told as annulled by yesterday's report."""
    from issuer_by_hand import resumen

    block = resumen(111, None, used=[(5, 5)], annulled=[(5, 5)])
    assert issuer.send_report(block).estado == ["AR"]


BAD = {
    "E03": lambda i: i.cfe(111, 1001),
    "E03 unknown CAE": lambda i: i.cfe(111, 1, cae_id="90269999999"),
    "E03 other range told": lambda i: i.cfe(111, 1, hasta=2000),
    "E03 other series": lambda i: i.cfe(111, 1, serie="B"),
    "E04 changed after signing": lambda i: i.cfe(111, 1).replace(b"Servicio", b"Producto"),
    "E04 SHA-1": lambda i: i.cfe(111, 1, digest=Digest.SHA1),
    "E05 figures": lambda i: i.cfe(111, 1, item="999.00"),
    "E05 tax": lambda i: i.cfe(111, 1, iva="200.00"),
    "E05 total": lambda i: i.cfe(111, 1, total="1000.00"),
    "E05 lines": lambda i: i.cfe(111, 1, lineas=2),
    "E05 receiver": lambda i: i.cfe(111, 1, receptor=False),
    "E05 too far": lambda i: i.cfe(111, 1, fecha=(NOON + timedelta(days=61)).date()),
    "E05 signed in the future": lambda i: i.cfe(111, 1, firmado=NOON + timedelta(days=1, minutes=1)),
    "E05 a note of nothing": lambda i: i.cfe(112, 1),
    "E07": lambda i: i.cfe(111, 1, firmado=NOON - timedelta(days=30)),
    "E09 another type's CAE": lambda i: i.cfe(111, 1, cae=i.caes[101]),
    "E10 none": lambda i: i.cfe(111, 1, moneda="USD", cambio="1.000"),
    "E11": lambda i: i.cfe(111, 1, especial=2),
    "E12": lambda i: i.cfe(112, 1, refers=[(111, 77)]),
}


@pytest.mark.parametrize("case", BAD)
def test_a_document_earns_its_code(case, issuer, answer_schemas):
    got = issuer.judged(BAD[case](issuer))
    assert got.estado == ["BE"]
    assert case[:3] in got.motivos, got.data
    assert got.find("CantCFERechazados") == ["1"]
    assert not answer_schemas or answer_schemas["ACKCFE"].validate(got.ack), answer_schemas["ACKCFE"].error_log


def test_only_what_is_wrong_is_told(issuer):
    assert issuer.judged(issuer.cfe(111, 1001)).motivos == ["E03"]
    assert issuer.judged(issuer.cfe(111, 2, item="999.00")).motivos == ["E05"]


def test_a_document_outside_the_schema_is_told_what_the_schema_says(issuer, xsd_folder):
    if xsd_folder is None:
        pytest.skip("DGI's schemas are absent: set SINCRONIZADOR_REFERENCIA to the folder that holds uruguay/")
    twisted = issuer.cfe(111, 1, sign=False).replace(b"<UniMed>N/A</UniMed>", b"<UniMed>UNIDAD</UniMed>")
    got = issuer.judged(XmlSigner(issuer.identity).sign(twisted, SignaturePlan()))
    assert got.motivos == ["E05"]
    assert "UniMed" in got.find("Detalle")[0]


def test_what_cannot_be_read_at_all_is_answered_by_its_place(issuer):
    nothing = b'<CFE xmlns="http://cfe.dgi.gub.uy" version="1.0"><eTck><TmstFirma>hoy</TmstFirma></eTck></CFE>'
    got = issuer.judged(issuer.cfe(111, 1), nothing)
    assert got.estado == ["AE", "BE"]
    assert got.find("CantOtrosRechazados") == ["1"]
    assert got.find("Nro_ordinal") == ["1", "2"]


def test_a_document_sent_again_names_the_sobre_that_brought_it(issuer, answer_schemas):
    cfe = issuer.cfe(111, 1)
    first = issuer.send(cfe)
    again = issuer.judged(cfe)
    assert (again.estado, again.motivos) == (["BE"], ["E02"])
    assert again.find("IDReceptorSobre") == first.find("IDReceptor")
    assert again.find("IDTokenSobre") == first.find("Token")
    assert issuer.consult(first).estado == ["AE"]
    assert not answer_schemas or answer_schemas["ACKCFE"].validate(again.ack), answer_schemas["ACKCFE"].error_log


def test_a_rejected_number_is_gone_but_for_e09(issuer):
    assert issuer.judged(issuer.cfe(111, 1, item="999.00")).motivos == ["E05"]
    assert issuer.judged(issuer.cfe(111, 1)).motivos == ["E02"]
    assert issuer.judged(issuer.cfe(111, 2, cae=issuer.caes[101])).motivos == ["E09"]
    assert issuer.judged(issuer.cfe(111, 2)).estado == ["AE"]


def test_a_number_that_a_report_annulled_is_no_longer_a_number(issuer):
    annulled(issuer)
    assert issuer.judged(issuer.cfe(111, 5)).motivos == ["E01"]
    assert issuer.judged(issuer.cfe(111, 6)).estado == ["AE"]


def test_an_amount_above_the_habitual_ones_is_told(issuer):
    issuer.line.told("ajustes", {"monto_habitual": 1219})
    assert issuer.judged(issuer.cfe(111, 1)).motivos == ["E06"]


def test_the_fiscal_complement_is_of_the_same_issuer(issuer):
    assert issuer.judged(issuer.cfe(141, 1, complemento="215555550010")).motivos == ["E08"]
    assert issuer.judged(issuer.cfe(141, 2, complemento=RUT)).estado == ["AE"]


def test_a_rate_far_from_the_one_on_file_is_told(issuer):
    issuer.line.told("cotizaciones", {"moneda": "USD", "dia": str(YESTERDAY), "valor": "40.00"})
    assert issuer.judged(issuer.cfe(111, 1, moneda="USD", cambio="39.500")).estado == ["AE"]
    assert issuer.judged(issuer.cfe(111, 2, moneda="USD", cambio="50.000")).motivos == ["E10"]


def test_a_constancia_for_paper_numbers_no_electronic_document(issuer):
    said = {"id": "90260000777", "rut": RUT, "tipo": 111, "serie": "A", "desde": 1, "hasta": 1000}
    issuer.line.told("constancias", {**said, "vence": "2028-11-01"})
    assert issuer.judged(issuer.cfe(111, 1, cae_id="90260000777")).motivos == ["E13"]


def test_a_note_follows_what_it_refers_to(issuer):
    note = issuer.cfe(112, 1, refers=[(111, 1)])
    assert issuer.judged(note).motivos == ["E12"]
    with_invoice(issuer)
    assert issuer.judged(issuer.cfe(112, 2, refers=[(111, 1, NOON.date())])).estado == ["AE"]
    assert issuer.judged(issuer.cfe(112, 3, refers=[(111, 1, YESTERDAY)])).motivos == ["E12"]
    assert issuer.judged(issuer.cfe(112, 4, global_ref="Devolución")).estado == ["AE"]
    assert issuer.judged(issuer.cfe(112, 5, refers=[(101, 900)])).estado == ["AE"], "a small e-Ticket is never here"


def test_a_note_refers_neither_to_what_was_rejected_or_annulled_nor_to_more_than_there_was(issuer):
    annulled(issuer)
    assert issuer.judged(issuer.cfe(111, 1, item="1.00"), issuer.cfe(111, 2)).estado == ["BE", "AE"]
    notes = [(111, 1)], [(111, 5)], [(111, 2, NOON.date(), "1220.01")], [(111, 2, NOON.date(), "1220.00")]
    got = issuer.judged(*(issuer.cfe(112, place, refers=refers) for place, refers in enumerate(notes, start=1)))
    assert (got.estado, got.motivos) == (["BE", "BE", "BE", "AE"], ["E12", "E12", "E05"])
    from issuer_by_hand import resumen

    before = YESTERDAY - timedelta(days=1)
    block = resumen(101, None, used=[(8, 8)], annulled=[(8, 8)])
    assert issuer.send_report(block, dia=before).estado == ["AR"]
    assert issuer.judged(issuer.cfe(102, 1, refers=[(101, 8)], neto="40000.00")).motivos == ["E12"]


def test_a_certificate_that_only_the_sobre_carries_is_looked_at_with_each_document(issuer, line):
    """DGI takes a sobre under a certificate with the right RUC whoever issued it; its documents it does not."""
    stranger = issue(make_authority(VALIDITY), VALIDITY, rut=RUT, titular="OTRO (PRUEBA)")
    other = Issuer(line, stranger, None, caes=issuer.caes)
    sent = issuer.receive("EFACRECEPCIONSOBRE", other.sobre(other.cfe(111, 1)))
    assert sent.estado == ["AS"]
    got = issuer.consult(sent)
    assert got.motivos == ["E04"]
    assert got.find("Detalle") == ["Error al validar el Certificado - certificate not trusted"]
    signed_later = Issuer(line, issuer.identity, None, caes=issuer.caes, sent=1)
    late = signed_later.sobre(other.cfe(111, 2).replace(*serials(stranger, issuer.identity)))
    sent = issuer.receive("EFACRECEPCIONSOBRE", late)
    assert issuer.consult(sent).motivos == ["E04"], "it says one certificate and another one signed"


def serials(one, other):
    return (str(one.certificate.serial).encode(), str(other.certificate.serial).encode())


def test_what_no_schema_would_let_through_is_a_bad_form_all_the_same(issuer):
    wrong = issuer.cfe(111, 1, sign=False).replace(b"<MontoItem>1000.00<", b"<MontoItem>mil<")
    got = issuer.judged(XmlSigner(issuer.identity).sign(wrong, SignaturePlan()))
    assert set(got.motivos) == {"E05"}


def test_a_note_may_travel_behind_its_document_in_one_sobre(issuer):
    both = issuer.cfe(111, 1), issuer.cfe(112, 1, refers=[(111, 1)])
    assert issuer.judged(*both).estado == ["AE", "AE"]
    turned = issuer.cfe(112, 2, refers=[(111, 2)]), issuer.cfe(111, 2)
    assert issuer.judged(*turned).estado == ["BE", "AE"]


def with_booklet(issuer, **more):
    said = {"id": "90260000211", "rut": RUT, "tipo": 211, "serie": "A", "desde": 1, "hasta": 1000, **more}
    issuer.line.told("constancias", {**said, "vence": "2028-11-01"})
    return {"cae_id": "90260000211", "desde": 1, "hasta": 1000, "vence": "2028-11-01"}


PAPERS = {
    "C03": lambda i, b: i.cfe(211, 1001, **b),
    "C04": lambda i, b: i.cfe(211, 1, **b).replace(b"Servicio", b"Producto"),
    "C05": lambda i, b: i.cfe(211, 1, item="1.00", **b),
    "C10": lambda i, b: i.cfe(211, 1, moneda="USD", cambio="1.000", **b),
    "C11": lambda i, b: i.cfe(211, 1, especial=3, **b),
}


@pytest.mark.parametrize("code", PAPERS)
def test_a_paper_is_observed_never_rejected(code, issuer, answer_schemas):
    got = issuer.judged(PAPERS[code](issuer, with_booklet(issuer)))
    assert (got.estado, got.motivos) == (["CE"], [code])
    assert got.find("CantCFCObservados") == ["1"]
    assert not answer_schemas or answer_schemas["ACKCFE"].validate(got.ack), answer_schemas["ACKCFE"].error_log


def test_the_other_codes_of_papers(issuer):
    booklet = with_booklet(issuer)
    assert issuer.judged(issuer.cfe(201, 1, receptor=False, **booklet)).motivos == ["C09"]
    issuer.line.told("ajustes", {"monto_habitual": 100})
    assert issuer.judged(issuer.cfe(211, 1, **booklet)).motivos == ["C06"]
    issuer.line.told("ajustes", {"monto_habitual": None})
    said = {"id": "90260000212", "rut": RUT, "tipo": 212, "serie": "A", "desde": 1, "hasta": 9, "clase": "E"}
    issuer.line.told("constancias", {**said, "vence": "2028-11-01"})
    note = issuer.cfe(212, 1, refers=[(111, 55)], cae_id="90260000212", desde=1, hasta=9, vence="2028-11-01")
    assert issuer.judged(note).motivos == ["C13", "C12"]
    sale = {"id": "90260000241", "rut": RUT, "tipo": 241, "serie": "A", "desde": 1, "hasta": 9, "vence": "2028-11-01"}
    issuer.line.told("constancias", sale)
    paper = issuer.cfe(241, 1, complemento="215555550010", cae_id="90260000241", desde=1, hasta=9, vence="2028-11-01")
    assert issuer.judged(paper).motivos == ["C08"]


def test_an_observed_paper_is_corrected_under_its_number(issuer):
    booklet = with_booklet(issuer)
    assert issuer.judged(issuer.cfe(211, 1, item="1.00", **booklet)).motivos == ["C05"]
    good = issuer.cfe(211, 1, **booklet)
    assert issuer.judged(good).estado == ["AE"]
    assert issuer.judged(good).estado == ["AE"], "the same paper again changes nothing"
    assert issuer.judged(issuer.cfe(211, 1, neto="5.00", **booklet)).estado == ["CE"]
    (kept,) = issuer.line.state()["comprobantes"]
    assert kept["estado"] == "AE"


@pytest.mark.parametrize("code", CFE)
def test_every_code_of_a_document_comes_on_cue(code, issuer, answer_schemas):
    issuer.line.told("guion", {"donde": "cfe", "filtro": {"numero": 2}, "efecto": {"codigos": [code]}})
    got = issuer.judged(issuer.cfe(111, 1), issuer.cfe(111, 2), issuer.cfe(111, 3))
    assert (got.estado, got.motivos) == (["AE", "BE", "AE"], [code])
    assert not answer_schemas or answer_schemas["ACKCFE"].validate(got.ack), answer_schemas["ACKCFE"].error_log


@pytest.mark.parametrize("code", CFC)
def test_every_code_of_a_paper_comes_on_cue(code, issuer, answer_schemas):
    booklet = with_booklet(issuer)
    issuer.line.told("guion", {"donde": "cfe", "efecto": {"codigos": [code], "detalle": "porque sí"}})
    got = issuer.judged(issuer.cfe(211, 1, **booklet))
    assert (got.estado, got.motivos, got.find("Detalle")) == (["CE"], [code], ["porque sí"])
    assert not answer_schemas or answer_schemas["ACKCFE"].validate(got.ack), answer_schemas["ACKCFE"].error_log


def test_a_document_may_be_settled_anew_on_cue(issuer):
    issuer.line.told("guion", {"donde": "cfe", "efecto": {"estado": "FE"}})
    assert issuer.judged(issuer.cfe(111, 1)).estado == ["FE"]


def test_the_very_bytes_that_were_signed_are_kept(issuer):
    cfe = issuer.cfe(111, 1)
    issuer.judged(cfe)
    assert issuer.line.send("GET", f"/prueba/cfe/{RUT}/111/A/1").body == cfe
