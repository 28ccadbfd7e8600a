"""
What receivers answer to the sobres that they were sent.

An answer may come twice, late, in any order and about anything: it is kept where it is about a sobre of ours and comes
from whom that was sent to. It never changes what a document is worth: one that its receiver does not want is mended
with a credit note.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from sincronizador.core.receipt import CloudState
from sincronizador.countries.uy.acks import AckCfe, AckSobre, CfeAck, Motivo
from sincronizador.nube import acts, deliveries, documents, exchange_codes
from sincronizador.nube.deliveries import Delivery
from sincronizador.nube.gate import touch
from sincronizador.nube.tables import delivery, document, parcel, receiver

THERE = "S20"
"""The receiver has this sobre already."""
NOT_WANTED = "BE"


def apply_ack_sobre(db: Connection, rut: str, ack: AckSobre, now: datetime) -> bool:
    """
    Keep what a receiver answered to a sobre of the issuer `rut`; whether it is about one.

    May be repeated. Once it was received it stays so, whatever is answered to a repeated one. Within the transaction of
    `db`, which writes; a rejection sounds an alarm.
    """
    touch(db, rut, now)
    row = _about(db, rut, ack)
    if row is None:
        return False
    if row.state == Delivery.WITHDRAWN:
        return True
    if ack.is_received or any(motivo.codigo == THERE for motivo in ack.motivos):
        deliveries.change(db, row, state=Delivery.ANSWERED, trouble="")
    elif row.state not in (Delivery.ANSWERED, Delivery.REFUSED):
        detail = _sentence(ack.motivos)
        deliveries.change(db, row, state=Delivery.REFUSED, trouble=detail)
        finding = exchange_codes.SOBRE_UNWANTED.at(
            nombre=name_of(db, row.receiver), receptor=row.receiver, numero=row.number, rut=rut, cuantos=row.documents,
            detalle=detail,
        )  # fmt: skip
        acts.sound(db, rut, now, finding)
    return True


def apply_ack_cfe(db: Connection, rut: str, ack: AckCfe, now: datetime) -> bool:
    """
    Keep what a receiver answered about documents of a sobre of the issuer `rut`; whether it is about one.

    May be repeated, and about some of them. Of two decisions about a document the one that was signed last counts. A
    rejection sounds an alarm and is told to whoever follows the document, whose state stays as it is.
    """
    seq = touch(db, rut, now).seq
    row = _about(db, rut, ack)
    if row is None:
        return False
    if row.state != Delivery.WITHDRAWN:
        # An answer about its documents is one to the sobre too.
        deliveries.change(db, row, state=Delivery.ANSWERED, trouble="")
    said = {cfe.slug: cfe for cfe in ack.cfes if cfe.slug}
    for paper in deliveries.contents(db, row):
        cfe = said.get(documents.slug(paper))
        if cfe is not None:
            _decide(db, row, paper, cfe, ack.firmado or now, seq, now)
    return True


def name_of(db: Connection, rut: str) -> str:
    """As the register of electronic issuers has it."""
    return db.execute(select(receiver.c.name).where(receiver.c.rut == rut)).scalar() or "El receptor"


def _about(db: Connection, rut: str, ack: AckSobre | AckCfe) -> Row[Any] | None:
    """The sobre that an answer is about, if it comes from whom it was sent to."""
    if ack.ruc_emisor != rut:
        return None
    found = select(delivery).where(
        delivery.c.rut == rut, delivery.c.number == ack.id_emisor, delivery.c.kind == deliveries.SOBRE,
        delivery.c.receiver == ack.ruc_receptor,
    )  # fmt: skip
    return db.execute(found).one_or_none()


def _decide(
    db: Connection, row: Row[Any], paper: Row[Any], cfe: CfeAck, at: datetime, seq: int, now: datetime
) -> None:  # fmt: skip
    """One document: the newest decision counts."""
    reasons = _sentence(cfe.motivos) if cfe.estado == NOT_WANTED else ""
    is_older = paper.decided is not None and at < paper.decided
    if is_older or (paper.estado, paper.reasons) == (cfe.estado, reasons):
        return
    db.execute(update(parcel).where(parcel.c.id == paper.parcel).values(estado=cfe.estado, reasons=reasons, decided=at))
    if paper.state == CloudState.REJECTED or paper.receiver_said == reasons:
        return
    told = {"receiver_said": reasons, "changed": seq}
    db.execute(update(document).where(document.c.id == paper.id).values(told))
    if reasons:
        finding = exchange_codes.DOCUMENT_UNWANTED.at(
            nombre=name_of(db, row.receiver), receptor=row.receiver, slug=documents.slug(paper), rut=row.rut,
            detalle=reasons,
        )  # fmt: skip
        acts.sound(db, row.rut, now, finding)


def _sentence(motivos: Sequence[Motivo]) -> str:
    return "; ".join(motivo.sentence.rstrip(".") for motivo in motivos) or "sin motivo"
