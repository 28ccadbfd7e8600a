"""A printer at USB without a driver of the system, by pyusb and libusb, which are loaded when a page needs them."""

import errno
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from sincronizador.printing.dialogue import Dialogue
from sincronizador.printing.transport import PATIENCE, misconfigured, unavailable

_PRINTER_CLASS = 7
_BULK, _IN = 0x02, 0x80
_PIECE = 4096
_AT_ONCE = 64


class UsbPort(Dialogue):
    """
    The device of a vendor and a product, and of a serial number where two are alike.

    The system's own driver (``usblp``) is put aside for a page and called back after it.
    """

    def __init__(
        self,
        station: str,
        vendor: int,
        product: int,
        serial: str = "",
        *,
        patience: float = PATIENCE,
        pause: float = 1.0,
        backend: Any = None,
    ) -> None:
        """`backend`: pyusb's, where it is not the one that it finds."""
        super().__init__(station, patience=patience, pause=pause)
        self._vendor, self._product, self._serial = vendor, product, serial
        self._backend = backend

    @contextmanager
    def _open(self) -> Iterator["_UsbLink"]:
        try:
            from usb import core, util
        except ImportError as error:
            detail = "falta pyusb; instálelo con «pip install sincronizador[usb]»"
            raise misconfigured(self._station, detail) from error
        device = self._device(core)
        try:
            interface = self._interface(device, util)
            number = interface.bInterfaceNumber
            with self._allowed(), _driver_aside(device, number):
                util.claim_interface(device, number)
                yield _UsbLink(interface, core, util, self._patience)
        finally:
            util.dispose_resources(device)

    def _device(self, core: Any) -> Any:
        with self._allowed():
            try:
                found = list(
                    core.find(find_all=True, backend=self._backend, idVendor=self._vendor, idProduct=self._product)
                )
            except core.NoBackendError as error:
                detail = "falta libusb (paquete libusb-1.0-0)"
                raise misconfigured(self._station, detail) from error
            device = next((one for one in found if self._is_meant(one)), None)
        if device is None:
            raise unavailable(self._station, f"no está conectada ({self._name})")
        return device

    def _is_meant(self, device: Any) -> bool:
        if not self._serial:
            return True
        try:
            return bool(device.serial_number == self._serial)
        except ValueError as error:
            # pyusb's way of saying that it may not ask, or that there are no texts in the device.
            detail = f"no se puede leer el número de serie de {self._name}: no lo tiene, o falta una regla de udev"
            raise misconfigured(self._station, f"{detail} (docs/impresoras.md)") from error

    def _interface(self, device: Any, util: Any) -> Any:
        with self._allowed():
            found = util.find_descriptor(device.get_active_configuration(), bInterfaceClass=_PRINTER_CLASS)
        if found is None:
            raise misconfigured(self._station, f"el aparato {self._name} no es una impresora")
        return found

    @contextmanager
    def _allowed(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if error.errno not in (errno.EACCES, errno.EPERM):
                raise
            detail = f"no hay permiso para usar {self._name}; hace falta una regla de udev (docs/impresoras.md)"
            raise misconfigured(self._station, detail) from error

    @property
    def _name(self) -> str:
        serial = f":{self._serial}" if self._serial else ""
        return f"{self._vendor:04x}:{self._product:04x}{serial}"


class _UsbLink:
    """See `Link`."""

    def __init__(self, interface: Any, core: Any, util: Any, patience: float) -> None:
        self._late = core.USBTimeoutError
        self._patience = patience
        ends = [end for end in interface if util.endpoint_type(end.bmAttributes) == _BULK]
        self._in = next((end for end in ends if end.bEndpointAddress & _IN), None)
        self._out = next(end for end in ends if not end.bEndpointAddress & _IN)

    def write(self, rest: memoryview) -> int:
        try:
            return int(self._out.write(bytes(rest[:_PIECE]), _milliseconds(self._patience)))
        except self._late as error:
            raise TimeoutError from error

    def receive(self, seconds: float) -> bytes | None:
        """A printer that has nothing to say answers with nothing, at once or never."""
        deadline = time.monotonic() + seconds
        while self._in is not None:
            try:
                said = bytes(self._in.read(max(_AT_ONCE, self._in.wMaxPacketSize), _milliseconds(seconds)))
            except self._late:
                return None
            if said:
                return said
            if time.monotonic() > deadline:
                return None
            time.sleep(0.01)
        return None

    def finish(self, patience: float) -> None:
        """What was written was taken."""


@contextmanager
def _driver_aside(device: Any, number: int) -> Iterator[None]:
    """The system's driver lets go of the interface, where there is one."""
    held = False
    with suppress(NotImplementedError):
        held = device.is_kernel_driver_active(number)
    if held:
        device.detach_kernel_driver(number)
    try:
        yield
    finally:
        if held:
            from usb import util

            util.release_interface(device, number)
            # The printer may be gone by now; a driver comes back by itself when it returns.
            with suppress(OSError):
                device.attach_kernel_driver(number)


def _milliseconds(seconds: float) -> int:
    """libusb takes zero for «for ever»."""
    return max(int(seconds * 1000), 1)
