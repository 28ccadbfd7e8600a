"""This machine alone, the route ``local``: with every fsync on, on a disk and in memory, with and without formats."""

import contextlib
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from daemon import HOME, Daemon, one_file, prepare, printer, wait_for

ONE_BY_ONE = int(os.environ.get("BENCH_ONE", "200"))
BURST = int(os.environ.get("BENCH_BURST", "1000"))
IDLE_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured of one installation."""

    name: str
    ready: float
    """Seconds from start to READY."""
    one: Sequence[float]
    """Seconds from drop to answer, one file at a time."""
    burst: float
    """Documents a second in a burst."""
    rss: float
    """MB after the burst."""
    idle: float
    """Share of one core with nothing to do."""


def report() -> str:
    """Measure; the table."""
    raw = rsa_rate()
    with _folders() as folders, printer() as address:
        measured = [measure(name, folder, formats, address) for name, folder, formats in folders]
    told = f"{ONE_BY_ONE} files one at a time, a burst of {BURST}; raw RSA-2048 signatures of one core: {raw:,.0f}/s"
    return f"This machine alone (route local). {told}\n{table(measured, raw)}"


def rsa_rate() -> float:
    """Signatures a second of one core: the best of three short rounds."""
    key = rsa.generate_private_key(65537, 2048)
    rounds = []
    for _ in range(3):
        count, start = 0, time.process_time()
        while time.process_time() - start < 0.7:
            key.sign(b"x" * 500, padding.PKCS1v15(), SHA256())
            count += 1
        rounds.append(count / (time.process_time() - start))
    return max(rounds)


@contextlib.contextmanager
def _folders() -> Iterator[list[tuple[str, Path, str]]]:
    disk = tempfile.mkdtemp(prefix="bench-", dir=HOME)
    memory = tempfile.mkdtemp(prefix="bench-", dir="/dev/shm")
    try:
        yield [
            ("disk", Path(disk, "a"), "[]"),
            ("tmpfs", Path(memory, "a"), "[]"),
            ("disk, XML PDF PNG", Path(disk, "b"), '["xml", "pdf", "png"]'),
            ("tmpfs, XML PDF PNG", Path(memory, "b"), '["xml", "pdf", "png"]'),
        ]
    finally:
        shutil.rmtree(disk)
        shutil.rmtree(memory)


def measure(name: str, folder: Path, formats: str, address: str) -> Figures:
    """One installation: start, one file at a time, a burst, and rest."""
    prepare(folder, address)
    daemon = Daemon(folder, formats)
    try:
        for index in range(10):
            wait_for(daemon, [f"C{index:07}"], pause=0.0005)
        one = [one_file(daemon, f"U{index:07}") for index in range(ONE_BY_ONE)]
        burst = BURST / burst_seconds(daemon)
        rss = daemon.rss()
        return Figures(name, daemon.ready, one, burst, rss, idle_share(daemon))
    finally:
        daemon.stop()


def burst_seconds(daemon: Daemon) -> float:
    """Seconds from the first rename of a burst to its last answer."""
    return wait_for(daemon, [f"R{index:07}" for index in range(BURST)], pause=0.02)


def idle_share(daemon: Daemon) -> float:
    """Share of one core while nothing happens, once what was left to print is printed."""
    before = daemon.cpu()
    while True:
        time.sleep(2)
        if daemon.cpu() - before < 0.1:
            break
        before = daemon.cpu()
    before = daemon.cpu()
    time.sleep(IDLE_SECONDS)
    return (daemon.cpu() - before) / IDLE_SECONDS


def table(measured: Sequence[Figures], raw: float) -> str:
    """The figures with their budgets."""
    budgets = (
        "p50 <= 10 ms  p99 <= 40 ms  burst >= 0.20 of raw on disk, 0.40 on tmpfs  <= 80 MB  idle <= 0.5 %  READY <= 1 s"
    )
    head = (
        f"{'':20}{'p50 ms':>8}{'p99 ms':>8}{'max ms':>8}{'burst/s':>9}{'of raw':>8}{'MB':>6}{'idle %':>8}{'READY s':>9}"
    )
    return "\n".join([head, *(row(figures, raw) for figures in measured), "", f"budgets without formats: {budgets}"])


def row(figures: Figures, raw: float) -> str:
    """One installation's line."""
    p99 = statistics.quantiles(figures.one, n=100, method="inclusive")[98]
    times = f"{statistics.median(figures.one) * 1e3:8.1f}{p99 * 1e3:8.1f}{max(figures.one) * 1e3:8.1f}"
    rest = (
        f"{figures.burst:9.0f}{figures.burst / raw:8.2f}{figures.rss:6.0f}{figures.idle * 100:8.2f}{figures.ready:9.2f}"
    )
    return f"{figures.name:20}{times}{rest}"
