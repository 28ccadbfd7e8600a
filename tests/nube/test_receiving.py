"""What other issuers send: verified, kept, answered once with signed bytes, whatever falls."""

import json
import shutil
import subprocess
from datetime import date, timedelta
from pathlib import Path

import pytest
from clouds import NOON, OTHER_RUT, RUT, Till, identity, rango
from desk import Desk
from filing import clerk_of, rows
from supplier import ADDRESS, Basket, Outbox, invoice, mail, receipts_of, sobre

from sincronizador.core.receipt import Said
from sincronizador.core.signature import SignaturePlan
from sincronizador.countries.uy.acks import AckSobre, compose_ack_sobre, parse_ack_cfe, parse_ack_sobre
from sincronizador.countries.uy.received import take_apart
from sincronizador.countries.uy.sobre import Anulado, compose_rechazos
from sincronizador.errors import Rejected, Unavailable
from sincronizador.nube import deliveries, reception
from sincronizador.nube.tables import delivery, letter, mailbox, received, received_sobre, reply
from sincronizador.schemas import load_schemas
from sincronizador.signing.trust import Authorities
from sincronizador.signing.xmldsig import XmlSigner

XSD = Path(__file__).parents[3] / "shared/reference/uruguay/xsd/1.44.2"
HOURS = timedelta(hours=24)


@pytest.fixture
def empty(unused, ground):
    """Over the embedded base; `test_receiving_falls` is over either."""
    place = unused.copied(ground)
    yield place
    place.cloud.close()


@pytest.fixture
def clerk(empty):
    empty.found()
    return clerk_of(empty, Desk(empty.clock))


@pytest.fixture
def basket():
    return Basket()


@pytest.fixture
def outbox():
    return Outbox()


@pytest.fixture
def receipts(clerk, basket, outbox):
    return receipts_of(clerk, timedelta(), basket, outbox)


@pytest.fixture
def patient(clerk, basket, outbox):
    return receipts_of(clerk, HOURS, basket, outbox)


def states(receipts):
    return [(row.doc_type, row.series, row.number, row.estado) for row in rows(receipts.clerk, received)]


def answers(outbox):
    """What was answered, read: (estado, codes) of a sobre, or for each document."""
    told = []
    for _, _, name, content in outbox.posted:
        if name.startswith("M_"):
            ack = parse_ack_sobre(content)
            told.append((ack.estado, [motivo.codigo for motivo in ack.motivos]))
        else:
            told.append(
                [(cfe.ordinal, cfe.estado, [m.codigo for m in cfe.motivos]) for cfe in parse_ack_cfe(content).cfes]
            )
    return told


def send(receipts, *documents, **how):
    receipts.mailbox.drop(mail(("Sob_1.xml", sobre(*documents, **how)), number=len(receipts.mailbox.lying)))
    receipts.turn()


def test_a_sobre_is_taken_kept_and_answered(receipts, outbox):
    send(receipts, invoice(1), invoice(2))
    assert states(receipts) == [(111, "A", 1, "ACEPTADO"), (111, "A", 2, "ACEPTADO")]
    assert answers(outbox) == [("AS", []), [(1, "AE", []), (2, "AE", [])]]
    assert {address for _, address, *_ in outbox.posted} == {ADDRESS}
    assert rows(receipts.clerk, letter)[0].state == "read"
    assert receipts.mailbox.marked == {1: False}


def test_what_is_kept_is_what_was_signed_with_its_adenda_and_its_facts(receipts):
    document = invoice(1, price="1234.50")
    send(receipts, document)
    row = rows(receipts.clerk, received)[0]
    facts = json.loads(row.facts)
    assert (row.signed, row.adenda, row.emisor) == (document, "Gracias", OTHER_RUT)
    assert (facts["name"], facts["total"], facts["currency"]) == ("ALMACÉN DE PRUEBA S.A.", "1234.50", "UYU")


