"""The cent that goes missing, and who says what is paid."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ventas import FACTURADO, avisos, emitir, errores, item, pedido, valores, venta

from sincronizador.countries.uy.comprobante import Comprobante, Totales


def totales(text: str, **ajustes: object) -> Totales:
    document = pedido(text, **ajustes).document
    assert isinstance(document, Comprobante)
    assert document.calculo is not None
    return document.calculo.totales


def test_the_example_of_the_contract_gives_the_amounts_of_the_contract() -> None:
    lines = (item("1.175,50", CANTIDAD="2"), item("89", "MINIMA"))
    root = emitir(venta(*lines, resto="[TOTALES]\nA_PAGAR=2440,00\n"))
    for name, amount in (
        ("MntNetoIVATasaBasica", "1927.05"), ("MntIVATasaBasica", "423.95"), ("MntNetoIvaTasaMin", "80.91"),
        ("MntIVATasaMin", "8.09"), ("MntTotal", "2440.00"), ("MntPagar", "2440.00"),
    ):  # fmt: skip
        assert valores(root, name) == [amount]


@settings(max_examples=300, deadline=None)
@given(
    lines=st.lists(
        st.tuples(st.decimals("0.01", "100000", places=2), st.sampled_from(("BASICA", "MINIMA", "EXENTA", "GRATIS"))),
        min_size=1,
        max_size=5,
    )
)
def test_with_gross_prices_the_customer_pays_the_exact_sum_of_the_lines(lines: list[tuple[Decimal, str]]) -> None:
    text = venta(*(item("0" if iva == "GRATIS" else str(price), iva) for price, iva in lines), DECIMAL="PUNTO")
    paid = sum((price for price, iva in lines if iva != "GRATIS"), Decimal(0))
    assert totales(text).a_pagar == paid
    assert avisos(text) == []
    assert totales(text, redondeo="diferencia").a_pagar == paid


@settings(max_examples=200, deadline=None)
@given(
    price=st.decimals("1", "20000", places=2),
    off=st.decimals("-1.50", "1.50", places=2),
    precios=st.sampled_from(("CON_IVA", "SIN_IVA")),
)
def test_a_pagar_rules_within_the_tolerance_and_not_beyond(price: Decimal, off: Decimal, precios: str) -> None:
    plain_text = venta(item(str(price)), DECIMAL="PUNTO", PRECIOS=precios)
    cash = totales(plain_text).a_pagar
    text = plain_text + f"[TOTALES]\nA_PAGAR={cash + off}\n"
    if abs(off) <= 1:
        assert totales(text).a_pagar == cash + off
        assert errores(text) == []
        assert avisos(text) == ([] if off == 0 else ["A0210"])
    else:
        assert errores(text) == ["E1210"]


@pytest.mark.parametrize(
    ("precio", "total", "ind_fact"), [("0.03", "0.02", "6"), ("0.08", "0.09", "7"), ("0.42", "0.41", "6")]
)
def test_the_missing_cent_is_a_line_that_is_not_billed(precio: str, total: str, ind_fact: str) -> None:
    root = emitir(venta(item(precio), DECIMAL="PUNTO"))
    assert valores(root, "NomItem") == ["Artículo", "Redondeo"]
    assert valores(root, "IndFact") == ["3", ind_fact]
    assert (valores(root, "MntTotal"), valores(root, "MntPagar")) == ([total], [precio])
    assert valores(root, "CantLinDet") == ["2"]


def test_a_document_with_no_room_for_the_line_rounds_by_difference() -> None:
    lines = [item("0.11") for _ in range(199)]
    text = venta(*lines, item("0.14"), tipo="111", resto=FACTURADO)
    assert len(valores(emitir(text), "Item")) == 200
    assert totales(text).a_pagar == totales(text).total == Decimal("22.03")
    assert errores(venta(*lines, item("0.14"), item("1"), tipo="111", resto=FACTURADO)) == ["E1203"]


@settings(max_examples=200, deadline=None)
@given(
    prices=st.lists(st.decimals("0.01", "9999", places=2), min_size=1, max_size=3),
    cents=st.integers(1, 100),
)
def test_a_global_discount_without_tax_is_taken_to_the_cent(prices: list[Decimal], cents: int) -> None:
    ivas = ("BASICA", "MINIMA", "EXENTA")
    valor = (sum(prices) * cents / 100).quantize(Decimal("0.01"))
    text = venta(
        *(item(str(price), iva) for price, iva in zip(prices, ivas, strict=False)),
        resto=f"[DESCUENTO]\nVALOR={valor}\n",
        DECIMAL="PUNTO",
    )
    assert totales(text).a_pagar == sum(prices) - valor


def test_a_global_discount_larger_than_the_lines_is_refused() -> None:
    assert errores(venta(item("100"), resto="[DESCUENTO]\nVALOR=100.01\n")) == ["E1215"]


@pytest.mark.parametrize(
    ("lines", "fields"),
    [
        ((item("100"),), "VALOR=1\nIVA=MINIMA"),
        ((item("100"),), "PORC=10\nIVA=MINIMA"),
        ((item("100"),), "VALOR=1\nIVA=GRATIS"),
        ((item("0", "GRATIS"),), "VALOR=1"),
        ((item("0", "GRATIS"),), "PORC=10"),
    ],
)
def test_a_global_discount_on_what_is_not_there_is_refused(lines: tuple[str, ...], fields: str) -> None:
    assert errores(venta(*lines, resto=f"[DESCUENTO]\n{fields}\n")) == ["E1215"]


def test_a_global_discount_falls_on_what_is_not_billed_only_when_nothing_else_is_there() -> None:
    root = emitir(venta(item("100", "NO_FACTURABLE"), resto="[DESCUENTO]\nPORC=10\n"))
    assert (valores(root, "IndFactDR"), valores(root, "MntPagar")) == (["6"], ["90.00"])
    root = emitir(venta(item("100", "NO_FACTURABLE"), item("50"), resto="[DESCUENTO]\nPORC=10\n"))
    assert (valores(root, "IndFactDR"), valores(root, "MntPagar")) == (["3"], ["145.00"])


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("CANTIDAD=3\nIMPORTE=100", ("3", "33.333333", "100.00")),
        ("PRECIO=3\nIMPORTE=10", ("3.333", "3.0003", "10.00")),
        ("IMPORTE=100", ("1", "100", "100.00")),
        ("PRECIO=100", ("1", "100", "100.00")),
        ("CANTIDAD=3\nPRECIO=33.33\nIMPORTE=100", ("3", "33.333333", "100.00")),
        ("CANTIDAD=2\nPRECIO=100\nDESCUENTO_PORC=10", ("2", "100", "180.00")),
        ("CANTIDAD=2\nIMPORTE=180\nDESCUENTO_PORC=10", ("2", "100", "180.00")),
        ("CANTIDAD=2\nIMPORTE=190\nDESCUENTO=10", ("2", "100", "190.00")),
        ("CANTIDAD=-1\nPRECIO=5\n[ITEM]\nDETALLE=b\nIVA=BASICA\nPRECIO=50", ("-1", "5", "-5.00")),
    ],
)
def test_two_of_quantity_price_and_amount_are_enough(fields: str, expected: tuple[str, str, str]) -> None:
    root = emitir(venta(f"DETALLE=a\nIVA=BASICA\n{fields}", DECIMAL="PUNTO"))
    got = (valores(root, "Cantidad")[0], valores(root, "PrecioUnitario")[0], valores(root, "MontoItem")[0])
    if fields.startswith("PRECIO=3\n"):
        assert got[0] == "3.333"
        assert got[2] == "10.00"
    else:
        assert got == expected


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ("CANTIDAD=2\nPRECIO=100\nIMPORTE=200.06", "E1211"),
        ("CANTIDAD=2", "E1214"),
        ("CANTIDAD=0\nIMPORTE=5", "E1214"),
        ("PRECIO=0\nIMPORTE=5", "E1214"),
        ("IMPORTE=5\nDESCUENTO_PORC=100", "E1214"),
        ("PRECIO=0", "E1212"),
        ("PRECIO=-5", "E1212"),
        ("CANTIDAD=-1\nPRECIO=5", "E1207"),
        ("CANTIDAD=99999999999999\nPRECIO=99999999999", "E1214"),
        ("PRECIO=0,000001\nIMPORTE=999999999999999", "E1214"),
        ("CANTIDAD=0,001\nIMPORTE=999999999999999", "E1214"),
        ("PRECIO=1\nDESCUENTO_PORC=101", "E0208"),
    ],
)
def test_a_line_that_does_not_close_is_refused(fields: str, code: str) -> None:
    assert code in errores(venta(f"DETALLE=a\nIVA=BASICA\n{fields}"))


@settings(max_examples=300, deadline=None)
@given(
    cantidad=st.decimals("0.001", "9999", places=3),
    precio=st.decimals("0.01", "9999", places=4),
    off=st.decimals("-0.05", "0.05", places=2),
)
def test_a_given_amount_rules_and_the_price_follows(cantidad: Decimal, precio: Decimal, off: Decimal) -> None:
    importe = (cantidad * precio).quantize(Decimal("0.01")) + off
    if importe <= 0:
        return
    text = venta(f"DETALLE=a\nIVA=BASICA\nCANTIDAD={cantidad}\nPRECIO={precio}\nIMPORTE={importe}", DECIMAL="PUNTO")
    document = pedido(text).document
    assert isinstance(document, Comprobante)
    if document.lineas:
        linea = document.lineas[0]
        assert linea.importe == importe
        assert abs(linea.cantidad * linea.precio - importe) <= Decimal("0.011")
    else:
        assert abs(off) == Decimal("0.05")


def test_a_free_line_has_no_price() -> None:
    root = emitir(venta(item("10"), item("0", "GRATIS", CANTIDAD="2")))
    assert valores(root, "MontoItem") == ["10.00", "0.00"]
    assert errores(venta(item("10"), item("5", "GRATIS"))) == ["E1213"]


def test_other_totals_are_warned_of_or_refused() -> None:
    text = venta(item("122"))
    assert avisos(text + "[TOTALES]\nTOTAL=122,50\nIVA_BASICA=22\n") == ["A0212"]
    assert errores(text + "[TOTALES]\nNETO_BASICA=102\n") == ["E1210"]
    assert errores(text + "[TOTALES]\nLINEAS=2\n") == ["E1210"]


def test_withholdings_are_paid_and_tax_credits_are_not() -> None:
    lines = item("100") + "\n[RETENCION]\nCODIGO=2183165\nTASA=5\nBASE=81,97\n[RETENCION]\nCODIGO=2181410\nVALOR=3\n"
    found = totales(venta(lines, tipo="111", resto=FACTURADO))
    assert (found.retenido, found.credito_fiscal, found.a_pagar) == (Decimal("4.10"), Decimal(3), Decimal("104.10"))


def test_lines_of_another_rate_need_their_iva() -> None:
    text = venta(item("100", "OTRA"))
    assert errores(text) == ["E1208"]
    root = emitir(text + "[TOTALES]\nIVA_OTRA=7\n")
    assert (valores(root, "MntIVAOtra"), valores(root, "MntPagar")) == (["7.00"], ["107.00"])
