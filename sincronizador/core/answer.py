"""The states that the legacy system reads, and the answer as data."""

from dataclasses import dataclass
from enum import StrEnum


class First(StrEnum):
    """First line of an answer."""

    OK = "OK"
    PENDIENTE = "PENDIENTE"
    ERROR = "ERROR"


class Estado(StrEnum):
    """ESTADO of an answer, in the order in which a sale may pass through them; an answer never goes back."""

    RECIBIDO = "RECIBIDO"
    ESPERANDO = "ESPERANDO"
    PARCIAL = "PARCIAL"
    """A lote on its way: some of its documents are decided."""
    FIRMADO = "FIRMADO"
    FIRMADO_LOCAL = "FIRMADO_LOCAL"
    FIRMADO_CONTINGENCIA = "FIRMADO_CONTINGENCIA"
    ENVIADO = "ENVIADO"
    OBSERVADO = "OBSERVADO"
    ACEPTADO = "ACEPTADO"
    INFORMADO = "INFORMADO"
    RECHAZADO_DGI = "RECHAZADO_DGI"
    RECHAZADO = "RECHAZADO"
    RETIRADO = "RETIRADO"
    DESCARTADO = "DESCARTADO"
    NO_COBRADO = "NO_COBRADO"
    VALIDO = "VALIDO"
    INVALIDO = "INVALIDO"
    RESUELTO = "RESUELTO"
    NO_RESUELTO = "NO_RESUELTO"

    @property
    def first(self) -> First:
        """The answer's first line."""
        if self in (Estado.RECIBIDO, Estado.ESPERANDO, Estado.PARCIAL):
            return First.PENDIENTE
        return First.OK if self in _OK else First.ERROR

    @property
    def decided(self) -> bool:
        """OK or ERROR: never taken back by us."""
        return self.first is not First.PENDIENTE

    @property
    def emitido(self) -> bool:
        """Whether there is a fiscal document."""
        return self in _EMITIDO

    @property
    def final(self) -> bool:
        """Whether nothing more will come."""
        return self.decided and (not self.emitido or self in (Estado.ACEPTADO, Estado.INFORMADO))


_EMITIDO = frozenset(
    {
        Estado.FIRMADO,
        Estado.FIRMADO_LOCAL,
        Estado.FIRMADO_CONTINGENCIA,
        Estado.ENVIADO,
        Estado.OBSERVADO,
        Estado.ACEPTADO,
        Estado.INFORMADO,
    }
)
_OK = _EMITIDO | {Estado.VALIDO, Estado.RESUELTO}


class Motivo(StrEnum):
    """MOTIVO of an ESPERANDO."""

    SIN_NUMEROS = "SIN_NUMEROS"
    CERTIFICADO = "CERTIFICADO"
    RELOJ = "RELOJ"
    OPERADOR = "OPERADOR"
    UI = "UI"
    NUBE_SIN_RESPUESTA = "NUBE_SIN_RESPUESTA"
    ESPEJO = "ESPEJO"


@dataclass(frozen=True, slots=True)
class Block:
    """A section of an answer, its fields in order. Values are plain text; their encoding is the folder's affair."""

    name: str
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer file as data: a projection of the journal, written again whenever it falls behind."""

    first: First
    blocks: tuple[Block, ...]
    encoding: str
    """The request's encoding: what the answer is written in."""
