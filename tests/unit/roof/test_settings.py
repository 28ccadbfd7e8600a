"""The TOML: what a right one gives, and what is said about a wrong one."""

import json
import os
import tempfile
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sincronizador.daemon.assembly import make_rules
from sincronizador.errors import NeedsOperator
from sincronizador.settings import PLACES, Entrada, Impresora, Settings, find_toml, load
from sincronizador.toml import parse

LEAST = {
    "": 'ambiente = "prueba"',
    "instalacion": 'id = "S01"',
    "emisor": """
rut = "219999830019"
razon_social = "PRUEBA"
sucursal = "1"
domicilio = "18 de Julio 1234"
ciudad = "Montevideo"
departamento = "Montevideo"
web = "www.example.com"
resolucion = "Res. 1/2026"
""",
    "certificado": 'archivo = "emisor.p12"\nclave = "./clave.txt"',
}
"""The least TOML that is right, by table."""


def toml(**tables: str) -> str:
    """The least TOML with lines added to its tables; ``top`` are those before the first."""
    added = {table.replace("__", "."): text for table, text in tables.items()}
    top = f"{LEAST['']}\n{added.pop('top', '')}\n"
    names = [*(name for name in LEAST if name), *(name for name in added if name not in LEAST)]
    return top + "\n".join(f"[{name}]\n{LEAST.get(name, '')}\n{added.get(name, '')}" for name in names)


def settings(folder: Path, text: str) -> Settings:
    """What that TOML gives in `folder`."""
    path = folder / "sincronizador.toml"
    path.write_text(text, encoding="utf-8")
    return load(str(path))


def refusal(folder: Path, text: str) -> NeedsOperator:
    """What is said about that TOML."""
    with pytest.raises(NeedsOperator) as caught:
        settings(folder, text)
    return caught.value


def test_the_least_toml_gives_every_default(tmp_path: Path) -> None:
    got = settings(tmp_path, toml())
    assert (got.pais, got.ruta, got.entrada.precios, got.textos.largos) == ("uy", "local", "CON_IVA", "recortar")
    assert (got.entrada.incompleto, got.entrada.maximo, got.salida.formatos) == (60.0, 5_000_000, ())
    assert got.totales.tolerancia == Decimal("1.00")


def test_paths_are_relative_to_the_toml_wherever_the_program_was_started(tmp_path: Path) -> None:
    got = settings(tmp_path, toml(impresora__CAJA1='via = "carpeta"\ndestino = "papel"', entrada='carpeta = "/mnt/e"'))
    assert got.spool == str(tmp_path / "spool")
    assert got.diario == str(tmp_path / "diario.db")
    assert got.certificado.archivo == str(tmp_path / "emisor.p12")
    assert got.impresora["CAJA1"].destino == str(tmp_path / "papel")
    assert got.entrada.carpeta == "/mnt/e"


def test_the_address_of_a_network_printer_is_no_path(tmp_path: Path) -> None:
    got = settings(tmp_path, toml(impresora__COCINA='via = "tcp"\ndestino = "10.0.0.5:9100"'))
    assert got.impresora["COCINA"].destino == "10.0.0.5:9100"


def test_the_journal_lies_beside_the_spool_unless_told_otherwise(tmp_path: Path) -> None:
    assert settings(tmp_path, toml(top='spool = "/srv/s/spool"')).diario == "/srv/s/diario.db"
    assert settings(tmp_path, toml(top='diario = "/var/lib/s/d.db"')).diario == "/var/lib/s/d.db"


@pytest.mark.parametrize("diario", ["spool/diario.db", "spool/entrada/d.db", "spool", "/mnt/e/diario.db"])
def test_a_journal_inside_a_working_folder_is_refused(tmp_path: Path, diario: str) -> None:
    error = refusal(tmp_path, toml(top=f'diario = "{diario}"', entrada='carpeta = "/mnt/e"'))
    assert error.code == "E9302"
    assert "fuera de las carpetas de trabajo" in str(error)


def test_a_journal_in_a_folder_that_only_begins_like_the_spool_is_fine(tmp_path: Path) -> None:
    assert settings(tmp_path, toml(top='diario = "spool2/diario.db"')).diario == str(tmp_path / "spool2" / "diario.db")


@pytest.mark.parametrize(("written", "value"), [('"6,1690"', "6.1690"), ('"6.1690"', "6.1690"), ("6.1690", "6.1690")])
def test_a_ui_value_keeps_its_decimals_however_it_is_written(tmp_path: Path, written: str, value: str) -> None:
    got = settings(tmp_path, toml(ui=f"2026 = {written}"))
    assert got.ui == {2026: Decimal(value)}
    assert str(got.ui[2026]) == value


