"""``explicar``: the story of one sale."""

import click

from sincronizador.cli import settings
from sincronizador.cli.terminal import say, say_json
from sincronizador.journal import documents, events, jobs, papers
from sincronizador.journal.journal import open_journal


@click.command(help="Cuenta todo lo que pasó con una venta, en orden (REFERENCIA, 101-A-1234 o archivo).")
@click.argument("que")
@click.option("--json", "as_json", is_flag=True, help="Como JSON.")
def explicar(que: str, as_json: bool) -> None:
    """The command."""
    with open_journal(settings().diario, read_only=True).reading() as db:
        job = jobs.wanted(db, que)
        told = [(event.at, f"{one.name}: {event.detail}") for one, event in events.of_jobs(db, jobs.family(db, job))]
        sheets = papers.of_document(db, job.follows or job.id)
        slug = documents.slug_of(db, job.follows or job.id)
    if as_json:
        rows = [{"hora": at.isoformat(), "hecho": sentence} for at, sentence in told]
        say_json({"estado": job.estado, "documento": slug, "hechos": rows})
        return
    say(f"{job.referencia or job.name}: {job.estado}{' ' + slug if slug else ''}")
    for at, sentence in told:
        say(f"{at:%d/%m/%Y %H:%M:%S.%f}"[:-3] + f"  {sentence}")
    for sheet in sheets:
        mark = f" (vía {sheet.via})" if sheet.via else " (COPIA)" if sheet.copia else ""
        say(f"Papel en {sheet.printer}{mark}: {sheet.outcome or 'por salir'}")
