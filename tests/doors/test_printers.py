"""One suite for the door of print stations, over the fake and every way; then the troubles of each way."""

import errno
import os
import select
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image

from sincronizador import files
from sincronizador.core.job import Impresion
from sincronizador.core.ticket import Ticket
from sincronizador.errors import NeedsOperator, Unanswered, Unavailable
from sincronizador.printing.device import Device
from sincronizador.printing.door import Printer
from sincronizador.printing.fake import FakePrinter
from sincronizador.printing.paper import Paper
from sincronizador.printing.stations import Station, make_printer
from sincronizador.printing.tcp import Tcp
from sincronizador.printing.trial import trial_ticket
from sincronizador.printing.virtual import VirtualPrinter

TICKET = trial_ticket("CAJA1")


@pytest.fixture
def virtual(tmp_path: Path) -> Iterator[VirtualPrinter]:
    (tmp_path / "papel").mkdir()
    with VirtualPrinter("127.0.0.1", 0, str(tmp_path / "papel")) as printer:
        yield printer


def papers(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted(folder.glob("*.bin"))]


def tcp(printer: VirtualPrinter) -> Station:
    pause = 0.3 if printer.silent else 5.0
    return Station("CAJA1", Paper(), Tcp("CAJA1", printer.host, printer.port, patience=10, pause=pause))


Opened = tuple[Printer, Callable[[], list[bytes]]]


@pytest.fixture(params=["fake", "tcp", "silent tcp", "device", "folder"])
def station(request: pytest.FixtureRequest, tmp_path: Path) -> Opened:
    """A station of each way, and what came out of it."""
    if request.param == "fake":
        fake = FakePrinter()
        return fake, lambda: [page for _, page in fake.pages]
    if request.param == "device":
        (tmp_path / "lp0").touch()
        return make_printer("CAJA1", "dispositivo", str(tmp_path / "lp0")), lambda: _cut(
            (tmp_path / "lp0").read_bytes()
        )
    if request.param == "folder":
        (tmp_path / "salida").mkdir()
        return make_printer("CAJA1", "carpeta", str(tmp_path / "salida")), lambda: papers(tmp_path / "salida")
    virtual: VirtualPrinter = request.getfixturevalue("virtual")
    virtual.silent = request.param == "silent tcp"

    def printed() -> list[bytes]:
        time.sleep(0.2)
        return papers(tmp_path / "papel")

    return tcp(virtual), printed


def _cut(content: bytes) -> list[bytes]:
    """A device is one stream: its pages begin with ESC @."""
    return [b"\x1b@" + page for page in content.split(b"\x1b@")[1:]]


def test_what_was_rendered_is_what_comes_out(station: Opened) -> None:
    printer, printed = station
    page = printer.render(TICKET)
    assert printer.send(page, name="101-A-1").outcome in (Impresion.IMPRESO, Impresion.ENTREGADO)
    assert printed() == [page]


def test_a_repeat_prints_again_and_replaces_nothing(station: Opened) -> None:
    printer, printed = station
    page = printer.render(TICKET)
    for _ in range(3):
        printer.send(page, name="101-A-1")
    assert printed() == [page] * 3


def test_rendering_touches_nothing(station: Opened) -> None:
    printer, printed = station
    assert printer.render(TICKET) == printer.render(TICKET)
    assert printed() == []


def test_the_picture_is_a_png_at_203_dpi(station: Opened, tmp_path: Path) -> None:
    printer, _ = station
    (tmp_path / "ticket.png").write_bytes(printer.picture(printer.render(TICKET)))
    with Image.open(tmp_path / "ticket.png") as image:
        assert round(image.info["dpi"][0]) == 203


def test_a_station_that_is_well_says_so(station: Opened) -> None:
    printer, _ = station
    assert printer.status().startswith(("Lista", "Conectada"))


def test_an_empty_page_is_not_an_error(station: Opened) -> None:
    printer, _ = station
    printer.send(printer.render(Ticket(())), name="vacia")


# --- TCP


def test_a_printer_that_confirms_has_printed_when_send_returns(virtual: VirtualPrinter, tmp_path: Path) -> None:
    printer = tcp(virtual)
    page = printer.render(TICKET)
    assert printer.send(page, name="x").outcome is Impresion.IMPRESO
    assert papers(tmp_path / "papel") == [page]
    assert (tmp_path / "papel" / "0001.png").exists()


def test_a_printer_that_says_nothing_has_it_delivered(virtual: VirtualPrinter) -> None:
    virtual.silent = True
    assert tcp(virtual).send(b"hola\n", name="x").outcome is Impresion.ENTREGADO


@pytest.mark.parametrize(("trouble", "words"), [("paper_out", "no tiene papel"), ("cover_open", "tapa abierta")])
def test_a_printer_in_trouble_receives_nothing(
    virtual: VirtualPrinter, tmp_path: Path, trouble: str, words: str
) -> None:
    setattr(virtual, trouble, True)
    printer = tcp(virtual)
    with pytest.raises(Unavailable, match=words):
        printer.send(b"hola\n", name="x")
    with pytest.raises(Unavailable, match=words):
        printer.status()
    setattr(virtual, trouble, False)
    assert printer.send(b"hola\n", name="x").outcome is Impresion.IMPRESO
    assert papers(tmp_path / "papel") == [b"hola\n"]


