"""
The ways to a printer: TCP, a device file, a folder. Each hands over the bytes of one page and tells what is known then.

Before the first byte of the page left, any trouble is `Unavailable`; after it, `Unanswered`.
"""

import errno
import fcntl
import os
import re
import select
import socket
import sys
import termios
import time
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from sincronizador.core import codes
from sincronizador.core.finding import Rule
from sincronizador.core.job import Impresion
from sincronizador.errors import NeedsOperator, Unanswered, Unavailable
from sincronizador.files import write_many
from sincronizador.printing.door import Printed
from sincronizador.printing.status import (
    ASK_CAUSE,
    ASK_PAPER,
    ASK_PRINTER,
    ASK_PROCESSED,
    State,
    is_processed,
    is_state,
    ran_out,
    understand,
)

_CAUSES = {
    errno.ECONNREFUSED: "rechaza la conexión",
    errno.EHOSTUNREACH: "no se llega a ella por la red",
    errno.ENETUNREACH: "no hay red",
    errno.ECONNRESET: "cortó la conexión",
    errno.EPIPE: "cortó la conexión",
    errno.ENOENT: "no está conectada",
    errno.ENXIO: "no está conectada",
    errno.ENODEV: "no está conectada",
    errno.EBUSY: "la está usando otro programa",
    errno.EIO: "hubo un error de lectura o escritura",
    errno.ENOSPC: "no queda lugar en el disco",
}


class Way(Protocol):
    """How bytes reach one printer."""

    def send(self, page: bytes, name: str) -> Printed:
        """The promise of `Printer.send`."""
        ...

    def status(self) -> str:
        """The printer's state in a Spanish sentence. Raises `Unavailable` or `NeedsOperator` with what is wrong."""
        ...


