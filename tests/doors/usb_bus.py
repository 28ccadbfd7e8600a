"""A USB bus that pyusb believes in: its documented backend interface over one printer of ours."""

import errno
import socket
from array import array
from types import SimpleNamespace
from typing import Any

import usb.backend
import usb.core
import usb.util

OUT, IN = 0x01, 0x82


class UsbBus(usb.backend.IBackend):
    """
    One device with a printer's interface; its bytes go to a TCP printer and its answers come from there.

    The faults are attributes, as in `VirtualPrinter`.
    """

    def __init__(self, host: str, port: int, *, kind: int = 7, serial: str = "ABC123") -> None:
        self._printer = (host, port)
        self._kind = kind
        self._serial = serial
        self.plugged = True
        self.allowed = True
        self.taken = False
        """Another program has claimed it."""
        self.unplug_after: int | None = None
        self.stuck = False
        """Takes nothing."""
        self.driver = True
        """The system's driver holds it."""
        self.log: list[str] = []
        self._passed = 0

    def enumerate_devices(self) -> Any:
        return iter(["device"] if self.plugged else [])

    def get_device_descriptor(self, dev: Any) -> Any:
        return SimpleNamespace(
            bLength=18, bDescriptorType=1, bcdUSB=0x200, bDeviceClass=0, bDeviceSubClass=0, bDeviceProtocol=0,
            bMaxPacketSize0=64, idVendor=0x04B8, idProduct=0x0E15, bcdDevice=0x100, iManufacturer=0, iProduct=0,
            iSerialNumber=3, bNumConfigurations=1, address=5, bus=1, port_number=1, port_numbers=(1,), speed=3,
        )  # fmt: skip

    def get_configuration_descriptor(self, dev: Any, config: int) -> Any:
        return SimpleNamespace(
            bLength=9, bDescriptorType=2, wTotalLength=32, bNumInterfaces=1, bConfigurationValue=1, iConfiguration=0,
            bmAttributes=0xC0, bMaxPower=1, extra_descriptors=[],
        )  # fmt: skip

    def get_interface_descriptor(self, dev: Any, intf: int, alt: int, config: int) -> Any:
        if intf or alt:
            raise IndexError
        return SimpleNamespace(
            bLength=9, bDescriptorType=4, bInterfaceNumber=0, bAlternateSetting=0, bNumEndpoints=2,
            bInterfaceClass=self._kind, bInterfaceSubClass=1, bInterfaceProtocol=2, iInterface=0, extra_descriptors=[],
        )  # fmt: skip

    def get_endpoint_descriptor(self, dev: Any, ep: int, intf: int, alt: int, config: int) -> Any:
        return SimpleNamespace(
            bLength=7, bDescriptorType=5, bEndpointAddress=(OUT, IN)[ep], bmAttributes=2, wMaxPacketSize=64,
            bInterval=0, bRefresh=0, bSynchAddress=0, extra_descriptors=[],
        )  # fmt: skip

    def open_device(self, dev: Any) -> Any:
        if not self.allowed:
            raise usb.core.USBError("Access denied (insufficient permissions)", -3, errno.EACCES)
        return dev

    def close_device(self, dev_handle: Any) -> None:
        self.log.append("closed")

    def get_configuration(self, dev_handle: Any) -> int:
        return 1

    def claim_interface(self, dev_handle: Any, intf: int) -> None:
        if self.taken or self.driver:
            raise usb.core.USBError("Resource busy", -6, errno.EBUSY)
        self._line = socket.create_connection(self._printer)
        self.log.append("claimed")

    def release_interface(self, dev_handle: Any, intf: int) -> None:
        self._line.close()
        self.log.append("released")

    def is_kernel_driver_active(self, dev_handle: Any, intf: int) -> bool:
        return self.driver

    def detach_kernel_driver(self, dev_handle: Any, intf: int) -> None:
        self.driver = False

    def attach_kernel_driver(self, dev_handle: Any, intf: int) -> None:
        self.driver = True

    def ctrl_transfer(self, dev_handle: Any, kind: int, request: int, value: int, index: int, data: Any, _: int) -> int:
        """The only request: a string of the device."""
        text = array("B", b"\x04\x03\x09\x04")
        if value & 0xFF:
            letters = self._serial.encode("utf-16-le")
            text = array("B", bytes([len(letters) + 2, 3]) + letters)
        count = min(len(text), len(data))
        data[:count] = text[:count]
        return count

    def bulk_write(self, dev_handle: Any, ep: int, intf: int, data: Any, timeout: int) -> int:
        if self.unplug_after is not None and self._passed >= self.unplug_after:
            raise usb.core.USBError("No such device (it may have been disconnected)", -4, errno.ENODEV)
        if self.stuck and len(data) > 16:
            raise usb.core.USBTimeoutError("Operation timed out", -7, errno.ETIMEDOUT)
        # A full-speed printer takes what its buffer holds.
        taken = bytes(data)[:1000]
        self._line.sendall(taken)
        self._passed += len(taken)
        return len(taken)

    def bulk_read(self, dev_handle: Any, ep: int, intf: int, buff: Any, timeout: int) -> int:
        self._line.settimeout(timeout / 1000)
        try:
            said = self._line.recv(len(buff))
        except TimeoutError as error:
            raise usb.core.USBTimeoutError("Operation timed out", -7, errno.ETIMEDOUT) from error
        buff[: len(said)] = array("B", said)
        return len(said)
