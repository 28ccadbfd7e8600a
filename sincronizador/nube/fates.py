"""The fate of every number of a CAE, as ranges."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Fate(StrEnum):
    """What became of a number; exactly one."""

    DOCUMENT = "document"
    """It has a document, prepared ones included."""
    ANNULLED = "annulled"
    LEASED = "leased"
    DOUBTFUL = "doubtful"
    """It may be on paper somewhere; only a person annuls it."""
    FREE = "free"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Neighbouring numbers with one fate, both ends included."""

    first: int
    last: int
    fate: Fate


@dataclass(frozen=True, slots=True, kw_only=True)
class CaeFates:
    """A CAE and its stretches, in order, without gaps."""

    cae: str
    doc_type: int
    series: str
    first: int
    last: int
    expires: date
    stretches: tuple[Stretch, ...]

    @property
    def totals(self) -> dict[Fate, int]:
        """How many numbers have each fate; their sum is the size of the CAE."""
        totals = dict.fromkeys(Fate, 0)
        for stretch in self.stretches:
            totals[stretch.fate] += stretch.last - stretch.first + 1
        return totals
