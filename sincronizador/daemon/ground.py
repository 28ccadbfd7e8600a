"""Whether folders and journal are still those of this process: not deleted, replaced, or on a disk that went away."""

import logging
import os
from collections.abc import Callable, Sequence
from datetime import datetime

from sincronizador.core import codes
from sincronizador.errors import NeedsOperator
from sincronizador.files import make_folder
from sincronizador.folders.layout import Layout
from sincronizador.lock import Lock
from sincronizador.logs import event

log = logging.getLogger(__name__)

Identity = tuple[int, int] | None


class Ground:
    """What this process stands on, as it was when it began. For one thread."""

    def __init__(self, layout: Layout, locks: Sequence[Lock], journal: str, now: Callable[[], datetime]) -> None:
        self._layout = layout
        self._locks = locks
        self._journal = journal
        self._now = now
        self._file = _identity(journal)
        self._mount = layout.mount()
        self._seen = self._folders()

    def look(self) -> None:
        """
        See that all is as it was, and make folders again that somebody deleted.

        Raises `NeedsOperator`, again and again, while they cannot be worked in: E9207 where a disk is not mounted, into
        whose place nothing is written, E9225 without the journal, E9221 where another process took them meanwhile.
        """
        if _identity(self._journal) != self._file:
            raise codes.JOURNAL_GONE.at(detalle=self._journal, pid=os.getpid()).as_error(NeedsOperator)
        if self._folders() == self._seen and all(lock.is_in_place for lock in self._locks):
            return
        self._seen = ()
        check_mount(self._layout, self._mount)
        for lock in self._locks:
            if not lock.is_in_place:
                make_folder(os.path.dirname(lock.path), parents=True)
                lock.release()
                lock.take(self._now())
        self._layout.mend()
        self._seen = self._folders()
        event(log, "folders_changed", level=logging.WARNING, folder=self._layout.spool)

    def _folders(self) -> tuple[Identity, ...]:
        return tuple(_identity(folder) for folder in self._layout.folders)


def check_mount(layout: Layout, known: str) -> None:
    """
    Raises `NeedsOperator` E9207 when the working folders are empty and on another disk than the `known` one.

    So looks the mount point of a disk that is not mounted. Work there would be hidden as soon as it is.
    """
    found = layout.mount()
    if found != known and not layout.is_there:
        raise codes.UNMOUNTED.at(detalle=layout.spool, antes=known, ahora=found).as_error(NeedsOperator)


def _identity(path: str) -> Identity:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino
