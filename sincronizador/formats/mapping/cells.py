"""From the text of a column to what our TXT writes: dates, implied decimals, signs."""

import re
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation

from .records import plain

_PARTS = {"AAAA": 4, "AA": 2, "MM": 2, "DD": 2, "hh": 2, "mm": 2, "ss": 2}
_PART = re.compile("|".join(_PARTS))
_ZONED = ("{ABCDEFGHI", "}JKLMNOPQR", "pqrstuvwxy")
"""The last digit, 0 to 9, of a positive number, of a negative one, and of a negative one by compilers for PCs."""
_DIGITS = re.compile(r"([+-]?)([0-9]{1,30})([+-]?)")


def date_problem(pattern: str) -> str:
    """Why that is no way to write a date, in Spanish; empty when it is one."""
    parts = _PART.findall(pattern)
    day = {"MM", "DD"} <= set(parts) and ("AAAA" in parts) != ("AA" in parts)
    return "" if day and len(set(parts)) == len(parts) else "una fecha como DDMMAAAA, DD/MM/AA o AAAA-MM-DDThh:mm"


def read_date(text: str, pattern: str, hours: int = 0) -> str | None:
    """
    The day of a text written like that, as ``AAAA-MM-DD``; empty for zeros and blanks; None when it is none.

    A text may go on after the pattern, but not with a digit. `hours` are added before the day is taken.
    """
    if not text.strip(" /-.0:T"):
        return ""
    found: dict[str, int] = {}
    place = 0
    for part in re.split(f"({_PART.pattern})", pattern):
        piece = text[place : place + (_PARTS.get(part) or len(part))]
        if part not in _PARTS:
            if piece != part:
                return None
        elif not (piece.isascii() and piece.isdigit() and len(piece) == _PARTS[part]):
            return None
        else:
            found[part] = int(piece)
        place += len(piece)
    if text[place : place + 1].isdigit():
        return None
    year = found.get("AAAA") or 2000 + found.get("AA", 0)
    try:
        moment = datetime(  # noqa: DTZ001 - a day of the file, in the zone of whoever wrote it
            year, found["MM"], found["DD"], found.get("hh", 0), found.get("mm", 0), found.get("ss", 0)
        ) + timedelta(hours=hours)
    except (ValueError, OverflowError):
        return None
    return moment.date().isoformat()


def implied(text: str, decimals: int) -> str | None:
    """The number whose last digits are decimals: ``0012345-`` with two is ``-123.45``; None when it is none."""
    found = _DIGITS.fullmatch(text.replace(" ", ""))
    if found is None or (found[1] and found[3]):
        return None
    number = Decimal(found[2]).scaleb(-decimals)
    return plain(number.copy_negate() if "-" in (found[1], found[3]) and number else number)


def zoned(text: str) -> str:
    """The number of a COBOL field whose last digit carries the sign: ``0001234E``, ``0001234N`` (negative)."""
    last = text[-1:]
    digit = next((signs.index(last) for signs in _ZONED if last in signs), None) if last else None
    if digit is None:
        return text
    return f"{'-' if last in _ZONED[1] + _ZONED[2] else ''}{text[:-1]}{digit}"


def unsigned(text: str) -> str:
    """The number without its minus, in front or behind."""
    return text.strip().strip("-").strip()


def is_negative(text: str) -> bool:
    """Whether a number is less than zero, however its decimals are written."""
    bare = text.strip()
    if not (bare.startswith("-") or bare.endswith("-")):
        return False
    try:
        return bool(Decimal(re.sub(r"[.,\s-]", "", bare)))
    except InvalidOperation:
        return False


def unpadded(text: str) -> str:
    """The text without zeros in front; of nothing but zeros, nothing."""
    return text.lstrip("0")
