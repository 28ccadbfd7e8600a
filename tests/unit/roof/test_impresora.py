"""``impresora`` as a person types it, over printers that answer, that are off, and that write in a folder."""

import io
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from sincronizador import cli
from sincronizador.printing.virtual import VirtualPrinter


@pytest.fixture
def virtual(tmp_path: Path) -> Iterator[VirtualPrinter]:
    (tmp_path / "papel").mkdir()
    with VirtualPrinter("127.0.0.1", 0, str(tmp_path / "papel")) as printer:
        yield printer


@pytest.fixture
def here(prepared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, virtual: VirtualPrinter) -> Path:
    """An installation with a printer that answers and a folder."""
    shutil.copytree(prepared, tmp_path / "i")
    (tmp_path / "salida").mkdir()
    toml = tmp_path / "i" / "sincronizador.toml"
    printers = f"""
[impresora.DEPOSITO]
via = "carpeta"
destino = "{tmp_path / "salida"}"
columnas = 32
qr = "imagen"
corte = "no"
[impresora.MOSTRADOR]
via = "tcp"
destino = "{virtual.host}:{virtual.port}"
pitido = 2
"""
    toml.write_text(toml.read_text() + printers)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*args: str) -> Result:
    return CliRunner().invoke(cli.main, ["--config", "i/sincronizador.toml", "impresora", *args])


def test_the_state_of_one_printer_is_asked_now(here: Path, virtual: VirtualPrinter) -> None:
    done = run("estado", "mostrador")
    assert (done.exit_code, done.output) == (
        0, f"bien MOSTRADOR (tcp 127.0.0.1:{virtual.port}, 48 columnas): Lista.\n",
    )  # fmt: skip
    virtual.cover_open = True
    done = run("estado", "mostrador")
    assert done.exit_code == 69
    assert "MAL  MOSTRADOR" in done.output
    assert "tiene la tapa abierta" in done.output


def test_the_state_as_data_says_what_is_known_and_what_is_not(here: Path, virtual: VirtualPrinter) -> None:
    virtual.near_end = True
    row = json.loads(run("estado", "MOSTRADOR", "--json").stdout)[0]
    assert row == {
        "nombre": "MOSTRADOR", "via": "tcp", "destino": f"127.0.0.1:{virtual.port}", "columnas": 48, "imprime": True,
        "informa": True, "sin_papel": False, "poco_papel": True, "tapa_abierta": False, "fuera_de_linea": False,
        "falla": False, "texto": "Lista. Queda poco papel.",
    }  # fmt: skip
    virtual.paper_out = True
    row = json.loads(run("estado", "MOSTRADOR", "--json").stdout)[0]
    assert (row["imprime"], row["sin_papel"]) == (False, True)
    virtual.close()
    row = json.loads(run("estado", "MOSTRADOR", "--json").stdout)[0]
    assert (row["imprime"], row["informa"], row["sin_papel"]) == (False, False, None)
    assert "rechaza la conexión" in row["texto"]


def test_seeing_all_of_them_is_never_a_failure(here: Path, virtual: VirtualPrinter) -> None:
    virtual.close()
    seen = run("ver")
    assert seen.exit_code == 0
    assert "bien DEPOSITO" in seen.output
    assert "MAL  MOSTRADOR" in seen.output
    assert run("estado").exit_code == 69


def test_a_trial_page_is_an_original_of_that_printer(here: Path) -> None:
    done = run("probar", "mostrador")
    assert (done.exit_code, done.output) == (0, "MOSTRADOR: IMPRESO. La impresora lo confirmó.\n")
    assert (here / "papel" / "0001.bin").read_bytes().endswith(b"\x1dV\x00\x1bB\x02\x02")
    assert run("probar", "deposito").exit_code == 0
    page = (here / "salida" / "prueba-DEPOSITO.bin").read_bytes()
    assert b"\x1dv0" in page
    assert b"\x1dV" not in page


def test_the_picture_of_the_trial_page_is_that_of_its_bytes(here: Path) -> None:
    done = run("probar", "MOSTRADOR", "--png", "prueba.png")
    assert (done.exit_code, "Escrita en prueba.png" in done.output) == (0, True)
    assert not list(here.rglob("*.bin")), "nothing is printed"
    assert run("probar", "MOSTRADOR").exit_code == 0
    printed = Image.open(here / "papel" / "0001.png")
    assert Image.open(here / "prueba.png").tobytes() == printed.tobytes()


def test_the_sheet_of_code_pages_is_printed_or_drawn(here: Path) -> None:
    done = run("codigos", "MOSTRADOR")
    assert done.exit_code == 0
    assert "pagina_codigos" in done.output
    assert b"CP858:19" in (here / "papel" / "0001.bin").read_bytes()
    done = run("codigos", "MOSTRADOR", "--png", "hoja.png")
    assert done.exit_code == 0
    assert Image.open(io.BytesIO((here / "hoja.png").read_bytes())).width == 48 * 12 + 64
    assert not (here / "papel" / "0002.bin").exists()


def test_an_unknown_printer_is_a_slip_of_who_types(here: Path) -> None:
    for command in ("probar", "codigos", "estado"):
        done = run(command, "NADIE")
        assert done.exit_code == 2
        assert "NADIE" in done.output
