"""Who may say what: keys of installations, attempts, epochs, a restored journal, a restored cloud."""

from dataclasses import replace

from carrier import FOREVER, Fault
from rules import claim, rule
from sqlalchemy import false, select, update
from world import RUT, UI

from sincronizador.core.receipt import Attempt, Remark, Said
from sincronizador.daemon.mirror import FolderMirror
from sincronizador.engine import adopting, leasing, restoring, standing, talking
from sincronizador.journal import documents as own_documents
from sincronizador.journal import leases as own_leases
from sincronizador.journal import papers, post, tasks
from sincronizador.journal.post import Phase
from sincronizador.nube import cloud as nube
from sincronizador.nube import documents, fates, gate, installations, leases, restoration, sales
from sincronizador.nube.gate import invalid
from sincronizador.nube.tables import base, document, installation, lease

# --- keys and attempts ---


def _anybodys(patch):
    def main_of(db, _, key):
        found = select(document).where(document.c.key == key, document.c.state != "voided", ~document.c.extra)
        return db.execute(found.order_by(document.c.id).limit(1)).one_or_none()

    patch.setattr(documents, "main_of", main_of)


@rule("a key is unique per (installation, kind, key): two shops may both have a V1", without=_anybodys)
def two_installations_sell_under_the_same_reference(world):
    one, other = world.till(), world.till("CAJA2", "m9")
    one.sell("V1")
    other.sell("V1")
    world.settle()
    return world.broken()


@rule("only the owning installation may confirm, void or supersede", without=_anybodys)
def what_is_of_another_installation_is_not_there(world):
    receipt = world.speaker().submit().receipt
    stranger = world.speaker("CAJA2")
    said = stranger.confirm(receipt).said, stranger.void().said
    return [
        *claim(said == (Said.UNKNOWN, Said.STORED), f"a stranger was told {said}"),
        *claim(world.fate("101-A-1") == "document", "a stranger voided it"),
    ]


def _nothing_is_overtaken(patch):
    real = sales.fence

    def fence(call, key, wanted):
        real(call, key, wanted)

    patch.setattr(sales, "fence", fence)


@rule("the server keeps the highest attempt per key, also for unknown keys; a lower one gets 410",
      without=_nothing_is_overtaken)  # fmt: skip
def what_was_voided_before_it_arrived_is_never_numbered(world):
    till = world.till()
    till.line.fail("submit", Fault.DELAYED)
    till.drop_sale()
    till.work()
    till.withdraw()
    world.settle()
    return world.broken()


def _counters_alone(patch):
    patch.setattr(Attempt, "__lt__", lambda one, other: one.counter < other.counter)
    patch.setattr(Attempt, "__gt__", lambda one, other: one.counter > other.counter)


@rule("attempt = (epoch, counter), compared in that order", without=_counters_alone)
def after_a_restore_a_low_counter_of_a_new_epoch_counts(world):
    till = world.till()
    copy = till.backup()
    for _ in range(2):
        till.line.fail("submit", Fault.GONE)
        till.drop_sale()
        till.work()
        till.withdraw()
    till.restore(copy)
    till.probe()
    till.sell()
    world.settle()
    return world.broken(doubtful=True)


def _nothing_gives_way(patch):
    patch.setattr(sales, "_gives_way", lambda *_: False)


@rule("other content with a higher attempt over prepared supersedes", without=_nothing_gives_way)
def a_corrected_sale_replaces_what_was_prepared(world):
    speaker = world.speaker()
    speaker.submit(counter=1, price="89")
    reply = speaker.submit(counter=2, price="90")
    if reply.said is not Said.STORED:
        return [f"the correction was answered {reply.said}"]
    speaker.confirm(reply.receipt)
    return [*claim(world.fate("101-A-1") == "annulled", "its first number is not annulled"), *world.broken()]


