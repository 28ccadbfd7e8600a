"""The document of a sale in the cloud: one, whatever is repeated, delayed or overtaken."""

import hashlib
from dataclasses import replace
from datetime import date, timedelta

import pytest
from clouds import (
    AJUSTES,
    EMISOR,
    NOON,
    OTHER_RUT,
    PASSWORD,
    RUT,
    Till,
    cae_file,
    draft,
    identity,
    law,
    pkcs12,
    rango,
)
from sqlalchemy import select

from sincronizador.core.receipt import Attempt, CloudState, Said
from sincronizador.errors import Refused, Unavailable
from sincronizador.nube.fates import Fate
from sincronizador.nube.tables import annulled, day
from sincronizador.signing.verify import verify


def said(outcome):
    reply = getattr(outcome, "reply", outcome)
    return reply.said, reply.code


def test_a_draft_is_numbered_signed_and_prepared(till):
    outcome = till.submit("V1")
    assert outcome.created
    receipt = outcome.reply.receipt
    assert (receipt.numero, receipt.state, receipt.epoch) == (1, CloudState.PREPARED, till.epoch)
    assert verify(receipt.signed, certificate=identity().certificate)
    assert law().draft_of(receipt.signed) == draft("V1")
    assert receipt.content_sha256 == hashlib.sha256(draft("V1")).hexdigest()
    assert receipt.sha256 == hashlib.sha256(receipt.signed).hexdigest()
    assert law().emitted(receipt.signed, receipt.anexo).firmado == receipt.signed_at


def test_the_same_submission_again_gives_the_same_bytes(till):
    first = till.submit("V1").reply.receipt
    again = till.submit("V1")
    assert not again.created
    assert again.reply.receipt == first


def test_a_repeated_submission_is_answered_though_it_would_not_be_valid_today(till, place):
    first = till.submit("V1").reply.receipt
    place.clock.go(days=900)
    assert till.submit("V1", counter=2).reply.receipt.signed == first.signed


def test_a_confirmed_document_counts(till, place):
    receipt = till.submit("V1").reply.receipt
    assert till.confirm("V1", receipt).reply.receipt.state is CloudState.CONFIRMED
    assert till.confirm("V1", receipt).reply.said is Said.STORED
    assert place.fate(1) is Fate.DOCUMENT


def test_a_confirmation_of_other_bytes_or_of_nothing_is_refused(till):
    receipt = till.submit("V1").reply.receipt
    assert said(till.confirm("V1", replace(receipt, sha256="0" * 64))) == (Said.CONFLICT, "other_content")
    assert said(till.confirm("V1", replace(receipt, numero=2))) == (Said.CONFLICT, "other_content")
    assert till.confirm("V1", replace(receipt, numero=2)).reply.receipt.numero == 1
    assert said(till.confirm("V2", receipt)) == (Said.UNKNOWN, "not_found")


def test_other_content_with_the_same_attempt_is_a_conflict(till):
    till.submit("V1")
    found = till.submit("V1", draft("Otra cosa"))
    assert said(found) == (Said.CONFLICT, "other_content")
    assert found.reply.receipt.numero == 1


def test_a_higher_attempt_replaces_what_is_prepared_and_its_number_is_annulled(till, place):
    till.submit("V1")
    receipt = till.submit("V1", draft("Otra cosa"), counter=2).reply.receipt
    assert receipt.numero == 2
    assert place.fates() == {"annulled": 1, "document": 1, "free": 9998}


def test_a_higher_attempt_does_not_replace_what_was_adopted(till):
    till.sell("V1")
    assert said(till.submit("V1", draft("Otra cosa"), counter=2)) == (Said.CONFLICT, "already_confirmed")


