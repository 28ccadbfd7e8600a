"""The main job while the cloud comes and goes behind a line that breaks in every way; then the judge looks."""

import contextlib
import os
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from random import Random

import pytest
from outside import judge
from outside.legacy import mixed
from outside.proxy import DEAF, MUTE, PASSING, REFUSED, STALLED, Line
from outside.shop import LegacySystem, Stopwatch
from outside.site import Site

FILES, RESTARTS, PAUSE = (400, 20, 0.2) if os.environ.get("CAOS_NUBE") else (100, 5, 0.15)
"""The long form is `make caos-nube`."""
DECISION = 10.0
"""`plazo.decision`: nobody waits longer for OK or ERROR."""
BAD_LINES = (
    REFUSED,
    STALLED,
    DEAF,
    MUTE,
    Line(delay=0.4),
    Line(loses="^(PUT|POST)"),
    Line(cuts_at=150),
    Line(stranger=b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 15\r\n\r\n<h1>Wi-Fi</h1>\r\n"),
)


@dataclass(eq=False)
class Weather(threading.Thread):
    """Stops and starts the cloud, and makes the line bad in turn; old requests come once more."""

    site: Site
    seed: int
    failure: BaseException | None = None
    repeated: dict[int, int] = field(default_factory=dict)
    """Answers to requests that came late once more: status -> how many."""

    def __post_init__(self) -> None:
        super().__init__(daemon=True)
        self.rng = Random(self.seed)

    def run(self) -> None:
        """RESTARTS storms, then calm."""
        try:
            for storm in range(RESTARTS):
                self._storm(storm)
        except BaseException as failure:  # it belongs to the test's thread
            self.failure = failure
        finally:
            self.site.line.become(PASSING)

    def _storm(self, storm: int) -> None:
        line, cloud = self.site.line, self.site.cloud
        line.become(BAD_LINES[storm % len(BAD_LINES)])
        self._last(0.1, 1.5)
        if self.rng.random() < 0.5:
            cloud.kill()
        else:
            cloud.stop()
        self._last(0.0, 1.0)
        line.become(self.rng.choice((PASSING, *BAD_LINES)))
        cloud.start()
        self._last(0.1, 1.0)
        line.become(PASSING)
        if self.rng.random() < 0.5:
            line.cut()
        self._repeat()
        self._last(0.3, 2.5)

    def _last(self, least: float, most: float) -> None:
        time.sleep(self.rng.uniform(least, most))

    def _repeat(self) -> None:
        old = self.site.line.seen("^(PUT|POST)")
        for request in self.rng.sample(old, min(3, len(old))):
            with contextlib.suppress(OSError):
                status = int(self.site.line.repeat(request).split()[1])
                self.repeated[status] = self.repeated.get(status, 0) + 1


@pytest.mark.timeout(120 + 3 * FILES)
def test_mixed_files_become_one_right_document_each_whatever_the_cloud_and_the_line_do(site, today):
    site.start()
    legacy = LegacySystem(site.till, seed=7, estado="ENVIADO")
    watch, weather = Stopwatch(legacy), Weather(site, seed=7)
    watch.start()
    weather.start()
    legacy.play(mixed(7, FILES, today), PAUSE)
    weather.join(30 * RESTARTS)
    if weather.failure:
        raise weather.failure
    assert not weather.is_alive()
    faults = site.faults(legacy.dropped)
    waited = watch.stop()
    faults += [f"{name}: decided after {late:.1f} s" for name, late in waited.items() if late > DECISION]
    signers = Counter(one.signed_by for one in site.documents())
    print(f"{dict(signers)}; the longest wait was {max(waited.values()):.2f} s; late repeats: {weather.repeated}")
    assert not faults, judge.told(faults)
    assert signers.keys() == {"cloud", "installation"}
    assert 500 not in weather.repeated
