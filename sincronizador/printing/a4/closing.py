"""What closes a document: totals beside notes, legends, the adenda's box."""

from collections.abc import Iterator, Sequence

from sincronizador.core.ticket import Align, Page, Size, Text
from sincronizador.printing.a4.canvas import STRONG, Pen
from sincronizador.printing.a4.flow import Strip, gap
from sincronizador.printing.a4.head import GAP, LEFT, MIDDLE, PAD, RIGHT
from sincronizador.printing.a4.typeset import MM, Pair, Run, height_of, set_row, set_text

_INSET = 5 * MM
"""The law's margin around an adenda inside the sheet."""
_WORTHWHILE = 0.2
"""Share of a sheet that is enough to begin an adenda on that needs several."""


def totals(page: Page, most: float) -> Iterator[Strip]:
    """Name and amount of each total in a box at the right, the notes beside it; in parts of no more than `most`."""
    edge = MIDDLE - GAP if page.totales else RIGHT
    notes: Sequence[Run] = set_text([note for note in page.notas if note.align is Align.LEFT], edge - LEFT - PAD)
    pairs: Sequence[Pair] = [pair for row in page.totales for pair in set_row(row, RIGHT - MIDDLE - 2 * PAD)]
    room = most - GAP - 2 * PAD
    while True:
        fitting_notes, fitting_pairs = _fitting(notes, room), _fitting(pairs, room)
        yield _beside(notes[:fitting_notes], pairs[:fitting_pairs])
        notes, pairs = notes[fitting_notes:], pairs[fitting_pairs:]
        if not (notes or pairs):
            return


def _fitting(lines: Sequence[Run | Pair], room: float) -> int:
    """How many lines, one of them at least, go into a part."""
    used = 0.0
    for count, line in enumerate(lines):
        used += _tall(line)
        if used > room:
            return max(count, 1)
    return len(lines)


def _tall(line: Run | Pair) -> float:
    """A total in large letters has a rule and air above it."""
    return line.height + (PAD if _is_grand(line) else 0)


def _is_grand(line: Run | Pair) -> bool:
    return isinstance(line, Pair) and line.left.size is not Size.NORMAL


def _beside(notes: Sequence[Run], pairs: Sequence[Pair]) -> Strip:
    boxed = sum(map(_tall, pairs)) + 2 * PAD if pairs else 0.0
    tall = max(boxed, sum(map(_tall, notes)) + PAD) if notes or pairs else 0.0

    def draw(pen: Pen, y: float) -> None:
        y -= GAP
        pen.runs(notes, LEFT, RIGHT, y - PAD)
        if pairs:
            pen.frame(MIDDLE, RIGHT, y, y - boxed)
        y -= PAD
        for at, pair in enumerate(pairs):
            if _is_grand(pair) and (at == 0 or not _is_grand(pairs[at - 1])):
                pen.rule(MIDDLE, RIGHT, y - PAD / 2, STRONG, accent=True)
            y -= _tall(pair) - pair.height
            pen.pairs((pair,), MIDDLE + PAD, RIGHT - PAD, y)
            y -= pair.height

    return Strip(GAP + tall, draw)


def legends(page: Page) -> list[Strip]:
    """What the whole form is worth, in the middle below the totals."""
    runs = set_text([note for note in page.notas if note.align is not Align.LEFT], RIGHT - LEFT)
    return [gap(GAP), *map(_line, runs)] if runs else []


def _line(run: Run) -> Strip:
    return Strip(run.height, lambda pen, y: pen.run(run, LEFT, RIGHT, y))


def adenda(page: Page, left: float, whole: float) -> Iterator[Strip]:
    """
    A box 5 mm inside the body, headed ADENDA; where a sheet cannot hold it, one box on each.

    `left` is what is left of this sheet, `whole` what any further one has.
    """
    if not page.adenda.strip():
        return
    runs: Sequence[Run] = set_text((Text(page.adenda),), RIGHT - LEFT - 2 * _INSET - 2 * PAD)
    title = Run("ADENDA", bold=True)
    around = title.height + 2 * PAD + 2 * _INSET
    most = left if height_of(runs) + around > whole and left > whole * _WORTHWHILE else whole
    while runs:
        count = _fitting(runs, most - around)
        yield _box((title, *runs[:count]))
        runs, title, most = runs[count:], Run("ADENDA (continuación)", bold=True), whole


def _box(runs: Sequence[Run]) -> Strip:
    left, right, tall = LEFT + _INSET, RIGHT - _INSET, height_of(runs) + 2 * PAD

    def draw(pen: Pen, y: float) -> None:
        pen.frame(left, right, y - _INSET, y - _INSET - tall)
        pen.run(runs[0], left + PAD, right - PAD, y - _INSET - PAD, accent=True)
        pen.runs(runs[1:], left + PAD, right - PAD, y - _INSET - PAD - runs[0].height)

    return Strip(tall + 2 * _INSET, draw)
