"""The daily report as DGI would get it: what a closed day had is never changed without the cloud's tables saying so."""

from datetime import datetime, timedelta

from walking import NOON

_DOCUMENTS = (
    "SELECT day, doc_type || '-' || series || '-' || number, sha256 FROM document"
    " WHERE state NOT IN ('prepared', 'voided')"
)
_ANNULLED = (
    "SELECT a.day, c.doc_type || '-' || c.series || '-' || a.first || '..' || a.last, 'annulled'"
    " FROM annulled a JOIN cae c ON c.id = a.cae"
)


class Reports:
    """Looks at the tables at every midnight, as a sweep that reports would."""

    def __init__(self, town):
        self._town = town
        self._sent = {}
        """Day -> when it was looked at, and what it had."""

    def look(self):
        """Every day that is over is reported."""
        days, day = self._days(), NOON.date()
        while day < self._town.clock.time.date():
            self._sent.setdefault(day.isoformat(), (self._town.clock.time, days.get(day.isoformat(), set())))
            day += timedelta(days=1)

    def forget(self):
        """The cloud was restored: what its copy did not have was reported by nobody that it knows of."""
        self._sent.clear()

    @property
    def closed(self):
        return len(self._sent)

    def broken(self):
        """Days that changed in silence."""
        days = self._days()
        told = {day: datetime.fromisoformat(at) for day, at in self._town.query("SELECT day, changed FROM day")}
        for day, (at, lines) in self._sent.items():
            changed = days.get(day, set()) ^ lines
            if changed and (day not in told or told[day] < at):
                yield f"the report of {day} changed and nobody says so: {sorted(changed)[:3]}"

    def _days(self):
        days = {}
        for day, *line in (*self._town.query(_DOCUMENTS), *self._town.query(_ANNULLED)):
            days.setdefault(day, set()).add(tuple(line))
        return days
