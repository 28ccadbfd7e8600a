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

_AT_ONCE = re.compile(rb"\x10\x04[\x01-\x04]")
_IN_TURN = re.compile(rb"\x1dr[\x01\x02\x31\x32]")
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
        self.near_end = False
        """The paper is about to end."""
        self.trouble_after: tuple[int, str] | None = None
        """After so many bytes of a page one of the troubles above comes about; the rest waits until it is gone."""
        self.chatters = False
        """Tells its state unasked too, before every answer (ASB)."""
        self.silent = False
        """Answers no question about its state."""
        self.blocked = False
        """Takes connections and reads nothing."""
        self.busy = False
        """Takes everything, answers what it can at once, and prints nothing for now."""
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
        waiting, page, pending = bytearray(), bytearray(), b""
        while not self._off.is_set():
            if self.blocked:
                self._off.wait(_TICK)
                continue
            try:
                received = client.recv(1 << 16)
                if not received:
                    break
                pending = self._overhear(client, waiting, pending + received)
            except TimeoutError:
                pass
            except OSError:
                break
            if self.dies_after is not None and len(page) + len(waiting) >= self.dies_after:
                page += waiting[: self.dies_after - len(page)]
                waiting.clear()
                _reset(client)
                break
            self._work(client, waiting, page)
        if self._prints:
            page += waiting + pending
        self._print(page)

    def _overhear(self, client: socket.socket, waiting: bytearray, received: bytes) -> bytes:
        """Answer what is asked at any moment, and keep the rest; what may be half a question waits for more."""
        at = 0
        for question in _AT_ONCE.finditer(received):
            waiting += received[at : question.start()]
            at = question.end()
            self._say(client, self._answer(question[0]))
        half = _HALF_QUESTION.search(received, at)
        end = half.start() if half else len(received)
        waiting += received[at:end]
        return received[end:]

    def _work(self, client: socket.socket, waiting: bytearray, page: bytearray) -> None:
        """Print what waits, in order; a question in between is answered when everything before it is on paper."""
        while waiting and self._prints and not self.busy:
            # A match over a bytearray changes with it.
            question = _IN_TURN.search(bytes(waiting))
            piece = question.start() if question else len(waiting)
            if self.trouble_after is not None and len(page) + piece >= self.trouble_after[0]:
                piece = self.trouble_after[0] - len(page)
                setattr(self, self.trouble_after[1], True)
                self.trouble_after = question = None
            page += waiting[:piece]
            del waiting[:piece]
            if question:
                del waiting[: len(question[0])]
                self._print(page)
                page.clear()
                self._say(client, self._answer(ASK_PROCESSED))

    def _say(self, client: socket.socket, answer: int) -> None:
        if not self.silent:
            client.sendall(self._unasked() + bytes([answer]))

    def _answer(self, question: bytes) -> int:
        answers = {
            ASK_PRINTER: 0x12 | (0 if self._prints else 0x08),
            ASK_CAUSE: 0x12 | (0x20 if self.paper_out else 0) | (0x04 if self.cover_open else 0),
            ASK_PAPER: 0x12 | (0x60 if self.paper_out else 0) | (0x0C if self.near_end else 0),
            ASK_PROCESSED: 0x03 if self.near_end else 0x00,
        }
        return answers.get(question, 0x12)

    @property
    def _prints(self) -> bool:
        return not (self.paper_out or self.cover_open)

    def _unasked(self) -> bytes:
        """The four bytes of ASB; all but the first look like an answer to GS r."""
        if not self.chatters:
            return b""
        printer = 0x10 | (0 if self._prints else 0x08) | (0x20 if self.cover_open else 0)
        return bytes([printer, 0, 0x0C if self.paper_out else 0, 0])

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
