"""Journals of every past version come to the present one with what they knew."""

import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from sincronizador.errors import NeedsOperator
from sincronizador.journal import documents, notices, papers, tasks
from sincronizador.journal.journal import SCHEMA_VERSION, create, meta, open_journal, upgrade

HERE = Path(__file__).parent


def old_journal(path, version):
    """A journal as that version left it, with a range in use, a sale and a numbered news."""
    with closing(sqlite3.connect(path)) as db:
        db.executescript((HERE / f"schema_{version}.sql").read_text("utf-8"))
        db.execute("INSERT INTO meta VALUES ('ambiente', 'prueba')")
        db.execute(
            "INSERT INTO job (id, kind, name, stem, till, only_check, claimed, sha256, claimed_at, today, bound)"
            " VALUES (7, 'documento', x'41', 'a', '', 0, x'42', 's', '2026-11-21T12:00:00-03:00', '2026-11-21', 1)"
        )
        db.execute(
            "INSERT INTO rango (cae, tipo, serie, desde, hasta, siguiente, vence, especial, causal, importado, archivo)"
            " VALUES ('90', 101, 'A', 1, 100, 8, '2028-01-01', '', '', '2026-11-21T12:00:00-03:00', x'3c')"
            if version == 1
            else "INSERT INTO rango (cae, tipo, serie, desde, hasta, primero, ultimo, siguiente, vence, especial,"
            " causal, importado, archivo)"
            " VALUES ('90', 101, 'A', 1, 100, 1, 100, 8, '2028-01-01', '', '', '2026-11-21T12:00:00-03:00', x'3c')"
        )
        db.execute(
            "INSERT INTO document (job, tipo, serie, numero, fecha, firmado_en, moneda, total, anexo, signed)"
            " VALUES (7, 101, 'A', 7, '2026-11-21', '2026-11-21T12:00:00-03:00', 'UYU', '1.00',"
            ' \'{"adenda": "", "correo": "", "extra": [], "pagos": []}\', ?)',
            (b"<CFE><DocRecep>219999830019</DocRecep></CFE>",),
        )
        if version >= 4:
            db.execute("UPDATE document SET receptor = '219999830019'")
        db.execute("INSERT INTO task (job, step, lane, state) VALUES (7, 'print', 'impresora:CAJA1', 'due')")
        db.execute("INSERT INTO paper (job, document, ordinal, printer, copia) VALUES (7, 7, 0, 'CAJA1', 0)")
        if version >= 9:
            db.execute("UPDATE paper SET since = '2026-11-21T12:00:00-03:00'")
        db.execute("INSERT INTO news (id, job, revision) VALUES (41, 7, 2)")
        db.execute(f"PRAGMA user_version = {version}")
        db.commit()


def shape(path):
    """Tables with their columns, and indexes."""
    with closing(sqlite3.connect(path)) as db:
        names = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        indexes = {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'index'")}
        tables = {
            name: {row[1:5] for row in db.execute(f"PRAGMA table_info({name})")}
            for name in names
            if not name.startswith("sqlite_")
        }
        return tables, indexes


@pytest.mark.parametrize("version", range(1, SCHEMA_VERSION))
def test_an_old_journal_keeps_what_it_knew_and_has_the_shape_of_a_new_one(tmp_path, version):
    path, new = str(tmp_path / "diario.db"), str(tmp_path / "nuevo.db")
    old_journal(path, version)
    with pytest.raises(NeedsOperator, match="versión anterior"):
        open_journal(path)
    upgrade(path)
    journal = open_journal(path)
    with journal.transaction() as db:
        stock = documents.stocks(db)[0]
        assert (stock.primero, stock.ultimo, stock.siguiente, stock.lease, stock.closing) == (1, 100, 8, "", "")
        assert documents.slug_of(db, 7) == "101-A-7"
        assert documents.newest_of(db, "219999830019") == 7
        assert [task.aside for task in tasks.due(db, "impresora:CAJA1", 0.0, 9)] == [False]
        waiting = papers.pending(db, 7, "CAJA1")
        assert (waiting.since.isoformat(), waiting.copia, waiting.via) == ("2026-11-21T12:00:00-03:00", False, "")
        assert not documents.is_acked(db, 7)
        assert meta(db, "ambiente") == "prueba"
        folio, lease = documents.take_number(db, 101, date(2026, 11, 21))
        assert (folio.numero, lease) == (8, "")
        assert notices.add(db, ()) == 42
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
    journal.close()
    create(new, {}).close()
    assert shape(path) == shape(new)


@pytest.mark.parametrize(
    ("estado", "since"), [("ENVIADO", ""), ("ACEPTADO", "2026-11-21"), ("INFORMADO", "2026-11-21")]
)
def test_an_old_journal_knows_since_when_its_cloud_speaks_of_the_authority(tmp_path, estado, since):
    path = str(tmp_path / "diario.db")
    old_journal(path, 11)
    with closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE job SET estado = ?", (estado,))
        db.commit()
    upgrade(path)
    journal = open_journal(path)
    with journal.reading() as db:
        assert meta(db, "informa_desde") == since
    journal.close()


def test_the_journal_as_it_was_lies_beside_and_is_not_written_over(tmp_path):
    path = str(tmp_path / "diario.db")
    old_journal(path, 1)
    upgrade(path)
    copy = tmp_path / "diario.db.v1"
    with closing(sqlite3.connect(copy)) as db:
        assert db.execute("PRAGMA user_version").fetchone()[0] == 1
        assert db.execute("SELECT siguiente FROM rango").fetchone()[0] == 8
    before = copy.read_bytes()
    upgrade(path)
    assert copy.read_bytes() == before


def test_a_failed_step_leaves_the_journal_as_it_was(tmp_path, monkeypatch):
    path = str(tmp_path / "diario.db")
    old_journal(path, 1)
    with closing(sqlite3.connect(path)) as db:
        # In the way of the new table of that name.
        db.execute("CREATE TABLE intent (x)")
        db.commit()
    with pytest.raises(sqlite3.OperationalError):
        upgrade(path)
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA user_version").fetchone()[0] == 1
        assert db.execute("SELECT count(*) FROM rango").fetchone()[0] == 1


def test_what_is_missing_or_new_is_left_alone(tmp_path):
    path = str(tmp_path / "diario.db")
    upgrade(path)
    assert not (tmp_path / "diario.db").exists()
    create(path, {}).close()
    upgrade(path)
    assert not (tmp_path / f"diario.db.v{SCHEMA_VERSION}").exists()
