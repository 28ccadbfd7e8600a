"""Wrong clocks: nothing is signed with a time that may be wrong, and it goes on alone once the time is certain."""

import os
import time
from datetime import datetime, timedelta, timezone
from datetime import time as hour_of_day

import pytest
from test_trouble import VALIDITY, cae_file, install, ticket
from walking import NOON

from sincronizador.backup_plan import Child
from sincronizador.daemon.backups import Backups
from sincronizador.engine import timekeeping
from sincronizador.engine.decision import decide
from sincronizador.engine.health import examine
from sincronizador.journal import jobs
from sincronizador.journal.journal import meta
from sincronizador.signing.identity import Validity, issue, make_authority

MONTEVIDEO = timezone(timedelta(hours=-3))
LATE = datetime(2026, 12, 31, 23, 59, 59, 900_000, tzinfo=MONTEVIDEO)


@pytest.fixture(scope="module")
def authority():
    return make_authority(VALIDITY)


def alarms(machine):
    with machine.house.journal.reading() as db:
        found = examine(machine.house, db, machine.pen.certificate, machine.clock.now()).alarms
        return [alarm.sentence for alarm in found]


def trusted(machine):
    with machine.house.journal.reading() as db:
        return datetime.fromisoformat(meta(db, "reloj"))


def signed(machine, name):
    """The document of a file, as its bytes say."""
    with machine.house.journal.reading() as db:
        job = jobs.by_name(db, name)
        row = db.execute("SELECT signed FROM document WHERE job = ?", (job.id,)).fetchone()
    return row[0].decode()


def field(document, name):
    return document.partition(f"{name}>")[2].partition("<")[0]


def run_past(machine, until):
    """Let the time go by, as a running machine sees it."""
    machine.clock.time = until
    timekeeping.keep(machine.house, machine.clock.now())


BACK = (timedelta(minutes=-6), timedelta(days=-3), datetime(1970, 1, 1, tzinfo=MONTEVIDEO) - NOON)


@pytest.mark.parametrize("jump", BACK, ids=str)
@pytest.mark.parametrize("while_off", [False, True], ids=["running", "off"])
def test_after_a_jump_back_nothing_is_signed_and_the_right_time_is_enough_to_go_on(machine, jump, while_off):
    machine.send("A.txt", ticket())
    machine.clock.put(seconds=jump.total_seconds())
    if while_off:
        machine.switch_on()
    answer = machine.send("B.txt", ticket("R-2"))
    assert (answer["ESTADO"], answer["MOTIVO"], answer["CODIGO"]) == ("ESPERANDO", "RELOJ", "E2003")
    assert any(alarm.startswith("No se firma: el reloj marca") for alarm in alarms(machine))
    machine.clock.put(seconds=-jump.total_seconds())
    machine.pass_time(minutes=2)
    assert machine.answer("B.txt")["ESTADO"] == "FIRMADO_LOCAL"
    assert not [alarm for alarm in alarms(machine) if "reloj" in alarm]


def test_a_jump_back_of_seconds_is_nothing(machine):
    machine.send("A.txt", ticket())
    before = trusted(machine)
    machine.clock.put(seconds=-5)
    assert machine.send("B.txt", ticket("R-2"))["ESTADO"] == "FIRMADO_LOCAL"
    assert trusted(machine) >= before - timedelta(seconds=1)


def test_what_was_dropped_while_the_clock_was_dead_has_the_day_on_which_it_is_right_again(machine):
    machine.send("A.txt", ticket())
    back = NOON - datetime(1970, 1, 1, tzinfo=MONTEVIDEO)
    machine.clock.put(seconds=-back.total_seconds())
    machine.drop("B.txt", ticket("R-2"))
    machine.intake.take()
    machine.drop("C.txt", ticket("R-3"))
    machine.work()
    machine.clock.put(seconds=back.total_seconds())
    machine.pass_time(minutes=2)
    for name in ("B.txt", "C.txt"):
        assert machine.answer(name)["ESTADO"] == "FIRMADO_LOCAL", machine.answer(name)
        assert field(signed(machine, name), "FchEmis") == "2026-11-21"


