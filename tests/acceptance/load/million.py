"""A journal of a million documents within minutes: the rows of one real sale, multiplied inside the database."""

import sqlite3
from pathlib import Path

SHARED_STEM = "factura"
"""Programs of one fixed name: every tenth file was called so."""
LAST_NUMBER = 9_999_999

_NEW = {
    "id": "n.i",
    "job": "n.i",
    "document": "n.i",
    "job.name": "CAST(n.stem || '.txt' AS BLOB)",
    "stem": "n.stem",
    "claimed": "CAST('M' || n.i || '~e0123456789ab.txt' AS BLOB)",
    "key": "'M' || n.i",
    "referencia": "'M' || n.i",
    "numero": "n.i",
    "signed": "CAST(replace(CAST(o.signed AS TEXT), '<Nro>' || o.numero || '</Nro>',"
    " '<Nro>' || n.i || '</Nro>') AS BLOB)",
}


def multiply(path: Path, job: int, count: int) -> None:
    """
    Make of a decided sale a journal of `count` of them, numbered up to `count`.

    The signatures are those of the one: nothing that is measured verifies them.
    """
    db = sqlite3.connect(path, isolation_level=None)
    try:
        db.execute("PRAGMA synchronous = OFF")
        db.execute("PRAGMA foreign_keys = OFF")
        db.execute("PRAGMA cache_size = -200000")
        db.execute("BEGIN IMMEDIATE")
        highest = db.execute("SELECT max(id) FROM job").fetchone()[0]
        db.execute("CREATE TEMP TABLE n (i INTEGER PRIMARY KEY, stem TEXT NOT NULL)")
        db.execute(
            "WITH RECURSIVE c (i) AS (SELECT ? UNION ALL SELECT i + 1 FROM c WHERE i < ?)"
            " INSERT INTO n SELECT i, CASE WHEN i % 10 THEN 'm' || i ELSE ? END FROM c",
            (highest + 1, count, SHARED_STEM),
        )
        for table in ("job", "content", "document"):
            _copy(db, table, job)
        for table in ("task", "event", "paper"):
            _copy(db, table, job, own_id=True)
        db.execute(
            "UPDATE rango SET hasta = ?, ultimo = ?, siguiente = ? WHERE tipo = 101",
            (LAST_NUMBER, LAST_NUMBER, count + 1),
        )
        db.execute("COMMIT")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        db.close()


def _copy(db: sqlite3.Connection, table: str, job: int, *, own_id: bool = False) -> None:
    """All rows of the sale in a table, once for each new number; ids of their own where the table counts its rows."""
    columns = [row[1] for row in db.execute(f"PRAGMA table_info({table})") if not (own_id and row[1] == "id")]
    values = ", ".join(_NEW.get(f"{table}.{column}", _NEW.get(column, f"o.{column}")) for column in columns)
    of = "id" if table == "job" else "job"
    db.execute(
        f"INSERT INTO {table} ({', '.join(columns)})"  # noqa: S608 - names of our own tables
        f" SELECT {values} FROM n, {table} o WHERE o.{of} = ? ORDER BY n.i",
        (job,),
    )
