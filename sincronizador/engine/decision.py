"""The lane of decisions: dropped files become documents, answers or refusals, in the order of their claim."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial

from sincronizador.core import codes
from sincronizador.core.answer import Estado, Motivo
from sincronizador.core.finding import Finding
from sincronizador.core.job import Job, Kind, Step, Task
from sincronizador.errors import NeedsOperator, Rejected
from sincronizador.journal import events, jobs, post, tasks
from sincronizador.journal.journal import Tx

from . import annulling, closing, documents, requests, slips, validation
from .case import Prepared, prepare
from .desk import Desk
from .house import Held, House
from .pauses import pause_after
from .signing import held
from .timekeeping import clock_trouble, trust

log = logging.getLogger(__name__)

BATCH = 32
"""Tasks that share one commit under load."""


def decide(house: House, desk: Desk) -> int:
    """
    Take the due decisions, a small batch in one commit; how many were taken.

    What needs no journal is done before its write lock is taken. One member's failure rolls the whole batch back and
    each runs alone, so that nobody pays for a neighbour.
    """
    with house.journal.reading() as db:
        fenced = post.is_fenced(db)
        due = [] if fenced else tasks.due(db, tasks.DECISION, house.clock.now().timestamp(), BATCH, aside=False)
    take(house, due, desk)
    return len(due)


def take(house: House, due: list[Task], desk: Desk) -> None:
    """Decide what is due, together where nothing fails."""
    if not due:
        return
    try:
        _together(house, due, desk)
    except Exception:
        for task in due:
            attempt(house, task, partial(_together, house, [task], desk))


def _together(house: House, due: list[Task], desk: Desk) -> None:
    with house.journal.reading() as db:
        prepared = [desk.take(task.job) or _prepared(house, db, task) for task in due]
    with house.journal.transaction() as db:
        why = held(house, db, house.clock.now())
        for task, one in zip(due, prepared, strict=True):
            # A person or a neighbour may have ended it since it was read.
            if tasks.is_due(db, task.id):
                _step(house, db, task, one, why)
        if why is None:
            trust(house, db, house.clock.now())


def attempt(house: House, task: Task, action: Callable[[], None]) -> bool:
    """The only place where an exception becomes an outcome of a decision; whether there was none."""
    try:
        action()
    except Rejected as error:
        finding = Finding(code=error.code, message=str(error))
        _settled(house, task, lambda db, now: _refuse(db, jobs.get(db, task.job), [finding], now))
    except NeedsOperator as error:
        finding, pause = Finding(code=error.code, message=str(error)), pause_after(task.tries)
        _settled(house, task, lambda db, now: _wait(db, task, finding, now, pause))
    except Exception as error:
        log.exception("event=bug job=%d step=%s", task.job, task.step)
        finding = codes.OURS.at(detalle=type(error).__name__)
        _settled(house, task, lambda db, now: _park(db, task, finding, now))
    else:
        return True
    return False


def _settled(house: House, task: Task, settle: Callable[[Tx, datetime], None]) -> None:
    with house.journal.transaction() as db:
        if not tasks.is_due(db, task.id):
            return
        settle(db, house.clock.now())
        if jobs.get(db, task.job).estado.decided:
            tasks.finish(db, task.id)


def _prepared(house: House, db: Tx, task: Task) -> Prepared | Job:
    """The file read and checked; the job alone when it could not even be taken whole."""
    job = dated(house, db, jobs.get(db, task.job))
    if job.estado is Estado.RECIBIDO and job.findings:
        return job
    return prepare(house, job, jobs.content(db, task.job))


def dated(house: House, db: Tx, job: Job) -> Job:
    """A job that was claimed, or waited, while the clock was wrong has the day on which it is right again."""
    now = house.clock.now()
    if job.motivo != Motivo.RELOJ or clock_trouble(house, db, now):
        return job
    return replace(job, today=now.date())


def _step(house: House, db: Tx, task: Task, prepared: Prepared | Job, held: Held | None) -> None:
    """START, and SIGN with it, of one job."""
    now = house.clock.now()
    why = None
    job = prepared if isinstance(prepared, Job) else prepared.job
    if job.motivo == Motivo.RELOJ and held is None:
        jobs.set_day(db, job.id, job.today)
    if isinstance(prepared, Job):
        _refuse(db, prepared, list(prepared.findings), now)
    elif prepared.kind is Kind.LOTE:
        # It is opened slice by slice, after everybody else's.
        tasks.put_aside(db, task.job, Step.START)
        return
    else:
        why = _start(house, db, prepared, held, now)
    if why is None:
        tasks.finish(db, task.id)
    else:
        tasks.pause(db, task.id, now.timestamp() + pause_after(task.tries), why.finding.message)
    log.info("event=step job=%d step=%s verdict=%s", task.job, task.step, f"held:{why.motivo}" if why else "done")


def _start(house: House, db: Tx, prepared: Prepared, held: Held | None, now: datetime) -> Held | None:
    job, kind = prepared.job, prepared.kind
    if house.rules.firmados and not job.only_check and _arrives_signed(prepared):
        documents.decide_signed(house, db, job, prepared.content, now)
        return None
    if prepared.case is not None and job.only_check:
        validation.decide(house, db, prepared, prepared.case, now)
        return None
    if prepared.case is not None:
        return documents.decide(house, db, prepared, prepared.case, held, now)
    if kind is Kind.ANULAR:
        return annulling.decide(house, db, prepared, held, now)
    if kind in (Kind.IMPRIMIR, Kind.CAJON):
        slips.decide(house, db, job, kind, prepared.reading, now)
        return None
    if kind in (Kind.CIERRE, Kind.LISTADO):
        closing.decide(house, db, job, kind, prepared.reading, now)
        return None
    if isinstance(kind, Finding):
        jobs.set_read(
            db, job.id, kind=Kind.ILEGIBLE, encoding=prepared.reading.encoding, route="consulta",
            referencia="", key="", printer="", copies=0,
        )  # fmt: skip
        # What is wrong with the form already says why nobody knows what the file asks for.
        form = list(prepared.reading.findings)
        _refuse(db, job, form if any(finding.is_error for finding in form) else [*form, kind], now)
    else:
        return requests.decide(house, db, job, kind, prepared.reading, now)
    return None


def _arrives_signed(prepared: Prepared) -> bool:
    return any(finding.code == codes.ALREADY_SIGNED.code for finding in prepared.reading.findings)


def _refuse(db: Tx, job: Job, found: list[Finding], now: datetime) -> None:
    if job.only_check:
        jobs.settle(db, job.id, Estado.INVALIDO, at=now, findings=sorted(found, key=lambda finding: finding.place))
    else:
        documents.refuse(db, job.id, found, now)


def hold(house: House, task: Task, why: Held) -> None:
    """A file waits for what keeps everybody from signing."""
    with house.journal.transaction() as db:
        if tasks.is_due(db, task.id):
            _wait(db, task, why.finding, house.clock.now(), pause_after(task.tries), why.motivo)


def _wait(db: Tx, task: Task, finding: Finding, now: datetime, pause: float, motivo: str = Motivo.OPERADOR) -> None:
    job = jobs.get(db, task.job)
    if job.estado is not Estado.ESPERANDO or job.findings != (finding,):
        events.record(db, job.id, now, "held", f"Espera: {finding.message}")
        jobs.settle(db, job.id, Estado.ESPERANDO, at=now, motivo=motivo, findings=[finding])
    tasks.pause(db, task.id, now.timestamp() + pause, finding.message)


def _park(db: Tx, task: Task, finding: Finding, now: datetime) -> None:
    events.record(db, task.job, now, "parked", finding.message)
    jobs.settle(db, task.job, Estado.ESPERANDO, at=now, motivo=Motivo.OPERADOR, findings=[finding])
    tasks.park(db, task.id, finding.message)