def test_the_answers_say_whose_sobre_they_are_about(receipts, outbox):
    send(receipts, invoice(1), idemisor=4711)
    first, second = parse_ack_sobre(outbox.posted[0][3]), parse_ack_cfe(outbox.posted[1][3])
    for ack in (first, second):
        assert (ack.ruc_emisor, ack.ruc_receptor, ack.id_emisor) == (OTHER_RUT, RUT, 4711)
        assert ack.archivo == "Sob_1.xml"
    assert first.id_receptor == second.id_receptor
    assert first.id_respuesta != second.id_respuesta
    assert (first.cantidad, second.en_sobre) == (1, 1)


@pytest.mark.skipif(not shutil.which("xmlsec1"), reason="apt install xmlsec1")
def test_the_answers_verify_with_xmlsec1(receipts, outbox, tmp_path):
    send(receipts, invoice(1), invoice(2, buyer=OTHER_RUT))
    send(receipts, invoice(3), idemisor=7)
    assert len(outbox.posted) == 3
    for _, _, name, content in outbox.posted:
        (tmp_path / name).write_bytes(content)
        call = ["xmlsec1", "--verify", "--insecure", "--enabled-key-data", "x509,rsa", str(tmp_path / name)]
        done = subprocess.run(call, capture_output=True, check=False, text=True)
        assert done.returncode == 0, done.stderr


@pytest.mark.skipif(not XSD.is_dir(), reason=f"DGI's schemas are not at {XSD}")
def test_the_answers_are_what_dgis_schemas_allow(clerk, basket, outbox):
    schemas = load_schemas(str(XSD))
    receipts = receipts_of(clerk, timedelta(), basket, outbox, schemas=schemas)
    send(receipts, invoice(1), invoice(2, buyer=OTHER_RUT), b"<CFE xmlns='http://cfe.dgi.gub.uy'><eFact/></CFE>")
    send(receipts, invoice(3), idemisor=7)
    send(receipts, invoice(3), idemisor=8, rut=RUT)
    told = answers(outbox)
    assert told[0] == ("AS", [])
    assert [one[1:] for one in told[1]] == [("AE", []), ("BE", ["E05"]), ("BE", ["E05"])]
    assert [told[2][0], told[3][0]] == ["BS", "BS"]
    for *_, content in outbox.posted:
        assert not schemas.problems(content), content


SOBRES = {
    "S02": lambda: sobre(invoice(1), signer=identity(RUT)),
    "S03": lambda: sobre(invoice(1)).replace(b"<X509Certificate>", b"<X509Certificate>AAAA", 1),
    "S04": lambda: sobre(invoice(1)).replace(b"<Fecha>2026", b"<Fecha>hoy"),
    "S05": lambda: sobre(invoice(1)).replace(b"<CantCFE>1", b"<CantCFE>2"),
    "S06": lambda: sobre(invoice(1, signer=identity(OTHER_RUT, "OTRA (PRUEBA)"))),
    "S07": lambda: sobre(invoice(1), adenda="x" * 1_980_000).replace(b"<Adenda>", b"<Adenda>" + b"y" * 30_000),
}


@pytest.mark.parametrize("code", SOBRES)
def test_a_sobre_that_cannot_be_taken_is_refused_as_a_whole(receipts, outbox, code):
    receipts.mailbox.drop(mail(("Sob_1.xml", SOBRES[code]())))
    receipts.turn()
    assert answers(outbox) == [("BS", [code])]
    assert states(receipts) == []


def test_a_sobre_with_documents_of_somebody_else_is_refused(receipts, outbox):
    send(receipts, invoice(1), invoice(2, rut=RUT))
    assert answers(outbox)[0] == ("BS", ["S02", "S06"])


def tampered():
    return invoice(1).replace(b"<NomItem>Pan", b"<NomItem>Vino")


