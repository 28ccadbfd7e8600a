"""
When to look into the folders again.

An event of the kernel is only a wake: which events arrive, in what order, and whether any is lost does not matter, for
the scan that follows looks at everything, and one comes every two seconds anyway.
"""

import errno
import os
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress

from watchdog.events import (
    DirCreatedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver

from sincronizador.folders.layout import Layout, tills_in

BURST_SECONDS = 1.0
"""How long scans follow each other after a wake: longer than the half second that watchdog may hold an event back."""
FAST_SECONDS = 0.005
SLOW_SECONDS = 2.0
CROWD = 16
"""Files of one scan from which on nothing is watched: every rename out of a watched folder costs more than the file."""
CROWD_SECONDS = 1.0
"""How long it stays so after the last crowd."""
UNWATCHED_SECONDS = 0.5
"""Between scans where no events come: on network shares, or when the kernel has no watches left."""
_REST = 4

_EVENTS: list[type[FileSystemEvent]] = [
    DirCreatedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileModifiedEvent,
    FileMovedEvent,
]
"""Not those of opening and reading: our own scans would wake us."""


class Pace:
    """
    How long to wait between two scans.

    A scan that found nothing is followed by a rest of four times its duration, so that a folder of thousands of waiting
    files does not eat a processor.
    """

    def __init__(self, *, slow: Callable[[], float], clock: Callable[[], float] = time.monotonic) -> None:
        self._slow = slow
        self._clock = clock
        self._woken = threading.Event()
        self._burst_end = clock() + BURST_SECONDS
        self._scan_start = clock()

    def wake(self) -> None:
        """Scan soon, and often for a while. From any thread."""
        self._woken.set()

    def wait(self, *, found: bool) -> None:
        """Return when the next scan is due; at once when the last one `found` something."""
        now = self._clock()
        if found:
            self._burst_end = now + BURST_SECONDS
        elif now < self._burst_end:
            time.sleep(min(_REST * (now - self._scan_start), SLOW_SECONDS))
            self._woken.wait(FAST_SECONDS)
        else:
            self._woken.wait(self._slow())
        if self._woken.is_set():
            self._woken.clear()
            self._burst_end = self._clock() + BURST_SECONDS
        self._scan_start = self._clock()


class Watch:
    """
    The pace of the scanner thread: ``while not stopping: found = inbox.scan(); watch.wait(found=len(found))``.

    It survives a folder that is deleted and made again, a till that appears, a dead observer and an overflow: at each
    slow scan it compares the folders with those it watches, and begins anew where they differ.
    """

    def __init__(self, layout: Layout, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._layout = layout
        self._clock = clock
        self._pace = Pace(slow=self._slow, clock=clock)
        self._observer: BaseObserver | None = None
        self._watched: dict[str, tuple[int, int]] = {}
        self._next_check = clock()
        self.trouble = ""
        """Why no events come, in Spanish; empty while they do."""

    def wake(self) -> None:
        """End the wait: to stop, or because something is known to have been dropped. From any thread."""
        self._pace.wake()

    def wait(self, *, found: int) -> None:
        """Return when the next scan is due; at once when the last one `found` something."""
        if found >= CROWD:
            self.close()
            self._next_check = self._clock() + CROWD_SECONDS
        elif self._clock() >= self._next_check:
            self._check()
            self._next_check = self._clock() + SLOW_SECONDS
        self._pace.wait(found=bool(found))

    def close(self) -> None:
        """Stop watching."""
        observer, self._observer, self._watched = self._observer, None, {}
        if observer is not None:
            observer.stop()
            observer.join()

    def _slow(self) -> float:
        return UNWATCHED_SECONDS if self.trouble else SLOW_SECONDS

    def _check(self) -> None:
        folders = self._folders()
        if folders == self._watched and (self._observer is None or self._is_alive(self._observer)):
            return
        self.close()
        if kind := self._layout.network():
            self.trouble, self._watched = f"la carpeta es de red ({kind})", folders
            return
        try:
            self._observer = self._begin(folders)
        except OSError as error:
            cause = errno.errorcode.get(error.errno or 0, "")
            self.trouble = f"el sistema no da más avisos de cambios ({cause}); suba fs.inotify.max_user_watches"
            return
        self.trouble, self._watched = "", folders
        # What happened between two watches was told to nobody.
        self._pace.wake()

    def _begin(self, folders: Iterable[str]) -> BaseObserver:
        observer = Observer()
        observer.start()
        try:
            for folder in folders:
                observer.schedule(_Waker(self._pace.wake), folder, event_filter=_EVENTS)
        except OSError:
            observer.stop()
            observer.join()
            raise
        return observer

    @staticmethod
    def _is_alive(observer: BaseObserver) -> bool:
        return observer.is_alive() and all(emitter.is_alive() for emitter in observer.emitters)

    def _folders(self) -> dict[str, tuple[int, int]]:
        """The folders that files are dropped into, with their identity: one made anew has another."""
        roots = (self._layout.entrada, self._layout.validar, self._layout.http)
        paths = [*roots, *(os.path.join(root, till) for root in roots for till in tills_in(root))]
        found = {}
        for path in paths:
            with suppress(OSError):
                status = os.stat(path)
                found[os.path.realpath(path)] = (status.st_dev, status.st_ino)
        return found


class _Waker(FileSystemEventHandler):
    """An exception here would end the observer's thread, so it only sets a flag."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake

    def on_any_event(self, event: FileSystemEvent) -> None:  # noqa: ARG002 - every event says the same
        self._wake()
