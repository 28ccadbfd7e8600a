"""The cloud of a prepared folder, handled as its administrator would and asked as an installation may."""

import base64
import json
import shutil
import signal
import socket
import subprocess
import tomllib
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from outside.documents import Document, parse
from outside.installation import COMMAND, environment, wait_for, with_setting

ENDING = 40.0
"""Seconds for a clean end: requests in hand are finished, also those of which half has arrived."""


def free_port() -> int:
    """A port where nobody listens now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """An answer of the cloud."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """Its body."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A document as the cloud keeps it."""

    key: str
    state: str
    number: tuple[int, str, int]
    signed: bytes
    sha256: str
    extra: bool
    signed_by: str

    @property
    def document(self) -> Document:
        """Its signed bytes, read."""
        return parse(self.signed)


class Cloud:
    """`sincronizador nube servir` of a prepared folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.toml = folder / "nube.toml"
        self.log = folder / "nube.txt"
        self.port = 0
        self.process: subprocess.Popen[bytes] | None = None
        self.environment: Mapping[str, str] = {}
        """Of its process, besides that of the tests."""
        self.listen(free_port())

    def listen(self, port: int) -> None:
        """Listen there from the next start on."""
        self.port = port
        self.configure("", escuchar=f'"127.0.0.1:{port}"')

    def configure(self, section: str, **values: str) -> None:
        """Set keys of a section of its TOML."""
        text = self.toml.read_text("utf-8")
        for key, value in values.items():
            text = with_setting(text, section, key, value)
        self.toml.write_text(text, "utf-8")

    # Its administrator

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """``sincronizador --config nube.toml nube ...``."""
        command = [*COMMAND, "--config", str(self.toml), "nube", *words]
        return subprocess.run(
            command, capture_output=True, text=True, env=environment(), timeout=60, cwd=self.folder, check=False
        )

    def order(self, *words: str) -> str:
        """A command that must succeed, and what it printed."""
        done = self.run(*words)
        assert done.returncode == 0, f"{words}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout

    def numbers(self) -> Any:
        """The table of every number's fate."""
        return json.loads(self.order("numeros", "--json"))

    def launch(self, *words: str) -> None:
        """Start it and wait for nothing."""
        assert self.process is None
        command = [*COMMAND, "--config", str(self.toml), "nube", "servir", *words]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=self.folder,
                env=environment(**self.environment),
            )  # fmt: skip

    def start(self, *words: str) -> None:
        """Start it and wait until it answers."""
        self.launch(*words)
        wait_for("the cloud's health", self._answers)

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
            return self.process.wait(ENDING)
        finally:
            self.kill()

    def tail(self) -> str:
        """The end of what it said."""
        return "\n".join(self.log.read_text("utf-8", "replace").splitlines()[-40:]) if self.log.exists() else ""

    def save(self, folder: Path) -> None:
        """Copy its base, while it is stopped."""
        assert self.process is None
        folder.mkdir()
        for path in self._base():
            shutil.copy2(path, folder)

    def restore(self, folder: Path) -> None:
        """Put a copy of the base in place of the base, as a backup is restored; what lies beside it stays."""
        assert self.process is None
        for path in self._base():
            path.unlink()
        for path in folder.iterdir():
            shutil.copy2(path, self._place().parent)

    def _place(self) -> Path:
        return self.folder / str(tomllib.loads(self.toml.read_text("utf-8"))["base"])

    def _base(self) -> list[Path]:
        base = self._place()
        return [path for path in (base.with_name(f"{base.name}{end}") for end in ("", "-wal", "-shm")) if path.exists()]

    def _answers(self) -> bool:
        if self.process and self.process.poll() is not None:
            raise AssertionError(f"the cloud ended {self.process.returncode}\n{self.tail()}")
        try:
            return self.call("GET", "/v1/health").status == 200
        except OSError:
            return False

    # Its callers

    def call(
        self, method: str, path: str, body: object = None, *, token: str = "", headers: Mapping[str, str] | None = None
    ) -> Said:
        """One request; OSError when nobody answers."""
        content = None if body is None else json.dumps(body).encode()
        sent = {"Content-Type": "application/json"} if content else {}
        sent |= {"Authorization": f"Bearer {token}"} if token else {}
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", content, {**sent, **(headers or {})}, method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310 - the scheme is ours
                return Said(status=answer.status, headers=answer.headers, body=answer.read())
        except urllib.error.HTTPError as refused:
            with refused:
                return Said(status=refused.code, headers=refused.headers, body=refused.read())

    def ask(self, token: str, method: str, path: str, body: object = None) -> Any:
        """One request that must succeed, with the standing that the cloud itself knows of this installation."""
        said = self._as_it_stands(token, method, path, body)
        if said.status in (410, 425):  # it changed in between
            said = self._as_it_stands(token, method, path, body)
        assert said.status in (200, 201), f"{method} {path}: {said.status} {said.body[:500]!r}"
        return said.json()

    def _as_it_stands(self, token: str, method: str, path: str, body: object) -> Said:
        health = self.call("GET", "/v1/health", token=token).json()
        standing = {
            "Sincronizador-Epoch": str(health["installation"]["epoch"]),
            "Sincronizador-Server-Epoch": health["server_epoch"],
        }
        return self.call(method, path, body, token=token, headers=standing)

    def documents(self, token: str) -> list[Kept]:
        """Every document of the installation with this token."""
        return [_kept(one) for page in self._pages(token) for one in page]

    def _pages(self, token: str) -> Iterator[list[Any]]:
        cursor = ""
        while True:
            page = self.ask(token, "GET", f"/v1/documents?installation=self&limit=200&cursor={cursor}")
            yield page["documents"]
            cursor = page["cursor"]
            if not page["more"]:
                return


def _kept(one: Mapping[str, Any]) -> Kept:
    return Kept(
        key=one["key"],
        state=one["state"],
        number=(one["doc_type"], one["series"], one["number"]),
        signed=base64.b64decode(one["signed_xml"], validate=True),
        sha256=one["sha256"],
        extra=one["extra"],
        signed_by=one["signed_by"],
    )
