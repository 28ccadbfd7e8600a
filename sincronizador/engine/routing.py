"""Where papers go: the rules of ``[[impresion.regla]]``, pure. Of what several rules say the first one holds."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Regla:
    """One rule; what it does not say, others do."""

    cajas: frozenset[str] = frozenset()
    """Tills, upper case; empty: all of them."""
    tipos: frozenset[int] = frozenset()
    """Types of document; empty: all of them."""
    via: str = ""
    """The name of a further paper; empty: the rule is about the original."""
    impresora: str = ""
    """Upper case; empty: where the original goes."""
    copias: int = 0
    """Papers besides the first one, each of them marked."""

    def covers(self, till: str, tipo: int) -> bool:
        """Whether it speaks of such a paper; of one whose type is not known (0), only rules for all types do."""
        return (not self.cajas or till.upper() in self.cajas) and (not self.tipos or tipo in self.tipos)


@dataclass(frozen=True, slots=True)
class Via:
    """A further paper of a document: its name, where it goes, and how many of it."""

    name: str
    printer: str
    papers: int


def station(reglas: Sequence[Regla], till: str, tipo: int) -> str:
    """Where the rules send an original; empty where they do not say."""
    return next((regla.impresora for regla in _originals(reglas, till, tipo) if regla.impresora), "")


def copies(reglas: Sequence[Regla], till: str, tipo: int) -> int:
    """How many copies go with an original."""
    return next((regla.copias for regla in _originals(reglas, till, tipo) if regla.copias), 0)


def vias(reglas: Sequence[Regla], till: str, tipo: int, original: str) -> list[Via]:
    """The further papers of a document whose original goes to the station `original`, in the order of the rules."""
    return [
        Via(regla.via, regla.impresora or original, 1 + regla.copias)
        for regla in reglas
        if regla.via and regla.covers(till, tipo)
    ]


def _originals(reglas: Sequence[Regla], till: str, tipo: int) -> Iterator[Regla]:
    return (regla for regla in reglas if not regla.via and regla.covers(till, tipo))
