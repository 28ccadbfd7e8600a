"""Papers among several stations with a fall at every boundary: another takes over, a person decides, a drawer opens."""

import os
import shutil

import pytest
from walking import TICKET, Crash, Machine

from sincronizador.errors import Unavailable
from sincronizador.journal import tasks

OFF = Unavailable("E4011", "La impresora «CAJA1» no está lista: no responde.")
RULE = '[[impresion.regla]]\nvia = "DEPOSITO"\nimpresora = "DEPOSITO"\n'
STRIDE = int(os.environ.get("FRONTERAS", "9"))
"""Every how many boundaries the machine falls; `make fronteras` has all of them."""
DRAWER = "[ABRIR_CAJON]\nIMPRESORA=CAJA2\n[FIN]\n"


def put_together(folder, monkeypatch):
    """CAJA1 is off, CAJA2 takes over, a vía goes to DEPOSITO; nothing but papers is written."""
    machine = Machine(folder, monkeypatch)
    machine.fit(
        RULE, own='suplente = "CAJA2"', names=("CAJA2", "DEPOSITO"), impresion="espera_suplente = 2\nvence = 20"
    )
    machine.configure(salida={"formatos": ()})
    for _ in range(1000):
        machine.printer.fail_next(OFF)
    machine.fate.count = 0
    return machine


def live(machine, fall=None):
    """The hours of one sale and a drawer, with one fall; what a person asked for is asked again after it."""
    machine.fate.fall_at = fall
    machine.drop("A.txt", TICKET.format(referencia="R-A", precio="89"))
    machine.drop("C.txt", DRAWER)
    for act in (machine.work, *[lambda: machine.pass_time(seconds=3)] * 2, lambda: release(machine)):
        try:
            act()
        except Crash:
            machine.switch_on()
            act()
    machine.fate.fall_at = None
    for _ in range(4):
        machine.pass_time(seconds=8)
    # What may lie in CAJA1 waits for CAJA1, whoever else could take over.
    machine.printer._faults.clear()
    release(machine)
    machine.pass_time(seconds=5)


def release(machine):
    machine.order("papel-liberar", que="R-A", impresora="", motivo="")
    machine.work()


def judge(machine):
    found = [page for printer in machine.house.printers.values() for page in printer.pages]
    sale = [(name, page) for name, page in found if name.startswith("101-A-1")]
    originals = [name for name, page in sale if b"COPIA" not in page and b"DEPOSITO" not in page]
    assert len(originals) <= 1, "two unmarked originals"
    assert any("via" not in name for name, _ in sale), "a sale without paper"
    assert any("via" in name for name, _ in machine.others["DEPOSITO"].pages), "no vía"
    assert sum(name.startswith("cajon") for name, _ in found) <= 1, "a drawer that opened twice"
    answers = machine.answers()
    assert (answers["A"]["ESTADO"], answers["A"]["IMPRESION"]) == ("FIRMADO_LOCAL", "IMPRESO")
    assert answers["C"]["ESTADO"] in ("RESUELTO", "NO_RESUELTO")
    with machine.house.journal.reading() as db:
        assert tasks.waiting_to_print(db) == []


def test_a_fall_at_any_boundary_leaves_at_most_one_unmarked_original(prepared, ground):
    counted = lived(prepared, ground / "0", None)
    assert counted > 40
    for boundary in range(1, counted + 1, STRIDE):
        try:
            lived(prepared, ground / str(boundary), boundary)
        except AssertionError as error:
            raise AssertionError(f"after a fall at boundary {boundary}: {error}") from error


def lived(prepared, folder, fall):
    """Boundaries that were passed."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        shutil.copytree(prepared, folder)
        machine = put_together(folder, monkeypatch)
        live(machine, fall)
        judge(machine)
        machine.house.journal.close()
        shutil.rmtree(folder)
        return machine.fate.count
