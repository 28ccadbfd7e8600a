"""
What a PDF draws, read from its own operations: letters with their place and height, boxes, QR.

Exact, and the same whatever draws it later; that the QR can be read and the ink is as high is measured elsewhere.
"""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from pypdf import PdfReader

MM = 72 / 25.4
WIDTH_MM, HEIGHT_MM = 210.0, 297.0
Matrix = tuple[float, float, float, float, float, float]


@dataclass(frozen=True)
class Area:
    """A rectangle in mm from the top left corner of the sheet."""

    left: float
    top: float
    right: float
    foot: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.foot - self.top

    def holds(self, other: "Area") -> bool:
        return (
            self.left <= other.left and other.right <= self.right and self.top <= other.top and other.foot <= self.foot
        )

    def touches(self, other: "Area") -> bool:
        return self.left < other.right and other.left < self.right and self.top < other.foot and other.top < self.foot

    def grown(self, by: float) -> "Area":
        return Area(self.left - by, self.top - by, self.right + by, self.foot + by)


@dataclass(frozen=True)
class Words:
    """A line of text: its capitals' area."""

    text: str
    area: Area
    color: tuple[float, ...]

    @property
    def height(self) -> float:
        """Of the capitals, in mm."""
        return self.area.height


@dataclass(frozen=True)
class Sheet:
    """What stands on one sheet; the watermark, which is turned, is apart."""

    words: tuple[Words, ...]
    boxes: tuple[Area, ...]
    lines: tuple[Area, ...]
    qr: Area
    pictures: tuple[Area, ...]
    turned: str

    @property
    def text(self) -> str:
        return "\n".join(words.text for words in self.words)

    def find(self, text: str) -> Words | None:
        """The first line that has a text in it."""
        return next((words for words in self.words if text in words.text), None)

    def box_around(self, text: str) -> Area | None:
        """The box that a text stands in."""
        found = self.find(text)
        return next((box for box in self.boxes if found and box.holds(found.area)), None)


def drawn(content: bytes) -> list[Sheet]:
    """The sheets of a PDF."""
    found = []
    for page in PdfReader(io.BytesIO(content)).pages:
        fonts = {name.encode(): _Font(font.get_object()) for name, font in page["/Resources"]["/Font"].items()}
        reader = _Reader(fonts)
        operands: list[bytes] = []
        for token in _TOKEN.findall(page.get_contents().get_data()):
            if token[:1].isalpha():
                reader.operators[token](*operands)
                operands = []
            else:
                operands.append(token)
        found.append(reader.sheet())
    return found


_TOKEN = re.compile(rb"\((?:\\.|[^\\()])*\)|/[^\s]+|[-+.\d]+|[A-Za-z]+\*?", re.DOTALL)
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)


def _codes(literal: bytes) -> bytes:
    """The bytes of a literal string."""

    def one(found: re.Match[bytes]) -> bytes:
        return (
            bytes([int(found[1], 8)])
            if found[1].isdigit()
            else {b"n": b"\n", b"r": b"\r", b"t": b"\t"}.get(found[1], found[1])
        )

    return _ESCAPE.sub(one, literal[1:-1])


class _Font:
    """What codes stand for and how wide they are."""

    def __init__(self, font) -> None:
        told = font["/ToUnicode"].get_object().get_data().decode()
        self._letters = {int(code, 16): chr(int(to, 16)) for code, to in re.findall(r"<(\w\w)> <(\w{4})>\n", told)}
        self._widths = [float(width) for width in font["/Widths"]]
        self.capitals = float(font["/FontDescriptor"].get_object()["/CapHeight"]) / 1000

    def letters(self, codes: bytes) -> str:
        return "".join(self._letters[code] for code in codes)

    def width(self, codes: bytes) -> float:
        return sum(self._widths[code] for code in codes) / 1000


