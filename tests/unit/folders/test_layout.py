"""The working folders: made, checked, told."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sincronizador.errors import NeedsOperator
from sincronizador.folders import layout as module
from sincronizador.folders.layout import Layout


def test_folders_are_made_where_they_were_asked_for(tmp_path: Path) -> None:
    layout = Layout(str(tmp_path / "spool"), entrada=str(tmp_path / "in"), salida=str(tmp_path / "a" / "out"))
    for _ in range(2):
        layout.prepare()
    assert layout.troubles() == []
    assert layout.notes() == []
    assert sorted(os.listdir(tmp_path)) == ["a", "in", "spool"]
    assert sorted(os.listdir(layout.spool)) == ["novedades", "procesados", "procesando", "rechazados", "validar"]


def test_tills_are_short_first_level_folders_and_get_their_answers_folders(layout: Layout) -> None:
    for name in ("CAJA1", "ñandúñan", "NUEVELETR", "DIR.TXT", ".git"):
        Path(layout.entrada, name).mkdir()
    Path(layout.validar, "CAJA2").mkdir()
    Path(layout.entrada, "ENLACE").symlink_to("/tmp")
    Path(layout.entrada, "V1.rsp").touch()
    assert layout.tills() == ["CAJA1", "CAJA2", "ñandúñan"]
    assert [note.count("NUEVELETR") for note in layout.notes()] == [1]
    for _ in range(2):
        assert layout.salida_of("CAJA1") == str(Path(layout.salida, "CAJA1"))
        assert os.listdir(layout.salida) == ["CAJA1"]
    assert layout.salida_of("") == layout.salida
    assert Path(layout.novedades_of("CAJA1")).is_dir()


def test_a_missing_folder_is_told_and_not_made_behind_a_lost_mount(layout: Layout) -> None:
    shutil.rmtree(layout.salida)
    assert [error.code for error in layout.troubles()] == ["E9204"]
    with pytest.raises(NeedsOperator, match="No existe la carpeta"):
        layout.salida_of("CAJA1")
    assert not Path(layout.salida).exists()
    shutil.rmtree(layout.entrada)
    assert layout.tills() == []


def test_a_file_in_the_place_of_a_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "entrada").touch()
    with pytest.raises(NeedsOperator) as caught:
        Layout(str(tmp_path)).prepare()
    assert caught.value.code == "E9204"


@pytest.mark.parametrize(("entrada", "salida"), [("", None), ("x", "x"), ("x", "x/y"), ("procesados/x", None)])
def test_folders_inside_each_other_are_refused(tmp_path: Path, entrada: str, salida: str | None) -> None:
    layout = Layout(str(tmp_path), str(tmp_path / entrada), str(tmp_path / salida) if salida else None)
    with pytest.raises(NeedsOperator, match="dentro de otra") as caught:
        layout.prepare()
    assert caught.value.code == "E9206"


def test_one_folder_for_two_uses_is_refused(tmp_path: Path) -> None:
    shared = str(tmp_path / "x")
    with pytest.raises(NeedsOperator, match="dentro de otra"):
        Layout(str(tmp_path), shared, shared).prepare()


def test_what_a_crash_left_half_written_is_swept(layout: Layout) -> None:
    Path(layout.entrada, "CAJA1").mkdir()
    leftover = Path(layout.salida_of("CAJA1"), "~sincabc.tmp")
    for path in (leftover, Path(layout.salida, "~sincdef.tmp"), Path(layout.salida, "suyo.tmp")):
        path.touch()
    layout.prepare()
    assert sorted(os.listdir(layout.salida)) == ["CAJA1", "suyo.tmp"]
    assert not leftover.exists()


MOUNTS = """\
22 1 254:0 / / rw,relatime - ext4 /dev/vda rw
23 22 0:30 / /srv rw - tmpfs none rw
24 22 0:31 / /srv/mi\\040disco rw shared:1 - {kind} //server/share rw
25 22 0:32 / /srv/mi rw - tmpfs none rw
"""


@pytest.mark.parametrize(
    ("kind", "network"),
    [("cifs", True), ("nfs4", True), ("9p", True), ("fuse.sshfs", True), ("smb3", True), ("xfs", False)],
)
def test_a_network_filesystem_is_recognised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, network: bool
) -> None:
    (tmp_path / "mountinfo").write_text(MOUNTS.format(kind=kind))
    monkeypatch.setattr(module, "_MOUNTS", str(tmp_path / "mountinfo"))
    layout = Layout("/srv/x", entrada="/srv/mi disco/entrada")
    assert layout.network() == (kind if network else "")
    assert len(layout.notes()) == network
    assert Layout("/srv/mi disco 2").network() == ""


def run_mounted(script: str, spool: str) -> str:
    """Layout(spool).troubles() in a mount namespace of its own, after `script`."""
    if shutil.which("unshare") is None or os.geteuid() != 0:
        pytest.skip("mounting needs root and unshare: apt install util-linux, run as root")
    program = (
        "import sys; from sincronizador.folders.layout import Layout\n"
        "print([(error.code, str(error)) for error in Layout(sys.argv[1]).troubles()])"
    )
    command = ["unshare", "--mount", "sh", "-c", f'cd "$2" && {script} && exec "$0" -c "$1" "$2"']
    command += [sys.executable, program, spool]
    run = subprocess.run(command, capture_output=True, text=True, check=False, env={"PYTHONPATH": ":".join(sys.path)})
    if "mount:" in run.stderr or "unshare:" in run.stderr:
        pytest.skip("this container may not mount: run with CAP_SYS_ADMIN")
    return run.stdout


def test_two_mounts_of_one_disk_are_not_one_filesystem(layout: Layout) -> None:
    told = run_mounted("mount --bind salida salida", layout.spool)
    assert "E9205" in told
    assert "no están en el mismo disco" in told
    assert told.count("E9") == 1


def test_a_read_only_disk_is_told(layout: Layout) -> None:
    told = run_mounted("mount --bind . . && mount -o remount,bind,ro . && cd .", layout.spool)
    assert told.count("E9202") == 7


def test_what_a_crash_left_half_written_is_swept_in_the_newest_days(layout: Layout) -> None:
    for day in ("2026-11-19", "2026-11-20", "2026-11-21"):
        folder = Path(layout.procesados, day)
        folder.mkdir()
        (folder / "~sinc0123456789ab.tmp").touch()
        (folder / "V1.TXT").touch()
    layout.prepare()
    left = sorted(str(path.relative_to(layout.procesados)) for path in Path(layout.procesados).rglob("*.*"))
    assert left == ["2026-11-19/V1.TXT", "2026-11-19/~sinc0123456789ab.tmp", "2026-11-20/V1.TXT", "2026-11-21/V1.TXT"]
