"""
The web service that an electronic issuer has for what others send it: AWS_EFACTURA_INTERCAMBIO, as DGI describes it.

What is asked is signed as DGI's services want it. That an answer is signed nobody promises: it says only that somebody
at the published address has the message. What counts is the acknowledgement, which is signed and comes by itself.
"""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from sincronizador.authorities import codes
from sincronizador.authorities.dgi import EFACTURA, Service
from sincronizador.authorities.door import Fault
from sincronizador.authorities.soap import Operation, StrangeError, answer, body_of, text
from sincronizador.errors import Unanswered
from sincronizador.web import Peer

PEER = Peer(
    unreachable=codes.RECEIVER_UNREACHABLE,
    unanswered=codes.RECEIVER_UNANSWERED,
    not_accepted=codes.RECEIVER_NOT_ACCEPTED,
    ca="correo.ca_receptores",
)
"""How troubles on the way to a receiver are told."""

TAKEN = 0
"""The one code that says that it was taken; 1000 to 4002 say why not."""

_PROCEDURE = "WS_eFactura_Intercambio"
SOBRE = Operation(EFACTURA, _PROCEDURE, "SOBRE")
RECHAZOS = Operation(EFACTURA, _PROCEDURE, "NOTIFICACIONANULACIONCFE")

_SPOKEN = (200, 500)
_PLAIN = re.compile("[!-~]+")


class Intercambio:
    """The web service of one receiver, asked as one issuer; `door.Exchange`. Threads may share it."""

    def __init__(self, service: Service, seal: Callable[[bytes], bytes], *, patience: float = 30.0) -> None:
        """`seal` makes a signed envelope around a Body's content."""
        self._service = service
        self._seal = seal
        self._patience = patience

    def send_sobre(self, sobre: bytes) -> Fault | None:
        """Hand over an EnvioCFE_entreEmpresas."""
        return self._hand_over(SOBRE, sobre)

    def send_rechazos(self, rechazos: bytes) -> Fault | None:
        """Hand over a CFEs_Anulados_x_RechazoDGI."""
        return self._hand_over(RECHAZOS, rechazos)

    def _hand_over(self, operation: Operation, document: bytes) -> Fault | None:
        headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{operation.action}"'}
        inside = f"<dgi:Datain>{text('xmlData', document.decode())}</dgi:Datain>"
        envelope = self._seal(operation.request(inside))
        path = self._service.path
        response = self._service.carrier.request("POST", path, headers, envelope, self._patience)
        if response.status not in _SPOKEN:
            raise _unanswered(f"contestó {response.status} alguien que no es el servicio")
        try:
            said = answer(body_of(response.body), operation)
        except StrangeError as exc:
            raise _unanswered(str(exc)) from exc
        if not isinstance(said, Fault):
            raise _unanswered("la respuesta no trae un código")
        return None if said.code == TAKEN else said


def address_of(published: str) -> tuple[str, str]:
    """
    Host and path of a web service as the register publishes it: ``https://HOST:PORT`` and the rest.

    Empty ones for what is no address over HTTPS.
    """
    written = published.strip()
    try:
        # Some characters are dropped without a word when it is taken apart.
        parts = urlsplit(written if _PLAIN.fullmatch(written) else "")
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "", ""
    if parts.scheme.lower() != "https" or not parts.hostname or parts.username:
        return "", ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    query = f"?{parts.query}" if parts.query.lower() not in ("", "wsdl") else ""
    return f"https://{host}{port}", f"{parts.path or '/'}{query}"


def _unanswered(why: str) -> Unanswered:
    return codes.RECEIVER_UNANSWERED.at(detalle=why).as_error(Unanswered)
