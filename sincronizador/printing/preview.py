"""What a printer makes of its bytes, as a picture: for people, for answers, and for tests that read the QR back."""

import io
from collections.abc import Callable
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

from sincronizador.printing.commands import Command, commands
from sincronizador.printing.font import font_path
from sincronizador.printing.paper import CELL_HEIGHT, CELL_WIDTH, CODE_PAGES, Paper
from sincronizador.printing.qr import symbol

_MARGIN = 32
"""Dots of blank paper at each side: 4 mm."""
_LINE = 30
"""Dots from one line to the next unless ``ESC 3`` says otherwise."""
_WHITE, _BLACK, _GREY = 255, 0, 150
_STROKE = 2
_ARMS = {"─": "lr", "│": "ud", "┌": "rd", "┐": "ld", "└": "ru", "┘": "lu", "═": "lr"}
_LEVELS = "LMQH"
_QR_BYTES = 1273
"""What the largest QR holds at level H."""
_DPI = 203


def png(content: bytes, paper: Paper) -> bytes:
    """The picture of a page as a PNG that knows its 203 dots to the inch. Bytes that were cut off give what came."""
    file = io.BytesIO()
    picture(content, paper).save(file, "PNG", dpi=(_DPI, _DPI), compress_level=4)
    return file.getvalue()


def picture(content: bytes, paper: Paper) -> Image.Image:
    """The picture of a page, a pixel for each dot."""
    roll = _Roll(paper)
    for command in commands(content):
        roll.obey(command)
    return roll.image()


