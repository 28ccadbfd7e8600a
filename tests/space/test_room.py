"""The reserve and what is decided by it, the heartbeat that takes no room, and what is remembered until it is kept."""

import errno
import json
import os
from datetime import datetime

import pytest
from small_disk import MEGABYTE
from walking import TICKET

from sincronizador import files
from sincronizador.daemon.room import Disk, Room
from sincronizador.engine import alarms
from sincronizador.engine.printing import Press
from sincronizador.errors import NeedsOperator
from sincronizador.journal import tasks
from sincronizador.journal.journal import JournalLost, create, open_journal
from sincronizador.journal.tasks import Queue
from sincronizador.lock import Lock
from sincronizador.reserve import SPARE_FILES, Reserve

FULL = NeedsOperator("E9201", "lleno")


class Time:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def time():
    return Time()


@pytest.fixture
def reserve(disk):
    return Reserve(str(disk.folder / ".reserva"), 4 * MEGABYTE)


@pytest.fixture
def room(disk, reserve, time):
    made = Room([Disk(str(disk.folder), reserve, time)])
    assert made.look([], lambda: False)
    return made


def nobody():
    return False


def somebody():
    return True


def test_the_reserve_takes_bytes_and_files_and_gives_them_back(disk, reserve):
    before = os.statvfs(disk.folder)
    reserve.hold()
    held = os.statvfs(disk.folder)
    assert (before.f_bavail - held.f_bavail) * held.f_frsize >= 4 * MEGABYTE
    assert before.f_favail - held.f_favail > SPARE_FILES
    assert Reserve(str(disk.folder / ".reserva"), 4 * MEGABYTE).is_held, "the next process finds it"
    reserve.give_up()
    assert not reserve.is_held
    assert before.f_bavail - os.statvfs(disk.folder).f_bavail < 4


def test_a_reserve_that_does_not_fit_twice_leaves_nothing(disk):
    with pytest.raises(NeedsOperator, match="disco está lleno"):
        Reserve(str(disk.folder / ".reserva"), 13 * MEGABYTE).hold()
    assert os.listdir(disk.folder / ".reserva") == []


def test_a_full_disk_closes_and_the_reserve_is_kept_until_somebody_needs_it(disk, reserve, room):
    disk.fill()
    assert not room.look([], nobody)
    assert reserve.is_held
    assert not room.look([], somebody)
    assert not reserve.is_held
    assert disk.free >= 4 * MEGABYTE


def test_it_opens_again_only_with_room_for_more_than_the_reserve(disk, reserve, room, time):
    disk.fill()
    room.look([FULL], nobody)
    time.now += 100
    assert not room.look([], nobody), "what was given up is not taken back at once"
    disk.make_room()
    assert not room.look([FULL], nobody), "somebody still waits to write"
    assert room.look([], nobody)
    assert reserve.is_held


def test_a_quota_is_known_by_the_errors_and_tried_now_and_then(room, reserve, time, monkeypatch):
    """The disk has room, and says so; only this user may not have it."""
    tries = []

    def over_quota(descriptor, start, size):
        tries.append(size)
        raise OSError(errno.EDQUOT, "quota")

    with monkeypatch.context() as patch:
        patch.setattr(os, "posix_fallocate", over_quota)
        assert not room.look([FULL], nobody)
        for _ in range(50):
            time.now += 1
            assert not room.look([], nobody)
    assert len(tries) == 5
    time.now += 10
    assert room.look([], nobody)
    assert reserve.is_held


def test_a_heartbeat_takes_no_room_from_the_first_on(disk):
    path, spare = str(disk.folder / "LATIDO.TXT"), str(disk.folder / ".latido")
    files.write_in_turn(path, spare, b"1" * 900)
    disk.fill()
    disk.take_files()
    for content in (b"2" * 900, b"3" * 400, b"4" * 2000):
        files.write_in_turn(path, spare, content)
        with open(path, "rb") as file:
            assert file.read() == content
    os.unlink(path)
    files.write_in_turn(path, spare, b"5")
    assert (disk.folder / "LATIDO.TXT").read_bytes() == b"5"


