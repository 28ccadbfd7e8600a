"""
The one way out over HTTP: a request of bytes, an answer of bytes, and what became of it when there is none.

Only this file knows whether anything left the machine, so only it chooses between `Unavailable` and `Unanswered`.
requests carries the bytes; its session is left out, and with it redirects, proxies of the environment, cookies and
repeats.
"""

import io
import socket
import ssl
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol, cast

import requests
from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from sincronizador.core import cloud_codes
from sincronizador.core.finding import Rule
from sincronizador.errors import NeedsOperator, SincronizadorError, Unanswered, Unavailable

ANSWER_LIMIT = 4_000_000
"""Bytes of an answer, unless the caller allows more."""
IDLE = 4.0
"""Seconds after which a connection is not used again: less than servers and routers wait before they drop it."""

_UNTRUSTED = {
    9: "el certificado de {host} todavía no vale: mire la hora de esta máquina",
    10: "el certificado de {host} está vencido",
    18: "el certificado de {host} está firmado por sí mismo: falta el archivo {ca}",
    19: "la autoridad del certificado de {host} no es de confianza: falta el archivo {ca}",
    20: "la autoridad del certificado de {host} no es de confianza: falta el archivo {ca}",
    62: "el certificado que presentó {host} es de otro nombre",
    64: "el certificado que presentó {host} es de otra dirección",
}
"""``X509_V_ERR_*`` of OpenSSL -> what a person can do something about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """Who is asked: how its troubles are told."""

    unreachable: Rule
    unanswered: Rule
    not_accepted: Rule
    ca: str
    """The setting that names the file of its authorities."""


CLOUD = Peer(
    unreachable=cloud_codes.UNREACHABLE,
    unanswered=cloud_codes.UNANSWERED,
    not_accepted=cloud_codes.NOT_ACCEPTED,
    ca="nube.ca",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """An answer that arrived whole, whoever gave it."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes
    """As it came: no content encoding is undone."""


class Carrier(Protocol):
    """Who carries the bytes to one server: `Http`, or an application in the same process."""

    def request(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes | None,
        deadline: float,
        limit: int = ANSWER_LIMIT,
    ) -> Response:
        """The answer, whole, within `deadline` seconds; raises `Unavailable`, `Unanswered`, `NeedsOperator`."""
        ...


class Http:
    """
    One server. Threads may share it: each has a connection of its own, kept while it is in use.

    No redirect is followed, nothing is repeated, no proxy and no netrc is taken from the environment.
    """

    def __init__(self, url: str, *, ca: str = "", connect: float = 3.0, idle: float = IDLE, peer: Peer = CLOUD) -> None:
        """
        `url` is scheme, host and port. `ca` is a PEM file of authorities instead of the public ones.

        `connect` seconds are what name, connection and TLS may take within the caller's deadline. Raises
        `NeedsOperator` when the CA file cannot be used. Troubles are told as `peer`'s.
        """
        self._peer = peer
        self._url = url.rstrip("/")
        self._connect = connect
        self._idle = idle
        self._tls = trusting(ca, peer) if self._url.startswith("https:") else None
        self._own = threading.local()
        self._adapters: weakref.WeakSet[_Adapter] = weakref.WeakSet()

    def request(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes | None,
        deadline: float,
        limit: int = ANSWER_LIMIT,
    ) -> Response:
        """
        The answer, whole, within `deadline` seconds from the name's look-up to its last byte.

        Raises `Unavailable` (of the cloud: E3001) when certainly nothing left, `NeedsOperator` (E3003) when the server
        cannot be trusted, `Unanswered` (E3002) for everything else, an answer above `limit` bytes included.
        """
        adapter = self._adapter()
        trip = adapter.trip
        trip.begin(deadline)
        prepared = requests.Request(method, self._url + path, {"Accept-Encoding": "identity", **headers}, data=body)
        try:
            answer = adapter.send(prepared.prepare(), stream=True)
            return _whole(answer, limit, self._peer)
        except (requests.RequestException, HTTPError, OSError) as exc:
            raise trip.broken(exc) from exc

    def close(self) -> None:
        """Close the connections of every thread; the next request opens a new one."""
        for adapter in list(self._adapters):
            adapter.close()

    def _adapter(self) -> "_Adapter":
        adapter: _Adapter | None = getattr(self._own, "adapter", None)
        if adapter is None:
            adapter = self._own.adapter = _Adapter(_Trip(self._connect, self._idle, self._peer), self._tls)
            self._adapters.add(adapter)
        return adapter


