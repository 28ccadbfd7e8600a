"""What DGI says of a taxpayer, read; and each of its refusals, told."""

from datetime import date

import pytest
from actividad import actividad

from sincronizador.countries.uy import taxpayer_codes
from sincronizador.countries.uy.rut import check_rut
from sincronizador.countries.uy.taxpayer import SITUACIONES, is_final, parse_taxpayer, refusal
from sincronizador.errors import Rejected

TEST_RUTS = (
    "219000090011", "219999820013", "219999830019", "211428940011", "210475730011", "210465050018", "210154140015",
    "210094030014",
)  # fmt: skip


def read(**what):
    return parse_taxpayer(actividad(**what).encode("iso-8859-1"))


def test_a_taxpayer_is_read_whole():
    found = read(
        nombre="PEÑA & CÍA  S.R.L.\n", contactos=(("1", "", "a@b.uy"), ("6", "", "099123456"), ("5", "", "24001"))
    )
    assert (found.rut, found.razon_social, found.nombre_fantasia) == (
        "219000090011",
        "PEÑA & CÍA S.R.L.",
        "La Inventada",
    )
    assert (found.situacion, found.inicio, found.tipo_entidad) == ("ACTIVO", date(2001, 5, 2), "SOCIEDAD ANONIMA")
    assert (found.direccion, found.ciudad, found.departamento) == ("AV 18 DE JULIO 1234", "MONTEVIDEO", "MONTEVIDEO")
    assert (found.correos, found.telefonos) == (("a@b.uy",), ("099123456", "24001"))
    assert found.giros == ("VENTA AL POR MENOR DE PAN", "PANADERIA")


@pytest.mark.parametrize(
    ("what", "address"),
    [
        ({"apto": "502"}, "AV 18 DE JULIO 1234 AP 502"),
        ({"bis": "S"}, "AV 18 DE JULIO 1234 BIS"),
        ({"puerta": "0"}, "AV 18 DE JULIO"),
        ({"complementos": (("SHOPPING", "SUR"), ("LOCAL", "12"))}, "AV 18 DE JULIO 1234, SHOPPING SUR, LOCAL 12"),
        ({"domicilio": False}, ""),
    ],
)  # fmt: skip
def test_an_address_is_one_line(what, address):
    assert read(**what).direccion == address


@pytest.mark.parametrize(("code", "word"), [*SITUACIONES.items(), ("ZZ", "ZZ")])
def test_every_state_has_its_word(code, word):
    assert read(estado=code).situacion == word


def test_what_is_not_there_is_empty():
    found = read(fantasia="", inicio="0000-00-00", contactos=(), giros=(), domicilio=False)
    assert (found.nombre_fantasia, found.inicio, found.correos, found.telefonos, found.giros) == ("", None, (), (), ())
    assert (found.ciudad, found.departamento) == ("", "")


def test_a_text_is_one_short_line_whatever_dgi_wrote():
    assert read(nombre="A\r\n[FIN]\t" + "B" * 5_000).razon_social == ("A [FIN] " + "B" * 5_000)[:200]


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"<html/>",
        b"<WS_PersonaActEmpresarial/>",
        b'<!DOCTYPE a [<!ENTITY x "y">]><WS_PersonaActEmpresarial xmlns="DGI_Modernizacion_Consolidado"/>',
        b'<WS_PersonaActEmpresarial xmlns="DGI_Modernizacion_Consolidado"/>',
        actividad(rut="").encode("iso-8859-1"),
        actividad()[:-40].encode("iso-8859-1"),
    ],
)
def test_what_is_no_taxpayer_is_told(document):
    with pytest.raises(Rejected) as refused:
        parse_taxpayer(document)
    assert refused.value.code == "E1521"


def test_every_refusal_of_the_service_is_a_sentence_of_its_own():
    codes = (1, 5, 6, 7, 8, 9, 10, 11, 12, 14)
    told = [refusal(code, "lo que dice DGI.", "219999830019") for code in codes]
    assert [finding.code for finding in told] == [f"E15{code:02}" for code in codes]
    assert len({finding.message for finding in told}) == len(codes)
    assert all("219999830019" in finding.message and finding.hint for finding in told)
    assert {code for code in codes if is_final(code)} == set(codes) - {1}
    assert set(taxpayer_codes.OF_FAULT) == set(codes)


@pytest.mark.parametrize("code", [0, 2, 3, 4, 13, 99, 103])
def test_another_code_is_told_as_dgi_told_it(code):
    finding = refusal(code, "", "219999830019")
    assert finding.code == "E1520"
    assert f"(código {code})" in finding.message
    assert not is_final(code)


@pytest.mark.parametrize("rut", [*TEST_RUTS, "214844360018"])
def test_the_check_digit_holds_for_every_rut_that_dgi_names(rut):
    assert check_rut(rut)
    assert not any(check_rut(rut[:-1] + digit) for digit in "0123456789" if digit != rut[-1])
