"""Workbooks: the values of a sheet, row by row."""

import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING

from .records import plain
from .tables import Row

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

MOST_ROWS = 100_000
MOST_COLUMNS = 256


class BadWorkbook(ValueError):
    """Not a workbook that can be read; says why, in Spanish."""


def missing(content: bytes) -> str | None:
    """What a workbook still lacks: its end, where the index of its parts stands."""
    return None if zipfile.is_zipfile(io.BytesIO(content)) else "el final del libro"


def rows_of(content: bytes, *, sheet: str, largest: int) -> Iterator[Row]:
    """
    The rows of a sheet as texts, its formulas as the values that were stored with them.

    Raises `BadWorkbook` for what is none, has no such sheet, unpacks to more than `largest` bytes, brings a DTD, or has
    more than `MOST_ROWS` rows.
    """
    # A tenth of the daemon's start, for what few ever drop.
    from openpyxl import load_workbook

    _check(content, largest)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        for number, cells in enumerate(_page(book, sheet).iter_rows(max_col=MOST_COLUMNS, values_only=True), 1):
            _limit(number)
            if any(cell is not None for cell in cells):
                yield Row(number, [_text(cell) for cell in cells])
    except BadWorkbook:
        raise
    except Exception as exc:  # the library raises whatever its parts raise
        raise BadWorkbook(f"el libro está dañado ({type(exc).__name__})") from exc


def _page(book: "Workbook", sheet: str) -> "ReadOnlyWorksheet":
    names = book.sheetnames
    if sheet and sheet not in names:
        raise BadWorkbook(f"no tiene la hoja «{sheet}»; tiene {', '.join(names)}")
    page = book[sheet] if sheet else book.worksheets[0]
    # What a sheet says of its own size may be anything.
    page.reset_dimensions()
    return page


def _limit(rows: int) -> None:
    if rows > MOST_ROWS:
        raise BadWorkbook(f"tiene más de {MOST_ROWS} filas")


def _check(content: bytes, largest: int) -> None:
    try:
        problem = _problem(content, largest)
    except Exception as exc:  # zipfile raises whatever its parts raise
        raise BadWorkbook("no es un libro de Excel (.xlsx)") from exc
    if problem:
        raise BadWorkbook(problem)


def _problem(content: bytes, largest: int) -> str:
    """Why a book is not opened at all; empty when it may be."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = archive.infolist()
        if sum(part.file_size for part in parts) > largest:
            return f"desempaquetado pasa de {largest} bytes"
        for part in parts:
            if part.filename.lower().endswith((".xml", ".rels")) and b"<!DOCTYPE" in _plain(archive.read(part)):
                return "trae una declaración DOCTYPE, que no se acepta por seguridad"
    return ""


def _plain(part: bytes) -> bytes:
    return part.replace(b"\0", b"") if b"\0" in part else part


def _text(value: object) -> str:
    """A cell as it would be written in our TXT."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return plain(Decimal(repr(value)).normalize()) if isinstance(value, float) else str(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)
