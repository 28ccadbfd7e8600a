"""Take-over and restore: one machine numbers, and what the others had on paper is kept; nothing is given twice."""

import os

import pytest
from clouds import NOON, OTHER_RUT, RUT, Till, cae_file, draft, rango

from sincronizador.core.receipt import CloudState, Highest, Reply, Said
from sincronizador.errors import NeedsOperator, Refused, Rejected, Unavailable
from sincronizador.nube.fates import Fate
from sincronizador.nube.restoration import MARGIN
from sincronizador.nube.store import open_store


def verdict(found):
    reply = getattr(found, "reply", found)
    return reply.said, reply.code


FENCED = (Said.FENCED, "epoch_overtaken")


def test_an_epoch_is_compared_and_set(till):
    assert till.epoch == 1
    assert till.raise_epoch("m1", known=7).epoch == 1
    refused = till.raise_epoch("m2", known=7)
    assert (refused.granted, refused.epoch) == (False, 1)
    assert till.raise_epoch("m2", known=1).epoch == 2
    again = till.raise_epoch("m2", known=1)
    assert (again.granted, again.epoch) == (True, 2)


def test_a_machine_that_was_replaced_numbers_nothing_any_more(till, place):
    old = till.clone("m1")
    till.raise_epoch("m2")
    assert verdict(old.submit("V1")) == FENCED
    assert verdict(old.void("V1")) == FENCED
    assert verdict(old.lease()) == FENCED
    assert verdict(old.cloud.find(old.me, "V1")) == FENCED
    assert verdict(old.cloud.changes(old.me, "", 10)) == FENCED
    assert verdict(old.cloud.held(old.me, rango().id, 1, 2)) == FENCED
    place.reopen()
    assert verdict(old.submit("V1", counter=99)) == FENCED
    assert till.submit("V1").reply.receipt.numero == 1


def test_a_machine_that_knows_it_was_replaced_is_treated_so(till):
    till.fenced = True
    assert verdict(till.submit("V1")) == FENCED


def test_what_a_replaced_machine_has_on_paper_is_kept(till, place):
    old = till.clone("m1")
    lease = till.lease(10).lease
    till.raise_epoch("m2")
    assert old.sign_and_hand_over("V1", lease, 3).created
    assert place.fates() == {"document": 1, "doubtful": 9, "free": 9990}
    assert place.alarms() == ["E3505"]
    assert till.cloud.find(till.me, "V1").receipt.numero == 3


def test_the_paper_of_a_replaced_machine_stands_beside_what_the_new_one_prepared(till, place):
    old = till.clone("m1")
    lease = till.lease(10).lease
    till.raise_epoch("m2")
    till.submit("V1")
    late = old.sign_and_hand_over("V1", lease, 3, counter=9).reply.receipt
    assert late.extra
    assert till.cloud.find(till.me, "V1").receipt.numero == 11
    assert place.alarms() == ["E3502", "E3505"]


def test_the_owner_says_which_of_two_documents_it_is(till, place):
    old = till.clone("m1")
    lease = till.lease(10).lease
    till.raise_epoch("m2")
    till.submit("V1")
    signed = old.sign(lease, 3, draft("V1"))
    old.hand_over("V1", signed, counter=9, lease=lease.id)
    receipt = till.hand_over("V1", signed, counter=2, lease=lease.id).reply.receipt
    assert not receipt.extra
    assert till.cloud.find(till.me, "V1").receipt.numero == 3
    assert place.fate(11) is Fate.ANNULLED


def test_a_late_call_fences_nobody(till):
    old = till.clone("m1")
    lease = till.lease(10).lease
    till.raise_epoch("m2")
    old.sign_and_hand_over("V1", lease, 3, counter=99)
    assert till.void("V1", counter=1).reply.said is Said.CONFLICT


def test_what_was_prepared_for_a_machine_before_is_doubtful_when_it_is_replaced(till, place):
    till.submit("V1")
    till.raise_epoch("m2")
    till.submit("V1", draft("Otra"), counter=1)
    assert place.fates() == {"doubtful": 1, "document": 1, "free": 9998}


def test_what_was_prepared_for_a_machine_before_stays_doubtful_though_it_was_asked_for_again(till, place):
    till.submit("V1")
    till.raise_epoch("m2")
    till.submit("V1", counter=1)
    till.void("V1", counter=2)
    assert place.fate(1) is Fate.DOUBTFUL


def test_a_doubtful_number_is_claimed_by_its_paper_once(till, place):
    old = till.clone("m1")
    first = till.submit("V1").reply.receipt
    till.raise_epoch("m2")
    till.void("V1", counter=1)
    assert place.fate(1) is Fate.DOUBTFUL
    receipt = old.hand_over("V1", first.signed, counter=1, lease="").reply.receipt
    assert receipt.signed == first.signed
    assert place.fate(1) is Fate.DOCUMENT


