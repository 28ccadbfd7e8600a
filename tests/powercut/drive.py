"""A drive of the tests: the mount's process, its switch, its counters."""

import base64
import json
import os
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest

_SERVER = Path(__file__).with_name("mount.py")


def missing() -> str:
    """Why there can be no mount here; empty when there can."""
    if os.geteuid():
        return "a power cut needs a mount of its own: run the tests as root"
    if not os.path.exists("/dev/fuse"):
        return "a power cut needs FUSE: modprobe fuse (in a container: --device /dev/fuse --cap-add SYS_ADMIN)"
    return ""


class Drive:
    """A mounted disk that forgets what was not synced; threads may share it."""

    def __init__(self, folder: Path, *, journaled: bool = False) -> None:
        if why := missing():
            pytest.skip(why)
        self.folder = folder
        self.lost: Counter[str] = Counter()
        """What all cuts together took away: changes of names, writes, and writes that were torn."""
        self.cuts = 0
        self._turn = threading.Lock()
        folder.mkdir(parents=True, exist_ok=True)
        words = [sys.executable, str(_SERVER), str(folder), *(["journaled"] if journaled else [])]
        self._process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        self._ask("look")

    def cut(self, after: int | None = None) -> None:
        """Take the power away, now or after so many more changes: everything fails with EIO from then on."""
        self._ask("cut", after=after)

    @property
    def dead(self) -> bool:
        """Whether the power went."""
        return bool(self._ask("look")["dead"])

    @property
    def changes(self) -> int:
        """How many changes and syncs there were since it is on."""
        return int(self._ask("look")["changes"])

    def on(self, seed: int) -> Counter[str]:
        """Give it the power back, over what survived; whoever used it must be dead. What was lost."""
        lost = Counter[str](self._ask("on", seed=seed))
        self.lost += lost
        self.cuts += 1
        return lost

    def keep(self) -> None:
        """Sync all of it and remember it."""
        self._ask("keep")

    def back(self) -> None:
        """Be again as it was when it was kept."""
        self._ask("back")

    def syncs(self) -> list[tuple[str, str]]:
        """Kind and path of every sync since this was asked last."""
        return [(kind, path) for kind, path in self._ask("syncs")]

    def durable(self, path: str) -> bytes | None:
        """What is certain to be there after a cut now."""
        found = self._ask("durable", path=path)
        return None if found is None else base64.b64decode(found)

    def close(self) -> None:
        """Take the mount away."""
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()

    def _ask(self, order: str, **more: object) -> Any:
        with self._turn:
            self._process.stdin.write(json.dumps({"do": order, **more}).encode() + b"\n")
            answer = self._process.stdout.readline()
        if not answer:
            raise AssertionError(f"the mount's process ended {self._process.wait()}")
        return json.loads(answer)

    def __enter__(self) -> "Drive":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
