"""The clock of one program, or of several, while somebody moves its hands (libfaketime)."""

import glob
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

FAKETIME = next(iter(glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")), "")
CC = shutil.which("cc")
MISSING = "" if FAKETIME and CC else "no libfaketime or no C compiler: apt-get install faketime gcc libc6-dev"
"""Why there is no such clock on this machine; empty when there is."""
REAL_SLEEP = """
#define _GNU_SOURCE
#include <errno.h>
#include <time.h>
#include <unistd.h>
#include <sys/syscall.h>
int clock_nanosleep(clockid_t clock, int flags, const struct timespec *until, struct timespec *left) {
    return syscall(SYS_clock_nanosleep, clock, flags, until, left) ? errno : 0;
}
"""
"""What sleeps by the monotonic clock: libfaketime 0.9.10 sleeps as much longer as the machine has been up."""


class Hands:
    """The clock of its processes, as it is moved while they run; how long it really was stays true."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "faketime"
        self._sleep = folder / "sleep.so"
        subprocess.run(
            [CC, "-shared", "-fPIC", "-x", "c", "-", "-o", self._sleep], input=REAL_SLEEP.encode(), check=True
        )
        self.put("+0")

    def put(self, offset: str) -> None:
        """``-3d``, ``+40m``, ``@1970-01-01 00:00:00``."""
        new = self._file.with_suffix(".new")
        new.write_text(offset + "\n")
        new.replace(self._file)

    @property
    def environment(self) -> Mapping[str, str]:
        """Of a process whose clock it is."""
        return {
            "LD_PRELOAD": f"{self._sleep}:{FAKETIME}",
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_CACHE_DURATION": "1",
            "DONT_FAKE_MONOTONIC": "1",
        }
