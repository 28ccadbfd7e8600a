"""
A backup as one file: a zip of a manifest and its members, each with its size and SHA-256.

It appears whole under its name or not at all, for its owner only. Its contents are believed only as far as the manifest
vouches for them.
"""

import hashlib
import io
import json
import os
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, Any

from sincronizador import progress
from sincronizador.core import codes
from sincronizador.errors import Rejected
from sincronizador.files import building, cause_of, printable, write_atomic

FORMAT = 1
MANIFEST = "manifiesto.json"
_MANIFEST_BYTES = 1 << 20
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """A backup that was opened: its manifest is read, its members are not yet."""

    path: str
    manifest: Mapping[str, Any]

    @property
    def when(self) -> datetime:
        """When it was made, aware."""
        return datetime.fromisoformat(self.manifest["cuando"])

    @property
    def members(self) -> Mapping[str, Mapping[str, Any]]:
        """Name -> ``bytes`` and ``sha256``."""
        members: Mapping[str, Mapping[str, Any]] = self.manifest["miembros"]
        return members

    def extract(self, name: str, target: str) -> None:
        """Write a member to `target`, whole and on the disk. Raises `Rejected` E9242, `NeedsOperator` for the disk."""
        with building(target) as file:
            for chunk in self._chunks(name):
                file.write(chunk)

    def read(self, name: str) -> bytes:
        """A member that is small. Raises `Rejected` E9242."""
        return b"".join(self._chunks(name))

    def check(self) -> None:
        """Read every member. Raises `Rejected` E9242 for the first that is not what the manifest says."""
        for name in self.members:
            for _ in self._chunks(name):
                pass

    def _chunks(self, name: str) -> Iterator[bytes]:
        wanted, size, digest = self.members[name], 0, hashlib.sha256()
        with _translated(self.path), zipfile.ZipFile(self.path) as zipped, zipped.open(name) as member:
            while chunk := member.read(_CHUNK):
                size += len(chunk)
                if size > wanted["bytes"]:
                    break
                digest.update(chunk)
                progress.tell(f"Leo {name}", size, wanted["bytes"])
                yield chunk
        if (size, digest.hexdigest()) != (wanted["bytes"], wanted["sha256"]):
            raise damaged(self.path, f"«{printable(name)}» no es lo que se guardó")


def write_bundle(path: str, facts: Mapping[str, Any], members: Mapping[str, str]) -> None:
    """
    A new backup at `path` of the files `members` (name in the backup -> path), with `facts` in its manifest.

    Raises `NeedsOperator` (E92xx); then there is none.
    """
    with building(path) as file:
        write_into(file, facts, members)


def write_into(file: IO[bytes], facts: Mapping[str, Any], members: Mapping[str, str | bytes]) -> None:
    """The same into a file that need not be one that can be read or sought; a member may be its content itself."""
    sums = {name: _sum_of(source) for name, source in members.items()}
    manifest = {"formato": FORMAT, **facts, "miembros": sums}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1, allowZip64=True) as zipped:
        zipped.writestr(MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1))
        total, done = sum(int(str(told["bytes"])) for told in sums.values()), 0
        for name, source in members.items():
            with _reading(source) as reading, zipped.open(name, "w", force_zip64=True) as writing:
                while chunk := reading.read(_CHUNK):
                    writing.write(chunk)
                    done += len(chunk)
                    progress.tell("Escribo el archivo", done, total)


def free_path(folder: str, name: str, now: datetime) -> str:
    """Where a new backup goes: ``respaldo-NAME-AAAAMMDD-HHMMSS.zip``, or with ``~2`` where there is one."""
    stem, number = f"respaldo-{name}-{now:%Y%m%d-%H%M%S}", 1
    path = os.path.join(folder, f"{stem}.zip")
    while os.path.lexists(path):
        number += 1
        path = os.path.join(folder, f"{stem}~{number}.zip")
    return path


def open_bundle(path: str) -> Bundle:
    """The backup at `path`. Raises `Rejected`: E9241 it cannot be read, E9242 it is none, E9244 of a newer version."""
    with _translated(path), zipfile.ZipFile(path) as zipped:
        if zipped.getinfo(MANIFEST).file_size > _MANIFEST_BYTES:
            raise damaged(path, "su manifiesto es demasiado grande")
        manifest = json.loads(zipped.read(MANIFEST))
        names = set(zipped.namelist()) - {MANIFEST}
        if manifest["formato"] > FORMAT:
            raise codes.BACKUP_NEWER.at(detalle=printable(path), version=manifest["programa"]).as_error(Rejected)
        datetime.fromisoformat(manifest["cuando"])
        if names != {str(name) for name in manifest["miembros"]}:
            raise damaged(path, "su manifiesto no nombra lo que trae")
        for wanted in manifest["miembros"].values():
            int(wanted["bytes"]), str(wanted["sha256"])
    return Bundle(path=path, manifest=manifest)


def damaged(path: str, cause: str) -> Rejected:
    """E9242."""
    return codes.BACKUP_DAMAGED.at(detalle=printable(path), causa=cause).as_error(Rejected)


def age(found: Bundle, now: datetime | None = None) -> str:
    """How old a backup is, in words."""
    seconds = ((now or datetime.now(UTC)) - found.when).total_seconds()
    for size, one, many in ((86_400, "día", "días"), (3_600, "hora", "horas"), (60, "minuto", "minutos")):
        if seconds >= size:
            count = int(seconds // size)
            return f"hace {count} {one if count == 1 else many}"
    return "recién hecho"


def keep_note(path: str, facts: Mapping[str, Any]) -> None:
    """A small file of facts, durable, that a restoration leaves while it is half done. Raises `NeedsOperator`."""
    write_atomic(path, json.dumps(facts, ensure_ascii=False).encode() + b"\n", mode=0o600)


def read_note(path: str) -> dict[str, Any] | None:
    """Such a file; empty when it cannot be read, None where there is none."""
    try:
        with open(path, "rb") as file:
            found = json.loads(file.read())
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def aside_of(note: str, path: str, now: datetime) -> str:
    """The folder for what is at `path`: the one that the note of a restoration names already, or a free one."""
    if told := str((read_note(note) or {}).get("aparte") or ""):
        return told
    folder, number = f"{path}.aparte-{now:%Y%m%d-%H%M%S}", 1
    free = folder
    while os.path.lexists(free):
        number += 1
        free = f"{folder}~{number}"
    return free


def _reading(source: str | bytes) -> IO[bytes]:
    return io.BytesIO(source) if isinstance(source, bytes) else open(source, "rb")


def _sum_of(source: str | bytes) -> dict[str, object]:
    digest, size = hashlib.sha256(), 0
    with _reading(source) as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return {"bytes": size, "sha256": digest.hexdigest()}


@contextmanager
def _translated(path: str) -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        cause = cause_of(exc) if exc.errno else str(exc)
        raise codes.BACKUP_UNREADABLE.at(detalle=printable(path), causa=cause).as_error(Rejected) from exc
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as exc:
        raise damaged(path, "no es un respaldo, o está cortado o dañado") from exc
    except (ValueError, KeyError, TypeError, AttributeError) as exc:
        raise damaged(path, "su manifiesto no se entiende") from exc