def _voided_with_a_new_attempt(patch):
    def send(house, cloud, call):
        if call.task.step is standing.Step.VOID:
            return cloud.void(call.intent.key, replace(call.intent.attempt, counter=99), "prueba", call.standing)
        return real(house, cloud, call)

    real = talking._send
    patch.setattr(talking, "_send", send)


@rule("a re-sent void carries the attempt it had", without=_voided_with_a_new_attempt)
def a_void_told_again_overtakes_nothing_that_came_after_it(world):
    till = world.till()
    copy = world.backup()
    till.line.fail("submit", Fault.LOST)
    till.drop_sale()
    till.work()
    till.withdraw()
    till.sell("V1", "90")
    world.restore(copy)
    world.settle()
    return world.broken(doubtful=True)


def _refusals_forgotten(patch):
    patch.setattr(sales, "keep_refusal", lambda *_: None)


@rule("422 is stored for that attempt", without=_refusals_forgotten)
def what_was_refused_stays_refused_for_its_attempt(world):
    till = world.till()
    till.configure(emisor={"sucursal": "7"})
    till.line.fail("submit", Fault.TWICE)
    name = till.sell()
    issuer = {**till.settings.emisor.model_dump(), "sucursal": "7"}
    world.cloud.keep_issuer("prueba", {name: value for name, value in issuer.items() if value}, {"ui": UI})
    world.carrier.arrive()
    return [*claim(till.said(name) == "RECHAZADO", f"it is {till.said(name)}"), *world.broken()]


# --- epochs ---


def _old_epochs_number(patch):
    patch.setattr(gate, "_standing", lambda _, caller: (caller.epoch, caller.run, False))


@rule("a lower epoch is never numbered again", without=_old_epochs_number)
def a_machine_that_was_replaced_sells_nothing(world):
    old = world.till()
    new = world.replace(old, old.backup(), "m2")
    new.probe()
    old.sell("V2")
    old.pass_time(seconds=5)
    world.settle()
    return [*claim(not old.read_papers(), "the machine that was replaced printed"), *world.broken(doubtful=True)]


def _fenced_goes_on(patch):
    patch.setattr(post, "is_fenced", lambda _: False)


@rule("410 is durable: that daemon stops numbering, printing and answering", without=_fenced_goes_on)
def a_fenced_machine_prints_and_answers_nothing(world):
    old = world.till()
    copy = old.backup()
    old.switch_printer_off()
    old.sell("V1")
    new = world.replace(old, copy, "m2")
    new.probe()
    old.sell("V2")
    old.switch_on()
    old.switch_printer_on()
    late = old.drop_sale("V3")
    old.pass_time(seconds=90)
    world.settle()
    return [
        *claim(old.phase is Phase.FENCED, f"it is {old.phase}"),
        *claim(not old.read_papers(), "it printed"),
        *claim(not old.said(late), "it answered"),
        *world.broken(doubtful=True),
    ]


def _only_the_current_epoch(patch):
    def admitted(self, caller, now, act, *, papers=False):
        return real(self, caller, now, act, papers=False)

    real = nube.Cloud._admitted
    patch.setattr(nube.Cloud, "_admitted", admitted)


def _sold_by_the_old_one(world):
    """The old machine signs a sale without a line while a new one takes over; then it finds the line again."""
    old = world.till()
    new = world.replace(old, old.backup(), "m2")
    old.line.cut()
    old.sell("V1")
    old.pass_time(seconds=5)
    new.probe()
    world.settle()
    return world.broken(doubtful=True)


@rule("what a lower epoch signed or adopted is still taken", without=_only_the_current_epoch)
def a_late_paper_is_stored(world):
    return _sold_by_the_old_one(world)


def _lost_is_annulled(patch):
    def lose(db, installation, *, held):
        for row in db.execute(select(lease).where(lease.c.installation == installation, lease.c.state != "lost")).all():
            of = db.execute(select(fates.cae).where(fates.cae.c.id == row.cae)).one()
            unused = set(range(row.first, row.last + 1)) - fates.numbers_with_document(db, of, row.first, row.last)
            fates.annul(db, row.cae, fates.runs(unused), today=row.granted.date(), reason="prueba")
        real(db, installation, held=held)

    real = leases.lose
    patch.setattr(leases, "lose", lose)


