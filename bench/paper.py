"""From the drop of a sale to the first byte of its ticket at the printer: alone, and while the cloud is away."""

import os
import statistics
import time
from collections.abc import Sequence
from pathlib import Path

from daemon import Daemon, change, disk_folder, prepare, printer, start_program, stop, wait_for
from online import free_port, without_limits

COUNT = int(os.environ.get("BENCH_PAPER", "200"))
BEGINNING = b"\x1b@"
"""What every page begins with; a printer is asked before how it is."""
_PATIENCE = 60.0


def report() -> str:
    """Measure; the table."""
    begun: list[float] = []
    with disk_folder() as folder, printer(BEGINNING, begun) as address:
        measured = {"local": _alone(folder / "a", address, begun), "contingencia": _away(folder / "b", address, begun)}
    head = f"{'route':20}{'p50 ms':>8}{'p99 ms':>8}{'max ms':>8}"
    rows = [_row(name, times) for name, times in measured.items()]
    return "\n".join([f"Drop to the first byte at the printer, {COUNT} files one at a time, disk.", head, *rows])


def _alone(folder: Path, address: str, begun: list[float]) -> list[float]:
    prepare(folder, address)
    daemon = Daemon(folder, "[]")
    try:
        wait_for(daemon, [f"C{index:07}" for index in range(10)], pause=0.01)
        return _measured(daemon, begun)
    finally:
        daemon.stop()


def _away(folder: Path, address: str, begun: list[float]) -> list[float]:
    """The cloud gave its numbers before it went."""
    prepare(folder, address, "--nube", "--puerto-nube", str(free_port()))
    without_limits(folder / "nube.toml")
    change(folder / "sincronizador.toml", r"^token = .*$", rf"\g<0>\nreserva = {2 * COUNT + 100}")
    cloud = start_program(folder, "nube.toml", "nube", "servir")
    try:
        daemon = Daemon(folder, "[]")
    except BaseException:
        stop(cloud)
        raise
    try:
        wait_for(daemon, [f"C{index:07}" for index in range(10)], pause=0.01)
        stop(cloud)
        # The first one waits for the cloud and opens contingencia.
        wait_for(daemon, ["C9999999"], pause=0.01)
        return _measured(daemon, begun)
    finally:
        daemon.stop()
        if cloud.poll() is None:
            stop(cloud)


def _measured(daemon: Daemon, begun: list[float]) -> list[float]:
    _rest(begun)
    return [_one(daemon, f"U{index:07}", begun) for index in range(COUNT)]


def _one(daemon: Daemon, name: str, begun: list[float]) -> float:
    """Seconds from the rename to the page; a pause before it, as a till makes."""
    time.sleep(0.05)
    known = len(begun)
    daemon.write(name)
    start = time.perf_counter()
    daemon.drop(name)
    while len(begun) == known:
        if time.perf_counter() - start > _PATIENCE:
            raise SystemExit(f"no paper of {name}; see {daemon.folder}/sincronizador.toml.log")
        time.sleep(0.0002)
    return begun[known] - start


def _rest(begun: list[float]) -> None:
    """Until no more papers come."""
    known = -1
    while len(begun) != known:
        known = len(begun)
        time.sleep(2)


def _row(name: str, times: Sequence[float]) -> str:
    p99 = statistics.quantiles(times, n=100, method="inclusive")[98]
    return f"{name:20}{statistics.median(times) * 1e3:8.1f}{p99 * 1e3:8.1f}{max(times) * 1e3:8.1f}"
