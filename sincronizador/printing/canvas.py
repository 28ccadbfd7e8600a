"""Where text and lines are put on an A4 sheet: reportlab in our words, and text cut into lines that fit."""

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from sincronizador.core.ticket import Align, Row, Size, Text
from sincronizador.printing.font import font_path
from sincronizador.printing.qr import printed

MM = 72 / 25.4
"""Points."""
WIDTH, HEIGHT = 210 * MM, 297 * MM
QR_SIDE = 26 * MM
_POINTS = {Size.NORMAL: 8.5, Size.LARGE: 12.0, Size.HUGE: 16.0}
"""Helvetica's capitals are 0.72 of its size: 2.1, 3.0 and 4.1 mm."""
_LEADING = 1.25
_STROKE = 0.6
_BETWEEN = 4 * MM
"""Least distance between what stands at the left and at the right of a line."""


@dataclass(frozen=True, slots=True)
class Run:
    """A line of text as it will be set."""

    text: str
    size: Size
    bold: bool
    align: Align


class Pen:
    """reportlab's canvas, in our words. y is in points from the foot of the sheet, at the top of what is drawn."""

    def __init__(self, file: io.BytesIO, title: str) -> None:
        from reportlab.pdfgen.canvas import Canvas

        self._canvas = Canvas(file, pagesize=(WIDTH, HEIGHT), invariant=1, pageCompression=1, lang="es-UY")
        self._canvas.setTitle(title)

    def run(self, run: Run, left: float, right: float, y: float) -> None:
        """Set one line between two edges."""
        font, points = _font(run.text, bold=run.bold), _POINTS[run.size]
        self._canvas.setFont(font, points)
        base = y - points
        if run.align is Align.RIGHT:
            self._canvas.drawRightString(right, base, run.text)
        elif run.align is Align.CENTER:
            self._canvas.drawCentredString((left + right) / 2, base, run.text)
        else:
            self._canvas.drawString(left, base, run.text)

    def runs(self, runs: Sequence[Run], left: float, right: float, y: float) -> None:
        """Set lines one below the other."""
        for run in runs:
            self.run(run, left, right, y)
            y -= line_height(run.size)

    def pair(self, pair: "Pair", left: float, right: float, y: float) -> None:
        """Set the two sides of one line."""
        for run in pair:
            self.run(run, left, right, y)

    def frame(self, left: float, right: float, top: float, foot: float) -> None:
        """A box."""
        self._canvas.rect(left, foot, right - left, top - foot)

    def rule(self, left: float, right: float, y: float) -> None:
        """A horizontal line."""
        self._canvas.line(left, y, right, y)

    def side(self, x: float, top: float, foot: float) -> None:
        """A vertical line."""
        self._canvas.line(x, top, x, foot)

    def qr(self, text: str, left: float, top: float) -> None:
        """The QR as one path: each row's black runs as rectangles, a hair taller so that no viewer shows seams."""
        rows = printed(text).rows
        module = QR_SIDE / len(rows)
        path = self._canvas.beginPath()
        for number, row in enumerate(rows):
            for start, length in _black(row):
                path.rect(left + start * module, top - (number + 1) * module, length * module, module * 1.01)
        self._canvas.drawPath(path, stroke=0, fill=1)

    def begin_sheet(self, mark: str) -> None:
        """A new sheet; the mark stands in big grey letters across it, below everything else."""
        self._canvas.setLineWidth(_STROKE)
        if mark:
            self._watermark(mark)

    def _watermark(self, text: str) -> None:
        self._canvas.saveState()
        self._canvas.setFillGray(0.88)
        self._canvas.translate(WIDTH / 2, HEIGHT / 2)
        self._canvas.rotate(50)
        self._canvas.setFont(_font(text, bold=True), min(110.0, 1100 / len(text)))
        self._canvas.drawCentredString(0, -30, text)
        self._canvas.restoreState()

    def end_sheet(self) -> None:
        """Go on with the next sheet."""
        self._canvas.showPage()

    def save(self) -> None:
        """Write the file."""
        self._canvas.save()


Pair = tuple[Run, Run]
"""A line with something at the left and something at the right; one of them may be empty."""


def pairs(rows: Sequence[Row], width: float) -> Iterator[Pair]:
    """Rows as lines: the left wrapped beside the right, or above it when the right takes most of the line."""
    for row in rows:
        left, right = _clean(row.left), _clean(row.right)
        room = width - _string_width(right, _font(right, bold=row.bold), _POINTS[row.size]) - _BETWEEN
        beside = room > width / 4
        lefts = list(_wrap(left, room if beside else width, row.size, bold=row.bold))
        rights = [right] if beside else list(_wrap(right, width, row.size, bold=row.bold))
        above = len(lefts) - (1 if beside else 0)
        for at in range(above + len(rights)):
            yield (
                Run(lefts[at] if at < len(lefts) else "", row.size, row.bold, Align.LEFT),
                Run(rights[at - above] if at >= above else "", row.size, row.bold, Align.RIGHT),
            )


def set_text(texts: Sequence[Text], width: float) -> tuple[Run, ...]:
    """Paragraphs as lines no wider than `width`."""
    return tuple(
        Run(line, text.size, text.bold, text.align)
        for text in texts
        for paragraph in text.text.splitlines() or [""]
        for line in _wrap(_clean(paragraph), width, text.size, bold=text.bold)
    )


def height_of(runs: Sequence[Run]) -> float:
    """Points that lines take one below the other."""
    return sum(line_height(run.size) for run in runs)


def line_height(size: Size) -> float:
    """Points from one line to the next."""
    return _POINTS[size] * _LEADING


def _wrap(text: str, width: float, size: Size, *, bold: bool) -> Iterator[str]:
    """Words are cut only when they are wider than a line; blanks within a line are kept."""
    font = _font(text, bold=bold)

    def fits(words: str) -> bool:
        return _string_width(words, font, _POINTS[size]) <= width

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


def _string_width(text: str, font: str, points: float) -> float:
    from reportlab.pdfbase.pdfmetrics import stringWidth

    return float(stringWidth(text, font, points))


def _font(text: str, *, bold: bool) -> str:
    """Helvetica, which every viewer has; an embedded font for texts beyond Latin-1."""
    try:
        text.encode("cp1252")
    except UnicodeEncodeError:
        return _wide_font()
    return "Helvetica-Bold" if bold else "Helvetica"


@cache
def _wide_font() -> str:
    from reportlab.pdfbase.pdfmetrics import registerFont
    from reportlab.pdfbase.ttfonts import TTFont

    registerFont(TTFont("DejaVuSansMono", font_path()))
    return "DejaVuSansMono"


def _clean(text: str) -> str:
    """Without what a font cannot show: control characters and bytes that were never decoded."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _black(row: bytes) -> Iterator[tuple[int, int]]:
    """Start and length of each run of black modules."""
    start = 0
    while (start := row.find(1, start)) >= 0:
        end = row.find(0, start)
        end = len(row) if end < 0 else end
        yield start, end - start
        start = end
