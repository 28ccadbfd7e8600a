"""Orders: what a person asks of the daemon, by command line or panel. Only the daemon carries them out."""

import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from sincronizador.core import codes
from sincronizador.errors import Rejected, Unavailable

from .journal import Journal, Tx, open_journal, storable

_PATIENCE = 15.0
"""Seconds until nobody waits for the daemon any more."""
_LOOK = 0.05


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
        (verb, json.dumps(args), content, at.isoformat()),
    )
    return int(row.lastrowid or 0)


def pending(db: Tx) -> Order | None:
    """The oldest order that was not carried out."""
    row = db.execute("SELECT id, verb, args, content FROM orders WHERE done_at IS NULL ORDER BY id LIMIT 1").fetchone()
    return Order(row[0], row[1], json.loads(row[2]), row[3] or b"") if row else None


def conclude(db: Tx, order: int, outcome: Outcome, at: datetime) -> None:
    """The order was carried out, or cannot be."""
    db.execute(
        "UPDATE orders SET done_at = ?, ok = ?, result = ? WHERE id = ?",
        (at.isoformat(), int(outcome.ok), storable(outcome.sentence), order),
    )


def outcome(db: Tx, order: int) -> Outcome | None:
    """What became of an order, if it was carried out."""
    row = db.execute("SELECT ok, result FROM orders WHERE id = ? AND done_at IS NOT NULL", (order,)).fetchone()
    return Outcome(bool(row[0]), row[1]) if row else None


@dataclass(frozen=True, slots=True)
class Story:
    """An order from its beginning to its end."""

    order: Order
    placed: datetime
    done: datetime | None
    outcome: Outcome | None


def of(db: Tx, order: int) -> Story | None:
    """What is known of an order; None for one that nobody gave."""
    row = db.execute("SELECT verb, args, at, done_at, ok, result FROM orders WHERE id = ?", (order,)).fetchone()
    if row is None:
        return None
    verb, args, at, done, ok, result = row
    return Story(
        Order(order, verb, json.loads(args), b""),
        datetime.fromisoformat(at),
        datetime.fromisoformat(done) if done else None,
        Outcome(bool(ok), result) if done else None,
    )


def sentence_of(outcome: Outcome) -> str:
    """What was done. Raises `Rejected` with the sentence that says why not."""
    if not outcome.ok:
        code, _, sentence = outcome.sentence.partition(": ")
        raise Rejected(code, sentence)
    return outcome.sentence


def ask(path: str, verb: str, args: dict[str, str], content: bytes = b"") -> str:
    """
    Have the daemon that works on the journal at `path` carry something out; the sentence that says what was done.

    Raises `Rejected` with the sentence that says why not, `Unavailable` E9231 when it does not answer: the order stays.
    """
    journal = open_journal(path)
    try:
        with journal.transaction() as db:
            order = place(db, verb, args, content, datetime.now(UTC))
        return sentence_of(_wait(journal, order))
    finally:
        journal.close()


def _wait(journal: Journal, order: int) -> Outcome:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        with journal.reading() as db:
            found = outcome(db, order)
        if found is not None:
            return found
        time.sleep(_LOOK)
    raise codes.NO_ANSWER.at().as_error(Unavailable)
