"""
A document as an A4 PDF: correct and plain.

Every sheet carries issuer, document, receiver, QR and its number; what closes the document stands on the last.
Letters are 2 mm high at least and legends 3 mm. Formato CFE v25.2, representación impresa.
"""

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from sincronizador.core.ticket import Align, Page, Size, Text
from sincronizador.printing.canvas import (
    HEIGHT,
    MM,
    QR_SIDE,
    WIDTH,
    Pair,
    Pen,
    Run,
    height_of,
    line_height,
    pairs,
    set_text,
)

_LEFT, _RIGHT, _TOP, _BOTTOM = 12 * MM, WIDTH - 12 * MM, HEIGHT - 12 * MM, 12 * MM
_PAD = 2 * MM
_GAP = 3 * MM
_CELL = 3.0
_UNDIVIDED = 10
"""Lines of text up to which a line of the document is kept on one sheet; a longer one begins where there is room."""
_BETWEEN = 2.0
"""Points that part one of the document's lines from the next."""
_CLEAR = 4 * MM
"""Blank paper around the QR: 3 mm are asked for 22 mm, 5 mm for 30 mm."""
_MIDDLE = _LEFT + (_RIGHT - _LEFT) * 0.56
"""Left edge of the document's box, and of the right column below it."""
_BESIDE_QR = _LEFT + QR_SIDE + 3 * _CLEAR
_EXPIRY = _RIGHT - 48 * MM
"""Left edge of the box «Fecha de vencimiento»."""


def render_pdf(page: Page) -> bytes:
    """
    The PDF of a page: as many sheets as it takes, the QR as vectors, text that can be selected.

    The same page gives the same bytes. The first call of a process loads reportlab.
    """
    sheets = _paginate(page)
    file = io.BytesIO()
    pen = Pen(file, page.title)
    for number, strips in enumerate(sheets, 1):
        _sheet(pen, page, strips, number, len(sheets))
    pen.save()
    return file.getvalue()


@dataclass(frozen=True, slots=True)
class _Strip:
    """A part of the body that is never divided: its height and how it is drawn below a given y."""

    height: float
    draw: Callable[[Pen, float], None]


def _sheet(pen: Pen, page: Page, strips: Sequence[_Strip], number: int, of: int) -> None:
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

    emisor: tuple[Run, ...]
    regimen: tuple[Run, ...]
    documento: tuple[Run, ...]
    receptor: tuple[Run, ...]
    datos: tuple[Pair, ...]

    @property
    def _upper(self) -> float:
        left = height_of(self.emisor) + (_GAP + self._boxed if self.regimen else 0)
        return max(left, height_of(self.documento) + 2 * _PAD)

    @property
    def _boxed(self) -> float:
        """The law's box is 1 cm high at least."""
        return max(height_of(self.regimen) + 2 * _PAD, 10 * MM)

    @property
    def _lower(self) -> float:
        box = max(height_of(self.receptor) + 2 * _PAD, 10 * MM) if self.receptor else 0
        return max(box, sum(line_height(left.size) for left, _ in self.datos) + 2 * _PAD if self.datos else 0)

    @property
    def height(self) -> float:
        """From the top of the sheet to its body."""
        return self._upper + _GAP + (self._lower + _GAP if self._lower else 0)

    def draw_at(self, pen: Pen) -> float:
        """Draw it; where the body begins."""
        pen.runs(self.emisor, _LEFT, _MIDDLE - _GAP, _TOP)
        if self.regimen:
            self._draw_regimen(pen, _TOP - height_of(self.emisor) - _GAP)
        pen.frame(_MIDDLE, _RIGHT, _TOP, _TOP - self._upper)
        spare = self._upper - height_of(self.documento)
        pen.runs(self.documento, _MIDDLE + _PAD, _RIGHT - _PAD, _TOP - spare / 2)
        y = _TOP - self._upper - _GAP
        if self.receptor:
            pen.frame(_LEFT, _MIDDLE - _GAP, y, y - self._lower)
            pen.runs(self.receptor, _LEFT + _PAD, _MIDDLE - _GAP - _PAD, y - _PAD)
        y -= _PAD
        for pair in self.datos:
            pen.pair(pair, _MIDDLE + _PAD, _RIGHT - _PAD, y)
            y -= line_height(pair[0].size)
        return _TOP - self.height

    def _draw_regimen(self, pen: Pen, top: float) -> None:
        pen.frame(_LEFT, _MIDDLE - _GAP, top, top - self._boxed)
        spare = self._boxed - height_of(self.regimen)
        pen.runs(self.regimen, _LEFT + _PAD, _MIDDLE - _GAP - _PAD, top - spare / 2)


