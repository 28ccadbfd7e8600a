"""sd_notify against real sockets, and the unit against systemd's own judges."""

import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from sincronizador.systemd import READY, notify, watchdog_seconds

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


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze: apt-get install systemd")
@pytest.mark.parametrize("name", ["sincronizador.service", "sincronizador-nube.service"])
@pytest.mark.parametrize("judge", [["verify"], ["security", "--offline=true", "--threshold=20"]])
def test_systemd_finds_no_fault_in_the_units(tmp_path: Path, judge: list[str], name: str) -> None:
    unit = (PROJECT / name).read_text(encoding="utf-8")
    copy = tmp_path / name
    copy.write_text(unit.replace("/opt/sincronizador/bin/sincronizador", "/bin/true"), encoding="utf-8")
    done = subprocess.run(["systemd-analyze", *judge, copy], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert judge != ["verify"] or not done.stderr.strip()
