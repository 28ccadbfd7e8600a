"""SUBMIT: an intent with its exact bytes, then the cloud's number and signature, verified and adopted in one commit."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sincronizador.core import cloud_codes
from sincronizador.core.answer import Estado, Motivo
from sincronizador.core.emitido import Anexo, Emitido
from sincronizador.core.finding import Finding
from sincronizador.core.job import Job, Kind, Step
from sincronizador.core.receipt import Attempt, CloudState, Receipt, Reply, Said, Submission, cloud_key
from sincronizador.errors import Rejected
from sincronizador.journal import events, intents, jobs, post, tasks
from sincronizador.journal.documents import Origin
from sincronizador.journal.intents import Intent
from sincronizador.journal.journal import Tx
from sincronizador.journal.post import Phase

from .case import Case
from .house import Held, House
from .issuing import Issued, acknowledged, issue
from .pauses import is_over
from .timekeeping import acked_at

_FRESH = timedelta(seconds=15)
"""So young, what the cloud said of its certificates holds."""
_AGAIN = timedelta(seconds=1)
_CLOSED = (Phase.JOIN, Phase.PULL, Phase.HOLD, Phase.TAKEN)


def trouble(db: Tx) -> Held | None:
    """Why nothing may be begun with the cloud now."""
    place = post.read(db)
    if place.phase not in _CLOSED and not place.is_catching_up:
        return None
    taken = place.phase is Phase.TAKEN
    motivo = Motivo.OPERADOR if taken else Motivo.NUBE_SIN_RESPUESTA
    rule = cloud_codes.TAKEN if taken else cloud_codes.REGISTERING
    return Held(motivo, rule.at(detalle="falta recibir su número de época y lo que ya emitió"))


def submit(house: House, db: Tx, case: Case, draft: bytes, found: Sequence[Finding], now: datetime) -> None:
    """T2 of the route ``nube``: the intent, and the REFERENCIA bound by it."""
    if house.cloud is None:
        raise AssertionError("no cloud to submit to")
    job = case.job
    counter = jobs.raise_attempt(db, job.id, Kind.DOCUMENTO, job.key)
    intent = Intent(
        job=job.id,
        key=cloud_key(job.key),
        attempt=Attempt(post.read(db).epoch, counter),
        tipo=case.request.tipo,
        draft=draft,
        anexo=case.request.anexo,
        body=b"",
        sends=0,
        void=None,
        reason="",
        taken=intents.taken_by(db, cloud_key(job.key)),
    )
    send_again(house, db, job, intent)
    jobs.settle(db, job.id, Estado.RECIBIDO, at=now, findings=found, bound=True)
    events.record(db, job.id, now, "submitted", f"Va a la nube con el intento {intent.attempt.counter}.")


def send_again(house: House, db: Tx, job: Job, intent: Intent) -> None:
    """Keep an intent with the bytes of its attempt; its SUBMIT is due."""
    if house.cloud is None:
        raise AssertionError("no cloud to submit to")
    body = house.cloud.compose(
        Submission(
            attempt=intent.attempt,
            country=house.rules.pais,
            issuer=house.rules.rut,
            branch=house.country.branch(intent.draft),
            terminal=job.till,
            tipo=intent.tipo,
            draft=intent.draft,
            anexo=intent.anexo,
        )
    )
    intents.keep(db, replace(intent, body=body))
    tasks.reopen(db, job.id, Step.SUBMIT, tasks.CLOUD)


def retry(house: House, db: Tx, job: Job, now: datetime) -> bool:
    """A person wants a parked submission sent again, as a new attempt; whether there was one."""
    intent = intents.of_job(db, job.id)
    if intent is None or intent.void is not None or not tasks.is_parked(db, job.id, Step.SUBMIT):
        return False
    counter = jobs.raise_attempt(db, job.id, Kind.DOCUMENTO, job.key)
    send_again(house, db, job, replace(intent, attempt=Attempt(post.read(db).epoch, counter)))
    events.record(db, job.id, now, "submitted", f"Va a la nube con el intento {counter}.")
    return True


def answered(house: House, db: Tx, intent: Intent, reply: Reply, now: datetime) -> None:
    """What the cloud said to a submission that still stands."""
    job = jobs.get(db, intent.job)
    if reply.said is Said.STORED and reply.receipt is not None:
        _adopt_or_park(house, db, job, intent, reply.receipt, now)
    elif reply.said is Said.INVALID:
        _refuse(db, job, reply, now)
    else:
        detail = reply.message or "tiene otro contenido"
        if reply.receipt is not None:
            detail = reply.receipt.slug
            heed_another(house, db, intent, reply.receipt)
        park(db, job, cloud_codes.CONFLICT.at(detalle=detail), now)


def adopt(house: House, db: Tx, job: Job, intent: Intent, receipt: Receipt, now: datetime) -> None:
    """T3. Raises `Rejected` E3005 for what is not this sale: then nothing is adopted."""
    emitido = check(house, db, intent, receipt)
    issue(house, db, job.id, issued_by_cloud(house, db, job, intent.attempt, receipt, emitido, now), now)
    jobs.raise_to(db, job.id, receipt.attempt.counter)
    tasks.finish_step(db, job.id, Step.SUBMIT)
    tasks.finish_step(db, job.id, Step.VOID)


def issued_by_cloud(
    house: House, db: Tx, job: Job, attempt: Attempt, receipt: Receipt, emitido: Emitido, now: datetime
) -> Issued:
    """A document of the cloud. Its paper says COPIA when it was adopted before, or prepared under another epoch."""
    acked = receipt.state is not CloudState.PREPARED
    known = house.fences and (acked or receipt.epoch != post.read(db).epoch)
    return Issued(
        emitido=emitido,
        origin=Origin(
            epoch=attempt.epoch, counter=attempt.counter, acked_at=acked_at(house, db, now) if acked else None
        ),
        route="papel" if house.country.transcribes(emitido.tipo) else "nube",
        estado=Estado.ENVIADO if acked else Estado.FIRMADO,
        findings=tuple(finding for finding in job.findings if not finding.is_error),
        printer=job.printer,
        copies=job.copies,
        copia=known,
    )


def check(house: House, db: Tx, intent: Intent, receipt: Receipt) -> Emitido:
    """What came back, once it is certain that it is this sale. Raises `Rejected` E3005."""
    emitido = genuine(house, receipt, intent.anexo)
    if house.country.draft_of(receipt.signed) != intent.draft:
        raise cloud_codes.MISMATCH.at(detalle="su contenido es otro").as_error(Rejected)
    taken = jobs.of_document(db, emitido.tipo, emitido.serie, emitido.numero)
    if taken is not None:
        detail = f"el número {emitido.slug} ya es de {taken.referencia or taken.name}"
        raise cloud_codes.MISMATCH.at(detalle=detail).as_error(Rejected)
    return emitido


def is_another(house: House, intent: Intent, receipt: Receipt) -> bool:
    """Whether the cloud has another sale under this key for good: then it never issues ours."""
    try:
        genuine(house, receipt, intent.anexo)
    except Rejected:
        return False
    is_other = house.country.draft_of(receipt.signed) != intent.draft
    return is_other and receipt.key == intent.key and receipt.state is not CloudState.PREPARED


def heed_another(house: House, db: Tx, intent: Intent, receipt: Receipt) -> None:
    """From now on this sale is signed here neither, whatever a person asks for and however long the cloud is away."""
    if is_another(house, intent, receipt):
        intents.take(db, intent.job, receipt.slug)


def genuine(house: House, receipt: Receipt, anexo: Anexo) -> Emitido:
    """A document signed for this issuer and numbered as the cloud says. Raises `Rejected`, E3005 or its signature's."""
    emitido = house.country.emitted(receipt.signed, anexo)
    numbered = (receipt.tipo, receipt.serie, receipt.numero)
    if (emitido.tipo, emitido.serie, emitido.numero) != numbered:
        raise cloud_codes.MISMATCH.at(detalle=f"es {emitido.slug}").as_error(Rejected)
    if not house.pen.verify(receipt.signed) == emitido.emisor == house.rules.rut:
        raise cloud_codes.MISMATCH.at(detalle=f"es de {emitido.emisor}").as_error(Rejected)
    return emitido


