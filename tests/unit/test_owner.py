"""The owner's file: who works in a folder, as another machine sees it; and which machine this is."""

import errno
import json
import os
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from sincronizador import machine, owner
from sincronizador.errors import NeedsOperator
from sincronizador.owner import NAME, Ownership

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=timezone(timedelta(hours=-3)))


def somebody(**more):
    return replace(owner.me(NOW), **more)


def folders(tmp_path, beating=None, waited=None):
    """An `Ownership` of this process whose waits let `beating` beat."""

    def wait(seconds):
        if waited is not None:
            waited.append(seconds)
        if beating is not None:
            beating.pulse()

    return Ownership([str(tmp_path)], owner.me(NOW), wait)


def test_nobody_is_waited_for_where_nobody_was(tmp_path):
    waited = []
    folders(tmp_path, waited=waited).take(tomar=False)
    assert waited == []
    found = json.loads((tmp_path / NAME).read_bytes()[12:])
    assert (found["machine"], found["pid"]) == (os.uname().nodename, os.getpid())


@pytest.mark.parametrize("tomar", [False, True])
def test_a_living_pulse_of_another_machine_refuses_and_names_it(tmp_path, tomar):
    other = Ownership([str(tmp_path)], somebody(machine="caja-2", pid=77))
    other.take(tomar=False)
    with pytest.raises(NeedsOperator, match="proceso 77 en caja-2, desde 2026-11-21") as refusal:
        folders(tmp_path, beating=other).take(tomar=tomar)
    assert refusal.value.code == "E9221"
    other.pulse()


def test_a_dead_one_of_another_machine_on_a_share_needs_a_persons_word(tmp_path, monkeypatch):
    Ownership([str(tmp_path)], somebody(machine="caja-2")).take(tomar=False)
    monkeypatch.setattr(owner, "is_share", lambda _: True)
    waited = []
    with pytest.raises(NeedsOperator, match="--tomar") as refusal:
        folders(tmp_path, waited=waited).take(tomar=False)
    assert refusal.value.code == "E9228"
    assert sum(waited) >= 3 * owner.PULSE_SECONDS
    folders(tmp_path).take(tomar=True)


def test_a_dead_one_of_another_name_on_a_disk_of_this_machine_is_taken(tmp_path, monkeypatch):
    Ownership([str(tmp_path)], somebody(machine="contenedor-viejo")).take(tomar=False)
    monkeypatch.setattr(owner, "is_share", lambda _: False)
    folders(tmp_path).take(tomar=False)


@pytest.mark.parametrize("dead", [{"boot": "otro-arranque"}, {"pid": 2**22 + 1}])
def test_a_dead_one_of_this_machine_is_taken_at_once(tmp_path, dead):
    Ownership([str(tmp_path)], somebody(**dead)).take(tomar=False)
    waited = []
    folders(tmp_path, waited=waited).take(tomar=False)
    assert waited == []


def test_a_living_process_of_this_machine_is_refused_though_no_lock_says_so(tmp_path):
    other = Ownership([str(tmp_path)], somebody(pid=os.getppid()))
    other.take(tomar=False)
    with pytest.raises(NeedsOperator):
        folders(tmp_path, beating=other).take(tomar=False)


def test_who_was_replaced_notices_and_does_not_write_over_the_new_one(tmp_path):
    old = Ownership([str(tmp_path)], somebody(machine="caja-2"))
    old.take(tomar=False)
    old.pulse()
    folders(tmp_path).take(tomar=True)
    new = (tmp_path / NAME).read_bytes()
    with pytest.raises(NeedsOperator, match=f"proceso {os.getpid()}") as lost:
        old.pulse()
    assert lost.value.code == "E9226"
    old.release()
    assert (tmp_path / NAME).read_bytes() == new


def test_a_file_that_somebody_removed_is_written_again_and_a_clean_end_leaves_none(tmp_path):
    ours = folders(tmp_path)
    ours.take(tomar=False)
    (tmp_path / NAME).unlink()
    ours.pulse()
    assert (tmp_path / NAME).exists()
    ours.release()
    assert not (tmp_path / NAME).exists()


