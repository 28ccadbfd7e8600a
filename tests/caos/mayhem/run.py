"""One run: shops among all that goes wrong, for so many seconds, out of one seed; then what they leave."""

import threading
import time
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from random import Random

from mayhem import outcome
from mayhem.counter import ISSUED, Closing, Counter
from mayhem.outcome import Outcome
from mayhem.premises import TILLS, Premises
from mayhem.stories import TOLD, Story
from mayhem.weather import Weather

HANDS = 6
"""Stories at once in a till."""
ASKED = 150
"""Sales that are asked for in the end, at most."""


class Run:
    """One shop's run. `play` blocks; `outcome` is what it left."""

    def __init__(self, folder: Path, seed: int, seconds: float, today: date, *, cloud: bool, pause: float) -> None:
        self.seconds = seconds
        self.premises = Premises(folder, cloud=cloud)
        self._rng = Random(f"{seed} {self.premises.route}")
        self._weather = Weather(self.premises, Random(self._rng.random()), long=seconds > 300)
        self._today = today
        self._pause = pause
        self._over = threading.Event()
        self._closing = threading.Event()
        self._failures: list[BaseException] = []

    def calm(self, stories: Sequence[Callable[[Story], None]]) -> Outcome:
        """Without any trouble: these stories, one after the other, at the first till."""
        premises = self.premises
        try:
            premises.open()
            counter = Counter(premises.till.spool, "", premises.book, premises.witness, self._closing)
            for story in stories:
                story(Story(counter, self._rng, self._today))
            return self._seen(0.0 if premises.settled(30) else -1.0)
        finally:
            premises.close()

    def play(self, patience: float) -> Outcome:
        """Everything; `patience` is seconds without any progress after which the wait for quiet is given up."""
        try:
            self.premises.open()
            return self._played(patience)
        finally:
            self.premises.close()

    def _played(self, patience: float) -> Outcome:
        hands = [threading.Thread(target=self._work, args=(till, Random(self._rng.random())), daemon=True)
                 for till in TILLS for _ in range(HANDS)]  # fmt: skip
        for hand in hands:
            hand.start()
        self._weather.start()
        self._over.wait(self.seconds)
        self._over.set()
        self._weather.stop()
        healed = time.monotonic()
        settled = self.premises.settled(patience)
        for hand in hands:  # who waited for an answer may have one more file to drop
            hand.join(patience)
        settled = settled and self.premises.settled(patience)
        took = time.monotonic() - healed if settled else -1.0
        self._closing.set()
        for hand in hands:
            hand.join()
        self._raise()
        return self._seen(took)

    def _work(self, till: str, rng: Random) -> None:
        counter = Counter(self.premises.till.spool, till, self.premises.book, self.premises.witness, self._closing)
        tellers, weights = list(TOLD), list(TOLD.values())
        try:
            while not self._over.wait(rng.expovariate(1 / self._pause)):
                rng.choices(tellers, weights)[0](Story(counter, Random(rng.random()), self._today))
        except Closing:
            pass  # the judge will see what did not come
        except BaseException as failure:  # it belongs to the test's thread
            self._failures.append(failure)

    def _raise(self) -> None:
        for failure in (*self._failures, *self._weather.failures):
            raise failure

    def _seen(self, settled: float) -> Outcome:
        premises, book = self.premises, self.premises.book
        pending = premises.pending()
        archived = outcome.archive(premises.till.spool)
        dropped = list(book.dropped)
        sold = {one.referencia: one for one in dropped if one.expects == {ISSUED} and one.tipo}
        asked = outcome.asked_again(premises, self._rng.sample(list(sold.values()), min(ASKED, len(sold))))
        cloud = premises.cloud
        kept = cloud.documents(premises.token) if cloud else []
        numbers = cloud.ask(premises.token, "GET", "/v1/numbers") if cloud else {}
        if cloud:
            table = [{key: value for key, value in cae.items() if key != "rut"} for cae in cloud.numbers()["numbers"]]
            if table != numbers["numbers"]:
                pending.append("the cloud's command and its API count numbers differently")
        ranges = outcome.ranges(premises)
        ended = time.monotonic()
        premises.close()
        return Outcome(
            route=premises.route,
            dropped=dropped,
            archived=archived,
            versions=dict(premises.witness.versions),
            asked=asked,
            unread=list(premises.witness.faults),
            left=outcome.left_over(premises),
            pending=pending,
            kept=kept,
            numbers=numbers,
            ranges=ranges,
            sheets=[sheet for printer in premises.printers for sheet in printer.sheets],
            lives={keeper.name: list(keeper.lives) for keeper in premises.keepers},
            commands=list(premises.commands),
            pulses=list(premises.witness.pulses),
            stalls=list(premises.witness.stalls),
            crowd=premises.witness.crowd,
            ended=ended,
            logs=premises.logs(),
            certificate=premises.till.certificate(),
            certificate_pem=premises.till.certificate_pem(),
            folder=premises.folder,
            faults=self._weather.faults,
            repeated=self._weather.repeated,
            settled=settled,
        )
