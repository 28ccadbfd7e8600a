"""What lies beneath a simulated shop: its chance, its boundaries, its disk, and keys that are opened only once."""

import errno
import os
import random
import secrets
from collections import Counter
from contextlib import contextmanager
from functools import lru_cache

from walking import Crash

from sincronizador import files
from sincronizador.daemon import assembly
from sincronizador.nube import certificates
from sincronizador.nube.store import Store


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


def hold_keys(patch):
    """To open a PKCS#12 takes longer than to sell: one that is known is given again. What it signs is signed anew."""
    for room in (assembly, certificates):
        patch.setattr(room, "load_pkcs12", lru_cache(room.load_pkcs12))


def throw_the_dice(patch, seed):
    """What the product draws at random is drawn from the seed too, so that a history is the same again."""
    dice = random.Random(f"{seed} secrets")
    patch.setattr(secrets, "token_hex", lambda n=16: dice.randbytes(n).hex())
    patch.setattr(secrets, "token_urlsafe", lambda n=16: dice.randbytes(n).hex())
    patch.setattr(secrets, "token_bytes", lambda n=16: dice.randbytes(n))
