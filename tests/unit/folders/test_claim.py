"""Taking dropped files on a real disk: writers of every habit, strange files, crashes."""

import errno
import os
import random
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sincronizador.core.job import Dropped
from sincronizador.errors import NeedsOperator
from sincronizador.folders import claim
from sincronizador.folders.claim import Inbox
from sincronizador.folders.layout import Layout

HALF = b"[DOCUMENTO]\r\nTIPO=101\r\n"
WHOLE = HALF + b"[FIN]\r\n"
WITHDRAWS = b"[RETIRAR]\r\nREFERENCIA=1\r\n[FIN]\r\n"


def drop(layout: Layout, name: str, content: bytes = WHOLE, *, till: str = "", root: str | None = None) -> Path:
    folder = Path(root or layout.entrada, till)
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_bytes(content)
    return path


def names(dropped: list[Dropped]) -> list[str]:
    return [one.name for one in dropped]


def troubles(dropped: list[Dropped]) -> dict[str, str]:
    return {one.name: one.trouble[0] for one in dropped if one.trouble}


def test_a_whole_file_is_claimed_with_its_bytes_and_its_origin(layout: Layout, inbox: Inbox) -> None:
    drop(layout, "V1.TXT", till="CAJA1")
    drop(layout, "V1.TXT", root=layout.validar)
    dropped = inbox.scan()
    assert [(one.name, one.till, one.only_check, one.content, one.trouble) for one in dropped] == [
        ("V1.TXT", "CAJA1", False, WHOLE, None),
        ("V1.TXT", "", True, WHOLE, None),
    ]
    assert sorted(os.listdir(layout.procesando)) == sorted(one.claimed for one in dropped)
    assert Path(layout.procesando, dropped[0].claimed).read_bytes() == WHOLE
    assert os.listdir(layout.validar) == []
    assert inbox.scan() == []


def test_other_names_and_deeper_folders_stay_where_they_are(layout: Layout, inbox: Inbox) -> None:
    for name in ("V1.tmp", "V1.TXT.part", "V1.$$$", "V1.dbf", "V1"):
        drop(layout, name)
    drop(layout, "V1.TXT", till="NUEVELETR")
    (Path(layout.entrada) / "CAJA1" / "vieja").mkdir(parents=True)
    drop(layout, "V1.TXT", till="CAJA1/vieja")
    assert inbox.scan() == []
    assert inbox.troubles == []


