"""The line of `systemctl status`."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from sincronizador.core.alarm import Alarm, Nivel
from sincronizador.core.inspection import Juicio
from sincronizador.daemon.status import line
from sincronizador.journal.alarms import Standing
from sincronizador.overview import Overview, Situacion

QUIET = Overview(
    situacion=Situacion.EN_LINEA, frase="En línea.", juicio=Juicio.OK, alive=True, desde=None, motivo="", beat=None,
    alarms=(), undecided=0, oldest=None, to_hand_over=0, to_print=0, held=0, parked=0, doubtful=0, today=0, last="",
    queues=(), standing=(),
)  # fmt: skip
LOW = Alarm("cae:101", Nivel.AVISO, "Quedan 5 números de e-Ticket", "Pida otro CAE.")


def told_of(*alarms: Alarm) -> str:
    """The line of a quiet machine with those alarms, the gravest first."""
    since = datetime(2026, 11, 22, tzinfo=UTC)
    return line(replace(QUIET, standing=tuple(Standing(n, alarm, since, None) for n, alarm in enumerate(alarms))))


def test_nothing_to_tell_is_the_situation_alone() -> None:
    assert told_of() == "En línea."


def test_what_waits_is_counted() -> None:
    busy = replace(QUIET, undecided=1, to_print=3, to_hand_over=12)
    assert line(busy) == "En línea. 1 por decidir, 3 por imprimir, 12 por entregar."


def test_a_machine_alone_hands_nothing_over() -> None:
    assert line(replace(QUIET, situacion=Situacion.LOCAL, to_hand_over=7)) == "En línea."


@pytest.mark.parametrize(("more", "told"), [(0, ""), (1, " Y 1 alarma más."), (2, " Y 2 alarmas más.")])
def test_the_gravest_alarm_is_told_and_the_others_counted(more: int, told: str) -> None:
    sentence = "En línea. Quedan 5 números de e-Ticket: pida otro CAE."
    assert told_of(LOW, *[replace(LOW, clave=f"cae:{n}") for n in range(more)]) == sentence + told


def test_contingencia_is_not_told_twice() -> None:
    assert told_of(Alarm("contingencia", Nivel.AVISO, "Contingencia desde hoy.")) == "En línea."


def test_it_is_one_line_of_a_length_that_is_read() -> None:
    long = Alarm("servicio:E1", Nivel.CRITICA, "Uno\ndos " + "palabra " * 100)
    assert told_of(long).startswith("En línea. Uno dos palabra")
    assert len(told_of(long)) < 220
