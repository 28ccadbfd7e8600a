"""What stands in the way is an alarm: its key, how grave it is, what to do; and the journal knows of it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from walking import TICKET

from sincronizador.core import codes
from sincronizador.core.alarm import Nivel
from sincronizador.engine import alarms
from sincronizador.engine.chores import Chores
from sincronizador.engine.health import examine
from sincronizador.errors import NeedsOperator
from sincronizador.journal import alarms as kept
from sincronizador.journal import backups, tasks
from sincronizador.journal.journal import CERTIFICATE_ENDS, meta


def found(machine, **rules):
    """The alarms of now by key."""
    machine.house = replace(machine.house, rules=replace(machine.house.rules, **rules))
    with machine.house.journal.reading() as db:
        looked = examine(machine.house, db, machine.pen.certificate, machine.clock.now()).alarms
    assert len({alarm.clave for alarm in looked}) == len(looked)
    return {alarm.clave: alarm for alarm in looked}


def ticket(referencia):
    return TICKET.format(referencia=referencia, precio="89")


def test_an_installation_at_work_has_none(machine):
    machine.send("A.txt", ticket("R-1"))
    assert found(machine) == {}


def test_numbers_run_low_and_then_out(machine):
    with machine.house.journal.transaction() as db:
        db.execute("UPDATE rango SET siguiente = ultimo - 5 WHERE tipo = 101")
    low = found(machine)["cae:101"]
    assert (low.nivel, low.sentence) == (Nivel.AVISO, "Quedan 6 números de e-Ticket: pida otro CAE.")
    with machine.house.journal.transaction() as db:
        db.execute("UPDATE rango SET siguiente = ultimo + 1 WHERE tipo = 101")
    out = found(machine)["cae:101"]
    assert (out.nivel, out.sentence) == (Nivel.CRITICA, "No quedan números de e-Ticket: importe un CAE.")


def test_the_certificate_is_told_in_time_and_at_the_end_it_is_grave(machine):
    left = (machine.pen.certificate.not_after - machine.clock.now()).days
    machine.clock.synchronised = True
    machine.clock.time += timedelta(days=left - 20)
    assert found(machine)["certificado"].nivel is Nivel.AVISO
    machine.clock.time += timedelta(days=17)
    soon = found(machine)["certificado"]
    assert (soon.nivel, soon.texto, soon.que_hacer) == (
        Nivel.CRITICA, "El certificado vence en 3 días", "Pida el siguiente."
    )  # fmt: skip
    machine.clock.time += timedelta(days=17)
    assert found(machine)["certificado"].texto.startswith("No se firma: ")


def test_a_paper_that_waits_for_long_is_told_also_when_nobody_says_why(machine):
    machine.send("A.txt", ticket("R-1"))
    with machine.house.journal.transaction() as db:
        tasks.reopen_print(db, 1, "CAJA1")
    assert "cola:CAJA1" not in found(machine)
    machine.clock.time += timedelta(minutes=16)
    assert "1 ventas esperan salir en la impresora CAJA1" in found(machine)["cola:CAJA1"].texto


def test_what_waits_for_a_cloud_that_there_is_not_is_no_old_queue(machine):
    machine.send("A.txt", ticket("R-1"))
    machine.clock.time += timedelta(days=9)
    assert "cola:entrega" not in found(machine)


@pytest.mark.parametrize(
    ("made", "trouble", "automatic", "ambiente", "nivel"),
    [
        (None, "", False, "prueba", None),
        (None, "", False, "produccion", Nivel.AVISO),
        (0, "", False, "produccion", None),
        (90, "", False, "produccion", None),
        (0, "", True, "prueba", None),
        (4, "", True, "prueba", Nivel.CRITICA),
        (1, "No se pudo.", True, "prueba", Nivel.AVISO),
        (4, "No se pudo.", True, "prueba", Nivel.CRITICA),
        (None, "No se pudo.", True, "prueba", Nivel.AVISO),
    ],
)
def test_a_backup_that_is_missing_old_or_failed_is_told(machine, made, trouble, automatic, ambiente, nivel):
    with machine.house.journal.transaction() as db:
        if made is not None:
            backups.made(db, machine.clock.now() - timedelta(days=made), "x", by_itself=False)
        if trouble:
            backups.begun(db, machine.clock.now())
            backups.failed(db, trouble)
    alarm = found(machine, respaldo_automatico=automatic, ambiente=ambiente).get("respaldo")
    assert (alarm.nivel if alarm else None) is nivel


def test_a_trouble_is_parted_into_what_happened_and_what_to_do():
    error = codes.DISK_FULL.at(detalle="/x").as_error(NeedsOperator)
    alarm = alarms.of_trouble(error)
    assert (alarm.clave, alarm.nivel, alarm.texto) == (
        "disco", Nivel.CRITICA, "No se puede escribir en «/x»: el disco está lleno."
    )  # fmt: skip
    assert alarm.que_hacer == "Libere espacio en el disco; el trabajo sigue solo."
    assert alarm.sentence == str(error)
    unknown = alarms.of_trouble(NeedsOperator("E9999", "Algo pasó."))
    assert (unknown.clave, unknown.texto, unknown.que_hacer) == ("servicio:E9999", "Algo pasó.", "")


def test_the_heartbeat_keeps_them_in_the_journal_and_says_each_once_in_the_log(machine, caplog):
    chores = Chores(machine.house, machine.pen, list, lambda error: None)
    with machine.house.journal.transaction() as db:
        db.execute("UPDATE rango SET siguiente = ultimo + 1 WHERE tipo = 101")
    caplog.set_level("INFO")
    for _ in range(3):
        chores.heartbeat()
        machine.clock.time += timedelta(seconds=10)
    with machine.house.journal.reading() as db:
        assert [one.alarm.clave for one in kept.current(db)] == ["cae:101"]
        assert meta(db, CERTIFICATE_ENDS) == machine.pen.certificate.not_after.isoformat()
    with machine.house.journal.transaction() as db:
        db.execute("UPDATE rango SET siguiente = primero WHERE tipo = 101")
    chores.heartbeat()
    machine.clock.time += machine.house.rules.calma
    chores.heartbeat()
    said = [line for line in caplog.messages if line.startswith("event=alarm")]
    assert [line.split(" text=")[0] for line in said] == [
        "event=alarm key=cae:101",
        "event=alarm_over key=cae:101 seconds=30",
    ]
