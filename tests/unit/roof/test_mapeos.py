"""The TOML of a mapping: everything that is wrong in it is told at once, and where."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from sincronizador.cli import main
from sincronizador.core.dialect import Names, Proof
from sincronizador.core.sections import Vocabulary
from sincronizador.countries.uy.uruguay import Uruguay
from sincronizador.errors import NeedsOperator
from sincronizador.formats.requests import vocabulary
from sincronizador.formats.txt import parse
from sincronizador.formats.txt_writer import write
from sincronizador.mappings import load_mapping, load_mappings

EXAMPLES = Path(__file__).parents[3] / "config" / "mapeos"
URUGUAY = vocabulary(Uruguay.vocabulary)
VOCABULARY = Vocabulary(
    fields={"DOCUMENTO": frozenset({"REFERENCIA", "FECHA"}), "ITEM": frozenset({"DETALLE"}), "EXTRA": frozenset()},
    free=frozenset({"ADENDA"}),
)
GOOD = """
archivos = ["*.pip"]
formato = "separado"
documento = "C"
[forma]
tipo = 1
[registro.C]
columnas = ["t", "numero"]
[tabla.t]
valores = { a = "b" }
[[seccion]]
nombre = "DOCUMENTO"
[seccion.campos]
REFERENCIA = "numero"
"""


class Made:
    """A dialect that is ready, as the country gives one."""

    def __init__(self, name: str, names: Names) -> None:
        self.name, self.names, self.proof = name, names, Proof()


def load(folder, text, name="m.toml"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return load_mapping(str(path), VOCABULARY, {"listo": Made}, largest=1_000_000)


def problem(folder, text):
    with pytest.raises(NeedsOperator) as caught:
        load(folder, text)
    return str(caught.value)


def test_a_good_mapping_is_a_dialect_with_the_name_of_its_file(tmp_path):
    dialect = load(tmp_path, GOOD, "clipper.toml")
    assert dialect.name == "clipper"
    assert dialect.names.take("V1.PIP", "CAJA1")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("archivos", "archivo"), ["«archivo»", "«archivos»"]),
        (('["*.pip"]', "[]"), ["archivos"]),
        (('"*.pip"', '"VENTAS"'), ["archivos", "extensión"]),
        (('"separado"', '"separados"'), ["formato", "¿«separado»?"]),
        (('nombre = "DOCUMENTO"', 'nombre = "DOCUMENTOS"'), ["seccion 1 (DOCUMENTOS).nombre", "¿«DOCUMENTO»?"]),
        (("REFERENCIA =", "REFERENZIA ="), ["seccion 1 (DOCUMENTO).campos", "¿«REFERENCIA»?"]),
        (('= "numero"', '= "numro"'), ["REFERENCIA", "«numro»", "¿«numero»?"]),
        (('documento = "C"', 'documento = "D"'), ["documento", "un registro que exista"]),
        (('documento = "C"', ""), ["documento", "empieza"]),
        (('= "numero"', '= { columna = "numero", tabla = "x" }'), ["tabla", "«x»"]),
        (('= "numero"', '= { columna = "numero", tabla = "t", toma = "y" }'), ["toma", "nada"]),
        (('= "numero"', '= { columna = "numero", valor = "y" }'), ["uno solo de los tres"]),
        (('= "numero"', "= { tabla = 't' }"), ["uno solo de los tres"]),
        (('= "numero"', '= { columna = "numero", fecha = "AAMM" }'), ["fecha", "DDMMAAAA"]),
        (('= "numero"', '= { columna = "numero", decimales = -1 }'), ["decimales", "0 o más"]),
        (('= "numero"', '= { columna = "numero", cuando = { columna = "t" } }'), ["es, no_es, vacio o negativo"]),
        (('= "numero"', '= { columna = "numero", cuando = { columna = "q", es = "1" } }'), ["«q»"]),
        (('= "numero"', '= { colunma = "numero" }'), ["«colunma»", "«columna»"]),
        (("tipo = 1", 'tipo = "1"'), ["forma.tipo"]),
        (("tipo = 1", "tipo = [3, 1]"), ["forma.tipo", "desde y hasta"]),
        (('["t", "numero"]', '["t", "t"]'), ["registro.C.columnas", "dos veces"]),
        (('valores = { a = "b" }', ""), ["tabla.t", "de valores o de un archivo"]),
        (('valores = { a = "b" }', 'archivo = "no.csv"\nclave = "x"'), ["no.csv", "no existe"]),
        (("[[seccion]]", '[completo]\nregistro = "Z"\n[[seccion]]'), ["completo.registro", "«Z»"]),
        (("[[seccion]]", '[completo]\nmarca = "a/b"\n[[seccion]]'), ["completo.marca"]),
        (("[[seccion]]", '[respuesta]\nformato = "linea"\n[[seccion]]'), ["plantilla"]),
        (("[[seccion]]", '[respuesta]\nformato = "linea"\nplantilla = "{a b}"\n[[seccion]]'), ["plantilla", "{SERIE}"]),
        (("[[seccion]]", '[respuesta]\nextension = "../x"\n[[seccion]]'), ["respuesta.extension"]),
        (("[[seccion]]", '[respuesta]\nextension = "txt"\n[[seccion]]'), ["respuesta.extension", ".rsp"]),
        (("[[seccion]]", '[respuesta]\nformato = "pdf"\n[[seccion]]'), ["respuesta.formato"]),
        (('"separado"', '"listo"'), ["seccion", "ya sabe cómo son sus archivos"]),
        (("tipo = 1", 'tipo = 1\nhoja = "x"'), ["forma.hoja", "no es del formato separado"]),
        (('formato = "separado"', 'formato = "xml"'), ["forma.tipo", "registro", "los nombres están en el archivo"]),
        (("tipo = 1", "encabezado = true"), ["registro", "los nombres están en el archivo"]),
    ],
)
def test_what_is_wrong_is_told_with_its_key(tmp_path, change, words):
    assert change[0] in GOOD
    told = problem(tmp_path, GOOD.replace(*change, 1))
    assert "m.toml" in told
    assert all(word in told for word in words), told


def test_all_problems_of_all_files_are_told_at_once(tmp_path):
    (tmp_path / "a.toml").write_text(GOOD.replace('"separado"', '"x"'), encoding="utf-8")
    (tmp_path / "b.toml").write_text(GOOD.replace('"C"', '"D"', 1).replace("REFERENCIA", "REFE"), encoding="utf-8")
    with pytest.raises(NeedsOperator) as caught:
        load_mappings(str(tmp_path), VOCABULARY, {}, largest=1)
    told = str(caught.value)
    assert all(word in told for word in ("a.toml", "b.toml", "«x»", "«D»", "REFE"))


def test_mappings_are_tried_in_the_order_of_their_names(tmp_path):
    for name in ("20.toml", "10.toml", "30.TOML", "nota.txt"):
        (tmp_path / name).write_text(GOOD, encoding="utf-8")
    dialects = load_mappings(str(tmp_path), VOCABULARY, {}, largest=1)
    assert [dialect.name for dialect in dialects] == ["10", "20", "30"]
    found = dialects.of("v.pip", "")
    assert found is not None
    assert found.name == "10"


def test_a_dialect_that_is_ready_needs_only_the_names_of_its_files(tmp_path):
    made = load(tmp_path, 'archivos = ["eFacturaInfo_*.txt"]\nformato = "listo"\ncajas = ["caja1"]\n')
    assert made.names == Names(patterns=("eFacturaInfo_*.txt",), tills=frozenset({"CAJA1"}))


def test_a_customer_twice_in_a_table_is_told(tmp_path):
    (tmp_path / "c.csv").write_text("k;n\nA;1\na;2\n", encoding="utf-8")
    assert "dos veces" in problem(tmp_path, GOOD.replace('valores = { a = "b" }', 'archivo = "c.csv"\nclave = "k"'))


def test_the_toml_of_an_installation_is_no_mapping(tmp_path):
    assert "es la configuración de una instalación" in problem(tmp_path, '[emisor]\nrut = "1"\n')


def without_lines(sections):
    return [(one.name, one.text, [(entry.name, entry.text) for entry in one.entries]) for one in sections]


@pytest.mark.parametrize(
    ("toml", "name"),
    [
        ("clipper", "clipper.pip"), ("cobol", "LOTE0412.DAT"), ("erp-xml", "factura-20417.xml"),
        ("odoo-csv", "sale.order-2026-11-21.csv"), ("odoo-xlsx", "sale.order-2026-11-21.xlsx"),
        ("handy", "pedidos-20261121.json"), ("secciones", "venta-774.plano"),
    ],
)  # fmt: skip
def test_the_txt_that_is_shown_of_an_example_reads_back_to_the_same(toml, name):
    dialect = load_mapping(str(EXAMPLES / f"{toml}.toml"), URUGUAY, {}, largest=5_000_000)
    content = (EXAMPLES / name).read_bytes()
    assert dialect.names.take(name, "")
    assert dialect.missing(content) is None
    reading = dialect.read(content, name)
    assert reading.findings == ()
    again = parse(write(reading.sections), URUGUAY, "utf-8")
    assert again.findings == ()
    assert without_lines(again.sections) == without_lines(reading.sections)


@pytest.mark.parametrize("name", ["clipper.pip", "factura-20417.xml", "pedidos-20261121.json"])
def test_an_example_is_tried_from_the_command_line_without_installation(name, monkeypatch, tmp_path):
    toml = {"clipper.pip": "clipper", "factura-20417.xml": "erp-xml", "pedidos-20261121.json": "handy"}[name]
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SINCRONIZADOR_CONFIG", raising=False)
    done = CliRunner().invoke(
        main, ["mapeo", "probar", str(EXAMPLES / name), "--mapeo", str(EXAMPLES / f"{toml}.toml")]
    )
    assert "[FIN]" in done.output
    assert f"con el mapeo {toml}: está bien" in done.output


def test_a_file_with_mistakes_is_told_and_ends_with_one(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SINCRONIZADOR_CONFIG", raising=False)
    (tmp_path / "m.toml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "v.txt").write_text("C|7|sobra\nX|1\n", encoding="utf-8")
    done = CliRunner().invoke(main, ["mapeo", "probar", "v.txt", "--mapeo", "m.toml"])
    assert done.exit_code == 1
    assert "E0140 línea 2" in done.output
    assert "C: columna 3" in done.output
    assert "no toma «v.txt»: toma *.pip" in done.output


@pytest.mark.parametrize("pattern", ["*.ok", "v*.OK", "*.o?"])
def test_a_mapping_that_takes_the_markers_of_another_is_told(tmp_path, pattern):
    marked = GOOD.replace("[[seccion]]", '[completo]\nmarca = "OK"\n[[seccion]]', 1)
    (tmp_path / "a.toml").write_text(marked, encoding="utf-8")
    (tmp_path / "b.toml").write_text(GOOD.replace("*.pip", pattern), encoding="utf-8")
    with pytest.raises(NeedsOperator) as caught:
        load_mappings(str(tmp_path), VOCABULARY, {}, largest=1)
    told = str(caught.value)
    assert all(word in told for word in ("completo.marca", "«OK»", "a", "b", pattern)), told
    (tmp_path / "b.toml").write_text(GOOD.replace("*.pip", "*"), encoding="utf-8")
    assert len(load_mappings(str(tmp_path), VOCABULARY, {}, largest=1).items) == 2
