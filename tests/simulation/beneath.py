"""What lies beneath a simulated shop: its chance, its boundaries, its disk, and keys that are opened only once."""

import errno
import os
import random
import secrets
import sqlite3
from collections import Counter
from contextlib import contextmanager
from functools import lru_cache

from sqlalchemy import create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.pool import QueuePool
from walking import Crash

from sincronizador import files
from sincronizador.daemon import assembly
from sincronizador.folders.layout import Layout
from sincronizador.nube import certificates, store
from sincronizador.nube.store import Store

ANY = 0xFFFFFFFE
"""As many pages as SQLite can have."""


class Falls(BaseException):
    """The cloud's process dies: whoever asked never hears of it."""


class Boundaries:
    """Every place where a process may fall, counted over all of them; at the chosen one it does."""

    def __init__(self):
        self.passed = 0
        self.fall_at = None
        self.serving = False
        """Whether it is the cloud that works now."""
        self.falls = Counter()

    def tick(self):
        self.passed += 1
        if self.fall_at is not None and self.passed >= self.fall_at:
            self.fall_at = None
            self.falls["nube" if self.serving else "caja"] += 1
            raise Falls if self.serving else Crash

    @contextmanager
    def held(self):
        """Nothing falls within."""
        due, self.fall_at = self.fall_at, None
        try:
            yield
        finally:
            self.fall_at = due

    @contextmanager
    def serve(self):
        """What happens within happens in the cloud's process."""
        self.serving = True
        try:
            yield
        finally:
            self.serving = False


class Disk:
    """The disk of the machines' folders: full for a while, or one folder that cannot be written."""

    def __init__(self):
        self.full = 0
        """So many writes more fail."""
        self.closed = ""
        """Nothing can be written whose path has this in it."""
        self.refused = Counter()

    def write(self, path):
        """Raises what the system would."""
        if self.full:
            self.full -= 1
            self.refused["disco lleno"] += 1
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)
        if self.closed and f"/{self.closed}/" in path:
            self.refused["carpeta cerrada"] += 1
            raise OSError(errno.EACCES, os.strerror(errno.EACCES), path)

    def heal(self):
        self.full, self.closed = 0, ""


def watch(patch, boundaries, disk):
    """Every write of files and every commit of the cloud passes here."""
    _watch_files(patch, boundaries, disk)
    real = Store.writing

    @contextmanager
    def writing(self):
        boundaries.tick()
        with real(self) as db:
            yield db
            boundaries.tick()
        boundaries.tick()

    patch.setattr(Store, "writing", writing)


def _watch_files(patch, boundaries, disk):
    def falling(real, where):
        def both(*args, **how):
            boundaries.tick()
            if not boundaries.serving:
                disk.write(where(args))
            result = real(*args, **how)
            boundaries.tick()
            return result

        return both

    patch.setattr(files, "_publish", falling(files._publish, lambda args: next(iter(args[0]), ("", ""))[1]))
    patch.setattr(files, "_rename", falling(files._rename, lambda args: args[1]))
    stage = files._stage

    def staging(path, *args, **how):
        if not boundaries.serving:
            disk.write(path)
        return stage(path, *args, **how)

    patch.setattr(files, "_stage", staging)


class HeldKeys:
    """To open a PKCS#12 takes longer than to sell: one that is known is given again. What it signs is signed anew."""

    def __init__(self):
        self._held = [(room, lru_cache(room.load_pkcs12)) for room in (assembly, certificates)]

    def put(self, patch):
        """For as long as `patch` lasts."""
        for room, load in self._held:
            patch.setattr(room, "load_pkcs12", load)


class OneEngine:
    """SQLAlchemy compiles a query once for an engine: all clouds of a process, one after another, have the same one."""

    def __init__(self):
        self._path = ""
        self.most_pages = lambda: 0
        """The most pages that the base may have now; 0: any number."""
        self._engine = create_engine("sqlite://", creator=self._connect, poolclass=QueuePool, pool_size=8)
        event.listen(self._engine, "connect", store._prepare)
        event.listen(self._engine, "begin", store._begin)
        event.listen(self._engine, "checkout", self._limit)

    def put(self, patch):
        """For as long as `patch` lasts."""
        patch.setattr(store, "_engine", self.of)

    def of(self, url):
        """The engine, over the base at this address from now on."""
        self._engine.dispose()
        self._path = make_url(url).database
        return self._engine

    def _connect(self):
        return sqlite3.connect(self._path, check_same_thread=False)

    def _limit(self, connection, *_):
        connection.execute(f"PRAGMA max_page_count = {self.most_pages() or ANY}").close()


def trust_the_folders(patch):
    """Whether folders lie in one another or on other disks is asked at every start, and takes as long as a sale."""
    patch.setattr(Layout, "troubles", lambda _: [])


def throw_the_dice(patch, seed):
    """What the product draws at random is drawn from the seed too, so that a history is the same again."""
    dice = random.Random(f"{seed} secrets")
    patch.setattr(secrets, "token_hex", lambda n=16: dice.randbytes(n).hex())
    patch.setattr(secrets, "token_urlsafe", lambda n=16: dice.randbytes(n).hex())
    patch.setattr(secrets, "token_bytes", lambda n=16: dice.randbytes(n))
