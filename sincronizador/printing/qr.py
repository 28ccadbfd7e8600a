"""The QR as a matrix, and how large its modules are printed."""

from dataclasses import dataclass
from functools import lru_cache

from sincronizador.printing.paper import DOTS_PER_MM

QR_MIN_MM, QR_MAX_MM = 22, 30
"""Width of the printed QR. Formato CFE v25.2, representación impresa."""


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
