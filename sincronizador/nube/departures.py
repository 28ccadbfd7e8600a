"""
Deliveries on their way: by web service where the receiver has one, else by mail; until somebody took them.

One that its receiver's web service does not take for hours goes by mail. One whose address is none waits for a person.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from sqlalchemy import Connection, Row

from sincronizador import smtp
from sincronizador.authorities.door import Fault
from sincronizador.authorities.intercambio import address_of
from sincronizador.core.emitido import Emitido
from sincronizador.core.receipt import CloudState
from sincronizador.countries.uy import sobre as envelope
from sincronizador.countries.uy.consultas import EmisorElectronico
from sincronizador.errors import NeedsOperator, Refused, SincronizadorError, Unanswered, Unavailable
from sincronizador.logs import event
from sincronizador.nube import acts, couriers, deliveries, documents, exchange_codes, forms, issuers, mails
from sincronizador.nube.clerk import Clerk
from sincronizador.nube.deliveries import CORREO, RECHAZO, SOBRE, Delivery
from sincronizador.nube.gate import touch
from sincronizador.nube.post import Post

WEB_PATIENCE = timedelta(hours=4)
"""How long a receiver's web service may be down before its mail is taken instead."""
MAIL_PATIENCE = timedelta(days=5)
"""How long a mail server may ask to wait with one mail. RFC 5321, 4.5.4.1."""
ENOUGH_TRIES = 10
"""Also of one that a person sends again long after it was made."""
TURN = 10.0
"""Seconds of one sweep: the issuer's documents to the authority do not wait for a slow mail server."""

_LINE = (Unavailable, Unanswered, NeedsOperator)
_MOST_ADDRESSES = 20

log = logging.getLogger(__name__)


def sweep(clerk: Clerk, rut: str) -> bool:
    """Send what is due; whether there is more at once."""
    with clerk.store.reading() as db:
        found = deliveries.due(db, rut, clerk.now())
    until, silent = monotonic() + TURN, set[str]()
    for place, id_ in enumerate(found):
        if monotonic() > until:
            return place < len(found)
        with clerk.store.reading() as db:
            row, is_resting = deliveries.whole(db, id_), couriers.rests(couriers.of(db, rut), clerk.now())
        by_mail = not row.web_service
        if (by_mail and is_resting) or row.web_service in silent:
            continue
        if not _leave_alone(clerk, row) and not by_mail:
            silent.add(row.web_service)
    return False


def _leave_alone(clerk: Clerk, row: Row[Any]) -> bool:
    """`leave`, of which a bug holds up no other delivery."""
    try:
        return leave(clerk, row)
    except SincronizadorError:
        raise
    except Exception as exc:
        log.exception("event=bug what=delivery rut=%s number=%d", row.rut, row.number)
        trouble = f"error interno: {exc!r}"
        _keep(clerk, row, lambda db, now: deliveries.postpone(db, row, trouble, now))
        return True


def route_to(found: EmisorElectronico) -> tuple[str, str]:
    """Mail address and web service of a receiver; empty where it has none that is one."""
    written = found.correo.replace(";", " ").replace(",", " ").split()[:_MOST_ADDRESSES]
    mail = next((one for one in written if smtp.is_address(one)), "")
    return mail, found.web_service.strip() if address_of(found.web_service)[0] else ""


def leave(clerk: Clerk, row: Row[Any]) -> bool:
    """Send one delivery and keep what is said; whether its line works."""
    with clerk.store.reading() as db:
        inside = deliveries.contents(db, row)
    if row.kind != RECHAZO and any(paper.state == CloudState.REJECTED for paper in inside):
        # Of a sobre, who makes the rejections known sees to it.
        if row.kind == CORREO:
            _keep(clerk, row, lambda db, _: deliveries.change(db, row, state=Delivery.WITHDRAWN, mail=None))
        return True
    return _by_web_service(clerk, row) if row.web_service else _by_mail(clerk, row, inside)


def _by_web_service(clerk: Clerk, row: Row[Any]) -> bool:
    try:
        line = _post(clerk).exchange(row.web_service, clerk.identity(row.rut))
        said = line.send_rechazos(row.sent) if row.kind == RECHAZO else line.send_sobre(row.sent)
    except _LINE as exc:
        trouble = str(exc)
        if row.address and not timedelta() <= clerk.now() - row.made < WEB_PATIENCE:
            _keep(clerk, row, lambda db, now: _turn_to_mail(db, row, trouble, now))
        else:
            _keep(clerk, row, lambda db, now: deliveries.postpone(db, row, trouble, now))
        return False
    if said is None:
        _keep(clerk, row, lambda db, now: _taken(db, row, row.web_service, now))
    else:
        _keep(clerk, row, lambda db, now: _not_taken(db, row, said, now))
    return True


def _turn_to_mail(db: Connection, row: Row[Any], trouble: str, now: datetime) -> None:
    deliveries.change(db, row, web_service="", due=now, tries=0, trouble=trouble)


