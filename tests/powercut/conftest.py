"""Drives that lose power, and what runs on them."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# The judge and the other machines of the acceptance tests.
sys.path.append(str(Path(__file__).parents[1] / "acceptance"))

from drive import Drive


@pytest.fixture
def drive(tmp_path: Path) -> Iterator[Drive]:
    """An empty drive."""
    with Drive(tmp_path / "disco") as made:
        yield made
