"""Backups made by themselves: when one is due, how it is made, which old ones go. Of which base is no matter."""

import json
import logging
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from datetime import time as hour_of_day
from typing import IO, Any

from sincronizador.bundle import Bundle
from sincronizador.core import codes
from sincronizador.lock import Lock
from sincronizador.storage import Storage, Stored

log = logging.getLogger(__name__)

KEPT = 3
"""The newest backups that stay however old they are."""
AGAIN = timedelta(hours=1)
"""After one that failed."""
_AFTER_START = 20.0
"""Seconds: a shop that opens has other things to do."""
_OWN = ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID")
"""What systemd tells the service alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A backup that was made, looked at, and brought where it stays."""

    bundle: Bundle
    where: str
    size: int
    """Of its file, in bytes."""
    signatures: int
    removed: tuple[str, ...] = ()
    """Names of old ones that went."""


def is_due(hour: hour_of_day, now: datetime, made: datetime | None, tried: datetime | None) -> bool:
    """Whether the day's backup is still to be made; of days without the machine only the last one is."""
    slot = datetime.combine(now.date(), hour, now.tzinfo)
    slot = slot if slot <= now else slot - timedelta(days=1)
    if made is not None and slot <= made <= now:
        return False
    return tried is None or tried < slot or not timedelta() <= now - tried < AGAIN


def make(
    staging: str,
    storage: Storage,
    stem: str,
    days: int,
    now: datetime,
    create: Callable[[str], Bundle],
    verify: Callable[[str], int],
) -> Done:
    """
    A backup made and looked at in `staging`, which is emptied, then brought to `storage`; what is too old there goes.

    `create` makes one in a folder, `verify` looks at it whole and counts signatures. Nothing lies in the storage that
    was not looked at. Raises what they raise, and `NeedsOperator` E9245 while another one is being made.
    """
    with Lock(f"{staging}.candado", codes.BACKUP_RUNNING) as lock:
        lock.take(now)
        done = _make(staging, storage, create, verify)
        old = too_old(storage.listed(), stem, days, now)
        for name in old:
            storage.remove(name)
    return replace(done, removed=tuple(old))


def _make(staging: str, storage: Storage, create: Callable[[str], Bundle], verify: Callable[[str], int]) -> Done:
    shutil.rmtree(staging, ignore_errors=True)
    os.makedirs(staging, mode=0o700)
    try:
        made = create(staging)
        signatures = verify(made.path)
        size, where = os.path.getsize(made.path), storage.put(made.path)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return Done(bundle=made, where=where, size=size, signatures=signatures)


def backups_of(stored: Sequence[Stored], stem: str) -> list[tuple[Stored, datetime]]:
    """Those of one installation, or cloud, with the moment that their name tells; the oldest first."""
    named = re.compile(rf"respaldo-{re.escape(stem)}-(\d{{8}}-\d{{6}})(~\d+)?\.zip")
    found = ((one, named.fullmatch(one.name)) for one in stored)
    pairs = [(one, datetime.strptime(match[1], "%Y%m%d-%H%M%S")) for one, match in found if match]  # noqa: DTZ007
    return sorted(pairs, key=lambda pair: (pair[1], pair[0].name))


def too_old(stored: Sequence[Stored], stem: str, days: int, now: datetime) -> list[str]:
    """The names of the backups of `stem` that are older than `days` (0: none), but never of the newest `KEPT`."""
    if not days:
        return []
    limit = now.replace(tzinfo=None) - timedelta(days=days)
    return [one.name for one, when in backups_of(stored, stem)[:-KEPT] if when < limit]


class Child:
    """
    The process that makes them, away from whoever has no time: one at a time.

    It is a command of the program, that answers with JSON, or with a sentence and an exit code.
    """

    def __init__(self, words: Sequence[str]) -> None:
        self._words = [sys.executable, "-m", "sincronizador", *words]
        self._since = time.monotonic()
        self._process: subprocess.Popen[bytes] | None = None
        self._said: IO[bytes] | None = None

    @property
    def may_begin(self) -> bool:
        """Whether none is running and this process is at work for a while."""
        return self._process is None and time.monotonic() >= self._since + _AFTER_START

    def begin(self) -> None:
        """Start one."""
        env = {name: value for name, value in os.environ.items() if name not in _OWN}
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - until it ends
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            self._words, stdin=subprocess.DEVNULL, stdout=self._said, stderr=subprocess.STDOUT, env=env
        )
        log.info("event=backup_begun pid=%d", self._process.pid)

    def ended(self) -> tuple[dict[str, Any], str] | None:
        """What a finished one told, or why there is none, a sentence; None while none has finished."""
        if self._process is None or self._said is None or (code := self._process.poll()) is None:
            return None
        self._said.seek(0)
        said = self._said.read().decode("utf-8", "replace").strip()
        self._said.close()
        self._process = self._said = None
        if code:
            trouble = re.sub(r"\s*\n\s*", " ", said)
            return {}, re.sub(r"^Error [A-Z]\d+: ", "", trouble) or f"terminó con el código {code}."
        facts: dict[str, Any] = json.loads(said)
        return facts, ""

    def stop(self) -> None:
        """End what is running: half a backup is none."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
