"""Texts as lines that fit between two edges."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sincronizador.core.ticket import Align, Row, Size, Text
from sincronizador.printing.a4.typeface import fit, width

MM = 72 / 25.4
"""Points."""
POINTS = {Size.NORMAL: 8.5, Size.LARGE: 12.1, Size.HUGE: 16.0}
"""Capitals of 2.1, 3.0 and 4.0 mm: the law asks for 2 mm, and for 3 mm in type, RUC, series and legends."""
_LEADING = 1.25
_BETWEEN = 4 * MM
"""Least distance between what stands at the left and at the right of a line."""


@dataclass(frozen=True, slots=True)
class Run:
    """A line of text as it will be set."""

    text: str
    size: Size = Size.NORMAL
    bold: bool = False
    align: Align = Align.LEFT

    @property
    def width(self) -> float:
        """In points."""
        return width(self.text, POINTS[self.size], bold=self.bold)

    @property
    def height(self) -> float:
        """Points to the next line."""
        return POINTS[self.size] * _LEADING


@dataclass(frozen=True, slots=True)
class Pair:
    """A line with something at the left and something at the right; one of them may be empty."""

    left: Run
    right: Run

    @property
    def height(self) -> float:
        """Points to the next line."""
        return self.left.height


def set_text(texts: Sequence[Text], room: float) -> tuple[Run, ...]:
    """Paragraphs as lines no wider than `room`."""
    return tuple(
        Run(line, text.size, text.bold, text.align)
        for text in texts
        for paragraph in text.text.splitlines() or [""]
        for line in _wrap(fit(paragraph), room, text.size, bold=text.bold)
    )


def set_row(row: Row, room: float) -> tuple[Pair, ...]:
    """A row as lines: the left wrapped beside the right, or above it when the right takes most of the line."""
    left, right = fit(row.left), fit(row.right)
    beside = room - width(right, POINTS[row.size], bold=row.bold) - _BETWEEN
    is_beside = beside > room / 4
    lefts = list(_wrap(left, beside if is_beside else room, row.size, bold=row.bold))
    rights = [right] if is_beside else list(_wrap(right, room, row.size, bold=row.bold))
    above = len(lefts) - (1 if is_beside else 0)
    return tuple(
        Pair(
            Run(lefts[at] if at < len(lefts) else "", row.size, row.bold, Align.LEFT),
            Run(rights[at - above] if at >= above else "", row.size, row.bold, Align.RIGHT),
        )
        for at in range(above + len(rights))
    )


def height_of(lines: Sequence[Run] | Sequence[Pair]) -> float:
    """Points that lines take one below the other."""
    return sum(line.height for line in lines)


def _wrap(text: str, room: float, size: Size, *, bold: bool) -> Iterator[str]:
    """Words are cut only when they are wider than a line; blanks within a line are kept."""

    def fits(words: str) -> bool:
        return width(words, POINTS[size], bold=bold) <= room

    if fits(text):
        yield text
        return
    line: str | None = None
    for word in text.split(" "):
        joined = word if line is None else f"{line} {word}"
        if fits(joined):
            line = joined
            continue
        if line:
            yield line
        *full, line = _cut(word, fits)
        yield from full
    yield line or ""


def _cut(word: str, fits: Callable[[str], bool]) -> Iterator[str]:
    """A word in pieces that fit, of one letter at least."""
    start = 0
    for end in range(1, len(word)):
        if not fits(word[start : end + 1]):
            yield word[start:end]
            start = end
    yield word[start:]
