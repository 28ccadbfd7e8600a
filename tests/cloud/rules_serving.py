"""What the server guarantees."""

import sqlite3
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

from carrier import Fault
from rules import claim, rule
from sqlalchemy import false, select
from sqlalchemy.exc import OperationalError
from walking import NOON
from world import KEY, RUT, UI

from sincronizador.core.emitido import Anexo
from sincronizador.core.receipt import CloudState, Said
from sincronizador.errors import SincronizadorError
from sincronizador.nube import cloud as nube
from sincronizador.nube import documents, fates, leases, numbers, sales, watch
from sincronizador.nube.cloud import Cloud
from sincronizador.nube.store import Store, create_store
from sincronizador.nube.tables import lease
from sincronizador.nube.vault import Vault
from sincronizador.signing.certificate import Certificate


def _acknowledged_unwritten(patch):
    def commit(self, transaction):
        try:
            transaction.commit()
        except Exception:
            transaction.rollback()

    patch.setattr(Store, "_commit", commit)


@rule("nothing is acknowledged before it is committed", without=_acknowledged_unwritten)
def what_could_not_be_written_is_not_acknowledged(world):
    speaker = world.speaker()
    receipt = speaker.submit().receipt
    with world.monkeypatch.context() as patch:
        real = Store._commit
        patch.setattr(Store, "_commit", lambda self, transaction: real(self, _FullDisk(transaction)))
        try:
            said = speaker.confirm(receipt).said
        except SincronizadorError:
            said = None
    stored = [state for _, _, state, _, _ in world.documents()]
    return claim(said is not Said.STORED or stored == ["confirmed"], f"it said {said} and has {stored}")


class _FullDisk:
    """A transaction that cannot be written."""

    def __init__(self, transaction):
        self.rollback = transaction.rollback

    def commit(self):
        raise OperationalError("COMMIT", {}, sqlite3.OperationalError("database or disk is full"))


def _other_bytes(patch):
    real = documents.store

    def store(call, paper):
        row = real(call, paper)
        changed = row.signed.replace(b"<NomItem>", b"<NomItem> ", 1)
        return documents.change(call, row, signed=changed)

    patch.setattr(documents, "store", store)


@rule("bytes given back are the bytes stored", without=_other_bytes)
def what_was_handed_over_is_stored_byte_by_byte(world):
    till = world.till()
    till.line.cut()
    till.sell()
    till.pass_time(seconds=5)
    world.settle()
    with till.house.journal.reading() as db:
        mine = db.execute("SELECT signed FROM document").fetchone()[0]
    ((there,),) = world.query("SELECT signed FROM document")
    return [*claim(there == mine, "other bytes are stored"), *world.broken()]


def _counter_stands_still(patch):
    real = numbers.next_slice

    def next_slice(db, rut, doc_type, size, today):
        taken = real(db, rut, doc_type, size, today)
        row = taken[0]
        db.execute(fates.cae.update().where(fates.cae.c.id == row.id).values(next=row.next))
        return taken

    patch.setattr(numbers, "next_slice", next_slice)


@rule("a number is given once for ever", without=_counter_stands_still)
def two_sales_have_two_numbers(world):
    till = world.till()
    till.sell("V1")
    till.sell("V2")
    world.settle()
    return world.broken()


def _held_is_forgotten(patch):
    patch.setattr(numbers, "_HELD", select(lease.c.first, lease.c.last).where(false()))


@rule("a held range: the cloud never uses it", without=_held_is_forgotten)
def the_cloud_numbers_around_what_an_installation_numbers_from(world):
    world.import_cae("B", 1, 40, NOON.date() + timedelta(days=60))
    speaker = world.speaker()
    held = speaker.door.held(f"9126{ord('B')}101", 1, 30, speaker.standing)
    given = speaker.sell("V1").numero
    return [*claim(held.held, "it is not held"), *claim(given == 31, f"the cloud gave {given}")]


def _expired_ones_too(patch):
    real = numbers.next_slice
    before = NOON.date() - timedelta(days=400)
    patch.setattr(numbers, "next_slice", lambda db, rut, doc_type, size, _: real(db, rut, doc_type, size, before))


