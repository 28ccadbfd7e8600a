"""DGI's services: one client for each issuer, whose certificate signs what it asks."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from xml.sax.saxutils import escape

from sincronizador.authorities import codes
from sincronizador.authorities.door import Fault, Opened
from sincronizador.authorities.soap import Operation, StrangeError, answer, complaint, group, text
from sincronizador.errors import NeedsOperator, Rejected, Unanswered
from sincronizador.web import ANSWER_LIMIT, Carrier, Peer

PEER = Peer(unreachable=codes.UNREACHABLE, unanswered=codes.UNANSWERED, not_accepted=codes.NOT_ACCEPTED, ca="dgi.ca")
"""How troubles on the way to DGI are told."""
REGISTER_LIMIT = 60_000_000
"""Bytes of the register of issuers."""

EFACTURA = "http://dgi.gub.uy"
CONSOLIDADO = "DGI_Modernizacion_Consolidado"

_RECEPTION, _QUERIES = "WS_eFactura", "WS_eFactura_Consultas"
SEND_SOBRE = Operation(EFACTURA, _RECEPTION, "EFACRECEPCIONSOBRE")
SEND_REPORT = Operation(EFACTURA, _RECEPTION, "EFACRECEPCIONREPORTE")
CONSULT = Operation(EFACTURA, _RECEPTION, "EFACCONSULTARESTADOENVIO")
# No WSDL of the queries is at hand: names and elements are those of public clients that were generated from it.
DOCUMENT_STATE = Operation(EFACTURA, _QUERIES, "EFACCONSULTARESTADOCFE", typed=True)
SOBRES_SENT = Operation(EFACTURA, _QUERIES, "EFACCONSULTARENVIOSSOBRE", typed=True)
REPORTS_SENT = Operation(EFACTURA, _QUERIES, "EFACCONSULTARENVIOSREPORTE", typed=True)
REPORT_ANSWER = Operation(EFACTURA, _QUERIES, "EFACCONSULTARRESPUESTAREPORTE")
ISSUERS = Operation(EFACTURA, _QUERIES, "EFACCONSULTARRUCEMISORES", typed=True)
TAXPAYER = Operation(CONSOLIDADO, "WS_PersonaGetActEmpresarial", "Execute")

_SPOKEN = (200, 500)
"""SOAP 1.1 over HTTP: an answer, a fault. Whoever says something else is not the service."""
_UNTRUSTED = ("no signature in message", "certificate not trusted")
"""What DGI's gateway says, unsigned, before the service sees the request."""
_BEFORE_ANY_ISSUER = date(2010, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Where a service is: who carries bytes to its host, and its path."""

    carrier: Carrier
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """DGI's services of one environment."""

    reception: Service
    queries: Service
    taxpayers: Service


class Dgi:
    """
    The services of DGI for one issuer; `door.Authority`. Threads may share it.

    *Unanswered* is the default verdict: an answer counts only when DGI signed it and it has the form of the service.
    """

    def __init__(
        self,
        services: Services,
        seal: Callable[[bytes], bytes],
        open_envelope: Callable[[bytes], Opened],
        *,
        ruc: str,
        patience: float = 60.0,
    ) -> None:
        """
        `seal` makes a signed envelope around a Body's content, `open_envelope` verifies one or raises `Rejected`.

        `ruc` is DGI's own in this environment: whoever signs with another one is not DGI.
        """
        self._services = services
        self._seal = seal
        self._open = open_envelope
        self._ruc = ruc
        self._patience = patience

    def send_sobre(self, sobre: bytes) -> bytes | Fault:
        """Hand over an EnvioCFE. Gives the ACKSobre."""
        return self._hand_over(SEND_SOBRE, sobre)

    def send_report(self, report: bytes) -> bytes | Fault:
        """Hand over a Reporte diario. Gives the ACKRepDiario."""
        return self._hand_over(SEND_REPORT, report)

    def consult(self, id_receptor: str, token: str) -> bytes | Fault:
        """What became of each document of a sobre. Gives the ACKCFE."""
        asked = f"<IdReceptor>{escape(id_receptor)}</IdReceptor><Token>{escape(token)}</Token>"
        return self._hand_over(CONSULT, f'<ConsultaCFE xmlns="{EFACTURA}">{asked}</ConsultaCFE>'.encode())

    def document_state(self, tipo: int, serie: str, numero: int) -> bytes | Fault:
        """What DGI knows of a document. Gives Ackconsultaestadocfe."""
        return self._query(DOCUMENT_STATE, group("Cfeid", TipoCFE=tipo, Serie=serie, Nro=numero))

    def sobres_sent(self, first: date, last: date, *, id_emisor: int = 0, id_receptor: int = 0) -> bytes | Fault:
        """The sobres that DGI received on these days. Gives Ackconsultaenviossobre."""
        asked = group(
            "Consultaenviossobre",
            IdEmisor=id_emisor,
            IdReceptor=id_receptor,
            FechaDesde=f"{first}T00:00:00",
            FechaHasta=f"{last}T23:59:59",
        )
        return self._query(SOBRES_SENT, asked)

    def reports_sent(self, day: date, *, secuencia: int = 0) -> bytes | Fault:
        """The reports that DGI received of this day. Gives Ackconsultaenviosreporte."""
        asked = group("Consultaenviosreporte", FechaResumen=day, Secuencia=secuencia, IdEmisor=0)
        return self._query(REPORTS_SENT, asked)

    def report_answer(self, id_receptor: str) -> bytes | Fault:
        """The first answer to a report. Gives the ACKRepDiario."""
        return self._query(REPORT_ANSWER, group("Consultarespuestareporte", IdReceptor=id_receptor))

    def issuers(self, since: date | None = None) -> bytes | Fault:
        """The register of electronic issuers. Gives Rucemisoresmail."""
        asked = group(
            "Consultarucemisores",
            Filtro_eFacDocNro="",
            Filtro_eFacDenominacion="",
            Filtro_eFacRUCEmisorAudFchHora=f"{since or _BEFORE_ANY_ISSUER}T00:00:00",
        )
        return self._query(ISSUERS, asked, REGISTER_LIMIT)

    def taxpayer(self, rut: str) -> bytes | Fault:
        """What DGI has registered of a taxpayer. Gives WS_PersonaActEmpresarial."""
        return self._ask(self._services.taxpayers, TAXPAYER, text("Rut", rut))

    def _hand_over(self, operation: Operation, document: bytes) -> bytes | Fault:
        inside = f"<dgi:Datain>{text('xmlData', document.decode())}</dgi:Datain>"
        return self._ask(self._services.reception, operation, inside)

    def _query(self, operation: Operation, inside: str, limit: int = ANSWER_LIMIT) -> bytes | Fault:
        return self._ask(self._services.queries, operation, inside, limit)

    def _ask(
        self, service: Service, operation: Operation, inside: str, limit: int = ANSWER_LIMIT
    ) -> bytes | Fault:  # fmt: skip
        headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{operation.action}"'}
        envelope = self._seal(operation.request(inside))
        response = service.carrier.request("POST", service.path, headers, envelope, self._patience, limit)
        if response.status not in _SPOKEN:
            raise _unanswered(f"contestó {response.status} alguien que no es el servicio")
        opened = self._opened(response.body)
        try:
            return answer(opened.body, operation)
        except StrangeError as exc:
            raise _unanswered(str(exc)) from exc

    def _opened(self, envelope: bytes) -> Opened:
        """The answer that DGI signed."""
        try:
            opened = self._open(envelope)
        except Rejected as exc:
            said = complaint(envelope)
            if any(word in said.lower() for word in _UNTRUSTED):
                raise codes.SEAL_REFUSED.at(detalle=said).as_error(NeedsOperator) from exc
            why = str(exc).strip().rstrip(".")
            raise _unanswered(f"{why}: «{said}»" if said else why) from exc
        if opened.certificate.rut != self._ruc:
            raise codes.NOT_DGI.at(sujeto=opened.certificate.subject, ruc=self._ruc).as_error(NeedsOperator)
        return opened


def _unanswered(why: str) -> Unanswered:
    return codes.UNANSWERED.at(detalle=why).as_error(Unanswered)
