"""
The fate of every number of a CAE, as ranges.

Nothing is kept for a free number or a doubtful one: what was given and is neither annulled, nor leased, nor has a
document, is doubtful. Forgetting is on the safe side.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select

from sincronizador.errors import Rejected
from sincronizador.nube import codes
from sincronizador.nube.tables import annulled, cae, document, lease


class Fate(StrEnum):
    """What became of a number; exactly one."""

    DOCUMENT = "document"
    """It has a document, prepared ones included."""
    ANNULLED = "annulled"
    LEASED = "leased"
    DOUBTFUL = "doubtful"
    """It may be on paper somewhere; only a person annuls it."""
    FREE = "free"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Neighbouring numbers with one fate, both ends included."""

    first: int
    last: int
    fate: Fate


@dataclass(frozen=True, slots=True, kw_only=True)
class CaeFates:
    """A CAE and its stretches, in order, without gaps."""

    cae: str
    doc_type: int
    series: str
    first: int
    last: int
    expires: date
    stretches: tuple[Stretch, ...]

    @property
    def totals(self) -> dict[Fate, int]:
        """How many numbers have each fate; their sum is the size of the CAE."""
        totals = dict.fromkeys(Fate, 0)
        for stretch in self.stretches:
            totals[stretch.fate] += stretch.last - stretch.first + 1
        return totals


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What the base knows of one number."""

    cae: Row[Any] | None
    """The CAE that holds it."""
    fate: Fate
    """FREE as well where no CAE holds it."""
    lease: Row[Any] | None = None
    """The open or closed one that it is in."""


def fates_of(db: Connection, rut: str) -> tuple[CaeFates, ...]:
    """All CAEs of an issuer, by type and age."""
    rows = db.execute(select(cae).where(cae.c.rut == rut).order_by(cae.c.doc_type, cae.c.imported, cae.c.id))
    return tuple(fates(db, row) for row in rows.all())


def fates(db: Connection, row: Row[Any]) -> CaeFates:
    """Every number of one CAE."""
    ground = [Stretch(first=row.first, last=row.next - 1, fate=Fate.DOUBTFUL)]
    ground.append(Stretch(first=row.next, last=row.last, fate=Fate.FREE))
    found = [stretch for stretch in ground if stretch.first <= stretch.last]
    for layer in (_leased(db, row), _annulled(db, row), _documents(db, row)):
        found = overlay(found, layer)
    return CaeFates(
        cae=row.cae, doc_type=row.doc_type, series=row.series, first=row.first, last=row.last, expires=row.expires,
        stretches=tuple(_joined(found)),
    )  # fmt: skip


def place_of(db: Connection, rut: str, doc_type: int, series: str, number: int) -> Place:
    """What became of one number; the same as `fates` says."""
    row = cae_of(db, rut, doc_type, series, number)
    has_document = db.execute(
        _DOCUMENT, {"rut": rut, "doc_type": doc_type, "series": series, "number": number}
    ).one_or_none()
    if row is None:
        return Place(cae=None, fate=Fate.DOCUMENT if has_document else Fate.FREE)
    within = {"cae": row.id, "number": number}
    leased = db.execute(_LEASE, within).one_or_none()
    if has_document:
        fate = Fate.DOCUMENT
    elif db.execute(_ANNULLED, within).one_or_none():
        fate = Fate.ANNULLED
    elif leased is not None and leased.state != "lost":
        fate = Fate.LEASED if leased.state == "open" or number in json.loads(leased.used) else Fate.DOUBTFUL
    else:
        fate = Fate.DOUBTFUL if leased is not None or number < row.next else Fate.FREE
    return Place(cae=row, fate=fate, lease=leased)


def cae_of(db: Connection, rut: str, doc_type: int, series: str, number: int) -> Row[Any] | None:
    """The CAE that holds a number."""
    return db.execute(_CAE, {"rut": rut, "doc_type": doc_type, "series": series, "number": number}).one_or_none()


def annul(db: Connection, of: int, ranges: Iterable[tuple[int, int]], *, today: date, reason: str) -> None:
    """These numbers of a CAE are annulled from today on; none of them is yet, and none has a document."""
    rows = [{"cae": of, "first": first, "last": last, "day": today, "reason": reason} for first, last in ranges]
    if rows:
        db.execute(insert(annulled), rows)


def annul_doubtful(
    db: Connection, rut: str, doc_type: int, series: str, first: int, last: int, *, today: date, reason: str
) -> None:
    """A person decides about these numbers. Raises `Rejected` E3319 when one of them is not doubtful."""
    slug = f"{doc_type}-{series}-{first}" + (f" a {last}" if last > first else "")
    row = cae_of(db, rut, doc_type, series, first)
    if row is None:
        raise codes.NOT_DOUBTFUL.at(value=slug, suerte="no es de ningún CAE").as_error(Rejected)
    for stretch in fates(db, row).stretches:
        if stretch.first <= first and last <= stretch.last and stretch.fate is Fate.DOUBTFUL:
            return annul(db, row.id, [(first, last)], today=today, reason=reason)
        if stretch.first <= last and first <= stretch.last and stretch.fate is not Fate.DOUBTFUL:
            raise codes.NOT_DOUBTFUL.at(value=slug, suerte=_SPANISH[stretch.fate]).as_error(Rejected)
    raise codes.NOT_DOUBTFUL.at(value=slug, suerte="el rango sale del CAE").as_error(Rejected)


def numbers_with_document(db: Connection, row: Row[Any], first: int, last: int) -> set[int]:
    """Those numbers between `first` and `last` of a CAE that have a document."""
    found = select(document.c.number).where(*_of(row), document.c.number.between(first, last))
    return set(db.execute(found).scalars())


def overlay(below: Sequence[Stretch], above: Sequence[Stretch]) -> list[Stretch]:
    """`above` where it is, `below` elsewhere. Both are in order and disjoint; `above` stays within `below`."""
    found: list[Stretch] = []
    layer = list(reversed(above))
    for stretch in below:
        first = stretch.first
        while layer and layer[-1].first <= stretch.last:
            over = layer[-1]
            if over.first > first:
                found.append(Stretch(first=first, last=over.first - 1, fate=stretch.fate))
            last = min(over.last, stretch.last)
            found.append(Stretch(first=max(first, over.first), last=last, fate=over.fate))
            first = last + 1
            if over.last > stretch.last:
                break
            layer.pop()
        if first <= stretch.last:
            found.append(Stretch(first=first, last=stretch.last, fate=stretch.fate))
    return found


def runs(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Neighbouring numbers as ranges, in order."""
    found: list[tuple[int, int]] = []
    for number in sorted(set(numbers)):
        if found and found[-1][1] == number - 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return found


