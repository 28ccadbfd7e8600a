"""What the checks of the law look at."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain

from sincronizador.core.finding import Finding
from sincronizador.core.request import Known
from sincronizador.core.sections import Section
from sincronizador.countries.uy.comprobante import Comprobante, Global, Linea
from sincronizador.countries.uy.emisor import Ajustes
from sincronizador.countries.uy.tipos import IndFact, Regimen

PRIMERA, ULTIMA = date(2011, 10, 1), date(2050, 12, 31)
"""Days that the schema takes as FchEmis."""
DIAS_ADELANTE = timedelta(days=60)
"""FchEmis is at most this far after the day on which DGI receives it. Formato CFE v25.2, A5."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caso:
    """What a check looks at."""

    comprobante: Comprobante
    known: Known
    today: date
    ajustes: Ajustes
    regimen: Regimen
    free_shop: bool = False
    """Whether the issuer always identifies the receiver."""
    adenda: str = ""
    """What travels beside the document."""


Check = Callable[[Caso], Iterator[Finding]]
"""Looks at one thing, and gives all it finds."""


def billed(doc: Comprobante) -> Iterator[tuple[Section, str, IndFact]]:
    """What the lines, and the global discounts that say it, are billed as: where, in which field, and what."""
    entries: Iterator[Linea | Global] = chain(doc.lineas, doc.globales)
    for entry in entries:
        if entry.ind_fact is not None:
            yield entry.origen, "IVA" if entry.origen.get("IVA") else "IND_FACT", entry.ind_fact