@pytest.mark.parametrize("written", ['"1.175,50"', '"seis"', "true", "nan", "inf", "-1", '""', "[6]"])
def test_an_amount_that_is_none_is_refused(tmp_path: Path, written: str) -> None:
    error = refusal(tmp_path, toml(ui=f"2026 = {written}"))
    assert "ui.2026" in str(error)
    assert "un número" in str(error)


@pytest.mark.parametrize(
    ("table", "line", "nearest"),
    [
        ("entrada", 'carpta = "x"', "«carpeta»"),
        ("emisor", 'razonsocial = "x"', "«razon_social»"),
        ("impresora__CAJA1", 'via = "tcp"\ndestino = "h:1"\ncolumna = 48', "«columnas»"),
        ("top", 'ambient = "x"', "«ambiente»"),
        ("top", 'precios = "x"', "[entrada]"),
        ("emisor", 'ambiente = "prueba"', "antes de las tablas"),
        ("salidas", "formatos = []", "«salida»"),
        ("nube", 'url = "https://n"\ntoken = "./t"\npaciensia = 4', "«paciencia»"),
    ],
)
def test_an_unknown_key_names_the_nearest_known_one(tmp_path: Path, table: str, line: str, nearest: str) -> None:
    error = refusal(tmp_path, toml(**{table: line}))
    assert error.code == "E9301"
    assert nearest in str(error)


def test_a_value_that_is_a_table_or_very_long_does_not_flood_the_sentence(tmp_path: Path) -> None:
    message = str(refusal(tmp_path, toml(top=f'pais = {{ x = 1 }}\nruta = "{"x" * 500}"')))
    assert "pais vale «una tabla»" in message
    assert max(map(len, message.splitlines())) < 200


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    text = toml(
        top='rruta = "local"', entrada="espera = 0\nmaximo = 1.5", salida='formatos = ["doc"]', plazo="decision = true"
    )
    message = str(refusal(tmp_path, text))
    assert "tiene 5 problemas" in message
    assert message.count("\n  - ") == 5
    assert all(word in message for word in ("rruta", "entrada.espera", "entrada.maximo", '"xml"', "plazo.decision"))


def test_a_missing_table_or_key_is_told_with_its_place(tmp_path: Path) -> None:
    error = refusal(tmp_path, 'ambiente = "prueba"\n[emisor]\nrut = "1"')
    assert error.code == "E9303"
    assert "Falta la tabla [certificado]." in str(error)
    assert "Falta «web» en [emisor]" in str(error)


def test_the_default_journal_is_not_blamed_for_a_wrong_spool(tmp_path: Path) -> None:
    message = str(refusal(tmp_path, toml(top="spool = 7")))
    assert "spool vale «7»" in message
    assert "un problema" in message


def test_a_till_whose_printer_does_not_exist_is_told_which_ones_do(tmp_path: Path) -> None:
    text = toml(impresora__COCINA='via = "tcp"\ndestino = "h:1"', caja__CAJA1='impresora = "COSINA"')
    assert "COCINA" in str(refusal(tmp_path, text))


def test_names_of_printers_and_tills_do_not_depend_on_case(tmp_path: Path) -> None:
    text = toml(impresora__cocina='via = "tcp"\ndestino = "h:1"', caja__caja1='impresora = "Cocina"')
    got = settings(tmp_path, text)
    assert (list(got.impresora), list(got.caja)) == (["COCINA"], ["CAJA1"])


def test_two_printers_whose_names_differ_in_case_only_are_refused(tmp_path: Path) -> None:
    printer = 'via = "tcp"\ndestino = "h:1"'
    assert "mayúsculas" in str(refusal(tmp_path, toml(impresora__A=printer, impresora__a=printer)))


@pytest.mark.parametrize("table", ["CAJA12345", '"CAJA 1"', '"../x"', '""'])
def test_a_till_must_be_a_name_that_an_old_system_can_have_as_a_folder(tmp_path: Path, table: str) -> None:
    printer = toml(impresora__A='via = "tcp"\ndestino = "h:1"')
    assert refusal(tmp_path, f'{printer}\n[caja.{table}]\nimpresora = "A"').code == "E9302"


