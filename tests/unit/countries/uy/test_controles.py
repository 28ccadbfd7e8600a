"""What the law refuses, with the documents that it refers to."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest
from reglas import resguardo
from ventas import EMISOR, FACTURADO, HOY, emitir, errores, hallazgos, item, pedido, valores, venta

from sincronizador.core.emitido import Anexo, Emitido
from sincronizador.core.request import Known, Target
from sincronizador.countries.uy.emisor import Ajustes
from sincronizador.countries.uy.tipos import ZONE
from sincronizador.countries.uy.uruguay import Uruguay
from sincronizador.errors import NeedsOperator

CI = "[RECEPTOR]\nDOCUMENTO=12345672\n"
POR_NUMERO = "[REFERENCIA]\nTIPO=101\nSERIE=A\nNUMERO=5\n"


def emitido(tipo: int = 101, **fields: object) -> Emitido:
    base: dict[str, object] = {
        "tipo": tipo, "nombre": "e-Ticket", "serie": "A", "numero": 5, "referencia": "V9", "fecha": date(2026, 11, 1),
        "firmado": datetime(2026, 11, 1, 12, tzinfo=ZONE), "moneda": "UYU", "cotizacion": None,
        "total": Decimal("100.00"), "importes": (), "codigo_seguridad": "", "hash": "", "qr": "", "cae": "",
        "cae_desde": 1, "cae_hasta": 9, "cae_vence": HOY, "receptor": "", "signed": b"", "anexo": Anexo(),
    }  # fmt: skip
    return Emitido(**{**base, **fields})  # type: ignore[arg-type]


def known(sale: Emitido) -> Known:
    return {Target(referencia="V9"): sale, Target(tipo=sale.tipo, serie="A", numero=5): sale}


def nota(resto: str, tipo: str = "102", **fields: str) -> str:
    return venta(item("100"), tipo=tipo, resto=resto + (FACTURADO if tipo > "110" else ""), **fields)


def test_a_factura_without_receiver_names_all_it_lacks() -> None:
    assert errores(venta(item("1"), tipo="111")) == ["E1103"] * 4
    assert errores(venta(item("1"), tipo="111", resto=CI)) == ["E1103"] * 4
    assert errores(venta(item("1"), tipo="111", resto=FACTURADO)) == []


@pytest.mark.parametrize(
    ("neto", "resto", "fields", "expected"),
    [
        ("32000", "", {}, []),
        ("32000.01", "", {}, ["E1104"]),
        ("32000.01", CI, {}, []),
        ("32000.01", "[RECEPTOR]\nNOMBRE=Ana\n", {}, ["E1104"]),
        ("800", "", {"MONEDA": "USD", "COTIZACION": "40"}, []),
        ("800.01", "", {"MONEDA": "USD", "COTIZACION": "40"}, ["E1104"]),
        ("28800", "", {"FECHA": "02/01/2027"}, []),
        ("28800.01", "", {"FECHA": "02/01/2027"}, ["E1105"]),
        ("28800.01", CI, {"FECHA": "02/01/2027"}, []),
        ("28800.01", "", {"FECHA": "31/12/2025"}, ["E1105"]),
        ("99999", "", {"SECRETO_PROFESIONAL": "SI"}, []),
    ],
)
def test_above_5000_ui_the_receiver_is_identified(
    neto: str, resto: str, fields: dict[str, str], expected: list[str]
) -> None:
    text = venta(item(neto, "EXENTA"), resto=resto, DECIMAL="PUNTO", **fields)
    assert errores(text) == expected


def test_the_threshold_looks_at_the_net_and_not_at_what_is_not_billed() -> None:
    assert errores(venta(item("39040"))) == []
    assert errores(venta(item("39041"))) == ["E1104"]
    assert errores(venta(item("90000", "NO_FACTURABLE"), item("1"))) == []


def test_without_any_ui_an_anonymous_ticket_waits() -> None:
    assert errores(venta(item("1")), ui={}) == ["E1105"]


def test_withholdings_identify_the_receiver_whatever_the_amount() -> None:
    line = item("10", AGENTE="R") + "\n[RETENCION]\nCODIGO=2183165\nVALOR=1"
    assert errores(venta(line)) == ["E1106"]
    assert errores(venta(line, resto=CI)) == []
    assert errores(venta(line.replace("2183165", "2181410"))) == []  # a tax credit withholds nothing


@pytest.mark.parametrize(
    ("today", "ui", "alarmed"),
    [
        (date(2026, 12, 14), {2026: Decimal(6)}, False),
        (date(2026, 12, 15), {2026: Decimal(6)}, True),
        (date(2026, 12, 31), {2026: Decimal(6), 2027: Decimal(7)}, False),
        (date(2027, 3, 1), {2026: Decimal(6)}, True),
        (date(2026, 3, 1), {}, True),
    ],
)
def test_the_missing_ui_is_told_from_15_december(today: date, ui: dict[int, Decimal], alarmed: bool) -> None:
    assert bool(Uruguay(EMISOR, Ajustes(ui=ui)).alarms(today)) is alarmed


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"FECHA": "21/01/2027"}, "E1201"),
        ({"FECHA": "30/09/2011"}, "E1201"),
        ({"VENCIMIENTO": "01/01/2051"}, "E1201"),
        ({"PERIODO_DESDE": "02/11/2026", "PERIODO_HASTA": "01/11/2026"}, "E1202"),
        ({"MONEDA": "USD"}, "E1204"),
        ({"COTIZACION": "40"}, "E1205"),
        ({"COTIZACION": "-1"}, "E0208"),
        ({"COBRANZA": "SI"}, "E1218"),
    ],
)
def test_the_head_of_a_document(fields: dict[str, str], code: str) -> None:
    assert set(errores(venta(item("1"), **fields))) == {code}


def test_a_rate_of_one_in_pesos_says_nothing() -> None:
    assert errores(venta(item("1"), COTIZACION="1,00")) == []
    assert errores(venta(item("1"), FECHA="20/01/2027", resto=CI)) == []


def test_a_collection_bills_nothing_and_says_what_it_collects() -> None:
    text = venta(item("100", "NO_FACTURABLE"), resto=POR_NUMERO, COBRANZA="SI")
    assert errores(text) == []
    assert valores(emitir(text), "IndCobPropia") == ["1"]


def test_an_issuer_without_iva_bills_none() -> None:
    for regimen in ("iva_minimo", "monotributo", "monotributo_mides"):
        assert errores(venta(item("1", "MONOTRIBUTO"), item("1")), regimen=regimen) == ["E1219"]
        assert valores(emitir(venta(item("1", "MONOTRIBUTO")), regimen=regimen), "MntBruto") == ["3"]
    assert errores(venta(item("1", "MONOTRIBUTO"))) == ["E1219"]
    assert errores(venta(item("1"), item("1", "EXENTA")), regimen="exonerado") == ["E1219"]
    assert errores(venta(item("1", "BASICA", IND_FACT="2"))) == ["E1206"]


def test_lines_that_subtract_more_than_there_is_are_refused() -> None:
    assert errores(venta(item("1", CANTIDAD="-2"), item("1"))) == ["E1207"]


def test_too_many_of_anything_is_refused() -> None:
    assert errores(venta(*[item("1")] * 201, tipo="111", resto=FACTURADO)) == ["E1203"]
    assert errores(venta(*[item("1")] * 201)) == []
    assert errores(venta(*[item("1")] * 701)) == ["E1203"]
    assert errores(venta(item("1"), resto="[PAGO]\nMEDIO=VALE\nVALOR=1\n" * 41)) == ["E1203"]
    assert errores(venta(item("1"), resto="[SUBTOTAL]\nDETALLE=a\nVALOR=1\n" * 21)) == ["E1203"]


def test_bar_codes_are_checked_when_they_are_said_to_be_some() -> None:
    assert errores(venta(item("1", CODIGO="4006381333932", TIPO_CODIGO="GTIN13"))) == ["E1217"]
    assert errores(venta(item("1", CODIGO="4006381333932"))) == []


@pytest.mark.parametrize(
    ("resto", "expected"),
    [
        ("", ["E1301"]),
        (POR_NUMERO, []),
        ("[REFERENCIA]\nGLOBAL=SI\nRAZON=Bonificación\n", []),
        ("[REFERENCIA]\nGLOBAL=SI\n", ["E1310"]),
        ("[REFERENCIA]\nGLOBAL=SI\nRAZON=x\nSERIE=A\nFECHA=01/11/2026\n", ["E1310", "E1310"]),
        ("[REFERENCIA]\nTIPO=101\nSERIE=A\n", ["E1305"]),
        ("[REFERENCIA]\nRAZON=x\n", ["E1305"]),
        ("[REFERENCIA]\nTIPO=101\nSERIE=0\nNUMERO=5\n", ["E1305"]),
        (POR_NUMERO * 2, ["E1303"]),
        ("[REFERENCIA]\nTIPO=111\nSERIE=A\nNUMERO=5\n", ["E1304"]),
        ("[REFERENCIA]\nTIPO=202\nSERIE=A\nNUMERO=5\n", []),
        ("[REFERENCIA]\nVENTA=V9\n", ["E0108"]),
        (POR_NUMERO + "MONTO=10\nMONEDA=USD\n", ["E1311"]),
        (POR_NUMERO + "FECHA=01/01/2001\n", ["E1201"]),
        (POR_NUMERO + "MONTO=-1\n", ["E0208"]),
    ],
)
def test_a_note_says_what_it_corrects(resto: str, expected: list[str]) -> None:
    assert errores(nota(resto)) == expected


@pytest.mark.parametrize(
    ("resto", "sale", "expected"),
    [
        ("[REFERENCIA]\nVENTA=V9\n", {}, []),
        ("[REFERENCIA]\nVENTA=V9\n" + POR_NUMERO, {}, ["E1303"]),
        ("[REFERENCIA]\nVENTA=V9\n", {"tipo": 111}, ["E1304"]),
        (POR_NUMERO + "FECHA=02/11/2026\n", {}, ["E1306"]),
        (POR_NUMERO + "FECHA=01/11/2026\nMONTO=100\n", {}, []),
        (POR_NUMERO + "MONTO=100,01\n", {}, ["E1307"]),
        (POR_NUMERO + "MONTO=1\nMONEDA=USD\nCOTIZACION=40\n", {}, ["E1308", "E1308"]),
        ("[REFERENCIA]\nVENTA=V9\nTIPO=101\nSERIE=A\nNUMERO=6\n", {}, ["E1305"]),
    ],
)
def test_what_a_note_says_of_our_document_must_be_true(
    resto: str, sale: dict[str, object], expected: list[str]
) -> None:
    assert errores(nota(resto), known(emitido(**sale))) == expected  # type: ignore[arg-type]


def test_a_sale_of_ours_lends_its_number_date_currency_and_rate() -> None:
    sale = emitido(moneda="USD", cotizacion=Decimal("39.850"))
    root = emitir(nota("[REFERENCIA]\nVENTA=V9\nMONTO=10\nRAZON=Cambio\n"), known(sale))
    for name, text in (("TpoDocRef", "101"), ("NroCFERef", "5"), ("FechaCFEref", "2026-11-01"), ("MntCFEref", "10.00"),
                       ("TpoMonedaRef", "USD"), ("TpoCambioRef", "39.85"), ("RazonRef", "Cambio")):  # fmt: skip
        assert valores(root, name) == [text]


@pytest.mark.parametrize(
    "fields",
    [
        {"rut": "217777770014"},
        {"sucursal": "Centro"},
        {"sucursal": "12345"},
        {"ciudad": " "},
        {"domicilio": "x" * 71},
        {"razon_social": "a\nb"},
        {"telefono": "\x00"},
    ],
)
def test_an_issuer_that_cannot_be_one_stops_the_installation(fields: dict[str, str]) -> None:
    with pytest.raises(NeedsOperator, match="emisor") as caught:
        Uruguay(replace(EMISOR, **fields), Ajustes())
    assert caught.value.code == "E1005"


def test_all_findings_come_at_once_in_order_of_line_and_each_says_what_to_do() -> None:
    text = venta(
        item("dos"),
        item("1", "SI"),
        tipo="112",
        MONEDA="USD",
        FECHA="21/11/2027",
        resto="[RECEPTOR]\nDOCUMENTO=215555550011\n",
    )
    found = hallazgos(pedido(text))
    assert [finding.place for finding in found] == sorted(finding.place for finding in found)
    assert {"E0205", "E0208", "E1101", "E1103", "E1201", "E1204", "E1301"} <= {finding.code for finding in found}
    assert all(finding.hint and finding.message.endswith((".", "»")) for finding in found)
    assert all("{" not in finding.message + (finding.hint or "") for finding in found)


def test_a_withholding_without_its_base_is_told_once() -> None:
    """Its amount could not be computed for want of the very field that is missing."""
    text = resguardo("[RETENCION]\nCODIGO=2183165\nTASA=60\n")
    assert errores(text) == ["E0209"]
