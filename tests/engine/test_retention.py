"""What is old goes; what is not settled, not ours, or wanted by the law stays."""

import os
from datetime import timedelta

import pytest
from walking import TICKET

from sincronizador.core.answer import Estado
from sincronizador.core.job import Step
from sincronizador.engine.retention import Keeping, Retention
from sincronizador.journal import events, tasks


def ticket(referencia="R-1", precio="89"):
    return TICKET.format(referencia=referencia, precio=precio)


def trim(machine, **days):
    retention = Retention(machine.house, Keeping(**{"diario": 0, **days}), start=0)
    retention.advance()


def later(machine, **how):
    machine.clock.time += timedelta(**how)


def answers(machine):
    return sorted(name for name in os.listdir(machine.house.layout.salida) if not name.startswith("."))


def rows(machine, statement, *values):
    with machine.house.journal.reading() as db:
        return db.execute(statement, values).fetchall()


def test_old_answers_go_with_what_lies_beside_them_and_new_ones_stay(machine):
    machine.send("A.txt", ticket())
    machine.send("MAL.txt", "[DOCUMENTO]\n[FIN]\n")
    assert {"A.rsp", "MAL.rsp"} < set(answers(machine))
    trim(machine, salida=30)
    assert {"A.rsp", "MAL.rsp"} < set(answers(machine))
    later(machine, days=40)
    trim(machine, salida=30)
    assert answers(machine) == []


def test_what_is_not_settled_or_not_ours_stays_however_old(machine):
    salida = machine.house.layout.salida
    machine.send("A.txt", ticket("R-1"))
    with machine.house.journal.transaction() as db:
        db.execute("DELETE FROM rango")
    waiting = machine.send("B.txt", ticket("R-2"))
    assert waiting["ESTADO"] == Estado.ESPERANDO
    with machine.house.journal.transaction() as db:
        tasks.reopen_print(db, 1, "CAJA1")
    for name in ("LATIDO.TXT", "planilla.xls"):
        with open(os.path.join(salida, name), "wb") as file:
            file.write(b"x")
    before = answers(machine)
    later(machine, days=4_000)
    trim(machine, salida=30)
    assert answers(machine) == before


def test_a_stem_with_one_new_file_is_left_whole(machine):
    machine.send("A.txt", ticket())
    path = os.path.join(machine.house.layout.salida, "A.rsp")
    later(machine, days=40)
    fresh = machine.clock.now().timestamp()
    os.utime(path, (fresh, fresh))
    before = answers(machine)
    trim(machine, salida=30)
    assert answers(machine) == before


def test_an_answer_that_was_trimmed_is_not_written_again_and_the_sale_is_still_known(machine):
    first = machine.send("A.txt", ticket())
    later(machine, days=40)
    trim(machine, salida=30)
    machine.switch_on()
    machine.work()
    assert answers(machine) == []
    again = machine.send("A2.txt", ticket())
    assert again["NUMERO"] == first["NUMERO"]


@pytest.mark.parametrize(
    ("kind", "name", "text"), [("procesados", "A.txt", ticket()), ("rechazados", "B.txt", "[DOCUMENTO]\n[FIN]\n")]
)
def test_old_days_of_what_was_put_aside_go_where_the_settings_say_so(machine, kind, name, text):
    machine.send(name, text)
    root = getattr(machine.house.layout, kind)
    [day] = os.listdir(root)
    os.mkdir(os.path.join(root, "2020-13-45"))
    os.mkdir(os.path.join(root, "2020-01-01"))
    with open(os.path.join(root, "nota.txt"), "wb"):
        pass
    trim(machine)
    assert sorted(os.listdir(root)) == sorted([day, "2020-01-01", "2020-13-45", "nota.txt"])
    trim(machine, **{kind: 30})
    assert sorted(os.listdir(root)) == sorted([day, "2020-13-45", "nota.txt"])
    later(machine, days=40)
    trim(machine, **{kind: 30})
    assert sorted(os.listdir(root)) == ["2020-13-45", "nota.txt"]


def test_the_journal_forgets_what_nobody_needs_and_nothing_else(machine):
    machine.send("A.txt", ticket("R-1"))
    machine.send("MAL.txt", "[DOCUMENTO]\nTIPO=101\n[FIN]\n")
    machine.send("OTRO.txt", ticket("R-1", precio="90"))
    machine.order("descartar", que="NADA")
    with machine.house.journal.transaction() as db:
        events.record(db, None, machine.clock.now(), "clock", "x")
        documents = db.execute("SELECT * FROM document").fetchall()
        sale = db.execute("SELECT * FROM content WHERE job = 1").fetchall()
        known = db.execute("SELECT * FROM job").fetchall()
        papers = db.execute("SELECT * FROM paper").fetchall()
    later(machine, days=399)
    trim(machine, diario=400)
    assert len(rows(machine, "SELECT 1 FROM content")) == 3
    later(machine, days=3)
    trim(machine, diario=400)
    assert rows(machine, "SELECT job FROM content") == [(1,)]
    assert rows(machine, "SELECT * FROM content") == sale
    assert rows(machine, "SELECT * FROM document") == documents
    assert rows(machine, "SELECT * FROM paper") == papers
    assert rows(machine, "SELECT * FROM job") == known
    assert {job for (job,) in rows(machine, "SELECT job FROM event")} == {1}
    assert rows(machine, "SELECT 1 FROM orders") == []
    again = machine.send("A2.txt", ticket("R-1"))
    assert again["NUMERO"] == "1"
    machine.send("MAL2.txt", "[DOCUMENTO]\nTIPO=101\n[FIN]\n")
    trim(machine, diario=400)
    assert len(rows(machine, "SELECT 1 FROM content")) == 3, "it goes on where it was"


def test_what_waits_for_a_person_keeps_its_bytes(machine):
    with machine.house.journal.transaction() as db:
        db.execute("DELETE FROM rango")
    machine.send("B.txt", ticket("R-2"))
    later(machine, days=500)
    trim(machine, diario=400)
    assert len(rows(machine, "SELECT 1 FROM content")) == 1
    assert rows(machine, "SELECT step FROM task WHERE state <> 'done'") == [(Step.START,)]


def test_a_clock_that_jumped_a_year_ahead_takes_nothing_away(machine):
    machine.send("A.txt", ticket())
    machine.send("MAL.txt", "[DOCUMENTO]\n[FIN]\n")
    before = answers(machine), rows(machine, "SELECT * FROM content"), os.listdir(machine.house.layout.procesados)
    machine.clock.put(days=365)
    trim(machine, salida=30, procesados=30, rechazados=30, diario=100)
    machine.switch_on()
    trim(machine, salida=30, procesados=30, rechazados=30, diario=100)
    after = answers(machine), rows(machine, "SELECT * FROM content"), os.listdir(machine.house.layout.procesados)
    assert after == before
    assert machine.order("reintentar", que="", reloj="si").ok
    trim(machine, salida=30, procesados=30, rechazados=30, diario=100)
    assert (answers(machine), os.listdir(machine.house.layout.procesados)) == ([], []), "a person knows what day it is"


def test_what_could_not_be_answered_keeps_its_bytes(machine):
    machine.send("MAL.txt", "[DOCUMENTO]\nTIPO=101\n[FIN]\n")
    with machine.house.journal.transaction() as db:
        db.execute("UPDATE job SET revision = revision + 1")
    later(machine, days=500)
    trim(machine, diario=400)
    assert len(rows(machine, "SELECT 1 FROM content")) == 1