class _Trip:
    """One request on its way: until when, and whether anything of it left."""

    def __init__(self, connect: float, idle: float, peer: Peer) -> None:
        self.connect = connect
        self.idle = idle
        self.peer = peer
        self.deadline = 0.0
        self.until = 0.0
        self.left = False

    def begin(self, deadline: float) -> None:
        self.deadline, self.until, self.left = deadline, time.monotonic() + deadline, False

    def remaining(self) -> float:
        """Seconds, more than none; raises TimeoutError."""
        left = self.until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def broken(self, exc: Exception) -> SincronizadorError:
        """What an exception after the connection was made means."""
        if time.monotonic() >= self.until:
            why = f"no contestó en {self.deadline:g} s"
        else:
            why = f"la conexión se cortó ({type(exc).__name__})"
        if self.left:
            return self.peer.unanswered.at(detalle=why).as_error(Unanswered)
        return self.peer.unreachable.at(detalle=why).as_error(Unavailable)


class _Wire:
    """A socket on which every wait ends when the trip must end, and that notes when something leaves."""

    def __init__(self, sock: socket.socket, trip: _Trip) -> None:
        self._sock = sock
        self._trip = trip
        self.fileno = sock.fileno
        self.shutdown = sock.shutdown
        self.close = sock.close

    def settimeout(self, value: float | None) -> None:
        """Nothing: the trip rules."""

    def sendall(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            self._sock.settimeout(self._trip.remaining())
            self._trip.left = True
            view = view[self._sock.send(view) :]

    def makefile(self, mode: str) -> io.BufferedReader:  # noqa: ARG002 - http.client asks for nothing but "rb"
        return io.BufferedReader(_Reader(self._sock, self._trip))


class _Reader(io.RawIOBase):
    def __init__(self, sock: socket.socket, trip: _Trip) -> None:
        self._sock = sock
        self._trip = trip
        self._file = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(self._trip.remaining())
        return self._file.readinto(buffer)

    def close(self) -> None:
        self._file.close()
        super().close()


class _Watched:
    """What both kinds of connection have: the trip, and translated troubles until the first byte leaves."""

    trip: _Trip
    used = 0.0

    def _new_conn(self) -> socket.socket:
        connection = cast(HTTPConnection, self)
        return _connected(connection._dns_host, connection.port, self.trip)  # noqa: SLF001 - urllib3's own hook

    def connect(self) -> None:
        connection = cast(HTTPConnection, self)
        where = f"{connection.host}:{connection.port}"
        try:
            super().connect()  # type: ignore[misc]
        except ssl.SSLCertVerificationError as exc:
            sentence = _UNTRUSTED.get(exc.verify_code, "el certificado de {host} no vale ({why})")
            detail = sentence.format(host=connection.host, why=exc.verify_message, ca=self.trip.peer.ca)
            raise self.trip.peer.not_accepted.at(detalle=detail).as_error(NeedsOperator) from exc
        except (OSError, HTTPError) as exc:
            raise self.trip.peer.unreachable.at(detalle=_why(exc, where)).as_error(Unavailable) from exc
        connection.sock = cast(socket.socket, _Wire(cast(socket.socket, connection.sock), self.trip))

    @property
    def is_connected(self) -> bool:
        if time.monotonic() - self.used > self.trip.idle:
            return False
        return bool(super().is_connected)  # type: ignore[misc]

    def getresponse(self) -> Any:
        answer = super().getresponse()  # type: ignore[misc]
        self.used = time.monotonic()
        return answer


class _Plain(_Watched, HTTPConnection):
    def __init__(self, trip: _Trip, **options: Any) -> None:
        super().__init__(**options)
        self.trip = trip


class _Tls(_Watched, HTTPSConnection):
    def __init__(self, trip: _Trip, **options: Any) -> None:
        super().__init__(**options)
        self.trip = trip


class _Adapter(HTTPAdapter):
    """The connection of one thread."""

    def __init__(self, trip: _Trip, context: ssl.SSLContext | None) -> None:
        self.trip = trip
        self._context = context
        super().__init__(pool_connections=1, pool_maxsize=1)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **options: Any) -> None:
        super().init_poolmanager(connections, maxsize, block, **options)
        self.poolmanager.pool_classes_by_scheme = {
            "http": _pools(HTTPConnectionPool, partial(_Plain, self.trip)),
            "https": _pools(HTTPSConnectionPool, partial(_Tls, self.trip)),
        }

    def build_connection_pool_key_attributes(self, request: Any, verify: Any, cert: Any = None) -> Any:
        host, _ = super().build_connection_pool_key_attributes(request, verify, cert)
        return host, {"ssl_context": self._context} if self._context is not None else {}

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Nothing: the context verifies, and it is made once."""


def _pools(kind: type[HTTPConnectionPool], connection: Callable[..., HTTPConnection]) -> Any:
    def make(host: str, port: int | None = None, **options: Any) -> HTTPConnectionPool:
        pool = kind(host, port, **options)
        pool.ConnectionCls = connection  # type: ignore[assignment]
        return pool

    return make


def trusting(ca: str, peer: Peer = CLOUD) -> ssl.SSLContext:
    """What is trusted in TLS: the authorities of that PEM file, or the public ones. Raises `NeedsOperator`."""
    try:
        context = ssl.create_default_context(cafile=ca or DEFAULT_CA_BUNDLE_PATH)
    except OSError as exc:
        detail = f"no se puede leer el archivo de autoridades {ca} ({peer.ca}): {exc}"
        raise peer.not_accepted.at(detalle=detail).as_error(NeedsOperator) from exc
    # Python 3.13 refuses authorities without key identifiers, as a shop's own often are; the chain is still checked.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context


def _connected(host: str, port: int, trip: _Trip) -> socket.socket:
    """A socket to the first address that takes it; each gets its share of the time, or a dead one eats all."""
    until = time.monotonic() + min(trip.connect, trip.remaining())
    addresses = list(_addresses(host, port, until - time.monotonic()))
    trouble: OSError = TimeoutError()
    for n, (family, kind, protocol, address) in enumerate(addresses):
        left = until - time.monotonic()
        if left <= 0:
            break
        sock = socket.socket(family, kind, protocol)
        try:
            sock.settimeout(left / (len(addresses) - n))
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.connect(address)
            sock.settimeout(max(until - time.monotonic(), 0.05))
        except OSError as exc:
            sock.close()
            trouble = exc
        else:
            return sock
    raise trouble


_Address = tuple[socket.AddressFamily, socket.SocketKind, int, Any]


def _addresses(host: str, port: int, within: float) -> Iterator[_Address]:
    """What the name stands for. The system's look-up cannot be stopped, so one that hangs is left behind."""
    found: list[list[Any] | OSError | UnicodeError] = []

    def look_up(flags: int = 0) -> None:
        try:
            found.append(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=flags))
        except (OSError, UnicodeError) as exc:
            found.append(exc)

    look_up(socket.AI_NUMERICHOST)
    if not isinstance(found[0], list):
        found.clear()
        thread = threading.Thread(target=look_up, name="nombres", daemon=True)
        thread.start()
        thread.join(within)
    if not found:
        raise socket.gaierror(socket.EAI_AGAIN, "time is up")
    if not isinstance(found[0], list):
        raise socket.gaierror(socket.EAI_NONAME, str(found[0])) from found[0]
    for family, kind, protocol, _, address in found[0]:
        yield family, kind, protocol, address


