"""A move: this installation was taken to another machine, and this journal gives no number any more."""

import json
from dataclasses import asdict, dataclass

from .journal import Tx, meta, remember

_NAME = "mudanza"
_MOUNTS = "montaje:*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One that was begun here."""

    id: str
    """Random; the file that carries the installation bears it too."""
    at: str
    paths: tuple[str, ...]
    """Of that file, and of its copies that were made here."""
    is_done: bool
    """The last of them was finished; before, it may be or not be."""


def read(db: Tx) -> Move | None:
    """The move that this journal is in; None for one that works."""
    text = meta(db, _NAME)
    if not text:
        return None
    found = json.loads(text)
    return Move(**{**found, "paths": tuple(found["paths"])})


def keep(db: Tx, move: Move) -> None:
    """From here on nothing is numbered here."""
    remember(db, _NAME, json.dumps(asdict(move), ensure_ascii=False))


def end(db: Tx) -> None:
    """It works again: the move was undone, or this is the machine that it arrived at."""
    remember(db, _NAME, "")


def forget_mounts(db: Tx) -> None:
    """On another machine the folders are on another disk."""
    for (key,) in db.execute("SELECT key FROM meta WHERE key GLOB ?", (_MOUNTS,)).fetchall():
        remember(db, key, "")