def test_only_a_person_annuls_a_doubtful_number(till, place):
    till.lease(10)
    till.raise_epoch("m2")
    for numbers in ([1, 11], [3, 9999]):
        with pytest.raises(Rejected):
            place.cloud.annul_doubtful("ana", RUT, 101, "A", numbers, "Nadie lo imprimió")
    with pytest.raises(Rejected):
        place.cloud.annul_doubtful("ana", RUT, 101, "A", [1], " ")
    assert place.fates() == {"doubtful": 10, "free": 9990}
    assert place.cloud.annul_doubtful("ana", RUT, 101, "A", [2, 3, 7], "Nadie lo imprimió") == 3
    assert place.fates() == {"doubtful": 7, "annulled": 3, "free": 9990}
    act = place.cloud.audit(RUT)[0]
    assert (act.who, act.act) == ("ana", "annul")
    assert "Nadie lo imprimió" in act.detail


def test_a_dead_installation_speaks_no_more_and_its_numbers_are_doubtful(till, place):
    till.lease(10)
    till.cloud.held(till.me, rango().id, 500, 509)
    me = till.me
    place.cloud.declare_dead("ana", RUT, "CAJA", "Se quemó")
    assert place.fates() == {"doubtful": 20, "free": 9980}
    with pytest.raises(Refused):
        place.cloud.authenticate(till.token)
    with pytest.raises(Refused):
        place.cloud.find(me, "V1")


def test_a_restored_base_is_known_by_its_watermark(till, place):
    copy, before = place.backup(), place.cloud.server_epoch()
    till.sell("V1")
    place.restore(copy)
    assert place.cloud.server_epoch() != before
    health = place.cloud.health(None)
    assert not health.ok
    assert health.recovering_since is not None
    assert verdict(till.submit("V2")) == (Said.RESTORED, "server_restored")


def test_a_base_that_was_only_stopped_is_not_restored(till, place):
    before = place.cloud.server_epoch()
    till.sell("V1")
    place.reopen()
    assert place.cloud.server_epoch() == before
    assert place.cloud.health(None).ok


def test_after_a_restore_nothing_is_numbered_until_all_have_told(place, till):
    other = Till(place, "CAJA2")
    copy = place.backup()
    receipt = till.sell("V1")
    place.restore(copy)
    for one in (till, other):
        one.learn()
        with pytest.raises(Unavailable) as caught:
            one.submit("V9")
        assert caught.value.code == "recovering"
        with pytest.raises(Unavailable):
            one.lease()
    assert till.confirm("V1", receipt).reply.said is Said.UNKNOWN
    assert till.hand_over("V1", receipt.signed, counter=1, lease="").created
    assert till.cloud.recovered(till.me, (Highest(tipo=101, serie="A", numero=1),)).said is Said.STORED
    assert place.cloud.recovered_by(place.cloud.authenticate(till.token))
    with pytest.raises(Unavailable):
        till.submit("V9")
    assert not place.cloud.health(place.cloud.authenticate(till.token)).ok
    other.cloud.recovered(other.me, ())
    assert place.cloud.health(None).ok
    assert till.submit("V9").reply.receipt.numero == 2 + MARGIN
    assert place.fates() == {"document": 2, "doubtful": MARGIN, "free": 10_000 - MARGIN - 2}


def test_an_installation_declared_dead_is_not_waited_for(place, till):
    other = Till(place, "CAJA2")
    copy = place.backup()
    till.sell("V1")
    place.restore(copy)
    till.learn()
    till.cloud.recovered(till.me, (Highest(tipo=101, serie="A", numero=1),))
    assert not place.cloud.health(None).ok
    place.cloud.declare_dead("ana", RUT, other.code, "No vuelve")
    assert place.cloud.health(None).ok


def test_one_issuer_does_not_wait_for_the_installations_of_another(place, till):
    place.found(OTHER_RUT)
    other = Till(place, rut=OTHER_RUT)
    copy = place.backup()
    till.sell("V1")
    place.restore(copy)
    other.learn()
    other.cloud.recovered(other.me, ())
    assert other.submit("V1", draft("V1", rut=OTHER_RUT)).reply.receipt.numero == 1 + MARGIN


def test_the_margin_grows_with_each_restore(place, till):
    copy = place.backup()
    for times in (1, 2):
        till.sell(f"V{times}", counter=times) if times == 1 else till.submit(f"V{times}")
        place.restore(copy)
        till.learn()
        till.cloud.recovered(till.me, ())
        assert till.submit(f"W{times}").reply.receipt.numero == 1 + times * MARGIN


def test_an_epoch_after_a_restore_exceeds_all_before_it(place, till):
    copy = place.backup()
    for machine in ("m2", "m3", "m4"):
        till.raise_epoch(machine)
    highest = till.epoch
    place.restore(copy)
    till.learn()
    fresh = Till(place, till.code, token=till.token, machine="m9", epoch=1)
    assert fresh.raise_epoch("m9", known=1).epoch > highest
    assert fresh.raise_epoch("m9", known=1).epoch >= int(NOON.timestamp())


