"""The lower part of a sheet: the QR and the sheet's number on each, the rest of the seal on the last."""

from dataclasses import dataclass

from sincronizador.core.ticket import Align, Page, Size, Text
from sincronizador.printing.a4.canvas import CLEAR, QR_SIDE, Pen
from sincronizador.printing.a4.head import BOTTOM, BOX, GAP, LEFT, MIDDLE, PAD, RIGHT
from sincronizador.printing.a4.typeset import MM, Run, height_of, set_text

_BESIDE = LEFT + 38 * MM
"""Left edge of what stands beside the QR."""
_QR_LEFT = (LEFT + _BESIDE - QR_SIDE) / 2
_UNDER = 46 * MM
"""Room for the security code, in the middle below the QR: six letters as wide as they may be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Foot:
    """The foot of all sheets of a document, laid out; it is as high on each, so that the QR keeps its place."""

    qr: str
    under: tuple[Run, ...]
    beside: tuple[Run, ...]
    expiry: tuple[Run, ...]

    @property
    def height(self) -> float:
        """From the end of the body to the lower margin."""
        upper = max(QR_SIDE, height_of(self.beside), self._boxed) + 2 * CLEAR
        return upper + max(height_of(self.under), Run("").height)

    @property
    def _boxed(self) -> float:
        return max(BOX, height_of(self.expiry) + 2 * PAD)

    def draw(self, pen: Pen, number: int, of: int) -> None:
        """Draw that of one sheet."""
        top = BOTTOM + self.height
        pen.rule(LEFT, RIGHT, top, accent=True)
        pen.qr(self.qr, _QR_LEFT, top - CLEAR)
        if number == of:
            self._close(pen, top)
        else:
            pen.run(Run("Continúa en la página siguiente."), _BESIDE, RIGHT, top - CLEAR)
        pen.run(Run(f"Página {number} de {of}", align=Align.RIGHT), LEFT, RIGHT, BOTTOM + Run("").height)

    def _close(self, pen: Pen, top: float) -> None:
        left = _QR_LEFT + (QR_SIDE - _UNDER) / 2
        pen.runs(self.under, left, left + _UNDER, top - QR_SIDE - 2 * CLEAR)
        pen.runs(self.beside, _BESIDE, MIDDLE - GAP, top - CLEAR)
        if self.expiry:
            pen.boxed(self.expiry, MIDDLE, RIGHT, top - CLEAR, top - CLEAR - self._boxed)


def foot_of(page: Page) -> Foot:
    """The foot of a page's sheets."""
    expiry = (Text(page.vencimiento, Align.CENTER, Size.LARGE, bold=True),) if page.vencimiento else ()
    return Foot(
        qr=page.qr,
        under=set_text((Text(page.bajo_qr, Align.CENTER),), _UNDER) if page.bajo_qr else (),
        beside=set_text(page.pie, MIDDLE - GAP - _BESIDE),
        expiry=set_text(expiry, RIGHT - MIDDLE - 2 * PAD),
    )
