"""The disk that forgets: what it may take away, what it must keep, and that the mount is a filesystem like others."""

import ctypes
import errno
import mmap
import os
import sqlite3
from collections import Counter
from contextlib import closing, suppress

import pytest
from disk import ROOT, SECTOR, Disk
from lives import live

from sincronizador import files

SEEDS = range(300)
FILE = 0o100644
FOLDER = 0o040755


def outcomes(make, read, *, journaled=False):
    """What `read` finds after a cut, over many seeds, and how often."""
    found = Counter()
    for seed in SEEDS:
        disk = Disk(journaled=journaled)
        make(disk)
        found[read(disk.survivor(seed)[0])] += 1
    return found


def content(name=b"a"):
    def read(disk):
        number = disk.at(ROOT).names.get(name)
        return None if number is None else bytes(disk.at(number).content)

    return read


def names(disk):
    return tuple(sorted(disk.at(ROOT).names))


def written(disk, name=b"a", data=b"x" * SECTOR * 2):
    made = disk.make(ROOT, name, FILE)
    disk.write(made.number, 0, data)
    return made.number


def test_a_new_file_that_nobody_synced_may_be_gone_empty_torn_or_whole():
    found = outcomes(written, content())
    whole, hole = b"x" * SECTOR * 2, bytes(SECTOR)
    assert set(found) == {None, b"", whole, hole + whole[:SECTOR], whole[:SECTOR] + hole, hole * 2}


@pytest.mark.parametrize("journaled", [False, True])
def test_syncing_a_file_keeps_its_bytes_and_its_name_only_where_there_is_one_journal(journaled):
    found = outcomes(lambda disk: disk.sync_file(written(disk)), content(), journaled=journaled)
    assert set(found) == {b"x" * SECTOR * 2} | (set() if journaled else {None})


def test_syncing_file_and_folder_keeps_both():
    def make(disk):
        disk.sync_file(written(disk))
        disk.sync_folder(ROOT)

    assert set(outcomes(make, content())) == {b"x" * SECTOR * 2}


def test_a_rename_over_a_file_is_the_old_one_or_the_new_one():
    def make(disk):
        written(disk, b"a", b"old")
        disk.sync_all()
        disk.sync_file(written(disk, b"b", b"new"))
        disk.rename(ROOT, b"b", ROOT, b"a")

    assert set(outcomes(make, content())) == {b"old", b"new"}


def test_a_move_between_folders_is_in_one_of_them_and_an_exchange_is_whole():
    def make(disk):
        folder = disk.make(ROOT, b"d", FOLDER).number
        written(disk, b"a", b"1")
        written(disk, b"b", b"2")
        disk.sync_all()
        disk.rename(ROOT, b"a", folder, b"a")
        disk.exchange(ROOT, b"b", folder, b"a")

    def read(disk):
        folder = disk.find(ROOT, b"d")
        return tuple(bytes(disk.at(at.names[name]).content) if name in at.names else None
                     for at, name in ((disk.at(ROOT), b"a"), (disk.at(ROOT), b"b"), (folder, b"a")))  # fmt: skip

    assert set(outcomes(make, read)) == {(b"1", b"2", None), (None, b"2", b"1"), (None, b"1", b"2")}


def test_names_may_be_lost_out_of_order_but_not_where_one_builds_on_another():
    def make(disk):
        for name in (b"a", b"b"):
            disk.make(ROOT, name, FILE)
        disk.rename(ROOT, b"a", ROOT, b"c")

    assert set(outcomes(make, names)) == {(), (b"a",), (b"b",), (b"a", b"b"), (b"c",), (b"b", b"c")}
    assert set(outcomes(make, names, journaled=True)) == {(), (b"a",), (b"a", b"b"), (b"b", b"c")}


