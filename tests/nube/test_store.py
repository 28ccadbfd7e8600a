"""The base, its watermark, its schema and its secrets."""

import json
import os
import threading
import time

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from clouds import KEY, PASSWORD, RUT, Clock, Till, cae_file, pkcs12, rango
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import IntegrityError

from sincronizador.errors import NeedsOperator
from sincronizador.nube.cloud import Cloud
from sincronizador.nube.store import create_store, open_store
from sincronizador.nube.tables import base, certificate, document, metadata
from sincronizador.nube.tables import cae as cae_table
from sincronizador.nube.vault import Vault, new_vault_key


def test_the_migrations_make_the_tables(empty):
    with empty.cloud._store.reading() as db:
        assert compare_metadata(MigrationContext.configure(db), metadata) == []


def test_a_base_is_made_once(empty):
    with pytest.raises(NeedsOperator) as caught:
        create_store(empty.url, empty.mark, environment="prueba", clock=empty.clock)
    assert caught.value.code == "E3401"


def test_a_base_that_is_not_there_is_named(tmp_path):
    with pytest.raises(NeedsOperator) as caught:
        open_store(f"sqlite:///{tmp_path}/otra.db", str(tmp_path / "m"), clock=lambda: None)
    assert caught.value.code == "E3402"
    assert not (tmp_path / "otra.db").exists()


def test_an_empty_file_is_no_base(tmp_path):
    (tmp_path / "otra.db").touch()
    with pytest.raises(NeedsOperator) as caught:
        open_store(f"sqlite:///{tmp_path}/otra.db", str(tmp_path / "m"), clock=lambda: None)
    assert caught.value.code == "E3402"


def test_a_base_of_a_newer_version_is_left_alone(empty):
    with empty.cloud._store.writing() as db:
        db.execute(text("UPDATE alembic_version SET version_num = 'v9999'"))
    empty.cloud.close()
    with pytest.raises(NeedsOperator) as caught:
        empty.reopen_closed()
    assert caught.value.code == "E3403"


def test_the_base_itself_refuses_a_second_document_of_a_number(till, place):
    till.submit("V1")
    with place.cloud._store.reading() as db:
        row = dict(db.execute(select(document)).one()._mapping)
    row.pop("id")
    with pytest.raises(IntegrityError), place.cloud._store.writing() as db:
        db.execute(insert(document).values(row | {"key": "V2"}))
    with pytest.raises(IntegrityError), place.cloud._store.writing() as db:
        db.execute(insert(document).values(row | {"number": 2}))


def test_what_fails_leaves_nothing(empty):
    with pytest.raises(IntegrityError), empty.cloud._store.writing() as db:
        _write_and_fail(db)
    with empty.cloud._store.reading() as db:
        assert db.execute(select(base.c.restores)).scalar() == 0


def _write_and_fail(db):
    db.execute(update(base).values(restores=7))
    db.execute(insert(base).values(id=1))


def test_sqlite_syncs_every_commit(tmp_path):
    store = create_store(f"sqlite:///{tmp_path}/n.db", str(tmp_path / "m"), environment="prueba", clock=Clock())
    with store.reading() as db:
        found = [
            db.execute(text(f"PRAGMA {name}")).scalar() for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert found == ["wal", 2, 1]
    store.close()


def test_the_watermark_is_written_at_most_once_a_second_while_commits_happen(till, place, monkeypatch):
    steady = [time.monotonic()]
    monkeypatch.setattr("sincronizador.nube.store.monotonic", lambda: steady[0])

    def seq():
        with open(place.mark) as file:
            return json.load(file)["seq"]

    steady[0] += 2
    till.submit("V1")
    before = seq()
    till.submit("V2")
    assert seq() == before
    # The hands of the clock say nothing about it.
    place.clock.go(minutes=-3)
    steady[0] += 2
    till.submit("V3")
    assert seq() == before + 2
    till.submit("V4")
    place.reopen()
    assert seq() == before + 3


def test_a_commit_of_the_last_second_before_a_fall_is_no_restore(till, place):
    till.submit("V1")
    before = place.cloud.server_epoch()
    place.cloud._store._writer.dispose()
    place.reopen_closed()
    assert place.cloud.server_epoch() == before


def test_numbers_are_given_one_after_another_to_many_at_once(place):
    tills = [Till(place, f"C{n}") for n in range(4)]
    troubles = []

    def sell(till):
        try:
            for n in range(8):
                till.sell(f"V{n}")
        except Exception as trouble:
            troubles.append(trouble)

    threads = [threading.Thread(target=sell, args=(till,)) for till in tills]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert troubles == []
    assert place.fates() == {"document": 32, "free": 9968}
    for till in tills:
        page = till.cloud.changes(till.me, "", 100)
        assert len({receipt.numero for receipt in page.receipts}) == 8


def test_the_same_submission_twice_at_once_takes_one_number(till, place):
    found = []
    threads = [threading.Thread(target=lambda: found.append(till.submit("V1"))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({outcome.reply.receipt.signed for outcome in found}) == 1
    assert sum(outcome.created for outcome in found) == 1
    assert place.fates() == {"document": 1, "free": 9999}


def test_secrets_are_sealed_and_bound_to_their_place(place):
    with place.cloud._store.reading() as db:
        row = db.execute(select(certificate)).one()
        file = db.execute(select(cae_table.c.file)).scalar_one()
    assert pkcs12() not in row.pkcs12
    assert PASSWORD not in row.password
    assert b"CAE" not in file
    vault = Vault(KEY)
    assert vault.open(row.pkcs12, f"certificado:{RUT}:{row.fingerprint}:pkcs12") == pkcs12()
    assert vault.open(file, f"cae:{RUT}:{rango().id}") == cae_file(rango(hasta=10_000))
    with pytest.raises(NeedsOperator):
        vault.open(row.pkcs12, f"certificado:{RUT}:{row.fingerprint}:clave")


def test_another_vault_key_is_known_at_start(place):
    with pytest.raises(NeedsOperator) as caught:
        Cloud(place.cloud._store, Vault(new_vault_key()), place.clock)
    assert caught.value.code == "E3410"


@pytest.mark.parametrize("key", [b"", b"corta", b"z" * 64, b"a" * 63])
def test_a_key_that_is_none_is_a_sentence(key):
    with pytest.raises(NeedsOperator) as caught:
        Vault(key)
    assert caught.value.code == "E3409"


def test_the_key_is_taken_as_an_editor_leaves_it():
    assert Vault(KEY + b"\n").open(Vault(KEY).seal(b"x", "a"), "a") == b"x"


def test_no_secret_is_in_the_base_or_its_watermark(till, place):
    place.cloud.close()
    if place.cluster is None:
        content = (place.folder / "nube.db").read_bytes()
        assert till.token.encode() not in content
        assert PASSWORD not in content
    with open(place.mark, "rb") as file:
        assert till.token.encode() not in file.read()
    assert os.stat(place.mark).st_mode & 0o077 == 0
    place.reopen_closed()
