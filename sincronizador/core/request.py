"""What a country read from a dropped file: one request for a fiscal document."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sincronizador.core.emitido import Anexo, Emitido
from sincronizador.core.finding import Finding
from sincronizador.core.numbering import Folio


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A document that a request refers to: by REFERENCIA of ours, or by type, series and number."""

    referencia: str = ""
    tipo: int = 0
    serie: str = ""
    numero: int = 0


Known = Mapping[Target, Emitido]
"""The documents of ours among those that a request refers to; what is not in it is not known here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """
    A request for one document, its defaults fixed.

    The engine reads the named fields; `document` is the country's own and opaque to everybody else.
    """

    referencia: str
    """As written, trimmed; empty when the file gave none."""
    tipo: int
    """Type of document; 0 when it could not be told (then `findings` says why)."""
    fecha: date
    impresora: str
    """``IMPRESORA`` as written: a printer's name, ``NINGUNA``, or empty."""
    copias: int
    """Further papers, marked COPIA."""
    ambiente: str
    """``AMBIENTE`` as written, lower case, or empty."""
    refers_to: tuple[Target, ...]
    anexo: Anexo
    findings: tuple[Finding, ...]
    """What reading already found wrong or worth a warning."""
    document: object
    folio: Folio | None = None
    """The number that its paper already has, with the authorisation of the booklet: nobody numbers it here."""
    seal: bool | None = None
    """Whether what only the authority may read is to be encrypted; None: wherever this installation can."""
