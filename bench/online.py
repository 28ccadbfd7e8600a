"""
The route ``nube``: a daemon and its cloud on this machine, the line between them as it is and 50 ms longer.

Every fsync on, on a disk. The patience is long, so that nothing is signed here: it is the cloud that is measured.
"""

import contextlib
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from daemon import (
    HOME,
    SALE,
    Daemon,
    change,
    cpu_of,
    disk_folder,
    one_file,
    prepare,
    printer,
    start_program,
    stop,
    wait_for,
)

ONE_BY_ONE = int(os.environ.get("BENCH_ONLINE_ONE", "100"))
BURST = int(os.environ.get("BENCH_ONLINE_BURST", "400"))
DELAYS = (0.0, 0.050)
"""Seconds added to the way there and back."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured over one line."""

    delay: float
    one: Sequence[float]
    """Seconds from drop to OK, one file at a time."""
    burst: float
    """Documents a second in a burst."""
    cpu: float
    """CPU seconds a document, of the daemon: submitted, adopted, confirmed, answered; without paper."""
    cloud_cpu: float
    """CPU seconds a document, of the cloud."""


def report() -> str:
    """Measure; the table."""
    with disk_folder() as folder, printer() as address:
        measured = [measure(folder / f"{delay * 1e3:.0f}ms", delay, address) for delay in DELAYS]
    told = f"{ONE_BY_ONE} files one at a time, a burst of {BURST} without paper"
    return f"With a cloud on this machine (route nube, SQLite, disk). {told}\n{table(measured)}"


def measure(folder: Path, delay: float, address: str) -> Figures:
    """One line."""
    port = free_port()
    prepare(folder, address, "--nube", "--puerto-nube", str(port))
    without_limits(folder / "nube.toml")
    change(folder / "sincronizador.toml", r"^token = .*$", r"\g<0>\npaciencia = 600\nespera = 60")
    with contextlib.ExitStack() as running:
        cloud = running.enter_context(_started(folder, "nube.toml", "nube", "servir"))
        if delay:
            longer = running.enter_context(_line(port, delay / 2))
            change(folder / "sincronizador.toml", r"^url = .*$", f'url = "http://127.0.0.1:{longer}"')
        daemon = Daemon(folder, "[]")
        running.callback(daemon.stop)
        for index in range(10):
            wait_for(daemon, [f"C{index:07}"], pause=0.0005)
        one = [one_file(daemon, f"U{index:07}") for index in range(ONE_BY_ONE)]
        _quiet(daemon, cloud)
        # A paper costs as much as the rest, on every route alike.
        daemon.sale = SALE.replace("FORMA_PAGO", "IMPRESORA=NINGUNA\nFORMA_PAGO")
        before = daemon.cpu(), cpu_of(cloud.pid)
        burst = BURST / wait_for(daemon, [f"R{index:07}" for index in range(BURST)], pause=0.02)
        _quiet(daemon, cloud)
        spent = daemon.cpu() - before[0], cpu_of(cloud.pid) - before[1]
        return Figures(delay, one, burst, spent[0] / BURST, spent[1] / BURST)


def table(measured: Sequence[Figures]) -> str:
    """The figures."""
    head = (
        f"{'line':20}{'p50 ms':>8}{'p99 ms':>8}{'max ms':>8}{'burst/s':>9}{'CPU ms a document: daemon':>28}{'cloud':>8}"
    )
    return "\n".join([head, *(row(figures) for figures in measured)])


def row(figures: Figures) -> str:
    """One line's line."""
    p99 = statistics.quantiles(figures.one, n=100, method="inclusive")[98]
    times = f"{statistics.median(figures.one) * 1e3:8.1f}{p99 * 1e3:8.1f}{max(figures.one) * 1e3:8.1f}"
    spent = f"{figures.burst:9.0f}{figures.cpu * 1e3:28.1f}{figures.cloud_cpu * 1e3:8.1f}"
    return f"{f'loopback + {figures.delay * 1e3:.0f} ms':20}{times}{spent}"


def without_limits(toml: Path) -> None:
    """The cloud's limits of calls a minute are for bad guests."""
    with toml.open("a", encoding="utf-8") as file:
        file.write("\n[limites]\npor_minuto = 0\npor_direccion = 0\n")


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@contextlib.contextmanager
def _started(folder: Path, toml: str, *words: str) -> Iterator["subprocess.Popen[bytes]"]:
    process = start_program(folder, toml, *words)
    try:
        yield process
    finally:
        stop(process)


@contextlib.contextmanager
def _line(target: int, delay: float) -> Iterator[int]:
    """The port of a line to `target` that takes `delay` seconds each way."""
    port = free_port()
    command = [sys.executable, str(HOME / "bench" / "line.py"), str(port), str(target), str(delay)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        if process.stdout is None or process.stdout.readline() != b"ready\n":
            raise SystemExit("the line did not start")
        try:
            yield port
        finally:
            process.terminate()


def _quiet(daemon: Daemon, cloud: "subprocess.Popen[bytes]") -> None:
    """Until what the documents left to do is done: confirmations, papers."""
    while True:
        before = daemon.cpu() + cpu_of(cloud.pid)
        time.sleep(1)
        if daemon.cpu() + cpu_of(cloud.pid) - before < 0.1:
            return
