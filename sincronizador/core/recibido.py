"""A document that another issuer made out to ours, as the cloud tells it."""

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum


class Recepcion(StrEnum):
    """ESTADO of a received document."""

    RECIBIDO = "RECIBIDO"
    """Its signature is good; until VENCE it may be rejected."""
    ACEPTADO = "ACEPTADO"
    RECHAZADO = "RECHAZADO"
    """Its issuer was told that it is not wanted."""
    ANULADO_DGI = "ANULADO_DGI"
    """Its issuer says that the authority rejected it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recibido:
    """A received document and what became of it."""

    emisor: str
    """Tax number of who made it."""
    razon_social: str
    tipo: int
    nombre: str
    """The type's printed name: ``e-Factura``."""
    serie: str
    numero: int
    fecha: date
    firmado: datetime
    moneda: str
    cotizacion: str
    """Empty for the country's own currency."""
    total: Decimal
    importes: tuple[tuple[str, str], ...]
    """As those of an answer."""
    cae: str
    codigo_seguridad: str
    estado: Recepcion
    motivo: str
    """Code of a rejection; empty without one."""
    detalle: str
    avisos: tuple[str, ...]
    """What whoever pays should look at."""
    recibido: datetime
    vence: datetime
    """Until when it may be rejected."""
    adenda: str
    signed: bytes = field(repr=False)
    """As its issuer signed it."""

    @property
    def slug(self) -> str:
        """Of its issuer, type, series and number: ``214844360018-111-A-1234``. Letters that every file may have."""
        return f"{self.emisor}-{self.tipo}-{self.serie}-{self.numero}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recibidos:
    """A page of them, in the order in which they changed."""

    documents: tuple[Recibido, ...]
    cursor: str
    more: bool


def is_slug(text: str) -> bool:
    """Whether it can be the `slug` of a document."""
    return re.fullmatch(r"[0-9]{12}-[0-9]{3}-[A-Z0-9]{1,2}-[0-9]{1,7}", text) is not None
