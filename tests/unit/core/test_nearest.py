"""What a person meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sincronizador.core.nearest import nearest

WORDS = ("BASICA", "MINIMA", "EXENTA", "EXPORTACION", "FORMA_PAGO", "TIPO_DOC", "DESCUENTO", "DESCRIPCION")


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("BASICO", "BASICA"),
        ("EXCENTA", "EXENTA"),
        ("MIN", "MINIMA"),
        ("FORMAPAGO", "FORMA_PAGO"),
        ("TIPO DOC", "TIPO_DOC"),
        ("FORMA DE PAGO", "FORMA_PAGO"),
        ("DESCU", "DESCUENTO"),
    ],
)
def test_a_slip_a_dash_and_an_abbreviation_are_understood(word, meant):
    assert nearest(word, WORDS) == meant


@pytest.mark.parametrize("word", ["", "EX", "DES", "COLOR", "X" * 100_000])
def test_what_may_be_two_things_or_none_is_not_guessed(word):
    assert nearest(word, WORDS) is None


@given(st.sampled_from(WORDS), st.integers(0, 20))
def test_a_lost_letter_is_no_matter(word, place):
    place %= len(word)
    assert nearest(word[:place] + word[place + 1 :], WORDS) == word
