"""Same REFERENCIA, same content? File contract, section 6."""

from datetime import date
from decimal import Decimal

import pytest
from ventas import EMISOR, FACTURADO, HOY, item, pedido, uruguay, venta

from sincronizador.core.request import Request
from sincronizador.countries.uy.emisor import Ajustes
from sincronizador.countries.uy.fields import VOCABULARY
from sincronizador.countries.uy.uruguay import Uruguay
from sincronizador.formats.txt import parse

PAGO = "[PAGO]\nMEDIO=VALE\nVALOR=5\n"
BASE = venta(
    item("100", CANTIDAD="2"), item("50", "MINIMA"), resto=FACTURADO + PAGO + "[TOTALES]\nTOTAL=249,5\n", tipo="111"
)


def difference(text: str, earlier: str = BASE) -> str | None:
    return uruguay().compare(pedido(text), pedido(earlier))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("TIPO=111", "TIPO=VENTA"),
        ("TIPO=111", "TIPO=111\nMONEDA=$"),
        ("TIPO=111", "TIPO=111\nFECHA=2026-11-21"),
        ("TIPO=111", "TIPO=111\nPRECIOS=CON_IVA"),
        ("TIPO=111", "TIPO=111\nIMPRESORA=OTRA\nCOPIAS=2"),
        ("PRECIO=100", "PRECIO=100.00"),
        ("PRECIO=100", "IMPORTE=200"),
        ("CANTIDAD=2", "CANTIDAD=2,00\nIMPORTE=200"),
        ("DOCUMENTO=2155", "TIPO_DOC=RUC\nDOCUMENTO=21-55"),
        ("TOTAL=249,5", "TOTAL=250"),
        ("TOTAL=249,5", "A_PAGAR=250"),
        ("[TOTALES]", "[ADENDA]\nHola\n[EXTRA]\nMESA=4\n[TOTALES]"),
        ("[RECEPTOR]", "[RECEPTOR]\nCORREO=a@b.uy"),
        ("VALOR=5", "VALOR=5\nENTREGADO=10"),
    ],
)
def test_the_same_sale_written_otherwise_is_the_same(old: str, new: str) -> None:
    assert old in BASE
    assert difference(BASE.replace(old, new, 1)) is None


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("TIPO=111", "TIPO=113", "TIPO"),
        ("TIPO=111", "TIPO=111\nMONEDA=USD", "MONEDA"),
        ("TIPO=111", "TIPO=111\nFECHA=20/11/2026", "FECHA"),
        ("TIPO=111", "TIPO=111\nPRECIOS=SIN_IVA", "PRECIOS"),
        ("CONTADO", "CREDITO", "FORMA_PAGO"),
        ("PRECIO=100", "PRECIO=100.01", "PRECIO"),
        ("CANTIDAD=2", "CANTIDAD=3", "CANTIDAD"),
        ("IVA=MINIMA", "IVA=EXENTA", "IVA"),
        ("Artículo", "Otro", "DETALLE"),
        ("NOMBRE=Cliente", "NOMBRE=Otro", "NOMBRE"),
        ("DOCUMENTO=215555550010", "DOCUMENTO=217777770013", "DOCUMENTO"),
        ("VALOR=5", "VALOR=6", "PAGO"),
        ("[PAGO]", "[DESCUENTO]\nPORC=10\n[PAGO]", "DESCUENTO"),
        ("[PAGO]", "[ITEM]\nDETALLE=x\nIVA=22\nPRECIO=1\n[PAGO]", "ITEM"),
        ("TOTAL=249,5", "A_PAGAR=250,40", "A_PAGAR"),
        ("[RECEPTOR]", "[EMISOR]\nSUCURSAL=2\n[RECEPTOR]", "SUCURSAL"),
        ("[PAGO]", "[REFERENCIA]\nTIPO=111\nSERIE=A\nNUMERO=1\n[PAGO]", "REFERENCIA"),
    ],
)
def test_another_sale_is_told_by_its_first_different_field(old: str, new: str, field: str) -> None:
    assert old in BASE
    assert difference(BASE.replace(old, new, 1)) == field


def test_the_order_of_the_lines_is_content() -> None:
    assert difference(venta(item("1"), item("2")), venta(item("2"), item("1"))) == "PRECIO"


def read(text: str, today: date, **ajustes: object) -> Request:
    country = Uruguay(EMISOR, Ajustes(ui={2026: Decimal(6)}, **ajustes))  # type: ignore[arg-type]
    return country.read(parse(text + "\n[FIN]\n", VOCABULARY, "utf-8").sections, today)


def test_a_date_that_only_the_day_gave_is_not_compared() -> None:
    text = venta(item("1"))
    assert uruguay().compare(read(text, date(2026, 12, 1)), read(text, HOY)) is None
    dated = venta(item("1"), FECHA="21/11/2026")
    assert uruguay().compare(read(dated, date(2026, 12, 1)), read(text, HOY)) is None
    assert uruguay().compare(read(text, date(2026, 12, 1)), read(dated, HOY)) is None
