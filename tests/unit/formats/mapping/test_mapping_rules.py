"""From columns to fields: tables, dates, decimals, conditions, joins."""

import pytest

HEAD = """
archivos = ["*.dat"]
formato = "separado"
[registro.fila]
columnas = ["a", "b", "c"]
"""


RULE = """
[[seccion]]
nombre = "ITEM"
registro = "fila"
[seccion.campos]
IVA = "c"
"""


def one(bench, rule, row, more=""):
    """The field DETALLE that a rule makes of a row; None when it is absent."""
    toml = f"{HEAD}{more}{RULE}DETALLE = {rule}\n"
    ((_, fields),) = bench.sections(toml, f"{row}\r\n")
    return fields.get("DETALLE")


def wrong(bench, rule, row, more=""):
    toml = f"{HEAD}{more}{RULE}DETALLE = {rule}\n"
    (finding,) = bench.trial(toml, f"\r\n{row}\r\n").reading.findings
    assert finding.line == 2
    return finding


@pytest.mark.parametrize(
    ("rule", "row", "expected"),
    [
        ('"a"', " x |y|z", "x"),
        ('{ columna = "b" }', "x|y|z", "y"),
        ('{ valor = "fijo" }', "x|y|z", "fijo"),
        ('{ columna = "a", defecto = "nada" }', "|y|z", "nada"),
        ('{ columna = "a" }', "|y|z", None),
        ('{ columnas = ["a", "b"], une = "-" }', "x|y|z", "x-y"),
        ('{ columnas = ["a", "b"], une = "-" }', "|y|z", "y"),
        ('{ columna = "a", prefijo = "F", sufijo = "/26" }', "7|y|z", "F7/26"),
        ('{ columna = "a", prefijo = "F" }', "|y|z", None),
        ('{ columna = "a", ceros = "quitar" }', "00070|y|z", "70"),
        ('{ columna = "a", ceros = "quitar" }', "000|y|z", None),
        ('{ columna = "a", signo = "quitar" }', "-12,50|y|z", "12,50"),
        ('{ columna = "a", signo = "quitar" }', "12,50-|y|z", "12,50"),
        ('{ columna = "@nombre" }', "x|y|z", "V1"),
    ],
)
def test_a_field_is_made_of_columns(bench, rule, row, expected):
    assert one(bench, rule, row) == expected


@pytest.mark.parametrize(
    ("decimals", "text", "expected"),
    [(2, "0012345", "123.45"), (2, "12345-", "-123.45"), (2, "-12345", "-123.45"), (0, "0007", "7"),
     (3, "1175", "1.1750"), (3, "2000", "2"), (3, "1500", "1.5"), (2, "5", "0.05"), (2, "000-", "0.00")],
)  # fmt: skip
def test_implied_decimals_are_written_so_that_nobody_takes_them_for_thousands(bench, decimals, text, expected):
    assert one(bench, f'{{ columna = "a", decimales = {decimals} }}', f"{text}|y|z") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("0001234E", "123.45"), ("0001234N", "-123.45"), ("0001234u", "-123.45"), ("0001234{", "123.40"),
     ("0001234}", "-123.40"), ("00012345", "123.45")],
)  # fmt: skip
def test_the_last_digit_of_cobol_may_carry_the_sign(bench, text, expected):
    assert one(bench, '{ columna = "a", decimales = 2, signo = "cobol" }', f"{text}|y|z") == expected


@pytest.mark.parametrize("text", ["12,34", "1.5", "12a", "--1", "-1-"])
def test_a_number_with_implied_decimals_is_of_digits_only(bench, text):
    finding = wrong(bench, '{ columna = "a", decimales = 2 }', f"{text}|y|z")
    assert (finding.code, finding.field) == ("E0143", "DETALLE")
    assert "«a»" in finding.message
    assert f"«{text}»" in finding.message


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("AAAAMMDD", "20261121", "2026-11-21"),
        ("DDMMAAAA", "21112026", "2026-11-21"),
        ("DD/MM/AA", "21/11/26", "2026-11-21"),
        ("AAAA-MM-DD", "2026-11-21 23:59:00", "2026-11-21"),
        ("DDMMAAAA", "00000000", None),
        ("DD/MM/AAAA", "  /  /    ", None),
    ],
)
def test_a_date_is_read_as_the_mapping_says(bench, pattern, text, expected):
    assert one(bench, f'{{ columna = "a", fecha = "{pattern}" }}', f"{text}|y|z") == expected


def test_a_moment_in_utc_is_of_the_day_that_it_was_here(bench):
    rule = '{ columna = "a", fecha = "AAAA-MM-DDThh:mm", suma_horas = -3 }'
    assert one(bench, rule, "2026-11-22T01:15:00.000Z|y|z") == "2026-11-21"
    assert one(bench, rule, "2026-11-22T03:00:00.000Z|y|z") == "2026-11-22"


