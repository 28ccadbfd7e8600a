"""Lotes: many documents in one file, each of which walks like any sale, after everybody else's."""

from collections.abc import Iterator

from sincronizador.core.answer import Estado, Motivo
from sincronizador.core.job import Kind, Task
from sincronizador.journal import jobs, lots, post, tasks

from . import decision
from .case import prepare
from .desk import Desk
from .ending import finish
from .house import House
from .opening import open_lote
from .signing import held

BATCH = 4
"""Documents of lotes that share a commit: what a sale that arrives meanwhile may have to wait for."""
WINDOW = 64
"""Documents of one lote that are being decided, under way to the cloud, or wait, at one time."""


class Lots:
    """The lotes of a running daemon. What it keeps in memory is only how far opening them has come."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._opening: dict[int, Iterator[None]] = {}
        """Task of a file -> what is left of opening it."""

    def advance(self) -> bool:
        """One stretch of work; False when there was nothing to do."""
        house, now = self._house, self._house.clock.now().timestamp()
        with house.journal.reading() as db:
            if post.is_fenced(db):
                return False
            whole = tasks.due_parts(db, tasks.DECISION, now, 1, parts=False)
            parts = tasks.due_parts(db, tasks.DECISION, now, BATCH, parts=True)
            under_way = lots.under_way(db)
            ended = [opening for opening in self._opening if not tasks.is_due(db, opening)]
        for opening in ended:
            del self._opening[opening]
        for task in whole:
            self._open(task)
        decision.take(house, parts, Desk())
        fed = self._feed(under_way, now) if under_way else 0
        finished = [finish(house, lote) for lote in under_way]
        return bool(whole or parts or fed or any(finished))

    def _feed(self, under_way: list[int], now: float) -> int:
        """
        The next documents, of the oldest lote first; those that wait for something leave the others room.

        Each lote has a window of its own: what waits is tried again and again, so it stays few.
        """
        with self._house.journal.reading() as db:
            hands = lots.in_hand(db, now)
        if sum(hand.due for hand in hands.values()) > WINDOW // 2:
            return 0
        hungry = [lote for lote in under_way if lote not in hands or hands[lote].held <= WINDOW // 2]
        with self._house.journal.transaction() as db:
            fed = (lots.feed(db, lote, WINDOW - (hands[lote].held if lote in hands else 0)) for lote in hungry)
            return next(filter(None, fed), 0)

    def _open(self, task: Task) -> None:
        """The next slice of opening a file."""
        slices = self._opening.setdefault(task.id, _open(self._house, task))
        is_over = False

        def go_on() -> None:
            nonlocal is_over
            is_over = next(slices, _OVER) is _OVER

        if not decision.attempt(self._house, task, go_on) or is_over:
            del self._opening[task.id]


_OVER = object()


def _open(house: House, task: Task) -> Iterator[None]:
    """A file that is read here, because it is a lote or large."""
    with house.journal.reading() as db:
        job, content = decision.dated(house, db, jobs.get(db, task.job)), jobs.content(db, task.job)
        why = held(house, db, house.clock.now())
    if why is not None and why.motivo == Motivo.RELOJ:
        decision.hold(house, task, why)
        return
    if job.motivo == Motivo.RELOJ:
        with house.journal.transaction() as db:
            jobs.set_day(db, job.id, job.today)
    desk = Desk()
    if not (job.estado is Estado.RECIBIDO and job.findings):
        prepared = prepare(house, job, content)
        yield
        if prepared.kind is Kind.LOTE:
            yield from open_lote(house, task, prepared)
            return
        desk.put(prepared)
    decision.take(house, [task], desk)
