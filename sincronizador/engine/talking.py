"""The lane of what the cloud is asked: several threads take from it, each its own task."""

import logging
import threading
from dataclasses import dataclass
from datetime import datetime

from sincronizador.core import cloud_codes, codes
from sincronizador.core.finding import Finding
from sincronizador.core.job import Step, Task
from sincronizador.core.receipt import Reply, Said, Standing
from sincronizador.errors import SincronizadorError, Unanswered, Unavailable
from sincronizador.journal import documents, events, intents, jobs, post, tasks
from sincronizador.journal.intents import Intent
from sincronizador.journal.journal import Tx
from sincronizador.journal.post import Phase, Post
from sincronizador.providers.door import Cloud

from . import submitting, voiding
from .asking import ask
from .fencing import fence
from .house import House
from .pauses import pause_after

log = logging.getLogger(__name__)

_LOOK = 32
THREADS = 4
"""How many questions may be under way: a cloud at 50 ms then answers as many in 50 ms."""


class Claims:
    """Which tasks a thread has in hand. A crash forgets them, as it should."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken: set[int] = set()
        self._aside: set[int] = set()
        """Of those, what is of lotes."""

    def take(self, due: list[Task]) -> Task | None:
        """The first that nobody has in hand; of lotes as many as leave a thread free for a sale."""
        with self._lock:
            room = len(self._aside) < THREADS - 1
            task = next((task for task in due if task.id not in self._taken and (room or not task.aside)), None)
            if task is not None:
                self._taken.add(task.id)
            if task is not None and task.aside:
                self._aside.add(task.id)
            return task

    def release(self, task: Task) -> None:
        """It may be taken again."""
        with self._lock:
            self._taken.discard(task.id)
            self._aside.discard(task.id)


@dataclass(frozen=True, slots=True)
class _Call:
    """A question as it is asked: what changes meanwhile makes its answer worthless."""

    task: Task
    intent: Intent
    standing: Standing


def talk_next(house: House, claims: Claims) -> bool:
    """Ask the cloud the next thing and do what it says; False when nothing is due or nothing can be asked."""
    if house.cloud is None:
        return False
    with house.journal.reading() as db:
        place, due = post.read(db), tasks.due(db, tasks.CLOUD, house.clock.now().timestamp(), _LOOK)
    task = claims.take([task for task in due if _may_ask(house, place, task)])
    if task is None:
        return False
    try:
        return _talk(house, house.cloud, task)
    finally:
        claims.release(task)


def _may_ask(house: House, place: Post, task: Task) -> bool:
    """Nothing new is numbered before READY, nor while a person holds contingencia open; what is out is followed up."""
    if task.step is not Step.SUBMIT:
        return not (place.phase is Phase.FENCED or place.is_behind)
    return place.phase is Phase.READY and not house.line.link.forced


def _talk(house: House, cloud: Cloud, task: Task) -> bool:
    with house.journal.reading() as db:
        intent = intents.of_job(db, task.job)
        call = _Call(task, intent, post.read(db).standing) if intent is not None else None
    if call is None:
        raise AssertionError(f"task {task.id} has no intent")
    if task.step is Step.SUBMIT and not house.fences:
        with house.journal.transaction() as db:
            intents.count_send(db, task.job, 1)
    reply = _found_again(house, cloud, call)
    if reply is None:
        reply = ask(house, task.step, lambda: _send(house, cloud, call))
    try:
        return _conclude(house, call, reply)
    except SincronizadorError:
        raise
    except Exception as error:
        # What was written of it is rolled back; the sale waits for a person, and the others go on.
        log.exception("event=bug job=%d step=%s", task.job, task.step)
        with house.journal.transaction() as db:
            _park(db, call, codes.OURS.at(detalle=type(error).__name__), house.clock.now())
        return True


def _conclude(house: House, call: _Call, reply: Reply | SincronizadorError) -> bool:
    task = call.task
    with house.journal.transaction() as db:
        if task.step is Step.SUBMIT and not house.fences and isinstance(reply, Unavailable):
            intents.count_send(db, task.job, -1)
        if not _still_stands(db, call):
            return True
        if isinstance(reply, SincronizadorError):
            _later(house, db, task, reply)
            return False
        _settle(house, db, call, reply)
    return True


def _park(db: Tx, call: _Call, bug: Finding, now: datetime) -> None:
    if call.task.step is Step.SUBMIT:
        submitting.park(db, jobs.get(db, call.task.job), bug, now)
    else:
        events.record(db, call.task.job, now, "parked", bug.message)
        tasks.park(db, call.task.id, bug.message)


def _found_again(house: House, cloud: Cloud, call: _Call) -> Reply | SincronizadorError | None:
    """
    Where attempts are not compared, what may have left is asked for before it is sent again, if it ever is.

    A cloud that answers and does not know the sale is no line that failed: the others go on.
    """
    if call.task.step is not Step.SUBMIT or house.fences or call.intent.sends == 0:
        return None
    found = ask(house, "find", lambda: cloud.find(call.intent.key, call.standing))
    if isinstance(found, SincronizadorError) or found.said is not Said.UNKNOWN:
        return found
    return None if cloud.capabilities.idempotent else cloud_codes.MUST_NOT_SWITCH.at().as_error(Unanswered)


def _send(house: House, cloud: Cloud, call: _Call) -> Reply:
    intent = call.intent
    if call.task.step is Step.SUBMIT:
        return cloud.submit(intent.key, intent.body, call.standing)
    if call.task.step is Step.VOID:
        return cloud.void(intent.key, intent.attempt, intent.reason, call.standing)
    with house.journal.reading() as db:
        signed = documents.signed(db, intent.job)
    if signed is None:
        raise AssertionError(f"job {intent.job} has nothing to confirm")
    emitido = house.country.emitted(*signed)
    return cloud.confirm(intent.key, emitido.numero, documents.sha256(emitido.signed), call.standing)


def _still_stands(db: Tx, call: _Call) -> bool:
    """Whether the answer is to the question that is asked now."""
    intent = intents.of_job(db, call.intent.job)
    return (
        tasks.is_due(db, call.task.id)
        and intent is not None
        and (intent.attempt, intent.void) == (call.intent.attempt, call.intent.void)
        and post.read(db).standing == call.standing
    )


def _later(house: House, db: Tx, task: Task, error: SincronizadorError) -> None:
    """The same bytes again; the pause is the lane's, a sale's patience is counted elsewhere."""
    tasks.pause(db, task.id, house.clock.now().timestamp() + pause_after(min(task.tries, 4)), str(error))


def _settle(house: House, db: Tx, call: _Call, reply: Reply) -> None:
    now, intent = house.clock.now(), call.intent
    if reply.said is Said.FENCED:
        fence(db, now)
    elif reply.said is Said.RESTORED:
        # The probe finds out more; until then nothing of the old cloud counts.
        _later(house, db, call.task, Unavailable(reply.code, reply.message))
    elif call.task.step is Step.SUBMIT:
        submitting.answered(house, db, intent, reply, now)
    elif call.task.step is Step.VOID:
        voiding.answered(house, db, intent, reply, now)
    else:
        submitting.confirmed(house, db, intent.job, reply, now)
