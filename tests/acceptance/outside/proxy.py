"""A bad line between a daemon and its cloud: a TCP proxy that can refuse, cut, stall, drop, delay, forge and repeat."""

import contextlib
import re
import select
import socket
import struct
import threading
import time
from collections import deque
from dataclasses import dataclass
from enum import Enum
from types import TracebackType

TICK = 0.02
"""Seconds after which a connection that hears nothing looks at its line again."""
KEPT = 5000
"""Requests that are remembered."""
RESET = struct.pack("ii", 1, 0)
"""SO_LINGER of no time: closing sends RST."""


class Way(Enum):
    """What becomes of the bytes that go in one direction."""

    PASS = "pass"
    HOLD = "hold"
    """They wait, and arrive once the line passes again, whoever still listens."""
    DROP = "drop"
    """They are lost, and nobody is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """How the line is."""

    open: bool = True
    """Else connections are refused."""
    up: Way = Way.PASS
    """To the cloud."""
    down: Way = Way.PASS
    """From the cloud."""
    delay: float = 0.0
    """Seconds, in each direction."""
    stranger: bytes = b""
    """Who answers every request instead of the cloud, word for word."""
    loses: str = ""
    """Requests whose ``METHOD path`` matches: the cloud answers, and the daemon sees a reset."""
    cuts_at: int = -1
    """Answers end after that many bytes; negative: never."""
    trims: int = -1
    """Requests end after that many bytes, and the cloud sees their end; negative: never."""


PASSING = Line()
REFUSED = Line(open=False)
STALLED = Line(up=Way.HOLD, down=Way.HOLD)
DEAF = Line(up=Way.DROP)
MUTE = Line(down=Way.DROP)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request that passed, as it was."""

    method: str
    path: str
    raw: bytes

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


