"""What time it is by a clock that nobody can move: how far ours was moved since it was right, and the cloud's."""

import threading
from datetime import datetime, timedelta


class Pace:
    """Threads may share it. `steady` is `Clock.steady`, at the moment of `now`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._good: tuple[datetime, float] | None = None
        """A time that was right, and when that was."""
        self._cloud: tuple[datetime, float] | None = None

    def accept(self, now: datetime, steady: float) -> None:
        """The clock is right."""
        with self._lock:
            self._good = now, steady

    def ahead(self, now: datetime, steady: float, latest: datetime) -> timedelta:
        """How far the clock was moved since it was right: before this process, at `latest`."""
        with self._lock:
            if self._good is None:
                self._good = latest, steady
            good, at = self._good
        return now - good - timedelta(seconds=steady - at)

    def hear(self, cloud: datetime, steady: float) -> None:
        """The cloud said what time it is."""
        with self._lock:
            self._cloud = cloud, steady

    def skew(self, now: datetime, steady: float) -> timedelta | None:
        """How far the cloud's clock is from ours, also long after it was heard; None when it never was."""
        with self._lock:
            heard = self._cloud
        return heard[0] + timedelta(seconds=steady - heard[1]) - now if heard is not None else None
