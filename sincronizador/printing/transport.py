"""
The door of the ways to a printer, each in a module of its own, and what all of them tell in the same words.

Before the first byte of the page left, any trouble is `Unavailable`; after it, `Unanswered`.
"""

import errno
import os
import select
import socket
import time
from collections.abc import Callable
from typing import Protocol

from sincronizador.core import codes
from sincronizador.core.finding import Rule
from sincronizador.errors import NeedsOperator, Unanswered, Unavailable
from sincronizador.printing.door import Printed
from sincronizador.printing.status import State

PATIENCE = 60.0
"""Seconds without progress that end a page: there are printers that are busy for 40."""

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

    def state(self) -> State:
        """The promise of `Printer.state`."""
        ...


def hand_over(station: str, page: bytes, write: Callable[[memoryview], int]) -> None:
    """Write the whole page. Whether its first byte left decides what an error means."""
    left = 0
    try:
        while left < len(page):
            left += write(memoryview(page)[left:])
    except OSError as error:
        if left:
            detail = f"{cause(error)} después de recibir {left} de {len(page)} bytes"
            raise unanswered(station, detail) from error
        raise unavailable(station, cause(error)) from error


def write_some(descriptor: int, rest: memoryview, patience: float) -> int:
    """What a device takes now, at least a byte; TimeoutError when it takes nothing for so many seconds."""
    deadline = time.monotonic() + patience
    while select.select([], [descriptor], [], max(deadline - time.monotonic(), 0))[1]:
        try:
            return os.write(descriptor, rest)
        except BlockingIOError:
            # Stopped between the question and the write.
            time.sleep(0.01)
    raise TimeoutError


def cause(error: OSError) -> str:
    """What happened, as the end of a Spanish sentence about the printer."""
    if isinstance(error, TimeoutError):
        return "no responde"
    if isinstance(error, socket.gaierror):
        return "no se conoce esa dirección"
    return (
        _CAUSES.get(error.errno or 0) or f"hubo un error de comunicación ({errno.errorcode.get(error.errno or 0, '?')})"
    )


def unavailable(station: str, detail: str) -> Unavailable:
    """Certainly nothing left."""
    return Unavailable(*_told(codes.PRINTER_UNAVAILABLE, station, detail))


def unanswered(station: str, detail: str) -> Unanswered:
    """Something left, and nobody knows what became of it."""
    return Unanswered(*_told(codes.PRINT_UNANSWERED, station, detail))


def misconfigured(station: str, detail: str) -> NeedsOperator:
    """A setting is wrong, or something is missing on this machine."""
    return NeedsOperator(*_told(codes.PRINTER_SETTING, station, detail))


def _told(rule: Rule, station: str, detail: str) -> tuple[str, str]:
    finding = rule.at(impresora=station, detalle=detail)
    return finding.code, finding.message