class Proxy:
    """Listens on a port of its own until it is closed; `become` changes the line, also under open connections."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.line = PASSING
        self.requests: deque[Request] = deque(maxlen=KEPT)
        """The last requests that came whole, in order."""
        self.connections = 0
        self._links: list[_Link] = []
        self._turn = threading.Lock()
        """Nobody is let in while the line is being cut."""
        self._server = _listen(0)
        self.port: int = self._server.getsockname()[1]
        self._accepting()

    def __enter__(self) -> "Proxy":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.become(REFUSED)

    def become(self, line: Line) -> None:
        """Be such a line from now on."""
        was, self.line = self.line, line
        if was.open and not line.open:
            # Closing alone leaves the port open while a thread waits in accept.
            self._server.shutdown(socket.SHUT_RDWR)
            self._server.close()
            self.cut()
        elif line.open and not was.open:
            self._server = _listen(self.port)
            self._accepting()

    def cut(self) -> None:
        """Reset every open connection; what was held on them is lost."""
        with self._turn:
            for link in self._links:
                link.reset.set()
            for link in self._links:
                link.join(5)
            self._links = [link for link in self._links if link.is_alive()]

    def seen(self, pattern: str) -> list[Request]:
        """The requests whose ``METHOD path`` matches."""
        return [request for request in list(self.requests) if re.search(pattern, str(request))]

    def repeat(self, request: Request, patience: float = 20) -> bytes:
        """Deliver a request once more, on a connection of its own, and give what the cloud answers."""
        with socket.create_connection(("127.0.0.1", self.target), patience) as again:
            again.sendall(request.raw)
            answer = b""
            while _message(answer) is None and (part := again.recv(65536)):
                answer += part
        return answer

    def _accepting(self) -> None:
        threading.Thread(target=self._accept, args=(self._server,), daemon=True).start()

    def _accept(self, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = server.accept()
                self.connections += 1
                with self._turn:
                    link = _Link(self, client)
                    link.start()
                    self._links = [*(old for old in self._links if old.is_alive()), link]


class _Link(threading.Thread):
    """One connection, both directions."""

    def __init__(self, proxy: Proxy, client: socket.socket) -> None:
        super().__init__(daemon=True)
        self.proxy = proxy
        self.reset = threading.Event()
        self._client = client
        self._cloud: socket.socket | None = None
        self._queues: dict[socket.socket, deque[tuple[float, bytes]]] = {}
        """What is on its way to each side, and when it may arrive."""
        self._ended: set[socket.socket] = set()
        """Who says nothing any more; the other learns it only by a line that passes."""
        self._severed = False
        """Whether nothing of the client reaches the cloud any more."""
        self._partial = b""
        self._asked = ""
        """The last request, ``METHOD path``."""
        self._answered = 0
        """Bytes of its answer."""

    def run(self) -> None:
        """Carry bytes until one side has ended and the other knows, or the line is cut."""
        try:
            cloud = self._cloud = socket.create_connection(("127.0.0.1", self.proxy.target), 5)
        except OSError:
            self.reset.set()
        else:
            self._queues = {cloud: deque(), self._client: deque()}
            with contextlib.suppress(OSError):
                while not self.reset.is_set() and not self._over(cloud):
                    self._read(cloud)
                    self._write(cloud)
        self._close()

    def _over(self, cloud: socket.socket) -> bool:
        line = self.proxy.line
        told = (
            self._client in self._ended and line.up is Way.PASS and not self._queues[cloud],
            cloud in self._ended and line.down is Way.PASS and not self._queues[self._client],
        )
        return any(told) or len(self._ended) == 2

    def _read(self, cloud: socket.socket) -> None:
        listened = [side for side in (self._client, cloud) if side not in self._ended]
        busy = any(self._queues.values())
        for side in select.select(listened, [], [], TICK / 4 if busy else TICK)[0]:
            part = _received(side)
            if side is cloud:
                self._from_cloud(part, cloud, self.proxy.line)
            else:
                self._from_client(part, cloud, self.proxy.line)

    def _from_client(self, part: bytes, cloud: socket.socket, line: Line) -> None:
        room = max(line.trims - len(self._partial), 0)
        whole = self._whole_requests(part)
        if not part:
            self._ended.add(self._client)
        elif line.stranger:
            if whole:
                self._client.sendall(line.stranger)
                self._ended |= {self._client, cloud}
        elif line.trims >= 0 and len(part) > room and not self._severed:
            self._trim(part[:room], cloud)
        elif line.up is not Way.DROP and not self._severed:
            self._queues[cloud].append((time.monotonic() + line.delay, part))

    def _trim(self, kept: bytes, cloud: socket.socket) -> None:
        """The cloud hears the end; the daemon hears nothing before the cloud closes, and the line passes that on."""
        cloud.sendall(kept)
        cloud.shutdown(socket.SHUT_WR)
        self._severed = True

    def _from_cloud(self, part: bytes, cloud: socket.socket, line: Line) -> None:
        if part and line.loses and re.search(line.loses, self._asked):
            self.reset.set()
            return
        kept = part if line.cuts_at < 0 else part[: max(line.cuts_at - self._answered, 0)]
        self._answered += len(kept)
        if kept and line.down is not Way.DROP:
            self._queues[self._client].append((time.monotonic() + line.delay, kept))
        if not part or len(kept) < len(part):
            self._ended.add(cloud)

    def _write(self, cloud: socket.socket) -> None:
        line = self.proxy.line
        for way, sink in ((line.up, cloud), (line.down, self._client)):
            queue = self._queues[sink]
            while queue and way is not Way.HOLD and queue[0][0] <= time.monotonic():
                sink.sendall(queue.popleft()[1])

    def _whole_requests(self, part: bytes) -> int:
        self._partial += part
        found = 0
        while (request := _first_request(self._partial)) is not None:
            self._partial = self._partial[len(request.raw) :]
            self._asked, self._answered = str(request), 0
            self.proxy.requests.append(request)
            found += 1
        return found

    def _close(self) -> None:
        for side in (self._client, self._cloud):
            if side is not None:
                if self.reset.is_set():
                    side.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                side.close()


def _received(side: socket.socket) -> bytes:
    """What it says; nothing when it has ended, in whatever way."""
    try:
        return side.recv(65536)
    except OSError:
        return b""


def _listen(port: int) -> socket.socket:
    return socket.create_server(("127.0.0.1", port), backlog=64)


def _first_request(stream: bytes) -> Request | None:
    """The first request in the stream, when it is whole."""
    raw = _message(stream)
    if raw is None:
        return None
    method, path, _ = raw.split(b"\r\n", 1)[0].decode("latin-1").split(" ", 2)
    return Request(method=method, path=path, raw=raw)


def _message(stream: bytes) -> bytes | None:
    """The first HTTP/1.1 message in the stream, when it is whole; its body has a Content-Length or there is none."""
    head, end, _ = stream.partition(b"\r\n\r\n")
    length = re.search(rb"(?im)^content-length:\s*(\d+)", head)
    size = len(head) + len(end) + (int(length[1]) if length else 0)
    return stream[:size] if end and len(stream) >= size else None
