"""
Backups of the cloud: its base and its TOML in one file; the key of the vault, tokens and the watermark are in none.

SQLite is copied by itself, PostgreSQL by ``pg_dump`` and ``pg_restore``. A base that was put back is declared restored
before anybody may serve it: it numbers nothing until its installations told what they know.
"""

import hashlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, create_engine, func, inspect, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DatabaseError, SQLAlchemyError

from sincronizador import __version__, backup_plan, bundle, files, progress
from sincronizador.backup_plan import Done
from sincronizador.bundle import Bundle
from sincronizador.core import codes
from sincronizador.errors import NeedsOperator, Rejected
from sincronizador.lock import Lock
from sincronizador.nube import assembly, server_codes
from sincronizador.nube.configuration import Configuracion
from sincronizador.nube.store import SCHEMA, open_store
from sincronizador.nube.tables import base, document
from sincronizador.signing.verify import is_intact

KIND = "nube"
SQLITE, POSTGRESQL, TOML = "nube.db", "nube.dump", "nube.toml"
_PAGES, _PAUSE = 512, 0.002
_BESIDE = ("", "-wal", "-shm")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """A backup that is whole and of this environment."""

    bundle: Bundle
    signatures: int
    """Documents that were looked at; none of a PostgreSQL, whose dump only a server opens."""


def create(found: Configuracion, toml: str, folder: str, now: datetime) -> Bundle:
    """
    A new backup in `folder`, which is made when it is missing. Servers may be running.

    Raises `NeedsOperator`: E3607 without PostgreSQL's tools, E3608 what they said, E9245, E92xx; `Unavailable`.
    """
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        with Lock(f"{found.marca}.respaldo.candado", codes.BACKUP_RUNNING) as lock:
            lock.take(now)
            with _work(found) as work:
                return _create(found, toml, folder, now, work)
    except OSError as exc:
        raise files.trouble(exc, folder) from exc


def stem_of(found: Configuracion) -> str:
    """What the names of its backups say of whose they are."""
    return f"nube-{found.ambiente}"


def place_of(found: Configuracion) -> str:
    """Where its backups go when nobody says where."""
    return found.respaldo.destino or os.path.join(os.path.dirname(found.marca), "respaldos")


def create_at(found: Configuracion, toml: str, where: str, now: datetime, *, days: int) -> Done:
    """
    A new backup that is looked at whole and then brought to `where`, a folder or s3://; old ones there go (0: none).

    Raises as `create` and `verify`, and as `where` does.
    """
    return backup_plan.make(
        f"{found.marca}.respaldo.d",
        found.respaldo.storage(where),
        stem_of(found),
        days,
        now,
        lambda folder: create(found, toml, folder, now),
        lambda path: verify(found, path).signatures,
    )


def verify(found: Configuracion, path: str) -> Verified:
    """A backup, looked at whole. Raises `Rejected` E9241 to E9244, `NeedsOperator` E3607."""
    opened = open_own(found, path)
    opened.check()
    with tempfile.TemporaryDirectory(prefix="respaldo-") as work:
        staged = os.path.join(work, _member(opened))
        opened.extract(_member(opened), staged)
        if _member(opened) == POSTGRESQL:
            _run(opened, "pg_restore", "--list", staged)
            return Verified(bundle=opened, signatures=0)
        return Verified(bundle=opened, signatures=_look_at(opened, staged))


def restore(found: Configuracion, path: str, now: datetime) -> tuple[Bundle, str]:
    """
    The base of a backup in the place of the one that is there, which is kept aside; where that is, or empty.

    From the note on no server starts until this was done to the end; done again it begins anew. Raises `NeedsOperator`
    E3602 or E3609 while a server runs, `Rejected` for the backup; then nothing was changed.
    """
    opened = open_own(found, path)
    if (_member(opened) == SQLITE) is not found.embedded:
        other = "PostgreSQL" if found.embedded else "SQLite"
        raise bundle.damaged(path, f"es de una base {other} y la configuración dice otra")
    verify(found, path)
    try:
        if found.embedded:
            with Lock(f"{found.base}.candado", server_codes.SECOND_SERVER) as lock:
                lock.take(now)
                return opened, _restore_file(found, opened, now)
        return opened, _restore_server(found, opened, now)
    except OSError as exc:
        raise files.trouble(exc, found.marca) from exc


def open_own(found: Configuracion, path: str) -> Bundle:
    """A backup of a cloud of this environment; nothing but its manifest was read. Raises `Rejected`."""
    opened = bundle.open_bundle(path)
    facts = opened.manifest
    if facts.get("que") != KIND or not {SQLITE, POSTGRESQL} & set(opened.members):
        raise bundle.damaged(path, "no es de una nube, o le falta la base")
    if facts.get("ambiente") != found.ambiente:
        raise codes.BACKUP_FOREIGN.at(
            detalle=files.printable(path), field="ambiente", value=str(facts.get("ambiente")), esperado=found.ambiente
        ).as_error(Rejected)
    if str(facts.get("esquema", "")) > SCHEMA:
        version = facts.get("programa", "")
        raise codes.BACKUP_NEWER.at(detalle=files.printable(path), version=version).as_error(Rejected)
    return opened


