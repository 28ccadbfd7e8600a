"""
The end of a CAE: numbers of it that nobody was given are annulled, and the daily report tells them.

What an installation holds, or may have on paper, is never annulled for its age: an installation may be without a line
for weeks, and closes its leases itself; what is doubtful a person decides. Only while somebody keeps the clock right: a
clock that shows another year for a minute would end every CAE.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, false, or_, select, update

from sincronizador.nube import acts, dailies, fates, filers, filing_codes
from sincronizador.nube.clerk import Clerk
from sincronizador.nube.fates import CaeFates, Fate, Stretch
from sincronizador.nube.gate import touch
from sincronizador.nube.tables import cae, document, filer, issuer

MOST_TOLD = 5
"""Ranges that an alarm names."""


def sweep(clerk: Clerk, rut: str) -> bool:
    """Annul what is left of the CAEs of an issuer that expired; whether there is more at once: never."""
    with clerk.store.reading() as db:
        due = select(issuer.c.rut).where(issuer.c.rut == rut, is_due(clerk))
        if db.execute(due).first() is None:
            return False
    with clerk.store.writing() as db:
        recovering = touch(db, rut, now := clerk.now()).recovering
        begun = dailies.first_day(db, filers.of(db, rut))
        if recovering or begun is None or begun > now.date():
            return False
        expired = select(cae).where(cae.c.rut == rut, *_unfinished(now.date())).order_by(cae.c.expires, cae.c.id)
        for row in db.execute(expired).all():
            _end(db, row, begun, now)
    return False


def is_due(clerk: Clerk) -> ColumnElement[bool]:
    """
    Whether a CAE of an issuer expired with numbers left, as a condition about the row of the issuer; never by a clock
    that nobody vouches for.

    Not while the base recovers, for somebody may hold what it forgot; nor before the issuer has reports to tell it.
    """
    if not clerk.is_vouched():
        return false()
    left = select(cae.c.id).where(cae.c.rut == issuer.c.rut, *_unfinished(clerk.now().date()))
    issued = select(document.c.id).where(document.c.rut == issuer.c.rut, document.c.state.in_(dailies.COUNTED))
    told = select(filer.c.rut).where(filer.c.rut == issuer.c.rut, filer.c.since.is_not(None))
    return and_(~issuer.c.recovering, left.exists(), or_(issued.exists(), told.exists()))


def _unfinished(today: date) -> tuple[ColumnElement[bool], ...]:
    return cae.c.expires < today, cae.c.next <= cae.c.last


def _end(db: Connection, row: Row[Any], begun: date, now: datetime) -> None:
    """Nothing of this CAE is free any more: one commit with the end of its counter, so it happens once."""
    found = fates.fates(db, row)
    free = [stretch for stretch in found.stretches if stretch.fate is Fate.FREE]
    of = _day(db, row, begun, now.date())
    reason = f"Sin usar al vencer el CAE {row.cae} el {row.expires:%d/%m/%Y}."
    fates.annul(db, row.id, [(one.first, one.last) for one in free], today=of, reason=reason)
    db.execute(update(cae).where(cae.c.id == row.id).values(next=row.last + 1))
    if not free:
        return
    finding = filing_codes.CAE_UNUSED.at(
        cae=row.cae, rut=row.rut, tipo=row.doc_type, fecha=f"{row.expires:%d/%m/%Y}", dia=f"{of:%d/%m/%Y}",
        cuantos=found.totals[Fate.FREE], rangos=_told(found, free), resto=_rest(found),
    )  # fmt: skip
    acts.sound(db, row.rut, now, finding)
    acts.record(db, "nube", "annul", row.rut, now, finding.message)


def _day(db: Connection, row: Row[Any], begun: date, today: date) -> date:
    """
    The day whose report tells it: the first on which the CAE could not be used, unless that was reported already.

    So a base that was restored, and annuls them again, tells it on the same day as before.
    """
    first: date = row.expires + timedelta(days=1)
    is_told = first < begun or dailies.last_of(db, row.rut, first) is not None
    return today if is_told else first


def _told(found: CaeFates, free: Sequence[Stretch]) -> str:
    told = [f"{found.series} {one.first} a {one.last}" for one in free[:MOST_TOLD]]
    return ", ".join(told) + (f" y {len(free) - MOST_TOLD} rangos más" if len(free) > MOST_TOLD else "")


def _rest(found: CaeFates) -> str:
    """What is left of the CAE for somebody else to end."""
    leased, doubtful = found.totals[Fate.LEASED], found.totals[Fate.DOUBTFUL]
    if not leased and not doubtful:
        return ""
    return (
        f"Quedan {leased} reservados, que se anulan cuando su instalación cierra la reserva, y {doubtful} en duda, que "
        "decide una persona."
    )
