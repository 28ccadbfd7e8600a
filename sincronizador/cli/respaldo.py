"""``respaldo``: backups of the installation, and what is doubtful after one was put back."""

import os
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from sincronizador.cli import ordering, settings
from sincronizador.cli.places import named_toml
from sincronizador.cli.spanish import count
from sincronizador.cli.terminal import say, say_json

if TYPE_CHECKING:
    from sincronizador.bundle import Bundle
    from sincronizador.settings import Settings


@click.group(help="Hace, controla y recupera respaldos del diario.")
def respaldo() -> None:
    """The group."""


@respaldo.command(help="Hace un respaldo en la carpeta DESTINO, con el servicio andando o detenido.")
@click.argument("destino", required=False)
@click.option("--json", "as_json", is_flag=True, help="Como JSON.")
def crear(destino: str | None, as_json: bool) -> None:
    """Create."""
    from sincronizador.daemon import backup

    found = settings()
    folder = os.path.abspath(destino or os.path.join(os.path.dirname(found.diario), "respaldos"))
    made = backup.create(found, named_toml(), folder, _now(found))
    ordering.give_to_owner(found)
    if as_json:
        _echo_json({"archivo": made.path, **made.manifest})
        return
    size = os.path.getsize(made.path) / 1_000_000
    say(f"Respaldo hecho: {made.path} ({size:.1f} MB, {_issued(made)}).")
    say("No lleva certificado, contraseñas ni token: guárdelos aparte.")


@respaldo.command(help="Controla un respaldo entero: que esté sano, que sea de esta instalación, y cada firma.")
@click.argument("archivo")
@click.option("--json", "as_json", is_flag=True, help="Como JSON.")
def verificar(archivo: str, as_json: bool) -> None:
    """Verify."""
    from sincronizador.daemon import backup

    found = settings()
    seen = backup.verify(found, archivo)
    if as_json:
        _echo_json({"archivo": archivo, "sano": True, "firmas": seen.signatures, **seen.bundle.manifest})
        return
    for line in told(seen.bundle):
        say(line)
    say(f"Está sano: {count(seen.signatures, 'firma controlada', 'firmas controladas')}.")


@respaldo.command(
    help="Pone el diario de un respaldo en lugar del que hay, que guarda aparte. Con el servicio detenido."
)
@click.argument("archivo")
def restaurar(archivo: str) -> None:
    """Restore."""
    from sincronizador.daemon import backup

    found = settings()
    try:
        done = backup.restore(found, archivo, _now(found))
        for line in told(done.bundle):
            say(line)
        if done.aside:
            say(f"El diario que había quedó en {done.aside}: no lo borre hasta estar seguro.")
        if not done.whole:
            say("Ese diario está dañado: se sacó de él lo que se pudo leer.")
        if done.rescued:
            say(f"De él se rescataron {count(done.rescued, 'comprobante', 'comprobantes')} que el respaldo no tenía.")
        begin_again(found)
    finally:
        ordering.give_to_owner(found)


@respaldo.command(help="Lista las ventas contestadas antes de recuperar un respaldo y cuyo comprobante no está.")
@click.option("--json", "as_json", is_flag=True, help="Como JSON.")
def dudosos(as_json: bool) -> None:
    """List."""
    from sincronizador.journal import doubts
    from sincronizador.journal.journal import open_journal

    with open_journal(settings().diario, read_only=True).reading() as db:
        rows = doubts.listed(db)
    if as_json:
        _echo_json([{"referencia": key, "comprobante": slug} for key, slug in rows])
        return
    if not rows:
        say("No hay ninguna.")
    for key, slug in rows:
        say(f"{key}: {slug}")


def told(found: "Bundle") -> list[str]:
    """What is in a backup and how old it is, in a few lines."""
    from sincronizador.bundle import age

    facts = found.manifest
    who = f"instalación {facts['instalacion']} de {facts['rut']} ({facts['ambiente']})"
    return [
        f"Respaldo del {found.when:%d/%m/%Y %H:%M:%S} ({age(found)}), {who}.",
        f"Hecho por la versión {facts['programa']}, esquema {facts['esquema']}: {_issued(found)}.",
        *(f"  último {series.replace('-', ' ')}: {number}" for series, number in facts["ultimos"].items()),
    ]


def _issued(found: "Bundle") -> str:
    return count(sum(found.manifest["comprobantes"].values()), "comprobante", "comprobantes")


def begin_again(found: "Settings") -> None:
    """Alone, what is doubtful is known now; with a cloud the next start asks it."""
    if found.ruta == "nube":
        say("Arranque el servicio con línea: no numera hasta hablar con la nube, que dice qué se emitió después.")
        say("Si esta es otra máquina, la primera vez con «sincronizador iniciar --tomar».")
        return
    from sincronizador.daemon import assembly, restored

    taken = assembly.take_locks(found, _now(found))
    try:
        journal = assembly.open_or_create(found, _now(found))
        house, _ = assembly.make_house(found, journal)
        house.layout.prepare()
        _, account = restored.take_up(found, house)
        journal.close()
        for sentence in account.sentences()[1:] if account else ():
            say(sentence)
        say("Ya puede arrancar el servicio.")
    finally:
        for lock in taken:
            lock.release()


def _now(found: "Settings") -> datetime:
    from sincronizador.daemon import assembly

    return datetime.now(assembly.COUNTRIES[found.pais](found).zone)


def _echo_json(facts: Any) -> None:
    say_json(facts)
