"""Serial ports over pseudo-terminals: both directions, who says «wait», and a plug that is pulled."""

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pty_cable import PtyCable

from sincronizador.core.job import Impresion
from sincronizador.errors import NeedsOperator, Unanswered, Unavailable
from sincronizador.printing.paper import Paper
from sincronizador.printing.serial_port import SerialPort
from sincronizador.printing.stations import Station, make_printer
from sincronizador.printing.trial import trial_ticket
from sincronizador.printing.virtual import VirtualPrinter

EVERY_BYTE = bytes(byte for byte in range(256) if byte not in (0x10, 0x1D)) * 8


@pytest.fixture
def virtual(tmp_path: Path) -> Iterator[VirtualPrinter]:
    with VirtualPrinter("127.0.0.1", 0, str(tmp_path)) as printer:
        yield printer


@pytest.fixture
def cable(virtual: VirtualPrinter) -> Iterator[PtyCable]:
    with PtyCable(virtual.host, virtual.port) as cable:
        yield cable


def station(path: str, *, flow: str = "no", patience: float = 5.0, pause: float = 1.0) -> Station:
    return Station("CAJA1", Paper(), SerialPort("CAJA1", path, speed=115200, flow=flow, patience=patience, pause=pause))


def papers(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted(folder.glob("*.bin"))]


@pytest.mark.parametrize("flow", ["rtscts", "xonxoff", "no"])
def test_a_page_comes_out_byte_for_byte_and_is_confirmed(cable: PtyCable, tmp_path: Path, flow: str) -> None:
    printer = station(cable.port, flow=flow)
    for _ in range(2):
        printed = printer.send(EVERY_BYTE, name="x")
        assert printed.outcome is Impresion.IMPRESO
    assert papers(tmp_path) == [EVERY_BYTE] * 2
    assert printer.status() == "Lista."


def test_a_ticket_of_the_settings_comes_out(cable: PtyCable, tmp_path: Path) -> None:
    printer = make_printer("CAJA1", "serie", cable.port, velocidad=19200, flujo="xonxoff")
    page = printer.render(trial_ticket("CAJA1"))
    assert printer.send(page, name="x").outcome is Impresion.IMPRESO
    assert papers(tmp_path) == [page]


def test_the_port_waits_while_the_printer_says_so(cable: PtyCable, tmp_path: Path) -> None:
    cable.stop_after = 1000
    resumed: list[float] = []

    def resume() -> None:
        resumed.append(time.monotonic())
        cable.go()

    going = threading.Timer(0.6, resume)
    going.start()
    page = EVERY_BYTE * 32
    assert station(cable.port, flow="xonxoff").send(page, name="x").outcome is Impresion.IMPRESO
    assert time.monotonic() > resumed[0]
    going.join()
    assert papers(tmp_path) == [page]


def test_a_printer_that_never_lets_go_on_leaves_doubt_and_no_rest_for_the_next_page(
    cable: PtyCable, tmp_path: Path
) -> None:
    cable.stop_after = 1000
    printer = station(cable.port, flow="xonxoff", patience=0.4, pause=0.4)
    with pytest.raises(Unanswered, match="no responde después de recibir"):
        printer.send(b"a" * (1 << 17), name="x")
    # It was switched off and on: it never says «go on».
    printer = station(cable.port, flow="xonxoff")
    assert printer.send(EVERY_BYTE, name="x").outcome is Impresion.IMPRESO
    (paper,) = papers(tmp_path)[-1:]
    assert paper.endswith(EVERY_BYTE)
    assert len(paper) < 1 << 17


def test_an_answer_that_comes_too_late_confirms_no_other_page(
    virtual: VirtualPrinter, cable: PtyCable, tmp_path: Path
) -> None:
    """A cable has no connections: what was asked before the last page may be answered during this one."""
    printer = station(cable.port, patience=1.0, pause=0.4)
    assert printer.send(EVERY_BYTE, name="x").outcome is Impresion.IMPRESO
    virtual.busy = True
    with pytest.raises(Unavailable, match="no responde"):
        printer.send(EVERY_BYTE, name="x")
    virtual.trouble_after = (100, "paper_out")
    back = threading.Timer(0.3, setattr, (virtual, "busy", False))
    back.start()
    with pytest.raises(Unanswered, match="no tiene papel"):
        printer.send(EVERY_BYTE, name="x")
    back.join()
    assert papers(tmp_path) == [EVERY_BYTE]


def test_a_plug_that_is_pulled_in_mid_page_leaves_doubt(cable: PtyCable) -> None:
    cable.pull_after = 5000
    with pytest.raises(Unanswered, match="después de recibir"):
        station(cable.port).send(EVERY_BYTE * 32, name="x")


def test_no_paper_is_known_before_the_page(virtual: VirtualPrinter, cable: PtyCable, tmp_path: Path) -> None:
    virtual.paper_out = True
    with pytest.raises(Unavailable, match="no tiene papel"):
        station(cable.port).send(EVERY_BYTE, name="x")
    assert papers(tmp_path) == []


def test_a_printer_without_a_wire_back_has_it_delivered(virtual: VirtualPrinter, cable: PtyCable) -> None:
    virtual.silent = True
    printed = station(cable.port, pause=0.2).send(EVERY_BYTE, name="x")
    assert printed.outcome is Impresion.ENTREGADO
    time.sleep(0.2)
    assert EVERY_BYTE in cable.carried


def test_what_was_said_before_the_port_was_opened_answers_nothing(virtual: VirtualPrinter, cable: PtyCable) -> None:
    virtual.silent = True
    os.write(cable._leader, b"\x12\x12\x12\x00")
    time.sleep(0.05)
    assert station(cable.port, pause=0.2).state().silent


def test_a_port_that_is_not_there_or_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="no está conectada"):
        station(str(tmp_path / "ttyUSB0")).send(b"x", name="x")
    (tmp_path / "archivo").touch()
    with pytest.raises(NeedsOperator, match="no es un puerto serie"):
        station(str(tmp_path / "archivo")).send(b"x", name="x")
    with pytest.raises(NeedsOperator, match="dialout"):
        station(str(tmp_path)).status()


@pytest.mark.parametrize(("setting", "named"), [({"velocidad": 9601}, "9601"), ({"flujo": "dtr"}, "dtr")])
def test_a_wrong_setting_is_named(setting: dict[str, object], named: str) -> None:
    with pytest.raises(NeedsOperator, match=named):
        make_printer("CAJA1", "serie", "/dev/ttyS0", **setting)
