"""The installed program on a disk of a few megabytes."""

import contextlib
import sys
from pathlib import Path

import pytest
from small_disk import SmallDisk

sys.path.insert(0, str(Path(__file__).parents[1] / "acceptance"))
from outside.installation import Installation, prepare

WHY = "only who may mount can fill a disk: run as root, or in «unshare --map-root-user --mount make test»"


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    """What `demo --preparar` writes; nobody runs in it."""
    folder = tmp_path_factory.mktemp("demo") / "instalacion"
    prepare(folder)
    return folder


@pytest.fixture
def disk(tmp_path):
    """A disk of its own."""
    try:
        made = SmallDisk(tmp_path / "disco")
    except OSError as error:
        pytest.skip(f"{WHY} ({error})")
    yield made
    made.end()


@pytest.fixture
def shop(demo, disk):
    """An installation on that disk, with a reserve of four megabytes; not started."""
    own = Installation.copied(demo, disk.folder / "i")
    own.log = disk.folder.parent / "stderr.txt"
    own.configure("espacio", reserva="4")
    own.configure("salida", formatos='["xml"]')
    with contextlib.ExitStack() as end:
        end.callback(lambda: print(own.tail()))
        end.callback(own.kill)
        yield own