def test_a_folder_whose_name_is_lost_takes_what_was_moved_into_it():
    def make(disk):
        written(disk, b"a", b"1")
        disk.sync_all()
        folder = disk.make(ROOT, b"d", FOLDER).number
        disk.rename(ROOT, b"a", folder, b"a")
        disk.sync_folder(folder)

    assert () in outcomes(make, names)


def test_a_sector_is_what_was_written_last_or_before_and_its_neighbours_are_not_harmed():
    def make(disk):
        number = written(disk, b"a", b"-" * SECTOR * 2)
        disk.sync_all()
        disk.write(number, 10, b"1" * 5)
        disk.write(number, 10, b"2" * 5)

    rest = b"-" * (SECTOR * 2 - 15)
    assert set(outcomes(make, content())) == {b"-" * 10 + mark * 5 + rest for mark in (b"-", b"1", b"2")}


# The mount


def test_the_mount_knows_links_exchanges_locks_and_shared_memory(drive):
    one, two = drive.folder / "uno", drive.folder / "dos"
    one.write_bytes(b"1")
    os.link(one, drive.folder / "otro")
    two.write_bytes(b"2")
    assert files._take_place(str(one), str(two))
    assert two.read_bytes() == (drive.folder / "otro").read_bytes() == b"1"
    assert not files.move_new(str(drive.folder / "otro"), str(two))
    with two.open("r+b") as file:
        os.truncate(two, 4096)
        with mmap.mmap(file.fileno(), 4096) as shared:
            shared[100:103] = b"abc"
            assert os.pread(file.fileno(), 3, 100) == b"abc"


def test_without_power_everything_fails_and_with_it_only_what_was_synced_is_there(drive):
    files.write_atomic(str(drive.folder / "sincronizado"), b"x" * 5000)
    (drive.folder / "suelto").write_bytes(b"y" * 5000)
    held = (drive.folder / "sincronizado").open("rb")
    drive.cut()
    for act in (lambda: os.listdir(drive.folder), lambda: (drive.folder / "nuevo").write_bytes(b"")):
        with pytest.raises(OSError) as caught:
            act()
        assert caught.value.errno == errno.EIO
    with suppress(OSError):
        held.close()
    drive.on(seed=3)
    assert (drive.folder / "sincronizado").read_bytes() == b"x" * 5000
    assert not (drive.folder / "suelto").exists() or (drive.folder / "suelto").read_bytes() != b"y" * 5000


def test_a_sync_of_the_filesystem_reaches_the_mount(drive):
    (drive.folder / "suelto").write_bytes(b"y")
    descriptor = os.open(drive.folder, os.O_RDONLY)
    assert files._LIBC.syncfs(descriptor) == 0
    os.close(descriptor)
    assert drive.durable("suelto") == b"y"
    descriptor = os.open("/", os.O_RDONLY)
    ctypes.set_errno(0)
    assert files._LIBC.syncfs(descriptor) == 0, "for real elsewhere"
    os.close(descriptor)


def test_a_base_keeps_what_it_committed_at_every_cut(drive):
    path = drive.folder / "b.db"

    def begin():
        with closing(sqlite3.connect(path, isolation_level=None)) as db:
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = FULL")
            db.execute("CREATE TABLE t (n, filler)")

    def add():
        db = sqlite3.connect(path, isolation_level=None)
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA wal_autocheckpoint = 5")
        for number in range(1000):
            db.execute("INSERT INTO t VALUES (?, ?)", (number, "z" * 3000))
            (drive.folder.parent / "dicho").write_text(str(number))

    def look():
        with closing(sqlite3.connect(path)) as db:
            assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            known = int((drive.folder.parent / "dicho").read_text())
            assert db.execute("SELECT count(*) FROM t").fetchone()[0] in (known + 1, known + 2)

    assert live(begin) == ""
    drive.keep()
    for seed in range(8):
        drive.back()
        drive.cut(after=40 + 9 * seed)
        assert live(add)
        drive.on(seed)
        assert live(look) == "", seed
    assert drive.lost["torn"] > 0
