"""The QR as a matrix, and how large its modules are printed."""

import io
from dataclasses import dataclass
from functools import lru_cache

from sincronizador.printing.paper import DOTS_PER_MM

QR_MIN_MM, QR_MAX_MM = 22, 30
"""Width of the printed QR. Formato CFE v25.2, representación impresa."""
QUIET_MODULES = 4
"""White modules around a QR that stands alone. ISO/IEC 18004."""
PICTURE_DOTS = 8
"""Dots of a module in a picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Symbol:
    """A QR: its error correction level and its rows of modules, 1 is black. Without the quiet zone around it."""

    level: str
    """``L``, ``M``, ``Q`` or ``H``."""
    rows: tuple[bytes, ...]

    @property
    def modules(self) -> int:
        """Modules on each side."""
        return len(self.rows)

    @property
    def module_dots(self) -> int:
        """Dots of a module at 203 dpi: the fewest that make the QR as wide as the law asks."""
        return -(-QR_MIN_MM * DOTS_PER_MM // self.modules)

    @property
    def width_mm(self) -> float:
        """Width at 203 dpi."""
        return self.modules * self.module_dots / DOTS_PER_MM


@lru_cache(maxsize=64)
def symbol(text: str, level: str) -> Symbol:
    """The QR of a text at one level. It costs milliseconds and a document needs it up to three times: kept a while."""
    import segno

    code = segno.make(text, error=level, encoding="utf-8", micro=False, boost_error=False)
    return Symbol(level=level, rows=tuple(bytes(row) for row in code.matrix))


def printed(text: str) -> Symbol:
    """The QR to print: level M, or L when the text is so long that M would not fit the law's width at 203 dpi."""
    preferred = symbol(text, "M")
    return preferred if preferred.width_mm <= QR_MAX_MM else symbol(text, "L")


def picture(text: str) -> bytes:
    """The same QR as a picture of its own, PNG in black and white with its quiet zone, for who prints it elsewhere."""
    from PIL import Image

    rows = printed(text).rows
    image = Image.new("1", (len(rows) + 2 * QUIET_MODULES,) * 2, 1)
    for y, row in enumerate(rows):
        for x, black in enumerate(row):
            if black:
                image.putpixel((x + QUIET_MODULES, y + QUIET_MODULES), 0)
    image = image.resize((image.width * PICTURE_DOTS, image.height * PICTURE_DOTS))
    content = io.BytesIO()
    image.save(content, "PNG")
    return content.getvalue()
