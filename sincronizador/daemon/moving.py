"""
An installation taken to another machine: one sealed file with everything, after which this machine numbers no more.

The journal says so before the file is begun. Whoever falls in between finds an installation that refuses to start, and
may export again or take it back: whatever is at the file's place is then known for what it is.
"""

import os
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import IO, cast

from sincronizador import bundle, files, sealed_file
from sincronizador.bundle import Bundle
from sincronizador.core import codes
from sincronizador.errors import Rejected
from sincronizador.journal import events, move
from sincronizador.journal.backup import RESTORED
from sincronizador.journal.journal import open_journal, remember, upgrade
from sincronizador.journal.move import Move
from sincronizador.secret import Secret
from sincronizador.settings import Settings
from sincronizador.template_toml import logo_of
from sincronizador.toml import leaves

from . import assembly, backup

SECRETS, FILES = "secretos", "archivos"
"""Before the key of the settings under which a member of the file is known."""
_FOLDERS = ("entrada.mapeos", "esquemas.carpeta")
"""Settings whose folders travel, file by file."""
_LOGO = "impresion.plantilla.logo"
_NEXT = ".siguiente"
_UNSURE = "Se deshizo una mudanza cuyo archivo no apareció: puede estar en uso en otra máquina."


@dataclass(frozen=True, slots=True, kw_only=True)
class Undone:
    """What became of a move that was taken back."""

    void: tuple[str, ...]
    """Files that say now that they were."""
    is_sure: bool
    """No file is left that another machine could go on with."""


def export(settings: Settings, toml: str, path: str, passphrase: str, now: datetime) -> Move:
    """
    Everything that another machine needs, sealed at `path`; from then on this one does not start.

    Raises `NeedsOperator`: E9221 while a daemon runs, what a disk may raise, E9306 for a secret that cannot be read.
    Then nothing moved, unless something lies, or lay, at `path`.
    """
    taken = assembly.take_locks(settings, now)
    try:
        members = _members(settings, toml)
        upgrade(settings.diario)
        begun = _begin(settings, path, now)
        try:
            with backup.copied(settings, now) as (staged, facts):
                _seal(path, passphrase, begun, {**facts, "mudanza": begun.id}, {backup.JOURNAL: staged, **members})
        except BaseException:
            if _never_was(path, begun):
                _take_back(settings, begun, path)
            raise
        # From here on it exists, also where it cannot be seen: a stick may be pulled out at any moment.
        done = replace(begun, is_done=True)
        _keep(settings, done)
        for _ in sealed_file.unseal(path, passphrase):
            pass
        return done
    finally:
        for lock in taken:
            lock.release()


def undo(settings: Settings, given: Sequence[str], now: datetime) -> Undone:
    """
    This machine goes on. The files of the move, those `given` and those that lie where they were made, say from now on
    that they are void.

    Where one is not found, another machine may be going on with it: then the next start asks for the numbers, or the
    cloud. Raises `NeedsOperator` E9221, `Rejected` E9263 without a move, E9264 for a file of another one.
    """
    taken = assembly.take_locks(settings, now)
    try:
        found = _moved(settings)
        void = [path for path in dict.fromkeys(map(os.path.abspath, given)) if _make_void(path, found)]
        void += [path for path in found.paths if path not in void and _lies_at(path, found) and _make_void(path, found)]
        elsewhere = len([path for path in void if path not in found.paths])
        missing = [path for path in found.paths if path not in void and not _never_was(path, found)]
        is_sure = len(missing) <= elsewhere
        journal = open_journal(settings.diario)
        with journal.transaction() as db:
            move.end(db)
            if not is_sure:
                remember(db, RESTORED, _UNSURE)
            events.record(db, None, now, "move_undone", "Una persona deshizo la mudanza.")
        journal.close()
        return Undone(void=tuple(void), is_sure=is_sure)
    finally:
        for lock in taken:
            lock.release()


def unpack(path: str, passphrase: str, folder: str) -> Bundle:
    """What a file of a move holds, opened in `folder`, which only its owner may enter. Raises `Rejected` E926x."""
    target = os.path.join(folder, "mudanza.zip")
    with files.building(target) as file:
        for piece in sealed_file.unseal(path, passphrase):
            file.write(piece)
    found = bundle.open_bundle(target)
    if "mudanza" not in found.manifest or backup.TOML not in found.members:
        raise codes.NO_MOVE.at(detalle=files.printable(path), causa="le falta la mudanza").as_error(Rejected)
    return found


