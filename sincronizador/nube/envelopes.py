"""Sobres as rows: made before a byte of them leaves, followed until the authority has said all of its documents."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, and_, case, func, insert, select, update

from sincronizador.core.receipt import CloudState
from sincronizador.countries.uy.sobre import MAX_CFES
from sincronizador.nube import filers
from sincronizador.nube.tables import IS_IN_HAND, IS_UNDER_WAY, IS_WAITING, answer, document, shipment, sobre


class Sobre(StrEnum):
    """State of a sobre."""

    MADE = "made"
    """It is sent, with the same bytes, until there is an answer."""
    TAKEN = "taken"
    """The authority has it; about its documents it is asked."""
    DONE = "done"
    REFUSED = "refused"
    """As a whole: its documents go again, in others."""


class Lot(StrEnum):
    """What the authority said of a document in a sobre."""

    SENT = "sent"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    OBSERVED = "observed"
    HELD = "held"
    """It was rejected, its number is not annulled, and a person decides: E06, E09."""
    RETURNED = "returned"
    """The sobre was refused: it goes again among fewer."""
    BLOCKED = "blocked"
    """The sobre was refused for what a person must mend: it goes again."""
    REPLACED = "replaced"
    """The paper was transcribed anew meanwhile: this answer is no longer waited for."""


_REFUSED = (Lot.RETURNED.value, Lot.BLOCKED.value)
_LOOKED_AT = 5_000
"""Documents that are looked at for the next sobre."""
_AT_ONCE = 200
"""Sobres in one sweep."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusals:
    """What became of the earlier sobres of a document."""

    smallest: int
    """How many documents the smallest of them had."""
    until: datetime
    """Until when it waits."""


def waiting(db: Connection, rut: str) -> list[Row[Any]]:
    """Documents that are in no sobre and should be, the oldest first; without their bytes."""
    in_hand = select(shipment.c.id).where(shipment.c.document == document.c.id, IS_IN_HAND)
    found = select(
        document.c.id, document.c.rut, document.c.doc_type, document.c.series, document.c.number, document.c.sha256,
        document.c.signer, document.c.signed_at, func.length(document.c.signed).label("size"),
    ).where(document.c.rut == rut, IS_WAITING, ~in_hand.exists())  # fmt: skip
    return list(db.execute(found.order_by(document.c.signed_at, document.c.id).limit(_LOOKED_AT)))


def refusals(db: Connection, rut: str) -> dict[int, Refusals]:
    """Of the waiting documents that were in a sobre which was refused."""
    still = select(document.c.id).where(document.c.rut == rut, IS_WAITING)
    returned = case((shipment.c.state == Lot.RETURNED.value, sobre.c.documents), else_=2 * MAX_CFES)
    found = (
        select(shipment.c.document, func.min(returned).label("smallest"), func.max(sobre.c.due).label("until"))
        .join(sobre, sobre.c.id == shipment.c.sobre)
        .where(shipment.c.document.in_(still), shipment.c.state.in_(_REFUSED))
        .group_by(shipment.c.document)
    )
    return {row.document: Refusals(smallest=row.smallest, until=row.until) for row in db.execute(found)}


def make(
    db: Connection, rut: str, idemisor: int, sent: bytes, papers: Sequence[Row[Any]], now: datetime
) -> Row[Any]:  # fmt: skip
    """The intent: these bytes are about to leave, with these documents."""
    made = insert(sobre).values(
        rut=rut, idemisor=idemisor, sent=sent, documents=len(papers), state=Sobre.MADE.value, made=now, due=now,
        tries=0, id_receptor="", token="", trouble="",
    )  # fmt: skip
    row = db.execute(made.returning(*sobre.c)).one()
    lots = [
        {"sobre": row.id, "document": paper.id, "sha256": paper.sha256, "state": Lot.SENT.value, "reasons": ""}
        for paper in papers
    ]
    db.execute(insert(shipment), lots)
    return row


def due(db: Connection, rut: str, now: datetime) -> Sequence[Row[Any]]:
    """Sobres about which something is to be done now, the first that fell due first."""
    found = select(sobre).where(sobre.c.rut == rut, IS_UNDER_WAY, filers.due_by(sobre.c.due, now))
    return db.execute(found.order_by(sobre.c.due, sobre.c.id).limit(_AT_ONCE)).all()


