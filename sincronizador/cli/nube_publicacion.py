"""``nube publicacion``: the issuer's documents as files for its web site."""

import os
from datetime import date

import click

from sincronizador.cli.day import Day
from sincronizador.cli.nube_acts import issuer_of, opened
from sincronizador.cli.spanish import count
from sincronizador.cli.terminal import say, say_json


@click.group(help="Publica los comprobantes: quien tiene uno lo consulta con su código de seguridad.")
def publicacion() -> None:
    """The group."""


@publicacion.command(
    help="Escribe en DIR los comprobantes firmados entre dos días, para cualquier servidor web. Repetido, escribe lo"
    " nuevo y lo que cambió."
)
@click.argument("dir", metavar="DIR")
@click.option("--rut", help="El emisor; si hay uno solo, no hace falta.")
@click.option("--desde", type=Day(), required=True, metavar="FECHA", help="El primer día.")
@click.option("--hasta", type=Day(), metavar="FECHA", help="El último día; si no se dice, hoy.")
@click.option("--json", "as_json", is_flag=True, help="Como JSON.")
def exportar(dir: str, rut: str | None, desde: date, hasta: date | None, as_json: bool) -> None:  # noqa: A002 - its name
    """Export."""
    from sincronizador.nube import assembly, public_export

    now = assembly.now()
    last = hasta or now.date()
    if last < desde:
        raise click.UsageError(f"--hasta ({last:%d/%m/%Y}) es anterior a --desde ({desde:%d/%m/%Y}).")
    folder = os.path.abspath(dir)
    with opened() as cloud:
        done = public_export.export(cloud.publication, issuer_of(cloud, rut), desde, last, folder, now)
    if as_json:
        say_json(
            {"carpeta": folder, "escritos": done.written, "iguales": done.unchanged, "sin_confirmar": done.waiting}
        )
        return
    say(f"Publicado en {folder}: {count(done.written, 'comprobante escrito', 'comprobantes escritos')},")
    say(f"{done.unchanged} ya estaban como son, {done.waiting} todavía sin confirmar.")
