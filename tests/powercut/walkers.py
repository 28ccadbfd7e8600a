"""
The walk without threads on a drive that loses power: each life of the machine is a process that is killed at the cut.

What the world saw (files that were handed over durably, answers, papers) is kept elsewhere, and judged in the end.
"""

import json
import os
import shutil
import sqlite3
from collections import Counter
from pathlib import Path

import pytest
from drive import Drive
from lives import live
from walking import TICKET, Machine

from sincronizador.folders.answers import parse_answer
from sincronizador.printing.fake import FakePrinter

SALES = {"A.txt": ("R-A", "89"), "B.TXT": ("R-B", "110"), "A2.txt": ("r-a", "89"), "C.txt": ("R-C", "mucho")}
"""Two sales, one of them dropped again under another name, and a bad file."""


class World:
    """Everything outside the drive: paper, and what people remember."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self.folder = folder

    def saw(self, what: str, name: str, content: str = "") -> None:
        """Remember it; a line of a file, since whoever saw it may be killed next."""
        with (self.folder / "seen").open("a") as file:
            file.write(json.dumps((what, name, content)) + "\n")

    def seen(self, what: str) -> list[tuple[str, str]]:
        """Names and contents of what was seen."""
        if not (self.folder / "seen").exists():
            return []
        lines = map(json.loads, (self.folder / "seen").read_text().splitlines())
        return [(name, content) for kind, name, content in lines if kind == what]


class Paper(FakePrinter):
    """Its pages fall into the world."""

    world: World

    def send(self, page: bytes, *, name: str):
        self.world.saw("paper", name.split("-copia-", maxsplit=1)[0], "COPIA" if b"COPIA" in page else "")
        return super().send(page, name=name)


class Walker(Machine):
    """A machine whose answers are looked at after every step."""

    def __init__(self, folder: Path, world: World, **how: object) -> None:
        self.world = world
        super().__init__(folder, pytest.MonkeyPatch(), **how)
        self.settings = self.settings.model_copy(
            update={"salida": self.settings.salida.model_copy(update={"formatos": ("xml",)})}
        )
        self.printer = Paper("CAJA1")
        self.printer.world = world
        self.house.journal.close()
        self.switch_on()
        self._wrap()

    def _wrap(self) -> None:
        publish = self.publisher.publish

        def look() -> int:
            done = publish()
            for path in answers(self.folder):
                self.world.saw("answer", path.name, path.read_bytes().decode())
            return done

        self.publisher.publish = look

    def hand_over(self, name: str, content: bytes, *, durably: bool = True) -> None:
        """Drop a file as programs do; a careful one knows then that it is there."""
        entrada = self.folder / "spool" / "entrada"
        with (entrada / f"{name}.tmp").open("wb") as file:
            file.write(content)
            file.flush()
            if durably:
                os.fsync(file.fileno())
        os.rename(entrada / f"{name}.tmp", entrada / name)
        if durably:
            folder = os.open(entrada, os.O_RDONLY)
            os.fsync(folder)
            os.close(folder)
            self.world.saw("dropped", name)

    def drop_what_is_missing(self) -> None:
        """The legacy system goes on with what it does not know to be there."""
        known = {name for name, _ in self.world.seen("dropped")}
        for name, (referencia, precio) in SALES.items():
            if name not in known:
                self.hand_over(name, TICKET.format(referencia=referencia, precio=precio).encode())


def answers(folder: Path) -> list[Path]:
    """The answers that can be read."""
    return [path for path in sorted((folder / "spool" / "salida").iterdir()) if path.suffix.lower() == ".rsp"]


def a_day(walker: Walker) -> None:
    """Drop and work until nothing is left to do."""
    walker.drop_what_is_missing()
    walker.work()
    walker.pass_time(seconds=2)


def a_life(drive: Drive, world: World, *, without: str = "") -> str:
    """A day of the machine, until it ends or the power does; what it died of."""
    return live(lambda: a_day(Walker(drive.folder / "i", world)), without=without)


def install(drive: Drive, prepared: Path) -> None:
    """An installation on the drive, which can be had again and again."""
    shutil.copytree(prepared, drive.folder / "i")
    drive.keep()


def faults(drive: Drive, world: World) -> list[str]:
    """Promises that were not kept, once all is quiet."""
    folder = drive.folder / "i"
    found = [*unreadable(drive)]
    now = {path.name: path.read_bytes().decode() for path in answers(folder)}
    for name, (_, precio) in SALES.items():
        said = now.get(answer_name(name))
        if said is None:
            found.append(f"{name} has no answer")
            continue
        good = precio.isdigit()
        if fields(said).get("A_PAGAR") != (f"{precio}.00" if good else None):
            found.append(f"{name}: {said[:60]!r}")
    found += [
        f"{name} said {number(before)}, now {number(now.get(name, ''))}"
        for name, before in world.seen("answer")
        if before.startswith("OK") and number(before) != number(now.get(name, ""))
    ]
    found += [
        f"{name}: its signed bytes changed"
        for name, before in world.seen("answer")
        if _other_bytes(before, now.get(name, ""))
    ]
    numbers = {number(said) for said in now.values() if number(said)}
    if numbers != {("101", "A", "1"), ("101", "A", "2")}:
        found.append(f"the numbers are {sorted(numbers)}")
    found += [*_papers(world, numbers), *_folders(folder)]
    return found


def unreadable(drive: Drive) -> list[str]:
    """What somebody would misread after a cut: half an answer, a journal that does not open."""
    folder = drive.folder / "i"
    found = []
    for path in answers(folder):
        try:
            content = path.read_bytes()
            parse_answer(content)
            if not content.endswith(b"\r\n"):
                found.append(f"half an answer in {path.name}: {content!r}")
        except ValueError:
            found.append(f"no answer in {path.name}: {path.read_bytes()[:80]!r}")
    db = sqlite3.connect(folder / "diario.db")
    try:
        if (said := db.execute("PRAGMA integrity_check").fetchone()[0]) != "ok":
            found.append(f"the journal: {said}")
    except sqlite3.DatabaseError as error:
        found.append(f"the journal: {error}")
    finally:
        db.close()
    return found


def fields(answer: str) -> dict[str, str]:
    """The fields of an answer."""
    return dict(line.split("=", 1) for line in answer.split("\r\n") if "=" in line)


def number(answer: str) -> tuple[str, ...] | None:
    """The document's number that an answer tells."""
    told = fields(answer)
    return (told["TIPO"], told["SERIE"], told["NUMERO"]) if told.get("NUMERO") else None


