"""
Letters with their accents in one order.

Unicode's own way takes a time quadratic in the accents of one letter, which a file of a stranger may have by millions.
"""

import re
import unicodedata
from functools import cache
from typing import Literal

MOST_MARKS = 30
"""Accents on one letter that are kept; no language has ten. Unicode's stream-safe form (UAX 15) has the same limit."""
_FIRST, _LAST = 0x300, 0x1FFFF
"""Where combining marks are."""


def normal(form: Literal["NFC", "NFD"], text: str) -> str:
    """The text in a normal form, of each letter at most `MOST_MARKS` accents."""
    if text.isascii():
        return text
    return unicodedata.normalize(form, _excess().sub(r"\1", text) if is_overloaded(text) else text)


def is_overloaded(text: str) -> bool:
    """Whether a letter has more accents than are kept."""
    return not text.isascii() and ord(max(text)) >= _FIRST and _excess().search(text) is not None


@cache
def _excess() -> re.Pattern[str]:
    """Known when the first accent comes that is a letter of its own: it costs some 20 ms."""
    marks = "".join(chr(code) for code in range(_FIRST, _LAST) if unicodedata.combining(chr(code)))
    return re.compile(f"([{re.escape(marks)}]{{{MOST_MARKS}}})[{re.escape(marks)}]+")
