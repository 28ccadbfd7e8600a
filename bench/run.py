"""
`make bench`: how long a dropped file waits for its answer, from outside, with every fsync on.

Prepares installations with `demo --preparar` and a printer on TCP that takes and confirms all, runs the daemon, drops
files and polls for their answers. Prints one table with the budgets beside the figures; no figure fails the run.
`BENCH_ONE` and `BENCH_BURST` set the sizes.
"""

import contextlib
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

ONE_BY_ONE = int(os.environ.get("BENCH_ONE", "200"))
BURST = int(os.environ.get("BENCH_BURST", "1000"))
IDLE_SECONDS = 10
PATIENCE = 180.0
TICKS = os.sysconf("SC_CLK_TCK")
HOME = Path(__file__).resolve().parents[1]
SALE = """[DOCUMENTO]
TIPO=101
REFERENCIA={name}
FORMA_PAGO=CONTADO
[ITEM]
DETALLE=Café molido 250 g
CANTIDAD=2
PRECIO=1175,50
IVA=BASICA
[ITEM]
DETALLE=Pan
CANTIDAD=1
PRECIO=89,00
IVA=MINIMA
[ADENDA]
Gracias por su compra.
[FIN]
"""


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


class Daemon:
    """A prepared installation and its daemon."""

    def __init__(self, folder: Path, formats: str, printer: str) -> None:
        self.folder = folder
        self.salida = folder / "spool" / "salida"
        self.entrada = folder / "spool" / "entrada"
        _run("demo", "--preparar", str(folder), "--impresora", printer)
        toml = folder / "sincronizador.toml"
        text = re.sub(r"(?m)^formatos\s*=.*$", f"formatos = {formats}", toml.read_text("utf-8"))
        toml.write_text(text, "utf-8")
        start = time.perf_counter()
        self.process = self._start(toml)
        self.ready = time.perf_counter() - start

    def _start(self, toml: Path) -> "subprocess.Popen[bytes]":
        address = os.path.join(tempfile.mkdtemp(), "listo")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ready, (self.folder / "stderr.txt").open("wb") as log:
            ready.bind(address)
            ready.settimeout(PATIENCE)
            command = [sys.executable, "-m", "sincronizador", "--config", str(toml), "iniciar"]
            process = subprocess.Popen(command, stdout=log, stderr=log, env=_environment(NOTIFY_SOCKET=address))
            while b"READY=1" not in ready.recv(4096):
                pass
        shutil.rmtree(os.path.dirname(address))
        return process

    def write(self, name: str) -> None:
        """A sale under its temporary name."""
        (self.entrada / f"{name}.tmp").write_text(SALE.format(name=name), "utf-8")

    def drop(self, name: str) -> None:
        """Rename it into its final name."""
        (self.entrada / f"{name}.tmp").rename(self.entrada / f"{name}.txt")

    def answered(self, name: str) -> bool:
        """Whether it has an OK; a PENDIENTE is waited for."""
        try:
            with open(self.salida / f"{name}.rsp", "rb") as file:
                first = file.readline()
        except FileNotFoundError:
            return False
        if first.startswith(b"ERROR"):
            raise SystemExit((self.salida / f"{name}.rsp").read_text("utf-8"))
        return first.startswith(b"OK")

    def cpu(self) -> float:
        """Seconds of CPU so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text("ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def rss(self) -> float:
        """Resident memory in MB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text("ascii")
        found = re.search(r"VmRSS:\s+(\d+)", status)
        return int(found[1]) / 1024 if found else 0.0

    def stop(self) -> None:
        """SIGTERM."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)


def main() -> None:
    """Measure and print."""
    print(
        f"{ONE_BY_ONE} files one at a time, a burst of {BURST}; {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    )
    raw = rsa_rate()
    print(f"raw RSA-2048 signatures of one core: {raw:,.0f}/s\n")
    with _folders() as folders, printer() as address:
        measured = [measure(name, folder, formats, address) for name, folder, formats in folders]
    print(table(measured, raw))


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


@contextlib.contextmanager
def printer() -> Iterator[str]:
    """The address of a printer whose paper never ends."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_print_all, args=(server,), daemon=True).start()
        yield f"127.0.0.1:{server.getsockname()[1]}"


def _print_all(server: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while True:
            client, _ = server.accept()
            with client, contextlib.suppress(OSError):
                while part := client.recv(4096):
                    client.sendall(b"\x12" * part.count(b"\x10\x04") + b"\x00" * part.count(b"\x1dr"))


def measure(name: str, folder: Path, formats: str, address: str) -> Figures:
    """One installation: start, one file at a time, a burst, and rest."""
    daemon = Daemon(folder, formats, address)
    try:
        for index in range(10):
            wait_for(daemon, [f"C{index:07}"], pause=0.0005)
        one = [one_file(daemon, f"U{index:07}") for index in range(ONE_BY_ONE)]
        burst = BURST / burst_seconds(daemon)
        rss = daemon.rss()
        return Figures(name, daemon.ready, one, burst, rss, idle_share(daemon))
    finally:
        daemon.stop()


def one_file(daemon: Daemon, name: str) -> float:
    """Seconds from the rename of one file to its answer; a pause before it, as a till makes."""
    time.sleep(0.02)
    return wait_for(daemon, [name], pause=0.0002)


def burst_seconds(daemon: Daemon) -> float:
    """Seconds from the first rename of a burst to its last answer."""
    return wait_for(daemon, [f"R{index:07}" for index in range(BURST)], pause=0.02)


def wait_for(daemon: Daemon, names: Sequence[str], pause: float) -> float:
    """Drop these and wait for all their answers; the seconds it took."""
    for name in names:
        daemon.write(name)
    start = time.perf_counter()
    for name in names:
        daemon.drop(name)
    for name in names:
        while not daemon.answered(name):
            if time.perf_counter() - start > PATIENCE:
                raise SystemExit(f"no answer to {name}; see {daemon.folder}/stderr.txt")
            time.sleep(pause)
    return time.perf_counter() - start


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


def _run(*words: str) -> None:
    subprocess.run([sys.executable, "-m", "sincronizador", *words], check=True, env=_environment(), stdout=sys.stderr)


def _environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SINCRONIZADOR_")}
    return {**kept, "PYTHONPATH": str(HOME), **more}


if __name__ == "__main__":
    main()
