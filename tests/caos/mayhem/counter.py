"""A till's billing program: drops files, reads what comes back as the manual tells, remembers what it dropped."""

import hashlib
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from random import Random

from outside import judge
from outside.answers import Answer
from outside.dropping import by_rename, slowly

from mayhem.witness import Witness

ISSUED, WITHDRAWN, DONE = "EMITIDO", "RETIRADO", "RESUELTO"
"""Outcomes of a request that are no code."""


class Closing(Exception):
    """The run is over and this answer did not come; the judge will say so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """A file that was handed over, and what it may be answered."""

    till: str
    name: str
    content: bytes
    kind: str
    referencia: str
    """Of the sale that it is, or is about; empty when it has none."""
    expects: frozenset[str]
    """Outcomes: a code, or `ISSUED`, `WITHDRAWN`, `DONE`."""
    at: float
    encoding: str = "ascii"
    tipo: int = 0
    importes: Mapping[str, Decimal] | None = None

    @property
    def sha256(self) -> str:
        """Of the content."""
        return hashlib.sha256(self.content).hexdigest()


def outcome(answer: Answer) -> str:
    """What became of a request, in a word."""
    if not answer.decided:
        return answer["ESTADO"]
    if answer["ESTADO"] == "RETIRADO":
        return WITHDRAWN
    if answer["NUMERO"] and answer.first == "OK":
        return ISSUED
    return answer["CODIGO"] if answer.first == "ERROR" else answer["ESTADO"]


class Book:
    """Everything that was dropped by all tills of a shop."""

    def __init__(self) -> None:
        self.dropped: list[Dropped] = []
        self._lock = threading.Lock()
        self._numbers = 0

    def add(self, dropped: Dropped) -> None:
        """Write it down."""
        with self._lock:
            self.dropped.append(dropped)

    def number(self) -> int:
        """One that nobody had before."""
        with self._lock:
            self._numbers += 1
            return self._numbers


class Counter:
    """One till. `closing` ends every wait."""

    def __init__(self, spool: Path, till: str, book: Book, witness: Witness, closing: threading.Event) -> None:
        self.till = till
        self.book = book
        self.closing = closing
        self._witness = witness
        self._entrada = str(spool / "entrada" / till)

    def drop(
        self,
        name: str,
        content: bytes,
        kind: str,
        expects: set[str],
        *,
        referencia: str = "",
        rng: Random,
        pieces: Sequence[bytes] = (),
        encoding: str = "ascii",
        tipo: int = 0,
        importes: Mapping[str, Decimal] | None = None,
    ) -> None:
        """Hand a file over, in one of the ways of the manual; it is written down before it can be seen."""
        self.book.add(
            Dropped(
                till=self.till, name=name, content=content, kind=kind, referencia=referencia.upper(), encoding=encoding,
                expects=frozenset(expects), at=time.monotonic(), tipo=tipo, importes=importes,
            )
        )  # fmt: skip
        if pieces:
            slowly(self._entrada, name, pieces, pause=rng.uniform(0.01, 0.4))
        elif rng.random() < 0.2:
            slowly(self._entrada, name, [content])
        elif rng.random() < 0.3:
            self._from(f"{name}.$$$", name, content)
        else:
            by_rename(self._entrada, name, content)

    def decided(self, name: str) -> Answer:
        """Look two or three times a second until the answer is OK or ERROR. Raises `Closing`."""
        return self.seen(name, lambda answer: answer.decided)

    def seen(self, name: str, wanted: Callable[[Answer], bool]) -> Answer:
        """Look until the answer is as wanted."""
        while not self.closing.is_set():
            answer = self._witness.see(self.till, self._answer(name))
            if answer is not None and wanted(answer):
                return answer
            time.sleep(0.3)
        raise Closing(name)

    def claimed(self, name: str) -> None:
        """Wait until a dropped file is taken."""
        path = os.path.join(self._entrada, name)
        while os.path.exists(path):
            if self.closing.is_set():
                raise Closing(name)
            time.sleep(0.02)

    def forget(self, name: str) -> None:
        """Delete an answer that was read."""
        self._witness.forget(self.till, name)

    @staticmethod
    def _answer(name: str) -> str:
        return judge.answer_path(Path(), name).name

    def _from(self, other: str, name: str, content: bytes) -> None:
        path = os.path.join(self._entrada, other)
        with open(path, "wb") as file:
            file.write(content)
        os.rename(path, os.path.join(self._entrada, name))
