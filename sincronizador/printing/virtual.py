"""An ESC/POS printer without hardware: a TCP server whose paper is a folder, with the troubles of a real one on cue."""

import os
import re
import socket
import struct
import threading
from types import TracebackType
from typing import Self

from sincronizador.files import write_atomic
from sincronizador.printing.paper import Paper
from sincronizador.printing.preview import png
from sincronizador.printing.status import ASK_CAUSE, ASK_PAPER, ASK_PRINTER, ASK_PROCESSED

_QUESTION = re.compile(rb"\x10\x04[\x01-\x04]|\x1dr[\x01\x02\x31\x32]", re.DOTALL)
_HALF_QUESTION = re.compile(rb"(?:\x10\x04?|\x1dr?)\Z", re.DOTALL)
_TICK = 0.05
"""Seconds between two looks at whether it was switched off."""


class VirtualPrinter:
    """
    A printer at ``host:port`` (port 0: any free one) that serves one client at a time, as real ones do.

    Each page becomes ``NNNN.bin`` and ``NNNN.png`` in `folder` when the printer says that it was processed, or when the
    client goes. The troubles are plain attributes and may change while it runs. Use it as a context manager.
    """

    def __init__(self, host: str, port: int, folder: str, paper: Paper | None = None) -> None:
        self.paper_out = False
        self.cover_open = False
        self.silent = False
        """Answers no question about its state."""
        self.blocked = False
        """Takes connections and reads nothing."""
        self.dies_after: int | None = None
        """Resets the connection after so many bytes of a page."""
        self._folder = folder
        self._paper = paper or Paper()
        self._number = max(
            (int(name[:-4]) for name in os.listdir(folder) if re.fullmatch(r"\d+\.bin", name)), default=0
        )
        self._off = threading.Event()
        self._server = socket.create_server((host, port))
        self._server.settimeout(_TICK)
        self.host, self.port = self._server.getsockname()[:2]
        self._thread = threading.Thread(target=self._serve, name="virtual-printer", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Switch it off; a page in hand is put on paper as far as it came."""
        self._off.set()
        self._thread.join()
        self._server.close()

    def _serve(self) -> None:
        while not self._off.is_set():
            try:
                client, _ = self._server.accept()
            except TimeoutError:
                continue
            with client:
                client.settimeout(_TICK)
                self._attend(client)

    def _attend(self, client: socket.socket) -> None:
        page, pending = bytearray(), b""
        while not self._off.is_set():
            if self.blocked:
                self._off.wait(_TICK)
                continue
            try:
                received = client.recv(1 << 16)
                if not received:
                    break
                pending = self._take(client, page, pending + received)
            except TimeoutError:
                continue
            except OSError:
                break
            if self.dies_after is not None and len(page) >= self.dies_after:
                del page[self.dies_after :]
                _reset(client)
                break
        self._print(page + pending)

    def _take(self, client: socket.socket, page: bytearray, received: bytes) -> bytes:
        """Answer the questions and keep the rest; what may be the beginning of a question waits for more."""
        at = 0
        for question in _QUESTION.finditer(received):
            page += received[at : question.start()]
            at = question.end()
            if question[0] == ASK_PROCESSED:
                self._print(page)
                page.clear()
            answer = self._answer(question[0])
            if answer is not None:
                client.sendall(bytes([answer]))
        half = _HALF_QUESTION.search(received, at)
        end = half.start() if half else len(received)
        page += received[at:end]
        return received[end:]

    def _answer(self, question: bytes) -> int | None:
        if self.silent:
            return None
        answers = {
            ASK_PRINTER: 0x12 | (0x08 if self.paper_out or self.cover_open else 0),
            ASK_CAUSE: 0x12 | (0x20 if self.paper_out else 0) | (0x04 if self.cover_open else 0),
            ASK_PAPER: 0x12 | (0x60 if self.paper_out else 0),
            ASK_PROCESSED: None if self.paper_out or self.cover_open else 0x00,
        }
        return answers.get(question, 0x12)

    def _print(self, page: bytes | bytearray) -> None:
        if not page:
            return
        self._number += 1
        base = os.path.join(self._folder, f"{self._number:04}")
        # Made-up paper need not outlive a power cut: syncing it would only slow what is being tried out.
        write_atomic(f"{base}.png", png(bytes(page), self._paper), durable=False)
        write_atomic(f"{base}.bin", bytes(page), durable=False)


def _reset(client: socket.socket) -> None:
    """Close as a printer that loses its power: the other side is told with a reset."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()
