"""Documents to their receivers: who is sent what, when, by which way, and what becomes of it."""

from datetime import timedelta

import pytest
from clouds import ANEXO, OTHER_RUT, RUT, Till, draft, rango
from desk import DOWN as DGI_DOWN
from desk import Desk
from filing import clerk_of, rows, sell, state, to_company, turn
from post_office import DOWN, LOST_ANSWER, LOST_REQUEST, NOT_LET_IN, SENDER, WAIT, PostOffice

from sincronizador.authorities.door import Fault
from sincronizador.core.emitido import Anexo
from sincronizador.countries.uy.acks import parse_rechazos
from sincronizador.countries.uy.received import take_apart
from sincronizador.nube import mails, sweeps
from sincronizador.nube.tables import courier, delivery, document, filer, receiver, register

MAIL = "cfe@comprador.example"
WEB = "https://ws.comprador.example/intercambio"
COMPANY = {"DENOMINACION": "COMPRADOR SA", "FECHA_INICIO": "2020-01-01", "MAIL": MAIL}
NOBODY = Anexo()


@pytest.fixture
def empty(unused, ground):
    """A cloud without issuers. The same on PostgreSQL: `test_posting_histories`."""
    place = unused.copied(ground)
    yield place
    place.cloud.close()


@pytest.fixture
def desk(empty):
    made = Desk(empty.clock)
    made.register[OTHER_RUT] = dict(COMPANY)
    return made


@pytest.fixture
def office():
    return PostOffice()


@pytest.fixture
def clerk(empty, desk, office):
    empty.found(caes=(rango(hasta=1000), rango(111, hasta=1000)))
    made = clerk_of(empty, desk, office)
    sweeps.attend(made, RUT)
    return made


@pytest.fixture
def till(clerk, empty):
    return Till(empty)


def invoice(till, key, **how):
    return to_company(till, key, OTHER_RUT, **{"anexo": NOBODY, **how})


def kinds(clerk):
    return [(row.kind, row.state) for row in rows(clerk, delivery)]


def sobre_of(office, place=-1):
    part = next(office.read(place).iter_attachments())
    return part.get_filename(), part.get_content()


# --- sobres between companies ---


def test_a_document_goes_to_its_receiver_once_dgi_has_acknowledged_it(clerk, till, desk, office):
    desk.coming.append(DGI_DOWN)
    receipt = invoice(till, "F1")
    turn(clerk, till, seconds=1)
    assert office.mails == []
    turn(clerk, till)
    assert state(till, "F1") == "sent"
    assert [to for to, _ in office.mails] == [MAIL]
    name, content = sobre_of(office)
    number = rows(clerk, delivery)[0].number
    assert name == f"Sob_{RUT}_20261121_{number}.xml"
    taken = take_apart(content)
    assert (taken.caratula["RutReceptor"], taken.caratula["RUCEmisor"]) == (OTHER_RUT, RUT)
    assert [cfe.alone for cfe in taken.cfes] == [receipt.signed]
    assert kinds(clerk) == [("sobre", "sent")]


def test_the_adenda_travels_with_its_document(clerk, till, office):
    invoice(till, "F1", anexo=Anexo(adenda="Gracias & <vuelva>"))
    turn(clerk, till)
    assert b"<Adenda>Gracias &amp; &lt;vuelva&gt;</Adenda>" in sobre_of(office)[1]


def test_a_receiver_that_is_no_electronic_issuer_is_sent_nothing(clerk, till, office):
    to_company(till, "F1", "217777770013", anexo=NOBODY)
    turn(clerk, till)
    assert office.tried == []
    assert [row.posted for row in rows(clerk, document)] == [True]


def test_who_ceased_to_be_an_issuer_is_sent_nothing(clerk, till, desk, office, empty):
    desk.register[OTHER_RUT]["FECHA_FIN"] = "2026-11-01"
    turn(clerk, till, days=1)
    invoice(till, "F1")
    turn(clerk, till)
    assert office.tried == []


