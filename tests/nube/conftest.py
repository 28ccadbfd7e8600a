"""Clouds over both databases."""

import tempfile

import pytest
from clouds import OTHER_RUT, Place, Till
from dgi_line import clerk_to, dgi_of
from postgres import Cluster


@pytest.fixture(scope="session")
def cluster():
    """A PostgreSQL server of our own; pytest's folders are closed to its user."""
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        made = Cluster(folder)
        yield made
        made.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request, tmp_path):
    """A cloud without issuers."""
    if request.param == "sqlite":
        place = Place(f"sqlite:///{tmp_path}/nube.db", tmp_path)
    else:
        cluster = request.getfixturevalue("cluster")
        place = Place(cluster.new(), tmp_path, cluster)
    yield place
    place.cloud.close()


@pytest.fixture
def place(empty):
    """A cloud with an issuer, its certificate and a CAE of e-Tickets."""
    return empty.found()


@pytest.fixture
def till(place):
    """An installation with its first epoch."""
    return Till(place)


@pytest.fixture
def place_of(tmp_path):
    """A cloud with an issuer that has these ranges: what `dgi` knows and `clerk` works for."""
    made = []

    def make(ranges):
        made.append(Place(f"sqlite:///{tmp_path}/nube.db", tmp_path).found(OTHER_RUT, ranges))
        made[0].ranges = ranges
        return made[0]

    yield make
    for place in made:
        place.cloud.close()


@pytest.fixture
def dgi(place):
    """The DGI to test against, over HTTPS."""
    with dgi_of(place, place.ranges) as found:
        yield found


@pytest.fixture
def clerk(place, dgi):
    """Sweeps that talk to it."""
    with clerk_to(place, dgi) as found:
        yield found


@pytest.fixture(scope="session")
def unused(tmp_path_factory):
    """An embedded base without issuers, closed, to be copied."""
    folder = tmp_path_factory.mktemp("unused")
    made = Place(f"sqlite:///{folder}/nube.db", folder)
    made.cloud.close()
    return made