def park(db: Tx, job: Job, finding: Finding, now: datetime) -> None:
    """A person decides: `reintentar` or `descartar`."""
    events.record(db, job.id, now, "parked", finding.message)
    jobs.settle(db, job.id, Estado.ESPERANDO, at=now, motivo=Motivo.OPERADOR, findings=[finding], bound=True)
    tasks.park_step(db, job.id, Step.SUBMIT, finding.message)


def confirmed(house: House, db: Tx, job: int, reply: Reply, now: datetime) -> None:
    """What the cloud said to a confirmation: what it does not know as ours is handed over, signed as it is."""
    if reply.said is Said.STORED:
        acknowledged(house, db, job, now)
        return
    events.record(db, job, now, "unconfirmed", "La nube no lo reconoce: se le entrega firmado.")
    tasks.finish_step(db, job, Step.CONFIRM)
    tasks.reopen(db, job, Step.HAND_OVER, tasks.HAND_OVER)


def _adopt_or_park(house: House, db: Tx, job: Job, intent: Intent, receipt: Receipt, now: datetime) -> None:
    try:
        adopt(house, db, job, intent, receipt, now)
    except Rejected as error:
        if error.code.startswith("E21") and _may_be_new(house, now):
            # Signed with a certificate that is new there: the next probe asks for it.
            house.line.certificates_at = None
            tasks.delay(db, job.id, Step.SUBMIT, (now + _AGAIN).timestamp())
            return
        park(db, job, Finding(code=cloud_codes.MISMATCH.code, message=str(error)), now)


def _may_be_new(house: House, now: datetime) -> bool:
    known_at = house.line.certificates_at
    return known_at is None or is_over(known_at, now, _FRESH)


def _refuse(db: Tx, job: Job, reply: Reply, now: datetime) -> None:
    """422: final for the attempt. The REFERENCIA is free for a corrected file."""
    found = [
        replace(cloud_codes.REFUSED.at(detalle=remark.message), field=remark.field or None) for remark in reply.remarks
    ] or [cloud_codes.REFUSED.at(detalle=reply.message.rstrip("."))]
    events.record(db, job.id, now, "rejected", f"Rechazado por la nube: {found[0].message}")
    jobs.settle(db, job.id, Estado.RECHAZADO, at=now, findings=[*job.findings, *found])
    tasks.finish_step(db, job.id, Step.SUBMIT)