def test_a_lower_attempt_can_do_nothing_any_more(till, place):
    till.void("V1", counter=2)
    assert said(till.submit("V1")) == (Said.OVERTAKEN, "attempt_overtaken")
    assert said(till.void("V1", counter=1)) == (Said.OVERTAKEN, "attempt_overtaken")
    assert till.cloud.find(till.me, "V1").said is Said.UNKNOWN
    place.reopen()
    assert said(till.submit("V1")) == (Said.OVERTAKEN, "attempt_overtaken")
    assert place.fates() == {"free": 10_000}


def test_the_attempt_of_a_refused_call_is_kept(till):
    assert till.submit("V1", b"<CFE/>", counter=3).reply.said is Said.INVALID
    assert said(till.submit("V1", counter=2)) == (Said.OVERTAKEN, "attempt_overtaken")


def test_the_attempt_of_a_call_without_numbers_is_kept(empty):
    empty.found(caes=())
    till = Till(empty)
    with pytest.raises(Unavailable) as caught:
        till.submit("V1", counter=3)
    assert caught.value.code == "no_numbers"
    assert said(till.submit("V1", counter=2)) == (Said.OVERTAKEN, "attempt_overtaken")


def test_a_refusal_is_kept_for_its_attempt_and_not_for_the_next(till, place):
    wrong = till.submit("V1", draft("V1", sucursal="9"))
    assert wrong.reply.said is Said.INVALID
    assert {remark.rule for remark in wrong.reply.remarks} == {"E3533"}
    again = till.submit("V1")
    assert again.reply == wrong.reply
    assert till.submit("V1", counter=2).reply.said is Said.STORED
    assert place.fates()["document"] == 1


def test_what_is_prepared_gives_way_to_a_higher_attempt_though_that_one_is_refused(till, place):
    till.submit("V1")
    assert till.submit("V1", draft("V1", sucursal="9"), counter=2).reply.said is Said.INVALID
    assert place.fates() == {"annulled": 1, "free": 9999}


def test_a_void_annuls_what_is_prepared_once(till, place):
    till.submit("V1")
    assert said(till.void("V1")) == (Said.STORED, "")
    assert said(till.void("V1")) == (Said.STORED, "")
    assert place.fates() == {"annulled": 1, "free": 9999}
    assert till.cloud.find(till.me, "V1").said is Said.UNKNOWN


def test_a_void_of_what_was_adopted_answers_with_it(till):
    till.sell("V1")
    found = till.void("V1")
    assert said(found) == (Said.CONFLICT, "already_confirmed")
    assert found.reply.receipt.numero == 1


def test_a_voided_sale_may_be_asked_for_again_with_a_number_of_its_own(till):
    till.submit("V1")
    till.void("V1")
    assert till.submit("V1", counter=3).reply.receipt.numero == 2


def test_two_installations_may_use_the_same_key(place, till):
    other = Till(place, "CAJA2")
    first, second = till.sell("V1"), other.submit("V1", draft("Otra")).reply.receipt
    assert (first.numero, second.numero) == (1, 2)
    assert said(other.confirm("V1", first)) == (Said.CONFLICT, "other_content")
    assert other.void("V1").reply.said is Said.STORED
    assert till.cloud.find(till.me, "V1").receipt.numero == 1


def test_nobody_finds_documents_of_another_installation(place, till):
    till.sell("V1")
    other = Till(place, "CAJA2")
    assert other.cloud.find(other.me, "V1").said is Said.UNKNOWN
    assert other.cloud.find_number(other.me, 101, "A", 1) == ()
    assert other.cloud.pull(other.me, "", 10).receipts == ()
    assert other.cloud.changes(other.me, "", 10).receipts == ()
    assert len(till.cloud.find_number(till.me, 101, "A", 1)) == 1


