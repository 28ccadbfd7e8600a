"""A sale whose REFERENCIA the cloud has with other content waits for a person, who can end it."""

import pytest


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
