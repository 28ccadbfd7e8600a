"""A table beside an answer: what any spreadsheet and any old program opens, in the answer's own encoding."""

import csv
import io
import re
from collections.abc import Iterable, Sequence

from sincronizador.formats.spelling import codec_of, plain

_ORDERS = ("=", "+", "-", "@")
"""With which a formula begins."""
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def render_table(rows: Iterable[Sequence[str]], encoding: str) -> bytes:
    """The rows, their cells separated by ``;`` and each kept to one line; CRLF, no BOM."""
    page = io.StringIO(newline="")
    writer = csv.writer(page, delimiter=";", lineterminator="\r\n")
    writer.writerows([_cell(cell, encoding) for cell in row] for row in rows)
    return page.getvalue().encode(codec_of(encoding))


def _cell(text: str, encoding: str) -> str:
    # Nearly all cells of thousands of rows are this plain.
    text = text if text.isascii() and text.isprintable() else plain(text, encoding)
    # A spreadsheet would carry out what a stranger wrote there.
    return f"'{text}" if text.startswith(_ORDERS) and not _NUMBER.fullmatch(text) else text
