"""
Documents to their receivers: to companies that are electronic issuers, and to persons who gave an address.

The authority comes first. What goes to it one by one leaves for its receiver once the authority acknowledged the sobre
that it lay in (AS), without waiting for its word about the document (AE): Formato Sobre v05 wants it sent before the
goods move or the paper is handed over and says that no answer need be awaited; the paper is with the customer already,
and DGI may take hours. What it rejects afterwards the receiver is told (CFEs_Anulados_x_RechazoDGI). What goes to the
authority only in the report of its day leaves at once. A paper of contingency goes to nobody: its receiver has it.

The bytes of a delivery are committed before the first of them leaves, and repeats send those bytes, under one
Message-ID. SMTP knows no more than that: a mail whose answer was lost is sent again, and may arrive twice.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, false, or_, select, true, update

from sincronizador.core.emitido import Anexo
from sincronizador.core.finding import Finding
from sincronizador.core.receipt import CloudState
from sincronizador.core.signature import SignaturePlan
from sincronizador.countries.uy import filing
from sincronizador.countries.uy import sobre as envelope
from sincronizador.countries.uy.consultas import EmisorElectronico
from sincronizador.countries.uy.sobre import Anulado
from sincronizador.countries.uy.tipos import TipoCfe
from sincronizador.errors import Rejected
from sincronizador.nube import (
    acts,
    certificates,
    couriers,
    deliveries,
    departures,
    documents,
    exchange_codes,
    filers,
    filings,
    registry,
)
from sincronizador.nube.clerk import Clerk
from sincronizador.nube.deliveries import Delivery
from sincronizador.nube.gate import touch
from sincronizador.nube.tables import (
    IS_REJECTED_ONE,
    IS_TO_LEAVE,
    IS_UNADDRESSED,
    IS_UNPOSTED,
    IS_UNSORTED,
    courier,
    delivery,
    document,
    issuer,
    parcel,
)
from sincronizador.signing.xmldsig import XmlSigner

ADDRESSED_AT_ONCE = 200
"""Documents in one transaction."""
PACKED_AT_ONCE = 20
"""Sobres in one sweep."""
_LOOKED_AT = 300
"""Documents of one receiver that are looked at for its next sobre."""
_TOLD_AT_ONCE = 50
"""Sobres with documents that the authority rejected, in one sweep."""


def sweep(clerk: Clerk, rut: str) -> bool:
    """
    Do for the receivers of an issuer what is due; whether there is more at once.

    Nothing of the line to a receiver or to the mail server is raised: it is kept, and concerns nobody else.
    """
    if clerk.post is None:
        return False
    begin(clerk, rut)
    # Sorted also while the authority is silent: what goes to it only in a report leaves at once.
    while filings.sort(clerk, rut):
        pass
    while address(clerk, rut):
        pass
    is_more = False
    for _ in range(PACKED_AT_ONCE):
        is_more = pack(clerk, rut)
        if not is_more:
            break
    is_more = departures.sweep(clerk, rut) or is_more
    # Last: it wants a certificate, and nothing else here does.
    return tell_rejections(clerk, rut) or is_more


def is_due(db: Connection, now: datetime) -> ColumnElement[bool]:
    """Whether an issuer has something for its receivers, or the register is to be asked for: about the issuer's row."""
    row = registry.of(db)
    if registry.is_due(row, now):
        return true()
    mine = document.c.rut == issuer.c.rut
    rests = and_(courier.c.due > now, courier.c.due <= now + filers.LONGEST_PAUSE)
    leaves = and_(delivery.c.rut == issuer.c.rut, IS_TO_LEAVE, filers.due_by(delivery.c.due, now))
    resting = select(courier.c.rut).where(courier.c.rut == issuer.c.rut, rests).exists()
    known = row is not None and row.whole is not None
    return or_(
        ~select(courier.c.rut).where(courier.c.rut == issuer.c.rut).exists(),
        select(document.c.id).where(mine, IS_UNSORTED).exists(),
        select(document.c.id).where(mine, IS_UNADDRESSED).exists(),
        select(document.c.id).where(mine, IS_UNPOSTED).exists() if known else false(),
        select(delivery.c.id).where(leaves, or_(delivery.c.web_service != "", ~resting)).exists(),
        _untold(issuer.c.rut).exists(),
    )


