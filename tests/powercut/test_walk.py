"""
The walk of sales with a power cut at every change of the disk: real engine, journal, folders, key and printer bytes.

A boundary is every write, truncation, change of a name and sync that reaches the filesystem. What was not synced
is then lost, torn and reordered by the seed of its number; the machine starts again over what is left and works on.
"""

import pytest
from drive import Drive
from lives import LONG, spread
from walkers import World, a_life, faults, install, unreadable

SEEDS = 3 if LONG else 1
"""What one cut leaves is a matter of luck; the long form tries it more than once."""


@pytest.fixture(scope="module")
def installed(prepared, tmp_path_factory):
    """A drive with an installation, which `back` brings back, and how many changes its day takes."""
    base = tmp_path_factory.mktemp("corte")
    with Drive(base / "disco") as drive:
        install(drive, prepared)
        drive.back()
        assert a_life(drive, World(base / "cuenta")) == ""
        yield drive, drive.changes


def history(drive, world, boundary, seed, *, without=""):
    """A day that the power ends at a boundary, and the next one to its end: the faults."""
    drive.back()
    drive.cut(after=boundary)
    died = a_life(drive, world, without=without)
    assert drive.dead, f"no change {boundary} in this day: {died}"
    drive.on(seed)
    found = unreadable(drive)
    died = a_life(drive, world, without=without)
    return [*found, *([died] if died else []), *faults(drive, world)]


@pytest.mark.timeout(3600)
def test_a_cut_at_any_change_loses_nothing_and_doubles_nothing(installed, tmp_path):
    drive, changes = installed
    assert changes > 200
    for boundary in range(1, changes, spread(changes, 18)):
        for seed in range(SEEDS):
            found = history(drive, World(tmp_path / f"{boundary}-{seed}"), boundary, boundary * 10 + seed)
            assert found == [], f"after a cut at change {boundary} of {changes}, seed {boundary * 10 + seed}"
    assert min(drive.lost[kind] for kind in ("torn", "writes", "names")) > 0
    print(f"{drive.cuts} cuts, lost: {dict(drive.lost)}")


@pytest.mark.timeout(3600)
@pytest.mark.parametrize(
    ("without", "told", "since"),
    [
        ("bytes", "no answer in", 0.75),  # the temporary file before its rename
        ("names", "has no answer", 0.7),  # the folder after the renames
        ("claim", "copies of answers", 0.5),  # procesando/ before the row: else a file is decided twice
        ("journal", "2 unmarked papers", 0.75),  # every sync of SQLite
        ("commit", "2 unmarked papers", 0.75),  # that of the log at each commit
    ],
)
def test_a_sync_that_is_left_out_is_noticed(installed, tmp_path, without, told, since):
    """Within ten cuts, once the part of the day has come that the sync is for."""
    drive, changes = installed
    for boundary in range(int(changes * since), changes, changes // 40):
        found = history(drive, World(tmp_path / str(boundary)), boundary, boundary, without=without)
        if any(told in fault for fault in found):
            return
    pytest.fail(f"nobody noticed that {without} were not synced")
