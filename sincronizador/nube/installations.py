"""Installations of an issuer, their tokens and their epochs."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """One installation, as an administrator sees it."""

    id: int
    rut: str
    code: str
    epoch: int
    recovered: bool
    """Whether it has sent everything again since the last restore."""
    dead: bool
    tokens: int
    """Living ones."""
    seen: datetime | None
    """When it raised its epoch last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """What became of the wish for a new epoch."""

    epoch: int
    """The installation's epoch now."""
    granted: bool
    """Whether it is the caller's; else 409 ``epoch_conflict``."""