def begin(clerk: Clerk, rut: str) -> None:
    """The issuer's row, which says since when."""
    with clerk.store.reading() as db:
        if couriers.of(db, rut) is not None:
            return
    with clerk.store.writing() as db:
        touch(db, rut, now := clerk.now())
        couriers.begin(db, rut, now)


def address(clerk: Clerk, rut: str) -> bool:
    """Say of documents to which company they go, and make the mails to persons; whether there were any."""
    with clerk.store.reading() as db:
        found = select(document).where(document.c.rut == rut, IS_UNADDRESSED).order_by(document.c.id)
        rows = db.execute(found.limit(ADDRESSED_AT_ONCE)).all()
    addressed = [(row, _recipient(row)) for row in rows]
    if not addressed:
        return False
    with clerk.store.writing() as db:
        touch(db, rut, now := clerk.now())
        for row, recipient in addressed:
            mine = update(document).where(document.c.id == row.id, IS_UNADDRESSED)
            if db.execute(mine.values(recipient=recipient)).rowcount:
                _to_person(db, row, now)
    return True


def _recipient(row: Row[Any]) -> str:
    """RUT of the company that a document says to be for; whether that is an electronic issuer the register tells."""
    if TipoCfe(row.doc_type).is_papel:
        return ""
    try:
        recipient = filing.read_rumbo(row.signed).receptor
    except Rejected:
        # Told when it was sorted for the authority (E3736).
        return ""
    return "" if recipient == row.rut or len(recipient) > 12 else recipient


def _to_person(db: Connection, row: Row[Any], now: datetime) -> None:
    to = documents.receipt(row).anexo.correo.strip()
    if to and not TipoCfe(row.doc_type).is_papel:
        number = filers.next_idemisor(db, row.rut, now)
        deliveries.make(db, row.rut, deliveries.CORREO, number, [row.id], now, address=to)


def pack(clerk: Clerk, rut: str) -> bool:
    """What one receiver is sent next, its bytes committed; whether there was anything to decide."""
    with clerk.store.reading() as db:
        if not registry.is_known(db):
            return False
        waiting = _waiting(db, rut)
    if not waiting:
        return False
    with clerk.store.writing() as db:
        touch(db, rut, now := clerk.now())
        still = {row.id for row in _waiting(db, rut)}
        rows = [row for row in waiting if row.id in still]
        found = registry.find(db, waiting[0].recipient)
        away = [row.id for row in rows if not _goes(row, found, now)]
        db.execute(update(document).where(document.c.id.in_(away)).values(posted=True))
        left = [row for row in rows if row.id not in away]
        if found is not None and left:
            _pack(db, found, left, now)
    return True


def _waiting(db: Connection, rut: str) -> Sequence[Row[Any]]:
    """The documents for the receiver of the oldest one, without their bytes."""
    mine = (document.c.rut == rut, IS_UNPOSTED)
    first = select(document.c.recipient).where(*mine).order_by(document.c.recipient, document.c.id).limit(1)
    recipient = db.execute(first).scalar()
    if recipient is None:
        return ()
    found = select(
        document.c.id, document.c.rut, document.c.doc_type, document.c.series, document.c.number, document.c.state,
        document.c.day, document.c.recipient,
    ).where(*mine, document.c.recipient == recipient)  # fmt: skip
    return list(db.execute(found.order_by(document.c.id).limit(_LOOKED_AT)))


def _goes(row: Row[Any], found: EmisorElectronico | None, now: datetime) -> bool:
    """Whether a document goes to that company: an electronic issuer by now, of what the authority did not reject."""
    if found is None or row.state == CloudState.REJECTED:
        return False
    return found.is_issuer(row.day) or found.is_issuer(now.date())


