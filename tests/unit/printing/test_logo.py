"""The logo at the top of a ticket: what is taken for one, how it looks in black and white, what a printer receives."""

import io
import random
import zlib

import pytest
from PIL import Image, ImageDraw

from sincronizador.core.ticket import Cut, Logo, Text, Ticket
from sincronizador.printing import logo
from sincronizador.printing.commands import commands
from sincronizador.printing.escpos import encode
from sincronizador.printing.paper import DOTS_PER_MM, Paper
from sincronizador.printing.plain import plain
from sincronizador.printing.preview import picture


def saved(image: Image.Image, kind: str = "PNG") -> bytes:
    file = io.BytesIO()
    image.save(file, kind)
    return file.getvalue()


def drawing(size: tuple[int, int] = (900, 360)) -> Image.Image:
    """A dark disc on nothing."""
    image = Image.new("RGBA", size, (0, 0, 0, 0))
    ImageDraw.Draw(image).ellipse((10, 10, size[1] - 10, size[1] - 10), fill=(20, 30, 90, 255))
    return image


def blackness(rows: tuple[bytes, ...]) -> float:
    """Share of black dots."""
    return sum(byte.bit_count() for row in rows for byte in row) / (8 * len(rows) * len(rows[0]))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_kind_of_png_is_a_logo(mode: str) -> None:
    content = saved(Image.new(mode, (60, 30)))
    assert logo.problem(content) == ""
    assert logo.rows(content, 384)


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_every_kind_of_jpeg_is_a_logo(mode: str) -> None:
    content = saved(Image.new(mode, (60, 30)), "JPEG")
    assert logo.problem(content) == ""
    assert logo.rows(content, 384)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "PNG o JPEG"),
        (b"<svg/>", "PNG o JPEG"),
        (saved(Image.new("L", (9, 9)), "GIF"), "PNG o JPEG"),
        (saved(Image.new("L", (9, 9)), "TIFF"), "PNG o JPEG"),
        (saved(drawing())[:900], "PNG o JPEG"),
        (saved(drawing((2100, 2100))), "4 millones"),
        (saved(Image.new("1", (20_000, 20_000))), "4 millones"),
        (bytes(2_000_001), "2 MB"),
    ],
    ids=["nothing", "svg", "gif", "tiff", "cut off", "large", "bomb", "heavy"],
)
def test_what_is_no_logo_is_told_and_a_bomb_is_not_unpacked(content: bytes, expected: str) -> None:
    assert expected in logo.problem(content)


def test_damaged_pictures_are_told_and_never_crash() -> None:
    content, chance = saved(drawing((60, 40))), random.Random(7)
    for _ in range(200):
        damaged = bytearray(content)
        for _ in range(3):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        if logo.problem(bytes(damaged)) == "":
            assert logo.rows(bytes(damaged), 384)


@pytest.mark.parametrize("columns", [48, 42, 32])
def test_a_large_logo_is_2_cm_high_at_most_and_stands_in_the_middle(columns: int) -> None:
    paper = Paper(columns=columns)
    rows = logo.rows(saved(drawing((400, 400))), paper.dots)
    assert len(rows) == 20 * DOTS_PER_MM
    assert len(rows[0]) * 8 <= paper.dots
    middle = rows[len(rows) // 2]
    black = [at for at in range(len(middle) * 8) if middle[at // 8] & 0x80 >> at % 8]
    assert abs((black[0] + black[-1]) / 2 - paper.dots / 2) <= 2


def test_a_small_logo_is_not_blown_up_and_the_white_around_it_takes_no_paper() -> None:
    image = Image.new("L", (300, 300), "white")
    image.paste(0, (100, 140, 180, 160))
    assert len(logo.rows(saved(image), 576)) == 20


def test_a_drawing_keeps_its_edges_and_a_photograph_becomes_a_pattern() -> None:
    edges = logo.rows(saved(drawing((160, 160))), 576)
    across = int.from_bytes(edges[80], "big")
    assert (across ^ across >> 1).bit_count() <= 4
    shade = logo.rows(saved(Image.linear_gradient("L").crop((0, 60, 256, 200))), 256)
    assert 0.2 < blackness(shade) < 0.8
    assert any(row not in (bytes(len(row)), b"\xff" * len(row)) for row in shade)


def test_the_transparent_is_paper() -> None:
    assert blackness(logo.rows(saved(Image.new("RGBA", (80, 80), (0, 0, 0, 0))), 80)) == 0


def test_no_dots_are_taken_for_a_question_or_a_pulse_to_the_drawer() -> None:
    noise = Image.frombytes("1", (560, 160), random.Random(3).randbytes(70 * 160))
    for trap in (b"\x10\x04", b"\x10\x05", b"\x10\x14"):
        noise.paste(Image.frombytes("1", (16, 1), bytes(byte ^ 0xFF for byte in trap)), (8, 8))
        dots = b"".join(logo.rows(saved(noise), 560))
        assert trap not in dots


def test_the_picture_of_the_bytes_has_the_logo_dot_by_dot_at_its_top() -> None:
    paper = Paper(columns=42)
    content = saved(drawing())
    page = encode(Ticket((Logo(content), Text("Abajo"), Cut())), paper)
    bands = [command.data for command in commands(page) if command.name == b"\x1dv"]
    rows = logo.rows(content, paper.dots)
    assert b"".join(band[6:] for band in bands) == b"".join(rows)
    assert max(int.from_bytes(band[4:6], "little") for band in bands) <= 64
    shown = picture(page, paper).crop((32, 32, 32 + len(rows[0]) * 8, 32 + len(rows))).convert("1")
    assert bytes(byte ^ 0xFF for byte in shown.tobytes()) == b"".join(rows)


def test_a_terminal_is_told_that_there_is_a_logo() -> None:
    assert plain(Ticket((Logo(saved(drawing())), Cut())), Paper()).splitlines()[0].strip() == "[LOGO]"


def test_a_png_with_a_bomb_of_text_is_no_logo() -> None:
    content = saved(drawing((20, 20)))
    text = b"zTXt" + b"a\0\0" + zlib.compress(bytes(80_000_000), 9)
    chunk = len(text[4:]).to_bytes(4, "big") + text + zlib.crc32(text).to_bytes(4, "big")
    assert logo.problem(content[:33] + chunk + content[33:]) != ""
