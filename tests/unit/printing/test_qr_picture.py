"""The QR as a picture of its own."""

import io

import pytest
import zxingcpp
from PIL import Image

from sincronizador.printing.qr import PICTURE_DOTS, QUIET_MODULES, picture, printed

TEXT = (
    "https://www.efactura.dgi.gub.uy/consultaQR/cfe?219999830019,101,A,9999999,999999999999999.99,21/11/2026,"
    "SVVgZ9%2BjYsaXXVtX8op6jU4y7H0CT7blJlkIzcIsRSA%3D"
)


def drawn(text: str) -> Image.Image:
    return Image.open(io.BytesIO(picture(text)))


@pytest.mark.parametrize("text", [TEXT, TEXT * 2, "A", "Ñandú € 日本"])
def test_a_reader_finds_the_text_in_it(text: str) -> None:
    (code,) = zxingcpp.read_barcodes(drawn(text))
    assert code.text == text


def test_it_is_the_printed_symbol_with_white_around_it() -> None:
    image, symbol = drawn(TEXT).convert("L"), printed(TEXT)
    quiet = QUIET_MODULES * PICTURE_DOTS
    assert image.size == (symbol.modules * PICTURE_DOTS + 2 * quiet,) * 2
    side = image.width
    for edge in (
        (0, 0, side, quiet),
        (0, 0, quiet, side),
        (0, side - quiet, side, side),
        (side - quiet, 0, side, side),
    ):
        assert image.crop(edge).getextrema() == (255, 255)
    middle = PICTURE_DOTS // 2
    for y, row in enumerate(symbol.rows):
        for x, black in enumerate(row):
            at = (quiet + x * PICTURE_DOTS + middle, quiet + y * PICTURE_DOTS + middle)
            assert (image.getpixel(at) == 0) is bool(black)
