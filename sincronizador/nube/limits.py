"""How much one caller may ask: token buckets in memory, bounded."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable

_KNOWN = 10_000


class Buckets:
    """
    A bucket for each caller, filled with `per_minute` tokens a minute and never fuller than that.

    The `known` callers that spoke last are remembered; one that was forgotten begins with a full bucket. With
    `per_minute` 0 nobody is limited. Threads may share it.
    """

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic, known: int = _KNOWN) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._known = known
        self._buckets: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, caller: Hashable) -> float:
        """Take a token; the seconds to wait for one when there is none, 0 when there was."""
        if not self._per_minute:
            return 0.0
        with self._lock:
            now = self._clock()
            left, since = self._buckets.pop(caller, (float(self._per_minute), now))
            left = min(float(self._per_minute), left + (now - since) * self._per_minute / 60)
            wait = 0.0 if left >= 1 else (1 - left) * 60 / self._per_minute
            self._buckets[caller] = (left if wait else left - 1, now)
            if len(self._buckets) > self._known:
                self._buckets.popitem(last=False)
            return wait
