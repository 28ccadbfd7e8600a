"""A base of an earlier version is brought up to date with what it holds."""

import os

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, select, text

from sincronizador.nube import store
from sincronizador.nube.tables import past_run

_ISSUER = text(
    "INSERT INTO issuer (rut, country, ajustes, seq, touched, recovering) VALUES ('1', 'uy', '{}', 1, '', false)"
)
_INSTALLATION = text(
    "INSERT INTO installation (id, rut, code, epoch, machine, recovered, past_runs)"
    " VALUES (:id, '1', 'C' || :id, 1, '', '', :runs)"
)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    """An empty base."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/nube.db"
    return request.getfixturevalue("cluster").new()


def bring(db, version):
    config = Config()
    config.set_main_option("script_location", os.path.join(os.path.dirname(store.__file__), "migrations"))
    config.attributes["connection"] = db
    command.upgrade(config, version)


def test_the_runs_of_before_are_kept_one_by_one(url):
    engine = create_engine(url)
    with engine.begin() as db:
        bring(db, "v0003")
        db.execute(_ISSUER)
        db.execute(_INSTALLATION, [{"id": 1, "runs": "aa bb aa"}, {"id": 2, "runs": ""}])
    with engine.begin() as db:
        bring(db, "head")
        assert db.execute(select(past_run.c.installation, past_run.c.run).order_by(past_run.c.run)).all() == [
            (1, "aa"),
            (1, "bb"),
        ]
    engine.dispose()
