"""Documents to the authority, one by one: what is sent, when, and what becomes of each."""

from datetime import date, timedelta

import pytest
import test_transcriptions
from clouds import RUT, Till, draft, rango
from desk import DOWN, LOST_ANSWER, LOST_REQUEST, Desk
from filing import BIG, BUYER, clerk_of, rows, sell, state, turn
from sqlalchemy import select, update

from sincronizador.authorities.door import Fault
from sincronizador.nube import filings
from sincronizador.nube.tables import document, filer, shipment, sobre


@pytest.fixture
def desk(empty):
    return Desk(empty.clock)


@pytest.fixture
def clerk(empty, desk):
    empty.found(caes=(rango(hasta=1000), rango(102, hasta=1000), rango(111, hasta=1000)))
    return clerk_of(empty, desk)


@pytest.fixture
def till(clerk, empty):
    return Till(empty)


def test_a_document_that_travels_alone_is_sent_and_accepted(clerk, till, desk):
    sell(till, "V1")
    turn(clerk, till)
    assert state(till, "V1") == "sent"
    turn(clerk, till)
    assert state(till, "V1") == "accepted"
    assert [row.state for row in rows(clerk, sobre)] == ["done"]


def test_a_small_e_ticket_is_not_sent(clerk, till, desk):
    sell(till, "V1", "100.00")
    turn(clerk, till)
    assert (state(till, "V1"), desk.arrived) == ("confirmed", [])


def test_what_is_only_prepared_is_not_sent(clerk, till, desk):
    till.submit("V1", draft("V1", price=BIG).replace(b"</Emisor>", b"</Emisor>" + BUYER))
    turn(clerk, till)
    assert desk.arrived == []


def test_the_signed_bytes_travel_as_they_are(clerk, till, desk):
    signed = sell(till, "V1").signed
    turn(clerk, till)
    assert signed in desk.arrived[0][2]


@pytest.mark.parametrize("trouble", [DOWN, LOST_REQUEST, LOST_ANSWER])
def test_what_was_not_answered_is_sent_again_with_the_same_bytes(clerk, till, desk, trouble):
    desk.coming.extend([trouble])
    sell(till, "V1")
    for _ in range(5):
        turn(clerk, till)
    assert state(till, "V1") == "accepted"
    assert len({sent for _, _, sent, _ in desk.arrived}) == 1
    assert len(rows(clerk, sobre)) == 1


def test_up_to_250_go_together_oldest_first(clerk, till, desk):
    desk.coming.extend([DOWN])
    first = sell(till, "V0")
    turn(clerk, till)
    for number in range(1, 4):
        sell(till, f"V{number}")
    turn(clerk, till)
    assert [slugs for *_, slugs in desk.arrived] == [["101-A-1"], ["101-A-2", "101-A-3", "101-A-4"]]
    assert first.numero == 1


def test_idemisor_only_grows(clerk, till, desk):
    numbers = []
    for number in range(5):
        sell(till, f"V{number}")
        turn(clerk, till, seconds=0)
        numbers = [row.idemisor for row in rows(clerk, sobre)]
    assert numbers == sorted(set(numbers))
    assert len(numbers) == 5


def test_a_note_waits_until_what_it_corrects_was_acknowledged(clerk, till, desk):
    sell(till, "V1")
    sell(till, "N1", tipo=102)
    turn(clerk, till, seconds=1)
    assert [slugs for *_, slugs in desk.arrived] == [["101-A-1"]]
    turn(clerk, till)
    turn(clerk, till)
    assert [slugs for *_, slugs in desk.arrived] == [["101-A-1"], ["102-A-1"]]
    turn(clerk, till)
    assert state(till, "N1") == "accepted"


def test_a_note_of_a_small_e_ticket_does_not_wait(clerk, till, desk):
    desk.strict = False
    sell(till, "V1", "100.00")
    sell(till, "N1", tipo=102)
    turn(clerk, till)
    assert [slugs for *_, slugs in desk.arrived] == [["102-A-1"]]


def test_what_is_rejected_is_told_with_its_reasons(clerk, till, desk):
    desk.refuse["101-A-1"] = ("E05",)
    sell(till, "V1")
    turn(clerk, till)
    turn(clerk, till)
    receipt = till.cloud.find(till.me, "V1").receipt
    assert (receipt.state.value, receipt.authority) == ("rejected", "E05 No")
    assert "E3722" in till.place.alarms()
    told = till.cloud.changes(till.me, "", 10).receipts
    assert [one.state.value for one in told] == ["rejected"]