def _joined(stretches: Sequence[Stretch]) -> list[Stretch]:
    found: list[Stretch] = []
    for stretch in stretches:
        if found and found[-1].fate is stretch.fate:
            found[-1] = Stretch(first=found[-1].first, last=stretch.last, fate=stretch.fate)
        else:
            found.append(stretch)
    return found


def _leased(db: Connection, row: Row[Any]) -> list[Stretch]:
    found: list[Stretch] = []
    for slice_ in db.execute(select(lease).where(lease.c.cae == row.id).order_by(lease.c.first)).all():
        if slice_.state == "open":
            found.append(Stretch(first=slice_.first, last=slice_.last, fate=Fate.LEASED))
            continue
        lost = [Stretch(first=slice_.first, last=slice_.last, fate=Fate.DOUBTFUL)]
        used = json.loads(slice_.used) if slice_.state == "closed" else ()
        found += overlay(lost, [Stretch(first=first, last=last, fate=Fate.LEASED) for first, last in runs(used)])
    return found


def _annulled(db: Connection, row: Row[Any]) -> list[Stretch]:
    found = select(annulled.c.first, annulled.c.last).where(annulled.c.cae == row.id).order_by(annulled.c.first)
    return [Stretch(first=first, last=last, fate=Fate.ANNULLED) for first, last in db.execute(found)]


def _documents(db: Connection, row: Row[Any]) -> list[Stretch]:
    """Islands of numbers with a document, counted by the database."""
    rank = func.row_number().over(order_by=document.c.number)
    islands = (
        select(document.c.number, (document.c.number - rank).label("island"))
        .where(*_of(row), document.c.number.between(row.first, row.last))
        .subquery()
    )
    found = select(func.min(islands.c.number), func.max(islands.c.number)).group_by(islands.c.island)
    rows = sorted((first, last) for first, last in db.execute(found))
    return [Stretch(first=first, last=last, fate=Fate.DOCUMENT) for first, last in rows]


def _of(row: Row[Any]) -> tuple[Any, ...]:
    return (
        document.c.rut == row.rut, document.c.doc_type == row.doc_type, document.c.series == row.series,
        document.c.state != "voided",
    )  # fmt: skip


_SPANISH = {
    Fate.DOCUMENT: "tiene un comprobante",
    Fate.ANNULLED: "ya está anulado",
    Fate.LEASED: "está reservado para una instalación",
    Fate.FREE: "no se dio todavía",
}

_CAE = select(cae).where(
    cae.c.rut == bindparam("rut"), cae.c.doc_type == bindparam("doc_type"), cae.c.series == bindparam("series"),
    cae.c.first <= bindparam("number"), cae.c.last >= bindparam("number"),
)  # fmt: skip
_DOCUMENT = select(document.c.id).where(
    document.c.rut == bindparam("rut"), document.c.doc_type == bindparam("doc_type"),
    document.c.series == bindparam("series"), document.c.number == bindparam("number"), document.c.state != "voided",
)  # fmt: skip
_LEASE = select(lease).where(
    lease.c.cae == bindparam("cae"), lease.c.first <= bindparam("number"), lease.c.last >= bindparam("number")
)
_ANNULLED = (
    select(annulled.c.id)
    .where(
        annulled.c.cae == bindparam("cae"), annulled.c.first <= bindparam("number"),
        annulled.c.last >= bindparam("number"),
    )
    .limit(1)
)  # fmt: skip
