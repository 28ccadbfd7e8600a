"""Slices of a CAE: never overlapping, never leased again, and every number accounted for."""

from datetime import date

import pytest
from clouds import OTHER_RUT, Till, cae_file, rango

from sincronizador.core.receipt import Said
from sincronizador.errors import Unavailable
from sincronizador.nube.fates import Fate


def span(granted):
    return granted.lease.desde, granted.lease.hasta


def test_a_lease_is_given_once_for_its_idempotency_key(till, place):
    first = till.lease(10, idempotency="a")
    assert first.created
    assert span(first) == (1, 10)
    again = till.lease(99, idempotency="a")
    assert not again.created
    assert again.lease == first.lease
    assert span(till.lease(10, idempotency="b")) == (11, 20)
    assert place.fates() == {"leased": 20, "free": 9980}


def test_two_installations_may_use_the_same_idempotency_key(till, place):
    assert span(till.lease(10)) == (1, 10)
    assert span(Till(place, "CAJA2").lease(10)) == (11, 20)


def test_a_slice_ends_with_its_cae_and_the_next_is_of_another(empty):
    early = rango(hasta=5, serie="B", vence=date(2027, 1, 1), name="1")
    till = Till(empty.found(caes=(early, rango(hasta=50, name="2"))))
    assert span(till.lease(10, idempotency="a")) == (1, 5)
    second = till.lease(10, idempotency="b").lease
    assert (second.cae, second.desde, second.hasta) == ("2", 1, 10)


def test_no_lease_of_an_expired_cae_nor_of_a_type_without_one(till, place):
    found = till.lease(tipo=111)
    assert (found.said, found.remarks[0].rule) == (Said.INVALID, "no_numbers")
    assert till.cloud.leases(till.me).types == (101,)
    place.clock.go(days=800)
    assert till.lease(idempotency="b").remarks[0].rule == "no_numbers"
    assert till.cloud.leases(till.me).types == ()


@pytest.mark.parametrize("size", [0, -1, 10_001])
def test_a_lease_of_an_absurd_size_is_refused(till, size):
    assert till.lease(size).said is Said.INVALID


def test_a_lease_for_an_unknown_branch_is_refused(till):
    assert till.cloud.take_lease(till.me, 101, "77", 10, "a").remarks[0].rule == "E3534"


def test_the_cloud_numbers_around_its_leases(till):
    till.lease(10)
    assert till.submit("V1").reply.receipt.numero == 11


def test_closing_annuls_what_was_not_used_and_waits_for_what_was(till, place):
    lease = till.lease(10).lease
    till.sign_and_hand_over("V1", lease, 1)
    closed = till.cloud.close_lease(till.me, lease.id, [1, 2], [3])
    assert closed.closed
    assert place.fates() == {"document": 1, "leased": 1, "annulled": 8, "free": 9990}
    assert place.fate(2) is Fate.LEASED
    till.sign_and_hand_over("V2", lease, 2)
    assert place.fates() == {"document": 2, "annulled": 8, "free": 9990}
    assert till.cloud.leases(till.me).leases == ()


def test_closing_again_changes_nothing(till, place):
    lease = till.lease(10).lease
    till.cloud.close_lease(till.me, lease.id, [1], [])
    assert till.cloud.close_lease(till.me, lease.id, [1, 2, 3], []).closed
    assert place.fates() == {"leased": 1, "annulled": 9, "free": 9990}


def test_a_lease_closes_only_with_its_own_numbers(till, place):
    lease = till.lease(10).lease
    assert till.cloud.close_lease(till.me, lease.id, [11], []).code == "range_conflict"
    assert till.cloud.close_lease(till.me, lease.id, [1], [1]).code == "range_conflict"
    assert till.cloud.close_lease(till.me, "otra", [], []).said is Said.UNKNOWN
    other = Till(place, "CAJA2")
    assert other.cloud.close_lease(other.me, lease.id, [], []).said is Said.UNKNOWN
    assert place.fates() == {"leased": 10, "free": 9990}


