"""What a process under load looks like from outside: its memory, its log of the journal, its heartbeat."""

import contextlib
import itertools
import os
import re
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from outside.answers import parse
from outside.installation import Installation

TICKS = os.sysconf("SC_CLK_TCK")
EVERY = 0.5


def rss(pid: int) -> float:
    """Resident memory in MB."""
    found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text("ascii"))
    return int(found[1]) / 1024 if found else 0.0


def cpu(pid: int) -> float:
    """Seconds of CPU so far."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


@dataclass
class Curve:
    """What was seen, a sample every `EVERY` seconds."""

    megabytes: list[float] = field(default_factory=list)
    wal: list[float] = field(default_factory=list)
    """MB."""
    beats: list[tuple[float, int]] = field(default_factory=list)
    """When each PULSO was first seen."""

    def longest_beat(self) -> float:
        """Seconds between two heartbeats at worst."""
        times = [at for at, _ in self.beats]
        return max((later - earlier for earlier, later in itertools.pairwise(times)), default=0.0)

    def late_slope(self) -> float:
        """MB by which the last quarter lies above the second."""
        quarter = len(self.megabytes) // 4
        if not quarter:
            return 0.0
        return max(self.megabytes[-quarter:]) - max(self.megabytes[quarter : 2 * quarter])


class Gauge(threading.Thread):
    """Looks at a running daemon until it is told to stop."""

    def __init__(self, installation: Installation) -> None:
        super().__init__(daemon=True)
        self._installation = installation
        self._stopping = threading.Event()
        process = installation.process
        assert process is not None
        self._pid = process.pid
        self._before = cpu(self._pid), time.monotonic()
        self.curve = Curve()
        self.start()

    def run(self) -> None:
        """The thread."""
        while not self._stopping.wait(EVERY):
            with contextlib.suppress(OSError):
                self._look()

    def stop(self) -> Curve:
        """What was seen."""
        self._stopping.set()
        self.join()
        return self.curve

    def share(self) -> float:
        """Share of one core that the daemon used since the beginning."""
        spent, since = self._before
        return (cpu(self._pid) - spent) / (time.monotonic() - since)

    def _look(self) -> None:
        curve, folder = self.curve, self._installation.folder
        curve.megabytes.append(rss(self._pid))
        curve.wal.append(sum(path.stat().st_size for path in folder.glob("diario.db-wal")) / 1e6)
        raw = (self._installation.box("salida") / "LATIDO.TXT").read_bytes()
        pulse = int(re.search(rb"PULSO=(\d+)", raw)[1])
        if not curve.beats or curve.beats[-1][1] != pulse:
            curve.beats.append((time.monotonic(), pulse))


def stalled(installation: Installation) -> bool:
    """Whether the watchdog was ever left unfed."""
    return b"event=stalled" in installation.log.read_bytes()


def first_line(path: Path) -> str:
    """Of an answer; empty while there is none."""
    try:
        with path.open("rb") as file:
            return file.readline().decode("ascii").strip()
    except FileNotFoundError:
        return ""


def numbers(folder: Path, names: list[str]) -> list[int]:
    """NUMERO of these answers, in order; every one of them must be OK."""
    found = []
    for name in names:
        answer = parse((folder / f"{name}.rsp").read_bytes())
        assert answer.first == "OK", answer
        found.append(int(answer["NUMERO"]))
    return found
