"""Alarms begin once and end once, however they come and go in between."""

from datetime import datetime, timedelta

import pytest

from sincronizador.core.alarm import Alarm, Nivel
from sincronizador.countries.uy.tipos import ZONE
from sincronizador.journal import alarms
from sincronizador.journal.alarms import What
from sincronizador.journal.journal import create

CALM = timedelta(minutes=5)
NOW = datetime(2026, 11, 21, 12, tzinfo=ZONE)
PAPER = Alarm("impresora:CAJA1", Nivel.AVISO, "La impresora CAJA1 espera con 3 papeles: no tiene papel.")
FEW = Alarm("cae:101", Nivel.AVISO, "Quedan 9 números de e-Ticket", "Pida otro CAE.")
NONE = Alarm("cae:101", Nivel.CRITICA, "No quedan números de e-Ticket", "Importe un CAE.")


@pytest.fixture
def journal(tmp_path):
    made = create(str(tmp_path / "diario.db"), {})
    yield made
    made.close()


@pytest.fixture
def keep(journal):
    def once(minutes, *found):
        with journal.transaction() as db:
            change = alarms.keep(db, found, NOW + timedelta(minutes=minutes), CALM)
            standing = [(one.alarm, (one.desde - NOW) / timedelta(minutes=1)) for one in alarms.current(db)]
        return [one.clave for one in change.begun], [one.alarm.clave for one in change.ended], standing

    return once


@pytest.fixture
def tell(journal):
    """What a channel is owed at that minute, and that it was told so."""
    with journal.transaction() as db:
        alarms.begin_telling(db, "it@example.com", NOW)

    def once(minutes, channel="it@example.com", patience=2, taken=True):
        now = NOW + timedelta(minutes=minutes)
        with journal.transaction() as db:
            found = alarms.owed(db, channel, now, lambda _: timedelta(minutes=patience), timedelta(hours=24))
            if taken:
                alarms.told(db, channel, found, now)
        return [(one.what, one.standing.alarm.clave) for one in found]

    return once


def test_an_alarm_begins_once_and_is_over_when_it_stays_away(keep):
    assert keep(0, PAPER) == (["impresora:CAJA1"], [], [(PAPER, 0)])
    assert keep(1, PAPER) == ([], [], [(PAPER, 0)])
    assert keep(2) == ([], [], [])
    assert keep(7) == ([], ["impresora:CAJA1"], [])
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


def test_whoever_is_told_is_told_once_that_it_began_and_once_that_it_is_over(keep, tell):
    keep(0, PAPER)
    assert tell(1) == [], "what is over at once is told to nobody"
    assert tell(2) == [(What.BEGUN, "impresora:CAJA1")]
    assert tell(3000) == []
    keep(3001)
    assert tell(3002) == [], "it may come back"
    keep(3006)
    assert tell(3006) == [(What.OVER, "impresora:CAJA1")]
    assert tell(9000) == []


def test_what_is_grave_is_told_again_every_day_and_what_becomes_so_at_once(keep, tell):
    keep(0, FEW)
    assert tell(2) == [(What.BEGUN, "cae:101")]
    keep(3, NONE)
    assert tell(3) == [(What.WORSE, "cae:101")]
    assert tell(1000) == []
    assert tell(3 + 24 * 60) == [(What.STANDS, "cae:101")]
    assert tell(4 + 24 * 60) == []


def test_what_could_not_be_told_waits_and_what_is_past_by_then_is_one_line(keep, tell):
    keep(0, PAPER)
    assert tell(2, taken=False) == [(What.BEGUN, "impresora:CAJA1")]
    keep(10, NONE)
    keep(15, NONE)
    assert tell(20) == [(What.BEGUN, "cae:101"), (What.PASSED, "impresora:CAJA1")]
    assert tell(21) == []


def test_what_was_over_before_it_was_worth_telling_is_told_to_nobody(keep, tell):
    keep(0, PAPER)
    keep(1)
    keep(6)
    assert tell(60) == []


def test_a_new_channel_is_told_what_stands_and_nothing_of_before(journal, keep, tell):
    keep(0, PAPER)
    keep(3)
    keep(8, NONE)
    with journal.transaction() as db:
        alarms.begin_telling(db, "nuevo", NOW + timedelta(minutes=9))
    assert tell(12, "nuevo") == [(What.BEGUN, "cae:101")]
    assert tell(12) == [(What.BEGUN, "cae:101"), (What.PASSED, "impresora:CAJA1")]
