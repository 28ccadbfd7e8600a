"""The mark beside the journal tells a restored journal, another machine, and a take-over."""

import json
import os
import shutil

import pytest
from walking import NOON, TICKET, Crash

from sincronizador.daemon import marks
from sincronizador.engine.decision import decide
from sincronizador.engine.printing import print_next
from sincronizador.errors import NeedsOperator
from sincronizador.journal import events, mark, post
from sincronizador.journal.post import Phase


def joined(machine):
    """A machine that its cloud knows, with its mark."""
    with machine.house.journal.transaction() as db:
        events.record(db, None, NOON, "epoch", "x")
        post.keep(db, post.Post(epoch=3, server_epoch="e", phase=Phase.READY, pull_after=False, ordered=False,
                                last_job=0, cursor=""))  # fmt: skip
    mark.write(mark.path_of(machine.settings.diario), mark.Mark("m" * 32, 0))
    found = look(machine)
    return marks.keep_mark(machine.settings, machine.house.journal, found)


def look(machine, *, tomar=False):
    return marks.look_at_mark(machine.settings, machine.house.journal, NOON, tomar=tomar)


def phase(machine):
    with machine.house.journal.reading() as db:
        return post.read(db).phase


def test_the_first_start_gets_a_machine_of_its_own_and_keeps_it(machine):
    found = look(machine)
    assert len(found.machine) == 32
    assert look(machine).machine == found.machine
    assert phase(machine) is Phase.JOIN


def test_a_journal_that_is_behind_its_mark_asks_for_a_new_epoch_as_a_new_machine(machine):
    before = joined(machine)
    path = machine.settings.diario
    machine.house.journal.checkpoint()
    shutil.copy(path, path + ".ayer")
    with machine.house.journal.transaction() as db:
        events.record(db, None, NOON, "more", "x")
    marks.keep_mark(machine.settings, machine.house.journal, before)
    machine.house.journal.close()
    for ending in ("-wal", "-shm"):
        if os.path.exists(path + ending):
            os.remove(path + ending)
    os.replace(path + ".ayer", path)
    assert look(machine).machine != before.machine
    assert phase(machine) is Phase.JOIN
    with machine.house.journal.reading() as db:
        assert not post.read(db).ordered


def test_falling_between_the_journal_and_the_mark_finds_it_again(machine, monkeypatch):
    before = joined(machine)
    mark.write(mark.path_of(machine.settings.diario), mark.Mark(before.machine, before.last + 5))
    monkeypatch.setattr(mark, "write", lambda *_: (_ for _ in ()).throw(OSError))
    with pytest.raises(OSError):
        look(machine)
    monkeypatch.undo()
    assert look(machine).machine != before.machine


def test_a_journal_without_its_mark_comes_from_another_machine_and_waits_for_a_persons_word(machine):
    joined(machine)
    os.remove(mark.path_of(machine.settings.diario))
    with pytest.raises(NeedsOperator, match="--tomar") as refusal:
        look(machine)
    assert refusal.value.code == "E3012"
    assert phase(machine) is Phase.READY
    look(machine, tomar=True)
    with machine.house.journal.reading() as db:
        assert (post.read(db).phase, post.read(db).ordered) == (Phase.JOIN, True)


def test_a_damaged_mark_is_none(machine):
    joined(machine)
    path = mark.path_of(machine.settings.diario)
    for content in (b"", b"{", b"[]", json.dumps({"machine": "m"}).encode()):
        with open(path, "wb") as file:
            file.write(content)
        assert mark.read(path) is None


@pytest.mark.parametrize("ruta", ["local", "nube"])
def test_a_journal_on_the_disk_of_another_machine_waits_for_a_persons_word(machine, ruta, monkeypatch):
    machine.settings = machine.settings.model_copy(update={"ruta": ruta})
    monkeypatch.setattr("sincronizador.machine.identify", lambda: {"sistema": "a"})
    before = look(machine)
    monkeypatch.setattr("sincronizador.machine.identify", lambda: {"sistema": "a", "placa": "x"})
    assert look(machine).equipment == {"sistema": "a", "placa": "x"}
    monkeypatch.setattr("sincronizador.machine.identify", dict)
    assert look(machine).machine == before.machine, "what cannot be read is not compared"
    monkeypatch.setattr("sincronizador.machine.identify", lambda: {"sistema": "a", "placa": "y"})
    with pytest.raises(NeedsOperator, match="otro equipo") as refusal:
        look(machine)
    assert refusal.value.code == "E9227"
    assert look(machine, tomar=True).equipment == {"sistema": "a", "placa": "y"}
    assert look(machine).equipment == {"sistema": "a", "placa": "y"}
    with machine.house.journal.reading() as db:
        assert post.read(db).ordered is (ruta == "nube")


def test_a_mark_of_before_is_read_and_learns_its_machine(machine, monkeypatch):
    path = mark.path_of(machine.settings.diario)
    with open(path, "wb") as file:
        file.write(json.dumps({"machine": "m" * 32, "last": 0}).encode())
    monkeypatch.setattr("sincronizador.machine.identify", lambda: {"sistema": "a"})
    assert (look(machine).machine, mark.read(path).equipment) == ("m" * 32, {"sistema": "a"})


def test_a_page_that_may_have_left_moves_the_mark(machine):
    """Else a journal copied just before would be taken for the newest, and its paper come out again unmarked."""
    machine.drop("A.txt", TICKET.format(referencia="R-A", precio="89"))
    machine.intake.take()
    decide(machine.house, machine.desk)
    machine.publisher.publish()
    with machine.house.journal.reading() as db:
        before = mark.position(db)

    def fall(page, *, name):
        raise Crash

    machine.printer.send = fall
    with pytest.raises(Crash):
        print_next(machine.house, machine.printer)
    with machine.house.journal.reading() as db:
        assert mark.position(db) > before
