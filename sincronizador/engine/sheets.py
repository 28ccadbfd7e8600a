"""Sheets: what a paper shows, made anew from the journal each time that it is about to leave."""

from dataclasses import dataclass
from datetime import timedelta

from sincronizador.core.emitido import Anexo, Emitido
from sincronizador.core.job import Job, Kind, Resume, Step, Task
from sincronizador.core.route import HALF_DONE
from sincronizador.core.ticket import Align, Cut, Drawer, Size, Text, Ticket
from sincronizador.journal import documents, jobs, papers
from sincronizador.journal.journal import Tx
from sincronizador.journal.papers import Paper
from sincronizador.printing.slip import slip_ticket

from .house import House
from .pauses import is_over

DRAWER_AGE = timedelta(seconds=60)
"""From which on a drawer stays shut: nobody stands before it any more."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is about to be printed."""

    task: Task
    paper: Paper
    document: Job
    """Whose document it shows; of a text or a drawer, the job that asks for it."""
    content: bytes
    """The signed document, or the file that asks."""
    anexo: Anexo

    @property
    def marked(self) -> bool:
        """Whether it must say COPIA: it is one, or an original may lie in the printer already."""
        return self._is_copy or (self.paper.half_done and HALF_DONE[Step.PRINT] is Resume.MARK)

    @property
    def _is_copy(self) -> bool:
        return self.paper.copia and not self.paper.via

    @property
    def is_original(self) -> bool:
        """Whether somebody waits for it: the first paper of a document, or a vía."""
        return self.document.kind is Kind.DOCUMENTO and not self.marked

    @property
    def what(self) -> str:
        """What it is, for people."""
        if self.document.kind is Kind.CAJON:
            return "cajón"
        via = f"vía {self.paper.via}" if self.paper.via else ""
        copia = "COPIA" if self.marked else ""
        return ", ".join(filter(None, (via, copia))) or ("texto" if self.document.kind is Kind.IMPRIMIR else "original")


def next_sheet(db: Tx, task: Task, printer: str) -> Sheet:
    """The next one that a task has for a station."""
    paper = papers.pending(db, task.job, printer)
    if paper is None:
        raise AssertionError(f"task {task.id} has no paper left to print at {printer}")
    document = jobs.get(db, paper.document)
    if document.kind in (Kind.IMPRIMIR, Kind.CAJON):
        return Sheet(task, paper, document, jobs.content(db, document.id), Anexo())
    signed = documents.signed(db, document.id)
    if signed is None:
        raise AssertionError(f"paper {paper.id} has no document")
    return Sheet(task, paper, document, *signed)


def draw(house: House, sheet: Sheet) -> tuple[Ticket, str]:
    """What it shows, and its name for printers that write files."""
    if sheet.document.kind is Kind.CAJON:
        return Ticket((Drawer(),)), f"cajon-{sheet.document.id}"
    if sheet.document.kind is Kind.IMPRIMIR:
        text = house.read(sheet.document, sheet.content).sections.first("IMPRIMIR")
        return slip_ticket(text.text if text else "", repeated=sheet.marked), f"texto-{sheet.document.id}"
    emitido = house.country.emitted(sheet.content, sheet.anexo)
    ticket = house.country.ticket(emitido, copy=sheet.marked)
    if sheet.paper.via:
        ticket = _named(ticket, sheet.paper.via)
    if _opens_drawer(house, sheet, emitido):
        ticket = Ticket((Drawer(), *ticket.blocks))
    return ticket, _file_name(sheet, emitido)


def _named(ticket: Ticket, via: str) -> Ticket:
    """The name of a vía at both ends, so that no piece of it is taken for an original."""
    legend = Text(f"VÍA {via.upper()}", Align.CENTER, Size.HUGE, bold=True)
    body = [block for block in ticket.blocks if not isinstance(block, Cut)]
    cut = [block for block in ticket.blocks if isinstance(block, Cut)]
    return Ticket((legend, *body, legend, *cut))


def _opens_drawer(house: House, sheet: Sheet, emitido: Emitido) -> bool:
    """Only the first paper of a sale that was just made, at the till that it was made for."""
    paper, when = sheet.paper, house.rules.cajones.get(sheet.paper.printer, "no")
    if when == "no" or sheet.marked or not paper.is_first or paper.meant or sheet.task.aside or paper.since is None:
        return False
    if is_over(paper.since, house.clock.now(), DRAWER_AGE):
        return False
    return when == "siempre" or house.country.paid_in_cash(emitido)


def _file_name(sheet: Sheet, emitido: Emitido) -> str:
    via = f"-via-{sheet.paper.via}" if sheet.paper.via else ""
    return f"{emitido.slug}{via}-copia-{sheet.paper.id}" if sheet.marked else f"{emitido.slug}{via}"
