"""The lane of decisions: dropped files become documents, answers or refusals, in the order of their claim."""

import logging
import random
from collections.abc import Callable
from datetime import datetime

from sincronizador.core import codes
from sincronizador.core.answer import Estado, Motivo
from sincronizador.core.finding import Finding
from sincronizador.core.job import Job, Kind, Task
from sincronizador.errors import NeedsOperator, Rejected
from sincronizador.formats.requests import kind_of
from sincronizador.journal import events, jobs, tasks
from sincronizador.journal.journal import Tx

from . import documents, requests
from .house import Held, House

log = logging.getLogger(__name__)

BATCH = 32
"""Tasks that share one commit under load."""
_FIRST_PAUSE = 1.0


def decide(house: House) -> int:
    """
    Take the due decisions, a small batch in one commit; how many were taken.

    One member's failure rolls the whole batch back and each runs alone, so that nobody pays for a neighbour.
    """
    now = house.clock.now()
    with house.journal.reading() as db:
        due = tasks.due(db, tasks.DECISION, now.timestamp(), BATCH)
    if not due:
        return 0
    try:
        with house.journal.transaction() as db:
            for task in due:
                _step(house, db, task)
    except Exception:
        for task in due:
            _alone(house, task)
    return len(due)


def pause_after(tries: int, *, first: float = _FIRST_PAUSE) -> float:
    """Seconds until the next try: growing, capped, with jitter so that many do not come back at once."""
    return float(min(tasks.LONGEST_PAUSE, first * 2 ** min(tries, 10)) * random.uniform(0.7, 1.0))  # noqa: S311


def _alone(house: House, task: Task) -> None:
    """The only place where an exception becomes an outcome of a decision."""
    try:
        with house.journal.transaction() as db:
            _step(house, db, task)
    except Rejected as error:
        finding = Finding(code=error.code, message=str(error))
        _settled(house, task, lambda db, now: _refuse(db, jobs.get(db, task.job), finding, now))
    except NeedsOperator as error:
        finding, pause = Finding(code=error.code, message=str(error)), pause_after(task.tries)
        _settled(house, task, lambda db, now: _wait(db, task, finding, now, pause))
    except Exception as error:
        log.exception("event=bug job=%d step=%s", task.job, task.step)
        finding = codes.OURS.at(detalle=type(error).__name__)
        _settled(house, task, lambda db, now: _park(db, task, finding, now))


def _settled(house: House, task: Task, settle: Callable[[Tx, datetime], None]) -> None:
    with house.journal.transaction() as db:
        settle(db, house.clock.now())
        if jobs.get(db, task.job).estado.decided:
            tasks.finish(db, task.id)


def _step(house: House, db: Tx, task: Task) -> None:
    """START, and SIGN with it, of one job."""
    job, now = jobs.get(db, task.job), house.clock.now()
    held = _start(house, db, job, now)
    if held is None:
        tasks.finish(db, task.id)
    else:
        tasks.pause(db, task.id, now.timestamp() + pause_after(task.tries), held.finding.message)


def _start(house: House, db: Tx, job: Job, now: datetime) -> Held | None:
    if job.estado is Estado.RECIBIDO and job.findings:
        _refuse(db, job, job.findings[0], now)
        return None
    content = jobs.content(db, job.id)
    reading = house.read(content)
    signed = [finding for finding in reading.findings if finding.code == codes.ALREADY_SIGNED.code]
    if signed and house.rules.firmados and not job.only_check:
        documents.start_signed(house, db, job, content, now)
        return None
    kind = kind_of(reading.sections)
    if isinstance(kind, Finding):
        found = [*reading.findings, kind]
        jobs.set_read(
            db, job.id, kind=Kind.ILEGIBLE, encoding=reading.encoding, route="consulta",
            referencia="", key="", printer="", copies=0,
        )  # fmt: skip
        _refuse_all(db, job, found, now)
        return None
    if kind is Kind.DOCUMENTO:
        return documents.start(house, db, job, reading, content, now)
    requests.start(house, db, job, kind, reading, now)
    return None


def _refuse(db: Tx, job: Job, finding: Finding, now: datetime) -> None:
    _refuse_all(db, job, [finding], now)


def _refuse_all(db: Tx, job: Job, found: list[Finding], now: datetime) -> None:
    if job.only_check:
        jobs.settle(db, job.id, Estado.INVALIDO, at=now, findings=sorted(found, key=lambda finding: finding.place))
    else:
        documents.refuse(db, job.id, found, now)


def _wait(db: Tx, task: Task, finding: Finding, now: datetime, pause: float) -> None:
    job = jobs.get(db, task.job)
    if job.estado is not Estado.ESPERANDO or job.findings != (finding,):
        events.record(db, job.id, now, "held", f"Espera: {finding.message}")
        jobs.settle(db, job.id, Estado.ESPERANDO, at=now, motivo=Motivo.OPERADOR, findings=[finding])
    tasks.pause(db, task.id, now.timestamp() + pause, finding.message)


def _park(db: Tx, task: Task, finding: Finding, now: datetime) -> None:
    events.record(db, task.job, now, "parked", finding.message)
    jobs.settle(db, task.job, Estado.ESPERANDO, at=now, motivo=Motivo.OPERADOR, findings=[finding])
    tasks.park(db, task.id, finding.message)
