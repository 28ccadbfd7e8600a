"""A PostgreSQL of the bench's own: a cluster in a temporary folder, on a socket, with every fsync on."""

import contextlib
import glob
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from daemon import TICKS


@dataclass(frozen=True, slots=True)
class Cluster:
    """One that runs."""

    url: str
    """Of an empty base."""
    postmaster: int

    def cpu(self) -> float:
        """Seconds of CPU of all its processes so far, those that ended included."""
        spent = 0
        for stat in glob.glob("/proc/[0-9]*/stat"):
            with contextlib.suppress(OSError):
                pid, _, rest = Path(stat).read_text("utf-8", "replace").partition(" ")
                fields = rest.rpartition(")")[2].split()
                if int(pid) == self.postmaster:
                    spent += sum(map(int, fields[11:15]))
                elif int(fields[1]) == self.postmaster:
                    spent += int(fields[11]) + int(fields[12])
        return spent / TICKS


@contextlib.contextmanager
def cluster() -> Iterator[Cluster | None]:
    """A new one, thrown away afterwards; None where its programs are missing."""
    programs = sorted(glob.glob("/usr/lib/postgresql/*/bin"))
    if not programs:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="bench-pg-", dir="/var/tmp") as folder:
        user = _user(folder)

        def run(program: str, *words: str) -> None:
            subprocess.run([*user, f"{programs[-1]}/{program}", *words], check=True, stdout=subprocess.DEVNULL, cwd="/")

        data, log = f"{folder}/data", f"{folder}/log"
        run("initdb", "-D", data, "-A", "trust", "-U", "nube", "-E", "UTF8", "--locale=C")
        run("pg_ctl", "-D", data, "-w", "-l", log, "-o", f"-k {folder} -c listen_addresses=''", "start")
        try:
            run("createdb", "-h", folder, "-U", "nube", "nube")
            pid = int(Path(data, "postmaster.pid").read_text("ascii").splitlines()[0])
            yield Cluster(f"postgresql:///nube?host={folder}&user=nube", pid)
        finally:
            run("pg_ctl", "-D", data, "-m", "fast", "stop")


def _user(folder: str) -> list[str]:
    """PostgreSQL refuses to run as root: then it is the user of its package, or nobody."""
    if os.geteuid() != 0:
        return []
    names = {user.pw_name: user.pw_uid for user in pwd.getpwall()}
    uid = names.get("postgres", names["nobody"])
    os.chown(folder, uid, -1)
    return [shutil.which("setpriv") or "setpriv", f"--reuid={uid}", "--clear-groups"]
