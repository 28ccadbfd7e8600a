"""
The printed forms as neutral data: a `Ticket` of blocks for rolls, a `Page` for A4.

A country says *what* the paper must carry and in which order; a printer decides how wide a line is.
"""

from dataclasses import dataclass
from enum import StrEnum


class Align(StrEnum):
    """Horizontal place of a text."""

    LEFT = "left"
    CENTER = "center"
    RIGHT = "right"


class Size(StrEnum):
    """
    Height of the letters. The law asks for 2 mm (`NORMAL`), and for 3 mm in type, RUC, series, legends (`LARGE`).
    """

    NORMAL = "normal"
    LARGE = "large"
    """Double height, normal width."""
    HUGE = "huge"
    """Double height and double width; what does not fit into one line so is `LARGE`."""


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph; wrapped at words, never cut."""

    text: str
    align: Align = Align.LEFT
    size: Size = Size.NORMAL
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Phrases:
    """Short texts that share lines as far as they fit, with a dot between; none is broken to fill a line."""

    texts: tuple[str, ...]
    align: Align = Align.LEFT
    size: Size = Size.NORMAL
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A line with something at the left (wrapped when long) and something at the right (never wrapped)."""

    left: str
    right: str
    size: Size = Size.NORMAL
    bold: bool = False
    middle: str = ""
    """What stands before the column of amounts, on a roll: ``2 x 1.175,50``."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across the paper."""

    double: bool = False


@dataclass(frozen=True, slots=True)
class Box:
    """Texts inside a frame, 1 cm high at least, as the law wants its boxes."""

    lines: tuple[Text, ...]
    is_tight: bool = False
    """Whether it is only as high as its texts: the law does not ask for this one's height."""


@dataclass(frozen=True, slots=True)
class QR:
    """A QR code, centred, 22 to 30 mm wide."""

    text: str


@dataclass(frozen=True, slots=True)
class Logo:
    """A picture at the top, centred: PNG or JPEG, of which somebody made sure that it can be opened."""

    image: bytes


@dataclass(frozen=True, slots=True)
class Feed:
    """Empty lines."""

    lines: int = 1


@dataclass(frozen=True, slots=True)
class Cut:
    """Feed and cut the paper."""


@dataclass(frozen=True, slots=True)
class Drawer:
    """Open the cash drawer that hangs on the printer."""


Block = Text | Phrases | Row | Rule | Box | Logo | QR | Feed | Cut | Drawer


@dataclass(frozen=True, slots=True)
class Ticket:
    """What comes out of a till's printer, top to bottom."""

    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table of lines on a page."""

    title: str
    width: float
    """Share of the table's width, 0..1; the columns add up to 1."""
    align: Align = Align.LEFT
    decimal: bool = False
    """Whether the commas of its numbers stand one below the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """An A4 representation; the renderer decides where each part goes and repeats what each sheet must carry."""

    title: str
    """The document in one line, for the heads of further sheets and the PDF's title: ``e-Factura A 12``."""
    emisor: tuple[Text, ...]
    """Top left; every sheet repeats what is bold: the names."""
    documento: tuple[Text, ...]
    """Top right: RUC, type, series and number, contado or crédito."""
    receptor: tuple[Text, ...]
    """The receiver's box; every sheet repeats what is bold: ``RUC COMPRADOR 211003420017`` and the name."""
    datos: tuple[Row, ...]
    """Date, currency, rate, due date, period."""
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    """The document's lines; as many cells as columns; a cell may hold line breaks."""
    totales: tuple[Row, ...]
    notas: tuple[Text, ...]
    """References, payments, legends."""
    qr: str
    pie: tuple[Text, ...]
    """Beside the QR: security code, resolution, where to verify, CAE and its range, IVA al día."""
    vencimiento: str
    """The text of the box «Fecha de vencimiento»."""
    adenda: str
    marca: str
    """A watermark in big letters (``PRUEBA``, ``COPIA``), or empty."""
    regimen: str = ""
    """The text of a box of its own before the receiver: the issuer's tax regime (``MONOTRIBUTO``), or empty."""
    bajo_qr: str = ""
    """Right under the QR: ``Cód. de seguridad: Zm9vYm``."""
    logo: bytes = b""
    """PNG or JPEG, above the issuer."""
    color: str = ""
    """``#rrggbb`` for rules and headings; black when empty."""
    encabezado: tuple[Text, ...] = ()
    """Below the issuer, what he adds there."""
