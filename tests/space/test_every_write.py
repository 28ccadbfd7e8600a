"""
A day during which the disk takes nothing for a while, beginning at every write in turn; then there is room again.

Every file that is opened, written, renamed, linked or synced, every folder that is made, every commit is a boundary at
which the trouble begins. It lasts for one boundary, or for so many that everything in hand has run into it. Nobody does
anything about it, and in the end everything is as without it.
"""

import builtins
import errno
import os
import shutil
import sqlite3
import tempfile
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from day import drop_a_day, judge
from walking import Machine

from sincronizador import files
from sincronizador.engine.decision import decide
from sincronizador.engine.printing import print_next
from sincronizador.engine.representing import represent_next
from sincronizador.errors import SincronizadorError
from sincronizador.folders import layout

TROUBLES = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EIO)
PAUSE = timedelta(seconds=70)
"""Longer than any pause between two tries."""
LONG = 25
"""Boundaries: several rounds in which every loop fails."""
ALL = "ESPACIO" in os.environ
"""Every trouble at every boundary, short and long: the long form."""


class Disk:
    """Counts boundaries; from the chosen one on, for a while, each of them fails."""

    def __init__(self):
        self.count = 0
        self.begins = self.ends = 0
        self.code = errno.ENOSPC

    def touch(self):
        self.count += 1
        if self.begins <= self.count < self.ends:
            raise OSError(self.code, os.strerror(self.code))


class FaultyOs:
    """`os` for a module that writes files, on that disk."""

    def __init__(self, disk):
        self._disk = disk

    def __getattr__(self, name):
        real = getattr(os, name)
        if name not in ("replace", "rename", "link", "fsync", "mkdir", "makedirs", "write", "open"):
            return real

        def touched(*args, **more):
            if name != "open" or args[1] & (os.O_CREAT | os.O_WRONLY | os.O_RDWR):
                self._disk.touch()
            return real(*args, **more)

        return touched


class HalfWritten:
    """A file of which, when the disk is full, half was written."""

    def __init__(self, file, disk):
        self._file = file
        self._disk = disk

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._file.close()

    def write(self, content):
        try:
            self._disk.touch()
        except OSError:
            self._file.write(content[: len(content) // 2])
            raise
        return self._file.write(content)

    def __getattr__(self, name):
        return getattr(self._file, name)


def put_on(disk, monkeypatch, machine):
    """Let everything that this machine writes go to that disk."""
    faulty = FaultyOs(disk)
    monkeypatch.setattr(files, "os", faulty)
    monkeypatch.setattr(layout, "os", faulty)

    def opened(where, mode="r", **more):
        file = builtins.open(where, mode, **more)  # noqa: SIM115 - its caller closes it
        return HalfWritten(file, disk) if "w" in mode else file

    monkeypatch.setattr(files, "open", opened, raising=False)
    for name in ("_rename", "_sync_all"):
        monkeypatch.setattr(files, name, before(disk, getattr(files, name)))
    journal = machine.house.journal
    monkeypatch.setattr(journal, "transaction", full_at_commit(disk, journal.transaction))


def before(disk, real):
    def touched(*args):
        disk.touch()
        return real(*args)

    return touched


def full_at_commit(disk, real):
    @contextmanager
    def transaction():
        with real() as db:
            yield db
            try:
                disk.touch()
            except OSError:
                raise full() from None

    return transaction


def full():
    error = sqlite3.OperationalError("database or disk is full")
    error.sqlite_errorcode = sqlite3.SQLITE_FULL
    return error


def work(machine, disk, rounds=80):
    """
    As the loops do: what is in trouble tells it and tries again later, the others go on.

    There is room again when the trouble has lasted, or when nobody runs into it any more. Ends when nothing moves.
    """
    steps = (
        machine.intake.take,
        lambda: decide(machine.house, machine.desk),
        lambda: represent_next(machine.house),
        lambda: print_next(machine.house, machine.printer),
        machine.publisher.publish,
    )
    quiet = 0
    for _ in range(rounds):
        done = False
        for step in steps:
            try:
                done = bool(step()) or done
            except SincronizadorError:
                done = True
        machine.clock.time += PAUSE
        quiet = 0 if done else quiet + 1
        if quiet == 3 and disk.count >= disk.ends:
            return
        if quiet == 3:
            disk.ends = 0
            quiet = 0
    raise AssertionError("the machine never comes to rest")


def live(prepared, folder, monkeypatch, disk):
    shutil.copytree(prepared, folder)
    machine = Machine(folder, monkeypatch)
    # Pictures and PDFs cost more than all the rest; an XML is written the same way.
    machine.configure(salida={"formatos": ("xml",)})
    try:
        put_on(disk, monkeypatch, machine)
        drop_a_day(machine)
        work(machine, disk)
        judge(machine, companions=("XML",))
        if disk.code in (errno.ENOSPC, errno.EDQUOT):
            # Where nothing may be removed either, the next start does it.
            assert not [name for _, _, names in os.walk(folder) for name in names if name.endswith(".tmp")]
        assert [name for name, marked in machine.papers() if not marked] == ["101-A-1", "101-A-2"]
    finally:
        machine.house.journal.close()
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def memory():
    """A folder where a sync costs nothing: what is written counts here, not how long it takes."""
    folder = Path(tempfile.mkdtemp(dir="/dev/shm" if os.path.isdir("/dev/shm") else None))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def boundaries(prepared, memory):
    """How many a day has without trouble."""
    disk = Disk()
    with pytest.MonkeyPatch.context() as monkeypatch:
        live(prepared, memory / "contar", monkeypatch, disk)
    assert disk.count > 50
    return disk.count


@pytest.mark.parametrize("span", [1, LONG])
@pytest.mark.parametrize("code", TROUBLES, ids=errno.errorcode.get)
def test_trouble_at_every_write_is_past_when_there_is_room_again(prepared, memory, boundaries, code, span):
    """In the short form each trouble begins at a tenth of the boundaries, all of them together at every one."""
    turn = TROUBLES.index(code) * 2 + (span == LONG)
    for boundary in range(1, boundaries + 1) if ALL else range(1 + turn, boundaries + 1, 2 * len(TROUBLES)):
        disk = Disk()
        disk.begins, disk.ends, disk.code = boundary, boundary + span, code
        with pytest.MonkeyPatch.context() as monkeypatch:
            try:
                live(prepared, memory / "i", monkeypatch, disk)
            except AssertionError as error:
                raise AssertionError(f"trouble at boundary {boundary} of {boundaries}: {error}") from error