@rule("doubtful: leased to an epoch that is gone and not accounted for; only a person annuls it",
      without=_lost_is_annulled)  # fmt: skip
def numbers_of_a_lost_lease_may_be_on_paper(world):
    return _sold_by_the_old_one(world)


def _doubtful_is_refused(patch):
    real = sales._not_taken

    def not_taken(call, key, emitido, place, *, was_restored):
        if place.fate is fates.Fate.DOUBTFUL:
            return invalid(Remark(field="number", rule="prueba", message="No es de una reserva."))
        return real(call, key, emitido, place, was_restored=was_restored)

    patch.setattr(sales, "_not_taken", not_taken)


@rule("a doubtful number is accepted whatever its lease", without=_doubtful_is_refused)
def a_doubtful_number_is_claimed_by_its_paper(world):
    return _sold_by_the_old_one(world)


def _whoever_asks_gets_it(patch):
    real = installations.raise_epoch

    def raise_epoch(db, caller, server_epoch, machine, known, now):
        row = db.execute(select(installation.c.epoch).where(installation.c.id == caller.installation)).one()
        return real(db, caller, server_epoch, machine, row.epoch, now)

    patch.setattr(installations, "raise_epoch", raise_epoch)


@rule("raising an epoch is compare-and-set", without=_whoever_asks_gets_it)
def of_two_machines_with_one_journal_only_the_first_goes_on(world):
    old = world.till()
    copy = old.backup()
    first, second = world.replace(old, copy, "m2", dead=True), world.till(name="m3", journal=copy, joined=False)
    second.raise_epoch(ordered=False)
    first.probe()
    second.probe()
    first.sell("V1")
    said = second.phase
    world.tills.remove(second)
    return [
        *claim(said is Phase.TAKEN, f"the second is {said}"),
        *claim(first.phase is Phase.READY, f"the first is {first.phase}"),
        *world.broken(doubtful=True),
    ]


def _nobody_is_known(patch):
    real = installations.raise_epoch

    def raise_epoch(db, caller, server_epoch, machine, known, now):
        return real(db, caller, server_epoch, f"{machine}{now:%f}", known, now)

    patch.setattr(installations, "raise_epoch", raise_epoch)


@rule("the same machine gets the same epoch again", without=_nobody_is_known)
def a_machine_whose_epoch_was_lost_on_the_way_asks_again(world):
    till = world.till(joined=False)
    till.line.fail("epoch", Fault.LOST)
    till.probe()
    till.probe()
    till.sell()
    world.settle()
    return world.broken()


def _one_more_than_before(patch):
    real = installations.raise_epoch

    def raise_epoch(db, *rest):
        db.execute(update(base).values(epoch_floor=1))
        return real(db, *rest)

    patch.setattr(installations, "raise_epoch", raise_epoch)


@rule("a new epoch exceeds every epoch of an earlier server_epoch", without=_one_more_than_before)
def an_epoch_that_a_restored_cloud_forgot_is_not_given_again(world):
    first = world.till()
    journal, copy = first.backup(), world.backup()
    second = world.replace(first, journal, "m2", dead=True)
    for _ in range(3):
        # More runs than the third will have: by these alone it would be believed.
        second.probe()
        second.switch_on()
    world.restore(copy)
    third = world.replace(second, journal, "m3")
    third.probe()
    second.probe()
    third.probe()
    second.sell("V2")
    second.pass_time(seconds=5)
    world.settle()
    return [
        *claim(second.phase is Phase.FENCED, f"the machine that was replaced is {second.phase}"),
        *world.broken(doubtful=True),
    ]


def _higher_ones_are_unknown(patch):
    def unchanged(table):
        return update(table).where(false()) if table is installation else update(table)

    patch.setattr(gate, "update", unchanged)


