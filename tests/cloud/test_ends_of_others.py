"""A sale whose REFERENCIA the cloud has with other content waits for a person, who can end it."""

import pytest
from carrier import Fault

from sincronizador.journal.post import Phase


@pytest.fixture
def till(world):
    """Its cloud has V1 at another price, of which its journal never heard."""
    made = world.till()
    made.other = world.speaker().sell("V1", price="50")
    return made


def test_withdrawn_it_ends_and_tells_what_the_cloud_has(world, till):
    sale = till.sell("V1", price="89")
    assert (till.answers()[sale]["MOTIVO"], till.answers()[sale]["CODIGO"]) == ("OPERADOR", "E3004")
    order = till.withdraw("V1")
    world.settle()
    assert (till.said(sale), till.said(order)) == ("RETIRADO", "RETIRADO")
    message = till.answers()[sale]["MENSAJE"]
    assert till.other.slug in message
    assert "otra venta lleva otra REFERENCIA" in message
    assert world.fate(till.other.slug) == "document"


def test_afterwards_the_sale_as_the_cloud_has_it_is_answered_with_its_document(world, till):
    till.sell("V1", price="89")
    till.withdraw("V1")
    world.settle()
    again = till.sell("V1", price="50")
    world.settle()
    assert till.said(again) == "ENVIADO"
    assert till.answers()[again]["NUMERO"] == str(till.other.numero)
    assert [mark for slug, mark in till.read_papers() if slug == till.other.slug] == [True], "COPIA"


def test_asked_for_again_while_the_cloud_is_away_it_is_not_signed_here(world, till):
    sale = till.sell("V1", price="89")
    till.line.cut()
    till.order("contingencia", que="forzar", motivo="prueba")
    till.order("reintentar", que="V1")
    other = till.sell("V2")
    till.pass_time(minutes=2)
    till.work()
    assert (till.said(other), till.said(sale)) == ("FIRMADO_CONTINGENCIA", "ESPERANDO")
    assert till.other.slug in till.answers()[sale]["MENSAJE"]
    till.order("contingencia", que="terminar", motivo="prueba")
    world.settle()
    assert (till.answers()[sale]["MOTIVO"], till.answers()[sale]["CODIGO"]) == ("OPERADOR", "E3004")
    assert world.broken(unfinished=("V1",)) == []


def test_afterwards_neither_is_a_corrected_one_signed_here(world, till):
    till.sell("V1", price="89")
    till.withdraw("V1")
    world.settle()
    till.line.cut()
    corrected = till.sell("V1", price="77")
    till.pass_time(minutes=2)
    till.work()
    assert till.said(corrected) == "ESPERANDO"
    assert till.other.slug in till.answers()[corrected]["MENSAJE"]
    world.settle()
    assert till.answers()[corrected]["CODIGO"] == "E3004"
    assert world.broken(unfinished=("V1",)) == []


def sell_between(world, till, price):
    """A sale while a restored cloud is told what this restored journal has, and before that is told the rest."""
    world.restore(world.backup())
    till.raise_epoch(ordered=True)
    till.line.fail("recovered", Fault.GONE)
    till.probe()
    assert till.phase is Phase.RESEND
    sale = till.sell("V1", price=price)
    assert (till.said(sale), till.line.bodies("submit", "V1")) == ("ESPERANDO", [])
    till.pass_time(minutes=1)
    till.probe()
    return sale


def test_a_restored_journal_begins_nothing_before_it_has_read_what_the_cloud_has(world, till):
    sale = sell_between(world, till, "89")
    assert (till.said(sale), till.answers()[sale]["CODIGO"]) == ("RECHAZADO", "E0104")
    world.settle()
    assert world.broken(doubtful=True) == []


def test_the_very_sale_is_answered_with_its_document_though_its_file_came_on_another_day(world, till):
    till.pass_time(days=1)
    sale = sell_between(world, till, "50")
    assert till.answers()[sale]["NUMERO"] == str(till.other.numero)
    world.settle()
    assert world.broken(doubtful=True) == []
