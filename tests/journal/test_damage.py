"""Whatever lies where the journal should be: a sentence that says what to do, no traceback, no silent fresh start."""

import os
import random
import shutil
import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from sincronizador.errors import NeedsOperator
from sincronizador.journal import backup
from sincronizador.journal.journal import create, look_over, open_journal, remember, upgrade

FACTS = {"pais": "uy", "ambiente": "prueba", "rut": "219999830019", "instalacion": "PRUEBA"}
ROWS = 400


def _journal(path, rows=ROWS, word="x"):
    journal = create(str(path), FACTS)
    with journal.transaction() as db:
        for number in range(rows):
            db.execute(
                "INSERT INTO event (job, at, name, detail) VALUES (NULL, '2026-11-21', 'x', ?)",
                (f"{word}{number}" * 40,),
            )
    journal.close()
    return path


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    return _journal(tmp_path_factory.mktemp("d") / "diario.db")


@pytest.fixture
def path(good, tmp_path):
    return Path(shutil.copy(good, tmp_path / "diario.db"))


def cut(path):
    """The journal with a log beside it, as a fall leaves it."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA wal_autocheckpoint = 0")
        db.execute("INSERT INTO event (job, at, name, detail) VALUES (NULL, '2026-11-21', 'x', 'y')")
        for ending in ("", "-wal"):
            shutil.copy(f"{path}{ending}", f"{path}{ending}.copia")
    for ending in ("", "-wal"):
        os.replace(f"{path}{ending}.copia", f"{path}{ending}")


def start(path):
    """What a start after a fall does."""
    whole = look_over(str(path), 30)
    upgrade(str(path))
    open_journal(str(path)).close()
    return whole


def _start_of(path):
    """The code with which a start refuses; empty when it does not."""
    try:
        start(path)
    except NeedsOperator as error:
        return error.code
    return ""


def _flip(path):
    content = bytearray(path.read_bytes())
    # The header of a page in the middle: of a table's, whatever it holds.
    place = len(content) // 4096 // 2 * 4096
    content[place : place + 8] = b"\xff" * 8
    path.write_bytes(content)


def _zero(path):
    content = bytearray(path.read_bytes())
    place = len(content) // 4096 // 2 * 4096
    content[place : place + 4096] = bytes(4096)
    path.write_bytes(content)


def _foreign(path, version):
    path.unlink()
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE clientes (nombre)")
        db.execute(f"PRAGMA user_version = {version}")
        db.commit()


def _newer(path):
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 99")
        db.commit()


BAD = {
    "empty": (lambda path: path.write_bytes(b""), "E9214"),
    "text": (lambda path: path.write_text("diario" * 1000), "E9216"),
    "cut in the middle": (lambda path: os.truncate(path, path.stat().st_size // 2), "E9216"),
    "cut within the first page": (lambda path: os.truncate(path, 700), "E9216"),
    "no header": (lambda path: path.write_bytes(bytes(4096) + path.read_bytes()[4096:]), "E9216"),
    "flipped": (_flip, "E9216"),
    "a page of zeros": (_zero, "E9216"),
    "another program's base": (lambda path: _foreign(path, 0), "E9214"),
    "another program's base of our version": (lambda path: _foreign(path, 4), "E9214"),
    "another program's base of an older version": (lambda path: _foreign(path, 2), "E9214"),
    "of a newer version": (_newer, "E9215"),
    "missing": (lambda path: path.unlink(), "E9213"),
}


@pytest.mark.parametrize(("harm", "code"), BAD.values(), ids=BAD)
def test_what_is_no_good_journal_is_a_sentence_and_stays_as_it_is(path, harm, code):
    harm(path)
    before = path.read_bytes() if path.exists() else None
    with pytest.raises(NeedsOperator) as caught:
        start(path)
    assert caught.value.code == code
    if code in ("E9214", "E9216"):
        assert "respaldo restaurar" in str(caught.value)
    assert (path.read_bytes() if path.exists() else None) == before


def test_a_log_that_is_of_another_journal_is_not_put_into_this_one(path, tmp_path):
    other = _journal(tmp_path / "otro.db", rows=ROWS * 3, word="zz")
    cut(other)
    with closing(sqlite3.connect(other)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with closing(sqlite3.connect(other, isolation_level=None)) as db:
        db.execute("PRAGMA wal_autocheckpoint = 0")
        db.execute("UPDATE event SET detail = detail || 'w' WHERE id % 3 = 0")
        shutil.copy(f"{other}-wal", f"{path}-wal")
    before = path.read_bytes()
    with pytest.raises(NeedsOperator) as caught:
        start(path)
    assert caught.value.code == "E9216"
    assert path.read_bytes() == before


def test_a_journal_that_fell_is_read_with_its_log(path):
    cut(path)
    assert start(path)
    journal = open_journal(str(path))
    with journal.reading() as db:
        assert db.execute("SELECT count(*) FROM event").fetchone()[0] == ROWS + 1
    journal.close()


def test_looking_takes_no_longer_than_it_may(path):
    big = _journal(path.parent / "grande.db", rows=3_000)
    assert look_over(str(big), 0.0) is False


@pytest.mark.parametrize("seed", range(40))
def test_random_damage_is_told_or_harmless(path, seed):
    """Never a traceback; what passes reads to the end."""
    chance = random.Random(seed)
    content = bytearray(path.read_bytes())
    for _ in range(chance.choice((1, 4, 60))):
        content[chance.randrange(len(content))] = chance.randrange(256)
    path.write_bytes(content)
    told = _start_of(path)
    if told:
        assert told in ("E9214", "E9215", "E9216", "E9218", "E9220")
        return
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT count(length(detail)) FROM event").fetchone()[0] <= ROWS


def test_a_half_restoration_is_told_wherever_one_looks(path):
    Path(f"{path}.restauracion").write_text("{}")
    looks = (lambda: open_journal(str(path)), lambda: upgrade(str(path)), lambda: look_over(str(path), 1),
             lambda: create(str(path), FACTS))  # fmt: skip
    for missing in (False, True):
        if missing:
            path.unlink()
        for look in looks:
            with pytest.raises(NeedsOperator) as caught:
                look()
            assert caught.value.code == "E9229"


def test_a_copy_is_of_one_moment_though_others_write_and_wait_for_nothing(path, tmp_path):
    """Pairs of rows are committed together: a copy that has one of them has both."""
    journal, stop, slowest = open_journal(str(path)), threading.Event(), [0.0]

    def write():
        number = 0
        while not stop.is_set():
            began, number = time.monotonic(), number + 1
            with journal.transaction() as db:
                remember(db, "uno", str(number))
                db.execute("INSERT INTO event (at, name, detail) VALUES ('2026', 'x', ?)", ("w" * 9000,))
                remember(db, "dos", str(number))
            slowest[0] = max(slowest[0], time.monotonic() - began)
        journal.close()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for number in range(5):
            target = str(tmp_path / f"copia{number}")
            backup.copy(str(path), target)
            found = backup.examine(target)
            with closing(sqlite3.connect(target)) as db:
                facts = dict(db.execute("SELECT key, value FROM meta WHERE key IN ('uno', 'dos')").fetchall())
            assert facts.get("uno") == facts.get("dos")
            assert found.facts == FACTS
            assert found.position >= ROWS
    finally:
        stop.set()
        thread.join()
    assert slowest[0] < 2.0


def test_the_copy_of_a_target_that_cannot_be_written_is_a_sentence(path, tmp_path):
    with pytest.raises(NeedsOperator) as caught:
        backup.copy(str(path), str(tmp_path / "no" / "copia"))
    assert caught.value.code == "E9246"