def test_what_dgi_rejects_before_it_was_sent_never_is(clerk, till, desk, office):
    desk.refuse["111-A-1"] = ("E05",)
    office.coming.extend([DOWN] * 3)
    invoice(till, "F1")
    invoice(till, "F2")
    for _ in range(8):
        turn(clerk, till)
    assert (state(till, "F1"), state(till, "F2")) == ("rejected", "accepted")
    sent = [sobre_of(office, place) for place in range(len(office.mails))]
    inside = [[cfe.alone for cfe in take_apart(content).cfes] for name, content in sent if name.startswith("Sob")]
    assert inside == [[till.cloud.find(till.me, "F2").receipt.signed]]


def test_a_receiver_is_told_what_dgi_rejected_after_it_was_sent(clerk, till, desk, office):
    desk.refuse["111-A-1"] = ("E05",)
    invoice(till, "F1")
    turn(clerk, till)
    turn(clerk, till)
    turn(clerk, till, seconds=1)
    assert kinds(clerk) == [("sobre", "sent"), ("rechazo", "sent")]
    name, content = sobre_of(office)
    assert name == f"Rech_{RUT}_{rows(clerk, delivery)[1].number}.xml"
    told = parse_rechazos(content)
    assert [(one.tipo, one.serie, one.numero) for one in told.anulados] == [(111, "A", 1)]
    for _ in range(3):
        turn(clerk, till)
    assert len(office.mails) == 2


def test_several_go_together_and_each_receiver_has_its_own(clerk, till, desk, office):
    desk.register["217777770013"] = {**COMPANY, "MAIL": "otro@example.com"}
    turn(clerk, till, days=1)
    for number in range(3):
        invoice(till, f"F{number}")
    to_company(till, "G1", "217777770013", anexo=NOBODY)
    turn(clerk, till)
    count = {to: len(take_apart(sobre_of(office, place)[1]).cfes) for place, (to, _) in enumerate(office.mails)}
    assert count == {MAIL: 3, "otro@example.com": 1}


def test_papers_of_contingency_go_to_nobody(clerk, till, office):
    import test_transcriptions

    test_transcriptions.transcribe(till)
    for _ in range(3):
        turn(clerk, till)
    assert office.tried == []
    assert kinds(clerk) == []


def test_what_was_there_before_the_cloud_began_to_send_goes_to_nobody_by_itself(empty, desk, office):
    empty.found(caes=(rango(hasta=1000), rango(111, hasta=1000)))
    till = Till(empty)
    invoice(till, "F1", anexo=ANEXO)
    turn(clerk_of(empty, desk), till)
    clerk = clerk_of(empty, desk, office)
    for _ in range(3):
        turn(clerk, till)
    assert (state(till, "F1"), office.tried) == ("accepted", [])
    invoice(till, "F2")
    turn(clerk, till)
    assert len(office.mails) == 1


def test_without_the_register_companies_wait_and_persons_do_not(empty, desk, office):
    desk.register_coming.extend([DGI_DOWN, Fault(code=99, description="No", detail=""), b"<html/>"])
    empty.found(caes=(rango(hasta=1000), rango(111, hasta=1000)))
    clerk, till = clerk_of(empty, desk, office), Till(empty)
    sweeps.attend(clerk, RUT)
    invoice(till, "F1", anexo=ANEXO)
    turn(clerk, till)
    assert [to for to, _ in office.mails] == [ANEXO.correo]
    assert rows(clerk, filer)[0].trouble == ""
    for _ in range(3):
        turn(clerk, till)
    assert [to for to, _ in office.mails] == [ANEXO.correo, MAIL]


def test_the_register_is_asked_whole_once_and_then_daily_for_what_changed(clerk, till, desk):
    assert desk.register_asked == [None]
    turn(clerk, till)
    assert desk.register_asked == [None]
    desk.register[OTHER_RUT]["MAIL"] = "nuevo@example.com"
    turn(clerk, till, days=1)
    assert [str(since) for since in desk.register_asked] == ["None", "2026-11-19"]
    assert [row.mail for row in rows(clerk, receiver)] == ["nuevo@example.com"]
    assert rows(clerk, register)[0].trouble == ""


