"""Pictures as rows of dots, and as ``GS v 0``; a QR as such, for a printer that does not draw one itself."""

from collections.abc import Sequence

from sincronizador.printing.qr import Symbol

_BAND = 64
"""Rows sent at a time: what the small memory of a clone holds."""


def bands(rows: Sequence[bytes]) -> bytes:
    """The commands that print rows of dots, all as long: eight dots in a byte, 1 is black."""
    return b"".join(_band(rows[at : at + _BAND]) for at in range(0, len(rows), _BAND))


def centred(symbol: Symbol, dots: int) -> list[bytes]:
    """
    The QR in the middle of a line of so many dots.

    The white at its left is part of the picture: not every printer aligns pictures as it aligns text.
    """
    side = symbol.modules * symbol.module_dots
    left = (dots - side) // 2
    width = -(-(left + side) // 8)
    return [
        _row(modules, symbol.module_dots, left, width) for modules in symbol.rows for _ in range(symbol.module_dots)
    ]


def _row(modules: bytes, module_dots: int, left: int, width: int) -> bytes:
    """A row of dots, the first in the highest bit."""
    letters = "0" * left + "".join("01"[module] * module_dots for module in modules)
    return int(letters.ljust(width * 8, "0"), 2).to_bytes(width, "big")


def _band(rows: Sequence[bytes]) -> bytes:
    return b"\x1dv0\x00" + len(rows[0]).to_bytes(2, "little") + len(rows).to_bytes(2, "little") + b"".join(rows)
