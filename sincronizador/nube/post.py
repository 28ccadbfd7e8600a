"""The ways to receivers: the mail server of the cloud, and the web service of each receiver that has one."""

from sincronizador import smtp
from sincronizador.authorities.dgi import Service
from sincronizador.authorities.door import Exchange
from sincronizador.authorities.intercambio import PEER, Intercambio, address_of
from sincronizador.core.signature import Digest
from sincronizador.nube import configuration
from sincronizador.signing.certificate import Identity
from sincronizador.signing.wsse import Seal
from sincronizador.web import Http

_CONNECT = 10.0
_PATIENCE = 20.0
"""Seconds for the answer of a receiver's web service."""


class Post:
    """The ways of one environment. Threads may share it."""

    def __init__(self, found: configuration.Correo, huella: str) -> None:
        self.sender = found.remitente
        self._server = found.server
        self._ca, self._digest = found.ca_receptores or "", Digest(huella)
        self._lines: dict[str, Http] = {}

    def mail(self, message: bytes, recipient: str) -> str:
        """Hand a mail over; the server's word for it. Raises as `smtp.send`."""
        return smtp.send(self._server, message, sender=self.sender, recipient=recipient)

    def exchange(self, published: str, identity: Identity) -> Exchange:
        """The web service at this address of the register, asked as this issuer, whose certificate signs."""
        host, path = address_of(published)
        line = self._lines.get(host) or self._lines.setdefault(
            host, Http(host, ca=self._ca, connect=_CONNECT, peer=PEER)
        )
        return Intercambio(
            Service(carrier=line, path=path), Seal(identity, digest=self._digest).seal, patience=_PATIENCE
        )

    def close(self) -> None:
        """Close the connections; the next delivery opens a new one."""
        for line in self._lines.values():
            line.close()