def test_without_dgi_the_register_is_the_one_of_before(clerk, till, desk, office):
    invoice(till, "F1")
    turn(clerk, till)
    desk.register_coming.extend([DGI_DOWN] * 200)
    for days in (1, 0, 3, 0):
        turn(clerk, till, days=days, minutes=1)
    assert "E3746" in {alarm.code for alarm in till.cloud.alarms(RUT)}
    invoice(till, "F2")
    turn(clerk, till)
    assert len(office.mails) == 2


# --- the way: mail ---


@pytest.mark.parametrize("trouble", [DOWN, LOST_REQUEST, LOST_ANSWER, WAIT, NOT_LET_IN])
def test_a_mail_that_was_not_taken_goes_again_with_the_same_bytes(clerk, till, office, trouble):
    office.coming.append(trouble)
    invoice(till, "F1", anexo=ANEXO)
    for _ in range(3):
        turn(clerk, till)
    assert len({message for _, message in office.tried}) == 2
    assert {state for _, state in kinds(clerk)} == {"sent"}
    ids = {office.read(place)["Message-ID"] for place in range(len(office.mails))}
    assert len(ids) == 2
    assert all(row.mail is None for row in rows(clerk, delivery))


def test_a_mail_server_that_fails_rests_and_dgi_goes_on(clerk, till, desk, office):
    office.coming.extend([DOWN] * 30)
    for number in range(5):
        sell(till, f"V{number}")
    turn(clerk, till)
    assert len(office.tried) == 1
    turn(clerk, till, seconds=1)
    assert len(office.tried) <= 2
    assert state(till, "V4") == "sent"
    row = rows(clerk, courier)[0]
    assert row.trouble
    assert rows(clerk, filer)[0].trouble == ""
    turn(clerk, till, minutes=20)
    assert "E3744" in {alarm.code for alarm in till.cloud.alarms(RUT)}
    for _ in range(30):
        turn(clerk, till)
    assert len(office.mails) == 5
    assert "E3744" not in {alarm.code for alarm in till.cloud.alarms(RUT)}


def test_while_dgi_is_down_persons_get_their_mail(clerk, till, desk, office):
    sell(till, "V0")
    desk.coming.extend([DGI_DOWN] * 5)
    turn(clerk, till, seconds=1)
    sell(till, "V1", "100.00")
    with clerk.store.reading() as db:
        assert RUT in sweeps.agenda(db, clerk)
    sweeps.attend(clerk, RUT)
    assert [to for to, _ in office.mails] == [ANEXO.correo]


def test_an_address_that_does_not_take_mail_is_kept_and_told_and_holds_up_nobody(clerk, till, office):
    office.refuse = office.refused.add(MAIL)
    invoice(till, "F1")
    sell(till, "V1", "100.00")
    turn(clerk, till)
    turn(clerk, till)
    assert dict(kinds(clerk)) == {"sobre": "failed", "correo": "sent"}
    assert "E3743" in till.place.alarms()
    assert [to for to, _ in office.tried].count(MAIL) == 1


@pytest.mark.parametrize("written", ["x@example.com\r\nBcc: y@example.com", "no es", "a@b@c", "ñandú@example.com"])
def test_what_is_no_address_is_told_and_never_reaches_a_header(clerk, till, office, written):
    till.confirm("V1", till.submit("V1", anexo=Anexo(correo=written)).reply.receipt)
    turn(clerk, till)
    assert office.tried == []
    assert kinds(clerk) == [("correo", "failed")]
    assert "E3743" in till.place.alarms()


def test_a_server_that_asks_to_wait_for_days_is_believed_no_more(clerk, till, office):
    office.coming.extend([WAIT] * 1000)
    invoice(till, "F1")
    for _ in range(12):
        turn(clerk, till)
    assert kinds(clerk) == [("sobre", "made")]
    turn(clerk, till, days=6)
    assert kinds(clerk) == [("sobre", "failed")]


# --- the way: web service ---


@pytest.fixture
def web(clerk, till, desk, office):
    desk.register[OTHER_RUT]["URL_WEBSERVICE"] = WEB
    turn(clerk, till, days=1)
    return office


