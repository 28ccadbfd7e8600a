"""Two real daemons on one folder: the kernel's lock, the owner's file where no lock reaches, and who takes over."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from outside.installation import COMMAND, Installation, environment, wait_for

# The lock as a share sees it: everybody has it.
WITHOUT_LOCKS = (
    "import fcntl, runpy, socket, sys; fcntl.flock = lambda *_: None; socket.gethostname = lambda: 'caja-2';"
    " sys.argv = ['sincronizador', *sys.argv[1:]]; runpy.run_module('sincronizador', run_name='__main__')"
)


@pytest.fixture
def second(prepared: Path, tmp_path: Path):
    own = Installation.copied(prepared, tmp_path / "otra")
    yield own
    own.kill()


def begin(till: Installation, *words: str, locks: bool = True) -> subprocess.CompletedProcess[str]:
    """A start that is expected to end."""
    program = COMMAND if locks else (sys.executable, "-c", WITHOUT_LOCKS)
    command = [*program, "--config", str(till.toml), "iniciar", *words]
    return subprocess.run(
        command, capture_output=True, text=True, env=environment(), timeout=60, cwd=till.folder, check=False
    )


@pytest.mark.parametrize("shared", ["salida", "entrada", "spool", "enlace"])
def test_sharing_any_one_folder_refuses_the_second_and_names_the_first(
    installation: Installation, second: Installation, shared: str
) -> None:
    folder = installation.box("salida" if shared == "enlace" else shared if shared != "spool" else "")
    if shared == "spool":
        second.configure("", spool=f'"{installation.spool}"')
    elif shared == "enlace":
        link = second.folder / "atajo"
        link.symlink_to(folder)
        second.configure("salida", carpeta=f'"{link}"')
    else:
        second.configure(shared, carpeta=f'"{folder}"')
    installation.start()
    done = begin(second)
    assert done.returncode == 78, done.stderr
    assert "E9221" in done.stderr
    assert f"proceso {installation.process.pid} en " in done.stderr


def test_where_no_lock_reaches_a_living_owner_refuses_the_second(
    installation: Installation, second: Installation
) -> None:
    second.configure("", spool=f'"{installation.spool}"')
    installation.start()
    done = begin(second, locks=False)
    assert (done.returncode, "E9221" in done.stderr) == (78, True), done.stderr
    assert f"proceso {installation.process.pid} en " in done.stderr
    assert installation.alive()


def test_after_kill_9_the_same_machine_goes_on_at_once_and_who_was_replaced_stops(installation: Installation) -> None:
    installation.start()
    installation.kill()
    installation.start()
    file = installation.spool / ".propietario"
    other = json.loads(file.read_bytes()[12:]) | {"run": "f" * 32, "machine": "caja-2", "pid": 4}
    file.write_bytes(b"000000000001" + json.dumps(other).encode())
    process = installation.process
    assert process is not None
    code = wait_for("its end", process.poll, 45)
    assert code == 78
    assert "E9226" in installation.tail()
    assert "proceso 4 en caja-2" in installation.tail()
    assert json.loads(file.read_bytes()[12:])["machine"] == "caja-2"
