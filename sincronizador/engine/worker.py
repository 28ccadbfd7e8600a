"""A loop in a thread of its own: work while there is work, else sleep until woken."""

import logging
import threading
import time
from collections.abc import Callable, Sequence

from sincronizador.errors import SincronizadorError
from sincronizador.journal.journal import JournalLost

log = logging.getLogger(__name__)

STALLED_SECONDS = 45.0
"""A loop that began no work for so long is stuck, unless it is told that its work may take longer."""
REST_AFTER = 1.0
"""Seconds without work after which nobody is waiting for a loop that nobody wakes."""
REST = 1.0
"""Between two looks from then on: each costs a processor little, and all of them together too much."""


class Loop(threading.Thread):
    """
    Calls `work` again and again; True means that there may be more to do at once.

    An error of the family is logged when it is new and the loop goes on after a pause; so does it after a bug of ours,
    with a traceback. A lost journal ends the process through `lost`.
    """

    def __init__(
        self,
        name: str,
        work: Callable[[], object],
        *,
        idle: float,
        lost: Callable[[BaseException], None],
        wakes: Sequence["Loop"] = (),
        longest: float = STALLED_SECONDS,
    ) -> None:
        super().__init__(name=name, daemon=True)
        self._work = work
        self._idle = idle
        self._lost = lost
        self._wakes = wakes
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._worked = time.monotonic()
        """When there was last something to do, or somebody said so."""
        self._beat = time.monotonic()
        """When it last began to work."""
        self._longest = longest
        self.trouble: SincronizadorError | None = None
        """Why it cannot work now."""

    @property
    def is_stuck(self) -> bool:
        """Whether what it does takes longer than it ever may: what the watchdog looks at."""
        return time.monotonic() - self._beat > self._longest

    def wake(self) -> None:
        """There may be something to do."""
        self._wake.set()

    def stop(self) -> None:
        """Finish the step in hand and end."""
        self._stopping.set()
        self._wake.set()

    def run(self) -> None:
        """The thread."""
        while not self._stopping.is_set():
            self._beat = time.monotonic()
            if self._once():
                self._worked = time.monotonic()
                for other in self._wakes:
                    other.wake()
            else:
                if self._wake.wait(self._pause()):
                    self._worked = time.monotonic()
                self._wake.clear()

    def _pause(self) -> float:
        rests = self._idle and time.monotonic() - self._worked > REST_AFTER
        return max(self._idle, REST) if rests else self._idle

    def _once(self) -> bool:
        try:
            busy = bool(self._work())
        except SincronizadorError as error:
            self._complain(error)
            return False
        except JournalLost as error:
            self._lost(error)
            self._stopping.set()
            return False
        except Exception:
            log.exception("event=bug loop=%s", self.name)
            self._stopping.wait(1.0)
            return False
        self.trouble = None
        return busy

    def _complain(self, error: SincronizadorError) -> None:
        if self.trouble is None or str(self.trouble) != str(error):
            log.error("event=trouble loop=%s code=%s message=%r", self.name, error.code, str(error))
        self.trouble = error
        self._stopping.wait(1.0)
