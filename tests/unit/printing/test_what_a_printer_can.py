"""What differs from printer to printer: who draws the QR, how it cuts, which code pages it has."""

import io
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from sincronizador.core.ticket import QR, Cut, Text, Ticket
from sincronizador.errors import NeedsOperator
from sincronizador.printing.code_sheet import SAMPLE, settings
from sincronizador.printing.commands import commands
from sincronizador.printing.escpos import encode
from sincronizador.printing.paper import CODE_PAGES, CutMode, Paper
from sincronizador.printing.preview import picture, png
from sincronizador.printing.stations import make_printer

zxingcpp = pytest.importorskip("zxingcpp", reason="pip install zxing-cpp")


@pytest.mark.parametrize("columns", [32, 42, 48])
def test_a_qr_sent_as_dots_is_read_back_of_legal_size_in_the_middle_and_with_white_around(
    ticket: Ticket, url: str, columns: int
) -> None:
    paper = Paper(columns=columns, draws_qr=False)
    image = Image.open(io.BytesIO(png(encode(ticket, paper), paper)))
    (found,) = zxingcpp.read_barcodes(image)
    assert (found.text, found.ec_level) == (url, "M")
    left, right = found.position.top_left, found.position.bottom_right
    assert 22 <= (right.x - left.x) / image.info["dpi"][0] * 25.4 <= 30
    assert abs((left.x + right.x) / 2 - image.width / 2) <= 4
    # Formato CFE: 3 mm of white around it; ISO/IEC 18004: four modules.
    quiet = image.convert("L").crop((left.x - 24, left.y - 24, right.x + 25, right.y + 25))
    for edge in ((0, 0, quiet.width, 20), (0, 0, 20, quiet.height)):
        assert quiet.crop(edge).getextrema() == (255, 255)
    for edge in ((0, quiet.height - 20, quiet.width, quiet.height), (quiet.width - 20, 0, quiet.width, quiet.height)):
        assert quiet.crop(edge).getextrema() == (255, 255)


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=300))
def test_the_dots_are_those_that_the_printer_would_draw(text: str) -> None:
    drawn, sent = (picture(encode(Ticket((QR(text),)), paper), paper) for paper in (Paper(), Paper(draws_qr=False)))
    assert drawn.tobytes() == sent.tobytes()


def test_dots_are_sent_in_pieces_that_a_small_memory_holds(url: str) -> None:
    sent = encode(Ticket((QR(url),)), Paper(draws_qr=False))
    pieces = [command.data for command in commands(sent) if command.name == b"\x1dv"]
    assert len(pieces) > 1
    assert max(map(len, pieces)) <= 4096
    assert b"\x1d(k" not in sent


@pytest.mark.parametrize(("mode", "tail"), [("total", b"\x1bd\x06\x1dV\x00"), ("parcial", b"\x1bd\x06\x1dV\x01")])
def test_the_paper_is_cut_as_the_printer_can(mode: str, tail: bytes) -> None:
    assert encode(Ticket((Cut(),)), Paper(cut=CutMode(mode))).endswith(tail)


def test_without_a_knife_the_paper_is_moved_to_where_it_is_torn() -> None:
    sent = encode(Ticket((Text("x"), Cut())), Paper(cut=CutMode.NONE))
    assert sent.endswith(b"x\n\x1bd\x06")
    assert b"\x1dV" not in make_printer("CAJA1", "carpeta", "/x", corte="no").code_sheet()


def test_chinese_mode_and_national_letters_are_left_before_the_code_page_is_chosen() -> None:
    names = [command.name for command in commands(encode(Ticket((Text("ñ"),)), Paper()))]
    assert names[:4] == [b"\x1b@", b"\x1c.", b"\x1bR", b"\x1bt"]


@pytest.mark.parametrize("columns", [32, 48])
def test_the_sheet_of_code_pages_has_a_line_for_each_setting_that_the_toml_takes(columns: int) -> None:
    station = make_printer("CAJA1", "carpeta", "/x", columnas=columns)
    lines = station.code_sheet().split(b"\n")
    for page in settings():
        setting = f"{page.name}:{page.number}"
        (line,) = (line for line in lines if line.startswith(setting.encode()))
        label, letters = line.split(b"\x1bt", 1)
        assert letters[0] == page.number
        assert letters[1:].decode(page.name) == page.fit(SAMPLE)
        assert len(label) + len(letters) - 1 <= 32
        make_printer("CAJA1", "carpeta", "/x", pagina_codigos=setting)
    numbers = [(page.name, page.number) for page in settings()]
    assert len(set(numbers)) == len(numbers)
    assert {page.name for page in settings()} | {"ASCII"} == set(CODE_PAGES)
    for page in CODE_PAGES.values():
        assert page.number is None or (page.name, page.number) in numbers


def test_the_words_of_the_sheet_are_read_on_any_printer() -> None:
    for line in make_printer("CAJA1", "carpeta", "/x").code_sheet().split(b"\n"):
        words = b"".join(command.data for command in commands(line.split(b"\x1bt")[0]) if not command.name)
        assert words.isascii()
        assert len(words) <= 36


def test_the_number_that_a_printer_has_is_the_one_whose_line_is_right() -> None:
    """Drawn by a printer that has only Epson's numbers, the lines of other numbers differ."""
    station = make_printer("CAJA1", "carpeta", "/x")
    image = Image.open(io.BytesIO(station.picture(station.code_sheet()))).convert("L")
    rows = [
        image.crop((32 + 11 * 12, top, image.width, top + 30)).tobytes() for top in range(32, image.height - 30, 30)
    ]
    first = next(at for at, line in enumerate(station.code_sheet().split(b"\n")) if line.startswith(b"CP858:19"))
    known = [page.number == CODE_PAGES[page.name].number for page in settings()]
    right = rows[first]
    assert [rows[first + at] == right for at, page in enumerate(settings()) if page.name in ("CP858", "CP1252")] == [
        known[at] for at, page in enumerate(settings()) if page.name in ("CP858", "CP1252")
    ]
    assert any(one != other for one, other in pairwise(rows))


@pytest.mark.parametrize(("setting", "named"), [({"qr": "raster"}, "raster"), ({"corte": "medio"}, "medio")])
def test_a_wrong_setting_is_named(setting: dict[str, str], named: str) -> None:
    with pytest.raises(NeedsOperator, match=named):
        make_printer("CAJA1", "tcp", "localhost", **setting)
