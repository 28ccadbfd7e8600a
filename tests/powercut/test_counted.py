"""
Every sync of a sale, counted by the filesystem: what is needed, and nothing more. What each is for:

=============================  ======================================================================================
claim: file (many: syncfs)     the legacy system may never have synced it: a claimed file is whole after a cut
claim: procesando/             no row of a file that would be in entrada/ again, and be decided twice
claim: log                     T1: its bytes and its row, for as many as came together (32)
decide: log                    T2 of as many as are due: number and document, or the intent for the cloud
talk: log, log                 (nube) T3: what the cloud numbered is adopted; then that it is confirmed
mirror: file, folder, log      (contingencia) the copy elsewhere is certain before the paper leaves; then that it is
represent: file, folder, log   companions are there before an answer names them; then their names
publish: page (many: syncfs)   the copy beside the archived file, whole before it has a name
publish: procesados/DAY        that name, and the move of the dropped file there
publish: salida/               the answer's name
publish: log                   that it was published: an answer that its reader took away never comes back
print: log, log                T4 before the paper and T5 after it: no second unmarked original
rewrite: page, salida/, log    the answer that tells of the paper
=============================  ======================================================================================

No file is synced twice, and nothing of the log but its commits. `test_walk` shows of each that its absence is noticed.
"""

import json
import re
from collections import Counter
from datetime import timedelta

import pytest
from drive import Drive
from lives import live
from memory_cloud import make_cloud
from sqlalchemy import update
from walkers import Walker, World, install
from walking import NOON, TICKET

from sincronizador.daemon.mirror import FolderMirror
from sincronizador.engine.decision import decide
from sincronizador.engine.mirroring import mirror_next
from sincronizador.engine.printing import print_next
from sincronizador.engine.representing import represent_next
from sincronizador.engine.switching import switch
from sincronizador.engine.talking import talk_next
from sincronizador.nube.store import create_store
from sincronizador.nube.tables import base
from sincronizador.providers.fake import Fault

LOG = "fdatasync diario.db-wal"


@pytest.fixture(scope="module")
def installed(prepared, tmp_path_factory):
    folder = tmp_path_factory.mktemp("cuenta")
    with Drive(folder / "disco") as drive:
        install(drive, prepared)
        (drive.folder / "espejo").mkdir()
        yield drive


def counted(drive, world, count, *, cloud=False, fails=False):
    """The syncs of each station for so many sales that come together, after one that made what is made once."""
    drive.back()
    (drive.folder / "espejo").mkdir(exist_ok=True)

    def day():
        walker = _walker(drive, world, cloud=cloud)
        _drop(walker, ["ANTES"])
        walker.work()
        walker.pass_time(seconds=2)
        if fails:
            walker.cloud.fail("submit", *[Fault.UNAVAILABLE] * 500)
        drive.syncs()
        _drop(walker, [f"V{number}" for number in range(count)])
        for station, work in _stations(walker, fails=fails).items():
            while work():
                pass
            world.saw("syncs", station, json.dumps(drive.syncs()))

    assert live(day) == ""
    found = {station: Counter(_kind(*one) for one in json.loads(said)) for station, said in world.seen("syncs")}
    return {station: dict(syncs) for station, syncs in found.items() if syncs}


def _walker(drive, world, *, cloud):
    folder = drive.folder / "i"
    if not cloud:
        return Walker(folder, world)
    walker = Walker(folder, world, cloud=make_cloud(folder, lambda: walker.clock.time))
    walker.mirror = FolderMirror(str(drive.folder / "espejo"))

    with walker.house.journal.transaction() as db:
        db.execute("DELETE FROM rango")
    walker.house.journal.close()
    walker.switch_on()
    walker.probe()
    return walker


def _drop(walker, names):
    for name in names:
        walker.drop(f"{name}.txt", TICKET.format(referencia=name, precio="10"))


