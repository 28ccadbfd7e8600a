"""``cae``: the authorised ranges of numbers."""

import click

from sincronizador import progress
from sincronizador.cli import ordering, settings
from sincronizador.cli.terminal import draw_progress, say, say_json, say_sentences


@click.group(help="Importa y lista los CAE.")
def cae() -> None:
    """The group."""
    draw_progress()


@cae.command(help="Importa archivos de CAE tal como los entrega DGI.")
@click.argument("archivos", nargs=-1, required=True, metavar="ARCHIVO...")
@click.option(
    "--ambiente", type=click.Choice(["prueba", "produccion"]), required=True, help="Para qué ambiente se pidió el CAE."
)
def importar(archivos: tuple[str, ...], ambiente: str) -> None:
    """Import."""
    found = settings()
    for done, archivo in enumerate(archivos, 1):
        content = ordering.read_file(archivo)
        told = ordering.carry_out(found, "cae", {"ambiente": ambiente}, content)
        progress.tell("Importo los CAE", done, len(archivos))
        say_sentences(told)


@cae.command(help="Después de recuperar un respaldo sin nube: dice cuál fue el último número que se usó de una serie.")
@click.argument("tipo", type=int, required=False)
@click.argument("serie", required=False)
@click.argument("ultimo", type=int, required=False, metavar="[ÚLTIMO]")
@click.option("--encontrados", is_flag=True, help="De todas las series, el último es el que muestra «cae listar».")
def confirmar(tipo: int | None, serie: str | None, ultimo: int | None, encontrados: bool) -> None:
    """Confirm."""
    if encontrados == (ultimo is not None):
        raise click.UsageError("diga TIPO SERIE ÚLTIMO, por ejemplo 101 A 1234, o bien --encontrados.")
    args = {"encontrados": "SI"} if encontrados else {"tipo": str(tipo), "serie": str(serie), "ultimo": str(ultimo)}
    say_sentences(ordering.carry_out(settings(), "confirmar", args))


@cae.command(help="Lista los rangos, lo que queda de cada uno y hasta cuándo valen.")
@click.option("--json", "as_json", is_flag=True, help="Como JSON.")
def listar(as_json: bool) -> None:
    """List."""
    from sincronizador.journal import documents, leases
    from sincronizador.journal.journal import open_journal

    with open_journal(settings().diario, read_only=True).reading() as db:
        stocks = documents.stocks(db)
        used = {stock.id: len(leases.used(db, stock)) for stock in stocks}
        unconfirmed = {stock.id for stock in leases.unconfirmed(db)}
    rows = [
        {
            "cae": stock.rango.id,
            "tipo": stock.rango.tipo,
            "serie": stock.rango.serie,
            "desde": stock.rango.desde,
            "hasta": stock.rango.hasta,
            "primero": stock.primero,
            "ultimo": stock.ultimo,
            "siguiente": stock.siguiente,
            "usados": used[stock.id],
            "anulados": (
                stock.ultimo - stock.primero + 1 - used[stock.id]
                if stock.closing and stock.id not in unconfirmed
                else 0
            ),
            "quedan": stock.left,
            "reserva": stock.lease,
            "cerrado": bool(stock.closing) and stock.id not in unconfirmed,
            "conocido": stock.siguiente - 1,
            "por_confirmar": stock.id in unconfirmed,
            "vence": stock.rango.vence.isoformat(),
        }
        for stock in stocks
    ]
    if as_json:
        say_json(rows)
        return
    if not rows:
        say("No hay ningún CAE importado.")
    for row in rows:
        kind = "reserva de la nube" if row["reserva"] else "propio"
        state = "cerrado" if row["cerrado"] else kind
        if row["por_confirmar"]:
            state = f"por confirmar: el último que se conoce es {row['conocido']}"
        numbers = "{tipo} {serie} {primero}-{ultimo}  quedan {quedan}  vence {vence}  CAE {cae}".format_map(row)
        say(f"{numbers}  {state}")
