"""How a service is told to stop: by SIGTERM or SIGINT, or by a thread of its own."""

import select
import signal
import socket
import weakref
from contextlib import suppress

_OF_SIGNALS: list["Stop"] = []


class Stop:
    """
    Set once, for good; whoever waits for it wakes at once, in any thread.

    No lock is behind it, but a socket that Python's handler writes to. A signal may arrive in a thread that the main
    one does not hear of while it sleeps in a lock, and handlers interrupt one another.
    """

    def __init__(self, *signals: signal.Signals) -> None:
        """Set by these signals, from the main thread; one `Stop` of a process at most has any."""
        # Not a pipe: Windows waits for sockets only.
        self._told, self._tell = socket.socketpair()
        self._tell.setblocking(False)
        for end in (self._told, self._tell):
            weakref.finalize(self, end.close)
        if signals:
            # A signal may come as long as the process lives.
            _OF_SIGNALS.append(self)
            signal.set_wakeup_fd(self._tell.fileno(), warn_on_full_buffer=False)
        for number in signals:
            signal.signal(number, lambda *_: None)

    def set(self) -> None:
        """Stop."""
        with suppress(BlockingIOError):
            self._tell.send(b"\0")

    def wait(self, seconds: float) -> bool:
        """Whether it was set, after at most so many seconds."""
        return bool(select.select([self._told], [], [], seconds)[0])
