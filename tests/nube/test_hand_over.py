"""Documents that arrive signed: what was on paper is kept, and no number is ever two documents."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from clouds import (
    AJUSTES,
    ANEXO,
    EMISOR,
    MONTEVIDEO,
    NOON,
    OTHER_RUT,
    PASSWORD,
    RUT,
    Place,
    Till,
    cae_file,
    draft,
    identity,
    pkcs12,
    rango,
)
from sqlalchemy import select

from sincronizador.core.receipt import Attempt, CloudState, HandOver, Said
from sincronizador.errors import Rejected
from sincronizador.nube.fates import Fate
from sincronizador.nube.tables import day, document
from sincronizador.signing.certificate import to_pkcs12
from sincronizador.signing.verify import verify
from sincronizador.signing.xmldsig import XmlSigner


def verdict(outcome):
    return outcome.reply.said, outcome.reply.code


def rules(outcome):
    assert outcome.reply.said is Said.INVALID
    return {remark.rule for remark in outcome.reply.remarks}


@pytest.fixture
def lease(till):
    return till.lease(10).lease


def test_a_document_of_a_lease_is_stored_as_it_is(till, place, lease):
    signed = till.sign(lease, 3, draft("V1"))
    outcome = till.hand_over("V1", signed, lease=lease.id)
    assert outcome.created
    receipt = outcome.reply.receipt
    assert (receipt.signed, receipt.signed_here, receipt.state) == (signed, True, CloudState.CONFIRMED)
    assert receipt.anexo == ANEXO
    assert place.fate(3) is Fate.DOCUMENT
    assert not till.hand_over("V1", signed, lease=lease.id).created
    assert till.submit("V1", counter=2).reply.receipt.signed == signed
    assert place.alarms() == []


def test_a_document_signed_here_replaces_what_was_prepared(till, place):
    till.submit("V1")
    lease = till.lease(10).lease
    assert till.sign_and_hand_over("V1", lease, 2).created
    assert place.fates() == {"annulled": 1, "document": 1, "leased": 9, "free": 9989}


def test_an_attempt_that_was_overtaken_hands_nothing_over(till, place, lease):
    till.void("V1", counter=5)
    assert verdict(till.sign_and_hand_over("V1", lease, 1, counter=4)) == (Said.OVERTAKEN, "attempt_overtaken")
    assert place.fate(1) is Fate.LEASED


def test_a_second_paper_of_a_confirmed_sale_is_kept_beside_it_and_alarmed(till, place):
    till.sell("V1")
    lease = till.lease(10).lease
    receipt = till.sign_and_hand_over("V1", lease, 2).reply.receipt
    assert receipt.extra
    assert till.cloud.find(till.me, "V1").receipt.numero == 1
    assert {one.numero for one in till.cloud.pull(till.me, "", 10).receipts} == {1, 2}
    assert place.alarms() == ["E3502"]
    again = till.sign_and_hand_over("V1", lease, 2)
    assert (again.created, again.reply.receipt.extra) == (False, True)


def test_the_cloud_takes_back_what_it_signed_itself(till, place):
    receipt = till.submit("V1").reply.receipt
    outcome = till.hand_over("V1", receipt.signed, counter=1, lease="")
    assert not outcome.created
    assert outcome.reply.receipt.state is CloudState.CONFIRMED
    assert not outcome.reply.receipt.signed_here


def test_a_number_that_the_cloud_never_gave_is_not_taken_back(till, place, lease):
    stranger = replace(lease, desde=500, hasta=600)
    assert rules(till.hand_over("V1", till.sign(stranger, 555, draft("V1")), lease="")) == {"E3538"}
    assert rules(till.sign_and_hand_over("V1", stranger, 555)) == {"E3538"}
    assert place.fates() == {"leased": 10, "free": 9990}


def test_a_number_leased_to_another_installation_is_not_taken(till, place, lease):
    other = Till(place, "CAJA2")
    assert rules(other.sign_and_hand_over("V1", lease, 1)) == {"E3538"}
    assert place.alarms() == ["E3503"]


def test_a_number_of_another_sale_is_not_taken(till, place, lease):
    till.sign_and_hand_over("V1", lease, 1)
    assert verdict(till.sign_and_hand_over("V2", lease, 1)) == (Said.CONFLICT, "range_conflict")
    other = till.hand_over("V1", till.sign(lease, 1, draft("Otra")), counter=3, lease=lease.id)
    assert verdict(other) == (Said.CONFLICT, "other_content")
    assert place.alarms() == ["E3503", "E3503"]


def test_a_broken_signature_is_refused(till, lease):
    signed = till.sign(lease, 1, draft("V1"))
    assert rules(till.hand_over("V1", signed.replace(b"Pan", b"Pam").replace(b"V1", b"V2"), lease=lease.id)) == {
        "E2121"
    }
    assert rules(till.hand_over("V1", signed, lease=lease.id, sha256="0" * 64)) == {"E3529"}
    assert rules(till.cloud.hand_over(till.me, "V1", _hand_over(till, b"hola"), "0" * 64)) == {"E1901"}


def _hand_over(till, signed):
    return HandOver(
        attempt=Attempt(till.epoch, 2), lease="", serie="A", numero=1, signed=signed, anexo=ANEXO, signed_at=NOON
    )


def test_another_number_than_the_document_says_is_refused(till, lease):
    signed = till.sign(lease, 1, draft("V1"))
    assert rules(till.hand_over("V1", signed, lease=lease.id, numero=2)) == {"E3537"}
    assert rules(till.hand_over("V1", signed, lease=lease.id, serie="B")) == {"E3537"}


def test_a_certificate_of_somebody_else_is_refused(till, lease):
    till.signer = XmlSigner(identity(OTHER_RUT), embed_certificate=True)
    assert "E3536" in rules(till.sign_and_hand_over("V1", lease, 1))


def test_a_certificate_that_nobody_knows_is_taken_when_it_comes_along_and_names_the_issuer(till, place, lease):
    own = identity(RUT, "CAJA (PRUEBA)")
    till.signer = XmlSigner(own)
    assert rules(till.sign_and_hand_over("V1", lease, 1)) == {"E2121"}
    till.signer = XmlSigner(own, embed_certificate=True)
    assert till.sign_and_hand_over("V1", lease, 1).created
    till.signer = XmlSigner(own)
    place.cloud.know_certificate("prueba", RUT, own.certificate.der)
    assert till.sign_and_hand_over("V2", lease, 2).created
    assert till.submit("V3").reply.receipt is not None


def test_what_was_signed_before_a_certificate_was_revoked_still_counts(till, place, lease):
    before = till.sign(lease, 1, draft("V1"))
    place.clock.go(hours=1)
    place.cloud.revoke_certificate("prueba", RUT, identity().certificate.fingerprint, "Robo")
    place.clock.go(hours=1)
    after = till.sign(lease, 2, draft("V2"))
    assert till.hand_over("V1", before, lease=lease.id).created
    assert rules(till.hand_over("V2", after, lease=lease.id)) == {"E3536"}


def test_a_former_certificate_still_proves_what_was_signed_with_it(till, place, lease):
    place.clock.go(hours=1)
    fresh = to_pkcs12(identity(RUT, "NUEVO (PRUEBA)"), PASSWORD)
    place.cloud.install_certificate("prueba", RUT, fresh, PASSWORD)
    assert till.sign_and_hand_over("V1", lease, 1).created
    signed = till.submit("V2").reply.receipt.signed
    assert verify(signed, certificate=identity(RUT, "NUEVO (PRUEBA)").certificate)


def test_a_document_signed_after_its_cae_expired_is_refused(empty):
    till = Till(empty.found(caes=(rango(vence=date(2026, 11, 22)),)))
    lease = till.lease(10).lease
    last = datetime(2026, 11, 22, 23, 59, 59, tzinfo=MONTEVIDEO)
    assert till.hand_over("V1", till.sign(lease, 1, draft("V1"), last), lease=lease.id).created
    late = till.sign(lease, 2, draft("V2"), last + timedelta(seconds=1))
    assert rules(till.hand_over("V2", late, lease=lease.id)) == {"E3539"}


def test_a_document_with_something_else_wrong_is_kept_and_alarmed(till, place, lease):
    wrong = draft("V1").replace(b"<MntPagar>100.00", b"<MntPagar>900.00")
    assert till.hand_over("V1", till.sign(lease, 1, wrong), lease=lease.id).created
    assert place.alarms() == ["E3506"]


def test_a_document_that_lies_about_its_cae_is_kept_and_alarmed(till, place, lease):
    signed = till.sign(replace(lease, cae="9099"), 1, draft("V1"))
    assert till.hand_over("V1", signed, lease=lease.id).created
    assert place.alarms() == ["E3506"]


def test_the_day_of_a_document_that_comes_late_is_reported_again(till, place, lease):
    signed = till.sign(lease, 1, draft("V1"))
    place.clock.go(days=2)
    till.hand_over("V1", signed, lease=lease.id)
    with place.cloud._store.reading() as db:
        assert db.execute(select(day.c.day)).scalars().all() == [NOON.date()]


def test_contingency_is_kept_with_its_document(till, place, lease):
    since = NOON - timedelta(minutes=5)
    till.sign_and_hand_over("V1", lease, 1, contingency_since=since, contingency_reason="Sin línea")
    with place.cloud._store.reading() as db:
        assert db.execute(select(document.c.contingency_since, document.c.contingency_reason)).one() == (
            since,
            "Sin línea",
        )


def test_a_test_certificate_proves_nothing_in_production(tmp_path):
    place = Place(f"sqlite:///{tmp_path}/nube.db", tmp_path, environment="produccion")
    place.cloud.keep_issuer("prueba", EMISOR, AJUSTES)
    with pytest.raises(Rejected) as caught:
        place.cloud.install_certificate("prueba", RUT, pkcs12(), PASSWORD)
    assert caught.value.code == "E2111"
    with pytest.raises(Rejected) as caught:
        place.cloud.import_cae("prueba", RUT, cae_file(rango()))
    assert caught.value.code == "E3318"
    place.cloud.close()
