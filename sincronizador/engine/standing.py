"""The installation's standing: epochs raised, a restored cloud told again, everything of before pulled and adopted."""

from dataclasses import replace
from datetime import datetime, timedelta

from sincronizador.core import cloud_codes
from sincronizador.core.job import Step
from sincronizador.core.receipt import Changes, Health, Highest, Reply, Said
from sincronizador.errors import SincronizadorError
from sincronizador.journal import documents, events, intents, jobs, post, tasks
from sincronizador.journal.journal import Tx
from sincronizador.journal.post import Phase, Post
from sincronizador.providers.door import Cloud, Raised

from . import adopting, leasing
from .asking import ask
from .fencing import heed
from .house import House
from .mirroring import adopt_copies
from .restoring import break_with_the_past
from .timekeeping import by_our_clock

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
            place = _see_server_epoch(house, db, health)
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


def _see_server_epoch(house: House, db: Tx, health: Health) -> Post:
    """The only place where a new value is taken. What the cloud acknowledged under the old one it may have lost."""
    place, now = post.read(db), house.clock.now()
    if not place.server_epoch:
        place = replace(place, server_epoch=health.server_epoch)
        post.keep(db, place)
        return place
    since = by_our_clock(house, health.recovering_since, now) - _MARGIN if health.recovering_since else None
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
            adopting.learn_of(house, db, receipt)
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
