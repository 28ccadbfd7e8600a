"""What somebody may have meant: the mistakes of the trade, each with the word that was meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ventas import HOY, uruguay

from sincronizador.countries.uy import guesses
from sincronizador.countries.uy.fields import BY_SECTION
from sincronizador.countries.uy.kin import KIN
from sincronizador.countries.uy.values import CHOICES
from sincronizador.formats.txt import parse

GOOD = """[DOCUMENTO]
TIPO=101
REFERENCIA=V1
FECHA=21/11/2026
FORMA_PAGO=CONTADO
DECIMAL=COMA
[ITEM]
DETALLE=Café
CANTIDAD=2
PRECIO=1175,50
IVA=BASICA
[TOTALES]
A_PAGAR=2351,00
[FIN]
"""


@pytest.mark.parametrize(
    ("good", "bad", "code", "line", "hint"),
    [
        ("IVA=BASICA", "IVA=21", "E0208", 11, "IVA=BASICA"),
        ("IVA=BASICA", "IVA=BASICO", "E0208", 11, "IVA=BASICA"),
        ("IVA=BASICA", "IVA=MIN", "E0208", 11, "IVA=MINIMA"),
        ("IVA=BASICA\n", "", "E0209", 7, "Agregue IVA="),
        ("TIPO=101", "TIPO=ticket", "E0208", 2, "TIPO=E-TICKET"),
        ("TIPO=101", "TIPO=77", "E0208", 2, "TIPO=101"),
        ("FECHA=21/11/2026", "FECHA=31/02/2026", "E0207", 4, "tiene 28 días"),
        ("FECHA=21/11/2026", "FECHA=11/21/2026", "E0207", 4, "21/11/2026"),
        ("FECHA=21/11/2026", "FECHA=21/11/2026 10:33", "E0207", 4, "sin hora"),
        ("FECHA=21/11/2026", "FECHA=hoy", "E0207", 4, "Escriba la fecha"),
        ("FORMA_PAGO=CONTADO", "FORMA_PAGO=EFECTIVO", "E0208", 5, "FORMA_PAGO=CONTADO"),
        ("FORMA_PAGO=CONTADO", "MONEDA=PESOS\nFORMA_PAGO=CONTADO", "E0208", 5, "MONEDA=UYU"),
        ("[ITEM]", "[ITEMS]", "E0202", 7, "[ITEM]"),
        ("[ITEM]", "[ARTICULO]", "E0202", 7, "[ITEM]"),
        ("[DOCUMENTO]", "[CABEZAL]", "E0202", 1, "[DOCUMENTO]"),
        ("DETALLE=", "DETALE=", "E0201", 8, "DETALLE"),
        ("DETALLE=", "NomItem=", "E0201", 8, "DETALLE"),
        ("PRECIO=", "PRECIO_UNITARIO=", "E0201", 10, "PRECIO"),
        ("CANTIDAD=2", "CANTIDAD: 2", "E0204", 9, "CANTIDAD=2"),
        ("CANTIDAD=2", "CANTIDAD\t2", "E0204", 9, "CANTIDAD=2"),
        ("CANTIDAD=2", "CANTIDAD=dos", "E0205", 9, "con cifras"),
        ("A_PAGAR=2351,00", "A_PAGAR=2,351,00", "E0205", 13, "2351,00"),
        ("A_PAGAR=2351,00", "A_PAGAR=2351,00 pesos", "E0205", 13, "2351,00"),
        ("PRECIO=1175,50", "PRECIO=1175,50\nPRECIO=1175,50", "E0203", 11, "una sola línea"),
        ("A_PAGAR=2351,00", "A_PAGAR=2868,22", "E1210", 13, "PRECIOS=SIN_IVA"),
        ("[ITEM]", "[RECEPTOR]\nDOCUMENTO=12345671\nNOMBRE=Ana\n[ITEM]", "E1102", 8, "Revise la cédula"),
        ("[ITEM]", "[CLIENTE]\nRUT=215555550010\nNOMBRE=Ana\n[ITEM]", "E0202", 7, "[RECEPTOR]"),
    ],
)
def test_a_mistake_of_the_trade_is_told_with_what_was_meant(good, bad, code, line, hint):
    assert GOOD.count(good) == 1
    country = uruguay()
    reading = parse(GOOD.replace(good, bad), country.vocabulary, "cp850")
    found = [*reading.findings, *country.check(country.read(reading.sections, HOY), {}, HOY)]
    first = min(found, key=lambda finding: finding.place)
    assert (first.code, first.line) == (code, line)
    assert hint in (first.hint or "")
    assert len(found) == (2 if "RUT=" in bad else 1), found


def test_what_people_write_is_no_word_of_ours_and_means_one():
    for section, words in KIN.items():
        names = BY_SECTION[section] if section else [*BY_SECTION, "ADENDA"]
        assert not set(words) & set(names), section
        assert set(words.values()) <= set(names), section


def test_a_guess_is_taken_where_it_is_a_single_word():
    for (_, name), taken in CHOICES.items():
        for word, meant in guesses._MEANT.get(name, {}).items():
            assert word not in taken
            for each in meant.split(" o "):
                assert each.replace("-", "").replace("_", "") in taken, (name, each)


@given(st.text(max_size=80))
def test_anything_at_all_may_be_guessed_at(text):
    row = BY_SECTION["DOCUMENTO"]["TIPO"]
    assert all(guesses.of_choice(row, text))
    for hint in (guesses.of_date(text), guesses.of_number(text)):
        assert hint is None or hint


@pytest.mark.parametrize("text", ["01-02/2026", "1/02-2026", "31.12/2026"])
def test_a_day_that_exists_is_not_said_to_be_none(text):
    told = guesses.of_date(text)
    assert told is not None
    assert "no existe" not in told
    assert "/2026" in told