DOCUMENTS = {
    "E04 changed": ("E04", tampered),
    "E03 outside its CAE": ("E03", lambda: invoice(101)),
    "E07 after its CAE": ("E07", lambda: invoice(1, numbers=rango(111, vence=date(2026, 11, 20)))),
    "E05 to somebody else": ("E05", lambda: invoice(1, buyer=OTHER_RUT)),
    "E05 from the future": ("E05", lambda: invoice(1, at=NOON + timedelta(days=2))),
    "E05 no type": ("E05", lambda: invoice(1, replace={"<TipoCFE>111": "<TipoCFE>999"})),
    "E05 too high": ("E05", lambda: invoice(10_000_000, numbers=rango(111, hasta=99_999_999))),
}


@pytest.mark.parametrize("case", DOCUMENTS)
def test_a_bad_document_is_refused_and_the_others_are_not(receipts, outbox, case):
    code, make = DOCUMENTS[case]
    send(receipts, make(), invoice(50))
    assert answers(outbox) == [("AS", []), [(1, "BE", [code]), (2, "AE", [])]]
    assert states(receipts) == [(111, "A", 50, "ACEPTADO")]


def test_a_good_document_is_taken_after_a_bad_one_of_its_number(receipts, outbox):
    send(receipts, tampered())
    send(receipts, invoice(1), idemisor=8)
    assert answers(outbox)[2:] == [("AS", []), [(1, "AE", [])]]


def test_a_document_without_its_certificate_is_verified_with_that_of_the_sobre(receipts, outbox):
    send(receipts, invoice(1, embed=False))
    assert answers(outbox)[1] == [(1, "AE", [])]


def test_a_document_whose_namespace_only_the_sobre_declares_is_taken_as_it_was_signed(receipts, outbox):
    document = invoice(1)
    bare = document.replace(b'<CFE xmlns="http://cfe.dgi.gub.uy"', b"<CFE", 1)
    content = sobre(document).replace(document, bare)
    assert bare in content
    receipts.mailbox.drop(mail(("Sob_1.xml", content)))
    receipts.turn()
    assert answers(outbox) == [("AS", []), [(1, "AE", [])]]
    assert rows(receipts.clerk, received)[0].signed == document


def test_the_same_sobre_again_has_the_same_answers_again(receipts, outbox):
    send(receipts, invoice(1))
    first = list(outbox.posted)
    send(receipts, invoice(1))
    assert outbox.posted == first * 2
    assert len(rows(receipts.clerk, received_sobre)) == 1


def test_another_sobre_with_the_same_number_is_refused_as_there_already(receipts, outbox):
    send(receipts, invoice(1))
    send(receipts, invoice(2))
    assert answers(outbox)[2:] == [("BS", ["S20"])]
    assert states(receipts) == [(111, "A", 1, "ACEPTADO")]


def test_a_sobre_that_was_refused_may_come_again_mended(receipts, outbox):
    receipts.mailbox.drop(mail(("Sob_1.xml", SOBRES["S05"]())))
    receipts.turn()
    send(receipts, invoice(1))
    assert answers(outbox) == [("BS", ["S05"]), ("AS", []), [(1, "AE", [])]]


def test_the_same_document_in_another_sobre_is_answered_there_too(receipts, outbox):
    send(receipts, invoice(1))
    send(receipts, invoice(1), idemisor=8)
    assert answers(outbox)[2:] == [("AS", []), [(1, "AE", [])]]
    assert len(states(receipts)) == 1


def test_another_document_with_a_number_that_is_here_is_refused(receipts, outbox):
    send(receipts, invoice(1))
    send(receipts, invoice(1, price="999.00"), idemisor=8)
    assert answers(outbox)[2:] == [("AS", []), [(1, "BE", ["E02"])]]


def test_certificates_of_others_than_the_named_authorities_are_refused(clerk, basket, outbox):
    receipts = receipts_of(clerk, timedelta(), basket, outbox, authorities=Authorities())
    send(receipts, invoice(1))
    assert answers(outbox) == [("BS", ["S03"])]


