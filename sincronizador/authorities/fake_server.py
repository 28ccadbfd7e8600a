"""The fake DGI's wire: HTTPS on loopback, which can be cut, hold its tongue, or break off in the middle."""

import json
import socket
import ssl
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from sincronizador.authorities.fake import SERVICES, FakeDgi
from sincronizador.authorities.fake_control import DOOR, Control

MAX_BODY = 20_000_000
"""A sobre may have 2 MB; somebody's ten times larger one is still told so by DGI's own answer."""

_LINE = DOOR + "linea"
_IDLE = 60.0


class Server:
    """One port for every service. `up` and `down` may be repeated; it begins down."""

    def __init__(self, dgi: FakeDgi, tls: ssl.SSLContext, port: int = 0, host: str = "127.0.0.1") -> None:
        self.dgi = dgi
        self.control = Control(dgi)
        self._tls = tls
        self._address = (host, port)
        self._http: _Http | None = None
        self._turn = threading.RLock()
        self._later: threading.Timer | None = None

    @property
    def port(self) -> int:
        """Where it listens, or listened last."""
        return self._address[1]

    @property
    def url(self) -> str:
        """Scheme, host and port."""
        return f"https://{self._address[0]}:{self.port}"

    def up(self) -> None:
        """Listen. Raises OSError when the port is somebody else's."""
        with self._turn:
            if self._http is not None:
                return
            self._http = _Http(self._address, self, self._tls)
            self._address = (self._address[0], self._http.server_address[1])
            threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True, name="dgi").start()

    def down(self) -> None:
        """Refuse connections, and break those that there are."""
        with self._turn:
            if self._later is not None:
                self._later.cancel()
                self._later = None
            if self._http is not None:
                self._http.end()
                self._http = None

    def down_for(self, seconds: float) -> None:
        """Down at once, up by itself later."""
        with self._turn:
            self.down()
            self._later = threading.Timer(seconds, self.up)
            self._later.start()

    @contextmanager
    def running(self) -> Iterator["Server"]:
        """Up until the end of the block."""
        self.up()
        try:
            yield self
        finally:
            self.down()


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    allow_reuse_address = True

    def __init__(self, address: tuple[str, int], server: Server, tls: ssl.SSLContext) -> None:
        self.owner = server
        self._tls = tls
        self._open: set[socket.socket] = set()
        super().__init__(address, _Handler)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """The handshake belongs to the connection's own thread: a silent client keeps nobody waiting."""
        request.settimeout(_IDLE)
        request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            wrapped = self._tls.wrap_socket(request, server_side=True)
        except (OSError, ValueError):
            self.shutdown_request(request)
            return
        self._open.add(wrapped)
        try:
            super().process_request_thread(wrapped, client_address)
        finally:
            self._open.discard(wrapped)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever hung up is no news; anything else is our bug, and shown."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)

    def end(self) -> None:
        """Stop listening, and hang up on everybody."""
        self.shutdown()
        self.server_close()
        for one in list(self._open):
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # it hung up first


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Http

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Nothing on stderr: what came is in the state."""

    def do_GET(self) -> None:
        """The back door."""
        self._back_door("GET")

    def do_DELETE(self) -> None:
        """The same."""
        self._back_door("DELETE")

    def do_POST(self) -> None:
        """A service, or the back door."""
        if self.path in SERVICES:
            self._serve()
        else:
            self._back_door("POST")

    def _serve(self) -> None:
        body = self._body()
        if body is None:
            return
        if not self.headers.get("Content-Type", "").startswith("text/xml"):
            self._send(415, b"text/xml", "text/plain")
            return
        reply = self.server.owner.dgi.call(self.path, self.headers.get("SOAPAction", ""), body)
        spoil = reply.spoil
        time.sleep(float(spoil.get("lento", 0)))
        if "silencio" in spoil:
            time.sleep(float(spoil["silencio"]))
        if "silencio" in spoil or "cerrar" in spoil:
            self.close_connection = True
            return
        self._send(reply.status, reply.body, "text/xml; charset=utf-8", cut=spoil.get("corte"))

    def _back_door(self, method: str) -> None:
        body = self._body()
        if body is None:
            return
        if not self.path.startswith(DOOR):
            self._send(404, b"404", "text/plain")
        elif method == "POST" and self.path == _LINE:
            self._cut_the_line(body)
        else:
            told = self.server.owner.control.handle(method, self.path, body)
            self._send(told.status, told.body, told.content_type)

    def _cut_the_line(self, body: bytes) -> None:
        """``{"caida": seconds}``: nobody gets through for so long."""
        try:
            seconds = float(json.loads(body)["caida"])
        except (ValueError, TypeError, KeyError):
            self._send(400, b'{"error": "se esperaba {\\"caida\\": segundos}"}', "application/json")
            return
        self._send(200, b'{"hecho": true}', "application/json")
        self.wfile.flush()
        self.close_connection = True
        threading.Thread(target=self.server.owner.down_for, args=(seconds,), daemon=True).start()

    def _body(self) -> bytes | None:
        """What was sent; None after an answer that says why it was not read."""
        size = self.headers.get("Content-Length", "0" if self.command != "POST" else "")
        if not size.isdigit() or int(size) > MAX_BODY:
            self.close_connection = True
            self._send(411 if not size.isdigit() else 413, b"", "text/plain")
            return None
        return self.rfile.read(int(size))

    def _send(self, status: int, body: bytes, content_type: str, *, cut: int | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body if cut is None else body[:cut])
        if cut is not None:
            self.close_connection = True
