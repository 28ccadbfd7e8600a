"""A machine that sells nothing finds out by itself that another one took its place."""

from datetime import timedelta

from sincronizador.journal.post import Phase


def test_an_idle_machine_that_was_replaced_says_so_within_a_minute(world):
    old = world.till()
    world.replace(old, old.backup("copia.db"), "m2").probe()
    assert old.phase is Phase.READY, "nobody told it yet"
    for _ in range(2):
        world.clock.time += timedelta(seconds=31)
        old.probe()
    assert old.phase is Phase.FENCED
