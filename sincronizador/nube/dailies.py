"""Daily reports as rows, and the days that want one."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from sincronizador.core.receipt import CloudState
from sincronizador.nube import filers
from sincronizador.nube.tables import IS_UNDER_WAY, annulled, answer, cae, day, document, filer, report

COUNTED = tuple(
    state.value
    for state in (
        CloudState.CONFIRMED, CloudState.SENT, CloudState.ACCEPTED, CloudState.REPORTED, CloudState.OBSERVED,
        CloudState.REJECTED,
    )
)  # fmt: skip
"""States of the documents that a report tells of, each in its way."""

_APART = (CloudState.REJECTED.value, CloudState.OBSERVED.value)
_LOOK_BACK = timedelta(days=31)
_AT_ONCE = 50
_CHUNK = 200


class Report(StrEnum):
    """State of a report."""

    MADE = "made"
    """It is sent, with the same bytes, until there is an answer."""
    TAKEN = "taken"
    """The authority has it; it is asked what came of it."""
    DONE = "done"
    REPLACED = "replaced"
    """A later sequence tells the day anew."""
    REFUSED = "refused"


def first_day(db: Connection, row: Row[Any]) -> date | None:
    """The issuer's first day with a report: as it was said, or that of its first document."""
    told: date | None = row.since
    if told is not None:
        return told
    found = select(func.min(document.c.day)).where(document.c.rut == row.rut, document.c.state.in_(COUNTED))
    first: date | None = db.execute(found).scalar()
    return first


def wanted(db: Connection, row: Row[Any], last: date, now: datetime) -> list[date]:
    """The closed days that want a report now, in order: those without one, and those that changed since."""
    since = first_day(db, row)
    if since is None:
        return []
    begin = _begin(db, row, since)
    known = set(db.execute(select(report.c.day).where(report.c.rut == row.rut, report.c.day >= begin)).scalars())
    new = (begin + timedelta(days=more) for more in range((last - begin).days + 1))
    marked = {one.day: one for one in db.execute(select(day).where(day.c.rut == row.rut, day.c.day <= last))}
    rests = {one.day for one in marked.values() if one.due is not None and not filers.is_over(one.due, now)}
    unanswered = select(report.c.day).where(report.c.rut == row.rut, report.c.state == Report.MADE.value)
    hold = rests | set(db.execute(unanswered).scalars())
    days = {one for one in new if one not in known} | {one for one in marked if one >= since}
    return sorted(days - hold)


def unreported(db: Connection, rut: str, first: date, today: date) -> list[date]:
    """The closed days of the last month of which the authority has no report, in order."""
    begin = max(first, today - _LOOK_BACK)
    taken = select(report.c.day).where(
        report.c.rut == rut, report.c.day >= begin, report.c.state.not_in((Report.MADE.value, Report.REFUSED.value))
    )
    have = set(db.execute(taken).scalars())
    days = (begin + timedelta(days=more) for more in range((today - begin).days))
    return [one for one in days if one not in have]


def papers(db: Connection, rut: str, of: date) -> Iterable[Row[Any]]:
    """The documents of a day that its report tells of, as (signed, state, doc_type), by type, series and number."""
    all_ = select(document.c.id).where(document.c.rut == rut, document.c.day == of, document.c.state.in_(COUNTED))
    ids = db.execute(all_.order_by(document.c.doc_type, document.c.series, document.c.number)).scalars().all()
    for begin in range(0, len(ids), _CHUNK):
        some = ids[begin : begin + _CHUNK]
        found = select(document.c.id, document.c.signed, document.c.state, document.c.doc_type)
        rows: list[Row[Any]] = list(db.execute(found.where(document.c.id.in_(some))))
        by_id = {row.id: row for row in rows}
        for one in some:
            yield by_id[one]


def annulled_on(db: Connection, rut: str, of: date) -> list[Row[Any]]:
    """Ranges of numbers that were annulled on a day."""
    found = select(cae.c.doc_type, cae.c.series, annulled.c.first, annulled.c.last).join(
        cae, cae.c.id == annulled.c.cae
    )
    found = found.where(cae.c.rut == rut, annulled.c.day == of)
    return list(db.execute(found.order_by(cae.c.doc_type, cae.c.series, annulled.c.first)))


def undecided(db: Connection, rut: str, of: date) -> bool:
    """Whether documents of a day are on their way to the authority, one by one."""
    on_the_way = or_(
        document.c.state == CloudState.SENT.value,
        (document.c.state == CloudState.CONFIRMED.value) & (document.c.alone.is_not(False)),
    )
    found = select(document.c.id).where(document.c.rut == rut, document.c.day == of, on_the_way).limit(1)
    return db.execute(found).first() is not None


def snapshot(db: Connection, rut: str, of: date) -> Mapping[str, int]:
    """What must be the same when a report is kept as when it was made: how many numbers have which fate."""
    counts = (
        select(document.c.state, func.count())
        .where(document.c.rut == rut, document.c.day == of, document.c.state.in_(COUNTED))
        .group_by(document.c.state)
    )
    found = Counter({"annulled": sum(row.last - row.first + 1 for row in annulled_on(db, rut, of))})
    for state, count in db.execute(counts):
        found[state if state in _APART else "counted"] += count
    found["marked"] = db.execute(select(day.c.seq).where(day.c.rut == rut, day.c.day == of)).scalar() or 0
    return found