def _stations(walker, *, fails):
    house = walker.house

    def patience():
        talk_next(house, walker.claims)
        walker.clock.time += timedelta(seconds=5)
        return switch(house)

    def later():
        walker.clock.time += timedelta(seconds=1)
        return walker.publisher.publish()

    return {
        "claim": walker.intake.take,
        "decide": lambda: decide(house, walker.desk),
        "talk": patience if fails else lambda: talk_next(house, walker.claims),
        "mirror": lambda: mirror_next(house),
        "represent": lambda: represent_next(house),
        "publish": walker.publisher.publish,
        "print": lambda: print_next(house, walker.printer),
        "rewrite": later,
    }  # fmt: skip


def _kind(kind, path):
    """What was synced, without the names that are random."""
    place = re.sub(r"\d{4}-\d\d-\d\d", "DAY", path.removeprefix("i/").removeprefix("spool/"))
    place = re.sub(r"/[^/]*(~|\.tmp$).*", "/file", place)
    return f"{kind} {place}"


ONE = {
    "claim": {"fsync procesando/file": 1, "fsync procesando": 1, LOG: 1},
    "decide": {LOG: 1},
    "represent": {"fsync salida/file": 1, "fsync salida": 1, LOG: 1},
    "publish": {"fsync procesados/DAY/file": 1, "fsync procesados/DAY": 1, "fsync salida": 1, LOG: 1},
    "print": {LOG: 2},
    "rewrite": {"fsync salida/file": 1, "fsync salida": 1, LOG: 1},
}
CROWD = 32
MANY = {
    "claim": {"syncfs procesando": 1, "fsync procesando": 1, LOG: 1},
    "decide": {LOG: 1},
    "represent": {"fsync salida/file": CROWD, "fsync salida": CROWD, LOG: CROWD},
    "publish": {"syncfs procesados/DAY": 1, "fsync procesados/DAY": 1, "fsync salida": 1, LOG: 1},
    "print": {LOG: 2 * CROWD},
    "rewrite": {"syncfs salida": 1, "fsync salida": 1, LOG: 1},
}
"""Companions and papers are one after another: they keep no customer waiting for another one's decision."""


def test_one_sale_of_the_route_local(installed, tmp_path):
    assert counted(installed, World(tmp_path / "w"), 1) == ONE


def test_sales_of_the_route_local_that_come_together(installed, tmp_path):
    assert counted(installed, World(tmp_path / "w"), CROWD) == MANY


def test_one_sale_of_the_route_nube(installed, tmp_path):
    assert counted(installed, World(tmp_path / "w"), 1, cloud=True) == {**ONE, "talk": {LOG: 2}}


def test_sales_of_the_route_nube_that_come_together(installed, tmp_path):
    assert counted(installed, World(tmp_path / "w"), CROWD, cloud=True) == {**MANY, "talk": {LOG: 2 * CROWD}}


def test_one_sale_in_contingencia_with_a_mirror(installed, tmp_path):
    """The talk is a question that was not answered, and the switch: the attempt raised, numbered and signed here."""
    found = counted(installed, World(tmp_path / "w"), 1, cloud=True, fails=True)
    assert found == {**ONE, "talk": {LOG: 2}, "mirror": {"fsync espejo/file": 1, "fsync espejo": 1, LOG: 1}}


def test_a_transaction_of_the_cloud_is_one_sync_and_its_watermark_two(drive):
    """Two transactions a sale: prepared, and confirmed. The watermark follows at most once a second."""

    def act():
        store = create_store(
            f"sqlite:///{drive.folder}/nube.db", str(drive.folder / "marca"), environment="prueba", clock=lambda: NOON
        )
        drive.syncs()
        with store.writing() as db:
            db.execute(update(base).values(epoch_floor=2))
        assert drive.syncs() == [("fdatasync", "nube.db-wal")]
        store.mark()
        assert [kind for kind, _ in drive.syncs()] == ["fsync", "fsync"]

    assert live(act) == ""
