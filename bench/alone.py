"""
What the cloud does by itself, with 1, 4 and 16 daemons that only submit and confirm, each one sale after the other.

On an embedded SQLite, and on a PostgreSQL of its own where its programs are installed; every fsync on, on a disk. The
daemons are processes of this machine too and take their share of its cores.
"""

import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import postgres
from daemon import HOME, cpu_of, environment, prepare, run, start_program, stop
from online import free_port, without_limits

from sincronizador.cli.installation import RUT
from sincronizador.nube.assembly import open_cloud
from sincronizador.nube.configuration import load

DAEMONS = (1, 4, 16)
SALES = int(os.environ.get("BENCH_CLOUD", "640"))
"""Of all daemons together."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured with so many daemons."""

    base: str
    daemons: int
    rate: float
    """Documents a second, submitted and confirmed."""
    each: Sequence[float]
    """Seconds of one sale: two requests."""
    cpu: float
    """CPU seconds a document of the cloud."""
    base_cpu: float
    """And of PostgreSQL."""


def report() -> str:
    """Measure; the table."""
    measured = []
    with tempfile.TemporaryDirectory(prefix="bench-", dir=HOME) as folder:
        measured += _on("SQLite", Path(folder, "sqlite"), "", lambda: 0.0)
        with postgres.cluster() as cluster:
            if cluster is not None:
                measured += _on("PostgreSQL", Path(folder, "pg"), cluster.url, cluster.cpu)
    lacking = "" if len(measured) > len(DAEMONS) else "\n(no PostgreSQL here: apt-get install postgresql)"
    return f"The cloud alone, {SALES} sales of submit + confirm.\n{table(measured)}{lacking}"


def _on(name: str, folder: Path, base: str, base_cpu: Callable[[], float]) -> list[Figures]:
    """On one base."""
    port = free_port()
    prepare(folder, "carpeta", "--nube", "--puerto-nube", str(port))
    toml = folder / "nube.toml"
    if base:
        _move_to(folder, base)
    without_limits(toml)
    tokens = list(_installations(folder))
    cloud = start_program(folder, "nube.toml", "nube", "servir")
    try:
        return [_with(name, folder, port, tokens[:count], cloud.pid, base_cpu) for count in DAEMONS]
    finally:
        stop(cloud)


def _installations(folder: Path) -> Iterator[Path]:
    """So many of the issuer's, by the call that the command line makes; the files with their tokens."""
    cloud = open_cloud(load(str(folder / "nube.toml")))
    try:
        for n in range(max(DAEMONS)):
            token = folder / f"T{n}.txt"
            token.write_text(cloud.add_installation("bench", RUT, f"T{n}")[1], "ascii")
            yield token
    finally:
        cloud.close()


def _move_to(folder: Path, base: str) -> None:
    """The prepared cloud once more, on another base."""
    toml, nube = folder / "nube.toml", folder / "nube"
    text = toml.read_text("utf-8").replace('"nube/nube.db"', f'"{base}"\nmarca = "nube/marca"')
    toml.write_text(text, "utf-8")
    (nube / "clave.txt").unlink()
    cloud = ("--config", str(toml), "nube")
    run(*cloud, "crear")
    run(*cloud, "emisor", "agregar", "--desde", str(folder / "sincronizador.toml"))
    identity = (str(folder / "certificado" / "emisor.p12"), "--clave", str(folder / "certificado" / "clave.txt"))
    run(*cloud, "certificado", "instalar", *identity)
    run(*cloud, "cae", "importar", *map(str, sorted((folder / "cae").glob("*.xml"))))


def _with(
    name: str, folder: Path, port: int, tokens: Sequence[Path], pid: int, base_cpu: Callable[[], float]
) -> Figures:
    """So many daemons at once."""
    each = SALES // len(tokens)
    with contextlib.ExitStack() as running:
        tills = [running.enter_context(_till(folder, port, token, each, len(tokens))) for token in tokens]
        for till in tills:
            _said(till)
        before, start = (cpu_of(pid), base_cpu()), time.perf_counter()
        for till in tills:
            till.stdin.write("go\n")
            till.stdin.flush()
        times = [seconds for till in tills for seconds in json.loads(_said(till))]
        took = time.perf_counter() - start
        spent = cpu_of(pid) - before[0], base_cpu() - before[1]
    return Figures(name, len(tokens), len(times) / took, times, spent[0] / len(times), spent[1] / len(times))


@contextlib.contextmanager
def _till(folder: Path, port: int, token: Path, count: int, round_: int) -> Iterator["subprocess.Popen[str]"]:
    url = f"http://127.0.0.1:{port}"
    name = f"{token.stem}-{round_}"
    toml = folder / "sincronizador.toml"
    command = [sys.executable, str(HOME / "bench" / "till.py"), str(toml), url, str(token), str(count), name]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment())
    try:
        yield process
    finally:
        process.communicate()


def _said(till: "subprocess.Popen[str]") -> str:
    line = till.stdout.readline() if till.stdout else ""
    if not line:
        raise SystemExit("a simulated daemon failed")
    return line


def table(measured: Sequence[Figures]) -> str:
    """The figures."""
    head = (
        f"{'base':12}{'daemons':>8}{'docs/s':>8}{'p50 ms':>8}{'p99 ms':>8}{'CPU ms a document: cloud':>27}{'base':>7}"
    )
    return "\n".join([head, *(row(figures) for figures in measured)])


def row(figures: Figures) -> str:
    """So many daemons' line."""
    p99 = statistics.quantiles(figures.each, n=100, method="inclusive")[98]
    times = f"{figures.rate:8.0f}{statistics.median(figures.each) * 1e3:8.1f}{p99 * 1e3:8.1f}"
    base = f"{figures.base_cpu * 1e3:7.1f}" if figures.base_cpu else f"{'':>7}"
    return f"{figures.base:12}{figures.daemons:8}{times}{figures.cpu * 1e3:27.1f}{base}".rstrip()
