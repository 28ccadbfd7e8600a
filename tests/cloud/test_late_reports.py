"""The cloud does not say that the authority has the documents of a day long over: that is told, never for nothing."""

from datetime import datetime, timedelta

import pytest
from test_the_route import cut, heal, ticket
from walking import NOON

from sincronizador.core.receipt import CloudState
from sincronizador.countries.uy.tipos import ZONE
from sincronizador.engine.chores import Chores
from sincronizador.engine.health import examine
from sincronizador.journal import alarms as kept
from sincronizador.journal import listings


def told(machine):
    """What is said of reports now, after the cloud was asked."""
    machine.pass_time(seconds=31)
    machine.probe()
    return looked(machine)


def looked(machine):
    with machine.house.journal.reading() as db:
        found = examine(machine.house, db, machine.pen.certificate, machine.clock.now()).alarms
    return [alarm.texto for alarm in found if alarm.clave == "reporte"]


def at(machine, day, hour=12):
    """Let time pass until then."""
    machine.clock.time += datetime(2026, 11, day, hour, tzinfo=ZONE) - machine.clock.now()


def sell(machine, *sales):
    for sale in sales:
        assert machine.send(f"{sale}.TXT", ticket(sale))["ESTADO"] == "ENVIADO"


def report(machine, *sales, state=CloudState.REPORTED):
    for sale in sales:
        machine.cloud.tell(sale, state, "")


@pytest.fixture
def machine(shop):
    """Its cloud filed a first sale with the authority: on Monday the 23rd one more was made."""
    machine = shop()
    at(machine, 22)
    sell(machine, "V0")
    report(machine, "V0")
    assert told(machine) == []
    at(machine, 23)
    sell(machine, "V1")
    return machine


@pytest.mark.parametrize("state", [CloudState.REPORTED, CloudState.ACCEPTED, CloudState.REJECTED, CloudState.OBSERVED])
def test_a_day_is_late_after_two_whole_days_and_until_the_cloud_speaks(machine, state):
    at(machine, 25, 23)
    assert told(machine) == []
    at(machine, 26, 0)
    assert told(machine) == ["La nube todavía no dijo que DGI tenga los comprobantes del 23/11/2026."]
    report(machine, "V1", state=state)
    assert told(machine) == []


def test_before_its_report_is_due_a_friday_is_not_late(machine):
    report(machine, "V1")
    at(machine, 27)
    sell(machine, "V2")
    at(machine, 30, 17)
    assert told(machine) == []
    at(machine, 30, 18)
    assert "27/11/2026" in told(machine)[0]


def test_one_document_of_a_day_is_enough_and_the_oldest_day_is_named(machine):
    sell(machine, "V2")
    at(machine, 24)
    sell(machine, "V3", "V4")
    report(machine, "V1", "V3")
    at(machine, 28)
    assert "23/11/2026" in told(machine)[0]
    report(machine, "V2")
    assert "24/11/2026" in told(machine)[0]


def test_a_document_whose_number_another_one_has_is_not_waited_for(machine):
    at(machine, 28)
    with machine.house.journal.transaction() as db:
        db.execute("UPDATE document SET superseded_by = 1 WHERE fecha = '2026-11-23'")
    assert told(machine) == []


def test_days_without_documents_are_not_missed(machine):
    report(machine, "V1")
    for day in (26, 29):
        at(machine, day)
        assert told(machine) == []


def test_a_cloud_that_never_spoke_of_the_authority_is_not_asked_to(shop):
    machine = shop()
    at(machine, 22)
    sell(machine, "V0")
    for day in (26, 30):
        at(machine, day)
        assert told(machine) == []


def test_one_that_begins_to_speak_of_it_owes_nothing_of_before(shop):
    machine = shop()
    at(machine, 22)
    sell(machine, "V0")
    at(machine, 23)
    sell(machine, "V1")
    report(machine, "V1")
    at(machine, 30)
    assert told(machine) == []


def test_a_machine_that_was_off_reads_the_news_before_it_says_anything(machine):
    report(machine, "V1")
    at(machine, 28)
    machine.switch_on()
    assert looked(machine) == []
    assert told(machine) == []


def test_what_is_handed_over_late_is_late_two_days_after_that(machine):
    report(machine, "V1")
    lose_the_line(machine)
    machine.send("V2.TXT", ticket("V2"))
    at(machine, 24, 9)
    heal(machine)
    back_in_line(machine)
    assert machine.answer("V2.TXT")["ESTADO"] == "ENVIADO"
    at(machine, 26)
    assert told(machine) == []
    at(machine, 27)
    assert "23/11/2026" in told(machine)[0]


def lose_the_line(machine):
    cut(machine)
    for _ in range(6):
        machine.pass_time(seconds=61)
        machine.probe()
    assert machine.house.line.link.contingency


def back_in_line(machine):
    for _ in range(3):
        machine.pass_time(seconds=61)
        machine.probe()
    assert not machine.house.line.link.contingency


def test_while_the_cloud_does_not_answer_nothing_is_said_of_it_but_contingencia(machine):
    lose_the_line(machine)
    machine.send("V2.TXT", ticket("V2"))
    at(machine, 27)
    assert told(machine) == []
    heal(machine)
    back_in_line(machine)
    assert machine.answer("V2.TXT")["ESTADO"] == "ENVIADO"
    # It has its two days anew, for what it was handed late and for what lay there.
    at(machine, 29)
    assert told(machine) == []
    report(machine, "V1")
    at(machine, 30, 23)
    assert "23/11/2026" in told(machine)[0]
    report(machine, "V2")
    assert told(machine) == []


def test_a_cloud_that_is_silent_for_a_while_is_believed_no_longer(machine):
    at(machine, 27)
    assert told(machine)
    machine.clock.time += timedelta(minutes=6)
    assert looked(machine) == []


def test_it_is_one_alarm_however_many_beats_and_ends_with_the_news(machine):
    chores = Chores(machine.house, machine.pen, list, lambda error: None)
    at(machine, 27)
    assert told(machine)
    for _ in range(3):
        chores.heartbeat()
    with machine.house.journal.reading() as db:
        assert [one.alarm.clave for one in kept.current(db)] == ["reporte"]
    report(machine, "V1")
    assert told(machine) == []
    chores.heartbeat()
    with machine.house.journal.reading() as db:
        assert kept.current(db) == []


def test_it_is_looked_up_among_what_is_on_its_way(machine):
    asked = []
    with machine.house.journal.reading() as db:
        db.set_trace_callback(asked.append)
        listings.uninformed(db, NOON.date(), NOON.date())
        db.set_trace_callback(None)
        plan = [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {asked[-1]}")]
    assert plan[0].startswith("SEARCH job USING INDEX job_sent (today>? AND today<?)")
    assert plan[1].startswith("SEARCH document USING INTEGER PRIMARY KEY")
