"""
What waits at a print station: what is too old comes out by a person's word only, and another station may take over.

What is told of a paper is told here, whoever ends it.
"""

from collections.abc import Sequence
from datetime import datetime

from sincronizador.core import codes
from sincronizador.core.answer import Estado
from sincronizador.core.finding import Finding
from sincronizador.core.job import Impresion, Job, Kind
from sincronizador.errors import Rejected
from sincronizador.journal import events, jobs, papers, tasks
from sincronizador.journal.journal import Tx
from sincronizador.journal.papers import Paper

from .house import House
from .pauses import is_over
from .sheets import DRAWER_AGE, Sheet

ASKED = (Kind.REIMPRIMIR, Kind.IMPRIMIR, Kind.CAJON)
"""Requests that end with their paper."""


def tell(db: Tx, paper: Paper, impresion: Impresion) -> None:
    """What is known of a paper, in the answers: of the sale for its original, of a request for its own."""
    document = jobs.get(db, paper.document)
    # That another original did not come out makes nothing better known of the first.
    is_new_original = not paper.copia and impresion is not Impresion.FALLIDA
    if is_new_original or (paper.is_first and (not paper.copia or document.impresion is Impresion.PENDIENTE)):
        jobs.set_impresion(db, document.id, impresion)
    elif paper.via:
        jobs.show_papers(db, document.id, notable=False)
    if paper.job != paper.document:
        jobs.set_impresion(db, paper.job, impresion)


def end(db: Tx, paper: Paper, impresion: Impresion, detail: str, now: datetime, found: Sequence[Finding] = ()) -> None:
    """What became of a paper for good; a request for nothing else ends with it, with what was wrong `found`."""
    papers.conclude(db, paper.id, impresion, detail, now)
    tell(db, paper, impresion)
    asked = jobs.get(db, paper.job)
    if asked.kind in ASKED:
        estado = Estado.NO_RESUELTO if found else Estado.RESUELTO
        jobs.settle(db, asked.id, estado, at=now, findings=found, follows=asked.follows)


def end_if_late(house: House, db: Tx, sheet: Sheet, now: datetime) -> bool:
    """A paper that is too old is held; a drawer opens for who stands before it, once, or not at all."""
    since = sheet.paper.since
    if sheet.document.kind is Kind.CAJON:
        if not (sheet.paper.half_done or since is None or is_over(since, now, DRAWER_AGE)):
            return False
        _leave_shut(db, sheet, now)
        return True
    if house.rules.vence is None or since is None or now < since + house.rules.vence:
        return False
    _hold(db, sheet, now)
    return True


def _leave_shut(db: Tx, sheet: Sheet, now: datetime) -> None:
    paper = sheet.paper
    finding = codes.DRAWER_SHUT.at(impresora=paper.printer, segundos=int(DRAWER_AGE.total_seconds()))
    impresion = Impresion.DUDOSO if paper.half_done else Impresion.FALLIDA
    end(db, paper, impresion, finding.message, now, [finding])
    events.record(db, paper.document, now, "drawer_shut", finding.message)
    tasks.finish(db, sheet.task.id)


def _hold(db: Tx, sheet: Sheet, now: datetime) -> None:
    paper = sheet.paper
    finding = held_finding(paper, sheet.document)
    tasks.hold(db, sheet.task.id, finding.message)
    events.record(db, paper.document, now, "print_held", f"{finding.message} ({sheet.what})")
    _show(db, paper)


def held_finding(paper: Paper, document: Job) -> Finding:
    """That a paper waits for a person."""
    return codes.PRINT_HELD.at(value=document.referencia or document.name, impresora=paper.printer)


def diverted_finding(paper: Paper) -> Finding:
    """That a paper is another station's."""
    return codes.PRINT_DIVERTED.at(impresora=paper.meant, otra=paper.printer)


def substitute(house: House, db: Tx, sheet: Sheet) -> str:
    """
    The station that may take a sheet over which certainly did not leave; empty: none.

    Never twice, never what may be out already, never a drawer, and not while the other one is in trouble too.
    """
    other = house.rules.suplentes.get(sheet.paper.printer, "")
    if not other or sheet.paper.meant or sheet.paper.half_done or sheet.document.kind is Kind.CAJON:
        return ""
    return other if other in house.printers and not tasks.is_pausing(db, tasks.print_lane(other)) else ""


