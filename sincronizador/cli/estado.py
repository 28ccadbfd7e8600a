"""``estado``: how the installation is, or one sale. Reads the journal and the heartbeat; loads nothing heavy."""

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from sincronizador.cli import nagios, settings
from sincronizador.cli.spanish import count
from sincronizador.cli.terminal import say, say_json, say_styled
from sincronizador.core.inspection import Juicio
from sincronizador.core.job import Kind
from sincronizador.countries.uy.tipos import ZONE
from sincronizador.folders.layout import Layout
from sincronizador.journal import documents, jobs, lots, tasks
from sincronizador.journal.journal import open_journal
from sincronizador.overview import Overview, overview

if TYPE_CHECKING:
    from sincronizador.core.job import Job
    from sincronizador.journal.documents import Stock
    from sincronizador.journal.journal import Tx
    from sincronizador.settings import Settings

_LISTED = 8
"""Of what may be thousands, so many are shown on a screen; ``--json`` has the rest."""
_COLOURS = {Juicio.OK: "green", Juicio.AVISO: "yellow", Juicio.MAL: "red"}


@click.command(help="Dice cómo está la instalación, o una venta (REFERENCIA, 101-A-1234 o archivo).")
@click.argument("que", required=False)
@click.option("--json", "as_json", is_flag=True, help="Como JSON.")
@click.option(
    "--nagios",
    "as_nagios",
    is_flag=True,
    help="Una línea para Nagios y parecidos; termina con 0 bien, 1 aviso, 2 mal, 3 no se sabe.",
)
def estado(que: str | None, as_json: bool, as_nagios: bool) -> int:
    """The command."""
    if as_nagios:
        return nagios.tell(que)
    found = settings()
    with open_journal(found.diario, read_only=True).reading() as db:
        if que:
            facts = _sale(db, que)
        else:
            seen, stocks = overview(found, db, datetime.now(ZONE)), documents.stocks(db)
            facts = _installation(found, db, seen, stocks)
    if as_json:
        say_json(facts)
    elif que:
        _print_sale(facts)
    else:
        _print_installation(found, seen, facts, {one.rango.tipo for one in stocks if one.siguiente > one.primero})
    return 0


def _installation(found: "Settings", db: "Tx", seen: Overview, stocks: "list[Stock]") -> dict[str, Any]:
    """The installation as data; the keys are public and stay."""
    return {
        "situacion": seen.situacion,
        "frase": seen.frase,
        "juicio": seen.juicio,
        "vivo": seen.alive,
        "desde": seen.desde.isoformat(timespec="seconds") if seen.desde else "",
        "motivo": seen.motivo,
        "hoy": seen.today,
        "ultimo": seen.last,
        "apartados": seen.parked,
        "ambiente": found.ambiente,
        "notas": Layout(found.spool, found.entrada.carpeta, found.salida.carpeta).notes(),
        "servicio": _service(seen),
        "sin_decidir": [
            {"archivo": job.name, "caja": job.till, "referencia": job.referencia, "estado": job.estado,
             "motivo": job.motivo, "mensaje": job.findings[0].message if job.findings else ""}
            for job in jobs.open_jobs(db)
        ],
        "colas": [asdict(queue) for queue in seen.queues],
        "dudosos": seen.doubtful,
        "emitidos": documents.count_by_type(db),
        "numeros": [
            {"tipo": stock.rango.tipo, "serie": stock.rango.serie, "quedan": stock.left,
             "vence": stock.rango.vence.isoformat()}
            for stock in documents.telling(stocks, datetime.now(ZONE).date())
        ],
    }  # fmt: skip


def _service(seen: Overview) -> dict[str, Any]:
    """What LATIDO.TXT says; empty when there is none."""
    beat = seen.beat
    if beat is None:
        return {}
    return {"modo": beat.modo, "hora": beat.hora.isoformat(timespec="seconds"), "pulso": str(beat.pulso),
            "certificado_dias": "" if beat.certificado_dias is None else str(beat.certificado_dias),
            "alarmas": list(seen.alarms)}  # fmt: skip


def _sale(db: "Tx", que: str) -> dict[str, Any]:
    job = jobs.wanted(db, que)
    return {
        "archivo": job.name,
        "caja": job.till,
        "clase": job.kind,
        "referencia": job.referencia,
        "estado": job.estado,
        "motivo": job.motivo,
        "documento": documents.slug_of(db, job.follows or job.id),
        **_lote(db, job),
        "impresion": job.impresion,
        "recibido": job.claimed_at.isoformat(),
        "decidido": job.decided_at.isoformat() if job.decided_at else "",
        "hallazgos": [asdict(finding) for finding in job.findings],
        "pendiente": [
            {"paso": step, "estado": state, "nota": note}
            for step, state, note in tasks.notes(db, job.id)
            if state != "done"
        ],
    }


