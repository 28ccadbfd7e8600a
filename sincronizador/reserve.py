"""
Room that is kept aside on a disk: given up when there is no other, so that what is in hand can be finished and told.

A file of allocated bytes and some empty ones, for a disk may run out of either. It outlives the process: a service that
starts on a full disk has it to start with.
"""

import os
from contextlib import suppress

from sincronizador import files, native

SPARE_FILES = 64
_BYTES = "lugar"


class Reserve:
    """The reserve in `folder`, of `size` bytes and `SPARE_FILES` files. For one thread of one process."""

    def __init__(self, folder: str, size: int) -> None:
        self._folder = folder
        self.size = size

    @property
    def is_held(self) -> bool:
        """Whether it is there, whole."""
        try:
            return os.stat(self._path(_BYTES)).st_size == self.size and len(os.listdir(self._folder)) > SPARE_FILES
        except OSError:
            return False

    def hold(self) -> None:
        """
        Make it, where there is room for twice as much: what just fits would be given up again at once.

        Raises `NeedsOperator` (E92xx), then nothing of it is left.
        """
        try:
            self._allocate()
        except OSError as error:
            with suppress(OSError):
                self.give_up()
            raise files.trouble(error, os.path.dirname(self._folder)) from error

    def give_up(self) -> None:
        """Leave its room to whoever needs it; the folder itself stays. May be repeated. Raises OSError."""
        if os.path.isdir(self._folder):
            for name in sorted(os.listdir(self._folder), key=lambda name: name != _BYTES):
                os.unlink(self._path(name))

    def _allocate(self) -> None:
        with suppress(FileExistsError):
            os.mkdir(self._folder, 0o700)
        for number in range(2 * SPARE_FILES):
            os.close(self._open(str(number)))
        descriptor = self._open(_BYTES)
        try:
            native.allocate(descriptor, 2 * self.size)
            os.ftruncate(descriptor, self.size)
        finally:
            os.close(descriptor)
        for number in range(SPARE_FILES, 2 * SPARE_FILES):
            os.unlink(self._path(str(number)))

    def _open(self, name: str) -> int:
        return os.open(self._path(name), os.O_WRONLY | os.O_CREAT | native.NOFOLLOW | native.CLOEXEC, 0o600)

    def _path(self, name: str) -> str:
        return os.path.join(self._folder, name)
