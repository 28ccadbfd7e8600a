"""
The base: SQLite beside the server, or PostgreSQL.

What a transaction committed is on disk; what it did not commit never happened. SQLite: WAL, ``synchronous=FULL``,
``BEGIN IMMEDIATE``, so writers follow one another. PostgreSQL: every transaction that writes for an issuer begins by
raising ``issuer.seq`` (`nube.gate`), which locks that row until the commit: writers of one issuer follow one another,
numbering is serial, and `seq` counts in the order of commits, which a sequence of the database does not.
"""

import logging
import os
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from time import monotonic
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event, func, insert, inspect, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

from sincronizador.errors import NeedsOperator, Unanswered, Unavailable
from sincronizador.files import has_room
from sincronizador.nube import codes, restoration
from sincronizador.nube.tables import base, installation, issuer
from sincronizador.nube.watermark import Watermark, read_watermark, write_watermark

SCHEMA = "v0010"
"""The migration that this version works with."""

_PULSE_SECONDS = 1.0
_CONNECTIONS = 48
_BUSY_MS = 10_000
_SQLITE_IOERR, _SQLITE_CORRUPT, _SQLITE_FULL, _SQLITE_NOTADB, _SQLITE_INTERRUPT = 10, 11, 13, 26, 9
_WANTS_ROOM = (778, 4618, 4874)
"""SQLITE_IOERR_WRITE, _SHMOPEN, _SHMSIZE."""
_TRY_LOCK = text("SELECT pg_try_advisory_lock(hashtextextended(:name, 0))")
_UNLOCK = text("SELECT pg_advisory_unlock(hashtextextended(:name, 0))")
_LOOK_SECONDS = 10.0
"""What reading a base through may take at a start that follows a fall."""

log = logging.getLogger(__name__)


