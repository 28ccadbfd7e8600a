"""The obligation letters of the whole table: for each type, what does not go, what must be there, what may."""

from collections.abc import Iterator

import pytest
from documentos import sencillo
from ventas import HOY, uruguay

from sincronizador.core.finding import Finding
from sincronizador.core.sections import Entry, Section, Sections
from sincronizador.countries.uy.fields import BY_SECTION, FIELDS, SECCIONES, VOCABULARY, Field, Kind
from sincronizador.countries.uy.papel import FIELDS as DE_PAPEL
from sincronizador.countries.uy.tipos import TipoCfe
from sincronizador.formats.txt import parse

TIPOS = tuple(TipoCfe)
_VALUES = {
    Kind.TEXTO: "Texto", Kind.CODIGO: "7", Kind.NUMERO: "1", Kind.ENTERO: "7", Kind.FECHA: "2026-11-20",
    Kind.DOCUMENTO: "211003420017",
}  # fmt: skip


def sections_of(tipo: TipoCfe) -> Sections:
    return parse(sencillo(tipo) + "[FIN]\n", VOCABULARY, "utf-8").sections


def judged(sections: Sections) -> list[Finding]:
    return [finding for finding in uruguay().check(uruguay().read(sections, HOY), {}, HOY) if finding.is_error]


def value_of(row: Field) -> str:
    return next(word for word, code in row.values.items() if code) if row.values else _VALUES[row.kind]


def with_field(sections: Sections, row: Field) -> Sections:
    """The document with the field in its section; in a section of its own when it has none."""
    entry, all_of_them = Entry(row.name, value_of(row), 900), list(without_field(sections, row))
    place = next((n for n, section in enumerate(all_of_them) if section.name == row.section), None)
    if place is None:
        return Sections((*all_of_them, Section(row.section, 899, (entry,))))
    first = all_of_them[place]
    all_of_them[place] = Section(first.name, first.line, (*first.entries, entry))
    return Sections(tuple(all_of_them))


def without_field(sections: Sections, row: Field) -> Sections:
    return Sections(
        tuple(
            Section(each.name, each.line, tuple(entry for entry in each.entries if entry.name != row.name))
            if each.name == row.section
            else each
            for each in sections
        )
    )


def rows(tipo: TipoCfe, digit: str) -> Iterator[Field]:
    return (row for row in FIELDS if row.obligation[tipo.columna] == digit)


@pytest.mark.parametrize("tipo", TIPOS)
def test_the_plainest_document_of_every_type_is_taken(tipo: TipoCfe) -> None:
    assert judged(sections_of(tipo)) == []


@pytest.mark.parametrize("tipo", TIPOS)
def test_what_a_type_does_not_have_is_told_where_it_stands(tipo: TipoCfe) -> None:
    for row in rows(tipo, "0"):
        found = judged(with_field(sections_of(tipo), row))
        is_whole = all(each.is_foreign(tipo.columna) for each in BY_SECTION[row.section].values())
        wanted = ("E1007", None, 899) if is_whole else ("E1006", row.name, 900)
        assert wanted in [(finding.code, finding.field, finding.line) for finding in found], (row.section, row.name)


@pytest.mark.parametrize("tipo", TIPOS)
def test_what_a_type_always_has_is_missed(tipo: TipoCfe) -> None:
    for row in rows(tipo, "1"):
        sections = sections_of(tipo)
        if row.default or not any(section.get(row.name) for section in sections if section.name == row.section):
            continue
        found = judged(without_field(sections, row))
        assert ("E0209", row.name) in [(finding.code, finding.field) for finding in found], (row.section, row.name)


@pytest.mark.parametrize("tipo", TIPOS)
def test_every_section_in_use_shows_all_that_it_must_have(tipo: TipoCfe) -> None:
    """So that the test above misses nothing: an obligatory field is in the plainest document, if its section is."""
    sections = sections_of(tipo)
    for row in rows(tipo, "1"):
        used = [section for section in sections if section.name == row.section]
        assert row.default or all(section.get(row.name) for section in used), (row.section, row.name)


@pytest.mark.parametrize("tipo", TIPOS)
def test_what_a_type_may_have_is_not_told_to_be_foreign(tipo: TipoCfe) -> None:
    for row in FIELDS:
        is_papers = row.section == "DOCUMENTO" and row.name in DE_PAPEL
        is_tipo = row.section == "DOCUMENTO" and row.name == "TIPO"
        if row.is_foreign(tipo.columna) or is_tipo or (is_papers and not tipo.is_papel):
            continue
        found = judged(with_field(sections_of(tipo), row))
        assert not {"E1006", "E1007", "E1009"} & {finding.code for finding in found}, (row.section, row.name)


def test_no_section_is_without_a_type_that_has_it() -> None:
    for name in SECCIONES:
        assert any(not row.is_foreign(tipo.columna) for row in BY_SECTION[name].values() for tipo in TIPOS)
