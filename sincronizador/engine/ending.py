"""How a lote ends: with its last document, or because somebody wants no more of it."""

from datetime import datetime

from sincronizador.core import codes
from sincronizador.core.answer import Estado
from sincronizador.core.job import Job, Step
from sincronizador.journal import events, jobs, lots, tasks
from sincronizador.journal.journal import Tx

from . import voiding
from .house import House


def finish(house: House, lote: int) -> bool:
    """Decide a lote once all of its documents are decided; whether it is."""
    with house.journal.reading() as db:
        job = jobs.get(db, lote)
        is_whole = documents_of(job) and not tasks.is_open(db, lote, Step.START)
        if job.estado.decided or not is_whole or lots.has_undecided(db, lote):
            return False
    with house.journal.transaction() as db:
        conclude(db, jobs.get(db, lote), house.clock.now())
    return True


def conclude(db: Tx, lote: Job, now: datetime) -> None:
    """What becomes of a lote: its REFERENCIA stays bound when every document of it was issued."""
    tally, count = lots.tally(db, lote.id), documents_of(lote)
    if tally.emitidos == count:
        jobs.settle(db, lote.id, Estado.RESUELTO, at=now, findings=lote.findings, result=lote.result, bound=lote.bound)
    else:
        ended = tally.estados & {Estado.RETIRADO, Estado.DESCARTADO} if not tally.emitidos else frozenset()
        estado = next(iter(ended)) if ended == tally.estados and len(ended) == 1 else Estado.NO_RESUELTO
        finding = codes.LOTE_INCOMPLETE.at(documentos=count, emitidos=tally.emitidos, rechazados=count - tally.emitidos)
        jobs.settle(db, lote.id, estado, at=now, findings=[*lote.findings, finding], result=lote.result)
    events.record(db, lote.id, now, "finished", f"Se emitieron {tally.emitidos} de {count} comprobantes.")


def documents_of(lote: Job) -> int:
    """How many documents the file of an opened lote has."""
    facts = dict(next((fields for name, fields in lote.result if name == "LOTE"), ()))
    return int(facts.get("DOCUMENTOS", "0"))


def end(house: House, db: Tx, lote: Job, estado: Estado, detail: str, now: datetime) -> bool:
    """
    End what is no document yet of a lote as RETIRADO or DESCARTADO; what is, stays.

    False when the cloud has to void some of it first; asked again, it is not voided twice.
    """
    tasks.cancel(db, lote.id)
    finding = voiding.told(estado, detail)
    lots.end_waiting(db, lote.id, estado, finding, now)
    for part in lots.undecided(db, lote.id):
        if not voiding.is_pending(db, part):
            voiding.end(house, db, part, estado, detail, now)
    if lots.has_undecided(db, lote.id):
        return False
    if lote.bound and lots.count_parts(db, lote.id):
        conclude(db, lote, now)
    else:
        voiding.finish(db, lote, estado, detail, now)
    return True
