"""A life: what a process does until the power goes. It is killed then, so that it never touches the mount again."""

import os
import signal
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path

import launcher

LONG = "CORTE" in os.environ
"""Whether this is ``make corte``, which has time: every boundary, not some."""


def spread(count: int, some: int) -> int:
    """The step that takes about `some` of so many boundaries; all of them in the long form."""
    return 1 if LONG else max(1, count // some)


def live(act: Callable[[], object], *, without: str = "") -> str:
    """
    Let a process of its own act, and kill it; what it died of, empty when it came to its end.

    A page of a mapping (the ``-shm`` of SQLite) on a mount that is gone kills whoever looks at it, so nobody but such a
    process opens a base while the power may go. `without`: see `launcher.MISSING`.
    """
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "told"
        child = os.fork()
        if not child:
            try:
                launcher.prepare(without)
                act()
            except BaseException:
                told.write_text(traceback.format_exc())
            os.kill(os.getpid(), signal.SIGKILL)
        os.waitpid(child, 0)
        return told.read_text() if told.exists() else ""