@rule("leases never cross the CAE's expiry", without=_expired_ones_too)
def nothing_is_leased_of_an_expired_cae(world):
    world.import_cae("B", 1, 40, NOON.date() + timedelta(days=10))
    world.clock.time += timedelta(days=11)
    speaker = world.speaker()
    given = speaker.door.take(101, "1", 20, "prueba-1", speaker.standing)
    return claim(given.serie == "A", f"it gave {given.serie} {given.desde}")


def _whole_house(patch):
    def next_slice(db, rut, doc_type, size, today):
        row, first, _ = real(db, rut, doc_type, size, today)
        return row, first, first + size - 1

    real = numbers.next_slice
    patch.setattr(numbers, "next_slice", next_slice)


@rule("a slice never leaves its CAE", without=_whole_house)
def a_slice_ends_where_its_cae_ends(world):
    world.import_cae("B", 1, 40, NOON.date() + timedelta(days=10))
    speaker = world.speaker()
    given = speaker.door.take(101, "1", 100, "prueba-1", speaker.standing)
    return claim((given.desde, given.hasta) == (1, 40), f"it gave {given.desde} to {given.hasta}")


def _closed_days_stay_closed(patch):
    patch.setattr(documents, "touch_day", lambda *_: None)


@rule("a change to a closed day makes that day's report be sent again", without=_closed_days_stay_closed)
def a_late_hand_over_opens_its_day_again(world):
    till = world.till()
    till.line.cut()
    till.sell()
    till.pass_time(seconds=5)
    world.clock.time += timedelta(days=1)
    world.settle()
    days = [day for (day,) in world.query("SELECT day FROM day")]
    return [*claim(days == ["2026-11-21"], f"to be reported again: {days}"), *world.broken()]


@rule("a change to a closed day: a late confirm", without=_closed_days_stay_closed)
def a_late_confirm_opens_its_day_again(world):
    speaker = world.speaker()
    receipt = speaker.submit().receipt
    world.clock.time += timedelta(days=1)
    speaker.confirm(receipt)
    days = [day for (day,) in world.query("SELECT day FROM day")]
    return claim(days == ["2026-11-21"], f"to be reported again: {days}")


def _on_the_day_of_its_number(patch):
    real = fates.annul
    patch.setattr(
        fates, "annul", lambda db, of, ranges, *, today, reason: real(db, of, ranges, today=NOON.date(), reason=reason)
    )


@rule("a voided number is reported annulled on the day of voiding", without=_on_the_day_of_its_number)
def what_is_voided_today_is_annulled_today(world):
    speaker = world.speaker()
    speaker.submit()
    world.clock.time += timedelta(days=1)
    speaker.void()
    days = [day for (day,) in world.query("SELECT day FROM annulled")]
    return claim(days == ["2026-11-22"], f"annulled on {days}")


def _all_are_real(patch):
    patch.setattr(Certificate, "is_test", property(lambda _: False))


@rule("a certificate or CAE of the other environment is refused", without=_all_are_real)
def production_takes_neither_certificate_nor_cae_of_the_trials(world):
    folder = world.folder
    store = create_store(
        f"sqlite:///{folder}/real.db", str(folder / "real.marca"), environment="produccion", clock=world.clock.now
    )
    cloud = Cloud(store, Vault(KEY), world.clock.now)
    emisor = {name: value for name, value in world.scribe.settings.emisor.model_dump().items() if value}
    cloud.keep_issuer("prueba", emisor, {"ui": UI})
    home = folder / "m"
    password = (home / "certificado" / "clave.txt").read_bytes().strip()
    taken = []
    for what, act in (
        (
            "certificate",
            lambda: cloud.install_certificate(
                "prueba", RUT, (home / "certificado" / "emisor.p12").read_bytes(), password
            ),
        ),
        ("CAE", lambda: cloud.import_cae("prueba", RUT, (home / "cae" / "cae-101.xml").read_bytes())),
    ):
        try:
            act()
        except SincronizadorError:
            continue
        taken.append(what)
    cloud.close()
    return claim(not taken, f"it took {taken}")


def _nobody_looks(patch):
    patch.setattr(watch, "_LOOKS", ())


