"""The one atomic write and the one move, on a real disk."""

import errno
import os
import shutil
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from sincronizador import files
from sincronizador.errors import NeedsOperator

STRANGE = [
    "V1.RSP",
    "ñandú €.rsp",
    "con\nsalto.rsp",
    "a" * 251 + ".rsp",
    os.fsdecode(b"V\xd1\xff.RSP"),
    "..rsp",
    " .rsp",
    "-rf.rsp",
]


def names(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))


@pytest.mark.parametrize("name", STRANGE)
def test_what_is_written_is_there_whole_and_nothing_else(tmp_path: Path, name: str) -> None:
    path = os.path.join(tmp_path, name)
    files.write_atomic(path, b"uno")
    files.write_atomic(path, b"dos", durable=False)
    assert Path(path).read_bytes() == b"dos"
    assert names(tmp_path) == [name]


def test_a_secret_is_never_readable_by_others(tmp_path: Path) -> None:
    (tmp_path / "clave").touch(0o644)
    files.write_atomic(str(tmp_path / "clave"), b"x", mode=0o600)
    assert stat.S_IMODE((tmp_path / "clave").stat().st_mode) == 0o600


def test_a_reader_never_sees_half_an_answer(tmp_path: Path) -> None:
    path = tmp_path / "V1.RSP"
    pages = [letter * 300_000 for letter in (b"a", b"b")]
    files.write_atomic(str(path), pages[0])
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            for page in pages:
                files.write_atomic(str(path), page, durable=False)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert all(path.read_bytes() in pages for _ in range(200))
    finally:
        stop.set()
        writer.join()


def test_a_batch_is_written_whole_and_in_order(tmp_path: Path) -> None:
    batch = [(str(tmp_path / f"{number}.xml"), b"%d" % number) for number in range(50)]
    files.write_many(iter(batch))
    assert {str(path): path.read_bytes() for path in tmp_path.iterdir()} == dict(batch)
    files.write_many([])
    files.write_many([(str(tmp_path / "0.xml"), b"otra")])
    assert (tmp_path / "0.xml").read_bytes() == b"otra"


def test_a_batch_that_fails_while_it_is_staged_changes_nothing(tmp_path: Path) -> None:
    kept = tmp_path / "a.rsp"
    kept.write_bytes(b"antes")
    with pytest.raises(NeedsOperator) as caught:
        files.write_many([(str(kept), b"nuevo"), (str(tmp_path / "falta" / "b.rsp"), b"x")])
    assert caught.value.code == "E9204"
    assert kept.read_bytes() == b"antes"
    assert names(tmp_path) == ["a.rsp"]


def test_a_batch_that_fails_while_it_appears_leaves_no_temporaries(tmp_path: Path) -> None:
    (tmp_path / "b.rsp").mkdir()
    batch = [(str(tmp_path / name), b"x") for name in ("a.rsp", "b.rsp", "c.rsp")]
    with pytest.raises(NeedsOperator, match="hay una carpeta con ese nombre"):
        files.write_many(batch)
    assert names(tmp_path) == ["a.rsp", "b.rsp"]


def test_a_batch_without_syncfs_is_written_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[str] = []
    real = files._fsync
    monkeypatch.setattr(files, "_fsync", lambda path, flags: (synced.append(path), real(path, flags)))

    class Old:
        @staticmethod
        def syncfs(_: int) -> int:
            files.ctypes.set_errno(files.errno.ENOSYS)
            return -1

    monkeypatch.setattr(files, "_LIBC", Old)
    files.write_many([(str(tmp_path / name), b"x") for name in ("a", "b")])
    assert names(tmp_path) == ["a", "b"]
    assert len(synced) == 3  # each file, then their folder