@pytest.mark.skipif(not XSD.is_dir(), reason=f"DGI's samples are not beside {XSD}")
def test_dgis_own_sobres_are_read_and_every_signature_in_them_is_good():
    found = sorted((XSD.parents[1] / "dgi").glob("Sob_*.xml"))
    assert len(found) == 3
    for path in found:
        taken = take_apart(path.read_bytes())
        caratula = reception.read_caratula(taken, path.name)
        verdict = reception.judge(taken, caratula, reception.Means(now=NOON, environment="prueba"))
        assert (caratula.emisor, verdict.motivos, verdict.count) == ("219999830019", (), len(taken.cfes))
        codes = {motivo.codigo for one in verdict.cfes for motivo in one.motivos}
        # Their CAE had expired when they were signed, and the receivers are made up.
        assert codes <= {"E07", "E05"}
        assert all(one.emitido is not None for one in verdict.cfes)


# --- the commercial decision ---


def test_while_it_may_be_rejected_only_the_sobre_is_answered(patient, outbox):
    send(patient, invoice(1), invoice(2, buyer=OTHER_RUT))
    assert answers(outbox) == [("AS", []), [(2, "BE", ["E05"])]]
    assert states(patient) == [(111, "A", 1, "RECIBIDO")]


def test_what_nobody_rejects_in_time_is_accepted(patient, outbox, empty):
    send(patient, invoice(1))
    empty.clock.go(hours=23)
    patient.turn()
    assert answers(outbox) == [("AS", [])]
    empty.clock.go(hours=2)
    patient.turn()
    assert answers(outbox)[1:] == [[(1, "AE", [])]]
    assert states(patient) == [(111, "A", 1, "ACEPTADO")]
    patient.turn()
    assert len(outbox.posted) == 2


def test_what_a_person_rejects_is_answered_with_the_reason_and_never_accepted(patient, outbox, empty):
    send(patient, invoice(1), invoice(2))
    empty.cloud.correspondence.reject("Ana", RUT, (OTHER_RUT, 111, "A", 1), "E23", "No llegó la mercadería")
    patient.turn()
    assert answers(outbox)[1:] == [[(1, "BE", ["E23"])]]
    empty.clock.go(hours=25)
    patient.turn()
    assert answers(outbox)[2:] == [[(2, "AE", [])]]
    assert states(patient) == [(111, "A", 1, "RECHAZADO"), (111, "A", 2, "ACEPTADO")]
    assert "Rechazado" in empty.cloud.audit(RUT, 5)[0].detail


def test_rejecting_twice_is_rejecting_once(patient, outbox, empty):
    send(patient, invoice(1))
    for _ in range(2):
        empty.cloud.correspondence.reject("Ana", RUT, (OTHER_RUT, 111, "A", 1), "E30", "Lo acordado")
        patient.turn()
    assert len(outbox.posted) == 2


@pytest.mark.parametrize(
    ("which", "reason", "detail", "code"),
    [
        ((OTHER_RUT, 111, "A", 2), "E23", "", "E3755"),
        ((OTHER_RUT, 111, "A", 1), "E05", "x", "E3757"),
        ((OTHER_RUT, 111, "A", 1), "E61", "x", "E3757"),
        ((OTHER_RUT, 111, "A", 1), "E40", " ", "E3757"),
    ],
)
def test_what_cannot_be_rejected_is_told(patient, empty, which, reason, detail, code):
    send(patient, invoice(1))
    with pytest.raises(Rejected) as told:
        empty.cloud.correspondence.reject("Ana", RUT, which, reason, detail)
    assert told.value.code == code


def test_what_was_accepted_is_not_rejected_any_more(receipts, empty):
    send(receipts, invoice(1))
    with pytest.raises(Rejected) as told:
        empty.cloud.correspondence.reject("Ana", RUT, (OTHER_RUT, 111, "A", 1), "E23", "")
    assert told.value.code == "E3756"


# --- what installations are told ---


