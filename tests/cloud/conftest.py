"""Machines with a cloud, without threads or network: the real engine and journal, the cloud in memory."""

import shutil

import pytest
from memory_cloud import Clocked, make_cloud
from walking import Machine
from world import World, found

from sincronizador.providers.fake import FENCING


@pytest.fixture
def shop(prepared, tmp_path, monkeypatch):
    """Makes a machine with a cloud of its own, which has numbered nothing yet and knows it already."""
    made = []

    def make(*, capabilities=FENCING, joined=True):
        folder = tmp_path / f"i{len(made)}"
        shutil.copytree(prepared, folder)
        now = Clocked()
        machine = Machine(folder, monkeypatch, cloud=make_cloud(folder, now, capabilities))
        now.machine = machine
        with machine.house.journal.transaction() as db:
            # Of a machine that never numbered alone.
            db.execute("DELETE FROM rango")
        made.append(machine)
        if joined:
            machine.probe()
        return machine

    yield make
    for machine in made:
        machine.house.journal.close()


@pytest.fixture(scope="session")
def template(prepared, tmp_path_factory):
    """A world that is copied for each test."""
    folder = tmp_path_factory.mktemp("mundo") / "w"
    folder.mkdir()
    found(prepared, folder)
    return folder


@pytest.fixture
def world(template, ground, monkeypatch):
    """A cloud that knows one issuer, no machine yet."""
    made = World(template, ground / "w", monkeypatch)
    yield made
    made.close()
