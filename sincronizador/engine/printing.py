"""PRINT: T4 the intent, the bytes, T5 the outcome."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from sincronizador.core.job import Impresion, Task, Verdict
from sincronizador.errors import NeedsOperator, Unanswered, Unavailable
from sincronizador.journal import events, jobs, papers, post, tasks
from sincronizador.journal.journal import Tx
from sincronizador.printing.door import Printed, Printer

from . import lanes
from .house import House
from .pauses import is_over, pause_after
from .sheets import Sheet, draw, next_sheet

log = logging.getLogger(__name__)

CROWD = 64
"""Files arriving within a second from which on printing steps aside."""
ASIDE = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class _Outcome:
    verdict: Verdict
    impresion: Impresion
    detail: str


class Press:
    """
    Prints for a station. What became of a sheet is remembered until the journal has it: a disk that is full after the
    page left would otherwise cost a second paper.
    """

    def __init__(self, house: House, printer: Printer) -> None:
        self._house = house
        self._printer = printer
        self._untold: tuple[Sheet, _Outcome] | None = None
        self._silent_since: float | None = None
        """By the steady clock, since when nothing leaves the station."""

    def print_next(self) -> bool:
        """Print the next sheet; False when there is none, or its lane pauses. Raises `NeedsOperator` of the journal."""
        if self._untold is None:
            sheet = _take(self._house, self._printer.name)
            if sheet is None:
                return False
            self._untold = sheet, _attempt(partial(_send, self._house, self._printer, sheet))
        sheet, outcome = self._untold
        silent = self._silent_for(outcome)
        with self._house.journal.transaction() as db:
            goes_on = _conclude(self._house, db, sheet, outcome, silent)
        self._untold = None
        return goes_on

    def _silent_for(self, outcome: _Outcome) -> timedelta:
        """For how long nothing left. A restart forgets it: then the wait for another station begins anew."""
        now = self._house.clock.steady()
        if outcome.verdict is not Verdict.RETRY:
            self._silent_since = None
        elif self._silent_since is None:
            self._silent_since = now
        return timedelta(seconds=now - (self._silent_since or now))


def print_next(house: House, printer: Printer) -> bool:
    """As `Press.print_next`, by a press of its own."""
    return Press(house, printer).print_next()


def _take(house: House, name: str) -> Sheet | None:
    """T4. An intent is no paper: what may be in the printer already is printed once more, marked COPIA."""
    while True:
        with house.journal.reading() as db:
            head = tasks.print_head(db, name, house.clock.now().timestamp())
            if head is None or post.is_fenced(db) or _may_be_out_already(house, db) or _steps_aside(house, db, head):
                return None
        with house.journal.transaction() as db:
            now = house.clock.now()
            task = tasks.print_head(db, name, now.timestamp())
            if task is None:
                return None
            sheet = next_sheet(db, task, name)
            if lanes.end_if_late(house, db, sheet, now):
                continue
            papers.intend(db, sheet.paper.id, now)
            # What may leave from now on moves the mark: a copy of before this is known to be one.
            events.record(db, sheet.paper.document, now, "printing", f"Va a la impresora {name}.")
            return sheet


def _may_be_out_already(house: House, db: Tx) -> bool:
    """What a restored journal still owes may have left since; with the new epoch it is marked."""
    return house.cloud is not None and post.read(db).is_behind


def _steps_aside(house: House, db: Tx, task: Task) -> bool:
    """While a crowd arrives, papers wait for its decisions, but nobody's longer than `ASIDE`."""
    decided, now = jobs.get(db, task.job).decided_at, house.clock.now()
    if decided is None or is_over(decided, now, ASIDE):
        return False
    return jobs.is_crowded(db, CROWD, now - timedelta(seconds=1))


def _send(house: House, printer: Printer, sheet: Sheet) -> Printed:
    ticket, name = draw(house, sheet)
    return printer.send(printer.render(ticket, original=sheet.is_original), name=name)


def _attempt(action: Callable[[], Printed]) -> _Outcome:
    """The only place where an exception becomes an outcome of a print."""
    try:
        printed = action()
        return _Outcome(Verdict.DONE, printed.outcome, printed.detail)
    except Unavailable as error:
        return _Outcome(Verdict.RETRY, Impresion.PENDIENTE, str(error))
    except Unanswered as error:
        return _Outcome(Verdict.UNKNOWN, Impresion.DUDOSO, str(error))
    except NeedsOperator as error:
        return _Outcome(Verdict.PARKED, Impresion.FALLIDA, str(error))
    except Exception as error:
        log.exception("event=bug step=print")
        return _Outcome(Verdict.UNKNOWN, Impresion.DUDOSO, f"error interno {type(error).__name__}")


def _conclude(house: House, db: Tx, sheet: Sheet, outcome: _Outcome, silent: timedelta) -> bool:
    """T5. A doubtful paper is told and never repeated silently. Whether there may be more to print at once."""
    task, paper, now = sheet.task, sheet.paper, house.clock.now()
    if outcome.verdict in (Verdict.RETRY, Verdict.PARKED):
        papers.withdraw(db, paper.id)
        if not papers.is_open(db, paper.id):
            # A person ended it meanwhile.
            return True
    if outcome.verdict is Verdict.RETRY:
        return _wait(house, db, sheet, outcome, silent)
    if outcome.verdict is Verdict.PARKED:
        tasks.park(db, task.id, outcome.detail)
        lanes.tell(db, paper, outcome.impresion)
    else:
        lanes.end(db, paper, outcome.impresion, outcome.detail, now)
    detail = f"{outcome.impresion} en {paper.printer} ({sheet.what}). {outcome.detail}".strip()
    events.record(db, paper.document, now, "printed", detail)
    if outcome.verdict is not Verdict.PARKED and papers.pending(db, task.job, paper.printer) is None:
        tasks.finish(db, task.id)
    return True


def _wait(house: House, db: Tx, sheet: Sheet, outcome: _Outcome, silent: timedelta) -> bool:
    """Certainly nothing left: again after a pause, or once at another station when the pauses have been enough."""
    task, paper, now = sheet.task, sheet.paper, house.clock.now()
    other, rest = lanes.substitute(house, db, sheet), house.rules.espera_suplente - silent
    if other and rest <= timedelta():
        lanes.divert(db, sheet, other, outcome.detail, now)
        return True
    if task.tries == 0:
        detail = f"La impresora {paper.printer} espera: {outcome.detail}"
        events.record(db, paper.document, now, "print_waits", detail)
    pause = min(pause_after(task.tries), rest.total_seconds()) if other else pause_after(task.tries)
    tasks.pause(db, task.id, now.timestamp() + pause, outcome.detail)
    return False