def _not_taken(db: Connection, row: Row[Any], said: Fault, now: datetime) -> None:
    """The web service says why not: the mail is the way that everybody has."""
    detail = " ".join(filter(None, (f"{said.code}", said.description, said.detail)))
    if row.address:
        _turn_to_mail(db, row, detail, now)
    else:
        _failed(db, row, detail, now)


def _by_mail(clerk: Clerk, row: Row[Any], inside: Sequence[Row[Any]]) -> bool:
    if not smtp.is_address(row.address):
        _keep(clerk, row, lambda db, now: _failed(db, row, "no es una dirección de correo", now))
        return True
    mail = row.mail
    if mail is None:
        mail = _composed(clerk, row, inside)
        _keep(clerk, row, lambda db, _: deliveries.change(db, row, mail=mail))
    try:
        word = _post(clerk).mail(mail, row.address)
    except Refused as exc:
        detail = str(exc)
        _keep(clerk, row, lambda db, now: _failed(db, row, detail, now))
        return True
    except _LINE as exc:
        return _mail_waits(clerk, row, exc)

    def keep(db: Connection, now: datetime) -> None:
        _taken(db, row, word, now)
        couriers.recover(db, row.rut)

    _keep(clerk, row, keep)
    return True


def _mail_waits(clerk: Clerk, row: Row[Any], exc: SincronizadorError) -> bool:
    """This mail waits, or all do."""
    detail, is_its_own = str(exc), exc.code == smtp.LATER.code

    def keep(db: Connection, now: datetime) -> None:
        if is_its_own and row.tries >= ENOUGH_TRIES and not timedelta() <= now - row.made < MAIL_PATIENCE:
            return _failed(db, row, detail, now)
        deliveries.postpone(db, row, detail, now)
        if not is_its_own:
            couriers.stumble(db, row.rut, now, detail)
        return None

    _keep(clerk, row, keep)
    return is_its_own


def _composed(clerk: Clerk, row: Row[Any], inside: Sequence[Row[Any]]) -> bytes:
    """The mail of a delivery, dated when that was made: made again, it is the same."""
    sender, at = _post(clerk).sender, row.made.astimezone(clerk.now().tzinfo)
    with clerk.store.reading() as db:
        company = issuers.find(db, row.rut).branches[0].razon_social
    is_trial = clerk.store.environment != "produccion"
    if row.kind == CORREO:
        emitido, pdf = _printed(clerk, inside[0])
        return mails.person_mail(sender, company, row.address, emitido=emitido, pdf=pdf, at=at, trial=is_trial)
    is_sobre = row.kind == SOBRE
    file = envelope.sobre_name(row.rut, at, row.number) if is_sobre else envelope.rechazos_name(row.rut, row.number)
    compose = mails.sobre_mail if is_sobre else mails.rechazos_mail
    return compose(
        sender, company, row.address, file=file, content=row.sent, documents=row.documents, at=at, trial=is_trial
    )


def _printed(clerk: Clerk, paper: Row[Any]) -> tuple[Emitido, bytes]:
    """A document and its printable form, as the publication gives it."""
    receipt = documents.receipt(paper)
    with clerk.store.reading() as db:
        law = issuers.law_at(db, paper.rut, forms.branch_of(receipt.signed)) or clerk.law(db, paper.rut)
    emitido = law.emitted(receipt.signed, receipt.anexo)
    return emitido, forms.render(law, emitido, "pdf")


def _taken(db: Connection, row: Row[Any], word: str, now: datetime) -> None:
    deliveries.change(db, row, state=Delivery.SENT, left=now, mail=None, trouble=word)


def _failed(db: Connection, row: Row[Any], detail: str, now: datetime) -> None:
    """It goes to nobody as things are: a person looks."""
    deliveries.change(db, row, state=Delivery.FAILED, mail=None, trouble=detail)
    papers = [documents.slug(paper) for paper in deliveries.contents(db, row)]
    what = papers[0] if row.kind == CORREO else f"el {_NAMES[row.kind]} {row.number}"
    finding = exchange_codes.ADDRESS_REFUSED.at(
        que=what, direccion=row.address or row.web_service, detalle=detail.rstrip("."), numero=row.number
    )
    acts.sound(db, row.rut, now, finding)


_NAMES = {SOBRE: "sobre", RECHAZO: "aviso de rechazo"}


def _keep(clerk: Clerk, row: Row[Any], act: Callable[[Connection, datetime], object]) -> None:
    """What came of a try, unless the delivery is no longer where it was."""
    with clerk.store.writing() as db:
        touch(db, row.rut, now := clerk.now())
        found = deliveries.whole(db, row.id)
        if (found.state, found.web_service) == (row.state, row.web_service):
            act(db, now)
            after = deliveries.whole(db, row.id)
            event(log, "delivery", rut=row.rut, number=row.number, kind=row.kind, state=after.state)


def _post(clerk: Clerk) -> Post:
    if clerk.post is None:
        raise RuntimeError("no way to receivers")
    return clerk.post
