"""Sales that this journal learns of, because they were dropped elsewhere or before it was restored."""

import hashlib
from datetime import datetime

from sincronizador.core.emitido import Emitido
from sincronizador.core.job import Dropped, Job, Kind
from sincronizador.journal import events, jobs
from sincronizador.journal.journal import Tx


def learn(db: Tx, emitido: Emitido, referencia: str, key: str, now: datetime) -> int:
    """The row of such a sale, not issued yet; its signed bytes stand for the file that nobody has. Returns its id."""
    claimed = f"nube:{emitido.slug}"
    dropped = Dropped(
        name=f"{emitido.slug}.xml", till="", only_check=False, claimed=claimed, content=emitido.signed
    )  # fmt: skip
    sha256 = hashlib.sha256(emitido.signed).hexdigest()
    job = jobs.add_foreign(db, Job.arriving(dropped, sha256=sha256, at=emitido.firmado), emitido.signed)
    jobs.set_read(
        db, job, kind=Kind.DOCUMENTO, encoding="utf-8", route="nube", referencia=referencia, key=key or f"#{claimed}",
        printer="", copies=0,
    )  # fmt: skip
    events.record(db, job, now, "learned", f"Se supo de {emitido.slug}, emitido antes o en otra máquina.")
    return job
