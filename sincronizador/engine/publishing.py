"""Answers as projections: written whenever they fall behind, with the dropped file put aside beside its copy."""

import logging
import os
from datetime import timedelta

from sincronizador.core.answer import First
from sincronizador.core.job import Job, Step
from sincronizador.errors import NeedsOperator
from sincronizador.folders.answers import Delivery, answer_path, deliver, publish_news
from sincronizador.folders.archive import archive
from sincronizador.journal import jobs, tasks
from sincronizador.journal.journal import Tx

from .house import House
from .projection import project, with_number

log = logging.getLogger(__name__)

BATCH = 64
RECEIVED_AFTER = timedelta(milliseconds=500)
"""An undecided job is answered RECIBIDO after this; before, its decision is worth waiting for."""
COMPANIONS_WITHIN = timedelta(seconds=2)
"""How long a decision waits for the files that it names; after this it is told without them, and again with them."""


class Publisher:
    """Writes the answers that are behind."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._stuck: set[int] = set()
        """Jobs whose answer a bug of ours keeps from being written; tried again after a restart."""

    def publish(self) -> int:
        """
        Write a batch of answers with one sync; how many.

        When a batch cannot be written, each answer is tried alone, so that a name that somebody made a folder of
        holds up nobody else. Raises the `NeedsOperator` of the first that failed when none could be written; nothing
        is lost.
        """
        house, now = self._house, self._house.clock.now()
        with house.journal.reading() as db:
            behind = jobs.behind(db, claimed_before=now - RECEIVED_AFTER, limit=BATCH + len(self._stuck))
            ready = [job for job in behind if job.id not in self._stuck and not _waits_for_companions(house, db, job)]
        if not ready:
            return 0
        try:
            _publish(house, ready)
        except Exception:
            return self._one_by_one(ready)
        return len(ready)

    def _one_by_one(self, ready: list[Job]) -> int:
        failed: NeedsOperator | None = None
        written = 0
        for job in ready:
            try:
                _publish(self._house, [job])
                written += 1
            except NeedsOperator as error:
                failed = failed or error
            except Exception:
                log.exception("event=bug job=%d step=answer", job.id)
                self._stuck.add(job.id)
        if failed is not None and not written:
            raise failed
        return written


def _publish(house: House, ready: list[Job]) -> None:
    with house.journal.reading() as db:
        standing = [(job, jobs.publication(db, job)) for job in ready]
        deliveries = [
            delivery
            for job, publication in standing
            if (delivery := _delivery(house, db, job, publication)) is not None
        ]
    for job, publication in standing:
        if publication.published and publication.notable and not os.path.exists(_path(house, job)):
            _tell(house, job)
    deliver(house.layout, deliveries)
    with house.journal.transaction() as db:
        jobs.set_written(db, ready)
        jobs.set_archived(db, [job.id for job in ready if job.estado.decided])


def _waits_for_companions(house: House, db: Tx, job: Job) -> bool:
    if not house.rules.formatos or job.companions or job.decided_at is None or not job.estado.emitido:
        return False
    if house.clock.now() - job.decided_at > COMPANIONS_WITHIN:
        return False
    return any(step is Step.REPRESENT and state == "due" for step, state, _ in tasks.notes(db, job.id))


def _delivery(house: House, db: Tx, job: Job, publication: jobs.Publication) -> Delivery | None:
    """The answer to write; None when its reader deleted the published one, or a newer drop owns the name."""
    if publication.published and not (publication.newest and os.path.exists(_path(house, job))):
        return None
    answer = project(house, db, job)
    beside = ""
    if job.estado.decided and not publication.archived:
        day = (job.decided_at or job.claimed_at).date()
        beside = archive(house.layout, job.claimed, day=day, refused=answer.first is First.ERROR)
    return Delivery(name=job.name, till=job.till, only_check=job.only_check, answer=answer, beside=beside)


def _tell(house: House, job: Job) -> None:
    """News: its reader took the answer away before something happened that asks for action."""
    with house.journal.transaction() as db:
        number = jobs.news_number(db, job)
        answer = project(house, db, job)
    publish_news(house.layout, job.till, number, with_number(answer, number))


def _path(house: House, job: Job) -> str:
    return answer_path(house.layout, job.name, job.till, only_check=job.only_check)
