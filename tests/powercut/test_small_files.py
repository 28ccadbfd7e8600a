"""What lies beside the bases and in the mirror: after a cut the old content or the new, after a write the new."""

import pytest
from lives import live
from test_founding import boundaries
from walking import NOON

from sincronizador.daemon.mirror import FolderMirror
from sincronizador.errors import NeedsOperator
from sincronizador.journal import mark
from sincronizador.journal.mark import Mark
from sincronizador.nube import watermark
from sincronizador.nube.store import create_store, open_store
from sincronizador.nube.tables import base
from sincronizador.nube.watermark import Watermark, read_watermark


class OfMark:
    """The mark beside the journal: without it, a journal is of another machine."""

    missing = "mark"

    def put(self, folder, number):
        mark.write(str(folder / "marca"), Mark("m" * 600, number))

    def get(self, folder):
        found = mark.read(str(folder / "marca"))
        return found and found.last


class OfWatermark:
    """The watermark beside the cloud's base: a damaged one stops the cloud."""

    missing = "watermark"

    def put(self, folder, number):
        found = Watermark(identity="i" * 600, server_epoch="e", restores=0, seq=number)
        watermark.write_watermark(str(folder / "marca"), found)

    def get(self, folder):
        try:
            found = read_watermark(str(folder / "marca"))
        except NeedsOperator:
            return None
        return found and found.seq


class OfMirror:
    """A copy in the mirror: it may be the only one."""

    missing = "mirror"

    def put(self, folder, number):
        FolderMirror(str(folder)).write("101-A-1.json", b"%d" % number * 600)

    def get(self, folder):
        found = dict(FolderMirror(str(folder)).read_all()).get("101-A-1.json")
        return next((number for number in (1, 2) if found == b"%d" % number * 600), None)


FILES = pytest.mark.parametrize("kept", [OfMark(), OfWatermark(), OfMirror()], ids=["marca", "marca-nube", "espejo"])


def histories(drive, kept, *, without=""):
    """What is read after a cut at every change of the second write; then after a cut that follows it."""
    kept.put(drive.folder, 1)
    drive.keep()
    drive.back()

    def act():
        kept.put(drive.folder, 2)

    for seed in range(8):
        for _ in boundaries(drive, act, without=without, seed=seed):
            yield kept.get(drive.folder)
        yield "written", kept.get(drive.folder)


@FILES
def test_a_cut_leaves_the_old_one_or_the_new_one(drive, kept):
    found = set(histories(drive, kept))
    assert found == {1, 2, ("written", 2)}


@FILES
def test_that_it_was_not_synced_is_noticed(drive, kept):
    assert set(histories(drive, kept, without=kept.missing)) - {1, 2, ("written", 2)}


def of_the_cloud(drive, *, without):
    """How often the cloud's base lost what it had committed, or did not open again, in forty cuts after a commit."""

    def store(make):
        return make(f"sqlite:///{drive.folder}/nube.db", str(drive.folder / "marca"), clock=lambda: NOON)

    assert live(lambda: store(lambda *where, clock: create_store(*where, environment="prueba", clock=clock))) == ""
    drive.keep()
    lost = 0
    for seed in range(40):
        drive.back()

        def commit():
            with store(open_store).writing() as db:
                db.execute(base.update().values(epoch_floor=77))

        def look():
            with store(open_store).reading() as db:
                assert db.execute(base.select()).one().epoch_floor == 77

        assert live(commit, without=without) == ""
        drive.cut()
        drive.on(seed)
        lost += bool(live(look))
    return lost


def test_what_the_cloud_committed_is_there_after_a_cut(drive):
    assert of_the_cloud(drive, without="") == 0


@pytest.mark.parametrize("without", ["base", "base-commit"])
def test_that_the_cloud_did_not_sync_is_noticed(drive, without):
    assert of_the_cloud(drive, without=without) > 0
