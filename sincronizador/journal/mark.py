"""
The mark beside the journal: which machine this is, and how far its journal had come.

It is no part of a backup. A journal that is behind its mark was restored; one without a mark comes from another
machine: either may repeat numbers, unless it takes a new epoch first.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

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
        equipment = {str(kind): str(value) for kind, value in found.get("equipment", {}).items()}
        return Mark(str(found["machine"]), int(found["last"]), equipment)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return None


def write(path: str, mark: Mark) -> None:
    """Keep it. Raises `NeedsOperator`."""
    found = {"machine": mark.machine, "last": mark.last, "equipment": dict(mark.equipment)}
    files.write_atomic(path, json.dumps(found).encode() + b"\n")


def new(last: int, equipment: Mapping[str, str] | None = None) -> Mark:
    """A mark of a machine that nobody knows yet."""
    return Mark(secrets.token_hex(16), last, equipment or {})


def position(db: Tx) -> int:
    """How far a journal has come; it only grows."""
    return int(db.execute("SELECT coalesce(max(id), 0) FROM event").fetchone()[0])
