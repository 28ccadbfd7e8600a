"""The door of a mailbox: where others leave what they send. Nothing that lies in it is ever deleted."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

MOST_AT_ONCE = 50
"""Letters in one look: whoever fills the mailbox delays nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """How far a mailbox was read, for those whose letters are numbered."""

    validity: int = 0
    """Which numbering it is; a mailbox that was made anew has another."""
    last: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What lies in a mailbox, as it lies there."""

    name: str
    """Of a file, or its number; for people."""
    content: bytes = field(repr=False)
    """Empty for one that is not read."""
    size: int
    place: Place = Place()
    trouble: str = ""
    """Why it was not read."""


class Mailbox(Protocol):
    """
    A mailbox. What was not put away is there again at the next look.

    Both verbs raise `Unavailable` when it cannot be reached, `NeedsOperator` when time does not help.
    """

    @property
    def source(self) -> str:
        """What tells it from another mailbox."""
        ...

    def letters(self, since: Place) -> Iterator[Letter]:
        """Up to `MOST_AT_ONCE` of those that are new, the oldest first."""
        ...

    def put_away(self, letter: Letter, *, apart: bool) -> None:
        """It is in the base: mark it, for people, as taken or, `apart`, as one that was not read. May be repeated."""
        ...

    def close(self) -> None:
        """Nobody looks any more until the next `letters`."""
        ...
