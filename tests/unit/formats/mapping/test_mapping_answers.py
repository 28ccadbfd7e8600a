"""Answers in other forms than our own."""

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from sincronizador.core.answer import Answer, Block, First
from sincronizador.formats.mapping.answers import Form, Reply, template_problem

HEAD = (("SERIE", "A"), ("NUMERO", "12"), ("MENSAJE", "Uno; dos | tres: año"), ("FECHA", "2026-11-21"))
BLOCKS = (
    Block("RESPUESTA", HEAD),
    Block("EXTRA", (("MESA 1", "7"),)),
    Block("ERROR.1", (("CODIGO", "E0205"), ("LINEA", "4"))),
    Block("ERROR.2", (("CODIGO", "E0209"), ("MENSAJE", "<falta>"))),
)


def answer(encoding="cp850", blocks=BLOCKS):
    return Answer(first=First.ERROR, blocks=blocks, encoding=encoding)


def line(template, encoding="cp850", **more):
    form = Form(Reply(format="linea", extension="txt", template=template, **more))
    return form.render(answer(encoding))


def test_a_line_has_the_fields_in_their_places_and_what_is_not_there_is_empty():
    assert line("{PRIMERA};{SERIE};{NUMERO};{CAE};{ERROR.2.CODIGO}") == b"ERROR;A;12;;E0209\r\n"


def test_the_sign_between_fields_stands_in_no_value_and_others_stay():
    assert line("{MENSAJE};{FECHA}").decode("cp850") == "Uno  dos | tres: año;2026-11-21\r\n"
    assert line("{SERIE}-{NUMERO} {FECHA}") == b"A-12 2026-11-21\r\n"


def test_a_line_is_in_the_encoding_of_the_request_or_the_one_that_the_mapping_says():
    assert "año".encode("cp850") in line("{MENSAJE}")
    assert b"ano" in line("{MENSAJE}", "ascii")
    form = Form(Reply(format="linea", extension="txt", template="{MENSAJE}", encoding="cp1252"))
    assert "año".encode("cp1252") in form.render(answer())


def test_a_template_of_several_lines_is_several_lines():
    assert line("1|{PRIMERA}\n2|{SERIE}|{NUMERO}\n") == b"1|ERROR\r\n2|A|12\r\n"


@given(st.text(st.characters(exclude_categories=("Cs",)), max_size=300))
def test_a_value_never_breaks_its_line(text):
    blocks = (Block("RESPUESTA", (("MENSAJE", text), ("NUMERO", "12"))),)
    form = Form(Reply(format="linea", extension="txt", template="{NUMERO}|{MENSAJE}|{NUMERO}"))
    written = form.render(answer("cp850", blocks)).decode("cp850")
    assert written.count("|") == 2
    assert written.startswith("12|")
    assert written.endswith("|12\r\n")
    assert len(written.split("\r\n")) == 2


def test_a_table_has_a_header_and_a_row_that_any_reader_takes():
    form = Form(Reply(format="csv", extension="csv", fields=("PRIMERA", "MENSAJE", "ERROR.1.LINEA", "CAE")))
    rows = list(csv.reader(io.StringIO(form.render(answer()).decode("cp850"), newline=""), delimiter=";"))
    assert rows == [["PRIMERA", "MENSAJE", "ERROR.1.LINEA", "CAE"], ["ERROR", "Uno; dos | tres: año", "4", ""]]


def test_json_has_everything_and_errors_as_a_list():
    told = json.loads(Form(Reply(format="json", extension="json")).render(answer()))
    assert told["PRIMERA"] == "ERROR"
    assert told["RESPUESTA"] == dict(HEAD)
    assert [error["CODIGO"] for error in told["ERROR"]] == ["E0205", "E0209"]
    assert told["EXTRA"] == {"MESA 1": "7"}


def test_xml_has_everything_under_names_that_xml_allows():
    root = etree.fromstring(Form(Reply(format="xml", extension="xml")).render(answer()))
    assert root.get("PRIMERA") == "ERROR"
    assert root.findtext("RESPUESTA/MENSAJE") == "Uno; dos | tres: año"
    assert [(error.get("N"), error.findtext("CODIGO")) for error in root.findall("ERROR")] == [
        ("1", "E0205"),
        ("2", "E0209"),
    ]
    assert root.findtext("ERROR[@N='2']/MENSAJE") == "<falta>"
    assert root.findtext("EXTRA/MESA_1") == "7"


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_field_of_a_sale_leaves_xml_that_can_be_read(name, text):
    page = Form(Reply(format="xml", extension="xml")).render(answer(blocks=(Block("EXTRA", ((name, text),)),)))
    assert etree.fromstring(page).find("EXTRA") is not None


@pytest.mark.parametrize("template", ["sin campos", "{a}", "{PRIMERA", "PRIMERA}", "{}", "{PRIMERA} {"])
def test_a_template_that_is_none_is_told(template):
    assert "{PRIMERA};{SERIE}" in template_problem(template)


@pytest.mark.parametrize("template", ["{PRIMERA}", "1|{ERROR.1.MENSAJE}|", "a\n{X_1}"])
def test_a_template_of_fields_is_one(template):
    assert template_problem(template) == ""