def pulled(till, cursor="", limit=100):
    found = till.cloud.received(till.me, cursor, limit)
    return [(one["number"], one["state"]) for one in found["documents"]], found["cursor"], found["more"]


def test_an_installation_pulls_what_arrived_and_what_changed_page_by_page(patient, empty):
    till = Till(empty)
    send(patient, invoice(1), invoice(2), invoice(3))
    first, cursor, more = pulled(till, limit=2)
    assert (first, more) == ([(1, "RECIBIDO"), (2, "RECIBIDO")], True)
    second, cursor, more = pulled(till, cursor, limit=2)
    assert (second, more) == ([(3, "RECIBIDO")], False)
    assert pulled(till, cursor)[:2] == ([], cursor)
    reply = till.cloud.reject_received(till.me, (OTHER_RUT, 111, "A", 2), "E21", "")
    assert reply.said is Said.STORED
    assert pulled(till, cursor)[0] == [(2, "RECHAZADO")]
    unknown = till.cloud.reject_received(till.me, (OTHER_RUT, 111, "A", 9), "E21", "")
    assert unknown.said is Said.UNKNOWN


def test_nobody_sees_what_another_issuer_received(receipts, empty):
    empty.found(rut=OTHER_RUT)
    send(receipts, invoice(1))
    assert pulled(Till(empty, code="OTRA", rut=OTHER_RUT))[0] == []


# --- notices ---


def notice(*numbers, signer=None):
    anulados = [Anulado(tipo=111, serie="A", numero=number, fecha=date(2026, 11, 21)) for number in numbers]
    content = compose_rechazos(anulados, ruc_emisor=OTHER_RUT, ruc_receptor=RUT, id_comunicacion=5, tmst=NOON)
    return XmlSigner(signer or identity(OTHER_RUT), embed_certificate=True).sign(content, SignaturePlan())


def test_what_its_issuer_says_that_dgi_rejected_is_annulled_and_told(receipts, empty):
    send(receipts, invoice(1), invoice(2))
    receipts.mailbox.drop(mail(("Rech.xml", notice(1)), number=9))
    receipts.turn()
    assert [state for *_, state in states(receipts)] == ["ANULADO_DGI", "ACEPTADO"]
    assert [alarm.code for alarm in empty.cloud.alarms(RUT) if "111-A-1" in alarm.sentence] == ["E3753"]


def test_a_notice_that_its_issuer_did_not_sign_annuls_nothing(receipts):
    send(receipts, invoice(1))
    receipts.mailbox.drop(mail(("Rech.xml", notice(1, signer=identity(RUT))), number=9))
    receipts.turn()
    assert states(receipts) == [(111, "A", 1, "ACEPTADO")]
    assert rows(receipts.clerk, letter)[1].state == "apart"


# --- what receivers answer to ours ---


@pytest.fixture
def sent(receipts, empty):
    """A sobre of ours on its way to a receiver."""
    Till(empty).sell("V1")
    with receipts.clerk.store.writing() as db:
        deliveries.make(db, RUT, deliveries.SOBRE, 4711, [1], NOON, receiver=OTHER_RUT, sent=b"<x/>")
    return receipts


def ack(number=4711, signer=None, receptor=OTHER_RUT):
    """A receiver's answer to it."""
    content = compose_ack_sobre(
        AckSobre(
            ruc_receptor=receptor, ruc_emisor=RUT, id_respuesta=1, archivo="Sob.xml", recibido=NOON, id_emisor=number,
            id_receptor=2, cantidad=1, firmado=NOON, estado="AS",
        )
    )  # fmt: skip
    return XmlSigner(signer or identity(receptor), embed_certificate=True).sign(content, SignaturePlan())


def delivered(receipts, content):
    receipts.mailbox.drop(mail(("M_1.xml", content)))
    receipts.turn()
    return rows(receipts.clerk, delivery)[0].state, rows(receipts.clerk, letter)[0].state


def test_what_a_receiver_answers_is_kept_where_it_is_about(sent):
    assert delivered(sent, ack()) == ("answered", "read")