def _head(page: Page, *, first: bool) -> _Head:
    """The head of a sheet; those after the first need the names of the issuer, no dates."""
    regimen = (Text(page.regimen, Align.CENTER, Size.LARGE, bold=True),) if page.regimen and first else ()
    return _Head(
        emisor=set_text(page.emisor if first else page.emisor[:2], _MIDDLE - _GAP - _LEFT),
        regimen=set_text(regimen, _MIDDLE - _GAP - _LEFT - 2 * _PAD),
        documento=set_text(page.documento, _RIGHT - _MIDDLE - 2 * _PAD),
        receptor=set_text(page.receptor, _MIDDLE - _GAP - _LEFT - 2 * _PAD),
        datos=tuple(pairs(page.datos, _RIGHT - _MIDDLE - 2 * _PAD)) if first else (),
    )


def _paginate(page: Page) -> list[list[_Strip]]:
    """The body cut into sheets."""
    titles = _titles(page)
    flow = _Flow(_room(page, first=True), _room(page, first=False))
    flow.add([titles])
    for row in _rows(page):
        for part in [row] if len(row) <= _UNDIVIDED else [[strip] for strip in row]:
            flow.add(part, heading=[titles])
    for group in (_closing(page), _adenda(page)):
        flow.add(group)
    return flow.sheets


class _Flow:
    """Strips on their way down one sheet after the other."""

    def __init__(self, first: float, further: float) -> None:
        self.sheets: list[list[_Strip]] = [[]]
        self._left = first
        self._whole = further

    def add(self, group: Sequence[_Strip], heading: Sequence[_Strip] = ()) -> None:
        """Strips that stay on one sheet if a whole one can hold them; every new sheet begins with `heading`."""
        height = sum(strip.height for strip in group)
        together = height <= self._whole - sum(strip.height for strip in heading)
        for number, strip in enumerate(group):
            if self._left < (height if together and number == 0 else strip.height):
                self.sheets.append([])
                self._left = self._whole
                self._place(*heading)
            self._place(strip)

    def _place(self, *strips: _Strip) -> None:
        self.sheets[-1] += strips
        self._left -= sum(strip.height for strip in strips)


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
    def draw(pen: Pen, y: float) -> None:
        for column, (left, right) in zip(page.columns, _edges(page), strict=True):
            pen.run(Run(column.title, Size.NORMAL, True, column.align), left + _CELL, right - _CELL, y - 2)
        pen.rule(_LEFT, _RIGHT, y)
        pen.rule(_LEFT, _RIGHT, y - line_height(Size.NORMAL) - 4)

    return _Strip(line_height(Size.NORMAL) + 6, draw)


def _rows(page: Page) -> Iterator[list[_Strip]]:
    """Each of the document's lines as strips, one for each line of text, so that even a huge one can go on overleaf."""
    edges = _edges(page)
    for row in page.rows:
        cells = [
            set_text((Text(cell, column.align),), right - left - 2 * _CELL)
            for cell, column, (left, right) in zip(row, page.columns, edges, strict=True)
        ]
        count = max(len(cell) for cell in cells)
        yield [
            _across(
                [(cell[line], edge) for cell, edge in zip(cells, edges, strict=True) if line < len(cell)],
                below=_BETWEEN if line == count - 1 else 0,
            )
            for line in range(count)
        ]


def _across(parts: Sequence[tuple[Run, tuple[float, float]]], below: float) -> _Strip:
    def draw(pen: Pen, y: float) -> None:
        for run, (left, right) in parts:
            pen.run(run, left + _CELL, right - _CELL, y)

    return _Strip(line_height(Size.NORMAL) + below, draw)