def test_a_receiver_with_a_web_service_gets_it_there(clerk, till, web):
    receipt = invoice(till, "F1")
    turn(clerk, till)
    assert web.mails == []
    [(address, verb, content)] = web.taken
    assert (address, verb) == (WEB, "sobre")
    assert [cfe.alone for cfe in take_apart(content).cfes] == [receipt.signed]
    assert kinds(clerk) == [("sobre", "sent")]


@pytest.mark.parametrize("trouble", [DOWN, LOST_REQUEST, LOST_ANSWER])
def test_a_web_service_is_asked_again_with_the_same_bytes(clerk, till, web, trouble):
    from collections import deque

    web.services[WEB] = deque([trouble])
    invoice(till, "F1")
    for _ in range(3):
        turn(clerk, till, minutes=1)
    assert len({content for *_, content in web.asked}) == 1
    assert kinds(clerk) == [("sobre", "sent")]
    assert web.mails == []


def test_what_a_web_service_does_not_take_for_hours_goes_by_mail_as_it_is(clerk, till, web):
    from collections import deque

    web.services[WEB] = deque([DOWN] * 100)
    invoice(till, "F1")
    for _ in range(12):
        turn(clerk, till)
    assert [to for to, _ in web.mails] == [MAIL]
    assert sobre_of(web)[1] == web.asked[0][2]
    asked = len(web.asked)
    turn(clerk, till)
    assert len(web.asked) == asked


def test_what_a_web_service_refuses_goes_by_mail_at_once(clerk, till, web):
    from collections import deque

    web.services[WEB] = deque([Fault(code=1001, description="Formato", detail="x")])
    invoice(till, "F1")
    turn(clerk, till)
    turn(clerk, till, seconds=1)
    assert [to for to, _ in web.mails] == [MAIL]


def test_a_receiver_with_neither_is_told(clerk, till, desk, office):
    desk.register[OTHER_RUT].update(MAIL="no tiene", URL_WEBSERVICE="http://sin.cifrar.example/")
    turn(clerk, till, days=1)
    invoice(till, "F1")
    turn(clerk, till)
    assert "E3748" in till.place.alarms()
    assert office.tried == []


def test_rejections_go_by_web_service_too(clerk, till, web, desk):
    desk.refuse["111-A-1"] = ("E05",)
    invoice(till, "F1")
    for _ in range(3):
        turn(clerk, till)
    assert [verb for _, verb, _ in web.taken] == ["sobre", "rechazos"]


# --- persons ---


def test_who_gave_an_address_gets_the_document_and_its_form(clerk, till, office):
    receipt = sell(till, "V1", "100.00")
    turn(clerk, till)
    assert [to for to, _ in office.mails] == [ANEXO.correo]
    mail = office.read()
    assert mail["From"] == f'"ALMACÉN DE PRUEBA S.A." <{SENDER}>'
    assert "e-Ticket A 1" in mail["Subject"]
    pdf, xml = mail.iter_attachments()
    assert pdf.get_content().startswith(b"%PDF")
    assert xml.get_content() == receipt.signed
    assert (pdf.get_filename(), xml.get_filename()) == (f"{RUT}-101-A-1.pdf", f"{RUT}-101-A-1.xml")
    for _ in range(3):
        turn(clerk, till)
    assert len(office.mails) == 1


def test_a_document_that_travels_alone_waits_for_dgi_also_for_a_person(clerk, till, desk, office):
    desk.coming.append(DGI_DOWN)
    sell(till, "V1")
    turn(clerk, till, seconds=1)
    assert office.tried == []
    turn(clerk, till)
    assert len(office.mails) == 1


def test_what_was_signed_in_contingency_is_mailed_when_it_is_handed_over(clerk, till, office):
    lease = till.lease(10).lease
    till.sign_and_hand_over("V1", lease, lease.desde)
    turn(clerk, till)
    assert [to for to, _ in office.mails] == [ANEXO.correo]


def test_what_dgi_rejected_is_not_mailed(clerk, till, desk, office):
    desk.refuse["101-A-1"] = ("E05",)
    office.coming.extend([DOWN] * 3)
    sell(till, "V1")
    for _ in range(5):
        turn(clerk, till)
    assert state(till, "V1") == "rejected"
    assert office.mails == []
    assert kinds(clerk) == [("correo", "withdrawn")]


