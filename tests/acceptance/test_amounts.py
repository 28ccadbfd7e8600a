"""What the law and the contract make of amounts, dates, receivers and texts, at their edges."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from outside import documents, papers
from outside.dialects import Style, write
from outside.installation import Installation, wait_for
from outside.legacy import simple
from outside.sales import Line

UTF8 = Style()


def ask(own: Installation, referencia, today, *changes, **more):
    """The answer to a small sale with these replacements in its text."""
    content = write(simple(referencia, today, **more), UTF8)
    for old, new in changes:
        assert old.encode() in content
        content = content.replace(old.encode(), new.encode(), 1)
    return own.ask(f"{referencia}.txt", content)


def issued(own: Installation, referencia) -> documents.Document:
    """Its document."""
    return documents.parse((own.box("salida") / own.complete(f"{referencia}.txt")["XML"]).read_bytes())


@pytest.mark.parametrize(
    ("price", "paid", "code", "avisos"),
    [
        ("122,00", "123,00", "0", ["A0210"]),
        ("122,00", "121,00", "0", ["A0210"]),
        ("122,00", "122,00", "0", []),
        ("122,00", "123,01", "E1210", []),
        ("122,00", "120,99", "E1210", []),
        ("0,07", "0,07", "0", []),
    ],
)
def test_what_was_paid_rules_within_the_tolerance(running, today, price, paid, code, avisos):
    referencia = f"PAGA-{price}-{paid}"
    totals = f"[TOTALES]\r\nA_PAGAR={paid}\r\n[FIN]"
    answer = ask(running, referencia, today, ("PRECIO=122,00", f"PRECIO={price}"), ("[FIN]", totals))
    assert (answer["CODIGO"], answer.codes("AVISO")) == (code, avisos), answer
    if code == "0":
        assert Decimal(answer["A_PAGAR"]) == Decimal(paid.replace(",", "."))
        assert not list(documents.invalid(issued(running, referencia)))


@pytest.mark.parametrize(
    ("importe", "code"), [("122,05", "0"), ("121,95", "0"), ("122,06", "E1211"), ("121,94", "E1211")]
)
def test_a_given_line_amount_rules_within_five_cents(running, today, importe, code):
    answer = ask(running, f"IMP-{importe}", today, ("IVA=BASICA", f"IVA=BASICA\r\nIMPORTE={importe}"))
    assert answer["CODIGO"] == code, answer
    if code == "0":
        assert Decimal(answer["A_PAGAR"]) == Decimal(importe.replace(",", "."))
        assert not list(documents.lines(issued(running, f"IMP-{importe}")))


@pytest.mark.parametrize(
    ("fields", "total"),
    [
        ("PRECIO=122,00", "122.00"),
        ("IMPORTE=100,00", "100.00"),
        ("CANTIDAD=3\r\nIMPORTE=100,00", "100.00"),
        ("CANTIDAD=7\r\nPRECIO=1,01", "7.07"),
        ("PRECIO=50,00\r\nIMPORTE=125,00", "125.00"),
    ],
)
def test_two_of_quantity_price_and_amount_are_enough(running, today, fields, total):
    referencia = f"DOS-{total}-{len(fields)}"
    answer = ask(running, referencia, today, ("CANTIDAD=1\r\nPRECIO=122,00", fields))
    assert (answer.first, answer["A_PAGAR"]) == ("OK", total), answer
    assert not list(documents.lines(issued(running, referencia)))


@pytest.mark.parametrize(
    ("field", "change", "total"),
    [
        ("DESCUENTO", "22,00", "100.00"),
        ("DESCUENTO_PORC", "50", "61.00"),
        ("RECARGO", "22,00", "144.00"),
        ("RECARGO_PORC", "10", "134.20"),
    ],
)
def test_a_lines_discounts_and_surcharges_count(running, today, field, change, total):
    answer = ask(running, f"LIN-{field}", today, ("IVA=BASICA", f"IVA=BASICA\r\n{field}={change}"))
    assert (answer.first, answer["A_PAGAR"]) == ("OK", total), answer
    document = issued(running, f"LIN-{field}")
    assert not [*documents.lines(document), *documents.invalid(document)]


@pytest.mark.parametrize(
    ("section", "total"),
    [
        ("[DESCUENTO]\r\nDETALLE=Socio\r\nPORC=10\r\n", "198.00"),
        ("[DESCUENTO]\r\nDETALLE=Socio\r\nVALOR=20,00\r\n", "200.00"),
        ("[RECARGO]\r\nDETALLE=Envío\r\nVALOR=20,00\r\nIVA=BASICA\r\n", "240.00"),
        ("[RECARGO]\r\nDETALLE=Envío\r\nPORC=10\r\n", "242.00"),
    ],
)
def test_global_discounts_and_surcharges_count_and_spread_over_the_rates(running, today, section, total):
    referencia = f"GLO-{total}"
    second = "[ITEM]\r\nDETALLE=Pan\r\nCANTIDAD=1\r\nPRECIO=98,00\r\nIVA=MINIMA\r\n"
    answer = ask(running, referencia, today, ("[FIN]", f"{second}{section}[FIN]"))
    assert (answer.first, answer["A_PAGAR"]) == ("OK", total), answer
    assert not list(documents.invalid(issued(running, referencia)))


@pytest.mark.parametrize("price", ["0.03", "0.11", "1.01", "9.99", "33.33", "1175.50", "99999.99"])
def test_no_cent_is_lost_between_net_tax_and_what_is_paid(running, today, price):
    referencia = f"CENT-{price}"
    line = Line(detalle="Yerba", cantidad=Decimal(1), precio=Decimal(price), iva="BASICA")
    sale = replace(
        simple(referencia, today, tipo=111), lines=(line, replace(line, iva="MINIMA"), replace(line, iva="EXENTA"))
    )
    answer = running.ask(f"{referencia}.txt", write(sale, UTF8))
    assert answer.first == "OK", answer
    assert {name: Decimal(answer[name]) for name in sale.importes()} == sale.importes()


def test_the_difference_rule_gives_gross_less_net_as_tax(installation, today):
    installation.configure("totales", redondeo='"diferencia"')
    installation.start()
    answer = ask(installation, "DIF1", today, ("PRECIO=122,00", "PRECIO=0,03"))
    net, tax = (Decimal(answer[name]) for name in ("NETO_BASICA", "IVA_BASICA"))
    assert (net, tax, Decimal(answer["NO_FACTURABLE"])) == (Decimal("0.02"), Decimal("0.01"), 0)


@pytest.mark.parametrize(("net", "code"), [("32000,00", "0"), ("32000,01", "E1104")])
def test_above_five_thousand_ui_net_the_receiver_is_named(running, today, net, code):
    changes = (("PRECIOS=CON_IVA", "PRECIOS=SIN_IVA"), ("PRECIO=122,00", f"PRECIO={net}"))
    assert ask(running, f"UI-{net}", today, *changes)["CODIGO"] == code
    named = (*changes, ("[ITEM]", "[RECEPTOR]\r\nTIPO_DOC=CI\r\nDOCUMENTO=1.234.567-2\r\nNOMBRE=Ana\r\n[ITEM]"))
    assert ask(running, f"UI-{net}-CI", today, *named)["CODIGO"] == "0"


def test_without_this_years_ui_small_sales_go_on_and_large_ones_wait(installation, today):
    text = installation.toml.read_text("utf-8")
    head = text.partition("[ui]")[0]
    installation.toml.write_text(f'{head}[ui]\n{today.year - 1} = "6,0000"\n', "utf-8")
    installation.start()
    assert ask(installation, "UIPOCO", today).first == "OK"
    content = write(simple("UIMUCHO", today, precio="36000.00"), UTF8)
    installation.drop("UIMUCHO.txt", content)
    waiting = installation.answer("UIMUCHO.txt", until=lambda seen: seen["ESTADO"] == "ESPERANDO" or seen.decided)
    assert (waiting["ESTADO"], waiting["MOTIVO"]) == ("ESPERANDO", "UI"), waiting


@pytest.mark.parametrize(
    ("receptor", "tipo"),
    [
        ("TIPO_DOC=RUT\r\nDOCUMENTO=21.555555.0010\r\nNOMBRE=X\r\nDIRECCION=Y\r\nCIUDAD=Z", "111"),
        ("DOCUMENTO=215555550010\r\nNOMBRE=X\r\nDIRECCION=Y\r\nCIUDAD=Z", "111"),
        ("DOCUMENTO=12345672\r\nNOMBRE=Ana", "101"),
        ("TIPO_DOC=OTRO\r\nDOCUMENTO=Z-99\r\nPAIS=DE\r\nNOMBRE=Hans", "101"),
        ("TIPO_DOC=DNI\r\nDOCUMENTO=30123456\r\nPAIS=AR\r\nNOMBRE=Juan", "101"),
    ],
)
def test_a_sale_is_an_invoice_when_its_receiver_has_a_rut(running, today, receptor, tipo):
    referencia = f"REC-{len(receptor)}-{tipo}"
    answer = ask(
        running, referencia, today, ("TIPO=101", "TIPO=VENTA"), ("[ITEM]", f"[RECEPTOR]\r\n{receptor}\r\n[ITEM]")
    )
    assert (answer.first, answer["TIPO"]) == ("OK", tipo), answer
    assert not list(documents.invalid(issued(running, referencia)))


def test_an_invoice_without_a_receiver_is_refused(running, today):
    assert ask(running, "SINREC", today, ("TIPO=101", "TIPO=111"))["CODIGO"] == "E1103"


@pytest.mark.parametrize(("days", "first"), [(-400, "OK"), (0, "OK"), (59, "OK"), (61, "ERROR")])
def test_a_date_may_be_sixty_days_ahead(running, today, days, first):
    day = today + timedelta(days=days)
    stated = (f"FECHA={today:%d/%m/%Y}", f"FECHA={day:%d/%m/%Y}")
    answer = ask(running, f"FECHA{days}", today, stated)
    assert answer.first == first, answer
    if first == "OK":
        assert answer["FECHA"] == day.isoformat()


def test_another_currency_needs_its_rate_and_shows_it(running, today):
    without = ask(running, "USD1", today, ("MONEDA=UYU", "MONEDA=U$S"))
    assert without.first == "ERROR", without
    assert next(without.numbered("ERROR"))["CAMPO"] == "COTIZACION", without
    answer = ask(running, "USD2", today, ("MONEDA=UYU", "MONEDA=U$S\r\nCOTIZACION=39,85"))
    assert (answer.first, answer["MONEDA"], Decimal(answer["COTIZACION"])) == ("OK", "USD", Decimal("39.85"))


def test_extra_fields_are_echoed_and_paper_carries_adenda_and_names(running, today):
    tail = "[EXTRA]\r\nMESA=12\r\n[ADENDA]\r\nVuelva pronto, señora Muñoz: ¡10 % de descuento!\r\n[FIN]"
    answer = ask(running, "EXTRA1", today, ("Yerba", "Ñandú y café"), ("[FIN]", tail))
    assert answer.first == "OK", answer
    assert answer.section("EXTRA").get("MESA") == "12" or b"MESA=12" in answer.raw
    page = wait_for("its paper", lambda: _page(running, answer.number)).decode("cp858", "replace")
    for words in ("Ñandú", "café", "Muñoz", "¡10", "12", "ADENDA"):
        assert words in page, words


def _page(own: Installation, number) -> bytes | None:
    pages = (path.read_bytes() for path in own.papers())
    return next((page for page in pages if papers.number_in(papers.printed_qr(page) or "?0,0,A,0") == number), None)


def test_change_is_told(running, today):
    pago = "[PAGO]\r\nMEDIO=EFECTIVO\r\nVALOR=122,00\r\nENTREGADO=200,00\r\n[FIN]"
    answer = ask(running, "VUELTO1", today, ("[FIN]", pago))
    assert (answer.first, Decimal(answer["VUELTO"])) == ("OK", Decimal("78.00")), answer


def test_escapes_are_read(running, today):
    ask(running, "ESC1", today, ("DETALLE=Yerba", "DETALLE=C:\\\\temp\\xyz"))
    assert issued(running, "ESC1").text("NomItem") == "C:\\temp\\xyz"


def test_net_prices_are_taken_as_net(running, today):
    answer = ask(running, "NETO1", today, ("PRECIOS=CON_IVA", "PRECIOS=SIN_IVA"), ("122,00", "100,00"))
    assert (answer["NETO_BASICA"], answer["IVA_BASICA"], answer["A_PAGAR"]) == ("100.00", "22.00", "122.00")


def test_other_given_totals_are_checked(running, today):
    near = ask(running, "TOT1", today, ("[FIN]", "[TOTALES]\r\nIVA_BASICA=22,50\r\n[FIN]"))
    assert (near.first, near.codes("AVISO")) == ("OK", ["A0212"]), near
    far = ask(running, "TOT2", today, ("[FIN]", "[TOTALES]\r\nIVA_BASICA=24,00\r\n[FIN]"))
    assert far.codes("ERROR") == ["E1210"], far
