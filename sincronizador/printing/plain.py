"""A ticket as plain text, for a terminal: line by line what the paper will carry."""

from collections.abc import Iterator
from dataclasses import replace

from sincronizador.core.ticket import QR, Align, Block, Cut, Drawer, Feed, Logo, Row, Size, Text, Ticket
from sincronizador.printing.layout import Line, lines
from sincronizador.printing.paper import Paper


def plain(ticket: Ticket, paper: Paper) -> str:
    """The lines of a ticket on a paper, in letters of one size; QR and logo are told in words, a cut in dashes."""
    return "\n".join(line.rstrip() for block in ticket.blocks for line in _lines(block, paper)) + "\n"


def _lines(block: Block, paper: Paper) -> Iterator[str]:
    match block:
        case QR():
            yield f"[QR: {block.text}]".center(paper.columns)
        case Logo():
            yield "[LOGO]".center(paper.columns)
        case Feed():
            yield from [""] * block.lines
        case Cut():
            yield "- " * (paper.columns // 2)
        case Text(size=Size.HUGE) | Row(size=Size.HUGE):
            yield from _lines(replace(block, size=Size.LARGE), paper)
        case Drawer():
            yield "[abre el cajón]"
        case _:
            for line in lines(block, paper):
                yield _placed(line, paper.columns)


def _placed(line: Line, columns: int) -> str:
    text = "".join(span.text for span in line.spans)
    if line.align is Align.CENTER:
        return text.center(columns)
    return text.rjust(columns) if line.align is Align.RIGHT else text