def test_two_issuers_have_the_same_keys_and_numbers_and_nothing_else_in_common(place, till):
    place.found(OTHER_RUT)
    other = Till(place, rut=OTHER_RUT)
    first = till.sell("V1")
    second = other.submit("V1", draft("V1", rut=OTHER_RUT)).reply.receipt
    assert (first.numero, second.numero) == (1, 1)
    assert verify(second.signed, certificate=identity(OTHER_RUT).certificate).certificate.rut == OTHER_RUT
    assert len(other.cloud.numbers(OTHER_RUT)) == 1
    with pytest.raises(Refused):
        other.submit("V2", issuer=RUT)
    assert other.submit("V3", draft("V3", rut=RUT)).reply.said is Said.INVALID


WRONG = {
    "no XML": (b"hola", {}, "E0107"),
    "a DTD": (b'<!DOCTYPE a [<!ENTITY b "c">]>' + draft(), {}, "E0109"),
    "a number": (draft().replace(b"</TipoCFE>", b"</TipoCFE><Serie>A</Serie><Nro>1</Nro>"), {}, "E1402"),
    "another type": (draft(), {"tipo": 111}, "E3531"),
    "another country": (draft(), {"country": "cl"}, "E3530"),
    "an unknown branch": (draft(sucursal="7"), {"branch": "7"}, "E3534"),
    "another issuer inside": (draft(rut=OTHER_RUT), {}, "E3532"),
    "totals that are wrong": (draft().replace(b"<MntPagar>100.00", b"<MntPagar>900.00"), {}, "E1210"),
    "blanks around": (draft() + b"\n", {}, "E3535"),
    "a comment": (draft().replace(b"<Detalle>", b"<!-- x --><Detalle>"), {}, "E3535"),
    "another way to write it": (draft().replace(b"<eTck>", b"<eTck >"), {}, "E3535"),
}


@pytest.mark.parametrize(("content", "fields", "rule"), WRONG.values(), ids=WRONG)
def test_a_draft_with_something_wrong_takes_no_number(till, place, content, fields, rule):
    found = till.submit("V1", content, **fields)
    assert found.reply.said is Said.INVALID
    assert found.reply.message
    assert rule in {remark.rule for remark in found.reply.remarks}
    assert place.fates() == {"free": 10_000}


def test_a_dry_run_says_the_same_and_changes_nothing(till, place):
    def ask(content):
        given = till.submission(content)
        return till.cloud.validate(till.me, given, hashlib.sha256(content).hexdigest())

    assert ask(draft("V1")).said is Said.STORED
    assert ask(b"hola").said is Said.INVALID
    assert till.submit("V1").reply.receipt.numero == 1


def test_a_draft_that_a_setting_of_the_cloud_would_let_pass_waits_for_it(till, place):
    place.cloud.keep_issuer("prueba", EMISOR, {"ui": {}})
    with pytest.raises(Unavailable) as caught:
        till.submit("V1")
    assert caught.value.code == "not_ready"
    place.cloud.keep_issuer("prueba", EMISOR, AJUSTES)
    assert till.submit("V1").reply.said is Said.STORED


def test_without_a_certificate_nothing_is_numbered(empty):
    empty.cloud.keep_issuer("prueba", EMISOR, AJUSTES)
    empty.cloud.import_cae("prueba", RUT, cae_file(rango()))
    till = Till(empty)
    with pytest.raises(Unavailable) as caught:
        till.submit("V1")
    assert caught.value.code == "no_certificate"
    empty.cloud.install_certificate("prueba", RUT, pkcs12(), PASSWORD)
    assert till.submit("V1").reply.receipt.numero == 1
    empty.clock.go(days=701)
    with pytest.raises(Unavailable) as caught:
        till.submit("V2", draft("V2", fecha=date(2027, 12, 30)))
    assert caught.value.code == "no_certificate"


