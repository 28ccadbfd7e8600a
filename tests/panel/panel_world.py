"""A panel served by uvicorn on a port of its own, and hands that speak HTTP to it byte by byte."""

import contextlib
import http.client
import json
import socket
import threading
import time

from sincronizador.panel.app import create
from sincronizador.panel.server import _not_http
from sincronizador.serving import Connections, make_server, make_tls


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


class Panel:
    """What a client sees."""

    def __init__(self, port):
        self.port = port
        self.host = f"127.0.0.1:{port}"
        self.origin = f"http://{self.host}"

    def ask(self, method, path, body=None, **headers):
        """Status, headers and body."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=40)
        with contextlib.closing(line):
            given = {name.replace("_", "-"): value for name, value in headers.items() if value is not None}
            line.request(method, path, body, given)
            answer = line.getresponse()
            return answer.status, answer.headers, answer.read()

    def get(self, path, **headers):
        return self.ask("GET", path, **headers)

    def post(self, path, body, **headers):
        return self.ask("POST", path, body, **headers)

    def raw(self, sent, *, patience=5.0):
        """Whatever comes back for these bytes, until the other side closes or says no more."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=patience) as line:
            line.sendall(sent)
            told = b""
            with contextlib.suppress(TimeoutError, ConnectionError):
                while piece := line.recv(65_536):
                    told += piece
        return told

    def status(self, sent, **how):
        """Of the answer to these bytes; 0 where there was none."""
        told = self.raw(sent, **how)
        return int(told.split(b" ", 2)[1]) if told.startswith(b"HTTP/1.1 ") else 0

    def visit(self):
        """A browser's first page: its cookie, and the token of its forms."""
        _, headers, _ = self.get("/salud")
        return headers["Set-Cookie"].partition(";")[0]

    def door(self, content, query="", **headers):
        """Post a request; status, headers, and the answer as data."""
        kind = "text/vnd.sincronizador"
        if isinstance(content, (dict, list)):
            content, kind = json.dumps(content), "application/json"
        given = {"content_type": kind, **headers}
        content = content.encode() if isinstance(content, str) else content
        status, got, body = self.post(f"/v1/solicitudes{query}", content, **given)
        return status, got, json.loads(body) if got["Content-Type"] == "application/json" else body


@contextlib.contextmanager
def served(settings, **panel):
    """A panel with these settings."""
    port = free_port()
    own = settings.panel.model_copy(update={"escucha": f"127.0.0.1:{port}", **panel})
    app = create(settings.model_copy(update={"panel": own}))
    connections = Connections(most=50, head_seconds=1.0, not_http=_not_http)
    tls = make_tls(own.tls_certificado, own.tls_clave, None)[0] if own.tls_certificado else None
    server = make_server(app, connections, tls)
    listener = socket.create_server(("127.0.0.1", port))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    try:
        while not server.started:
            time.sleep(0.002)
        yield Panel(port)
    finally:
        server.should_exit = True
        thread.join(20)
        listener.close()
