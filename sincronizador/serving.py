"""
What the servers of ours share: a socket, TLS, and uvicorn with an end for heads that never arrive.

Nothing that a stranger sends keeps a connection, a thread or the memory.
"""

import asyncio
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from sincronizador.core.finding import Rule
from sincronizador.errors import NeedsOperator
from sincronizador.files import cause_of
from sincronizador.listening import address_of
from sincronizador.signing.certificate import load_certificate

STOP_SECONDS = 10
"""For the requests in hand, after SIGTERM."""
_KEEP_ALIVE_SECONDS = 75
"""Longer than the pause between two probes of an idle daemon."""
_MAX_HEAD = 16_384


@dataclass(frozen=True, slots=True, kw_only=True)
class Connections:
    """What connections may cost, and what one that does not speak HTTP is told."""

    most: int
    head_seconds: float
    """For a request's first lines to arrive."""
    not_http: Callable[[], tuple[Mapping[str, str], bytes]]
    """Headers and body of the 400."""


@contextmanager
def listening(escucha: str, cannot: Rule) -> Iterator[socket.socket]:
    """A socket that listens there. Raises `NeedsOperator` of the rule `cannot`."""
    host, port = address_of(escucha)
    try:
        listener = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as exc:
        raise cannot.at(direccion=escucha, causa=cause_of(exc)).as_error(NeedsOperator) from exc
    with listener:
        # Inherited by every connection: asyncio does it only for sockets that say IPPROTO_TCP, and these do not.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield listener


def url_of(listener: socket.socket, tls: ssl.SSLContext | None) -> str:
    """Where that socket is reached."""
    host, port = listener.getsockname()[:2]
    return f"{'https' if tls else 'http'}://{f'[{host}]' if ':' in host else host}:{port}"


def make_tls(certificado: str, clave: str, bad: Rule) -> tuple[ssl.SSLContext, datetime]:
    """
    TLS with these PEM files, and until when they are valid.

    Raises `NeedsOperator` of the rule `bad` when they cannot be used.
    """
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        # The empty password keeps OpenSSL from asking for one at the terminal.
        context.load_cert_chain(certificado, clave, password=lambda: "")
        with open(certificado, "rb") as file:
            facts = load_certificate(file.read())
    except (OSError, NeedsOperator) as exc:
        # OpenSSL's errors are of the same family, and have no number of the system.
        cause = cause_of(exc) if isinstance(exc, OSError) and not isinstance(exc, ssl.SSLError) else str(exc)
        raise bad.at(detalle=certificado, causa=cause).as_error(NeedsOperator) from exc
    return context, facts.not_after


def make_server(app: ASGIApp, connections: Connections, tls: ssl.SSLContext | None, **settings: Any) -> uvicorn.Server:
    """uvicorn for that application; `settings` are further ones of `uvicorn.Config`."""
    config = uvicorn.Config(
        app,
        http=_make_protocol(connections),
        ws="none",
        loop="asyncio",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=STOP_SECONDS,
        h11_max_incomplete_event_size=_MAX_HEAD,
        timeout_notify=1,
        **{"lifespan": "off", "proxy_headers": False, **settings},
    )
    config.load()
    config.ssl = tls
    return uvicorn.Server(config)


def _make_protocol(limits: Connections) -> type[H11Protocol]:
    """
    The protocol for these limits.

    A connection on which no whole head arrives in `limits.head_seconds` is closed, also between two requests that
    began to arrive; one beyond `limits.most` is closed at once. What is not HTTP gets a 400 in our shape.
    """

    class Protocol(H11Protocol):
        _patience: asyncio.TimerHandle | None = None

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            if len(self.connections) > limits.most:
                transport.close()
                return
            self._wait_for_head()

        def connection_lost(self, exc: Exception | None) -> None:
            self._stop_waiting()
            super().connection_lost(exc)

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            if self.conn.their_state is h11.IDLE and not self.transport.is_closing():
                self._wait_for_head()
            else:
                self._stop_waiting()

        def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - ours says it in Spanish
            headers, body = limits.not_http()
            facts = {**headers, "Content-Length": str(len(body)), "Connection": "close"}
            self._tell(h11.Response(status_code=400, headers=list(facts.items())))
            self._tell(h11.Data(data=body))
            self._tell(h11.EndOfMessage())
            self.transport.close()

        def _tell(self, event: Any) -> None:
            if output := self.conn.send(event):
                self.transport.write(output)

        def _wait_for_head(self) -> None:
            if self._patience is None:
                self._patience = self.loop.call_later(limits.head_seconds, self.transport.close)

        def _stop_waiting(self) -> None:
            if self._patience is not None:
                self._patience.cancel()
                self._patience = None

    return Protocol
