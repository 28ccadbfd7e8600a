"""A machine and its copy, with one journal, one mark and one epoch: exactly one goes on, the other is told."""

import shutil
from datetime import timedelta

import pytest
from carrier import Fault
from walking import TICKET

from sincronizador.engine.health import examine
from sincronizador.journal.post import Phase


@pytest.fixture
def till(world):
    return world.till()


def copy(world, till, name="copia"):
    """The whole machine, its disk and what is beside the journal, as it lies there now."""
    folder = world.folder / f"{till.code}-{name}"
    till.house.journal.checkpoint()
    shutil.copytree(till.folder, folder)
    for toml in folder.glob("*.toml"):
        toml.write_text(toml.read_text("utf-8").replace(str(till.folder), str(folder)), "utf-8")
    from world import Till

    made = Till(world, folder, till.code, name)
    made.machine = till.machine
    made.seen = len(made.printer.pages)
    world.tills.append(made)
    return made


def restart(machine):
    machine.switch_on()
    machine.probe()


def alarms(machine):
    with machine.house.journal.reading() as db:
        found = examine(machine.house, db, machine.pen.certificate, machine.clock.now()).alarms
        return " ".join(alarm.sentence for alarm in found)


def leased(machine):
    with machine.house.journal.reading() as db:
        rows = db.execute("SELECT lease FROM rango WHERE lease <> '' AND closing = ''").fetchall()
    return {row[0] for row in rows}


def phases(*machines):
    return [machine.phase for machine in machines]


def test_of_two_copies_that_start_one_goes_on_and_the_other_is_told(world, till):
    other = copy(world, till)
    restart(other)
    assert phases(other) == [Phase.READY]
    till.sell("V1")
    till.probe()
    assert phases(till, other) == [Phase.FENCED, Phase.READY]
    assert "Otra copia de esta máquina sigue con esta instalación" in alarms(till)
    assert "--tomar" in alarms(till)
    name = other.sell("V2")
    assert other.said(name) == "ENVIADO"
    assert till.said(till.sell("V3")) == ""
    assert [alarm.code for alarm in world.cloud.alarms() if alarm.code == "E3552"] == ["E3552"]


def test_a_copy_of_long_ago_is_refused_and_the_machine_that_runs_goes_on(world, till):
    other = copy(world, till)
    restart(till)
    before = leased(till)
    restart(other)
    assert phases(till, other) == [Phase.READY, Phase.FENCED]
    till.probe()
    till.probe()
    assert leased(till), "it has new numbers for contingencia"
    assert not leased(till) & before, "and those that the copy may have used are left"
    assert till.said(till.sell("V1")) == "ENVIADO"
    assert "detuvo" in " ".join(alarm.sentence for alarm in world.cloud.alarms())


def test_a_copy_that_asks_again_and_again_takes_no_more_numbers_away(world, till):
    other = copy(world, till)
    restart(till)
    restart(other)
    till.probe()
    till.probe()
    kept = leased(till)
    for number in range(3):
        restart(copy(world, other, f"otra{number}"))
        till.probe()
    assert leased(till) == kept
    assert world.query("SELECT clones FROM installation WHERE code = ?", till.code) == [(1,)]


def test_what_a_stopped_copy_signed_offline_is_taken(world, till):
    other = copy(world, till)
    other.line.cut()
    other.switch_on()
    name = other.drop_sale("V1")
    for _ in range(4):
        other.probe()
        other.pass_time(seconds=5)
    assert other.said(name) == "FIRMADO_CONTINGENCIA"
    restart(till)
    other.line.heal()
    for _ in range(4):
        other.probe()
        other.pass_time(seconds=61)
    assert phases(till, other) == [Phase.READY, Phase.FENCED]
    assert [(sale[1], state) for sale, _, state, _, _ in world.documents()] == [("V1", "confirmed")]
    assert not world.broken(doubtful=True)


