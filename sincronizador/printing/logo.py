"""An issuer's logo: what is taken for one, and the dots that a till printer makes of it."""

import io
import warnings
from functools import lru_cache

from PIL import Image, ImageOps

from sincronizador.printing.paper import DOTS_PER_MM

LARGEST = 2_000_000
"""Bytes of a file."""
MOST_PIXELS = 4_000_000
_FORMATS = ("PNG", "JPEG")
_HIGH = 20 * DOTS_PER_MM
"""The law gives a logo a fifth of the paper, and a paper is 15 cm long at least: 2 cm always are less than that."""
_WIDEST = 576
"""Dots of a line on 80 mm: what is found to be a logo is ready for the first ticket there."""
_WHITE = 255
_GREYS = 0.15
"""Share of pixels neither dark nor light from which on a picture is a photograph, and not a drawing."""
_REAL_TIME = ((b"\x10\x04", b"\x18\x04"), (b"\x10\x05", b"\x18\x05"), (b"\x10\x14", b"\x18\x14"))
"""
What printers obey even in the middle of a picture (a question about their state, a pulse to the drawer), and the same
with one more dot.
"""


def problem(content: bytes) -> str:
    """What these bytes should be, if they are no logo: ``una imagen PNG o JPEG``. A bomb is not unpacked."""
    if len(content) > LARGEST:
        return f"un archivo de hasta {LARGEST // 1_000_000} MB"
    large = f"una imagen de hasta {MOST_PIXELS // 1_000_000} millones de puntos"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with Image.open(io.BytesIO(content), formats=_FORMATS) as image:
                if image.width * image.height > MOST_PIXELS:
                    return large
            rows(content, _WIDEST)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        return large
    # Pillow's readers answer broken bytes with whatever zlib, struct or their C code says.
    except Exception:
        return "una imagen PNG o JPEG que se pueda abrir"
    return ""


@lru_cache(maxsize=8)
def rows(content: bytes, dots: int) -> tuple[bytes, ...]:
    """
    The logo in the middle of a line of so many dots, 2 cm high at most and never larger than it is: eight dots in a
    byte, 1 is black. All rows are as long.

    A drawing keeps its edges; a photograph becomes a pattern of dots. The white at the left is part of the picture: not
    every printer aligns pictures as it aligns text. `content` is what `problem` found none with.
    """
    grey = on_paper(content).convert("L")
    scale = min(1.0, dots / grey.width, _HIGH / grey.height)
    size = (max(1, round(grey.width * scale)), max(1, round(grey.height * scale)))
    return _packed(_black_and_white(grey.resize(size, Image.Resampling.LANCZOS)), dots)


def on_paper(content: bytes) -> Image.Image:
    """The logo in its colours, upright, on white paper, without the white around it."""
    with Image.open(io.BytesIO(content), formats=_FORMATS) as opened:
        upright = ImageOps.exif_transpose(opened)
        image = (upright.convert("RGB") if upright.mode == "CMYK" else upright).convert("RGBA")
    paper = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    drawn = ImageOps.invert(paper.convert("L")).point(lambda value: 0 if value < 16 else value).getbbox()
    return paper.crop(drawn) if drawn else paper


def _black_and_white(grey: Image.Image) -> Image.Image:
    histogram = grey.histogram()
    greys = sum(histogram[64:192]) / (grey.width * grey.height)
    if greys < _GREYS:
        return grey.point(lambda value: 0 if value < 128 else _WHITE, "1")
    return ImageOps.autocontrast(grey, cutoff=1).convert("1", dither=Image.Dither.FLOYDSTEINBERG)


def _packed(image: Image.Image, dots: int) -> tuple[bytes, ...]:
    """Rows of whole bytes, none of which a printer would take for a command."""
    left = (dots - image.width) // 2
    width = -(-(left + image.width) // 8)
    whole = Image.new("1", (width * 8, image.height), 1)
    whole.paste(image, (left, 0))
    packed = bytes(byte ^ 0xFF for byte in whole.tobytes())
    for command, harmless in _REAL_TIME:
        packed = packed.replace(command, harmless)
    return tuple(packed[at : at + width] for at in range(0, len(packed), width))
