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


def on_its_way(world, till, price):
    """V1 was sent and not answered while both sides of a restored cloud tell each other what they have."""
    world.restore(world.backup())
    till.raise_epoch(ordered=True)
    till.line.fail("recovered", Fault.GONE)
    till.line.fail("submit", *[Fault.GONE] * 9)
    till.probe()
    assert till.phase is Phase.RESEND
    return till.sell("V1", price=price)


def test_what_is_read_while_it_is_on_its_way_keeps_it_from_being_signed_here(world, till):
    sale = on_its_way(world, till, "89")
    till.pass_time(minutes=1)
    till.probe()
    till.line.cut()
    till.pass_time(minutes=2)
    till.work()
    assert till.said(sale) == "ESPERANDO"
    assert till.other.slug in till.answers()[sale]["MENSAJE"]
    assert till.read_papers() == []


def test_the_very_sale_is_adopted_as_soon_as_it_is_read(world, till):
    sale = on_its_way(world, till, "50")
    till.probe()
    assert (till.said(sale), till.answers()[sale]["NUMERO"]) == ("ENVIADO", str(till.other.numero))
    world.settle()
    assert world.broken(doubtful=True) == []
