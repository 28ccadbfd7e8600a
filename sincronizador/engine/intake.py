"""T1: what was claimed becomes a request in the journal."""

import hashlib
import logging
from collections.abc import Callable

from sincronizador import files
from sincronizador.core.job import Dropped, Job, Step
from sincronizador.errors import SincronizadorError
from sincronizador.folders.claim import Inbox
from sincronizador.formats.whole import first_section
from sincronizador.journal import events, jobs, post, tasks
from sincronizador.journal.journal import Tx

from .case import Prepared, prepare
from .desk import Desk
from .house import House
from .timekeeping import clock_trouble

log = logging.getLogger(__name__)

BATCH = 32
"""Files that share a commit."""
ROOM = 64
"""Files that may wait for their decision or for the cloud: the others wait where each till has its turn."""
LONG = 200_000
"""Bytes from which on a file is read where it keeps nobody waiting."""


class Intake:
    """
    Takes files in, no faster than they are decided.

    What was claimed but got no row, by a crash or a full disk, is adopted before anything else.
    """

    def __init__(self, house: House, inbox: Inbox, desk: Desk, arrived: Callable[[], None]) -> None:
        self._house = house
        self._inbox = inbox
        self._desk = desk
        self._arrived = arrived
        self._orphans = True
        """Whether there may be claimed files without a row."""
        self.is_full = False
        """Whether the last look found too many files undecided."""

    def take(self, *, closed: bool = False) -> int:
        """
        Claim what is whole and write its rows, a batch in one commit; how many.

        While `closed`, only what was claimed before gets its row: the others stay where they were dropped.
        """
        with self._house.journal.reading() as db:
            if post.is_fenced(db):
                return 0
            room = ROOM - self._undecided(db)
        self.is_full = room < ROOM // 2
        if self.is_full:
            return 0
        if self._orphans:
            if adopted := self._keep(self._inbox.adopt(self._is_known)):
                return adopted
            self._orphans = False
        if closed:
            self._inbox.rest()
            return 0
        dropped = self._inbox.scan(room)
        self._orphans = bool(dropped)
        taken = self._keep(dropped)
        self._orphans = False
        return taken

    def _undecided(self, db: Tx) -> int:
        """What waits for longer than any caller does, for whatever reason, keeps nobody else out."""
        now = self._house.clock.now()
        since = now - self._house.rules.decision
        return sum(tasks.pressing(db, lane, now, since, ROOM) for lane in (tasks.DECISION, tasks.CLOUD))

    def _is_known(self, claimed: str) -> bool:
        with self._house.journal.reading() as db:
            return jobs.is_claimed(db, claimed)

    def _keep(self, dropped: list[Dropped]) -> int:
        for first in range(0, len(dropped), BATCH):
            self._keep_batch(dropped[first : first + BATCH])
        return len(dropped)

    def _keep_batch(self, dropped: list[Dropped]) -> None:
        """A bug over one file is nobody else's: it stays in ``procesando/`` without a row, and the others go on."""
        try:
            self._insert(dropped)
        except SincronizadorError:
            raise
        except Exception:
            if len(dropped) == 1:
                log.exception("event=bug file=%s", files.printable(dropped[0].claimed))
            else:
                for one in dropped:
                    self._keep_batch([one])

    def _insert(self, dropped: list[Dropped]) -> None:
        now = self._house.clock.now()
        new = [
            (Job.arriving(one, sha256=hashlib.sha256(one.content).hexdigest(), at=now), one.content) for one in dropped
        ]
        with self._house.journal.reading() as db:
            doubtful = bool(clock_trouble(self._house, db, now))
        read = [None if doubtful else self._read(job, content) for job, content in new]
        try:
            with self._house.journal.transaction() as db:
                for (job, content), prepared in zip(new, read, strict=True):
                    number = jobs.insert(db, job, content)
                    tasks.add(db, number, Step.START, tasks.DECISION)
                    if doubtful:
                        jobs.doubt_day(db, number)
                    if _is_long(content):
                        tasks.put_aside(db, number, Step.START)
                    detail = f"Llegó {files.printable(job.name)} ({len(content)} bytes)."
                    events.record(db, number, now, "claimed", detail)
                    # Before the commit, so that whoever sees the row finds it read.
                    if prepared is not None:
                        self._desk.put(prepared.with_id(number))
        except BaseException:
            self._desk.clear()
            raise
        self._arrived()

    def _read(self, job: Job, content: bytes) -> Prepared | None:
        """The file read while others are being signed; what goes wrong here goes wrong again where it has an answer."""
        if job.findings or _is_long(content):
            return None
        try:
            return prepare(self._house, job, content)
        except Exception:
            log.debug("event=unread file=%s", files.printable(job.claimed), exc_info=True)
            return None


def _is_long(content: bytes) -> bool:
    """Whether reading it takes so long that others should go first: a lote, or a file of the size of one."""
    return len(content) > LONG or first_section(content) == "LOTE"
