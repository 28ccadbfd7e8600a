"""A serial cable: a pseudo-terminal of which one end is a port and the other a printer."""

import os
import select
import socket
import threading
import tty
from types import TracebackType
from typing import Self


class PtyCable:
    """
    `port` is the path to open. Bytes go to a TCP printer and back, untouched, as a converter would carry them.

    `stop` and `go` send XOFF and XON; `pull` takes the plug out of the port, which hears a hang-up.
    """

    def __init__(self, host: str, port: int) -> None:
        self._printer = (host, port)
        self._leader, self._follower = os.openpty()
        tty.setraw(self._leader)
        self.port = os.ttyname(self._follower)
        self._off = threading.Event()
        self._lock = threading.Lock()
        self.carried = bytearray()
        """Everything that came from the port."""
        self.pull_after: int | None = None
        self.stop_after: int | None = None
        """So many bytes later the plug is taken out, or XOFF is sent."""
        self._thread = threading.Thread(target=self._carry)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._off.set()
        self._thread.join()
        self.pull()

    def go(self) -> None:
        os.write(self._leader, b"\x11")

    def pull(self) -> None:
        with self._lock:
            for end in (self._follower, self._leader):
                if end >= 0:
                    os.close(end)
            self._follower = self._leader = -1

    def _carry(self) -> None:
        with socket.create_connection(self._printer) as printer:
            while not self._off.is_set() and self._leader >= 0:
                ready = select.select([self._leader, printer], [], [], 0.02)[0]
                if self._leader in ready:
                    self._take(printer)
                if printer in ready and self._leader >= 0:
                    os.write(self._leader, printer.recv(4096))

    def _take(self, printer: socket.socket) -> None:
        received = os.read(self._leader, 256)
        self.carried += received
        if self.pull_after is not None and len(self.carried) >= self.pull_after:
            self.pull()
            return
        if self.stop_after is not None and len(self.carried) >= self.stop_after:
            self.stop_after = None
            os.write(self._leader, b"\x13")
        printer.sendall(received)
