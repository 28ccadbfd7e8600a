"""A lote of thousands in one file: how fast it becomes documents, and what a till's sale waits for meanwhile."""

import os
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from daemon import Daemon, change, disk_folder, one_file, prepare, printer, start_program, stop
from online import free_port, without_limits

SIZE = int(os.environ.get("BENCH_LOTE", "5000"))
BEFORE = 50
"""Sales before the lote, to compare with."""
DOCUMENT = """[DOCUMENTO]
TIPO=101
REFERENCIA={name}
FORMA_PAGO=CONTADO
IMPRESORA=NINGUNA
[ITEM]
DETALLE=Abono mensual
CANTIDAD=2
PRECIO=1175,50
IVA=BASICA
[ITEM]
DETALLE=Cuota social
CANTIDAD=1
PRECIO=89,00
IVA=MINIMA
"""


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured over one route."""

    name: str
    megabytes: float
    seconds: float
    """From the drop of the lote to its last answer."""
    quiet: Sequence[float]
    """Seconds from drop to answer of sales without a lote."""
    busy: Sequence[float]
    """The same while the lote is on its way."""


def report() -> str:
    """Measure; the table."""
    with disk_folder() as folder, printer() as address:
        measured = [measure_local(folder / "local", address), measure_online(folder / "nube", address)]
    return f"A lote of {SIZE} documents, and a sale every 100 ms at a till meanwhile.\n{table(measured)}"


def measure_local(folder: Path, address: str) -> Figures:
    """This machine alone."""
    prepare(folder, address)
    return _measure("local", folder)


def measure_online(folder: Path, address: str) -> Figures:
    """With a cloud on this machine."""
    port = free_port()
    prepare(folder, address, "--nube", "--puerto-nube", str(port))
    without_limits(folder / "nube.toml")
    change(folder / "sincronizador.toml", r"^token = .*$", r"\g<0>\npaciencia = 600\nespera = 60")
    cloud = start_program(folder, "nube.toml", "nube", "servir")
    try:
        return _measure("nube", folder)
    finally:
        stop(cloud)


def _measure(name: str, folder: Path) -> Figures:
    daemon = Daemon(folder, "[]")
    try:
        quiet = [one_file(daemon, f"U{index:07}") for index in range(BEFORE)]
        documents = "".join(DOCUMENT.format(name=f"D{index}") for index in range(SIZE))
        text = f"[LOTE]\nREFERENCIA=L\nCANTIDAD={SIZE}\n{documents}[FIN]\n".encode()
        (daemon.entrada / "LOTE.tmp").write_bytes(text)
        (daemon.entrada / "LOTE.tmp").rename(daemon.entrada / "LOTE.txt")
        start, busy = time.perf_counter(), []
        while not daemon.answered("LOTE"):
            busy.append(one_file(daemon, f"V{len(busy):07}"))
            time.sleep(0.08)
        return Figures(name, len(text) / 1e6, time.perf_counter() - start, quiet, busy)
    finally:
        daemon.stop()


def table(measured: Sequence[Figures]) -> str:
    """The figures."""
    head = f"{'':8}{'MB':>6}{'s':>8}{'docs/s':>8}{'sales p50 ms':>14}{'p99':>8}{'max':>8}{'without: p50':>14}{'p99':>8}"
    return "\n".join([head, *(row(figures) for figures in measured)])


def row(figures: Figures) -> str:
    """One route's line."""
    busy, quiet = (statistics.quantiles(times, n=100, method="inclusive") for times in (figures.busy, figures.quiet))
    return (
        f"{figures.name:8}{figures.megabytes:6.1f}{figures.seconds:8.1f}{SIZE / figures.seconds:8.0f}"
        f"{busy[49] * 1e3:14.1f}{busy[98] * 1e3:8.1f}{max(figures.busy) * 1e3:8.1f}"
        f"{quiet[49] * 1e3:14.1f}{quiet[98] * 1e3:8.1f}"
    )
