"""What others send as rows: their sobres, their documents, and what is answered about them."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, func, insert, or_, select, update

from sincronizador.core.recibido import Recepcion
from sincronizador.core.signature import SignaturePlan
from sincronizador.countries.uy import remedies
from sincronizador.countries.uy.acks import (
    AckCfe,
    AckSobre,
    CfeAck,
    Motivo,
    ack_cfe_name,
    ack_name,
    compose_ack_cfe,
    compose_ack_sobre,
)
from sincronizador.nube import documents, filers
from sincronizador.nube.letters import storable
from sincronizador.nube.reception import Judged, Verdict
from sincronizador.nube.tables import (
    IS_TAKEN,
    IS_UNANSWERED_LOT,
    IS_UNDECIDED,
    received,
    received_lot,
    received_sobre,
    receiver,
    reply,
)
from sincronizador.signing.xmldsig import XmlSigner

PAGE = 100
"""Documents in one page of changes."""
_AT_ONCE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """Who answers: an issuer in a transaction that holds its row."""

    rut: str
    pen: XmlSigner
    now: datetime
    seq: int
    window: timedelta
    """For how long a document may be rejected."""


def take(db: Connection, office: Office, verdict: Verdict, sha256: str, of: Row[Any], reply_to: str) -> None:
    """
    A sobre, and the answers to it, signed.

    The very bytes of one that was taken before have the same answers again: they were lost, or came late.
    """
    caratula = verdict.caratula
    before = db.execute(
        select(received_sobre).where(
            received_sobre.c.rut == office.rut, received_sobre.c.emisor == caratula.emisor,
            received_sobre.c.idemisor == caratula.idemisor, IS_TAKEN,
        )
    ).one_or_none()  # fmt: skip
    if before is not None and before.sha256 == sha256:
        db.execute(update(reply).where(reply.c.sobre == before.id).values(due=office.now, tries=0))
        return
    motivos = verdict.motivos
    if before is not None:
        motivos = (Motivo(codigo="S20", glosa=remedies.SOBRE["S20"].que, detalle="con otro contenido"),)
    found = {"sha256": sha256, "letter": of.id, "reply_to": reply_to}
    row = _keep_sobre(db, office, verdict, motivos, found)
    _answer_sobre(db, office, row, motivos)
    if not motivos:
        refused = [refusal for one in verdict.cfes if (refusal := _take_document(db, office, row, one))]
        answer_documents(db, office, row, refused)


def answer_documents(db: Connection, office: Office, row: Row[Any], refused: Sequence[CfeAck] = ()) -> None:
    """Tell whose sobre it is what was decided of its documents since the last answer; nothing when that is nothing."""
    open_ = (
        select(received_lot.c.ordinal, *received.c)
        .join(received, received.c.id == received_lot.c.document)
        .where(received_lot.c.sobre == row.id, IS_UNANSWERED_LOT, received.c.estado != Recepcion.RECIBIDO.value)
    )
    decided = db.execute(open_.order_by(received_lot.c.ordinal)).all()
    cfes = sorted((*refused, *map(_decision, decided)), key=lambda cfe: cfe.ordinal)
    if not cfes:
        return
    number = filers.next_idemisor(db, office.rut, office.now)
    ack = AckCfe(
        ruc_receptor=office.rut, ruc_emisor=row.emisor, id_respuesta=number, archivo=row.name, recibido=row.received,
        id_emisor=row.idemisor, id_receptor=row.id_receptor, en_sobre=row.documents, firmado=office.now,
        cfes=tuple(cfes),
    )  # fmt: skip
    made = _reply(db, office, row, ack_cfe_name(number, row.name), compose_ack_cfe(ack))
    told = [one.ordinal for one in decided]
    of = (received_lot.c.sobre == row.id, received_lot.c.ordinal.in_(told))
    db.execute(update(received_lot).where(*of).values(reply=made))


def unanswered(db: Connection) -> Sequence[Row[Any]]:
    """Sobres with documents that were decided and of which that was not answered."""
    decided = (
        select(received_lot.c.sobre)
        .join(received, received.c.id == received_lot.c.document)
        .where(IS_UNANSWERED_LOT, received.c.estado != Recepcion.RECIBIDO.value)
    )
    found = select(received_sobre).where(received_sobre.c.id.in_(decided))
    return db.execute(found.order_by(received_sobre.c.id)).all()


def replies_due(db: Connection, now: datetime) -> Sequence[Row[*tuple[Any, ...]]]:
    """What is to be sent now, with whose sobre it is about: (reply, rut, emisor, reply_to)."""
    found = (
        select(*reply.c, received_sobre.c.rut, received_sobre.c.emisor, received_sobre.c.reply_to)
        .join(received_sobre, received_sobre.c.id == reply.c.sobre)
        .where(reply.c.due.is_not(None), filers.due_by(reply.c.due, now))
    )
    return db.execute(found.order_by(reply.c.due, reply.c.id).limit(_AT_ONCE)).all()


def address_of(db: Connection, row: Row[*tuple[Any, ...]]) -> str:
    """Where an answer goes: where the register of issuers says, else where the letter said; empty: nobody knows."""
    found = select(receiver.c.mail).where(receiver.c.rut == row.emisor)
    return str(db.execute(found).scalar() or row.reply_to)


def set_sent(db: Connection, row: Row[Any], now: datetime) -> None:
    """Somebody took it."""
    db.execute(update(reply).where(reply.c.id == row.id).values(sent=now, due=None, trouble=""))


def postpone(db: Connection, row: Row[Any], trouble: str, now: datetime) -> None:
    """It is sent later, longer each time."""
    pause = filers.pause_after(row.tries, filers.LONGEST_WAIT)
    values = {"tries": row.tries + 1, "due": now + pause, "trouble": storable(trouble)}
    db.execute(update(reply).where(reply.c.id == row.id).values(values))


def overdue(db: Connection, now: datetime) -> Sequence[str]:
    """Issuers with documents that can no longer be rejected."""
    found = select(received.c.rut).where(IS_UNDECIDED, received.c.until <= now).distinct()
    return db.execute(found.order_by(received.c.rut)).scalars().all()


def accept(db: Connection, rut: str, seq: int, now: datetime) -> None:
    """The documents of an issuer whose time is over are accepted."""
    over = (received.c.rut == rut, IS_UNDECIDED, received.c.until <= now)
    db.execute(update(received).where(*over).values(estado=Recepcion.ACEPTADO.value, changed=seq))


def of_number(db: Connection, rut: str, emisor: str, folio: tuple[int, str, int]) -> Row[Any] | None:
    """A received document."""
    found = select(received).where(
        received.c.rut == rut, received.c.emisor == emisor, received.c.doc_type == folio[0],
        received.c.series == folio[1], received.c.number == folio[2],
    )  # fmt: skip
    return db.execute(found).one_or_none()


def decide(db: Connection, row: Row[Any], seq: int, estado: Recepcion, reason: str = "", detail: str = "") -> None:
    """What became of a document; whoever follows the changes sees it."""
    values = {"estado": estado.value, "reason": reason, "detail": storable(detail), "changed": seq}
    db.execute(update(received).where(received.c.id == row.id).values(values))


def page(db: Connection, rut: str, server_epoch: str, cursor: str, limit: int) -> tuple[Sequence[Row[Any]], str, bool]:
    """
    What changed since the cursor, in the order of the commits; where the next page begins; whether there is one.

    A cursor of an earlier server_epoch, or one that is none, begins from the start.
    """
    seq, last = documents.place_of(cursor, server_epoch)
    limit = max(1, min(limit, PAGE))
    found = select(received).where(
        received.c.rut == rut,
        or_(received.c.changed > seq, and_(received.c.changed == seq, received.c.id > last)),
    )
    rows = db.execute(found.order_by(received.c.changed, received.c.id).limit(limit + 1)).all()
    here = rows[:limit]
    seq, last = (here[-1].changed, here[-1].id) if here else (seq, last)
    return here, f"{server_epoch}.{seq}.{last}", len(rows) > limit


def newest(db: Connection, rut: str, limit: int) -> Sequence[Row[Any]]:
    """The last that arrived, without their bytes."""
    columns = [column for column in received.c if column.name != "signed"]
    found = select(*columns).where(received.c.rut == rut)
    return db.execute(found.order_by(received.c.id.desc()).limit(limit)).all()


def waiting_replies(db: Connection, rut: str, before: datetime) -> tuple[int, Row[*tuple[Any, ...]] | None]:
    """How many answers of an issuer wait since before a time, and the oldest."""
    of = (received_sobre.c.rut == rut, reply.c.due.is_not(None), reply.c.made < before, reply.c.tries > 0)
    found = select(reply.c.name, reply.c.trouble).join(received_sobre, received_sobre.c.id == reply.c.sobre).where(*of)
    oldest = db.execute(found.order_by(reply.c.made).limit(1)).one_or_none()
    count = db.execute(select(func.count()).select_from(found.subquery())).scalar_one()
    return int(count), oldest


def _keep_sobre(
    db: Connection, office: Office, verdict: Verdict, motivos: Sequence[Motivo], found: dict[str, Any]
) -> Row[Any]:  # fmt: skip
    caratula = verdict.caratula
    lines = [motivo.sentence for motivo in motivos]
    lines += [f"{one.ordinal}: {motivo.sentence}" for one in verdict.cfes for motivo in one.motivos]
    fresh = insert(received_sobre).values(
        rut=office.rut, emisor=caratula.emisor, idemisor=caratula.idemisor, name=caratula.name,
        reasons="\n".join(lines), documents=verdict.count, received=office.now, estado="BS" if motivos else "AS",
        id_receptor=filers.next_idemisor(db, office.rut, office.now), **found,
    )  # fmt: skip
    return db.execute(fresh.returning(*received_sobre.c)).one()


def _answer_sobre(db: Connection, office: Office, row: Row[Any], motivos: Sequence[Motivo]) -> None:
    number = filers.next_idemisor(db, office.rut, office.now)
    ack = AckSobre(
        ruc_receptor=office.rut, ruc_emisor=row.emisor, id_respuesta=number, archivo=row.name, recibido=row.received,
        id_emisor=row.idemisor, id_receptor=row.id_receptor, cantidad=row.documents, firmado=office.now,
        estado=row.estado, motivos=tuple(motivos),
    )  # fmt: skip
    _reply(db, office, row, ack_name(number, row.name), compose_ack_sobre(ack))


def _reply(db: Connection, office: Office, row: Row[Any], name: str, content: bytes) -> int:
    signed = office.pen.sign(content, SignaturePlan())
    made = insert(reply).values(
        sobre=row.id, name=name, content=signed, made=office.now, due=office.now, tries=0, trouble=""
    )
    return int(db.execute(made.returning(reply.c.id)).scalar_one())


def _take_document(db: Connection, office: Office, row: Row[Any], one: Judged) -> CfeAck | None:
    """A document of a sobre; why it is refused when it is."""
    emitido = one.emitido
    if one.motivos or emitido is None:
        return _refusal(one, one.motivos)
    known = of_number(db, office.rut, emitido.emisor, (emitido.tipo, emitido.serie, emitido.numero))
    digest = hashlib.sha256(one.signed).hexdigest()
    if known is not None and known.sha256 != digest:
        return _refusal(one, (Motivo(codigo="E02", glosa=remedies.CFE["E02"].que, detalle="con otro contenido"),))
    document = known.id if known is not None else _keep_document(db, office, one, digest)
    db.execute(insert(received_lot).values(sobre=row.id, ordinal=one.ordinal, document=document))
    return None


def _keep_document(db: Connection, office: Office, one: Judged, digest: str) -> int:
    if (emitido := one.emitido) is None:
        raise AssertionError("a document that cannot be read is refused")
    estado = Recepcion.RECIBIDO if office.window else Recepcion.ACEPTADO
    fresh = insert(received).values(
        rut=office.rut, emisor=emitido.emisor, doc_type=emitido.tipo, series=emitido.serie, number=emitido.numero,
        signed=one.signed, sha256=digest, adenda=one.adenda, facts=one.facts, arrived=office.now, estado=estado.value,
        until=office.now + office.window, reason="", detail="", changed=office.seq,
    )  # fmt: skip
    return int(db.execute(fresh.returning(received.c.id)).scalar_one())


def _refusal(one: Judged, motivos: Sequence[Motivo]) -> CfeAck:
    emitido = one.emitido
    if emitido is None:
        return CfeAck(ordinal=one.ordinal, estado="BE", motivos=tuple(motivos))
    return CfeAck(
        ordinal=one.ordinal, tipo=emitido.tipo, serie=emitido.serie, numero=emitido.numero, fecha=emitido.fecha,
        firmado=emitido.firmado, estado="BE", motivos=tuple(motivos),
    )  # fmt: skip


def _decision(row: Row[Any]) -> CfeAck:
    """What is told of a document that was taken in; one that the authority annulled was received all the same."""
    facts = json.loads(row.facts)
    motivos: tuple[Motivo, ...] = ()
    if row.estado == Recepcion.RECHAZADO:
        motivos = (Motivo(codigo=row.reason, glosa=remedies.COMERCIAL[row.reason].que, detalle=row.detail),)
    return CfeAck(
        ordinal=row.ordinal, tipo=row.doc_type, serie=row.series, numero=row.number,
        fecha=datetime.fromisoformat(facts["date"]).date(), firmado=datetime.fromisoformat(facts["signed_at"]),
        estado="BE" if motivos else "AE", motivos=motivos,
    )  # fmt: skip