def test_an_answer_about_some_is_followed_until_all_have_one(clerk, till, desk):
    desk.partly = 2
    for number in range(3):
        sell(till, f"V{number}")
    turn(clerk, till)
    turn(clerk, till)
    assert [state(till, f"V{number}") for number in range(3)] == ["accepted", "accepted", "sent"]
    turn(clerk, till)
    turn(clerk, till)
    assert state(till, "V2") == "accepted"


def test_a_sobre_that_is_not_processed_yet_is_asked_about_later(clerk, till, desk):
    desk.slow = 3
    sell(till, "V1")
    for _ in range(6):
        turn(clerk, till)
    assert state(till, "V1") == "accepted"
    assert len(desk.arrived) == 1


def test_a_refused_sobre_is_sent_in_smaller_ones_until_the_bad_document_is_alone(clerk, till, desk):
    for number in range(4):
        sell(till, f"V{number}")
    desk.refuse["101-A-3"] = ("S04",)
    for _ in range(8):
        turn(clerk, till)
    assert [state(till, f"V{number}") for number in (0, 1, 3)] == ["accepted"] * 3
    assert state(till, "V2") == "confirmed"
    assert all(len(slugs) == 1 for *_, slugs in desk.arrived[-2:])
    desk.refuse.clear()
    for _ in range(3):
        turn(clerk, till)
    assert state(till, "V2") == "accepted"
    in_hand = [row.document for row in rows(clerk, shipment) if row.state in ("sent", "accepted")]
    assert len(in_hand) == len(set(in_hand))


def test_a_sobre_that_is_there_already_counts_as_taken(clerk, till, desk):
    desk.coming.extend([LOST_ANSWER, Fault(code=108, description="Sobre duplicado", detail="")])
    sell(till, "V1")
    for _ in range(4):
        turn(clerk, till)
    assert state(till, "V1") == "accepted"


def test_a_document_that_is_there_already_counts_as_accepted(clerk, till, desk):
    """The base was restored and sends again what the authority has."""
    sell(till, "V1")
    copy = till.place.backup()
    turn(clerk_of(till.place, desk), till)
    till.place.restore(copy)
    till.learn()
    clerk = clerk_of(till.place, desk)
    for _ in range(3):
        turn(clerk, till)
    assert state(till, "V1") == "accepted"
    assert len({idemisor for _, idemisor, *_ in desk.arrived}) == 2


def test_two_certificates_never_share_a_sobre(clerk, till, desk):
    from clouds import PASSWORD, pkcs12

    desk.coming.extend([DOWN])
    sell(till, "V0")
    turn(clerk, till)
    sell(till, "V1")
    till.cloud.install_certificate("prueba", till.rut, pkcs12(titular="OTRO (PRUEBA)"), PASSWORD)
    sell(till, "V2")
    sell(till, "V3")
    turn(clerk, till)
    assert [slugs for *_, slugs in desk.arrived] == [["101-A-1"], ["101-A-2"], ["101-A-3", "101-A-4"]]


def test_a_line_that_fails_rests_longer_each_time_but_not_for_ever(clerk, till, desk):
    sell(till, "V1")
    desk.coming.extend([DOWN] * 40)
    pauses = []
    for _ in range(12):
        turn(clerk, till)
        row = rows(clerk, filer)[0]
        pauses.append(row.due - till.place.clock())
    assert pauses[-1] > pauses[0]
    assert max(pauses) <= timedelta(minutes=5)
    assert row.trouble


def test_a_clock_put_back_holds_nothing_up(clerk, till, desk):
    sell(till, "V1")
    desk.coming.extend([DOWN])
    turn(clerk, till)
    till.place.clock.go(days=-2)
    turn(clerk, till, seconds=1)
    assert len(desk.arrived) == 1


def test_sorting_is_remembered(clerk, till):
    sell(till, "V1")
    sell(till, "V2", "10.00")
    assert filings.sort(clerk, till.rut)
    assert not filings.sort(clerk, till.rut)
    assert [row.alone for row in rows(clerk, document)] == [True, False]
    assert date(2026, 11, 21) == rows(clerk, document)[0].day


def test_an_answer_that_nobody_understands_holds_up_no_other_sobre(clerk, till, desk):
    desk.coming.append(b"<html>Bienvenido</html>")
    sell(till, "V1")
    turn(clerk, till)
    sell(till, "V2")
    turn(clerk, till, minutes=1)
    assert state(till, "V2") == "sent"
    turn(clerk, till)
    turn(clerk, till)
    assert [state(till, key) for key in ("V1", "V2")] == ["accepted", "accepted"]


