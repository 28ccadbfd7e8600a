"""
Sweeps: what is due with the authority, issuer by issuer, seen in the tables and done.

A sweep may be repeated and may fall at any point: the tables are the truth, and what it does is committed step by step.
Only one sweep of an issuer runs at a time, in whatever process. A wake-up that is lost costs a `TICK`.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from time import monotonic

from sqlalchemy import Connection, and_, or_, select

from sincronizador.errors import NeedsOperator, Refused, SincronizadorError, Unanswered, Unavailable
from sincronizador.logs import event
from sincronizador.nube import codes, expiry, filers, filings, postings, registry, reports
from sincronizador.nube.clerk import Clerk
from sincronizador.nube.gate import touch
from sincronizador.nube.tables import IS_UNDER_WAY, IS_UNSORTED, IS_WAITING, document, filer, issuer, report, sobre

TICK = 2.0
"""Seconds between two looks at the tables."""
HANDS = 4
"""Issuers at a time."""
PARTS: tuple[Callable[[Clerk, str], bool], ...] = (expiry.sweep, filings.sweep, reports.sweep)
"""In this order: a report tells what expired before it, and asks for nothing of the line to do so."""
OUTWARD: tuple[Callable[[Clerk, str], bool], ...] = (registry.sweep, postings.sweep)
"""What keeps its troubles to itself: done also while the line to the authority rests."""

_LINE = (Unavailable, Unanswered, NeedsOperator, Refused)
"""What concerns the whole line of an issuer."""

log = logging.getLogger(__name__)


def attend(clerk: Clerk, rut: str) -> bool:
    """
    Do what is due for an issuer, unless somebody is at it; whether there is more at once.

    What goes wrong is kept: the issuer waits, longer each time. Raises only what the base raises.
    """
    with clerk.store.alone(f"dgi {rut}") as is_mine:
        if not is_mine:
            return False
        more = False if _rests(clerk, rut) else _file(clerk, rut)
        return _post(clerk, rut) or more


def _file(clerk: Clerk, rut: str) -> bool:
    """What is due with the authority."""
    more, why = False, ""
    for part in PARTS:
        try:
            more = part(clerk, rut) or more
        except _LINE as exc:
            if exc.code in OF_THE_BASE:
                raise
            why = str(exc)
            break
        except SincronizadorError as exc:
            why = str(exc)
        except Exception as exc:
            log.exception("event=bug what=sweep rut=%s", rut)
            why = f"error interno: {exc!r}"
    _keep(clerk, rut, why)
    return more and not why


def _post(clerk: Clerk, rut: str) -> bool:
    """What is due with receivers, where anything goes to them. Their troubles are kept by the parts themselves."""
    more = False
    for part in OUTWARD if clerk.post is not None else ():
        try:
            more = part(clerk, rut) or more
        except SincronizadorError as exc:
            if exc.code in OF_THE_BASE:
                raise
            event(log, "trouble", level=logging.ERROR, what="post", rut=rut, code=exc.code, message=str(exc))
        except Exception:
            log.exception("event=bug what=post rut=%s", rut)
    return more


def agenda(db: Connection, clerk: Clerk) -> Sequence[str]:
    """The issuers with something to do now."""
    now = clerk.now()
    rests = select(filer.c.rut).where(filer.c.due > now, filer.c.due <= now + filers.LONGEST_PAUSE)
    due = or_(
        select(document.c.id).where(document.c.rut == issuer.c.rut, IS_UNSORTED).exists(),
        select(document.c.id).where(document.c.rut == issuer.c.rut, IS_WAITING).exists(),
        select(sobre.c.id).where(sobre.c.rut == issuer.c.rut, IS_UNDER_WAY, filers.due_by(sobre.c.due, now)).exists(),
        select(report.c.id)
        .where(report.c.rut == issuer.c.rut, IS_UNDER_WAY, filers.due_by(report.c.due, now))
        .exists(),
        reports.is_due(clerk, now),
        expiry.is_due(clerk),
    )
    may = and_(issuer.c.rut.not_in(rests), due)
    if clerk.post is not None:
        may = or_(may, postings.is_due(db, now))
    found = select(issuer.c.rut).where(may).order_by(issuer.c.rut)
    return db.execute(found).scalars().all()


class Loop:
    """
    Looks at the tables every `TICK`, at once for whom it is woken, and gives each issuer's turn to one of its hands.

    `turn` is `attend` for an embedded base; where other processes share the work, what tells them.
    """

    def __init__(
        self, clerk: Clerk, turn: Callable[[str], bool], lost: Callable[[], None], tick: float = TICK
    ) -> None:  # fmt: skip
        self._clerk = clerk
        self._turn = turn
        self._lost = lost
        self._tick = tick
        self._bell = threading.Condition()
        self._woken: set[str] = set()
        self._busy: set[str] = set()
        self._ends = False
        self._hands = ThreadPoolExecutor(HANDS, thread_name_prefix="dgi")
        self._thread = threading.Thread(target=self._run, name="dgi")

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wake(self, rut: str) -> None:
        """Something of this issuer may be due."""
        with self._bell:
            self._woken.add(rut)
            self._bell.notify()

    def stop(self) -> None:
        """End; what is in hand is finished."""
        with self._bell:
            self._ends = True
            self._bell.notify()
        self._thread.join()
        self._hands.shutdown()

    def _run(self) -> None:
        looked = 0.0
        while True:
            with self._bell:
                left = looked + self._tick - monotonic()
                if not self._ends and not self._woken - self._busy and left > 0:
                    self._bell.wait(left)
                if self._ends:
                    return
            if monotonic() - looked >= self._tick:
                looked = monotonic()
                self._look()
            self._hand_out()

    def _look(self) -> None:
        try:
            with self._clerk.store.reading() as db:
                found = agenda(db, self._clerk)
        except SincronizadorError as exc:
            trouble(self._lost, exc)
            return
        with self._bell:
            self._woken |= set(found)

    def _hand_out(self) -> None:
        with self._bell:
            ready = self._woken - self._busy
            self._woken -= ready
            self._busy |= ready
        for rut in sorted(ready):
            self._hands.submit(self._take, rut)

    def _take(self, rut: str) -> None:
        more = False
        try:
            more = self._turn(rut)
        except SincronizadorError as exc:
            trouble(self._lost, exc)
        except Exception:
            log.exception("event=bug what=sweep rut=%s", rut)
        with self._bell:
            self._busy.discard(rut)
            if more:
                self._woken.add(rut)
            self._bell.notify()


def trouble(lost: Callable[[], None], exc: SincronizadorError) -> None:
    """The base cannot be used: the next look may find it again, unless its disk failed."""
    event(log, "trouble", level=logging.ERROR, what="sweep", code=exc.code, message=str(exc))
    if exc.code == codes.BASE_BROKEN.code:
        lost()


def _rests(clerk: Clerk, rut: str) -> bool:
    with clerk.store.reading() as db:
        row = db.execute(select(filer).where(filer.c.rut == rut)).one_or_none()
        return row is not None and filers.rests(row, clerk.now())


def _keep(clerk: Clerk, rut: str, why: str) -> None:
    with clerk.store.reading() as db:
        row = db.execute(select(filer).where(filer.c.rut == rut)).one_or_none()
        if row is not None and not row.tries and not why:
            return
    with clerk.store.writing() as db:
        touch(db, rut, now := clerk.now())
        if why:
            filers.stumble(db, rut, now, why)
        else:
            filers.recover(db, rut)


OF_THE_BASE = frozenset({"not_ready", codes.BASE_TROUBLE.code, codes.BASE_BROKEN.code, codes.BASE_DAMAGED.code})
"""Codes of errors of the base itself: nothing can be kept about them."""