def _closing(page: Page) -> list[_Strip]:
    """Name and amount of each total at the right below a rule, the notes beside them; legends in the middle, below."""
    left, right = _MIDDLE - 15 * MM, _RIGHT - _CELL
    edge = left - 2 * _GAP if page.totales else _RIGHT
    notes = set_text([note for note in page.notas if note.align is Align.LEFT], edge - _LEFT)
    legends = set_text([note for note in page.notas if note.align is not Align.LEFT], _RIGHT - _LEFT)
    beside = zip_longest(notes, pairs(page.totales, right - left))
    rule = _Strip(_GAP, lambda pen, y: pen.rule(_LEFT, _RIGHT, y - 2))
    return [rule, *(_beside(note, total, left, right) for note, total in beside), *map(_full_width, legends)]


def _beside(note: Run | None, total: Pair | None, left: float, right: float) -> _Strip:
    def draw(pen: Pen, y: float) -> None:
        if note:
            pen.run(note, _LEFT, _RIGHT, y)
        if total:
            pen.pair(total, left, right, y)

    return _Strip(max(line_height(run.size) for run in (note, total[0] if total else None) if run), draw)


def _full_width(run: Run) -> _Strip:
    return _Strip(line_height(run.size), lambda pen, y: pen.run(run, _LEFT, _RIGHT, y))


def _adenda(page: Page) -> list[_Strip]:
    """A box 5 mm inside the body, headed ADENDA; its sides are drawn line by line, so that it may go on overleaf."""
    if not page.adenda.strip():
        return []
    inset = 5 * MM
    left, right = _LEFT + inset, _RIGHT - inset
    runs = set_text((Text("ADENDA", bold=True), Text(page.adenda)), right - left - 2 * _PAD)

    def side_by_side(run: Run | None, height: float) -> _Strip:
        def draw(pen: Pen, y: float) -> None:
            pen.side(left, y, y - height)
            pen.side(right, y, y - height)
            if run:
                pen.run(run, left + _PAD, right - _PAD, y)

        return _Strip(height, draw)

    edge = _Strip(0, lambda pen, y: pen.rule(left, right, y))
    air = _Strip(inset, lambda _pen, _y: None)
    padding = side_by_side(None, _PAD)
    return [air, edge, padding, *(side_by_side(run, line_height(run.size)) for run in runs), padding, edge, air]


def _foot_height(page: Page) -> float:
    left = QR_SIDE + 2 * _CLEAR + height_of(_under_qr(page))
    return max(left, height_of(_foot_runs(page)) + _PAD) + line_height(Size.NORMAL)


def _under_qr(page: Page) -> tuple[Run, ...]:
    return set_text((Text(page.bajo_qr, Align.CENTER),), _BESIDE_QR - _LEFT) if page.bajo_qr else ()


def _foot_runs(page: Page) -> tuple[Run, ...]:
    return set_text(page.pie, _EXPIRY - _GAP - _BESIDE_QR)


def _foot(pen: Pen, page: Page, number: int, of: int) -> None:
    """The QR and the sheet's number everywhere; the rest of the foot on the last sheet."""
    top = _BOTTOM + _foot_height(page)
    pen.rule(_LEFT, _RIGHT, top)
    pen.qr(page.qr, (_LEFT + _BESIDE_QR - QR_SIDE) / 2, top - _CLEAR)
    pen.run(Run(f"Página {number} de {of}", Size.NORMAL, False, Align.RIGHT), _LEFT, _RIGHT, _BOTTOM + 9)
    if number < of:
        pen.run(Run("Continúa en la página siguiente.", Size.NORMAL, False, Align.LEFT), _BESIDE_QR, _RIGHT, top - _PAD)
        return
    pen.runs(_under_qr(page), _LEFT, _BESIDE_QR, top - QR_SIDE - 2 * _CLEAR)
    pen.runs(_foot_runs(page), _BESIDE_QR, _EXPIRY - _GAP, top - _PAD)
    if page.vencimiento:
        runs = set_text((Text(page.vencimiento, Align.CENTER, Size.LARGE, bold=True),), _RIGHT - _EXPIRY - 2 * _PAD)
        tall = max(10 * MM, height_of(runs) + 2 * _PAD)
        pen.frame(_EXPIRY, _RIGHT, top - _PAD, top - _PAD - tall)
        pen.runs(runs, _EXPIRY + _PAD, _RIGHT - _PAD, top - _PAD - (tall - height_of(runs)) / 2)
