"""The records of a file, cut into columns: what every format is before rules are applied."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from sincronizador.core.finding import Finding

_LARGEST_EXPONENT = 30


@dataclass(frozen=True, slots=True)
class Record:
    """A line, a row, an object, an element: texts by the name of their column, trimmed, none of them empty."""

    kind: str
    line: int
    """Of the file, or the row of a sheet; from 1."""
    cells: Mapping[str, str]
    lines: Mapping[str, int] = field(default_factory=dict)
    """Of the columns that stand on a line of their own."""

    def text(self, column: str) -> str:
        """The text of a column, or the empty string."""
        return self.cells.get(column, "")

    def line_of(self, column: str) -> int:
        """Where a column stands."""
        return self.lines.get(column, self.line)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file as records."""

    head: tuple[Record, ...] = ()
    """What stands before the first document and belongs to all."""
    documents: tuple[tuple[Record, ...], ...] = ()
    """None of them without a record."""
    findings: tuple[Finding, ...] = ()
    encoding: str = "utf-8"
    unused: tuple[str, ...] = ()
    """What the file has and no rule looks at, as far as only the format can tell."""


def divide(records: Sequence[Record], begins: Callable[[Record], bool]) -> tuple[list[Record], list[list[Record]]]:
    """The records before the first document, and those of each; one that `begins` is the first of its document."""
    head: list[Record] = []
    documents: list[list[Record]] = []
    for record in records:
        if begins(record):
            documents.append([record])
        else:
            (documents[-1] if documents else head).append(record)
    return head, documents


def filled(records: Iterable[Record], columns: Sequence[str]) -> list[Record]:
    """The same, an empty cell of these columns saying what the row above says."""
    above: dict[str, str] = {}
    found = []
    for record in records:
        above |= {column: text for column in columns if (text := record.text(column))}
        found.append(replace(record, cells={**above, **record.cells}) if columns else record)
    return found


def plain(number: Decimal) -> str:
    """A number as our TXT writes it, so that nobody takes its point for thousands: ``1.175`` is ``1.1750``."""
    if not number.is_finite() or abs(number.adjusted()) > _LARGEST_EXPONENT:
        return str(number)
    text = f"{number:f}"
    if len(text.partition(".")[2]) != 3:
        return text
    return text.rstrip("0").rstrip(".") if text.endswith("0") else f"{text}0"
