"""
Whole sales, from the dropped file to paper and answer, as a person reads them.

The files of ``uy/`` are dropped in order into one installation with a fixed clock. Of the signed document all but the
signature is compared: its digest is in the answer. ``pytest tests/goldens --update-goldens`` writes them anew; the
difference is read before it is committed.
"""

import re
from pathlib import Path

import pytest

from sincronizador.printing.commands import commands

FOLDER = Path(__file__).parent / "uy"
NAMES = sorted(path.name for path in FOLDER.iterdir() if re.fullmatch(r"\d{4}-[^.]*\.(txt|xml)", path.name))


def readable_xml(signed):
    """The document without its signature, an element a line."""
    return signed.decode().partition("<Signature")[0].replace("><", ">\n<") + "\n"


def readable_ticket(page):
    """The lines of a ticket, its QR in words."""
    lines, line = [], ""
    for command in commands(page):
        if not command.name:
            line += command.data.decode("cp858")
        elif command.name == b"\n":
            lines.append(line.rstrip())
            line = ""
        elif command.name == b"\x1d(" and command.data[4:6] == b"P0":
            lines.append(f"<QR {command.data[6:].decode()}>")
    return "\n".join(lines) + "\n"


@pytest.fixture
def day(machine):
    """What came of each file, by the extension of its golden."""
    found = {}
    for name in NAMES:
        before = len(machine.printer.pages)
        machine.drop(name, (FOLDER / name).read_bytes())
        machine.work()
        stem = name.rpartition(".")[0]
        salida = machine.folder / "spool" / "salida"
        found[f"{stem}.rsp"] = (salida / f"{stem}.rsp").read_text("utf-8").replace("\r\n", "\n")
        if (salida / f"{stem}.xml").exists():
            found[f"{stem}.cfe.xml"] = readable_xml((salida / f"{stem}.xml").read_bytes())
        for _, page in machine.printer.pages[before:]:
            found[f"{stem}.ticket.txt"] = readable_ticket(page)
    return found


def test_every_sale_is_as_it_was_read(day, request):
    if request.config.getoption("--update-goldens"):
        for name, text in day.items():
            (FOLDER / name).write_text(text, "utf-8")
    golden = {path.name: path.read_text("utf-8") for path in FOLDER.iterdir() if path.name not in NAMES}
    assert sorted(day) == sorted(golden)
    for name, text in golden.items():
        assert day[name] == text, name
