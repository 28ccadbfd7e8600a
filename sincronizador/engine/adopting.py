"""What the cloud has of this installation, and this journal has not: adopted, and its paper says COPIA from then on."""

from dataclasses import replace
from datetime import datetime

from sincronizador.core.job import Job, Kind
from sincronizador.core.receipt import Attempt, CloudState, Receipt
from sincronizador.errors import Rejected
from sincronizador.journal import documents, events, intents, jobs
from sincronizador.journal.intents import Intent
from sincronizador.journal.journal import Tx

from . import submitting, transcribing
from .case import key_of
from .house import House
from .issuing import acknowledged, issue
from .learning import learn, waiting_for


def learn_of(house: House, db: Tx, receipt: Receipt) -> None:
    """A document that the cloud has of this installation: adopted, its paper from now on COPIA."""
    now = house.clock.now()
    if receipt.state in (CloudState.VOIDED, CloudState.INVALID) or receipt.extra:
        return
    known = jobs.of_document(db, receipt.tipo, receipt.serie, receipt.numero)
    if known is not None and known.route == transcribing.ROUTE and not transcribing.is_the_same(db, known, receipt):
        _learn_correction(house, db, known, receipt, now)
        return
    if known is not None:
        if receipt.state is not CloudState.PREPARED:
            acknowledged(house, db, known.id, now)
        return
    try:
        emitido = submitting.genuine(house, receipt, receipt.anexo)
    except Rejected as error:
        events.record(db, None, now, "foreign", f"La nube tiene {receipt.slug}, que no se adopta: {error}")
        return
    key = key_of(emitido.referencia)
    if key and (other := jobs.bound(db, Kind.DOCUMENTO, key)) is not None:
        ours = documents.slug_of(db, other.id)
        events.record(db, other.id, now, "foreign", f"La nube tiene además {receipt.slug}; aquí la venta es {ours}.")
        return
    waiting = waiting_for(house, db, receipt.key, receipt.signed)
    job = waiting or jobs.get(db, learn(house, db, emitido, emitido.referencia, key, now))
    intents.keep(db, _as_intent(house, job, receipt))
    found = submitting.issued_by_cloud(house, db, job, receipt.attempt, receipt, emitido, now)
    issue(house, db, job.id, replace(found, findings=(), copia=True, learned=waiting is None), now)
    jobs.raise_to(db, job.id, receipt.attempt.counter)
    if waiting is None:
        jobs.hush(db, job.id)


def _learn_correction(house: House, db: Tx, known: Job, receipt: Receipt, now: datetime) -> None:
    """A paper that was corrected after this journal's copy was made; its own correction is handed over instead."""
    origin = documents.origin(db, known.id)
    if receipt.attempt <= Attempt(origin.epoch, origin.counter):
        return
    try:
        emitido = submitting.genuine(house, receipt, receipt.anexo)
    except Rejected as error:
        events.record(db, known.id, now, "foreign", f"La nube tiene una corrección que no se adopta: {error}")
        return
    job = jobs.get(db, learn(house, db, emitido, emitido.referencia, known.key, now))
    transcribing.give_way(db, known, job, now)
    intents.keep(db, _as_intent(house, job, receipt))
    found = submitting.issued_by_cloud(house, db, job, receipt.attempt, receipt, emitido, now)
    issue(house, db, job.id, replace(found, findings=(), learned=True), now)
    jobs.raise_to(db, job.id, receipt.attempt.counter)
    jobs.hush(db, job.id)


def _as_intent(house: House, job: Job, receipt: Receipt) -> Intent:
    """As if this journal had sent it: the cloud's name of the sale is in no other place."""
    return Intent(
        job=job.id,
        key=receipt.key,
        attempt=receipt.attempt,
        tipo=receipt.tipo,
        draft=house.country.draft_of(receipt.signed),
        anexo=receipt.anexo,
        body=b"",
        sends=1,
        void=None,
        reason="",
    )