def _pack(db: Connection, to: EmisorElectronico, rows: Sequence[Row[Any]], now: datetime) -> None:
    """One sobre for a receiver, of as many as go together, oldest first."""
    rut, route = rows[0].rut, departures.route_to(to)
    if not any(route):
        without = exchange_codes.NO_ADDRESS
        _undeliverable(
            db, rows, now, lambda slug: without.at(slug=slug, rut=rut, nombre=to.denominacion, receptor=to.rut)
        )
        return
    ids = [row.id for row in rows]
    papers = db.execute(select(document).where(document.c.id.in_(ids)).order_by(document.c.id)).all()
    adendas = [documents.receipt(row).anexo.adenda for row in papers]
    rooms = ((envelope.room(row.signed, adenda), row.signer) for row, adenda in zip(papers, adendas, strict=True))
    inside = list(zip(papers, adendas, strict=True))
    chosen = [inside[place] for place in next(envelope.pack(rooms))]
    number = filers.next_idemisor(db, rut, now)
    try:
        sent = envelope.compose_sobre_empresas(
            [(row.signed, adenda) for row, adenda in chosen], ruc_emisor=rut, ruc_receptor=to.rut, idemisor=number,
            fecha=now, certificate=certificates.der_of(db, rut, chosen[0][0].signer),
        )  # fmt: skip
    except Rejected as exc:
        why, rule = str(exc).rstrip("."), exchange_codes.UNDELIVERABLE
        _undeliverable(db, [row for row, _ in chosen], now, lambda slug: rule.at(slug=slug, rut=rut, detalle=why))
        return
    ids, (mail, web_service) = [row.id for row, _ in chosen], route
    deliveries.make(
        db, rut, deliveries.SOBRE, number, ids, now, receiver=to.rut, address=mail, web_service=web_service, sent=sent
    )
    db.execute(update(document).where(document.c.id.in_(ids)).values(posted=True))


def _undeliverable(
    db: Connection, rows: Sequence[Row[Any]], now: datetime, told: Callable[[str], Finding]
) -> None:  # fmt: skip
    """A person sees to these; `told` says of a document why."""
    for row in rows:
        acts.sound(db, row.rut, now, told(documents.slug(row)))
    db.execute(update(document).where(document.c.id.in_([row.id for row in rows])).values(posted=True))


def tell_rejections(clerk: Clerk, rut: str) -> bool:
    """Make what tells receivers that the authority rejected what they have; whether there was any."""
    with clerk.store.reading() as db:
        untold = _untold(rut).distinct().order_by(delivery.c.id).limit(_TOLD_AT_ONCE)
        found = db.execute(untold).scalars().all()
    if not found:
        return False
    signer = XmlSigner(clerk.identity(rut), embed_certificate=True)
    for id_ in found:
        with clerk.store.writing() as db:
            touch(db, rut, now := clerk.now())
            _tell(clerk, db, deliveries.whole(db, id_), signer, now)
    return True


def _untold(rut: Any) -> Select[int]:
    """Sobres with a document that the authority rejected, of which the receiver was not told."""
    return (
        select(delivery.c.id)
        .join(parcel, parcel.c.delivery == delivery.c.id)
        .join(document, document.c.id == parcel.c.document)
        .where(document.c.rut == rut, IS_REJECTED_ONE, ~parcel.c.withdrawn, delivery.c.kind == deliveries.SOBRE)
    )


def _tell(clerk: Clerk, db: Connection, row: Row[Any], signer: XmlSigner, now: datetime) -> None:
    inside = deliveries.contents(db, row)
    gone = [paper for paper in inside if paper.state == CloudState.REJECTED]
    db.execute(update(parcel).where(parcel.c.id.in_([paper.parcel for paper in gone])).values(withdrawn=True))
    if row.state == Delivery.MADE:
        # It may have left, or not: the others go again, and its receiver knows them when it has them already.
        deliveries.change(db, row, state=Delivery.WITHDRAWN, mail=None)
        others = [paper.id for paper in inside if paper.state != CloudState.REJECTED]
        db.execute(update(document).where(document.c.id.in_(others)).values(posted=False))
    elif row.state not in (Delivery.SENT, Delivery.ANSWERED):
        # Nobody has it.
        return
    law, number = clerk.law(db, row.rut), filers.next_idemisor(db, row.rut, now)
    anulados = [
        Anulado(tipo=one.tipo, serie=one.serie, numero=one.numero, fecha=one.fecha)
        for one in (law.emitted(paper.signed, Anexo()) for paper in gone)
    ]
    told = envelope.compose_rechazos(
        anulados, ruc_emisor=row.rut, ruc_receptor=row.receiver, id_comunicacion=number, tmst=now
    )
    found = registry.find(db, row.receiver)
    mail, web_service = departures.route_to(found) if found is not None else (row.address, row.web_service)
    deliveries.make(
        db, row.rut, deliveries.RECHAZO, number, [paper.id for paper in gone], now, receiver=row.receiver,
        address=mail, web_service=web_service, sent=signer.sign(told, SignaturePlan()),
    )  # fmt: skip
