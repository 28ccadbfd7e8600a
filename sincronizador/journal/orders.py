"""Orders: what a person asks of the daemon from the command line. The daemon is the only one who carries them out."""

import json
import time
from dataclasses import dataclass
from datetime import datetime

from .journal import Journal, Tx


@dataclass(frozen=True, slots=True)
class Order:
    """One wish."""

    id: int
    verb: str
    """``cae``, ``certificado``, ``reintentar``, ``descartar``, ``reimprimir``."""
    args: dict[str, str]
    content: bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of it."""

    ok: bool
    sentence: str


def place(db: Tx, verb: str, args: dict[str, str], content: bytes, at: datetime) -> int:
    """Ask for something. Returns the order's id."""
    row = db.execute(
        "INSERT INTO orders (verb, args, content, at) VALUES (?, ?, ?, ?)",
        (verb, json.dumps(args, ensure_ascii=False), content, at.isoformat()),
    )
    return int(row.lastrowid or 0)


def ask(
    journal: Journal, verb: str, args: dict[str, str], content: bytes, at: datetime, patience: float
) -> tuple[int, Outcome | None]:
    """Ask for something and wait at most `patience` seconds: the order's id, and what became of it so far."""
    with journal.transaction() as db:
        number = place(db, verb, args, content, at)
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        with journal.reading() as db:
            done = outcome(db, number)
        if done is not None:
            return number, done
        time.sleep(0.05)
    return number, None


def pending(db: Tx) -> Order | None:
    """The oldest order that was not carried out."""
    row = db.execute("SELECT id, verb, args, content FROM orders WHERE done_at IS NULL ORDER BY id LIMIT 1").fetchone()
    return Order(row[0], row[1], json.loads(row[2]), row[3] or b"") if row else None


def conclude(db: Tx, order: int, outcome: Outcome, at: datetime) -> None:
    """The order was carried out, or cannot be."""
    db.execute(
        "UPDATE orders SET done_at = ?, ok = ?, result = ? WHERE id = ?",
        (at.isoformat(), int(outcome.ok), outcome.sentence, order),
    )


def outcome(db: Tx, order: int) -> Outcome | None:
    """What became of an order, if it was carried out."""
    row = db.execute("SELECT ok, result FROM orders WHERE id = ? AND done_at IS NOT NULL", (order,)).fetchone()
    return Outcome(bool(row[0]), row[1]) if row else None
