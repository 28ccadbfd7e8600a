"""The numbers and dates of a dropped file, as legacy systems write them."""

import re
from datetime import date
from decimal import Decimal

LONGEST = 40
"""Characters of the longest text that is tried as a number; the longest the norm knows has 23."""

_AMOUNT = re.compile(r"(?P<front>[+-]?) *\$? *(?P<inner>[+-]?)(?P<digits>[0-9.,]*[0-9]) *(?P<behind>[+-]?)")
_DAY_FIRST = re.compile(r"(?P<day>[0-9]{1,2})(?P<mark>[-/.])(?P<month>[0-9]{1,2})(?P=mark)(?P<year>[0-9]{4}|[0-9]{2})")
_YEAR_FIRST = re.compile(r"(?P<year>[0-9]{4})(?P<mark>[-/.]?)(?P<month>[0-9]{2})(?P=mark)(?P<day>[0-9]{2})")
_EARLIEST = 1900


class NotANumber(ValueError):
    """The text cannot be read as a number."""


class AmbiguousNumber(ValueError):
    """The text can be read in two ways: ``1.175`` is 1.175 or 1,175."""

    def __init__(self, text: str, as_point: Decimal, as_comma: Decimal) -> None:
        super().__init__(text)
        self.as_point = as_point
        """Its value when the point is the decimal separator."""
        self.as_comma = as_comma
        """Its value when the comma is."""


class NotADate(ValueError):
    """The text cannot be read as a date."""


def parse_number(text: str, *, decimal: str = "", limit: Decimal | None = None) -> Decimal:
    """
    The number that `text` writes, exactly as precise as written.

    Takes ``1175,50``, ``1.175,50``, ``1175.50``, ``1,175.50``, ``.50``, a sign in front or behind, a ``$`` in front.
    Thousands are grouped in threes throughout or not at all. A text with two readings is decided by `limit`, the
    largest absolute value that the field can hold, then by `decimal`, ``PUNTO`` or ``COMA``; both decide between two
    readings and nothing else, so a single reading above `limit` is given for the field's own check to refuse.
    Raises `NotANumber`, or `AmbiguousNumber` when nothing decides.
    """
    stripped = text.strip() if len(text) <= LONGEST else ""
    found = _AMOUNT.fullmatch(stripped)
    signs = found["front"] + found["inner"] + found["behind"] if found else ""
    if found is None or len(signs) > 1:
        raise NotANumber(text)
    as_point = _reading(found["digits"], point=".", comma=",")
    as_comma = _reading(found["digits"], point=",", comma=".")
    if signs == "-":
        as_point, as_comma = _negative(as_point), _negative(as_comma)
    return _decide(text, as_point, as_comma, decimal, limit)


def _reading(digits: str, *, point: str, comma: str) -> Decimal | None:
    whole, marked, fraction = digits.partition(point)
    if marked and not fraction.isdigit():
        return None
    first, *groups = whole.split(comma)
    if groups:
        regular = 1 <= len(first) <= 3 and all(len(group) == 3 for group in groups)
        # 0,175 is no thousands; 0,001,175.50 is how COBOL edits them
        padded = len(groups) == 1 and not marked and first.startswith("0")
        if not regular or padded:
            return None
    integer = first + "".join(groups)
    return Decimal(f"{integer or '0'}.{fraction}" if marked else integer) if integer or marked else None


def _negative(value: Decimal | None) -> Decimal | None:
    return None if value is None else value.copy_negate()


def _decide(
    text: str, as_point: Decimal | None, as_comma: Decimal | None, decimal: str, limit: Decimal | None
) -> Decimal:
    if as_point is None or as_comma is None:
        only = as_comma if as_point is None else as_point
        if only is None:
            raise NotANumber(text)
        return only
    if as_point == as_comma:
        return as_point
    if limit is not None and (abs(as_point) > limit) != (abs(as_comma) > limit):
        return as_comma if abs(as_point) > limit else as_point
    if decimal:
        return as_point if decimal == "PUNTO" else as_comma
    raise AmbiguousNumber(text, as_point, as_comma)


def parse_date(text: str) -> date | None:
    """
    The day that `text` writes; None for the empty date of old programs (blanks, zeros, ``  /  /  ``).

    Takes ``DD/MM/AAAA``, ``DD-MM-AAAA``, ``DD.MM.AAAA``, the same with a year of two digits (20xx), ``AAAA-MM-DD`` and
    ``AAAAMMDD``. Raises `NotADate`, also for days that are in no calendar and years before 1900.
    """
    if not text.strip(" /-.0\t"):
        return None
    stripped = text.strip()
    found = _YEAR_FIRST.fullmatch(stripped) or _DAY_FIRST.fullmatch(stripped)
    if found is None:
        raise NotADate(text)
    year = int(found["year"]) + (2000 if len(found["year"]) == 2 else 0)
    if year < _EARLIEST:
        raise NotADate(text)
    try:
        return date(year, int(found["month"]), int(found["day"]))
    except ValueError as exc:
        raise NotADate(text) from exc
