"""
The mark beside the journal: which machine this is, and how far its journal had come.

It is no part of a backup. A journal that is behind its mark was restored; one without a mark comes from another
machine: either may repeat numbers, unless it takes a new epoch first.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from sincronizador import files

from .journal import Tx

_LARGEST = 4_096
"""Bytes; ours has some sixty."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What the file says."""

    machine: str
    """Random; a new one for every epoch that is asked for."""
    last: int
    """The journal had come at least so far."""
    numbers: Mapping[str, int] = field(default_factory=dict)
    """``101-A`` -> a number that had been given: those of a journal that is lost go on above it."""
    closed: bool = False
    """Whether its daemon ended in peace; else the journal is read through before it is trusted again."""
    equipment: Mapping[str, str] = field(default_factory=dict)
    """What was known of the machine that it lies in (`sincronizador.machine`)."""


def path_of(journal: str) -> str:
    """Where the mark of a journal is."""
    return f"{journal}.marca"


def read(path: str) -> Mark | None:
    """The mark; None where there is none, or none that can be read."""
    try:
        with open(path, "rb") as file:
            found = json.loads(file.read(_LARGEST))
        numbers = {str(series): int(number) for series, number in found.get("numbers", {}).items()}
        equipment = {str(kind): str(value) for kind, value in found.get("equipment", {}).items()}
        closed = bool(found.get("closed", False))
        return Mark(str(found["machine"]), int(found["last"]), numbers=numbers, closed=closed, equipment=equipment)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return None


def write(path: str, mark: Mark) -> None:
    """Keep it. Raises `NeedsOperator`."""
    files.write_atomic(path, json.dumps(asdict(mark)).encode() + b"\n")


def new(db: Tx) -> Mark:
    """A mark of a machine that nobody knows yet, beside this journal."""
    return of(db, secrets.token_hex(16))


def of(db: Tx, machine: str, *, closed: bool = False) -> Mark:
    """The mark of a journal as it is now."""
    given = db.execute("SELECT tipo || '-' || serie, max(siguiente - 1) FROM rango GROUP BY tipo, serie")
    return Mark(machine, position(db), numbers=dict(given.fetchall()), closed=closed)


def position(db: Tx) -> int:
    """How far a journal has come; it only grows."""
    return int(db.execute("SELECT coalesce(max(id), 0) FROM event").fetchone()[0])
