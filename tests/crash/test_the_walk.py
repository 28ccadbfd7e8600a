"""
The walk with a crash at every boundary: real engine, journal, folders, key and printer bytes; only the fall is staged.

A boundary is every begin and end of a transaction, every file that appears or moves, every page that leaves.
"""

import os
import random
import shutil
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone

import pytest

from sincronizador import files
from sincronizador.cli.demo import prepare_journal, write_installation
from sincronizador.core.job import Impresion
from sincronizador.daemon import assembly
from sincronizador.engine.decision import decide
from sincronizador.engine.house import House
from sincronizador.engine.intake import Intake
from sincronizador.engine.printing import print_next
from sincronizador.engine.publishing import publish
from sincronizador.engine.representing import represent_next
from sincronizador.errors import Unanswered, Unavailable
from sincronizador.folders.answers import parse_answer
from sincronizador.journal.journal import Journal, open_journal
from sincronizador.printing.fake import FakePrinter
from sincronizador.settings import load

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=timezone(timedelta(hours=-3)))

TICKET = """[DOCUMENTO]
TIPO=101
REFERENCIA={referencia}
FORMA_PAGO=CONTADO
[ITEM]
DETALLE=Pan
PRECIO={precio}
IVA=MINIMA
[FIN]
"""


class Crash(BaseException):
    """The machine falls."""


class Fate:
    """Counts boundaries and falls at the chosen one."""

    def __init__(self):
        self.count = 0
        self.fall_at = None

    def tick(self):
        self.count += 1
        if self.fall_at is not None and self.count >= self.fall_at:
            self.fall_at = None
            raise Crash


class FallingJournal(Journal):
    """A journal around which the machine may fall: before a transaction, before its commit, after it."""

    fate: Fate

    @contextmanager
    def transaction(self):
        self.fate.tick()
        with super().transaction() as db:
            yield db
            self.fate.tick()
        self.fate.tick()


class FallingPrinter(FakePrinter):
    """The machine may fall before the page leaves, and after it left."""

    fate: Fate

    def send(self, page, *, name):
        self.fate.tick()
        printed = super().send(page, name=name)
        self.fate.tick()
        return printed


class Clock:
    """A clock that only moves when it is looked at."""

    def __init__(self):
        self.time = NOON

    def now(self):
        self.time += timedelta(milliseconds=1)
        return self.time


@pytest.fixture(scope="session")
def prepared(tmp_path_factory):
    """An installation with certificate and CAE, its relative paths free to be copied."""
    folder = tmp_path_factory.mktemp("instalacion") / "i"
    prepare_journal(write_installation(str(folder), "", NOON))
    return folder


class Machine:
    """An installation without threads: it works until nothing is left to do, and may be switched on again."""

    def __init__(self, folder, monkeypatch):
        self.fate = Fate()
        self.folder = folder
        self.clock = Clock()
        self.printer = FallingPrinter("CAJA1")
        self.printer.fate = self.fate
        self.settings = load(str(folder / "sincronizador.toml"))
        for name in ("_publish", "_rename_noreplace"):
            monkeypatch.setattr(files, name, self._falling(getattr(files, name)))
        self.switch_on()

    def _falling(self, real):
        def both(*args):
            self.fate.tick()
            result = real(*args)
            self.fate.tick()
            return result

        return both

    def switch_on(self):
        """A new process over what is on the disk."""
        journal = FallingJournal(self.settings.diario)
        journal.fate = self.fate
        made, _ = assembly.make_house(self.settings, open_journal(self.settings.diario))
        self.house = House(
            journal=journal, country=made.country, rules=made.rules, layout=made.layout, pen=made.pen,
            printers={"CAJA1": self.printer}, clock=self.clock,
        )  # fmt: skip
        inbox = assembly.make_inbox(self.settings, self.house)
        self.intake = Intake(self.house, inbox)

    def work(self, rounds=200):
        """Until nothing moves any more."""
        for _ in range(rounds):
            done = [
                self.intake.take(),
                decide(self.house),
                represent_next(self.house),
                print_next(self.house, self.printer),
                publish(self.house),
            ]
            if not any(done):
                return
        raise AssertionError("the machine never comes to rest")

    def drop(self, name, text):
        path = self.folder / "spool" / "entrada" / name
        path.write_text(text)

    def answers(self):
        found = {}
        for path in sorted((self.folder / "spool" / "salida").iterdir()):
            if path.suffix.lower() == ".rsp":
                first, blocks = parse_answer(path.read_bytes())
                found[path.stem] = {"": first.value, **dict(blocks[0].fields)}
        return found

    def papers(self):
        """Number of the document and whether it says COPIA, for every page that left."""
        return [(name.split("-copia-")[0], b"COPIA" in page) for name, page in self.printer.pages]


@pytest.fixture
def machine(prepared, tmp_path, monkeypatch):
    folder = tmp_path / "i"
    shutil.copytree(prepared, folder)
    made = Machine(folder, monkeypatch)
    yield made
    made.house.journal.close()


def drop_a_day(machine):
    """Two sales, one of them dropped twice under other names, a bad file and a repeated bad file."""
    machine.drop("A.txt", TICKET.format(referencia="R-A", precio="89"))
    machine.drop("B.TXT", TICKET.format(referencia="R-B", precio="110"))
    machine.drop("A2.txt", TICKET.format(referencia="r-a", precio="89"))
    machine.drop("C.txt", TICKET.format(referencia="R-C", precio="mucho"))


def judge(machine):
    """What must hold after any history of falls."""
    answers = machine.answers()
    assert {name: answer["ESTADO"] for name, answer in answers.items()} == {
        "A": "FIRMADO_LOCAL", "A2": "FIRMADO_LOCAL", "B": "FIRMADO_LOCAL", "C": "RECHAZADO",
    }  # fmt: skip
    assert answers["A"]["NUMERO"] == answers["A2"]["NUMERO"]
    assert sorted({answers["A"]["NUMERO"], answers["B"]["NUMERO"]}) == ["1", "2"], "numbers without hole or repetition"
    assert answers["A"]["A_PAGAR"] == "89.00"
    assert answers["B"]["A_PAGAR"] == "110.00"
    spool = machine.folder / "spool"
    assert os.listdir(spool / "procesando") == []
    assert [name for name in os.listdir(spool / "entrada") if not name.startswith(".")] == []
    kept = [path for root in ("procesados", "rechazados") for path in (spool / root).rglob("*") if path.is_file()]
    dropped = [path for path in kept if path.suffix.lower() == ".txt"]
    assert len(dropped) == 4
    for path in dropped:
        assert path.with_suffix(".RSP" if path.suffix == ".TXT" else ".rsp") in kept, "a copy of the answer beside it"
    for name in ("A", "B", "A2"):
        for companion in ("XML", "PDF", "PNG"):
            assert (spool / "salida" / answers[name][companion]).stat().st_size > 0
    signed = (spool / "salida" / answers["A"]["XML"]).read_bytes()
    assert signed == (spool / "salida" / answers["A2"]["XML"]).read_bytes()
    papers = machine.papers()
    for slug in ("101-A-1", "101-A-2"):
        assert sum(not marked for name, marked in papers if name == slug) <= 1, "two unmarked originals"
        assert any(name == slug for name, _ in papers), "a sale without paper"


def run_with_falls(machine, falls):
    """Work, falling after each of `falls` boundaries and starting again; then work to the end without falls."""
    drop_a_day(machine)
    for fall in falls:
        machine.fate.count, machine.fate.fall_at = 0, fall
        try:
            machine.work()
        except Crash:
            machine.house.journal.close()
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
    machine.house.journal.close()
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
