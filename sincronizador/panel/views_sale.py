"""One sale: what became of it, everything that happened to it, its papers, its file, and what may be done."""

from dataclasses import dataclass
from datetime import datetime

from sincronizador.core.closing import Issued
from sincronizador.core.finding import Finding
from sincronizador.core.job import Impresion, Job, Kind
from sincronizador.countries.door import Country
from sincronizador.journal import documents, events, jobs, listings, lots, papers, tasks
from sincronizador.journal.journal import Tx
from sincronizador.journal.papers import Paper

from . import excerpt
from .excerpt import Source
from .views_troubles import content_of, source_of, title_of, unplaced
from .words import KINDS, MOTIVOS, PAPERS, REMEDIES, STEPS, Tone, Word, clean, moment, money, word_of

_NO_ONE = Word("Por salir", Tone.ATENCION)
_WORDS = {"due": "sigue solo", "waiting": "espera su turno", "parked": "apartado: espera a una persona"}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A paper of it."""

    printer: str
    what: str
    word: Word
    detail: str


@dataclass(frozen=True, slots=True)
class Happened:
    """One thing that happened."""

    when: str
    iso: str
    what: str
    name: str
    """The file that it happened to, where several have to do with this sale."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """All that a page tells of it."""

    id: int
    title: str
    kind: str
    word: Word
    why: str
    remedy: str
    document: str
    """``e-Ticket A 1234``; empty without one."""
    slug: str
    facts: tuple[tuple[str, str], ...]
    marked: Source | None
    """The lines of its file that are wrong, among their neighbours."""
    elsewhere: tuple[Finding, ...]
    """What was found and has no line."""
    pending: tuple[tuple[str, str, str], ...]
    """What is still to be done, how it stands, and why it waits."""
    sheets: tuple[Sheet, ...]
    story: tuple[Happened, ...]
    source: Source | None
    """The file as it came; None for a sale whose file was never here."""
    encoding: str
    repeats: int | None
    """The sale that this file repeats, or asks about."""
    lote: int | None
    tally: str
    printer: str
    may_reprint: bool
    may_retry: bool
    may_discard: bool
    drawable: bool
    """Whether there is a document to be drawn, shown and downloaded."""


def sale(db: Tx, job: Job, country: Country, printers: list[str], now: datetime) -> Sale:
    """Everything about a job."""
    head = jobs.head(db, job)
    issued = listings.of_job(db, head.id)
    drawable = issued is not None
    marked = source_of(db, job)
    waits = not job.estado.decided
    return Sale(
        id=job.id,
        title=title_of(job),
        kind=KINDS[job.kind],
        word=word_of(job.kind, job.estado),
        why=MOTIVOS.get(head.motivo, "") if waits else "",
        remedy=REMEDIES.get(head.motivo, "") if waits else "",
        document=f"{country.type_name(issued.tipo)} {issued.serie} {issued.numero}" if issued else "",
        slug=documents.slug_of(db, head.id),
        facts=tuple(_facts(db, job, issued, now)),
        marked=marked,
        elsewhere=unplaced(job, marked),
        pending=tuple(_pending(db, head)),
        sheets=tuple(_sheet(one) for one in papers.of_document(db, head.id)),
        story=tuple(_story(db, job, now)),
        source=None if job.is_learned else excerpt.whole(content_of(db, job), job.encoding),
        encoding=job.encoding,
        repeats=job.follows,
        lote=job.parent,
        tally=_tally(db, job),
        printer=head.printer or (printers[0] if len(printers) == 1 else ""),
        may_reprint=drawable and bool(printers) and not country.transcribes(documents.type_of(db, head.id)),
        may_retry=waits or any(state == "parked" for _, state, _ in tasks.notes(db, head.id)),
        may_discard=waits and job.kind in (Kind.DOCUMENTO, Kind.LOTE, Kind.ANULAR, Kind.ILEGIBLE),
        drawable=drawable,
    )


def _facts(db: Tx, job: Job, issued: Issued | None, now: datetime) -> list[tuple[str, str]]:
    told = [
        ("Referencia", clean(job.referencia)),
        ("Archivo", clean(job.name)),
        ("Caja", clean(job.till)),
        ("Llegó", moment(job.claimed_at, now, seconds=True)),
        ("Se decidió", moment(job.decided_at, now, seconds=True)),
    ]
    if issued is not None:
        told += [
            ("Fecha del comprobante", f"{issued.fecha:%d/%m/%Y}"),
            ("Total", money(issued.total, issued.moneda)),
            ("Cliente", clean(issued.receptor)),
            ("Papel", PAPERS[Impresion(issued.impresion)].text),
        ]
        told.append(("Nube", _cloud(db, job, now)))
    return [(name, value) for name, value in told if value]


def _cloud(db: Tx, job: Job, now: datetime) -> str:
    origin = documents.origin(db, job.follows or job.id)
    if origin.acked_at is not None:
        return f"La tiene desde {moment(origin.acked_at, now)}"
    return "Todavía no la tiene" if origin.lease or origin.epoch else ""


def _pending(db: Tx, head: Job) -> list[tuple[str, str, str]]:
    return [
        (STEPS[step].capitalize(), _WORDS.get(state, state), note)
        for step, state, note in tasks.notes(db, head.id)
        if state != "done" and (note or state != "waiting")
    ]


def _sheet(paper: Paper) -> Sheet:
    what = f"Vía {clean(paper.via)}" if paper.via else "Copia" if paper.copia else "Original"
    return Sheet(paper.printer, what, PAPERS[paper.outcome] if paper.outcome else _NO_ONE, paper.detail)


def _story(db: Tx, job: Job, now: datetime) -> list[Happened]:
    together = jobs.family(db, job)
    return [
        Happened(
            moment(event.at, now, seconds=True),
            event.at.isoformat(timespec="milliseconds"),
            clean(event.detail),
            clean(one.name) if len(together) > 1 else "",
        )
        for one, event in events.of_jobs(db, together)
    ]


def _tally(db: Tx, job: Job) -> str:
    if job.kind is not Kind.LOTE:
        return ""
    tally = lots.tally(db, job.follows or job.id)
    return f"{tally.emitidos} emitidos, {tally.rechazados} rechazados, {tally.pendientes} pendientes"
