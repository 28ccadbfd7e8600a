"""The heartbeat over several lives of the daemon."""

from datetime import timedelta

from sincronizador.engine.chores import Chores
from sincronizador.folders.heartbeat import Modo, last_pulse


def live(machine, seconds):
    """One life, with a heartbeat every ten seconds and a last one; the pulses that a reader saw."""
    chores = Chores(machine.house, machine.pen, list, machine.fail)
    for _ in range(seconds // 10):
        chores.heartbeat()
        yield last_pulse(machine.house.layout)
        machine.clock.time += timedelta(seconds=10)
    chores.heartbeat(Modo.DETENIDO)
    yield last_pulse(machine.house.layout)


def test_the_pulse_only_grows_however_often_the_service_is_started(machine):
    machine.fail = None
    seen = [pulse for _ in range(6) for pulse in live(machine, 10)]
    assert seen == sorted(set(seen))


def test_a_heartbeat_that_is_torn_or_of_somebody_else_is_no_pulse(machine):
    path = machine.folder / "spool" / "salida" / "LATIDO.TXT"
    for content in (
        b"",
        b"[LATIDO]\r\nPULSO=\r\n",
        b"[LATIDO]\r\nPULSO=9" * 3,
        b"\xff" * 40,
        b"[LATIDO]\r\nPULSO=" + b"9" * 30,
    ):
        path.write_bytes(content)
        assert last_pulse(machine.house.layout) == 0
    path.unlink()
    assert last_pulse(machine.house.layout) == 0
