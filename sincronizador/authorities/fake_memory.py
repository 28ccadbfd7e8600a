"""What the fake DGI remembers: one SQLite base, in memory or in a file that outlives the process."""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

_SCHEMA = """
CREATE TABLE IF NOT EXISTS cae (
    id TEXT, rut TEXT, tipo INTEGER, serie TEXT, desde INTEGER, hasta INTEGER, autorizado TEXT, vence TEXT,
    especial TEXT, causal TEXT, clase TEXT, PRIMARY KEY (id, rut, tipo, serie, desde));
CREATE TABLE IF NOT EXISTS emisor (
    rut TEXT PRIMARY KEY, denominacion TEXT, fantasia TEXT, inicio TEXT, fin TEXT, mail TEXT, url TEXT, cambiado TEXT);
CREATE TABLE IF NOT EXISTS contribuyente (rut TEXT PRIMARY KEY, datos TEXT);
CREATE TABLE IF NOT EXISTS cotizacion (moneda TEXT, dia TEXT, valor TEXT, PRIMARY KEY (moneda, dia));
CREATE TABLE IF NOT EXISTS ajuste (nombre TEXT PRIMARY KEY, valor TEXT);
CREATE TABLE IF NOT EXISTS guion (id INTEGER PRIMARY KEY AUTOINCREMENT, donde TEXT, filtro TEXT, efecto TEXT,
    quedan INTEGER, usado INTEGER DEFAULT 0);
CREATE TABLE IF NOT EXISTS envio (id INTEGER PRIMARY KEY AUTOINCREMENT);
CREATE TABLE IF NOT EXISTS sobre (
    id INTEGER PRIMARY KEY, rut TEXT, id_emisor TEXT, recibido TEXT, estado TEXT, motivos TEXT, cantidad INTEGER,
    token TEXT, desde TEXT, parcial INTEGER, consultas INTEGER DEFAULT 0, xml BLOB);
CREATE INDEX IF NOT EXISTS sobre_de ON sobre (rut, id_emisor);
CREATE INDEX IF NOT EXISTS sobre_token ON sobre (token);
CREATE TABLE IF NOT EXISTS respuesta (
    sobre INTEGER, ordinal INTEGER, tipo TEXT, serie TEXT, numero TEXT, fecha TEXT, firmado TEXT, estado TEXT,
    motivos TEXT, original INTEGER, PRIMARY KEY (sobre, ordinal));
CREATE INDEX IF NOT EXISTS respuesta_de ON respuesta (tipo, serie, numero);
CREATE TABLE IF NOT EXISTS cfe (
    rut TEXT, tipo INTEGER, serie TEXT, numero INTEGER, sobre INTEGER, ordinal INTEGER, estado TEXT, dia TEXT,
    fecha TEXT, firmado TEXT, receptor TEXT, xml BLOB, PRIMARY KEY (rut, tipo, serie, numero));
CREATE INDEX IF NOT EXISTS cfe_dia ON cfe (rut, dia);
CREATE INDEX IF NOT EXISTS cfe_receptor ON cfe (receptor);
CREATE TABLE IF NOT EXISTS reporte (
    id INTEGER PRIMARY KEY, rut TEXT, dia TEXT, secuencia INTEGER, id_emisor TEXT, recibido TEXT, estado TEXT,
    motivos TEXT, gestion TEXT, desde TEXT, diferencias TEXT, ack BLOB, xml BLOB);
CREATE INDEX IF NOT EXISTS reporte_de ON reporte (rut, dia);
CREATE TABLE IF NOT EXISTS rango (
    rut TEXT, dia TEXT, tipo INTEGER, serie TEXT, desde INTEGER, hasta INTEGER, anulado INTEGER);
CREATE INDEX IF NOT EXISTS rango_de ON rango (rut, tipo, serie);
"""
_FIRST_SHIPMENT = 300_000_000


class Memory:
    """One connection that threads take in turn; whoever holds it holds all of DGI."""

    def __init__(self, path: str = ":memory:") -> None:
        self._turn = threading.RLock()
        self._base = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._base.row_factory = sqlite3.Row
        self._base.execute("PRAGMA journal_mode = WAL")
        self._base.executescript(_SCHEMA)

    def close(self) -> None:
        """Let the file go."""
        with self._turn:
            self._base.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; within another one, part of it."""
        with self._turn:
            if self._base.in_transaction:
                yield
                return
            self._base.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._base.execute("ROLLBACK")
                raise
            self._base.execute("COMMIT")

    def rows(self, sql: str, *values: object) -> list[sqlite3.Row]:
        """Every row."""
        with self._turn:
            return self._base.execute(sql, values).fetchall()

    def row(self, sql: str, *values: object) -> sqlite3.Row | None:
        """The first row, if any."""
        found = self.rows(sql, *values)
        return found[0] if found else None

    def write(self, sql: str, *values: object) -> int:
        """The rowid that was given, if any."""
        with self._turn:
            return self._base.execute(sql, values).lastrowid or 0

    def keep(self, table: str, **values: Any) -> None:
        """One row, in place of the one with the same key."""
        names: Sequence[str] = tuple(values)
        marks = ", ".join("?" * len(names))
        sql = f"INSERT OR REPLACE INTO {table} ({', '.join(names)}) VALUES ({marks})"  # noqa: S608 - names of ours
        self.write(sql, *values.values())

    def next_shipment(self) -> int:
        """IdReceptor of what just arrived: sobres and reports share the numbers, and none is given twice."""
        return _FIRST_SHIPMENT + self.write("INSERT INTO envio DEFAULT VALUES")