def last_of(db: Connection, rut: str, of: date) -> Row[Any] | None:
    """The report of a day that counts: the one with the highest sequence, but for refused ones."""
    found = select(report).where(report.c.rut == rut, report.c.day == of, report.c.state != Report.REFUSED.value)
    return db.execute(found.order_by(report.c.secuencia.desc()).limit(1)).one_or_none()


def make(
    db: Connection, rut: str, of: date, secuencia: int, *, sent: bytes, content_sha256: str, seq: int, now: datetime
) -> Row[Any]:  # fmt: skip
    """The intent: these bytes are about to leave. Earlier ones of the day are no longer followed."""
    earlier = update(report).where(report.c.rut == rut, report.c.day == of, report.c.state == Report.TAKEN.value)
    db.execute(earlier.values(state=Report.REPLACED.value))
    made = insert(report).values(
        rut=rut, day=of, secuencia=secuencia, sent=sent, content_sha256=content_sha256, seq=seq,
        state=Report.MADE.value, made=now, due=now, tries=0, id_receptor="", trouble="",
    )  # fmt: skip
    return db.execute(made.returning(*report.c)).one()


def done_with(db: Connection, rut: str, of: date, seq: int) -> None:
    """The report tells of what happened to a day up to `seq`."""
    db.execute(delete(day).where(day.c.rut == rut, day.c.day == of, day.c.seq <= seq))


def wait(db: Connection, rut: str, of: date, trouble: str, now: datetime) -> None:
    """No report can be made of a day yet; it is tried again after a while."""
    keep = pg_insert if db.dialect.name == "postgresql" else sqlite_insert
    fresh = {"trouble": trouble, "due": now + filers.LONGEST_WAIT}
    row = keep(day).values(rut=rut, day=of, changed=now, seq=0, **fresh)
    db.execute(row.on_conflict_do_update(index_elements=["rut", "day"], set_=fresh))


def wake(db: Connection) -> None:
    """What no report could be made of is tried again at once, of all issuers."""
    db.execute(update(day).values(due=None))


def advance(db: Connection, rut: str) -> None:
    """Keep up to which day there is a report of each."""
    row = filers.of(db, rut)
    since = first_day(db, row)
    if since is None:
        return
    begin = _begin(db, row, since)
    have = set(db.execute(select(report.c.day).where(report.c.rut == rut, report.c.day >= begin)).scalars())
    last = begin
    while last in have:
        last += timedelta(days=1)
    if last > begin:
        db.execute(update(filer).where(filer.c.rut == rut).values(reported=last - timedelta(days=1)))


def _begin(db: Connection, row: Row[Any], since: date) -> date:
    """The first day that may be without a report; a document that counts late may be of a day before all others."""
    if row.reported is None or row.reported < since:
        return since
    first = select(report.c.id).where(report.c.rut == row.rut, report.c.day == since).limit(1)
    end: date = row.reported + timedelta(days=1)
    return end if db.execute(first).first() is not None else since


def due(db: Connection, rut: str, now: datetime) -> Sequence[Row[Any]]:
    """Reports about which something is to be done now."""
    found = select(report).where(report.c.rut == rut, IS_UNDER_WAY, filers.due_by(report.c.due, now))
    return db.execute(found.order_by(report.c.day, report.c.secuencia).limit(_AT_ONCE)).all()


def again(db: Connection, row: Row[Any]) -> Row[Any] | None:
    """The report as it is now; None when it is no longer where it was."""
    found = db.execute(select(report).where(report.c.id == row.id)).one()
    return found if found.state == row.state else None


def keep_answer(db: Connection, row: Row[Any], content: bytes, now: datetime) -> None:
    """What the authority said, as it said it."""
    db.execute(insert(answer).values(report=row.id, at=now, content=content))


def change(db: Connection, row: Row[Any], **values: Any) -> None:
    """Change a report."""
    db.execute(update(report).where(report.c.id == row.id).values(**values))


def postpone(db: Connection, row: Row[Any], trouble: str, now: datetime) -> None:
    """It is tried or asked again after a while, longer each time."""
    pause = filers.pause_after(row.tries, filers.LONGEST_WAIT)
    change(db, row, tries=row.tries + 1, due=now + pause, trouble=trouble)


def told(db: Connection, row: Row[Any], seq: int, most: int) -> int:
    """
    Small documents that this report told of are reported; how many were found, `most` at a time.

    What changed after it was made has marked its day, and waits for the next one.
    """
    mine: tuple[ColumnElement[bool], ...] = (
        document.c.rut == row.rut, document.c.day == row.day, document.c.alone.is_(False),
        document.c.state == CloudState.CONFIRMED.value,
    )  # fmt: skip
    later = select(day.c.day).where(day.c.rut == row.rut, day.c.day == row.day, day.c.seq > row.seq)
    if db.execute(later).first() is not None:
        mine = (*mine, document.c.changed <= row.seq)
    ids = db.execute(select(document.c.id).where(*mine).limit(most)).scalars().all()
    fresh = {"state": CloudState.REPORTED.value, "changed": seq}
    db.execute(update(document).where(document.c.id.in_(ids)).values(fresh))
    return len(ids)
