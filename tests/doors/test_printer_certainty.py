"""What is known about a paper, whatever the printer does before, during and after its page."""

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sincronizador.core.job import Impresion
from sincronizador.core.ticket import Text, Ticket
from sincronizador.errors import Unanswered, Unavailable
from sincronizador.printing.paper import Paper
from sincronizador.printing.stations import Station
from sincronizador.printing.tcp import Tcp
from sincronizador.printing.virtual import VirtualPrinter

PAGE = b"hola\n" * 100


@pytest.fixture
def virtual(tmp_path: Path) -> Iterator[VirtualPrinter]:
    with VirtualPrinter("127.0.0.1", 0, str(tmp_path)) as printer:
        yield printer


def station(host: str, port: int, *, patience: float = 1.0, pause: float = 1.0) -> Station:
    return Station("CAJA1", Paper(), Tcp("CAJA1", host, port, patience=patience, pause=pause))


def papers(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted(folder.glob("*.bin"))]


@pytest.mark.parametrize(("trouble", "words"), [("paper_out", "no tiene papel"), ("cover_open", "tapa abierta")])
def test_trouble_in_mid_page_leaves_doubt_and_half_a_paper(
    virtual: VirtualPrinter, tmp_path: Path, trouble: str, words: str
) -> None:
    virtual.trouble_after = (200, trouble)
    printer = station(virtual.host, virtual.port)
    with pytest.raises(Unanswered, match=words):
        printer.send(PAGE, name="x")
    with pytest.raises(Unavailable, match=words):
        printer.send(PAGE, name="x")
    setattr(virtual, trouble, False)
    assert printer.send(PAGE, name="x").outcome is Impresion.IMPRESO
    assert papers(tmp_path) == [PAGE[:200], PAGE]


def test_a_cover_that_is_closed_again_in_time_costs_nothing(virtual: VirtualPrinter, tmp_path: Path) -> None:
    virtual.trouble_after = (200, "cover_open")
    closing = threading.Timer(0.5, setattr, (virtual, "cover_open", False))
    closing.start()
    printed = station(virtual.host, virtual.port, patience=10).send(PAGE, name="x")
    closing.join()
    assert printed.outcome is Impresion.IMPRESO
    assert papers(tmp_path) == [PAGE]


def test_little_paper_prints_and_is_told(virtual: VirtualPrinter) -> None:
    virtual.near_end = True
    printed = station(virtual.host, virtual.port).send(PAGE, name="x")
    assert printed.outcome is Impresion.IMPRESO
    assert "Queda poco papel" in printed.detail
    assert station(virtual.host, virtual.port).status() == "Lista. Queda poco papel."


def test_a_state_sent_unasked_is_no_confirmation(virtual: VirtualPrinter, tmp_path: Path) -> None:
    """Three of the four bytes of ASB look like answers to GS r: one that has no paper any more must not be believed."""
    virtual.chatters = True
    printer = station(virtual.host, virtual.port)
    assert printer.send(PAGE, name="x").outcome is Impresion.IMPRESO
    virtual.trouble_after = (200, "paper_out")
    with pytest.raises(Unanswered, match="no tiene papel"):
        printer.send(PAGE, name="x")
    assert papers(tmp_path)[0] == PAGE


@contextmanager
def machine(serve: Callable[[socket.socket], None]) -> Iterator[Station]:
    """A printer that treats each client as `serve` says."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        off = threading.Event()
        server.settimeout(0.05)

        def attend() -> None:
            while not off.is_set():
                try:
                    client, _ = server.accept()
                except TimeoutError:
                    continue
                with client:
                    client.settimeout(5)
                    serve(client)

        thread = threading.Thread(target=attend)
        thread.start()
        try:
            yield station(*server.getsockname(), patience=0.5, pause=0.2)
        finally:
            off.set()
            thread.join()


def test_asb_alone_never_confirms_a_page() -> None:
    """It answers everything before the page, and after it only chatters."""

    def serve(client: socket.socket) -> None:
        for answer in (b"\x12", b"\x12", b"\x12", b"\x00"):
            client.recv(100)
            client.sendall(answer)
        while client.recv(1 << 16):
            client.sendall(b"\x10\x00\x00\x00")

    with machine(serve) as printer, pytest.raises(Unanswered, match="dejó de responder"):
        printer.send(PAGE, name="x")


def test_a_printer_that_accepts_everything_and_prints_nothing_has_at_most_delivered() -> None:
    def serve(client: socket.socket) -> None:
        while client.recv(1 << 16):
            pass

    with machine(serve) as printer:
        assert printer.send(PAGE, name="x").outcome is Impresion.ENTREGADO


def test_one_that_always_answered_and_keeps_silent_is_waited_for_before_anything_leaves(
    virtual: VirtualPrinter, tmp_path: Path
) -> None:
    """Else a printer that hangs would be taken for one that never says anything."""
    printer = station(virtual.host, virtual.port, patience=0.6, pause=0.2)
    assert printer.send(PAGE, name="x").outcome is Impresion.IMPRESO
    virtual.silent = True
    with pytest.raises(Unavailable, match="no responde"):
        printer.send(PAGE, name="x")
    assert papers(tmp_path) == [PAGE, *papers(tmp_path)[1:]]
    assert PAGE not in papers(tmp_path)[1:]
    # It may have been replaced by one that says nothing: nobody waits for ever.
    assert printer.send(PAGE, name="x").outcome is Impresion.ENTREGADO


def test_a_printer_that_is_busy_prints_at_last_and_confirms(virtual: VirtualPrinter, tmp_path: Path) -> None:
    """In its long form it is busy for the 40 seconds that real ones are: CERTEZA=40."""
    busy = float(os.environ.get("CERTEZA", "0.8"))
    printer = station(virtual.host, virtual.port, patience=busy + 20, pause=0.5)
    assert printer.send(PAGE, name="x").outcome is Impresion.IMPRESO
    virtual.blocked = True
    free = threading.Timer(busy, setattr, (virtual, "blocked", False))
    free.start()
    started = time.monotonic()
    assert printer.send(PAGE, name="x").outcome is Impresion.IMPRESO
    assert time.monotonic() - started >= busy * 0.9
    free.join()
    assert papers(tmp_path) == [PAGE, PAGE]


def test_a_cable_that_is_pulled_in_mid_page_leaves_doubt_in_time() -> None:
    """The connection is half open: nobody answers and nobody hangs up."""
    gone = threading.Event()

    def serve(client: socket.socket) -> None:
        for answer in (b"\x12", b"\x12", b"\x12", b"\x00"):
            client.recv(100)
            client.sendall(answer)
        gone.wait(10)

    with machine(serve) as printer:
        started = time.monotonic()
        with pytest.raises(Unanswered, match="dejó de responder"):
            printer.send(PAGE, name="x")
        assert time.monotonic() - started < 5
        gone.set()


def test_one_that_hangs_up_at_once_received_nothing() -> None:
    with machine(lambda client: None) as printer:
        for _ in range(3):
            with pytest.raises(Unavailable, match="cortó la conexión"):
                printer.send(PAGE, name="x")


def test_beeps_follow_an_original_only() -> None:
    ticket = Ticket((Text("hola"),))
    loud = Station("CAJA1", Paper(beeps=3), Tcp("CAJA1", "localhost", 9100))
    assert loud.render(ticket, original=True) == loud.render(ticket) + b"\x1bB\x03\x02"
