"""Drives that lose power, and what runs on them."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# The judge and the other machines of the acceptance tests.
sys.path.append(str(Path(__file__).parents[1] / "acceptance"))

import launcher
from drive import Drive


@pytest.fixture
def drive(tmp_path: Path) -> Iterator[Drive]:
    """An empty drive."""
    with Drive(tmp_path / "disco") as made:
        yield made


@pytest.fixture(autouse=True)
def syncfs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The mount hears of syncfs(2) also from here."""
    monkeypatch.setattr(launcher.files, "_LIBC", launcher.Libc(launcher.files._LIBC))
