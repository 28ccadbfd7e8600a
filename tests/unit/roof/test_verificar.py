"""`verificar` tries what it tells."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from sincronizador import cli


@pytest.fixture
def shop(prepared: Path, tmp_path: Path) -> Path:
    """An installation with a mirror that is not there."""
    folder = tmp_path / "i"
    shutil.copytree(prepared, folder)
    path = folder / "sincronizador.toml"
    path.write_text(f'{path.read_text("utf-8")}\n[respaldo]\nespejo = "{tmp_path / "espejo"}"\n', "utf-8")
    return path


def told(shop: Path) -> list[str]:
    done = CliRunner().invoke(cli.main, ["--config", str(shop), "verificar"])
    return [line for line in done.output.splitlines() if "espejo" in line]


def test_a_mirror_that_cannot_be_written_is_told(shop: Path, tmp_path: Path) -> None:
    assert told(shop) == [f"MAL   espejo: No existe la carpeta «{tmp_path / 'espejo'}»."]
    (tmp_path / "espejo").write_bytes(b"no es una carpeta")
    (line,) = told(shop)
    assert line.startswith("MAL   espejo: ")


def test_a_mirror_that_can_be_written_is_well_and_keeps_nothing_of_it(shop: Path, tmp_path: Path) -> None:
    (tmp_path / "espejo").mkdir()
    assert told(shop) == [f"bien  espejo: {tmp_path / 'espejo'}"]
    assert list((tmp_path / "espejo").iterdir()) == []
