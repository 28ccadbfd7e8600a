"""
How an issuer stands with the authority: the numbers of its sobres, its first day, and the line to the authority.

A row for each issuer, made when it is first looked at. Whoever writes it has locked the issuer.
"""

import random
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, insert, or_, select, update

from sincronizador.nube.tables import filer

LONGEST_PAUSE = timedelta(minutes=5)
"""Between two tries of the line, however often it failed."""
LONGEST_WAIT = timedelta(minutes=30)
"""Between two tries of one thing."""
MARGIN = 10_000
"""By which the number of a sobre jumps for each restore that the base has seen."""

_FIRST_PAUSE = timedelta(seconds=2)


def of(db: Connection, rut: str) -> Row[Any]:
    """How this issuer stands."""
    found = select(filer).where(filer.c.rut == rut)
    row = db.execute(found).one_or_none()
    if row is None:
        fresh = insert(filer).values(rut=rut, idemisor=0, tries=0, trouble="")
        row = db.execute(fresh.returning(*filer.c)).one()
    return row


def next_idemisor(db: Connection, rut: str, now: datetime) -> int:
    """
    A number for a sobre that no sobre of the issuer has.

    It is the second of the day's count where that is more than the last one: so it also grows beyond what a restored
    base forgot.
    """
    number: int = max(of(db, rut).idemisor + 1, int(now.timestamp()))
    db.execute(update(filer).where(filer.c.rut == rut).values(idemisor=number))
    return number


def jump(db: Connection, rut: str, restores: int, now: datetime) -> None:
    """After a restore: sobres are numbered beyond all that was sent; about reports of the past it is asked first."""
    number = max(of(db, rut).idemisor, int(now.timestamp())) + MARGIN * restores
    db.execute(update(filer).where(filer.c.rut == rut).values(idemisor=number, ask_until=now.date()))


def begin_reports(db: Connection, rut: str, day: date) -> None:
    """Its first day with a report."""
    of(db, rut)
    db.execute(update(filer).where(filer.c.rut == rut).values(since=day, reported=None))


def ask_until(db: Connection, rut: str, day: date) -> None:
    """About reports of days up to this one it is asked before they are made."""
    known = of(db, rut).ask_until
    db.execute(update(filer).where(filer.c.rut == rut).values(ask_until=max(filter(None, (known, day)))))


def stumble(db: Connection, rut: str, now: datetime, trouble: str) -> None:
    """The line failed: the issuer waits, longer each time."""
    row = of(db, rut)
    db.execute(
        update(filer)
        .where(filer.c.rut == rut)
        .values(
            tries=row.tries + 1, due=now + pause_after(row.tries, LONGEST_PAUSE), trouble=trouble,
            trouble_since=row.trouble_since or now,
        )
    )  # fmt: skip


def recover(db: Connection, rut: str) -> None:
    """The line works."""
    if of(db, rut).tries:
        fine = {"tries": 0, "due": None, "trouble": "", "trouble_since": None}
        db.execute(update(filer).where(filer.c.rut == rut).values(fine))


def rests(row: Row[Any], now: datetime) -> bool:
    """Whether its line is left alone now; a pause is never longer than its cap, whatever the clock says."""
    return row.due is not None and now < row.due <= now + LONGEST_PAUSE


def is_over(due: datetime, now: datetime) -> bool:
    """Whether a wait has ended; one that is longer than any has, for the clock was put back meanwhile."""
    return not now < due <= now + LONGEST_WAIT


def due_by(column: Any, now: datetime) -> ColumnElement[bool]:
    """`is_over` of a column."""
    return or_(column <= now, column > now + LONGEST_WAIT)


def pause_after(tries: int, longest: timedelta) -> timedelta:
    """Until the next try: growing, capped, and not the same for all."""
    grown = min(longest, _FIRST_PAUSE * 2 ** min(tries, 20))
    return timedelta(seconds=grown.total_seconds() * random.uniform(0.7, 1.0))  # noqa: S311