@pytest.mark.parametrize("content", [b"", b"{", b"000000000001{}", b"\xff" * 200, b'000000000001{"pid": "x"}'])
def test_a_damaged_file_is_nobodys(tmp_path, content):
    (tmp_path / NAME).write_bytes(content)
    folders(tmp_path).take(tomar=False)


def test_this_disk_is_no_share(tmp_path):
    assert not owner.is_share(str(tmp_path / NAME))


PLACES = {"system": "etc/machine-id", "product": "sys/class/dmi/id/product_uuid"}


def equipment(root, **told):
    for place, content in told.items():
        path = root / PLACES[place]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return machine.identify(str(root))


def test_a_machine_is_what_its_system_and_its_board_say(tmp_path):
    one = equipment(tmp_path / "1", system="a1\n", product="U1\n")
    assert set(one) == {"sistema", "equipo"}
    assert not any(value == "a1" for value in one.values())
    assert not machine.is_other(one, equipment(tmp_path / "1"))
    assert machine.is_other(one, equipment(tmp_path / "2", system="a2\n"))
    moved = equipment(tmp_path / "3", system="a1\n", product="U2\n")
    assert machine.is_other(one, moved)


def test_what_is_not_known_is_not_compared(tmp_path):
    one = equipment(tmp_path / "1", system="a1\n")
    assert equipment(tmp_path / "2", system="uninitialized\n", product="0000-00\n") == {}
    assert not machine.is_other(one, {})
    assert not machine.is_other({}, one)
    (tmp_path / "1" / ".dockerenv").touch()
    assert machine.identify(str(tmp_path / "1")) == {}


@pytest.mark.parametrize(
    "left",
    [
        b"0" * 12 + b"[" * 4000,
        b"0" * 12 + b'{"run": "r", "machine": "m", "pid": 1e999, "boot": "b", "since": "s"}',
        b"0" * 12 + b'{"run": "r", "machine": "m", "pid": %s, "boot": "b", "since": "s"}' % (b"9" * 40),
    ],
)
def test_a_file_that_no_daemon_wrote_stops_nobody(tmp_path, left):
    (tmp_path / NAME).write_bytes(left)
    made = Ownership([str(tmp_path)], somebody(machine="m", boot="b"), lambda _: None)
    made.take(tomar=False)
    made.pulse()


def test_a_pulse_that_cannot_be_written_says_so_and_ends_in_peace(tmp_path, monkeypatch):
    made = folders(tmp_path)
    made.take(tomar=False)

    def full(*_):
        raise OSError(errno.ENOSPC, "")

    with monkeypatch.context() as patch:
        patch.setattr(os, "pwrite", full)
        with pytest.raises(NeedsOperator) as refusal:
            made.pulse()
        assert refusal.value.code == "E9201"
    with monkeypatch.context() as patch:
        patch.setattr(os, "unlink", full)
        made.release()
    made.pulse()


@pytest.mark.parametrize("how", [os.symlink, os.link])
def test_a_name_that_leads_elsewhere_is_replaced_and_never_written_through(tmp_path, how):
    made = folders(tmp_path)
    made.take(tomar=False)
    (tmp_path / "diario.db").write_bytes(b"SQLite format 3\0" * 50)
    (tmp_path / NAME).unlink()
    how(tmp_path / "diario.db", tmp_path / NAME)
    made.pulse()
    assert (tmp_path / "diario.db").read_bytes() == b"SQLite format 3\0" * 50
    made.pulse()
    assert not (tmp_path / NAME).is_symlink()


@pytest.mark.timeout(10)
def test_a_pipe_in_its_place_keeps_nobody_waiting(tmp_path):
    os.mkfifo(tmp_path / NAME)
    made = folders(tmp_path)
    made.take(tomar=False)
    made.pulse()
