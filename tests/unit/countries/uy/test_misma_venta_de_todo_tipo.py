"""Is it the same sale? Of every type, whatever changes the CFE is seen, by the name of its field."""

import pytest
from documentos import sencillo
from test_obligaciones import judged, with_field
from ventas import HOY, uruguay

from sincronizador.core.request import Request
from sincronizador.core.sections import Entry, Section, Sections
from sincronizador.countries.uy.fields import FIELDS, VOCABULARY, Field, Kind
from sincronizador.countries.uy.tipos import TipoCfe
from sincronizador.formats.txt import parse

TIPOS = (101, 102, 111, 121, 124, 131, 141, 151, 152, 181, 182, 201, 282)
_OTHER = {
    Kind.TEXTO: "Otro", Kind.CODIGO: "8", Kind.NUMERO: "2", Kind.ENTERO: "8", Kind.FECHA: "2026-11-19",
    Kind.DOCUMENTO: "215555550010",
}  # fmt: skip


def base(tipo: int) -> Sections:
    """A document with a line, a discount and a payment that the fields of theirs can change."""
    text = sencillo(TipoCfe(tipo))
    if TipoCfe(tipo).familia.is_sale:
        text += "[DESCUENTO]\nVALOR=1\n[PAGO]\nMEDIO=VALE\nVALOR=5\n"
    text += "[SUBTOTAL]\nDETALLE=Suma\nVALOR=1\n"
    return parse(text + "[FIN]\n", VOCABULARY, "utf-8").sections


def other_value(row: Field) -> str:
    words = [word for word, code in row.values.items() if code]
    return words[-1] if words else _OTHER[row.kind]


def request(sections: Sections) -> Request:
    return uruguay().read(sections, HOY)


def changed(sections: Sections, row: Field) -> Sections:
    """The document with another value in the field."""
    made = with_field(sections, row)
    return Sections(
        tuple(
            Section(
                each.name,
                each.line,
                tuple(
                    Entry(entry.name, other_value(row), entry.line) if entry.line == 900 else entry
                    for entry in each.entries
                ),
            )
            for each in made
        )
    )


@pytest.mark.parametrize("tipo", TIPOS)
def test_whatever_changes_the_cfe_is_seen(tipo: int) -> None:
    country, plain, tried = uruguay(), base(tipo), 0
    for row in FIELDS:
        if row.name in ("TIPO", "REFERENCIA") or row.is_foreign(TipoCfe(tipo).columna):
            continue
        for one, other in ((plain, with_field(plain, row)), (with_field(plain, row), changed(plain, row))):
            if judged(one) or judged(other):
                continue
            tried += 1
            now, before = request(other), request(one)
            is_same = country.draft(now, {}) == country.draft(before, {})
            seen = country.compare(now, before)
            assert (seen is None) == is_same, (row.section, row.name, seen)
    assert tried > 40


def test_what_differs_is_named_as_the_file_names_it() -> None:
    for tipo, section, name, wanted in (
        (181, "TRASLADO", "MOTIVO", "MOTIVO"),
        (101, "RECEPTOR", "NOMBRE", "NOMBRE"),
        (101, "ITEM", "DETALLE", "DETALLE"),
        (131, "MANDANTE", "NOMBRE", "NOMBRE"),
        (121, "EXPORTACION", "VIA", "VIA"),
    ):
        row = next(row for row in FIELDS if (row.section, row.name) == (section, name))
        one, other = request(with_field(base(tipo), row)), request(changed(base(tipo), row))
        assert uruguay().compare(one, other) == wanted


def test_an_owner_that_differs_is_named_with_its_prefix() -> None:
    owner = "PROPIETARIO_DOCUMENTO={}\nPROPIETARIO_NOMBRE=Dueña\n"
    one, other = (
        request(
            parse(
                sencillo(TipoCfe(181)).replace("VENTA\n", "VENTA\n" + owner.format(rut), 1), VOCABULARY, "utf-8"
            ).sections
        )
        for rut in ("211003420017", "215555550010")
    )
    assert uruguay().compare(one, other) == "PROPIETARIO_DOCUMENTO"
