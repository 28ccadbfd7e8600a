"""Who looks into `salida` all the time and writes down every version of every answer, and every heartbeat."""

import contextlib
import hashlib
import os
import threading
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from outside import judge
from outside.answers import Answer, parse

LOOKS = 0.1
"""Seconds between two looks."""
STALLED = 1.5


@dataclass(frozen=True, slots=True)
class Version:
    """An answer as it lay there."""

    at: float
    answer: Answer
    xml: str
    """SHA-256 of the companion that it named; empty when it named none."""


class Witness(threading.Thread):
    """`versions` by till and stem; `pulses` are (when, PULSO); `faults` what no reader may ever see."""

    def __init__(self, salida: str) -> None:
        super().__init__(daemon=True)
        self.versions: dict[tuple[str, str], list[Version]] = defaultdict(list)
        self.pulses: list[tuple[float, int]] = []
        self.faults: list[str] = []
        self.stalls: list[tuple[float, float]] = []
        """When this machine let nobody work: not even the witness looked."""
        self.crowd = 1.0
        """How many wanted each processor, when it was worst."""
        self._salida = salida
        self._known: dict[str, tuple[int, int]] = {}
        self._lock = threading.Lock()
        self._ended = threading.Event()

    def run(self) -> None:
        """Look until told to stop."""
        last = time.monotonic()
        while not self._ended.wait(LOOKS):
            self.look()
            now = time.monotonic()
            if now - last > STALLED:
                self.stalls.append((last, now))
            last = now
            self.crowd = max(self.crowd, os.getloadavg()[0] / (os.cpu_count() or 1))

    def stop(self) -> None:
        """Look once more, and never again."""
        self._ended.set()
        if self.ident is not None:
            self.join()
            self.look()

    def look(self) -> None:
        """Read everything that changed."""
        tills = [entry.name for entry in os.scandir(self._salida) if entry.is_dir()]
        for till in ("", *tills):
            for entry in os.scandir(os.path.join(self._salida, till)):
                if entry.name.lower().endswith(".rsp"):
                    self.see(till, entry.name)
        self._heartbeat()

    def see(self, till: str, name: str) -> Answer | None:
        """The answer of that file name as it is now, written down; None when there is none."""
        path = os.path.join(self._salida, till, name)
        with self._lock:
            try:
                found = os.stat(path)
                if self._known.get(path) == (found.st_ino, found.st_mtime_ns):
                    return self.versions[till, judge.stem(name)][-1].answer
                with open(path, "rb") as file:
                    raw, found = file.read(), os.fstat(file.fileno())
            except FileNotFoundError:
                return None
            if not raw.endswith(b"\r\n"):
                self.faults.append(f"half an answer: {path}: {raw[-80:]!r}")
            answer = parse(raw, path)
            xml = self._companion(till, answer, path)
            self._known[path] = (found.st_ino, found.st_mtime_ns)
            self.versions[till, judge.stem(name)].append(Version(time.monotonic(), answer, xml))
            return answer

    def forget(self, till: str, name: str) -> None:
        """Delete the answer to a dropped file, and what it named, as its reader does."""
        folder = os.path.join(self._salida, till)
        path = str(judge.answer_path(Path(folder), name))
        with self._lock:
            versions = self.versions[till, judge.stem(name)]
            named = versions[-1].answer["XML"] if versions else ""
            for gone in (path, os.path.join(folder, named) if named else path):
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(gone)
            self._known.pop(path, None)

    def _companion(self, till: str, answer: Answer, path: str) -> str:
        if not answer["XML"]:
            return ""
        try:
            with open(os.path.join(self._salida, till, answer["XML"]), "rb") as file:
                return hashlib.sha256(file.read()).hexdigest()
        except FileNotFoundError:
            if os.path.exists(path):  # its reader deletes the answer first
                self.faults.append(f"{path} names {answer['XML']}, which is not there")
            return ""

    def _heartbeat(self) -> None:
        try:
            with open(os.path.join(self._salida, "LATIDO.TXT"), "rb") as file:
                pulse = int(parse(b"\r\n" + file.read()).section("LATIDO")["PULSO"])
        except FileNotFoundError:
            return
        if not self.pulses or self.pulses[-1][1] != pulse:
            self.pulses.append((time.monotonic(), pulse))
