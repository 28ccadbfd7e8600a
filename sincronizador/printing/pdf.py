"""
A document as an A4 PDF.

Every sheet carries issuer, document, receiver, QR and its number; what closes the document stands on the last.
Letters are 2 mm high at least and legends 3 mm. Formato CFE v25.2, representación impresa.
"""

import io
from collections.abc import Sequence

from sincronizador.core.ticket import Page
from sincronizador.printing.a4 import closing
from sincronizador.printing.a4.canvas import Pen
from sincronizador.printing.a4.color import accent
from sincronizador.printing.a4.flow import Flow, Strip, height_of
from sincronizador.printing.a4.foot import Foot, foot_of
from sincronizador.printing.a4.head import BOTTOM, GAP, TOP, Head, draw_edge, first_head, further_head
from sincronizador.printing.a4.table import UNDIVIDED, Table

_BROKEN = 3
"""Lines of text with which a divided line ends on a sheet."""


def render_pdf(page: Page) -> bytes:
    """
    The PDF of a page: as many sheets as it takes, its letters embedded, the QR as vectors, text that can be selected.

    The same page gives the same bytes. The first call of a process loads reportlab and the letters.
    """
    heads, foot = (first_head(page), further_head(page)), foot_of(page)
    sheets = _paginate(page, *(_room(head, foot) for head in heads))
    file = io.BytesIO()
    pen = Pen(file, title=page.title, author=page.emisor[0].text if page.emisor else "", color=accent(page.color))
    for number, strips in enumerate(sheets, 1):
        pen.watermark(page.marca)
        if page.color:
            draw_edge(pen)
        _sheet(pen, heads[number > 1], strips)
        foot.draw(pen, number, len(sheets))
        pen.end_sheet()
    pen.save()
    return file.getvalue()


def _sheet(pen: Pen, head: Head, strips: Sequence[Strip]) -> None:
    head.draw(pen)
    y = TOP - head.height
    for strip in strips:
        strip.draw(pen, y)
        y -= strip.height


def _room(head: Head, foot: Foot) -> float:
    """Points between the head and the foot."""
    return TOP - head.height - GAP - foot.height - BOTTOM


def _paginate(page: Page, first: float, further: float) -> list[list[Strip]]:
    """The body cut into sheets: neither titles nor totals stand on one without a line of the document."""
    table, flow = Table(page), Flow(first, further)
    titles = [table.titles()]
    *parts, last = _parts(table)
    room = further - height_of([*titles, *last])
    begun, *more = closing.totals(page, room)
    parts.append([*last, begun])
    for number, part in enumerate(parts):
        flow.add(part if number else [*titles, *part], heading=titles if number else ())
    for strip in more:
        flow.add([strip])
    flow.add(closing.legends(page))
    for strip in closing.adenda(page, flow.left, further):
        flow.add([strip])
    return flow.sheets


def _parts(table: Table) -> list[list[Strip]]:
    """What is not divided of the lines: most of them whole, of a long one each line of text but for its end."""
    parts: list[list[Strip]] = []
    for row in table.rows():
        if len(row) <= UNDIVIDED:
            parts.append(row)
        else:
            parts += [*([strip] for strip in row[:-_BROKEN]), row[-_BROKEN:]]
    return parts or [[]]
