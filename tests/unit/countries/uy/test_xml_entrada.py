"""A CFE as input: DGI's examples come back as they were, and nothing is dropped silently."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from ventas import EMISOR, HOY, NS, completo, hallazgos, item, pedido, uruguay, venta

from sincronizador.core.finding import Finding
from sincronizador.core.request import Request
from sincronizador.core.sections import Reading
from sincronizador.countries.uy.emisor import Ajustes
from sincronizador.countries.uy.uruguay import Uruguay
from sincronizador.countries.uy.xml import from_xml

SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}Signature"
DEL_SOBRE = ["101", "102", "103", "111", "112", "181", "281", "182"]
"""Types of the eight documents of DGI's sobre, in its order."""


def samples(*paths: Path) -> Iterator[etree._Element]:
    for path in paths:
        for cfe in etree.parse(str(path)).iter(NS + "CFE"):
            yield etree.fromstring(etree.tostring(cfe))


def unsigned(cfe: etree._Element) -> bytes:
    """The document as a caller would send it: a paper has its number, what is electronic gets one."""
    is_papel = (cfe.findtext(f".//{NS}TipoCFE") or "").startswith("2")
    for tag in (SIGNATURE, NS + "TmstFirma", *(() if is_papel else (NS + "Nro", NS + "CAEData"))):
        for element in list(cfe.iter(tag)):
            element.getparent().remove(element)
    if not is_papel:
        id_doc = cfe.find(f".//{NS}IdDoc")
        id_doc.remove(id_doc.find(NS + "Serie"))
    return etree.tostring(cfe)


def issuer_of(cfe: etree._Element) -> Uruguay:
    """The installation of who issued a sample."""
    emisor = replace(EMISOR, rut=cfe.findtext(f".//{NS}RUCEmisor") or "")
    return Uruguay(emisor, Ajustes(ui={year: Decimal("2.3") for year in range(2011, 2027)}))


def judged(country: Uruguay, document: bytes) -> tuple[Request, list[Finding]]:
    reading = country.from_xml(document)
    request = country.read(reading.sections, HOY)
    return request, [*reading.findings, *country.check(request, {}, HOY)]


def content(document: bytes) -> list[tuple[str, str]]:
    """Every leaf by its path, numbers by value; rates without amounts and a MontoNF of zero say nothing."""
    leaves = []
    root = etree.fromstring(document)
    for leaf in root.iter():
        if len(leaf) or leaf.text is None:
            continue
        path = "/".join(part.tag.removeprefix(NS) for part in reversed([leaf, *leaf.iterancestors()]))
        text = leaf.text.strip()
        with suppress(InvalidOperation):
            text = str(Decimal(text).normalize())
        if leaf.tag.startswith(NS + "IVATasa") or (path.endswith("MontoNF") and text == "0"):
            continue
        leaves.append((path, text))
    return leaves


def test_each_document_of_dgis_sobre_comes_back_with_the_same_content(referencia_uy: Path) -> None:
    path = referencia_uy / "dgi" / "Sob_219999830019_Ej_Mod_19072016.xml"
    seen = []
    for cfe in samples(path):
        country, tipo = issuer_of(cfe), cfe.findtext(f".//{NS}TipoCFE") or ""
        seen.append(tipo)
        document = unsigned(cfe)
        request, found = judged(country, document)
        if tipo == "281":  # DGI numbered its paper 953001, of a booklet that goes from 1 to 100
            assert [(finding.code, finding.field) for finding in found] == [("E1008", "NUMERO")]
            document = document.replace(b"HNro>100<", b"HNro>999999<")
            request, found = judged(country, document)
        assert found == [], tipo
        assert content(country.draft(request, {})) == content(document), tipo
    assert seen == DEL_SOBRE


def test_the_examples_of_the_reference_come_back_with_the_same_content(referencia_uy: Path) -> None:
    paths = sorted((referencia_uy / "examples").glob("[12]??_*.xml"))
    assert len(paths) == 12
    for path in paths:
        for cfe in samples(path):
            country, document = issuer_of(cfe), unsigned(cfe)
            request, found = judged(country, document)
            assert found == [], path.name
            assert content(country.draft(request, {})) == content(document), path.name


