"""Backups of an installation: made while it works, looked at whole, put back while it stands still."""

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sincronizador import __version__, backup_plan, bundle, files, machine, progress
from sincronizador.backup_plan import Done
from sincronizador.bundle import Bundle
from sincronizador.core import codes
from sincronizador.engine import mirroring
from sincronizador.engine.alarms import LOW_DISK
from sincronizador.engine.house import House
from sincronizador.errors import Rejected, SincronizadorError
from sincronizador.journal import backup, mark
from sincronizador.journal.backup import Contents, Copy
from sincronizador.journal.journal import SCHEMA_VERSION, Journal, half_restored, upgrade
from sincronizador.lock import Lock
from sincronizador.settings import Settings
from sincronizador.signing.verify import is_intact

from . import assembly

KIND = "instalacion"
JOURNAL, TOML, MAPPINGS = "diario.db", "sincronizador.toml", "mapeos"
_STAGED = ".restaurando"
_BESIDE = ("", "-wal", "-shm")
_MANY = 50_000
"""Signatures that are checked at most, about a minute's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """A backup that is whole and of this installation."""

    bundle: Bundle
    contents: Contents
    signatures: int
    """Documents whose signature was checked: all, or of very many some of every day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What was done."""

    bundle: Bundle
    aside: str
    """The folder of the journal that was there; empty when there was none."""
    rescued: int
    """Documents that it had and the backup has not."""
    whole: bool
    """Whether all of it could be read."""


def create(settings: Settings, toml: str, folder: str, now: datetime) -> Bundle:
    """
    A new backup in `folder`, which is made when it is missing. The daemon may be running; nobody waits for this.

    Raises `NeedsOperator`: E9245 while another one is being made, E9246 and E92xx for a disk, as `open_journal`.
    """
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
    except OSError as exc:
        raise files.trouble(exc, folder) from exc
    with copied(settings, now) as (staged, facts):
        try:
            path = bundle.free_path(folder, stem_of(settings), now)
            members = {JOURNAL: staged, **_settings_files(settings, toml)}
            bundle.write_bundle(path, facts, members)
        except OSError as exc:
            raise files.trouble(exc, folder) from exc
    return bundle.open_bundle(path)


def stem_of(settings: Settings) -> str:
    """What the names of its backups say of whose they are."""
    return f"{settings.emisor.rut}-{settings.instalacion.id}"


def place_of(settings: Settings) -> str:
    """Where its backups go when nobody says where."""
    return settings.respaldo.destino or os.path.join(os.path.dirname(settings.diario), "respaldos")


def create_at(settings: Settings, toml: str, where: str, now: datetime, *, days: int) -> Done:
    """
    A new backup that is looked at whole and then brought to `where`, a folder or s3://; old ones there go (0: none).

    Raises as `create` and `verify`, and as `where` does.
    """
    staging = f"{settings.diario}.respaldo.d"
    return backup_plan.make(
        staging,
        settings.respaldo.storage(where),
        stem_of(settings),
        days,
        now,
        lambda folder: create(settings, toml, folder, now),
        lambda path: verify(settings, path, within=staging).signatures,
    )


@contextmanager
def copied(settings: Settings, now: datetime) -> Iterator[tuple[str, dict[str, Any]]]:
    """
    A whole copy of the journal for as long as it is needed, and what a manifest says of it.

    Raises as `create`.
    """
    with _alone(settings, now), _staged(settings) as staged:
        try:
            backup.copy(settings.diario, staged)
        except OSError as exc:
            raise files.trouble(exc, staged) from exc
        yield staged, _facts(settings, backup.examine(staged), now)


def verify(settings: Settings, path: str, *, within: str | None = None) -> Verified:
    """
    A backup, looked at whole: its members, its journal, the signature of each of its documents.

    `within`: the folder for a copy of the journal meanwhile. Raises `Rejected` E9241 to E9244.
    """
    found = open_own(settings, path)
    found.check()
    with tempfile.TemporaryDirectory(prefix="respaldo-", dir=within) as folder:
        staged = os.path.join(folder, JOURNAL)
        contents = _take_out(settings, found, staged)
        every = 1 + sum(contents.counts.values()) // _MANY
        count = _check_signatures(settings, found, staged, every)
    return Verified(bundle=found, contents=contents, signatures=count)


def restore(
    settings: Settings, path: str, now: datetime, *, is_move: bool = False, is_newest: bool = False
) -> Restored:
    """
    The journal of a backup in the place of this installation's, which is kept aside whatever its state.

    With `is_move` it was made for another machine to go on; with `is_newest` besides, it is certain that nothing was
    numbered since, and the next start just goes on: of any other, it knows that the journal is of yesterday.

    From the note on there is no journal to start with until this was done to the end; done again it begins anew. Raises
    `NeedsOperator` E9221 while a daemon runs, `Rejected` for the backup; then nothing was changed.
    """
    taken = assembly.take_locks(settings, now)
    try:
        found = open_own(settings, path)
        staged, note = f"{settings.diario}{_STAGED}", half_restored(settings.diario)
        for ending in _BESIDE:
            _forget(staged + ending)
        _take_out(settings, found, staged)
        os.chmod(staged, _mode())
        known = backup.settle_move(staged, now) if is_move else None
        if not is_newest:
            backup.plant(staged, f"Se recuperó el respaldo del {found.when:%d/%m/%Y %H:%M}.")
        aside = bundle.aside_of(note, settings.diario, now)
        rescued, whole = _rescue(settings, staged)
        bundle.keep_note(note, {"respaldo": os.path.abspath(path), "aparte": aside, "cuando": now.isoformat()})
        _put_aside(settings, aside)
        if known is not None and is_newest:
            mark.write(mark.path_of(settings.diario), replace(known, equipment=machine.identify()))
        os.replace(staged, settings.diario)
        files.sync_folder(os.path.dirname(settings.diario))
        _forget(note)
        files.sync_folder(os.path.dirname(settings.diario))
        kept = aside if os.path.isdir(aside) else ""
        return Restored(bundle=found, aside=kept, rescued=rescued, whole=whole)
    except OSError as exc:
        raise files.trouble(exc, settings.diario) from exc
    finally:
        for lock in taken:
            lock.release()


def open_own(settings: Settings, path: str) -> Bundle:
    """A backup of this installation; nothing but its manifest was read. Raises `Rejected` E9241 to E9244."""
    found = bundle.open_bundle(path)
    if found.manifest.get("que") != KIND or JOURNAL not in found.members:
        raise bundle.damaged(path, "no es de una instalación, o le falta el diario")
    for key, wanted in _identity(settings).items():
        if (value := str(found.manifest.get(key, ""))) != wanted:
            raise codes.BACKUP_FOREIGN.at(
                detalle=files.printable(path), field=key, value=value, esperado=wanted
            ).as_error(Rejected)
    if int(found.manifest.get("esquema", 0)) > SCHEMA_VERSION:
        version = found.manifest.get("programa", "")
        raise codes.BACKUP_NEWER.at(detalle=files.printable(path), version=version).as_error(Rejected)
    return found


def _identity(settings: Settings) -> dict[str, str]:
    return {
        "pais": settings.pais,
        "ambiente": settings.ambiente,
        "rut": settings.emisor.rut,
        "instalacion": settings.instalacion.id,
    }


def _facts(settings: Settings, contents: Contents, now: datetime) -> dict[str, Any]:
    return {
        "que": KIND,
        **_identity(settings),
        "esquema": contents.version,
        "programa": __version__,
        "cuando": now.isoformat(timespec="seconds"),
        "posicion": contents.position,
        "epoca": contents.epoch,
        "comprobantes": contents.counts,
        "ultimos": contents.highest,
        "ultima_firma": contents.newest,
    }


def _settings_files(settings: Settings, toml: str) -> dict[str, str]:
    """The TOML and the mappings: no secret stands in them."""
    found = {TOML: toml}
    folder = settings.entrada.mapeos
    if folder and os.path.isdir(folder):
        names = sorted(name for name in os.listdir(folder) if name.endswith(".toml"))
        found |= {f"{MAPPINGS}/{name}": os.path.join(folder, name) for name in names}
    return found


def _take_out(settings: Settings, found: Bundle, staged: str) -> Contents:
    """The journal of a backup at `staged`, of this version and whole. Raises `Rejected` E9242, E9243."""
    found.extract(JOURNAL, staged)
    try:
        upgrade(staged)
    except SincronizadorError as exc:
        raise bundle.damaged(found.path, str(exc)) from exc
    finally:
        with suppress(OSError):
            os.unlink(f"{staged}.v{found.manifest.get('esquema')}")
    contents = backup.examine(staged)
    for key, wanted in _identity(settings).items():
        if contents.facts[key] != wanted:
            raise codes.BACKUP_FOREIGN.at(
                detalle=files.printable(found.path), field=key, value=contents.facts[key], esperado=wanted
            ).as_error(Rejected)
    told = {key: found.manifest.get(key) for key in ("posicion", "comprobantes", "ultimos")}
    if told != {"posicion": contents.position, "comprobantes": contents.counts, "ultimos": contents.highest}:
        raise bundle.damaged(found.path, "su manifiesto no dice lo que el diario trae")
    return contents


def _check_signatures(settings: Settings, found: Bundle, staged: str, every: int) -> int:
    """How many documents were checked: each one, or each so many. Raises `Rejected` E9242."""
    journal, count = Journal(staged), 0
    try:
        house = assembly.make_checker(settings, journal)
        total = sum(found.manifest["comprobantes"].values())
        for place, copy in enumerate(backup.documents_in(staged)):
            if place % every == 0:
                _check_signature(settings, house, found, copy)
                progress.tell("Controlo las firmas", place + 1, total)
                count += 1
    finally:
        journal.close()
    return count


def _check_signature(settings: Settings, house: House, found: Bundle, copy: Copy) -> None:
    try:
        slug = house.country.emitted(copy.signed, copy.anexo).slug
        try:
            mirroring.genuine(house, copy.signed, copy.anexo)
        except Rejected:
            # A certificate of the cloud's is not here: what it signed is at least what was signed.
            if settings.ruta == "local" or not is_intact(copy.signed):
                raise
    except Rejected as exc:
        raise bundle.damaged(found.path, f"el comprobante {copy.slug} no es el que se firmó ({exc})") from exc
    if slug != copy.slug:
        raise bundle.damaged(found.path, f"el comprobante {copy.slug} es en verdad el {slug}")


def _rescue(settings: Settings, staged: str) -> tuple[int, bool]:
    """Copies of what the journal that is there signed since the backup, where the next start looks for them."""
    if not os.path.exists(settings.diario):
        return 0, True
    folder, count = assembly.rescued_path(settings), 0
    with tempfile.TemporaryDirectory(prefix=".rescate-", dir=os.path.dirname(settings.diario)) as aside:
        # Of a copy: what is there stays untouched, whatever SQLite would do with its log.
        twin = os.path.join(aside, JOURNAL)
        for ending in _BESIDE[:2]:
            if os.path.exists(settings.diario + ending):
                _copy(settings.diario + ending, twin + ending)
        try:
            for copy in backup.signed_since(twin, staged):
                os.makedirs(folder, exist_ok=True)
                name, content = mirroring.written(copy)
                files.write_atomic(os.path.join(folder, name), content)
                count += 1
            backup.examine(twin)
        except Rejected:
            return count, False
    return count, True


def _put_aside(settings: Settings, aside: str) -> None:
    """The journal that is there and its log into a folder of their own."""
    present = [settings.diario + ending for ending in _BESIDE if os.path.lexists(settings.diario + ending)]
    if not present:
        return
    os.makedirs(aside, mode=0o700, exist_ok=True)
    for path in present:
        files.move_unique(path, aside, os.path.basename(path))
    files.sync_folder(aside)
    files.sync_folder(os.path.dirname(settings.diario))


@contextmanager
def _staged(settings: Settings) -> Iterator[str]:
    """
    Where the copy is made, beside the journal: a share takes the backup, and is no place for a base at work.

    Its name is fixed, so that what a crash left is written over by the next one. Raises `NeedsOperator` E9201 where the
    daemon would soon have no room left.
    """
    path, home = f"{settings.diario}.respaldo", os.path.dirname(settings.diario)
    try:
        for ending in _BESIDE:
            _forget(path + ending)
        size = sum(
            os.path.getsize(settings.diario + end) for end in _BESIDE[:2] if os.path.exists(settings.diario + end)
        )
        if shutil.disk_usage(home).free < size + LOW_DISK:
            raise files.trouble(OSError(errno.ENOSPC, ""), home)
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        yield path
    finally:
        for ending in _BESIDE:
            _forget(path + ending)


@contextmanager
def _alone(settings: Settings, now: datetime) -> Iterator[None]:
    with Lock(f"{settings.diario}.respaldo.candado", codes.BACKUP_RUNNING) as lock:
        lock.take(now)
        yield


def _copy(source: str, target: str) -> None:
    with open(source, "rb") as reading, files.building(target) as writing:
        while chunk := reading.read(1 << 20):
            writing.write(chunk)


def _mode() -> int:
    """Of a journal, as a new one has it."""
    mask = os.umask(0)
    os.umask(mask)
    return 0o660 & ~mask


def _forget(path: str) -> None:
    with suppress(FileNotFoundError):
        os.unlink(path)