def test_an_annulled_number_never_becomes_a_document(till, place):
    lease = till.lease(10).lease
    till.cloud.close_lease(till.me, lease.id, [], [])
    found = till.sign_and_hand_over("V1", lease, 1)
    assert (found.reply.said, found.reply.code) == (Said.CONFLICT, "range_conflict")
    assert place.alarms() == ["E3503"]
    assert place.fates() == {"annulled": 10, "free": 9990}


def test_a_held_range_is_never_numbered_by_the_cloud(till, place):
    held = till.cloud.held(till.me, rango().id, 3, 5)
    assert held.created
    assert held.lease.held
    assert not till.cloud.held(till.me, rango().id, 3, 5).created
    assert [till.submit(f"V{n}").reply.receipt.numero for n in range(3)] == [1, 2, 6]
    assert place.fates() == {"document": 3, "leased": 3, "free": 9994}


def test_a_cae_imported_as_of_an_installation_is_nobody_elses_for_a_moment(empty):
    place = empty.found(caes=())
    till, other = Till(place), Till(place, "CAJA2")
    place.cloud.import_cae("ana", till.rut, cae_file(rango()), held_by="CAJA")
    assert other.cloud.take_lease(other.me, 101, "1", 10, "cualquiera").said is Said.INVALID
    with pytest.raises(Unavailable):
        other.submit("V1")
    held = till.cloud.held(till.me, rango().id, 1, 100)
    assert (held.created, held.lease.held) == (False, True)
    assert till.sign_and_hand_over("V1", held.lease, 7).created


def test_leases_pass_by_held_ranges(till):
    till.cloud.held(till.me, rango().id, 4, 6)
    till.cloud.held(till.me, rango().id, 7, 9)
    assert span(till.lease(10, idempotency="a")) == (1, 3)
    assert span(till.lease(10, idempotency="b")) == (10, 19)


def test_a_held_range_at_the_end_leaves_no_number(empty):
    till = Till(empty.found(caes=(rango(hasta=10),)))
    till.cloud.held(till.me, rango().id, 2, 10)
    assert till.submit("V1").reply.receipt.numero == 1
    with pytest.raises(Unavailable):
        till.submit("V2")
    assert empty.fates() == {"document": 1, "leased": 9}


def test_a_range_that_is_not_free_cannot_be_held(till, place):
    till.submit("V1")
    lease = till.lease(5).lease
    other = Till(place, "CAJA2")
    for first, last in ((1, 1), (lease.desde, lease.desde), (9_999, 10_001), (5, 4)):
        assert other.cloud.held(other.me, rango().id, first, last).code == "range_conflict"
    assert till.cloud.held(till.me, rango().id, 1, 3).code == "range_conflict"
    assert till.cloud.held(till.me, "123", 1, 3).said is Said.UNKNOWN


def test_the_held_range_of_another_issuer_is_unknown(place, till):
    place.found(OTHER_RUT, caes=(rango(name="77"),))
    assert till.cloud.held(till.me, "77", 1, 3).said is Said.UNKNOWN


def test_a_sale_signed_from_a_held_range_is_taken_over(till, place):
    held = till.cloud.held(till.me, rango().id, 500, 600).lease
    assert till.sign_and_hand_over("V1", held, 550).created
    assert place.fates() == {"document": 1, "leased": 100, "free": 9899}
    assert till.submit("V2").reply.receipt.numero == 1


def test_held_ranges_outlive_epochs_and_leases_do_not(till, place):
    held = till.cloud.held(till.me, rango().id, 500, 600).lease
    till.lease(10)
    till.raise_epoch("m2")
    assert [lease.id for lease in till.cloud.leases(till.me).leases] == [held.id]
    assert place.fates() == {"doubtful": 10, "leased": 101, "free": 9889}
