"""
A short history falls at each of its boundaries in turn, machine and cloud alike, and at no other.

In CI at every seventeenth; all of them: ``make fronteras``.
"""

import os

import pytest

EVENTS = 14
STRIDE = int(os.environ.get("FRONTERAS", "17"))
NEVER = 10**9


@pytest.mark.parametrize(("family", "seed"), [("linea", 3), ("personas", 5), ("nube", 2), ("diario", 8), ("local", 1)])
def test_wherever_it_falls_every_promise_is_kept(family, seed, player):
    whole = player.play(seed, family, fall_at=NEVER, events=EVENTS)
    assert whole.found == []
    assert whole.passed > EVENTS, "it has boundaries"
    for boundary in range(1 + seed % STRIDE, whole.passed + 1, STRIDE):
        history = player.play(seed, family, fall_at=boundary, events=EVENTS)
        assert sum(history.town.boundaries.falls.values()) == 1
        assert history.found == [], f"it fell at boundary {boundary}"
