"""Who issues, and the settings of the installation that the law leaves open."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Emisor:
    """The issuer at one place, as its documents name it."""

    rut: str
    razon_social: str
    nombre_comercial: str = ""
    sucursal: str
    """Code of the branch at DGI, up to four digits."""
    domicilio: str
    ciudad: str
    departamento: str
    web: str
    """Where e-Tickets can be verified; printed."""
    resolucion: str
    """``Res. 123/2026`` or the date of entry; printed."""
    telefono: str = ""
    correo: str = ""
    giro: str = ""
    regimen: str = "general"
    """One of `tipos.Regimen`."""
    free_shop: bool = False
    """Whether the place is a free shop, whose e-Tickets always say to whom. Nothing in a CFE tells it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ajustes:
    """What the TOML decides about reading and totals."""

    precios: str = "CON_IVA"
    decimal: str = ""
    """``PUNTO``, ``COMA``, or empty: an ambiguous number is an error."""
    tolerancia: Decimal = Decimal("1.00")
    """Largest difference between a given total and ours, in the document's currency."""
    redondeo: str = "linea"
    """``linea``: IVA is net times rate and a missing cent becomes a line; ``diferencia``: IVA is gross minus net."""
    textos_largos: str = "recortar"
    """``recortar`` cuts long texts with a warning; ``error`` refuses them."""
    ui: Mapping[int, Decimal] = field(default_factory=dict)
    """Year -> pesos of one unidad indexada at the end of the year before."""
    ambiente: str = "prueba"