def test_a_folder_that_knows_no_sync_is_no_trouble_but_a_failing_one_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, code = os.fsync, errno.EINVAL

    def fsync(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(code, "")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    files.write_atomic(str(tmp_path / "a"), b"x")
    code = errno.EIO
    with pytest.raises(NeedsOperator, match="error de lectura o escritura"):
        files.sync_folder(str(tmp_path))


def test_a_missing_folder_is_named_in_spanish(tmp_path: Path) -> None:
    with pytest.raises(NeedsOperator, match=r"No existe la carpeta «.*salida»") as caught:
        files.write_atomic(str(tmp_path / "salida" / "x.rsp"), b"")
    assert caught.value.code == "E9204"


def test_a_full_disk_is_told_and_leaves_the_old_file(tmp_path: Path) -> None:
    """On a filesystem of one megabyte that nobody else sees."""
    program = """
import os, sys
from sincronizador import files
from sincronizador.errors import NeedsOperator
path = sys.argv[1] + "/a.rsp"
files.write_atomic(path, b"antes")
try:
    files.write_atomic(path, b"x" * 3_000_000)
except NeedsOperator as error:
    print(error.code, open(path).read(), os.listdir(sys.argv[1]))
"""
    script = 'mount -t tmpfs -o size=1m none "$2" && exec "$0" -c "$1" "$2"'
    command = ["unshare", "--mount", "sh", "-c", script, sys.executable, program, str(tmp_path)]
    if shutil.which("unshare") is None or os.geteuid() != 0:
        pytest.skip("a filesystem of its own needs root and unshare: apt install util-linux, run as root")
    run = subprocess.run(command, capture_output=True, text=True, check=False, env={"PYTHONPATH": ":".join(sys.path)})
    if "mount:" in run.stderr or "unshare:" in run.stderr:
        pytest.skip("this container may not mount: run with CAP_SYS_ADMIN")
    assert run.stdout == "E9201 antes ['a.rsp']\n", run.stderr


def test_moving_never_overwrites(tmp_path: Path) -> None:
    source, folder = tmp_path / "x", tmp_path / "procesados"
    folder.mkdir()
    contents = [b"1", b"2", b"3"]
    for content in contents:
        source.write_bytes(content)
        files.move_unique(str(source), str(folder), "V1.TXT")
    assert [(folder / name).read_bytes() for name in ("V1.TXT", "V1~2.TXT", "V1~3.TXT")] == contents
    assert not source.exists()


def test_moving_without_the_kernels_flag_never_overwrites(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Share:
        @staticmethod
        def renameat2(*_: object) -> int:
            files.ctypes.set_errno(files.errno.EINVAL)
            return -1

    monkeypatch.setattr(files, "_LIBC", Share)
    source, target = tmp_path / "a", tmp_path / "b"
    source.write_bytes(b"a")
    target.write_bytes(b"b")
    assert files.move_new(str(source), str(target)) is False
    target.unlink()
    assert files.move_new(str(source), str(target)) is True
    assert target.read_bytes() == b"a"


def test_links_and_folders_are_moved_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/nowhere")
    (tmp_path / "dir").mkdir()
    assert files.move_new(str(tmp_path / "link"), str(tmp_path / "link2"))
    assert files.move_new(str(tmp_path / "dir"), str(tmp_path / "dir2"))
    assert os.readlink(tmp_path / "link2") == "/nowhere"
    assert (tmp_path / "dir2").is_dir()


def test_a_source_that_is_gone_is_not_a_trouble_of_the_folder(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        files.move_new(str(tmp_path / "a"), str(tmp_path / "b"))
    (tmp_path / "a").touch()
    with pytest.raises(NeedsOperator) as caught:
        files.move_new(str(tmp_path / "a"), str(tmp_path / "falta" / "b"))
    assert caught.value.code == "E9204"


def test_only_temporaries_of_our_own_are_swept(tmp_path: Path) -> None:
    for name in ("~sinc0a1b.tmp", "V1.tmp", "~otro.tmp", "V1.RSP"):
        (tmp_path / name).touch()
    files.sweep_temporaries(str(tmp_path))
    assert names(tmp_path) == ["V1.RSP", "V1.tmp", "~otro.tmp"]
    with pytest.raises(NeedsOperator):
        files.sweep_temporaries(str(tmp_path / "falta"))


def test_what_its_reader_removed_stays_removed(tmp_path: Path) -> None:
    kept, gone = tmp_path / "kept.rsp", tmp_path / "gone.rsp"
    kept.write_bytes(b"old")
    assert files.write_over([(str(kept), b"new"), (str(gone), b"new")]) == [True, False]
    assert kept.read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["kept.rsp"]
    assert files.write_over([]) == []


def test_without_exchange_a_removed_file_is_still_not_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lacks(source: str, target: str, flag: int, folder: int = 0) -> None:
        raise NotImplementedError

    monkeypatch.setattr(files, "_rename", lacks)
    kept = tmp_path / "kept.rsp"
    kept.write_bytes(b"old")
    assert files.write_over([(str(kept), b"new"), (str(tmp_path / "gone.rsp"), b"new")]) == [True, False]
    assert (kept.read_bytes(), os.listdir(tmp_path)) == (b"new", ["kept.rsp"])


def test_a_twin_is_a_second_name_that_a_later_rewrite_leaves_alone(tmp_path: Path) -> None:
    copy, answer = tmp_path / "copy.rsp", tmp_path / "answer.rsp"
    for _ in range(2):
        files.write_many([(str(copy), b"first")], [(str(answer), str(copy))])
        assert (copy.read_bytes(), answer.read_bytes()) == (b"first", b"first")
        assert sorted(os.listdir(tmp_path)) == ["answer.rsp", "copy.rsp"]
    assert files.write_over([(str(answer), b"second")]) == [True]
    assert (copy.read_bytes(), answer.read_bytes()) == (b"first", b"second")


def test_without_links_a_twin_is_a_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def lacks(source: str, target: str) -> None:
        raise OSError(errno.EPERM, "")

    monkeypatch.setattr(os, "link", lacks)
    copy, answer = tmp_path / "copy.rsp", tmp_path / "answer.rsp"
    files.write_many([(str(copy), b"first")], [(str(answer), str(copy))])
    assert (copy.read_bytes(), answer.read_bytes()) == (b"first", b"first")
    assert sorted(os.listdir(tmp_path)) == ["answer.rsp", "copy.rsp"]


@pytest.mark.timeout(10)
@pytest.mark.parametrize("how", [os.symlink, os.link, lambda _, spare: os.mkfifo(spare)])
def test_what_is_written_in_turn_goes_through_no_link_and_waits_for_no_pipe(tmp_path, how):
    path, spare, other = (tmp_path / name for name in ("LATIDO.TXT", ".latido", "diario.db"))
    other.write_bytes(b"SQLite format 3\0")
    how(other, spare)
    for content in (b"uno", b"dos"):
        files.write_in_turn(str(path), str(spare), content)
        assert path.read_bytes() == content
    assert other.read_bytes() == b"SQLite format 3\0"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (PermissionError(errno.EACCES, "Permission denied"), "no hay permiso"),
        (FileNotFoundError(errno.ENOENT, "No such file or directory"), "no existe"),
        (OSError(errno.EADDRINUSE, "Address already in use"), "otro programa ya la usa"),
        (TimeoutError("timed out"), "no contesta"),
        (OSError(errno.EPROTO, "Protocol error"), "EPROTO"),
        (OSError("of no number"), "error desconocido"),
    ],
)
def test_what_the_system_says_is_told_in_spanish(error: OSError, words: str) -> None:
    assert files.cause_of(error) == words


def test_nobody_shows_the_systems_own_words() -> None:
    package = Path(files.__file__).parent
    # files.py makes errors of its own for what the kernel says by a number alone.
    shown = [path.name for path in package.rglob("*.py") if "strerror" in path.read_text("utf-8")]
    assert shown == ["files.py"]