class Tcp:
    """
    A printer at a TCP port, 9100 mostly. One connection for each page: these printers serve one client at a time.

    A printer that answers is asked before and after. `IMPRESO` needs its answer to GS r, which comes after everything
    before it was processed; one that only knows DLE EOT, or nothing, has the page `ENTREGADO`.
    """

    def __init__(self, station: str, host: str, port: int, *, patience: float = 20.0, pause: float = 1.0) -> None:
        """`patience`: seconds without progress that end a page. `pause`: seconds to wait for an answer about state."""
        self._station = station
        self._address = (host, port)
        self._patience = patience
        self._pause = pause

    def send(self, page: bytes, name: str) -> Printed:  # noqa: ARG002
        """Ask, send, ask again."""
        with self._line() as line:
            with self._before_the_page():
                state = line.state()
                if state is not None and state.trouble:
                    raise _unavailable(self._station, state.trouble)
                confirms = state is not None and line.processed(self._pause) is not None
            _hand_over(self._station, page, line.write)
            with self._after_the_page():
                if state is None:
                    line.finish(self._patience)
                    return Printed(outcome=Impresion.ENTREGADO, detail="La impresora no informa su estado.")
                return self._confirmed(line) if confirms else self._still_well(line)

    def status(self) -> str:
        """Connect and ask, nothing more."""
        with self._line() as line, self._before_the_page():
            state = line.state()
        if state is None:
            return "Conectada; no informa su estado."
        if state.trouble:
            raise _unavailable(self._station, state.trouble)
        return f"Lista. {state.remark}".strip()

    @contextmanager
    def _line(self) -> "Iterator[_Line]":
        with self._before_the_page():
            connection = socket.create_connection(self._address, timeout=5)
        with connection:
            connection.settimeout(self._patience)
            yield _Line(connection, self._pause)

    @contextmanager
    def _before_the_page(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise _unavailable(self._station, _cause(error)) from error

    @contextmanager
    def _after_the_page(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise _unanswered(self._station, f"{_cause(error)} después de recibir la página") from error

    def _confirmed(self, line: "_Line") -> Printed:
        answer = line.processed(self._patience)
        if answer is not None and not ran_out(answer):
            return Printed(outcome=Impresion.IMPRESO, detail="La impresora lo confirmó.")
        raise _unanswered(self._station, self._trouble_now(line) or "no confirmó la página")

    def _still_well(self, line: "_Line") -> Printed:
        trouble = self._trouble_now(line)
        if trouble:
            raise _unanswered(self._station, trouble)
        return Printed(outcome=Impresion.ENTREGADO, detail="La impresora sigue lista después de recibir la página.")

    @staticmethod
    def _trouble_now(line: "_Line") -> str:
        state = line.state()
        return "dejó de responder" if state is None else state.trouble


class _Line:
    """An open connection to a printer: bytes out, single bytes in."""

    def __init__(self, connection: socket.socket, pause: float) -> None:
        self._socket = connection
        self._pause = pause

    def write(self, rest: memoryview) -> int:
        """Send what the connection takes; TimeoutError when it takes nothing for too long."""
        return self._socket.send(rest)

    def state(self) -> State | None:
        """What the printer says about itself now; None when it says nothing."""
        answers: dict[bytes, int] = {}
        for question in (ASK_PRINTER, ASK_CAUSE, ASK_PAPER):
            answer = self._ask(question, is_state, self._pause)
            if answer is None and question is ASK_PRINTER:
                return None
            if answer is not None:
                answers[question] = answer
        return understand(answers)

    def processed(self, patience: float) -> int | None:
        """The answer to GS r: everything sent before it was processed. None when it does not come in time."""
        return self._ask(ASK_PROCESSED, is_processed, patience)

    def finish(self, patience: float) -> None:
        """
        Say that nothing more comes and see all of it taken; TimeoutError when it is not.

        Closing with unread bytes resets the connection, and a reset throws away what a printer has not read yet.
        """
        self._socket.shutdown(socket.SHUT_WR)
        deadline = time.monotonic() + self._pause
        while self._receive(deadline):
            pass
        deadline = time.monotonic() + patience
        while self._on_the_way():
            if time.monotonic() > deadline:
                raise TimeoutError
            time.sleep(0.1)

    def _on_the_way(self) -> int:
        """Bytes that the other machine has not acknowledged."""
        return int.from_bytes(fcntl.ioctl(self._socket, termios.TIOCOUTQ, bytes(4)), sys.byteorder)

    def _ask(self, question: bytes, belongs: Callable[[int], bool], patience: float) -> int | None:
        self._socket.sendall(question)
        return self._read(belongs, patience)

    def _read(self, belongs: Callable[[int], bool], patience: float) -> int | None:
        """The first byte that belongs; None at the end of the patience."""
        deadline = time.monotonic() + patience
        while (answer := self._receive(deadline)) is not None:
            if not answer:
                raise ConnectionResetError(errno.ECONNRESET, "closed by the printer")
            if belongs(answer[0]):
                return answer[0]
        return None

    def _receive(self, deadline: float) -> bytes | None:
        """The next byte; empty when the printer closed the connection, None when nothing came in time."""
        left = max(deadline - time.monotonic(), 0)
        return self._socket.recv(1) if select.select([self._socket], [], [], left)[0] else None


class Device:
    """A printer behind a device file: ``/dev/usb/lp0``, ``/dev/ttyUSB0`` with the speed that the system gave it."""

    def __init__(self, station: str, path: str, *, patience: float = 20.0) -> None:
        self._station = station
        self._path = path
        self._patience = patience

    def send(self, page: bytes, name: str) -> Printed:  # noqa: ARG002
        """Write the page; such a printer is not asked."""
        descriptor = self._open()
        try:
            _hand_over(self._station, page, lambda rest: self._write(descriptor, rest))
        finally:
            os.close(descriptor)
        return Printed(outcome=Impresion.ENTREGADO, detail="Por un dispositivo no se sabe más.")

    def status(self) -> str:
        """Open and close it."""
        os.close(self._open())
        return "Conectada; no informa su estado."

    def _open(self) -> int:
        """Never creates it, never waits for it."""
        try:
            descriptor = os.open(self._path, os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_APPEND | os.O_CLOEXEC)
        except (PermissionError, IsADirectoryError) as error:
            raise _misconfigured(self._station, f"no se puede escribir en {self._path}") from error
        except OSError as error:
            raise _unavailable(self._station, f"{_cause(error)} ({self._path})") from error
        if os.isatty(descriptor):
            # A terminal would write CR LF for each LF, also inside the QR.
            tty.setraw(descriptor, termios.TCSANOW)
        return descriptor

    def _write(self, descriptor: int, rest: memoryview) -> int:
        if not select.select([], [descriptor], [], self._patience)[1]:
            raise TimeoutError
        return os.write(descriptor, rest)


class Folder:
    """A folder that receives each page as ``NAME.bin`` and its picture as ``NAME.png``."""

    def __init__(self, station: str, path: str, picture: Callable[[bytes], bytes]) -> None:
        self._station = station
        self._path = path
        self._picture = picture

    def send(self, page: bytes, name: str) -> Printed:
        """Write both, the picture first. A name that is taken goes on with ``~2``: no paper replaces another."""
        base = self._free(re.sub(r"[^\w.-]", "_", name) or "pagina")
        try:
            write_many(((f"{base}.png", self._picture(page)), (f"{base}.bin", page)))
        except NeedsOperator as error:
            # The page is the paper: without it nothing left, and time or a person will make room.
            if os.path.lexists(f"{base}.bin"):
                raise Unanswered(error.code, str(error)) from error
            raise Unavailable(error.code, str(error)) from error
        return Printed(outcome=Impresion.IMPRESO, detail=f"Escrito en {base}.bin.")

    def status(self) -> str:
        """Whether it can be written to."""
        if not os.path.isdir(self._path):
            raise _misconfigured(self._station, f"no existe la carpeta {self._path}")
        if not os.access(self._path, os.W_OK | os.X_OK):
            raise _misconfigured(self._station, f"no se puede escribir en la carpeta {self._path}")
        return "Lista: escribe en una carpeta."

    def _free(self, name: str) -> str:
        base, number = os.path.join(self._path, name), 1
        while os.path.lexists(f"{base}.bin"):
            number += 1
            base = os.path.join(self._path, f"{name}~{number}")
        return base


def _hand_over(station: str, page: bytes, write: Callable[[memoryview], int]) -> None:
    """Write the whole page. Whether its first byte left decides what an error means."""
    left = 0
    try:
        while left < len(page):
            left += write(memoryview(page)[left:])
    except OSError as error:
        if left:
            detail = f"{_cause(error)} después de recibir {left} de {len(page)} bytes"
            raise _unanswered(station, detail) from error
        raise _unavailable(station, _cause(error)) from error


def _cause(error: OSError) -> str:
    if isinstance(error, TimeoutError):
        return "no responde"
    if isinstance(error, socket.gaierror):
        return "no se conoce esa dirección"
    return (
        _CAUSES.get(error.errno or 0) or f"hubo un error de comunicación ({errno.errorcode.get(error.errno or 0, '?')})"
    )


def _told(rule: Rule, station: str, detail: str) -> tuple[str, str]:
    finding = rule.at(impresora=station, detalle=detail)
    return finding.code, finding.message


def _unavailable(station: str, detail: str) -> Unavailable:
    return Unavailable(*_told(codes.PRINTER_UNAVAILABLE, station, detail))


def _unanswered(station: str, detail: str) -> Unanswered:
    return Unanswered(*_told(codes.PRINT_UNANSWERED, station, detail))


def _misconfigured(station: str, detail: str) -> NeedsOperator:
    return NeedsOperator(*_told(codes.PRINTER_SETTING, station, detail))