def test_a_higher_epoch_than_the_restored_base_knows_is_taken_over(place, till):
    old = till.clone("m1")
    copy = place.backup()
    till.raise_epoch("m2")
    place.restore(copy)
    for one in (till, old):
        one.learn()
    till.void("V1", counter=1)
    assert verdict(old.submit("V2")) == FENCED


def test_a_number_leased_after_the_copy_is_claimed(place, till):
    copy = place.backup()
    lease = till.lease(10).lease
    place.restore(copy)
    till.learn()
    till.cloud.recovered(till.me, (Highest(tipo=101, serie="A", numero=lease.hasta),))
    assert till.sign_and_hand_over("V1", lease, 3).created
    assert till.submit("V2").reply.receipt.numero > lease.hasta


def test_a_document_of_a_cae_imported_after_the_copy_is_kept_and_the_cae_continues_above_it(place, till):
    copy = place.backup()
    later = rango(111, hasta=5000, name="77")
    place.cloud.import_cae("prueba", RUT, cae_file(later))
    lease = till.lease(10, tipo=111).lease
    factura = draft("V1").replace(b"<TipoCFE>101", b"<TipoCFE>111").replace(b"eTck>", b"eFact>")
    signed = till.sign(lease, 7, factura)
    place.restore(copy)
    till.learn()
    assert till.hand_over("V1", signed, lease=lease.id).created
    assert "E3507" in place.alarms()
    till.cloud.recovered(till.me, (Highest(tipo=111, serie="A", numero=10),))
    place.cloud.import_cae("prueba", RUT, cae_file(later))
    assert place.fates(111) == {"doubtful": 9 + MARGIN, "document": 1, "free": 4990 - MARGIN}


def test_what_was_prepared_before_a_restore_is_doubtful_when_it_is_replaced(place, till):
    till.submit("V1")
    copy = place.backup()
    till.sell("V2")
    place.restore(copy)
    till.learn()
    till.void("V1", counter=2)
    assert place.fate(1) is Fate.DOUBTFUL


def test_cursors_of_before_a_restore_begin_from_the_start(place, till):
    copy = place.backup()
    receipt = till.sell("V1")
    cursor = till.cloud.changes(till.me, "", 10).cursor
    place.restore(copy)
    till.learn()
    till.hand_over("V1", receipt.signed, counter=1, lease="")
    assert [one.key for one in till.cloud.changes(till.me, cursor, 10).receipts] == ["V1"]


def test_a_missing_watermark_beside_a_used_base_needs_a_person(place, till):
    place.cloud.close()
    os.unlink(place.mark)
    with pytest.raises(NeedsOperator) as caught:
        place.reopen_closed()
    assert caught.value.code == "E3406"
    assert "--restaurada" in str(caught.value)
    place.reopen_closed(restored=True)
    assert not place.cloud.health(None).ok


def test_the_watermark_of_another_base_needs_a_person(place, till, tmp_path):
    place.cloud.close()
    with open(place.mark) as file:
        text = file.read()
    with open(place.mark, "w") as file:
        file.write(text.replace('"identity": "', '"identity": "x'))
    with pytest.raises(NeedsOperator) as caught:
        place.reopen_closed()
    assert caught.value.code == "E3407"
    with open(place.mark, "w") as file:
        file.write("{")
    with pytest.raises(NeedsOperator) as caught:
        place.reopen_closed()
    assert caught.value.code == "E3408"
    with open(place.mark, "w") as file:
        file.write(text)
    place.reopen_closed()


def test_a_person_may_say_that_the_base_was_restored(place, till):
    before = place.cloud.server_epoch()
    assert place.cloud.declare_restored("ana") != before
    assert not place.cloud.health(None).ok
    assert place.cloud.audit()[0].act == "restored"


def test_a_restore_declared_by_another_server_of_the_base_is_noticed(place, till):
    other = open_store(place.url, place.mark, clock=place.clock)
    other.declare_restored()
    assert verdict(till.submit("V1")) == (Said.RESTORED, "server_restored")
    till.learn()
    assert till.server_epoch == other.server_epoch
    till.cloud.recovered(till.me, ())
    assert till.submit("V1").reply.said is Said.STORED
    other.close()


def test_replaced_machines_do_not_count_as_recovered(place, till):
    old = till.clone("m1")
    till.raise_epoch("m2")
    place.cloud.declare_restored("ana")
    old.learn()
    assert isinstance(old.cloud.recovered(old.me, ()), Reply)
    assert not place.cloud.health(None).ok
    till.learn()
    till.cloud.recovered(till.me, ())
    assert place.cloud.health(None).ok
    assert till.submit("V1").reply.receipt.state is CloudState.PREPARED
