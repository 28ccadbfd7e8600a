"""A ticket as the bytes of an ESC/POS printer."""

import logging
import os
import shutil
from collections.abc import Sequence
from functools import cache
from typing import Any

from sincronizador.core.ticket import QR, Align, Block, Cut, Drawer, Feed, Logo, Size, Ticket
from sincronizador.printing.layout import Line, lines
from sincronizador.printing.logo import rows
from sincronizador.printing.paper import CODE_PAGES, CodePage, CutMode, Paper, cells, height
from sincronizador.printing.qr import printed
from sincronizador.printing.raster import bands, centred

_LEVELS = "LMQH"
_AIR = 12
"""Dots between a picture and what follows it."""
_TO_THE_EDGE = 6
"""Lines from the head to where the paper is torn."""
_BEEP = 2
"""Length of a beep: tenths of a second."""
_PLAIN_LETTERS = b"\x1c."
"""``FS .``: bytes above 127 are letters; many clones wake up taking two of them for a Chinese one."""
_AMERICAN = b"\x1bR\x00"
"""``ESC R 0``: ASCII as it is, whatever national letters the printer was set up to put in place of ``# $ @ [ ]``."""


def encode(ticket: Ticket, paper: Paper, *, original: bool = False) -> bytes:
    """
    The bytes that print `ticket` on `paper`, with the paper's beeps after an `original`.

    One code page throughout, the QR drawn by the printer itself where it can (a few hundred bytes instead of ten
    thousand). The first call of a process loads python-escpos, which costs about 180 ms.
    """
    pen = _Pen(paper)
    for block in ticket.blocks:
        _draw(pen, block, paper)
    if original and paper.beeps:
        pen.beep()
    return pen.output


def initialised(page: CodePage) -> bytes:
    """What puts a printer in a known state, before its code page is chosen."""
    return b"\x1b@" + (_PLAIN_LETTERS if page.number is not None else b"") + _AMERICAN


class _Pen:
    """python-escpos, told only what changes from one line to the next."""

    def __init__(self, paper: Paper) -> None:
        page = paper.page
        self._paper = paper
        self._device = _encoder(page)
        self._device.collected.append(initialised(page))
        if page.number is not None:
            self._device.charcode(page.name)
        self._style: dict[str, object] = {"align": Align.LEFT, "bold": False}
        self._size = Size.NORMAL
        self._joined: int | None = None

    @property
    def output(self) -> bytes:
        return b"".join(self._device.collected)

    def line(self, line: Line) -> None:
        self._space(line.height if line.joined else None)
        for span in line.spans:
            self._set(align=line.align, bold=span.bold)
            self._scale(span.size)
            self._device.text(span.text)
        self._device.ln()

    def qr(self, text: str) -> None:
        """With an empty line above and below: the 3 mm that must stay clear around it."""
        found = printed(text)
        self._space(None)
        self._set(align=Align.CENTER if self._paper.draws_qr else Align.LEFT)
        self._scale(Size.NORMAL)
        self._device.ln()
        if self._paper.draws_qr:
            self._device.qr(text, ec=_LEVELS.index(found.level), size=found.module_dots, native=True)
        else:
            self._device.collected.append(bands(centred(found, self._paper.dots)))
        self._device.ln()

    def picture(self, dots: Sequence[bytes]) -> None:
        """Rows of dots, with some air below."""
        self._space(None)
        self._set(align=Align.LEFT)
        self._device.collected.append(bands(dots))
        self._device.collected.append(b"\x1bJ" + bytes([_AIR]))

    def feed(self, count: int) -> None:
        self._space(None)
        self._device.ln(count)

    def cut(self) -> None:
        self._space(None)
        if self._paper.cut is CutMode.NONE:
            self._device.print_and_feed(_TO_THE_EDGE)
        else:
            self._device.cut("PART" if self._paper.cut is CutMode.PARTIAL else "FULL")

    def beep(self) -> None:
        self._device.buzzer(self._paper.beeps, _BEEP)

    def drawer(self) -> None:
        """Both connectors: which of them the drawer hangs on is nobody's affair."""
        for pin in (2, 5):
            self._device.cashdraw(pin)

    def _set(self, **wanted: object) -> None:
        changed = {name: value for name, value in wanted.items() if self._style[name] != value}
        if changed:
            self._device.set(**changed)
            self._style.update(changed)

    def _scale(self, size: Size) -> None:
        if size is not self._size:
            self._device.set(custom_size=True, width=cells(size), height=height(size) // height(Size.NORMAL))
            self._size = size

    def _space(self, dots: int | None) -> None:
        """The distance to the next line; None: the printer's own. No printer goes below the height of its letters."""
        if dots != self._joined:
            self._device.line_spacing(dots)
            self._joined = dots


def _draw(pen: _Pen, block: Block, paper: Paper) -> None:
    match block:
        case QR():
            pen.qr(block.text)
        case Logo():
            pen.picture(rows(block.image, paper.dots))
        case Feed():
            pen.feed(block.lines)
        case Cut():
            pen.cut()
        case Drawer():
            pen.drawer()
        case _:
            for line in lines(block, paper):
                pen.line(line)


def _encoder(page: CodePage) -> Any:
    """python-escpos with one code page, collecting what it would send."""
    collector = _collector()
    from escpos.magicencode import Encoder

    if page.number is None:
        name = CODE_PAGES["CP437"].name
        return collector(magic_encode_args={"encoding": name, "disabled": True, "encoder": Encoder({name: 0})})
    return collector(magic_encode_args={"encoder": Encoder({page.name: page.number})})


@cache
def _collector() -> Any:
    """
    The library's base class, taught to collect.

    Its own ``Dummy`` lies in a package that imports ``usb`` and ``cups``, also from folders of that name in the working
    directory. Importing it configures the root logger and leaves a folder in /tmp: both are undone.
    """
    handlers = list(logging.root.handlers)
    from escpos import capabilities
    from escpos.escpos import Escpos

    logging.root.handlers[:] = handlers
    if "ESCPOS_CAPABILITIES_PICKLE_DIR" not in os.environ:
        shutil.rmtree(capabilities.pickle_dir, ignore_errors=True)

    class Collector(Escpos):  # type: ignore[misc]
        """Keeps what a printer would receive."""

        def __init__(self, **options: Any) -> None:
            super().__init__(**options)
            self.collected: list[bytes] = []

        def _raw(self, msg: bytes) -> None:
            self.collected.append(msg)

        def close(self) -> None:
            """Nothing was opened."""

    return Collector
