"""Papers of contingency at the cloud: they bring their number, and are corrected under it when DGI observed them."""

from datetime import date

import pytest
from clouds import ANEXO, RUT, Till, cae_file, draft, law, rango
from sqlalchemy import select

from sincronizador.core.numbering import Folio, Rango
from sincronizador.core.receipt import CloudState, Said
from sincronizador.errors import Rejected
from sincronizador.nube.tables import corrected, day, document

BOOKLET = Rango(id="90260000777", tipo=201, serie="P", desde=1, hasta=50, vence=date(2027, 5, 1))


def paper(numero=7, what="Pan", booklet=BOOKLET):
    """A draft with the number of its paper."""
    plain = draft(what, tipo=201).decode()
    number = f"</TipoCFE><Serie>{booklet.serie}</Serie><Nro>{numero}</Nro>"
    constancia = (
        f"<CAEData><CAE_ID>{booklet.id}</CAE_ID><DNro>{booklet.desde}</DNro><HNro>{booklet.hasta}</HNro>"
        f"<FecVenc>{booklet.vence}</FecVenc></CAEData></eTck>"
    )
    return plain.replace("</TipoCFE>", number).replace("</eTck>", constancia).encode()


def transcribe(till, key="P1", numero=7, what="Pan", counter=1, booklet=BOOKLET, **how):
    """Sign a paper and hand it over."""
    country = law()
    folio = Folio(rango=booklet, numero=numero)
    signed = country.complete(paper(numero, what, booklet), folio, till.place.clock())
    for plan in country.signatures(signed):
        signed = till.signer.sign(signed, plan)
    return till.hand_over(key, signed, counter, lease="", **how)


def observe(place, numero=7, *reasons):
    given = reasons or ("C03 Constancia no autorizada",)
    return place.cloud.observe("dgi", RUT, 201, "P", numero, given)


def verdict(outcome):
    return outcome.reply.said, outcome.reply.code


def test_a_paper_is_stored_though_no_cae_and_no_lease_of_ours_has_its_number(till, place):
    outcome = transcribe(till)
    receipt = outcome.reply.receipt
    assert outcome.created
    assert (receipt.tipo, receipt.serie, receipt.numero, receipt.signed_here) == (201, "P", 7, True)
    assert (receipt.state, receipt.anexo) == (CloudState.CONFIRMED, ANEXO)
    assert till.hand_over("P1", receipt.signed, 1, lease="").reply.receipt == receipt
    assert till.cloud.find(till.me, "P1").receipt == receipt
    assert place.alarms() == []


def test_the_numbers_of_papers_are_no_business_of_the_caes(till, place):
    before = place.cloud.numbers(RUT)
    transcribe(till)
    place.cloud.observe("dgi", RUT, 201, "P", 7, ["C05"])
    assert place.cloud.numbers(RUT) == before
    assert till.sell("V1").numero == 1


def test_a_paper_is_never_submitted_without_signature(till, place):
    outcome = till.submit("P1", paper(), tipo=201)
    assert [remark.rule for remark in outcome.reply.remarks] == ["E3547"]
    hidden = till.submit("P2", paper(), tipo=101)
    assert hidden.reply.said is Said.INVALID, "what it says of itself does not help"
    assert place.fates() == {"free": 10_000}


def test_the_number_of_a_paper_is_one_sales_alone(till, place):
    transcribe(till)
    assert verdict(transcribe(till, "P2")) == (Said.CONFLICT, "range_conflict")
    assert verdict(transcribe(Till(place, "OTRA"), "P1")) == (Said.CONFLICT, "range_conflict")
    assert place.alarms() == ["E3503", "E3503"]
    assert transcribe(till, "P2", numero=8).created


def test_a_booklet_that_expired_before_the_transcription_is_no_objection(till, place):
    place.clock.go(days=300)
    used = Rango(id=BOOKLET.id, tipo=201, serie="P", desde=1, hasta=50, vence=date(2026, 11, 30))
    assert transcribe(till, booklet=used).reply.said is Said.STORED


