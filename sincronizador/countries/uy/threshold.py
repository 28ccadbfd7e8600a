"""The 5,000 UI, net of IVA, above which an e-Ticket says to whom and travels to DGI by itself. Formato CFE, table E."""

from collections.abc import Mapping
from decimal import Decimal
from enum import Enum

from sincronizador.countries.uy.values import round_half_up

TOPE_UI_E_TICKET = 5_000
"""UI, at their value of the last day of the year before. Formato CFE v25.2, table E, since 2022-11-01."""

_SEGURO = Decimal("0.9")
"""Without the year's UI, what is below this share of the last known threshold is surely below the year's."""


class Lado(Enum):
    """On which side of the threshold a document is."""

    BAJO = "bajo"
    TOPE = "tope"
    """Exactly on it."""
    ALTO = "alto"
    DUDOSO = "dudoso"
    """The year's UI is not known, and the last one does not tell."""


def in_pesos(neto: Decimal, cotizacion: Decimal | None) -> Decimal:
    """A net amount in pesos, to the cent. `cotizacion`: None for one that is in pesos already."""
    return round_half_up(neto * (cotizacion or 1))


def side(neto: Decimal, year: int, ui: Mapping[int, Decimal]) -> Lado:
    """On which side a net amount in pesos is, of a document of that year. `ui`: year -> its UI, as far as known."""
    if year not in ui:
        return Lado.DUDOSO if neto > _SEGURO * TOPE_UI_E_TICKET * _last_ui(year, ui) else Lado.BAJO
    tope = TOPE_UI_E_TICKET * ui[year]
    return Lado.TOPE if neto == tope else Lado.ALTO if neto > tope else Lado.BAJO


def _last_ui(year: int, ui: Mapping[int, Decimal]) -> Decimal:
    """The last value before a year; the first after it when there is none before; zero when there is none at all."""
    earlier = [known for known in ui if known < year]
    if earlier:
        return ui[max(earlier)]
    return ui[min(ui)] if ui else Decimal(0)
