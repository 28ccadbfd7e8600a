"""Each format: what a tiny writer wrote is read back, and what it did not write is refused."""

import csv
import io
import json
import zipfile
from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from sincronizador.core.numbers import parse_number
from sincronizador.errors import Rejected

ITEM = '[[seccion]]\nnombre = "ITEM"\nregistro = "{kind}"\n[seccion.campos]\nDETALLE = "a"\nCODIGO = "b"\n'
ROWS = ITEM.format(kind="fila")
SEPARATED = 'archivos = ["*.dat"]\nformato = "separado"\n[registro.fila]\ncolumnas = ["a", "b"]\n' + ROWS
FIXED = 'archivos = ["*.dat"]\nformato = "fijo"\n[registro.fila]\ncolumnas = { a = [1, 10], b = [11, 20] }\n' + ROWS
CSV = 'archivos = ["*.dat"]\nformato = "csv"\n' + ROWS
XLSX = 'archivos = ["*.xlsx"]\nformato = "xlsx"\n' + ROWS
JSON = 'archivos = ["*.json"]\nformato = "json"\n' + ITEM.format(kind="items[*]")
XML = 'archivos = ["*.xml"]\nformato = "xml"\n' + ITEM.format(kind="item")

many = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
letters = st.characters(
    min_codepoint=32, max_codepoint=0x24F, exclude_characters="|\x7f", exclude_categories=("Cc", "Cs")
)
cells = st.text(letters, min_size=1, max_size=10).map(str.strip).filter(bool)
tables = st.lists(st.tuples(cells, cells | st.just("")), min_size=1, max_size=8)


def items(rows):
    return [("ITEM", {name: text for name, text in (("DETALLE", a), ("CODIGO", b)) if text}) for a, b in rows]


@many
@given(tables, st.sampled_from(["\n", "\r\n", "\r"]))
def test_separated_rows_are_read_back(bench, rows, end):
    assert bench.sections(SEPARATED, end.join(f"{a}|{b}" for a, b in rows) + end) == items(rows)


@many
@given(tables)
def test_rows_of_fixed_width_are_read_back(bench, rows):
    assert bench.sections(FIXED, "".join(f"{a:<10}{b:<10}\r\n" for a, b in rows)) == items(rows)


@many
@given(tables)
def test_rows_of_fixed_width_without_line_ends_are_read_back(bench, rows):
    toml = FIXED.replace("[registro", "[forma]\nlargo = 20\n[registro", 1)
    assert bench.sections(toml, "".join(f"{a:<10}{b:<10}" for a, b in rows)) == items(rows)


@many
@given(
    st.lists(
        st.tuples(st.text(letters | st.sampled_from('\n",'), min_size=1).map(str.strip).filter(bool), cells), min_size=1
    )
)
def test_a_csv_is_read_back_with_its_quotes_and_line_ends(bench, rows):
    page = io.StringIO(newline="")
    csv.writer(page).writerows([("a", "b"), *rows])
    assert bench.sections(CSV, page.getvalue()) == items(rows)


@many
@given(tables)
def test_a_workbook_is_read_back(bench, rows):
    assert bench.sections(XLSX, workbook([("a", "b"), *rows])) == items(rows)


@many
@given(tables, st.sampled_from([None, 1]))
def test_json_is_read_back(bench, rows, indent):
    content = json.dumps({"items": [{"a": a, "b": b or None} for a, b in rows]}, indent=indent, ensure_ascii=False)
    assert bench.sections(JSON, content) == items(rows)


@many
@given(tables)
def test_xml_is_read_back(bench, rows):
    def written(text):
        return text.replace("&", "&amp;").replace("<", "&lt;")

    body = "".join(f"<item><a>{written(a)}</a><b>{written(b)}</b></item>" for a, b in rows)
    assert bench.sections(XML, f"<x>{body}</x>") == items(rows)


def workbook(rows, sheet="Hoja1"):
    book = Workbook()
    book.active.title = sheet
    for row in rows:
        book.active.append([None if cell == "" else cell for cell in row])
        for cell in book.active[book.active.max_row]:
            if isinstance(cell.value, str):
                cell.data_type = "s"
    page = io.BytesIO()
    book.save(page)
    return page.getvalue()