def test_what_was_taken_in_while_the_clock_was_dead_and_is_read_after_has_the_right_day_too(machine):
    machine.send("A.txt", ticket())
    back = NOON - datetime(1970, 1, 1, tzinfo=MONTEVIDEO)
    machine.clock.put(seconds=-back.total_seconds())
    machine.drop("B.txt", ticket("R-2"))
    while not machine.intake.take():
        pass
    machine.clock.put(seconds=back.total_seconds())
    machine.work()
    machine.pass_time(seconds=1)
    assert machine.answer("B.txt")["ESTADO"] == "FIRMADO_LOCAL"
    assert field(signed(machine, "B.txt"), "FchEmis") == "2026-11-21"


def test_a_lote_dropped_while_the_clock_was_dead_has_the_right_day(machine):
    machine.send("A.txt", ticket())
    back = NOON - datetime(1970, 1, 1, tzinfo=MONTEVIDEO)
    machine.clock.put(seconds=-back.total_seconds())
    lote = "[LOTE]\nREFERENCIA=L-1\nTODO_O_NADA=SI\n" + "".join(
        ticket(f"L-1-{n}").removesuffix("[FIN]\n") for n in range(2)
    )
    machine.drop("L.txt", lote + "[FIN]\n")
    machine.work()
    machine.pass_time(seconds=9)
    assert machine.answer("L.txt")["MOTIVO"] == "RELOJ"
    machine.clock.put(seconds=back.total_seconds())
    machine.pass_time(minutes=2)
    machine.pass_time(minutes=2)
    with machine.house.journal.reading() as db:
        found = [row[0].decode() for row in db.execute("SELECT signed FROM document ORDER BY job").fetchall()]
    assert [field(one, "FchEmis") for one in found] == ["2026-11-21"] * 3


def test_an_hour_ahead_signs_and_when_it_is_put_right_it_waits_for_what_is_certain(machine):
    machine.send("A.txt", ticket())
    machine.clock.put(hours=1)
    assert machine.send("B.txt", ticket("R-2"))["ESTADO"] == "FIRMADO_LOCAL"
    machine.clock.put(hours=-1)
    assert machine.send("C.txt", ticket("R-3"))["MOTIVO"] == "RELOJ"
    machine.clock.synchronised = True
    machine.pass_time(minutes=2)
    assert machine.answer("C.txt")["ESTADO"] == "FIRMADO_LOCAL", "who is synchronised is right"
    machine.clock.synchronised = False
    assert trusted(machine) < NOON + timedelta(minutes=10), "the mark of the wrong hour is left aside"
    assert machine.send("D.txt", ticket("R-4"))["ESTADO"] == "FIRMADO_LOCAL"
    with machine.house.journal.reading() as db:
        said = db.execute("SELECT detail FROM event WHERE name = 'clock'").fetchall()
    assert len(said) == 1
    assert "21/11/2026 13:00" in said[0][0]


@pytest.mark.parametrize("days", [2, 365 * 30], ids=["2 days", "30 years"])
@pytest.mark.parametrize("while_off", [False, True], ids=["running", "off"])
def test_a_jump_ahead_is_not_believed_and_poisons_nothing(machine, days, while_off):
    machine.send("A.txt", ticket())
    machine.clock.put(days=days)
    if while_off:
        machine.switch_on()
    answer = machine.send("B.txt", ticket("R-2"))
    assert answer["MOTIVO"] == "RELOJ"
    assert "sincronizador reintentar --reloj" in answer["ERROR.1.SUGERENCIA"]
    machine.switch_on()
    machine.pass_time(minutes=2)
    assert machine.answer("B.txt")["MOTIVO"] == "RELOJ", "a restart makes it no better"
    machine.clock.put(days=-days)
    machine.pass_time(minutes=2)
    assert machine.answer("B.txt")["ESTADO"] == "FIRMADO_LOCAL"
    assert field(signed(machine, "B.txt"), "FchEmis") == "2026-11-21"


