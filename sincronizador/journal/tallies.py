"""How many of everything there ever were, kept by the database as it happens; and how long decisions took lately."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from .journal import Tx
from .tasks import HAND_OVER

_MOST = 5_000
"""Jobs looked at: the newest."""


def documents(db: Tx) -> list[tuple[int, str, int]]:
    """Type, route and how many."""
    return db.execute("SELECT tipo, label, count FROM tally WHERE what = 'document' ORDER BY tipo, label").fetchall()


def decisions(db: Tx) -> list[tuple[str, int]]:
    """ESTADO with which files were decided, and how many."""
    return db.execute("SELECT label, count FROM tally WHERE what = 'decision' ORDER BY label").fetchall()


def lanes(db: Tx, *, alone: bool) -> list[tuple[str, str, int, datetime]]:
    """
    Lane, state, how many steps are in it, and when the file of the first of them arrived.

    `alone`: nobody is handed anything, and a million documents that wait for it are not counted.
    """
    # Two ranges of the index: what is told in one breath is looked for by reading all of it.
    ranges = (("lane < ?", HAND_OVER), ("lane > ?", HAND_OVER)) if alone else (("lane > ?", ""),)
    rows = [
        row
        for which, lane in ranges
        for row in db.execute(
            "SELECT open.lane, open.state, number, claimed_at FROM"  # noqa: S608 - constant
            " (SELECT lane, state, count(*) AS number, min(id) AS first FROM task"
            f" WHERE {which} AND state <> 'done' GROUP BY lane, state) AS open"
            " JOIN task ON task.id = first JOIN job ON job.id = task.job",
            (lane,),
        )
    ]
    return [(lane, state, count, datetime.fromisoformat(at)) for lane, state, count, at in rows]


def waits(db: Tx, since: datetime) -> list[float]:
    """Seconds from the claim to the decision of files that were decided since then, of the newest 5000; sorted."""
    rows = db.execute(
        "SELECT claimed_at, decided_at FROM job WHERE id > (SELECT max(id) FROM job) - ?"
        " AND parent IS NULL AND decided_at >= ?",
        (_MOST, since.isoformat()),
    )
    pairs = ((datetime.fromisoformat(one), datetime.fromisoformat(two)) for one, two in rows)
    return sorted(max((two - one) / timedelta(seconds=1), 0.0) for one, two in pairs)


def quantile(sorted_values: Sequence[float], share: float) -> float:
    """The value that this share of them does not exceed. There is at least one."""
    return sorted_values[min(int(share * len(sorted_values)), len(sorted_values) - 1)]
