"""
How an issuer stands with those who receive its documents: since when, and the line to the mail server.

A row for each issuer, made when it is first looked at. Whoever writes it has locked the issuer.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from sincronizador.core.receipt import CloudState
from sincronizador.nube import filers
from sincronizador.nube.tables import courier, document


def of(db: Connection, rut: str) -> Row[Any] | None:
    """How this issuer stands; None before it is looked at."""
    return db.execute(select(courier).where(courier.c.rut == rut)).one_or_none()


def begin(db: Connection, rut: str, now: datetime) -> None:
    """From now on. What there is already goes to nobody by itself: somebody has sent it, or it is too late."""
    if of(db, rut) is not None:
        return
    db.execute(insert(courier).values(rut=rut, since=now, tries=0, trouble=""))
    is_there = document.c.state != CloudState.PREPARED.value
    before = (document.c.rut == rut, document.c.recipient.is_(None), is_there)
    db.execute(update(document).where(*before).values(recipient="", posted=True))


def rests(row: Row[Any] | None, now: datetime) -> bool:
    """Whether the mail server is left alone now."""
    return row is not None and filers.rests(row, now)


def stumble(db: Connection, rut: str, now: datetime, trouble: str) -> None:
    """The mail server failed: the issuer's mails wait, longer each time."""
    row = db.execute(select(courier).where(courier.c.rut == rut)).one()
    fresh = {
        "tries": row.tries + 1, "due": now + filers.pause_after(row.tries, filers.LONGEST_PAUSE), "trouble": trouble,
        "trouble_since": row.trouble_since or now,
    }  # fmt: skip
    db.execute(update(courier).where(courier.c.rut == rut).values(fresh))


def recover(db: Connection, rut: str) -> None:
    """The mail server works."""
    fine = {"tries": 0, "due": None, "trouble": "", "trouble_since": None}
    db.execute(update(courier).where(courier.c.rut == rut, courier.c.tries > 0).values(fine))