@pytest.mark.parametrize("pieces", [1, 3, 20])
def test_a_slow_writer_is_waited_for(layout: Layout, inbox: Inbox, clock, pieces: int) -> None:
    path = drop(layout, "V1.TXT", b"")
    step = -(-len(WHOLE) // pieces)
    for start in range(0, len(WHOLE), step):
        assert inbox.scan() == []
        clock.now += 59
        with path.open("ab") as file:
            file.write(WHOLE[start : start + step])
    assert [one.content for one in inbox.scan()] == [WHOLE]


def test_a_file_preallocated_and_filled_within_one_tick_of_the_disks_clock_is_taken(
    layout: Layout, inbox: Inbox, clock
) -> None:
    path = drop(layout, "V1.TXT", bytes(len(WHOLE)))
    assert inbox.scan() == []
    status = path.stat()
    path.write_bytes(WHOLE)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    clock.now += 0.05
    assert names(inbox.scan()) == ["V1.TXT"]


@pytest.mark.parametrize("end", [b"", b"\r", b"  "])
def test_a_file_whose_last_line_end_may_still_come_is_given_a_moment(
    layout: Layout, inbox: Inbox, clock, end: bytes
) -> None:
    content = HALF + b"[FIN]" + end
    drop(layout, "V1.TXT", content)
    assert inbox.scan() == []
    clock.now += 0.1
    assert [one.content for one in inbox.scan()] == [content]


def test_what_is_refused_as_incomplete_is_looked_at_once_more(layout: Layout, inbox: Inbox, clock) -> None:
    path = drop(layout, "V1.TXT", bytes(len(WHOLE)))
    for pause in (0, 1, 30):
        clock.now += pause
        assert inbox.scan() == []
    status = path.stat()
    path.write_bytes(WHOLE)  # by a share that does not tell
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    clock.now += 60
    assert [(one.content, one.trouble) for one in inbox.scan()] == [(WHOLE, None)]


def test_files_that_never_become_whole_are_refused_after_their_patience(layout: Layout, inbox: Inbox, clock) -> None:
    drop(layout, "VACIO.TXT", b"")
    drop(layout, "MEDIO.TXT", HALF)
    drop(layout, "MEDIO.XML", b"<CFE><eTck>")
    drop(layout, "OTRO.XML", b"<CFE><eTck>")
    assert inbox.scan() == []
    clock.now += 59.9
    assert inbox.scan() == []
    clock.now += 0.1
    dropped = inbox.scan()
    # MEDIO.XML waits for the answer of MEDIO.TXT: their answers have one name.
    assert troubles(dropped) == {"VACIO.TXT": "E0101", "MEDIO.TXT": "E0103", "OTRO.XML": "E0103"}
    assert {one.content for one in dropped} == {b""}
    assert troubles(inbox.scan()) == {"MEDIO.XML": "E0103"}


def test_a_file_that_shrinks_after_its_claim_is_judged_again_until_it_is_whole(
    layout: Layout, inbox: Inbox, clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = drop(layout, "V1.TXT")
    drop(layout, "V1.XML", b"<a/>\n")
    os.utime(path, (1, 1))
    move = claim.files.move_new

    def move_and_truncate(source: str, target: str, **how: object) -> bool:
        moved = move(source, target)
        Path(target).write_bytes(HALF)
        return moved

    monkeypatch.setattr(claim.files, "move_new", move_and_truncate)
    assert inbox.scan() == []
    monkeypatch.undo()
    clock.now += 30
    assert inbox.scan() == []  # and V1.XML waits for it
    Path(layout.procesando, os.listdir(layout.procesando)[0]).write_bytes(WHOLE)
    assert [(one.name, one.content) for one in inbox.scan()] == [("V1.TXT", WHOLE)]
    assert names(inbox.scan()) == ["V1.XML"]


def test_a_stem_that_is_undecided_in_its_till_waits_except_to_withdraw(layout: Layout, inbox: Inbox, journal) -> None:
    journal.undecided = {("", "v1"), ("CAJA1", "v2")}
    drop(layout, "V1.TXT")
    drop(layout, "V2.TXT")
    drop(layout, "v1.txt", till="CAJA1")
    drop(layout, "v2.XML", b"<CFE/>\n", till="CAJA1")
    drop(layout, "V1.TXT", root=layout.validar)
    assert sorted(names(inbox.scan())) == ["V1.TXT", "V2.TXT", "v1.txt"]
    assert inbox.scan() == []
    drop(layout, "V1.TXT", WITHDRAWS)
    assert [one.content for one in inbox.scan()] == [WITHDRAWS]
    journal.undecided = set()
    assert names(inbox.scan()) == ["v2.XML"]


def test_two_files_of_one_stem_are_taken_one_after_the_other(layout: Layout, inbox: Inbox) -> None:
    for number, name in enumerate(("V1.TXT", "v1.txt", "V1.xml")):
        os.utime(drop(layout, name, b"<a/>\n"), (number, number))
    assert [names(inbox.scan()) for _ in range(4)] == [["V1.TXT"], ["v1.txt"], ["V1.xml"], []]


def test_what_is_no_plain_file_is_claimed_unopened(layout: Layout, inbox: Inbox, tmp_path: Path) -> None:
    secret = tmp_path / "secreto"
    secret.write_bytes(WHOLE)
    entrada = Path(layout.entrada)
    (entrada / "LINK.TXT").symlink_to(secret)
    (entrada / "ROTO.TXT").symlink_to("/no/existe")
    (entrada / "DIR.TXT").mkdir()
    (entrada / "DIR.TXT" / "x").touch()
    os.mkfifo(entrada / "PIPE.TXT")
    with socket.socket(socket.AF_UNIX) as server:
        before = Path.cwd()
        os.chdir(entrada)
        server.bind("SOCK.TXT")
        os.chdir(before)
        (entrada / "BIG.TXT").write_bytes(b"x" * 100_001)
        dropped = inbox.scan()
    assert {one.name: one.content for one in dropped} == dict.fromkeys(
        ["LINK.TXT", "ROTO.TXT", "DIR.TXT", "PIPE.TXT", "SOCK.TXT", "BIG.TXT"], b""
    )
    assert set(troubles(dropped).values()) == {"E0102"}
    assert os.listdir(entrada) == []
    assert secret.read_bytes() == WHOLE
    assert any("100001 bytes" in (one.trouble or ("", ""))[1] for one in dropped)


def test_a_device_is_claimed_unopened(layout: Layout, inbox: Inbox) -> None:
    try:
        os.mknod(Path(layout.entrada) / "DEV.TXT", 0o20666, os.makedev(1, 5))
    except PermissionError:
        pytest.skip("making a device needs root: run the tests as root")
    assert troubles(inbox.scan()) == {"DEV.TXT": "E0102"}


def test_a_file_exchanged_for_a_link_after_the_look_is_not_followed(
    layout: Layout, inbox: Inbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "secreto"
    secret.write_bytes(WHOLE)
    path = drop(layout, "V1.TXT")
    real = os.open

    def exchange(name, flags, *args, **kwargs):
        if str(name).endswith("V1.TXT") and not path.is_symlink():
            path.unlink()
            path.symlink_to(secret)
        return real(name, flags, *args, **kwargs)

    monkeypatch.setattr(os, "open", exchange)
    dropped = inbox.scan()
    assert troubles(dropped) == {"V1.TXT": "E0102"}
    assert dropped[0].content == b""


STRANGE = [
    "..txt",
    "...TXT",
    ".txt",
    "..%2f..%2fV1.txt",
    " V1 .TXT",
    "V\n1.TXT",
    "-rf *.TXT",
    "ñandú €.xml",
    os.fsdecode(b"V\xd1\xff\x01.TXT"),
    "a" * 196 + ".TXT",
    "V1~e0123456789ab.TXT",
]


@pytest.mark.parametrize("name", STRANGE)
def test_strange_names_are_taken_and_adopted_as_they_are(layout: Layout, clock, journal, name: str) -> None:
    drop(layout, name, b"<a/>\n", till="CAJA1")
    first = Inbox(layout, incompleto=60, maximo=1000, busy=journal.busy, clock=clock).scan()
    after_crash = Inbox(layout, incompleto=60, maximo=1000, busy=journal.busy, clock=clock).adopt(journal.known)
    assert first == after_crash
    assert (first[0].name, first[0].till, first[0].trouble) == (name, "CAJA1", None)
    assert len(os.listdir(layout.procesando)) == 1


@pytest.mark.parametrize("name", ["a" * 197 + ".TXT", "a" * 251 + ".txt", "ñ" * 120 + ".TXT"])
def test_a_name_that_is_too_long_is_refused_under_its_name(layout: Layout, inbox: Inbox, journal, name: str) -> None:
    drop(layout, name)
    assert troubles(inbox.scan()) == {name: "E0102"}
    assert os.listdir(layout.entrada) == []
    assert list(troubles(inbox.adopt(journal.known)).values()) == ["E0102"]


def test_a_crash_between_rename_and_row_loses_nothing(layout: Layout, clock, journal) -> None:
    for number in range(5):
        os.utime(drop(layout, f"V{number}.TXT"), (number, number))
    drop(layout, "stranger.txt", root=layout.procesando)
    drop(layout, "V9~e000000000000.TXT", HALF, root=layout.procesando)
    first = Inbox(layout, incompleto=60, maximo=1000, busy=journal.busy, clock=clock)
    taken = first.scan()
    journal.rows = {one.claimed for one in taken[:2]}
    again = Inbox(layout, incompleto=60, maximo=1000, busy=journal.busy, clock=clock)
    assert again.adopt(journal.known) == taken[2:]
    journal.rows |= {one.claimed for one in taken}
    assert again.adopt(journal.known) == []
    clock.now += 60
    assert troubles(again.scan()) == {"V9.TXT": "E0103"}


def test_an_adopted_file_is_adopted_again_until_it_has_a_row(layout: Layout, inbox: Inbox, journal) -> None:
    drop(layout, "V1.TXT")
    taken = inbox.scan()
    assert inbox.adopt(journal.known) == inbox.adopt(journal.known) == taken


def test_files_leave_oldest_first_and_in_batches(layout: Layout, inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claim, "BATCH_FILES", 7)
    order = list(range(30))
    random.Random(1).shuffle(order)
    for number in order:
        os.utime(drop(layout, f"{order[number]}.TXT"), (number, number))
    batches = [names(inbox.scan()) for _ in range(6)]
    assert [len(batch) for batch in batches] == [7, 7, 7, 7, 2, 0]
    assert [name for batch in batches for name in batch] == [f"{order[number]}.TXT" for number in range(30)]


def test_no_till_waits_behind_the_thousands_of_another(layout: Layout, inbox: Inbox) -> None:
    for number in range(30):
        drop(layout, f"A{number:02}.TXT", till="CAJA1")
    assert names(inbox.scan(10)) == [f"A{number:02}.TXT" for number in range(10)]
    drop(layout, "B.TXT", till="CAJA2")
    assert "B.TXT" in names(inbox.scan(2))


def test_a_file_that_a_listing_missed_leaves_before_later_ones(layout: Layout, inbox: Inbox) -> None:
    for number in (1, 3, 4):
        os.utime(drop(layout, f"{number}.TXT"), (number, number))
    assert names(inbox.scan(1)) == ["1.TXT"]
    os.utime(drop(layout, "2.TXT"), (2, 2))
    assert names(inbox.scan()) == ["2.TXT", "3.TXT", "4.TXT"]


def test_tills_take_turns_also_when_there_are_more_than_one_scan_takes(layout: Layout, inbox: Inbox) -> None:
    for till in range(10):
        for number in range(3):
            drop(layout, f"{number}.TXT", till=f"CAJA{till}")
    served = [one.till for _ in range(10) for one in inbox.scan(3)]
    assert [len(set(served[first : first + 10])) for first in (0, 10, 20)] == [10, 10, 10]


def test_a_folder_of_thousands_is_not_listed_for_every_few_files(
    layout: Layout, inbox: Inbox, clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(2000):
        drop(layout, f"A{number:04}.TXT", till="CAJA1")
    listed: list[str] = []
    scandir = os.scandir

    def slow(path):
        listed.append(path)
        clock.now += 0.1
        return scandir(path)

    monkeypatch.setattr(claim.os, "scandir", slow)
    inbox.scan(1)
    listed.clear()
    assert names(inbox.scan(2)) == ["A0001.TXT", "A0002.TXT"]
    assert os.path.join(layout.entrada, "CAJA1") not in listed
    drop(layout, "B.TXT", till="CAJA2")
    assert "B.TXT" in names(inbox.scan(2))
    clock.now += 2.0
    inbox.scan(2)
    assert os.path.join(layout.entrada, "CAJA1") in listed
    shutil.rmtree(os.path.join(layout.entrada, "CAJA1"))
    inbox.scan(2)
    drop(layout, "C.TXT", till="CAJA1")
    assert names(inbox.scan(2)) == ["C.TXT"], "it was made anew while it rested"


def test_a_scan_takes_only_so_many_bytes(layout: Layout, inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claim, "BATCH_BYTES", 150_000)
    for number in range(4):
        drop(layout, f"{number}.TXT", b";" * 90_000 + b"\n" + WHOLE)
    assert [len(inbox.scan()) for _ in range(3)] == [2, 2, 0]


def test_one_file_that_cannot_be_moved_does_not_stop_the_others(
    layout: Layout, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = claim.files.move_new

    def move(source: str, target: str, **how: object) -> bool:
        if source.endswith("MALO.TXT"):
            raise claim.files.trouble(PermissionError(13, ""), layout.entrada)
        return real(source, target)

    monkeypatch.setattr(claim.files, "move_new", move)
    for name in ("A.TXT", "MALO.TXT", "Z.TXT"):
        drop(layout, name)
    assert sorted(names(inbox.scan())) == ["A.TXT", "Z.TXT"]
    assert [error.code for error in inbox.troubles] == ["E9203"]
    monkeypatch.undo()
    assert names(inbox.scan()) == ["MALO.TXT"]
    assert inbox.troubles == []


def test_nothing_passes_a_file_for_which_there_was_no_room(
    layout: Layout, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A withdrawal would be answered before the sale that it is about, which then would be issued."""
    real, full = claim.files.move_new, [claim.files.trouble(OSError(errno.ENOSPC, ""), layout.procesando)]

    def move(*args: str, **how: object) -> bool:
        if full:
            raise full.pop()
        return real(*args, **how)

    monkeypatch.setattr(claim.files, "move_new", move)
    for age, (name, content) in enumerate((("V1.TXT", WHOLE), ("R1.TXT", WITHDRAWS))):
        os.utime(drop(layout, name, content), (1_000_000 + age, 1_000_000 + age))
    assert inbox.scan() == []
    assert [error.code for error in inbox.troubles] == ["E9201"]
    assert names(inbox.scan()) == ["V1.TXT", "R1.TXT"]


def test_a_folder_that_files_may_not_leave_is_named(layout: Layout, inbox: Inbox, monkeypatch) -> None:
    def not_permitted(source: str, target: str, folder: int) -> None:
        raise PermissionError(1, "")

    monkeypatch.setattr(claim.files, "_rename_noreplace", not_permitted)
    drop(layout, "V1.TXT")
    assert inbox.scan() == []
    assert [str(error) for error in inbox.troubles] == [f"No hay permiso para trabajar en «{layout.entrada}»."]


@pytest.mark.parametrize("reading", [1, 2])
def test_a_disk_that_fails_while_it_is_read_is_told_and_the_file_is_taken_later(
    layout: Layout, inbox: Inbox, monkeypatch: pytest.MonkeyPatch, reading: int
) -> None:
    """The first reading is before the claim, the second after it."""
    real, count = claim.read_plain, iter(range(1, 9))

    def fail(path: str, *, maximo: int) -> bytes:
        if next(count) == reading:
            raise OSError(errno.EIO, "")
        return real(path, maximo=maximo)

    monkeypatch.setattr(claim, "read_plain", fail)
    drop(layout, "V1.TXT")
    assert inbox.scan() == []
    assert [error.code for error in inbox.troubles] == ["E9205"]
    assert [one.content for one in inbox.scan()] == [WHOLE]
    assert inbox.troubles == []


@pytest.mark.parametrize("reading", [1, 2])
def test_a_file_that_vanishes_while_it_is_read_is_forgotten(
    layout: Layout, inbox: Inbox, monkeypatch: pytest.MonkeyPatch, reading: int
) -> None:
    real, count = claim.read_plain, iter(range(1, 9))

    def vanish(path: str, *, maximo: int) -> bytes:
        if next(count) == reading:
            os.unlink(path)
        return real(path, maximo=maximo)

    monkeypatch.setattr(claim, "read_plain", vanish)
    drop(layout, "V1.TXT")
    assert [inbox.scan() for _ in range(2)] == [[], []]
    assert inbox.troubles == []


def test_a_lost_working_folder_is_told_by_claim_and_adoption(layout: Layout, inbox: Inbox, journal) -> None:
    drop(layout, "V1.TXT")
    os.rmdir(layout.procesando)
    assert inbox.scan() == []
    assert [error.code for error in inbox.troubles] == ["E9204"]
    assert os.listdir(layout.entrada) == ["V1.TXT"]
    with pytest.raises(NeedsOperator):
        inbox.adopt(journal.known)


def test_a_missing_folder_is_told_and_healed(layout: Layout, inbox: Inbox) -> None:
    drop(layout, "V1.TXT", root=layout.validar)
    shutil.rmtree(layout.entrada)
    assert names(inbox.scan()) == ["V1.TXT"]
    assert [error.code for error in inbox.troubles] == ["E9204"]
    os.mkdir(layout.entrada)
    drop(layout, "V1.TXT")
    assert names(inbox.scan()) == ["V1.TXT"]
    assert inbox.troubles == []


def test_a_file_taken_back_before_its_claim_is_forgotten(
    layout: Layout, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = drop(layout, "V1.TXT")
    real = claim.files.move_new

    def take_back(source: str, target: str, **how: object) -> bool:
        path.unlink()
        return real(source, target)

    monkeypatch.setattr(claim.files, "move_new", take_back)
    assert inbox.scan() == []
    assert inbox.troubles == []


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_writers_do_each_whole_file_is_taken_once_with_its_last_bytes(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Writers append, pause, write under a temporary name and rename, while scans fall anywhere between."""
    layout = Layout(str(tmp_path_factory.mktemp("spool")))
    layout.prepare()
    now = [0.0]
    inbox = Inbox(layout, incompleto=1e6, maximo=10_000, busy=lambda *_, **__: False, clock=lambda: now[0])
    contents = {f"V{number}.TXT": b";%d\r\n" % number * number + WHOLE for number in range(4)}
    pending = dict.fromkeys(contents, 0)
    renames = {name: data.draw(st.booleans(), label=f"{name} renamed") for name in contents}
    got: list[Dropped] = []
    while pending:
        name = data.draw(st.sampled_from(sorted(pending)))
        path = Path(layout.entrada, name + (".tmp" if renames[name] else ""))
        size = data.draw(st.integers(1, 40))
        if len(contents[name]) - pending[name] - size <= len("\r\n"):
            size = len(contents[name])  # a line and its end are written together
        with path.open("ab") as file:
            file.write(contents[name][pending[name] : pending[name] + size])
        pending[name] += size
        if pending[name] >= len(contents[name]):
            del pending[name]
            if renames[name]:
                path.rename(Path(layout.entrada, name))
        now[0] += data.draw(st.sampled_from([0.0, 0.01, 0.5, 30.0]))
        if data.draw(st.booleans()):
            got += inbox.scan()
    now[0] += 0.2
    got += inbox.scan()
    assert {one.name: one.content for one in got} == contents
    assert len(got) == len(contents)


def test_thousands_of_waiting_files_cost_little(layout: Layout, inbox: Inbox, clock) -> None:
    for number in range(5_000):
        os.close(os.open(f"{layout.entrada}/V{number:05}.TXT", os.O_CREAT | os.O_WRONLY))
    inbox.scan()
    clock.now += 1
    inbox.scan()
    start = time.process_time()
    for number in range(20):
        drop(layout, f"NUEVO{number}.TXT")
    assert len(inbox.scan()) == 20
    assert time.process_time() - start < 2  # about 0.05 s: a net for the quadratic, not a timing


def test_a_reader_without_permission_refuses_the_file_after_a_moment(layout: Layout) -> None:
    """As another user: root may read everything."""
    program = """
import os, sys
from sincronizador.folders.claim import Inbox
from sincronizador.folders.layout import Layout
os.setgid(65534)
os.setuid(65534)
now = [0.0]
layout = Layout(sys.argv[1])
inbox = Inbox(layout, incompleto=60, maximo=1000, busy=lambda *_, **__: False, clock=lambda: now[0])
print(inbox.scan())
now[0] = 2.0
print([(one.name, *one.trouble) for one in inbox.scan()])
print([error.code for error in layout.troubles()])
"""
    if os.geteuid() != 0:
        pytest.skip("giving up rights needs root: run the tests as root")
    for folder in (Path(layout.spool), *map(Path, layout.folders)):
        folder.chmod(0o777)
    for parent in Path(layout.spool).parents:
        if not parent.stat().st_mode & 0o005:
            parent.chmod(parent.stat().st_mode | 0o055)
    drop(layout, "V1.TXT").chmod(0)
    Path(layout.salida).chmod(0o755)
    environment = {"PYTHONPATH": ":".join(sys.path), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-c", program, layout.spool]
    run = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert run.stdout.splitlines() == [
        "[]",
        "[('V1.TXT', 'E0101', 'El archivo está vacío o no se puede leer: no hay permiso para leerlo.')]",
        "['E9203']",
    ], run.stderr
