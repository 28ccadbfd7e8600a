"""A machine of its own: a tree of files, and a real systemd that boots in it as its first process."""

import contextlib
import os
import shutil
import signal
import subprocess
import time
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

PROJECT = Path(__file__).parents[2]
LONG = bool(os.environ.get("SISTEMA"))
"""Whether the long form is wanted."""
PATIENCE = 60.0
"""Seconds: this machine may be busy."""
_REBOOT = 133
"""What systemd-nspawn ends with when the machine in it asks to be started again."""
_UNCONFIGURED = (
    *("etc/systemd/system/multi-user.target.wants", "etc/systemd/system/timers.target.wants"),
    *("etc/systemd/system/sockets.target.wants", "etc/systemd/system/sysinit.target.wants"),
    *(f"etc/rc{level}.d" for level in "S0123456"),
)
"""What a machine that was in use would start besides."""
_INTO = 'while [ "$1" != -- ]; do echo $$ > "$1/cgroup.procs"; shift; done; shift; exec "$@"'
"""Moves itself into the cgroups named before ``--``, and becomes the program after it."""
Seen = TypeVar("Seen")


def missing() -> str:
    """What this machine lacks to boot another one in it, and how to get it; empty when nothing."""
    if os.geteuid() != 0:
        return "only root may boot a machine"
    tools = {"systemd-nspawn": "systemd-container", "nsenter": "util-linux", "dbus-daemon": "dbus"}
    absent = [package for tool, package in tools.items() if not shutil.which(tool)]
    return f"apt-get install {' '.join(absent)}" if absent else ""


def wait_for(what: str, look: Callable[[], Seen | None], patience: float = PATIENCE) -> Seen:
    """The first thing that `look` sees; fails when it sees nothing in time."""
    end = time.monotonic() + patience
    while not (seen := look()):
        if time.monotonic() > end:
            raise AssertionError(f"{patience} s without {what}")
        time.sleep(0.05)
    return seen