@pytest.mark.parametrize(("name", "sealed"), [("enc", True), ("no-enc", False)])
def test_dgis_sales_for_somebody_else_have_wrong_totals_and_are_right_without_them(
    name: str, sealed: bool, referencia_uy: Path
) -> None:
    (cfe,) = samples(referencia_uy / "dgi" / f"Sob_219999830019_fac-Cta_Ajena-{name}.xml")
    country, document = issuer_of(cfe), unsigned(cfe)
    found = {(finding.code, finding.field) for finding in judged(country, document)[1]}
    assert found == {("E1210", "EXENTO"), ("E1210", "TOTAL"), ("E1210", "A_PAGAR")}
    totales = cfe.find(f".//{NS}Totales")
    for wrong in ("MntNoGrv", "MntTotal", "MntPagar"):
        totales.remove(totales.find(NS + wrong))
    request, found_then = judged(country, etree.tostring(cfe))
    assert found_then == []
    draft = country.draft(request, {})
    assert (b"EncryptedData" in draft) is sealed
    told = [leaf for leaf in content(draft) if "/Totales/" not in leaf[0]]
    assert told == [leaf for leaf in content(document) if "/Totales/" not in leaf[0]]
    assert b"<MntNoGrv>500.00</MntNoGrv><MntNetoIVATasaBasica>4780.00<" in draft
    assert b"<MntIVATasaBasica>1051.60</MntIVATasaBasica><MntTotal>6331.60<" in draft


def xml_of(text: str) -> bytes:
    """A draft as a caller's XML."""
    request = pedido(text)
    return uruguay().draft(request, {})


def codes_of(reading: Reading) -> list[str]:
    return [finding.code for finding in reading.findings]


def test_a_txt_and_its_own_xml_are_the_same_sale() -> None:
    lines = (item("1.175,50", CANTIDAD="2", DESCUENTO_PORC="5", CODIGO="77"), item("89", "MINIMA"))
    text = venta(*lines, resto="[DESCUENTO]\nPORC=10\n[PAGO]\nMEDIO=EFECTIVO\nVALOR=100\n", FECHA="21/11/2026")
    first = pedido(text)
    again = uruguay().read(from_xml(xml_of(text)).sections, HOY)
    assert not [finding for finding in hallazgos(again) if finding.is_error]
    without_rounding = first.document.calculo.redondeo == 0
    assert uruguay().compare(again, first) == (None if without_rounding else "ITEM")


def test_an_adenda_beside_the_cfe_is_read() -> None:
    cfe = xml_of(venta(item("100"))).decode()
    wrapped = f'<CFE_Adenda xmlns="http://cfe.dgi.gub.uy">{cfe}<Adenda>Gracias\n  vuelva</Adenda></CFE_Adenda>'
    request = uruguay().read(from_xml(wrapped.encode()).sections, HOY)
    assert request.anexo.adenda == "Gracias\n  vuelva"


def test_without_totals_they_are_filled_in_and_with_wrong_ones_refused() -> None:
    document = xml_of(venta(item("122"))).decode()
    head, _, rest = document.partition("<MntNetoIVATasaBasica>")
    bare = head + "</Totales>" + rest.partition("</Totales>")[2]
    request = uruguay().read(from_xml(bare.encode()).sections, HOY)
    assert hallazgos(request) == []
    assert uruguay().draft(request, {}).decode() == document
    wrong = document.replace("<MntPagar>122.00", "<MntPagar>125.00")
    request = uruguay().read(from_xml(wrong.encode()).sections, HOY)
    assert [finding.code for finding in hallazgos(request)] == ["E1210"]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("<UniMed>", "<Nuevo>x</Nuevo><UniMed>", "E1401"),
        ("<FmaPago>", "<Serie>A</Serie><FmaPago>", "E1402"),
        ("<NroLinDet>1<", "<NroLinDet>2<", "E1401"),
        ("<FmaPago>1</FmaPago>", "<FmaPago>1</FmaPago><FmaPago>2</FmaPago>", "E1401"),
        ("<FmaPago>1</FmaPago>", "<FmaPago><b>1</b></FmaPago>", "E1401"),
        ('xmlns="http://cfe.dgi.gub.uy"', 'xmlns="http://otro"', "E1401"),
        ("<Detalle>", "<Compl_Fiscal/><Detalle>", "E1401"),
        ("eTck>", "eRem>", "E1401"),
        ("<IVATasaBasica>22.000", "<IVATasaBasica>23", "E1401"),
        ("</eTck>", '</eTck><Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/>', "E0110"),
        ("</eTck>", "", "E0107"),
        ("<eTck>", "<eTck>&nada;", "E0107"),
        ('<CFE xmlns="http://cfe.dgi.gub.uy" version="1.0">', "<CFE>", "E1401"),
    ],
)
def test_what_cannot_be_represented_is_a_finding(old: str, new: str, code: str) -> None:
    document = xml_of(venta(item("122"))).decode()
    assert old in document
    assert code in codes_of(from_xml(document.replace(old, new).encode()))