@rule("a higher epoch than stored is taken over: the server was restored", without=_higher_ones_are_unknown)
def a_restored_cloud_believes_the_epoch_of_a_machine(world):
    old = world.till()
    copy = world.backup()
    new = world.replace(old, old.backup(), "m2")
    new.probe()
    world.restore(copy)
    # The old one comes first, and begins a run.
    old.probe()
    new.probe()
    new.sell("V1")
    old.probe()
    old.sell("V2")
    old.pass_time(seconds=5)
    world.settle()
    return [
        *claim(old.phase is Phase.FENCED, f"the old machine is {old.phase}"),
        *claim(new.phase is Phase.READY, f"the new machine is {new.phase}"),
        *world.broken(doubtful=True),
    ]


# --- after raising it: a restored journal, a take-over ---


def _nothing_marked(patch):
    patch.setattr(papers, "mark_all", lambda _: None)


@rule("after raising: paper from then on COPIA", without=_nothing_marked)
def a_paper_that_a_copy_of_the_journal_still_owes_is_marked(world):
    till = world.till()
    till.switch_printer_off()
    till.sell()
    copy = till.backup()
    till.switch_printer_on()
    till.pass_time(seconds=5)
    till.restore(copy)
    till.probe()
    world.settle()
    return world.broken(doubtful=True)


def _pulled_as_an_original(patch):
    real = adopting.issue
    patch.setattr(
        adopting, "issue", lambda house, db, job, issued, now: real(house, db, job, replace(issued, copia=False), now)
    )


@rule("a document prepared under another epoch and adopted prints COPIA", without=_pulled_as_an_original)
def what_the_old_machine_may_have_printed_says_copia(world):
    old = world.till()
    old.line.fail("submit", Fault.LOST)
    old.drop_sale()
    old.work()
    copy = old.backup()
    old.line.fail("confirm", *[Fault.UNAVAILABLE] * FOREVER)
    old.pass_time(seconds=2)
    new = world.replace(old, copy, "m2")
    new.probe()
    world.settle()
    return [*claim(new.read_papers(), "the new machine printed nothing"), *world.broken(doubtful=True)]


def _nobody_waits(patch):
    patch.setattr(restoring, "_hold", lambda *_: None)


@rule("unfinished requests of before wait (OPERADOR) to be dropped again", without=_nobody_waits)
def what_the_old_machine_may_have_signed_waits_for_a_person(world):
    old = world.till()
    old.line.fail("submit", *[Fault.GONE] * FOREVER)
    old.sell()
    new = world.replace(old, old.backup(), "m2")
    old.line.cut()
    old.pass_time(seconds=5)
    new.probe()
    new.pass_time(seconds=5)
    world.settle()
    return world.broken(doubtful=True, unfinished=["V1"])


def _old_leases_stay(patch):
    patch.setattr(own_leases, "lose_all", lambda _: None)


@rule("it takes new leases, and never uses the old ones", without=_old_leases_stay)
def a_copy_of_a_journal_gives_no_number_of_its_old_leases(world):
    old = world.till()
    new = world.replace(old, old.backup(), "m2")
    old.line.cut()
    old.sell("V1")
    old.pass_time(seconds=5)
    new.probe()
    new.line.cut()
    new.sell("V2")
    new.pass_time(seconds=5)
    world.settle()
    return world.broken(doubtful=True)


def _nothing_pulled(patch):
    def pull(house, cloud, place):
        with house.journal.transaction() as db:
            standing._ready(db, replace(place, phase=Phase.READY, cursor=""))
        return True

    patch.setattr(standing, "_pull", pull)


@rule("it pulls all documents of the installation and adopts them", without=_nothing_pulled)
def what_a_restored_journal_forgot_is_learned_from_the_cloud(world):
    till = world.till()
    copy = till.backup()
    till.sell("V1")
    till.restore(copy)
    till.probe()
    till.line.cut()
    till.sell("V1")
    till.pass_time(seconds=5)
    world.settle()
    return world.broken(doubtful=True)


