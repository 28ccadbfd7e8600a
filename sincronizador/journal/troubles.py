"""Sales that did not become a document, and that nobody corrected yet: what a person must see first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sincronizador.core.answer import Estado
from sincronizador.core.job import Step

from . import tasks
from .journal import Tx
from .search import SALES, first_of

MOST = 100
"""Of each sort, so many are told."""


class Sort(StrEnum):
    """Why a sale is in trouble."""

    PARKED = "parked"
    """The program put it aside until a person says what to do."""
    REFUSED = "refused"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Trouble:
    """A sale in trouble."""

    job: int
    sort: Sort
    step: Step | None = None
    note: str = ""
    """Why it was put aside."""


def found(db: Tx, since: date) -> list[Trouble]:
    """What was put aside or waits, whenever it came; what was refused since then and was not sent again."""
    told: dict[int, Trouble] = {}
    for trouble in (*_parked(db), *_waiting(db), *_refused(db, since)):
        told.setdefault(trouble.job, trouble)
    return sorted(told.values(), key=lambda trouble: (trouble.sort is Sort.REFUSED, -trouble.job))


def _parked(db: Tx) -> list[Trouble]:
    """Tasks that wait for a person; papers are told with their printer."""
    asked = (
        "SELECT job, step, note FROM task WHERE lane = ? AND state = 'parked' AND state <> 'done' AND step <> ? LIMIT ?"
    )
    rows = [row for lane in tasks.lanes(db) for row in db.execute(asked, (lane, Step.PRINT, MOST)).fetchall()]
    return [Trouble(job, Sort.PARKED, Step(step), note) for job, step, note in rows]


def _waiting(db: Tx) -> list[Trouble]:
    asked = (
        f"SELECT id FROM job WHERE decided = 0 AND parent IS NULL AND follows IS NULL AND estado = ?"  # noqa: S608
        f" AND kind IN ({_marks(SALES)}) AND only_check = 0 ORDER BY id DESC LIMIT ?"
    )
    return [Trouble(row[0], Sort.WAITING) for row in db.execute(asked, (Estado.ESPERANDO, *SALES, MOST))]


def _refused(db: Tx, since: date) -> list[Trouble]:
    """The newest ones: neither their REFERENCIA nor their file's name came again."""
    # The list of states stands as in the index: only so does the planner know that it serves.
    asked = (
        f"SELECT id FROM job WHERE estado IN ('RECHAZADO', 'RECHAZADO_DGI') AND id >= ?"  # noqa: S608
        f" AND kind IN ({_marks(SALES)}) AND only_check = 0 AND follows IS NULL"
        " AND NOT EXISTS (SELECT 1 FROM job later WHERE later.kind = job.kind AND later.key = job.key"
        " AND later.key <> '' AND later.id > job.id)"
        " AND NOT EXISTS (SELECT 1 FROM job later WHERE later.till = job.till AND later.stem = job.stem"
        " AND later.only_check = 0 AND later.id > job.id AND later.parent IS NULL AND job.parent IS NULL)"
        " ORDER BY id DESC LIMIT ?"
    )
    return [Trouble(row[0], Sort.REFUSED) for row in db.execute(asked, (first_of(db, since), *SALES, MOST))]


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))
