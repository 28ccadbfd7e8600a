"""The main job on real input: many files from a program with bad habits, and the judge over what became of them."""

import threading
import time
from collections.abc import Sequence
from random import Random

import pytest
from outside import judge
from outside.installation import Installation
from outside.judge import Drop
from outside.legacy import mixed
from outside.shop import PATIENCE, LegacySystem, case_of, wait_for_all

FILES = 200
KILLS = 10


class Murderer(threading.Thread):
    """Kills the daemon at random moments and starts it again."""

    def __init__(self, installation: Installation, seed: int) -> None:
        super().__init__(daemon=True)
        self.installation = installation
        self.rng = Random(seed)
        self.failure: BaseException | None = None

    def run(self) -> None:
        """Kill KILLS times."""
        try:
            for _ in range(KILLS):
                time.sleep(self.rng.uniform(0.05, 1.5))
                self.installation.kill()
                self.installation.start()
        except BaseException as failure:  # it belongs to the test's thread
            self.failure = failure


def _judged(installation: Installation, drops: Sequence[Drop]) -> list[str]:
    wait_for_all(installation, drops)
    case = case_of(installation, drops)
    return judge.faults(case) + judge.unprinted(case)


@pytest.mark.timeout(300)
def test_two_hundred_mixed_files_become_one_right_document_each(installation, today):
    legacy = LegacySystem(installation, seed=1)
    installation.start()
    legacy.play(mixed(1, FILES, today), pause=0.01)
    faults = _judged(installation, legacy.dropped)
    assert not faults, judge.told(faults)


@pytest.mark.timeout(420)
@pytest.mark.parametrize("seed", [2])
def test_the_same_with_ten_kills_in_between(installation, today, seed):
    legacy = LegacySystem(installation, seed)
    installation.start()
    murderer = Murderer(installation, seed)
    murderer.start()
    legacy.play(mixed(seed, FILES, today), pause=0.05)
    murderer.join(PATIENCE)
    if murderer.failure:
        raise murderer.failure
    assert not murderer.is_alive()
    faults = _judged(installation, legacy.dropped)
    assert not faults, judge.told(faults)


@pytest.mark.timeout(120)
def test_what_lay_waiting_before_the_first_start_is_answered_too(installation, today):
    legacy = LegacySystem(installation, seed=3)
    files = [file for file in mixed(3, 40, today) if not file.sale.refers and not file.again]
    legacy.play(files, pause=0)
    installation.start()
    faults = _judged(installation, legacy.dropped)
    assert not faults, judge.told(faults)
