"""Old files that go: answers that were long settled, and the days of what was put aside."""

import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date, timedelta

from sincronizador import files
from sincronizador.folders.layout import Layout

_OWN = re.compile(r"(?P<stem>.+?)(?:\.(?:val|tabla))?\.[^.]+")
_KEEP = re.compile(r"\..*|latido\.txt|.*\.candado", re.IGNORECASE)
_SLICE, _PAUSE = 500, 0.01
"""Entries between two breaths, and their length in seconds: whoever sells reads the same disk."""


def old_answers(layout: Layout, before: float) -> Iterator[tuple[str, str, list[str]]]:
    """
    Till, stem and paths of answers with what lies beside them, all of it untouched since then (seconds of the epoch).

    Whether they are settled, and ours, is the journal's to say. Raises `NeedsOperator`.
    """
    for till in ("", *layout.tills()):
        groups: dict[str, tuple[float, list[str]]] = {}
        for path, touched in _entries(layout.salida_of(till)):
            name = os.path.basename(path)
            if (own := _OWN.fullmatch(name)) and not _KEEP.fullmatch(name):
                newest, paths = groups.setdefault(own["stem"], (0.0, []))
                groups[own["stem"]] = max(newest, touched), [*paths, path]
        for stem, (newest, paths) in groups.items():
            if newest < before:
                yield till, stem, sorted(paths)


def remove(paths: list[str], before: float) -> int:
    """Take files away that are still untouched since then; how many. Raises `NeedsOperator`."""
    gone = 0
    for path in paths:
        with _there(path):
            if os.stat(path).st_mtime < before:
                os.unlink(path)
                gone += 1
    return gone


def old_days(root: str, today: date, days: int) -> list[str]:
    """The folders of the days in ``procesados/`` or ``rechazados/`` that are older than `days`, oldest first."""
    limit, found = today - timedelta(days=days), list[str]()
    with _there(root), os.scandir(root) as entries:
        found += [entry.path for entry in entries if entry.is_dir(follow_symlinks=False) and _is_old(entry.name, limit)]
    return sorted(found)


def remove_day(folder: str, go_on: Callable[[], bool]) -> int:
    """Take such a folder away with what is in it; how many files. Stops when it may not `go_on`."""
    gone = 0
    for path, _ in _entries(folder):
        if not go_on():
            return gone
        with _there(path):
            os.unlink(path)
            gone += 1
    with suppress(OSError):
        # What somebody put there besides keeps its folder.
        os.rmdir(folder)
    return gone


def _is_old(name: str, limit: date) -> bool:
    try:
        return len(name) == len("2026-11-21") and date.fromisoformat(name) < limit
    except ValueError:
        return False


def _entries(folder: str) -> Iterator[tuple[str, float]]:
    with _there(folder), os.scandir(folder) as entries:
        for place, entry in enumerate(entries, 1):
            with suppress(FileNotFoundError):
                if entry.is_file(follow_symlinks=False):
                    yield entry.path, entry.stat().st_mtime
            if place % _SLICE == 0:
                time.sleep(_PAUSE)


@contextmanager
def _there(path: str) -> Iterator[None]:
    """What is gone by itself is as good; anything else is `NeedsOperator`."""
    try:
        yield
    except FileNotFoundError:
        return
    except OSError as exc:
        raise files.trouble(exc, path) from exc
