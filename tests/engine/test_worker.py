"""When a loop counts as stuck: what the watchdog of systemd hears of."""

import threading
import time

import pytest

from sincronizador.engine.worker import Loop


@pytest.mark.parametrize(("longest", "stuck"), [(0.05, True), (60.0, False)])
def test_a_loop_is_stuck_when_its_work_takes_longer_than_it_ever_may(longest: float, stuck: bool) -> None:
    """A page may take minutes at its printer: a busy printer must not get the service killed."""
    begun, done = threading.Event(), threading.Event()

    def work() -> bool:
        begun.set()
        return not done.wait(10)

    loop = Loop("impresora", work, idle=1, lost=pytest.fail, longest=longest)
    loop.start()
    begun.wait(10)
    time.sleep(0.1)
    assert loop.is_stuck is stuck
    done.set()
    loop.stop()
    loop.join()
