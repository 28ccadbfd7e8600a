"""
Slices of a CAE for installations that number by themselves.

A slice never leaves its CAE and is never leased again. It is open until the installation closes it, which annuls what
it did not use; when its epoch is raised or it is declared dead, the slice is lost and its numbers are doubtful. A held
range, numbered from before there was a cloud, outlives epochs.
"""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from sincronizador.core.receipt import Lease, Remark, Reply, Said
from sincronizador.errors import Unavailable
from sincronizador.nube import codes, fates, issuers, numbers
from sincronizador.nube.gate import Call, invalid, refused, remark
from sincronizador.nube.tables import cae, document, lease

LARGEST = 10_000
"""Numbers in one lease."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """A lease, and whether this call made it."""

    lease: Lease
    created: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLeases:
    """The open leases of an installation, and the types of document that it can lease."""

    leases: tuple[Lease, ...]
    types: tuple[int, ...]


def take(call: Call, doc_type: int, branch: str, size: int, idempotency: str) -> Granted | Reply | Unavailable:
    """A slice of up to `size` numbers; the same one again for the same key."""
    known = _rows(call.db, lease.c.installation == call.caller.installation, lease.c.idempotency == idempotency)
    if known:
        return Granted(lease=_lease(known[0]), created=False)
    if not 1 <= size <= LARGEST:
        return invalid(Remark(field="size", rule="size", message=codes.BAD_SIZE.at(maximo=LARGEST).message))
    if issuers.law_at(call.db, call.caller.rut, branch) is None:
        return invalid(remark(codes.UNKNOWN_BRANCH.at(field="branch", value=branch, rut=call.caller.rut)))
    if call.recovering:
        return Unavailable("recovering", codes.RESTORED.at().message)
    found = numbers.next_slice(call.db, call.caller.rut, doc_type, size, call.now.date())
    if found is None:
        sentence = codes.NO_NUMBERS.at(tipo=doc_type, rut=call.caller.rut).message
        return invalid(Remark(field="doc_type", rule="no_numbers", message=sentence))
    row, first, last = found
    return Granted(lease=_keep(call, row, first, last, held=False, idempotency=idempotency), created=True)


def hold(call: Call, cae_id: str, first: int, last: int) -> Granted | Reply:
    """A range that the installation numbers from already: the cloud never gives a number of it."""
    row = call.db.execute(select(cae).where(cae.c.rut == call.caller.rut, cae.c.cae == cae_id)).one_or_none()
    if row is None:
        return refused(Said.UNKNOWN, "not_found", codes.CAE_NOT_HERE.at(value=cae_id))
    there = _rows(call.db, lease.c.cae == row.id, lease.c.first <= last, lease.c.last >= first)
    if len(there) == 1 and _is_same(there[0], call.caller.installation, first, last):
        return Granted(lease=_lease(there[0]), created=False)
    if problem := _conflict(call, row, first, last, there):
        finding = codes.RANGE_CONFLICT.at(desde=first, hasta=last, cae=cae_id, detalle=problem)
        return refused(Said.CONFLICT, "range_conflict", finding)
    return Granted(lease=_keep(call, row, first, last, held=True, idempotency=None), created=True)


def hold_whole(db: Connection, rut: str, cae_id: str, installation: int, epoch: int, now: datetime) -> None:
    """A CAE that an installation numbered from before there was a cloud, held for it from its first moment here."""
    row = db.execute(select(cae).where(cae.c.rut == rut, cae.c.cae == cae_id)).one()
    _insert(db, row, row.first, row.last, installation=installation, epoch=epoch, held=True, at=now)


def open_leases(db: Connection, installation: int, epoch: int) -> tuple[Lease, ...]:
    """Open ones of this epoch, held ones of any."""
    rows = _rows(db, lease.c.installation == installation, lease.c.state == "open")
    return tuple(_lease(row) for row in rows if row.held or row.epoch == epoch)


def close(call: Call, lease_id: str, used: Sequence[int], voided: Sequence[int]) -> Lease | Reply:
    """What is not in `used` and has no document is annulled, `voided` with it; of a lost lease nothing changes."""
    rows = _rows(call.db, lease.c.installation == call.caller.installation, lease.c.id == lease_id)
    if not rows:
        return refused(Said.UNKNOWN, "not_found", codes.UNKNOWN_LEASE.at(value=lease_id))
    row = rows[0]
    if row.state == "open":
        strange = {number for number in (*used, *voided) if not row.first <= number <= row.last}
        if strange := strange | (set(used) & set(voided)):
            finding = codes.RANGE_CONFLICT.at(
                desde=min(strange), hasta=max(strange), cae=row.cae_id, detalle="no se cerró con esos números"
            )
            return refused(Said.CONFLICT, "range_conflict", finding)
        _settle(call, row, set(used))
    return _lease(_rows(call.db, lease.c.id == lease_id)[0])


def lose(db: Connection, installation: int, *, held: bool) -> None:
    """The epoch of these leases is gone. With `held`, the held ranges as well: nobody will number there any more."""
    lost = update(lease).where(lease.c.installation == installation, lease.c.state != "lost")
    db.execute((lost if held else lost.where(~lease.c.held)).values(state="lost"))


def _settle(call: Call, row: Row[Any], used: set[int]) -> None:
    of = call.db.execute(select(cae).where(cae.c.id == row.cae)).one()
    with_document = fates.numbers_with_document(call.db, of, row.first, row.last)
    unused = set(range(row.first, row.last + 1)) - used - with_document
    fates.annul(
        call.db, row.cae, fates.runs(unused), today=call.now.date(), reason=f"Sin usar al cerrar la reserva {row.id}."
    )
    state = {"state": "closed", "used": json.dumps(sorted(used))}
    call.db.execute(update(lease).where(lease.c.id == row.id).values(state))


def _keep(call: Call, row: Row[Any], first: int, last: int, *, held: bool, idempotency: str | None) -> Lease:
    name = _insert(
        call.db, row, first, last, installation=call.caller.installation, epoch=call.caller.epoch, held=held,
        at=call.now, idempotency=idempotency,
    )  # fmt: skip
    return _lease(_rows(call.db, lease.c.id == name)[0])


def _insert(
    db: Connection,
    row: Row[Any],
    first: int,
    last: int,
    *,
    installation: int,
    epoch: int,
    held: bool,
    at: datetime,
    idempotency: str | None = None,
) -> str:
    name = secrets.token_urlsafe(12)
    db.execute(
        insert(lease).values(
            id=name, installation=installation, cae=row.id, epoch=epoch, first=first, last=last, held=held,
            state="open", used="[]", idempotency=idempotency, granted=at,
        )
    )  # fmt: skip
    return name


def _conflict(call: Call, row: Row[Any], first: int, last: int, there: Sequence[Row[Any]]) -> str:
    """Why the range cannot be held, in Spanish; empty when it can."""
    if not row.first <= first <= last <= row.last:
        return "no es parte del CAE"
    if there:
        return "es parte de otra reserva"
    given = select(document.c.id).where(
        document.c.rut == row.rut, document.c.doc_type == row.doc_type, document.c.series == row.series,
        document.c.number.between(first, last), document.c.installation != call.caller.installation,
    )  # fmt: skip
    own = select(document.c.id).where(
        document.c.rut == row.rut, document.c.doc_type == row.doc_type, document.c.series == row.series,
        document.c.number.between(first, last), ~document.c.signed_here,
    )  # fmt: skip
    if call.db.execute(given).first() or call.db.execute(own).first():
        return "la nube ya dio números de ahí"
    return ""


def _is_same(row: Row[Any], installation: int, first: int, last: int) -> bool:
    return bool(row.held) and (row.installation, row.first, row.last) == (installation, first, last)


def _rows(db: Connection, *where: Any) -> Sequence[Row[Any]]:
    """Leases with their CAE, oldest first."""
    found = select(
        lease, cae.c.cae.label("cae_id"), cae.c.doc_type, cae.c.series, cae.c.first.label("cae_first"),
        cae.c.last.label("cae_last"), cae.c.expires, cae.c.special, cae.c.reason,
    ).join(cae, lease.c.cae == cae.c.id)  # fmt: skip
    return db.execute(found.where(*where).order_by(lease.c.granted, lease.c.id)).all()


def _lease(row: Row[Any]) -> Lease:
    return Lease(
        id=row.id, cae=row.cae_id, tipo=row.doc_type, serie=row.series, cae_desde=row.cae_first,
        cae_hasta=row.cae_last, vence=row.expires, especial=row.special, causal=row.reason, desde=row.first,
        hasta=row.last, held=row.held, closed=row.state != "open",
    )  # fmt: skip
