"""What a person asks and decides about DGI, by command and by function."""

import json
from datetime import date

import pytest
from clouds import RUT, Till, rango
from desk import DOWN, Desk
from filing import clerk_of, sell, state, turn

from sincronizador.errors import Rejected
from sincronizador.nube.paperwork import Resolution


@pytest.fixture
def desk(empty):
    return Desk(empty.clock)


@pytest.fixture
def clerk(empty, desk):
    empty.found(caes=(rango(hasta=1000),))
    return clerk_of(empty, desk)


@pytest.fixture
def till(clerk, empty):
    return Till(empty)


def standing(till):
    (found,) = till.cloud.paperwork.standings()
    return found


def test_it_tells_what_waits_what_is_under_way_and_what_was_rejected(clerk, till, desk):
    desk.refuse["101-A-1"] = ("E05",)
    desk.refuse["101-A-2"] = ("E09",)
    for number in range(3):
        sell(till, f"V{number}")
    turn(clerk, till)
    turn(clerk, till)
    desk.coming.append(DOWN)
    sell(till, "V3")
    sell(till, "V4")
    turn(clerk, till)
    found = standing(till)
    assert (found.waiting, found.under_way, found.rejected, found.held) == (2, 0, 1, ("101-A-2",))
    assert found.trouble
    assert found.trouble_since is not None


def held(clerk, till, desk, code="E06"):
    desk.refuse["101-A-1"] = (code,)
    sell(till, "V1")
    turn(clerk, till)
    turn(clerk, till)
    assert state(till, "V1") == "sent"
    assert "E3731" in till.place.alarms()


def test_an_unusual_amount_waits_for_a_person_who_may_say_that_it_was_regularised(clerk, till, desk):
    held(clerk, till, desk)
    till.cloud.paperwork.resolve("prueba", RUT, (101, "A", 1), Resolution.ACEPTADO, "regularizado")
    assert state(till, "V1") == "accepted"
    assert standing(till).held == ()


def test_or_that_it_was_an_error(clerk, till, desk):
    held(clerk, till, desk)
    till.cloud.paperwork.resolve("prueba", RUT, (101, "A", 1), Resolution.RECHAZADO, "importe mal")
    receipt = till.cloud.find(till.me, "V1").receipt
    assert (receipt.state.value, receipt.authority) == ("rejected", "importe mal")


def test_what_was_rejected_for_its_cae_may_be_sent_again(clerk, till, desk):
    held(clerk, till, desk, "E09")
    desk.refuse.clear()
    till.cloud.paperwork.resolve("prueba", RUT, (101, "A", 1), Resolution.REENVIAR, "CAE habilitado")
    for _ in range(3):
        turn(clerk, till)
    assert state(till, "V1") == "accepted"


def test_nobody_decides_about_what_waits_for_nobody(clerk, till, desk):
    sell(till, "V1")
    with pytest.raises(Rejected) as caught:
        till.cloud.paperwork.resolve("prueba", RUT, (101, "A", 1), Resolution.RECHAZADO, "porque sí")
    assert caught.value.code == "E3732"
    with pytest.raises(Rejected) as caught:
        till.cloud.paperwork.resolve("prueba", RUT, (101, "A", 1), Resolution.RECHAZADO, " ")
    assert caught.value.code == "E3320"


def test_a_table_of_rates_is_taken_whole_or_not_at_all(clerk, till):
    paperwork = till.cloud.paperwork
    good = b"fecha;moneda;cotizacion\n20/11/2026;USD;39,850\n20/11/2026;EUR;46,1234567\n"
    assert paperwork.import_rates("prueba", good, "BCU") == 2
    with pytest.raises(Rejected):
        paperwork.import_rates("prueba", good + b"21/11/2026;USD;nada\n", "BCU")
    assert [(one.currency, str(one.pesos), one.source) for one in paperwork.rates()] == [
        ("EUR", "46.1234567", "BCU"), ("USD", "39.850", "BCU"),
    ]  # fmt: skip


def test_a_day_is_looked_at_again_when_somebody_asks(clerk, till, desk):
    desk.refuse[date(2026, 11, 21)] = ("R02",)
    sell(till, "V1", "100.00")
    for _ in range(10):
        turn(clerk, till, hours=2)
    assert desk.reports == {}
    desk.refuse.clear()
    till.cloud.paperwork.redo_report("prueba", RUT, date(2026, 11, 21))
    turn(clerk, till, minutes=1)
    assert list(desk.reports) == [(RUT, date(2026, 11, 21), 1)]


def test_all_of_it_is_told_as_json(clerk, till):
    from sincronizador.nube import admin_wire

    sell(till, "V1")
    turn(clerk, till)
    assert json.loads(json.dumps(admin_wire.standing(standing(till))))["under_way"] == 1
