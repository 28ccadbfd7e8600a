"""
The journal: one SQLite file that is the judge of what happened.

WAL, ``synchronous=FULL``, ``BEGIN IMMEDIATE``, one connection per thread. What a transaction committed is on disk; what
it did not commit never happened. An I/O error ends the process: a failed fsync is never retried, because the kernel may
have dropped the pages it could not write.
"""

import math
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from importlib import resources

from sincronizador import files
from sincronizador.core import codes
from sincronizador.errors import NeedsOperator

Tx = sqlite3.Connection
"""A transaction, as the other modules of this room take it; opaque to everybody else."""

SCHEMA_VERSION = 12
CERTIFICATE_ENDS = "certificado_vence"
"""The fact of until when the loaded certificate is good."""
_BUSY_MS = 10_000
LONG_LOG = 64 << 20
"""Bytes of the log from which on a checkpoint insists."""
_LOG_WAIT_MS = 1_000
_WANTS_ROOM = (
    sqlite3.SQLITE_IOERR_WRITE,
    sqlite3.SQLITE_IOERR_SHMOPEN,
    sqlite3.SQLITE_IOERR_SHMSIZE,
    sqlite3.SQLITE_CANTOPEN,
)
"""What SQLite also says for want of room: a quota, no file left, its shared memory. Never a failed fsync."""


_AT_REST = "ro&immutable=1"
"""How SQLite reads a file without making others beside it, which a full disk or a read-only one does not let it."""


class JournalLost(BaseException):
    """The journal can no longer be trusted to reach the disk: the process must end and start again from the file."""


class Journal:
    """An open journal. Threads may share it: each gets its own connection."""

    def __init__(self, path: str, *, mode: str = "rw") -> None:
        self.path = path
        self._mode = mode
        self._local = threading.local()
        # SQLite waits for a lock by sleeping; threads of one process hand it over at once.
        self._writing = threading.Lock()

    @contextmanager
    def transaction(self) -> Iterator[Tx]:
        """All or nothing, durable when it returns. Raises `NeedsOperator` (full disk), `JournalLost` (I/O error)."""
        db = self._connection()
        with self._writing, _translated(self.path):
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
                db.execute("COMMIT")
            except BaseException:
                if db.in_transaction:
                    db.execute("ROLLBACK")
                raise

    @contextmanager
    def reading(self) -> Iterator[Tx]:
        """Reads; what other threads commit in between is seen."""
        with _translated(self.path):
            yield self._connection()

    def checkpoint(self) -> None:
        """
        Move the log into the file, off the hot path.

        Waits for nobody while the log is short. Under constant load somebody always reads it, and then it is never
        begun anew: a long one makes the writers wait, a second at most, until it is.
        """
        with self.reading() as db:
            db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        if self._log_bytes() < LONG_LOG:
            return
        with self._writing, self.reading() as db:
            db.execute(f"PRAGMA busy_timeout = {_LOG_WAIT_MS}")
            try:
                db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            finally:
                db.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")

    def _log_bytes(self) -> int:
        try:
            return os.path.getsize(f"{self.path}-wal")
        except FileNotFoundError:
            return 0

    def close(self) -> None:
        """Close this thread's connection."""
        db: sqlite3.Connection | None = getattr(self._local, "db", None)
        if db is not None:
            db.close()
            self._local.db = None

    def _connection(self) -> sqlite3.Connection:
        db: sqlite3.Connection | None = getattr(self._local, "db", None)
        if db is None:
            db = self._local.db = _connect(self.path, self._mode)
        return db


def create(path: str, meta: dict[str, str]) -> Journal:
    """A new journal with its founding facts (environment, issuer ...). Raises `NeedsOperator` when the file exists."""
    _refuse_half(path)
    if os.path.exists(path):
        raise codes.JOURNAL_EXISTS.at(detalle=path).as_error(NeedsOperator)
    files.make_folder(os.path.dirname(path), parents=True)
    unfinished = f"{path}.nuevo"
    _remove(unfinished)
    try:
        os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o660))
    except OSError as exc:
        raise codes.JOURNAL_CREATE.at(detalle=path, causa=files.cause_of(exc)).as_error(NeedsOperator) from exc
    with _translated(unfinished), closing(_connect(unfinished, "rw")) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("BEGIN IMMEDIATE")
        for statement in _statements(resources.files(__package__).joinpath("schema.sql").read_text("utf-8")):
            db.execute(statement)
        db.executemany("INSERT INTO meta VALUES (?, ?)", sorted(meta.items()))
        db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        db.execute("COMMIT")
    # There is no half a journal: whoever falls before this begins anew.
    files.put_in_place(unfinished, path)
    return Journal(path)


