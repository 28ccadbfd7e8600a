"""The installation's standing: epochs raised, a restored cloud told again, everything of before pulled and adopted."""

from dataclasses import replace
from datetime import datetime, timedelta

from sincronizador.core import cloud_codes
from sincronizador.core.job import Job, Kind, Step
from sincronizador.core.receipt import Attempt, Changes, CloudState, Health, Highest, Receipt, Reply, Said
from sincronizador.errors import Rejected, SincronizadorError
from sincronizador.journal import documents, events, intents, jobs, post, tasks
from sincronizador.journal.intents import Intent
from sincronizador.journal.journal import Tx
from sincronizador.journal.post import Phase, Post
from sincronizador.providers.door import Cloud, Raised

from . import leasing, submitting, transcribing
from .asking import ask
from .case import key_of
from .fencing import heed
from .house import House
from .issuing import acknowledged, issue
from .learning import learn, waiting_for
from .mirroring import adopt_copies
from .restoring import break_with_the_past

_PAGE = 200
_MARGIN = timedelta(days=1)
"""Clocks differ: what was acknowledged so long before the restored copy is sent again as well."""


def take_over(db: Tx, now: datetime, *, ordered: bool, why: str) -> None:
    """A new epoch has to be raised before anything is numbered: after a restore, or on a person's order."""
    place = post.read(db)
    joining = replace(place, phase=Phase.JOIN, ordered=ordered, last_job=jobs.last_id(db), pull_after=False, cursor="")
    post.keep(db, replace(joining, run="", turn=0, run_asked="", taken_by=""))
    events.record(db, None, now, "take_over", why)


def align(house: House, health: Health, machine: str) -> bool:
    """
    Take the next step towards READY; True when there may be another one at once.

    `health` is the cloud's newest; `machine` the random name that this machine has beside its journal.
    """
    cloud = house.cloud
    if cloud is None:
        return False
    with house.journal.reading() as db:
        place = post.read(db)
    if place.server_epoch != health.server_epoch:
        with house.journal.transaction() as db:
            place = _see_server_epoch(db, health, house.clock.now())
        house.line.run_began = None
    if place.phase is Phase.JOIN:
        return _join(house, cloud, place, machine, waits=not health.ok)
    if place.phase is Phase.RESEND:
        return _resend(house, cloud, place)
    if place.phase is Phase.PULL:
        return _pull(house, cloud, place)
    if place.phase is Phase.HOLD:
        return _register(house, cloud, place)
    return False


def _see_server_epoch(db: Tx, health: Health, now: datetime) -> Post:
    """The only place where a new value is taken. What the cloud acknowledged under the old one it may have lost."""
    place = post.read(db)
    if not place.server_epoch:
        place = replace(place, server_epoch=health.server_epoch)
        post.keep(db, place)
        return place
    since = health.recovering_since - _MARGIN if health.recovering_since else None
    again = documents.forget_acks(db, since)
    for job in again:
        tasks.finish_step(db, job, Step.CONFIRM)
        tasks.reopen(db, job, Step.HAND_OVER, tasks.HAND_OVER)
    for job in intents.voided_since(db, since):
        tasks.reopen(db, job, Step.VOID, tasks.CLOUD)
    place = replace(place, server_epoch=health.server_epoch, cursor="")
    if place.phase in (Phase.READY, Phase.PULL, Phase.HOLD):
        place = replace(place, phase=Phase.RESEND, pull_after=place.phase is not Phase.READY)
    post.keep(db, place)
    detail = f"La nube se recuperó de una copia: se le entregan {len(again)} comprobantes otra vez."
    events.record(db, None, now, "cloud_restored", detail)
    return place


def _join(house: House, cloud: Cloud, place: Post, machine: str, *, waits: bool) -> bool:
    """`waits`: the cloud was restored, and numbers nothing until it is told what is known here."""
    if not cloud.capabilities.fences:
        # It knows no epochs: nothing to raise, nothing to pull.
        with house.journal.transaction() as db:
            _ready(db, replace(place, epoch=max(1, place.epoch), phase=Phase.READY, ordered=False))
        return True
    answer = ask(house, "epoch", lambda: cloud.raise_epoch(machine, place.epoch, place.standing))
    if isinstance(answer, SincronizadorError | Reply):
        return False
    with house.journal.transaction() as db:
        if post.read(db) != place:
            return True
        if answer.granted:
            _joined(house, db, place, answer, waits=waits)
        elif place.ordered:
            # Its operator is there: the epoch that the cloud knows is the one to raise.
            post.keep(db, replace(place, epoch=answer.epoch))
        else:
            post.keep(db, replace(place, phase=Phase.TAKEN))
            events.record(db, None, house.clock.now(), "taken", cloud_codes.TAKEN.message)
    return True


def _joined(house: House, db: Tx, place: Post, answer: Raised, *, waits: bool) -> None:
    now = house.clock.now()
    if not place.is_new:
        break_with_the_past(db, place.last_job, now)
        adopt_copies(house, db)
    phase = Phase.RESEND if waits else Phase.PULL
    post.keep(db, replace(place, epoch=answer.epoch, phase=phase, pull_after=waits, ordered=False, cursor=""))
    tasks.release(db, tasks.HAND_OVER)
    events.record(db, None, now, "epoch", f"La nube dio a esta máquina la época {answer.epoch}.")


