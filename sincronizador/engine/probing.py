"""The probe: asks the cloud how it is, and does in the background what only wants a line."""

from dataclasses import replace
from datetime import datetime, timedelta

from sincronizador.core import cloud_codes, codes
from sincronizador.core.answer import Estado
from sincronizador.core.job import Job
from sincronizador.core.receipt import Changes, CloudState, Health, Receipt
from sincronizador.errors import NeedsOperator, SincronizadorError, Unavailable
from sincronizador.journal import documents, events, jobs, listings, post
from sincronizador.journal.journal import Tx
from sincronizador.journal.post import Phase
from sincronizador.providers.door import Certificates, Cloud

from . import leasing, receiving, runs, standing, timekeeping, transcribing
from .asking import ask
from .fencing import heed
from .house import House
from .pauses import is_over

_PAGE = 200
_FOLLOW_EVERY = timedelta(seconds=30)
_CERTIFICATES_KEEP = timedelta(minutes=10)
_STATES = {
    CloudState.ACCEPTED: Estado.ACEPTADO,
    CloudState.REPORTED: Estado.INFORMADO,
    CloudState.OBSERVED: Estado.OBSERVADO,
    CloudState.REJECTED: Estado.RECHAZADO_DGI,
}


def probe(house: House) -> bool:
    """
    Ask the cloud how it is; whether it answered.

    What it refuses to do for everybody counts as a failure of the line: it is then as useful as one that is not there.
    """
    cloud = house.cloud
    if cloud is None:
        return False
    health = ask(house, "health", lambda: _health(house, cloud))
    if isinstance(health, SincronizadorError):
        house.line.health = None
        return False
    timekeeping.hear(house, health.time)
    house.line.health = health
    house.line.allowed = health.contingency_allowed
    return True


def attend(house: House, machine: str) -> bool:
    """
    After a probe that was answered: what stands between this installation and READY, leases, changes.

    True when another round at once may get further. In a thread of its own, so that nothing delays the next probe.
    """
    cloud, health = house.cloud, house.line.health
    if cloud is None or health is None:
        return False
    if not (runs.begin(house, cloud, health) and _learn_certificates(house, cloud)):
        return False
    if standing.align(house, health, machine):
        return True
    house.line.health = None
    with house.journal.reading() as db:
        if post.read(db).phase is not Phase.READY:
            return False
    leasing.tend(house)
    receiving.receive(house, cloud)
    return _follow(house, cloud)


def _learn_certificates(house: House, cloud: Cloud) -> bool:
    """What the cloud signs with, asked once in a process and whenever a new one may have been installed."""
    with house.journal.reading() as db:
        standing_ = post.read(db).standing
    known_at = house.line.certificates_at
    if not standing_.server_epoch or (
        known_at is not None and not is_over(known_at, house.clock.now(), _CERTIFICATES_KEEP)
    ):
        return True
    found = ask(house, "certificates", lambda: cloud.certificates(standing_))
    if not isinstance(found, Certificates):
        return not isinstance(found, SincronizadorError)
    house.pen.trust(found.ders)
    house.line.certificates_at = house.clock.now()
    return True


def _health(house: House, cloud: Cloud) -> Health:
    """Raises `NeedsOperator` for a cloud of the other environment, `Unavailable` for one that does not number."""
    with house.journal.reading() as db:
        place = post.read(db)
    house.line.numbers = True
    health = cloud.health(place.standing)
    if health.environment != house.rules.ambiente:
        detail = f"es de {health.environment} y esta instalación de {house.rules.ambiente}"
        raise cloud_codes.NOT_ACCEPTED.at(detalle=detail).as_error(NeedsOperator)
    if not health.ok and place.phase is Phase.READY and place.server_epoch == health.server_epoch:
        house.line.numbers = False
        raise cloud_codes.UNREACHABLE.at(detalle=health.detail.rstrip(".")).as_error(Unavailable)
    return health


def _follow(house: House, cloud: Cloud) -> bool:
    """What became of documents: acceptance, rejection."""
    now, last = house.clock.now(), house.line.followed_at
    if last is not None and not is_over(last, now, _FOLLOW_EVERY):
        return False
    with house.journal.reading() as db:
        place = post.read(db)
    page = ask(house, "changes", lambda: cloud.changes(place.cursor, _PAGE, place.standing))
    if heed(house, page, place.standing) or not isinstance(page, Changes):
        return False
    house.line.followed_at = None if page.more else now
    if page.cursor == place.cursor:
        return False
    with house.journal.transaction() as db:
        if post.read(db) != place:
            return True
        for receipt in page.receipts:
            _show(db, receipt, house.clock.now())
        post.keep(db, replace(place, cursor=page.cursor))
    return page.more


def _show(db: Tx, receipt: Receipt, at: datetime) -> None:
    job = jobs.of_document(db, receipt.tipo, receipt.serie, receipt.numero)
    if job is None or receipt.extra or not job.estado.emitido:
        return
    _show_estado(db, job, receipt, at)
    _show_receiver(db, jobs.get(db, job.id), receipt, at)


def _show_estado(db: Tx, job: Job, receipt: Receipt, at: datetime) -> None:
    estado = _STATES.get(receipt.state)
    if estado is None:
        return
    if estado is Estado.OBSERVADO:
        transcribing.observe(db, job, receipt, at)
    elif job.estado is estado:
        return
    elif estado is Estado.RECHAZADO_DGI:
        _reject(db, job, receipt, at)
    else:
        events.record(db, job.id, at, "authority", f"{estado}: {receipt.authority}".rstrip(": "))
        jobs.advance(db, job.id, estado)
        listings.begin_informing(db, job.id)


def _show_receiver(db: Tx, job: Job, receipt: Receipt, at: datetime) -> None:
    """Who received it does not want it, or wants it after all: its answer tells it, its state stays."""
    before = [finding for finding in job.findings if finding.code == codes.UNWANTED.code]
    told = []
    if receipt.receiver and receipt.state is not CloudState.REJECTED:
        slug = documents.slug_of(db, job.id)
        told = [codes.UNWANTED.at(documento=slug, detalle=receipt.receiver.rstrip("."))]
    if told == before:
        return
    events.record(db, job.id, at, "receiver", told[0].message if told else "El receptor lo acepta.")
    others = [finding for finding in job.findings if finding.code != codes.UNWANTED.code]
    jobs.remark(db, job.id, [*others, *told])


def _reject(db: Tx, job: Job, receipt: Receipt, at: datetime) -> None:
    """The authority refused it: its answer says why, and other content under its REFERENCIA is a new document."""
    detail = receipt.authority.rstrip(".") or "no dijo por qué"
    finding = codes.REJECTED_BY_AUTHORITY.at(documento=documents.slug_of(db, job.id), detalle=detail)
    events.record(db, job.id, at, "authority", finding.message)
    jobs.advance(db, job.id, Estado.RECHAZADO_DGI, notable=True)
    jobs.settle(db, job.id, Estado.RECHAZADO_DGI, at=at, findings=[*job.findings, finding], bound=True)
