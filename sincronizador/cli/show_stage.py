"""What the demonstration is played with: processes that it starts and stops, and a legacy system made of files."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sincronizador.cli.cloud_installation import DGI
from sincronizador.cli.installation import TIPOS, Installation
from sincronizador.countries.uy.tipos import ZONE
from sincronizador.errors import Unavailable
from sincronizador.files import write_atomic
from sincronizador.folders.answers import answer_name, parse_answer
from sincronizador.journal import leases
from sincronizador.journal.journal import open_journal

_T = TypeVar("_T")
_PATIENCE = 60.0
"""Seconds that the demonstration waits for anything."""


class Legacy:
    """A billing system that can write a file and look for another."""

    def __init__(self, spool: str) -> None:
        self._spool = spool
        self._encodings: dict[str, str] = {}

    def drop(self, name: str, text: str, encoding: str = "utf-8") -> None:
        """Write it under another name, then rename it into place. Its answer comes in the same encoding."""
        self._encodings[name] = encoding
        write_atomic(os.path.join(self._spool, "entrada", name), text.encode(encoding))

    def wait(self, name: str, *, field: str = "ESTADO", unless: str = "RECIBIDO") -> dict[str, str]:
        """The answer, once `field` says something else than `unless`."""
        return until(lambda: self._answer(name), f"la respuesta de {name}", lambda found: found.get(field) != unless)

    def wait_for(self, name: str, *estados: str) -> dict[str, str]:
        """The answer, once its ESTADO is one of those."""
        wanted = f"{' o '.join(estados)} en la respuesta de {name}"
        return until(lambda: self._answer(name), wanted, lambda found: found["ESTADO"] in estados)

    def news(self, number: int) -> str:
        """What that one of the news says, once it is there."""
        path = os.path.join(self._spool, "novedades", f"{number:08d}.RSP")
        return until(lambda: _fields(path, "ascii"), f"la novedad {number}")["MENSAJE"]

    def _answer(self, name: str) -> dict[str, str] | None:
        return _fields(os.path.join(self._spool, "salida", answer_name(name)), self._encodings[name])


@dataclass(frozen=True, slots=True)
class Stage:
    """An installation, the cloud beside it and a DGI to test against, each started as a person would."""

    installation: Installation
    port: int
    """Of the cloud, on loopback."""
    dgi_port: int

    @contextlib.contextmanager
    def daemon(self) -> Iterator["subprocess.Popen[bytes]"]:
        """The service, once it beats; stopped at the end."""
        beat = os.path.join(self._path("spool"), "salida", "LATIDO.TXT")
        began = time.time()
        with self._running("servicio.log", "--config", self.installation.toml, "iniciar") as process:
            until(lambda: os.path.exists(beat) and os.path.getmtime(beat) >= began - 0.1, "el servicio")
            yield process

    @contextlib.contextmanager
    def cloud(self) -> Iterator["subprocess.Popen[bytes]"]:
        """The cloud, once it takes connections; stopped at the end."""
        with self._running("nube.log", "--config", self.installation.nube, "nube", "servir") as process:
            until(lambda: _listens(self.port), "la nube")
            yield process

    @contextlib.contextmanager
    def dgi(self) -> Iterator[None]:
        """The DGI to test against, once it takes connections; stopped at the end."""
        port, folder = str(self.dgi_port), self._path(DGI)
        with self._running("dgi.log", "nube", "dgi-prueba", "--puerto", port, "--carpeta", folder):
            until(lambda: _listens(self.dgi_port), "la DGI de prueba")
            yield

    def wait_for_numbers(self) -> dict[int, int]:
        """Numbers kept for contingencia, by type, once there are some of every type."""
        journal = open_journal(self._path("diario.db"), read_only=True)

        def look() -> dict[int, int]:
            with journal.reading() as db:
                return leases.usable(db, datetime.now(ZONE).date())

        return until(look, "la reserva de números", lambda found: len(found) == len(TIPOS))

    def numbers(self) -> list[dict[str, Any]]:
        """What became of every number: ``nube numeros --json``."""
        command = (*_PROGRAM, "--config", self.installation.nube, "nube", "numeros", "--json")
        done = subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own program
        found: list[dict[str, Any]] = json.loads(done.stdout)["numbers"]
        return found

    def _path(self, name: str) -> str:
        return os.path.join(os.path.dirname(self.installation.toml), name)

    def _running(self, log: str, *words: str) -> "contextlib.AbstractContextManager[subprocess.Popen[bytes]]":
        return running(self._path(log), *words)


@contextlib.contextmanager
def running(
    log: str, *words: str, user: int | None = None, group: int | None = None
) -> Iterator["subprocess.Popen[bytes]"]:
    """The program with these words, its output in that file; stopped at the end. Root may have it be another user."""
    with open(log, "ab") as told:
        process = subprocess.Popen(  # noqa: S603 - our own
            (*_PROGRAM, *words), stdout=told, stderr=told, user=user, group=group
        )
    try:
        yield process
    finally:
        _stop(process)


_PROGRAM = (sys.executable, "-m", "sincronizador")


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def until(look: Callable[[], _T | None], what: str, enough: Callable[[_T], bool] = bool) -> _T:
    """What `look` finds, once it is `enough`. Raises `Unavailable` after `_PATIENCE`."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        if (found := look()) and enough(found):
            return found
        time.sleep(0.002)
    raise Unavailable("E9231", f"Se esperó {_PATIENCE:.0f} segundos y no llegó {what}.")


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _fields(path: str, encoding: str) -> dict[str, str] | None:
    """The fields of the first section of an answer, if it is there."""
    if not os.path.exists(path):
        return None
    with open(path, "rb") as file:
        _, blocks = parse_answer(file.read(), encoding)
    return dict(blocks[0].fields)
