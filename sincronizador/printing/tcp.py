"""A printer at a TCP port, 9100 mostly."""

import select
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from sincronizador.printing.dialogue import Dialogue
from sincronizador.printing.transport import PATIENCE


class Tcp(Dialogue):
    """One connection for each page: these printers serve one client at a time."""

    def __init__(self, station: str, host: str, port: int, *, patience: float = PATIENCE, pause: float = 1.0) -> None:
        super().__init__(station, patience=patience, pause=pause)
        self._address = (host, port)

    @contextmanager
    def _open(self) -> Iterator["_TcpLink"]:
        with socket.create_connection(self._address, timeout=5) as connection:
            connection.settimeout(self._patience)
            yield _TcpLink(connection, self._pause)


class _TcpLink:
    """See `Link`."""

    def __init__(self, connection: socket.socket, pause: float) -> None:
        self._socket = connection
        self._pause = pause

    def write(self, rest: memoryview) -> int:
        return self._socket.send(rest)

    def receive(self, seconds: float) -> bytes | None:
        return self._socket.recv(64) if select.select([self._socket], [], [], seconds)[0] else None

    def finish(self, patience: float) -> None:
        """Closing with unread bytes resets the connection, and a reset throws away what a printer has not read yet."""
        self._socket.shutdown(socket.SHUT_WR)
        deadline = time.monotonic() + self._pause
        while self.receive(max(deadline - time.monotonic(), 0)):
            pass
        deadline = time.monotonic() + patience
        while self._on_the_way():
            if time.monotonic() > deadline:
                raise TimeoutError
            time.sleep(0.1)

    def _on_the_way(self) -> int:
        """Bytes that the other machine has not acknowledged; where nobody can say, none."""
        try:
            import fcntl
            import termios
        except ImportError:
            return 0
        return int.from_bytes(fcntl.ioctl(self._socket, termios.TIOCOUTQ, bytes(4)), sys.byteorder)