@pytest.mark.parametrize("how", [{"signer": identity(RUT)}, {"number": 9}, {"receptor": RUT}])
def test_an_answer_of_somebody_else_or_about_nothing_waits_for_a_person(sent, how):
    assert delivered(sent, ack(**how)) == ("made", "apart")


# --- what is not understood, and trouble ---


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04 no se abre",
        b"nada que se entienda",
        b"<x/>",
        b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>",
        mail(("a.zip", b"PK\x03\x04" + b"\0" * 100)),
        mail(("Sob_1.xml", sobre(invoice(1), buyer=OTHER_RUT))),
        mail(("Sob_1.xml", sobre(invoice(1)).replace(b"Idemisor>7<", b"Idemisor>x<"))),
    ],
)
def test_what_is_not_understood_is_kept_apart_and_told(receipts, empty, outbox, content):
    receipts.mailbox.drop(content)
    receipts.turn()
    assert [row.state for row in rows(receipts.clerk, letter)] == ["apart"]
    assert outbox.posted == []
    assert "E3752" in [alarm.code for alarm in empty.cloud.alarms(RUT)]


def test_a_letter_without_files_is_nobodys_trouble(receipts, empty):
    receipts.mailbox.drop(mail())
    receipts.turn()
    assert [(row.state, row.content) for row in rows(receipts.clerk, letter)] == [("plain", b"")]
    assert "E3752" not in [alarm.code for alarm in empty.cloud.alarms(RUT)]


def test_a_mailbox_that_cannot_be_looked_into_is_told_and_tried_again(receipts, empty):
    receipts.mailbox.trouble = Unavailable("E3751", "No se puede mirar el buzón.")
    receipts.turn()
    empty.clock.go(minutes=20)
    receipts.turn()
    assert "E3751" in [alarm.code for alarm in empty.cloud.alarms(RUT)]
    receipts.mailbox.trouble = None
    empty.clock.go(minutes=20)
    send(receipts, invoice(1))
    assert len(states(receipts)) == 1
    assert rows(receipts.clerk, mailbox)[0].tries == 0


def test_an_answer_that_does_not_leave_is_sent_later_with_the_same_bytes(receipts, outbox, empty):
    outbox.coming = [Unavailable("E3001", "No hay conexión."), None]
    send(receipts, invoice(1))
    assert len(outbox.posted) == 1
    receipts.turn()
    assert len(outbox.posted) == 1
    empty.clock.go(minutes=1)
    receipts.turn()
    assert sorted(content for *_, content in outbox.posted) == sorted(
        row.content for row in rows(receipts.clerk, reply)
    )


def test_answers_that_stay_are_told(receipts, outbox, empty):
    outbox.coming = [Unavailable("E3001", "No hay conexión.")] * 1000
    send(receipts, invoice(1))
    empty.clock.go(hours=25)
    receipts.turn()
    assert "E3754" in [alarm.code for alarm in empty.cloud.alarms(RUT)]


def test_a_letter_waits_for_the_certificate_and_delays_no_other(clerk, receipts, outbox, empty):
    empty.found(rut=OTHER_RUT)
    for one in empty.cloud.certificates(RUT):
        empty.cloud.revoke_certificate("prueba", RUT, one.fingerprint, "Se perdió.")
    send(receipts, invoice(1))
    receipts.mailbox.drop(
        mail(("S.xml", sobre(invoice(1, rut=RUT, buyer=OTHER_RUT), rut=RUT, buyer=OTHER_RUT)), number=2)
    )
    receipts.turn()
    assert [row.state for row in rows(clerk, letter)] == ["new", "read"]


def test_only_one_reads_at_a_time(clerk, receipts, outbox):
    receipts.mailbox.drop(mail(("Sob_1.xml", sobre(invoice(1)))))
    with clerk.store.alone("buzon"):
        receipts.turn()
    assert rows(clerk, letter) == []
