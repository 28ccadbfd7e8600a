"""Numbers of fiscal documents: the authorised range and one number taken from it."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Rango:
    """A range of numbers that the tax authority granted (a CAE, or a slice of one), as documents carry it."""

    id: str
    """The authority's number of the authorisation, e.g. ``90260000001``."""
    tipo: int
    serie: str
    desde: int
    hasta: int
    vence: date
    """Last day on which it may be signed with."""
    especial: str = ""
    """CAEEspecial, when the authority set one."""
    causal: str = ""
    """CausalCAEEsp, only with especial ``1``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Folio:
    """One number, bound to one sale for ever."""

    rango: Rango
    numero: int

    @property
    def slug(self) -> str:
        """The natural key as people write it: ``101-A-1234``."""
        return f"{self.rango.tipo}-{self.rango.serie}-{self.numero}"