def test_numbers_come_from_the_cae_that_expires_first_and_never_from_an_expired_one(empty):
    early = rango(desde=1, hasta=2, serie="B", vence=date(2026, 12, 1), name="1")
    late = rango(desde=50, hasta=60, serie="A", vence=date(2027, 12, 1), name="2")
    till = Till(empty.found(caes=(late, early)))
    receipts = [till.submit(f"V{n}").reply.receipt for n in range(2)]
    assert [(one.serie, one.numero) for one in receipts] == [("B", 1), ("B", 2)]
    assert till.submit("V3").reply.receipt.serie == "A"
    third = rango(desde=10, hasta=20, serie="B", vence=date(2026, 12, 2), name="3")
    empty.cloud.import_cae("prueba", RUT, cae_file(third))
    empty.clock.at = NOON.replace(month=12, day=2, hour=23, minute=59)
    assert till.submit("V4").reply.receipt.serie == "B"
    empty.clock.go(minutes=2)
    assert till.submit("V5").reply.receipt.serie == "A"


def test_the_day_of_a_late_confirmation_is_reported_again(till, place):
    receipt = till.submit("V1").reply.receipt
    till.sell("V2")
    place.clock.go(days=1)
    till.confirm("V1", receipt)
    with place.cloud._store.reading() as db:
        assert db.execute(select(day.c.day)).scalars().all() == [NOON.date()]


def test_a_number_is_annulled_on_the_day_of_its_voiding(till, place):
    till.submit("V1")
    place.clock.go(days=3)
    till.void("V1")
    with place.cloud._store.reading() as db:
        assert db.execute(select(annulled.c.day)).scalars().all() == [NOON.date() + timedelta(days=3)]


def test_changes_come_in_the_order_of_the_commits_page_by_page(till):
    for n in range(5):
        till.submit(f"V{n}")
    till.confirm("V1", till.cloud.find(till.me, "V1").receipt)
    seen, cursor, more = [], "", True
    while more:
        page = till.cloud.changes(till.me, cursor, 2)
        seen += [receipt.key for receipt in page.receipts]
        cursor, more = page.cursor, page.more
    assert seen == ["V0", "V2", "V3", "V4", "V1"]
    assert till.cloud.changes(till.me, cursor, 2).receipts == ()
    till.void("V0")
    (changed,) = till.cloud.changes(till.me, cursor, 2).receipts
    assert (changed.key, changed.state) == ("V0", CloudState.VOIDED)
    assert "V0" not in {receipt.key for receipt in till.cloud.pull(till.me, "", 100).receipts}


@pytest.mark.parametrize("cursor", ["", "x", "a.b.c", "x.1.1", "." * 90, "9" * 40])
def test_a_cursor_that_is_none_begins_from_the_start(till, cursor):
    till.submit("V1")
    assert len(till.cloud.changes(till.me, cursor, 10).receipts) == 1


def test_a_document_nobody_adopts_for_a_day_is_alarmed_and_never_voided_by_itself(till, place):
    till.submit("V1")
    place.clock.go(hours=23)
    assert "E3501" not in {alarm.code for alarm in place.cloud.alarms()}
    place.clock.go(hours=2)
    assert "E3501" in {alarm.code for alarm in place.cloud.alarms()}
    assert till.cloud.find(till.me, "V1").receipt.state is CloudState.PREPARED


def test_every_call_of_an_unknown_server_epoch_is_told_so_and_changes_nothing(till, place):
    till.server_epoch = "otra"
    receipt = place.cloud.health(None)
    assert receipt.ok
    content = draft("V1")
    for found in (
        till.submit("V1"),
        till.void("V1"),
        till.cloud.find(till.me, "V1"),
        till.cloud.changes(till.me, "", 10),
        till.lease(),
        till.raise_epoch("m2"),
        till.cloud.recovered(till.me, ()),
        till.cloud.validate(till.me, till.submission(content), hashlib.sha256(content).hexdigest()),
    ):
        assert said(found) == (Said.RESTORED, "server_restored")
    till.learn()
    assert till.submit("V1", counter=1).reply.said is Said.STORED
    assert Attempt(till.epoch, 1) == till.cloud.find(till.me, "V1").receipt.attempt