class Machine:
    """
    A machine over trees that stay as they are, the first of them on top: what it writes lies in memory.

    It is the machine whose tree lies on top, when that one was switched off; over an image alone it is a new one.
    """

    def __init__(self, place: Path, *layers: Path) -> None:
        self.place = place
        self.root = place / "root"
        self.written = place / "memory" / "upper"
        """What it wrote: a layer for others."""
        self._console = place / "console.log"
        self._host: subprocess.Popen[bytes] | None = None
        self._leader = 0
        for name in ("root", "memory"):
            (place / name).mkdir(parents=True)
        _call("mount", "-t", "tmpfs", "-o", "size=3g", "tmpfs", place / "memory")
        for name in ("upper", "work"):
            (place / "memory" / name).mkdir()
        lower = ":".join(map(str, layers))
        options = f"lowerdir={lower},upperdir={self.written},workdir={place}/memory/work"
        _call("mount", "-t", "overlay", "overlay", "-o", options, self.root)
        self._groups = _cgroups(f"maquina-{os.getpid()}-{place.name}")
        if len(layers) == 1:
            self._is_new()

    def _is_new(self) -> None:
        for folder in _UNCONFIGURED:
            shutil.rmtree(self.root / folder, ignore_errors=True)
        for name in ("etc/machine-id", "etc/hostname"):
            self.root.joinpath(name).unlink(missing_ok=True)
        self.path("/etc/machine-id").write_text(f"{uuid.uuid4().hex}\n", "ascii")
        self.path("/etc/hostname").write_text(f"{self.place.name}\n", "ascii")

    def boot(self) -> None:
        """Switch on; returns when systemd has started what there is to start."""
        command = ("systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--boot", "--private-network")
        options = ("--resolv-conf=off", "--link-journal=no", "--console=pipe", "-D", self.root)
        with self._console.open("ab") as console:
            self._host = subprocess.Popen(
                ["sh", "-c", _INTO, "sh", *self._groups, "--", *command, *options],
                stdin=subprocess.DEVNULL, stdout=console, stderr=console, start_new_session=True,
            )  # fmt: skip
        wait_for("a first process", self._find_leader)
        # Running or degraded, it has started; what failed is for the tests to see.
        wait_for("a started systemd", lambda: self.output("systemctl", "is-system-running") in ("running", "degraded"))

    def reboot(self) -> None:
        """As a person who asks for it: everything is stopped in order, and started again."""
        self.run("systemctl", "reboot", "--no-block")
        self._ended(_REBOOT)
        self.boot()

    def cut_power(self) -> None:
        """Without a word to anybody in it. What was not synced is still there: its disk is memory."""
        assert self._host is not None
        os.kill(self._leader or self._host.pid, signal.SIGKILL)
        self._host.wait(PATIENCE)
        self._host, self._leader = None, 0

    def switch_off(self) -> None:
        """In order."""
        self.run("systemctl", "poweroff", "--no-block")
        self._ended(0)

    def close(self) -> None:
        """No trace of it stays."""
        if self._host is not None and self._host.poll() is None:
            self.cut_power()
        for mounted in (self.root, self.place / "memory"):
            _call("umount", "--lazy", mounted)
        for group in self._groups:
            for folder, _, _ in os.walk(group, topdown=False):
                with contextlib.suppress(OSError):
                    os.rmdir(folder)

    def run(
        self, *command: str | Path, user: str = "", given: str = "", fails: bool = False
    ) -> subprocess.CompletedProcess[str]:
        """Run it in there, as root or as `user`, and wait. Fails, with what it said, when it ended otherwise."""
        done = self._enter(command, user, given)
        assert (done.returncode != 0) == fails, f"{command} ended {done.returncode}\n{done.stdout}{done.stderr}"
        return done

    def output(self, *command: str | Path) -> str:
        """What it prints, however it ends."""
        return self._enter(command, "", "").stdout.strip()

    def _enter(self, command: Sequence[str | Path], user: str, given: str) -> subprocess.CompletedProcess[str]:
        inside = ("nsenter", "--target", str(self._leader), "--all", "--root", "--wd")
        who = ("setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups") if user else ()
        clean = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
        return subprocess.run(
            [*inside, *who, *command], input=given, capture_output=True, text=True, env=clean, check=False,
            timeout=5 * PATIENCE,
        )  # fmt: skip

    # What is in it

    def path(self, inside: str) -> Path:
        """Where a file of it lies here."""
        return self.root / inside.lstrip("/")

    def show(self, unit: str, name: str) -> str:
        """A property of a unit."""
        return self.output("systemctl", "show", "--value", "--property", name, unit)

    def journal(self, unit: str) -> str:
        """What a unit logged since this boot."""
        return self.output("journalctl", "--boot", "--no-pager", "--output=cat", f"--unit={unit}")

    def _find_leader(self) -> bool:
        assert self._host is not None
        if self._host.poll() is not None:
            raise AssertionError(f"the machine did not start:\n{self._console.read_text('utf-8', 'replace')[-3000:]}")
        with contextlib.suppress(OSError, IndexError):
            children = Path(f"/proc/{self._host.pid}/task/{self._host.pid}/children").read_text("ascii").split()
            self._leader = int(children[0])
            return Path(f"/proc/{self._leader}/comm").read_text("ascii").strip() == "systemd"
        return False

    def _ended(self, code: int) -> None:
        assert self._host is not None
        found = self._host.wait(2 * PATIENCE)
        self._host, self._leader = None, 0
        assert found == code, self._console.read_text("utf-8", "replace")[-3000:]


def _cgroups(name: str) -> list[Path]:
    """Groups of its own wherever systemd keeps some: without, two machines would have their services in the same."""
    with open("/proc/self/mountinfo", encoding="utf-8") as file:
        mounts = [line.split() for line in file]
    groups = [Path(line[4]) / name for line in mounts if "cgroup2" in line or "name=systemd" in line[-1]]
    for group in groups:
        group.mkdir(exist_ok=True)
    return groups


def _call(*command: str | Path) -> None:
    subprocess.run(command, check=True, capture_output=True)
