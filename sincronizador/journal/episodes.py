"""Episodes of contingencia: from when to when this machine went on by itself, and why."""

from dataclasses import dataclass
from datetime import datetime

from .journal import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """One contingencia."""

    id: int
    started_at: datetime
    ended_at: datetime | None
    reason: str
    forced: bool
    """A person opened it: only a person closes it."""


def current(db: Tx) -> Episode | None:
    """The open one."""
    row = db.execute(
        "SELECT id, started_at, ended_at, reason, forced FROM episode WHERE ended_at IS NULL ORDER BY id LIMIT 1"
    ).fetchone()
    return _episode(row) if row else None


def get(db: Tx, episode: int) -> Episode:
    """One by its id."""
    row = db.execute("SELECT id, started_at, ended_at, reason, forced FROM episode WHERE id = ?", (episode,)).fetchone()
    return _episode(row)


def begin(db: Tx, at: datetime, reason: str, *, forced: bool) -> int:
    """A contingencia begins."""
    row = db.execute(
        "INSERT INTO episode (started_at, reason, forced) VALUES (?, ?, ?)", (at.isoformat(), reason, int(forced))
    )
    return int(row.lastrowid or 0)


def force(db: Tx, episode: int, reason: str) -> None:
    """A person takes over one that opened by itself."""
    db.execute("UPDATE episode SET forced = 1, reason = ? WHERE id = ?", (reason, episode))


def end(db: Tx, episode: int, at: datetime) -> None:
    """It is over."""
    db.execute("UPDATE episode SET ended_at = ? WHERE id = ?", (at.isoformat(), episode))


def signed_in(db: Tx, episode: Episode) -> list[tuple[int, str, int, int, int]]:
    """Type, series, first and last number and how many were signed here in it."""
    rows = db.execute(
        "SELECT tipo, serie, min(numero), max(numero), count(*) FROM document WHERE episode = ?"
        " GROUP BY tipo, serie ORDER BY tipo, serie",
        (episode.id,),
    )
    return list(rows)


def last(db: Tx, limit: int) -> list[Episode]:
    """The newest ones."""
    rows = db.execute("SELECT id, started_at, ended_at, reason, forced FROM episode ORDER BY id DESC LIMIT ?", (limit,))
    return [_episode(row) for row in rows]


def _episode(row: tuple[int, str, str | None, str, int]) -> Episode:
    ended = datetime.fromisoformat(row[2]) if row[2] else None
    return Episode(
        id=row[0], started_at=datetime.fromisoformat(row[1]), ended_at=ended, reason=row[3], forced=bool(row[4])
    )