class _Roll:
    """A printer's head over its paper: the state that commands change, and what was printed so far."""

    def __init__(self, paper: Paper) -> None:
        self._width = paper.dots
        self._printed: list[tuple[int, int, Image.Image]] = []
        self._down = _MARGIN
        self._codecs = {page.number: page.codec for page in CODE_PAGES.values() if page.number is not None}
        if paper.page.number is not None:
            self._codecs[paper.page.number] = paper.page.codec
        self._qr_size, self._qr_level, self._qr_text = 3, 0, b""
        self._verbs: dict[bytes, Callable[[bytes], None]] = {
            b"": self._letters,
            b"\n": self._line_feed,
            b"\x1b@": self._reset,
            b"\x1bt": self._code_page,
            b"\x1bE": self._bold,
            b"\x1bG": self._bold,
            b"\x1ba": self._align_to,
            b"\x1b!": self._mode,
            b"\x1b2": self._spacing,
            b"\x1b3": self._spacing,
            b"\x1bd": self._feed_lines,
            b"\x1bJ": self._feed_dots,
            b"\x1d!": self._size,
            b"\x1d(": self._symbol,
            b"\x1dv": self._raster,
            b"\x1dV": self._cut,
        }
        self._reset(b"")

    def obey(self, command: Command) -> None:
        """Do what a command says; those that leave no trace on paper are passed over."""
        verb = self._verbs.get(command.name)
        if verb:
            verb(command.data)

    def image(self) -> Image.Image:
        """All of the paper."""
        self._end_line()
        sheet = Image.new("L", (self._width + 2 * _MARGIN, self._down + _MARGIN), _WHITE)
        for left, top, part in self._printed:
            sheet.paste(part, (left, top))
        return sheet

    def _reset(self, _: bytes) -> None:
        self._codec = "cp437"
        self._is_bold = False
        self._align = 0
        self._scale = (1, 1)
        self._pitch = _LINE
        self._waiting: list[Image.Image] = []

    def _letters(self, data: bytes) -> None:
        for letter in data.decode(self._codec, "replace"):
            self._waiting.append(_glyph(letter, self._is_bold, *self._scale))
            if sum(glyph.width for glyph in self._waiting) > self._width:
                last = self._waiting.pop()
                self._line_feed(b"")
                self._waiting.append(last)

    def _line_feed(self, _: bytes) -> None:
        self._advance(self._pitch)

    def _feed_lines(self, data: bytes) -> None:
        self._advance(data[0] * self._pitch)

    def _feed_dots(self, data: bytes) -> None:
        self._advance(data[0])

    def _end_line(self) -> None:
        """Print what waits, as printers do before anything that is not text."""
        if self._waiting:
            self._advance(self._pitch)

    def _advance(self, dots: int) -> None:
        """Print the line that waits, if any, and move the paper; never by less than the letters' height."""
        if not self._waiting:
            self._down += dots
            return
        tall = max(glyph.height for glyph in self._waiting)
        line = Image.new("L", (sum(glyph.width for glyph in self._waiting), tall), _WHITE)
        at = 0
        for glyph in self._waiting:
            line.paste(glyph, (at, tall - glyph.height))
            at += glyph.width
        self._waiting = []
        self._place(line, max(tall, dots))

    def _place(self, part: Image.Image, pitch: int) -> None:
        spare = self._width - part.width
        left = (0, spare // 2, spare)[self._align]
        self._printed.append((_MARGIN + left, self._down, part))
        self._down += pitch

    def _code_page(self, data: bytes) -> None:
        self._codec = self._codecs.get(data[0], "cp437")

    def _bold(self, data: bytes) -> None:
        self._is_bold = bool(data[0] & 1)

    def _align_to(self, data: bytes) -> None:
        self._align = data[0] % 48 % 3

    def _mode(self, data: bytes) -> None:
        self._is_bold = bool(data[0] & 0x08)
        self._scale = (2 if data[0] & 0x20 else 1, 2 if data[0] & 0x10 else 1)

    def _size(self, data: bytes) -> None:
        self._scale = ((data[0] >> 4 & 7) + 1, (data[0] & 7) + 1)

    def _spacing(self, data: bytes) -> None:
        self._pitch = data[0] if data else _LINE

    def _symbol(self, data: bytes) -> None:
        """``GS ( k``: the QR's size, level and text are stored by functions 67, 69 and 80, and printed by 81."""
        if data[:1] != b"k" or data[3:4] != b"1" or len(data) < 6:
            return
        function, value = data[4], data[5]
        if function == 67:
            self._qr_size = value
        elif function == 69:
            self._qr_level = value % 48 % 4
        elif function == 80:
            self._qr_text = data[6:]
        elif function == 81:
            self._end_line()
            self._print_symbol()

    def _print_symbol(self) -> None:
        """A text that is missing or too long for any QR prints nothing, as in a printer."""
        text = self._qr_text.decode("utf-8", "replace")
        if not text or len(self._qr_text) > _QR_BYTES or not self._qr_size:
            return
        rows = symbol(text, _LEVELS[self._qr_level]).rows
        modules = bytes(_BLACK if module else _WHITE for row in rows for module in row)
        side = len(rows) * self._qr_size
        code = Image.frombytes("L", (len(rows), len(rows)), modules).resize((side, side), Image.Resampling.NEAREST)
        self._place(code, side)

    def _raster(self, data: bytes) -> None:
        wide, tall = (int.from_bytes(data[at : at + 2], "little") for at in (2, 4))
        self._end_line()
        if wide and tall:
            dots = Image.frombytes("1", (wide * 8, tall), bytes(byte ^ 0xFF for byte in data[6:])).convert("L")
            self._place(dots, tall)

    def _cut(self, data: bytes) -> None:
        self._end_line()
        if data[:1] in (b"A", b"B"):
            self._down += data[1]
        edge = Image.new("L", (self._width + 2 * _MARGIN, 2), _WHITE)
        for left in range(0, edge.width, 16):
            edge.paste(_GREY, (left, 0, left + 8, 2))
        self._printed.append((0, self._down, edge))
        self._down += edge.height


@lru_cache(maxsize=2048)
def _glyph(letter: str, bold: bool, wide: int, tall: int) -> Image.Image:
    """A letter in its cell of 12 by 24 dots, so many times as wide and tall."""
    cell = (CELL_WIDTH * wide, CELL_HEIGHT * tall)
    if letter in _ARMS:
        return _frame_glyph(letter, cell)
    image = Image.new("L", (CELL_WIDTH * tall, CELL_HEIGHT * tall), _WHITE)
    pen = ImageDraw.Draw(image)
    # A thermal head emphasises by printing twice, a dot apart; the font needs no bold of its own.
    for shift in (0, tall) if bold else (0,):
        pen.text((shift, 0), letter, font=_font(20 * tall), fill=_BLACK)
    return image if wide == tall else image.resize(cell, Image.Resampling.LANCZOS)


def _frame_glyph(letter: str, cell: tuple[int, int]) -> Image.Image:
    """Parts of frames are drawn, not set: they must meet the next cell whatever the size."""
    image = Image.new("L", cell, _WHITE)
    wide, tall = cell
    left, top = (wide - _STROKE) // 2, (tall - _STROKE) // 2
    arms = {
        "l": (0, top, left + _STROKE, top + _STROKE),
        "r": (left, top, wide, top + _STROKE),
        "u": (left, 0, left + _STROKE, top + _STROKE),
        "d": (left, top, left + _STROKE, tall),
    }
    for arm in _ARMS[letter]:
        x0, y0, x1, y1 = arms[arm]
        for shift in (-_STROKE, _STROKE) if letter == "═" else (0,):
            image.paste(_BLACK, (x0, y0 + shift, x1, y1 + shift))
    return image


@lru_cache(maxsize=8)
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(font_path(), size)
