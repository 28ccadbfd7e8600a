"""What is made once: folders, a journal, its next version. Wherever the power goes, the next start goes on."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from lives import live, spread

from sincronizador import files
from sincronizador.journal.journal import SCHEMA_VERSION, create, meta, open_journal, upgrade

SCHEMAS = Path(__file__).parents[1] / "journal"
FACTS = {"rut": "219999830019", "ambiente": "prueba"}


def boundaries(drive, act, *, without="", seed=0):
    """Cut at the changes that `act` makes, from the state that was kept, and let it be on; last, after all of them."""
    drive.back()
    assert live(act, without=without) == ""
    changes = drive.changes
    assert changes > 0
    for boundary in range(0, changes, spread(changes, 12)):
        drive.back()
        drive.cut(after=boundary)
        live(act, without=without)
        assert drive.dead
        drive.on(seed=1000 * seed + boundary)
        yield boundary
    drive.back()
    live(act, without=without)
    drive.cut()
    drive.on(seed=1000 * seed + changes)
    yield changes


def test_a_folder_that_was_made_is_there_after_the_cut(drive):
    files.make_folder(str(drive.folder / "a" / "b" / "c"), parents=True)
    files.make_folder(str(drive.folder / "a" / "b" / "c"), parents=True)
    assert drive.durable("a/b/c") is not None


def test_a_new_journal_is_there_whole_or_is_made_again(drive):
    path = str(drive.folder / "datos" / "diario.db")
    drive.keep()
    for boundary in boundaries(drive, lambda: create(path, FACTS)):

        def go_on():
            journal = open_journal(path) if Path(path).exists() else create(path, FACTS)
            with journal.transaction() as db:
                assert meta(db, "rut") == FACTS["rut"]

        assert live(go_on) == "", boundary


def test_a_created_journal_has_reached_the_disk(drive):
    path = str(drive.folder / "datos" / "diario.db")
    assert live(lambda: create(path, FACTS)) == ""
    drive.cut()
    drive.on(seed=0)
    assert live(lambda: open_journal(path)) == ""


@pytest.mark.parametrize("version", [SCHEMA_VERSION - 1])
def test_an_older_journal_is_brought_up_to_date_beside_a_whole_copy(drive, version):
    path = drive.folder / "diario.db"
    copy = drive.folder / f"diario.db.v{version}"
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.executescript((SCHEMAS / f"schema_{version}.sql").read_text("utf-8"))
        db.execute("INSERT INTO meta VALUES ('rut', ?)", (FACTS["rut"],))
        db.execute(f"PRAGMA user_version = {version}")
        db.commit()
    drive.keep()
    for boundary in boundaries(drive, lambda: upgrade(str(path))):

        def look():
            with closing(sqlite3.connect(path)) as db:
                moved = db.execute("PRAGMA user_version").fetchone()[0] != version
            assert not moved or copy.exists(), "changed before there was a copy"

        def go_on():
            upgrade(str(path))
            open_journal(str(path)).close()
            with closing(sqlite3.connect(copy)) as db:
                assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
                assert db.execute("PRAGMA user_version").fetchone() == (version,)
                assert db.execute("SELECT value FROM meta").fetchone() == (FACTS["rut"],)

        assert live(look) == "", boundary
        assert live(go_on) == "", boundary