@pytest.mark.parametrize("silent", [False, True])
def test_a_printer_that_dies_halfway_leaves_the_paper_in_doubt(virtual: VirtualPrinter, silent: bool) -> None:
    virtual.silent, virtual.dies_after = silent, 10
    printer = tcp(virtual)
    with pytest.raises(Unanswered, match="No se sabe") as told:
        printer.send(printer.render(TICKET), name="x")
    assert told.value.code == "E4012"


def test_a_printer_that_is_off_receives_nothing(virtual: VirtualPrinter) -> None:
    virtual.close()
    with pytest.raises(Unavailable, match="rechaza la conexión") as told:
        tcp(virtual).send(b"hola\n", name="x")
    assert told.value.code == "E4011"
    with pytest.raises(Unavailable, match="rechaza la conexión"):
        tcp(virtual).status()


def test_an_address_that_does_not_exist_is_unavailable() -> None:
    with pytest.raises(Unavailable, match="no se conoce esa dirección"):
        make_printer("CAJA1", "tcp", "no-existe.invalid").send(b"hola\n", name="x")


@contextmanager
def listening(serve: Callable[[socket.socket], None]) -> Iterator[Station]:
    """A server that treats its only client as `serve` says."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def attend() -> None:
            client, _ = server.accept()
            with client:
                serve(client)

        thread = threading.Thread(target=attend)
        thread.start()
        yield Station("CAJA1", Paper(), Tcp("CAJA1", *server.getsockname(), patience=0.5, pause=0.5))
        thread.join()


def test_a_printer_that_stops_reading_does_not_hold_the_line_for_ever() -> None:
    done = threading.Event()
    with listening(lambda client: done.wait(10) and None) as printer:
        try:
            with pytest.raises(Unanswered, match="no responde"):
                printer.send(b"x" * (32 << 20), name="x")
        finally:
            done.set()


def answering(answers: dict[bytes, bytes]) -> Callable[[socket.socket], None]:
    """A printer that gives fixed answers, each as often as it is asked."""

    def serve(client: socket.socket) -> None:
        while received := client.recv(1 << 16):
            # A question may arrive in one piece with the page before it.
            client.sendall(next((answers[asked] for asked in answers if received.endswith(asked)), b""))

    return serve


def test_a_printer_that_hangs_up_on_a_second_client_has_received_nothing() -> None:
    with listening(lambda client: None) as printer, pytest.raises(Unavailable, match="cortó la conexión"):
        printer.send(b"hola\n", name="x")


def test_a_silent_printer_that_hangs_up_after_the_page_has_it_delivered() -> None:
    def serve(client: socket.socket) -> None:
        received = b""
        while not received.endswith(b"hola\n"):
            received += client.recv(100)
        client.shutdown(socket.SHUT_WR)
        while client.recv(100):
            pass

    with listening(serve) as printer:
        assert printer.send(b"hola\n", name="x").outcome is Impresion.ENTREGADO


def test_a_printer_that_answered_before_and_not_after_leaves_doubt() -> None:
    def serve(client: socket.socket) -> None:
        for answer in (b"\x12", b"\x12", b"\x12", b"\x00"):
            client.recv(1 << 16)
            client.sendall(answer)
        while client.recv(1 << 16):
            pass

    with listening(serve) as printer, pytest.raises(Unanswered, match="dejó de responder"):
        printer.send(b"hola\n", name="x")


def test_a_printer_that_ran_out_of_paper_meanwhile_leaves_doubt() -> None:
    def serve(client: socket.socket) -> None:
        answers = iter([b"\x12", b"\x12", b"\x12", b"\x00", b"\x0c", b"\x1a", b"\x32", b"\x72"])
        while received := client.recv(1 << 16):
            if received != b"hola\n":
                client.sendall(next(answers))

    with listening(serve) as printer, pytest.raises(Unanswered, match="no tiene papel"):
        printer.send(b"hola\n", name="x")


def test_a_printer_that_is_only_offline_says_that() -> None:
    offline = listening(answering({b"\x10\x04\x01": b"\x1a"}))
    with offline as printer, pytest.raises(Unavailable, match="está fuera de línea"):
        printer.status()


def test_a_printer_that_only_knows_real_time_status_has_it_delivered() -> None:
    with listening(
        answering({b"\x10\x04\x01": b"\x12", b"\x10\x04\x02": b"\x12", b"\x10\x04\x04": b"\x1e"})
    ) as printer:
        assert printer.send(b"hola\n", name="x").outcome is Impresion.ENTREGADO


def test_what_a_printer_says_unasked_is_not_taken_for_an_answer() -> None:
    noise = b"\x11\x13\x10\x00\x00\x00"
    answers = {b"\x10\x04\x01": noise + b"\x12", b"\x10\x04\x02": b"\x12", b"\x10\x04\x04": b"\x12"}
    with listening(answering(answers)) as printer:
        assert printer.status() == "Lista."


def test_a_printer_with_little_paper_says_so() -> None:
    with listening(answering({b"\x10\x04\x01": b"\x12", b"\x10\x04\x04": b"\x1e"})) as printer:
        assert printer.status() == "Lista. Queda poco papel."


def test_pages_of_two_clients_do_not_mix(virtual: VirtualPrinter, tmp_path: Path) -> None:
    pages = [bytes([letter]) * 5000 + b"\n" for letter in b"AB"]
    threads = [threading.Thread(target=tcp(virtual).send, args=(page,), kwargs={"name": "x"}) for page in pages]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(papers(tmp_path / "papel")) == pages


# --- device


def test_a_device_that_is_not_there_is_unavailable_and_not_created(tmp_path: Path) -> None:
    printer = make_printer("CAJA1", "dispositivo", str(tmp_path / "lp0"))
    with pytest.raises(Unavailable, match="no está conectada"):
        printer.send(b"hola\n", name="x")
    with pytest.raises(Unavailable, match="no está conectada"):
        printer.status()
    assert not (tmp_path / "lp0").exists()


def test_a_device_nobody_reads_is_unavailable(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "lp0")
    with pytest.raises(Unavailable, match="no está conectada"):
        make_printer("CAJA1", "dispositivo", str(tmp_path / "lp0")).send(b"hola\n", name="x")


def test_a_folder_for_a_device_is_a_wrong_setting(tmp_path: Path) -> None:
    with pytest.raises(NeedsOperator, match="no se puede escribir"):
        make_printer("CAJA1", "dispositivo", str(tmp_path)).send(b"hola\n", name="x")


def test_a_terminal_passes_every_byte_untouched() -> None:
    page = bytes(range(256)) * 2 + b"\n\x04\x03\x11\x13"
    leader, follower = os.openpty()
    try:
        make_printer("CAJA1", "dispositivo", os.ttyname(follower)).send(page, name="x")
        received = b""
        while select.select([leader], [], [], 0.2)[0]:
            received += os.read(leader, 4096)
    finally:
        os.close(leader)
        os.close(follower)
    assert received == page


def test_a_device_that_blocks_halfway_leaves_the_paper_in_doubt(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "lp0")
    reader = os.open(tmp_path / "lp0", os.O_RDONLY | os.O_NONBLOCK)
    try:
        printer = Station("CAJA1", Paper(), Device("CAJA1", str(tmp_path / "lp0"), patience=0.2))
        with pytest.raises(Unanswered, match="no responde después de recibir"):
            printer.send(b"x" * (1 << 20), name="x")
        with pytest.raises(Unavailable, match="no responde"):
            printer.send(b"x", name="x")
    finally:
        os.close(reader)


# --- folder


def test_a_folder_that_is_missing_is_waited_for(tmp_path: Path) -> None:
    printer = make_printer("CAJA1", "carpeta", str(tmp_path / "papel"))
    with pytest.raises(Unavailable, match="No existe la carpeta"):
        printer.send(b"hola\n", name="x")
    with pytest.raises(NeedsOperator, match="no existe la carpeta"):
        printer.status()
    (tmp_path / "papel").mkdir()
    printer.send(b"hola\n", name="x")
    assert papers(tmp_path / "papel") == [b"hola\n"]


def test_a_folder_on_a_full_disk_is_waited_for_and_a_page_that_is_there_is_not_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the page nothing left; with it, and a folder that could not be synced, nobody knows."""
    printer = make_printer("CAJA1", "carpeta", str(tmp_path))

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "full")

    for name, raised in (("_sync_all", Unavailable), ("_sync_folders", Unanswered)):
        with monkeypatch.context() as patch:
            patch.setattr(files, name, full)
            with pytest.raises(raised, match="disco está lleno"):
                printer.send(b"hola\n", name="x")
    assert papers(tmp_path) == [b"hola\n"]


def test_a_name_never_leaves_its_folder(tmp_path: Path) -> None:
    (tmp_path / "salida").mkdir()
    printer = make_printer("CAJA1", "carpeta", str(tmp_path / "salida"))
    for name in ("../fuera", "/etc/x", "..", "", "a\0b"):
        printer.send(b"hola\n", name=name)
    assert [path.name for path in tmp_path.iterdir()] == ["salida"]
    assert len(papers(tmp_path / "salida")) == 5


# --- fake


def test_the_fake_fails_on_cue_and_only_then() -> None:
    fake = FakePrinter()
    fake.fail_next(Unavailable("E4011", "sin papel"))
    with pytest.raises(Unavailable, match="sin papel"):
        fake.send(b"x", name="x")
    fake.send(b"x", name="y")
    assert fake.pages == [("y", b"x")]
