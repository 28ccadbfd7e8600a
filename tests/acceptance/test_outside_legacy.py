"""The simulated legacy system does what it says: nobody else checks it before it checks the product."""

from datetime import date
from decimal import Decimal
from random import Random

import pytest
from outside.dialects import ENCODINGS, Style, amount, any_style, fin_offset, write
from outside.dropping import pieces
from outside.legacy import MISTAKES, mistake, mixed, simple
from outside.sales import Line, Sale, check_ci, check_rut

TODAY = date(2026, 11, 21)


def test_the_contracts_own_example_adds_up_as_the_contract_says():
    lines = (
        Line(detalle="Café molido 250 g", cantidad=Decimal(2), precio=Decimal("1175.50"), iva="BASICA"),
        Line(detalle="Pan", cantidad=Decimal(1), precio=Decimal(89), iva="MINIMA"),
    )
    sale = Sale(tipo=101, referencia="V0000123", fecha=TODAY, lines=lines, a_pagar=Decimal(2440))
    amounts = sale.importes()
    assert [amounts[name] for name in ("NETO_BASICA", "IVA_BASICA", "NETO_MINIMA", "IVA_MINIMA")] == [
        Decimal("1927.05"),
        Decimal("423.95"),
        Decimal("80.91"),
        Decimal("8.09"),
    ]
    assert (amounts["TOTAL"], amounts["A_PAGAR"], amounts["NO_FACTURABLE"]) == (2440, 2440, 0)
    assert not sale.avisos()


def test_known_check_digits_are_made():
    assert check_rut("21999983001") == "219999830019"
    assert check_rut("21484436001") == "214844360018"
    assert check_ci("1234567") == "12345672"
    assert check_ci("1335321") == "13353214"


def test_the_same_seed_makes_the_same_files():
    once, again = (mixed(7, 60, TODAY) for _ in range(2))
    assert [file.content((101, "A", 1)) for file in once] == [file.content((101, "A", 1)) for file in again]


def test_three_hundred_files_hold_every_kind_encoding_and_line_end():
    files = mixed(1, 300, TODAY)
    assert len({file.name.casefold() for file in files}) == 300
    assert len({file.sale.referencia for file in files}) == 300
    assert {file.sale.tipo for file in files} == {101, 102, 103, 111, 112, 113}
    assert {file.style.encoding for file in files} >= set(ENCODINGS)
    assert {file.style.newline for file in files} == {"\r\n", "\n", "\r"}
    assert {file.style.dialect for file in files} == {"txt", "xml"}
    assert sum(bool(file.again) for file in files) == 30
    assert {file.code for file in files} > {"0", "E0206", "E1301"}
    assert any(file.sale.moneda == "USD" for file in files)
    assert any(file.sale.refers and file.by_number for file in files)
    assert any(file.sale.refers and not file.by_number for file in files)


@pytest.mark.parametrize("seed", range(20))
def test_a_slow_writers_file_is_not_whole_before_its_last_piece(seed):
    rng = Random(seed)
    style = any_style(rng)
    content = write(simple("V1", TODAY), style)
    parts = pieces(rng, content, style.encoding)
    assert b"".join(parts) == content
    before = b"".join(parts[:-1])
    assert len(before) <= fin_offset(content, style.encoding)


@pytest.mark.parametrize("code", sorted(MISTAKES))
def test_each_mistake_changes_the_file(code):
    style = Style()
    wrong = mistake(code, "E1", style, TODAY)
    assert wrong.content() != write(wrong.sale, style)


@pytest.mark.parametrize(
    ("style", "text"),
    [
        (Style(), "1175,50"),
        (Style(thousands="."), "1.175,50"),
        (Style(decimal="."), "1175.50"),
        (Style(decimal=".", thousands=","), "1,175.50"),
    ],
)
def test_amounts_are_written_in_the_programs_way(style, text):
    assert amount(Decimal("1175.5"), style) == text
