"""Files in bulk: thousands at once, so many a second, and a till that sells meanwhile."""

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from gauge import first_line
from outside.dropping import by_rename
from outside.installation import Installation

SALE = """[DOCUMENTO]
TIPO=101
REFERENCIA={name}
FORMA_PAGO=CONTADO
IMPRESORA={printer}
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
"""
FLOODED, WITNESS = "CAJA1", "CAJA2"
PATIENCE = 3600.0


def sale(name: str, printer: str = "NINGUNA") -> bytes:
    """A small sale."""
    return (SALE.format(name=name, printer=printer) + "[FIN]\n").encode()


def lote(size: int) -> bytes:
    """A lote of small sales."""
    documents = "".join(SALE.format(name=f"L{index}", printer="NINGUNA") for index in range(size))
    return f"[LOTE]\nREFERENCIA=L\nCANTIDAD={size}\n{documents}[FIN]\n".encode()


def at_once(installation: Installation, count: int, till: str = FLOODED) -> list[str]:
    """Files of a till that appear together, by the rename of their folder; their stems in the order of their dates."""
    staging = installation.spool / "afuera"
    staging.mkdir()
    names = [f"F{index:07}" for index in range(count)]
    for name in names:
        (staging / f"{name}.txt").write_bytes(sale(name))
    os.rename(staging, installation.box("entrada", till))
    return names


def steadily(installation: Installation, rate: int, seconds: float, till: str = FLOODED) -> list[str]:
    """So many files a second; their stems in order."""
    folder = installation.box("entrada", till)
    folder.mkdir(exist_ok=True)
    names = [f"S{index:07}" for index in range(round(rate * seconds))]
    start = time.monotonic()
    for index, name in enumerate(names):
        if (early := start + index / rate - time.monotonic()) > 0:
            time.sleep(early)
        by_rename(str(folder), f"{name}.txt", sale(name))
    return names


def wait_for_answers(folder: Path, names: list[str], patience: float = PATIENCE) -> float:
    """Seconds until every one of them has its decision."""
    start, left = time.monotonic(), list(reversed(names))
    while left:
        if first_line(folder / f"{left[-1]}.rsp") in ("OK", "ERROR"):
            left.pop()
            continue
        assert time.monotonic() < start + patience, f"{len(left)} have no decision, the first is {left[-1]}"
        time.sleep(0.1)
    return time.monotonic() - start


class Witness(threading.Thread):
    """A till that sells now and then, and how long each sale waits for its decision and for its paper."""

    def __init__(self, installation: Installation, printer: str = "NINGUNA", pause: float = 0.25) -> None:
        super().__init__(daemon=True)
        self._installation = installation
        self._printer = printer
        self._pause = pause
        self._stopping = threading.Event()
        self.waits: list[float] = []
        self.names: list[str] = []
        installation.box("entrada", WITNESS).mkdir(exist_ok=True)
        self.start()

    def run(self) -> None:
        """The thread."""
        while not self._stopping.wait(self._pause):
            self.sell()

    def sell(self) -> float:
        """One sale; its wait."""
        name = f"W{len(self.names):06}"
        self.names.append(name)
        path, start = self._installation.box("salida", WITNESS) / f"{name}.rsp", time.monotonic()
        by_rename(str(self._installation.box("entrada", WITNESS)), f"{name}.txt", sale(name, self._printer))
        while first_line(path) not in ("OK", "ERROR"):
            assert time.monotonic() < start + PATIENCE, f"no answer to {name}"
            time.sleep(0.005)
        self.waits.append(time.monotonic() - start)
        return self.waits[-1]

    def stop(self) -> list[float]:
        """The waits."""
        self._stopping.set()
        self.join()
        return self.waits


@contextlib.contextmanager
def busy(processors: int) -> Iterator[None]:
    """Others keep the processors busy."""
    hogs = [
        subprocess.Popen([sys.executable, "-c", "import os\nos.nice(5)\nwhile True: pass"]) for _ in range(processors)
    ]
    try:
        yield
    finally:
        for hog in hogs:
            hog.kill()
            hog.wait()
