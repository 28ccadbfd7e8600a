"""Numbers and dates as legacy systems write them."""

import time
from contextlib import suppress
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sincronizador.core.numbers import AmbiguousNumber, NotADate, NotANumber, parse_date, parse_number

AMOUNTS = st.decimals(min_value=0, max_value=10**12, places=2, allow_nan=False)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1175,50", "1175.50"),
        ("1.175,50", "1175.50"),
        ("1175.50", "1175.50"),
        ("1,175.50", "1175.50"),
        ("1.175.500", "1175500"),
        ("1,175,500.5", "1175500.5"),
        ("1.175.500,123", "1175500.123"),
        ("0,001,175.50", "1175.50"),
        ("000000001175.50", "1175.50"),
        ("0.175", "0.175"),
        ("0,175", "0.175"),
        ("000.175", "0.175"),
        ("1175.500", "1175.500"),
        ("1175,500", "1175.500"),
        ("1,1755", "1.1755"),
        ("2", "2"),
        ("007", "7"),
        (".50", "0.50"),
        (",5", "0.5"),
        ("-150,00", "-150.00"),
        ("150,00-", "-150.00"),
        ("150,00 -", "-150.00"),
        ("- 150,00", "-150.00"),
        ("+150", "150"),
        ("$ 1.175,50", "1175.50"),
        ("$1175.5", "1175.5"),
        ("-$ 12,50", "-12.50"),
        ("$-12,50", "-12.50"),
        (" \t12 ", "12"),
    ],
)
def test_a_number_is_read_as_its_author_meant_it(text: str, value: str) -> None:
    read = parse_number(text)
    assert read == Decimal(value)
    assert read.as_tuple().exponent == Decimal(value).as_tuple().exponent


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "dos", "1e3", "1E5", "NaN", "Infinity", "0x10", "1_000", "١٢", "²", "½", "1 175,50", "1,2,3",
        "1.17.500", "1,175,50", "1.175.50", ".175,50", "1.1755,5", "1175.500,5", "12,", "12.", ".", ",", "-", "--1",
        "-1-", "+-1", "$", "$$1", "1$", "U$S 5", "1.175,500.2", "1,,5", "1..5", ".,5", "12 %", "(5)", "1\n2",
        "−5", "1.175,50,",
    ],
)  # fmt: skip
def test_what_is_no_number_is_said_to_be_none(text: str) -> None:
    with pytest.raises(NotANumber):
        parse_number(text)


@pytest.mark.parametrize("text", ["1.175", "1,175", "12.175", "999,000", "-1.175", "1.175-", "$ 1.175"])
def test_three_digits_after_one_separator_are_ambiguous(text: str) -> None:
    with pytest.raises(AmbiguousNumber) as caught:
        parse_number(text)
    low, high = sorted((abs(caught.value.as_point), abs(caught.value.as_comma)))
    assert high == low * 1000


def test_an_ambiguous_number_tells_both_readings() -> None:
    with pytest.raises(AmbiguousNumber) as caught:
        parse_number("1.175-")
    assert (caught.value.as_point, caught.value.as_comma) == (Decimal("-1.175"), Decimal(-1175))


@pytest.mark.parametrize(
    ("text", "decimal", "value"),
    [("1.175", "PUNTO", "1.175"), ("1.175", "COMA", "1175"), ("1,175", "PUNTO", "1175"), ("1,175", "COMA", "1.175")],
)
def test_the_declared_separator_decides_the_ambiguous(text: str, decimal: str, value: str) -> None:
    assert parse_number(text, decimal=decimal) == Decimal(value)


@pytest.mark.parametrize("decimal", ["", "PUNTO", "COMA"])
def test_the_declared_separator_leaves_the_unambiguous_alone(decimal: str) -> None:
    assert parse_number("1175.50", decimal=decimal) == parse_number("1.175,50", decimal=decimal) == Decimal("1175.50")


def test_a_reading_that_the_field_cannot_hold_is_none() -> None:
    assert parse_number("40.123", limit=Decimal(9999)) == Decimal("40.123")
    assert parse_number("40,123", decimal="PUNTO", limit=Decimal(9999)) == Decimal("40.123")
    assert parse_number("-22.000", limit=Decimal(100)) == Decimal(-22)


def test_a_number_with_one_reading_is_given_even_above_the_limit() -> None:
    assert parse_number("150", limit=Decimal(100)) == 150


def test_a_limit_that_excludes_both_readings_decides_nothing() -> None:
    with pytest.raises(AmbiguousNumber):
        parse_number("999.000", limit=Decimal(100))


@given(AMOUNTS, st.sampled_from(["{:.2f}", "{:,.2f}"]), st.sampled_from(["{}", "{}-", "-{}"]), st.booleans())
def test_two_decimals_are_never_ambiguous(amount: Decimal, shape: str, sign: str, comma: bool) -> None:
    text = shape.format(amount)
    if comma:
        text = text.translate(str.maketrans(".,", ",."))
    assert parse_number(sign.format(text)) == (-amount if "-" in sign else amount)


@given(st.text(alphabet="0123456789.,-+ $", max_size=14) | st.text(max_size=60))
@example("1" * 41)
def test_any_text_is_a_finite_number_or_one_of_two_errors(text: str) -> None:
    with suppress(NotANumber, AmbiguousNumber):
        assert parse_number(text).is_finite()


def test_a_million_digits_are_refused_at_once() -> None:
    begin = time.perf_counter()
    for text in ("1" * 10**6, " " * 10**6 + "1", "1," * 10**6):
        with pytest.raises(NotANumber):
            parse_number(text)
    assert time.perf_counter() - begin < 0.5


@pytest.mark.parametrize(
    "text",
    [
        "21/11/2026", "21-11-2026", "21.11.2026", "21/11/26", "21-11-26", "2026-11-21", "2026/11/21", "20261121",
        " 21.11.26 ",
    ],
)  # fmt: skip
def test_a_date_is_read_in_every_shape_of_the_contract(text: str) -> None:
    assert parse_date(text) == date(2026, 11, 21)


def test_days_and_months_of_one_digit_are_read() -> None:
    assert parse_date("1/2/2026") == date(2026, 2, 1)


@pytest.mark.parametrize(
    "text", ["", "  /  /  ", "  /  /    ", "00000000", "00/00/0000", "0000-00-00", "//", "0", " . . "]
)
def test_an_empty_date_of_an_old_program_is_absent(text: str) -> None:
    assert parse_date(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "31/02/2026", "21112026", "211126", "21/11", "11/21/2026", "2026-13-01", "21/11-2026", "hoy", "0026-11-21",
        "21/11/126", "21/11/2026 10:00", "٢١/١١/٢٠٢٦", "2026-1-2", "99999999", "1/2/0000",
    ],
)  # fmt: skip
def test_what_is_no_date_is_said_to_be_none(text: str) -> None:
    with pytest.raises(NotADate):
        parse_date(text)


@given(
    st.dates(min_value=date(1900, 1, 1)), st.sampled_from(["%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y-%m-%d", "%Y%m%d"])
)
def test_every_day_survives_every_shape(day: date, shape: str) -> None:
    assert parse_date(day.strftime(shape)) == day


@given(st.text(alphabet="0123456789/-. ", max_size=11) | st.text(max_size=30))
def test_any_text_is_a_date_or_absent_or_one_error(text: str) -> None:
    with suppress(NotADate):
        parse_date(text)