@pytest.mark.parametrize(
    "line", ['clave = "hunter2"', "clave = 1234567", 'clave = ["hunter2"]', 'clave = "credencial:../x"']
)
def test_a_password_in_the_toml_is_refused_and_not_repeated(tmp_path: Path, line: str) -> None:
    text = toml().replace('clave = "./clave.txt"', line)
    error = refusal(tmp_path, text)
    assert "certificado.clave" in str(error)
    assert "nunca el secreto" in str(error)
    assert not any(secret in str(error) for secret in ("hunter2", "1234567"))


def test_a_password_written_in_place_of_a_table_is_not_repeated_either(tmp_path: Path) -> None:
    text = toml().replace('[certificado]\narchivo = "emisor.p12"\nclave = "./clave.txt"', "")
    assert "hunter2" not in str(refusal(tmp_path, 'certificado = "hunter2"\n' + text))


def test_a_file_beside_the_toml_is_a_path_even_without_a_slash(tmp_path: Path) -> None:
    (tmp_path / "clave.txt").write_text("x")
    got = settings(tmp_path, toml().replace("./clave.txt", "clave.txt"))
    assert got.certificado.clave.path == str(tmp_path / "clave.txt")


def test_settings_cannot_be_changed(tmp_path: Path) -> None:
    got = settings(tmp_path, toml())
    with pytest.raises(ValidationError):
        got.ambiente = "produccion"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b'ambiente = "prueba"\nx = = 1\n', "línea 2"),
        (b'ambiente = "prueba\xf1"\n', "UTF-8"),
        (b'ambiente = "pru', "bien escrito"),
    ],
)
def test_a_broken_toml_is_told_where(tmp_path: Path, content: bytes, word: str) -> None:
    path = tmp_path / "s.toml"
    path.write_bytes(content)
    with pytest.raises(NeedsOperator) as caught:
        load(str(path))
    assert caught.value.code == "E9305"
    assert word in str(caught.value)


def test_a_toml_saved_by_notepad_with_a_bom_is_read(tmp_path: Path) -> None:
    path = tmp_path / "s.toml"
    path.write_bytes(b"\xef\xbb\xbf" + toml().replace("\n", "\r\n").encode())
    assert load(str(path)).ambiente == "prueba"


@pytest.mark.parametrize("path", ["falta.toml", "."])
def test_a_toml_that_cannot_be_read_is_a_sentence(tmp_path: Path, path: str) -> None:
    with pytest.raises(NeedsOperator) as caught:
        load(str(tmp_path / path))
    assert caught.value.code == "E9304"


def test_the_option_goes_before_the_environment_and_that_before_the_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SINCRONIZADOR_CONFIG", raising=False)
    with pytest.raises(NeedsOperator, match="--config"):
        find_toml(None)
    os.makedirs("config")
    Path("config/sincronizador.toml").touch()
    assert find_toml(None) == PLACES[-1]
    monkeypatch.setenv("SINCRONIZADOR_CONFIG", "otro.toml")
    assert find_toml(None) == "otro.toml"
    assert find_toml("este.toml") == "este.toml"


