"""From sections to a request: kinds of values, defaults, what counts as absent, long texts."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ventas import FACTURADO, HOY, OTRO_RUT, avisos, emitir, errores, hallazgos, item, pedido, uruguay, valores, venta

from sincronizador.core.request import Target
from sincronizador.core.sections import Entry, Section, Sections
from sincronizador.countries.uy.comprobante import Comprobante
from sincronizador.countries.uy.fields import BY_SECTION


def comprobante(text: str, **ajustes: object) -> Comprobante:
    document = pedido(text, **ajustes).document
    assert isinstance(document, Comprobante)
    return document


@pytest.mark.parametrize(
    ("tipo", "resto", "expected"),
    [
        ("101", "", 101),
        ("E-TICKET", "", 101),
        ("e-ticket", "", 101),
        ("eTicket", "", 101),
        ("Nota de Crédito de e-Factura", "", 112),
        ("ND e-Ticket", "", 103),
        ("VENTA", "", 101),
        ("VENTA", FACTURADO, 111),
        ("NOTA_CREDITO", FACTURADO, 112),
        ("nota credito", "", 102),
        ("NOTA_DEBITO", "[RECEPTOR]\nDOCUMENTO=12345672\n", 103),
        ("VENTA", "[RECEPTOR]\nTIPO_DOC=2\nDOCUMENTO=000000000000\n", 101),
    ],
)
def test_a_type_is_a_code_a_name_or_follows_the_receiver(tipo: str, resto: str, expected: int) -> None:
    assert pedido(venta(item("1"), tipo=tipo, resto=resto)).tipo == expected


@pytest.mark.parametrize(("tipo", "code"), [("199", "E0208"), ("999", "E0208"), ("FACTURA", "E0208"), ("", "E0209")])
def test_a_type_that_is_not_issued_is_refused_and_the_rest_is_still_read(tipo: str, code: str) -> None:
    text = venta(item("1"), item("dos"), tipo=tipo)
    assert pedido(text).tipo == 0
    assert errores(text) == [code, "E0205"]


def test_the_defaults_are_those_of_the_contract() -> None:
    request = pedido("[DOCUMENTO]\nTIPO=101\nFORMA_PAGO=CONTADO\n[ITEM]\nDETALLE=a\nIMPORTE=122\nIVA=22\n")
    root = emitir("[DOCUMENTO]\nTIPO=101\nFORMA_PAGO=CONTADO\n[ITEM]\nDETALLE=a\nIMPORTE=122\nIVA=22\n")
    assert (request.fecha, request.copias, request.impresora, request.ambiente) == (HOY, 0, "", "")
    for name, text in (("FchEmis", "2026-11-21"), ("TpoMoneda", "UYU"), ("MntBruto", "1"), ("Cantidad", "1"),
                       ("UniMed", "N/A"), ("PrecioUnitario", "122"), ("CdgDGISucur", "1")):  # fmt: skip
        assert valores(root, name) == [text]
    assert valores(root, "NroInterno") == valores(root, "TpoCambio") == valores(root, "Receptor") == []
    assert valores(emitir(venta(item("100")), precios="SIN_IVA"), "MntBruto") == []


def test_what_old_programs_write_empty_is_absent() -> None:
    text = venta(
        item("122", DESCUENTO="0.00", RECARGO_PORC="0"),
        COTIZACION="0,000",
        VENCIMIENTO="  /  /  ",
        PERIODO_DESDE="00000000",
        resto=(
            "[RECEPTOR]\nTIPO_DOC=RUT\nDOCUMENTO=000000000000\nPAIS=UY\n"
            "[DESCUENTO]\nDETALLE=nada\nVALOR=0\nPORC=0,00\n[RECARGO]\nVALOR=0\n"
            "[PAGO]\nMEDIO=EFECTIVO\nVALOR=0,00\n[REFERENCIA]\nTIPO=0\nNUMERO=0000000\nFECHA=  -  -  \n"
        ),
    )
    assert hallazgos(pedido(text)) == []
    document = comprobante(text)
    assert document.receptor is None
    assert (document.globales, document.pagos, document.referencias) == ((), (), ())
    assert (document.vencimiento, document.cotizacion) == (None, None)


@pytest.mark.parametrize(
    ("resto", "element", "expected"),
    [
        ("[RECEPTOR]\nDOCUMENTO=1.234.567-2\n", "TipoDocRecep", ["3"]),
        (f"[RECEPTOR]\nDOCUMENTO={OTRO_RUT}\n", "TipoDocRecep", ["2"]),
        ("[RECEPTOR]\nTIPO_DOC=PASAPORTE\nDOCUMENTO=ab 123456\n", "DocRecepExt", ["AB123456"]),
        ("[RECEPTOR]\nTIPO_DOC=PASAPORTE\nDOCUMENTO=ab123456\n", "CodPaisRecep", ["99"]),
        ("[RECEPTOR]\nTIPO_DOC=6\nDOCUMENTO=30111222\nPAIS=AR\n", "CodPaisRecep", ["AR"]),
        ("[RECEPTOR]\nTIPO_DOC=NIE\nDOCUMENTO=123456789\n", "DocRecep", ["123456789"]),
        ("[RECEPTOR]\nNOMBRE=Ana\n", "TipoDocRecep", []),
    ],
)
def test_a_document_of_the_receiver_tells_its_kind(resto: str, element: str, expected: list[str]) -> None:
    assert valores(emitir(venta(item("1"), resto=resto)), element) == expected


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ("DOCUMENTO=215555550011", "E1101"),
        ("TIPO_DOC=RUT\nDOCUMENTO=123", "E1101"),
        ("TIPO_DOC=CI\nDOCUMENTO=12345671", "E1102"),
        ("DOCUMENTO=12345671", "E1102"),
        ("DOCUMENTO=X1", "E0209"),
        ("TIPO_DOC=DNI\nDOCUMENTO=30111222", "E1103"),
        ("TIPO_DOC=RUT\nDOCUMENTO=215555550010\nPAIS=AR", "E1103"),
        ("TIPO_DOC=CEDULON\nDOCUMENTO=X1", "E0208"),
        ("DOCUMENTO=" + "9" * 21, "E0220"),
    ],
)
def test_a_wrong_document_is_one_finding(fields: str, code: str) -> None:
    assert errores(venta(item("1"), resto=f"[RECEPTOR]\n{fields}\nNOMBRE=a\n")) == [code]


def test_a_long_name_goes_on_in_the_description_and_other_texts_are_cut() -> None:
    words = "palabra " * 20
    text = venta(f"DETALLE={words}\nDESCRIPCION=y más\nPRECIO=1\nIVA=BASICA", resto=f"[RECEPTOR]\nNOMBRE={'x' * 151}\n")
    assert avisos(text) == ["A0220", "A0220"]
    linea = comprobante(text).lineas[0]
    assert len(linea.detalle) <= 80
    assert f"{linea.detalle} {linea.descripcion}" == words.strip() + "\ny más"
    assert valores(emitir(text), "RznSocRecep") == ["x" * 150]
    assert errores(text, textos_largos="error") == ["E0220", "E0220"]


@settings(max_examples=100, deadline=None)
@given(
    st.text(
        st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\\\x85\u2028\u2029"),
        min_size=1,
        max_size=1200,
    )
)
def test_no_text_of_a_line_is_lost_or_too_long(text: str) -> None:
    linea = comprobante(venta(f"DETALLE=.{text}.\nPRECIO=1\nIVA=BASICA")).lineas[0]
    assert 0 < len(linea.detalle) <= 80
    assert len(linea.descripcion) <= 1000
    kept = "".join(f"{linea.detalle}{linea.descripcion}".split())
    assert "".join(f".{text}.".split()).replace("\ufffe", "").replace("\uffff", "").startswith(kept)


def test_identifiers_are_never_cut() -> None:
    assert errores(venta(item("1"), REFERENCIA="x" * 51)) == ["E0220"]
    assert errores(venta(item("1", UNIDAD="litros"))) == ["E0220"]


def test_more_decimals_than_the_law_has_are_rounded_half_up_with_a_warning() -> None:
    text = venta(item("0.0000005", CANTIDAD="1.0005"), DECIMAL="PUNTO")
    assert avisos(text) == ["A0211", "A0211"]
    linea = comprobante(text).lineas[0]
    assert (linea.precio, linea.cantidad) == (Decimal("0.000001"), Decimal("1.001"))


def test_an_ambiguous_number_is_decided_by_the_file_the_settings_or_nobody() -> None:
    text = venta(item("1.175"))
    assert errores(text) == ["E0206"]
    assert comprobante(text, decimal="COMA").lineas[0].precio == 1175
    assert comprobante(venta(item("1.175"), DECIMAL="PUNTO"), decimal="COMA").lineas[0].precio == Decimal("1.175")
    rate = venta(item("1"), MONEDA="USD", COTIZACION="39.850")
    assert errores(rate) == []


def test_every_unreadable_value_is_reported_with_its_line() -> None:
    text = venta(item("dos"), item("1", "SI"), resto="[PAGO]\nMEDIO=ORO\nVALOR=x\n", FECHA="31/02/2026", COPIAS="-1")
    found = hallazgos(pedido(text))
    assert [finding.code for finding in found] == ["E0207", "E0205", "E0205", "E0208", "E0208", "E0205"]
    assert [finding.line for finding in found] == sorted(finding.line or 0 for finding in found)
    assert all(finding.value and finding.hint for finding in found)


def test_an_unreadable_value_is_not_reported_as_missing_too() -> None:
    assert errores(venta(item("1"), MONEDA="USD", COTIZACION="mucho")) == ["E0205"]
    assert errores(venta(item("1"), MONEDA="DRACMA", COTIZACION="40")) == ["E0208"]
    rest = "[REFERENCIA]\nTIPO=101\nSERIE=A\nNUMERO=cinco\n"
    assert errores(venta(item("1"), tipo="102", resto=rest)) == ["E0205"]
    assert errores(venta(item("1", "NADA"), resto="[TOTALES]\nA_PAGAR=5\n")) == ["E0208"]
    assert errores(venta(item("1"), resto="[DESCUENTO]\nVALOR=x\n[TOTALES]\nA_PAGAR=5\n")) == ["E0205"]


def test_missing_fields_are_reported_together() -> None:
    found = hallazgos(pedido("[DOCUMENTO]\nTIPO=101\nREFERENCIA=1\n[ITEM]\nPRECIO=1\n"))
    assert {(finding.code, finding.field) for finding in found} == {
        ("E0209", "FORMA_PAGO"), ("E0209", "DETALLE"), ("E0209", "IVA"),
    }  # fmt: skip
    assert errores("[DOCUMENTO]\nTIPO=101\nFORMA_PAGO=CONTADO\n") == ["E0209"]


def test_without_a_type_nothing_is_told_that_depends_on_it() -> None:
    found = hallazgos(pedido("[DOCUMENTO]\nREFERENCIA=1\n[ITEM]\nPRECIO=1\n"))
    assert [(finding.code, finding.field) for finding in found] == [("E0209", "TIPO")]


def test_a_section_that_comes_once_is_refused_twice() -> None:
    assert errores(venta(item("1"), resto="[RECEPTOR]\nNOMBRE=a\n[RECEPTOR]\nNOMBRE=b\n")) == ["E1002"]


def test_a_withholding_before_any_line_is_refused() -> None:
    assert "E1004" in errores("[DOCUMENTO]\nTIPO=101\nFORMA_PAGO=CONTADO\n[RETENCION]\nCODIGO=1\nVALOR=1\n")


def test_change_adenda_mail_and_free_fields_travel_beside_the_document() -> None:
    rest = (
        "[RECEPTOR]\nCORREO=a@b.uy\n[PAGO]\nMEDIO=EFECTIVO\nENTREGADO=3000\n[EXTRA]\nMESA=5\nMOZO=Ana\n"
        "[ADENDA]\nGracias.\n\n  Vuelva\n"
    )
    request = pedido(venta(item("2440"), resto=rest, IMPRESORA="CAJA", COPIAS="2", AMBIENTE="PRUEBA"))
    assert request.anexo.pagos == (("ENTREGADO", "3000.00"), ("VUELTO", "560.00"))
    assert request.anexo.correo == "a@b.uy"
    assert request.anexo.extra == (("MESA", "5"), ("MOZO", "Ana"))
    assert request.anexo.adenda == "Gracias.\n\n  Vuelva"
    assert (request.impresora, request.copias, request.ambiente) == ("CAJA", 2, "prueba")
    assert comprobante(venta(item("1"), resto="[RECEPTOR]\nCORREO=a@b.uy\n")).receptor is None
    assert avisos(venta(item("10"), resto="[PAGO]\nMEDIO=EFECTIVO\nVALOR=10\nENTREGADO=5\n")) == ["A0213"]


def test_what_it_refers_to_is_told_to_the_engine() -> None:
    rest = "[REFERENCIA]\nVENTA=V9\n[REFERENCIA]\nTIPO=E-TICKET\nSERIE=a\nNUMERO=12\n[REFERENCIA]\nGLOBAL=SI\nRAZON=x\n"
    request = pedido(venta(item("1"), tipo="102", resto=rest))
    assert request.refers_to == (Target(referencia="V9"), Target(tipo=101, serie="A", numero=12))


def test_the_place_of_a_document_may_be_another_branch() -> None:
    root = emitir(venta(item("1"), resto="[EMISOR]\nSUCURSAL=0007\nDOMICILIO=Otra 5\n"))
    assert (valores(root, "CdgDGISucur"), valores(root, "DomFiscal")) == (["7"], ["Otra 5"])
    assert errores(venta(item("1"), resto="[EMISOR]\nSUCURSAL=12345\n")) == ["E0208"]
    assert errores(venta(item("1"), resto="[EMISOR]\nRUT=215555550010\n")) == ["E1003"]


def test_control_characters_never_reach_the_xml() -> None:
    section = Section(
        "ITEM",
        9,
        (Entry("DETALLE", "a\x00\x0b\x1f\ufffe\ud800b\rc", 9), Entry("PRECIO", "1", 9), Entry("IVA", "22", 9)),
    )
    head = Section("DOCUMENTO", 1, (Entry("TIPO", "101", 1), Entry("FORMA_PAGO", "1", 1)))
    request = uruguay().read(Sections((head, section)), HOY)
    assert b"<NomItem>abc</NomItem>" in uruguay().draft(request, {})


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_no_value_of_any_field_raises(data: st.DataObject) -> None:
    sections = []
    for name in data.draw(st.lists(st.sampled_from(sorted(BY_SECTION)), min_size=1, max_size=8)):
        names = data.draw(st.lists(st.sampled_from(sorted(BY_SECTION[name])), min_size=1, max_size=5, unique=True))
        values = st.one_of(
            st.text(min_size=1, max_size=30), st.integers().map(str), st.decimals(allow_nan=False).map(str),
            st.dates(date(1899, 1, 1)).map(str), st.sampled_from(("0", "-0", "1E400", "9" * 30, "SI", "²", "9" * 5000)),
        )  # fmt: skip
        sections.append(Section(name, 1, tuple(Entry(field, data.draw(values), 2) for field in names)))
    request = uruguay().read(Sections(tuple(sections)), HOY)
    assert all(finding.message for finding in hallazgos(request))
    uruguay().compare(request, request)
    if not any(finding.is_error for finding in hallazgos(request)):
        uruguay().draft(request, {})
