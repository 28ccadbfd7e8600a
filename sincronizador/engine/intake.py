"""T1: what was claimed becomes a request in the journal."""

import hashlib

from sincronizador import files
from sincronizador.core.job import Dropped, Step
from sincronizador.folders.claim import Inbox
from sincronizador.journal import events, jobs, tasks

from .house import House


def take_in(house: House, inbox: Inbox) -> int:
    """Claim what is whole and write its rows, all in one commit; how many."""
    return _keep(house, inbox.scan())


def adopt(house: House, inbox: Inbox) -> int:
    """The rows of claimed files that a crash left without one; how many."""

    def known(claimed: str) -> bool:
        with house.journal.reading() as db:
            return jobs.is_claimed(db, claimed)

    return _keep(house, inbox.adopt(known))


def _keep(house: House, dropped: list[Dropped]) -> int:
    if not dropped:
        return 0
    now = house.clock.now()
    with house.journal.transaction() as db:
        for one in dropped:
            sha256 = hashlib.sha256(one.content).hexdigest()
            job = jobs.insert(db, one, sha256=sha256, at=now)
            tasks.add(db, job, Step.START, tasks.DECISION)
            events.record(db, job, now, "claimed", f"Llegó {files.printable(one.name)} ({len(one.content)} bytes).")
    return len(dropped)