def _begin(settings: Settings, path: str, now: datetime) -> Move:
    journal = open_journal(settings.diario)
    assembly.check_origin(settings, journal)
    with journal.transaction() as db:
        known = move.read(db) or Move(id=secrets.token_hex(16), at="", paths=(), is_done=False)
        paths = tuple(dict.fromkeys((*known.paths, path)))
        begun = replace(known, at=f"{now:%d/%m/%Y %H:%M}", paths=paths, is_done=False)
        move.keep(db, begun)
        events.record(db, None, now, "moved", f"Se exportó para seguir en otra máquina: {path}")
    journal.close()
    return begun


def _take_back(settings: Settings, begun: Move, path: str) -> None:
    """No file came of it: as it was before."""
    others = tuple(one for one in begun.paths if one != path)
    if others:
        _keep(settings, replace(begun, paths=others, is_done=True))
        return
    journal = open_journal(settings.diario)
    with journal.transaction() as db:
        move.end(db)
    journal.close()


def _keep(settings: Settings, found: Move) -> None:
    journal = open_journal(settings.diario)
    with journal.transaction() as db:
        move.keep(db, found)
    journal.close()


def _seal(
    path: str, passphrase: str, begun: Move, facts: dict[str, object], members: dict[str, str | bytes]
) -> None:  # fmt: skip
    with files.building(path) as file:
        sealer = sealed_file.Sealer(file, passphrase, begun.id)
        bundle.write_into(cast(IO[bytes], sealer), facts, members)
        sealer.close()


def _members(settings: Settings, toml: str) -> dict[str, str | bytes]:
    """Settings, the files and folders that they name, and what is secret. Raises `NeedsOperator` E9306."""
    found: dict[str, str | bytes] = {backup.TOML: toml}
    for key, value, is_path in leaves(settings):
        if isinstance(value, Secret):
            found[f"{SECRETS}/{key}"] = value.read()
        elif is_path and value and os.path.isfile(value) and key != "diario":
            # What waits beside a certificate takes over from it one day.
            found |= {f"{FILES}/{key}{end}": value + end for end in ("", _NEXT) if os.path.isfile(value + end)}
        elif key in _FOLDERS and value and os.path.isdir(value):
            found |= {f"{FILES}/{key}/{name}": os.path.join(value, name) for name in _plain_files(value)}
    if settings.impresion.plantilla and (logo := logo_of(settings.impresion.plantilla)):
        found[f"{FILES}/{_LOGO}"] = logo
    return found


def _plain_files(folder: str) -> Iterator[str]:
    for entry in sorted(os.scandir(folder), key=lambda one: one.name):
        if entry.is_file() and not entry.name.startswith("."):
            yield entry.name


def place_of(settings: Settings, member: str) -> str:
    """Where a file of a move belongs in an installation with these settings; empty for what is none."""
    head, _, rest = member.partition("/")
    key, _, name = rest.partition("/")
    if head != FILES or os.path.basename(name) != name:
        return ""
    if key == _LOGO:
        return (settings.impresion.plantilla and logo_of(settings.impresion.plantilla)) or ""
    known = {key: value for key, value, is_path in leaves(settings) if is_path and value}
    known |= {f"{key}{_NEXT}": f"{value}{_NEXT}" for key, value in known.items()}
    return os.path.join(known[key], name) if name and key in known else known.get(key, "")


def _moved(settings: Settings) -> Move:
    journal = open_journal(settings.diario)
    with journal.reading() as db:
        found = move.read(db)
    journal.close()
    if found is None:
        raise codes.NOT_MOVED.at(detalle="esta instalación no se mudó").as_error(Rejected)
    return found


def _lies_at(path: str, found: Move) -> bool:
    """Whether what lies where a file of this move was made is that file."""
    try:
        return os.path.lexists(path) and sealed_file.read_head(path).label == found.id
    except Rejected:
        return False


def _make_void(path: str, found: Move) -> bool:
    """Whether a file of this move lies there; it is void now."""
    if not os.path.lexists(path):
        return False
    if sealed_file.read_head(path).label != found.id:
        raise codes.NO_MOVE.at(detalle=files.printable(path), causa="es de otra mudanza").as_error(Rejected)
    sealed_file.make_void(path)
    return True


def _never_was(path: str, found: Move) -> bool:
    """An export that was cut short, and whose folder is there without it."""
    is_last = path == found.paths[-1]
    return is_last and not found.is_done and os.path.isdir(os.path.dirname(path)) and not os.path.lexists(path)