def repacked(content, change):
    page = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(page, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            new.writestr(part.filename, change(part.filename, old.read(part)))
    return page.getvalue()


@given(
    st.decimals(min_value=-(10**9), max_value=10**9, allow_nan=False, allow_infinity=False, places=4), st.integers(0, 4)
)
@many
def test_a_number_of_json_is_no_other_number_in_our_txt(bench, number, places):
    number = round(number, places)
    ((_, fields),) = bench.sections(JSON, f'{{"items": [{{"a": {number:f}}}]}}')
    assert parse_number(fields["DETALLE"]) == number


def test_the_lines_of_json_are_those_of_its_names(bench):
    content = '{\n "x": {"{": "\\"{"},\n "items": [\n  {\n   "a": "p",\n   "b": "q"\n  },\n  {"a": "r"}\n ]\n}\n'
    sections = bench.trial(JSON, content).reading.sections
    assert [(s.line, [e.line for e in s.entries]) for s in sections] == [(4, [5, 6]), (8, [8])]


def test_rows_are_gathered_by_their_order_and_go_on_without_it(bench):
    toml = CSV.replace(
        "[[seccion]]", '[[seccion]]\nnombre = "DOCUMENTO"\n[seccion.campos]\nREFERENCIA = "orden"\n[[seccion]]', 1
    )
    toml = toml.replace('formato = "csv"', 'formato = "csv"\nlote = true\n[forma]\nagrupa = "orden"')
    sections = bench.sections(toml, "orden,a,b\n1,x,\n,y,\n2,z,\n1,w,\n")
    assert [fields for name, fields in sections if name != "LOTE"] == [
        {"REFERENCIA": "1"}, {"DETALLE": "x"}, {"DETALLE": "y"}, {"DETALLE": "w"},
        {"REFERENCIA": "2"}, {"DETALLE": "z"},
    ]  # fmt: skip


def test_a_column_may_be_filled_down(bench):
    toml = CSV.replace('formato = "csv"', 'formato = "csv"\n[forma]\nrellena = ["b"]')
    assert bench.sections(toml, "a,b\nx,1\ny,\nz,2\n") == items([("x", "1"), ("y", "1"), ("z", "2")])


def test_a_column_that_the_header_lacks_is_told_with_the_nearest(bench):
    (finding,) = bench.trial(CSV, "a,bb\nx,1\n").reading.findings
    assert (finding.code, finding.value) == ("E0146", "b")
    assert bench.findings(CSV, "a,b,b\nx,1,2\n") == [("E0148", 1)]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"no es un libro", b"\x00" * 100])
def test_what_is_no_workbook_is_refused(bench, content):
    assert bench.load(XLSX).missing(content) == "el final del libro"
    assert bench.findings(XLSX, content) == [("E0147", None)]


def test_a_workbook_that_unpacks_to_more_than_is_allowed_is_refused(bench):
    bomb = repacked(workbook([("a", "b")]), lambda name, part: part + b" " * 200_000 if "sheet1" in name else part)
    assert len(bomb) < 50_000
    (finding,) = bench.trial(XLSX, bomb).reading.findings
    assert "desempaquetado pasa de 100000 bytes" in finding.message


def test_a_workbook_with_a_doctype_is_refused(bench):
    bad = repacked(
        workbook([("a", "b")]),
        lambda name, part: part.replace(b"<worksheet", b"<!DOCTYPE x><worksheet") if "sheet1" in name else part,
    )
    (finding,) = bench.trial(XLSX, bad).reading.findings
    assert "DOCTYPE" in finding.message


def test_a_cell_at_the_end_of_the_world_costs_nothing(bench):
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    bad = repacked(workbook([("a", "b"), ("x", "")]), lambda name, part: part.replace(b"</sheetData>", far))
    (finding,) = bench.trial(XLSX, bad).reading.findings
    assert "100000 filas" in finding.message


