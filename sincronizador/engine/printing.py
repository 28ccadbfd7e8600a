"""PRINT: T4 the intent, the bytes, T5 the outcome."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sincronizador.core.answer import Estado
from sincronizador.core.emitido import Anexo
from sincronizador.core.job import Impresion, Job, Kind, Resume, Step, Task, Verdict
from sincronizador.core.route import HALF_DONE
from sincronizador.errors import NeedsOperator, Unanswered, Unavailable
from sincronizador.journal import documents, events, jobs, papers, post, tasks
from sincronizador.journal.journal import Tx
from sincronizador.journal.papers import Paper
from sincronizador.printing.door import Printed, Printer

from .house import House
from .pauses import is_over, pause_after

log = logging.getLogger(__name__)

CROWD = 64
"""Files arriving within a second from which on printing steps aside."""
ASIDE = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class _Sheet:
    """What is about to be printed."""

    task: Task
    paper: Paper
    document: Job
    signed: bytes
    anexo: Anexo

    @property
    def marked(self) -> bool:
        """Whether it must say COPIA: it is one, or an original may lie in the printer already."""
        return self.paper.copia or (self.paper.half_done and HALF_DONE[Step.PRINT] is Resume.MARK)


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
        self._untold: tuple[_Sheet, _Outcome] | None = None

    def print_next(self) -> bool:
        """Print the next sheet; False when there is none, or its lane pauses. Raises `NeedsOperator` of the journal."""
        if self._untold is None:
            sheet = _take(self._house, self._printer.name)
            if sheet is None:
                return False
            self._untold = sheet, _attempt(partial(_send, self._house, self._printer, sheet))
        sheet, outcome = self._untold
        with self._house.journal.transaction() as db:
            _conclude(db, sheet, outcome, self._house.clock.now())
        self._untold = None
        return outcome.verdict is not Verdict.RETRY


def print_next(house: House, printer: Printer) -> bool:
    """As `Press.print_next`, by a press of its own."""
    return Press(house, printer).print_next()


def _take(house: House, name: str) -> _Sheet | None:
    """T4. An intent is no paper: what may be in the printer already is printed once more, marked COPIA."""
    with house.journal.reading() as db:
        head = tasks.head(db, tasks.print_lane(name), house.clock.now().timestamp())
        if head is None or post.is_fenced(db) or _may_be_out_already(house, db) or _steps_aside(house, db, head):
            return None
    with house.journal.transaction() as db:
        task = tasks.head(db, tasks.print_lane(name), house.clock.now().timestamp())
        if task is None:
            return None
        paper = papers.pending(db, task.job)
        if paper is None:
            raise AssertionError(f"task {task.id} has no paper left to print")
        signed = documents.signed(db, paper.document)
        if signed is None:
            raise AssertionError(f"paper {paper.id} has no document")
        now = house.clock.now()
        papers.intend(db, paper.id, now)
        # What may leave from now on moves the mark: a copy of before this is known to be one.
        events.record(db, paper.document, now, "printing", f"Va a la impresora {paper.printer}.")
        return _Sheet(task, paper, jobs.get(db, paper.document), *signed)


def _may_be_out_already(house: House, db: Tx) -> bool:
    """What a restored journal still owes may have left since; with the new epoch it is marked."""
    return house.cloud is not None and post.read(db).is_behind


def _steps_aside(house: House, db: Tx, task: Task) -> bool:
    """While a crowd arrives, papers wait for its decisions, but nobody's longer than `ASIDE`."""
    decided, now = jobs.get(db, task.job).decided_at, house.clock.now()
    if decided is None or is_over(decided, now, ASIDE):
        return False
    return jobs.is_crowded(db, CROWD, now - timedelta(seconds=1))


def _send(house: House, printer: Printer, sheet: _Sheet) -> Printed:
    emitido = house.country.emitted(sheet.signed, sheet.anexo)
    page = printer.render(house.country.ticket(emitido, copy=sheet.marked))
    name = f"{emitido.slug}-copia-{sheet.paper.id}" if sheet.marked else emitido.slug
    return printer.send(page, name=name)


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


def _conclude(db: Tx, sheet: _Sheet, outcome: _Outcome, now: datetime) -> None:
    """T5. A doubtful paper is told and never repeated silently."""
    task, paper = sheet.task, sheet.paper
    if outcome.verdict is Verdict.RETRY:
        papers.withdraw(db, paper.id)
        if task.tries == 0:
            events.record(
                db, paper.document, now, "print_waits", f"La impresora {paper.printer} espera: {outcome.detail}"
            )
        tasks.pause(db, task.id, now.timestamp() + pause_after(task.tries), outcome.detail)
        return
    if outcome.verdict is Verdict.PARKED:
        papers.withdraw(db, paper.id)
        tasks.park(db, task.id, outcome.detail)
    else:
        papers.conclude(db, paper.id, outcome.impresion, outcome.detail, now)
    what = "COPIA" if sheet.marked else "original"
    detail = f"{outcome.impresion} en {paper.printer} ({what}). {outcome.detail}".strip()
    events.record(db, paper.document, now, "printed", detail)
    _show(db, sheet, outcome, now)
    if outcome.verdict is not Verdict.PARKED and papers.pending(db, task.job) is None:
        tasks.finish(db, task.id)


def _show(db: Tx, sheet: _Sheet, outcome: _Outcome, now: datetime) -> None:
    """IMPRESION in the answers: of the document for its first paper or a new original, of a reprint for its own."""
    paper, asked = sheet.paper, jobs.get(db, sheet.task.job)
    if not paper.copia:
        jobs.set_impresion(db, paper.document, outcome.impresion)
    if asked.kind is Kind.REIMPRIMIR:
        jobs.set_impresion(db, asked.id, outcome.impresion)
        if outcome.verdict is not Verdict.PARKED:
            jobs.settle(db, asked.id, Estado.RESUELTO, at=now, follows=asked.follows)
