"""``nube respaldo``: backups of the cloud's base."""

import os
from typing import TYPE_CHECKING

import click

from sincronizador.cli import nube_acts
from sincronizador.cli.respaldo import list_backups
from sincronizador.cli.spanish import count
from sincronizador.cli.terminal import draw_progress, say, say_json

if TYPE_CHECKING:
    from sincronizador.bundle import Bundle


@click.group(help="Hace, controla y recupera respaldos de la base de la nube.")
def respaldo() -> None:
    """The group."""
    draw_progress()


@respaldo.command(help="Hace un respaldo en DESTINO (una carpeta o s3://), con la nube andando o detenida.")
@click.argument("destino", required=False)
@click.option("--automatico", is_flag=True, help="Como lo hace el servidor: lo controla y borra los viejos.")
@click.option("--json", "as_json", is_flag=True, help="Como JSON.")
def crear(destino: str | None, automatico: bool, as_json: bool) -> None:
    """Create."""
    from sincronizador.nube import assembly, backup
    from sincronizador.storage import is_s3

    found = nube_acts.cloud_settings()
    assembly.refuse_half(found)
    where, toml = destino or backup.place_of(found), nube_acts.toml_path()
    with nube_acts.for_its_owner(found):
        if automatico or is_s3(where):
            days = found.respaldo.conservar if automatico else 0
            done = backup.create_at(found, toml, where, assembly.now(), days=days)
            made, path, size = done.bundle, done.where, done.size
        else:
            made = backup.create(found, toml, os.path.abspath(where), assembly.now())
            path, size = made.path, os.path.getsize(made.path)
    if as_json:
        say_json({"archivo": path, **made.manifest})
        return
    say(f"Respaldo hecho: {path} ({size / 1_000_000:.1f} MB, {_issued(made)}).")
    say("La clave de la bóveda no está en él: guárdela aparte, o nadie podrá abrir los certificados.")


@respaldo.command(help="Lista los respaldos de esta nube que hay en DESTINO.")
@click.argument("destino", required=False)
@click.option("--json", "as_json", is_flag=True, help="Como JSON.")
def listar(destino: str | None, as_json: bool) -> None:
    """List."""
    from sincronizador.nube import backup

    found = nube_acts.cloud_settings()
    where = destino or backup.place_of(found)
    list_backups(found.respaldo.storage(where), where, backup.stem_of(found), as_json=as_json)


@respaldo.command(help="Controla un respaldo entero: que esté sano, y cada comprobante que trae.")
@click.argument("archivo")
@click.option("--json", "as_json", is_flag=True, help="Como JSON.")
def verificar(archivo: str, as_json: bool) -> None:
    """Verify."""
    from sincronizador.nube import backup

    found = nube_acts.cloud_settings()
    with found.respaldo.brought(archivo, os.path.dirname(found.marca)) as path:
        seen = backup.verify(found, path)
    if as_json:
        facts = {"archivo": archivo, "sano": True, "firmas": seen.signatures, **seen.bundle.manifest}
        say_json(facts)
        return
    _tell(seen.bundle)
    if backup.POSTGRESQL in seen.bundle.members:
        say("Está entero. Lo que trae adentro lo lee solo un servidor PostgreSQL: pruébelo en una base vacía.")
    else:
        say(f"Está sano: {count(seen.signatures, 'comprobante controlado', 'comprobantes controlados')}.")


@respaldo.command(help="Recupera la base de un respaldo; la que hay queda aparte. Con la nube detenida.")
@click.argument("archivo")
def restaurar(archivo: str) -> None:
    """Restore."""
    from sincronizador.nube import assembly, backup

    found = nube_acts.cloud_settings()
    with (
        nube_acts.for_its_owner(found),
        found.respaldo.brought(archivo, os.path.dirname(found.marca)) as path,
    ):
        opened, aside = backup.restore(found, path, assembly.now())
    _tell(opened)
    if aside:
        say(f"La base que había quedó en {aside}: no la borre hasta estar seguro.")
    say("Arranque la nube. No numera hasta que le hablen todas sus instalaciones, que le devuelven lo que falta;")
    say("las que no vuelvan, delas de baja: «sincronizador nube instalacion baja».")


def _tell(found: "Bundle") -> None:
    from sincronizador.bundle import age

    facts = found.manifest
    say(f"Respaldo del {found.when:%d/%m/%Y %H:%M:%S} ({age(found)}), nube de {facts['ambiente']}.")
    say(f"Hecho por la versión {facts['programa']}, esquema {facts['esquema']}: {_issued(found)}.")
    for series, number in facts["ultimos"].items():
        say(f"  último {series.replace('-', ' ')}: {number}")


def _issued(found: "Bundle") -> str:
    return count(sum(found.manifest["comprobantes"].values()), "comprobante", "comprobantes")
