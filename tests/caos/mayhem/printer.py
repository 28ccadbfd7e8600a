"""A network printer that somebody keeps pulling: what it received of each page, and in what mood."""

import contextlib
import re
import select
import socket
import struct
import threading
import time
from dataclasses import dataclass
from enum import StrEnum

from outside import papers

RESET = struct.pack("ii", 1, 0)
"""SO_LINGER of no time: closing sends RST."""
TICK = 0.05
TITLE = re.compile(rb"\n\x1bE\x01\x1d!.([^\n]+)\n\x1d!.Serie (\w+) N..?\s(\d+)[ \n]")
"""The document's name, series and number as they are printed, above the QR."""
QUESTION = re.compile(rb"\x10\x04[\x01-\x04]|\x1dr\x01")


class Mood(StrEnum):
    """What it does with who calls."""

    WELL = "anda"
    OFF = "apagada"
    SWALLOWS = "traga"
    """Takes everything, says nothing, prints nothing."""
    SILENT = "muda"
    """Prints and says nothing, as many do."""
    DROPS = "corta"
    """Resets the connection in the middle of a page."""
    HANGS = "cuelga"
    """Accepts, and reads nothing any more."""
    EMPTY = "sin papel"


TROUBLES = tuple(mood for mood in Mood if mood is not Mood.WELL)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What came of a page."""

    raw: bytes
    whole: bool
    """It came to its cut, and was printed."""

    @property
    def qr(self) -> str | None:
        """What its QR says; None when it did not come so far."""
        return papers.printed_qr(self.raw)

    @property
    def title(self) -> tuple[str, str, int] | None:
        """The document's name, series and number; None when it did not come so far."""
        found = TITLE.search(self.raw)
        return (found[1].decode("cp858"), found[2].decode("ascii"), int(found[3])) if found else None

    @property
    def copy(self) -> bool:
        """Whether it says COPIA."""
        return papers.is_copy(self.raw)


class Printer:
    """Listens on a port of its own; `sheets` is everything that was ever sent to it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.sheets: list[Sheet] = []
        self.drops_at = 700
        self._mood = Mood.OFF
        self._turns = 0
        """Whoever is connected when it turns is cut off."""
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self._server.close()

    @property
    def mood(self) -> Mood:
        """As it is now."""
        return self._mood

    def become(self, mood: Mood) -> None:
        """Be so from now on; who is in the middle of something is cut off."""
        was, self._mood = self._mood, mood
        if mood is Mood.OFF and was is not Mood.OFF:
            with contextlib.suppress(OSError):
                self._server.shutdown(socket.SHUT_RDWR)
            self._server.close()
        if {was, mood} != {Mood.WELL, Mood.SILENT}:
            self._turns += 1
        if was is Mood.OFF and mood is not Mood.OFF:
            self._server = socket.create_server(("127.0.0.1", self.port))
            threading.Thread(target=self._accept, args=(self._server,), daemon=True).start()

    def _accept(self, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = server.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        page, swallowed, born = b"", False, self._turns
        with client, contextlib.suppress(OSError):
            while self._turns == born:
                mood = self._mood
                if mood is Mood.HANGS or not select.select([client], [], [], TICK)[0]:
                    time.sleep(TICK if mood is Mood.HANGS else 0)
                    continue
                part = client.recv(512)
                if not part:
                    break
                swallowed |= mood is Mood.SWALLOWS
                page += QUESTION.sub(b"", part)
                if mood is Mood.DROPS and len(page) > self.drops_at:
                    _reset(client)
                    break
                if mood not in (Mood.SWALLOWS, Mood.SILENT):
                    client.sendall(self._answers(part, mood))
            else:
                rest = _taken(client)
                page, swallowed = page + QUESTION.sub(b"", rest), swallowed or bool(rest)
                _reset(client)
        if page:
            self.sheets.append(Sheet(page, whole=page.endswith(b"\x1dV\x00") and not swallowed))

    @staticmethod
    def _answers(part: bytes, mood: Mood) -> bytes:
        empty = mood is Mood.EMPTY
        said = {b"\x10\x04\x01": b"\x1a" if empty else b"\x12", b"\x10\x04\x02": b"\x32" if empty else b"\x12"}
        said |= {b"\x10\x04\x04": b"\x72" if empty else b"\x12", b"\x1dr\x01": b"\x0c" if empty else b"\x00"}
        return b"".join(said.get(question, b"") for question in QUESTION.findall(part))


def _taken(client: socket.socket) -> bytes:
    """What its network card had taken and it never read: the other side counts it as handed over."""
    client.setblocking(False)
    rest = b""
    with contextlib.suppress(OSError):
        while part := client.recv(65536):
            rest += part
    return rest


def _reset(client: socket.socket) -> None:
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    client.close()
