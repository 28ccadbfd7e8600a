"""Sales that this journal learns of, because they were dropped elsewhere or before it was restored."""

import hashlib
from datetime import datetime

from sincronizador.core.emitido import Emitido
from sincronizador.core.job import Dropped, Job, Kind
from sincronizador.journal import events, jobs, leases
from sincronizador.journal.journal import Tx

from .house import House

_ORIGIN = "nube:"
"""Before the name of a file that was never claimed here."""


def is_learned(job: Job) -> bool:
    """Whether nobody has the file of this sale."""
    return job.claimed.startswith(_ORIGIN)


def learn(house: House, db: Tx, emitido: Emitido, referencia: str, key: str, now: datetime) -> int:
    """The row of such a sale, not issued yet; its draft stands for the file that nobody has. Returns its id."""
    claimed = f"{_ORIGIN}{emitido.slug}"
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
    events.record(db, job, now, "learned", f"Se supo de {emitido.slug}, emitido antes o en otra máquina.")
    return job
