"""
Whether a dropped file is whole, out of what was seen of it and when. Pure: time is an argument.

A file is never taken by patience: it is taken when it is whole, and refused when it stays incomplete without growing.
"""

from dataclasses import dataclass
from enum import Enum

from sincronizador.core import codes
from sincronizador.core.finding import Finding

END_SECONDS = 0.1
"""How long a whole file without a line end at its end may still get one: what is written after the claim is lost."""

EXTENSIONS = (".txt", ".xml")
"""What is taken, case ignored; ``.tmp``, ``.$$$``, ``.part`` and the rest are left alone."""


class Verdict(Enum):
    """What to do with a file now."""

    TAKE = "take"
    WAIT = "wait"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a file looked like, and since when it has looked like that."""

    size: int
    changed: int
    """Its modification time in nanoseconds, only compared: the clocks of shares differ."""
    since: float
    """Monotonic seconds."""


def is_request(name: str) -> bool:
    """Whether a file of that name is a request."""
    return name.lower().endswith(EXTENSIONS)


def look(before: Seen | None, *, size: int, changed: int, now: float) -> Seen:
    """What is seen now; `since` is kept while nothing changes, whatever the file's own date says."""
    if before is not None and (before.size, before.changed) == (size, changed):
        return before
    return Seen(size=size, changed=changed, since=now)


def judge(
    seen: Seen, missing: str | None, *, ended: bool, now: float, incompleto: float, rest: float = END_SECONDS
) -> Verdict:
    """
    What to do with a file that lacks `missing` (None: whole), `incompleto` seconds being the patience for growth.

    `ended`: nothing can follow its last byte (a line end, padding), so its writer has nothing left to write; else it
    must have been left alone for `rest` seconds.
    """
    quiet = now - seen.since
    if missing is None and seen.size:
        return Verdict.TAKE if ended or quiet >= rest else Verdict.WAIT
    return Verdict.REFUSE if quiet >= incompleto else Verdict.WAIT


def refusal(seen: Seen, missing: str | None, *, incompleto: float) -> Finding:
    """Why a file that never became whole is refused: E0101 when it is empty, else E0103."""
    if not seen.size:
        return codes.EMPTY.at(detalle="no tiene ningún byte")
    return codes.INCOMPLETE.at(falta=missing, espera=f", y hace {round(incompleto)} segundos que no crece")
