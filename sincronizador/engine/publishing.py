"""Answers as projections: written whenever they fall behind, with the dropped file put aside beside its copy."""

import logging
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice

from sincronizador.core.answer import Answer, Block, Estado, First
from sincronizador.core.job import Job, Step
from sincronizador.errors import NeedsOperator
from sincronizador.folders.answers import Delivery, deliver, publish_news, rewrite
from sincronizador.folders.archive import archive
from sincronizador.folders.heartbeat import CONTRATO
from sincronizador.journal import jobs, listings, lots, notices, post, tasks
from sincronizador.journal.journal import Tx

from . import closing, lot_answer, representing
from .house import House
from .pauses import is_over
from .projection import project, project_uncopied, with_number

log = logging.getLogger(__name__)

BATCH = 64
RECEIVED_AFTER = timedelta(milliseconds=500)
"""An undecided job is answered RECIBIDO after this; before, its decision is worth waiting for."""
REWRITTEN_EVERY = timedelta(milliseconds=250)
LOTS_EVERY = timedelta(seconds=2)
"""Between two answers of a lote on its way."""
COMPANIONS_WITHIN = timedelta(seconds=5)
"""How long a decision waits for the files that it names; after this it is told without them, and again with them."""


class Publisher:
    """Writes the answers that are behind."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._stuck: set[int] = set()
        """Jobs whose answer a bug of ours keeps from being written; tried again after a restart."""
        self._rewrote: datetime | None = None
        """When answers were last brought up to date."""
        self._uncopied: set[int] = set()
        """Jobs that were told to wait for the mirror."""
        self._told_lots: datetime | None = None
        """When lotes last told how far they have come."""

    def publish(self) -> int:
        """
        Write a batch of answers with one sync; how many.

        When a batch cannot be written, each answer is tried alone, so that a name that somebody made a folder of
        holds up nobody else. Raises the `NeedsOperator` of the first that failed when none could be written; nothing
        is lost.
        """
        house, now = self._house, self._house.clock.now()
        if self._is_silent():
            return 0
        _tell_notices(house)
        self._bring_up_lots(now)
        with house.journal.reading() as db:
            behind = jobs.behind(db, claimed_before=now - RECEIVED_AFTER)
            ready = list(islice((one for one in behind if self._is_ready(db, one, now)), BATCH))
        if not ready:
            return 0
        if any(one.published for one in ready):
            self._rewrote = now
        try:
            self._write(ready)
        except Exception:
            return self._one_by_one(ready)
        return len(ready)

    def _write(self, ready: list[jobs.Behind]) -> None:
        self._uncopied -= {one.job.id for one in ready}
        self._uncopied |= _publish(self._house, ready)

    def _bring_up_lots(self, now: datetime) -> None:
        """A lote tells every now and then how far it has come; its documents' news are their own."""
        house = self._house
        if self._told_lots is not None and abs(now - self._told_lots) < LOTS_EVERY:
            return
        with house.journal.reading() as db:
            if not lots.have_moved(db):
                return
        self._told_lots = now
        with house.journal.transaction() as db:
            news = [jobs.get(db, part) for part in lots.bring_up(db)]
        for part in news:
            _tell(house, part)
        with house.journal.transaction() as db:
            jobs.set_written(db, news)

    def _is_ready(self, db: Tx, one: jobs.Behind, now: datetime) -> bool:
        """A customer waits for a decision; what only brings an answer up to date is done for many at once."""
        if one.published and self._rewrote is not None and abs(now - self._rewrote) < REWRITTEN_EVERY:
            return False
        if one.job.id in self._stuck:
            return False
        if _waits_for_copy(self._house, db, one.job):
            # Told once; its decision when there is a copy.
            told = one.published or one.job.id in self._uncopied
            return not told and is_over(one.job.claimed_at, now, RECEIVED_AFTER)
        return not _waits(self._house, db, one.job)

    def _is_silent(self) -> bool:
        """Whether another machine answers now."""
        with self._house.journal.reading() as db:
            return post.is_fenced(db)

    def _one_by_one(self, ready: list[jobs.Behind]) -> int:
        failed: NeedsOperator | None = None
        written = 0
        for one in ready:
            try:
                self._write([one])
                written += 1
            except NeedsOperator as error:
                failed = failed or error
            except Exception:
                log.exception("event=bug job=%d step=answer", one.job.id)
                self._stuck.add(one.job.id)
        if failed is not None and not written:
            raise failed
        return written


