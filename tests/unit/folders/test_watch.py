"""When the folders are looked into: against a real kernel, and the rhythm with a clock of its own."""

import errno
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sincronizador.folders import watch as module
from sincronizador.folders.claim import Inbox
from sincronizador.folders.layout import Layout
from sincronizador.folders.watch import Pace, Watch

WHOLE = b"[DOCUMENTO]\r\nTIPO=101\r\n[FIN]\r\n"


class Scanner:
    """The daemon's scanner thread."""

    def __init__(self, layout: Layout) -> None:
        self.inbox = Inbox(layout, incompleto=60, maximo=1000, busy=lambda *_, **__: False)
        self.watch = Watch(layout)
        self.got: dict[str, float] = {}
        self.scans = 0
        self.stopping = False
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self) -> None:
        while not self.stopping:
            found = self.inbox.scan()
            self.scans += 1
            for one in found:
                self.got[one.name] = time.monotonic()
            self.watch.wait(found=bool(found))

    def close(self) -> None:
        self.stopping = True
        self.watch.wake()
        self.thread.join(5)
        self.watch.close()
        assert not self.thread.is_alive()


@pytest.fixture
def scanner(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scanner]:
    Path(layout.entrada, "CAJA1").mkdir()
    monkeypatch.setattr(module, "BURST_SECONDS", 0.1)
    running = Scanner(layout)
    until(lambda: bool(running.watch._watched))
    yield running
    running.close()


def until(condition: Callable[[], bool], seconds: float = 5.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.002)


def drop(folder: str, name: str, way: str) -> float:
    path = Path(folder, name)
    if way == "written":
        path.write_bytes(WHOLE)
    elif way == "renamed":
        path.with_suffix(".tmp").write_bytes(WHOLE)
        path.with_suffix(".tmp").rename(path)
    else:
        outside = Path(folder).parent.parent / f"{name}.outside"
        outside.write_bytes(WHOLE)
        outside.rename(path)
    return time.monotonic()


@pytest.mark.parametrize("way", ["written", "renamed", "moved in"])
def test_a_drop_wakes_the_scanner_at_once(scanner: Scanner, layout: Layout, way: str) -> None:
    for folder, name in ((layout.entrada, "A.TXT"), (f"{layout.entrada}/CAJA1", "B.TXT"), (layout.validar, "C.TXT")):
        time.sleep(0.25)  # the burst is over: only an event can be this quick
        dropped = drop(folder, name, way)
        until(lambda name=name: name in scanner.got)
        assert scanner.got[name] - dropped < 1.0


