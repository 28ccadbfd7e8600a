"""
Whose the working folders are, for where no kernel lock reaches: another machine that sees them over the network.

The owner's file names machine, process and run, and has a pulse. Who finds one that beats is refused; one that does not
beat any more is taken over where it was this machine's, or lies on a disk of this machine, else on a person's order.
"""

import errno
import json
import os
import secrets
import socket
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime

from sincronizador import files, machine, native
from sincronizador.core import codes
from sincronizador.errors import NeedsOperator

NAME = ".propietario"
PULSE_SECONDS = 10.0
WATCH_SECONDS = 35.0
"""A little more than three pulses."""
_LOOK_SECONDS = 0.5
_DIGITS = 12
_PLAINLY = native.CLOEXEC | native.NOFOLLOW | native.NONBLOCK
"""Neither through a link nor waiting for the other end of a pipe: who drops files may write in the folder."""
_SHARES = (
    "nfs", "cifs", "smb", "9p", "fuse", "ceph", "gluster", "vboxsf", "prl_fs", "afs", "ocfs2", "gfs2", "virtiofs",
)  # fmt: skip
"""Beginnings of the names of filesystems that another machine may see too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Who works in a folder."""

    run: str
    machine: str
    pid: int
    boot: str
    since: str

    def __str__(self) -> str:
        return f"proceso {self.pid} en {self.machine}, desde {self.since}"


def me(now: datetime) -> Owner:
    """This process."""
    return Owner(
        run=secrets.token_hex(16),
        machine=socket.gethostname(),
        pid=os.getpid(),
        boot=machine.boot(),
        since=now.isoformat(timespec="seconds"),
    )


class Ownership:
    """Of all the folders that this process works in. `wait` sleeps that many seconds."""

    def __init__(self, folders: Sequence[str], owner: Owner, wait: Callable[[float], None] = time.sleep) -> None:
        self._paths = [os.path.join(folder, NAME) for folder in folders]
        self._owner = owner
        self._wait = wait
        self._beats = 0

    def take(self, *, tomar: bool) -> None:
        """
        All folders are ours. The caller holds the kernel's locks.

        Raises `NeedsOperator`: E9221 when another process works in one, E9228 when another machine did and nobody
        ordered (`tomar`) to go on in its place.
        """
        for path in self._paths:
            self._examine(path, tomar=tomar)
        for path in self._paths:
            files.write_atomic(path, self._content())

    def pulse(self) -> None:
        """We are still here. Raises `NeedsOperator` E9226 when somebody else took the folders over."""
        self._beats += 1
        for path in self._paths:
            try:
                is_there = self._beat(path)
            except OSError as error:
                if error.errno not in (errno.ENOENT, errno.ELOOP):
                    raise files.trouble(error, path) from error
                is_there = False
            if not is_there:
                files.write_atomic(path, self._content())

    def _beat(self, path: str) -> bool:
        """False where the file is not one of ours, which is never written through: it may lead anywhere."""
        fd = os.open(path, os.O_RDWR | _PLAINLY)
        try:
            found = _parse(native.read_at_start(fd, 4096))
            if found is None:
                return False
            if found.run != self._owner.run:
                raise codes.OWNER_LOST.at(detalle=os.path.dirname(path), otro=found).as_error(NeedsOperator)
            # In place: were it replaced in this moment, the new one's file would not be ours to write.
            native.write_at_start(fd, self._content())
        finally:
            os.close(fd)
        return True

    def release(self) -> None:
        """Nobody works in the folders. What cannot be removed is known to be of a dead process."""
        for path in self._paths:
            if (found := _read(path)) is not None and found.run == self._owner.run:
                with suppress(OSError):
                    os.unlink(path)

    def _content(self) -> bytes:
        return f"{self._beats:0{_DIGITS}}{json.dumps(asdict(self._owner))}\n".encode()

    def _examine(self, path: str, *, tomar: bool) -> None:
        found = _read(path)
        if found is None or self._is_dead(found):
            return
        if self._beats_on(path):
            raise codes.SECOND_DAEMON.at(detalle=found).as_error(NeedsOperator)
        if found.machine != self._owner.machine and is_share(path) and not tomar:
            raise codes.OWNER_GONE.at(detalle=found).as_error(NeedsOperator)

    def _is_dead(self, found: Owner) -> bool:
        """Certainly: it was this machine's, before its last start, or no such process is there any more."""
        if found.machine != self._owner.machine or not found.boot:
            return False
        return found.boot != self._owner.boot or found.pid == self._owner.pid or not _lives(found.pid)

    def _beats_on(self, path: str) -> bool:
        before, left = _bytes(path), WATCH_SECONDS
        while left > 0:
            self._wait(_LOOK_SECONDS)
            left -= _LOOK_SECONDS
            if _bytes(path) != before:
                return True
        return False


def is_share(path: str) -> bool:
    """Whether a file lies where another machine may see it."""
    try:
        with open("/proc/self/mountinfo", encoding="utf-8", errors="replace") as mounts:
            lines = [line.split() for line in mounts]
    except OSError:
        return True
    status = os.stat(os.path.dirname(path))
    device = f"{os.major(status.st_dev)}:{os.minor(status.st_dev)}"
    kinds = [line[line.index("-") + 1] for line in lines if line[2] == device]
    return not kinds or any(kind.startswith(_SHARES) for kind in kinds)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    except OverflowError:
        # No process has such a number.
        return False
    return True


def _read(path: str) -> Owner | None:
    return _parse(_bytes(path))


def _bytes(path: str) -> bytes:
    try:
        fd = os.open(path, os.O_RDONLY | _PLAINLY)
    except OSError:
        return b""
    try:
        return native.read_at_start(fd, 4096)
    except OSError:
        return b""
    finally:
        os.close(fd)


def _parse(content: bytes) -> Owner | None:
    """None for what is not whole: it is being written, or nobody's."""
    try:
        found = json.loads(content[_DIGITS:])
        return Owner(
            run=str(found["run"]), machine=str(found["machine"]), pid=int(found["pid"]), boot=str(found["boot"]),
            since=str(found["since"]),
        )  # fmt: skip
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return None
