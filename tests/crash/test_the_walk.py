"""
The walk with a crash at every boundary: real engine, journal, folders, key and printer bytes; only the fall is staged.

A boundary is every begin and end of a transaction, every file that appears or moves, every page that leaves.
"""

import random
import shutil
from datetime import timedelta

import pytest
from day import drop_a_day, judge
from walking import TICKET, Crash, Machine

from sincronizador.core.job import Impresion
from sincronizador.errors import Unanswered, Unavailable
from sincronizador.journal import jobs


def run_with_falls(machine, falls):
    """Work, falling after each of `falls` boundaries and starting again; then work to the end without falls."""
    drop_a_day(machine)
    for fall in falls:
        machine.fate.count, machine.fate.fall_at = 0, fall
        try:
            machine.work()
        except Crash:
            machine.switch_on()
    machine.fate.fall_at = None
    machine.work()


def count_boundaries(prepared, tmp_path):
    with pytest.MonkeyPatch.context() as monkeypatch:
        folder = tmp_path / "contar"
        shutil.copytree(prepared, folder)
        machine = Machine(folder, monkeypatch)
        run_with_falls(machine, ())
        judge(machine)
        machine.house.journal.close()
        return machine.fate.count


def test_a_fall_at_every_boundary_leaves_one_document_and_at_most_one_original(prepared, tmp_path):
    """Each boundary alone: the machine falls there once and is switched on again."""
    boundaries = count_boundaries(prepared, tmp_path)
    assert boundaries > 40
    for boundary in range(1, boundaries + 1):
        with pytest.MonkeyPatch.context() as monkeypatch:
            folder = tmp_path / str(boundary)
            shutil.copytree(prepared, folder)
            machine = Machine(folder, monkeypatch)
            try:
                run_with_falls(machine, (boundary,))
                judge(machine)
            except AssertionError as error:
                raise AssertionError(f"after a fall at boundary {boundary}: {error}") from error
            finally:
                machine.house.journal.close()
            shutil.rmtree(folder)


@pytest.mark.parametrize("seed", range(12))
def test_random_histories_of_many_falls(machine, seed):
    chance = random.Random(seed)
    run_with_falls(machine, [chance.randint(1, 40) for _ in range(chance.randint(3, 12))])
    judge(machine)


def test_without_falls_every_sale_has_one_unmarked_paper(machine):
    run_with_falls(machine, ())
    judge(machine)
    assert sorted(machine.papers()) == [("101-A-1", False), ("101-A-2", False)]
    assert machine.answers()["A"]["IMPRESION"] == "IMPRESO"


def test_a_paper_that_may_be_in_the_printer_comes_out_once_more_marked(machine):
    """The fall right after the page left: nobody can know, so the second one says COPIA."""
    machine.drop("A.txt", TICKET.format(referencia="R-A", precio="89"))
    real = machine.printer.send

    def send_and_fall(page, *, name):
        real(page, name=name)
        raise Crash

    machine.printer.send = send_and_fall
    with pytest.raises(Crash):
        machine.work()
    machine.printer.send = real
    machine.switch_on()
    machine.work()
    assert machine.papers() == [("101-A-1", False), ("101-A-1", True)]


def test_a_doubtful_paper_is_told_and_not_repeated(machine):
    machine.printer.fail_next(Unanswered("E4021", "se cortó en la mitad"))
    machine.drop("A.txt", TICKET.format(referencia="R-A", precio="89"))
    machine.work()
    assert machine.papers() == []
    assert machine.answers()["A"]["IMPRESION"] == Impresion.DUDOSO


def test_news_tell_a_doubt_to_a_reader_that_took_its_answer_away(machine):
    machine.printer.fail_next(Unavailable("E4020", "apagada"))
    machine.printer.fail_next(Unanswered("E4021", "se cortó en la mitad"))
    machine.drop("A.txt", TICKET.format(referencia="R-A", precio="89"))
    machine.work()
    answer = machine.folder / "spool" / "salida" / "A.rsp"
    assert "IMPRESION=PENDIENTE" in answer.read_text()
    answer.unlink()
    machine.clock.time += timedelta(minutes=2)
    machine.work()
    assert not answer.exists(), "a published decision that its reader deleted is not recreated"
    (news,) = (machine.folder / "spool" / "novedades").iterdir()
    assert news.name == "00000001.RSP"
    assert "IMPRESION=DUDOSO" in news.read_text()


def test_an_answer_that_a_fall_makes_be_written_again_names_files_that_are_there(machine, monkeypatch):
    machine.configure(salida={"formatos": ["xml"]})
    salida = machine.folder / "spool" / "salida"
    real = jobs.set_written

    def fall(*_):
        monkeypatch.setattr(jobs, "set_written", real)
        raise Crash

    monkeypatch.setattr(jobs, "set_written", fall)
    machine.drop("A.txt", TICKET.format(referencia="R-A", precio="89"))
    with pytest.raises(Crash):
        machine.work()
    signed = (salida / "A.xml").read_bytes()
    for taken in ("A.rsp", "A.xml"):
        (salida / taken).unlink()
    machine.switch_on()
    machine.work()
    assert machine.answers()["A"]["XML"] == "A.xml"
    assert (salida / "A.xml").read_bytes() == signed


def test_a_printer_that_is_off_delays_neither_the_document_nor_the_order_of_the_papers(machine):
    machine.printer.fail_next(Unavailable("E4020", "apagada"))
    machine.drop("A.txt", TICKET.format(referencia="R-A", precio="89"))
    machine.work()
    machine.drop("B.TXT", TICKET.format(referencia="R-B", precio="110"))
    machine.work()
    assert {answer["IMPRESION"] for answer in machine.answers().values()} == {"PENDIENTE"}
    assert machine.papers() == []
    machine.clock.time += timedelta(minutes=2)
    machine.work()
    assert machine.papers() == [("101-A-1", False), ("101-A-2", False)]
