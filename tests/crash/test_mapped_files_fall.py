"""A file of another program, with the marker that vouches for it, and a fall at every boundary of its walk."""

import shutil
from pathlib import Path

from walking import Crash, Machine

EXAMPLES = Path(__file__).parents[2] / "config" / "mapeos"


def machine_with_mappings(prepared, folder, monkeypatch):
    shutil.copytree(prepared, folder)
    shutil.copytree(EXAMPLES, folder / "mapeos")
    machine = Machine(folder, monkeypatch)
    machine.configure(entrada={"mapeos": str(folder / "mapeos")}, salida={"formatos": ()})
    return machine


def drop(machine):
    machine.drop("venta-774.plano", (EXAMPLES / "venta-774.plano").read_bytes())
    machine.drop("venta-774.OK", b"")
    machine.drop("clipper.pip", (EXAMPLES / "clipper.pip").read_bytes())


def judge(machine):
    spool = machine.folder / "spool"
    line = (spool / "salida" / "venta-774.res").read_text(encoding="cp1252")
    answer = (spool / "salida" / "clipper.rsp").read_text(encoding="cp850")
    assert line.startswith("OK;A;")
    assert answer.startswith("OK\n")
    assert sorted([line.split(";")[2], answer.partition("NUMERO=")[2].partition("\n")[0]]) == ["1", "2"]
    assert [path.name for path in (spool / "entrada").iterdir() if not path.name.startswith(".")] == []
    assert list((spool / "procesando").iterdir()) == []
    (day,) = (spool / "procesados").iterdir()
    kept = sorted(path.suffix for path in day.iterdir() if path.suffix != ".tmp")  # half a page of the one that fell
    assert kept == [".pip", ".plano", ".res", ".rsp"]


def test_wherever_it_falls_each_file_is_one_document_answered_in_its_form(prepared, tmp_path, monkeypatch):
    whole = machine_with_mappings(prepared, tmp_path / "entera", monkeypatch)
    whole.fate.count = 0
    drop(whole)
    whole.work()
    judge(whole)
    boundaries = whole.fate.count
    whole.house.journal.close()
    assert boundaries > 10
    for fall in range(1, boundaries + 1):
        machine = machine_with_mappings(prepared, tmp_path / str(fall), monkeypatch)
        drop(machine)
        machine.fate.count, machine.fate.fall_at = 0, fall
        try:
            machine.work()
        except Crash:
            machine.switch_on()
        machine.fate.fall_at = None
        machine.work()
        judge(machine)
        machine.house.journal.close()
