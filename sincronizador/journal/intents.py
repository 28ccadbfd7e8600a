"""Intents: what left, or may have left, for the cloud, with the exact bytes that repeats send."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sincronizador.core.answer import Estado
from sincronizador.core.emitido import Anexo
from sincronizador.core.receipt import Attempt

from .documents import dump_anexo, load_anexo
from .journal import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """A sale on its way to the cloud, unsigned."""

    job: int
    key: str
    """As the cloud knows the sale."""
    attempt: Attempt
    tipo: int
    draft: bytes
    anexo: Anexo
    body: bytes
    sends: int
    """How many times it may have left."""
    void: Estado | None
    """The state in which the sale ends once the cloud has voided it; None while it is to be submitted."""
    reason: str
    taken: str = ""
    """The document, of other content, that the cloud has under its key: then it is never signed here."""


def keep(db: Tx, intent: Intent) -> None:
    """An intent is on disk before its first byte goes out; the one before of the same job is overtaken."""
    db.execute(
        "INSERT OR REPLACE INTO intent (job, key, epoch, counter, tipo, draft, anexo, body, sends, void, reason, taken)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (intent.job, intent.key, intent.attempt.epoch, intent.attempt.counter, intent.tipo, intent.draft,
         dump_anexo(intent.anexo), intent.body, intent.sends, intent.void or "", intent.reason, intent.taken),
    )  # fmt: skip


def of_job(db: Tx, job: int) -> Intent | None:
    """The intent of a job."""
    row = db.execute(
        "SELECT job, key, epoch, counter, tipo, draft, anexo, body, sends, void, reason, taken FROM intent"
        " WHERE job = ?",
        (job,),
    ).fetchone()
    if row is None:
        return None
    return Intent(
        job=row[0],
        key=row[1],
        attempt=Attempt(row[2], row[3]),
        tipo=row[4],
        draft=bytes(row[5]),
        anexo=load_anexo(row[6]),
        body=bytes(row[7]),
        sends=row[8],
        void=Estado(row[9]) if row[9] else None,
        reason=row[10],
        taken=row[11],
    )


def count_send(db: Tx, job: int, change: int) -> None:
    """One more may have left, or certainly did not."""
    db.execute("UPDATE intent SET sends = sends + ? WHERE job = ?", (change, job))


def take(db: Tx, job: int, slug: str) -> None:
    """The cloud has another document under its key."""
    db.execute("UPDATE intent SET taken = ? WHERE job = ?", (slug, job))


def taken_by(db: Tx, key: str) -> str:
    """The document that the cloud has under a key of this journal with other content; empty: none is known."""
    row = db.execute(
        "SELECT taken FROM intent WHERE key = ? AND taken <> '' ORDER BY job DESC LIMIT 1", (key,)
    ).fetchone()
    return row[0] if row else ""


def waiting(
    db: Tx, lane: str, now: datetime, claimed_before: datetime | None = None, limit: int = 200
) -> Sequence[int]:
    """
    Jobs on a lane whose answer from the cloud is due, oldest first, those of lotes after all others.

    Only those claimed before (or after `now`: the clock was put back); then none of a lote, for which nobody waits at
    a till.
    """
    before = claimed_before.isoformat() if claimed_before else "9"
    rows = db.execute(
        "SELECT job.id FROM task JOIN job ON job.id = task.job WHERE task.lane = ? AND task.state = 'due'"
        " AND task.step = 'submit' AND (job.claimed_at <= ? OR job.claimed_at > ?) AND task.aside <= ?"
        " ORDER BY task.aside, task.id LIMIT ?",
        (lane, before, now.isoformat(), int(claimed_before is None), limit),
    )
    return [row[0] for row in rows]


def voided_since(db: Tx, at: datetime | None) -> Sequence[int]:
    """Jobs that ended by a void since then."""
    rows = db.execute(
        "SELECT job.id FROM intent JOIN job ON job.id = intent.job WHERE intent.void <> '' AND job.decided_at >= ?",
        (at.isoformat() if at else "",),
    )
    return [row[0] for row in rows]
