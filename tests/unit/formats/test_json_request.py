"""JSON as a request: it says what a TXT says, whatever stands in it, and what it cannot say is told with its place."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sincronizador.core.numbers import parse_number
from sincronizador.core.sections import Vocabulary
from sincronizador.errors import Rejected
from sincronizador.formats.json_request import transcribe
from sincronizador.formats.read import read

FIELDS = ("UNO", "DOS", "TRES")
VOCABULARY = Vocabulary(
    fields={"DOCUMENTO": frozenset(FIELDS), "ITEM": frozenset(FIELDS), "RETENCION": frozenset(FIELDS)},
    free=frozenset({"ADENDA"}),
)
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Zl", "Zp")), min_size=1, max_size=30)


def sections(value):
    content = transcribe(json.dumps(value).encode()).content
    reading = read(content, vocabulary=VOCABULARY, from_xml=lambda *_: None, encoding="cp850")
    assert reading.findings == ()
    return [(one.name, {entry.name: entry.text for entry in one.entries} or one.text) for one in reading.sections]


def reading_of(value):
    return read(
        transcribe(json.dumps(value).encode()).content, vocabulary=VOCABULARY, from_xml=lambda *_: None, encoding="auto"
    )


def refusal(content):
    with pytest.raises(Rejected) as told:
        transcribe(content if isinstance(content, bytes) else json.dumps(content).encode())
    assert told.value.code == "E9253"
    return str(told.value)


def test_sections_come_in_their_order_with_what_is_within_them():
    value = {
        "DOCUMENTO": {"UNO": "a", "DOS": None, "TRES": True},
        "ITEM": [{"UNO": 1, "RETENCION": [{"UNO": "x"}, {"DOS": "y"}]}, {"UNO": 2, "RETENCION": {"TRES": False}}],
        "ADENDA": ["uno", "", "tres"],
    }
    assert sections(value) == [
        ("DOCUMENTO", {"UNO": "a", "TRES": "SI"}),
        ("ITEM", {"UNO": "1"}),
        ("RETENCION", {"UNO": "x"}),
        ("RETENCION", {"DOS": "y"}),
        ("ITEM", {"UNO": "2"}),
        ("RETENCION", {"TRES": "NO"}),
        ("ADENDA", "uno\n\ntres"),
    ]


@given(TEXT, TEXT)
def test_no_text_becomes_another_field_or_section(one, other):
    value = " ".join(f"{one}\n[ITEM]\nDOS={other}\\n\r\n[FIN]".split(" ")).strip()
    reading = reading_of({"DOCUMENTO": {"UNO": value}, "ITEM": [{"UNO": "1"}]})
    assert [section.name for section in reading.sections] == ["DOCUMENTO", "ITEM"]
    assert [entry.name for section in reading.sections for entry in section.entries] == ["UNO", "UNO"]


@given(TEXT, TEXT)
def test_free_text_stays_free_text(one, other):
    text = f"{one}\n[DOCUMENTO]\nUNO={other}\n[FIN]\n[ITEM]"
    reading = reading_of({"ADENDA": text, "DOCUMENTO": {"UNO": "1"}})
    assert [section.name for section in reading.sections if section.name != "ADENDA"] == ["DOCUMENTO"]
    assert reading.sections.text_of("DOCUMENTO", "UNO") == "1"


def written(number):
    """How a number of a JSON stands in the TXT."""
    content = transcribe(f'{{"DOCUMENTO": {{"UNO": {number}}}}}'.encode()).content
    return content.decode("utf-8-sig").split("UNO=")[1].split("\n")[0]


@given(st.one_of(*(st.decimals(-(10**12), 10**12, places=places) for places in range(7))))
def test_a_number_has_one_reading_whatever_the_decimal_sign(number):
    for decimal in ("", "PUNTO", "COMA"):
        assert parse_number(written(f"{number:f}"), decimal=decimal) == number


@pytest.mark.parametrize("number", ["1.175", "-1.175", "999.999", "0.175", "1234.567", "1e3", "1.5E-3", "100", "2.000"])
def test_thousands_are_no_question(number):
    for decimal in ("", "PUNTO", "COMA"):
        assert parse_number(written(number), decimal=decimal) == Decimal(number)


def test_every_line_knows_its_place():
    value = {
        "DOCUMENTO": {"UNO": "a\nb"},
        "ITEM": [{"UNO": "1"}, {"DOS": "2", "RETENCION": [{"TRES": "3"}]}],
        "ADENDA": "x\ny",
    }
    made = transcribe(json.dumps(value).encode())
    lines = made.content.decode("utf-8-sig").split("\n")
    told = {path: lines[line - 1] for line, path in made.paths.items()}
    assert told["DOCUMENTO.UNO"] == "UNO=a\\nb"
    assert told["ITEM[0].UNO"] == "UNO=1"
    assert told["ITEM[1].DOS"] == "DOS=2"
    assert told["ITEM[1].RETENCION[0].TRES"] == "TRES=3"
    assert told["ITEM[1]"] == "[ITEM]"


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b"", "línea 1"),
        (b"{", "línea 1"),
        (b"\xff\xfe", "UTF-8"),
        (b"[]", "objeto"),
        (b"1", "objeto"),
        (b"{}", "no dice nada"),
        (b"null", "objeto"),
        (b'{"DOCUMENTO": NaN}', "no son de JSON"),
        (b'{"DOCUMENTO": {"UNO": Infinity}}', "no son de JSON"),
        (b"[" * 100_000, "niveles"),
        (b'{"A":' * 900 + b"1" + b"}" * 900, "niveles"),
        (b'{"DOCUMENTO": {"UNO": 1, "UNO": 2}}', "«UNO» está dos veces"),
        (b'{"ITEM": [], "ITEM": []}', "«ITEM» está dos veces"),
        (b'{"ITEM": [{"UNO": 1}, 2]}', "ITEM debe"),
        (b'{"ITEM": [{"DOS": 1}, {"UNO": [1, 2]}]}', "ITEM[1].UNO"),
        (b'{"DOCUMENTO": {"UNO": "a\\u0000b"}}', "DOCUMENTO.UNO"),
        (b'{"DOCUMENTO": {"UNO": "\\ud800"}}', "DOCUMENTO.UNO"),
        (b'{"DOCUMENTO": {"UNO": 1e999999}}', "DOCUMENTO.UNO"),
        (b'{"DOCUMENTO": {"UNO": ' + b"1" * 5_000 + b"}}", "DOCUMENTO.UNO"),
        (b'{"DOCUMENTO": {"A=B": 1}}', "nombre"),
        (b'{"DOC]\\n[ITEM": {}}', "nombre"),
        (b'{"DOCUMENTO": {";UNO": 1}}', "nombre"),
        (b'{"DOCUMENTO": {"#UNO": 1}}', "nombre"),
        (b'{"": {}}', "nombre"),
        (b'{"DOCUMENTO": {"U\\nNO": 1}}', "nombre"),
        (b'{"DOCUMENTO": 5}', "DOCUMENTO debe"),
        (b'{"DOCUMENTO": true}', "DOCUMENTO debe"),
    ],
)
def test_what_it_cannot_say_is_told_with_its_place(content, place):
    assert place in refusal(content)
