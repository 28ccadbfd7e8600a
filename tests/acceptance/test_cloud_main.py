"""The main job while the cloud comes and goes behind a line that breaks in every way; then the judge looks."""

import contextlib
import os
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from random import Random

import pytest
from outside import judge
from outside.installation import wait_for
from outside.legacy import mixed
from outside.proxy import DEAF, MUTE, PASSING, REFUSED, STALLED, Line
from outside.shop import LegacySystem, Stopwatch
from outside.site import Site

SEED = int(os.environ.get("CAOS_NUBE", "7"))
FILES, STORMS = (400, 20) if "CAOS_NUBE" in os.environ else (100, 5)
"""The long form is `make caos-nube`; ``CAOS_NUBE=8`` is other files and other weather."""
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


class Weather:
    """Storms: a line that is bad in every way, a cloud that stops and starts, and old requests that come again."""

    def __init__(self, site: Site, seed: int) -> None:
        self.site = site
        self.rng = Random(seed)
        self.repeated: Counter[int] = Counter()
        """Answers to requests that came late once more: status -> how many."""
        self.away: list[tuple[float, float]] = []
        """When the till itself was killed and when it was back, on the monotonic clock."""

    def storm(self, number: int) -> None:
        """One storm; afterwards the line passes and the cloud is there."""
        line, cloud = self.site.line, self.site.cloud
        line.become(BAD_LINES[number % len(BAD_LINES)])
        self._last(0.1, 1.5)
        if self.rng.random() < 0.5:
            cloud.kill()
        else:
            cloud.stop()
        self._last(0.0, 1.0)
        line.become(self.rng.choice((PASSING, *BAD_LINES)))
        if number % 4 == 3:
            self._kill_the_till()
        cloud.start()
        self._last(0.1, 1.0)
        line.become(PASSING)
        if self.rng.random() < 0.5:
            line.cut()
        self._repeat()

    def waited(self, start: float, seconds: float) -> float:
        """How much of a wait that began then was while the till was there."""
        end = start + seconds
        return seconds - sum(max(0.0, min(end, back) - max(start, gone)) for gone, back in self.away)

    def _kill_the_till(self) -> None:
        gone = time.monotonic()
        self.site.till.kill()
        self.site.till.start()
        self.away.append((gone, time.monotonic()))

    def _last(self, least: float, most: float) -> None:
        time.sleep(self.rng.uniform(least, most))

    def _repeat(self) -> None:
        old = self.site.line.seen("^(PUT|POST)")
        for request in self.rng.sample(old, min(3, len(old))):
            with contextlib.suppress(OSError):
                self.repeated[int(self.site.line.repeat(request).split()[1])] += 1


@pytest.mark.timeout(120 + 20 * STORMS)
def test_mixed_files_become_one_right_document_each_whatever_the_cloud_and_the_line_do(site, today):
    site.till.configure("nube", paciencia="2", estable="0.5")
    site.start()
    legacy = LegacySystem(site.till, SEED, estado="ENVIADO")
    watch, weather = Stopwatch(legacy), Weather(site, SEED)
    watch.start()
    files, some = mixed(SEED, FILES, today), FILES // STORMS // 2
    with ThreadPoolExecutor(1) as sky:
        for number in range(STORMS):
            start = 2 * some * number
            storm = sky.submit(weather.storm, number)
            legacy.play(files[start : start + some], pause=0.2)
            storm.result()
            wait_for("the end of contingencia", lambda: not site.contingency(), 30)
            legacy.play(files[start + some : start + 2 * some], pause=0.05)
    faults = site.faults(legacy.dropped)
    waited = {name: weather.waited(legacy.times[name], seconds) for name, seconds in watch.stop().items()}
    table, rut = site.numbers()["numbers"], site.till.settings["emisor"]["rut"]
    assert site.cloud.numbers()["numbers"] == [{"rut": rut, **cae} for cae in table]
    faults += [f"{name}: decided after {late:.1f} s" for name, late in waited.items() if late > DECISION]
    signers = Counter(one.signed_by for one in site.documents())
    print(f"{dict(signers)}; the longest wait was {max(waited.values()):.2f} s; late repeats: {dict(weather.repeated)}")
    assert not faults, judge.told(faults)
    assert min(signers["cloud"], signers["installation"]) > FILES / 10, "both ways were tried"
    assert 500 not in weather.repeated
