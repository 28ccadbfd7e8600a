"""The door of a tax authority's services."""

from dataclasses import dataclass
from datetime import date
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What the authority's service answered instead: its own word, signed, and final for this very request."""

    code: int
    """Of the service's own list: what it means hangs on the service (`countries/uy/filing.py`, `taxpayer.py`)."""
    description: str
    detail: str
    """May be empty."""


class Authority(Protocol):
    """
    The services of a tax authority for one issuer. Every verb may be repeated: what it had counts once.

    Bytes are whole XML documents in UTF-8, without DTD. What comes back is certainly the authority's own word. Else
    every verb raises: `Unavailable` when certainly nothing left, `Unanswered` when nobody knows, `NeedsOperator` when
    time does not help (somebody else answers, the issuer's certificate is not accepted).
    """

    def send_sobre(self, sobre: bytes) -> bytes | Fault:
        """Hand over an EnvioCFE. Gives the ACKSobre."""
        ...

    def send_report(self, report: bytes) -> bytes | Fault:
        """Hand over a Reporte diario. Gives the ACKRepDiario."""
        ...

    def consult(self, id_receptor: str, token: str) -> bytes | Fault:
        """What became of each document of a sobre, by what its ACKSobre said. Gives the ACKCFE."""
        ...

    def document_state(self, tipo: int, serie: str, numero: int) -> bytes | Fault:
        """What the authority knows of a document. Gives Ackconsultaestadocfe."""
        ...

    def sobres_sent(self, first: date, last: date, *, id_emisor: int = 0, id_receptor: int = 0) -> bytes | Fault:
        """The sobres that it received on these days, 31 at most; of one id only. Gives Ackconsultaenviossobre."""
        ...

    def reports_sent(self, day: date, *, secuencia: int = 0) -> bytes | Fault:
        """The reports that it received of this day; of one sequence only. Gives Ackconsultaenviosreporte."""
        ...

    def report_answer(self, id_receptor: str) -> bytes | Fault:
        """The first answer to a report. Gives the ACKRepDiario."""
        ...

    def issuers(self, since: date | None = None) -> bytes | Fault:
        """The register of electronic issuers, or what changed in it since that day. Gives Rucemisoresmail."""
        ...

    def taxpayer(self, rut: str) -> bytes | Fault:
        """What it has registered of a taxpayer. Gives WS_PersonaActEmpresarial."""
        ...


class Exchange(Protocol):
    """
    What an electronic issuer takes from others, as one of them. Every verb may be repeated with the same bytes.

    Gives None when it was taken, or with what code it was not. Raises as `Authority`; that the answer is certainly the
    receiver's own nobody promises.
    """

    def send_sobre(self, sobre: bytes) -> Fault | None:
        """Hand over an EnvioCFE_entreEmpresas."""
        ...

    def send_rechazos(self, rechazos: bytes) -> Fault | None:
        """Hand over a CFEs_Anulados_x_RechazoDGI."""
        ...


class Signatory(Protocol):
    """Whose certificate signed a message."""

    @property
    def rut(self) -> str:
        """Twelve digits, or empty."""
        ...

    @property
    def subject(self) -> str:
        """As a person reads it."""
        ...


class Opened(Protocol):
    """A message whose signature was verified."""

    @property
    def body(self) -> bytes:
        """Its Body: the very bytes that the signature covers."""
        ...

    @property
    def certificate(self) -> Signatory:
        """Who signed."""
        ...
