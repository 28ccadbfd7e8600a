"""Contingencia, sale by sale: what the cloud did not answer in time is signed here, its earlier attempt overtaken."""

from collections.abc import Sequence
from datetime import datetime

from sincronizador.core import cloud_codes
from sincronizador.core.answer import Estado, Motivo
from sincronizador.core.finding import Finding
from sincronizador.core.job import Job, Step
from sincronizador.journal import intents, jobs, leases, post, tasks
from sincronizador.journal.intents import Intent
from sincronizador.journal.journal import Tx

from .documents import sign_off, spared
from .house import Held, House
from .pauses import is_over
from .signing import held, sign
from .timekeeping import trust

_PARTS = 4
"""Documents of lotes that are signed before the next look at the tills."""


def switch(house: House) -> int:
    """
    Sign here what waits for the cloud for longer than the patience, or at once while contingencia is open.

    Returns how many were signed. What cannot be signed here goes on waiting, and its answer says for what.
    """
    if house.cloud is None:
        return 0
    now = house.clock.now()
    before = None if house.line.link.contingency else now - house.rules.paciencia
    with house.journal.reading() as db:
        if post.is_fenced(db) or post.read(db).is_behind:
            return 0
        waiting = intents.waiting(db, tasks.CLOUD, now, before)
        if not waiting:
            return 0
        usable = leases.usable(db, now.date())
        why = held(house, db, now)
        may = why is None and house.line.allowed
        able = _few([jobs.get(db, job) for job in waiting if may and _may_switch(house, db, job, usable)])
        late = [job for job in waiting if job not in able and _is_late(house, jobs.get(db, job), now)]
    signed = sum(_switch(house, job) for job in able)
    for job in late:
        _tell(house, job, why)
    return signed


def _may_switch(house: House, db: Tx, job: int, usable: dict[int, int]) -> bool:
    intent = intents.of_job(db, job)
    if intent is None or intent.taken or usable.get(intent.tipo, 0) <= spared(house, jobs.get(db, job)):
        return False
    return house.fences or intent.sends == 0


def _few(able: Sequence[Job]) -> list[int]:
    """All sales, but of lotes only some at a time."""
    parts = [job.id for job in able if job.parent is not None]
    return [job.id for job in able if job.parent is None] + parts[:_PARTS]


def _switch(house: House, job: int) -> bool:
    with house.journal.transaction() as db:
        now = house.clock.now()
        intent, waiting = intents.of_job(db, job), jobs.get(db, job)
        if intent is None or waiting.estado.decided or not tasks.is_open(db, job, Step.SUBMIT):
            return False
        if intent.taken or (not house.fences and intent.sends):
            return False
        signed = sign(house, db, intent.draft, intent.tipo, intent.anexo, now)
        if isinstance(signed, Held):
            return False
        tasks.finish_step(db, job, Step.SUBMIT)
        warnings = [finding for finding in waiting.findings if not finding.is_error]
        sign_off(house, db, waiting, signed, warnings, now, printer=waiting.printer, copies=waiting.copies)
        trust(house, db, now)
    return True


def _is_late(house: House, job: Job, now: datetime) -> bool:
    """Near the end of what a caller waits for, the answer says what is waited for."""
    return is_over(job.claimed_at, now, house.rules.decision * 0.8)


def _tell(house: House, job: int, why: Held | None) -> None:
    with house.journal.transaction() as db:
        waiting, intent = jobs.get(db, job), intents.of_job(db, job)
        if intent is None or waiting.estado.decided or not tasks.is_open(db, job, Step.SUBMIT):
            return
        motivo, finding = _reason(house, db, intent, why)
        warnings = [finding for finding in waiting.findings if not finding.is_error]
        if waiting.estado is not Estado.ESPERANDO or waiting.motivo != motivo:
            now = house.clock.now()
            jobs.settle(
                db, job, Estado.ESPERANDO, at=now, motivo=motivo, findings=[finding, *warnings], bound=True
            )  # fmt: skip


def _reason(house: House, db: Tx, intent: Intent, why: Held | None) -> tuple[str, Finding]:
    if intent.taken:
        return Motivo.NUBE_SIN_RESPUESTA, cloud_codes.CONFLICT.at(detalle=intent.taken)
    if not house.fences and intent.sends:
        return Motivo.NUBE_SIN_RESPUESTA, cloud_codes.MUST_NOT_SWITCH.at()
    detail = house.line.link.reason or "no contestó a tiempo"
    if why is not None:
        return why.motivo, why.finding
    if leases.usable(db, house.clock.now().date()).get(intent.tipo, 0) == 0:
        detail = f"{detail}; y no quedan números reservados para firmar aquí"
        return Motivo.SIN_NUMEROS, cloud_codes.SILENT.at(detalle=detail)
    return Motivo.NUBE_SIN_RESPUESTA, cloud_codes.SILENT.at(detalle=detail)