def test_a_lock_is_taken_on_a_full_disk_and_known_to_be_gone(disk):
    (disk.folder / "sub").mkdir()
    path = str(disk.folder / "sub" / ".candado")
    with Lock(path) as lock:
        lock.take(datetime(2026, 11, 21))  # noqa: DTZ001
    disk.fill()
    with Lock(path) as lock:
        lock.take(datetime(2026, 11, 22))  # noqa: DTZ001
        with open(path, encoding="ascii") as file:
            assert json.loads(file.read())["desde"] == "2026-11-22T00:00:00"
        assert lock.is_in_place
        os.rename(path, f"{path}.viejo")
        assert not lock.is_in_place


def test_a_journal_on_a_full_disk_is_full_and_not_lost(disk):
    """Without room for its shared memory SQLite speaks of an I/O error."""
    path = str(disk.folder / "diario.db")
    create(path, {"a": "b"}).close()
    assert not os.path.exists(f"{path}-shm")
    disk.fill()
    journal = open_journal(path, read_only=True)
    with journal.reading() as db:
        assert db.execute("SELECT value FROM meta").fetchone() == ("b",)
    journal.close()
    with pytest.raises(NeedsOperator) as told:
        open_journal(path)
    assert told.value.code == "E9217"
    disk.make_room()
    open_journal(path).close()


def test_a_quota_is_no_lost_journal_and_a_failed_sync_is(machine, monkeypatch):
    import sqlite3

    journal = machine.house.journal

    def fail(code):
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorcode = code
        with journal.transaction():
            raise error

    with pytest.raises(JournalLost):
        fail(sqlite3.SQLITE_IOERR_WRITE)
    monkeypatch.setattr(files, "has_room", lambda folder: False)
    with pytest.raises(NeedsOperator) as told:
        fail(sqlite3.SQLITE_IOERR_WRITE)
    assert told.value.code == "E9217"
    with pytest.raises(JournalLost):
        fail(sqlite3.SQLITE_IOERR_FSYNC)


def test_what_became_of_a_page_is_remembered_until_the_journal_has_it(machine, monkeypatch):
    """The disk is full when the page has left: it comes out once, without COPIA."""
    press = Press(machine.house, machine.printer)
    monkeypatch.setattr("walking.print_next", lambda house, printer: False)
    machine.drop("A.txt", TICKET.format(referencia="R-A", precio="89"))
    machine.work()
    real = machine.printer.send
    journal = machine.house.journal
    kept = journal.transaction

    def full():
        raise NeedsOperator("E9217", "lleno")

    def send(page, *, name):
        monkeypatch.setattr(journal, "transaction", full)
        return real(page, name=name)

    monkeypatch.setattr(machine.printer, "send", send)
    for _ in range(3):
        with pytest.raises(NeedsOperator):
            press.print_next()
    monkeypatch.setattr(journal, "transaction", kept)
    assert press.print_next()
    assert not press.print_next()
    machine.work()
    assert machine.papers() == [("101-A-1", False)]
    assert machine.answer("A.txt")["IMPRESION"] == "IMPRESO"


def test_copies_that_the_mirror_does_not_take_are_told():
    waiting = Queue(tasks.MIRROR, 2, 0, 1, "No se puede escribir en «/espejo»: el disco está lleno.")
    (alarm,) = alarms._queue_alarms([waiting])
    assert "2 ventas firmadas esperan su copia en el espejo" in alarm.texto
    assert "el disco está lleno" in alarm.texto


def test_where_the_reserve_never_fitted_work_goes_on_until_less_than_it_is_left(disk, time):
    reserve = Reserve(str(disk.folder / ".reserva"), 13 * MEGABYTE)
    room = Room([Disk(str(disk.folder), reserve, time)])
    assert room.look([], nobody)
    assert not reserve.is_held
    (disk.folder / "relleno").write_bytes(bytes(12 * MEGABYTE))
    assert not room.look([], nobody)
    disk.make_room()
    assert room.look([], nobody)


def test_a_full_disk_on_which_the_reserve_never_fits_opens_again_all_the_same(disk, time):
    room = Room([Disk(str(disk.folder), Reserve(str(disk.folder / ".reserva"), 13 * MEGABYTE), time)])
    assert room.look([], nobody)
    assert not room.look([FULL], nobody), "a quota may say so where there seems to be room"
    time.now += 10
    assert room.look([], nobody)


def test_a_folder_that_is_gone_is_told_by_whoever_only_looks(disk):
    (gone,) = Room([Disk(str(disk.folder / "no"), Reserve(str(disk.folder / "no" / "x"), MEGABYTE))]).state()
    assert "no se puede mirar" in str(gone)
