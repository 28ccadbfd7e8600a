"""The issuer's logo as it stands on a sheet."""

import io
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sincronizador.printing.a4.typeset import MM

_WIDEST, _TALLEST = 70 * MM, 20 * MM
"""The law lets it take a fifth of the form; this is a fifteenth of its height and a third of its width."""
_DPI = 200


@dataclass(frozen=True, slots=True)
class Logo:
    """A picture with its size in points."""

    image: Any
    width: float
    height: float


@lru_cache(maxsize=4)
def logo_of(content: bytes) -> Logo:
    """
    A PNG or JPEG as large as there is room for, without more dots than are printed.

    Transparent parts are white paper. Raises what Pillow raises for anything else.
    """
    from PIL import Image
    from reportlab.lib.utils import ImageReader

    with Image.open(io.BytesIO(content)) as opened:
        picture = opened.convert("RGBA")
    scale = min(_WIDEST / picture.width, _TALLEST / picture.height)
    width, height = picture.width * scale, picture.height * scale
    picture.thumbnail((round(width * _DPI / 72), round(height * _DPI / 72)), Image.Resampling.LANCZOS)
    paper = Image.new("RGB", picture.size, "white")
    paper.paste(picture, mask=picture)
    return Logo(ImageReader(paper), width, height)
