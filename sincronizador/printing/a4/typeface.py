"""The letters of A4: Roboto, DejaVu Sans Mono for what it lacks, and something plainer for what both lack."""

import threading
from collections.abc import Iterator
from functools import cache
from itertools import groupby

from sincronizador.core.letters import normal
from sincronizador.printing.font import font_path, roboto_path
from sincronizador.printing.paper import Fitting

REGULAR, BOLD, OTHER = "Roboto", "Roboto-Bold", "DejaVuSansMono"
CAPITALS = 0.711
"""Height of Roboto's capitals and figures, of its size."""
FONTS = threading.Lock()
"""All documents share the fonts, which are read by position while their letters are taken out of them."""
_PER_MILLE = 1000


def fit(text: str) -> str:
    """
    A single line of `text` in letters that can be set.

    What no font has is transliterated as on a roll and becomes ``?`` at worst; control characters become spaces.
    """
    text = normal("NFC", text)
    return text if _widths(REGULAR).keys() >= set(text) else text.translate(_fitting())


def width(text: str, points: float, *, bold: bool) -> float:
    """Points that a fitted line takes."""
    widths = _widths(BOLD if bold else REGULAR)
    try:
        return sum(map(widths.__getitem__, text)) * points / _PER_MILLE
    except KeyError:
        others = _widths(OTHER)
        return sum(widths.get(letter) or others[letter] for letter in text) * points / _PER_MILLE


def spans(text: str, *, bold: bool) -> Iterator[tuple[str, str]]:
    """Fonts and letters of a fitted line, from left to right."""
    font = BOLD if bold else REGULAR
    widths = _widths(font)
    if widths.keys() >= set(text):
        yield font, text
        return
    for known, letters in groupby(text, widths.__contains__):
        yield font if known else OTHER, "".join(letters)


def regular() -> str:
    """The name of the font of running text, once it and its bold can be set."""
    for font in (REGULAR, BOLD):
        _widths(font)
    return REGULAR


@cache
def _widths(font: str) -> dict[str, float]:
    """The letters that a font has and their widths in thousandths of the size; it can be set from then on."""
    from reportlab.pdfbase.pdfmetrics import getFont, getRegisteredFontNames, registerFont
    from reportlab.pdfbase.ttfonts import TTFont

    with FONTS:
        if font not in getRegisteredFontNames():
            path = font_path() if font == OTHER else roboto_path(bold=font == BOLD)
            # Codes that are not those of ASCII leave out the letters that a document does not use.
            registerFont(TTFont(font, path, asciiReadable=0))
    return {chr(code): width for code, width in getFont(font).face.charWidths.items() if chr(code).isprintable()}


@cache
def _fitting() -> Fitting:
    return Fitting(lambda letter: letter in _widths(REGULAR) or letter in _widths(OTHER))