@pytest.mark.parametrize("text", ["31022026", "2111202", "211120266", "21-11-26", "21112O26"])
def test_a_date_of_another_form_is_told(bench, text):
    assert wrong(bench, '{ columna = "a", fecha = "DDMMAAAA" }', f"{text}|y|z").code == "E0142"


TABLE = '[tabla.iva]\nvalores = { "1" = "BASICA", "a" = "MINIMA" }\n'


def test_a_value_is_looked_up_whatever_its_case(bench):
    assert one(bench, '{ columna = "a", tabla = "iva" }', "A|y|z", TABLE) == "MINIMA"
    assert one(bench, '{ columna = "a", tabla = "iva" }', "|y|z", TABLE) is None


def test_a_value_that_is_not_in_the_table_is_told_with_its_column_and_table(bench):
    finding = wrong(bench, '{ columna = "a", tabla = "iva" }', "9|y|z", TABLE)
    assert finding.code == "E0141"
    assert all(word in finding.message for word in ("«a»", "«9»", "tabla iva", "prueba"))


def test_a_table_may_say_what_the_others_are(bench):
    more = '[tabla.iva]\nvalores = { "1" = "BASICA" }\notro = "EXENTA"\n'
    assert one(bench, '{ columna = "a", tabla = "iva" }', "9|y|z", more) == "EXENTA"


def test_a_table_may_stand_in_a_file(bench):
    (bench.folder / "clientes.csv").write_text("Codigo;Nombre\nC1;Peña\nC2;Ana\n", encoding="cp1252")
    more = '[tabla.c]\narchivo = "clientes.csv"\nclave = "Codigo"\n'
    assert one(bench, '{ columna = "a", tabla = "c", toma = "Nombre" }', "c1|y|z", more) == "Peña"
    assert wrong(bench, '{ columna = "a", tabla = "c", toma = "Nombre" }', "C3|y|z", more).code == "E0141"


@pytest.mark.parametrize(
    ("condition", "row", "holds"),
    [
        ('es = ["x", "y"]', "X|b|c", True),
        ('es = "x"', "z|b|c", False),
        ('es = ""', "|b|c", True),
        ('no_es = "x"', "z|b|c", True),
        ('no_es = "x"', "x|b|c", False),
        ("vacio = true", " |b|c", True),
        ("vacio = true", "0|b|c", False),
        ("vacio = false", "0|b|c", True),
        ("negativo = true", "12,50-|b|c", True),
        ("negativo = true", "12,50|b|c", False),
        ("negativo = true", "-0,00|b|c", False),
        ("negativo = false", "7|b|c", True),
    ],
)
def test_the_first_way_whose_condition_holds_is_taken(bench, condition, row, holds):
    rule = f'[{{ cuando = {{ columna = "a", {condition} }}, valor = "si" }}, {{ valor = "no" }}]'
    assert one(bench, rule, row) == ("si" if holds else "no")


def test_all_conditions_of_a_list_must_hold(bench):
    rule = '{ cuando = [{ columna = "a", es = "x" }, { columna = "b", es = "y" }], valor = "si" }'
    assert one(bench, rule, "x|y|z") == "si"
    assert one(bench, rule, "x|n|z") is None


TYPED = """
archivos = ["*.dat"]
formato = "separado"
documento = "C"
[forma]
tipo = 1
[registro.C]
columnas = ["t", "numero", "total"]
[registro.L]
columnas = ["t", "detalle", "retencion"]
[registro.N]
columnas = ["t", "nota"]
[[seccion]]
nombre = "DOCUMENTO"
[seccion.campos]
REFERENCIA = "numero"
[[seccion]]
nombre = "PAGO"
cuando = { columna = "total", vacio = false }
[seccion.campos]
MEDIO = { valor = "EFECTIVO" }
VALOR = "total"
[[seccion]]
nombre = "ITEM"
registro = "L"
[seccion.campos]
DETALLE = "detalle"
CODIGO = { registro = "C", columna = "numero" }
[[seccion]]
nombre = "RETENCION"
registro = "L"
cuando = { columna = "retencion", vacio = false }
[seccion.campos]
VALOR = "retencion"
[[seccion]]
nombre = "ADENDA"
registro = "N"
[seccion.campos]
TEXTO = "nota"
"""


def test_what_belongs_to_a_line_follows_it_and_free_text_is_one(bench):
    content = "C|7|10\nL|pan|\nN|uno\nL|vino|3\nN|dos\n"
    assert bench.sections(TYPED, content) == [
        ("DOCUMENTO", {"REFERENCIA": "7"}),
        ("PAGO", {"MEDIO": "EFECTIVO", "VALOR": "10"}),
        ("ITEM", {"DETALLE": "pan", "CODIGO": "7"}),
        ("ADENDA", "uno\ndos"),
        ("ITEM", {"DETALLE": "vino", "CODIGO": "7"}),
        ("RETENCION", {"VALOR": "3"}),
    ]


