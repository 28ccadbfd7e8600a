"""What a printer's paper can hold: its columns and its code page, and how any text is made to fit them."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from sincronizador.core.letters import normal
from sincronizador.core.ticket import Size

DOTS_PER_MM = 8
"""203 dots to the inch, the resolution of nearly every till printer."""
CELL_WIDTH, CELL_HEIGHT = 12, 24
"""Dots of a letter of font A: 1.5 by 3 mm."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodePage:
    """The one page of characters that is used on a printer; switching in between is what clones get wrong."""

    name: str
    """As the setting and the encoder call it: ``CP858``."""
    number: int | None
    """What ``ESC t`` calls it on this printer; None: the page is never switched and only ASCII is sent."""
    framed: bool
    """Whether it has the characters of frames."""

    @property
    def codec(self) -> str:
        """Python's name of it."""
        return "ascii" if self.number is None else self.name.lower()

    def fit(self, text: str) -> str:
        """
        A single line of `text` in characters that this page has, one cell each.

        What it lacks is transliterated (``Á`` to ``A``, ``€`` to ``EUR``); control characters become spaces, so no text
        can command the printer. Only letters of other scripts become ``?``.
        """
        return normal("NFC", text).translate(_fitting(self.codec))


CODE_PAGES = {
    page.name: page
    for page in (
        CodePage(name="CP858", number=19, framed=True),
        CodePage(name="CP850", number=2, framed=True),
        CodePage(name="CP437", number=0, framed=True),
        CodePage(name="CP1252", number=16, framed=False),
        CodePage(name="ASCII", number=None, framed=False),
    )
}
"""The pages a printer may be set to, with the numbers that Epson gave them."""


class CutMode(StrEnum):
    """What a printer's knife can do."""

    FULL = "total"
    PARTIAL = "parcial"
    NONE = "no"


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A roll in a printer, as the layout and the encoder see it, and what that printer can do with it."""

    columns: int = 48
    """Letters of normal size in a line: 48 or 42 on 80 mm, 32 on 58 mm."""
    page: CodePage = CODE_PAGES["CP858"]
    draws_qr: bool = True
    """Whether it draws a QR from its text; else it is sent the QR's dots."""
    cut: CutMode = CutMode.FULL
    beeps: int = 0
    """After an original."""

    @property
    def dots(self) -> int:
        """Width of a line."""
        return self.columns * CELL_WIDTH

    def letters(self, size: Size) -> int:
        """Letters of `size` in a line."""
        return self.columns // cells(size)


def cells(size: Size) -> int:
    """Columns that a letter of `size` takes."""
    return 2 if size is Size.HUGE else 1


def height(size: Size) -> int:
    """Dots that a letter of `size` is high."""
    return CELL_HEIGHT if size is Size.NORMAL else 2 * CELL_HEIGHT


_PLAIN = str.maketrans(
    {
        "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‘": "'", "’": "'", "´": "'", "`": "'",
        "–": "-", "—": "-", "‐": "-", "‑": "-", "−": "-", "•": "*", "·": "-", "×": "x", "⁄": "/", "¬": "-",
        "€": "EUR", "£": "GBP", "¢": "c", "¿": "", "¡": "", "°": "o", "§": "S", "¶": "", "±": "+-", "÷": "/",
        "©": "(c)", "®": "(r)", "ß": "ss", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "ł": "l",
        "Ł": "L", "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ı": "i",
    }
)  # fmt: skip


class Fitting(dict[int, str]):
    """
    A table for `str.translate` that learns what becomes of a letter when it first meets it.

    What the paper lacks is transliterated or dropped (controls, marks); only letters of other scripts become ``?``.
    """

    def __init__(self, has: Callable[[str], bool]) -> None:
        super().__init__()
        self._has = has

    def __missing__(self, code: int) -> str:
        fitted = self._fit(chr(code))
        self[code] = fitted
        return fitted

    def _fit(self, letter: str) -> str:
        category = unicodedata.category(letter)
        if category in ("Cc", "Zs", "Zl", "Zp"):
            return " "
        if category in ("Cf", "Mn", "Me"):
            return ""
        if self._has(letter):
            return letter
        plainer = letter.translate(_PLAIN)
        if plainer == letter:
            plainer = unicodedata.normalize("NFKD", letter)
        return "?" if plainer == letter else plainer.translate(self)


@cache
def _fitting(codec: str) -> Fitting:
    def has(letter: str) -> bool:
        try:
            letter.encode(codec)
        except UnicodeEncodeError:
            return False
        return True

    return Fitting(has)
