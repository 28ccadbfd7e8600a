"""Printers at USB, as far as pyusb's own backend interface lets one be played. No real one was ever asked."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("usb", reason="pip install pyusb")
from usb import core
from usb_bus import UsbBus

from sincronizador.core.job import Impresion
from sincronizador.errors import NeedsOperator, Unanswered, Unavailable
from sincronizador.printing.paper import Paper
from sincronizador.printing.stations import Station, make_printer
from sincronizador.printing.usb_port import UsbPort
from sincronizador.printing.virtual import VirtualPrinter

PAGE = bytes(byte for byte in range(256) if byte not in (0x10, 0x1D)) * 40


@pytest.fixture
def virtual(tmp_path: Path) -> Iterator[VirtualPrinter]:
    with VirtualPrinter("127.0.0.1", 0, str(tmp_path)) as printer:
        yield printer


@pytest.fixture
def bus(virtual: VirtualPrinter) -> UsbBus:
    return UsbBus(virtual.host, virtual.port)


def station(bus: UsbBus, serial: str = "", *, pause: float = 1.0) -> Station:
    return Station("CAJA1", Paper(), UsbPort("CAJA1", 0x04B8, 0x0E15, serial, patience=1.0, pause=pause, backend=bus))


def papers(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted(folder.glob("*.bin"))]


@pytest.mark.parametrize("serial", ["", "ABC123"])
def test_a_page_comes_out_is_confirmed_and_the_driver_is_called_back(bus: UsbBus, tmp_path: Path, serial: str) -> None:
    printer = station(bus, serial)
    for _ in range(2):
        assert printer.send(PAGE, name="x").outcome is Impresion.IMPRESO
        assert bus.driver
        assert bus.log[-3:] == ["claimed", "released", "closed"]
    assert papers(tmp_path) == [PAGE, PAGE]
    assert printer.status() == "Lista."


def test_trouble_is_known_before_the_page(bus: UsbBus, virtual: VirtualPrinter, tmp_path: Path) -> None:
    virtual.paper_out = True
    with pytest.raises(Unavailable, match="no tiene papel"):
        station(bus).send(PAGE, name="x")
    assert bus.driver
    assert papers(tmp_path) == []


def test_one_that_says_nothing_has_it_delivered(bus: UsbBus, virtual: VirtualPrinter) -> None:
    virtual.silent = True
    assert station(bus, pause=0.2).send(PAGE, name="x").outcome is Impresion.ENTREGADO


def test_why_it_cannot_be_opened_is_told(bus: UsbBus, virtual: VirtualPrinter) -> None:
    with pytest.raises(Unavailable, match=r"no está conectada \(04b8:0e15:OTRA\)"):
        station(bus, "OTRA").status()
    bus.allowed = False
    with pytest.raises(NeedsOperator, match="regla de udev"):
        station(bus).send(PAGE, name="x")
    with pytest.raises(NeedsOperator, match="número de serie"):
        station(bus, "ABC123").send(PAGE, name="x")
    bus.allowed, bus.taken = True, True
    with pytest.raises(Unavailable, match="la está usando otro programa"):
        station(bus).send(PAGE, name="x")
    bus.taken, bus.plugged = False, False
    with pytest.raises(Unavailable, match="no está conectada"):
        station(bus).send(PAGE, name="x")
    with pytest.raises(NeedsOperator, match="no es una impresora"):
        station(UsbBus(virtual.host, virtual.port, kind=3)).send(PAGE, name="x")


def test_a_plug_pulled_in_mid_page_leaves_doubt(bus: UsbBus) -> None:
    bus.unplug_after = 3000
    with pytest.raises(Unanswered, match="no está conectada después de recibir"):
        station(bus).send(PAGE, name="x")


def test_one_that_takes_nothing_received_nothing(bus: UsbBus) -> None:
    bus.stuck = True
    with pytest.raises(Unavailable, match="no responde"):
        station(bus).send(PAGE, name="x")


def test_a_missing_library_is_named_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    printer = make_printer("CAJA1", "usb", "04b8:0e15")
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "usb", None)
        with pytest.raises(NeedsOperator, match=r"pip install sincronizador\[usb\]"):
            printer.send(PAGE, name="x")

    def no_backend(**_: object) -> None:
        raise core.NoBackendError("No backend available")

    monkeypatch.setattr(core, "find", no_backend)
    with pytest.raises(NeedsOperator, match=r"libusb-1\.0-0"):
        printer.status()


@pytest.mark.parametrize("destino", ["04b8", "4b8:0e15", "04b8:0e15:", "xxxx:0e15", "/dev/usb/lp0"])
def test_a_wrong_destination_is_named(destino: str) -> None:
    with pytest.raises(NeedsOperator, match="lsusb"):
        make_printer("CAJA1", "usb", destino)
