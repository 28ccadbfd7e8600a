"""The short form: some mutants of everything that eats bytes, what once broke it, and what large files cost."""

from contextlib import suppress
from pathlib import Path

import pytest
from growth import growth
from hunt import SECONDS, bounded, hunt
from shapes import EAT, SHAPES
from targets import TARGETS, Target

from sincronizador.errors import SincronizadorError

CORPUS = Path(__file__).parent / "corpus"
MUTANTS = {"txt": 120, "xml": 200, "verificar-xml": 150}
"""Of the dearest; of the others `FEW`."""
FEW = 60
BROKE = sorted(path for path in CORPUS.glob("*/*") if path.is_file())
SLOWEST = 0.000_15
"""Seconds of processor for a byte: a third is what costs most today, rows of ten bytes that are a document each."""


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_no_mutant_breaks_what_eats_it(target: Target) -> None:
    found = hunt(target, executions=MUTANTS.get(target.name, FEW), seed=20261121)
    assert not found.findings, "\n".join(one.trace for one in found.findings.values())
    assert found.executions >= FEW
    assert found.lines > 5


def test_a_hunt_sees_as_much_as_the_one_before_it() -> None:
    (target,) = [one for one in TARGETS if one.name == "respuestas"]
    first, second = (hunt(target, executions=FEW, seed=1).lines for _ in range(2))
    assert first == second


@pytest.mark.parametrize("path", BROKE, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_broke_once_does_not_break_again(path: Path) -> None:
    (target,) = [one for one in TARGETS if one.name == path.parent.name]
    with bounded(SECONDS), suppress(SincronizadorError):
        target.eat(path.read_bytes())


@pytest.mark.parametrize("name", SHAPES)
def test_eight_times_the_bytes_take_about_eight_times_as_long(name: str) -> None:
    target, make = SHAPES[name]
    found = growth(EAT[target], make)
    assert not found.steep, found
    assert found.per_byte < SLOWEST, found
