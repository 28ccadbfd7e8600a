"""When this installation was last backed up, and what became of the last try."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from .journal import Tx, meta, remember, storable

_MADE, _WHERE, _BY_ITSELF, _TRIED, _TROUBLE = (
    f"respaldo:{name}" for name in ("hecho", "donde", "automatico", "intento", "falla")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Last:
    """How backups stand."""

    made: datetime | None
    """The last one that is whole; None before the first."""
    where: str
    by_itself: datetime | None
    """The last one of these that the service made."""
    tried: datetime | None
    """When the service last began one."""
    trouble: str
    """Why that failed, a sentence; empty when it did not."""

    def age(self, now: datetime) -> timedelta:
        """Of the last one; of none since the first try."""
        since = self.made or self.tried
        return now - since if since is not None else timedelta()


def last(db: Tx) -> Last:
    """As it stands."""
    return Last(
        made=_time(db, _MADE),
        where=meta(db, _WHERE),
        by_itself=_time(db, _BY_ITSELF),
        tried=_time(db, _TRIED),
        trouble=meta(db, _TROUBLE),
    )


def begun(db: Tx, now: datetime) -> None:
    """The service begins one. Until it is made nobody knows that it will be."""
    remember(db, _TRIED, now.isoformat())


def failed(db: Tx, trouble: str) -> None:
    """It could not be made."""
    remember(db, _TROUBLE, storable(trouble))


def made(db: Tx, now: datetime, where: str, *, by_itself: bool) -> None:
    """There is a new one, whole."""
    remember(db, _MADE, now.isoformat())
    remember(db, _WHERE, storable(where))
    if by_itself:
        remember(db, _BY_ITSELF, now.isoformat())
        remember(db, _TROUBLE, "")


def _time(db: Tx, key: str) -> datetime | None:
    found = meta(db, key)
    return datetime.fromisoformat(found) if found else None
