"""A printer behind a device file that only takes bytes: ``/dev/usb/lp0``."""

import os
import termios
import tty

from sincronizador.core.job import Impresion
from sincronizador.printing.door import Printed
from sincronizador.printing.status import State
from sincronizador.printing.transport import (
    PATIENCE,
    cause,
    hand_over,
    misconfigured,
    unavailable,
    write_some,
)


class Device:
    """A device file, or a terminal with the speed that the system gave it. It is not asked anything."""

    def __init__(self, station: str, path: str, *, patience: float = PATIENCE) -> None:
        self._station = station
        self._path = path
        self._patience = patience

    def send(self, page: bytes, name: str) -> Printed:  # noqa: ARG002
        """Write the page; such a printer is not asked."""
        descriptor = self._open()
        try:
            hand_over(self._station, page, lambda rest: write_some(descriptor, rest, self._patience))
        finally:
            os.close(descriptor)
        return Printed(outcome=Impresion.ENTREGADO, detail="Por un dispositivo no se sabe más.")

    def state(self) -> State:
        """Open and close it."""
        os.close(self._open())
        return State(silent=True)

    def _open(self) -> int:
        """Never creates it, never waits for it."""
        try:
            descriptor = os.open(self._path, os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_APPEND | os.O_CLOEXEC)
        except (PermissionError, IsADirectoryError) as error:
            raise misconfigured(self._station, f"no se puede escribir en {self._path}") from error
        except OSError as error:
            raise unavailable(self._station, f"{cause(error)} ({self._path})") from error
        if os.isatty(descriptor):
            # A terminal would write CR LF for each LF, also inside the QR.
            tty.setraw(descriptor, termios.TCSANOW)
        return descriptor
