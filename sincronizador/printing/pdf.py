"""
A document as an A4 PDF: correct and plain.

Every sheet carries issuer, document, receiver, QR and its number; what closes the document stands on the last.
Letters are 2 mm high at least and legends 3 mm. Formato CFE v25.2, representación impresa.
"""

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from sincronizador.core.ticket import Align, Page, Row, Size, Text
from sincronizador.printing.font import font_path
from sincronizador.printing.qr import printed

_MM = 72 / 25.4
_WIDTH, _HEIGHT = 210 * _MM, 297 * _MM
_LEFT, _RIGHT, _TOP, _BOTTOM = 12 * _MM, _WIDTH - 12 * _MM, _HEIGHT - 12 * _MM, 12 * _MM
_POINTS = {Size.NORMAL: 8.5, Size.LARGE: 12.0, Size.HUGE: 16.0}
"""Helvetica's capitals are 0.72 of its size: 2.1, 3.0 and 4.1 mm."""
_LEADING = 1.25
_PAD = 2 * _MM
_GAP = 3 * _MM
_QR = 26 * _MM
_CLEAR = 4 * _MM
"""Blank paper around the QR: 3 mm are asked for 22 mm, 5 mm for 30 mm."""


def render_pdf(page: Page) -> bytes:
    """
    The PDF of a page: as many sheets as it takes, the QR as vectors, text that can be selected.

    The same page gives the same bytes. The first call of a process loads reportlab.
    """
    sheets = _paginate(page)
    file = io.BytesIO()
    pen = _Pen(file, page.title)
    for number, strips in enumerate(sheets, 1):
        _sheet(pen, page, strips, number, len(sheets))
    pen.save()
    return file.getvalue()


@dataclass(frozen=True, slots=True)
class _Strip:
    """A part of the body that is never divided: its height and how it is drawn below a given y."""

    height: float
    draw: Callable[["_Pen", float], None]


@dataclass(frozen=True, slots=True)
class _Run:
    """A line of text as it will be set."""

    text: str
    size: Size
    bold: bool
    align: Align


class _Pen:
    """reportlab's canvas, in our words. y is in points from the foot of the sheet, at the top of what is drawn."""

    def __init__(self, file: io.BytesIO, title: str) -> None:
        from reportlab.pdfgen.canvas import Canvas

        self._canvas = Canvas(file, pagesize=(_WIDTH, _HEIGHT), invariant=1, pageCompression=1, lang="es-UY")
        self._canvas.setTitle(title)

    def run(self, run: _Run, left: float, right: float, y: float) -> None:
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

    def runs(self, runs: Sequence[_Run], left: float, right: float, y: float) -> None:
        """Set lines one below the other."""
        for run in runs:
            self.run(run, left, right, y)
            y -= _line(run.size)

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
        module = _QR / len(rows)
        path = self._canvas.beginPath()
        for number, row in enumerate(rows):
            for start, length in _black(row):
                path.rect(left + start * module, top - (number + 1) * module, length * module, module * 1.01)
        self._canvas.drawPath(path, stroke=0, fill=1)

    def begin_sheet(self, mark: str) -> None:
        """A new sheet; the mark stands in big grey letters across it, below everything else."""
        self._canvas.setLineWidth(0.6)
        if mark:
            self._watermark(mark)

    def _watermark(self, text: str) -> None:
        self._canvas.saveState()
        self._canvas.setFillGray(0.88)
        self._canvas.translate(_WIDTH / 2, _HEIGHT / 2)
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


def _sheet(pen: _Pen, page: Page, strips: Sequence[_Strip], number: int, of: int) -> None:
    pen.begin_sheet(page.marca)
    y = _head(page, first=number == 1).draw_at(pen)
    for strip in strips:
        strip.draw(pen, y)
        y -= strip.height
    _foot(pen, page, number, of)
    pen.end_sheet()