def _lote(db: "Tx", job: "Job") -> dict[str, Any]:
    """How far a lote has come; nothing of what is none."""
    if job.kind is not Kind.LOTE:
        return {"lote": ""}
    tally = lots.tally(db, job.follows or job.id)
    return {
        "lote": f"{tally.emitidos} emitidos, {tally.rechazados} rechazados, {tally.pendientes} pendientes",
        "emitidos": tally.emitidos, "rechazados": tally.rechazados, "pendientes": tally.pendientes,
    }  # fmt: skip


def _print_installation(found: "Settings", seen: Overview, facts: dict[str, Any], used: set[int]) -> None:
    """One screen: the state in words first, then what asks for somebody, then figures."""
    say_styled(seen.frase, fg=_COLOURS[seen.juicio], bold=True)
    for alarm in (*seen.alarms, *facts["notas"]):
        say(f"  ! {alarm}")
    say(f"Empresa: {found.emisor.razon_social}, RUT {found.emisor.rut}, {found.instalacion.id}, {found.ambiente}")
    if seen.beat is not None:
        days = seen.beat.certificado_dias
        say(f"Servicio: {seen.beat.modo}, último latido {seen.beat.hora:%d/%m/%Y %H:%M:%S}")
        say(f"Certificado: {'no hay' if days is None else 'vence en ' + count(days, 'día', 'días')}")
    say(f"Emitidos: {seen.today} hoy; {_last(seen, facts['emitidos'])}")
    _print_numbers(facts["numeros"], used)
    for queue in seen.queues:
        parked = f", {count(queue.parked, 'apartada', 'apartadas')}" if queue.parked else ""
        held = f", {count(queue.held, 'retenida', 'retenidas')}" if queue.held else ""
        say(f"Cola {queue.lane}: {queue.due}{parked}{held}  {queue.note}".rstrip())
    if seen.doubtful:
        say(f"Impresiones dudosas: {seen.doubtful}")
    _print_undecided(seen, facts["sin_decidir"])


def _last(seen: Overview, issued: dict[int, int]) -> str:
    return f"{sum(issued.values())} en total, el último {seen.last}" if seen.last else "ninguno todavía"


def _print_numbers(numbers: list[dict[str, Any]], used: set[int]) -> None:
    """Of the types that this installation issues; a CAE for every type that there is would fill the screen."""
    for stock in numbers:
        if stock["tipo"] in used or not stock["quedan"]:
            say(f"Números {stock['tipo']} {stock['serie']}: quedan {stock['quedan']}, vencen el {stock['vence']}")
    others = {stock["tipo"] for stock in numbers if stock["quedan"]} - used
    if others:
        say(f"Números de {count(len(others), 'otro tipo', 'otros tipos')}, sin usar: «sincronizador cae listar»")


def _print_undecided(seen: Overview, undecided: list[dict[str, Any]]) -> None:
    oldest = f", desde el {seen.oldest:%d/%m/%Y %H:%M}" if seen.oldest else ""
    say(f"Sin decidir: {seen.undecided}{oldest}")
    for job in undecided[:_LISTED]:
        say(f"  {job['archivo']} {job['referencia']} {job['estado']} {job['motivo']} {job['mensaje']}".rstrip())
    if seen.undecided > _LISTED:
        say(f"  y {seen.undecided - _LISTED} más: «sincronizador estado --json»")


_TOLD = (
    "archivo", "caja", "clase", "referencia", "estado", "motivo", "documento", "lote", "impresion", "recibido",
    "decidido",
)  # fmt: skip


def _print_sale(facts: dict[str, Any]) -> None:
    for name in _TOLD:
        if facts[name]:
            say(f"{name.capitalize() + ':':12} {facts[name]}")
    for finding in facts["hallazgos"]:
        place = f" línea {finding['line']}" if finding["line"] else ""
        say(f"{finding['code']}{place}: {finding['message']} {finding['hint'] or ''}".rstrip())
    for step in facts["pendiente"]:
        say(f"Pendiente: {step['paso']} ({step['estado']}) {step['nota']}".rstrip())
