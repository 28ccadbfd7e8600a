"""What every counter of the fake DGI works with."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sincronizador.authorities.fake_archive import Archive
from sincronizador.authorities.fake_cues import Cues
from sincronizador.authorities.fake_memory import Memory
from sincronizador.authorities.fake_notary import Notary
from sincronizador.authorities.fake_registers import Registers

Problems = Callable[[bytes], Sequence[str]]
"""What DGI's schema has against a document; without schemas, nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """One memory, what is written in it, and who looks and signs."""

    memory: Memory
    archive: Archive
    registers: Registers
    cues: Cues
    notary: Notary
    schema: Problems
    rut: str
    """DGI's own."""