@dataclass(frozen=True, slots=True)
class _Head:
    """The upper part of a sheet, laid out."""

    emisor: tuple[_Run, ...]
    documento: tuple[_Run, ...]
    receptor: tuple[_Run, ...]
    datos: "tuple[_Pair, ...]"

    @property
    def _upper(self) -> float:
        return max(_tall(self.emisor), _tall(self.documento) + 2 * _PAD)

    @property
    def _lower(self) -> float:
        box = max(_tall(self.receptor) + 2 * _PAD, 10 * _MM) if self.receptor else 0
        return max(box, sum(_line(left.size) for left, _ in self.datos) + 2 * _PAD if self.datos else 0)

    @property
    def height(self) -> float:
        """From the top of the sheet to its body."""
        return self._upper + _GAP + (self._lower + _GAP if self._lower else 0)

    def draw_at(self, pen: _Pen) -> float:
        """Draw it; where the body begins."""
        pen.runs(self.emisor, _LEFT, _MIDDLE - _GAP, _TOP)
        pen.frame(_MIDDLE, _RIGHT, _TOP, _TOP - self._upper)
        spare = self._upper - _tall(self.documento)
        pen.runs(self.documento, _MIDDLE + _PAD, _RIGHT - _PAD, _TOP - spare / 2)
        y = _TOP - self._upper - _GAP
        if self.receptor:
            pen.frame(_LEFT, _MIDDLE - _GAP, y, y - self._lower)
            pen.runs(self.receptor, _LEFT + _PAD, _MIDDLE - _GAP - _PAD, y - _PAD)
        y -= _PAD
        for pair in self.datos:
            _draw_pair(pen, pair, _MIDDLE + _PAD, _RIGHT - _PAD, y)
            y -= _line(pair[0].size)
        return _TOP - self.height


_MIDDLE = _LEFT + (_RIGHT - _LEFT) * 0.56
"""Where the right column of the head begins."""


def _head(page: Page, *, first: bool) -> _Head:
    """The head of a sheet; those after the first need the names of the issuer, no dates."""
    return _Head(
        emisor=_set(page.emisor if first else page.emisor[:2], _MIDDLE - _GAP - _LEFT),
        documento=_set(page.documento, _RIGHT - _MIDDLE - 2 * _PAD),
        receptor=_set(page.receptor, _MIDDLE - _GAP - _LEFT - 2 * _PAD),
        datos=tuple(_pairs(page.datos, _RIGHT - _MIDDLE - 2 * _PAD)) if first else (),
    )


def _paginate(page: Page) -> list[list[_Strip]]:
    """The body cut into sheets. A group stays together when a sheet can hold it."""
    sheets: list[list[_Strip]] = [[]]
    left = _room(page, first=True)
    titles = _titles(page)

    def turn(heading: Sequence[_Strip]) -> None:
        nonlocal left
        sheets.append([])
        left = _room(page, first=False)
        for strip in heading:
            place(strip)

    def place(strip: _Strip) -> None:
        nonlocal left
        sheets[-1].append(strip)
        left -= strip.height

    def flow(group: Sequence[_Strip], heading: Sequence[_Strip]) -> None:
        height = sum(strip.height for strip in group)
        together = height <= _room(page, first=False)
        for at, strip in enumerate(group):
            needed = height if together and at == 0 else strip.height
            if needed > left:
                turn(heading)
            place(strip)

    place(titles)
    for row in _rows(page):
        flow(row, [titles])
    for group in (_totals(page), *_notes(page), _adenda(page)):
        flow(group, [])
    return sheets


def _room(page: Page, *, first: bool) -> float:
    """Points between the head and the foot. The foot is as high on every sheet, so that its QR keeps its place."""
    return _TOP - _head(page, first=first).height - _foot_height(page) - _GAP - _BOTTOM


def _edges(page: Page) -> list[tuple[float, float]]:
    """Left and right edge of each column of the table."""
    edges, left = [], _LEFT
    for column in page.columns:
        right = left + column.width * (_RIGHT - _LEFT)
        edges.append((left, right))
        left = right
    return edges


def _titles(page: Page) -> _Strip:
    def draw(pen: _Pen, y: float) -> None:
        for column, (left, right) in zip(page.columns, _edges(page), strict=True):
            pen.run(_Run(column.title, Size.NORMAL, True, column.align), left + 2, right - 2, y - 2)
        pen.rule(_LEFT, _RIGHT, y)
        pen.rule(_LEFT, _RIGHT, y - _line(Size.NORMAL) - 4)

    return _Strip(_line(Size.NORMAL) + 6, draw)


