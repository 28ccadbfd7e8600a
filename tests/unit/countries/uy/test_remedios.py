"""What is done about every code: that the table has them all, and which of several reasons rules."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from sincronizador.countries.uy import remedies
from sincronizador.countries.uy.remedies import (
    CFC,
    CFE,
    COMERCIAL,
    ESTADO,
    REPORTE,
    SERVICIO,
    SOBRE,
    Act,
    decision,
    fault_remedy,
    receiver_remedy,
    remedy,
)

TABLES = {"SOBRE": SOBRE, "CFE": CFE, "CFC": CFC, "REPORTE": REPORTE, "COMERCIAL": COMERCIAL, "SERVICIO": SERVICIO,
          "ESTADO": ESTADO}  # fmt: skip
X = "{http://www.w3.org/2001/XMLSchema}"


def enumerated(types: etree._Element, complex_type: str) -> set[str]:
    """The codes that a type of DGI's schema allows."""
    found = types.find(f".//{X}complexType[@name='{complex_type}']//{X}element[@name='Motivo']")
    assert found is not None
    return {node.get("value", "") for node in found.iter(X + "enumeration")}


@pytest.mark.parametrize(
    ("complex_type", "table"),
    [
        ("RechazoSobreType", SOBRE),
        ("RechazoCFE_DGIType", CFE),
        ("ObsCFCType", CFC),
        ("RechazoRepType", REPORTE),
        ("RechazoCFE_PartesType", COMERCIAL),
    ],
)
def test_every_reason_of_dgis_schema_has_a_row_and_no_row_is_made_up(
    complex_type: str, table: dict[str, remedies.Remedy], referencia_uy: Path
) -> None:
    types = etree.parse(str(referencia_uy / "xsd" / "1.44.2" / "DGITypes.xsd")).getroot()
    assert enumerated(types, complex_type) == set(table)


def test_every_fault_of_the_services_has_a_row(referencia_uy: Path) -> None:
    schema = etree.parse(str(referencia_uy / "xsd" / "1.44.2" / "ExcepcionesServicios.xsd")).getroot()
    assert {node.get("value") for node in schema.iter(X + "enumeration")} == set(SERVICIO)


def test_what_dgi_says_of_its_reasons_is_in_its_words(referencia_uy: Path) -> None:
    """Its schema lists the words of each reason; where they differ from the format's, the format was followed."""
    text = (referencia_uy / "xsd" / "1.44.2" / "DGITypes.xsd").read_text("utf-8")
    for table, others in ((SOBRE, 0), (CFE, 0), (REPORTE, 0), (CFC, 3)):
        said = [row.que for row in table.values() if re.sub(r"\s+", " ", row.que) not in re.sub(r"\s+", " ", text)]
        assert len(said) == others, said


@pytest.mark.parametrize("name", TABLES)
def test_every_row_says_what_to_do_in_sentences_with_its_norm(name: str) -> None:
    for code, row in TABLES[name].items():
        assert row.code == code
        assert row.sentence.endswith(".")
        assert row.sentence[0].isupper()
        assert not row.que.endswith(".")
        assert row.norm


ACTS = {
    Act.RESEND: "S01 S04 S05 S06 S07 R01 R04",
    Act.THERE: "S08 S20 E02",
    Act.REISSUE: "E01 E03 E04 E05 E07 E08 E10 E11 E12 E13",
    Act.CORRECT: "C03 C04 C05 C08 C09 C10 C11 C12 C13",
    Act.PERSON: "S02 S03 E06 E09 E14 E15 C06 C14 C15 R02 R03",
    Act.QUERY: "R05",
    Act.WAIT: "R06",
}
FAULTS = {
    Act.QUERY: "1 2 3 104",
    Act.RESEND: "11",
    Act.WAIT: "13 99 100 102 105",
    Act.THERE: "108 109",
    Act.PERSON: "4 5 6 7 8 9 10 12 101 103 111 201 202 211 212 221 222 223 224 225 226 227",
}


def test_what_is_done_about_each_reason_of_dgi() -> None:
    expected = {code: act for act, codes in ACTS.items() for code in codes.split()}
    assert {code: remedy(code).act for code in {**SOBRE, **CFE, **CFC, **REPORTE}} == expected


def test_what_is_done_about_each_fault() -> None:
    expected = {code: act for act, codes in FAULTS.items() for code in codes.split()}
    assert {code: fault_remedy(int(code)).act for code in SERVICIO} == expected


def test_a_rejection_annuls_the_number_but_for_those_that_the_format_excepts_and_what_may_be_regularised() -> None:
    kept = {code for code, row in CFE.items() if not row.annuls}
    assert kept == {"E02", "E06", "E09"}
    others = {**SOBRE, **CFC, **REPORTE, **COMERCIAL, **SERVICIO, **ESTADO}
    assert not any(row.annuls for row in others.values())


def test_a_receiver_takes_nothing_back() -> None:
    assert {row.act for row in COMERCIAL.values()} == {Act.NOTE}
    assert receiver_remedy("E05").act is Act.NOTE
    assert receiver_remedy("E27").que == "Motivo comercial"
    assert receiver_remedy("S20").act is Act.THERE


@pytest.mark.parametrize(
    ("estado", "codes", "code", "act"),
    [
        ("AS", (), "AS", Act.QUERY),
        ("AE", (), "AE", Act.DONE),
        ("AE", ("E05",), "AE", Act.DONE),
        ("AR", (), "AR", Act.WAIT),
        ("DR", (), "DR", Act.DONE),
        ("ER", (), "ER", Act.PERSON),
        ("BE", (), "BE", Act.PERSON),
        ("BE", ("E05",), "E05", Act.REISSUE),
        ("BE", ("E05", "E02"), "E02", Act.THERE),
        ("BE", ("E05", "E09"), "E09", Act.PERSON),
        ("BE", ("E09", "E02"), "E02", Act.THERE),
        ("BE", ("E05", "E14"), "E14", Act.PERSON),
        ("BE", ("E06",), "E06", Act.PERSON),
        ("BE", ("E06", "E05"), "E05", Act.REISSUE),
        ("BE", ("E06", "Z99"), "Z99", Act.PERSON),
        ("CE", ("C06", "C05"), "C05", Act.CORRECT),
        ("CE", ("C05", "C15"), "C15", Act.PERSON),
        ("BS", ("S05", "S03"), "S03", Act.PERSON),
        ("BS", ("S05", "S08"), "S08", Act.THERE),
        ("BR", ("R04", "R02"), "R02", Act.PERSON),
        ("XX", (), "XX", Act.PERSON),
    ],
)
def test_of_several_reasons_one_rules(estado: str, codes: tuple[str, ...], code: str, act: Act) -> None:
    found = decision(estado, codes)
    assert (found.code, found.act) == (code, act)


@settings(deadline=None)
@given(st.lists(st.sampled_from([*CFE, "Z99"]), min_size=1))
def test_what_dgi_has_or_keeps_is_never_annulled(codes: list[str]) -> None:
    found = decision("BE", codes)
    if {"E02", "E09"} & set(codes):
        assert not found.annuls
    elif set(codes) - {"E06", "Z99"}:
        assert found.annuls


@pytest.mark.parametrize("found", [remedy("E99"), fault_remedy(777), receiver_remedy("E61"), decision("ZZ", ())])
def test_an_unknown_code_calls_a_person(found: remedies.Remedy) -> None:
    assert found.act is Act.PERSON
    assert "código desconocido" in found.sentence
