"""How a service is told to stop: by SIGTERM or SIGINT, or by a thread of its own."""

import os
import select
import signal
from contextlib import suppress


class Stop:
    """
    Set once, for good; whoever waits for it wakes at once, in any thread.

    No lock is behind it, but a pipe that the kernel's handler writes to. A signal may arrive in a thread that the main
    one does not hear of while it sleeps in a lock, and Python's handlers interrupt one another.
    """

    def __init__(self, *signals: signal.Signals) -> None:
        """Set by these signals, from the main thread; one `Stop` of a process at most has any."""
        self._told, self._tell = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        if signals:
            signal.set_wakeup_fd(self._tell, warn_on_full_buffer=False)
        for number in signals:
            signal.signal(number, lambda *_: None)

    def set(self) -> None:
        """Stop."""
        with suppress(BlockingIOError):
            os.write(self._tell, b"\0")

    def wait(self, seconds: float) -> bool:
        """Whether it was set, after at most so many seconds."""
        waiting = select.poll()
        waiting.register(self._told, select.POLLIN)
        return bool(waiting.poll(seconds * 1000))