def written(value: object) -> str:
    """A value as TOML."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{written(str(key))} = {written(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(written, value)) + "]"
    if isinstance(value, date | float):
        return str(value)
    return json.dumps(value, ensure_ascii=False)


KEYS = st.sampled_from(
    [*Settings.model_fields, *Entrada.model_fields, *Impresora.model_fields, "clave", "2026", "CAJA1", "caja1", "x", ""]
)
VALUES = st.recursive(
    st.one_of(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x7f"), max_size=12),
        st.integers(-(2**63), 2**63 - 1),
        st.floats(),
        st.booleans(),
        st.dates(),
        st.sampled_from(["prueba", "tcp", "h:1", "utf-8", "credencial:x", "..", "/", "1,5"]),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=8,
)


@given(st.dictionaries(KEYS, VALUES, max_size=8))
def test_whatever_a_toml_says_it_is_settings_or_sentences(tables: dict[str, object]) -> None:
    lines = "\n".join(f"{written(key)} = {written(value)}" for key, value in tables.items())
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "s.toml")
        Path(path).write_text(lines, encoding="utf-8")
        with pytest.raises(NeedsOperator) as caught:
            load(path)
    assert caught.value.code in ("E9301", "E9302", "E9303")
    assert not any(word in str(caught.value) for word in ("Input should", "Value error", "valid"))


@given(st.sampled_from([name for name in Settings.model_fields if name not in (*LEAST, "ambiente")]), VALUES)
def test_any_value_of_a_table_is_settings_or_sentences(table: str, value: object) -> None:
    said = "E9301"
    with tempfile.TemporaryDirectory() as folder:
        try:
            settings(Path(folder), toml(top=f"{table} = {written(value)}"))
        except NeedsOperator as error:
            said = error.code
    assert said in ("E9301", "E9302", "E9303")


def test_keys_that_this_version_does_nothing_about_are_named(tmp_path: Path) -> None:
    found = settings(tmp_path, toml(salida="conservar = 30", respaldo='espejo = "/otro"'))
    assert found.unused() == []


@pytest.mark.parametrize("part", ["a", '"a"', "'a'", '"\\"."', ' "a" '])
def test_a_key_of_too_many_parts_is_refused_before_it_is_read(tmp_path, part):
    path = tmp_path / "mapeo.toml"
    for line in (f"a{f'.{part}' * 30_000} = 1", f"b = 1\n[a{f'.{part}' * 30_000}]"):
        path.write_text(line, "utf-8")
        with pytest.raises(NeedsOperator, match="demasiados niveles"):
            parse(str(path))


def test_any_number_of_dots_may_stand_in_values(tmp_path):
    values = [str(n / 10) for n in range(500)]
    text = "Uno y dos. " * 500 + "." * 500
    lines = f"texto = '{text}'\nlista = [{', '.join(values)}]\nnombres = {values}\n# {text}\n"
    (tmp_path / "mapeo.toml").write_text(lines, "utf-8")
    assert parse(str(tmp_path / "mapeo.toml"))["nombres"] == values


STATIONS = {f"impresora__{name}": 'via = "tcp"\ndestino = "h:1"' for name in ("CAJA1", "DEPOSITO")}
RULES = """
[caja.C9]
[[impresion.regla]]
caja = ["caja1", "C9"]
tipo = ["e-Factura", 112, "nc e-ticket"]
via = " Depósito "
impresora = "deposito"
copias = 2
"""


def test_rules_of_papers_take_one_or_several_tills_and_types(tmp_path):
    got = settings(tmp_path, toml(**STATIONS) + RULES)
    rule = make_rules(got).reglas[0]
    assert (rule.cajas, rule.tipos) == ({"CAJA1", "C9"}, {111, 112, 102})
    assert (rule.via, rule.impresora, rule.copias) == ("Depósito", "DEPOSITO", 2)
    one = settings(tmp_path, toml(**STATIONS) + '\n[[impresion.regla]]\ncaja = "CAJA1"\ntipo = 101\ncopias = 1\n')
    assert make_rules(one).reglas[0].covers("caja1", 101)
    assert not make_rules(one).reglas[0].covers("caja1", 102)


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ('impresora = "COCINA"', "impresion.regla 1.impresora vale «COCINA» y debe ser una impresora que exista"),
        ('copias = 1\ncaja = "C1"', "impresion.regla 1.caja vale «C1» y debe ser una caja con su tabla"),
        ('copias = 1\ntipo = "e-Fctura"', "impresion.regla 1.tipo vale «e-Fctura» y debe ser un tipo de comprobante"),
        ('copias = 1\ntipo = ["VENTA", 111]', "impresion.regla 1.tipo vale «VENTA»"),
        ('caja = "CAJA1"', "«impresora», «copias» o «via»"),
        ('via = "un nombre de más de veinte letras"', "impresion.regla 1.via"),
        ("copia = 1", "¿Quiso decir «copias»?"),
        ('copias = "2"', "impresion.regla 1.copias"),
    ],
)  # fmt: skip
def test_a_rule_that_names_what_is_not_there_is_refused_with_its_key(tmp_path, rule, sentence):
    assert sentence in str(refusal(tmp_path, toml(**STATIONS) + f"\n[[impresion.regla]]\n{rule}\n"))


@pytest.mark.parametrize(
    ("own", "sentence"),
    [
        ('suplente = "COCINA"', "impresora.CAJA1.suplente vale «COCINA» y debe ser una impresora que exista"),
        ('suplente = "caja1"', "impresora.CAJA1.suplente vale «CAJA1» y debe ser otra impresora"),
        ('cajon = "a veces"', "impresora.CAJA1.cajon"),
    ],
)
def test_a_station_that_cannot_be_so_is_refused_with_its_key(tmp_path, own, sentence):
    station = f'via = "tcp"\ndestino = "h:1"\n{own}'
    assert sentence in str(refusal(tmp_path, toml(impresora__CAJA1=station)))
