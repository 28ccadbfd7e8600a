"""What the checks of the law look at."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from sincronizador.core.finding import Finding
from sincronizador.core.request import Known
from sincronizador.countries.uy.comprobante import Comprobante
from sincronizador.countries.uy.emisor import Ajustes
from sincronizador.countries.uy.tipos import Regimen

PRIMERA, ULTIMA = date(2011, 10, 1), date(2050, 12, 31)
"""Days that the schema takes as FchEmis."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caso:
    """What a check looks at."""

    comprobante: Comprobante
    known: Known
    today: date
    ajustes: Ajustes
    regimen: Regimen


Check = Callable[[Caso], Iterator[Finding]]
"""Looks at one thing, and gives all it finds."""
