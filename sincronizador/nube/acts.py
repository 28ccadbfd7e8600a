"""What an administrator did, and what one must look at."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, or_, select, update

from sincronizador.core.finding import Finding
from sincronizador.errors import Rejected
from sincronizador.nube import codes
from sincronizador.nube.tables import alarm, audit


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One entry of the audit."""

    who: str
    act: str
    """Stable: ``issuer``, ``installation``, ``token``, ``revoke``, ``dead``, ``certificate``, ``cae``, ``annul``..."""
    rut: str
    """Of the issuer it is about; empty for the whole cloud."""
    at: datetime
    detail: str
    """A Spanish sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """Something that a person must look at."""

    id: int
    """0 for what is computed now and goes away by itself."""
    rut: str
    code: str
    """Of the catalogue `nube.codes`."""
    at: datetime
    sentence: str


def record(db: Connection, who: str, act: str, rut: str, at: datetime, detail: str) -> None:
    """Keep what somebody did."""
    db.execute(insert(audit).values(who=who, act=act, rut=rut, at=at, detail=detail))


def recorded(db: Connection, rut: str | None, limit: int) -> tuple[Act, ...]:
    """What was done, newest first; of one issuer with what was done to the whole cloud."""
    found = select(audit).order_by(audit.c.id.desc()).limit(limit)
    if rut is not None:
        found = found.where(or_(audit.c.rut == rut, audit.c.rut == ""))
    return tuple(Act(who=row.who, act=row.act, rut=row.rut, at=row.at, detail=row.detail) for row in db.execute(found))


def sound(db: Connection, rut: str, at: datetime, finding: Finding) -> None:
    """An alarm, once until it is dismissed."""
    sentence = " ".join(filter(None, (finding.message, finding.hint)))
    there = select(alarm.c.id).where(
        alarm.c.rut == rut, alarm.c.code == finding.code, alarm.c.sentence == sentence, alarm.c.dismissed.is_(None)
    )
    if db.execute(there).first() is None:
        db.execute(insert(alarm).values(rut=rut, code=finding.code, at=at, sentence=sentence))


def sounding(db: Connection, rut: str | None) -> tuple[Alarm, ...]:
    """The alarms that nobody has dismissed, newest first."""
    found = select(alarm).where(alarm.c.dismissed.is_(None)).order_by(alarm.c.id.desc())
    rows = db.execute(found if rut is None else found.where(alarm.c.rut == rut))
    return tuple(Alarm(id=row.id, rut=row.rut, code=row.code, at=row.at, sentence=row.sentence) for row in rows)


def dismiss(db: Connection, number: int, at: datetime) -> Alarm:
    """Somebody saw to it. Raises `Rejected` E3321."""
    row = db.execute(select(alarm).where(alarm.c.id == number, alarm.c.dismissed.is_(None))).one_or_none()
    if row is None:
        raise codes.UNKNOWN_ALARM.at(value=str(number)).as_error(Rejected)
    db.execute(update(alarm).where(alarm.c.id == number).values(dismissed=at))
    return Alarm(id=row.id, rut=row.rut, code=row.code, at=row.at, sentence=row.sentence)
