"""Deliveries as rows: made before a byte of them leaves, repeated as they are until somebody took them."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from sincronizador.nube import filers
from sincronizador.nube.tables import IS_TO_LEAVE, delivery, document, parcel

SOBRE, RECHAZO, CORREO = "sobre", "rechazo", "correo"
"""Kinds: documents for a company, rejections of the authority for one, a document for a person."""


class Delivery(StrEnum):
    """State of a delivery."""

    MADE = "made"
    """It leaves, with the same bytes, until somebody takes it."""
    SENT = "sent"
    """A mail server or the receiver's web service has it."""
    ANSWERED = "answered"
    """The receiver says that it has the sobre."""
    REFUSED = "refused"
    """The receiver does not want the sobre."""
    FAILED = "failed"
    """Its address is none, or does not take it: a person decides."""
    WITHDRAWN = "withdrawn"
    """The authority rejected what was in it before anybody was known to have it."""


_AT_ONCE = 50
"""Deliveries in one sweep."""


def make(
    db: Connection, rut: str, kind: str, number: int, papers: Sequence[int], now: datetime, *, receiver: str = "",
    address: str = "", web_service: str = "", sent: bytes | None = None, mail: bytes | None = None,
) -> Row[Any]:  # fmt: skip
    """The intent: these bytes are about to leave, with or about these documents."""
    made = insert(delivery).values(
        rut=rut, kind=kind, number=number, receiver=receiver, address=address, web_service=web_service, sent=sent,
        mail=mail, documents=len(papers), state=Delivery.MADE.value, made=now, due=now, tries=0, trouble="",
    )  # fmt: skip
    row = db.execute(made.returning(*delivery.c)).one()
    inside = [{"delivery": row.id, "document": paper, "estado": "", "reasons": ""} for paper in papers]
    db.execute(insert(parcel), inside)
    return row


def due(db: Connection, rut: str, now: datetime) -> Sequence[int]:
    """Those that leave now, the first that fell due first."""
    found = select(delivery.c.id).where(delivery.c.rut == rut, IS_TO_LEAVE, filers.due_by(delivery.c.due, now))
    return db.execute(found.order_by(delivery.c.due, delivery.c.id).limit(_AT_ONCE)).scalars().all()


def whole(db: Connection, id_: int) -> Row[Any]:
    """A delivery with its bytes."""
    return db.execute(select(delivery).where(delivery.c.id == id_)).one()


def of_number(db: Connection, rut: str, number: int) -> Row[Any] | None:
    """The delivery of a number."""
    return db.execute(select(delivery).where(delivery.c.rut == rut, delivery.c.number == number)).one_or_none()


def contents(db: Connection, row: Row[Any]) -> Sequence[Row[Any]]:
    """What lies in a delivery, in its order: (parcel, its decision, and the document's columns)."""
    found = (
        select(parcel.c.id.label("parcel"), parcel.c.estado, parcel.c.reasons, parcel.c.decided, *document.c)
        .join(document, document.c.id == parcel.c.document)
        .where(parcel.c.delivery == row.id)
    )
    return db.execute(found.order_by(parcel.c.id)).all()


def change(db: Connection, row: Row[Any], **values: Any) -> None:
    """Other values of a delivery."""
    db.execute(update(delivery).where(delivery.c.id == row.id).values(**values))


def postpone(db: Connection, row: Row[Any], trouble: str, now: datetime) -> None:
    """It is tried again after a while, longer each time."""
    pause = filers.pause_after(row.tries, filers.LONGEST_WAIT)
    change(db, row, tries=row.tries + 1, due=now + pause, trouble=trouble)