def _create(found: Configuracion, toml: str, folder: str, now: datetime, work: str) -> Bundle:
    if found.embedded:
        name, staged = SQLITE, os.path.join(work, SQLITE)
        _copy_file(found.base, staged)
        with _opened(f"sqlite:///{staged}") as db:
            facts = _facts(db)
        for ending in _BESIDE[1:]:
            _forget(staged + ending)
    else:
        name, staged = POSTGRESQL, os.path.join(work, POSTGRESQL)
        with _opened(assembly.url_of(found), isolation_level="REPEATABLE READ") as db:
            facts = _facts(db)
            # The dump and what the manifest says of it are of one moment.
            snapshot = db.execute(text("SELECT pg_export_snapshot()")).scalar_one()
            _run(found, "pg_dump", "--format=custom", f"--snapshot={snapshot}", f"--file={staged}", _address(found))
    path = bundle.free_path(folder, stem_of(found), now)
    bundle.write_bundle(
        path,
        {"que": KIND, "programa": __version__, "cuando": now.isoformat(timespec="seconds"), **facts},
        {name: staged, TOML: toml},
    )
    return bundle.open_bundle(path)


def _copy_file(source: str, target: str) -> None:
    """A reader's transaction holds the moment, so that nobody who writes waits and the copy never begins anew."""
    if not os.path.exists(source):
        raise server_codes.NO_BASE.at(detalle=source).as_error(NeedsOperator)
    reading, writing = create_engine(f"sqlite:///{source}"), create_engine(f"sqlite:///{target}")
    try:
        one: Any = reading.raw_connection().driver_connection
        two: Any = writing.raw_connection().driver_connection
        one.isolation_level = None
        two.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")
        one.execute("BEGIN")
        one.execute("SELECT count(*) FROM sqlite_master").fetchone()
        one.backup(two, pages=_PAGES, progress=_breathe)
        one.execute("ROLLBACK")
    except Exception as exc:
        # The driver's own family: the engine is not in between.
        if type(exc).__module__ != "sqlite3":
            raise
        raise codes.BACKUP_FAILED.at(detalle=os.path.dirname(target), causa=exc).as_error(NeedsOperator) from exc
    finally:
        reading.dispose()
        writing.dispose()


def _breathe(_status: int, left: int, total: int) -> None:
    progress.tell("Copio la base", total - left, total)
    time.sleep(_PAUSE)


def _facts(db: Connection) -> dict[str, Any]:
    """What a base says of itself."""
    row = db.execute(select(base)).one()
    counts = select(document.c.rut, document.c.doc_type, func.count()).where(document.c.state != "voided")
    highest = select(document.c.rut, document.c.doc_type, document.c.series, func.max(document.c.number))
    columns = (document.c.rut, document.c.doc_type)
    return {
        "ambiente": row.environment,
        "identidad": row.identity,
        "epoca": row.server_epoch,
        "restauraciones": row.restores,
        "esquema": db.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one(),
        "comprobantes": {
            f"{rut} {tipo}": count for rut, tipo, count in db.execute(counts.group_by(*columns).order_by(*columns))
        },
        "ultimos": {
            f"{rut} {tipo}-{serie}": number
            for rut, tipo, serie, number in db.execute(
                highest.group_by(*columns, document.c.series).order_by(*columns, document.c.series)
            )
        },
    }


def _look_at(opened: Bundle, staged: str) -> int:
    """The base of a backup, whole, and each of its documents; how many. Raises `Rejected` E9242."""
    try:
        with _opened(f"sqlite:///{staged}") as db:
            for pragma, good in (("integrity_check", [("ok",)]), ("foreign_key_check", [])):
                if [tuple(row) for row in db.exec_driver_sql(f"PRAGMA {pragma}").fetchmany(3)] != good:
                    raise bundle.damaged(opened.path, f"la base que trae está dañada ({pragma})")
            facts = _facts(db)
            if any(opened.manifest.get(key) != value for key, value in facts.items()):
                raise bundle.damaged(opened.path, "su manifiesto no dice lo que la base trae")
            rows = db.execution_options(yield_per=500).execute(
                select(document.c.doc_type, document.c.series, document.c.number, document.c.signed, document.c.sha256)
            )
            total, count = sum(opened.manifest["comprobantes"].values()), 0
            for place, row in enumerate(rows, 1):
                count += _is_what_was_signed(opened, *row)
                progress.tell("Controlo los comprobantes", place, total)
            return count
    except (SQLAlchemyError, NeedsOperator) as exc:
        raise bundle.damaged(opened.path, "la base que trae está dañada") from exc


