"""Queues of a real CUPS: what is handed over comes out byte for byte, and nothing is left behind to come out later."""

import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cups_server import CUPSD, CupsServer

from sincronizador.core.job import Impresion
from sincronizador.errors import NeedsOperator, Unanswered, Unavailable
from sincronizador.printing.cups_queue import CupsQueue
from sincronizador.printing.paper import Paper
from sincronizador.printing.stations import Station, make_printer
from sincronizador.printing.status import State
from sincronizador.printing.trial import trial_ticket
from sincronizador.printing.virtual import VirtualPrinter

pytestmark = [
    pytest.mark.skipif(CUPSD is None, reason="apt-get install --no-install-recommends cups cups-client"),
    pytest.mark.skipif(os.geteuid() != 0, reason="a CUPS of one's own runs its backends as lp: only root can"),
]


@pytest.fixture(scope="module")
def cups() -> Iterator[CupsServer]:
    with CupsServer() as server:
        yield server


@pytest.fixture
def virtual(tmp_path: Path) -> Iterator[VirtualPrinter]:
    with VirtualPrinter("127.0.0.1", 0, str(tmp_path)) as printer:
        yield printer


def station(cups: CupsServer, queue: str, *, patience: float = 10.0, pause: float = 5.0) -> Station:
    return Station("CAJA1", Paper(), CupsQueue("CAJA1", queue, cups.server, patience=patience, pause=pause))


def papers(folder: Path) -> list[bytes]:
    """What came out; CUPS hangs up a moment after it calls the job done."""
    time.sleep(0.3)
    return [path.read_bytes() for path in sorted(folder.glob("*.bin"))]


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        return int(gone.getsockname()[1])


def test_a_page_of_every_byte_comes_out_as_it_was(cups: CupsServer, virtual: VirtualPrinter, tmp_path: Path) -> None:
    printer = make_printer("CAJA1", "cups", cups.queue("bytes", virtual.host, virtual.port))
    page = printer.render(trial_ticket("CAJA1")) + bytes(range(256))
    printed = printer.send(page, name="101-A-1")
    assert printed.outcome is Impresion.ENTREGADO
    assert "bytes-1" in printed.detail
    assert papers(tmp_path) == [page]
    assert cups.jobs() == []
    assert printer.status().startswith("Lista. La cola acepta")


def test_a_printer_that_is_off_received_nothing_and_no_job_waits_for_it(cups: CupsServer) -> None:
    cups.queue("apagada", "127.0.0.1", closed_port())
    with pytest.raises(Unavailable, match="no llega a ella"):
        station(cups, "apagada", pause=1.0).send(b"hola\n", name="x")
    assert cups.jobs() == []


def test_a_printer_that_stops_reading_leaves_doubt_and_the_rest_is_taken_back(
    cups: CupsServer, virtual: VirtualPrinter
) -> None:
    cups.queue("trancada", virtual.host, virtual.port)
    virtual.blocked = True
    with pytest.raises(Unanswered, match="se retiró de la cola"):
        station(cups, "trancada", patience=1.5).send(b"x" * (16 << 20), name="x")
    assert cups.jobs() == []


def test_a_queue_that_is_stopped_closed_or_unknown_is_told_before_anything_leaves(
    cups: CupsServer, virtual: VirtualPrinter, tmp_path: Path
) -> None:
    cups.queue("cerrada", virtual.host, virtual.port)
    printer = station(cups, "cerrada")
    for command, told, back in (
        (("cupsdisable", "-r", "sin papel"), r"está detenida \(sin papel\).*cupsenable cerrada", "cupsenable"),
        (("cupsreject", "-r", "de licencia"), r"no acepta trabajos \(de licencia\).*cupsaccept", "cupsaccept"),
    ):
        cups.run(*command, "cerrada")
        with pytest.raises(Unavailable, match=told):
            printer.send(b"hola\n", name="x")
        with pytest.raises(Unavailable, match=told):
            printer.status()
        cups.run(back, "cerrada")
    with pytest.raises(NeedsOperator, match="no tiene la cola «nadie»"):
        station(cups, "nadie").send(b"hola\n", name="x")
    assert cups.jobs() == []
    assert papers(tmp_path) == []
    assert printer.send(b"hola\n", name="x").outcome is Impresion.ENTREGADO


def test_a_queue_that_closes_after_it_was_asked_received_nothing(
    cups: CupsServer, virtual: VirtualPrinter, monkeypatch: pytest.MonkeyPatch
) -> None:
    cups.queue("apurada", virtual.host, virtual.port)
    cups.run("cupsreject", "apurada")
    monkeypatch.setattr(CupsQueue, "state", lambda _: State())
    for queue, words in (("apurada", "is not accepting jobs"), ("nadie", "does not exist")):
        with pytest.raises(Unavailable, match=words):
            station(cups, queue).send(b"hola\n", name="x")


def test_a_job_that_somebody_cancels_before_it_began_may_be_sent_again(cups: CupsServer) -> None:
    cups.queue("ajena", "127.0.0.1", closed_port())

    def cancel() -> None:
        while not cups.jobs():
            time.sleep(0.05)
        cups.run("cancel", *cups.jobs())

    other = threading.Thread(target=cancel)
    other.start()
    with pytest.raises(Unavailable, match="se canceló en la cola"):
        station(cups, "ajena", patience=20.0, pause=10.0).send(b"hola\n", name="x")
    other.join()


def test_a_scheduler_that_dies_with_the_job_in_hand_leaves_doubt(virtual: VirtualPrinter) -> None:
    """The job lies in its spool and may come out when it is back: neither delivered nor certain not to be."""
    virtual.blocked = True
    with CupsServer() as cups:
        cups.queue("viuda", virtual.host, virtual.port)

        def die() -> None:
            while "now printing" not in cups.run("lpstat", "-p", "viuda"):
                time.sleep(0.05)
            cups.kill()

        other = threading.Thread(target=die)
        other.start()
        with pytest.raises(Unanswered, match="dejó de contestar"):
            station(cups, "viuda").send(b"x" * (16 << 20), name="x")
        other.join()


def test_a_queue_stopped_while_its_job_waits_gives_it_back(cups: CupsServer) -> None:
    cups.queue("frenada", "127.0.0.1", closed_port())

    def stop() -> None:
        while not cups.jobs():
            time.sleep(0.05)
        cups.run("cupsdisable", "frenada")

    other = threading.Thread(target=stop)
    other.start()
    with pytest.raises(Unavailable):
        station(cups, "frenada", pause=2.0).send(b"hola\n", name="x")
    other.join()
    assert cups.jobs() == []


def test_no_scheduler_is_unavailable_and_no_program_a_missing_package(monkeypatch: pytest.MonkeyPatch) -> None:
    printer = make_printer("CAJA1", "cups", f"caja1@127.0.0.1:{closed_port()}")
    with pytest.raises(Unavailable, match="no responde el servicio de impresión CUPS"):
        printer.send(b"hola\n", name="x")
    monkeypatch.setenv("PATH", "/nada")
    with pytest.raises(NeedsOperator, match="cups-client"):
        printer.send(b"hola\n", name="x")


@pytest.mark.parametrize("destino", ["-o cola", "--help", "@servidor", "cola 1", "a/b", "cola@-x"])
def test_a_destination_is_never_an_option_of_a_program(destino: str) -> None:
    with pytest.raises(NeedsOperator, match="nombre de una cola"):
        make_printer("CAJA1", "cups", destino)
