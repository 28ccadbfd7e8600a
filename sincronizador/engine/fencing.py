"""Another machine took over: nothing is numbered, printed or answered here any more."""

from dataclasses import replace
from datetime import datetime

from sincronizador.core import cloud_codes
from sincronizador.core.job import Step
from sincronizador.core.receipt import Reply, Said, Standing
from sincronizador.journal import events, post, tasks
from sincronizador.journal.journal import Tx
from sincronizador.journal.post import Phase

from .house import House


def fence(db: Tx, now: datetime) -> None:
    """Stop, until a person orders otherwise."""
    place = post.read(db)
    if place.phase is not Phase.FENCED:
        post.keep(db, replace(place, phase=Phase.FENCED))
        # What was adopted is still taken, but only as it is, signed.
        for job in tasks.jobs_with(db, Step.CONFIRM, tasks.CLOUD):
            tasks.finish_step(db, job, Step.CONFIRM)
            tasks.reopen(db, job, Step.HAND_OVER, tasks.HAND_OVER)
        events.record(db, None, now, "fenced", cloud_codes.FENCED.message)


def heed(house: House, answer: object, asked_as: Standing) -> bool:
    """Whether an answer to what was asked under this standing says that another machine took over; then stop."""
    if not (isinstance(answer, Reply) and answer.said is Said.FENCED):
        return False
    with house.journal.transaction() as db:
        if post.read(db).standing == asked_as:
            fence(db, house.clock.now())
    return True
