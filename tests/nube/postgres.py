"""A PostgreSQL of our own for the tests: a cluster in a temporary folder, on a socket, thrown away afterwards."""

import glob
import os
import pwd
import shutil
import subprocess

import pytest

HOW = "necesita PostgreSQL: apt-get install postgresql"


def binaries():
    """The folder of initdb and postgres."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))
    on_path = shutil.which("initdb")
    return os.path.dirname(found[-1] if found else on_path) if found or on_path else None


class Cluster:
    """A running server, as a user that is not root."""

    def __init__(self, folder):
        self.bin = binaries()
        if self.bin is None:
            pytest.skip(HOW)
        self.folder = folder
        self.user = ["setpriv", f"--reuid={_nobody()}", "--clear-groups"] if os.geteuid() == 0 else []
        os.chmod(folder, 0o777)
        data = os.path.join(folder, "data")
        self._run("initdb", "-D", data, "-A", "trust", "-U", "nube", "--no-sync", "-E", "UTF8", "--locale=C")
        options = f"-k {folder} -c listen_addresses='' -c fsync=off -c max_connections=200"
        self._run("pg_ctl", "-D", data, "-w", "-o", options, "-l", os.path.join(folder, "log"), "start")
        self.count = 0

    def new(self):
        """The URL of a new, empty base."""
        self.count += 1
        name = f"b{self.count}"
        self._run("createdb", "-h", self.folder, "-U", "nube", name)
        return self.url(name)

    def copy(self, url):
        """A base with the content of that one, to which nobody is connected; its URL."""
        self.count += 1
        name = f"b{self.count}"
        self._run("createdb", "-h", self.folder, "-U", "nube", "-T", url.partition("///")[2].split("?")[0], name)
        return self.url(name)

    def url(self, name):
        return f"postgresql:///{name}?host={self.folder}&user=nube"

    def stop(self):
        self._run("pg_ctl", "-D", os.path.join(self.folder, "data"), "-m", "immediate", "stop")

    def _run(self, program, *args):
        subprocess.run(
            [*self.user, os.path.join(self.bin, program), *args],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/",
        )  # fmt: skip


def _nobody():
    try:
        return pwd.getpwnam("postgres").pw_uid
    except KeyError:
        return pwd.getpwnam("nobody").pw_uid
