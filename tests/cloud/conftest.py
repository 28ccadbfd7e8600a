"""Machines with a cloud, without threads or network: the real engine and journal, the cloud in memory."""

import os
import shutil
import tempfile
from datetime import date
from pathlib import Path

import pytest
from walking import Machine
from world import World, found

from sincronizador.core.emitido import Anexo
from sincronizador.core.numbering import Rango
from sincronizador.core.signature import SignaturePlan
from sincronizador.countries.uy import compose
from sincronizador.countries.uy.emitted import read_emitido
from sincronizador.providers.fake import FENCING, FakeCloud
from sincronizador.providers.fake_books import Pen
from sincronizador.signing.certificate import load_pkcs12
from sincronizador.signing.xmldsig import XmlSigner

RANGES = tuple(
    Rango(id=f"9026000{tipo}", tipo=tipo, serie="A", desde=1, hasta=400, vence=date(2028, 11, 21))
    for tipo in (101, 102, 111, 112)
)


def make_cloud(folder, now, capabilities=FENCING):
    """A cloud that signs with the certificate of the installation in `folder`."""
    password = (folder / "certificado" / "clave.txt").read_bytes().strip()
    signer = XmlSigner(load_pkcs12((folder / "certificado" / "emisor.p12").read_bytes(), password))

    def sign(draft, folio, at):
        return signer.sign(compose.complete(draft, folio, at), SignaturePlan())

    def read(signed):
        return read_emitido(signed, Anexo()).tipo, compose.draft_of(signed)

    return FakeCloud(Pen(sign=sign, read=read), RANGES, now, capabilities)


class Clocked:
    """The cloud's clock: that of the machine, once there is one."""

    machine = None

    def __call__(self):
        return self.machine.clock.time


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
def ground():
    """A folder in memory where there is one: these tests lose no power, and sync all the time."""
    memory = "/dev/shm"
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as folder:
        yield Path(folder)


@pytest.fixture
def world(template, ground, monkeypatch):
    """A cloud that knows one issuer, no machine yet."""
    made = World(template, ground / "w", monkeypatch)
    yield made
    made.close()
