"""What is said of a document that somebody else made, or of a machine: a line for each thing that was looked at."""

from dataclasses import dataclass
from enum import StrEnum


class Juicio(StrEnum):
    """What became of one look."""

    OK = "ok"
    AVISO = "aviso"
    MAL = "mal"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at."""

    juicio: Juicio
    que: str
    """What, in a Spanish word or two: ``firma``."""
    texto: str
    """A Spanish sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """A document, or a file of several, with all that was looked at."""

    titulo: str
    checks: tuple[Check, ...]
    parts: tuple["Inspection", ...] = ()

    @property
    def is_bad(self) -> bool:
        """Whether anything of it is wrong."""
        return any(check.juicio is Juicio.MAL for check in self.checks) or any(part.is_bad for part in self.parts)


def ok(que: str, texto: str) -> Check:
    """It is as it should be."""
    return Check(Juicio.OK, que, texto)


def aviso(que: str, texto: str) -> Check:
    """Worth knowing; nothing is wrong for it."""
    return Check(Juicio.AVISO, que, texto)


def mal(que: str, texto: str) -> Check:
    """It is wrong."""
    return Check(Juicio.MAL, que, texto)