class _Reader:
    """The operations that our sheets are made of; another one is an error, so that nothing goes unseen."""

    def __init__(self, fonts: dict[bytes, _Font]) -> None:
        self._fonts = fonts
        self._words: list[Words] = []
        self._boxes: list[Area] = []
        self._lines: list[Area] = []
        self._pictures: list[Area] = []
        self._qr: list[Area] = []
        self._turned = ""
        self._matrix: Matrix = (1, 0, 0, 1, 0, 0)
        self._kept: list[Matrix] = []
        self._path: list[Area] = []
        self._pen = self._at = (0.0, 0.0)
        self._color: tuple[float, ...] = (0.0,)
        self.operators = {
            b"q": lambda: self._kept.append(self._matrix),
            b"Q": self._restore,
            b"cm": self._transform,
            b"m": self._move,
            b"l": self._line,
            b"re": self._rectangle,
            b"S": self._stroke,
            b"f": self._fill,
            b"f*": self._fill,
            b"n": self._path.clear,
            b"g": self._ink,
            b"rg": self._ink,
            b"Do": self._picture,
            b"Tf": self._font,
            b"Tm": self._place,
            b"Tj": self._set,
            **dict.fromkeys((b"w", b"RG", b"BT", b"ET", b"TL", b"T*"), lambda *_: None),
        }

    def sheet(self) -> Sheet:
        return Sheet(
            words=tuple(self._words),
            boxes=tuple(self._boxes),
            lines=tuple(self._lines),
            qr=_hull(self._qr),
            pictures=tuple(self._pictures),
            turned=self._turned,
        )

    def _restore(self) -> None:
        self._matrix = self._kept.pop()

    def _transform(self, *numbers: bytes) -> None:
        self._matrix = _times(tuple(map(float, numbers)), self._matrix)

    def _move(self, x: bytes, y: bytes) -> None:
        self._pen = self._point(float(x), float(y))

    def _line(self, x: bytes, y: bytes) -> None:
        start, self._pen = self._pen, self._point(float(x), float(y))
        self._path.append(_area(*start, *self._pen))

    def _rectangle(self, *numbers: bytes) -> None:
        left, foot, wide, tall = map(float, numbers)
        self._path.append(_area(*self._point(left, foot), *self._point(left + wide, foot + tall)))

    def _stroke(self) -> None:
        for area in self._path:
            (self._boxes if area.width and area.height else self._lines).append(area)
        self._path.clear()

    def _fill(self) -> None:
        """Many black rectangles are the QR; a white one is blank paper."""
        if len(self._path) > 100:
            self._qr = [*self._path]
        elif self._color != (1.0,):
            raise AssertionError("nobody knows what is filled")
        self._path.clear()

    def _ink(self, *numbers: bytes) -> None:
        self._color = tuple(map(float, numbers))

    def _picture(self, _name: bytes) -> None:
        self._pictures.append(_area(*self._point(0, 0), *self._point(1, 1)))

    def _font(self, name: bytes, size: bytes) -> None:
        self._font_used, self._size = self._fonts[name], float(size)

    def _place(self, *numbers: bytes) -> None:
        self._at = float(numbers[4]), float(numbers[5])

    def _set(self, literal: bytes) -> None:
        codes, font = _codes(literal), self._font_used
        if self._matrix[1]:
            self._turned += font.letters(codes)
            return
        x, y = self._point(*self._at)
        end = x + font.width(codes) * self._size
        area = _area(x, y, end, y + font.capitals * self._size)
        self._words.append(Words(font.letters(codes), area, self._color))

    def _point(self, x: float, y: float) -> tuple[float, float]:
        a, b, c, d, e, f = self._matrix
        return a * x + c * y + e, b * x + d * y + f


def _times(first: Matrix, second: Matrix) -> Matrix:
    a, b, c, d, e, f = first
    p, q, r, s, t, u = second
    return (a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u)


def _area(x: float, y: float, x2: float, y2: float) -> Area:
    left, right = sorted((x / MM, x2 / MM))
    foot, top = sorted((y / MM, y2 / MM))
    return Area(left, HEIGHT_MM - top, right, HEIGHT_MM - foot)


def _hull(areas: list[Area]) -> Area:
    return Area(
        min(area.left for area in areas),
        min(area.top for area in areas),
        max(area.right for area in areas),
        max(area.foot for area in areas),
    )


def everything(sheet: Sheet) -> Iterator[Area]:
    """All that has ink but for the watermark."""
    yield from (words.area for words in sheet.words)
    yield from sheet.boxes
    yield from sheet.lines
    yield from sheet.pictures
    yield sheet.qr
