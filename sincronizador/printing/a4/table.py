"""The table of the document's lines."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sincronizador.core.ticket import Align, Column, Page, Size, Text
from sincronizador.printing.a4.canvas import FINE, STRONG, Pen
from sincronizador.printing.a4.flow import Strip
from sincronizador.printing.a4.head import LEFT, RIGHT
from sincronizador.printing.a4.typeface import fit, width
from sincronizador.printing.a4.typeset import POINTS, Run, set_text

UNDIVIDED = 10
"""Lines of text up to which a line of the document is kept on one sheet; a longer one begins where there is room."""
_CELL = 4.0
_AIR = 1.5
"""Points above and below a line of the document."""
_WIDE = 0.3
"""Least share of the table that is left to the widest column when the others need more room."""
_NUMBER = re.compile(r"-?[\d.]+(,\d+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where a column stands; `tail`: the room from the decimal comma on, 0 where commas are not aligned."""

    left: float
    right: float
    align: Align
    tail: float

    def edge(self, run: Run) -> float:
        """The right edge at which a line of text of this column is set."""
        found = _NUMBER.fullmatch(run.text) if self.tail else None
        return self.right if found is None else self.right - self.tail + _length(found[1] or "")


class Table:
    """The lines of a page as strips."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._places = tuple(_places(page))

    def titles(self) -> Strip:
        """The titles of the columns, above a rule."""
        runs = [Run(fit(column.title), bold=True, align=column.align) for column in self._page.columns]
        tall = Run("").height + 4

        def draw(pen: Pen, y: float) -> None:
            for run, place in zip(runs, self._places, strict=True):
                pen.run(run, place.left, place.right, y - 2, accent=True)
            pen.rule(LEFT, RIGHT, y - tall, STRONG, accent=True)

        return Strip(tall + _AIR, draw)

    def rows(self) -> Iterator[list[Strip]]:
        """Each line of the document as strips, one for each line of text, so that even a huge one goes on overleaf."""
        for row in self._page.rows:
            cells = [
                set_text((Text(cell, place.align),), place.right - place.left)
                for cell, place in zip(row, self._places, strict=True)
            ]
            count = max(len(cell) for cell in cells)
            yield [self._across(cells, at, is_last=at == count - 1) for at in range(count)]

    def _across(self, cells: Sequence[Sequence[Run]], at: int, *, is_last: bool) -> Strip:
        """One line of text; the first has air above it, the last below, and a hair line."""
        above, below = _AIR if at == 0 else 0.0, _AIR if is_last else 0.0
        tall = above + Run("").height + below

        def draw(pen: Pen, y: float) -> None:
            for cell, place in zip(cells, self._places, strict=True):
                if at < len(cell):
                    pen.run(cell[at], place.left, place.edge(cell[at]), y - above)
            if is_last:
                pen.hair(LEFT, RIGHT, y - tall)

        return Strip(tall, draw)


def _places(page: Page) -> Iterator[_Place]:
    cells = [[fit(line) for row in page.rows for line in row[at].splitlines()] for at in range(len(page.columns))]
    tails = [_tail(column, lines) for column, lines in zip(page.columns, cells, strict=True)]
    left = LEFT
    for column, share, tail in zip(page.columns, _shares(page.columns, cells, tails), tails, strict=True):
        right = left + share * (RIGHT - LEFT)
        yield _Place(left=left + _CELL, right=right - _CELL, align=column.align, tail=tail)
        left = right


def _tail(column: Column, lines: Sequence[str]) -> float:
    """Room that the longest decimals of a column take."""
    if not column.decimal:
        return 0
    return max((_length(found[1] or "") for found in map(_NUMBER.fullmatch, lines) if found), default=0)


def _shares(columns: Sequence[Column], cells: Sequence[Sequence[str]], tails: Sequence[float]) -> list[float]:
    """The columns' widths; what does not fit its own takes from the widest column, as long as that one can give."""
    shares = [column.width for column in columns]
    if not columns:
        return shares
    wide = max(range(len(columns)), key=shares.__getitem__)
    needed = [_needed(*each) / (RIGHT - LEFT) for each in zip(columns, cells, tails, strict=True)]
    grown = [share if at == wide else max(share, needed[at]) for at, share in enumerate(shares)]
    rest = 1 - sum(share for at, share in enumerate(grown) if at != wide)
    if rest < _WIDE:
        return shares
    grown[wide] = rest
    return grown


def _needed(column: Column, lines: Sequence[str], tail: float) -> float:
    """Points in which no line and no title of a column is divided."""
    longest = width(fit(column.title), POINTS[Size.NORMAL], bold=True)
    for line in lines:
        found = _NUMBER.fullmatch(line) if tail else None
        longest = max(longest, _length(line) + (tail - _length(found[1] or "") if found else 0))
    return longest + 2 * _CELL + FINE


def _length(text: str) -> float:
    return width(text, POINTS[Size.NORMAL], bold=False)
