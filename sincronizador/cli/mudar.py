"""``mudar``: an installation taken to another machine, which goes on numbering where this one stopped."""

import os
import tempfile
from typing import TYPE_CHECKING

import click

from sincronizador.cli import ordering, ownership, passwords, settings
from sincronizador.cli.first_sale import is_the_systems
from sincronizador.cli.places import named_toml, new_toml
from sincronizador.cli.respaldo import begin_again, now_of
from sincronizador.cli.spanish import count
from sincronizador.cli.terminal import draw_progress, insist, say
from sincronizador.core import codes
from sincronizador.errors import NeedsOperator

if TYPE_CHECKING:
    from sincronizador.bundle import Bundle
    from sincronizador.sealed_file import Head
    from sincronizador.settings import Settings

_SHORTEST = 10
"""Letters of a passphrase: the file holds the certificate."""
_KEY = click.option(
    "--clave",
    metavar="ARCHIVO",
    help="Archivo con la frase, o «-» para leerla de la entrada. Si no, se pregunta.",
)
_YES = click.option("--si", "sure", is_flag=True, help="No pregunta si está seguro.")


@click.group(help="Lleva la instalación a otra máquina: en un solo archivo cifrado, y sin repetir números.")
def mudar() -> None:
    """The group."""
    draw_progress()


@mudar.command(help="Escribe todo en ARCHIVO, cifrado con una frase. Desde ahí esta máquina no numera más.")
@click.argument("archivo")
@_KEY
@_YES
def exportar(archivo: str, clave: str | None, sure: bool) -> None:
    """Export."""
    from sincronizador.daemon import moving

    found, toml, path = settings(), named_toml(), os.path.abspath(archivo)
    if os.path.lexists(path):
        raise click.UsageError(f"«{archivo}» ya existe; elija otro nombre.")
    _tell_what_stays(found)
    if not sure:
        insist("Después de esto esta máquina no numera más. ¿Sigo?")
    passphrase = passwords.ask_new("Frase que cifra el archivo", clave, shortest=_SHORTEST)
    _stop(toml)
    try:
        done = moving.export(found, toml, path, passphrase, now_of(found))
    finally:
        ordering.give_to_owner(found)
    say(f"Mudanza hecha: {path} ({os.path.getsize(path) / 1_000_000:.1f} MB).")
    say("Lleva el certificado, sus contraseñas y todo lo emitido; sin la frase no se abre. Guárdela aparte.")
    say(f"En la máquina nueva: sincronizador mudar importar {os.path.basename(done.paths[-1])}")
    say("Esta ya no numera. Para volver atrás: sincronizador mudar deshacer")


@mudar.command(help="Trae la instalación de ARCHIVO a esta máquina, donde no puede haber otra.")
@click.argument("archivo")
@_KEY
@_YES
def importar(archivo: str, clave: str | None, sure: bool) -> None:
    """Import."""
    from sincronizador import sealed_file
    from sincronizador.daemon import moving

    path, toml = os.path.abspath(archivo), new_toml()
    head = sealed_file.read_head(path)
    if _is_finished(toml, head.label):
        say("Esta mudanza ya se había importado.")
        return
    if os.path.lexists(toml):
        raise codes.ALREADY_HERE.at(detalle=toml).as_error(NeedsOperator)
    if head.is_void:
        say("Esta mudanza se deshizo: la máquina vieja siguió numerando. Habrá que confirmar los números.")
    if not sure:
        insist("¿La máquina vieja está apagada, y este archivo no se usó en ninguna otra?")
    passphrase = passwords.ask("Frase que cifra el archivo", clave).decode("utf-8", "replace")
    ownership.make_folders(toml, os.path.dirname(toml))
    with tempfile.TemporaryDirectory(prefix=".mudanza-", dir=os.path.dirname(toml)) as folder:
        _arrive(moving.unpack(path, passphrase, folder), toml, head)


def _arrive(found: "Bundle", toml: str, head: "Head") -> None:
    """Files, secrets, journal, and last of all the TOML: where there is one, the rest is complete."""
    from sincronizador.bundle import keep_note, read_note
    from sincronizador.cli.toml_edit import edited
    from sincronizador.daemon import moving
    from sincronizador.daemon.backup import TOML
    from sincronizador.daemon.moving import SECRETS
    from sincronizador.files import write_atomic
    from sincronizador.secret_store import keep, keep_file
    from sincronizador.settings import load_text

    text = found.read(TOML).decode("utf-8-sig")
    secrets = {tuple(name.partition("/")[2].split(".")): name for name in found.members if name.startswith(SECRETS)}
    there = load_text(edited(text, {place: f"./{name}" for place, name in secrets.items()}), toml)
    begun = f"{toml}.mudanza"
    if os.path.lexists(there.diario) and (read_note(begun) or {}).get("mudanza") != head.label:
        raise codes.ALREADY_HERE.at(detalle=there.diario).as_error(NeedsOperator)
    keep_note(begun, {"mudanza": head.label})
    folder = os.path.join(os.path.dirname(toml), "certificado")
    ownership.make_folders(toml, folder)
    kept = {place: keep(".".join(place), found.read(name), folder=folder) for place, name in sorted(secrets.items())}
    for member in sorted(found.members):
        if path := moving.place_of(there, member):
            keep_file(path, found.read(member))
    text = edited(text, kept)
    arrived = load_text(text, toml)
    _take_journal(arrived, found, head)
    write_atomic(toml, text.encode(), mode=0o640 if toml == ownership.SERVICE_TOML else 0o644)
    ownership.give(toml, is_to_be_read=True)
    os.unlink(begun)
    _tell_arrived(arrived, toml, head)