BOMB = '<!DOCTYPE a [<!ENTITY b "x"><!ENTITY c "' + "&b;" * 1000 + '">]>'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be", "latin-1"])
def test_a_dtd_is_refused_in_any_encoding(encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?>{BOMB}<a>&c;</a>'
    assert codes_of(from_xml(text.encode(encoding))) == ["E0109"]


@pytest.mark.parametrize("bytes_", [b"", b"\x00", b"<a>" * 100_000, b"<" * 10_000, b"\xff\xfe<", b"<a/>x"])
def test_no_bytes_raise(bytes_: bytes) -> None:
    assert codes_of(from_xml(bytes_))


def test_latin_1_is_read_and_its_answer_goes_back_in_it() -> None:
    document = xml_of(venta(item("122", DESCRIPCION="Ñandú"))).decode()
    reading = from_xml(f'<?xml version="1.0" encoding="ISO-8859-1"?>{document}'.encode("latin-1"))
    assert reading.encoding == "iso-8859-1"
    assert uruguay().draft(uruguay().read(reading.sections, HOY), {}).decode() == document


def test_values_keep_the_line_of_their_element() -> None:
    document = xml_of(venta(item("122"))).decode().replace("><", ">\n<").replace("<FmaPago>1", "<FmaPago>7")
    line = document.split("\n").index("<FmaPago>7</FmaPago>") + 1
    request = uruguay().read(from_xml(document.encode()).sections, HOY)
    assert [(finding.code, finding.line, finding.field) for finding in request.findings] == [
        ("E0208", line, "FORMA_PAGO")
    ]


def test_withholdings_of_the_header_must_add_up() -> None:
    text = venta(
        item("100", AGENTE="R") + "\n[RETENCION]\nCODIGO=2183165\nVALOR=5",
        tipo="101",
        resto="[RECEPTOR]\nDOCUMENTO=12345672\n",
    )
    document = xml_of(text).decode()
    assert from_xml(document.encode()).findings == ()
    head, _, items = document.partition("<Detalle>")
    wrong = head.replace("<ValRetPerc>5.00", "<ValRetPerc>6.00") + "<Detalle>" + items
    assert codes_of(from_xml(wrong.encode())) == ["E1210"]


def test_a_number_of_an_xml_has_a_point() -> None:
    document = completo(pedido(venta(item("1.175", CANTIDAD="1.500"), DECIMAL="PUNTO"))).decode()
    assert "<Cantidad>1.5</Cantidad>" in document
    assert "<PrecioUnitario>1.175</PrecioUnitario>" in document


COMPLETE = venta(
    item("100", CANTIDAD="2", DESCUENTO="5", RECARGO_PORC="3", CODIGO="7", DESCRIPCION="y", AGENTE="R")
    + "\n[RETENCION]\nCODIGO=2183165\nTASA=5\nBASE=10\nVALOR=0.5",
    item("3", "NO_FACTURABLE"),
    tipo="102",
    resto="[RECEPTOR]\nDOCUMENTO=12345672\nNOMBRE=Ana\n[DESCUENTO]\nPORC=1\n[PAGO]\nMEDIO=VALE\nVALOR=5\n"
    "[SUBTOTAL]\nDETALLE=s\nVALOR=1\n[REFERENCIA]\nTIPO=101\nSERIE=A\nNUMERO=5\nRAZON=x\n",
    DECIMAL="PUNTO",
    MONEDA="USD",
    COTIZACION="40",
)
TEXTS = st.sampled_from(
    ("", "0", "-1", "1", "2", "3", "0.001", "1.005", "99999999999999999999", "1E3", "NaN", "A", "Ñ", "x" * 1200)
)


def test_what_comes_twice_is_not_merged() -> None:
    document = xml_of(venta(item("122"))).decode()
    zone = "<IdDoc><FmaPago>2</FmaPago></IdDoc></Encabezado>"
    assert codes_of(from_xml(document.replace("</Encabezado>", zone).encode())) == ["E1401"]
    two = f'<CFE_Adenda xmlns="http://cfe.dgi.gub.uy">{document}{document}</CFE_Adenda>'
    assert codes_of(from_xml(two.encode())) == ["E1401"]


@settings(max_examples=400, deadline=None)
@given(data=st.data())
def test_any_xml_is_refused_or_makes_a_valid_document(
    data: st.DataObject, xsd: etree.XMLSchema, firmar: Callable[[bytes], bytes]
) -> None:
    root = etree.fromstring(xml_of(COMPLETE))
    changes = data.draw(st.integers(0, 3))
    for _ in range(changes):
        element = data.draw(st.sampled_from(list(root[0].iterdescendants())))
        change = data.draw(st.sampled_from(("text", "drop", "double")))
        if change == "text":
            element.text = data.draw(TEXTS)
        elif change == "drop":
            element.getparent().remove(element)
        else:
            element.addnext(etree.fromstring(etree.tostring(element)))
    reading = from_xml(etree.tostring(root))
    request = uruguay().read(reading.sections, HOY)
    found = [*reading.findings, *hallazgos(request)]
    if changes == 0 or not any(finding.is_error for finding in found):
        signed = etree.fromstring(firmar(completo(request)))
        assert xsd.validate(signed), xsd.error_log
