"""A printer at a serial port: ``/dev/ttyS0``, ``/dev/ttyUSB0``. Two ways, so it is asked like one of the network."""

import fcntl
import os
import select
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from sincronizador.printing.dialogue import Dialogue
from sincronizador.printing.transport import PATIENCE, misconfigured, unavailable, write_some

SPEEDS = (1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200)
FLOWS = ("rtscts", "xonxoff", "no")


class SerialPort(Dialogue):
    """
    Eight bits without parity at a speed, and who says «wait»: the wire CTS, the bytes XON and XOFF, or nobody.

    No byte of the page is translated. The port is ours alone while it is open.
    """

    def __init__(
        self, station: str, path: str, *, speed: int, flow: str, patience: float = PATIENCE, pause: float = 1.0
    ) -> None:
        """`speed`: one of `SPEEDS`. `flow`: one of `FLOWS`."""
        super().__init__(station, patience=patience, pause=pause)
        self._path = path
        self._speed = speed
        self._flow = flow

    @contextmanager
    def _open(self) -> Iterator["_SerialLink"]:
        descriptor = self._descriptor()
        try:
            with _os_errors():
                self._set_up(descriptor)
            yield _SerialLink(descriptor, self._patience)
        except BaseException:
            # What the printer did not take in time must not come out before the next page.
            with suppress(termios.error):
                termios.tcflush(descriptor, termios.TCOFLUSH)
            raise
        finally:
            os.close(descriptor)

    def _descriptor(self) -> int:
        """The open port; it is never created nor waited for."""
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        except (PermissionError, IsADirectoryError) as error:
            detail = f"no hay permiso para usar {self._path}; el usuario del servicio debe estar en el grupo dialout"
            raise misconfigured(self._station, detail) from error
        if not os.isatty(descriptor):
            os.close(descriptor)
            raise misconfigured(self._station, f"{self._path} no es un puerto serie")
        return descriptor

    def _set_up(self, descriptor: int) -> None:
        fcntl.ioctl(descriptor, termios.TIOCEXCL)
        speed = getattr(termios, f"B{self._speed}")
        control = termios.CS8 | termios.CREAD | termios.CLOCAL | (termios.CRTSCTS if self._flow == "rtscts" else 0)
        letters = termios.tcgetattr(descriptor)[6]
        attributes = [termios.IXON if self._flow == "xonxoff" else 0, 0, control, 0, speed, speed, letters]
        try:
            termios.tcsetattr(descriptor, termios.TCSANOW, attributes)
        except termios.error as error:
            raise misconfigured(self._station, f"{self._path} no admite velocidad = {self._speed}") from error
        termios.tcflush(descriptor, termios.TCIFLUSH)
        # A printer that said «wait» and lost its power never says «go on»; only what was stopped by us can be resumed.
        termios.tcflow(descriptor, termios.TCOOFF)
        termios.tcflow(descriptor, termios.TCOON)
        if self._flow == "rtscts" and not _is_clear_to_send(descriptor, self._pause):
            detail = 'no da la señal de lista (CTS); está apagada u ocupada, o su cable pide otro flujo = "..."'
            raise unavailable(self._station, detail)


class _SerialLink:
    """See `Link`."""

    def __init__(self, descriptor: int, patience: float) -> None:
        self._descriptor = descriptor
        self._patience = patience

    def write(self, rest: memoryview) -> int:
        return write_some(self._descriptor, rest, self._patience)

    def receive(self, seconds: float) -> bytes | None:
        return os.read(self._descriptor, 64) if select.select([self._descriptor], [], [], seconds)[0] else None

    def finish(self, patience: float) -> None:
        deadline = time.monotonic() + patience
        while _number(self._descriptor, termios.TIOCOUTQ):
            if time.monotonic() > deadline:
                raise TimeoutError
            time.sleep(0.02)
        with _os_errors():
            termios.tcdrain(self._descriptor)


@contextmanager
def _os_errors() -> Iterator[None]:
    """The errors of termios as those of the system, which they are but for their class."""
    try:
        yield
    except termios.error as error:
        raise OSError(*error.args) from error


def _is_clear_to_send(descriptor: int, patience: float) -> bool:
    """Whether the printer lets us send, waiting a little for it; a port without such wires always does."""
    deadline = time.monotonic() + patience
    while True:
        try:
            if _number(descriptor, termios.TIOCMGET) & termios.TIOCM_CTS:
                return True
        except OSError:
            return True
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)


def _number(descriptor: int, question: int) -> int:
    return int.from_bytes(fcntl.ioctl(descriptor, question, bytes(4)), sys.byteorder)