def test_another_sheet_may_be_named(bench):
    toml = XLSX.replace('formato = "xlsx"', 'formato = "xlsx"\n[forma]\nhoja = "Pedidos"')
    assert bench.sections(toml, workbook([("a", "b"), ("x", "")], "Pedidos")) == items([("x", "")])
    (finding,) = bench.trial(toml, workbook([("a", "b")])).reading.findings
    assert "tiene Hoja1" in finding.message


def test_values_of_a_workbook_are_those_that_a_person_sees(bench):
    rows = [("a", "b"), (1175.5, 12), (datetime(2026, 11, 21, 10, 5), True), (0.1 + 0.2, 1.175)]  # noqa: DTZ001
    sections = bench.sections(XLSX, workbook(rows))
    assert [tuple(fields.values()) for _, fields in sections][:2] == [("1175.5", "12"), ("2026-11-21 10:05:00", "true")]
    assert sections[2][1] == {"DETALLE": "0.3", "CODIGO": "1.1750"}


@pytest.mark.parametrize(
    "content", ['{"a": }', "[1, 2", "nada", '{"a": NaN}', "[" * 5_000, '{"items":' * 5_000, '{"a": 1}}']
)
def test_what_is_no_json_is_refused(bench, content):
    assert bench.findings(JSON, content) == [("E0147", None)]


@pytest.mark.parametrize(
    ("content", "lack"),
    [
        ('{"items": [', True),
        ('{"items": "abc', True),
        ('{"items": []}', False),
        ('{"items": }', False),
        ("[" * 5_000, None),
    ],
)
def test_half_a_json_waits_and_a_wrong_one_does_not(bench, content, lack):
    if lack is not None:
        assert (bench.load(JSON).missing(content.encode()) is not None) is lack
    else:
        bench.load(JSON).missing(content.encode())


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"<x><item></x>", "E0107"),
        (b'<!DOCTYPE x [<!ENTITY y "z">]><x><item><a>&y;</a></item></x>', "E0109"),
        (b"<!DOCTYPE x SYSTEM 'http://example.com/x.dtd'><x/>", "E0109"),
        ("<!DOCTYPE x><x/>".encode("utf-16"), "E0109"),
    ],
)
def test_xml_that_is_broken_or_brings_a_dtd_is_refused(bench, content, code):
    assert [found for found, _ in bench.findings(XML, content)] == [code]


def test_xpath_reaches_attributes_namespaces_and_predicates(bench):
    toml = """
archivos = ["*.xml"]
formato = "xml"
documento = "//e:factura"
[forma]
espacios = { e = "urn:e" }
[[seccion]]
nombre = "DOCUMENTO"
[seccion.campos]
REFERENCIA = "@nro"
FECHA = "e:dato[@k='fecha']"
[[seccion]]
nombre = "ITEM"
registro = "e:lineas/e:l"
[seccion.campos]
DETALLE = "."
CODIGO = "substring(@c, 2)"
CANTIDAD = "count(preceding-sibling::e:l) + 1"
"""
    content = (
        '<r xmlns="urn:e"><factura nro="7"><dato k="hora">9</dato>\n<dato k="fecha">2026-11-21</dato>'
        '<lineas>\n<l c="X5">pan <b>de</b> ayer</l><l c="X6">vino</l></lineas></factura></r>'
    )
    assert bench.sections(toml, content) == [
        ("DOCUMENTO", {"REFERENCIA": "7", "FECHA": "2026-11-21"}),
        ("ITEM", {"DETALLE": "pan de ayer", "CODIGO": "5", "CANTIDAD": "1"}),
        ("ITEM", {"DETALLE": "vino", "CODIGO": "6", "CANTIDAD": "2"}),
    ]
    trial = bench.trial(toml, content)
    assert "r/factura/dato" in trial.unused
    assert [s.line for s in trial.reading.sections] == [1, 3, 3]


MARKED = """
archivos = ["*.plano"]
formato = "secciones"
documento = "Cabezal"
[forma]
marca = "<<*>>"
pares = true
[[seccion]]
nombre = "DOCUMENTO"
[seccion.campos]
REFERENCIA = "Numero"
[[seccion]]
nombre = "ITEM"
registro = "Linea"
[seccion.campos]
DETALLE = "Que"
"""


