"""What is drawn on an A4 sheet and where: reportlab in our words."""

import io
from collections.abc import Iterator, Sequence

from sincronizador.core.ticket import Align
from sincronizador.printing.a4.color import BLACK, RGB
from sincronizador.printing.a4.logo import Logo
from sincronizador.printing.a4.typeface import CAPITALS, FONTS, fit, regular, spans, width
from sincronizador.printing.a4.typeset import MM, POINTS, Pair, Run, height_of
from sincronizador.printing.qr import printed

WIDTH, HEIGHT = 210 * MM, 297 * MM
QR_SIDE = 26 * MM
CLEAR = 4.5 * MM
"""Blank paper around the QR: the law asks for 3 mm around one of 22 mm, 5 mm around one of 30 mm."""
HAIR, FINE, STRONG = 0.35, 0.6, 1.4
"""Widths of lines, in points."""
_GREY = 0.7
"""How light a hair line is."""
_MARK_GREY = 0.90


class Pen:
    """A canvas. y is in points from the foot of the sheet, at the top of what is drawn."""

    def __init__(self, file: io.BytesIO, *, title: str, author: str, color: RGB) -> None:
        from reportlab import rl_config
        from reportlab.pdfgen.canvas import Canvas

        rl_config.useA85 = 0  # streams as they are: smaller, and made faster
        self._canvas = Canvas(
            file, pagesize=(WIDTH, HEIGHT), invariant=1, pageCompression=1, lang="es-UY", initialFontName=regular()
        )
        self._canvas.setTitle(title)
        self._canvas.setAuthor(author)
        self._canvas.setCreator("sincronizador")
        self._color = color
        self._begin_sheet()

    def _begin_sheet(self) -> None:
        """Text is gathered and put above what is drawn: one text object costs a third of many."""
        self._text = self._canvas.beginText()
        self._ink: tuple[object, ...] = ()
        self._line: tuple[object, ...] = ()

    def run(self, run: Run, left: float, right: float, y: float, *, accent: bool = False) -> None:
        """Set one line between two edges, in black or in the issuer's colour."""
        if not run.text:
            return
        points = POINTS[run.size]
        spare = right - left - run.width if run.align is not Align.LEFT else 0
        x = left + (spare / 2 if run.align is Align.CENTER else spare)
        base = y - run.height + (run.height - points * CAPITALS) / 2
        for font, letters in spans(run.text, bold=run.bold):
            self._dip((font, points, self._color if accent else BLACK))
            self._text.setTextOrigin(x, base)
            self._text.textOut(letters)
            x += width(letters, points, bold=run.bold)

    def _dip(self, ink: tuple[str, float, RGB]) -> None:
        if ink != self._ink:
            self._ink = ink
            font, points, rgb = ink
            self._text.setFont(font, points)
            self._text.setFillColorRGB(*rgb)

    def runs(self, runs: Sequence[Run], left: float, right: float, y: float) -> None:
        """Set lines one below the other."""
        for run in runs:
            self.run(run, left, right, y)
            y -= run.height

    def pairs(self, pairs: Sequence[Pair], left: float, right: float, y: float) -> None:
        """Set lines one below the other, both sides of each."""
        for pair in pairs:
            self.run(pair.left, left, right, y)
            self.run(pair.right, left, right, y)
            y -= pair.height

    def boxed(self, runs: Sequence[Run], left: float, right: float, top: float, foot: float) -> None:
        """A box with lines in the middle of its height."""
        self.frame(left, right, top, foot)
        pad = 2 * MM
        self.runs(runs, left + pad, right - pad, top - (top - foot - height_of(runs)) / 2)

    def frame(self, left: float, right: float, top: float, foot: float) -> None:
        """A box, black."""
        self._stroke(FINE, BLACK)
        self._canvas.rect(left, foot, right - left, top - foot)

    def rule(self, left: float, right: float, y: float, weight: float = FINE, *, accent: bool = False) -> None:
        """A horizontal line."""
        self._stroke(weight, self._color if accent else BLACK)
        self._canvas.line(left, y, right, y)

    def hair(self, left: float, right: float, y: float) -> None:
        """A horizontal line that only guides the eye."""
        self._stroke(HAIR, (_GREY, _GREY, _GREY))
        self._canvas.line(left, y, right, y)

    def _stroke(self, weight: float, rgb: RGB) -> None:
        if (weight, rgb) != self._line:
            self._line = weight, rgb
            self._canvas.setLineWidth(weight)
            self._canvas.setStrokeColorRGB(*rgb)

    def logo(self, logo: Logo, left: float, top: float) -> None:
        """The issuer's picture."""
        self._canvas.drawImage(logo.image, left, top - logo.height, logo.width, logo.height)

    def qr(self, text: str, left: float, top: float) -> None:
        """The QR as one path on blank paper; each row a hair taller, so that no viewer shows seams."""
        rows = printed(text).rows
        module = QR_SIDE / len(rows)
        modules = (
            f"{start} {len(rows) - number - 1} {length} 1.01 re"
            for number, row in enumerate(rows)
            for start, length in _black(row)
        )
        self._canvas.saveState()
        self._canvas.setFillGray(1)
        margin, side = CLEAR - FINE, QR_SIDE + 2 * (CLEAR - FINE)
        self._canvas.rect(left - margin, top - QR_SIDE - margin, side, side, stroke=0, fill=1)
        self._canvas.setFillColorRGB(*BLACK)
        self._canvas.transform(module, 0, 0, module, left, top - QR_SIDE)
        self._canvas.addLiteral(" ".join(modules) + " f")
        self._canvas.restoreState()

    def watermark(self, text: str) -> None:
        """Big grey letters across the sheet, below everything that is drawn later."""
        text = fit(text)
        if not text:
            return
        points = min(110.0, 1100 / len(text))
        self._canvas.saveState()
        self._canvas.setFillGray(_MARK_GREY)
        self._canvas.translate(WIDTH / 2, HEIGHT / 2)
        self._canvas.rotate(50)
        x = -width(text, points, bold=True) / 2
        for font, letters in spans(text, bold=True):
            self._canvas.setFont(font, points)
            self._canvas.drawString(x, -points * CAPITALS / 2, letters)
            x += width(letters, points, bold=True)
        self._canvas.restoreState()

    def end_sheet(self) -> None:
        """Go on with the next sheet."""
        self._canvas.drawText(self._text)
        self._canvas.showPage()
        self._begin_sheet()

    def save(self) -> None:
        """Write the file."""
        with FONTS:
            self._canvas.save()


def _black(row: bytes) -> Iterator[tuple[int, int]]:
    """Start and length of each run of black modules."""
    start = 0
    while (start := row.find(1, start)) >= 0:
        end = row.find(0, start)
        end = len(row) if end < 0 else end
        yield start, end - start
        start = end
