"""The same program with one rule taken out; random histories of a family must notice."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from sqlalchemy import select
from walking import NOON

from sincronizador.core.job import Step
from sincronizador.core.route import ROUTES
from sincronizador.daemon import marks
from sincronizador.engine import (
    leasing,
    printing,
    publishing,
    restoring,
    sheets,
    standing,
    submitting,
    switching,
    talking,
    voiding,
)
from sincronizador.engine.asking import ask
from sincronizador.engine.case import prepare
from sincronizador.errors import SincronizadorError
from sincronizador.journal import documents as own_documents
from sincronizador.journal import intents, jobs, leases, mark, papers, post, tasks
from sincronizador.nube import cloud as nube
from sincronizador.nube import documents, fates, gate, sales
from sincronizador.nube import leases as cloud_leases
from sincronizador.nube.store import Store
from sincronizador.nube.tables import document, lease

MUTANTS = []


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    name: str
    says: str
    family: str
    """Whose histories have what it takes."""
    seed: int | None
    """One that catches it, and is clean without it; None: none is known yet."""
    without: Callable

    def __str__(self):
        return self.name


def mutant(says, *, family, seed=None):
    """Named like the function, which takes a rule out of the program."""

    def keep(without):
        name = without.__name__.strip("_").replace("_", " ")
        MUTANTS.append(Mutant(name=name, says=says, family=family, seed=seed, without=without))
        return without

    return keep


# --- attempts, epochs, owners ---


@mutant("the attempt is raised before a local signature, a discard, a corrected file", family="tardes", seed=10)
def no_attempt(patch):
    patch.setattr(jobs, "raise_attempt", lambda db, job, *_: jobs.get(db, job).attempt)


@mutant("a lower attempt is refused", family="tardes", seed=48)
def no_fence_in_the_cloud(patch):
    real = sales.fence

    def fence(call, key, wanted):
        real(call, key, wanted)

    patch.setattr(sales, "fence", fence)


@mutant("a restored journal, and another machine, take a new epoch first", family="diario", seed=2)
def no_epoch(patch):
    patch.setattr(marks, "take_over", lambda *_, **__: None)


@mutant("a lower epoch is never numbered again", family="otra_maquina", seed=5)
def no_epoch_in_the_cloud(patch):
    patch.setattr(gate, "_standing", lambda _, caller: (caller.epoch, caller.run, False))


@mutant("a restored journal is known by its mark", family="diario", seed=2)
def no_mark(patch):
    patch.setattr(mark, "position", lambda _: 0)


@mutant("a restored cloud is handed everything again", family="nube", seed=0)
def no_server_epoch(patch):
    def see(_, db, health):
        place = replace(post.read(db), server_epoch=health.server_epoch)
        post.keep(db, place)
        return place

    patch.setattr(standing, "_see_server_epoch", see)


@mutant("a key belongs to one installation", family="dos", seed=4)
def no_ownership(patch):
    def main_of(db, _, key):
        found = select(document).where(document.c.key == key, document.c.state != "voided", ~document.c.extra)
        return db.execute(found.order_by(document.c.id).limit(1)).one_or_none()

    patch.setattr(documents, "main_of", main_of)


@mutant("the old leases of an epoch that is gone are never used", family="diario", seed=9)
def old_leases_go_on(patch):
    patch.setattr(restoring.leases, "lose_all", lambda _: None)


# --- adopting ---


@mutant("adopt in one commit, and only then print", family="linea", seed=121)
def no_adopt_before_print(patch):
    real = submitting._adopt_or_park

    def early(house, db, job, intent, receipt, now):
        real(house, db, job, intent, receipt, now)
        emitido = house.country.emitted(receipt.signed, receipt.anexo)
        page = house.printers["CAJA1"].render(house.country.ticket(emitido, copy=False))
        house.printers["CAJA1"].send(page, name=emitido.slug)
        for task in db.execute("SELECT id FROM task WHERE job = ? AND step = 'print'", (job.id,)).fetchall():
            tasks.finish(db, task[0])

    patch.setattr(submitting, "_adopt_or_park", early)


@mutant("signature, issuer, type, number and content are verified", family="linea", seed=121)
def no_verification_before_adopting(patch):
    def check(house, db, intent, receipt):
        return house.country.emitted(receipt.signed, intent.anexo)

    patch.setattr(submitting, "check", check)


@mutant("repeats send the bytes of the first time", family="dias", seed=15)
def bytes_recomputed(patch):
    real = talking._send

    def anew(house, cloud, call):
        if call.task.step is not Step.SUBMIT:
            return real(house, cloud, call)
        with house.journal.transaction() as db:
            job = replace(jobs.get(db, call.intent.job), today=house.clock.now().date())
            draft = prepare(house, job, jobs.content(db, job.id)).draft or call.intent.draft
            submitting.send_again(house, db, job, replace(call.intent, draft=draft))
            body = intents.of_job(db, job.id).body
        return cloud.submit(call.intent.key, body, call.standing)

    patch.setattr(talking, "_send", anew)


@mutant("a discard or withdrawal is answered only after the void's 200", family="personas", seed=238)
def withdrawn_at_once(patch):
    def end(house, db, job, estado, detail, now):
        voiding.finish(db, job, estado, detail, now)
        return True

    patch.setattr(voiding, "end", end)


@mutant("what an answer of before the switch says counts no more", family="linea")
def late_answers_count(patch):
    patch.setattr(talking, "_still_stands", lambda *_: True)


@mutant("a document signed here is never sent by the unsigned path", family="linea", seed=2)
def both_ways(patch):
    class NeverFinished:
        def __getattr__(self, name):
            return getattr(tasks, name)

        def finish_step(self, *_): ...

    patch.setattr(switching, "tasks", NeverFinished())


# --- paper ---


@mutant("what may be in the printer already is printed once more, marked COPIA", family="linea", seed=327)
def unmarked_reprint(patch):
    patch.setattr(sheets.Sheet, "marked", property(lambda sheet: sheet.paper.copia))


@mutant("papers of before a restore say COPIA", family="espejo", seed=72)
def papers_of_before_unmarked(patch):
    patch.setattr(papers, "mark_all", lambda _: None)


@mutant("a doubtful paper is told", family="personas", seed=12)
def doubt_is_not_told(patch):
    real = printing._attempt

    def attempt(action):
        outcome = real(action)
        doubtful = outcome.verdict is printing.Verdict.UNKNOWN
        return replace(outcome, impresion=printing.Impresion.IMPRESO) if doubtful else outcome

    patch.setattr(printing, "_attempt", attempt)


@mutant("a contingency document's paper waits for its mirror copy", family="espejo", seed=15)
def mirror_after_print(patch):
    steps = {**ROUTES["contingencia"], Step.SIGN: (Step.PRINT, Step.REPRESENT, Step.HAND_OVER, Step.MIRROR)}
    patch.setitem(ROUTES, "contingencia", steps)
    patch.setattr(publishing, "_waits_for_copy", lambda *_: False)


# --- numbers ---


@mutant("a lease is closed here before the cloud is told", family="reservas", seed=48)
def lease_closed_after_sending(patch):
    def close(house, cloud):
        with house.journal.reading() as db:
            over = [stock for stock in own_documents.stocks(db) if stock.lease and not stock.closing]
            over = [stock for stock in over if leasing._is_over(stock, house.clock.now().date())]
            place, used = post.read(db).standing, {stock.id: leases.used(db, stock) for stock in over}
        for stock in over:
            told = used[stock.id]
            unused = tuple(sorted(set(range(stock.primero, stock.ultimo + 1)) - set(told)))
            reply = ask(house, "close", lambda: cloud.close(stock.lease, told, unused, place))  # noqa: B023
            if isinstance(reply, SincronizadorError):
                return False
            with house.journal.transaction() as db:
                leases.close(db, stock)
                leases.closed(db, stock)
        return True

    patch.setattr(leasing, "_close_over", close)


@mutant("only a person annuls a doubtful number", family="otra_maquina", seed=20)
def doubtful_annulled(patch):
    real = cloud_leases.lose

    def lose(db, installation, *, held):
        for row in db.execute(select(lease).where(lease.c.installation == installation, lease.c.state != "lost")).all():
            of = db.execute(select(fates.cae).where(fates.cae.c.id == row.cae)).one()
            unused = set(range(row.first, row.last + 1)) - fates.numbers_with_document(db, of, row.first, row.last)
            fates.annul(db, row.cae, fates.runs(unused), today=NOON.date(), reason="mutante")
        real(db, installation, held=held)

    patch.setattr(cloud_leases, "lose", lose)


@mutant("numbers of a CAE that ended are not given", family="dias", seed=6)
def expired_numbers(patch):
    real = own_documents.take_number
    before = "2026-11-01"
    patch.setattr(
        own_documents,
        "take_number",
        lambda db, tipo, _, **how: real(db, tipo, own_documents.date.fromisoformat(before), **how),
    )


@mutant("a change to a closed day makes its report go again", family="dias", seed=2)
def closed_days_change_in_silence(patch):
    patch.setattr(documents, "touch_day", lambda *_: None)


# --- the cloud ---


@mutant("422 is stored for its attempt", family="tardes", seed=3)
def refusal_not_stored(patch):
    patch.setattr(sales, "keep_refusal", lambda *_: None)


@mutant("nothing is acknowledged before it is committed", family="linea", seed=7)
def answer_before_commit(patch):
    count = iter(range(1, 1_000_000))

    def commit(self, transaction):
        # Now and then the machine fell between the two.
        transaction.rollback() if next(count) % 9 == 0 else transaction.commit()

    patch.setattr(Store, "_commit", commit)


@mutant("a prepared document is counted only when it was confirmed", family="linea", seed=0)
def confirms_nothing(patch):
    patch.setattr(sales, "_confirmed", lambda _, row: row)


@mutant("what a replaced machine signed is taken all the same", family="otra_maquina", seed=20)
def late_ones_are_refused(patch):
    real = nube.Cloud._admitted

    def admitted(self, caller, now, act, *, papers=False):
        return real(self, caller, now, act)

    patch.setattr(nube.Cloud, "_admitted", admitted)


@mutant("two papers of one key are both kept", family="otra_maquina")
def the_second_paper_is_refused(patch):
    real = sales._take_over

    def take_over(call, key, told, examined, place):
        row = documents.main_of(call.db, call.caller.installation, key)
        if row is not None and row.state != "prepared":
            return sales._conflict(row)
        return real(call, key, told, examined, place)

    patch.setattr(sales, "_take_over", take_over)
