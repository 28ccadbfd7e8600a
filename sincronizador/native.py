"""
What the operating system has of POSIX, and what stands for it where it has not (Windows; see ``docs/windows.md``).

Flags that are missing are 0: what they guard against (links, devices, inherited descriptors) is then left to the
folders' permissions.
"""

import ctypes
import os
import shutil
import time
from dataclasses import dataclass
from typing import Any

CLOEXEC: int = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOINHERIT", 0) | getattr(os, "O_BINARY", 0)
"""Not for children; and bytes as they are, which Windows has to be told."""
NOFOLLOW: int = getattr(os, "O_NOFOLLOW", 0)
NONBLOCK: int = getattr(os, "O_NONBLOCK", 0)
NOCTTY: int = getattr(os, "O_NOCTTY", 0)
DIRECTORY: int = getattr(os, "O_DIRECTORY", 0)
"""0 where a folder cannot be opened: there its names cannot be synced, and need not be (NTFS keeps a log of them)."""
_EFFECTIVE = os.access in os.supports_effective_ids


def _libc() -> Any:
    try:
        return ctypes.CDLL(None, use_errno=True)
    except TypeError:
        return None


LIBC: Any = _libc()
"""The C library; None where it is not to be had by that way."""


def is_root() -> bool:
    """Whether this process may do what only the machine's owner may."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def read_at_start(descriptor: int, size: int) -> bytes:
    """The first bytes of an open file, at most `size`."""
    if hasattr(os, "pread"):
        return os.pread(descriptor, size, 0)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return os.read(descriptor, size)


def write_at_start(descriptor: int, content: bytes) -> int:
    """Write over the first bytes of an open file; how many were written."""
    if hasattr(os, "pwrite"):
        return os.pwrite(descriptor, content, 0)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return os.write(descriptor, content)


def lock(descriptor: int) -> None:
    """Lock a whole open file for this process while it lives. Raises OSError when another one has it."""
    try:
        import fcntl
    except ImportError:
        import msvcrt

        # A byte that lies behind what the file holds, so that whoever has it can be read.
        os.lseek(descriptor, 1 << 30, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
    else:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def allocate(descriptor: int, size: int) -> None:
    """Room on the disk for the first `size` bytes of an open file. Raises OSError when there is none."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(descriptor, 0, size)
        return
    block = bytes(1 << 20)
    for start in range(0, size, len(block)):
        os.write(descriptor, block[: size - start])


def may(path: str, mode: int) -> bool:
    """Whether this process, as the user that it acts for, may do that."""
    return os.access(path, mode, effective_ids=True) if _EFFECTIVE else os.access(path, mode)


@dataclass(frozen=True, slots=True)
class DiskRoom:
    """What is free for us on a disk."""

    free: int
    """Bytes."""
    files: int | None
    """How many more; None where they are not counted."""
    read_only: bool


def disk_room(folder: str) -> DiskRoom:
    """The same of the disk of `folder`. Raises OSError."""
    if not hasattr(os, "statvfs"):
        return DiskRoom(shutil.disk_usage(folder).free, None, read_only=False)
    found = os.statvfs(folder)
    read_only = bool(found.f_flag & os.ST_RDONLY)
    return DiskRoom(found.f_bavail * found.f_frsize, found.f_favail if found.f_files else None, read_only)


def steady() -> float:
    """Seconds of a clock that nobody can move; where the system has such a one, it counts the machine's sleep too."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()
