"""What looks like something else: values and documents that were once taken for what they are not."""

from collections.abc import Callable

import pytest
from ventas import AHORA, FACTURADO, HOY, errores, folio, hallazgos, item, pedido, uruguay, venta

from sincronizador.core.emitido import Anexo
from sincronizador.countries.uy.completing import completed
from sincronizador.countries.uy.fields import VOCABULARY
from sincronizador.countries.uy.xml import from_xml
from sincronizador.formats.txt import parse

ENCRYPTED = (
    '<xenc:EncryptedData xmlns:xenc="http://www.w3.org/2001/04/xmlenc#" '
    'Type="http://www.w3.org/2001/04/xmlenc#Element"><xenc:EncryptionMethod '
    'Algorithm="http://www.w3.org/2001/04/xmlenc#tripledes-cbc"></xenc:EncryptionMethod>'
    "<xenc:CipherData><xenc:CipherValue>AAAA</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData>"
)
SEALED = f"<Compl_Fiscal>{ENCRYPTED}</Compl_Fiscal>"


def draft(text: str) -> str:
    return uruguay().draft(pedido(text), {}).decode()


def found(document: str) -> list[str]:
    reading = from_xml(document.encode())
    request = uruguay().read(reading.sections, HOY)
    return [finding.code for finding in (*reading.findings, *hallazgos(request)) if finding.is_error]


@pytest.mark.parametrize(("field", "value"), [("IND_FACT", "1.0"), ("IND_FACT", "1,0"), ("IVA", "1.0"), ("IVA", "2.2")])
def test_a_code_with_a_decimal_mark_is_not_the_code_without_it(field: str, value: str) -> None:
    assert errores(venta(f"DETALLE=Pan\nPRECIO=10\n{field}={value}")) == ["E0208"]


@pytest.mark.parametrize("value", ["22", "22,00", "22.00", "22 %", "10,00", "0.00"])
def test_a_rate_is_still_read_as_people_write_it(value: str) -> None:
    assert errores(venta(f"DETALLE=Pan\nPRECIO=10\nIVA={value}")) == []


def test_a_quantity_that_no_line_can_have_is_told() -> None:
    line = "DETALLE=x\nIVA=BASICA\nIMPORTE=999999999999999,99\nDESCUENTO_PORC=99,999\nPRECIO=0,000001"
    assert errores(venta(line)) == ["E1214"]


def test_an_amount_that_no_price_of_six_decimals_makes_is_told() -> None:
    line = "DETALLE=kWh\nIVA=BASICA\nCANTIDAD=1000000\nIMPORTE={}"
    assert errores(venta(line.format("123456,78"))) == ["E1214"]
    assert errores(venta(line.format("123456,00"), tipo="111", resto=FACTURADO)) == []


def test_a_constancia_of_the_general_regime_is_not_that_of_another() -> None:
    paper = {
        "SERIE": "XA", "NUMERO": "5", "CONSTANCIA": "123", "CONSTANCIA_DESDE": "1", "CONSTANCIA_HASTA": "9",
        "CONSTANCIA_VENCE": "31/12/2027", "FECHA": "20/11/2026",
    }  # fmt: skip
    text = venta(item("1", "MONOTRIBUTO"), tipo="201", **paper, CONSTANCIA_ESPECIAL="GENERAL")
    assert errores(text, regimen="monotributo") == ["E1008"]


@pytest.mark.parametrize("text", ["sNaN", "NaN", "1e9999999", "1_0"])
def test_what_is_no_number_of_the_schema_is_a_finding(text: str) -> None:
    line = item("122") + "\nAGENTE=R\n[RETENCION]\nCODIGO=2183165\nBASE=100\nVALOR=5"
    whole = draft(venta(line, resto=FACTURADO, tipo="111"))
    assert found(whole.replace("<IVATasaBasica>22.000", f"<IVATasaBasica>{text}"))
    head, value, rest = whole.partition("<ValRetPerc>5.00")
    assert found(f"{head}<ValRetPerc>{text}{rest}")
    assert found(f"{head}{value}{rest.replace('<ValRetPerc>5.00', f'<ValRetPerc>{text}')}")


def test_a_complement_of_nothing_but_an_empty_name_is_a_finding() -> None:
    whole = draft(venta(item("122")))
    empty = "<Compl_Fiscal><Compl_Fiscal_Data><NombreMdte/></Compl_Fiscal_Data></Compl_Fiscal>"
    assert found(whole.replace("</eTck>", f"{empty}</eTck>")) == []
    assert "E1107" in found(whole.replace("</eTck>", f"{empty}</eTck>").replace("<TipoCFE>101", "<TipoCFE>131"))


def test_a_sealed_principal_goes_only_where_there_is_one() -> None:
    remito = "[DOCUMENTO]\nTIPO=181\nREFERENCIA=R\n" + FACTURADO
    remito += "[TRASLADO]\nMOTIVO=INTERNO\n[ITEM]\nDETALLE=Cajón\nCANTIDAD=2\n"
    assert found(draft(remito).replace("</eRem>", f"{SEALED}</eRem>")) == ["E1107"]


def test_the_same_number_of_another_country_is_somebody_else() -> None:
    known = "[RECEPTOR]\nTIPO_DOC=DNI\nPAIS=BR\nDOCUMENTO=12345678\nNOMBRE=Otra\nDIRECCION=Rua 1\nCIUDAD=Bagé\n"
    asks = "[RECEPTOR]\nTIPO_DOC=DNI\nPAIS={}\nDOCUMENTO=12345678\nCOMPLETAR=SI\n"
    for country, expected in (("AR", False), ("BR", True)):
        sections = parse(venta(item("1"), resto=asks.format(country)) + "[FIN]\n", VOCABULARY, "utf-8").sections
        _, added = completed(sections, draft(venta(item("1"), resto=known)).encode(), "")
        assert bool(added) is expected


def test_a_sale_whose_principal_is_sealed_can_be_undone(firmar: Callable[[bytes], bytes]) -> None:
    resto = "[MANDANTE]\nDOCUMENTO=214844360018\nNOMBRE=Mandante\n"
    country, text = uruguay(), venta(item("122"), tipo="131", resto=resto)
    sealed = country.sealed(draft(text).encode(), lambda _: ENCRYPTED.encode())
    document = country.emitted(firmar(country.complete(sealed, folio(131), AHORA)), Anexo())
    request = country.read(country.reversal(document, "NC-1", "Anulación", 1), HOY)
    assert [finding.code for finding in hallazgos(request) if finding.is_error] == []
    assert ENCRYPTED in country.draft(request, {}).decode()
