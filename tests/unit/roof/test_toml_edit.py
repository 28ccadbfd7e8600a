"""Settings are edited as a careful person would."""

import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sincronizador.cli.toml_edit import edited, template

TEXT = """\
# Lo mío
ambiente = "prueba" # todavía
# ruta = "local"

[emisor]
# quien
rut = "1"
# telefono = ""

# [nube]
# Dónde.
# url = "https://nube.example.com"
# token = "credencial:nube.token"

[impresora.CAJA1]
destino = '''
x'''
"""


def test_what_stands_is_changed_in_its_place_and_keeps_its_comment() -> None:
    done = edited(TEXT, {("ambiente",): "produccion", ("emisor", "rut"): "2"})
    assert done == TEXT.replace('"prueba" #', '"produccion" #').replace('rut = "1"', 'rut = "2"')


def test_what_a_comment_shows_is_uncommented_with_its_table() -> None:
    done = edited(TEXT, {("ruta",): "nube", ("nube", "url"): "https://a", ("emisor", "telefono"): "9"})
    assert '\nruta = "nube"\n' in done
    assert '[nube]\n# Dónde.\nurl = "https://a"\n# token = ' in done
    assert '\ntelefono = "9"\n' in done


def test_what_nobody_mentions_comes_last_in_its_table() -> None:
    done = edited(TEXT, {("impresora", "COCINA", "via"): "tcp", ("impresora", "CAJA1", "via"): "usb"})
    assert tomllib.loads(done)["impresora"] == {"CAJA1": {"destino": "x", "via": "usb"}, "COCINA": {"via": "tcp"}}
    assert done.startswith(TEXT[: TEXT.index("[impresora")])


def test_saying_the_same_changes_nothing() -> None:
    assert edited(TEXT, {("ambiente",): "prueba", ("emisor", "rut"): "1"}) == TEXT


def test_a_key_below_a_commented_header_is_not_moved_to_that_table() -> None:
    odd = '[certificado]\n# [nube]\n# url = "x"\narchivo = "a"\n'
    done = edited(odd, {("nube", "url"): "y"})
    assert tomllib.loads(done) == {"certificado": {"archivo": "a"}, "nube": {"url": "y"}}


KEYS = st.sampled_from([("ruta",), ("emisor", "telefono"), ("nube", "url"), ("nube", "reserva"), ("ui", "2027"),
                        ("impresora", "CAJA1", "via"), ("impresora", "Ñ 1", "destino"), ("impresion", "impresora"),
                        ("salida", "formatos")])  # fmt: skip
VALUES = st.text(max_size=8) | st.integers(0, 9) | st.lists(st.text(max_size=3), max_size=2)


@pytest.mark.parametrize("text", [TEXT, template()], ids=["own", "template"])
@settings(max_examples=40)
@given(wanted=st.dictionaries(KEYS, VALUES, max_size=5))
def test_it_says_what_was_wanted_and_everything_else_as_before(text: str, wanted: dict) -> None:
    done = edited(text, wanted)
    expected = tomllib.loads(text)
    for place, value in wanted.items():
        at = expected
        for key in place[:-1]:
            at = at.setdefault(key, {})
        at[place[-1]] = value
    assert tomllib.loads(done) == expected
    comments = [line for line in text.splitlines() if line.startswith("# ") and "=" not in line and "[" not in line]
    assert [line for line in done.splitlines() if line in comments] == comments