def open_journal(path: str, *, read_only: bool = False) -> Journal:
    """An existing journal. Raises `NeedsOperator` when it is missing, foreign, damaged or of another version."""
    _refuse_half(path)
    if not os.path.exists(path):
        raise codes.JOURNAL_MISSING.at(detalle=path).as_error(NeedsOperator)
    journal = Journal(path, mode="ro" if read_only else "rw")
    try:
        _check(journal)
    except (NeedsOperator, JournalLost) as error:
        journal.close()
        if not (read_only and _is_at_rest(path) and _would_write(error)):
            raise
        journal = Journal(path, mode=_AT_REST)
        _check(journal)
    return journal


def _check(journal: Journal) -> None:
    with journal.reading() as db:
        version_of(db, journal.path)


def _is_at_rest(path: str) -> bool:
    """Whether all of it is in the one file."""
    return not os.path.exists(f"{path}-wal") or os.path.getsize(f"{path}-wal") == 0


def _would_write(error: NeedsOperator | JournalLost) -> bool:
    """Whether reading failed because SQLite wanted to make its files beside the journal."""
    return isinstance(error, JournalLost) or error.code in (codes.JOURNAL_FULL.code, codes.JOURNAL_CLOSED.code)


def version_of(db: Tx, path: str) -> None:
    """Raises `NeedsOperator` for what is no journal of this version: E9214, E9215, E9216, E9220."""
    with _translated_at_start(path):
        version = db.execute("PRAGMA user_version").fetchone()[0]
        ours = _is_ours(db)
    if version == 0 or not ours:
        raise codes.JOURNAL_FOREIGN.at(detalle=path).as_error(NeedsOperator)
    if version > SCHEMA_VERSION:
        raise codes.JOURNAL_NEWER.at(detalle=path).as_error(NeedsOperator)
    if version < SCHEMA_VERSION:
        raise codes.JOURNAL_OLDER.at(detalle=path).as_error(NeedsOperator)


def look_over(path: str, seconds: float) -> bool:
    """
    Read a journal that was not closed cleanly from end to end; False when that takes longer than `seconds`.

    Nothing is written: what a log of another journal would do to it stays undone. Raises `NeedsOperator` E9216 for one
    that is damaged.
    """
    end = time.monotonic() + seconds
    with closing(connect_read_only(path)) as db, _translated_at_start(path):
        db.set_progress_handler(lambda: time.monotonic() > end, 1_000)
        try:
            found = db.execute("PRAGMA quick_check(1)").fetchone()[0]
        except sqlite3.OperationalError as exc:
            if exc.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
                raise
            return False
    if found != "ok":
        raise codes.JOURNAL_DAMAGED.at().as_error(NeedsOperator)
    return True


def connect_read_only(path: str) -> sqlite3.Connection:
    """A connection of its own, that changes nothing. Raises as `open_journal` does for a file that is none."""
    _refuse_half(path)
    if not os.path.exists(path):
        raise codes.JOURNAL_MISSING.at(detalle=path).as_error(NeedsOperator)
    return _connect(path, "ro")


def half_restored(path: str) -> str:
    """Where a restoration keeps, while it is half done, what it is doing with the journal at `path`."""
    return f"{path}.restauracion"


def _refuse_half(path: str) -> None:
    if os.path.exists(half_restored(path)):
        raise codes.HALF_RESTORED.at(detalle=path).as_error(NeedsOperator)


