"""A CUPS of its own: the real scheduler over a private tree, on a port of its own."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

CUPSD = shutil.which("cupsd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
_CUPSD = """\
Listen {server}
LogLevel warn
Browsing Off
WebInterface No
DefaultAuthType None
JobRetryInterval 1
MaxJobTime 0
<Location />
  Order allow,deny
  Allow all
</Location>
<Policy default>
  JobPrivateAccess all
  JobPrivateValues none
  <Limit All>
    Order deny,allow
  </Limit>
</Policy>
"""
_FILES = """\
ServerRoot {tree}/etc
RequestRoot {tree}/spool
TempDir {tree}/spool/tmp
CacheDir {tree}/cache
StateDir {tree}/state
DataDir /usr/share/cups
ServerBin /usr/lib/cups
AccessLog {tree}/access
ErrorLog {tree}/error
PageLog {tree}/page
Sandboxing relaxed
"""


class CupsServer:
    """``host:port`` is `server`; use it as a context manager."""

    def __init__(self) -> None:
        # Its backends run as lp: a folder that all may enter, which those of pytest are not.
        tree = Path(tempfile.mkdtemp(prefix="cups-"))
        tree.chmod(0o755)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.server = f"127.0.0.1:{free.getsockname()[1]}"
        for folder in ("etc", "spool/tmp", "cache", "state"):
            (tree / folder).mkdir(parents=True)
        for name, text in (("cupsd.conf", _CUPSD), ("cups-files.conf", _FILES)):
            (tree / "etc" / name).write_text(text.format(server=self.server, tree=tree))
        subprocess.run(["chgrp", "-R", "lp", tree], check=True)
        (tree / "spool" / "tmp").chmod(0o1770)
        self._tree = tree

    def __enter__(self) -> Self:
        etc = self._tree / "etc"
        command = [CUPSD, "-f", "-c", etc / "cupsd.conf", "-s", etc / "cups-files.conf"]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 20
        while "is running" not in self.run("lpstat", "-r"):
            assert self._process.poll() is None, (self._tree / "error").read_text()
            assert time.monotonic() < deadline
            time.sleep(0.05)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.wait(20)
        shutil.rmtree(self._tree)

    def kill(self) -> None:
        """As when its machine loses its power."""
        self._process.kill()
        self._process.wait(20)

    def queue(self, name: str, host: str, port: int) -> str:
        """A raw queue to a printer at a port; gives what `destino` says."""
        self.run("lpadmin", "-p", name, "-E", "-v", f"socket://{host}:{port}/?waiteof=false", "-m", "raw")
        return f"{name}@{self.server}"

    def jobs(self, which: str = "not-completed") -> list[str]:
        """The names of the jobs that are, or are not, completed."""
        return [line.split()[0] for line in self.run("lpstat", "-W", which, "-o").splitlines()]

    def run(self, program: str, *arguments: str) -> str:
        """What one of its programs says."""
        path = f"{os.environ['PATH']}:/usr/sbin"
        done = subprocess.run(
            [shutil.which(program, path=path), "-h", self.server, *arguments],
            capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"}, check=False,
        )  # fmt: skip
        return done.stdout
