"""``respaldo``: backups of the installation, and what is doubtful after one was put back."""

import os
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from sincronizador.cli import ordering, settings
from sincronizador.cli.places import named_toml
from sincronizador.cli.spanish import count
from sincronizador.cli.terminal import draw_progress, say, say_json
from sincronizador.errors import NeedsOperator

if TYPE_CHECKING:
    from sincronizador.bundle import Bundle
    from sincronizador.settings import Settings
    from sincronizador.storage import Storage


@click.group(help="Hace, controla y recupera respaldos del diario.")
def respaldo() -> None:
    """The group."""
    draw_progress()


@respaldo.command(help="Hace un respaldo en DESTINO (una carpeta o s3://), con el servicio andando o detenido.")
@click.argument("destino", required=False)
@click.option("--automatico", is_flag=True, help="Como lo hace el servicio: lo controla y borra los viejos.")
@click.option("--json", "as_json", is_flag=True, help="Como JSON.")
def crear(destino: str | None, automatico: bool, as_json: bool) -> None:
    """Create."""
    from sincronizador.daemon import backup
    from sincronizador.storage import is_s3

    found = settings()
    where = destino or backup.place_of(found)
    now = now_of(found)
    try:
        if automatico or is_s3(where):
            done = backup.create_at(found, named_toml(), where, now, days=found.respaldo.conservar if automatico else 0)
            made, path, size = done.bundle, done.where, done.size
        else:
            made = backup.create(found, named_toml(), os.path.abspath(where), now)
            path, size = made.path, os.path.getsize(made.path)
        noted = "" if automatico else _note(found, path, now)
    finally:
        ordering.give_to_owner(found)
    if as_json:
        _echo_json({"archivo": path, **made.manifest})
        return
    say(f"Respaldo hecho: {path} ({size / 1_000_000:.1f} MB, {_issued(made)}).")
    say("No lleva certificado, contraseñas ni token: guárdelos aparte.")
    if noted:
        say(noted)


@respaldo.command(help="Lista los respaldos de esta instalación que hay en DESTINO.")
@click.argument("destino", required=False)
@click.option("--json", "as_json", is_flag=True, help="Como JSON.")
def listar(destino: str | None, as_json: bool) -> None:
    """List."""
    from sincronizador.daemon import backup

    found = settings()
    where = destino or backup.place_of(found)
    list_backups(found.respaldo.storage(where), where, backup.stem_of(found), as_json=as_json)


@respaldo.command(help="Controla un respaldo entero: que esté sano, que sea de esta instalación, y cada firma.")
@click.argument("archivo")
@click.option("--json", "as_json", is_flag=True, help="Como JSON.")
def verificar(archivo: str, as_json: bool) -> None:
    """Verify."""
    from sincronizador.daemon import backup

    found = settings()
    with found.respaldo.brought(archivo, os.path.dirname(found.diario)) as path:
        seen = backup.verify(found, path)
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
        with found.respaldo.brought(archivo, os.path.dirname(found.diario)) as path:
            done = backup.restore(found, path, now_of(found))
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


def list_backups(storage: "Storage", where: str, stem: str, *, as_json: bool) -> None:
    """Those of one installation, or cloud, the oldest first."""
    from sincronizador.backup_plan import backups_of

    rows = [(f"{where.rstrip('/')}/{one.name}", one.size, when) for one, when in backups_of(storage.listed(), stem)]
    if as_json:
        _echo_json([{"archivo": path, "bytes": size, "cuando": when.isoformat()} for path, size, when in rows])
        return
    if not rows:
        say(f"No hay ninguno en {where}.")
    for path, size, when in rows:
        say(f"{when:%d/%m/%Y %H:%M:%S}  {size / 1_000_000:9.1f} MB  {path}")


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


def _note(found: "Settings", path: str, now: datetime) -> str:
    """Leave word for the service, which keeps when there was a backup; a sentence when that cannot be done."""
    try:
        ordering.leave(found, "respaldo", {"donde": path, "cuando": now.isoformat()})
    except NeedsOperator as error:
        return f"No se pudo anotar en el diario que se hizo: {error}"
    return ""


def _issued(found: "Bundle") -> str:
    return count(sum(found.manifest["comprobantes"].values()), "comprobante", "comprobantes")


def begin_again(found: "Settings") -> None:
    """Alone, what is doubtful is known now; with a cloud the next start asks it."""
    if found.ruta == "nube":
        say("Arranque el servicio con línea: no numera hasta hablar con la nube, que dice qué se emitió después.")
        say("Si esta es otra máquina, la primera vez con «sincronizador iniciar --tomar».")
        return
    from sincronizador.daemon import assembly, restored

    taken = assembly.take_locks(found, now_of(found))
    try:
        journal = assembly.open_or_create(found, now_of(found))
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


def now_of(found: "Settings") -> datetime:
    """Now, by the clocks of the issuer's country."""
    from sincronizador.daemon import assembly

    return datetime.now(assembly.COUNTRIES[found.pais](found).zone)


def _echo_json(facts: Any) -> None:
    say_json(facts)
