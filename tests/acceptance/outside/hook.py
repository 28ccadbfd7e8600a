"""A webhook on loopback that keeps what it is told, and may refuse."""

import contextlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Hook:
    """What came: (headers, bytes, as JSON). `status` is what the next one is answered."""

    def __init__(self) -> None:
        self.came: list[tuple[dict[str, str], bytes, Any]] = []
        self.status = 204

    @property
    def told(self) -> list[tuple[str, str]]:
        """What and which alarm, of all that was taken."""
        return [(one["que"], one["clave"]) for _, _, facts in self.came for one in facts["avisos"]]


@contextlib.contextmanager
def webhook() -> Iterator[tuple[Hook, str]]:
    """The hook and its address."""
    hook = Hook()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if hook.status < 300:
                hook.came.append(
                    ({name.lower(): value for name, value in self.headers.items()}, body, json.loads(body))
                )
            self.send_response(hook.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield hook, f"http://127.0.0.1:{server.server_port}/avisos?de=sincronizador"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
