"""
What is forgotten when it is old, for as long as the settings keep it: answers, what was put aside, what nobody needs.

A little at a time, with a breath in between, so that no sale waits for it. Nothing that is not settled goes, nothing
that the law wants, and nothing at all while it is in doubt what day it is.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sincronizador.folders import trimming as folders
from sincronizador.journal import jobs
from sincronizador.journal import trimming as journal
from sincronizador.journal.journal import Tx

from .house import House
from .timekeeping import clock_trouble

log = logging.getLogger(__name__)

EVERY = 6 * 3600.0
"""Seconds from one round to the next."""
_AFTER_START = 60.0
_BATCH = 200
_BREATH = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """For how many days; 0 for ever."""

    salida: int = 0
    procesados: int = 0
    rechazados: int = 0
    diario: int = 400


class Retention:
    """Goes round now and then. One thread works, another may tell it to stop."""

    def __init__(self, house: House, keeping: Keeping, *, start: float = _AFTER_START) -> None:
        self._house = house
        self._keeping = keeping
        self._next = time.monotonic() + start
        self._stopping = threading.Event()

    def advance(self) -> bool:
        """A whole round, when it is time. How old is old is settled as it begins."""
        if time.monotonic() < self._next:
            return False
        # What fails is tried in the next round: nothing hangs on it.
        self._next = time.monotonic() + EVERY
        now = self._house.clock.now()
        with self._house.journal.reading() as db:
            if clock_trouble(self._house, db, now):
                return False
        gone = {name: sum(step) for name, step in self._steps(now)}
        if any(gone.values()):
            log.info("event=trimmed %s", " ".join(f"{name}={count}" for name, count in gone.items()))
        return False

    def stop(self) -> None:
        """End with the file in hand."""
        self._stopping.set()

    def _steps(self, now: datetime) -> Iterator[tuple[str, Iterator[int]]]:
        house, keeping = self._house, self._keeping
        if keeping.salida:
            yield "answers", self._answers(now - timedelta(days=keeping.salida))
        for root, days in (
            (house.layout.procesados, keeping.procesados),
            (house.layout.rechazados, keeping.rechazados),
        ):
            if days:
                yield root.rpartition("/")[2], self._days(root, now, days)
        yield "alarms", self._rows(journal.alarms, now - timedelta(days=journal.ALARM_DAYS))
        if keeping.diario:
            yield "jobs", self._rows(journal.jobs, now - timedelta(days=keeping.diario))
            yield "orders", self._rows(journal.orders, now - timedelta(days=keeping.diario))
            yield "events", self._rows(journal.events, now - timedelta(days=keeping.diario))

    def _answers(self, limit: datetime) -> Iterator[int]:
        before = limit.timestamp()
        for till, stem, paths in folders.old_answers(self._house.layout, before):
            if self._stopping.is_set():
                return
            with self._house.journal.reading() as db:
                settled = jobs.is_settled(db, till, stem)
            if settled:
                yield folders.remove(paths, before)
            self._stopping.wait(_BREATH / 10)

    def _days(self, root: str, now: datetime, days: int) -> Iterator[int]:
        for folder in folders.old_days(root, now.date(), days):
            yield folders.remove_day(folder, self._breathe)

    def _rows(self, forget: Callable[[Tx, datetime, int], int], before: datetime) -> Iterator[int]:
        while not self._stopping.is_set():
            with self._house.journal.transaction() as db:
                count = forget(db, before, _BATCH)
            yield count
            if count < _BATCH:
                return
            self._breathe()

    def _breathe(self) -> bool:
        """Let others go first; whether to go on."""
        return not self._stopping.wait(_BREATH)
