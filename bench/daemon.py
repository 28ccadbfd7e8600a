"""A prepared installation and its daemon, driven from outside: files dropped, answers awaited, /proc read."""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

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


class Daemon:
    """A prepared installation and its daemon."""

    def __init__(self, folder: Path, formats: str) -> None:
        """Starts what `prepare` wrote."""
        self.folder = folder
        self.sale = SALE
        self.salida = folder / "spool" / "salida"
        self.entrada = folder / "spool" / "entrada"
        change(folder / "sincronizador.toml", r"^formatos\s*=.*$", f"formatos = {formats}")
        start = time.perf_counter()
        self.process = start_program(folder, "sincronizador.toml", "iniciar")
        self.ready = time.perf_counter() - start

    def write(self, name: str) -> None:
        """A sale under its temporary name."""
        (self.entrada / f"{name}.tmp").write_text(self.sale.format(name=name), "utf-8")

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
        return cpu_of(self.process.pid)

    def rss(self) -> float:
        """Resident memory in MB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text("ascii")
        found = re.search(r"VmRSS:\s+(\d+)", status)
        return int(found[1]) / 1024 if found else 0.0

    def stop(self) -> None:
        """SIGTERM."""
        stop(self.process)


def prepare(folder: Path, address: str, *more: str) -> None:
    """Write an installation, and with ``--nube`` a cloud, that prints at `address`."""
    run("demo", "--preparar", str(folder), "--impresora", address, *more)


def change(toml: Path, line: str, to: str) -> None:
    """Every line of the TOML that matches becomes another one."""
    toml.write_text(re.sub(f"(?m){line}", to, toml.read_text("utf-8")), "utf-8")


def start_program(folder: Path, toml: str, *words: str) -> "subprocess.Popen[bytes]":
    """Start a daemon or a cloud; it returns once that says READY."""
    address = os.path.join(tempfile.mkdtemp(), "listo")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ready, (folder / f"{toml}.log").open("wb") as log:
        ready.bind(address)
        ready.settimeout(PATIENCE)
        command = [sys.executable, "-m", "sincronizador", "--config", str(folder / toml), *words]
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environment(NOTIFY_SOCKET=address))
        while b"READY=1" not in ready.recv(4096):
            pass
    shutil.rmtree(os.path.dirname(address))
    return process


def stop(process: "subprocess.Popen[bytes]") -> None:
    """SIGTERM, and the end."""
    process.send_signal(signal.SIGTERM)
    process.wait(60)


def cpu_of(pid: int) -> float:
    """Seconds of CPU of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


@contextlib.contextmanager
def printer(beginning: bytes = b"", begun: list[float] | None = None) -> Iterator[str]:
    """The address of a printer whose paper never ends; in `begun`, when each `beginning` of a page came."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_print_all, args=(server, beginning, begun), daemon=True).start()
        yield f"127.0.0.1:{server.getsockname()[1]}"


def _print_all(server: socket.socket, beginning: bytes, begun: list[float] | None) -> None:
    with contextlib.suppress(OSError):
        while True:
            client, _ = server.accept()
            with client, contextlib.suppress(OSError):
                while part := client.recv(4096):
                    if begun is not None:
                        begun += [time.perf_counter()] * part.count(beginning)
                    client.sendall(b"\x12" * part.count(b"\x10\x04") + b"\x00" * part.count(b"\x1dr"))


@contextlib.contextmanager
def disk_folder() -> Iterator[Path]:
    """A folder beside the project, on its disk, removed afterwards."""
    made = tempfile.mkdtemp(prefix="bench-", dir=HOME)
    try:
        yield Path(made)
    finally:
        shutil.rmtree(made)


def one_file(daemon: Daemon, name: str) -> float:
    """Seconds from the rename of one file to its answer; a pause before it, as a till makes."""
    time.sleep(0.02)
    return wait_for(daemon, [name], pause=0.0002)


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
                raise SystemExit(f"no answer to {name}; see {daemon.folder}/sincronizador.toml.log")
            time.sleep(pause)
    return time.perf_counter() - start


def run(*words: str) -> None:
    """A command of the program."""
    subprocess.run(
        [sys.executable, "-m", "sincronizador", *words], check=True, env=environment(), stdout=subprocess.DEVNULL
    )


def environment(**more: str) -> dict[str, str]:
    """Of a child: the project on the path, nothing of an installation of this machine."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SINCRONIZADOR_")}
    return {**kept, "PYTHONPATH": str(HOME), **more}