def test_a_certificate_that_is_not_accepted_is_told_and_the_documents_stay_together(clerk, till, desk):
    desk.refuse["101-A-1"] = ("S03",)
    desk.coming.append(DOWN)
    for number in range(3):
        sell(till, f"V{number}")
    for _ in range(4):
        turn(clerk, till)
    assert {len(slugs) for *_, slugs in desk.arrived} == {3}
    assert "E3721" in till.place.alarms()
    desk.refuse.clear()
    for _ in range(3):
        turn(clerk, till)
    assert {state(till, f"V{number}") for number in range(3)} == {"accepted"}


def test_a_document_that_was_rejected_the_first_time_is_not_accepted_for_being_there(clerk, till, desk):
    """A restored base sends again what DGI had rejected: E02 leads to the answer of then."""
    sell(till, "V1")
    turn(clerk, till)
    turn(clerk, till)
    (idemisor, number) = desk.documents[RUT, "101-A-1"][2]
    told = desk.sobres[RUT, idemisor][2][0]
    told.update(estado="BE", codes=("E05",))
    with clerk.store.writing() as db:
        db.execute(update(shipment).values(state="returned"))
        db.execute(update(document).values(state="confirmed"))
    for _ in range(3):
        turn(clerk, till)
    assert state(till, "V1") == "rejected"
    assert number


def test_another_document_under_the_number_waits_for_a_person(clerk, till, desk):
    desk.documents[RUT, "101-A-1"] = ("AE", "", (1, 1))
    other = {"n": 1, "tipo": "101", "serie": "A", "numero": "1", "firmado": "2026-11-01T10:00:00-03:00"}
    desk.sobres[RUT, 1] = (b"", 1, [other | {"estado": "AE", "codes": ()}])
    desk.arrived.append((RUT, 1, b"", ["101-A-1"]))
    sell(till, "V1")
    turn(clerk, till)
    turn(clerk, till)
    assert state(till, "V1") == "sent"
    assert "E3731" in till.place.alarms()


def test_a_paper_that_was_observed_and_corrected_is_sent_again_under_its_number(clerk, till, desk, monkeypatch):
    plain = test_transcriptions.paper

    def large(*args):
        return plain(*args).replace(b"100.00", BIG.encode()).replace(b"</Emisor>", b"</Emisor>" + BUYER)

    monkeypatch.setattr(test_transcriptions, "paper", large)
    desk.refuse["201-P-7"] = ("C03",)
    test_transcriptions.transcribe(till)
    turn(clerk, till)
    turn(clerk, till)
    receipt = till.cloud.find(till.me, "P1").receipt
    assert (receipt.state.value, receipt.authority) == ("observed", "C03 No")
    desk.refuse.clear()
    turn(clerk, till)
    test_transcriptions.transcribe(till, what="Otro", counter=2)
    turn(clerk, till)
    turn(clerk, till)
    assert state(till, "P1") == "accepted"
    assert [row.state for row in rows(clerk, shipment)] == ["observed", "accepted"]


def reject(clerk, till, desk, slug="101-A-1"):
    """A sale V1 that DGI rejects."""
    desk.refuse[slug] = ("E05",)
    sell(till, "V1")
    turn(clerk, till)
    turn(clerk, till)
    assert state(till, "V1") == "rejected"


def content(price):
    return draft("V1", price=price).replace(b"</Emisor>", b"</Emisor>" + BUYER)


def test_other_content_takes_the_place_of_what_was_rejected(clerk, till, desk):
    reject(clerk, till, desk)
    again = till.submit("V1", content("60001.00"), counter=2).reply.receipt
    assert (again.numero, again.state.value) == (2, "prepared")
    till.confirm("V1", again)
    turn(clerk, till)
    turn(clerk, till)
    assert state(till, "V1") == "accepted"
    with clerk.store.reading() as db:
        kept = db.execute(select(document.c.number, document.c.state, document.c.extra).order_by(document.c.number))
        assert [tuple(row) for row in kept] == [(1, "rejected", True), (2, "accepted", False)]
    assert "E3502" not in till.place.alarms(), "they are no two documents of a sale: one of them does not count"


def test_what_was_rejected_gives_way_to_what_was_signed_in_contingency(clerk, till, desk):
    reject(clerk, till, desk)
    lease = till.lease(10).lease
    told = till.hand_over("V1", till.sign(lease, lease.desde, content("60001.00")), counter=2, lease=lease.id)
    assert (told.reply.said.value, told.reply.receipt.extra) == ("stored", False)
    assert "E3502" not in till.place.alarms()


def test_a_lower_attempt_and_the_same_content_change_nothing_of_what_was_rejected(clerk, till, desk):
    reject(clerk, till, desk)
    assert till.submit("V1", content(BIG)).reply.receipt.state.value == "rejected"
    assert till.submit("V1", content("60001.00"), counter=1).reply.said.value == "conflict"