def _resend(house: House, cloud: Cloud, place: Post) -> bool:
    """Once nothing is due to be handed over, confirmed or voided, the restored cloud is told so."""
    with house.journal.reading() as db:
        if documents.count_unsent(db) or tasks.count_steps(db, (Step.CONFIRM, Step.VOID), tasks.CLOUD):
            return False
        highest = tuple(Highest(tipo=tipo, serie=serie, numero=n) for tipo, serie, n in documents.highest(db))
    reply = ask(house, "recovered", lambda: cloud.recovered(highest, place.standing))
    if isinstance(reply, SincronizadorError) or reply.said is not Said.STORED:
        return False
    with house.journal.transaction() as db:
        if post.read(db) == place:
            _ready(db, replace(place, phase=Phase.PULL if place.pull_after else Phase.READY, pull_after=False))
    return True


def _pull(house: House, cloud: Cloud, place: Post) -> bool:
    page = ask(house, "pull", lambda: cloud.pull(place.cursor, _PAGE, place.standing))
    if heed(house, page, place.standing) or not isinstance(page, Changes):
        return False
    with house.journal.transaction() as db:
        if post.read(db) != place:
            return True
        for receipt in page.receipts:
            _learn(house, db, receipt)
        if page.more:
            post.keep(db, replace(place, cursor=page.cursor))
        else:
            _ready(db, replace(place, phase=Phase.HOLD, cursor=""))
    return True


def _register(house: House, cloud: Cloud, place: Post) -> bool:
    """A machine that ran alone joins with its CAEs before anything is numbered for it."""
    if cloud.capabilities.leases and not leasing.register_own(house, cloud):
        return False
    with house.journal.transaction() as db:
        if post.read(db) == place:
            _ready(db, replace(place, phase=Phase.READY))
    return True


def _ready(db: Tx, place: Post) -> None:
    post.keep(db, place)
    if place.phase is Phase.READY:
        tasks.wake_lane(db, tasks.DECISION)
        tasks.wake_lane(db, tasks.CLOUD)


def _learn(house: House, db: Tx, receipt: Receipt) -> None:
    """A document that the cloud has of this installation: adopted, its paper from now on COPIA."""
    now = house.clock.now()
    if receipt.state in (CloudState.VOIDED, CloudState.INVALID) or receipt.extra:
        return
    known = jobs.of_document(db, receipt.tipo, receipt.serie, receipt.numero)
    if known is not None and known.route == transcribing.ROUTE and not transcribing.is_the_same(db, known, receipt):
        _learn_correction(house, db, known, receipt, now)
        return
    if known is not None:
        if receipt.state is not CloudState.PREPARED:
            acknowledged(db, known.id, now)
        return
    try:
        emitido = submitting.genuine(house, receipt, receipt.anexo)
    except Rejected as error:
        events.record(db, None, now, "foreign", f"La nube tiene {receipt.slug}, que no se adopta: {error}")
        return
    key = key_of(emitido.referencia)
    if key and (other := jobs.bound(db, Kind.DOCUMENTO, key)) is not None:
        ours = documents.slug_of(db, other.id)
        events.record(db, other.id, now, "foreign", f"La nube tiene además {receipt.slug}; aquí la venta es {ours}.")
        return
    waiting = waiting_for(house, db, receipt.key, receipt.signed)
    job = waiting or jobs.get(db, learn(house, db, emitido, emitido.referencia, key, now))
    intents.keep(db, _as_intent(house, job, receipt))
    found = submitting.issued_by_cloud(house, db, job, receipt.attempt, receipt, emitido, now)
    issue(house, db, job.id, replace(found, findings=(), copia=True, learned=waiting is None), now)
    jobs.raise_to(db, job.id, receipt.attempt.counter)
    if waiting is None:
        jobs.hush(db, job.id)


def _learn_correction(house: House, db: Tx, known: Job, receipt: Receipt, now: datetime) -> None:
    """A paper that was corrected after this journal's copy was made; its own correction is handed over instead."""
    origin = documents.origin(db, known.id)
    if receipt.attempt <= Attempt(origin.epoch, origin.counter):
        return
    try:
        emitido = submitting.genuine(house, receipt, receipt.anexo)
    except Rejected as error:
        events.record(db, known.id, now, "foreign", f"La nube tiene una corrección que no se adopta: {error}")
        return
    job = jobs.get(db, learn(house, db, emitido, emitido.referencia, known.key, now))
    transcribing.give_way(db, known, job, now)
    intents.keep(db, _as_intent(house, job, receipt))
    found = submitting.issued_by_cloud(house, db, job, receipt.attempt, receipt, emitido, now)
    issue(house, db, job.id, replace(found, findings=(), learned=True), now)
    jobs.raise_to(db, job.id, receipt.attempt.counter)
    jobs.hush(db, job.id)


def _as_intent(house: House, job: Job, receipt: Receipt) -> Intent:
    """As if this journal had sent it: the cloud's name of the sale is in no other place."""
    return Intent(
        job=job.id,
        key=receipt.key,
        attempt=receipt.attempt,
        tipo=receipt.tipo,
        draft=house.country.draft_of(receipt.signed),
        anexo=receipt.anexo,
        body=b"",
        sends=1,
        void=None,
        reason="",
    )
