"""Papers of contingency: transcribed under their own number, signed here always, corrected when DGI observed them."""

from collections.abc import Sequence
from datetime import datetime

from sincronizador.core import codes
from sincronizador.core.answer import Estado
from sincronizador.core.finding import Finding
from sincronizador.core.job import Job
from sincronizador.core.receipt import Receipt
from sincronizador.journal import documents, events, jobs, post, tasks
from sincronizador.journal.documents import Origin
from sincronizador.journal.journal import Tx

from .case import Case
from .house import House
from .issuing import Issued, issue

ROUTE = "papel"


def is_observed(job: Job) -> bool:
    """Whether other content under its REFERENCIA corrects it."""
    return job.route == ROUTE and job.estado is Estado.OBSERVADO


def problems(db: Tx, case: Case) -> list[Finding]:
    """Why the number of a paper cannot be this sale's: another one has it, or what it corrects has another."""
    folio = case.request.folio
    corrected = _corrected(db, case)
    slug = folio.slug if folio is not None else ""
    if corrected is not None and (found := documents.slug_of(db, corrected.id)) != slug:
        return [codes.PAPER_RENUMBERED.at(field="NUMERO", value=case.job.referencia, existente=found)]
    if folio is None or corrected is not None:
        return []
    taken = jobs.of_document(db, folio.rango.tipo, folio.rango.serie, folio.numero)
    if taken is None or (case.job.key and taken.key == case.job.key):
        return []
    return [codes.PAPER_TAKEN.at(field="NUMERO", documento=slug, existente=taken.referencia or taken.name)]


def transcribe(house: House, db: Tx, case: Case, draft: bytes, found: Sequence[Finding], now: datetime) -> None:
    """T2 of a paper: signed under its own number; what it corrects counts no more. Only while nothing is `held`."""
    if case.request.folio is None:
        raise AssertionError("a paper without its number")
    document = house.country.complete(draft, case.request.folio, now)
    emitido = house.country.emitted(
        house.pen.sign(document, house.country.signatures(document), now), case.request.anexo
    )  # fmt: skip
    origin = Origin()
    if house.cloud is not None:
        counter = jobs.raise_attempt(db, case.job.id, case.job.kind, case.job.key)
        origin = Origin(epoch=post.read(db).epoch, counter=counter)
    if (corrected := _corrected(db, case)) is not None:
        give_way(db, corrected, case.job, now)
    issued = Issued(
        emitido=emitido, origin=origin, route=ROUTE, estado=Estado.FIRMADO_LOCAL, findings=tuple(found), printer="",
        copies=0,
    )  # fmt: skip
    issue(house, db, case.job.id, issued, now)


def observe(db: Tx, job: Job, receipt: Receipt, now: datetime) -> None:
    """The authority remarked something about a paper: its answer tells it. Not of one that is corrected meanwhile."""
    slug = documents.slug_of(db, job.id)
    finding = codes.OBSERVED.at(documento=slug, detalle=receipt.authority.rstrip(".") or "no dijo por qué")
    if finding in job.findings or not is_the_same(db, job, receipt):
        return
    events.record(db, job.id, now, "authority", finding.message)
    others = [other for other in job.findings if other.code != finding.code]
    jobs.advance(db, job.id, Estado.OBSERVADO, notable=True)
    jobs.settle(db, job.id, Estado.OBSERVADO, at=now, findings=[*others, finding], bound=True)


def is_the_same(db: Tx, job: Job, receipt: Receipt) -> bool:
    """Whether the cloud has under a number the very bytes that this journal has."""
    signed = documents.signed(db, job.id)
    return signed is not None and documents.sha256(signed[0]) == receipt.sha256


def give_way(db: Tx, corrected: Job, by: Job, now: datetime) -> None:
    """An observed transcription leaves its number and its REFERENCIA to the one that corrects it."""
    documents.supersede(db, corrected.id, by.id)
    tasks.cancel(db, corrected.id)
    finding = codes.CORRECTED.at(detalle=by.name)
    events.record(db, corrected.id, now, "corrected", finding.message)
    jobs.settle(db, corrected.id, corrected.estado, at=now, findings=[*corrected.findings, finding])


def _corrected(db: Tx, case: Case) -> Job | None:
    earlier = jobs.bound(db, case.job.kind, case.job.key) if case.job.key else None
    return earlier if earlier is not None and is_observed(earlier) else None