def answer_name(name: str) -> str:
    """Of a dropped file."""
    stem, _, extension = name.rpartition(".")
    return f"{stem}.{'RSP' if extension.isupper() else 'rsp'}"


def _other_bytes(before: str, now: str) -> bool:
    return bool(number(before)) and fields(before).get("HASH") != fields(now).get("HASH")


def _papers(world: World, numbers: set[tuple[str, ...]]) -> list[str]:
    papers = world.seen("paper")
    slugs = {"-".join(one) for one in numbers}
    originals = Counter(name for name, mark in papers if not mark)
    found = [f"{name}: {count} unmarked papers" for name, count in originals.items() if count > 1]
    found += [f"a paper of {name}, which is no document" for name, _ in papers if name not in slugs]
    return found + [f"{name} has no paper" for name in slugs if name not in {one for one, _ in papers}]


def _folders(folder: Path) -> list[str]:
    spool = folder / "spool"
    left = [path for box in ("entrada", "procesando") for path in (spool / box).iterdir() if path.name != ".candado"]
    found = [f"{path} was left over" for path in left]
    kept = [path for box in ("procesados", "rechazados") for path in (spool / box).rglob("*") if path.is_file()]
    archived = Counter(path.read_bytes() for path in kept if path.suffix.lower() == ".txt")
    wanted = Counter(TICKET.format(referencia=one, precio=two).encode() for one, two in SALES.values())
    if archived != wanted:
        found.append(f"archived are {sorted(path.name for path in kept)}")
    copies = [path for path in kept if path.suffix.lower() == ".rsp"]
    if len(copies) != len(SALES) or not all(path.read_bytes().endswith(b"\r\n") for path in copies):
        found.append(f"copies of answers: {[(path.name, path.stat().st_size) for path in copies]}")
    return found
