"""Daily reports: one for every day, also empty ones, made again when the day changed, followed to the end."""

from datetime import date, timedelta

import pytest
from clouds import RUT, Till, rango
from desk import DOWN, LOST_ANSWER, LOST_REQUEST, Desk
from filing import clerk_of, rows, sell, state, turn
from lxml import etree
from sqlalchemy import update

from sincronizador.nube import dailies, filers, rates, sweeps
from sincronizador.nube.gate import touch
from sincronizador.nube.tables import answer, day, filer, report

FRIDAY, SATURDAY = date(2026, 11, 20), date(2026, 11, 21)


@pytest.fixture
def desk(empty):
    return Desk(empty.clock)


@pytest.fixture
def clerk(empty, desk):
    empty.found(caes=(rango(hasta=1000), rango(102, hasta=1000)))
    return clerk_of(empty, desk)


@pytest.fixture
def till(clerk, empty):
    return Till(empty)


def days(clerk, till, count):
    """Let so many days go by, with a few sweeps each."""
    for _ in range(count * 12):
        turn(clerk, till, hours=2)


def sent(desk):
    return [(of.isoformat(), secuencia) for _, of, secuencia in sorted(desk.reports)]


def said(desk, of, secuencia=1):
    return etree.fromstring(desk.reports[RUT, of, secuencia])


def number(root, name):
    return [int(one.text) for one in root.iter("{http://cfe.dgi.gub.uy}" + name)]


def test_a_day_is_reported_after_it_ended_and_its_small_documents_become_reported(clerk, till, desk):
    sell(till, "V1", "100.00")
    turn(clerk, till, hours=1)
    assert desk.reports == {}
    days(clerk, till, 1)
    assert sent(desk) == [("2026-11-21", 1)]
    assert number(said(desk, SATURDAY), "CantDocsUtil") == [1]
    assert state(till, "V1") == "reported"
    assert rows(clerk, report)[0].state == "done"


def test_every_day_since_the_first_has_one_also_without_documents(clerk, till, desk):
    sell(till, "V1", "100.00")
    days(clerk, till, 4)
    assert sent(desk) == [(f"2026-11-{n}", 1) for n in (21, 22, 23, 24)]
    assert number(said(desk, date(2026, 11, 23)), "CantComprobantes") == [0]


def test_the_first_day_may_be_told(clerk, till, desk):
    with clerk.store.writing() as db:
        touch(db, RUT, clerk.now())
        filers.begin_reports(db, RUT, FRIDAY)
    days(clerk, till, 1)
    assert sent(desk) == [("2026-11-20", 1), ("2026-11-21", 1)]


def test_without_a_first_day_nothing_is_reported(clerk, till, desk):
    days(clerk, till, 2)
    assert desk.reports == {}


def test_a_cloud_that_was_off_catches_up_in_order(clerk, till, desk):
    sell(till, "V1", "100.00")
    turn(clerk, till, minutes=1)
    till.place.clock.go(days=15)
    for _ in range(4):
        turn(clerk, till, minutes=30)
    assert [of for _, of, *_ in desk.reports_arrived] == [SATURDAY + timedelta(days=n) for n in range(15)]


def test_a_closed_day_that_changes_is_reported_again_with_the_next_sequence(clerk, till, desk):
    receipt = till.submit("V2").reply.receipt
    sell(till, "V1", "100.00")
    days(clerk, till, 1)
    assert number(said(desk, SATURDAY), "CantDocsUtil") == [1]
    till.confirm("V2", receipt)
    days(clerk, till, 1)
    assert sent(desk)[:2] == [("2026-11-21", 1), ("2026-11-21", 2)]
    assert number(said(desk, SATURDAY, 2), "CantDocsUtil") == [2]
    assert state(till, "V2") == "reported"


def test_a_rejected_number_is_told_as_annulled(clerk, till, desk):
    desk.refuse["101-A-1"] = ("E05",)
    sell(till, "V1")
    sell(till, "V2", "100.00")
    days(clerk, till, 1)
    root = said(desk, SATURDAY)
    assert (number(root, "CantDocsUtil"), number(root, "CantDocsAnulados")) == ([2], [1])


def test_a_number_that_was_annulled_is_told_on_its_day(clerk, till, desk):
    till.submit("V1")
    till.void("V1")
    sell(till, "V2", "100.00")
    days(clerk, till, 1)
    root = said(desk, SATURDAY)
    assert (number(root, "CantDocsUtil"), number(root, "CantDocsAnulados")) == ([2], [1])


def test_the_report_waits_while_documents_of_the_day_are_on_their_way_but_not_past_the_deadline(clerk, till, desk):
    desk.slow = 10_000
    sell(till, "V1")
    days(clerk, till, 1)
    assert desk.reports == {}
    till.place.clock.go(days=1)
    days(clerk, till, 1)
    assert ("2026-11-21", 1) in sent(desk)


