"""The kernel lock that keeps a second process away from a base or a folder, and names the one who has it."""

import json
import os
import socket
from contextlib import suppress
from datetime import datetime
from types import TracebackType

from sincronizador import native
from sincronizador.core import codes
from sincronizador.core.finding import Rule
from sincronizador.errors import NeedsOperator
from sincronizador.files import cause_of


class Lock:
    """Held while the process lives; the kernel lets go when it dies, however it dies."""

    def __init__(self, path: str, second: Rule = codes.SECOND_DAEMON) -> None:
        self.path = path
        self._second = second
        self._fd: int | None = None

    def take(self, now: datetime) -> None:
        """Take it. Raises `NeedsOperator` of the rule `second`, naming the owner, when another process has it."""
        try:
            fd = os.open(self.path, os.O_RDWR | os.O_CREAT | native.CLOEXEC, 0o660)
        except OSError as exc:
            raise codes.LOCK_FILE.at(detalle=self.path, causa=cause_of(exc)).as_error(NeedsOperator) from exc
        try:
            native.lock(fd)
        except OSError as exc:
            owner = _owner(fd)
            os.close(fd)
            raise self._second.at(detalle=owner).as_error(NeedsOperator) from exc
        self._fd = fd
        mine = {"pid": os.getpid(), "maquina": socket.gethostname(), "desde": now.isoformat(timespec="seconds")}
        # On a full disk the lock is held without a name in it; what was there keeps its block, which mostly is enough.
        with suppress(OSError):
            os.ftruncate(fd, native.write_at_start(fd, json.dumps(mine).encode()))

    @property
    def is_in_place(self) -> bool:
        """Whether what is locked is still what lies at the path: not after its folder was deleted or unmounted."""
        try:
            return self._fd is not None and os.path.samestat(os.fstat(self._fd), os.stat(self.path))
        except OSError:
            return False

    def release(self) -> None:
        """Let go."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def __enter__(self) -> "Lock":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def _owner(fd: int) -> str:
    try:
        owner = json.loads(native.read_at_start(fd, 4096))
        return f"proceso {owner['pid']} en {owner['maquina']}, desde {owner['desde']}"
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return "un proceso que no dejó su nombre"
