"""A paper that is no document: somebody's text, between legends that say so."""

from collections.abc import Iterator

from sincronizador.core.ticket import Align, Block, Cut, Feed, Rule, Size, Text, Ticket

LEGEND = "DOCUMENTO NO FISCAL"
_REPEATED = "COPIA"
_LINES = 25
"""Between two legends, so that no piece of a torn paper is without one."""


def slip_ticket(text: str, *, repeated: bool) -> Ticket:
    """The text line by line; `repeated` says that it may have come out before."""
    return Ticket(tuple(_blocks(text.split("\n"), repeated=repeated)))


def _blocks(lines: list[str], *, repeated: bool) -> Iterator[Block]:
    if repeated:
        yield Text(_REPEATED, Align.CENTER, Size.HUGE, bold=True)
    yield from _legend()
    for start in range(0, len(lines), _LINES):
        yield from (Text(line) for line in lines[start : start + _LINES])
        yield from _legend()
    yield from (Feed(), Cut())


def _legend() -> Iterator[Block]:
    yield Rule()
    yield Text(LEGEND, Align.CENTER, Size.LARGE, bold=True)
    yield Rule()
