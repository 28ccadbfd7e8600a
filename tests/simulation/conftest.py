"""One ground for all histories of a process."""

import pytest
from player import playing


@pytest.fixture(scope="session")
def player():
    with playing() as one:
        yield one