def again(db: Connection, row: Row[Any]) -> Row[Any] | None:
    """The sobre as it is now; None when it is no longer where it was."""
    found = db.execute(select(sobre).where(sobre.c.id == row.id)).one()
    return found if (found.state, found.token) == (row.state, row.token) else None


def keep_answer(db: Connection, row: Row[Any], content: bytes, now: datetime) -> None:
    """What the authority said, as it said it."""
    db.execute(insert(answer).values(sobre=row.id, at=now, content=content))


def take(db: Connection, row: Row[Any], *, id_receptor: str, token: str, due: datetime, now: datetime) -> None:
    """The authority has it; from `due` on it is asked about its documents."""
    taken = {"state": Sobre.TAKEN.value, "id_receptor": id_receptor, "token": token}
    _change(db, row, **taken, due=min(due, now + filers.LONGEST_WAIT), tries=0, trouble="")


def refuse(db: Connection, row: Row[Any], lot: Lot, trouble: str, now: datetime) -> None:
    """The authority does not want it: its documents go again after a while, longer each time."""
    papers = select(shipment.c.document).where(shipment.c.sobre == row.id)
    before = select(func.count()).where(shipment.c.state.in_(_REFUSED), shipment.c.document.in_(papers))
    times = db.execute(before).scalar_one() // row.documents
    until = now + filers.pause_after(times, filers.LONGEST_WAIT)
    of = (shipment.c.sobre == row.id, shipment.c.state == Lot.SENT.value)
    db.execute(update(shipment).where(*of).values(state=lot.value))
    _change(db, row, state=Sobre.REFUSED.value, due=until, trouble=trouble)


def postpone(db: Connection, row: Row[Any], trouble: str, now: datetime) -> None:
    """It is tried or asked again after a while, longer each time."""
    pause = filers.pause_after(row.tries, filers.LONGEST_WAIT)
    _change(db, row, tries=row.tries + 1, due=now + pause, trouble=trouble)


def finish(db: Connection, row: Row[Any]) -> bool:
    """Nothing more is asked about it, once all of its documents have an answer; whether it was so."""
    open_ = select(shipment.c.id).where(shipment.c.sobre == row.id, shipment.c.state == Lot.SENT.value).limit(1)
    if db.execute(open_).first() is not None:
        return False
    _change(db, row, state=Sobre.DONE.value, trouble="")
    return True


def lots(db: Connection, row: Row[Any]) -> Sequence[Row[Any]]:
    """Its documents of which nothing has been said, as (shipment, its bytes' digest, and the document's columns)."""
    found = select(shipment.c.id.label("lot"), shipment.c.sha256.label("digest"), *document.c).join(
        document, document.c.id == shipment.c.document
    )
    mine = and_(shipment.c.sobre == row.id, shipment.c.state == Lot.SENT.value)
    return db.execute(found.where(mine).order_by(shipment.c.id)).all()


def settle(db: Connection, lot: int, state: Lot, reasons: str) -> None:
    """What was said of a document."""
    db.execute(update(shipment).where(shipment.c.id == lot).values(state=state.value, reasons=reasons))


def mark_sent(db: Connection, row: Row[Any], seq: int) -> None:
    """Its documents are at the authority; whoever follows changes sees it."""
    mine = select(shipment.c.document).where(shipment.c.sobre == row.id, shipment.c.state == Lot.SENT.value)
    left = update(document).where(document.c.id.in_(mine), document.c.state == CloudState.CONFIRMED.value)
    db.execute(left.values(state=CloudState.SENT.value, changed=seq))


def replace(db: Connection, of: int, sha256: str) -> None:
    """The bytes of this document are others now: what was sent before is no longer waited for."""
    db.execute(
        update(shipment)
        .where(shipment.c.document == of, shipment.c.state == Lot.SENT.value, shipment.c.sha256 != sha256)
        .values(state=Lot.REPLACED.value)
    )


def _change(db: Connection, row: Row[Any], **values: Any) -> None:
    db.execute(update(sobre).where(sobre.c.id == row.id).values(**values))
