"""Alarms begin once and end once, however they come and go in between."""

from datetime import datetime, timedelta

import pytest

from sincronizador.core.alarm import Alarm, Nivel
from sincronizador.countries.uy.tipos import ZONE
from sincronizador.journal import alarms
from sincronizador.journal.alarms import FLAPS
from sincronizador.journal.journal import create

NOW = datetime(2026, 11, 21, 12, tzinfo=ZONE)
PAPER = Alarm("impresora:CAJA1", Nivel.AVISO, "La impresora CAJA1 espera con 3 papeles: no tiene papel.")
FEW = Alarm("cae:101", Nivel.AVISO, "Quedan 9 números de e-Ticket", "Pida otro CAE.")
NONE = Alarm("cae:101", Nivel.CRITICA, "No quedan números de e-Ticket", "Importe un CAE.")


@pytest.fixture
def keep(tmp_path):
    journal = create(str(tmp_path / "diario.db"), {})

    def once(minutes, *found):
        with journal.transaction() as db:
            change = alarms.keep(db, found, NOW + timedelta(minutes=minutes))
            standing = [(one.alarm, (one.desde - NOW) / timedelta(minutes=1)) for one in alarms.current(db)]
        return [one.clave for one in change.begun], [one.alarm.clave for one in change.ended], standing

    yield once
    journal.close()


def test_an_alarm_begins_once_and_is_over_when_it_stays_away(keep):
    assert keep(0, PAPER) == (["impresora:CAJA1"], [], [(PAPER, 0)])
    assert keep(1, PAPER) == ([], [], [(PAPER, 0)])
    assert keep(2) == ([], [], [])
    assert keep(2 + FLAPS / timedelta(minutes=1)) == ([], ["impresora:CAJA1"], [])
    assert keep(10, PAPER) == (["impresora:CAJA1"], [], [(PAPER, 10)])


def test_what_flaps_is_one_alarm(keep):
    keep(0, PAPER)
    for minute in range(1, 30, 2):
        assert keep(minute) == ([], [], [])
        assert keep(minute + 1, PAPER) == ([], [], [(PAPER, 0)])


def test_what_becomes_graver_begins_again_and_the_gravest_stands_first(keep):
    keep(0, PAPER, FEW)
    assert keep(1, PAPER, NONE) == (["cae:101"], [], [(NONE, 0), (PAPER, 0)])
    assert keep(2, PAPER, FEW) == ([], [], [(PAPER, 0), (FEW, 0)])


def test_its_words_are_those_of_now(keep):
    keep(0, FEW)
    fewer = Alarm("cae:101", Nivel.AVISO, "Quedan 8 números de e-Ticket", "Pida otro CAE.")
    assert keep(1, fewer) == ([], [], [(fewer, 0)])


def test_of_two_with_one_key_the_first_counts(keep):
    assert keep(0, NONE, FEW) == (["cae:101"], [], [(NONE, 0)])


def test_a_clock_that_was_put_back_ends_it_all_the_same(keep):
    keep(0, PAPER)
    keep(1)
    assert keep(-600) == ([], ["impresora:CAJA1"], [])


def test_what_no_text_can_hold_is_kept_all_the_same(keep):
    begun, _, [(alarm, _)] = keep(0, Alarm("carpetas", Nivel.CRITICA, "No se puede leer «\udcf1»."))
    assert (begun, alarm.texto) == (["carpetas"], "No se puede leer «\\xf1».")


@pytest.mark.parametrize(
    ("texto", "que_hacer", "sentence"),
    [
        ("No quedan números", "Importe un CAE.", "No quedan números: importe un CAE."),
        ("No hay lugar.", "Libere espacio.", "No hay lugar. Libere espacio."),
        ("No hay lugar.", "", "No hay lugar."),
    ],
)
def test_both_halves_make_one_sentence(texto, que_hacer, sentence):
    assert Alarm("disco", Nivel.AVISO, texto, que_hacer).sentence == sentence