def test_a_person_confirms_a_time_that_is_right_although_it_jumped(machine):
    machine.send("A.txt", ticket())
    machine.clock.put(days=2)
    assert machine.send("B.txt", ticket("R-2"))["MOTIVO"] == "RELOJ"
    assert machine.order("reintentar", que="", reloj="si").ok
    machine.work()
    assert machine.answer("B.txt")["ESTADO"] == "FIRMADO_LOCAL"
    assert field(signed(machine, "B.txt"), "FchEmis") == "2026-11-23"
    machine.clock.put(days=-2)
    assert machine.send("C.txt", ticket("R-3"))["MOTIVO"] == "RELOJ", "what was confirmed is trusted"


def test_quiet_days_of_a_machine_that_runs_are_no_jump_and_neither_is_its_next_start(machine):
    machine.send("A.txt", ticket())
    for _ in range(30):
        run_past(machine, machine.clock.time + timedelta(hours=3))
    assert machine.send("B.txt", ticket("R-2"))["ESTADO"] == "FIRMADO_LOCAL"
    for _ in range(30):
        run_past(machine, machine.clock.time + timedelta(hours=3))
    machine.switch_on()
    assert machine.send("C.txt", ticket("R-3"))["ESTADO"] == "FIRMADO_LOCAL"


def test_a_night_asleep_is_no_jump(machine):
    machine.send("A.txt", ticket())
    machine.clock.time += timedelta(days=3)
    assert machine.send("B.txt", ticket("R-2"))["ESTADO"] == "FIRMADO_LOCAL"


def test_before_its_certificate_begins_nothing_is_signed(machine, authority):
    later = Validity(desde=NOON + timedelta(hours=1), hasta=NOON + timedelta(days=300))
    install(machine, issue(authority, later, rut="219999830019", titular="NUEVA (PRUEBA)"))
    assert machine.send("A.txt", ticket())["MOTIVO"] == "CERTIFICADO"
    machine.pass_time(minutes=62)
    assert machine.answer("A.txt")["ESTADO"] == "FIRMADO_LOCAL"


def test_a_crowd_before_a_jump_back_keeps_no_paper_waiting(machine):
    for number in range(120):
        machine.drop(f"F{number}.txt", ticket(f"R-{number}"))
    while machine.intake.take() or decide(machine.house, machine.desk):
        pass
    machine.clock.put(days=-3)
    machine.work()
    assert len(machine.papers()) == 120


# --- the turn of the year, the end of a CAE ---


def test_a_sale_claimed_in_the_old_year_keeps_its_day_and_its_bytes_and_is_signed_in_the_new_one(machine):
    machine.settings = machine.settings.model_copy(update={"ui": {2026: machine.settings.ui[2026]}})
    machine.configure()
    machine.send("A.txt", ticket())
    run_past(machine, LATE - timedelta(hours=1))
    run_past(machine, LATE)
    machine.drop("B.txt", ticket("R-2", precio="20000"))
    machine.intake.take()
    prepared = machine.desk._prepared[0]
    machine.clock.time = LATE + timedelta(seconds=2)
    machine.work()
    machine.pass_time(seconds=1)
    answer, document = machine.answer("B.txt"), signed(machine, "B.txt")
    assert answer["ESTADO"] == "FIRMADO_LOCAL", answer
    assert field(document, "FchEmis") == "2026-12-31"
    assert field(document, "TmstFirma").startswith("2027-01-01T00:00:0")
    assert machine.house.country.draft_of(document.encode()) == prepared.draft
    folders = {path.parent.name for path in (machine.folder / "spool" / "procesados").rglob("B*.txt")}
    assert folders == {"2027-01-01"}


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/New_York", "Europe/Madrid", "America/Montevideo"])
def test_a_cae_signs_on_its_last_day_and_the_next_one_goes_on_whatever_the_zone_of_the_machine(
    machine, authority, zone, monkeypatch
):
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        with machine.house.journal.transaction() as db:
            db.execute("UPDATE rango SET vence = '2026-12-31' WHERE tipo = 101")
        assert machine.order("cae", cae_file(authority), ambiente="prueba").ok
        run_past(machine, LATE - timedelta(seconds=2))
        machine.drop("A.txt", ticket())
        machine.work()
        machine.clock.time = LATE
        machine.drop("B.txt", ticket("R-2"))
        machine.intake.take()
        machine.clock.time = LATE + timedelta(milliseconds=200)
        machine.work()
        machine.pass_time(seconds=1)
        assert machine.answer("A.txt")["NUMERO"] == "1"
        assert machine.answer("B.txt")["NUMERO"] == "200001", "claimed before midnight, signed after: the next CAE"
        assert field(signed(machine, "A.txt"), "TmstFirma").startswith("2026-12-31T23:59:5")
        assert field(signed(machine, "A.txt"), "TmstFirma").endswith("-03:00")
        assert field(signed(machine, "B.txt"), "FchEmis") == "2026-12-31"
    finally:
        monkeypatch.undo()
        time.tzset()


