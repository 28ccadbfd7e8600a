"""From blocks to lines: what stands in each line of the paper. Pure, and the same for every printer of one width."""

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from sincronizador.core.ticket import Align, Box, Phrases, Row, Rule, Size, Text
from sincronizador.printing.paper import DOTS_PER_MM, Paper, cells, height

_BOX_HEIGHT = 10 * DOTS_PER_MM
"""The law's boxes are 1 cm high at least. Formato CFE v25.2, representación impresa."""
_AMOUNTS = 10
"""Letters of the column of amounts: ``99.999,99`` and a blank. Only larger amounts push what stands before them."""
_DOT = " · "


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


def lines(block: Text | Phrases | Row | Rule | Box, paper: Paper) -> Iterator[Line]:
    """The lines of a block. Words are cut only when they are longer than a line."""
    match block:
        case Text():
            size = _fitting(block.size, paper.page.fit(block.text), paper.columns)
            for part in _wrap(block.text, paper.letters(size), paper):
                yield Line((Span(part, size, block.bold),), block.align)
        case Phrases():
            for text in _shared(block.texts, paper.letters(block.size), paper):
                yield from lines(Text(text, block.align, block.size, block.bold), paper)
        case Row():
            whole = " ".join(filter(None, (block.left, block.middle, block.right)))
            size = _fitting(block.size, paper.page.fit(whole), paper.columns)
            for part in _row(block, paper.letters(size), paper):
                yield Line((Span(part, size, block.bold),))
        case Rule():
            yield Line((Span(_rule(paper, double=block.double) * paper.columns),))
        case Box():
            yield from _box(block, paper)


def _fitting(size: Size, text: str, columns: int) -> Size:
    """The size that a text has in so many columns: letters of double width only where they need no second line."""
    return Size.LARGE if size is Size.HUGE and len(text) * cells(size) > columns else size


def _wrap(text: str, width: int, paper: Paper, hang: str = "") -> list[str]:
    """
    The text in lines of up to `width` letters; line breaks and the indentation of each paragraph are kept.

    What goes on in a further line stands `hang` further in.
    """
    parts: list[str] = []
    for paragraph in text.splitlines() or [""]:
        fitted = paper.page.fit(paragraph).rstrip()
        indent = fitted[: min(len(fitted) - len(fitted.lstrip()), width // 2)]
        parts += textwrap.wrap(fitted, width, subsequent_indent=indent + hang, break_on_hyphens=False) or [""]
    return parts


def _shared(texts: tuple[str, ...], width: int, paper: Paper) -> Iterator[str]:
    """The texts, as many in a line as fit."""
    line = ""
    for text in filter(None, texts):
        longer = f"{line}{_DOT}{text}" if line else text
        if line and len(paper.page.fit(longer)) > width:
            yield line
            longer = text
        line = longer
    if line:
        yield line


def _row(row: Row, width: int, paper: Paper) -> list[str]:
    """The left side wrapped; the right side ends the last line, or has one of its own when there is no room."""
    right, middle = paper.page.fit(row.right).strip(), paper.page.fit(row.middle)
    side = middle + right.rjust(max(_AMOUNTS, len(right) + 1)) if middle else right
    # A letter to the right: so one row's second line is not taken for the next row.
    *above, last = _wrap(row.left, width, paper, " ")
    if len(last) + (2 if middle else 1) + len(side) <= width:
        return [*above, last + side.rjust(width - len(last))]
    alone = [side] if len(side) <= width else [part for text in (middle, right) for part in _wrap(text, width, paper)]
    return [*above, last, *(part.rjust(width) for part in alone)]


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
    if not box.is_tight and top.height + sum(line.height for line in inside) < _BOX_HEIGHT:
        inside = [*air, *inside, *air]
    yield from (top, *inside, Line((Span(left_foot + across + right_foot),)))


def _inside(text: Text, side: str, paper: Paper) -> Iterator[Line]:
    """The lines of a text between the sides of a frame, the sides as high as the text."""
    room = paper.columns - 4
    size = _fitting(text.size, paper.page.fit(text.text), room)
    tall = Size.NORMAL if size is Size.NORMAL else Size.LARGE
    for part in _wrap(text.text, room // cells(size), paper):
        spare = room - len(part) * cells(size)
        before = {Align.LEFT: 0, Align.CENTER: spare // 2, Align.RIGHT: spare}[text.align]
        left = Span(f"{side} {' ' * before}", tall)
        right = Span(f"{' ' * (spare - before)} {side}", tall)
        yield Line((left, Span(part, size, text.bold), right), joined=True)
