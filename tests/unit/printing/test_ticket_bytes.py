"""The bytes of a ticket, read back as a person would see them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sincronizador.core.ticket import QR, Ticket
from sincronizador.printing.commands import commands
from sincronizador.printing.escpos import encode
from sincronizador.printing.paper import CODE_PAGES, Paper
from sincronizador.printing.qr import printed

ROOT = Path(__file__).parents[3]


def transcript(content: bytes, codec: str) -> list[str]:
    """A line of text for each printed line, with its alignment, emphasis and size; other commands by name."""
    told: list[str] = []
    align, bold, size, line, style = "L", " ", "1x1", "", ""
    for command in commands(content):
        name, data = command.name, command.data
        if not name:
            line, style = line + data.decode(codec), f"{align}{bold}{size}"
        elif name == b"\n":
            told.append(f"{style}|{line}" if line else "|")
            line = ""
        elif name == b"\x1ba":
            align = "LCR"[data[0] % 48]
        elif name == b"\x1bE":
            bold = "B" if data[0] else " "
        elif name == b"\x1d!":
            size = f"{(data[0] >> 4) + 1}x{(data[0] & 7) + 1}"
        elif name == b"\x1d(":
            told.append(f"QR {data[4]} {data[5:]!r}")
        else:
            told.append(f"{name!r} {list(data)}")
    return told


def test_a_ticket_of_48_columns_on_cp858(ticket: Ticket, url: str) -> None:
    assert transcript(encode(ticket, Paper()), "cp858") == [
        r"b'\x1b@' []",
        r"b'\x1c.' []",
        r"b'\x1bR' [0]",
        r"b'\x1bt' [19]",
        "CB2x2|PEÑA Y CÍA.",
        "C 1x1|Av. 18 de Julio 1234",
        "L 1x1|" + "═" * 48,
        "L 1x1|Café molido 250 g, en una bolsa que no cabe en",
        "L 1x1| la línea                               2.351,00",
        "LB1x2|TOTAL                                 $ 2.440,00",
        r"b'\x1b3' [24]",
        "L 1x1|┌──────────────────────────────────────────────┐",
        "L 1x1|│                                              │",
        r"b'\x1b3' [48]",
        "L 1x2|│                CONSUMO FINAL                 │",
        r"b'\x1b3' [24]",
        "L 1x1|│                                              │",
        r"b'\x1b2' []",
        "L 1x1|└──────────────────────────────────────────────┘",
        "|",
        "QR 65 b'2\\x00'",
        "QR 67 b'\\x04'",
        "QR 69 b'1'",
        f"QR 80 b'0{url}'",
        "QR 81 b'0'",
        "|",
        "|",
        "R 1x1|¡Gracias!",
        r"b'\x1bd' [6]",
        r"b'\x1dV' [0]",
    ]


def test_a_printer_that_numbers_its_pages_otherwise_is_told_its_own_number(ticket: Ticket) -> None:
    page = CODE_PAGES["CP858"]
    other = encode(ticket, Paper(page=type(page)(name=page.name, number=13, framed=True)))
    assert other == encode(ticket, Paper()).replace(b"\x1bt\x13", b"\x1bt\x0d")


def test_ascii_never_switches_the_page_and_never_sends_another_byte(ticket: Ticket) -> None:
    sent = encode(ticket, Paper(page=CODE_PAGES["ASCII"]))
    assert b"\x1bt" not in sent
    assert b"".join(command.data for command in commands(sent) if not command.name).isascii()
    assert b"PENA Y CIA." in sent


@pytest.mark.parametrize("length", [1, 20, 60, 100, 130, 155, 200, 300, 400])
def test_the_qr_is_as_wide_as_the_law_asks_whatever_its_length(length: int) -> None:
    symbol = printed("a" * length)
    assert symbol.level == "M"
    assert 22 <= symbol.width_mm <= 30


def test_encoding_is_pure(ticket: Ticket) -> None:
    assert encode(ticket, Paper()) == encode(ticket, Paper())


def test_a_qr_alone_is_centred() -> None:
    assert encode(Ticket((QR("x"),)), Paper()).startswith(b"\x1b@\x1c.\x1bR\x00\x1bt\x13\x1ba\x01\n\x1d(k")


def test_loading_the_encoder_leaves_no_trace_and_ignores_folders_named_usb_or_cups(tmp_path: Path) -> None:
    (tmp_path / "usb").mkdir()
    (tmp_path / "cups").mkdir()
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    program = (
        "import logging\n"
        "from sincronizador.core.ticket import Text, Ticket\n"
        "from sincronizador.printing.escpos import encode\n"
        "from sincronizador.printing.paper import Paper\n"
        "encode(Ticket((Text('x'),)), Paper())\n"
        "assert not logging.root.handlers\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(scratch)}
    subprocess.run([sys.executable, "-W", "error", "-c", program], cwd=tmp_path, env=environment, check=True)
    assert not list(scratch.iterdir())
