"""VOID: a sale that the cloud may have ends only when the cloud said that it will not be a document."""

from dataclasses import replace
from datetime import datetime

from sincronizador.core import cloud_codes, codes
from sincronizador.core.answer import Estado, Motivo
from sincronizador.core.finding import Finding
from sincronizador.core.job import Job, Kind, Step
from sincronizador.core.receipt import Attempt, Reply, Said
from sincronizador.errors import Rejected
from sincronizador.journal import events, intents, jobs, post, tasks
from sincronizador.journal.intents import Intent
from sincronizador.journal.journal import Tx

from . import submitting
from .house import Held, House

_ENDS = {Estado.RETIRADO: ("withdrawn", codes.WITHDRAWN), Estado.DESCARTADO: ("discarded", codes.DISCARDED)}


def end(house: House, db: Tx, job: Job, estado: Estado, detail: str, now: datetime) -> bool:
    """
    End an undecided sale as RETIRADO or DESCARTADO; False when the cloud has to void it first.

    The attempt is raised with the order, so whatever the cloud did or will do with an earlier one is void. Where the
    cloud does not fence and may have it, nothing can be done but wait for what it says.
    """
    intent = intents.of_job(db, job.id) if job.bound else None
    if intent is None or (not house.fences and intent.sends == 0):
        finish(db, job, estado, detail, now)
        return True
    if not house.fences:
        return False
    counter = jobs.raise_attempt(db, job.id, Kind.DOCUMENTO, job.key)
    attempt = Attempt(post.read(db).epoch, counter)
    intents.keep(db, replace(intent, attempt=attempt, void=estado, reason=detail))
    tasks.cancel(db, job.id)
    tasks.reopen(db, job.id, Step.VOID, tasks.CLOUD)
    finding = cloud_codes.VOIDING.at(detalle=detail)
    events.record(db, job.id, now, "voiding", finding.message)
    jobs.settle(db, job.id, Estado.ESPERANDO, at=now, motivo=Motivo.NUBE_SIN_RESPUESTA, findings=[finding], bound=True)
    return False


def told(estado: Estado, detail: str) -> Finding:
    """What the answer of a sale says that ended so."""
    return _ENDS[estado][1].at(detalle=detail)


def unsure(house: House, db: Tx) -> Held | None:
    """Why nobody can say yet that a sale is no document: a restored journal has not read what it does not know."""
    if house.cloud is None or not post.read(db).is_catching_up:
        return None
    finding = cloud_codes.REGISTERING.at(detalle="falta recibir lo que se emitió antes de recuperarla")
    return Held(Motivo.NUBE_SIN_RESPUESTA, finding)


def is_pending(db: Tx, job: Job) -> bool:
    """Whether the cloud is being told that a sale will not be."""
    intent = intents.of_job(db, job.id)
    return intent is not None and intent.void is not None


def pending(db: Tx, key: str) -> Held | None:
    """Why a file with this REFERENCIA waits: the sale before it is being voided."""
    earlier = jobs.bound(db, Kind.DOCUMENTO, key)
    intent = intents.of_job(db, earlier.id) if earlier is not None and not earlier.estado.decided else None
    if intent is None or intent.void is None:
        return None
    return Held(Motivo.NUBE_SIN_RESPUESTA, cloud_codes.VOIDING.at(detalle=intent.reason))


def answered(house: House, db: Tx, intent: Intent, reply: Reply, now: datetime) -> None:
    """What the cloud said to a void: the sale ends, or it is the document that exists."""
    job = jobs.get(db, intent.job)
    if job.estado.decided:
        # Sent again to a cloud that was restored.
        tasks.finish_step(db, job.id, Step.VOID)
    elif reply.said is Said.STORED:
        finish(db, job, intent.void or Estado.DESCARTADO, intent.reason, now)
    elif reply.said is Said.CONFLICT and reply.receipt is not None:
        _adopt(house, db, job, intent, reply, now)
    else:
        events.record(db, job.id, now, "void_refused", f"La nube no lo anula: {reply.message}")
        tasks.park_step(db, job.id, Step.VOID, reply.message)


def _adopt(house: House, db: Tx, job: Job, intent: Intent, reply: Reply, now: datetime) -> None:
    if reply.receipt is None:
        raise AssertionError("a conflict without its document")
    try:
        submitting.adopt(house, db, job, intent, reply.receipt, now)
    except Rejected as error:
        if submitting.is_another(house, intent, reply.receipt):
            there = f"la nube tiene {reply.receipt.slug} con esta REFERENCIA y otro contenido"
            detail = f"{intent.reason}, y {there}; otra venta lleva otra REFERENCIA"
            finish(db, job, intent.void or Estado.DESCARTADO, detail, now)
            return
        events.record(db, job.id, now, "parked", str(error))
        tasks.park_step(db, job.id, Step.VOID, str(error))


def finish(db: Tx, job: Job, estado: Estado, detail: str, now: datetime) -> None:
    """It is no document and never will be; who asked for it is answered."""
    finding = told(estado, detail)
    tasks.cancel(db, job.id)
    events.record(db, job.id, now, _ENDS[estado][0], finding.message)
    jobs.settle(db, job.id, estado, at=now, findings=[finding])
    for asker in jobs.followers(db, job.id, Kind.RETIRAR):
        jobs.settle(db, asker.id, Estado.RETIRADO, at=now, follows=job.id)
    # A file of the same REFERENCIA may have waited for this.
    tasks.wake_lane(db, tasks.DECISION)