def _take_journal(found: "Settings", taken: "Bundle", head: "Head") -> None:
    from sincronizador.daemon import assembly, backup, marks

    layout, now = assembly.make_layout(found), now_of(found)
    ownership.make_working_folders(found.spool, layout.folders, found.diario)
    alone = found.ruta == "local"
    try:
        backup.restore(found, taken.path, now, is_move=True, is_newest=alone and not head.is_void)
        if alone and head.is_void:
            begin_again(found)
        elif not alone and not head.is_void:
            # A person moved it: the cloud is told to go on with this machine, and fences the old one off.
            locks = assembly.take_locks(found, now)
            journal = assembly.open_or_create(found, now)
            marks.look_at_mark(found, journal, now, tomar=True)
            journal.close()
            for lock in locks:
                lock.release()
    finally:
        ordering.give_to_owner(found)


def _tell_arrived(found: "Settings", toml: str, head: "Head") -> None:
    program = "sincronizador" if toml == ownership.SERVICE_TOML else f"sincronizador --config {toml}"
    say(f"La instalación {found.instalacion.id} de {found.emisor.razon_social} está en esta máquina: {toml}")
    if found.ruta == "nube" and head.is_void:
        say("La primera vez, con línea: sincronizador iniciar --tomar")
    elif found.ruta == "nube":
        say("Arranque con línea: la nube pasa a hablar con esta máquina, y la vieja queda afuera.")
    elif not head.is_void:
        say("Sigue numerando donde la otra terminó.")
    say("Revise rutas, impresoras y permisos, y pruebe todo:")
    say(f"  {program} verificar")
    say("  systemctl enable --now sincronizador" if is_the_systems(toml) else f"  {program} iniciar")


@mudar.command(help="Vuelve atrás: esta máquina sigue, y el ARCHIVO de la mudanza queda anulado.")
@click.argument("archivos", nargs=-1, metavar="[ARCHIVO]...")
@_YES
def deshacer(archivos: tuple[str, ...], sure: bool) -> None:
    """Undo."""
    from sincronizador.daemon import moving

    found = settings()
    if not sure:
        insist("¿El archivo no se importó en ninguna otra máquina?")
    try:
        done = moving.undo(found, archivos, now_of(found))
        for path in done.void:
            say(f"Anulado: {path}. Si alguien lo importa, se le piden los números. Borre sus copias.")
        if done.is_sure:
            say("Esta máquina sigue donde estaba. Arranque el servicio.")
            return
        say("El archivo de la mudanza no apareció: si otra máquina lo importó, los números se repetirían.")
        begin_again(found)
    finally:
        ordering.give_to_owner(found)


def _tell_what_stays(found: "Settings") -> None:
    """What lies in folders, which do not travel, and nobody took yet."""
    from sincronizador.daemon import assembly
    from sincronizador.journal import jobs
    from sincronizador.journal.journal import open_journal

    layout = assembly.make_layout(found)
    with open_journal(found.diario, read_only=True).reading() as db:
        undecided = jobs.count_undecided(db)
    waiting = sum(len(names) for _, _, names in os.walk(layout.entrada))
    if undecided:
        say(f"Hay {count(undecided, 'archivo', 'archivos')} sin decidir: se deciden en la máquina nueva.")
    if waiting:
        say(f"En {layout.entrada} hay {count(waiting, 'archivo', 'archivos')} sin tomar, que no van en la mudanza.")
    say("Las carpetas de trabajo no van: llévelas aparte si las quiere guardar.")


def _stop(toml: str) -> None:
    """The system's service does not start again by itself."""
    if is_the_systems(toml):
        import subprocess

        subprocess.run(("systemctl", "disable", "--now", ownership.SERVICE_USER), check=True)  # noqa: S603, S607


def _is_finished(toml: str, label: str) -> bool:
    """Whether an import was cut after its last file was written."""
    from sincronizador.bundle import read_note

    note = f"{toml}.mudanza"
    if not os.path.lexists(toml) or (read_note(note) or {}).get("mudanza") != label:
        return False
    os.unlink(note)
    return True
