"""A document exists: its bytes, its state, its papers and what becomes due, in the commit that binds it."""

from dataclasses import dataclass
from datetime import datetime

from sincronizador.core.answer import Estado
from sincronizador.core.emitido import Emitido
from sincronizador.core.finding import Finding
from sincronizador.core.job import Impresion, Kind, Step
from sincronizador.core.route import next_steps
from sincronizador.journal import documents, events, jobs, papers, tasks
from sincronizador.journal.documents import Origin
from sincronizador.journal.journal import Tx

from . import routing
from .house import House
from .timekeeping import acked_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """What becomes of a request once it is a document."""

    emitido: Emitido
    origin: Origin
    route: str
    estado: Estado
    findings: tuple[Finding, ...]
    """Warnings that its answer carries."""
    printer: str
    """Empty: no paper."""
    copies: int
    learned: bool = False
    """Nobody here dropped a file for it: no companions, no answer."""
    copia: bool = False
    """An original of it may be on paper already."""


_TELL = {
    "nube": "Numerado y firmado por la nube",
    "contingencia": "Firmado aquí, en contingencia",
    "firmado": "Llegó firmado",
    "local": "Firmado aquí",
    "papel": "Papel transcripto y firmado aquí",
}
_DONE = {"nube": Step.SUBMIT, "firmado": Step.START}
"""The step that ends with a document; SIGN on the other routes."""


def issue(house: House, db: Tx, job: int, issued: Issued, now: datetime) -> None:
    """T2, or T3 of what the cloud signed: all of it or nothing."""
    emitido = issued.emitido
    documents.keep(db, job, emitido, issued.origin)
    jobs.settle(db, job, issued.estado, at=now, findings=issued.findings, bound=True)
    jobs.set_route(db, job, issued.route)
    detail = f"{_TELL[issued.route]}: {emitido.nombre} {emitido.serie} {emitido.numero}."
    events.record(db, job, now, "signed", detail)
    for asker in jobs.followers(db, job, Kind.RETIRAR):
        jobs.settle(db, asker.id, issued.estado, at=now, follows=job)
    if issued.printer:
        _add_papers(house, db, job, issued)
    add_tasks(house, db, job, issued, _DONE.get(issued.route, Step.SIGN), now)


def _add_papers(house: House, db: Tx, job: int, issued: Issued) -> None:
    """The original with its copies, and the further papers that the rules add to it."""
    asked = jobs.get(db, job)
    jobs.set_impresion(db, job, Impresion.PENDIENTE)
    papers.add(
        db, job=job, document=job, printer=issued.printer, papers=1 + issued.copies, copia=issued.copia,
        since=asked.claimed_at,
    )  # fmt: skip
    for via in routing.vias(house.rules.reglas, asked.till, issued.emitido.tipo, issued.printer):
        papers.add(
            db, job=job, document=job, printer=via.printer, papers=via.papers, copia=True, via=via.name,
            since=asked.claimed_at,
        )  # fmt: skip


def add_print_tasks(db: Tx, job: int) -> None:
    """What a job has to print is due, each station's papers in a lane of their own."""
    for printer in papers.stations(db, job):
        tasks.add(db, job, Step.PRINT, tasks.print_lane(printer))


def add_tasks(house: House, db: Tx, job: int, issued: Issued, done: Step, now: datetime) -> None:
    """What becomes due once `done` is done, where this installation has somebody to do it."""
    for step in next_steps(issued.route, done):
        if step is Step.PRINT and issued.printer:
            add_print_tasks(db, job)
            _let_it_reach_the_authority(house, db, job, issued, now)
        elif step is Step.MIRROR and house.mirror is None:
            add_tasks(house, db, job, issued, Step.MIRROR, now)
        elif step is Step.MIRROR:
            tasks.add(db, job, step, tasks.MIRROR)
        elif step is Step.REPRESENT and _has_companions(house, db, job, issued):
            tasks.add(db, job, step, tasks.REPRESENT)
        elif step is Step.CONFIRM and issued.origin.acked_at is None:
            tasks.add(db, job, step, tasks.CLOUD)
        elif step is Step.HAND_OVER and issued.origin.acked_at is None:
            # Without a cloud it waits silently until there is one.
            tasks.add(db, job, step, tasks.HAND_OVER, state="due" if house.cloud else "waiting")


def _has_companions(house: House, db: Tx, job: int, issued: Issued) -> bool:
    return not issued.learned and bool(house.companions(jobs.get(db, job), issued.findings))


def represent_repeated(house: House, db: Tx, job: int) -> None:
    """A file that is answered with an earlier document has companions of its own name."""
    if Step.REPRESENT in next_steps("repetido", Step.START) and house.companions(jobs.get(db, job), ()):
        tasks.add(db, job, Step.REPRESENT, tasks.REPRESENT)


def acknowledged(house: House, db: Tx, job: int, now: datetime) -> None:
    """The cloud has it for good: the answer says so, and a paper that waited for it leaves."""
    documents.acknowledge(db, job, acked_at(house, db, now))
    tasks.finish_step(db, job, Step.CONFIRM)
    tasks.finish_step(db, job, Step.HAND_OVER)
    tasks.hurry(db, job, Step.PRINT)
    if jobs.get(db, job).estado in (Estado.FIRMADO, Estado.FIRMADO_LOCAL, Estado.FIRMADO_CONTINGENCIA):
        jobs.advance(db, job, Estado.ENVIADO)


def _let_it_reach_the_authority(house: House, db: Tx, job: int, issued: Issued, now: datetime) -> None:
    """Online, what the authority must have before its paper leaves waits for the cloud, but not for long."""
    online = issued.route == "nube" and issued.origin.acked_at is None
    if online and house.country.sent_first(issued.emitido):
        tasks.delay(db, job, Step.PRINT, (now + house.rules.espera_envio).timestamp())
