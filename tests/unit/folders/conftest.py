"""A spool of its own for each test, and a clock that the test moves."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from sincronizador.folders.claim import Inbox
from sincronizador.folders.layout import Layout

WHOLE = b"[DOCUMENTO]\r\nTIPO=101\r\n[FIN]\r\n"
HALF = b"[DOCUMENTO]\r\nTIPO=101\r\n"


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Journal:
    """What the inbox asks of the journal: undecided stems and claimed names with a row."""

    undecided: set[tuple[str, str]] = field(default_factory=set)
    rows: set[str] = field(default_factory=set)

    def busy(self, till: str, stem: str, *, only_check: bool) -> bool:
        return not only_check and (till, stem.casefold()) in self.undecided

    def known(self, claimed: str) -> bool:
        return claimed in self.rows


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    made = Layout(str(tmp_path / "spool"))
    made.prepare()
    return made


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def journal() -> Journal:
    return Journal()


@pytest.fixture
def inbox(layout: Layout, clock: Clock, journal: Journal) -> Inbox:
    return new_inbox(layout, clock, journal)


def new_inbox(layout: Layout, clock: Clock, journal: Journal) -> Inbox:
    return Inbox(layout, incompleto=60.0, maximo=100_000, busy=journal.busy, clock=clock)
