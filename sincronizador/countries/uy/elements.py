"""Elements as canonical XML (C14N 1.0): no blanks, no namespace of their own; an empty text is an absent one."""

import re
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from sincronizador.countries.uy.tipos import ZONE

NAMESPACE = "http://cfe.dgi.gub.uy"

_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#xD;"})
_SPECIAL = re.compile("[&<>\r]")


def element(name: str, text: str) -> str:
    """An element; an empty text is an absent one."""
    if not text:
        return ""
    if _SPECIAL.search(text):
        text = text.translate(_ESCAPES)
    return f"<{name}>{text}</{name}>"


def elements(pairs: Iterable[tuple[str, str]]) -> str:
    """Several, in order."""
    return "".join([element(name, text) for name, text in pairs if text])


def group(name: str, *pairs: tuple[str, str]) -> str:
    """An element of elements."""
    return f"<{name}>{elements(pairs)}</{name}>"


def zone(name: str, entries: Iterable[str]) -> str:
    """An element around others that are written already; absent when there are none."""
    inside = "".join(entries)
    return f"<{name}>{inside}</{name}>" if inside else ""


def money(amount: Decimal | None) -> str:
    """An amount, two decimals."""
    return "" if amount is None else f"{amount:.2f}"


def moment(at: datetime) -> str:
    """A moment as DGI writes it, to the second, in Uruguay's hour. `at` is aware."""
    return at.astimezone(ZONE).isoformat(timespec="seconds")
