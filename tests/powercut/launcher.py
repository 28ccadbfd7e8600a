"""
The program as it is, on a mount of `drive.py`: only syncfs(2), which the kernel does not bring there, goes another way.

``POWERCUT_WITHOUT`` names a sync that is left out (`MISSING`), to show that the tests would notice.
Run as ``python launcher.py WORDS ...`` like ``python -m sincronizador WORDS ...``.
"""

import os
from collections.abc import Callable, Mapping

from sincronizador import files
from sincronizador.daemon import mirror
from sincronizador.journal import journal, mark
from sincronizador.nube import store

_SYNCFS = "user.powercut.syncfs"


class Libc:
    """libc, whose syncfs(2) tells the mount."""

    def __init__(self, real: object) -> None:
        self._real = real

    def __getattr__(self, name: str) -> object:
        return getattr(self._real, name)

    def syncfs(self, descriptor: int) -> int:
        """On a mount of ours, and for real everywhere else."""
        if self._real.syncfs(descriptor):
            return -1
        try:
            os.setxattr(descriptor, _SYNCFS, b"1")
        except OSError as error:
            if error.errno in _STRANGERS:
                return 0
            files.ctypes.set_errno(error.errno)
            return -1
        return 0


_STRANGERS = (files.errno.EOPNOTSUPP, files.errno.EPERM)


def route_syncfs() -> None:
    """Let the mount hear of syncfs(2)."""
    if not isinstance(files._LIBC, Libc):
        files._LIBC = Libc(files._LIBC)


def _no_bytes() -> None:
    stage = files._stage
    files._stage = lambda path, content, *, durable, mode=0o666: stage(path, content, durable=False, mode=mode)
    files._sync_all = lambda paths: None


def _no_names() -> None:
    publish = files._sync_folders
    moved = files.sync_moved

    def syncing(paths: list[str]) -> None:
        files._sync_folders, before = publish, files._sync_folders
        moved(paths)
        files._sync_folders = before

    files.sync_moved = syncing
    files._sync_folders = lambda paths: None


def _no_claim() -> None:
    files.sync_moved = lambda paths: None


def _pragma(found: str) -> None:
    connect = journal._connect

    def weak(*how: str) -> object:
        db = connect(*how)
        db.execute(f"PRAGMA synchronous = {found}")
        return db

    journal._connect = weak


def _no_mark() -> None:
    def write(path: str, found: mark.Mark) -> None:
        content = mark.json.dumps(mark.asdict(found)).encode()
        files.write_atomic(path, content, durable=False)

    mark.write = write


def _no_mirror() -> None:
    def write(self: mirror.FolderMirror, name: str, content: bytes) -> None:
        files.write_atomic(os.path.join(self._folder, name), content, durable=False)

    mirror.FolderMirror.write = write


def _no_watermark() -> None:
    def write(path: str, content: bytes, *, mode: int) -> None:
        files.write_atomic(path, content, durable=False, mode=mode)

    from sincronizador.nube import watermark

    watermark.write_atomic = write


def _base(found: str) -> None:
    prepare = store._prepare

    def weak(connection: object, record: object) -> None:
        prepare(connection, record)
        connection.execute(f"PRAGMA synchronous = {found}")

    store._prepare = weak


MISSING: Mapping[str, Callable[[], None]] = {
    "bytes": _no_bytes,
    "names": _no_names,
    "claim": _no_claim,
    "journal": lambda: _pragma("OFF"),
    "commit": lambda: _pragma("NORMAL"),
    "mark": _no_mark,
    "mirror": _no_mirror,
    "watermark": _no_watermark,
    "base": lambda: _base("OFF"),
    "base-commit": lambda: _base("NORMAL"),
}
"""Syncs by what they make durable, each with what leaves it out."""


def prepare(without: str = "") -> None:
    """Make this process one of the tests."""
    route_syncfs()
    if without:
        MISSING[without]()


if __name__ == "__main__":
    prepare(os.environ.get("POWERCUT_WITHOUT", ""))
    from sincronizador.cli import main

    main()
