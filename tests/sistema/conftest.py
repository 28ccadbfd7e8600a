"""Machines to install the package in: short over this one's own files, long (SISTEMA=1) over a bare Debian."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import local
import pytest
from machine import PROJECT, Machine, missing

SUITE = "bookworm"
_BARE = ("systemd", "systemd-sysv", "dbus", "python3")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """They wait for machines, of which one boots at a time."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.timeout(600))


@pytest.fixture(scope="session")
def _able() -> None:
    if lack := missing():
        pytest.skip(f"no machine can be booted here: {lack}")


@pytest.fixture(scope="session")
def build(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Builds the package of this tree, or of `source`, under a version."""
    out = tmp_path_factory.mktemp("paquete")

    def make(version: str = "", source: Path = PROJECT) -> Path:
        command = [sys.executable, PROJECT / "packaging/deb.py", "--out", out, "--source", source]
        environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
        done = subprocess.run(
            [*command, "--version", version], capture_output=True, text=True, env=environment, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return Path(done.stdout.split()[-1])

    return make


@pytest.fixture(scope="session")
def deb(build: Callable[..., Path]) -> Path:
    """The package of this tree; or the one that SISTEMA_PAQUETE names."""
    given = os.environ.get("SISTEMA_PAQUETE")
    return Path(given) if given else build()


@pytest.fixture(scope="session")
def here(_able: None) -> Path:
    """This machine's own files."""
    return Path("/")


@pytest.fixture(scope="session")
def bare(_able: None) -> Path:
    """A Debian with a first process and python3 and nothing else: made once, kept in the folder SISTEMA_IMAGEN."""
    image = Path(os.environ.get("SISTEMA_IMAGEN", f"/var/tmp/sincronizador-{SUITE}"))
    if not (image / "listo").exists():
        mirror = os.environ.get("SISTEMA_ESPEJO", "http://deb.debian.org/debian")
        command = ["debootstrap", "--variant=minbase", f"--include={','.join(_BARE)}", SUITE, image, mirror]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        (image / "listo").touch()
    return image


@pytest.fixture
def switch_on(tmp_path: Path) -> Iterator[Callable[..., Machine]]:
    """Makes machines over layers, and boots them; in the end there are none."""
    made: list[Machine] = []

    def make(name: str, *layers: Path) -> Machine:
        machine = Machine(tmp_path / name, *layers)
        made.append(machine)
        machine.boot()
        return machine

    yield make
    for machine in made:
        machine.close()


@pytest.fixture(scope="session")
def shop(bare: Path, deb: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Path]]:
    """The layers of a machine that was installed and configured from nothing, sold something, and was switched off."""
    machine = Machine(tmp_path_factory.mktemp("local") / "tienda", bare)
    try:
        machine.boot()
        local.install(machine, deb)
        local.configure(machine)
        local.hire(machine)
        machine.switch_off()
        yield machine.written, bare
    finally:
        machine.close()
