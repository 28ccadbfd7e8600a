"""The document of a sale in the cloud: one, whatever is repeated, delayed or overtaken."""

from clouds import draft

from sincronizador.core.receipt import CloudState
from sincronizador.nube.fates import Fate


def test_a_draft_is_numbered_signed_and_prepared(till):
    outcome = till.submit("V1")
    assert outcome.created
    receipt = outcome.reply.receipt
    assert (receipt.numero, receipt.state) == (1, CloudState.PREPARED)
    assert till.cloud.country(till.rut).draft_of(receipt.signed) == draft("V1")


def test_the_same_submission_again_gives_the_same_bytes(till):
    first = till.submit("V1").reply.receipt
    again = till.submit("V1")
    assert not again.created
    assert again.reply.receipt.signed == first.signed


def test_a_confirmed_document_counts(till, place):
    receipt = till.sell("V1")
    assert receipt.state is CloudState.CONFIRMED
    assert place.fate(1) is Fate.DOCUMENT
