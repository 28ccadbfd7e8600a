"""The upper part of a sheet: issuer and document, below them the receiver and the dates."""

from collections.abc import Sequence
from dataclasses import dataclass

from sincronizador.core.ticket import Align, Page, Size, Text
from sincronizador.printing.a4.canvas import HEIGHT, STRONG, WIDTH, Pen
from sincronizador.printing.a4.logo import Logo, logo_of
from sincronizador.printing.a4.typeset import MM, Pair, Run, height_of, set_row, set_text

LEFT, RIGHT, TOP, BOTTOM = 12 * MM, WIDTH - 12 * MM, HEIGHT - 12 * MM, 10 * MM
PAD = 2 * MM
GAP = 3 * MM
BOX = 10 * MM
"""The law's boxes are 1 cm high at least."""
MIDDLE = LEFT + (RIGHT - LEFT) * 0.58
"""Left edge of the document's box, and of the dates below it."""
_AIR = 2.0
"""Points between a date and the hair line below it."""
_EVEN = 12 * MM
_ISSUER_EDGE = MIDDLE - GAP


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The head of a sheet, laid out."""

    logo: Logo | None
    emisor: tuple[Run, ...]
    regimen: tuple[Run, ...]
    documento: tuple[Run, ...]
    receptor: tuple[Run, ...]
    datos: tuple[tuple[Pair, ...], ...]

    @property
    def height(self) -> float:
        """From the top of the sheet to its body."""
        left = self._left + (GAP + self._receiver if self.receptor else 0)
        right = self._right + (GAP + self._dates if self.datos else 0)
        return max(left, right) + GAP

    @property
    def _left(self) -> float:
        """Down to the receiver. Where issuer and document are nearly as high, what is below both begins in one line."""
        return max(self._issuer, self._document) if self._is_even else self._issuer

    @property
    def _right(self) -> float:
        """Down to the dates."""
        return max(self._issuer, self._document) if self._is_even else self._document

    @property
    def _is_even(self) -> bool:
        return abs(self._issuer - self._document) <= _EVEN

    @property
    def _issuer(self) -> float:
        return self._logo + height_of(self.emisor) + (GAP + self._regime if self.regimen else 0)

    @property
    def _logo(self) -> float:
        return self.logo.height + PAD if self.logo else 0

    @property
    def _regime(self) -> float:
        return max(height_of(self.regimen) + 2 * PAD, BOX)

    @property
    def _document(self) -> float:
        return height_of(self.documento) + 2 * PAD

    @property
    def _receiver(self) -> float:
        return max(height_of(self.receptor) + 2 * PAD, BOX)

    @property
    def _dates(self) -> float:
        return sum(height_of(row) + _AIR for row in self.datos)

    def draw(self, pen: Pen) -> None:
        """Draw it at the top of the sheet."""
        if self.logo:
            pen.logo(self.logo, LEFT, TOP)
        pen.runs(self.emisor, LEFT, _ISSUER_EDGE, TOP - self._logo)
        foot = TOP - self._left
        if self.regimen:
            pen.boxed(self.regimen, LEFT, _ISSUER_EDGE, foot + self._regime, foot)
        pen.boxed(self.documento, MIDDLE, RIGHT, TOP, TOP - self._right)
        if self.receptor:
            pen.boxed(self.receptor, LEFT, _ISSUER_EDGE, foot - GAP, foot - GAP - self._receiver)
        self._draw_dates(pen, TOP - self._right - GAP)

    def _draw_dates(self, pen: Pen, y: float) -> None:
        for row in self.datos:
            pen.pairs(row, MIDDLE + PAD, RIGHT - PAD, y)
            y -= height_of(row) + _AIR
            pen.hair(MIDDLE, RIGHT, y)


def first_head(page: Page) -> Head:
    """The head of the first sheet, with all that there is to say."""
    regimen = (Text(page.regimen, Align.CENTER, Size.LARGE, bold=True),) if page.regimen else ()
    return Head(
        logo=logo_of(page.logo) if page.logo else None,
        emisor=set_text((*page.emisor, *page.encabezado), _ISSUER_EDGE - LEFT),
        regimen=set_text(regimen, _ISSUER_EDGE - LEFT - 2 * PAD),
        documento=set_text(page.documento, RIGHT - MIDDLE - 2 * PAD),
        receptor=set_text(page.receptor, _ISSUER_EDGE - LEFT - 2 * PAD),
        datos=tuple(set_row(row, RIGHT - MIDDLE - 2 * PAD) for row in page.datos),
    )


def further_head(page: Page) -> Head:
    """The head of the sheets after it: the names of both, the document."""
    return Head(
        logo=None,
        emisor=set_text(_bold(page.emisor), _ISSUER_EDGE - LEFT),
        regimen=(),
        documento=set_text(page.documento, RIGHT - MIDDLE - 2 * PAD),
        receptor=set_text(_bold(page.receptor), _ISSUER_EDGE - LEFT - 2 * PAD),
        datos=(),
    )


def draw_edge(pen: Pen) -> None:
    """A stripe of the issuer's colour above everything."""
    pen.rule(LEFT, RIGHT, TOP + GAP, STRONG * 2, accent=True)


def _bold(texts: Sequence[Text]) -> list[Text]:
    return [text for text in texts if text.bold]
