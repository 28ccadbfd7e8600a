"""What waits at the print stations, and what is doubtful, with words for people."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sincronizador.core.job import Kind
from sincronizador.journal import documents, jobs, papers, tasks
from sincronizador.journal.journal import Tx
from sincronizador.journal.papers import Paper

DOUBTFUL = "dudoso"
HELD = "retenido"
_STATES = {"due": "en cola", "waiting": HELD, "parked": "apartado"}
_WHAT = {Kind.IMPRIMIR: "texto", Kind.CAJON: "cajón"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A paper that did not come out, or of which nobody knows whether it did."""

    printer: str
    state: str
    """``en cola``, ``en pausa``, ``retenido``, ``apartado`` or ``dudoso``."""
    since: datetime | None
    what: str
    """``original``, ``copia``, ``vía DEPOSITO``, ``texto``, ``cajón``."""
    document: str
    """``101-A-1234``; empty for what is none."""
    referencia: str
    name: str
    """The file that asked for it."""
    till: str
    job: int
    """Whose document it shows."""
    why: str


def waiting(db: Tx) -> Iterator[Waiting]:
    """What waits at all stations in the order in which each prints it, then what is doubtful."""
    for task in tasks.waiting_to_print(db):
        for sheet in papers.of_job(db, task.job):
            if sheet.outcome is None and task.lane.endswith(f":{sheet.printer}"):
                state = "en pausa" if task.state == "due" and task.note else _STATES[task.state]
                yield _row(db, sheet, state, task.note)
    for sheet in papers.unseen(db):
        yield _row(db, sheet, DOUBTFUL, sheet.detail)


def _row(db: Tx, sheet: Paper, state: str, why: str) -> Waiting:
    document, asked = jobs.get(db, sheet.document), jobs.get(db, sheet.job)
    what = f"vía {sheet.via}" if sheet.via else "copia" if sheet.copia else "original"
    return Waiting(
        printer=sheet.printer,
        state=state,
        since=sheet.since,
        what=_WHAT.get(document.kind, what),
        document=documents.slug_of(db, document.id),
        referencia=document.referencia,
        name=asked.name,
        till=asked.till,
        job=document.id,
        why=why,
    )
