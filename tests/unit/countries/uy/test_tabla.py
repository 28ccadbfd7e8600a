"""The table against the official schema, and the check digits against python-stdnum."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sincronizador.countries.uy import codes
from sincronizador.countries.uy.checks_lineas import is_gtin
from sincronizador.countries.uy.ci import check_ci
from sincronizador.countries.uy.fields import FIELDS, SECCIONES, Kind
from sincronizador.countries.uy.monedas import MONEDAS
from sincronizador.countries.uy.paises import PAISES
from sincronizador.countries.uy.rut import check_rut
from sincronizador.countries.uy.tipos import REFERIBLES, Clase, Familia, TipoCfe, tipo_of

NOT_OURS = {
    # Told by ANULA of its RETENCION.
    (Familia.E_RESG, "ITEM", "IND_FACT"),
    # The format has them not (F-C8 to F-C10), and is stricter than the schema.
    *((Familia.E_REM, "REFERENCIA", name) for name in ("MONTO", "MONEDA", "COTIZACION")),
}
"""What the schema has and a TXT of that family does not."""


def schema_rows(folder: Path, familia: str) -> dict[str, str]:
    """Path below the root -> type and facets."""
    lines = (folder / "tables" / f"{familia}.md").read_text("utf-8").splitlines()
    rows = [line.split("|") for line in lines if line.startswith("| ") and f"{familia}/" in line]
    return {cells[2].strip().removeprefix(f"{familia}/"): cells[4] for cells in rows}


@pytest.mark.parametrize("familia", Familia)
def test_every_element_of_the_table_is_in_the_schema_with_its_length_and_decimals(
    familia: Familia, referencia_uy: Path
) -> None:
    rows = schema_rows(referencia_uy, familia)
    columnas = {tipo.columna for tipo in TipoCfe if tipo.familia is familia}
    for row in FIELDS:
        if not row.element:
            continue
        if all(row.is_foreign(columna) for columna in columnas):
            assert row.path not in rows or (familia, row.section, row.name) in NOT_OURS, row
            continue
        facets = rows[row.path]
        if row.kind in (Kind.TEXTO, Kind.CODIGO) and (found := re.search(r"len<=(\d+)", facets)):
            assert row.length == int(found[1]), row
        if row.kind is Kind.NUMERO and (found := re.search(r"frac<=(\d+)", facets)):
            assert row.decimals == int(found[1]), row
        if row.kind is Kind.NUMERO and (found := re.search(r"<=(\d+\.\d+)", facets)) and row.limit != 100:
            assert str(row.limit) == found[1], row
        if row.kind is Kind.ENTERO and (found := re.search(r"digits<=(\d+)", facets)):
            assert len(str(row.limit)) <= int(found[1]), row


def test_the_schema_knows_every_code_of_the_table(referencia_uy: Path) -> None:
    text = (referencia_uy / "xsd" / "1.44.2" / "DGITypes.xsd").read_text("utf-8")
    for name, ours in (("TipMonType", MONEDAS), ("CodPaisType", PAISES), ("CFEType", {str(n) for n in REFERIBLES})):
        part = text.partition(f'name="{name}"')[2].partition("</xs:simpleType>")[0]
        assert set(re.findall(r'enumeration value="([^"]+)"', part)) == ours


def test_no_two_rows_have_one_name_and_every_row_can_be_explained() -> None:
    names = [(row.section, row.name) for row in FIELDS]
    assert len(names) == len(set(names))
    assert all(row.what and row.section in SECCIONES for row in FIELDS)
    obligatory = {(row.section, row.name) for row in FIELDS if row.is_obligatory(TipoCfe.E_TICKET.columna)}
    assert {name for section, name in obligatory if section == "ITEM"} == {"DETALLE"}
    assert {name for section, name in obligatory if section == "DOCUMENTO"} == {"TIPO", "FORMA_PAGO"}


def test_every_rule_has_a_code_of_its_own() -> None:
    listed = [rule.code for rule in codes.RULES]
    assert len(listed) == len(set(listed))
    assert {"E1101", "E1102", "E1103", "E1104", "E1210", "E1211", "E1301"} <= set(listed)


@given(st.text("0123456789", min_size=12, max_size=12))
def test_a_rut_is_what_stdnum_says_it_is(digits: str) -> None:
    oracle = pytest.importorskip("stdnum.uy.rut", reason="needs python-stdnum: pip install python-stdnum")
    base = digits[:11]
    valid = [n for n in "0123456789" if check_rut(base + n)]
    assert len(valid) <= 1
    assert all(oracle.calc_check_digit(base + n) == n for n in valid)
    if oracle.is_valid(digits):
        assert check_rut(digits)


@pytest.mark.parametrize("rut", ["219999830019", "214844360018", "218617380010", "215071660012"])
def test_known_ruts_are_valid_and_their_neighbours_are_not(rut: str) -> None:
    assert check_rut(rut)
    assert not check_rut(rut[:-1] + str((int(rut[-1]) + 1) % 10))


@pytest.mark.parametrize("text", ["", "21999983001", "2199998300199", "21999983001x", "²19999830019"])
def test_other_texts_are_no_rut(text: str) -> None:
    assert not check_rut(text)


@pytest.mark.parametrize(
    ("ci", "valid"), [("12345672", True), ("13353214", True), ("12345671", False), ("123456", False)]
)
def test_a_cedula_is_checked_by_its_last_digit(ci: str, valid: bool) -> None:
    assert check_ci(ci) is valid


@given(st.integers(100_000, 9_999_999), st.integers(0, 6), st.integers(1, 9))
def test_a_cedula_with_one_wrong_digit_is_never_valid(number: int, place: int, step: int) -> None:
    valid = next(f"{number}{n}" for n in range(10) if check_ci(f"{number}{n}"))
    place %= len(valid)
    wrong = valid[:place] + str((int(valid[place]) + step) % 10) + valid[place + 1 :]
    # the weights 2, 8, 6 and 4 are even: a step of 5 goes unseen there
    assert not check_ci(wrong) or step == 5


@pytest.mark.parametrize(("code", "length", "valid"), [
    ("4006381333931", 13, True), ("4006381333932", 13, False), ("73513537", 8, True), ("036000291452", 12, True),
    ("400638133393", 13, False), ("400638133393x", 13, False),
])  # fmt: skip
def test_a_bar_code_is_checked_by_its_last_digit(code: str, length: int, valid: bool) -> None:
    assert is_gtin(code, length) is valid


def test_types_know_their_family_and_what_they_correct() -> None:
    assert len(TipoCfe) == len(REFERIBLES) == 42
    assert TipoCfe.E_REMITO_PAPEL.electronico is TipoCfe.E_REMITO
    assert TipoCfe.E_BOLETA_PAPEL.nombre == "e-Boleta de entrada Contingencia"
    assert TipoCfe.NC_E_FACTURA.nombre == "Nota de Crédito de e-Factura"
    assert TipoCfe.ND_E_TICKET.referible == {101, 102, 103, 201, 202, 203}
    assert TipoCfe.NC_E_FACTURA.referible == {111, 112, 113, 211, 212, 213}
    assert tipo_of(Clase.NOTA_DEBITO, con_rut=True) is TipoCfe.ND_E_FACTURA
