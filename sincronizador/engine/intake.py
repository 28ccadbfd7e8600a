"""T1: what was claimed becomes a request in the journal."""

import hashlib
import logging
from contextlib import suppress
from datetime import datetime

from sincronizador import files
from sincronizador.core.job import Dropped, Job, Step
from sincronizador.errors import SincronizadorError
from sincronizador.folders.claim import Inbox
from sincronizador.journal import events, jobs, tasks
from sincronizador.journal.journal import Tx

from .case import prepare
from .desk import Desk
from .house import House

log = logging.getLogger(__name__)


class Intake:
    """Takes files in. What was claimed but got no row, by a crash or a full disk, is adopted before anything else."""

    def __init__(self, house: House, inbox: Inbox, desk: Desk) -> None:
        self._house = house
        self._inbox = inbox
        self._desk = desk
        self._orphans = True
        """Whether there may be claimed files without a row."""

    def take(self) -> int:
        """Claim what is whole and write its rows, all in one commit; how many."""
        if self._orphans:
            if adopted := self._keep(self._inbox.adopt(self._is_known)):
                return adopted
            self._orphans = False
        dropped = self._inbox.scan()
        self._orphans = bool(dropped)
        taken = self._keep(dropped)
        self._orphans = False
        return taken

    def _is_known(self, claimed: str) -> bool:
        with self._house.journal.reading() as db:
            return jobs.is_claimed(db, claimed)

    def _keep(self, dropped: list[Dropped]) -> int:
        if not dropped:
            return 0
        try:
            self._insert_all(dropped)
        except SincronizadorError:
            raise
        except Exception:
            for one in dropped:
                self._insert_alone(one)
        return len(dropped)

    def _insert_alone(self, one: Dropped) -> None:
        """A file that no row can be made of stays in ``procesando/``, and the others go on."""
        try:
            self._insert_all([one])
        except SincronizadorError:
            raise
        except Exception:
            log.exception("event=bug file=%s", files.printable(one.claimed))

    def _insert_all(self, dropped: list[Dropped]) -> None:
        now = self._house.clock.now()
        with self._house.journal.transaction() as db:
            new = [self._insert(db, one, now) for one in dropped]
        for job, one in zip(new, dropped, strict=True):
            if one.trouble is None:
                # Read while others are being signed. What goes wrong here goes wrong again where it has an answer.
                with suppress(Exception):
                    self._desk.put(prepare(self._house, job, one.content))

    def _insert(self, db: Tx, one: Dropped, now: datetime) -> Job:
        job = jobs.insert(db, one, sha256=hashlib.sha256(one.content).hexdigest(), at=now)
        tasks.add(db, job, Step.START, tasks.DECISION)
        events.record(db, job, now, "claimed", f"Llegó {files.printable(one.name)} ({len(one.content)} bytes).")
        return jobs.get(db, job)
