"""
Whether there is room to work. Without it nothing new is taken up; what is in hand is finished with the reserve.

Free room is looked at, since a full disk that is noticed late has to be noticed by a sale. A quota cannot be looked at:
it is known by the errors of those who write.
"""

import logging
import time
from collections.abc import Callable, Iterable
from contextlib import suppress

from sincronizador import files, native
from sincronizador.core import codes
from sincronizador.errors import NeedsOperator, SincronizadorError
from sincronizador.logs import event
from sincronizador.reserve import SPARE_FILES, Reserve

log = logging.getLogger(__name__)

_FULL = (codes.DISK_FULL.code, codes.JOURNAL_FULL.code)
_TRY_EVERY = 10.0
"""Seconds between two tries to make a reserve again: each takes room for a moment."""
_MEGABYTE = 1 << 20


class Disk:
    """
    One disk and its reserve, of which all measures are taken.

    With half of it left outside, nothing new is taken up. It is given up when somebody needs it, not before: whatever
    fills the disk would have it at once. Work goes on where it has been made again, which takes twice its size. A disk
    on which it does not fit is worked on until less than its size is left.
    """

    def __init__(self, folder: str, reserve: Reserve, clock: Callable[[], float] = time.monotonic) -> None:
        self.folder = folder
        self._reserve = reserve
        self._clock = clock
        self._held = reserve.is_held
        self._missed = False
        """Whether somebody wanted it and it was not made again: a quota may lie behind the free room that is seen."""
        self._next_try = clock()
        self.trouble: NeedsOperator | None = None
        """Why nothing new may be taken up."""

    def make_way(self) -> None:
        """Before anything is opened: on a full disk the reserve is what there is to begin with."""
        with suppress(OSError):
            if self._held and self._share() < 1 / 16:
                self._give_up()

    def look(self, *, full: bool, waiting: Callable[[], bool]) -> None:
        """See how much room there is, and act on it; see `Room.look`."""
        try:
            if self._held and (full or (self._share() < 1 / 16 and waiting())):
                self._give_up()
            self._missed = self._missed or full
            if not self._held and not full and self._clock() >= self._next_try:
                self._hold()
            enough = self._share() >= self._wanted and not self._missed
            self._tell(None if enough else self._short(_left(self.folder)))
        except OSError as error:
            # Whoever works there says it better.
            self._tell(self.trouble or self._unseen(error))

    def state(self) -> NeedsOperator | None:
        """The trouble as a process sees it that must not act on it."""
        try:
            return None if self._share() >= self._wanted else self._short(_left(self.folder))
        except OSError as error:
            return self._unseen(error)

    @property
    def _wanted(self) -> float:
        """How much must be free to take something up, in reserves: more to begin again than to go on."""
        wanted = 1 / 2 if self._held else 1
        return wanted + 1 / 2 if self.trouble else wanted

    def _share(self) -> float:
        """Free room in reserves: of bytes or of files, whichever is less."""
        found = native.disk_room(self.folder)
        share = found.free / self._reserve.size
        return share if found.files is None else min(share, found.files / SPARE_FILES)

    def _give_up(self) -> None:
        self._reserve.give_up()
        self._held, self._missed, self._next_try = False, True, self._clock() + _TRY_EVERY
        event(log, "reserve_given_up", level=logging.WARNING, folder=self.folder)

    def _hold(self) -> None:
        share = self._share()
        if share < 1.5:
            return
        self._next_try = self._clock() + _TRY_EVERY
        if share < 2:
            # It would not fit twice: then what is free is all there is to go on with.
            self._missed = not files.has_room(self.folder)
            return
        try:
            self._reserve.hold()
        except NeedsOperator:
            # A quota that statvfs does not tell: there is no room yet.
            return
        self._held, self._missed = True, False

    def _tell(self, trouble: NeedsOperator | None) -> None:
        """Once when it begins and once when it ends: what is left changes all the time."""
        if trouble is not None and self.trouble is None:
            event(log, "short_of_room", level=logging.ERROR, code=trouble.code, message=trouble)
        if trouble is None and self.trouble is not None:
            event(log, "room_again", level=logging.WARNING, folder=self.folder)
        self.trouble = trouble

    def _unseen(self, error: OSError) -> NeedsOperator:
        return self._short(f"no se puede mirar: {files.cause_of(error)}")

    def _short(self, left: str) -> NeedsOperator:
        return codes.NO_ROOM.at(detalle=self.folder, causa=left).as_error(NeedsOperator)


class Room:
    """The disks of the folders and of the journal."""

    def __init__(self, disks: Iterable[Disk]) -> None:
        self.disks = tuple(disks)

    def make_way(self) -> None:
        """Give up the reserves of full disks, so that the service can begin."""
        for disk in self.disks:
            disk.make_way()

    def look(self, troubles: Iterable[SincronizadorError], waiting: Callable[[], bool]) -> bool:
        """
        Look at every disk; whether something new may be taken up.

        `troubles`: what keeps others from their work; a full disk among them needs the reserve. `waiting`: whether
        somebody who tells no trouble waits to write; asked only when a disk is all but full.
        """
        full = any(trouble.code in _FULL for trouble in troubles)
        for disk in self.disks:
            disk.look(full=full, waiting=waiting)
        return not self.troubles

    def state(self) -> list[NeedsOperator]:
        """The troubles as a process sees them that must not act on them."""
        return [trouble for disk in self.disks if (trouble := disk.state()) is not None]

    @property
    def troubles(self) -> list[NeedsOperator]:
        """Why not, a sentence for each disk."""
        return [disk.trouble for disk in self.disks if disk.trouble is not None]


def _left(folder: str) -> str:
    found = native.disk_room(folder)
    if found.files is not None and found.files < SPARE_FILES * 2:
        return f"solo caben {found.files} archivos más"
    return f"quedan {found.free // _MEGABYTE} MB"