def test_what_is_only_prepared_or_voided_is_not_mailed(clerk, till, office):
    till.submit("P0", draft("P0"))
    till.void("P0")
    till.submit("P1", draft("P1"))
    turn(clerk, till)
    assert kinds(clerk) == []


# --- what an administrator does ---


def test_a_mail_to_a_person_goes_again_to_another_address(clerk, till, office):
    office.refused.add(ANEXO.correo)
    sell(till, "V1", "100.00")
    turn(clerk, till)
    [row] = rows(clerk, delivery)
    assert row.state == "failed"
    till.cloud.dispatch.resend("prueba", RUT, row.number, "otra@example.com")
    turn(clerk, till)
    assert [to for to, _ in office.mails] == ["otra@example.com"]
    assert office.tried[0][1] != office.tried[1][1], "it says to whom"


def test_a_sobre_that_was_taken_goes_again_as_it_was(clerk, till, office):
    invoice(till, "F1")
    turn(clerk, till)
    [row] = rows(clerk, delivery)
    till.cloud.dispatch.resend("prueba", RUT, row.number)
    turn(clerk, till, days=30)
    assert office.mails[0] == office.mails[1]


def test_a_sobre_that_nobody_has_goes_as_another_one_to_where_the_register_says_now(clerk, till, desk, office):
    office.refused.add(MAIL)
    invoice(till, "F1")
    turn(clerk, till)
    [row] = rows(clerk, delivery)
    desk.register[OTHER_RUT]["MAIL"] = "nuevo@example.com"
    turn(clerk, till, days=1)
    till.cloud.dispatch.resend("prueba", RUT, row.number)
    turn(clerk, till)
    assert [to for to, _ in office.mails] == ["nuevo@example.com"]
    assert kinds(clerk) == [("sobre", "withdrawn"), ("sobre", "sent")]


def test_what_is_under_way_is_not_sent_again(clerk, till, office):
    from sincronizador.errors import Rejected

    office.coming.append(DOWN)
    invoice(till, "F1")
    turn(clerk, till)
    [row] = rows(clerk, delivery)
    for number in (row.number, 12):
        with pytest.raises(Rejected) as raised:
            till.cloud.dispatch.resend("prueba", RUT, number)
        assert raised.value.code == "E3749"


def test_the_listing_says_what_became_of_each(clerk, till, office):
    invoice(till, "F1")
    turn(clerk, till)
    [one] = till.cloud.dispatch.listing(RUT, 10)
    assert (one.kind, one.receiver, one.way, one.state.value) == ("sobre", OTHER_RUT, MAIL, "sent")
    assert one.documents == (("111-A-1", ""),)
    assert one.said.startswith("250")
    found, asked = till.cloud.dispatch.receiver(OTHER_RUT)
    assert (found.denominacion, found.correo) == ("COMPRADOR SA", MAIL)
    assert timedelta() < clerk.now() - asked < timedelta(days=2)


def test_receivers_that_do_not_answer_are_told(clerk, till, office):
    invoice(till, "F1")
    turn(clerk, till)
    assert "E3745" not in {alarm.code for alarm in till.cloud.alarms(RUT)}
    turn(clerk, till, days=6)
    assert "E3745" in {alarm.code for alarm in till.cloud.alarms(RUT)}


def test_a_delivery_that_cannot_be_made_holds_up_no_other(clerk, till, office, monkeypatch):
    real = mails.person_mail

    def picky(*args, emitido, **more):
        if emitido.numero == 1:
            raise ValueError(emitido.slug)
        return real(*args, emitido=emitido, **more)

    monkeypatch.setattr(mails, "person_mail", picky)
    for number in range(3):
        sell(till, f"V{number}", "100.00")
    turn(clerk, till)
    assert len(office.mails) == 2
    [stuck] = [row for row in rows(clerk, delivery) if row.state == "made"]
    assert "101-A-1" in stuck.trouble
    monkeypatch.undo()
    turn(clerk, till)
    assert len(office.mails) == 3
