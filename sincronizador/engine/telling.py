"""
Telling those outside what stands in the way: each once when it begins and once when it is over.

What is owed to a channel is computed from the journal, so that what could not be told waits and goes out as one. It is
marked after it left: who falls in between tells it again, with the same id.
"""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from sincronizador.core.alarm import Alarm
from sincronizador.errors import NeedsOperator, Refused, SincronizadorError
from sincronizador.journal import alarms

from .house import House
from .notice import Notice, Place, notice

log = logging.getLogger(__name__)

TOGETHER = timedelta(minutes=1)
"""What is told within this of something else is told with it."""
_FIRST_PAUSE = 30.0
_LONGEST_PAUSE = 900.0
_SILENT = 3600.0
"""Seconds for which a channel may be out of reach until that is a trouble: without a line it is no news."""
_QUEUES = frozenset(("impresora", "cola", "nube"))


class Channel(Protocol):
    """A way to somebody outside."""

    @property
    def name(self) -> str:
        """Of whom: an address. The journal knows by it what was told."""
        ...

    def tell(self, told: Notice) -> None:
        """Hand it over. Raises an error of the family when it was not taken, or nobody knows."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """When what is told."""

    place: Place
    espera: timedelta = timedelta(minutes=1)
    cola: timedelta = timedelta(minutes=15)
    contingencia: timedelta = timedelta(hours=4)
    recordar: timedelta | None = timedelta(hours=24)

    def patience(self, alarm: Alarm) -> timedelta:
        """How long an alarm stands until somebody outside is told."""
        if alarm.family == "contingencia":
            return self.contingencia
        return self.cola if alarm.family in _QUEUES else self.espera


@dataclass(slots=True)
class _Way:
    channel: Channel
    due: float = 0.0
    pause: float = _FIRST_PAUSE
    trouble: SincronizadorError | None = None
    silent_since: float = field(default_factory=time.monotonic)


class Teller:
    """Tells every channel what it is owed. One thread works, others may look at its `troubles`."""

    def __init__(self, house: House, channels: Sequence[Channel], manners: Manners) -> None:
        self._house = house
        self._ways = [_Way(channel) for channel in channels]
        self._manners = manners
        self._known = False

    def tell_next(self) -> bool:
        """Tell the channels whose time has come; whether any was told something."""
        if not self._known:
            self._get_to_know()
        told = [self._tell(way) for way in self._ways if time.monotonic() >= way.due]
        return any(told)

    @property
    def troubles(self) -> list[SincronizadorError]:
        """Channels that a person must see to, or that were out of reach for long."""
        now = time.monotonic()
        return [
            way.trouble
            for way in self._ways
            if way.trouble is not None
            and (isinstance(way.trouble, NeedsOperator | Refused) or now - way.silent_since > _SILENT)
        ]

    def _get_to_know(self) -> None:
        with self._house.journal.transaction() as db:
            for way in self._ways:
                alarms.begin_telling(db, way.channel.name, self._house.clock.now())
        self._known = True

    def _tell(self, way: _Way) -> bool:
        about = self._owed(way.channel.name)
        if not about:
            return False
        now = self._house.clock.now()
        try:
            way.channel.tell(notice(self._manners.place, now, about))
        except SincronizadorError as error:
            self._complain(way, error)
            return False
        with self._house.journal.transaction() as db:
            alarms.told(db, way.channel.name, about, now)
        log.info("event=told channel=%s alarms=%d", way.channel.name, len(about))
        way.trouble, way.due, way.pause = None, 0.0, _FIRST_PAUSE
        return True

    def _owed(self, channel: str) -> list[alarms.Owed]:
        now, manners = self._house.clock.now(), self._manners
        with self._house.journal.reading() as db:
            if not alarms.owed(db, channel, now, manners.patience, manners.recordar):
                return []
            return alarms.owed(db, channel, now + TOGETHER, manners.patience, manners.recordar)

    @staticmethod
    def _complain(way: _Way, error: SincronizadorError) -> None:
        if way.trouble is None:
            way.silent_since = time.monotonic()
        if way.trouble is None or str(way.trouble) != str(error):
            log.warning("event=not_told channel=%s code=%s message=%r", way.channel.name, error.code, str(error))
        way.trouble, way.due = error, time.monotonic() + way.pause
        way.pause = min(2 * way.pause, _LONGEST_PAUSE)
