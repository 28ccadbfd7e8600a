"""``plantilla.toml``: what a right one gives, what is said of a wrong one, and that nothing starts with a wrong one."""

import io
import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image
from walking import TICKET

from sincronizador import cli
from sincronizador.core.template import ORDEN, PLAIN, Extra, Lugar, Template
from sincronizador.countries.uy import hiding
from sincronizador.errors import NeedsOperator
from sincronizador.template_toml import load_template

GOOD = """
logo = "img/logo.png"
color = "#1a4D80"
encabezado = ["Abierto todos los días de 8 a 22"]
pie = ["¡Gracias por su compra!", "Cambios dentro de los 30 días"]
ocultar = ["hora", "telefono"]
orden = ["referencias", "informacion", "pagos"]

[[extra]]
campo = "mesa"
rotulo = "Mesa"
lugar = "cabeza"

[[extra]]
campo = "VENDEDOR"
rotulo = "Le atendió"
"""


def logo() -> bytes:
    file = io.BytesIO()
    Image.new("L", (40, 20)).save(file, "PNG")
    return file.getvalue()


def load(folder: Path, text: str) -> Template:
    path = folder / "plantilla.toml"
    path.write_text(text, "utf-8")
    return load_template(str(path), hiding.FREE, hiding.BOUND)


def refusal(folder: Path, text: str) -> NeedsOperator:
    with pytest.raises(NeedsOperator) as caught:
        load(folder, text)
    assert str(folder / "plantilla.toml") in str(caught.value)
    return caught.value


def test_a_right_one_gives_everything_it_says(tmp_path: Path) -> None:
    (tmp_path / "img").mkdir()
    (tmp_path / "img/logo.png").write_bytes(logo())
    assert load(tmp_path, GOOD) == Template(
        logo=logo(),
        color="#1a4D80",
        encabezado=("Abierto todos los días de 8 a 22",),
        pie=("¡Gracias por su compra!", "Cambios dentro de los 30 días"),
        ocultar=frozenset({"hora", "telefono"}),
        orden=("referencias", "informacion", "pagos"),
        extra=(
            Extra(campo="MESA", rotulo="Mesa", lugar=Lugar.CABEZA),
            Extra(campo="VENDEDOR", rotulo="Le atendió", lugar=Lugar.ADENDA),
        ),
    )


def test_an_empty_one_changes_nothing(tmp_path: Path) -> None:
    assert load(tmp_path, "") == PLAIN


def test_the_commented_example_is_right_whatever_is_uncommented(tmp_path: Path) -> None:
    example = (Path(__file__).parents[3] / "config" / "plantilla.toml").read_text("utf-8")
    assert load(tmp_path, example) == PLAIN
    (tmp_path / "logo.png").write_bytes(logo())
    marked = (re.sub(r"^# (?=\[\[\w+\]\]|\w+ = )", "", line) for line in example.splitlines())
    found = load(tmp_path, "\n".join(marked))
    assert found.logo
    assert found.color
    assert found.encabezado
    assert found.pie
    assert found.extra
    assert found.orden == ORDEN


@pytest.mark.parametrize("part", sorted(hiding.BOUND))
def test_what_the_law_wants_cannot_be_hidden_and_the_rule_is_named(tmp_path: Path, part: str) -> None:
    error = refusal(tmp_path, f'ocultar = ["{part}"]')
    assert error.code == "E9308"
    assert f"ocultar dice «{part}»" in str(error)
    assert "Formato CFE v25.2, representación impresa" in str(error)


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ('pies = ["x"]', "E9301", "¿Quiso decir «pie»?"),
        ('ocultar = ["propaganda"]', "E9302", "hora, sucursal"),
        ('logo = "nada.png"', "E9302", "logo vale «nada.png»"),
        ('logo = "plantilla.toml"', "E9302", "una imagen PNG o JPEG"),
        ('logo = "."', "E9302", "un archivo que exista"),
        ("logo = 3", "E9302", "la ruta de un archivo"),
        ('color = "rojo"', "E9302", "un color como"),
        ('encabezado = "Hola"', "E9302", "una lista entre corchetes"),
        ('encabezado = ["1", "2", "3", "4", "5"]', "E9302", "hasta 4"),
        ('pie = ["a\\nb"]', "E9302", "un solo renglón"),
        (f'pie = ["{"a" * 201}"]', "E9302", "200 letras"),
        ('orden = ["pagos"]', "E9302", "cada una una vez"),
        ('orden = ["pagos", "pagos", "referencias"]', "E9302", "cada una una vez"),
        ('[[extra]]\ncampo = "A-B"\nrotulo = "x"', "E9302", "el nombre de un campo de [EXTRA]"),
        ('[[extra]]\ncampo = "A"', "E9303", "rotulo"),
        ('[[extra]]\ncampo = "A"\nrotulo = "x"\nlugar = "pie"', "E9302", "adenda"),
        ('[[extra]]\ncampo = "A"\nrotulo = "x"\nlugar = "cabeza"\n' * 3, "E9302", "2 renglones"),
        ("qr = false", "E9301", "qr"),
        ('rut = "219999830019"\n[emisor]\nx = 1', "E9307", "una instalación"),
        ("ocultar = [", "E9305", "bien escrito"),
    ],
)
def test_what_is_wrong_is_told_with_file_key_and_what_was_expected(
    tmp_path: Path, text: str, code: str, words: str
) -> None:
    with pytest.raises(NeedsOperator) as caught:
        load(tmp_path, text)
    assert caught.value.code == code
    assert words in str(caught.value)


@pytest.fixture
def shop(prepared: Path, tmp_path: Path) -> Path:
    """An installation whose settings name a template that is not there yet."""
    folder = tmp_path / "i"
    shutil.copytree(prepared, folder)
    path = folder / "sincronizador.toml"
    text = path.read_text("utf-8")
    assert "[impresion]" not in text
    path.write_text(f'{text}\n[impresion]\nplantilla = "plantilla.toml"\n', "utf-8")
    return folder


def run(shop: Path, *args: str) -> tuple[int, str]:
    done = CliRunner().invoke(cli.main, ["--config", str(shop / "sincronizador.toml"), *args])
    return done.exit_code, done.output


@pytest.mark.parametrize("command", ["verificar", "iniciar"])
def test_with_a_wrong_one_nothing_starts(shop: Path, command: str) -> None:
    (shop / "plantilla.toml").write_text('ocultar = ["cae"]', "utf-8")
    code, told = run(shop, command)
    assert code != 0
    assert "ocultar dice «cae»" in told


def test_a_template_that_is_not_there_is_told(shop: Path) -> None:
    code, told = run(shop, "iniciar")
    assert code == 78
    assert f"no se puede leer «{shop / 'plantilla.toml'}»" in told


def test_verificar_and_validar_use_it(shop: Path, tmp_path: Path) -> None:
    (shop / "plantilla.toml").write_text('encabezado = ["Abierto de 8 a 22"]\nocultar = ["hora"]', "utf-8")
    assert f"bien  plantilla: {shop / 'plantilla.toml'}" in run(shop, "verificar")[1]
    (tmp_path / "v.txt").write_text(TICKET.format(referencia="R-1", precio="110"), "utf-8")
    code, told = run(shop, "validar", str(tmp_path / "v.txt"))
    assert code == 0
    assert "Abierto de 8 a 22" in told