def test_every_field_has_the_line_that_it_came_from(bench):
    reading = bench.trial(TYPED, "\r\nC|7|10\r\n\r\nL|pan|\r\n").reading
    assert [(s.name, s.line, [e.line for e in s.entries]) for s in reading.sections] == [
        ("DOCUMENTO", 2, [2]),
        ("PAGO", 2, [2, 2]),
        ("ITEM", 4, [4, 2]),
    ]


def test_an_unknown_record_is_never_skipped_silently(bench):
    trial = bench.trial(TYPED, "C|7|10\nL|pan|\nX|algo\n")
    (finding,) = trial.reading.findings
    assert (finding.code, finding.line, finding.value) == ("E0140", 3, "X")
    assert trial.reading.sections.is_partial


def test_an_unknown_record_that_the_mapping_ignores_is(bench):
    toml = TYPED.replace('documento = "C"', 'documento = "C"\nignorar = ["X"]')
    assert bench.findings(toml, "C|7|10\nL|pan|\nX|algo\n") == []


def test_two_documents_in_a_file_are_an_error_that_says_where_the_second_begins(bench):
    assert bench.findings(TYPED, "C|7|\nL|a|\nC|8|\nL|b|\n") == [("E0144", 3)]


def test_a_file_without_document_is_an_error(bench):
    assert bench.findings(TYPED, "L|a|\n") == [("E0145", None)]


def test_a_lote_has_all_documents_behind_its_own_section(bench):
    toml = TYPED.replace('documento = "C"', 'documento = "C"\nlote = true')
    sections = bench.sections(toml, "C|7|\nL|a|\nC|8|\nL|b|\n", "NOCHE.DAT")
    assert [name for name, _ in sections] == ["LOTE", "DOCUMENTO", "ITEM", "DOCUMENTO", "ITEM"]
    assert sections[0][1] == {"REFERENCIA": "NOCHE"}


RETURNS = """
archivos = ["*.json"]
formato = "json"
documento = "[*]"
lote = true
[tabla.iva]
valores = { b = "BASICA" }
[[seccion]]
nombre = "DOCUMENTO"
cuando = { registro = "items[*]", columna = "back", es = "false" }
[seccion.campos]
REFERENCIA = "id"
[[seccion]]
nombre = "ITEM"
registro = "items[*]"
cuando = { columna = "back", es = "false" }
[seccion.campos]
IVA = { columna = "iva", tabla = "iva" }
[[seccion]]
nombre = "DOCUMENTO"
cuando = { registro = "items[*]", columna = "back", es = "true" }
[seccion.campos]
REFERENCIA = { columna = "id", sufijo = "-D" }
"""


def test_one_order_may_be_two_documents(bench):
    content = (
        '[{"id": 1, "items": [{"back": false, "iva": "b"}, {"back": true}]}, {"id": 2, "items": [{"back": true}]}]'
    )
    assert [fields.get("REFERENCIA") for name, fields in bench.sections(RETURNS, content) if name == "DOCUMENTO"] == [
        "1", "1-D", "2-D",
    ]  # fmt: skip


def test_a_finding_whose_line_would_put_it_on_another_document_of_the_lote_has_none(bench):
    content = '[{"id": 1, "items": [\n{"back": false, "iva": "x"}, {"back": true}]}]'
    (finding,) = bench.trial(RETURNS, content).reading.findings
    assert (finding.code, finding.line) == ("E0141", None)
    assert finding.message.startswith("Línea 2: ")


def test_what_nothing_is_made_of_is_listed(bench):
    trial = bench.trial(TYPED, "C|7|10|extra\nL|pan||\nN|uno\n")
    assert trial.unused == ("C: columna 4",)


def test_a_column_that_the_mapping_leaves_out_on_purpose_is_not_listed(bench):
    toml = HEAD.replace('["a", "b", "c"]', '["a", "-", "-"]') + (
        '[[seccion]]\nnombre = "ITEM"\nregistro = "fila"\n[seccion.campos]\nDETALLE = "a"\n'
    )
    assert bench.trial(toml, "x|y|z|w\n").unused == ("fila: columna 4",)


def test_the_decimal_separator_of_the_file_is_said_once(bench):
    toml = TYPED.replace('documento = "C"', 'documento = "C"\ndecimal = "COMA"')
    assert bench.sections(toml, "C|7|\n")[0] == ("DOCUMENTO", {"REFERENCIA": "7", "DECIMAL": "COMA"})
