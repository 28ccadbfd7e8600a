"""An ESC/POS printer on a TCP port: one that tells its status, one that says nothing, one that dies half-way."""

import contextlib
import socket
import struct
import threading
from types import TracebackType


class TcpPrinter:
    """Listens until it is closed; `jobs` are the bytes of each connection, without the questions about status."""

    def __init__(self, *, silent: bool = False, dies_after: int = 0, port: int = 0) -> None:
        self.silent = silent
        self.dies_after = dies_after
        self.may_die = threading.Event()
        """A dying printer holds the half paper until this is set."""
        self.jobs: list[bytes] = []
        self._server = socket.create_server(("127.0.0.1", port))
        self.port: int = self._server.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> "TcpPrinter":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.may_die.set()
        # Closing alone leaves the port open while a thread waits in accept.
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()

    @property
    def pages(self) -> list[bytes]:
        """Jobs that carry a document."""
        return [job for job in self.jobs if b"\x1d(k" in job]

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._server.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        received = b""
        with client, contextlib.suppress(OSError):
            while part := client.recv(512):
                questions = self._questions(part)
                if questions and not self.silent:
                    client.sendall(questions)
                received += part
                if self.dies_after and len(received) > self.dies_after:
                    self.may_die.wait(60)
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    return
        self.jobs.append(received)

    @staticmethod
    def _questions(part: bytes) -> bytes:
        return b"\x12" * part.count(b"\x10\x04") + b"\x00" * part.count(b"\x1dr")
