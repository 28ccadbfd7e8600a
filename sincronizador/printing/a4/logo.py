"""The issuer's logo as it stands on a sheet."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from PIL import Image

from sincronizador.printing.a4.typeset import MM
from sincronizador.printing.logo import on_paper

_WIDEST, _TALLEST = 70 * MM, 20 * MM
"""The law lets it take a fifth of the form; this is a fifteenth of its height and a third of its width."""
_DOTS = 200 / 72
"""Of a point, as many as are worth printing."""


@dataclass(frozen=True, slots=True)
class Logo:
    """A picture with its size in points."""

    image: Any
    width: float
    height: float


@lru_cache(maxsize=4)
def logo_of(content: bytes) -> Logo:
    """A picture as large as there is room for and as its dots allow, ready to be drawn in many documents."""
    from reportlab.lib.utils import ImageReader

    picture = on_paper(content)
    scale = min(1.0, _WIDEST / picture.width, _TALLEST / picture.height)
    width, height = picture.width * scale, picture.height * scale
    picture.thumbnail((max(1, round(width * _DOTS)), max(1, round(height * _DOTS))), Image.Resampling.LANCZOS)
    return Logo(ImageReader(picture), width, height)