@pytest.mark.parametrize("trouble", [DOWN, LOST_REQUEST, LOST_ANSWER])
def test_what_was_not_answered_is_sent_again_with_the_same_bytes(clerk, till, desk, trouble):
    sell(till, "V1", "100.00")
    turn(clerk, till, minutes=1)
    desk.coming.append(trouble)
    days(clerk, till, 1)
    assert state(till, "V1") == "reported"
    assert len({sent for *_, sent in desk.reports_arrived}) == 1


def test_what_nobody_needs_to_know_again_is_not_told_again(clerk, till, desk):
    sell(till, "V1", "100.00")
    days(clerk, till, 1)
    with clerk.store.writing() as db:
        touch(db, RUT, clerk.now())
        dailies.wait(db, RUT, SATURDAY, "", clerk.now() - timedelta(hours=2))
    turn(clerk, till, hours=1)
    assert [one for one in sent(desk) if one[0] == "2026-11-21"] == [("2026-11-21", 1)]
    assert [row.day for row in rows(clerk, day)] == []


def test_a_refused_report_waits_for_a_person_and_goes_again(clerk, till, desk):
    desk.refuse[SATURDAY] = ("R04",)
    sell(till, "V1", "100.00")
    days(clerk, till, 1)
    assert desk.reports == {}
    assert "E3725" in till.place.alarms()
    desk.refuse.clear()
    days(clerk, till, 1)
    assert ("2026-11-21", 1) in sent(desk)
    assert state(till, "V1") == "reported"


def test_a_sequence_that_the_authority_has_already_is_passed_by(clerk, till, desk):
    """A restored base has forgotten reports: DGI is asked, and none is numbered twice."""
    sell(till, "V1", "100.00")
    days(clerk, till, 1)
    with clerk.store.writing() as db:
        db.execute(answer.delete())
        db.execute(report.delete())
        db.execute(update(filer).values(reported=None))
    till.submit("V2")
    receipt = till.cloud.find(till.me, "V2").receipt
    till.confirm("V2", receipt)
    days(clerk, till, 1)
    assert ("2026-11-21", 1) in sent(desk)
    assert ("2026-11-21", 2) in sent(desk)


def test_after_a_restore_sequences_are_asked_for_first(clerk, till, desk):
    sell(till, "V1", "100.00")
    turn(clerk, till, minutes=1)
    copy = till.place.backup()
    clerk = clerk_of(till.place, desk)
    days(clerk, till, 1)
    assert sent(desk) == [("2026-11-21", 1)]
    till.place.restore(copy)
    till.learn()
    till.cloud.recovered(till.me, ())
    clerk = clerk_of(till.place, desk)
    days(clerk, till, 1)
    arrived = [(of, secuencia) for _, of, secuencia, _ in desk.reports_arrived]
    assert len(arrived) == len(set(arrived))
    assert state(till, "V1") == "reported"


def test_while_installations_are_missing_nothing_is_reported(clerk, till, desk):
    sell(till, "V1", "100.00")
    turn(clerk, till, minutes=1)
    till.place.restore(till.place.backup())
    till.cloud.declare_restored("prueba")
    days(clerk_of(till.place, desk), till, 1)
    assert desk.reports == {}


def test_a_report_with_differences_is_told(clerk, till, desk):
    desk.report_states[SATURDAY, 1] = "ER"
    sell(till, "V1", "100.00")
    days(clerk, till, 1)
    assert "E3728" in till.place.alarms()
    assert state(till, "V1") == "reported"


def test_a_missing_rate_is_waited_for_never_guessed(clerk, till, desk):
    content = {"<TpoMoneda>UYU</TpoMoneda>": "<TpoMoneda>USD</TpoMoneda><TpoCambio>40.000</TpoCambio>"}
    sell(till, "V1", "100.00", replace=content)
    days(clerk, till, 1)
    assert desk.reports == {}
    assert any("USD" in row.trouble for row in rows(clerk, day))
    assert "E3727" in [alarm.code for alarm in till.cloud.alarms(RUT)]
    with clerk.store.writing() as db:
        rates.keep(db, {("USD", FRIDAY): 40}, "BCU", clerk.now())
        dailies.wake(db)
    turn(clerk, till, minutes=1)
    assert ("2026-11-21", 1) in sent(desk)


def test_a_document_of_a_day_before_all_others_that_counts_late_is_reported_with_the_days_between(clerk, till, desk):
    receipt = till.submit("V0").reply.receipt
    till.place.clock.go(days=3)
    sell(till, "V1", "100.00")
    days(clerk, till, 2)
    assert min(of for _, of, _ in desk.reports) == SATURDAY + timedelta(days=3)
    till.confirm("V0", receipt)
    days(clerk, till, 1)
    assert sent(desk)[:4] == [(f"2026-11-{n}", 1) for n in (21, 22, 23, 24)]
    assert state(till, "V0") == "reported"
    with clerk.store.reading() as db:
        assert sweeps.agenda(db, clerk) == []