def _mirror_unread(patch):
    patch.setattr(standing, "adopt_copies", lambda *_: 0)


@rule("it reads the mirror", without=_mirror_unread)
def what_a_dead_machine_signed_is_learned_from_the_mirror(world):
    old = world.till()
    mirror = FolderMirror(str(world.folder))
    old.mirror = mirror
    old.switch_on()
    copy = old.backup()
    old.line.cut()
    old.sell("V1")
    old.pass_time(seconds=5)
    new = world.replace(old, copy, "m2", dead=True)
    new.mirror = mirror
    new.switch_on()
    new.probe()
    new.sell("V1")
    world.settle()
    return world.broken(doubtful=True)


def _keys_repeat(patch):
    real = own_leases.ask

    def ask_(db, tipo, size, _):
        known = db.execute("SELECT count(*) FROM rango WHERE tipo = ?", (tipo,)).fetchone()[0]
        return real(db, tipo, size, f"reserva-{tipo}-{known}")

    patch.setattr(leasing, "leases", type("Leases", (), {**vars(own_leases), "ask": staticmethod(ask_)}))


@rule("the Idempotency-Key is random, never a counter that a restore would repeat", without=_keys_repeat)
def a_restored_journal_is_not_given_a_lease_that_it_used_up(world):
    till = world.till(joined=False)
    copy = till.backup()
    till.probe()
    till.line.cut()
    till.sell("V1")
    till.pass_time(seconds=5)
    world.settle()
    till.restore(copy)
    with till.house.journal.transaction() as db:
        post.keep(db, replace(post.read(db), ordered=True))
    till.probe()
    till.line.cut()
    till.sell("V2")
    till.pass_time(seconds=5)
    world.settle()
    return world.broken(doubtful=True)


# --- doubtful prepared numbers: two machines, word by word ---


def _always_annulled(patch):
    real = sales.supersede

    def supersede(call, row, attempt, reason):
        real(call, row, attempt, reason)
        if fates.place_of(call.db, row.rut, row.doc_type, row.series, row.number).fate is fates.Fate.DOUBTFUL:
            of = fates.cae_of(call.db, row.rut, row.doc_type, row.series, row.number)
            fates.annul(call.db, of.id, [(row.number, row.number)], today=call.now.date(), reason=reason)

    patch.setattr(sales, "supersede", supersede)


@rule("doubtful: prepared under another epoch and then superseded or voided", without=_always_annulled)
def what_another_epoch_prepared_is_doubtful_when_it_is_voided(world):
    old = world.speaker(epoch=0)
    old.raise_epoch("uno")
    receipt = old.submit().receipt
    slug = old.print(receipt)
    new = world.speaker(epoch=old.epoch)
    new.raise_epoch("dos")
    new.void(counter=1)
    fate = world.fate(slug)
    old.give_back(receipt)
    return [*claim(fate == "doubtful", f"its number is {fate}"), *world.broken()]


@rule("doubtful: prepared under another server_epoch and then superseded or voided", without=_always_annulled)
def what_was_prepared_before_a_restore_is_doubtful_when_it_is_voided(world):
    old = world.speaker()
    receipt = old.submit().receipt
    slug = old.print(receipt)
    world.restore(world.backup())
    new = world.speaker()
    new.void(counter=2)
    return claim(world.fate(slug) == "doubtful", f"its number is {world.fate(slug)}")


# --- server_epoch ---


def _restores_unnoticed(patch):
    patch.setattr(nube, "restored", lambda *_: None)


@rule("server_epoch, in every request: another value gets 425 and changes nothing", without=_restores_unnoticed)
def what_was_said_to_the_cloud_of_before_does_not_count(world):
    till = world.till()
    copy = world.backup()
    till.sell("V1")
    world.restore(copy)
    till.line.fail("recovered", Fault.DELAYED)
    till.probe()
    till.probe()
    world.restore(copy)
    world.carrier.arrive()
    waiting = not world.cloud.health(None).ok
    world.settle()
    return [*claim(waiting, "it numbers before it was told"), *world.broken(doubtful=True)]


