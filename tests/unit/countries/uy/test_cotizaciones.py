"""The table of quotations that a person imports, and the rate that the report takes from it."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sincronizador.core.finding import MOST_FINDINGS
from sincronizador.countries.uy.rates import LOOK_BACK, RatesFile, fiscal_rate, parse_rates

HEAD = "fecha;moneda;cotizacion\n"
VIERNES = date(2026, 11, 20)


def tabla(*rows: str) -> RatesFile:
    return parse_rates((HEAD + "\n".join(rows) + "\n").encode())


def test_a_table_is_read_in_the_forms_that_people_write() -> None:
    found = tabla(
        "20/11/2026;USD;39,8512", "2026-11-20;EUR;45.1", '20261119; u$s ;"39,5"', "", ";;", "20-11-2026;brl;7"
    )
    assert found.findings == ()
    assert found.rates == {
        ("USD", VIERNES): Decimal("39.8512"),
        ("EUR", VIERNES): Decimal("45.1"),
        ("USD", date(2026, 11, 19)): Decimal("39.5"),
        ("BRL", VIERNES): Decimal(7),
    }


@pytest.mark.parametrize(
    "content",
    [
        (HEAD + "20/11/2026;USD;39,85").encode("utf-8-sig"),
        "Fecha;Moneda;Cotización\r\n20/11/2026;USD;39,85\r\n".encode("cp1252"),
        "FECHA;MONEDA;COTIZACIÓN\r20/11/2026;USD;39,85".encode(),
    ],
)
def test_what_excel_saves_is_read(content: bytes) -> None:
    assert parse_rates(content) == RatesFile(rates={("USD", VIERNES): Decimal("39.85")})


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"20/11/2026;USD;39,85", b"fecha,moneda,cotizacion\n", b"fecha;moneda\n"]
)
def test_a_table_without_its_heading_is_refused_whole(content: bytes) -> None:
    found = parse_rates(content)
    assert [(finding.code, finding.line) for finding in found.findings] == [("E1941", 1)]
    assert found.rates == {}


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("20/11/2026;USD", "tiene 2 columnas y van 3"),
        ("20/11/2026;USD;39;85", "tiene 4 columnas"),
        ("31/02/2026;USD;39", "«31/02/2026» no es una fecha"),
        (";USD;39", "«» no es una fecha"),
        ("20/11/2026;UYU;1", "«UYU» no es una moneda extranjera"),
        ("20/11/2026;ZZZ;1", "«ZZZ» no es una moneda extranjera"),
        ("20/11/2026;USD;1.039,85", "«1.039,85» no es una cotización"),
        ("20/11/2026;USD;0", "«0» no es una cotización"),
        ("20/11/2026;USD;-39", "«-39» no es una cotización"),
        ("20/11/2026;USD;1e9", "«1e9» no es una cotización"),
        ("20/11/2026;USD;٣٩", "no es una cotización"),
        ("20/11/2026;USD;", "«» no es una cotización"),
    ],
)
def test_a_bad_row_is_told_with_its_line(row: str, why: str) -> None:
    found = tabla("19/11/2026;USD;39,5", "", row)
    assert [(finding.code, finding.line) for finding in found.findings] == [("E1942", 4)]
    assert why in found.findings[0].message
    assert "línea 4" in found.findings[0].message


def test_a_day_quoted_twice_is_told_unless_it_says_the_same() -> None:
    assert tabla("20/11/2026;USD;39,85", "2026-11-20;USD;39.850").findings == ()
    found = tabla("20/11/2026;USD;39,85", "20/11/2026;EUR;45", "20/11/2026;USD;39,86").findings
    assert [(finding.code, finding.line) for finding in found] == [("E1943", 4)]
    assert "USD del 20/11/2026 a 39.86 y la línea 2 a 39.85" in found[0].message


def test_a_file_that_is_no_table_is_not_told_line_by_line_for_ever() -> None:
    assert len(tabla(*["x"] * 5000).findings) == MOST_FINDINGS


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_a_table_or_told(content: bytes) -> None:
    for found in (parse_rates(content), parse_rates(HEAD.encode() + content)):
        assert all(finding.code in ("E1941", "E1942", "E1943") for finding in found.findings)
        assert all(rate > 0 for rate in found.rates.values())


@settings(deadline=None)
@given(st.integers(0, LOOK_BACK + 3), st.integers(0, 5))
def test_the_rate_is_the_last_one_before_the_day(last: int, older: int) -> None:
    rates = {
        ("USD", VIERNES - timedelta(days=last)): Decimal(1),
        ("USD", VIERNES - timedelta(days=last + older + 1)): Decimal(2),
    }
    rates |= {("EUR", VIERNES - timedelta(days=1)): Decimal(9)}
    expected = Decimal(1) if 1 <= last <= LOOK_BACK else Decimal(2) if last == 0 and older + 1 <= LOOK_BACK else None
    assert fiscal_rate(rates, "USD", VIERNES) == expected