def test_an_observed_paper_is_told_with_its_reasons_and_corrected_under_its_number(till, place):
    first = transcribe(till).reply.receipt
    cursor = till.cloud.changes(till.me, "", 10).cursor
    assert observe(place, 7, "C03 Constancia no autorizada", "C05 Formato").state is CloudState.OBSERVED
    told = till.cloud.changes(till.me, cursor, 10).receipts
    assert [(each.state, each.authority) for each in told] == [
        (CloudState.OBSERVED, "C03 Constancia no autorizada; C05 Formato")
    ]
    second = transcribe(till, what="Pan casero", counter=2).reply.receipt
    assert (second.numero, second.state, second.authority) == (7, CloudState.CONFIRMED, "")
    assert second.signed != first.signed
    assert till.cloud.find_number(till.me, 201, "P", 7) == (second,)
    with place.cloud._store.reading() as db:
        kept = db.execute(select(corrected)).one()
    assert (kept.signed, kept.state) == (first.signed, "observed"), "what DGI saw stays evidence"
    assert "C03" in kept.authority


def test_what_was_not_observed_is_not_replaced(till, place):
    first = transcribe(till).reply.receipt
    assert verdict(transcribe(till, what="Otro", counter=2)) == (Said.CONFLICT, "other_content")
    assert till.cloud.find(till.me, "P1").receipt.signed == first.signed
    assert place.alarms() == ["E3503"]


def test_an_observed_paper_takes_no_correction_of_an_attempt_that_is_not_later(till, place):
    transcribe(till, counter=3)
    observe(place)
    assert verdict(transcribe(till, what="Otro", counter=3)) == (Said.CONFLICT, "other_content")
    assert verdict(transcribe(till, what="Otro", counter=2)) == (Said.OVERTAKEN, "attempt_overtaken")


def test_a_correction_on_a_later_day_sends_the_report_of_the_first_day_again(till, place):
    transcribe(till)
    observe(place)
    place.clock.go(days=1)
    transcribe(till, what="Pan casero", counter=2)
    with place.cloud._store.reading() as db:
        changed = set(db.execute(select(day.c.day)).scalars())
        kept = db.execute(select(document.c.day)).scalar_one()
    assert changed == {date(2026, 11, 21)}, "today's report is still to be made"
    assert kept == date(2026, 11, 22)


def test_the_machine_that_was_replaced_hands_over_a_transcription_but_corrects_nothing(till, place):
    old = till.clone("m1")
    transcribe(till)
    observe(place)
    till.raise_epoch("m2")
    assert verdict(transcribe(old, what="Otro", counter=9)) == (Said.CONFLICT, "other_content")
    assert transcribe(till, what="Pan casero", counter=1).reply.said is Said.STORED


def test_a_paper_transcribed_by_a_machine_and_by_its_successor_is_one_paper(till, place):
    old = till.clone("m1")
    till.raise_epoch("m2")
    new = transcribe(till).reply.receipt
    place.clock.go(hours=1)
    assert transcribe(old).reply.receipt == new
    assert place.alarms() == []


def test_a_base_that_forgot_the_observation_takes_the_correction_all_the_same(till, place):
    transcribe(till)
    copy = place.backup()
    observe(place)
    transcribe(till, what="Pan casero", counter=2)
    place.restore(copy)
    till.learn()
    corrected_ = transcribe(till, what="Pan casero", counter=2)
    assert corrected_.reply.said is Said.STORED
    assert b"Pan casero" in till.cloud.find(till.me, "P1").receipt.signed


@pytest.mark.parametrize(("tipo", "numero"), [(101, 1), (201, 8)])
def test_only_a_paper_that_is_here_can_be_observed(till, place, tipo, numero):
    till.sell("V1")
    transcribe(till)
    with pytest.raises(Rejected) as caught:
        place.cloud.observe("dgi", RUT, tipo, "A" if tipo == 101 else "P", numero, ["C03"])
    assert caught.value.code == "E3322"
    with pytest.raises(Rejected) as caught:
        place.cloud.observe("dgi", RUT, 201, "P", 7, [" "])
    assert caught.value.code == "E3320"


def test_a_cae_of_papers_is_none_of_the_cloud(place):
    with pytest.raises(Rejected) as caught:
        place.cloud.import_cae("prueba", RUT, cae_file(rango(201, serie="P")))
    assert caught.value.code == "E2207"
