"""Closings and listings as they are written, and what is wrong with those that are not."""

from datetime import date
from decimal import Decimal

import pytest

from sincronizador.core.job import Kind
from sincronizador.core.sections import Vocabulary
from sincronizador.countries.uy.monedas import MONEDA_DE
from sincronizador.formats import closing
from sincronizador.formats.closing import read_closing, read_listing
from sincronizador.formats.requests import kind_of, vocabulary
from sincronizador.formats.txt import parse

DOCUMENT = Vocabulary(fields={"DOCUMENTO": frozenset({"TIPO"}), "ITEM": frozenset({"DETALLE"})}, free=frozenset())
HEAD = "[CIERRE_DIA]\nFECHA=21/11/2026\n"


def sections(text):
    reading = parse(text, vocabulary(DOCUMENT), "utf-8")
    assert reading.findings == ()
    return reading.sections


def told(text, till="", **how):
    found = sections(text)
    assert kind_of(found) is Kind.CIERRE
    return read_closing(found, till, str.upper, MONEDA_DE, **how)


def codes(findings):
    return [(finding.code, finding.line, finding.field) for finding in findings]


def test_a_closing_is_read_with_its_lines():
    found = told(
        f"{HEAD}[CIERRE_TOTAL]\nTIPO=101\nCAJA=caja1\nCANTIDAD=3\nTOTAL=1.175,50\n"
        "[CIERRE_TOTAL]\nTIPO=111\nMONEDA=u$s\nTOTAL=0\n[CIERRE_VENTA]\nREFERENCIA=v1\nTOTAL=1\n"
        "[CIERRE_VENTA]\nTIPO=101\nSERIE=a\nNUMERO=7\n",
        till="caja2",
    )
    assert found.span.findings == ()
    assert (found.span.desde, found.span.hasta, found.span.till) == (date(2026, 11, 21), date(2026, 11, 21), "CAJA2")
    first, second = found.totals
    assert (first.line, first.till, first.tipo, first.moneda, first.cantidad) == (3, "CAJA1", 101, "UYU", 3)
    assert first.total == Decimal("1175.50")
    assert (second.moneda, second.cantidad, second.total) == ("USD", None, 0)
    assert [(sale.name, sale.key, sale.line) for sale in found.sales] == [("v1", "V1", 12), ("101-A-7", "", 15)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[CIERRE_DIA]\nCAJA=1\n", [("E0209", 1, "FECHA")]),
        ("[CIERRE_DIA]\nFECHA=31/11/2026\n", [("E0207", 1, "FECHA")]),
        (f"{HEAD}[CIERRE_TOTAL]\nCANTIDAD=1\n", [("E0209", 3, "TIPO")]),
        (f"{HEAD}[CIERRE_TOTAL]\nTIPO=101\n", [("E0209", 3, "CANTIDAD")]),
        (f"{HEAD}[CIERRE_TOTAL]\nTIPO=e-ticket\nCANTIDAD=1,5\n", [("E0208", 4, "TIPO"), ("E0208", 5, "CANTIDAD")]),
        (f"{HEAD}[CIERRE_TOTAL]\nTIPO=101\nTOTAL=mil\n", [("E0205", 5, "TOTAL")]),
        (f"{HEAD}[CIERRE_TOTAL]\nTIPO=101\nTOTAL=1.175\n", [("E0206", 5, "TOTAL")]),
        (f"{HEAD}[CIERRE_TOTAL]\nTIPO=101\nTOTAL=1\nMONEDA=PESOS\n", [("E0208", 6, "MONEDA")]),
        (
            f"{HEAD}[CIERRE_TOTAL]\nTIPO=101\nTOTAL=1\n[CIERRE_TOTAL]\nTIPO=101\nMONEDA=$\nTOTAL=2\n",
            [("E0121", 6, None)],
        ),
        (f"{HEAD}[CIERRE_VENTA]\nREFERENCIA=v1\n[CIERRE_VENTA]\nREFERENCIA=V1\n", [("E0121", 5, None)]),
        (f"{HEAD}[CIERRE_VENTA]\nTIPO=101\nNUMERO=7\n", [("E0209", 3, "REFERENCIA")]),
        (f"{HEAD}[ITEM]\nDETALLE=Pan\n", [("E0120", 3, None)]),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_closing_is_told_with_its_line(text, expected):
    found = sections(text)
    assert codes(read_closing(found, "", str.upper, MONEDA_DE).span.findings) == expected


def test_an_ambiguous_total_is_decided_by_the_file_or_the_settings():
    text = f"{HEAD}[CIERRE_TOTAL]\nTIPO=101\nTOTAL=1.175\n"
    assert told(text, decimal="COMA").totals[0].total == 1175
    assert told(text.replace("[CIERRE_TOTAL]", "DECIMAL=punto\n[CIERRE_TOTAL]"), decimal="COMA").totals[
        0
    ].total == Decimal("1.175")


def test_so_many_sales_are_refused(monkeypatch):
    monkeypatch.setattr(closing, "MOST_SALES", 2)
    text = HEAD + "".join(f"[CIERRE_VENTA]\nREFERENCIA=V{n}\n" for n in range(3))
    assert codes(told(text).span.findings) == [("E0123", 7, None)]


def test_parts_of_a_closing_alone_are_no_request_nor_are_two_closings():
    assert (kind_of(sections(HEAD + HEAD)).code, kind_of(sections(HEAD + HEAD)).line) == ("E0111", 3)
    assert kind_of(sections("[CIERRE_TOTAL]\nTIPO=101\n")).line == 1
    found = kind_of(sections("[DOCUMENTO]\nTIPO=101\n[CIERRE_VENTA]\nREFERENCIA=V1\n"))
    assert (found.code, found.line) == ("E0111", 3)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("DESDE=1/11/2026", []),
        ("DESDE=1/11/2026\nHASTA=1/12/2026", []),
        ("DESDE=1/11/2026\nHASTA=2/12/2026", [("E0208", 3, "HASTA")]),
        ("DESDE=2/11/2026\nHASTA=1/11/2026", [("E0208", 3, "HASTA")]),
        ("HASTA=1/11/2026", [("E0209", 1, "DESDE")]),
    ],
)
def test_a_listing_has_at_most_a_month(text, expected):
    found = sections(f"[LISTADO]\n{text}\n")
    assert kind_of(found) is Kind.LISTADO
    span = read_listing(found, "caja1")
    assert codes(span.findings) == expected
    assert span.till == "CAJA1"
    assert read_listing(sections(f"[LISTADO]\n{text}\nCAJA=todas\n"), "caja1").till == ""
