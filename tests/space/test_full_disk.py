"""A disk without bytes, or without files: nothing is lost, it is told, and with room again work goes on by itself."""

import shutil

import pytest
from outside.installation import wait_for
from shop_talk import PATIENCE, SALE, at_rest, drop, heartbeat, lay_out, logged, not_told, numbers, papers, told

SHORT = "Queda poco lugar en el disco"


def fill_bytes(disk):
    disk.fill()


def take_files(disk):
    disk.take_files()


@pytest.mark.parametrize("fill", [fill_bytes, take_files])
def test_what_is_dropped_on_a_full_disk_waits_told_and_is_taken_when_there_is_room(shop, disk, fill):
    lay_out(shop, ("V1", "V2", "V3"))
    shop.start()
    drop(shop, ("V1",))
    assert numbers(shop, ("V1",)) == [1]
    at_rest(shop, "V1")
    fill(disk)
    told(shop, f"ALARMA.1={SHORT}")
    drop(shop, ("V2", "V3"))
    first = heartbeat(shop)
    wait_for("another heartbeat", lambda: heartbeat(shop) != first, PATIENCE)
    assert sorted(path.name for path in shop.box("entrada").glob("*.txt")) == ["V2.txt", "V3.txt"]
    state, checked, explained = (shop.run(*words) for words in (("estado",), ("verificar",), ("explicar", "V1")))
    assert (state.returncode, explained.returncode, checked.returncode) == (0, 0, 78), checked.stdout
    assert SHORT in state.stdout
    assert f"MAL   disco: {SHORT}" in checked.stdout
    assert (logged(shop, "event=short_of_room"), logged(shop, "event=trouble")) == (1, 0)
    disk.make_room()
    assert numbers(shop, ("V2", "V3")) == [2, 3]
    not_told(shop, SHORT)
    assert logged(shop, "event=room_again") == 1
    assert papers(shop) == ["101-A-1", "101-A-2", "101-A-3"]


def test_what_is_in_hand_when_the_disk_fills_is_answered_from_the_reserve(shop, disk):
    names = [f"V{number}" for number in range(60)]
    lay_out(shop, names)
    shop.start()
    drop(shop, names[:20])
    wait_for("the first of them in hand", lambda: len(list(shop.box("entrada").glob("*.txt"))) < 20, PATIENCE)
    disk.fill()
    told(shop, SHORT)
    # The reserve of so small a disk holds a few dozen sales.
    drop(shop, names[20:])
    wait_for(
        "an empty procesando on the full disk", lambda: not list(shop.box("procesando").iterdir()) or None, PATIENCE
    )
    waiting = {path.stem for path in shop.box("entrada").glob("*.txt")}
    answered = [name for name in names if name not in waiting]
    assert answered
    assert numbers(shop, answered) == list(range(1, len(answered) + 1)), "taken means answered, also on a full disk"
    disk.make_room()
    assert numbers(shop, names) == list(range(1, 61))
    wait_for("every paper", lambda: len(papers(shop)) == 60 or None, PATIENCE)
    assert len(shop.papers()) == 60, "nobody has two"


def test_a_service_starts_on_a_full_disk_says_so_and_goes_on(shop, disk):
    lay_out(shop, ("V1", "V2", "V3"))
    shop.start()
    drop(shop, ("V1",))
    assert numbers(shop, ("V1",)) == [1]
    shop.kill()
    drop(shop, ("V2",))
    disk.fill()
    shop.start()
    told(shop, SHORT)
    assert shop.stop() == 0
    assert shop.run("estado", "V1").returncode == 0
    disk.fill("relleno2")
    drop(shop, ("V3",))
    disk.make_room()
    shop.start()
    assert numbers(shop, ("V1", "V2", "V3")) == [1, 2, 3]


def test_without_reserve_and_without_one_byte_everything_says_so_and_nothing_is_lost(shop, disk):
    """Whoever filled the disk took the reserve too."""
    lay_out(shop, ("V1", "V2"))
    shop.start()
    drop(shop, ("V1",))
    assert numbers(shop, ("V1",)) == [1]
    assert shop.stop() == 0
    shutil.rmtree(shop.folder / ".diario.db.reserva")
    disk.fill()
    drop(shop, ("V2",))
    assert shop.run("estado", "V1").returncode == 0, "reading takes no room"
    shop.launch()
    code = wait_for(
        "an end, or a heartbeat", lambda: shop.process.poll() or (SHORT in heartbeat(shop) and -1), PATIENCE
    )
    assert code in (-1, 74, 78), shop.tail()
    assert "Traceback" not in shop.tail()
    if code != -1:
        assert "lugar" in shop.tail() or "lleno" in shop.tail(), shop.tail()
        shop.kill()
        disk.make_room()
        shop.start()
    disk.make_room()
    assert numbers(shop, ("V1", "V2")) == [1, 2]


def test_a_full_disk_of_the_journal_alone_is_told_and_waited_for(shop, disk, tmp_path):
    """The folders are on another disk, where there is room."""
    elsewhere = tmp_path / "carpetas"
    for name in ("spool", "papel"):
        shutil.move(shop.folder / name, elsewhere / name)
        (shop.folder / name).symlink_to(elsewhere / name)
    lay_out(shop, ("V1",))
    shop.start()
    lay = [elsewhere / f"{name}.txt" for name in ("V2", "V3")]
    for path in lay:
        path.write_text(SALE.format(name=path.stem), "ascii")
    shutil.move(shop.folder / "V1.txt", shop.box("entrada"))
    assert numbers(shop, ("V1",)) == [1]
    disk.fill()
    told(shop, f'{SHORT} de "{shop.folder}')
    for path in lay:
        path.rename(shop.box("entrada") / path.name)
    first = heartbeat(shop)
    wait_for("another heartbeat", lambda: heartbeat(shop) != first, PATIENCE)
    assert shop.find("V2.txt") is None
    disk.make_room()
    assert numbers(shop, ("V1", "V2", "V3")) == [1, 2, 3]