def test_a_lost_answer_is_asked_again_and_nobody_is_stopped(world, till):
    for fault in (Fault.LOST, Fault.GONE, Fault.BROKEN, Fault.TWICE):
        till.line.fail("run", fault, fault)
        till.switch_on()
        for _ in range(4):
            till.probe()
        assert till.phase is Phase.READY, fault
        till.line.heal()
        restart(till)
        assert till.said(till.sell(f"V-{fault.name}")) == "ENVIADO"
    world.carrier.arrive()
    till.probe()
    assert till.said(till.sell("V9")) == "ENVIADO"


def test_a_copy_made_while_the_answer_was_lost_does_not_pass_for_the_machine(world, till):
    till.line.fail("run", Fault.LOST)
    till.switch_on()
    till.house.line.answered(till.clock.now())
    till.probe(rounds=1)
    other = copy(world, till)
    restart(other)
    till.probe()
    till.probe()
    assert sorted(phases(till, other)) == [Phase.FENCED, Phase.READY]


def test_both_start_at_once_and_exactly_one_goes_on(world, till):
    other = copy(world, till)
    till.switch_on()
    other.switch_on()
    for _ in range(3):
        till.probe()
        other.probe()
    assert sorted(phases(till, other)) == [Phase.FENCED, Phase.READY]


def test_a_snapshot_that_is_resumed_is_found_without_a_start(world, till):
    other = copy(world, till)
    other.house.line.run_began = other.clock.steady()
    till.pass_time(minutes=61)
    till.probe()
    other.probe()
    other.sell("V1")
    other.probe()
    assert phases(till, other) == [Phase.READY, Phase.FENCED]


def test_a_person_says_which_one_goes_on(world, till):
    other = copy(world, till)
    restart(other)
    till.sell("V1")
    till.probe()
    assert phases(till, other) == [Phase.FENCED, Phase.READY]
    till.raise_epoch(ordered=True)
    till.probe()
    till.probe()
    assert till.phase is Phase.READY
    other.sell("V2")
    other.probe()
    assert other.phase is Phase.FENCED
    assert till.said(till.sell("V3")) == "ENVIADO"


def test_after_the_cloud_was_restored_nobody_is_stopped(world, till):
    copied = world.backup()
    restart(till)
    restart(till)
    till.sell("V1")
    world.restore(copied)
    world.settle()
    assert till.phase is Phase.READY
    restart(till)
    assert till.said(till.sell("V2")) == "ENVIADO"


def test_a_cloud_whose_base_went_back_unnoticed_stops_nobody(world, till):
    restart(till)
    restart(till)
    with_runs = world.query("SELECT turn FROM installation WHERE code = ?", till.code)
    assert with_runs == [(3,)]
    import sqlite3

    with sqlite3.connect(world.folder / "nube" / "nube.db") as db:
        db.execute("UPDATE installation SET turn = 1, run = 'de-ayer-y-de-nadie'")
    db.close()
    till.sell("V1")
    restart(till)
    assert till.phase is Phase.READY
    assert till.said(till.sell("V2")) == "ENVIADO"


def test_a_client_that_knows_nothing_of_runs_works_as_before(world, till):
    speaker = world.speaker(epoch=till.post.epoch)
    assert speaker.sell("V1").numero


def test_while_a_run_is_asked_for_sales_of_before_go_out_under_the_one_of_before(world, till):
    till.line.fail("run", *[Fault.GONE] * 40)
    till.switch_on()
    name = till.sell("V1")
    assert till.said(name) == "ENVIADO"


def test_a_fenced_copy_that_is_started_again_stays_so(world, till):
    other = copy(world, till)
    restart(other)
    till.sell("V1")
    till.probe()
    restart(till)
    assert till.phase is Phase.FENCED
    till.drop("Z.TXT", TICKET.format(referencia="Z", precio="9"))
    till.pass_time(seconds=timedelta(minutes=1).total_seconds())
    assert "Z" not in till.answers()