def _publish(house: House, ready: list[jobs.Behind]) -> set[int]:
    """
    Decisions that nobody read yet are written; what was published before is only brought up to date.

    Returns the jobs that were told to wait for their copy.
    """
    with house.journal.reading() as db:
        uncopied = {one.job.id for one in ready if _waits_for_copy(house, db, one.job)}
        waiting = [
            _uncopied(house, db, one.job) for one in ready if one.job.id in uncopied and _tells_pending(house, one.job)
        ]
        ready = [one for one in ready if one.job.id not in uncopied]
        fresh = [
            replace(_delivery(house, db, one), owned=_is_answered_by_file(db, one.job))
            for one in ready
            if not one.published and (one.job.estado.decided or _tells_pending(house, one.job))
        ]
        for one in ready:
            if not one.published:
                representing.bring_back(house, db, one.job)
        known = [one for one in ready if one.published]
        owners = [one for one in known if _is_answered_by_file(db, one.job)]
        again = [_delivery(house, db, one) for one in owners]
    deliver(house.layout, waiting + fresh)
    there = {one.job.id for one, found in zip(owners, rewrite(house.layout, again), strict=True) if found}
    for one in known:
        if one.notable and one.job.id not in there:
            _tell(house, one.job)
    with house.journal.transaction() as db:
        jobs.set_written(db, [one.job for one in ready])
        jobs.set_archived(db, [one.job.id for one in ready if one.job.estado.decided])
        listings.drop_tables(db, [one.job.id for one in ready if one.job.kind in closing.SENTENCES])
    return uncopied


def _waits_for_copy(house: House, db: Tx, job: Job) -> bool:
    """Whether the mirror must have its document before it is answered."""
    return house.mirror is not None and job.estado.decided and tasks.is_open(db, job.follows or job.id, Step.MIRROR)


def _uncopied(house: House, db: Tx, job: Job) -> Delivery:
    """The answer that it waits; nothing over that of a later drop, which has the name by now."""
    return Delivery(
        name=job.name, till=job.till, only_check=job.only_check, answer=project_uncopied(house, job),
        owned=_is_answered_by_file(db, job), form=house.form(job),
    )  # fmt: skip


def _is_answered_by_file(db: Tx, job: Job) -> bool:
    """Whether its answer lies in ``salida``: not that of what came over HTTP, nor where a later drop has its name."""
    return not job.is_by_door and jobs.owns_its_name(db, job)


def _waits(house: House, db: Tx, job: Job) -> bool:
    """Whether something must exist before its answer: what a restored cloud has, for a while the files it names."""
    return _may_be_answered_already(house, db, job) or _waits_for_companions(house, db, job)


def _may_be_answered_already(house: House, db: Tx, job: Job) -> bool:
    """An OK that a restored journal forgot may lie there: nothing replaces it before everything is read."""
    if house.cloud is None or job.estado.decided:
        return False
    place = post.read(db)
    return place.is_catching_up and job.id <= place.last_job


def _waits_for_companions(house: House, db: Tx, job: Job) -> bool:
    shown = job.estado.emitido or job.estado is Estado.VALIDO
    if job.companions or job.decided_at is None or not shown or not house.companions(job, job.findings):
        return False
    # A sale that was long on its way has less time left, whatever its companions take.
    now = house.clock.now()
    late = is_over(job.claimed_at, now, house.rules.decision * 0.8)
    if late or is_over(job.decided_at, now, COMPANIONS_WITHIN):
        return False
    return any(step is Step.REPRESENT and state == "due" for step, state, _ in tasks.notes(db, job.id))


def _delivery(house: House, db: Tx, one: jobs.Behind) -> Delivery:
    """The answer to write; with a decision the dropped file is put aside, and a copy of the answer beside it."""
    job, answer, beside = one.job, project(house, db, one.job), ""
    if job.estado.decided and not one.archived:
        day = (job.decided_at or job.claimed_at).date()
        beside = archive(house.layout, job.claimed, day=day, refused=answer.first is First.ERROR)
    target = jobs.get(db, job.follows) if job.follows is not None else job
    lote = lot_answer.opened(target)
    return Delivery(
        name=job.name, till=job.till, only_check=job.only_check, answer=answer, beside=beside, form=house.form(job),
        table=_table(db, job, lote),
    )  # fmt: skip


def _table(db: Tx, job: Job, lote: Job | None) -> bytes:
    if lote is not None:
        return lot_answer.table(db, job, lote)
    return listings.table_of(db, job.id) if job.kind in closing.SENTENCES else b""


def _tells_pending(house: House, job: Job) -> bool:
    form = house.form(job)
    return form is None or form.pending or job.only_check


def _tell_notices(house: House) -> None:
    with house.journal.reading() as db:
        due = notices.due(db)
    for number, blocks in due:
        page = Answer(first=First.OK, blocks=(_contract(blocks[0]), *blocks[1:]), encoding="ascii")
        publish_news(house.layout, "", number, with_number(page, number))
        with house.journal.transaction() as db:
            notices.set_written(db, number)


def _contract(head: Block) -> Block:
    return Block(head.name, (("CONTRATO", str(CONTRATO)), *head.fields))


def _tell(house: House, job: Job) -> None:
    """News: its reader took the answer away before something happened that asks for action; over HTTP one asks."""
    if job.is_by_door:
        return
    with house.journal.transaction() as db:
        number = jobs.news_number(db, job)
        answer = project(house, db, job)
    publish_news(house.layout, job.till, number, with_number(answer, number))
