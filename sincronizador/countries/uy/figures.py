"""Numbers and dates as people in Uruguay read them on paper."""

from datetime import date
from decimal import Decimal

SYMBOLS = {"UYU": "$", "USD": "U$S", "EUR": "€", "BRL": "R$", "UYI": "UI", "UYR": "UR"}
"""Currency -> the symbol printed; another one is printed by its code."""

_CENT = Decimal("0.01")


def amount(value: Decimal) -> str:
    """Two decimals and points between thousands: ``1.175,50``."""
    return _swap(f"{value:,.2f}")


def price(value: Decimal) -> str:
    """At least two decimals, and the others only when they say something: ``83,333333``, ``2,50``."""
    if value == value.quantize(_CENT):
        return amount(value)
    return _swap(f"{value.normalize():,f}")


def quantity(value: Decimal) -> str:
    """No decimals unless they say something: ``2``, ``0,250`` becomes ``0,25``."""
    return _swap(f"{value.normalize():,f}")


def money(value: Decimal, moneda: str) -> str:
    """An amount with its currency: ``$ 2.440,00``."""
    return f"{SYMBOLS.get(moneda, moneda)} {amount(value)}"


def rate(value: Decimal) -> str:
    """A percentage: ``22 %``."""
    return f"{quantity(value)} %"


def day(value: date) -> str:
    """``21/11/2026``."""
    return f"{value:%d/%m/%Y}"


def _swap(text: str) -> str:
    return text.replace(",", "\0").replace(".", ",").replace("\0", ".")
