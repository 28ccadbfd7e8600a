"""
What an answer tells of papers: of a sale IMPRESION is its original's, and each further one has a section of its own.

A program that looks at IMPRESION alone never takes the warehouse's paper for the customer's.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sincronizador.core.answer import Block
from sincronizador.core.finding import Finding
from sincronizador.core.job import Impresion, Job, Kind
from sincronizador.journal import jobs, papers, tasks
from sincronizador.journal.journal import Tx
from sincronizador.journal.papers import Paper

from . import lanes

_DRAWER = {
    Impresion.PENDIENTE: "PENDIENTE",
    Impresion.IMPRESO: "ENVIADO",
    Impresion.ENTREGADO: "ENVIADO",
    Impresion.DUDOSO: "DUDOSO",
    Impresion.FALLIDA: "FALLIDO",
}
"""CAJON: no printer knows whether a drawer opened."""
_SENTENCES = {
    Impresion.IMPRESO: "Se imprimió.",
    Impresion.ENTREGADO: "La impresora recibió el papel.",
    Impresion.DUDOSO: "La impresora falló al imprimir: mire si salió el papel.",
}
_DRAWER_SENTENCES = {
    Impresion.DUDOSO: "La impresora falló al abrir el cajón: mire si se abrió.",
}


@dataclass(frozen=True, slots=True)
class Told:
    """A paper, as it is told."""

    paper: Paper
    impresion: Impresion
    remarks: tuple[Finding, ...]
    """That it waits for a person, or went to another station."""


def of(db: Tx, job: Job, target: Job | None) -> list[Told]:
    """The papers that an answer tells of: a request's own, or those of the sale that it shows."""
    owner = job if job.kind in lanes.ASKED or target is None else target
    sheets = papers.of_job(db, owner.id)
    states = tasks.print_tasks(db, owner.id) if any(sheet.outcome is None for sheet in sheets) else {}
    return [_told(db, sheet, states.get(tasks.print_lane(sheet.printer), (None, "", ""))[1]) for sheet in sheets]


def _told(db: Tx, sheet: Paper, state: str) -> Told:
    waits = sheet.outcome is None
    remarks = []
    if waits and state == "waiting":
        remarks.append(lanes.held_finding(sheet, jobs.get(db, sheet.document)))
    if sheet.meant:
        remarks.append(lanes.diverted_finding(sheet))
    failed = Impresion.FALLIDA if waits and state == "parked" else Impresion.PENDIENTE
    return Told(sheet, sheet.outcome or failed, tuple(remarks))


def fields(job: Job, target: Job | None, *, is_issued: bool) -> list[tuple[str, str]]:
    """IMPRESION of the sale's original, or of what a request is about; CAJON of a drawer."""
    if job.kind is Kind.CAJON:
        return [("CAJON", _DRAWER[job.impresion])] if job.impresion in _DRAWER else []
    if job.kind is Kind.IMPRIMIR or (job.kind is Kind.REIMPRIMIR and target is not None):
        return [("IMPRESION", job.impresion.value)] if job.impresion is not Impresion.NO_PEDIDA else []
    return [("IMPRESION", (target or job).impresion.value)] if is_issued else []


def findings(job: Job, told: Sequence[Told]) -> list[Finding]:
    """What there is to say of an original, or of what was asked for."""
    return [
        remark
        for each in told
        for remark in each.remarks
        if not each.paper.via and (not each.paper.copia or each.paper.is_first or job.kind in lanes.ASKED)
    ]


def blocks(told: Sequence[Told]) -> Iterator[Block]:
    """
    ``[VIA.n]``: a further paper, where it goes and, in the words of IMPRESION, what became of it.

    Its PAPEL has a name of its own: old programs look for IMPRESION wherever it stands.
    """
    vias = (each for each in told if each.paper.via)
    for number, each in enumerate(vias, 1):
        rows = [
            ("NOMBRE", each.paper.via), ("IMPRESORA", each.paper.printer), ("PAPEL", each.impresion.value),
            ("MENSAJE", " ".join(remark.message for remark in each.remarks)),
        ]  # fmt: skip
        yield Block(f"VIA.{number}", tuple((name, value) for name, value in rows if value))


def sentence(job: Job) -> str:
    """How a request for a paper or a drawer ended; empty for all others."""
    if job.kind is Kind.CAJON:
        return _DRAWER_SENTENCES.get(job.impresion, "La impresora recibió la orden de abrir el cajón.")
    return _SENTENCES.get(job.impresion, "Se imprimió.") if job.kind in lanes.ASKED else ""
