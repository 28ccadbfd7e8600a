"""The printer without hardware takes its bytes as they come, in any pieces."""

import socket
import time
from pathlib import Path

from sincronizador.printing.virtual import VirtualPrinter


def talk(printer: VirtualPrinter, *pieces: bytes) -> bytes:
    """Send pieces one by one, then hear everything that was answered."""
    heard = b""
    with socket.create_connection((printer.host, printer.port)) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in pieces:
            client.sendall(piece)
            time.sleep(0.02)
        client.shutdown(socket.SHUT_WR)
        while received := client.recv(100):
            heard += received
    return heard


def test_a_question_is_understood_in_any_pieces_and_never_printed(tmp_path: Path) -> None:
    whole = b"\x10\x04\x01Hola\n\x1dV\x00\x1dr\x01"
    with VirtualPrinter("127.0.0.1", 0, str(tmp_path)) as printer:
        assert talk(printer, whole) == b"\x12\x00"
        assert talk(printer, *(whole[at : at + 1] for at in range(len(whole)))) == b"\x12\x00"
    assert [path.read_bytes() for path in sorted(tmp_path.glob("*.bin"))] == [b"Hola\n\x1dV\x00"] * 2


def test_a_page_without_question_is_printed_when_its_client_goes(tmp_path: Path) -> None:
    with VirtualPrinter("127.0.0.1", 0, str(tmp_path)) as printer:
        assert talk(printer, b"Hola\n\x1d") == b""
    assert (tmp_path / "0001.bin").read_bytes() == b"Hola\n\x1d"


def test_a_printer_put_back_over_its_papers_goes_on_counting(tmp_path: Path) -> None:
    for _ in range(2):
        with VirtualPrinter("127.0.0.1", 0, str(tmp_path)) as printer:
            talk(printer, b"Hola\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0001.bin", "0001.png", "0002.bin", "0002.png"]
