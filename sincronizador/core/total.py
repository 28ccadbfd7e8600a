"""A total of a document: what its file says beside what the law makes of its lines."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """One of the amounts of a document, under its name in files and answers."""

    name: str
    given: Decimal | None
    """None: the file does not say it."""
    ours: Decimal | None
    """None: its lines could not be understood."""

    @property
    def difference(self) -> Decimal | None:
        """What the file says more than we do; None where one of both is missing."""
        return None if self.given is None or self.ours is None else self.given - self.ours
