"""Copies of a journal: taken while it is written, looked at as a whole, put back in its place."""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime

from sincronizador import progress
from sincronizador.core import codes
from sincronizador.core.emitido import Anexo
from sincronizador.errors import NeedsOperator, Rejected

from . import events, mark, move, post
from .documents import load_anexo
from .journal import connect_read_only, meta, remember, version_of
from .mark import Mark

_PAGES = 512
_PAUSE = 0.002
"""Seconds between two steps: a disk that is busy with the copy is not busy with it alone."""
MACHINE = "maquina"
"""The fact of the journal that the mark beside it repeats."""
RESTORED = "restaurado"
"""The fact of a journal that was put back and not started since: of which backup."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What a journal holds."""

    version: int
    facts: dict[str, str]
    """pais, ambiente, rut, instalacion."""
    position: int
    epoch: int
    counts: dict[str, int]
    """Documents by type."""
    highest: dict[str, int]
    """``101-A`` -> the highest number that has a document."""
    newest: str
    """When the newest of them was signed; empty without any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A signed document with what else its sale needs to be recognised."""

    referencia: str
    key: str
    slug: str
    """``101-A-1234``."""
    signed: bytes
    anexo: Anexo
    route: str
    """By which it became a document."""
    lease: str
    epoch: int
    counter: int


def copy(source: str, target: str) -> None:
    """
    The journal as it is at this moment, at `target`, which is written over; nobody who writes meanwhile waits.

    A reader's transaction holds the moment, so that the copy never begins anew. Not synced: the caller does. Raises
    `NeedsOperator`: as `open_journal` does for the source, E9246 when the copy cannot be written.
    """
    with closing(connect_read_only(source)) as db:
        version_of(db, source)
        with _to(target), closing(sqlite3.connect(target, isolation_level=None)) as made:
            made.execute("PRAGMA journal_mode = OFF")
            made.execute("PRAGMA synchronous = OFF")
            db.execute("BEGIN")
            db.execute("SELECT count(*) FROM sqlite_master").fetchone()
            db.backup(made, pages=_PAGES, progress=_breathe)


def _breathe(_status: int, left: int, total: int) -> None:
    progress.tell("Copio el diario", total - left, total)
    time.sleep(_PAUSE)


def examine(path: str) -> Contents:
    """What a copy that nobody uses holds. Raises `Rejected` E9242 for one that is not whole."""
    with _judged(path), closing(_alone(path)) as db:
        for pragma, good in (("integrity_check", [("ok",)]), ("foreign_key_check", [])):
            if db.execute(f"PRAGMA {pragma}").fetchmany(3) != good:
                raise sqlite3.DatabaseError(pragma)
        return contents(db)


def contents(db: sqlite3.Connection) -> Contents:
    """What a journal of this version says of itself."""
    highest = db.execute(
        "SELECT tipo || '-' || serie, max(numero) FROM document WHERE superseded_by IS NULL GROUP BY tipo, serie"
    )
    counts = db.execute("SELECT tipo, count(*) FROM document WHERE superseded_by IS NULL GROUP BY tipo ORDER BY tipo")
    return Contents(
        version=db.execute("PRAGMA user_version").fetchone()[0],
        facts={key: meta(db, key) for key in ("pais", "ambiente", "rut", "instalacion")},
        position=mark.position(db),
        epoch=post.read(db).epoch,
        highest=dict(highest.fetchall()),
        counts={str(tipo): count for tipo, count in counts.fetchall()},
        newest=db.execute("SELECT coalesce(max(firmado_en), '') FROM document").fetchone()[0],
    )


def documents_in(path: str) -> Iterator[Copy]:
    """
    Every signed document of a journal that nobody uses, oldest first, as far as it can be read.

    Raises `Rejected` E9242 where it cannot be read any further.
    """
    with _judged(path), closing(_alone(path)) as db:
        yield from _copies(db, "superseded_by IS NULL")


def signed_since(path: str, earlier: str) -> Iterator[Copy]:
    """
    What the journal at `path` signed or adopted and its copy `earlier` lacks; of papers of contingency there is paper.

    Raises `Rejected` E9242 where it cannot be read any further.
    """
    with closing(_alone(earlier)) as before, _judged(path), closing(_alone(path)) as db:
        for copy in _copies(db, "superseded_by IS NULL AND job.route <> 'papel'"):
            known = "SELECT 1 FROM document WHERE tipo = ? AND serie = ? AND numero = ?"
            if before.execute(known, copy.slug.split("-")).fetchone() is None:
                yield copy


def _copies(db: sqlite3.Connection, where: str) -> Iterator[Copy]:
    query = (
        "SELECT job.referencia, job.key, document.tipo || '-' || document.serie || '-' || document.numero, signed,"
        " anexo, job.route, lease, epoch, counter FROM document JOIN job ON job.id = document.job"
    )
    rows = db.execute(f"{query} WHERE {where} ORDER BY document.job")
    for referencia, key, slug, signed, anexo, route, lease, epoch, counter in rows:
        yield Copy(
            referencia=referencia, key=key, slug=slug, signed=bytes(signed), anexo=load_anexo(anexo), route=route,
            lease=lease, epoch=epoch, counter=counter,
        )  # fmt: skip


def plant(path: str, why: str) -> None:
    """Tell a copy that it is about to be put back: the start that finds it so knows that it is of yesterday."""
    with _judged(path), closing(_alone(path)) as db:
        remember(db, RESTORED, why)
        # Into the file itself: what is put in place is this one file.
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    _drop_log(path)


def settle_move(path: str, now: datetime) -> Mark | None:
    """
    A copy that was taken for a move is about to be the journal of this machine, which goes on where the other stopped.

    Gives the mark to lie beside it; None where the other machine had none. Raises `Rejected` E9242 for one that is in
    no move.
    """
    with _judged(path), closing(_alone(path)) as db:
        if move.read(db) is None:
            raise ValueError("no se hizo para mudar")
        move.end(db)
        move.forget_mounts(db)
        events.record(db, None, now, "arrived", "La instalación llegó mudada de otra máquina.")
        machine = meta(db, MACHINE)
        found = mark.of(db, machine, closed=True) if machine else None
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    _drop_log(path)
    return found


def _drop_log(path: str) -> None:
    for ending in ("-wal", "-shm"):
        if os.path.exists(path + ending):
            os.unlink(path + ending)


def _alone(path: str) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None)
    try:
        db.execute("PRAGMA synchronous = FULL")
    except sqlite3.Error:
        db.close()
        raise
    return db


@contextmanager
def _judged(path: str) -> Iterator[None]:
    try:
        yield
    except (sqlite3.DatabaseError, ValueError, TypeError) as exc:
        cause = f"el diario que trae está dañado ({exc})"
        raise codes.BACKUP_DAMAGED.at(detalle=path, causa=cause).as_error(Rejected) from exc


@contextmanager
def _to(target: str) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as exc:
        raise codes.BACKUP_FAILED.at(detalle=os.path.dirname(target), causa=exc).as_error(NeedsOperator) from exc
