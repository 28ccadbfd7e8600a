"""
``demo``: the product at work for a newcomer; ``demo --preparar`` only writes such an installation.

Everything in it says PRUEBA: the authority, the certificate, the CAE files and so every paper.
"""

import os
from datetime import datetime

import click

from sincronizador.cli.cloud_installation import DGI
from sincronizador.cli.installation import prepare_journal, write_installation
from sincronizador.cli.show import show
from sincronizador.countries.uy.tipos import ZONE


@click.command(help="Muestra el producto funcionando, o con --preparar escribe una instalación de prueba.")
@click.option("--preparar", metavar="CARPETA", help="Solo escribe ahí una instalación de prueba, lista para iniciar.")
@click.option(
    "--impresora",
    metavar="HOST:PUERTO|CARPETA",
    default="",
    help="Adónde van los tickets. Si no se dice, a la carpeta papel.",
)
@click.option("--nube", is_flag=True, help="Con --preparar: también una nube en esta máquina, nube.toml.")
@click.option("--puerto-nube", type=click.IntRange(1, 65535), default=8750, show_default=True, help="Dónde escucha.")
@click.option("--tls", is_flag=True, help="Con --nube: cifrada, con una autoridad propia de prueba.")
@click.option(
    "--dgi",
    type=click.IntRange(1, 65535),
    metavar="PUERTO",
    help="Con --nube: que envíe a una DGI de prueba en ese puerto.",
)
def demo(
    preparar: str | None, impresora: str, nube: bool, puerto_nube: int, tls: bool, dgi: int | None
) -> None:  # fmt: skip
    """The command."""
    if preparar is None:
        show()
        return
    if os.path.lexists(os.path.join(preparar, "sincronizador.toml")):
        raise click.UsageError(f"en «{preparar}» ya hay una instalación; elija otra carpeta.")
    if dgi and not nube:
        raise click.UsageError("--dgi va con --nube: es la nube la que envía a DGI.")
    folder, port = os.path.abspath(preparar), puerto_nube if nube else 0
    installation = write_installation(folder, impresora, datetime.now(ZONE), port, tls=tls, dgi=dgi or 0)
    prepare_journal(installation)
    click.echo(f"Instalación de prueba escrita en {preparar}. Para usarla:")
    if dgi:
        click.echo(f"  sincronizador nube dgi-prueba --puerto {dgi} --carpeta {os.path.join(folder, DGI)}")
    if nube:
        click.echo(f"  sincronizador --config {installation.nube} nube servir")
    click.echo(f"  sincronizador --config {installation.toml} iniciar")
