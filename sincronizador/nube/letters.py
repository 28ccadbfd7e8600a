"""Letters as rows: kept before they are read, and what became of each; and how their mailboxes stand."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from sincronizador.nube import filers
from sincronizador.nube.mailbox import Letter, Place
from sincronizador.nube.tables import IS_AT_HAND, letter, mailbox

NEW, READ, PLAIN, APART, SEEN = "new", "read", "plain", "apart", "seen"
"""States of a letter: to be read; its content had its effect; nothing of ours; for a person; a person saw it."""


def place_of(db: Connection, source: str) -> Row[Any]:
    """How a mailbox stands; made when it is first looked into."""
    found = select(mailbox).where(mailbox.c.source == source)
    row = db.execute(found).one_or_none()
    if row is None:
        db.execute(insert(mailbox).values(source=source, validity=0, last=0, tries=0, trouble=""))
        row = db.execute(found).one()
    return row


def keep(db: Connection, source: str, found: Letter, now: datetime) -> Row[Any]:
    """A letter, before it is marked where it lies, and how far its mailbox was read. The same bytes are kept once."""
    digest = hashlib.sha256(found.content or f"{source} {found.place.validity} {found.name} {found.size}".encode())
    of = letter.c.sha256 == digest.hexdigest()
    if db.execute(select(letter.c.id).where(of)).first() is None:
        state = APART if found.trouble else NEW
        db.execute(
            insert(letter).values(
                sha256=digest.hexdigest(), source=source, name=storable(found.name), content=found.content,
                arrived=now, state=state, rut="", trouble=storable(found.trouble),
            )
        )  # fmt: skip
    place_of(db, source)
    if found.place != Place():
        where = {"validity": found.place.validity, "last": found.place.last}
        db.execute(update(mailbox).where(mailbox.c.source == source).values(where))
    return db.execute(select(letter).where(of)).one()


def stand(db: Connection, source: str, trouble: str, now: datetime) -> None:
    """Whether a mailbox can be looked into; a pause, longer each time, when it cannot."""
    row = place_of(db, source)
    if not trouble:
        if row.tries:
            fine = {"tries": 0, "due": None, "trouble": "", "trouble_since": None}
            db.execute(update(mailbox).where(mailbox.c.source == source).values(fine))
        return
    db.execute(
        update(mailbox)
        .where(mailbox.c.source == source)
        .values(
            tries=row.tries + 1, due=now + filers.pause_after(row.tries, filers.LONGEST_PAUSE), trouble=trouble,
            trouble_since=row.trouble_since or now,
        )
    )  # fmt: skip


def unread(db: Connection) -> Sequence[int]:
    """Letters that are to be read, the oldest first: all, so that those which cannot be now are in nobody's way."""
    found = select(letter.c.id).where(letter.c.state == NEW, IS_AT_HAND)
    return db.execute(found.order_by(letter.c.id)).scalars().all()


def whole(db: Connection, number: int) -> Row[Any]:
    """A letter with its bytes."""
    return db.execute(select(letter).where(letter.c.id == number)).one()


def end(db: Connection, row: Row[Any], state: str, rut: str = "", trouble: str = "") -> None:
    """What became of a letter. Of one that is nothing of ours no bytes are kept: they are where it lay."""
    values: dict[str, Any] = {"state": state, "rut": rut, "trouble": storable(trouble)}
    if state == PLAIN:
        values["content"] = b""
    db.execute(update(letter).where(letter.c.id == row.id).values(values))


def apart(db: Connection) -> Sequence[Row[*tuple[Any, ...]]]:
    """Letters that wait for a person, the oldest first; without their bytes."""
    found = select(letter.c.id, letter.c.name, letter.c.arrived, letter.c.rut, letter.c.trouble, letter.c.source)
    return db.execute(found.where(letter.c.state == APART, IS_AT_HAND).order_by(letter.c.id)).all()


def storable(text: str) -> str:
    """Names of files may hold what is no text."""
    return text.encode("utf-8", "replace").decode().replace("\0", "?")
