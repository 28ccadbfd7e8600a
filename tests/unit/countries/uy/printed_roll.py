"""What a person with a ruler finds on a ticket, out of the bytes that went to the printer. Knows nothing of layout."""

from dataclasses import dataclass

import zxingcpp

from sincronizador.printing.commands import commands
from sincronizador.printing.paper import Paper
from sincronizador.printing.preview import picture

DOTS_PER_MM = 8
CELL_WIDTH, CELL_HEIGHT, PITCH = 12, 24, 30
CAPITAL = 0.7
"""A capital letter's share of its cell."""


@dataclass(frozen=True)
class Run:
    """Letters of one size."""

    text: str
    wide: int
    tall: int

    @property
    def letter_mm(self) -> float:
        """How high a capital is."""
        return CAPITAL * CELL_HEIGHT * self.tall / DOTS_PER_MM


@dataclass(frozen=True)
class Line:
    """A printed line and where its top is, in dots."""

    runs: tuple[Run, ...]
    top: int

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)

    @property
    def columns(self) -> int:
        return sum(len(run.text) * run.wide for run in self.runs)


@dataclass(frozen=True)
class Frame:
    """A box: its sides measured between the middles of its lines, and what stands in it."""

    wide_mm: float
    high_mm: float
    inside: tuple[Line, ...]

    @property
    def words(self) -> str:
        return words(self.inside)


def words(lines: tuple[Line, ...], letter_mm: float = 0) -> str:
    """The running text of lines, of letters at least so high; sides of boxes are no words."""
    told = (
        "".join(run.text if run.letter_mm >= letter_mm else " " for run in line.runs).replace("│", " ")
        for line in lines
    )
    return " ".join(" ".join(told).split())


class Roll:
    """A ticket that came out of a printer."""

    def __init__(self, page: bytes, paper: Paper) -> None:
        self.page, self.paper = page, paper
        self.lines: tuple[Line, ...] = ()
        self.qr_text = ""
        self.below_qr = ""
        self.cut = False
        self._print()
        self.words, self.large = words(self.lines), words(self.lines, 3)
        self.frames = tuple(self._frames())

    def _print(self) -> None:
        lines: list[Line] = []
        runs: list[Run] = []
        down, pitch, wide, tall = 0, PITCH, 1, 1
        for command in commands(self.page):
            name, data = command.name, command.data
            if not name:
                runs.append(Run(data.decode("cp858"), wide, tall))
            elif name == b"\n":
                if runs:
                    lines.append(Line(tuple(runs), down))
                down += max(pitch, *(run.tall * CELL_HEIGHT for run in runs), 0)
                runs = []
            elif name == b"\x1d!":
                wide, tall = (data[0] >> 4) + 1, (data[0] & 7) + 1
            elif name in (b"\x1b2", b"\x1b3"):
                pitch = data[0] if data else PITCH
            elif name == b"\x1d(" and data[4:6] == b"P0":
                self.qr_text, self._qr_at = data[6:].decode(), len(lines)
            elif name == b"\x1dV":
                self.cut = True
        assert not runs, "a line was never printed"
        self.lines = tuple(lines)
        if self.qr_text:
            self.below_qr = lines[self._qr_at].text.strip()

    def _frames(self):
        top = 0
        for at, line in enumerate(self.lines):
            if line.text.startswith("┌"):
                top = at
            elif line.text.startswith("└"):
                high = line.top - self.lines[top].top
                inside = self.lines[top + 1 : at]
                assert {len(one.text) for one in (self.lines[top], line)} == {self.paper.columns}
                assert all(one.text[0] == one.text[-1] == "│" and one.columns == line.columns for one in inside)
                yield Frame((len(line.text) - 1) * CELL_WIDTH / DOTS_PER_MM, high / DOTS_PER_MM, inside)

    def scanned(self) -> tuple[str, float, float]:
        """From the picture: the QR's text, its width and the blank around it, in mm."""
        shown = picture(self.page, self.paper)
        (code,) = zxingcpp.read_barcodes(shown, formats=zxingcpp.BarcodeFormat.QRCode)
        corners = code.position
        left, top, right, foot = corners.top_left.x, corners.top_left.y, corners.bottom_right.x, corners.bottom_right.y
        blank = 0
        while blank < 6 * DOTS_PER_MM and _is_blank_around(shown, (left, top, right, foot), blank + 4):
            blank += 1
        return code.text, (right - left + 1) / DOTS_PER_MM, blank / DOTS_PER_MM


def _is_blank_around(shown, box: tuple[int, int, int, int], away: int) -> bool:
    """Whether a line all around, so many dots away (the reader's corners are exact to a module), is white."""
    left, top, right, foot = box[0] - away, box[1] - away, box[2] + away, box[3] + away
    edges = (
        (left, top, right, top + 1),
        (left, foot, right, foot + 1),
        (left, top, left + 1, foot),
        (right, top, right + 1, foot),
    )
    return all(shown.crop(edge).getextrema()[0] > 200 for edge in edges)
