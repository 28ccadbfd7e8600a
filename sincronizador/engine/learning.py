"""Sales that this journal learns of, because they were dropped elsewhere or before it was restored."""

import hashlib
from datetime import datetime

from sincronizador.core import cloud_codes
from sincronizador.core.emitido import Emitido
from sincronizador.core.job import LEARNED, Dropped, Job, Kind
from sincronizador.core.receipt import cloud_key
from sincronizador.journal import events, intents, jobs, leases
from sincronizador.journal.journal import Tx

from .case import prepare, read_case
from .house import House


def is_held(job: Job) -> bool:
    """Whether it waits since a restore or take-over, to be dropped again."""
    return any(finding.code == cloud_codes.HELD.code for finding in job.findings)


def waiting_for(house: House, db: Tx, key: str, signed: bytes) -> Job | None:
    """The request of before that a document is of, `key` its name at the cloud, when nothing has changed since."""
    for job in jobs.unfinished(db, Kind.DOCUMENTO, jobs.last_id(db)):
        draft = _draft_of(house, db, job, key)
        if draft is not None and comes_to(house, draft, signed):
            return job
    return None


def comes_to(house: House, draft: bytes, signed: bytes) -> bool:
    """
    Whether a draft is the one of a signed document, as far as anybody can know.

    What is sealed in it nobody here reads: two sales that differ in nothing else are taken for one.
    """
    country, then = house.country, house.country.draft_of(signed)
    return draft == then or country.blinded(country.sealed(draft, lambda _: b"")) == country.blinded(then)


def _draft_of(house: House, db: Tx, job: Job, key: str) -> bytes | None:
    """What a request of before was, or was to be, sent as under this key."""
    intent = intents.of_job(db, job.id)
    if intent is not None:
        return intent.draft if intent.key == key else None
    if not is_held(job) or cloud_key(job.key) != key:
        return None
    return prepare(house, job, jobs.content(db, job.id)).draft


def learn(house: House, db: Tx, emitido: Emitido, referencia: str, key: str, now: datetime) -> int:
    """The row of such a sale, not issued yet; its draft stands for the file that nobody has. Returns its id."""
    claimed = f"{LEARNED}{emitido.slug}"
    if jobs.is_claimed(db, claimed):
        # A paper may be corrected, and learned of, more than once.
        claimed += f":{emitido.firmado.isoformat()}"
    dropped = Dropped(
        name=f"{emitido.slug}.xml", till="", only_check=False, claimed=claimed, content=emitido.signed
    )  # fmt: skip
    sha256 = hashlib.sha256(emitido.signed).hexdigest()
    arriving = Job.arriving(dropped, sha256=sha256, at=emitido.firmado)
    job = jobs.add_foreign(db, arriving, house.country.draft_of(emitido.signed))
    jobs.set_read(
        db, job, kind=Kind.DOCUMENTO, encoding="utf-8", route="nube", referencia=referencia, key=key or f"#{claimed}",
        printer="", copies=0,
    )  # fmt: skip
    leases.pass_by(db, emitido.tipo, emitido.serie, emitido.numero)
    _keep_about(house, db, jobs.get(db, job))
    events.record(db, job, now, "learned", f"Se supo de {emitido.slug}, emitido antes o en otra máquina.")
    return job


def _keep_about(house: House, db: Tx, job: Job) -> None:
    """Which sale a note is about: whoever asks for another one is told, as if it had been dropped here."""
    content = jobs.content(db, job.id)
    targets = read_case(house, job, house.read(job, content), content).request.refers_to
    if len(targets) != 1:
        return
    sale = jobs.of_document(db, targets[0].tipo, targets[0].serie, targets[0].numero)
    if sale is not None:
        jobs.set_about(db, job.id, sale.id)
