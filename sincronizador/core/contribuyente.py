"""A taxpayer, as a tax authority has it registered, and how old that is."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Fuente(StrEnum):
    """FUENTE: who says it."""

    DGI = "DGI"
    """The authority, now."""
    CACHE = "CACHE"
    """The authority, when it was asked before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribuyente:
    """What is registered. Texts may be empty."""

    rut: str
    razon_social: str
    nombre_fantasia: str
    tipo_entidad: str
    """``SOCIEDAD ANONIMA``."""
    situacion: str
    """``ACTIVO``, or why not: `countries/uy/taxpayer.py` has the words."""
    inicio: date | None
    """Since when it is in business."""
    direccion: str
    ciudad: str
    departamento: str
    telefonos: tuple[str, ...]
    correos: tuple[str, ...]
    giros: tuple[str, ...]
    """What it does for a living, the main one first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consulta:
    """The answer to a question about a taxpayer."""

    contribuyente: Contribuyente
    fuente: Fuente
    consultado: datetime
    """When the authority said so; aware."""
    sin_linea: bool
    """It was to be asked again, and could not be."""