def upgrade(path: str) -> str:
    """
    Bring an older journal to this version, one commit a version; a copy of it as it was lies beside it first.

    Where that copy lies, read through; empty when there was nothing to do: it does nothing to one that is missing,
    foreign or newer, as `open_journal` says. The caller holds its lock.
    """
    _refuse_half(path)
    if not os.path.exists(path):
        return ""
    db = _connect(path, "rw")
    try:
        with _translated_at_start(path):
            version = db.execute("PRAGMA user_version").fetchone()[0]
            if not 0 < version < SCHEMA_VERSION or not _is_ours(db):
                return ""
            copy = f"{path}.v{version}"
            _keep_copy(db, copy)
            db.execute("PRAGMA foreign_keys = OFF")
            for number in range(version + 1, SCHEMA_VERSION + 1):
                script = resources.files(__package__).joinpath("migrations", f"{number:04d}.sql").read_text("utf-8")
                db.execute("BEGIN IMMEDIATE")
                for statement in _statements(script):
                    db.execute(statement)
                db.execute(f"PRAGMA user_version = {number}")
                db.execute("COMMIT")
            return copy
    finally:
        db.close()


def _is_ours(db: Tx) -> bool:
    names = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name IN ('meta', 'job', 'document', 'rango')"
    return bool(db.execute(names).fetchone()[0] == 4)


def _keep_copy(db: Tx, path: str) -> None:
    if os.path.exists(path):
        return
    unfinished = f"{path}.tmp"
    # What a fall left of it is in the way: SQLite writes into no file that is there. Nor does it sync this one.
    _remove(unfinished)
    db.execute("VACUUM INTO ?", (unfinished,))
    look_over(unfinished, math.inf)
    files.put_in_place(unfinished, path)


def _remove(path: str) -> None:
    try:
        for end in ("", "-journal", "-wal", "-shm"):
            with suppress(FileNotFoundError):
                os.remove(path + end)
    except OSError as error:
        raise files.trouble(error, os.path.dirname(path)) from error


def storable(text: str) -> str:
    """A text as a database can keep it: the undecodable bytes of a file's name as ``\\xd1``."""
    return os.fsencode(text).decode("utf-8", "backslashreplace") if not text.isascii() else text


def meta(db: Tx, key: str) -> str:
    """A founding or remembered fact, or the empty string."""
    row = db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return str(row[0]) if row else ""


def remember(db: Tx, key: str, value: str) -> None:
    """Keep a fact."""
    db.execute("INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", (key, value))


@contextmanager
def snapshot(db: Tx) -> Iterator[None]:
    """Everything that is read in it is of one moment; short, for the log cannot be ended meanwhile."""
    db.execute("BEGIN")
    try:
        yield
    finally:
        db.execute("COMMIT")


def version_seen(db: Tx) -> int:
    """A number that is another one after somebody else committed something."""
    return int(db.execute("PRAGMA data_version").fetchone()[0])


def _connect(path: str, mode: str) -> sqlite3.Connection:
    uri = f"file:{_uri(path)}?mode={mode}"
    with _translated_at_start(path):
        db = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=_BUSY_MS / 1000, cached_statements=256)
        try:
            db.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
            db.execute("PRAGMA foreign_keys = ON")
            db.execute("PRAGMA synchronous = FULL")
            db.execute("PRAGMA wal_autocheckpoint = 4000")
        except sqlite3.Error:
            db.close()
            raise
    return db


def _uri(path: str) -> str:
    return os.path.abspath(path).replace("%", "%25").replace("?", "%3f").replace("#", "%23")


def _statements(script: str) -> Iterator[str]:
    statement = ""
    for line in script.splitlines():
        statement += line + "\n"
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


@contextmanager
def _translated_at_start(path: str) -> Iterator[None]:
    """The same, where nobody's text but the journal's own is read: what is not UTF-8 in it is damage."""
    try:
        with _translated(path):
            yield
    except UnicodeDecodeError as exc:
        raise codes.JOURNAL_DAMAGED.at().as_error(NeedsOperator) from exc


@contextmanager
def _translated(path: str) -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as exc:
        extended = getattr(exc, "sqlite_errorcode", 0)
        code = extended & 0xFF
        if code == sqlite3.SQLITE_FULL or (extended in _WANTS_ROOM and not files.has_room(os.path.dirname(path))):
            raise codes.JOURNAL_FULL.at().as_error(NeedsOperator) from exc
        if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
            raise codes.JOURNAL_DAMAGED.at().as_error(NeedsOperator) from exc
        if code == sqlite3.SQLITE_IOERR:
            raise JournalLost(str(exc)) from exc
        if code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM):
            raise codes.JOURNAL_CLOSED.at(causa=exc).as_error(NeedsOperator) from exc
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise codes.JOURNAL_BUSY.at().as_error(NeedsOperator) from exc
        raise
