"""A lote with a crash at every boundary: nothing is lost, nothing is issued twice, its table tells the truth."""

import csv
import os
import random
import re
import shutil

import pytest
from walking import Crash, Machine

DOCUMENT = """[DOCUMENTO]
TIPO=101
REFERENCIA={referencia}
FORMA_PAGO=CONTADO
[ITEM]
DETALLE=Pan
PRECIO={precio}
IVA=MINIMA
"""
PRICES = {"R-1": "10", "R-2": "20", "R-3": "mucho", "R-4": "40"}


def drop_a_lote(machine):
    """Four documents, one of them bad, and the sale of a till that is one of them."""
    documents = "".join(DOCUMENT.format(referencia=name, precio=price) for name, price in PRICES.items())
    machine.drop("L1.txt", f"[LOTE]\nREFERENCIA=L-1\nCANTIDAD=4\n{documents}[FIN]\n")
    machine.drop("A.txt", DOCUMENT.format(referencia="R-4", precio="40") + "[FIN]\n")


def judge(machine):
    """What must hold after any history of falls."""
    machine.pass_time(seconds=3)
    answers = machine.answers()
    assert answers.keys() == {"L1", "A"}
    lote, alone = answers["L1"], answers["A"]
    assert (lote["ESTADO"], lote["RECIBIDOS"], lote["EMITIDOS"], lote["RECHAZADOS"]) == ("NO_RESUELTO", "4", "3", "1")
    with (machine.folder / "spool" / "salida" / lote["CSV"]).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    assert [row["REFERENCIA"] for row in rows] == list(PRICES)
    assert [row["EMITIDO"] for row in rows] == ["SI", "SI", "NO", "SI"]
    numbers = [row["NUMERO"] for row in rows if row["NUMERO"]]
    assert sorted(numbers) == ["1", "2", "3"], "numbers without hole or repetition"
    assert rows[3]["NUMERO"] == alone["NUMERO"], "a sale that came twice has one document"
    with machine.house.journal.reading() as db:
        assert db.execute("SELECT count(*) FROM document").fetchone()[0] == 3
        assert db.execute("SELECT count(*) FROM job WHERE parent IS NOT NULL").fetchone()[0] == 4
    spool = machine.folder / "spool"
    assert os.listdir(spool / "procesando") == []
    kept = sorted(path.name.rpartition(".")[2] for path in (spool / "rechazados").rglob("[!~]*") if path.is_file())
    assert kept == ["csv", "rsp", "txt"]
    papers = machine.papers()
    for number in range(1, 4):
        assert sum(not marked for slug, marked in papers if slug == f"101-A-{number}") <= 1, "two unmarked originals"
        assert any(slug == f"101-A-{number}" for slug, _ in papers), "a sale without paper"


def run_with_falls(machine, falls):
    drop_a_lote(machine)
    for fall in falls:
        machine.fate.count, machine.fate.fall_at = 0, fall
        try:
            machine.work()
        except Crash:
            machine.switch_on()
    machine.fate.fall_at = None
    machine.work()


def on_a_copy(prepared, folder, falls):
    """A history on an installation of its own; how many boundaries its last stretch had."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        shutil.copytree(prepared, folder)
        toml = folder / "sincronizador.toml"
        # Companions have boundaries of their own, in the history of a day.
        toml.write_text(re.sub("(?m)^formatos = .*$", "formatos = []", toml.read_text("utf-8")), "utf-8")
        machine = Machine(folder, monkeypatch)
        try:
            run_with_falls(machine, falls)
            judge(machine)
            return machine.fate.count
        finally:
            machine.house.journal.close()
            shutil.rmtree(folder)


@pytest.mark.parametrize("first", range(1, 5))
def test_a_fall_at_every_boundary_of_a_lote_loses_nothing_and_issues_nothing_twice(prepared, tmp_path, first):
    """A quarter of the boundaries each."""
    boundaries = on_a_copy(prepared, tmp_path / "contar", ())
    assert boundaries > 60
    for boundary in range(first, boundaries + 1, 4):
        try:
            on_a_copy(prepared, tmp_path / str(boundary), (boundary,))
        except AssertionError as error:
            raise AssertionError(f"after a fall at boundary {boundary}: {error}") from error


@pytest.mark.parametrize("seed", range(6))
def test_random_histories_of_many_falls_over_a_lote(prepared, tmp_path, seed):
    chance = random.Random(seed)
    on_a_copy(prepared, tmp_path / "i", [chance.randint(1, 40) for _ in range(chance.randint(3, 12))])