@rule("prepared is never voided by itself: after prepared_alert an alarm names it", without=_nobody_looks)
def a_person_is_told_of_what_nobody_adopts(world):
    speaker = world.speaker()
    speaker.submit()
    world.clock.time += timedelta(hours=25)
    named = any("V1" in alarm.sentence for alarm in world.cloud.alarms())
    kept = speaker.door.find("V1", speaker.standing).receipt.state
    return [*claim(named, "no alarm names it"), *claim(kept is CloudState.PREPARED, f"it is {kept}")]


def _counts_at_once(patch):
    real = documents.store

    def store(call, paper):
        return real(call, replace(paper, state=CloudState.CONFIRMED))

    patch.setattr(documents, "store", store)


@rule("a prepared document is not counted as issued: only confirm makes it count", without=_counts_at_once)
def what_nobody_adopted_can_still_be_voided(world):
    till = world.till()
    till.line.fail("submit", *[Fault.LOST] * 9)
    till.drop_sale()
    till.work()
    asked = till.withdraw()
    world.settle()
    return [*claim(till.said(asked) == "RETIRADO", f"it is {till.said(asked)}"), *world.broken()]


def _two_are_too_many(patch):
    real = sales._take_over

    def take_over(call, key, given, examined, place):
        row = documents.main_of(call.db, call.caller.installation, key)
        if row is not None and row.state != CloudState.PREPARED:
            return sales._conflict(row)
        return real(call, key, given, examined, place)

    patch.setattr(sales, "_take_over", take_over)


@rule("if the key has another document, both are kept and alarmed: paper may exist", without=_two_are_too_many)
def two_papers_of_one_sale_are_both_kept_and_a_person_is_told(world):
    old = world.till()
    new = world.replace(old, old.backup(), "m2")
    old.line.cut()
    old.sell("V1")
    old.pass_time(seconds=5)
    new.probe()
    new.sell("V1")
    world.settle()
    alarms = [alarm.sentence for alarm in world.cloud.alarms() if alarm.id and "V1" in alarm.sentence]
    return [
        *claim(len(world.documents()) == 2, f"it has {world.documents()}"),
        *claim(alarms, "nobody is told"),
        *world.broken(doubtful=True, extra=True),
    ]


def _names_are_enough(patch):
    patch.setattr(nube.Cloud, "_same_issuer", lambda *_: None)
    patch.setattr(sales, "_not_taken", lambda *_, **__: None)


@rule("refused only for signature, certificate, number, key or attempt", without=_names_are_enough)
def a_number_that_nobody_leased_is_refused(world):
    one = world.till()
    one.line.cut()
    one.sell("V1")
    one.pass_time(seconds=5)
    with one.house.journal.reading() as db:
        row = db.execute("SELECT lease FROM document").fetchone()
    stranger = world.speaker("CAJA2")
    receipt = _signed_by(one)
    said = stranger.give_back(receipt, lease=row[0]).said
    world.settle()
    return [*claim(said is Said.INVALID, f"a stranger's hand-over was answered {said}"), *world.broken()]


def _signed_by(till):
    """What a machine signed here, as a receipt."""
    with till.house.journal.reading() as db:
        tipo, serie, numero, signed = db.execute("SELECT tipo, serie, numero, signed FROM document").fetchone()
    return SimpleNamespace(
        key="V1", tipo=tipo, serie=serie, numero=numero, signed=bytes(signed), anexo=Anexo(), signed_at=NOON
    )


def _who_closes_what_is_used(patch):
    real = leases._settle
    patch.setattr(leases, "_settle", lambda call, row, used: real(call, row, set()))


@rule("numbers of the slice in «used» are kept for what is handed over later", without=_who_closes_what_is_used)
def what_was_signed_before_its_lease_was_closed_comes_later(world):
    world.import_cae("B", 1, 40, NOON.date() + timedelta(days=10))
    till = world.till()
    till.line.cut()
    till.sell()
    till.pass_time(seconds=5)
    world.clock.time += timedelta(days=11)
    till.line.heal()
    till.line.fail("hand_over", *[Fault.GONE] * 3)
    for _ in range(4):
        till.probe()
    world.settle()
    return world.broken()
