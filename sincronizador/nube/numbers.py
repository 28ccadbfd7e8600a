"""CAEs of an issuer: imported once, and their numbers given once for ever, from the one that expires first."""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from sincronizador.core.numbering import Folio, Rango
from sincronizador.errors import Rejected
from sincronizador.nube import codes, restoration
from sincronizador.nube.tables import base, cae, lease


def add_cae(db: Connection, rut: str, rango: Rango, file: bytes, *, authorised: date, now: datetime) -> None:
    """
    Keep an authorised range; `file` is sealed. Raises `Rejected` E3317 when it overlaps one that is here.

    One that was authorised before the last restore may have been in use: its counter begins above all that is known.
    """
    overlap = db.execute(
        select(cae).where(
            cae.c.rut == rut, cae.c.doc_type == rango.tipo, cae.c.series == rango.serie,
            cae.c.first <= rango.hasta, cae.c.last >= rango.desde,
        )
    ).first()  # fmt: skip
    twin = db.execute(select(cae).where(cae.c.rut == rut, cae.c.cae == rango.id)).first()
    if found := overlap or twin:
        raise codes.CAE_EXISTS.at(
            value=rango.id, cae=found.cae, tipo=found.doc_type, serie=found.series, desde=found.first, hasta=found.last
        ).as_error(Rejected)
    db.execute(
        insert(cae).values(
            rut=rut, cae=rango.id, doc_type=rango.tipo, series=rango.serie, first=rango.desde, last=rango.hasta,
            next=_beginning(db, rut, rango, authorised), expires=rango.vence, special=rango.especial,
            reason=rango.causal, imported=now, file=file,
        )
    )  # fmt: skip


def take_number(db: Connection, rut: str, doc_type: int, today: date) -> Folio | None:
    """The next number of a type; None when no CAE has one that may be used today."""
    found = next_slice(db, rut, doc_type, 1, today)
    if found is None:
        return None
    row, number, _ = found
    return Folio(rango=rango_of(row), numero=number)


def next_slice(db: Connection, rut: str, doc_type: int, size: int, today: date) -> tuple[Row[Any], int, int] | None:
    """
    Take up to `size` neighbouring numbers out of one CAE, passing by held ranges; the CAE, the first and the last.

    The caller has locked the issuer: nobody else moves the counter until its commit.
    """
    for row in db.execute(_STOCK, {"rut": rut, "doc_type": doc_type, "today": today}).all():
        first, end = row.next, row.last
        for low, high in db.execute(_HELD, {"cae": row.id, "number": first}).all():
            if low > first:
                end = low - 1
                break
            first = high + 1
        last = min(end, first + size - 1)
        db.execute(_MOVE, {"id_": row.id, "next_": min(max(first, last + 1), row.last + 1)})
        if first <= last:
            return row, first, last
    return None


def types_with_numbers(db: Connection, rut: str, today: date) -> tuple[int, ...]:
    """The types of document of which there are numbers to lease."""
    found = select(cae.c.doc_type).where(cae.c.rut == rut, cae.c.next <= cae.c.last, cae.c.expires >= today)
    return tuple(sorted(set(db.execute(found).scalars())))


def rango_of(row: Row[Any]) -> Rango:
    """A CAE as documents carry it."""
    return Rango(
        id=row.cae, tipo=row.doc_type, serie=row.series, desde=row.first, hasta=row.last, vence=row.expires,
        especial=row.special, causal=row.reason,
    )  # fmt: skip


def _beginning(db: Connection, rut: str, rango: Rango, authorised: date) -> int:
    known = restoration.first_unknown(db, rut, rango.tipo, rango.serie, rango.desde, rango.hasta)
    row = db.execute(select(base)).one()
    if not row.restores or authorised > datetime.fromtimestamp(row.epoch_floor, UTC).date():
        return known
    return int(min(known + restoration.MARGIN * row.restores, rango.hasta + 1))


_STOCK = (
    select(cae)
    .where(
        cae.c.rut == bindparam("rut"), cae.c.doc_type == bindparam("doc_type"), cae.c.next <= cae.c.last,
        cae.c.expires >= bindparam("today"),
    )
    .order_by(cae.c.expires, cae.c.id)
)  # fmt: skip
_HELD = (
    select(lease.c.first, lease.c.last)
    .where(lease.c.cae == bindparam("cae"), lease.c.held, lease.c.last >= bindparam("number"))
    .order_by(lease.c.first)
)
_MOVE = update(cae).where(cae.c.id == bindparam("id_")).values(next=bindparam("next_"))
