"""A till, its cloud, the line between them and DGI, all by one clock."""

from datetime import datetime, timedelta, timezone

from outside.authority import Authority
from outside.hands import Hands
from outside.site import Site

ZONE = timezone(timedelta(hours=-3))
HURRY = timedelta(seconds=30)
MOST_HURRY = timedelta(minutes=4)
"""A till whose clock is five minutes ahead of what has passed signs nothing."""


class Town:
    """Four programs of the real kind; their clock shows the next noon: what was prepared before is of the past."""

    def __init__(self, site: Site, dgi: Authority, hands: Hands) -> None:
        self.site = site
        self.dgi = dgi
        self.hands = hands
        now = datetime.now(ZONE)
        noon = now.replace(hour=12, minute=0, second=0, microsecond=0)
        self._noon = noon if now < noon else noon + timedelta(days=1)
        self.day = self._noon.date()
        self.put(timedelta())
        for program in (site.till, site.cloud, dgi):
            program.environment = hands.environment

    def put(self, past_noon: timedelta) -> None:
        """So much after that noon, for all of them at once."""
        self._hurried = timedelta()
        self._ahead(self._noon + past_noon - datetime.now(ZONE))

    def hurry(self) -> None:
        """Somebody waits: half a minute goes by at once, unless the till would begin to doubt its clock."""
        if self._hurried < MOST_HURRY:
            self._hurried += HURRY
            self._ahead(self._by + HURRY)

    def _ahead(self, by: timedelta) -> None:
        self._by = by
        self.hands.put(f"{by.total_seconds():+.0f}")