def divert(db: Tx, sheet: Sheet, other: str, detail: str, now: datetime) -> None:
    """What a job has to print at a station is another one's."""
    paper = sheet.paper
    papers.divert(db, paper.job, paper.printer, other)
    if papers.pending(db, paper.job, paper.printer) is None:
        tasks.finish(db, sheet.task.id)
    tasks.reopen_print(db, paper.job, other)
    events.record(db, paper.document, now, "print_diverted", f"Pasa de {paper.printer} a {other}: {detail}")
    _show(db, paper)


def release(db: Tx, job: Job, que: str, printer: str, motivo: str, now: datetime) -> str:
    """A person lets papers out that wait. Raises `Rejected` E4015 when none does."""
    found = _open_papers(db, job, que, printer)
    # What waits for a copy of its document in the mirror has no task yet, and nobody's word is in its place.
    waiting = [paper for paper in found if tasks.print_lane(paper.printer) in tasks.print_tasks(db, paper.job)]
    if not waiting:
        raise codes.NO_PAPERS.at(value=que, donde="").as_error(Rejected)
    for asker, station in dict.fromkeys((paper.job, paper.printer) for paper in waiting):
        papers.renew(db, asker, station, now)
        tasks.reopen_print(db, asker, station)
    for paper in waiting:
        said = f"Una persona dejó salir el papel en {paper.printer}{_because(motivo)}."
        events.record(db, paper.document, now, "print_released", said)
        _show(db, paper)
    return f"Sale {_counted(waiting)} de {que} en {_stations(waiting)}."


def drop(db: Tx, job: Job, que: str, printer: str, motivo: str, now: datetime) -> str:
    """A person ends papers that wait, or tells what became of doubtful ones. Raises `Rejected` E4015."""
    looked_at = 0 if printer else papers.see(db, job.id, motivo)
    if looked_at:
        events.record(db, job.id, now, "print_seen", f"Una persona miró lo que salió dudoso{_because(motivo)}.")
    waiting = _open_papers(db, job, que, printer, may_be_none=bool(looked_at))
    finding = codes.PRINT_DROPPED.at(detalle=motivo)
    for paper in waiting:
        # What may lie in the printer may still come out: the person knows of it.
        impresion = Impresion.DUDOSO if paper.half_done else Impresion.FALLIDA
        end(db, paper, impresion, finding.message, now, [finding])
        events.record(db, paper.document, now, "print_dropped", f"{finding.message} ({paper.printer})")
    for asker, station in dict.fromkeys((paper.job, paper.printer) for paper in waiting):
        if task := tasks.print_tasks(db, asker).get(tasks.print_lane(station)):
            tasks.finish(db, task[0].id)
    papers.see(db, job.id, motivo)
    told = [f"Descartado {_counted(waiting)} de {que} en {_stations(waiting)}."] if waiting else []
    told += [f"Ya no cuentan como dudosas las impresiones de {que}."] if looked_at else []
    return " ".join(told)


def _open_papers(db: Tx, job: Job, que: str, printer: str, *, may_be_none: bool = False) -> list[Paper]:
    found = [
        paper
        for paper in papers.open_of(db, job.id)
        if printer.upper() in ("", paper.printer) and jobs.get(db, paper.document).kind is not Kind.CAJON
    ]
    if not found and not may_be_none:
        raise codes.NO_PAPERS.at(value=que, donde=f" en {printer.upper()}" if printer else "").as_error(Rejected)
    return found


def _show(db: Tx, paper: Paper) -> None:
    """The answers tell where it is; who waits for an original must go and look."""
    jobs.show_papers(db, paper.document, notable=not paper.copia)
    if paper.job != paper.document:
        jobs.show_papers(db, paper.job, notable=False)


def _because(motivo: str) -> str:
    return f" ({motivo})" if motivo else ""


def _counted(waiting: Sequence[Paper]) -> str:
    return "un papel" if len(waiting) == 1 else f"{len(waiting)} papeles"


def _stations(waiting: Sequence[Paper]) -> str:
    return ", ".join(dict.fromkeys(paper.printer for paper in waiting))
