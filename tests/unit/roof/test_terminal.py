"""What a stranger writes into a file, or names it, never commands the terminal of who looks at it."""

import io
import json
import os
import shutil
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from walking import TICKET, Machine

from sincronizador import cli, progress
from sincronizador.cli import terminal
from sincronizador.cli.terminal import shown

NASTY = "\x1b]0;jaja\x07\x1b[2J\u009b31m\u202e\x7f"
"""A title, a cleared screen, the one-byte form of an escape, text from right to left, a deletion."""
FEW = "\x1b[2J\u009b31m\u202e"
"""A file with more of them is no text to us."""
GOOD = TICKET.format(referencia="R-1", precio="110")
SALE = GOOD.replace("Pan", f"Pan{FEW}")
BAD = GOOD.replace("IVA=MINIMA", f"IVA=MINI{FEW}").replace("[ITEM]", f"[ITEM]\nCOLOR{FEW}=1")
MAPPING = """archivos = ["*.pip"]
formato = "csv"
[forma]
separador = "|"
encabezado = true
[[seccion]]
nombre = "DOCUMENTO"
registro = "fila"
[seccion.campos]
REFERENCIA = { columna = "ref" }
"""


@pytest.fixture
def here(prepared, tmp_path, monkeypatch):
    """A copy of an installation that was never started."""
    shutil.copytree(prepared, tmp_path / "i")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*args: str) -> Result:
    return CliRunner().invoke(cli.main, ["--config", "i/sincronizador.toml", *args])


def is_harmless(output: str) -> bool:
    return not [letter for letter in output if not letter.isprintable() and letter != "\n"]


@pytest.mark.parametrize("text", [SALE, BAD], ids=["good", "bad"])
@pytest.mark.parametrize("how", [[], ["--breve"], ["--json"]], ids=["", "breve", "json"])
def test_a_file_that_is_checked_sends_no_commands(here: Path, text: str, how: list[str]) -> None:
    name = f"a{NASTY}\n.txt"
    (here / name).write_text(text, "utf-8")
    done = run("validar", *how, name)
    assert is_harmless(done.output)
    assert text is SALE or "MINI" in done.output
    if how == ["--json"]:
        assert json.loads(done.output)["archivos"][0]["archivo"] == name


def test_a_name_that_is_no_text_can_be_checked(here: Path) -> None:
    name = os.fsdecode(b"a\xff.txt")
    (here / name).write_text(GOOD, "utf-8")
    assert "está bien" in run("validar", name).output
    assert json.loads(run("validar", "--json", name).output)["archivos"][0]["valido"]


@pytest.mark.parametrize("how", [[], ["--json"]], ids=["", "json"])
def test_a_file_that_a_mapping_reads_sends_no_commands(here: Path, how: list[str]) -> None:
    (here / "m.toml").write_text(MAPPING, "utf-8")
    (here / f"x{NASTY}.pip").write_text(f"ref|otra{FEW}\nV-1{FEW}|algo, y mucho, de un texto que es texto\n", "utf-8")
    done = run("mapeo", "probar", "--mapeo", "m.toml", *how, f"x{NASTY}.pip")
    assert "V-1" in done.output
    assert is_harmless(done.output)


def test_neither_does_a_stranger_s_xml(here: Path) -> None:
    (here / f"x{NASTY}.xml").write_text("<CFE>\u009b31m</CFE>", "utf-8")
    for how in ([], ["--json"]):
        assert is_harmless(run("verificar-xml", *how, f"x{NASTY}.xml").output)


def test_what_the_journal_kept_of_it_sends_none_either(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(here / "i", monkeypatch)
    machine.drop(f"V1{NASTY}\n.txt", BAD)
    machine.drop("V2.txt", SALE)
    machine.work()
    machine.pass_time(seconds=1)
    machine.house.journal.close()
    for verb in ("estado", "explicar"):
        for what in (f"V1{NASTY}\n.txt", "R-1", NASTY):
            for how in ([], ["--json"]):
                assert is_harmless(run(verb, *how, what).output), (verb, what, how)
    assert is_harmless(run("estado").output)


def test_blanks_of_other_kinds_are_blanks() -> None:
    assert shown("1\u00a0000\t|\r\n") == "1 000   |  "


def test_no_command_speaks_to_the_terminal_past_it() -> None:
    """The demonstrations write only what they made themselves."""
    folder = Path(cli.__file__).parent
    speaks = {path.name for path in folder.glob("*.py") if "click.echo(" in path.read_text("utf-8")}
    assert {name for name in speaks if not name.startswith(("show", "demo"))} == {"terminal.py"}


def test_long_work_draws_a_bar_only_on_a_terminal_and_quick_work_none(monkeypatch: pytest.MonkeyPatch) -> None:
    class Screen(io.StringIO):
        is_there = True

        def isatty(self) -> bool:
            return self.is_there

    def work(*pauses: float) -> str:
        screen, clock = Screen(), iter([0.0, *pauses])
        screen.is_there = bool(pauses)
        monkeypatch.setattr(sys, "stderr", screen)
        monkeypatch.setattr(terminal.time, "monotonic", lambda: next(clock, 99.0))
        with terminal._progress_bars():
            for done in range(1, 4):
                progress.tell(f"Copio {NASTY}", done, 3)
        return screen.getvalue()

    assert work() == ""
    assert work(0.1, 0.2, 0.3, 0.4, 0.5, 0.6) == ""
    drawn = work(5.0, 6.0)
    assert "Copio" in drawn
    assert "100%" in drawn
    assert NASTY not in drawn
    assert drawn.endswith("\n")
