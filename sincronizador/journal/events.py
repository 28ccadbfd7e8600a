"""Events: everything that happened to a sale, in order, for `explicar`."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sincronizador.core.job import Job

from .journal import Tx, storable


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened."""

    at: datetime
    name: str
    """Stable English word: ``claimed``, ``signed``, ``printed``."""
    detail: str
    """A Spanish sentence."""


def record(db: Tx, job: int | None, at: datetime, name: str, detail: str) -> None:
    """Append an event to a sale's story, or to the installation's (`job` None)."""
    db.execute(
        "INSERT INTO event (job, at, name, detail) VALUES (?, ?, ?, ?)", (job, at.isoformat(), name, storable(detail))
    )


def of_jobs(db: Tx, jobs: Iterable[Job]) -> list[tuple[Job, Event]]:
    """The stories of several jobs as one, oldest first."""
    told = [(job, event) for job in jobs for event in story(db, job.id)]
    return sorted(told, key=lambda pair: pair[1].at)


def story(db: Tx, job: int) -> list[Event]:
    """All events of a job, oldest first."""
    rows = db.execute("SELECT at, name, detail FROM event WHERE job = ? ORDER BY id", (job,))
    return [Event(datetime.fromisoformat(at), name, detail) for at, name, detail in rows]


def newest(db: Tx, limit: int) -> list[Event]:
    """The newest of all, of whatever sale, newest first."""
    rows = db.execute(
        "SELECT at, name, detail FROM event WHERE id > (SELECT max(id) FROM event) - ? ORDER BY id DESC", (limit,)
    )
    return [Event(datetime.fromisoformat(at), name, detail) for at, name, detail in rows]
