"""A cloud that is put back to an older copy, and machines whose clocks are wrong: they give back what it forgot."""

from datetime import timedelta

import pytest

from sincronizador.core.receipt import Said


class Wrong:
    """The world's clock with the hands elsewhere."""

    def __init__(self, clock):
        self._clock = clock
        self.by = timedelta()

    @property
    def time(self):
        return self._clock.time

    @time.setter
    def time(self, moment):
        self._clock.time = moment

    def now(self):
        return self._clock.now() + self.by

    def steady(self):
        return self._clock.steady()

    def is_synchronised(self):
        return False


@pytest.fixture
def till(world):
    made = world.till()
    made.clock = Wrong(world.clock)
    made.switch_on()
    made.probe()
    return made


@pytest.mark.parametrize("mended", [False, True], ids=["still", "put right before"])
@pytest.mark.parametrize("days", [-800, -2, 0, 2])
def test_a_document_that_the_cloud_forgot_is_handed_over_whatever_the_clock_of_the_till_says(world, till, days, mended):
    copy = world.backup()
    till.clock.by = timedelta(days=days)
    till.order("reintentar", reloj="si")
    sale = till.sell("V1")
    assert till.said(sale) == "ENVIADO"
    if mended:
        till.clock.by = timedelta()
    world.restore(copy)
    world.settle()
    assert world.broken(doubtful=True) == []


@pytest.mark.parametrize("days", [-800, -2, 0, 2])
def test_a_sale_that_was_withdrawn_stays_so(world, till, days):
    copy = world.backup()
    till.clock.by = timedelta(days=days)
    till.order("reintentar", reloj="si")
    till.line.cut()
    till.sell("V1")
    till.withdraw("V1")
    world.settle()
    world.restore(copy)
    world.settle()
    assert world.speaker().submit("V1", counter=1).said is Said.OVERTAKEN
