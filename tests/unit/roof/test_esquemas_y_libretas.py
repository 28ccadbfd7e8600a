"""``[esquemas]`` and ``[[libreta]]``: what a right one gives, what is said of a wrong one, what ``verificar`` says."""

import os
import shutil
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from test_settings import refusal, settings, toml

from sincronizador import cli
from sincronizador.daemon.assembly import make_dialects, make_uruguay
from sincronizador.errors import NeedsOperator
from sincronizador.schemas import load_schemas

LIBRETA = """
[[libreta]]
tipo = 201
serie = "A"
desde = 51
hasta = 100
constancia = "90260000009"
vence = 2028-01-31
"""


@pytest.fixture(scope="session")
def xsd() -> Path:
    """DGI's schemas, which are not part of the project."""
    given = os.environ.get("SINCRONIZADOR_REFERENCIA")
    folder = Path(given) if given else Path(__file__).parents[4] / "shared" / "reference"
    if not folder.is_dir():
        pytest.skip("DGI's schemas are absent: set SINCRONIZADOR_REFERENCIA to the folder that holds uruguay/")
    return folder / "uruguay" / "xsd" / "1.44.2"


def test_booklets_are_told_in_the_toml_one_table_each(tmp_path: Path) -> None:
    got = settings(tmp_path, toml() + LIBRETA + LIBRETA.replace("201", "211"))
    assert [(libreta.tipo, libreta.desde, libreta.vence) for libreta in got.libreta] == [
        (201, 51, date(2028, 1, 31)),
        (211, 51, date(2028, 1, 31)),
    ]


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("tipo = 201", "tipo = 101", "tipo"),
        ('serie = "A"', 'serie = "AAA"', "serie"),
        ("hasta = 100", "hasta = 50", "51 o más"),
        ('constancia = "90260000009"', "constancia = 90260000009", "constancia"),
        ("vence = 2028-01-31", 'vence = "31/01/2028"', "vence"),
    ],
)
def test_a_booklet_that_cannot_be_is_told(tmp_path: Path, before: str, after: str, words: str) -> None:
    error = refusal(tmp_path, toml() + LIBRETA.replace(before, after))
    assert error.code == "E9302"
    assert words in str(error)


def test_the_dialect_of_efactshell_has_the_booklets(tmp_path: Path) -> None:
    folder = tmp_path / "mapeos"
    folder.mkdir()
    shutil.copy(Path(__file__).parents[3] / "config" / "mapeos" / "efactshell.toml", folder)
    got = settings(tmp_path, toml(entrada='mapeos = "mapeos"') + LIBRETA)
    country = make_uruguay(got)
    (dialect,) = make_dialects(got, country)
    content = b"1|219999830019|12|2026-11-21\r\n2|201|A|77|2026-11-21|1|1|\r\n5|UYU|\r\n6|1|3|Pan|1|N/A|1\r\n"
    sections = dialect.read(content, "efacturainfo_12.txt").sections
    assert sections.text_of("DOCUMENTO", "CONSTANCIA") == "90260000009"


def test_a_folder_of_schemas_is_compiled_when_the_country_is_made(tmp_path: Path, xsd: Path) -> None:
    got = settings(tmp_path, toml(esquemas=f'carpeta = "{xsd}"'))
    assert "esquemas.carpeta" not in got.unused()
    make_uruguay(got)
    for folder, words in ((tmp_path, "falta CFEDGI.xsd"), (tmp_path / "no", "no existe")):
        with pytest.raises(NeedsOperator) as caught:
            load_schemas(str(folder))
        assert caught.value.code == "E9308"
        assert words in str(caught.value)
        assert str(folder) in str(caught.value)


def test_verificar_says_that_documents_are_checked_or_that_they_cannot_be(
    prepared: Path, tmp_path: Path, xsd: Path
) -> None:
    folder = tmp_path / "i"
    shutil.copytree(prepared, folder)
    path = folder / "sincronizador.toml"
    whole = path.read_text("utf-8")
    for carpeta, sentence in ((xsd, "bien  esquemas: los de "), (tmp_path, "MAL   E9308 Los esquemas de ")):
        path.write_text(f'{whole}\n[esquemas]\ncarpeta = "{carpeta}"\n', "utf-8")
        done = CliRunner().invoke(cli.main, ["--config", str(path), "verificar"])
        assert any(line.startswith(f"{sentence}{carpeta}") for line in done.output.splitlines()), done.output
