"""From blocks to lines: what stands in each line of the paper. Pure, and the same for every printer of one width."""

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from sincronizador.core.ticket import Align, Box, Row, Rule, Size, Text
from sincronizador.printing.paper import DOTS_PER_MM, Paper, cells, height

_BOX_HEIGHT = 10 * DOTS_PER_MM
"""The law's boxes are 1 cm high at least. Formato CFE v25.2, representación impresa."""


@dataclass(frozen=True, slots=True)
class Span:
    """Letters of one size in a line."""

    text: str
    size: Size = Size.NORMAL
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One printed line; it never holds more than the paper's columns."""

    spans: tuple[Span, ...]
    align: Align = Align.LEFT
    joined: bool = False
    """Printed without space to the next line, so that the sides of a frame meet."""

    @property
    def columns(self) -> int:
        """How many columns it takes."""
        return sum(len(span.text) * cells(span.size) for span in self.spans)

    @property
    def height(self) -> int:
        """In dots, without the space between lines."""
        return max(height(span.size) for span in self.spans)


def lines(block: Text | Row | Rule | Box, paper: Paper) -> Iterator[Line]:
    """The lines of a block. Words are cut only when they are longer than a line."""
    match block:
        case Text():
            for part in _wrap(block.text, paper.letters(block.size), paper):
                yield Line((Span(part, block.size, block.bold),), block.align)
        case Row():
            for part in _row(block, paper.letters(block.size), paper):
                yield Line((Span(part, block.size, block.bold),))
        case Rule():
            yield Line((Span(_rule(paper, double=block.double) * paper.columns),))
        case Box():
            yield from _box(block, paper)


def _wrap(text: str, width: int, paper: Paper) -> list[str]:
    """The text in lines of up to `width` letters; line breaks and the indentation of each paragraph are kept."""
    parts: list[str] = []
    for paragraph in text.splitlines() or [""]:
        fitted = paper.page.fit(paragraph).rstrip()
        parts += textwrap.wrap(fitted, width, break_on_hyphens=False) or [""]
    return parts


def _row(row: Row, width: int, paper: Paper) -> list[str]:
    """The left side wrapped; the right side ends the last line, or has one of its own when there is no room."""
    right = paper.page.fit(row.right).strip()
    *above, last = _wrap(row.left, width, paper)
    if len(last) + 1 + len(right) <= width:
        return [*above, last + right.rjust(width - len(last))]
    return [*above, last, *(part.rjust(width) for part in _wrap(right, width, paper))]


def _rule(paper: Paper, *, double: bool) -> str:
    if paper.page.framed:
        return "═" if double else "─"
    return "=" if double else "-"


def _box(box: Box, paper: Paper) -> Iterator[Line]:
    left_top, right_top, left_foot, right_foot, side = "┌┐└┘│" if paper.page.framed else "++++|"
    across = _rule(paper, double=False) * (paper.columns - 2)
    inside = [line for text in box.lines for line in _inside(text, side, paper)]
    air = [Line((Span(side + " " * (paper.columns - 2) + side),), joined=True)]
    top = Line((Span(left_top + across + right_top),), joined=True)
    # The frame is drawn through the middle of its letters: half of each counts as inside.
    if top.height + sum(line.height for line in inside) < _BOX_HEIGHT:
        inside = [*air, *inside, *air]
    yield from (top, *inside, Line((Span(left_foot + across + right_foot),)))


def _inside(text: Text, side: str, paper: Paper) -> Iterator[Line]:
    """The lines of a text between the sides of a frame, the sides as high as the text."""
    room = paper.columns - 4
    tall = Size.NORMAL if text.size is Size.NORMAL else Size.LARGE
    for part in _wrap(text.text, room // cells(text.size), paper):
        spare = room - len(part) * cells(text.size)
        before = {Align.LEFT: 0, Align.CENTER: spare // 2, Align.RIGHT: spare}[text.align]
        left = Span(f"{side} {' ' * before}", tall)
        right = Span(f"{' ' * (spare - before)} {side}", tall)
        yield Line((left, Span(part, text.size, text.bold), right), joined=True)
