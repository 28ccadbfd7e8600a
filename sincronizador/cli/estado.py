"""``estado``: how the installation is, or one sale. Reads the journal and the heartbeat; loads nothing heavy."""

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from sincronizador.cli import settings
from sincronizador.cli.terminal import say, say_json
from sincronizador.core.job import Kind
from sincronizador.countries.uy.tipos import ZONE
from sincronizador.folders.heartbeat import alarms_of, last_beat
from sincronizador.folders.layout import Layout
from sincronizador.journal import documents, jobs, lots, papers, tasks
from sincronizador.journal.journal import open_journal

if TYPE_CHECKING:
    from sincronizador.core.job import Job
    from sincronizador.journal.journal import Tx
    from sincronizador.settings import Settings


@click.command(help="Dice cómo está la instalación, o una venta (REFERENCIA, 101-A-1234 o archivo).")
@click.argument("que", required=False)
@click.option("--json", "as_json", is_flag=True, help="Como JSON.")
def estado(que: str | None, as_json: bool) -> None:
    """The command."""
    found = settings()
    with open_journal(found.diario, read_only=True).reading() as db:
        facts = _sale(db, que) if que else _installation(found, db)
    if as_json:
        say_json(facts)
    elif que:
        _print_sale(facts)
    else:
        _print_installation(facts)


def _installation(found: "Settings", db: "Tx") -> dict[str, Any]:
    layout = Layout(found.spool, found.entrada.carpeta, found.salida.carpeta)
    return {
        "ambiente": found.ambiente,
        "notas": layout.notes(),
        "servicio": _heartbeat(layout),
        "sin_decidir": [
            {"archivo": job.name, "caja": job.till, "referencia": job.referencia, "estado": job.estado,
             "motivo": job.motivo, "mensaje": job.findings[0].message if job.findings else ""}
            for job in jobs.open_jobs(db)
        ],
        "colas": [asdict(queue) for queue in tasks.queues(db)],
        "dudosos": papers.doubtful(db),
        "emitidos": documents.count_by_type(db),
        "numeros": [
            {"tipo": stock.rango.tipo, "serie": stock.rango.serie, "quedan": stock.left,
             "vence": stock.rango.vence.isoformat()}
            for stock in documents.telling(documents.stocks(db), datetime.now(ZONE).date())
        ],
    }  # fmt: skip


def _heartbeat(layout: Layout) -> dict[str, Any]:
    """What LATIDO.TXT says; empty when there is none."""
    values = last_beat(layout)
    if not values:
        return {}
    return {"modo": values.get("MODO", ""), "hora": values.get("HORA", ""), "pulso": values.get("PULSO", ""),
            "certificado_dias": values.get("CERTIFICADO_DIAS", ""), "alarmas": alarms_of(values)}  # fmt: skip


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


def _print_installation(facts: dict[str, Any]) -> None:
    service = facts["servicio"]
    say(f"Ambiente: {facts['ambiente']}")
    say(f"Servicio: {service.get('modo', 'nunca arrancó')}  {service.get('hora', '')}".rstrip())
    for alarm in (*service.get("alarmas", ()), *facts["notas"]):
        say(f"  ! {alarm}")
    issued = ", ".join(f"{tipo}: {count}" for tipo, count in facts["emitidos"].items()) or "ninguno"
    say(f"Emitidos: {issued}")
    for stock in facts["numeros"]:
        say(f"Números {stock['tipo']} {stock['serie']}: quedan {stock['quedan']}, vencen el {stock['vence']}")
    for queue in facts["colas"]:
        parked = f", {queue['parked']} apartadas" if queue["parked"] else ""
        held = f", {queue['held']} retenidas" if queue["held"] else ""
        say(f"Cola {queue['lane']}: {queue['due']}{parked}{held}  {queue['note']}".rstrip())
    if facts["dudosos"]:
        say(f"Impresiones dudosas: {facts['dudosos']}")
    say(f"Sin decidir: {len(facts['sin_decidir'])}")
    for job in facts["sin_decidir"]:
        say(f"  {job['archivo']} {job['referencia']} {job['estado']} {job['motivo']} {job['mensaje']}".rstrip())


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
