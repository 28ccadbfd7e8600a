"""What a person asks and decides about what goes to receivers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from sincronizador.core.receipt import CloudState
from sincronizador.countries.uy.consultas import EmisorElectronico
from sincronizador.errors import Rejected
from sincronizador.nube import acts, deliveries, documents, exchange_codes, issuers, registry
from sincronizador.nube.deliveries import Delivery
from sincronizador.nube.gate import touch
from sincronizador.nube.store import Store
from sincronizador.nube.tables import delivery, document


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A delivery."""

    number: int
    kind: str
    """``sobre``, ``rechazo``, ``correo``."""
    receiver: str
    """RUT; empty for a person."""
    way: str
    """The address that it goes to: mail, or web service."""
    state: Delivery
    made: datetime
    left: datetime | None
    said: str
    """What was said of it last."""
    documents: tuple[tuple[str, str], ...]
    """Each with what its receiver decided, or empty."""


class Dispatch:
    """Over one base; `who` goes to the audit."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._now = clock

    def listing(self, rut: str, limit: int, *, open_only: bool = False) -> tuple[Sent, ...]:
        """The newest deliveries of an issuer; `open_only`: those that somebody may have to look at. Raises E3311."""
        found = select(delivery.c.id).where(delivery.c.rut == rut).order_by(delivery.c.id.desc()).limit(limit)
        if open_only:
            found = found.where(delivery.c.state.in_(_OPEN))
        with self._store.reading() as db:
            issuers.find(db, rut)
            return tuple(self._sent(db, deliveries.whole(db, id_)) for id_ in db.execute(found).scalars().all())

    def receiver(self, rut: str) -> tuple[EmisorElectronico | None, datetime | None]:
        """Somebody in the register of electronic issuers, and when that was told last."""
        with self._store.reading() as db:
            row = registry.of(db)
            asked = row.asked if row is not None else None
            return registry.find(db, rut), asked.astimezone(self._now().tzinfo) if asked else None

    def resend(self, who: str, rut: str, number: int, address: str = "") -> str:
        """
        Send a delivery again; a Spanish clause that says how.

        What somebody has goes again as it was; a mail to a person also to another `address`. A sobre that nobody has
        goes as another one, to where the register says now. Raises `Rejected` E3749.
        """
        with self._store.writing() as db:
            touch(db, rut, now := self._now())
            row = deliveries.of_number(db, rut, number)
            how = _again(db, row, address, now) if row is not None else ""
            if row is None or not how:
                raise exchange_codes.UNKNOWN_DELIVERY.at(value=str(number), rut=rut).as_error(Rejected)
            acts.record(db, who, "resend", rut, now, f"{row.kind} {number}: {how}.")
            return how

    def _sent(self, db: Connection, row: Row[Any]) -> Sent:
        tz, papers = self._now().tzinfo, deliveries.contents(db, row)
        return Sent(
            number=row.number, kind=row.kind, receiver=row.receiver, way=row.web_service or row.address,
            state=Delivery(row.state), made=row.made.astimezone(tz), left=row.left.astimezone(tz) if row.left else None,
            said=row.trouble, documents=tuple((documents.slug(paper), _decided(paper)) for paper in papers),
        )  # fmt: skip


_OPEN = (Delivery.MADE.value, Delivery.SENT.value, Delivery.REFUSED.value, Delivery.FAILED.value)
_UNWANTED = (Delivery.REFUSED, Delivery.FAILED)
"""Nobody has a sobre of these."""


def _again(db: Connection, row: Row[Any], address: str, now: datetime) -> str:
    """How it goes again; empty for what is under way, or holds what the authority rejected."""
    if row.state in (Delivery.MADE, Delivery.WITHDRAWN) or (address and row.kind != deliveries.CORREO):
        return ""
    inside = deliveries.contents(db, row)
    standing = [paper.id for paper in inside if paper.state != CloudState.REJECTED]
    if row.kind == deliveries.SOBRE and row.state in _UNWANTED:
        deliveries.change(db, row, state=Delivery.WITHDRAWN)
        db.execute(update(document).where(document.c.id.in_(standing)).values(posted=False))
        return "sale en otro sobre" if standing else ""
    if row.kind != deliveries.RECHAZO and len(standing) < len(inside):
        return ""
    to = address or row.address
    deliveries.change(db, row, address=to, state=Delivery.MADE, due=now, tries=0, trouble="", mail=None)
    return "sale otra vez, igual"


def _decided(paper: Row[Any]) -> str:
    return " ".join(filter(None, (paper.estado, paper.reasons)))