def test_sections_of_pairs_are_a_record_each(bench):
    content = "<<Cabezal>>\nNumero = 7\nOtro=x\n\n<<Linea>>\nQue=pan\n<<Linea>>\nQue=a=b\n"
    assert bench.sections(MARKED, content) == [
        ("DOCUMENTO", {"REFERENCIA": "7"}), ("ITEM", {"DETALLE": "pan"}), ("ITEM", {"DETALLE": "a=b"}),
    ]  # fmt: skip
    assert bench.trial(MARKED, content).unused == ("Cabezal: Otro",)
    assert bench.findings(MARKED, content + "<<Pie>>\nx=1\n") == [("E0140", 9)]


END = '[completo]\nregistro = "9"\n'
TYPED = (
    'archivos = ["*.dat"]\nformato = "{formato}"\ndocumento = "1"\n[forma]\n{forma}\n' + END + "{registros}"
    '[[seccion]]\nnombre = "DOCUMENTO"\n[seccion.campos]\nREFERENCIA = "n"\n'
)
PIPES = TYPED.format(
    formato="separado",
    forma="tipo = 1",
    registros='[registro.1]\ncolumnas = ["t", "n"]\n[registro.9]\ncolumnas = ["t"]\n',
)
WIDTHS = TYPED.format(
    formato="fijo", forma="tipo = 1",
    registros="[registro.1]\ncolumnas = { n = [2, 5] }\n[registro.9]\ncolumnas = { n = [2, 5] }\n",
)  # fmt: skip


@pytest.mark.parametrize(("toml", "content"), [(PIPES, "1|77\r\n9|\r\n"), (WIDTHS, "1  77\r\n9\r\n")])
def test_a_file_is_whole_when_its_last_record_is_there_and_not_before(bench, toml, content):
    dialect = bench.load(toml)
    assert dialect.missing(content.encode()) is None
    assert dialect.missing(content.encode() + b"\x1a\x00\r\n") is None
    for length in range(content.index("9")):
        assert dialect.missing(content[:length].encode()) is not None, length


@pytest.mark.parametrize(("toml", "content"), [(PIPES, "1|77\r\n9|\r\n"), (WIDTHS, "1  77\r\n9\r\n")])
def test_a_file_with_a_hole_of_zeros_is_not_whole_though_its_last_record_is_there(bench, toml, content):
    assert bench.load(toml).missing(b"1" + bytes(512) + content.encode()) is not None


def test_records_without_line_ends_prove_their_end_too(bench):
    toml = WIDTHS.replace("tipo = 1", "tipo = 1\nlargo = 5")
    assert bench.load(toml).missing(b"1  77") == "el registro 9 del final"
    assert bench.load(toml).missing(b"1  779   ") is None


@many
@given(st.binary(max_size=300), st.sampled_from([SEPARATED, FIXED, CSV, XLSX, JSON, XML, MARKED, PIPES, WIDTHS]))
def test_whatever_is_dropped_is_read_or_refused_in_words(bench, content, toml):
    dialect = bench.load(toml)
    dialect.missing(content)
    try:
        reading = dialect.read(content, "x.y")
    except Rejected:
        with pytest.raises(Rejected, match=r"vac|texto|codifi|está en"):
            dialect.read(content, "x.y")
        return
    assert all(finding.message for finding in reading.findings)
    assert reading.sections.items or reading.findings


@pytest.mark.parametrize(
    "content",
    [
        '{"items": [{"a": "x",\n "a": "y"}]}',
        '{"items": [{"a": "x",\n "a": "x"}]}',
        '{"items": [{"a": null,\n "a": "x"}]}',
        '{"items": [{"a": {"b": "x"},\n "a": {"c": "y"}}]}',
        '{"items": [{"a": {"b": "x"},\n "a.b": "y"}]}',
        '{"items": [],\n "items": [{"a": "x"}]}',
    ],
)
def test_a_name_twice_in_an_object_of_json_is_told(bench, content):
    found = bench.trial(JSON, content).reading.findings
    assert [finding.code for finding in found] == ["E0147"]
    assert "dos veces" in found[0].message
    assert "línea 2" in found[0].message
