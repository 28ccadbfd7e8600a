"""An installation and its daemon, handled as an operator and a legacy system would: by commands and files."""

import contextlib
import glob
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
from cryptography.x509 import Certificate

from outside.answers import Answer, parse
from outside.dropping import by_rename

HOME = Path(__file__).resolve().parents[3]
COMMAND = (sys.executable, "-m", "sincronizador")
PATIENCE = 20.0
"""Seconds to wait for what the contract promises within one or ten: this machine may be busy."""


def environment(**more: str) -> dict[str, str]:
    """Of a child process: the project on the path, and nothing of systemd or of another installation."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SINCRONIZADOR_", "NOTIFY_"))}
    return {**kept, "PYTHONPATH": str(HOME), "PYTHONUNBUFFERED": "1", **more}


def prepare(folder: Path, *more: str) -> None:
    """What `demo --preparar` writes."""
    command = [*COMMAND, "demo", "--preparar", str(folder), *more]
    done = subprocess.run(command, capture_output=True, text=True, env=environment(), timeout=120, check=False)
    if done.returncode:
        raise AssertionError(f"demo --preparar ended {done.returncode}\n{done.stdout}\n{done.stderr}")


Seen = TypeVar("Seen")


def wait_for(what: str, look: Callable[[], Seen | None], patience: float = PATIENCE) -> Seen:
    """The first thing that `look` sees; fails when it sees nothing in time."""
    end = time.monotonic() + patience
    while (seen := look()) is None or seen is False:
        if time.monotonic() > end:
            raise AssertionError(f"{patience} s without {what}")
        time.sleep(0.02)
    return seen


class Installation:
    """A prepared folder, and the daemon when it runs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.toml = folder / "sincronizador.toml"
        self.log = folder / "stderr.txt"
        self.process: subprocess.Popen[bytes] | None = None
        self.environment: Mapping[str, str] = {}
        """Of the daemon's process, besides that of the tests."""

    @classmethod
    def copied(cls, source: Path, folder: Path) -> "Installation":
        """A copy of a prepared folder, whatever absolute paths its TOML holds."""
        shutil.copytree(source, folder)
        for toml in folder.glob("*.toml"):
            toml.write_text(toml.read_text("utf-8").replace(str(source), str(folder)), "utf-8")
        return cls(folder)

    # What it is made of

    @property
    def settings(self) -> Mapping[str, Any]:
        """The TOML, as it is."""
        return tomllib.loads(self.toml.read_text("utf-8"))

    def configure(self, section: str, **values: str) -> None:
        """Set keys of a section to these TOML literals; an empty section name is the top of the file."""
        text = self.toml.read_text("utf-8")
        for key, value in values.items():
            text = with_setting(text, section, key, value)
        self.toml.write_text(text, "utf-8")

    @property
    def spool(self) -> Path:
        """The folder of working folders."""
        return self.folder / "spool"

    def box(self, name: str, till: str = "") -> Path:
        """``entrada``, ``salida`` ..., of a till."""
        return self.spool / name / till

    def trays(self) -> list[Path]:
        """The folders of printers that print into a folder."""
        printers = self.settings.get("impresora", {}).values()
        return [self.folder / printer["destino"] for printer in printers if printer["via"] == "carpeta"]

    def papers(self) -> list[Path]:
        """The printer bytes of every paper that came out, in order of time."""
        found = [path for tray in self.trays() for path in tray.glob("*.bin")]
        return sorted(found, key=lambda path: path.stat().st_mtime_ns)

    def journal(self) -> list[str]:
        """The journal's files."""
        return glob.glob(str(self.folder / "*.db*"))

    def forget(self) -> None:
        """Lose the journal."""
        for path in self.journal():
            os.remove(path)

    def identity(self) -> tuple[Path, Path]:
        """The demo's PKCS#12 and the file with its password."""
        named = self.settings.get("certificado", {})
        found = sorted(self.folder.glob("**/*.p12"))
        archive = self.folder / named["archivo"] if "archivo" in named else found[0]
        if "clave" in named:
            return archive, self.folder / named["clave"]
        return archive, next(
            path for path in sorted(archive.parent.iterdir()) if path.suffix not in (".p12", ".pem", ".crt")
        )

    def certificate(self) -> Certificate:
        """The demo's certificate."""
        archive, password = self.identity()
        bundle = pkcs12.load_pkcs12(archive.read_bytes(), password.read_text().strip().encode())
        if bundle.cert is None:
            raise AssertionError(f"{archive} holds no certificate")
        return bundle.cert.certificate

    def certificate_pem(self) -> str:
        """The path of the demo's certificate as PEM."""
        path = self.folder / "judge.pem"
        path.write_bytes(self.certificate().public_bytes(Encoding.PEM))
        return str(path)

    def caes(self) -> list[Path]:
        """The CAE files that the demo wrote."""
        return sorted((self.folder / "cae").glob("*.xml"))

    # The operator

    def run(self, *words: str, patience: float = 30) -> subprocess.CompletedProcess[str]:
        """A command of this installation."""
        command = [*COMMAND, "--config", str(self.toml), *words]
        return subprocess.run(
            command, capture_output=True, text=True, env=environment(), timeout=patience, cwd=self.folder, check=False
        )

    def start(self, *words: str) -> None:
        """Start the daemon and wait until it says READY."""
        with self._ready_socket() as ready:
            self.launch(*words, NOTIFY_SOCKET=ready.getsockname())
            wait_for("READY of the daemon", lambda: self._said_ready(ready))

    def launch(self, *words: str, **more: str) -> None:
        """Start the daemon and wait for nothing; `more` is environment."""
        command = [*COMMAND, "--config", str(self.toml), "iniciar", *words]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=self.folder,
                env=environment(**self.environment, **more),
            )  # fmt: skip

    def kill(self) -> None:
        """`kill -9`."""
        if self.process:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.process = None

    def stop(self) -> int:
        """SIGTERM, and the exit code."""
        if self.process is None:
            return 0
        self.process.terminate()
        try:
            code = self.process.wait(PATIENCE)
        finally:
            self.kill()
        return code

    def alive(self) -> bool:
        """Whether the daemon still runs."""
        return self.process is not None and self.process.poll() is None

    def tail(self) -> str:
        """The end of what the daemon said."""
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text("utf-8", "replace").splitlines()[-40:])

    # The legacy system

    def drop(self, name: str, content: bytes, till: str = "", box: str = "entrada") -> None:
        """Delete the old answer once nothing of it is under way, then drop: the client rule of the manual."""
        old = self.find(name, till, ".val" if box == "validar" else ".rsp")
        if old:
            wait_for("the paper before", lambda: b"IMPRESION=PENDIENTE" not in old.read_bytes() or None)
            old.unlink(missing_ok=True)
        self.box(box, till).mkdir(exist_ok=True)
        by_rename(str(self.box(box, till)), name, content)

    def find(self, name: str, till: str = "", suffix: str = ".rsp") -> Path | None:
        """The answer's file, whatever the case of its extension."""
        stem = name.rpartition(".")[0]
        for extension in (suffix, suffix.upper()):
            path = self.box("salida", till) / (stem + extension)
            if path.exists():
                return path
        return None

    def peek(self, name: str, till: str = "", suffix: str = ".rsp", encoding: str = "utf-8") -> Answer | None:
        """The answer as it is now, decided or not."""
        path = self.find(name, till, suffix)
        if path is None:
            return None
        try:
            raw = path.read_bytes()
        except FileNotFoundError:
            return None
        if not raw.endswith(b"\r\n"):
            raise AssertionError(f"half an answer: {path}: {raw!r}")
        return parse(raw, str(path), encoding)

    def answer(
        self,
        name: str,
        till: str = "",
        *,
        suffix: str = ".rsp",
        until: Callable[[Answer], bool] = lambda answer: answer.decided,
        patience: float = PATIENCE,
    ) -> Answer:
        """The first answer that is as wanted (decided, unless told)."""

        def look() -> Answer | None:
            seen = self.peek(name, till, suffix)
            return seen if seen and until(seen) else None

        try:
            return wait_for(f"the answer to {name}", look, patience)
        except AssertionError as late:
            now = self.peek(name, till, suffix)
            raise AssertionError(f"{late}; now: {now or 'no answer'}\nlog:\n{self.tail()}") from None

    def ask(self, name: str, content: bytes, till: str = "", *, patience: float = PATIENCE) -> Answer:
        """Drop and read the decision."""
        self.drop(name, content, till)
        return self.answer(name, till, patience=patience)

    def complete(self, name: str, till: str = "") -> Answer:
        """The answer once it names all its companions: they follow a decision that cannot wait for them."""
        named = ("XML", "PDF", "PNG")
        return self.answer(name, till, until=lambda seen: seen.decided and all(seen[field] for field in named))

    def settle(self, patience: float = PATIENCE) -> None:
        """Wait until nothing is left in `entrada` and `procesando`, and no paper is under way."""
        wait_for("an empty entrada and procesando", lambda: not self.left() or None, patience)

    def left(self) -> list[str]:
        """What lies in `entrada` and `procesando`."""
        boxes = (self.box("entrada"), self.box("procesando"))
        return [
            os.fsdecode(name)
            for box in boxes
            for _, _, names in os.walk(os.fsencode(box))
            for name in names
            if name != b".candado"
        ]

    def archived(self, kind: str) -> Mapping[str, bytes]:
        """Files in ``procesados`` or ``rechazados``, by path, with the copies of their answers."""
        found = {}
        for parent, _, names in os.walk(os.fsencode(self.box(kind))):
            for name in names:
                path = os.path.join(parent, name)
                with open(path, "rb") as file:
                    found[os.fsdecode(path)] = file.read()
        return found

    @staticmethod
    @contextlib.contextmanager
    def _ready_socket() -> Iterator[socket.socket]:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ready:
            ready.bind(f"/tmp/listo-{os.getpid()}-{time.monotonic_ns()}")
            ready.setblocking(False)
            try:
                yield ready
            finally:
                os.unlink(ready.getsockname())

    def _said_ready(self, ready: socket.socket) -> bool:
        if not self.alive():
            raise AssertionError(f"the daemon ended {self.process and self.process.returncode}\n{self.tail()}")
        with contextlib.suppress(BlockingIOError):
            return b"READY=1" in ready.recv(4096)
        return False


def with_setting(text: str, section: str, key: str, value: str) -> str:
    """A TOML with this key of a section (empty: of the top) set to a literal."""
    line = f"{key} = {value}"
    head = rf"(?m)^\[{re.escape(section)}\][^\n]*\n" if section else r"\A"
    start = re.search(head, text)
    if start is None:
        return f"{text}\n[{section}]\n{line}\n"
    following = re.search(r"(?m)^\[", text[start.end() :])
    end = start.end() + following.start() if following else len(text)
    body = re.sub(rf"(?m)^{key}\s*=.*\n?", "", text[start.end() : end])
    return f"{text[: start.end()]}{line}\n{body}{text[end:]}"


def txt(section: str, fields: Sequence[tuple[str, object]] = (), **more: object) -> bytes:
    """A small request: ``txt("CONSULTA", REFERENCIA="V1")``."""
    pairs = [*fields, *more.items()]
    return "".join([f"[{section}]\r\n", *(f"{name}={value}\r\n" for name, value in pairs), "[FIN]\r\n"]).encode()