def test_with_the_last_cae_expired_at_midnight_it_waits_and_was_told_a_month_before(machine, authority):
    with machine.house.journal.transaction() as db:
        db.execute("UPDATE rango SET vence = '2026-12-31' WHERE tipo = 101")
    run_past(machine, datetime(2026, 12, 5, 12, tzinfo=MONTEVIDEO))
    assert any("vence en 26 días" in alarm for alarm in alarms(machine))
    run_past(machine, LATE + timedelta(milliseconds=101))
    answer = machine.send("A.txt", ticket())
    assert (answer["MOTIVO"], "31/12/2026" in answer["MENSAJE"]) == ("SIN_NUMEROS", True)
    assert machine.order("cae", cae_file(authority), ambiente="prueba").ok
    machine.work()
    assert machine.answer("A.txt")["NUMERO"] == "200001"


def test_the_29th_of_february_is_a_day_like_any_other(machine):
    run_past(machine, datetime(2028, 2, 29, 23, 59, 58, tzinfo=MONTEVIDEO))
    machine.settings = machine.settings.model_copy(update={"ui": {2027: machine.settings.ui[2026]}})
    machine.configure()
    install(machine, issue(make_authority(_LONG), _LONG, rut="219999830019", titular="LARGA (PRUEBA)"))
    machine.send("A.txt", ticket())
    assert field(signed(machine, "A.txt"), "FchEmis") == "2028-02-29"
    wrong = machine.send("B.txt", ticket("R-2", FECHA="29/02/2027"))
    assert wrong[""] == "ERROR"


_LONG = Validity(desde=NOON - timedelta(days=30), hasta=NOON + timedelta(days=900))


def test_files_from_the_future_and_from_1970_are_taken_like_any_other(machine):
    for name, stamp in (("A.txt", 0), ("B.txt", NOON.timestamp() + 86_400 * 900)):
        machine.drop(name, ticket(f"R-{name}"))
        os.utime(machine.folder / "spool" / "entrada" / name, (stamp, stamp))
    machine.work()
    machine.pass_time(seconds=1)
    assert {answer["ESTADO"] for answer in machine.answers().values()} == {"FIRMADO_LOCAL"}


def test_a_pause_is_never_longer_than_its_cap_whatever_the_clock_says(machine):
    with machine.house.journal.transaction() as db:
        db.execute("UPDATE rango SET siguiente = ultimo + 1")
    machine.send("A.txt", ticket())
    machine.clock.put(minutes=-4)
    with machine.house.journal.transaction() as db:
        db.execute("UPDATE rango SET siguiente = primero")
    machine.pass_time(seconds=61)
    assert machine.answer("A.txt")["ESTADO"] == "FIRMADO_LOCAL"


def test_while_the_clock_is_in_doubt_no_backup_begins(machine, monkeypatch):
    begun = []
    backups = Backups(machine.house, machine.settings, "sincronizador.toml")
    monkeypatch.setattr(backups, "_hour", hour_of_day(3, 0))
    monkeypatch.setattr(Child, "may_begin", property(lambda _: True))
    monkeypatch.setattr(Child, "begin", lambda _: begun.append(machine.clock.now()))
    machine.send("A.txt", ticket())
    machine.clock.put(days=365)
    backups.advance()
    assert begun == [], "it would bear a wrong day, and what is old by then would go"
    machine.clock.put(days=-365)
    backups.advance()
    assert [moment.year for moment in begun] == [2026]
    backups.stop()
