"""The body of a document on its way down one sheet after the other."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sincronizador.printing.a4.canvas import Pen


@dataclass(frozen=True, slots=True)
class Strip:
    """A part of the body that is never divided: its height and how it is drawn below a given y."""

    height: float
    draw: Callable[[Pen, float], None]


def gap(height: float) -> Strip:
    """Blank paper."""
    return Strip(height, lambda _pen, _y: None)


class Flow:
    """Sheets that are filled from top to foot."""

    def __init__(self, first: float, further: float) -> None:
        self.sheets: list[list[Strip]] = [[]]
        self.left = first
        """Points that are left of the last sheet."""
        self._whole = further

    def add(self, group: Sequence[Strip], heading: Sequence[Strip] = ()) -> None:
        """Strips that stay on one sheet if a whole one can hold them; a new sheet that they begin has `heading`."""
        height = height_of(group)
        together = height <= self._whole - height_of(heading)
        for number, strip in enumerate(group):
            if self.left < (height if together and number == 0 else strip.height):
                self.sheets.append([])
                self.left = self._whole
                self._place(heading)
            self._place([strip])

    def _place(self, strips: Sequence[Strip]) -> None:
        self.sheets[-1] += strips
        self.left -= height_of(strips)


def height_of(strips: Sequence[Strip]) -> float:
    """Points that strips take one below the other."""
    return sum(strip.height for strip in strips)
