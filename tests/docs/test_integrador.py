"""The manual says what the program does: its examples are read, and its names exist."""

import re
import unicodedata
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from sincronizador.core.answer import Estado, Motivo
from sincronizador.core.closing import Resultado
from sincronizador.core.job import Impresion, Kind
from sincronizador.core.sections import Reading
from sincronizador.countries.uy.emisor import Ajustes, Emisor
from sincronizador.countries.uy.uruguay import Uruguay
from sincronizador.formats.closing import read_closing, read_listing
from sincronizador.formats.lote import read_lote
from sincronizador.formats.read import read
from sincronizador.formats.requests import (
    RESERVED,
    kind_of,
    read_annulment,
    read_ask,
    read_lookup,
    read_slip,
    vocabulary,
)
from sincronizador.formats.whole import missing

DOCS = Path(__file__).parents[2] / "docs"
MANUAL = (DOCS / "integrador.md").read_text("utf-8")
TODAY = date(2026, 11, 21)
COUNTRY = Uruguay(
    Emisor(
        rut="219999830019", razon_social="PRUEBA", sucursal="1", domicilio="18 de Julio 1", ciudad="Montevideo",
        departamento="Montevideo", web="www.example.com", resolucion="Res. 1/2026",
    ),
    Ajustes(ui={2026: Decimal("6.40")}),
)  # fmt: skip
FROM_HERE = "E0108"
"""A note of a sale that the journal does not have: there is no journal in these tests."""


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", MANUAL, re.DOTALL | re.MULTILINE)


def understood(content: bytes) -> Reading:
    reading = read(content, vocabulary=vocabulary(COUNTRY.vocabulary), from_xml=COUNTRY.from_xml)
    assert reading.findings == ()
    return reading


def errors(reading: Reading) -> list[str]:
    request = COUNTRY.read(reading.sections, TODAY)
    return [found.code for found in COUNTRY.check(request, {}, TODAY) if found.is_error and found.code != FROM_HERE]


@pytest.mark.parametrize("text", blocks("txt"))
@pytest.mark.parametrize("encoding", ["utf-8", "cp850", "cp1252"])
def test_every_txt_of_the_manual_does_what_it_says(text: str, encoding: str) -> None:
    content = text.replace("\n", "\r\n").encode(encoding)
    assert missing(content, xml=False) is None
    reading = understood(content)
    kind = kind_of(reading.sections)
    assert isinstance(kind, Kind)
    assert wrong(reading, kind) == []


def wrong(reading: Reading, kind: Kind) -> list[object]:
    if kind is Kind.LOTE:
        lote = read_lote(reading)
        return [*lote.findings, *(code for document in lote.documents for code in errors(document))]
    if kind is Kind.CONSULTA_RUT:
        text, line = read_lookup(reading.sections)
        return [COUNTRY.taxpayer_number(text, line)] if COUNTRY.taxpayer_number(text, line) != text else []
    if kind is Kind.ANULAR:
        return [*read_annulment(reading.sections).findings]
    if kind is Kind.CIERRE:
        return [*read_closing(reading.sections, "", str.upper, COUNTRY.moneda_de).span.findings]
    if kind is Kind.LISTADO:
        return [*read_listing(reading.sections, "").findings]
    if kind in (Kind.IMPRIMIR, Kind.CAJON):
        return [*read_slip(reading.sections, kind).findings]
    return [*(errors(reading) if kind is Kind.DOCUMENTO else read_ask(reading.sections, kind).findings)]


@pytest.mark.parametrize("text", blocks("xml"))
def test_every_xml_of_the_manual_does_what_it_says(text: str) -> None:
    assert missing(text.encode(), xml=True) is None
    assert errors(understood(text.encode())) == []


def test_the_manual_has_examples() -> None:
    assert len(blocks("txt")) >= 8
    assert len(blocks("xml")) == 1


def test_every_code_that_the_manual_names_is_explained() -> None:
    explained = set(re.findall(r"\b[EA]\d{4}\b", (DOCS / "errores.md").read_text("utf-8")))
    assert set(re.findall(r"\b[EA]\d{4}\b", MANUAL)) <= explained


@pytest.mark.parametrize("word", [*Estado, *Motivo, *Impresion, *Resultado])
def test_every_word_that_an_answer_may_say_is_in_the_manual(word: str) -> None:
    assert f"`{word}`" in MANUAL


def test_every_section_is_in_the_manual_and_those_in_the_manual_exist() -> None:
    known = vocabulary(COUNTRY.vocabulary)
    sections = known.fields.keys() | known.free
    named = set(re.findall(r"\[([A-Z_]+)\](?!\()", MANUAL))
    assert sections <= named
    answers = {"RESPUESTA", "EXISTENTE", "CONTINGENCIA", "DESTINO", "INTERPRETADO", "CONTRIBUYENTE", "CIERRE"}
    assert named - sections - RESERVED <= answers | {"FIN"}


def test_every_reserved_section_is_told_to_be_missing() -> None:
    told = MANUAL.partition("## Lo que todavía no está")[2]
    others = {"CANCELAR_COBRO", "ANULAR_COBRO", "DEVOLVER_COBRO", "CIERRE_LOTE"}
    absent = RESERVED - vocabulary(COUNTRY.vocabulary).fields.keys() - others
    assert set(re.findall(r"\[([A-Z_]+)\]", told)) == absent


def anchor(heading: str) -> str:
    flat = unicodedata.normalize("NFC", heading.lower())
    return "".join(char for char in flat if char.isalnum() or char in " -_").replace(" ", "-")


def test_every_link_of_the_manual_leads_somewhere() -> None:
    anchors = {anchor(heading) for heading in re.findall(r"^#+ (.*)$", MANUAL, re.MULTILINE)}
    for target in re.findall(r"\]\(([^)]*)\)", MANUAL):
        path, _, name = target.partition("#")
        assert (DOCS / path).exists() if path else name in anchors, target
