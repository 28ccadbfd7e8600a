"""A shop as it stands on the floor: the installed programs, kept running, its tills' folders, printers and line."""

import json
import subprocess
import time
from pathlib import Path

from outside.cloud import Cloud, free_port
from outside.installation import COMMAND, Installation, environment, prepare, wait_for
from outside.proxy import Proxy
from outside.site import token_of

from mayhem.counter import Book
from mayhem.keeper import Keeper
from mayhem.printer import Mood, Printer
from mayhem.witness import Witness

TILLS = ("", "CAJA1", "CAJA2", "CAJA3")
"""The inbox itself is one; CAJA3 prints where CAJA1 does, the inbox where CAJA2 does."""
LEGACY_PATIENCE = "8"
"""Seconds that a file without its end is waited for; slow writers pause for less."""


class Premises:
    """Prepared and not yet started. Without `cloud` the machine numbers alone."""

    def __init__(self, folder: Path, *, cloud: bool) -> None:
        self.folder = folder
        self.printers = (Printer("CAJA1"), Printer("CAJA2"))
        self.line: Proxy | None = None
        self.cloud: Cloud | None = None
        self.book = Book()
        self.commands: list[tuple[float, float]] = []
        """When an operator's command ran: without a daemon it holds the daemon's locks."""
        prepare(folder, "--impresora", self._at(0), *(["--nube", "--puerto-nube", str(free_port())] if cloud else []))
        self.till = Installation(folder)
        if cloud:
            self.cloud = Cloud(folder)
            self.line = Proxy(self.cloud.port)
        self._configure()
        self.witness = Witness(str(self.till.box("salida")))
        self.keepers = [Keeper("daemon", self._launch_daemon)]
        """Of its programs, in the order in which they are switched off."""
        if cloud:
            self.keepers.append(Keeper("nube", self._launch_cloud))
        self.backs_up = self.till.run("respaldo", "crear", "--help").returncode == 0

    @property
    def route(self) -> str:
        """As the TOML calls it."""
        return "nube" if self.cloud else "local"

    def open(self) -> None:
        """Switch everything on and wait until it could sell, also without a line."""
        for printer in self.printers:
            printer.become(Mood.WELL)
        for keeper in reversed(self.keepers):
            keeper.start()
        self.witness.start()
        wait_for("the first heartbeat", lambda: self.witness.pulses or None, 90)
        if self.cloud:
            wait_for("numbers for when there is no line", lambda: self._state()["numeros"] or None, 90)

    def close(self) -> None:
        """Switch the daemon off, then the cloud, then what it stood on."""
        for keeper in self.keepers:
            keeper.close()
        self.witness.stop()
        for printer in self.printers:
            printer.become(Mood.OFF)
        if self.line is not None:
            self.line.__exit__(None, None, None)

    def command(self, *words: str) -> bool:
        """A command of the operator's; whether it was done. A machine that is busy or down may say later."""
        start = time.monotonic()
        try:
            return self.till.run(*words, patience=40).returncode == 0
        except subprocess.TimeoutExpired:
            return False
        finally:
            self.commands.append((start, time.monotonic()))

    def pending(self) -> list[str]:
        """What is still on its way, in words."""
        try:
            state = self._state()
        except (AssertionError, subprocess.TimeoutExpired) as gone:
            return [str(gone)]
        # What is signed here is kept for a cloud that there may be one day.
        queues = [f"{queue}" for queue in state["colas"] if queue["due"] and (self.cloud or queue["lane"] != "entrega")]
        return [*self.till.left(), *(f"{job}" for job in state["sin_decidir"]), *queues]

    def settled(self, patience: float) -> bool:
        """Wait until nothing is pending, twice in a row; False when nothing moves any more for so many seconds."""
        last, moved, quiet = self.pending(), time.monotonic(), 0
        while quiet < 2:
            pending = self.pending()
            quiet = 0 if pending else quiet + 1
            if pending != last:
                last, moved = pending, time.monotonic()
            if time.monotonic() - moved > patience:
                return False
        return True

    @property
    def token(self) -> str:
        """Of the installation, for the cloud."""
        return token_of(self.till)

    def story(self, what: str) -> str:
        """What ``explicar`` tells."""
        return self.till.run("explicar", what).stdout

    def logs(self) -> dict[str, str]:
        """What the programs said."""
        logs = {"daemon": self.till.log, **({"nube": self.cloud.log} if self.cloud else {})}
        return {name: log.read_text("utf-8", "replace") for name, log in logs.items()}

    def _state(self) -> dict:
        done = self.till.run("estado", "--json")
        if done.returncode:
            raise AssertionError(f"estado: {done.returncode} {done.stderr[-500:]}")
        return json.loads(done.stdout)

    def _at(self, printer: int) -> str:
        return f"127.0.0.1:{self.printers[printer].port}"

    def _configure(self) -> None:
        till = self.till
        till.configure("salida", formatos='["xml"]')
        till.configure("entrada", incompleto=LEGACY_PATIENCE)
        till.configure("impresora.CAJA2", via='"tcp"', destino=f'"{self._at(1)}"')
        till.configure("caja.CAJA3", impresora='"CAJA1"')
        till.configure("impresion", impresora='"CAJA2"')
        if self.line is not None:
            till.configure(
                "nube", url=f'"http://127.0.0.1:{self.line.port}"',
                paciencia="2", espera="2", sondeo="0.5", fallas="3", estable="2", reserva="400",
            )  # fmt: skip
        for name in TILLS:
            for box in ("entrada", "salida"):
                till.box(box, name).mkdir(exist_ok=True)

    def _launch_daemon(self, told: str) -> "subprocess.Popen[bytes]":
        return self._launch("iniciar", told=told, toml=self.till.toml, log=self.till.log)

    def _launch_cloud(self, told: str) -> "subprocess.Popen[bytes]":
        if self.cloud is None:
            raise AssertionError("there is no cloud")
        return self._launch("nube", "servir", told=told, toml=self.cloud.toml, log=self.cloud.log)

    def _launch(self, *words: str, told: str, toml: Path, log: Path) -> "subprocess.Popen[bytes]":
        with log.open("ab") as output:
            return subprocess.Popen(
                [*COMMAND, "--config", str(toml), *words],
                stdout=output, stderr=output, stdin=subprocess.DEVNULL,
                env=environment(NOTIFY_SOCKET=told), cwd=self.folder,
            )  # fmt: skip