def _is_what_was_signed(opened: Bundle, tipo: int, serie: str, numero: int, signed: bytes, sha256: str) -> bool:
    with suppress(Rejected):
        if hashlib.sha256(signed).hexdigest() == sha256 and is_intact(signed):
            return True
    raise bundle.damaged(opened.path, f"el comprobante {tipo}-{serie}-{numero} no es el que se firmó")


def _restore_file(found: Configuracion, opened: Bundle, now: datetime) -> str:
    note, staged = assembly.half_restored(found), f"{found.base}.restaurando"
    for ending in _BESIDE:
        _forget(staged + ending)
    opened.extract(SQLITE, staged)
    aside = bundle.aside_of(note, found.base, now)
    bundle.keep_note(note, {"respaldo": os.path.abspath(opened.path), "aparte": aside, "cuando": now.isoformat()})
    present = [found.base + ending for ending in _BESIDE if os.path.lexists(found.base + ending)]
    if present:
        os.makedirs(aside, mode=0o700, exist_ok=True)
    for path in present:
        files.move_unique(path, aside, os.path.basename(path))
    os.replace(staged, found.base)
    files.sync_folder(os.path.dirname(found.base))
    _declare(found)
    return aside if os.path.isdir(aside) else ""


def _restore_server(found: Configuracion, opened: Bundle, now: datetime) -> str:
    """In one transaction of the server's; what was there is a backup first, beside the one that is put back."""
    with _opened(assembly.url_of(found)) as db:
        others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        if count := db.execute(text(others)).scalar_one():
            raise server_codes.BASE_IN_USE.at(cuantas=count).as_error(NeedsOperator)
        is_there = inspect(db).has_table("base")
    note = assembly.half_restored(found)
    half = bundle.read_note(note)
    aside = str((half or {}).get("aparte", ""))
    with _work(found) as work:
        if is_there and not aside:
            toml = os.path.join(work, TOML)
            opened.extract(TOML, toml)
            aside = _create(found, toml, os.path.dirname(os.path.abspath(opened.path)), now, work).path
        staged = os.path.join(work, "restaurar.dump")
        opened.extract(POSTGRESQL, staged)
        bundle.keep_note(note, {"respaldo": os.path.abspath(opened.path), "aparte": aside, "cuando": now.isoformat()})
        _run(
            found, "pg_restore", "--clean", "--if-exists", "--single-transaction", "--exit-on-error", "--no-owner",
            f"--dbname={_address(found)}", staged,
        )  # fmt: skip
    _declare(found)
    return aside


def _declare(found: Configuracion) -> None:
    """A new server_epoch, and counters that jump; only then may somebody serve it."""
    open_store(assembly.url_of(found), found.marca, clock=assembly.now, restored=True).close()
    _forget(assembly.half_restored(found))
    files.sync_folder(os.path.dirname(found.marca))


def _member(opened: Bundle) -> str:
    return SQLITE if SQLITE in opened.members else POSTGRESQL


def _address(found: Configuracion) -> str:
    """Where PostgreSQL is, without a password: a command line is everybody's to read."""
    return found.base


def _run(found: Configuracion | Bundle, tool: str, *args: str) -> None:
    """Raises `NeedsOperator`: E3607 without the tool, E3608 with what it said."""
    program = shutil.which(tool)
    if program is None:
        raise server_codes.NO_TOOL.at(detalle=tool).as_error(NeedsOperator)
    secret: Mapping[str, str] = {}
    if isinstance(found, Configuracion) and found.base_clave is not None:
        secret = {"PGPASSWORD": found.base_clave.read().decode()}
    done = subprocess.run(  # noqa: S603 - found on the path, its arguments are ours
        [program, *args], env={**os.environ, **secret}, stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise server_codes.TOOL_FAILED.at(detalle=tool, causa=said[-1] if said else done.returncode).as_error(
            NeedsOperator
        )


@contextmanager
def _opened(url: str, **how: Any) -> Iterator[Connection]:
    address = make_url(url)
    engine = create_engine(address, **how)
    try:
        with engine.connect() as db:
            yield db
    except DatabaseError as exc:
        raise server_codes.NOT_READ.at(causa=str(exc.orig).splitlines()[0]).as_error(NeedsOperator) from exc
    finally:
        engine.dispose()


@contextmanager
def _work(found: Configuracion) -> Iterator[str]:
    """A folder beside the watermark; what a crash left of the one before goes first."""
    path = f"{found.marca}.respaldo"
    shutil.rmtree(path, ignore_errors=True)
    os.makedirs(path, mode=0o700)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _forget(path: str) -> None:
    with suppress(FileNotFoundError):
        os.unlink(path)
