"""What is in trouble: why, in plain words, the very line of its file, and what to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sincronizador.core.answer import Estado
from sincronizador.core.finding import Finding
from sincronizador.core.job import Job, Kind
from sincronizador.engine.paper_queue import DOUBTFUL, HELD, Waiting, waiting
from sincronizador.formats.kept import read_kept
from sincronizador.formats.txt_writer import write
from sincronizador.journal import jobs, troubles
from sincronizador.journal.journal import Tx
from sincronizador.journal.troubles import Sort, Trouble

from .excerpt import Line, Source, excerpt
from .words import ESTADOS, MOTIVOS, REMEDIES, STEPS, Tone, Word, clean, moment

DAYS = 7
"""Since when what was refused is told; until it was sent again."""
SHOWN = 30
_LARGEST = 1 << 20
"""Bytes of a file whose wrong lines are shown."""
_PARKED = Word("Apartada", Tone.MAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A sale in trouble."""

    job: int
    title: str
    word: Word
    what: str
    """What happened, a sentence."""
    remedy: str
    arrived: str
    till: str
    name: str
    source: Source | None
    elsewhere: tuple[Finding, ...]
    """What is wrong and has no line."""
    label: str
    """Before what is said of a line."""
    may_retry: bool
    may_discard: bool


def sales(db: Tx, today: date) -> list[Trouble]:
    """All of them, at most a hundred of each sort."""
    return troubles.found(db, today - timedelta(days=DAYS))


def papers_in_trouble(db: Tx) -> list[Waiting]:
    """Papers that wait for a person."""
    return [paper for paper in waiting(db) if paper.state in (DOUBTFUL, HELD)]


def items(db: Tx, found: Sequence[Trouble], now: datetime) -> list[Item]:
    """What a page shows of them."""
    return [item(db, trouble, now) for trouble in found[:SHOWN]]


def item(db: Tx, trouble: Trouble, now: datetime) -> Item:
    """One of them."""
    job = jobs.get(db, trouble.job)
    what, remedy = _told(job, trouble)
    source = source_of(db, job)
    return Item(
        job=job.id,
        title=title_of(job),
        word=_PARKED if trouble.sort is Sort.PARKED else ESTADOS[job.estado],
        what=what,
        remedy=remedy,
        arrived=moment(job.claimed_at, now),
        till=clean(job.till),
        name=clean(job.name),
        source=source,
        elsewhere=unplaced(job, source),
        label="Está mal" if trouble.sort is Sort.REFUSED else "Por qué",
        may_retry=trouble.sort is not Sort.REFUSED,
        may_discard=not job.estado.decided,
    )


def title_of(job: Job) -> str:
    """What a person calls it."""
    return clean(job.referencia or job.name)


def _told(job: Job, trouble: Trouble) -> tuple[str, str]:
    if trouble.sort is Sort.PARKED:
        step = STEPS[trouble.step] if trouble.step else "seguir"
        return f"No se pudo {step}: {trouble.note}", "Cuando esté arreglado, «Reintentar»."
    if trouble.sort is Sort.WAITING:
        said = MOTIVOS.get(job.motivo, "Espera.")
        return said, REMEDIES.get(job.motivo, "Sigue sola cuando se pueda.")
    if job.estado is Estado.RECHAZADO_DGI:
        return "DGI no aceptó este comprobante.", ESTADOS[job.estado].meaning
    errors = sum(one.is_error for one in job.findings)
    wrong = "un error" if errors == 1 else f"{errors} errores"
    return f"El archivo tiene {wrong}: no se emitió, y no gastó número.", (
        "Corrija lo marcado en la caja y mande la venta otra vez, con la misma referencia."
    )


def unplaced(job: Job, source: Source | None) -> tuple[Finding, ...]:
    """What was found and stands at none of these lines."""
    shown = {line.number for line in source.lines} if source else set()
    return tuple(one for one in job.findings if one.line not in shown)


def source_of(db: Tx, job: Job) -> Source | None:
    """The wrong lines of its file among their neighbours; None where there is nothing to show."""
    if job.is_learned or not any(one.line for one in job.findings):
        return None
    content = jobs.content(db, job.id)
    if len(content) > _LARGEST:
        return None
    found = _of_part(content, job) if job.parent is not None else excerpt(content, job.encoding, job.findings)
    return found if found.lines else None


def _of_part(content: bytes, job: Job) -> Source:
    """A lote's document is kept as it was read: its lines, without those between them."""
    told = {
        entry.line: f"{entry.name}={entry.text}" for section in read_kept(content).sections for entry in section.entries
    }
    wrong = [one for one in job.findings if one.line in told]
    return Source(
        tuple(
            Line(line, clean(told[line]), tuple(one for one in wrong if one.line == line), after_gap=bool(place))
            for place, line in enumerate(sorted({one.line for one in wrong if one.line}))
        )
    )


def content_of(db: Tx, job: Job) -> bytes:
    """The file as it came; of a lote's document, its lines as a file of its own."""
    content = jobs.content(db, job.id)
    if job.parent is not None and job.kind is not Kind.LOTE:
        return write(read_kept(content).sections).encode("utf-8")
    return content
