"""Figures as people read them."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sincronizador.countries.uy.figures import amount, day, money, price, quantity, rate


@pytest.mark.parametrize(
    ("value", "text"),
    [("0", "0,00"), ("1175.5", "1.175,50"), ("-10", "-10,00"), ("1234567.89", "1.234.567,89"), ("999.999", "1.000,00")],
)
def test_an_amount_has_two_decimals_and_points_between_thousands(value: str, text: str) -> None:
    assert amount(Decimal(value)) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [("2", "2"), ("2.000", "2"), ("0.250", "0,25"), ("1E+3", "1.000"), ("-1", "-1"), ("1234.5", "1.234,5")],
)
def test_a_quantity_has_the_decimals_that_say_something(value: str, text: str) -> None:
    assert quantity(Decimal(value)) == text


@pytest.mark.parametrize(
    ("value", "text"), [("2.5", "2,50"), ("83.333333", "83,333333"), ("1000.100000", "1.000,10"), ("0", "0,00")]
)
def test_a_price_has_two_decimals_or_those_it_needs(value: str, text: str) -> None:
    assert price(Decimal(value)) == text


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=2))
def test_an_amount_can_be_read_back(value: Decimal) -> None:
    assert Decimal(amount(value).replace(".", "").replace(",", ".")) == value


def test_money_rates_and_days() -> None:
    assert money(Decimal(2440), "UYU") == "$ 2.440,00"
    assert money(Decimal(1), "USD") == "U$S 1,00"
    assert money(Decimal(1), "CHF") == "CHF 1,00"
    assert rate(Decimal("22.000")) == "22 %"
    assert day(date(2026, 1, 2)) == "02/01/2026"