def _rows(page: Page) -> Iterator[list[_Strip]]:
    """Each of the document's lines as strips, one for each line of text, so that even a huge one can go on overleaf."""
    edges = _edges(page)
    for row in page.rows:
        cells = [
            _set((Text(cell, column.align),), right - left - 4)
            for cell, column, (left, right) in zip(row, page.columns, edges, strict=True)
        ]
        count = max(len(cell) for cell in cells)
        yield [
            _across([(cell[line], edge) for cell, edge in zip(cells, edges, strict=True) if line < len(cell)])
            for line in range(count)
        ]


def _across(parts: Sequence[tuple[_Run, tuple[float, float]]]) -> _Strip:
    def draw(pen: _Pen, y: float) -> None:
        for run, (left, right) in parts:
            pen.run(run, left + 2, right - 2, y)

    return _Strip(_line(Size.NORMAL), draw)


def _totals(page: Page) -> list[_Strip]:
    """Name and amount of each total at the right, below a rule."""
    rule = _Strip(_GAP, lambda pen, y: pen.rule(_LEFT, _RIGHT, y - 2))
    left, right = _MIDDLE - 15 * _MM, _RIGHT - 2
    return [rule, *(_total(pair, left, right) for pair in _pairs(page.totales, right - left))]


def _total(pair: "_Pair", left: float, right: float) -> _Strip:
    return _Strip(_line(pair[0].size), lambda pen, y: _draw_pair(pen, pair, left, right, y))


def _notes(page: Page) -> Iterator[list[_Strip]]:
    for number, text in enumerate(page.notas):
        runs = _set((text,), _RIGHT - _LEFT)
        above = [_Strip(_GAP, lambda _pen, _y: None)] if number == 0 else []
        yield [*above, *(_full_width(run) for run in runs)]


def _full_width(run: _Run) -> _Strip:
    return _Strip(_line(run.size), lambda pen, y: pen.run(run, _LEFT, _RIGHT, y))


def _adenda(page: Page) -> list[_Strip]:
    """A box 5 mm inside the body, headed ADENDA; its sides are drawn line by line, so that it may go on overleaf."""
    if not page.adenda.strip():
        return []
    inset = 5 * _MM
    left, right = _LEFT + inset, _RIGHT - inset
    runs = _set((Text("ADENDA", bold=True), Text(page.adenda)), right - left - 2 * _PAD)

    def side_by_side(run: _Run | None, height: float) -> _Strip:
        def draw(pen: _Pen, y: float) -> None:
            pen.side(left, y, y - height)
            pen.side(right, y, y - height)
            if run:
                pen.run(run, left + _PAD, right - _PAD, y)

        return _Strip(height, draw)

    edge = _Strip(0, lambda pen, y: pen.rule(left, right, y))
    air = _Strip(inset, lambda _pen, _y: None)
    padding = side_by_side(None, _PAD)
    return [air, edge, padding, *(side_by_side(run, _line(run.size)) for run in runs), padding, edge, air]


def _foot_height(page: Page) -> float:
    under = _tall(_under_qr(page))
    return max(_QR + 2 * _CLEAR + under, _tall(_foot_runs(page)) + _PAD, _line(Size.LARGE) * 4) + _line(Size.NORMAL)


def _under_qr(page: Page) -> tuple[_Run, ...]:
    return _set((Text(page.bajo_qr, Align.CENTER),), _BESIDE_QR - _LEFT) if page.bajo_qr else ()


def _foot_runs(page: Page) -> tuple[_Run, ...]:
    return _set(page.pie, _EXPIRY - _GAP - _BESIDE_QR)


_BESIDE_QR = _LEFT + _QR + 3 * _CLEAR
_EXPIRY = _RIGHT - 48 * _MM
"""Left edge of the box «Fecha de vencimiento»."""


