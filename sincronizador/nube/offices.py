"""DGI's services for the issuers of a cloud: the connections are shared, the client is each issuer's own."""

from urllib.parse import urlsplit

from sincronizador.authorities.dgi import PEER, Dgi, Service, Services
from sincronizador.authorities.door import Authority
from sincronizador.core.signature import Digest
from sincronizador.nube import configuration
from sincronizador.signing.certificate import Identity
from sincronizador.signing.wsse import Seal, open_envelope
from sincronizador.web import Http

_CONNECT = 10.0
"""Seconds: nobody waits at a till for DGI."""


class Offices:
    """The services of one environment. Threads may share it."""

    def __init__(self, found: configuration.Dgi, environment: str) -> None:
        """Raises `NeedsOperator` E3703 when the file of authorities cannot be used."""
        told = found.told(environment)
        self._ruc, self._patience, self._digest = told["ruc"], found.espera, Digest(found.huella)
        self._lines: list[Http] = []
        self._services = Services(
            reception=self._service(told["recepcion"], found.ca),
            queries=self._service(told["consultas"], found.ca),
            taxpayers=self._service(told["contribuyentes"], found.ca),
        )

    def client(self, identity: Identity, *, patience: float | None = None) -> Authority:
        """The services as this issuer, whose certificate signs; `patience` seconds where somebody waits."""
        seal = Seal(identity, digest=self._digest)
        return Dgi(self._services, seal.seal, open_envelope, ruc=self._ruc, patience=patience or self._patience)

    def close(self) -> None:
        """Close the connections; the next question opens a new one."""
        for line in self._lines:
            line.close()

    def _service(self, url: str, ca: str | None) -> Service:
        parts = urlsplit(url)
        line = Http(f"{parts.scheme}://{parts.netloc}", ca=ca or "", connect=_CONNECT, peer=PEER)
        self._lines.append(line)
        return Service(carrier=line, path=parts.path or "/")
