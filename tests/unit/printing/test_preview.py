"""The picture is what the bytes say: the QR can be read from it, letters are where a printer puts them."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops

from sincronizador.core.ticket import Align, Box, Cut, Row, Size, Text, Ticket
from sincronizador.printing.commands import commands
from sincronizador.printing.escpos import encode
from sincronizador.printing.paper import CODE_PAGES, CodePage, Paper
from sincronizador.printing.preview import picture, png
from sincronizador.printing.trial import trial_ticket

zxingcpp = pytest.importorskip("zxingcpp", reason="pip install zxing-cpp")


def drawn(*blocks: Text | Row | Box | Cut, paper: Paper | None = None) -> Image.Image:
    paper = paper or Paper()
    return picture(encode(Ticket(blocks), paper), paper)


def inked(image: Image.Image) -> tuple[int, int, int, int]:
    """The box around everything that is not white."""
    box = ImageChops.invert(image).getbbox()
    assert box is not None
    return box


@pytest.mark.parametrize("columns", [32, 42, 48])
def test_the_qr_is_read_back_and_is_as_wide_as_the_law_asks(ticket: Ticket, url: str, columns: int) -> None:
    paper = Paper(columns=columns)
    image = Image.open(io.BytesIO(png(encode(ticket, paper), paper)))
    (found,) = zxingcpp.read_barcodes(image)
    assert found.text == url
    assert found.ec_level == "M"
    corners = found.position
    millimetres = (corners.top_right.x - corners.top_left.x) / image.info["dpi"][0] * 25.4
    assert 22 <= millimetres <= 30
    middle = (corners.top_left.x + corners.top_right.x) / 2
    assert abs(middle - image.width / 2) <= 2
    assert image.width == columns * 12 + 64


def test_the_trial_page_fits_every_paper() -> None:
    for columns in (32, 42, 48):
        paper = Paper(columns=columns)
        (found,) = zxingcpp.read_barcodes(picture(encode(trial_ticket("CAJA1", columns), paper), paper))
        assert "PRUEBA-DE-IMPRESORA" in found.text


@pytest.mark.parametrize("page", list(CODE_PAGES.values()), ids=list(CODE_PAGES))
def test_each_code_page_draws_the_letter_that_was_meant(page: CodePage) -> None:
    paper = Paper(page=page)
    assert drawn(Text("ñ"), paper=paper) == drawn(Text("ñ" if page.number is not None else "n"))


def test_a_page_under_another_number_is_drawn_when_the_paper_says_so() -> None:
    other = Paper(page=CodePage(name="CP1252", number=19, framed=False))
    assert drawn(Text("Ñandú"), paper=other) == drawn(Text("Ñandú"))


def test_sizes_are_multiples_of_one_letter() -> None:
    heights = {}
    for size in Size:
        left, top, right, bottom = inked(drawn(Text("H" * 10, size=size)))
        heights[size] = (right - left, bottom - top)
    (wide, tall), (wide_large, tall_large), (wide_huge, tall_huge) = heights.values()
    assert tall >= 14
    assert abs(tall_large - 2 * tall) <= 2
    assert tall_huge == tall_large
    assert abs(wide_large - wide) <= 2
    assert abs(wide_huge - 2 * wide) <= 4


def test_alignment_puts_the_ink_at_its_edge() -> None:
    boxes = {align: inked(drawn(Text("HH", align))) for align in Align}
    assert boxes[Align.LEFT][0] < 32 + 12
    assert abs(boxes[Align.CENTER][0] + boxes[Align.CENTER][2] - (576 + 64)) <= 4
    assert boxes[Align.RIGHT][2] > 576 + 32 - 12


def test_bold_has_more_ink() -> None:
    def ink(image: Image.Image) -> int:
        return sum(255 - shade for shade in image.tobytes())

    assert ink(drawn(Text("TOTAL", bold=True))) > ink(drawn(Text("TOTAL"))) * 1.1


def test_the_sides_of_a_box_are_unbroken_whatever_the_sizes_inside() -> None:
    image = drawn(Box((Text("uno"), Text("DOS", Align.CENTER, Size.LARGE), Text("TRES", Align.RIGHT, Size.HUGE))))
    left, top, right, bottom = inked(image)
    for column in (left, right - 1):
        assert all(image.getpixel((column, row)) == 0 for row in range(top, bottom))


def test_the_cut_is_shown_after_the_paper_was_fed_to_the_knife() -> None:
    text, cut = drawn(Text("x")), drawn(Text("x"), Cut())
    assert cut.height - text.height >= 6 * 30


def test_a_line_that_is_too_long_goes_on_below_as_in_a_printer() -> None:
    assert picture(b"H" * 50 + b"\n", Paper()).height > picture(b"H" * 48 + b"\n", Paper()).height


def test_a_raster_image_is_drawn_dot_by_dot() -> None:
    image = picture(b"\x1dv0\x00\x01\x00\x02\x00\xf0\x0f", Paper())
    left, top, right, bottom = inked(image)
    assert (right - left, bottom - top) == (8, 2)


def test_a_page_that_broke_off_anywhere_can_still_be_shown(ticket: Ticket) -> None:
    content = encode(ticket, Paper())
    for end in range(0, len(content), 7):
        assert picture(content[:end], Paper()).width == 640


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (b"\x1d!\x11\x1bE\x01Hola\n", b"\x1b!\x38Hola\n"),
        (b"\x1bE\x01Hola\n", b"\x1bG\x01Hola\n"),
        (b"Hola\n\n\n", b"Hola\x1bd\x03"),
        (b"Hola\n\n", b"Hola\x1bJ\x3c"),
        (b"Hola\n", b"\x1c.\x1bR\x0c\x1bp\x00\x19\xfaHola\r\n"),
        (b"\n\n", b"\n\n\x1d(k\x03\x001Q0"),
        (b"\n\n", b"\n\n\x1d(k\x03\x001C\x00\x1d(k\x04\x001P0x\x1d(k\x03\x001Q0"),
        (b"\n\n", b"\n\n\x1d(k\xd3\x071P0" + b"x" * 2000 + b"\x1d(k\x03\x001Q0"),
    ],
)
def test_other_ways_to_say_the_same_are_drawn_the_same(ours: bytes, theirs: bytes) -> None:
    assert picture(theirs, Paper()) == picture(ours, Paper())


PIECES = st.sampled_from([b"\x1d(k", b"\x1dv0", b"\x1b!", b"\x1dV", b"\x03\x00", b"1P0", b"1Q0", b"\x1d", b"\x1b"])


@given(st.binary(max_size=80) | st.lists(PIECES | st.binary(max_size=3)).map(b"".join))
def test_no_bytes_break_the_preview(content: bytes) -> None:
    assert picture(content, Paper()).width == 640
    read = b"".join(command.name + command.data for command in commands(content))
    assert content.startswith(read)
