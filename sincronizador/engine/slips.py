"""``[IMPRIMIR]`` and ``[ABRIR_CAJON]``: what a till's printer does for no document."""

from datetime import datetime

from sincronizador.core import codes
from sincronizador.core.answer import Estado
from sincronizador.core.finding import Finding
from sincronizador.core.job import Impresion, Job, Kind, Step
from sincronizador.core.route import next_steps
from sincronizador.core.sections import Reading
from sincronizador.formats.requests import Slip, read_slip
from sincronizador.journal import events, jobs, papers, tasks
from sincronizador.journal.journal import Tx

from .house import House
from .requests import settle_form

_ROUTES = {Kind.IMPRIMIR: "imprimir", Kind.CAJON: "cajon"}
_LANES = {Kind.IMPRIMIR: tasks.print_lane, Kind.CAJON: tasks.drawer_lane}


def decide(house: House, db: Tx, job: Job, kind: Kind, reading: Reading, now: datetime) -> None:
    """Its paper becomes due, or it is answered with what is wrong."""
    station, slip, found = examine(house, job, kind, reading)
    jobs.set_read(
        db, job.id, kind=kind, encoding=reading.encoding, route=_ROUTES[kind], referencia="", key="",
        printer=station, copies=0,
    )  # fmt: skip
    if job.only_check or any(finding.is_error for finding in found):
        settle_form(db, job, sorted(found, key=lambda finding: finding.place), now)
    else:
        _ask_for(db, job, kind, station, slip.motivo, now)


def examine(house: House, job: Job, kind: Kind, reading: Reading) -> tuple[str, Slip, list[Finding]]:
    """The station of such a request, what it says, and everything that is wrong with it."""
    slip = read_slip(reading.sections, kind)
    station, found = house.station(slip.impresora, job.till), [*reading.findings, *slip.findings]
    if not station:
        names, value = ", ".join(house.printers) or "ninguna", slip.impresora or "de esta caja"
        found.append(codes.UNKNOWN_PRINTER.at(field="IMPRESORA", line=slip.line, value=value, impresoras=names))
    return station or "", slip, found


def _ask_for(db: Tx, job: Job, kind: Kind, station: str, motivo: str, now: datetime) -> None:
    papers.add(db, job=job.id, document=job.id, printer=station, papers=1, copia=False, since=job.claimed_at)
    for step in next_steps(_ROUTES[kind], Step.START):
        tasks.add(db, job.id, step, _LANES[kind](station))
    what = "imprimir un texto" if kind is Kind.IMPRIMIR else "abrir el cajón"
    events.record(db, job.id, now, "slip", f"Se pidió {what} en {station}{f' ({motivo})' if motivo else ''}.")
    jobs.settle(db, job.id, Estado.RECIBIDO, at=now)
    jobs.set_impresion(db, job.id, Impresion.PENDIENTE)