class Store:
    """An open base. Threads may share it."""

    def __init__(self, engine: Engine, watermark: str, clock: Callable[[], datetime]) -> None:
        self._reader = engine.execution_options(**_snapshots(engine))
        self._writer = engine.execution_options(immediate=True)
        self._path = watermark
        self._clock = clock
        # SQLite waits for a lock by sleeping; threads of one process hand it over at once.
        self._turn = threading.Lock() if engine.dialect.name == "sqlite" else _Unlocked()
        self._marking = threading.Lock()
        self._names: set[str] = set()
        self._marking_names = threading.Lock()
        self._marked = monotonic()
        self._broken = ""
        self._behind = False
        """Whether the watermark could not be written: the base may not get further ahead of it."""
        self.refresh()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """
        All or nothing, durable when it returns.

        Raises `Unavailable` ``not_ready`` when the base cannot be reached or its disk is full, `Unanswered` when nobody
        knows whether it committed, `NeedsOperator` for a broken disk; after an I/O error, always.
        """
        self._catch_up()
        with self._turn, self._translated(), self._writer.connect() as db:
            transaction = db.begin()
            try:
                yield db
            except BaseException:
                transaction.rollback()
                raise
            self._commit(transaction)
        self._pulse()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A snapshot. Raises as `writing` does."""
        with self._translated(), self._reader.connect() as db, db.begin():
            yield db

    @contextmanager
    def alone(self, name: str) -> Iterator[bool]:
        """
        Whether nobody else, in any process, is at what has this name; nobody else is until it is left.

        On PostgreSQL the lock is its server's, and falls with the connection of whoever held it.
        """
        if self._reader.dialect.name != "postgresql":
            with self._marking_names:
                mine = name not in self._names
                self._names.add(name)
            try:
                yield mine
            finally:
                if mine:
                    with self._marking_names:
                        self._names.discard(name)
            return
        of = {"name": name}
        with self._translated(), self._reader.connect() as plain:
            db = plain.execution_options(isolation_level="AUTOCOMMIT")
            mine = bool(db.execute(_TRY_LOCK, of).scalar_one())
            try:
                yield mine
            finally:
                if mine:
                    db.execute(_UNLOCK, of)

    def mark(self) -> None:
        """Write the watermark now."""
        with self._marking:
            self._write_mark()

    def declare_restored(self) -> None:
        """The base is a copy of an earlier time: a new server_epoch, and every issuer waits for its installations."""
        found, mark = self._now(), read_watermark(self._path)
        before = mark or found
        fresh = Watermark(
            identity=found.identity,
            server_epoch=secrets.token_hex(8),
            restores=max(found.restores, before.restores) + 1,
            seq=max(found.seq, before.seq),
        )
        # First the file: falling in between only makes it one restore more.
        write_watermark(self._path, fresh)
        with self.writing() as db:
            restoration.begin(db, fresh.server_epoch, fresh.restores, self._clock())
        self.refresh()
        self.mark()

    def mark_soon(self) -> None:
        """Write the watermark now, or where there is no room, before anything else is written."""
        try:
            self.mark()
        except NeedsOperator as error:
            if not self._behind:
                log.error("event=trouble what=watermark code=%s message=%r", error.code, str(error))  # noqa: TRY400
            self._behind = True

    def close(self) -> None:
        """Write the watermark and let go of the base."""
        try:
            self.mark()
        finally:
            self._writer.dispose()

    def refresh(self) -> None:
        """Read the founding facts again: another server of the same base may have declared it restored."""
        with self.reading() as db:
            row = db.execute(select(base)).one()
        self.environment: str = row.environment
        self.server_epoch: str = row.server_epoch
        self.restores: int = row.restores
        self.recovering_since: datetime | None = row.recovering_since

    def _now(self) -> Watermark:
        with self.reading() as db:
            row = db.execute(select(base)).one()
            seq = db.execute(select(func.coalesce(func.sum(issuer.c.seq), 0))).scalar_one()
        return Watermark(identity=row.identity, server_epoch=row.server_epoch, restores=row.restores, seq=int(seq))

    def _write_mark(self) -> None:
        self._marked = monotonic()
        write_watermark(self._path, self._now())
        self._behind = False

    def _pulse(self) -> None:
        """What was committed stays so, whether or not there is room for the watermark."""
        if monotonic() - self._marked >= _PULSE_SECONDS and not self._marking.locked():
            self.mark_soon()

    def _catch_up(self) -> None:
        if self._behind:
            try:
                self.mark()
            except NeedsOperator as exc:
                raise Unavailable("not_ready", codes.BASE_TROUBLE.at(detalle=exc).message) from exc

    def _commit(self, transaction: Any) -> None:
        try:
            transaction.commit()
        except DBAPIError as exc:
            if _is(exc, _SQLITE_IOERR, _SQLITE_FULL):
                raise
            finding = codes.BASE_TROUBLE.at(detalle=exc.orig)
            raise finding.as_error(Unanswered) from exc

    @contextmanager
    def _translated(self) -> Iterator[None]:
        if self._broken:
            raise codes.BASE_BROKEN.at(detalle=self._broken).as_error(NeedsOperator)
        try:
            yield
        except DBAPIError as exc:
            if _is(exc, _SQLITE_IOERR) and not self._wants_room(exc):
                # Never retried: the kernel may have dropped the pages that it could not write.
                self._broken = str(exc.orig)
                raise codes.BASE_BROKEN.at(detalle=exc.orig).as_error(NeedsOperator) from exc
            if _is(exc, _SQLITE_CORRUPT, _SQLITE_NOTADB):
                raise codes.BASE_DAMAGED.at(detalle="").as_error(NeedsOperator) from exc
            if _is_trouble(exc):
                raise _not_ready(exc) from exc
            raise

    def _wants_room(self, exc: DBAPIError) -> bool:
        """Whether SQLite calls an I/O error what is a quota, or no room for its shared memory; never a failed sync."""
        return getattr(exc.orig, "sqlite_errorcode", 0) in _WANTS_ROOM and not has_room(os.path.dirname(self._path))


def create_store(url: str, watermark: str, *, environment: str, clock: Callable[[], datetime]) -> Store:
    """
    A new base for one environment (``prueba``, ``produccion``) and its watermark.

    `url` is ``sqlite:////path/nube.db`` or ``postgresql://...``. Raises `NeedsOperator` E3401 when there is one.
    """
    if _is_missing_file(url):
        os.close(os.open(make_url(url).database or "", os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o660))
    engine = _engine(url)
    with _disposing(engine), _reached(), engine.connect() as db, db.begin():
        if inspect(db).has_table("base"):
            raise codes.BASE_EXISTS.at(detalle=_shown(url)).as_error(NeedsOperator)
        _migrate(db)
        db.execute(
            insert(base).values(
                id=1, identity=secrets.token_hex(8), environment=environment, server_epoch=secrets.token_hex(8),
                restores=0, epoch_floor=1, recovering_since=None,
            )
        )  # fmt: skip
    with _disposing(engine):
        store = Store(engine, watermark, clock)
        store.mark()
        return store


def open_store(url: str, watermark: str, *, clock: Callable[[], datetime], restored: bool = False) -> Store:
    """
    An existing base, its schema brought up to date.

    A base that is behind its watermark was restored: it gets a new server_epoch and waits for its installations.
    `restored`: a person says so. Raises `NeedsOperator`: E3402 no base, E3403 a newer one, E3406 no watermark beside a
    base that was used, E3407 that of another base.
    """
    if _is_missing_file(url):
        raise codes.BASE_MISSING.at(detalle=_shown(url)).as_error(NeedsOperator)
    engine = _engine(url)
    if not _is_server(url):
        _look_over(make_url(url).database or "")
    with _disposing(engine), _reached(), engine.execution_options(immediate=True).connect() as db, db.begin():
        if not inspect(db).has_table("base"):
            raise codes.BASE_MISSING.at(detalle=_shown(url)).as_error(NeedsOperator)
        _migrate(db)
        was_used = db.execute(select(func.count()).where(installation.c.epoch > 0)).scalar_one() > 0
    with _disposing(engine):
        store = Store(engine, watermark, clock)
        if restored or _was_restored(store, watermark, was_used=was_used):
            store.declare_restored()
        else:
            store.mark_soon()
        return store


def _was_restored(store: Store, path: str, *, was_used: bool) -> bool:
    mark = read_watermark(path)
    now = store._now()  # noqa: SLF001 - the other half of opening
    if mark is None:
        if was_used:
            raise codes.NO_WATERMARK.at(detalle=path).as_error(NeedsOperator)
        return False
    if mark.identity != now.identity:
        raise codes.OTHER_WATERMARK.at(detalle=path).as_error(NeedsOperator)
    return mark.is_ahead_of(now)


class _Unlocked:
    """A lock that nobody waits for."""

    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None: ...


def _engine(url: str) -> Engine:
    address = make_url(url)
    if address.drivername in ("postgresql", "postgres"):
        address = address.set(drivername="postgresql+psycopg")
    engine = create_engine(
        address, poolclass=QueuePool, pool_size=_CONNECTIONS, max_overflow=0, pool_pre_ping=_is_server(url)
    )
    if not _is_server(url):
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: Any, _: object) -> None:
    """A connection of SQLite, whose transactions are begun by us alone."""
    connection.isolation_level = None
    for pragma in ("journal_mode = WAL", f"busy_timeout = {_BUSY_MS}", "foreign_keys = ON", "synchronous = FULL"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(db: Connection) -> None:
    db.exec_driver_sql("BEGIN IMMEDIATE" if db.get_execution_options().get("immediate") else "BEGIN")


def _snapshots(engine: Engine) -> dict[str, Any]:
    return {"isolation_level": "REPEATABLE READ"} if engine.dialect.name == "postgresql" else {}


def _migrate(db: Connection) -> None:
    """Bring the schema up to date, within the transaction of `db`. Raises `NeedsOperator` E3403 for a newer one."""
    if inspect(db).has_table("alembic_version"):
        found = db.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
        if found == SCHEMA:
            return
        if str(found) > SCHEMA:
            raise codes.BASE_NEWER.at().as_error(NeedsOperator)
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", os.path.join(os.path.dirname(__file__), "migrations"))
    config.attributes["connection"] = db
    command.upgrade(config, "head")


@contextmanager
def _disposing(engine: Engine) -> Iterator[None]:
    """An engine that does not become a store lets go of its connections."""
    try:
        yield
    except BaseException:
        engine.dispose()
        raise


@contextmanager
def _reached() -> Iterator[None]:
    try:
        yield
    except DBAPIError as exc:
        if _is(exc, _SQLITE_CORRUPT, _SQLITE_NOTADB):
            raise codes.BASE_DAMAGED.at(detalle="").as_error(NeedsOperator) from exc
        if _is_trouble(exc):
            raise _not_ready(exc) from exc
        raise


def _look_over(path: str) -> None:
    """
    Read a base that was not closed in peace from end to end, for a while, before anything of its log is put into it.

    Raises `NeedsOperator` E3450 for one that is damaged.
    """
    log = f"{path}-wal"
    cut = os.path.exists(log) and os.path.getsize(log) > 0
    engine, end = create_engine(f"sqlite:///file:{quote(path)}?mode=ro&uri=true"), monotonic() + _LOOK_SECONDS
    try:
        with engine.connect() as db:
            connection: Any = db.connection.driver_connection
            connection.set_progress_handler(lambda: monotonic() > end, 10_000)
            # Of one that was closed in peace only its first pages, which tell what it is.
            found = db.exec_driver_sql("PRAGMA quick_check(1)" if cut else "SELECT 'ok' FROM sqlite_master").scalar()
    except DBAPIError as exc:
        if _is(exc, _SQLITE_INTERRUPT):
            return
        if not _is(exc, _SQLITE_CORRUPT, _SQLITE_NOTADB):
            raise
        raise codes.BASE_DAMAGED.at(detalle=path).as_error(NeedsOperator) from exc
    finally:
        engine.dispose()
    if found not in ("ok", None):
        raise codes.BASE_DAMAGED.at(detalle=path).as_error(NeedsOperator)


def _not_ready(exc: DBAPIError) -> Unavailable:
    return Unavailable("not_ready", codes.BASE_TROUBLE.at(detalle=str(exc.orig).splitlines()[0]).message)


def _is_trouble(exc: DBAPIError) -> bool:
    """The base is away, busy or full; anything else is a bug of ours."""
    return exc.connection_invalidated or type(exc).__name__ in ("OperationalError", "InterfaceError")


def _is(exc: DBAPIError, *numbers: int) -> bool:
    return getattr(exc.orig, "sqlite_errorcode", 0) & 0xFF in numbers


def _is_server(url: str) -> bool:
    return not url.startswith("sqlite")


def _is_missing_file(url: str) -> bool:
    return not _is_server(url) and not os.path.exists(make_url(url).database or "")


def _shown(url: str) -> str:
    """Where it is, without a password."""
    return make_url(url).render_as_string(hide_password=True)
