"""Fixtures: a prepared cloud, a copy of it for each test, its server, and its first installation."""

import pytest
from cloud_world import NOW, Process, Shop, Speaker, copy_of

from sincronizador.cli.installation import write_installation


@pytest.fixture(scope="session")
def prepared(tmp_path_factory):
    """An installation and its cloud, as ``demo --preparar --nube`` writes them."""
    folder = tmp_path_factory.mktemp("nube") / "i"
    write_installation(str(folder), "", NOW, 8750)
    return folder


@pytest.fixture
def toml(prepared, tmp_path):
    """The TOML of a cloud of one's own."""
    return copy_of(prepared, tmp_path / "i")


@pytest.fixture
def shop(toml):
    """The issuer's law and key."""
    return Shop(toml.parent)


@pytest.fixture
def serve(toml):
    """Start servers; they are stopped in the end."""
    started = []

    def start(*options, path=toml):
        started.append(Process(path, *options))
        return started[-1]

    yield start
    for process in started:
        process.stop()


@pytest.fixture
def till(toml, serve):
    """The installation before its running cloud, with an epoch."""
    speaker = Speaker(serve().url, (toml.parent / "nube" / "token.txt").read_text().strip())
    speaker.take_epoch()
    return speaker


@pytest.fixture(scope="module")
def shared(prepared, tmp_path_factory):
    """A running cloud for tests that do not disturb one another: its TOML, its process."""
    toml = copy_of(prepared, tmp_path_factory.mktemp("comun") / "i")
    process = Process(toml)
    yield toml, process
    process.stop()


@pytest.fixture(scope="module")
def market(shared):
    """The law and key of the issuer of the shared cloud."""
    return Shop(shared[0].parent)


@pytest.fixture(scope="module")
def counter(shared):
    """The installation before the shared cloud, with an epoch."""
    toml, process = shared
    speaker = Speaker(process.url, (toml.parent / "nube" / "token.txt").read_text().strip())
    speaker.take_epoch()
    return speaker