def _foot(pen: _Pen, page: Page, number: int, of: int) -> None:
    """The QR and the sheet's number everywhere; the rest of the foot on the last sheet."""
    top = _BOTTOM + _foot_height(page)
    pen.rule(_LEFT, _RIGHT, top)
    pen.qr(page.qr, (_LEFT + _BESIDE_QR - _QR) / 2, top - _CLEAR)
    pen.run(_Run(f"Página {number} de {of}", Size.NORMAL, False, Align.RIGHT), _LEFT, _RIGHT, _BOTTOM + 9)
    if number < of:
        pen.run(
            _Run("Continúa en la página siguiente.", Size.NORMAL, False, Align.LEFT), _BESIDE_QR, _RIGHT, top - _PAD
        )
        return
    pen.runs(_under_qr(page), _LEFT, _BESIDE_QR, top - _QR - 2 * _CLEAR)
    pen.runs(_foot_runs(page), _BESIDE_QR, _EXPIRY - _GAP, top - _PAD)
    if page.vencimiento:
        runs = _set((Text(page.vencimiento, Align.CENTER, Size.LARGE, bold=True),), _RIGHT - _EXPIRY - 2 * _PAD)
        tall = max(10 * _MM, _tall(runs) + 2 * _PAD)
        pen.frame(_EXPIRY, _RIGHT, top - _PAD, top - _PAD - tall)
        pen.runs(runs, _EXPIRY + _PAD, _RIGHT - _PAD, top - _PAD - (tall - _tall(runs)) / 2)


_Pair = tuple[_Run, _Run]
"""A line with something at the left and something at the right; one of them may be empty."""


def _pairs(rows: Sequence[Row], width: float) -> Iterator[_Pair]:
    """Rows as lines: the left wrapped beside the right, or above it when the right takes most of the line."""
    for row in rows:
        left, right = _clean(row.left), _clean(row.right)
        room = width - _string_width(right, _font(right, bold=row.bold), _POINTS[row.size]) - 2 * _PAD
        beside = room > width / 4
        lefts = list(_wrap(left, room if beside else width, row.size, bold=row.bold))
        rights = [right] if beside else list(_wrap(right, width, row.size, bold=row.bold))
        above = len(lefts) - (1 if beside else 0)
        for at in range(above + len(rights)):
            yield (
                _Run(lefts[at] if at < len(lefts) else "", row.size, row.bold, Align.LEFT),
                _Run(rights[at - above] if at >= above else "", row.size, row.bold, Align.RIGHT),
            )


def _draw_pair(pen: _Pen, pair: _Pair, left: float, right: float, y: float) -> None:
    for run in pair:
        pen.run(run, left, right, y)


def _set(texts: Sequence[Text], width: float) -> tuple[_Run, ...]:
    """Paragraphs as lines no wider than `width`."""
    return tuple(
        _Run(line, text.size, text.bold, text.align)
        for text in texts
        for paragraph in text.text.splitlines() or [""]
        for line in _wrap(_clean(paragraph), width, text.size, bold=text.bold)
    )


def _wrap(text: str, width: float, size: Size, *, bold: bool) -> Iterator[str]:
    """Words are cut only when they are wider than a line."""
    font = _font(text, bold=bold)

    def wide(words: str) -> float:
        return _string_width(words, font, _POINTS[size])

    line = ""
    for word in text.split(" "):
        joined = f"{line} {word}" if line else word
        if wide(joined) <= width:
            line = joined
            continue
        if line:
            yield line
        line = word
        while len(line) > 1 and wide(line) > width:
            fits = next((at for at in range(len(line) - 1, 1, -1) if wide(line[:at]) <= width), 1)
            yield line[:fits]
            line = line[fits:]
    yield line


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


def _tall(runs: Sequence[_Run]) -> float:
    return sum(_line(run.size) for run in runs)


def _line(size: Size) -> float:
    return _POINTS[size] * _LEADING


def _black(row: bytes) -> Iterator[tuple[int, int]]:
    """Start and length of each run of black modules."""
    start = 0
    while (start := row.find(1, start)) >= 0:
        end = row.find(0, start)
        end = len(row) if end < 0 else end
        yield start, end - start
        start = end