def _why(exc: Exception, where: str) -> str:
    """Why there is no connection, the end of a Spanish sentence."""
    if isinstance(exc, socket.gaierror):
        return f"no se encuentra la dirección de {where.rpartition(':')[0]}"
    if isinstance(exc, ConnectionRefusedError):
        return f"{where} no acepta conexiones"
    if isinstance(exc, TimeoutError):
        return f"{where} no responde"
    if isinstance(exc, ssl.SSLError):
        return f"{where} no contesta con TLS ({exc.reason})"
    return f"no se llega a {where} ({exc})"


def _whole(answer: requests.Response, limit: int, peer: Peer) -> Response:
    headers = {name.lower(): value for name, value in answer.headers.items()}
    body, raw = bytearray(), answer.raw
    try:
        while piece := raw.read(65_536, decode_content=False):  # the read after the last one finds what is missing
            body += piece
            if len(body) > limit:
                raise peer.unanswered.at(detalle=f"contestó más de {limit} bytes").as_error(Unanswered)
    finally:
        raw.close()  # what was read whole has given its connection back already
    if body and not {"content-length", "transfer-encoding"} & headers.keys():
        raise peer.unanswered.at(detalle="contestó sin decir cuánto").as_error(Unanswered)
    return Response(status=answer.status_code, headers=headers, body=bytes(body))
