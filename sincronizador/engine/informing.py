"""Whether the authority has what the cloud has: only the cloud tells, some time after the day is over."""

from datetime import date, datetime, timedelta

from sincronizador.journal import episodes, listings
from sincronizador.journal.journal import Tx

from .house import House
from .pauses import is_over

WHOLE_DAYS = 2
"""
After a day, until its documents are late; never before its report is due: by 18 h of the next day from Monday to Friday
(Formato Reporte v13.2). Nobody here knows the holidays, and the authority takes a while.
"""
LOOK_BACK = timedelta(days=31)
"""What is older is not looked at: no alarm gets it there any more."""
_NEWS_KEEP = timedelta(minutes=5)
_LONG = timedelta(days=1)
"""A contingencia after which the cloud gets its days anew."""


def late_day(house: House, db: Tx, now: datetime) -> date | None:
    """The oldest day that is late; None without a cloud that is there and has told its news."""
    asked = house.line.followed_at
    if asked is None or is_over(asked, now, _NEWS_KEEP):
        return None
    last = _last_due(house, now)
    if _was_down_after(db, last):
        return None
    return listings.uninformed(db, now.date() - LOOK_BACK, last)


def _last_due(house: House, now: datetime) -> date:
    """The newest day that would be late now."""
    day = now.date() - timedelta(days=WHOLE_DAYS + 1)
    while house.country.report_due(day) > now:
        day -= timedelta(days=1)
    return day


def _was_down_after(db: Tx, day: date) -> bool:
    ended = (one.ended_at for one in episodes.last(db, 1) if one.ended_at and one.ended_at - one.started_at >= _LONG)
    return any(end.date() > day for end in ended)