def _acknowledged_for_ever(patch):
    patch.setattr(own_documents, "forget_acks", lambda *_: [])


@rule("a daemon sends again everything acknowledged or adopted", without=_acknowledged_for_ever)
def a_restored_cloud_is_told_again_what_it_forgot(world):
    till = world.till()
    copy = world.backup()
    till.sell("V1")
    till.line.cut()
    till.sell("V2")
    till.pass_time(seconds=5)
    world.settle()
    world.restore(copy)
    world.settle()
    return world.broken(doubtful=True)


def _own_signatures_refused(patch):
    real = nube.Cloud.hand_over

    def hand_over(self, caller, key, given, sha256):
        if not given.lease:
            wrong = Remark(field="lease", rule="prueba", message="No es de una reserva.")
            return nube.Outcome(reply=invalid(wrong))
        return real(self, caller, key, given, sha256)

    patch.setattr(nube.Cloud, "hand_over", hand_over)


@rule("lease: null takes back a document that this cloud signed", without=_own_signatures_refused)
def a_restored_cloud_takes_back_what_it_signed(world):
    till = world.till()
    copy = world.backup()
    till.sell("V1")
    world.restore(copy)
    world.settle()
    return world.broken(doubtful=True)


def _told_at_once(patch):
    patch.setattr(own_documents, "count_unsent", lambda *_: 0)
    patch.setattr(tasks, "count_steps", lambda *_: 0)


@rule("until all installations have done so the server numbers nothing", without=_told_at_once)
def a_restored_cloud_is_told_that_it_knows_all_when_it_does(world):
    till = world.till()
    copy = world.backup()
    till.sell("V1")
    world.restore(copy)
    till.line.fail("hand_over", *[Fault.GONE] * 3)
    till.probe()
    early = world.cloud.health(None).ok and not world.documents()
    world.settle()
    return [*claim(not early, "it numbers, and knows nothing"), *world.broken(doubtful=True)]


def _numbers_at_once(patch):
    real = gate.touch
    patch.setattr(gate, "touch", lambda db, rut, now: (real(db, rut, now)[0], False))


@rule("until all known installations have told theirs: 503", without=_numbers_at_once)
def a_restored_cloud_gives_no_number_that_another_installation_may_have(world):
    one, other = world.till(), world.till("CAJA2", "m9")
    copy = world.backup()
    other.sell("W1")
    world.restore(copy)
    one.probe()
    one.sell("V1")
    one.pass_time(seconds=5)
    world.settle()
    return world.broken(doubtful=True)


def _no_margin(patch):
    patch.setattr(restoration, "MARGIN", 0)


@rule("its counters jump by a margin", without=_no_margin)
def a_number_that_only_a_dead_machine_knew_is_not_given_again(world):
    till, dead = world.till(), world.speaker("CAJA2")
    copy = world.backup()
    slug = dead.print(dead.sell("W1"))
    world.restore(copy)
    world.cloud.declare_dead("prueba", RUT, "CAJA2", "se quemó")
    till.probe()
    till.sell("V1")
    world.settle()
    mine = [other for _, other, _, _ in world.papers[1:]]
    return claim(mine and slug not in mine, f"{slug} was given again")


def _says_no_numbers(patch):
    patch.setattr(own_documents, "highest", lambda _: [])


@rule("and its highest numbers", without=_says_no_numbers)
def a_restored_cloud_gives_no_number_of_a_lease_that_it_forgot(world):
    till = world.till(joined=False)
    copy = world.backup()
    till.rules = {"reserva": 1200}
    till.switch_on()
    till.probe()
    world.restore(copy)
    world.settle()
    till.sell("V1")
    numbers_ = [int(slug.rpartition("-")[2]) for slug, _ in till.read_papers()]
    return claim(numbers_ and min(numbers_) > 1200, f"{numbers_} is of its lease")
