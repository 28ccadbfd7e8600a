"""
What the journal may forget after a while, a little at a time.

Never what was signed, what it was made of, its numbers, its papers, or anything that is not settled: the law wants
those, and so does whoever drops the same file again. What is freed is used again by what comes; the file does not
shrink.
"""

from datetime import datetime

from sincronizador.core.answer import Estado

from .journal import Tx, meta, remember

_CURSOR = "conservar:job"
_FORGOTTEN = (Estado.RECHAZADO, Estado.VALIDO, Estado.INVALIDO, Estado.NO_RESUELTO)
"""With these a file ended and nothing came of it."""
ALARM_DAYS = 90


def jobs(db: Tx, before: datetime, limit: int) -> int:
    """
    The bytes and the events of files that ended in nothing and came before then; how many were looked at.

    Their row, what it says and its findings stay. It goes on where it was the last time.
    """
    cursor = int(meta(db, _CURSOR) or 0)
    rows = db.execute(
        "SELECT id, claimed_at, decided AND written = revision AND archived AND NOT bound AND parent IS NULL"
        " AND estado IN (?, ?, ?, ?) FROM job"
        " WHERE id > ? ORDER BY id LIMIT ?",
        (*_FORGOTTEN, cursor, limit),
    ).fetchall()
    passed = [(id_, ended) for id_, at, ended in rows if datetime.fromisoformat(at) < before]
    for id_, ended in passed:
        if ended and db.execute("SELECT 1 FROM document WHERE job = ?", (id_,)).fetchone() is None:
            db.execute("DELETE FROM content WHERE job = ?", (id_,))
            db.execute("DELETE FROM event WHERE job = ?", (id_,))
    if passed:
        remember(db, _CURSOR, str(passed[-1][0]))
    return len(passed)


def orders(db: Tx, before: datetime, limit: int) -> int:
    """Orders that were carried out before then; how many went."""
    old = "SELECT id FROM orders WHERE done_at IS NOT NULL AND done_at < ? ORDER BY id LIMIT ?"
    return db.execute(f"DELETE FROM orders WHERE id IN ({old})", (before.isoformat(), limit)).rowcount  # noqa: S608


def events(db: Tx, before: datetime, limit: int) -> int:
    """Events of before then that are about no file; how many went."""
    old = "SELECT id FROM event WHERE job IS NULL AND at < ? ORDER BY id LIMIT ?"
    return db.execute(f"DELETE FROM event WHERE id IN ({old})", (before.isoformat(), limit)).rowcount  # noqa: S608


def alarms(db: Tx, before: datetime, limit: int) -> int:
    """Alarms that were over before then; how many went."""
    old = db.execute(
        "SELECT id FROM alarm WHERE closed = 1 AND terminada < ? ORDER BY id LIMIT ?", (before.isoformat(), limit)
    ).fetchall()
    db.executemany("DELETE FROM alarm_told WHERE alarm = ?", old)
    db.executemany("DELETE FROM alarm WHERE id = ?", old)
    return len(old)