def test_what_the_http_door_drops_wakes_the_scanner_in_a_till_of_its_own_too(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BURST_SECONDS", 0.1)
    os.makedirs(f"{layout.http}/CAJA9")
    scanner = Scanner(layout)
    try:
        until(lambda: f"{layout.http}/CAJA9" in scanner.watch._watched)
        for folder, name in ((layout.http, "A.TXT"), (f"{layout.http}/CAJA9", "B.TXT")):
            time.sleep(0.25)
            dropped = drop(folder, name, "renamed")
            until(lambda name=name: name in scanner.got)
            assert scanner.got[name] - dropped < 1.0
    finally:
        scanner.close()
    assert layout.tills() == []


def test_a_file_that_is_written_but_not_closed_is_seen(scanner: Scanner, layout: Layout) -> None:
    with open(f"{layout.entrada}/A.TXT", "wb", buffering=0) as file:
        time.sleep(0.25)
        file.write(WHOLE)
        until(lambda: "A.TXT" in scanner.got, 1.0)


def test_our_own_scans_do_not_wake_us(scanner: Scanner) -> None:
    time.sleep(0.5)
    before = scanner.scans
    time.sleep(1.0)
    assert scanner.scans - before <= 2


def test_a_folder_deleted_and_made_again_and_a_new_till_are_watched(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BURST_SECONDS", 0.1)
    monkeypatch.setattr(module, "SLOW_SECONDS", 0.2)
    scanner = Scanner(layout)
    try:
        until(lambda: bool(scanner.watch._watched))
        shutil.rmtree(layout.entrada)
        until(lambda: layout.entrada not in scanner.watch._watched)
        os.makedirs(f"{layout.entrada}/CAJA9")
        until(lambda: f"{layout.entrada}/CAJA9" in scanner.watch._watched)
        drop(f"{layout.entrada}/CAJA9", "A.TXT", "renamed")
        until(lambda: "A.TXT" in scanner.got)
    finally:
        scanner.close()


def test_a_folder_behind_a_link_is_watched(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "entrada").symlink_to("real")
    layout = Layout(str(tmp_path / "spool"), entrada=str(tmp_path / "entrada"))
    layout.prepare()
    watch = Watch(layout)
    watch._check()
    watch._pace._woken.clear()
    (tmp_path / "real" / "A.TXT").write_bytes(WHOLE)
    assert watch._pace._woken.wait(2)
    watch.close()


def test_a_dead_observer_is_replaced(layout: Layout) -> None:
    watch = Watch(layout)
    watch._check()
    dead = watch._observer
    assert dead is not None
    next(iter(dead.emitters)).stop()
    until(lambda: not all(emitter.is_alive() for emitter in dead.emitters))
    watch._check()
    assert watch._observer is not dead
    watch.close()
    assert not [thread for thread in threading.enumerate() if "watchdog" in type(thread).__module__]


def test_without_watches_left_the_folders_are_scanned_more_often(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none_left(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "inotify watch limit reached")

    watch = Watch(layout)
    with monkeypatch.context() as broken:
        broken.setattr("watchdog.observers.api.BaseObserver.schedule", none_left)
        watch._check()
    assert "ENOSPC" in watch.trouble
    assert watch._slow() == module.UNWATCHED_SECONDS
    watch._check()
    assert watch.trouble == ""
    watch.close()


def test_a_network_share_is_scanned_instead_of_watched(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Layout, "network", lambda _: "cifs")
    watch = Watch(layout)
    watch._check()
    assert "cifs" in watch.trouble
    assert watch._observer is None
    assert watch._slow() == module.UNWATCHED_SECONDS


class Rhythm:
    """A clock that sleeping moves, and the pauses that were made."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        self.pauses: list[float] = []
        monkeypatch.setattr(module.time, "sleep", self.pause)
        self.pace = Pace(slow=lambda: 2.0, clock=lambda: self.now)
        monkeypatch.setattr(self.pace._woken, "wait", self.pause)

    def pause(self, seconds: float) -> None:
        self.now += seconds
        self.pauses.append(seconds)


def test_scans_follow_each_other_for_a_second_after_a_wake_then_come_every_two(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rhythm = Rhythm(monkeypatch)
    rhythm.now = 10.0
    rhythm.pace.wait(found=False)
    assert rhythm.pauses == [2.0]
    rhythm.pace.wake()
    rhythm.pace.wait(found=False)
    end = rhythm.now + 1.0
    rhythm.pauses.clear()
    while rhythm.now < end:
        rhythm.pace.wait(found=False)
    assert max(rhythm.pauses) == module.FAST_SECONDS
    rhythm.pace.wait(found=False)
    assert rhythm.pauses[-1] == 2.0


def test_after_a_find_the_next_scan_comes_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    rhythm = Rhythm(monkeypatch)
    rhythm.now = 10.0
    rhythm.pace.wait(found=True)
    assert rhythm.pauses == []
    rhythm.pace.wait(found=False)
    assert max(rhythm.pauses) == module.FAST_SECONDS


def test_a_scan_that_takes_long_is_followed_by_a_longer_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    rhythm = Rhythm(monkeypatch)
    rhythm.pace.wait(found=False)
    rhythm.now += 0.1
    rhythm.pauses.clear()
    rhythm.pace.wait(found=False)
    assert sum(rhythm.pauses) >= 0.4
