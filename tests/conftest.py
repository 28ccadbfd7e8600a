"""Fixtures of the tests that walk: an installation with certificate and CAE, and a machine that works in it."""

import os
import shutil
import sqlite3
import tempfile
from pathlib import Path

import plans
import pytest
from hypothesis import settings
from lxml import etree
from walking import NOON, Machine

from sincronizador.cli.installation import prepare_journal, write_installation
from sincronizador.journal import journal as journal_module

settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    # What is merged is judged by the same examples every time; everywhere else they are new ones.
    settings.load_profile("ci")


def pytest_addoption(parser):
    parser.addoption("--update-goldens", action="store_true", help="write the goldens anew; read the difference")


@pytest.fixture(scope="session", autouse=True)
def explained_journal():
    """Every statement of a journal in these processes is explained once."""
    journal_module.sqlite3 = plans.explained(sqlite3)
    yield
    journal_module.sqlite3 = sqlite3


@pytest.fixture(autouse=True)
def no_whole_table(explained_journal):
    """A journal of a million documents answers what a test asked of its journal as fast as an empty one."""
    yield
    assert not plans.faults()


@pytest.fixture(scope="session")
def referencia_uy():
    """DGI's schemas and samples, which are not part of the project."""
    given = os.environ.get("SINCRONIZADOR_REFERENCIA")
    folder = Path(given) if given else Path(__file__).parents[2] / "shared" / "reference"
    if not folder.is_dir():
        pytest.skip("DGI's schemas are absent: set SINCRONIZADOR_REFERENCIA to the folder that holds uruguay/")
    return folder / "uruguay"


@pytest.fixture(scope="session")
def xsd(referencia_uy):
    """The official schema of a CFE."""
    return etree.XMLSchema(etree.parse(str(referencia_uy / "xsd" / "1.44.2" / "CFEDGI.xsd")))


@pytest.fixture
def ground():
    """A folder in memory where there is one: these tests lose no power, and sync all the time."""
    memory = "/dev/shm"
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def prepared(tmp_path_factory):
    """An installation with certificate and CAE, its relative paths free to be copied."""
    folder = tmp_path_factory.mktemp("instalacion") / "i"
    prepare_journal(write_installation(str(folder), "", NOON))
    return folder


@pytest.fixture
def machine(prepared, tmp_path, monkeypatch):
    """A machine of its own, switched on."""
    folder = tmp_path / "i"
    shutil.copytree(prepared, folder)
    made = Machine(folder, monkeypatch)
    yield made
    made.house.journal.close()
