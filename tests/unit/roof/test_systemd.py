"""sd_notify against real sockets, and the unit against systemd's own judges."""

import os
import shutil
import socket
import subprocess
import threading
import time
from pathlib import Path

import pytest
from units import several

from sincronizador import systemd as module
from sincronizador.systemd import READY, more_time, notify, reloading, watchdog_seconds

PROJECT = Path(__file__).parents[3]


def listening(address: str | bytes) -> socket.socket:
    """A socket as systemd's."""
    channel = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    channel.bind(address)
    channel.settimeout(2)
    return channel


def test_the_state_arrives_in_one_datagram(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = str(tmp_path / "notify")
    monkeypatch.setenv("NOTIFY_SOCKET", path)
    with listening(path) as systemd:
        assert notify(READY, "STATUS=Sin conexión - cola 3")
        assert systemd.recv(1000).decode() == "READY=1\nSTATUS=Sin conexión - cola 3"


def test_an_abstract_socket_is_reached_too(monkeypatch: pytest.MonkeyPatch) -> None:
    name = f"sincronizador-test-{os.getpid()}"
    monkeypatch.setenv("NOTIFY_SOCKET", f"@{name}")
    with listening(f"\0{name}") as systemd:
        assert notify(READY)
        assert systemd.recv(1000) == b"READY=1"


@pytest.mark.parametrize("address", ["", "/no/such/socket", "vsock:2:1", "relative"])
def test_nobody_listening_is_no_error(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", address)
    assert not notify(READY)


@pytest.mark.parametrize(
    ("usec", "pid", "seconds"),
    [
        ("60000000", "own", 30.0),
        ("60000000", "", 30.0),
        ("60000000", "1", None),
        ("0", "", None),
        ("", "", None),
        ("x", "", None),
    ],
)
def test_the_watchdog_is_fed_twice_in_its_time_and_only_by_the_process_it_means(
    monkeypatch: pytest.MonkeyPatch, usec: str, pid: str, seconds: float | None
) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", usec)
    monkeypatch.setenv("WATCHDOG_PID", str(os.getpid()) if pid == "own" else pid)
    assert watchdog_seconds() == seconds


def test_a_reload_is_told_with_its_moment() -> None:
    began = time.monotonic_ns() // 1000
    state, moment = reloading().split("\n")
    assert state == "RELOADING=1"
    assert began <= int(moment.removeprefix("MONOTONIC_USEC=")) <= time.monotonic_ns() // 1000


def test_what_takes_long_asks_for_more_time_until_it_is_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = str(tmp_path / "notify")
    monkeypatch.setenv("NOTIFY_SOCKET", path)
    monkeypatch.setattr(module, "_ASK_SECONDS", 0.01)
    with listening(path) as systemd:
        with more_time("Abriendo el diario"):
            told = [systemd.recv(1000).decode() for _ in range(3)]
        threads = [thread.name for thread in threading.enumerate()]
    assert "plazo" not in threads
    assert told == ["STATUS=Abriendo el diario", *["EXTEND_TIMEOUT_USEC=30000000"] * 2]


def units() -> dict[str, str]:
    """Every unit, and what is made of it for several issuers."""
    texts = {path.name: path.read_text("utf-8") for path in PROJECT.glob("*.service")}
    return {**texts, **dict(several(name, text) for name, text in texts.items())}


def test_a_template_has_files_of_its_own() -> None:
    made = units()
    assert len(made) == 6
    plain = {line for name, text in made.items() if "@" not in name for line in text.splitlines()}
    for name, text in made.items():
        if "@" in name:
            own = set(text.splitlines()) - plain
            assert {line.partition("=")[0] for line in own} >= {"Description", "ExecStart", "StateDirectory"}, name
            assert all("%i" in line for line in own), name


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze: apt-get install systemd")
@pytest.mark.parametrize("name", sorted(units()))
@pytest.mark.parametrize("judge", [["verify"], ["security", "--offline=true", "--threshold=20"]])
def test_systemd_finds_no_fault_in_the_units(tmp_path: Path, judge: list[str], name: str) -> None:
    copy = tmp_path / name.replace("@", "@prueba")
    copy.write_text(units()[name].replace("/opt/sincronizador/bin/sincronizador", "/bin/true"), encoding="utf-8")
    done = subprocess.run(["systemd-analyze", *judge, copy], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert judge != ["verify"] or not done.stderr.strip()
