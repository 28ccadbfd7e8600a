"""`verificar` tries what it tells."""

import shutil
import sqlite3
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


def with_ranges(shop: Path, *ranges: tuple[int, int, int, str]) -> None:
    """The CAE of e-Tickets in pieces: first and last number, the next one, until when."""
    with sqlite3.connect(shop.parent / "diario.db") as db:
        db.execute("CREATE TEMP TABLE whole AS SELECT * FROM rango WHERE tipo = 101")
        db.execute("DELETE FROM rango WHERE tipo = 101")
        for piece in ranges:
            db.execute("UPDATE whole SET id = NULL, primero = ?, ultimo = ?, siguiente = ?, vence = ?", piece)
            db.execute("INSERT INTO rango SELECT * FROM whole")
    db.close()


def of_tickets(shop: Path, command: str) -> list[str]:
    """What a command tells of their numbers."""
    done = CliRunner().invoke(cli.main, ["--config", str(shop), command])
    return [line for line in done.output.splitlines() if line.startswith("Números 101") or ": e-Ticket A" in line]


def test_ranges_that_are_used_up_are_no_trouble_while_there_are_others(shop: Path) -> None:
    with_ranges(
        shop, (1, 50, 51, "2099-01-01"), (51, 60, 51, "2020-01-01"), (61, 70, 61, "2099-01-01"),
        (71, 80, 78, "2099-02-01"),
    )  # fmt: skip
    assert of_tickets(shop, "estado") == [
        "Números 101 A: quedan 10, vencen el 2099-01-01", "Números 101 A: quedan 3, vencen el 2099-02-01",
    ]  # fmt: skip
    assert [line[:5].strip() for line in of_tickets(shop, "verificar")] == ["bien", "bien"]


def test_where_none_is_left_the_last_one_tells_it(shop: Path) -> None:
    with_ranges(shop, (1, 50, 51, "2098-01-01"), (51, 60, 61, "2099-01-01"))
    assert of_tickets(shop, "estado") == ["Números 101 A: quedan 0, vencen el 2099-01-01"]
    assert [line[:5].strip() for line in of_tickets(shop, "verificar")] == ["MAL"]
