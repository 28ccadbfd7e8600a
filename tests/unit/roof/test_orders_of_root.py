"""What root does in an installation that belongs to the service's user."""

import os
import pwd
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sincronizador.cli import ordering
from sincronizador.settings import load


@pytest.mark.skipif(os.geteuid() != 0, reason="solo root puede ser otro")
def test_what_root_orders_belongs_to_the_owner_of_the_installation(prepared: Path, tmp_path: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    folder = tmp_path / "i"
    shutil.copytree(prepared, folder)
    for name in ("diario.db", "diario.db.candado", "spool/.candado"):
        (folder / name).unlink()
    for path in (folder, *folder.rglob("*")):
        os.chown(path, nobody.pw_uid, nobody.pw_gid)
    command = [sys.executable, "-m", "sincronizador", "--config", str(folder / "sincronizador.toml"), "cae", "importar"]
    done = subprocess.run(
        [*command, str(folder / "cae" / "cae-101.xml"), "--ambiente", "prueba"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    made = ("diario.db", "diario.db.candado", "spool/.candado")
    assert {(folder / name).stat().st_uid for name in made} == {nobody.pw_uid}


@pytest.mark.skipif(os.geteuid() != 0, reason="solo root puede ser otro")
def test_folders_that_root_made_are_as_open_to_who_drops_files_as_the_spool(prepared: Path, tmp_path: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    folder = tmp_path / "i"
    shutil.copytree(prepared, folder)
    for path in (folder, folder / "spool", folder / "diario.db"):
        os.chown(path, nobody.pw_uid, nobody.pw_gid)
    (folder / "spool").chmod(0o2770)
    ordering.give_to_owner(load(str(folder / "sincronizador.toml")))
    for name in ("entrada", "salida", "procesando"):
        found = (folder / "spool" / name).stat()
        assert (found.st_uid, found.st_gid, found.st_mode & 0o7777) == (nobody.pw_uid, nobody.pw_gid, 0o2770)
