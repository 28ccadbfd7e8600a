"""Folders deleted, replaced, unmounted, read-only or forbidden under the daemon: told, never filled, mended."""

import os
import shutil
import subprocess
import time

import pytest
from outside.installation import COMMAND, environment, wait_for
from shop_talk import PATIENCE, SALE, heartbeat, lay_out, logged, not_told, numbers, told
from small_disk import mount


def sell(own, names, till=""):
    """Drop sales, also where there was no inbox a moment ago."""
    for name in names:
        path = own.folder / f"{name}.txt"
        path.write_text(SALE.format(name=name), "ascii")
        wait_for("an inbox", lambda: own.box("entrada", till).is_dir() or None, PATIENCE)
        path.rename(own.box("entrada", till) / path.name)


@pytest.fixture
def spool(shop, tmp_path):
    """The working folders of a shop on a mount point of their own, as on a disk for them; gives what is mounted."""
    source = tmp_path / "disco-de-carpetas"
    shutil.move(shop.spool, source)
    shop.spool.mkdir()
    assert mount("--bind", str(source), str(shop.spool)).returncode == 0
    yield source
    while mount("-l", str(shop.spool), command="umount").returncode == 0:
        pass


def test_deleted_folders_are_made_again_and_work_goes_on(shop):
    shop.start()
    sell(shop, ("V1",))
    assert numbers(shop, ("V1",)) == [1]
    shutil.rmtree(shop.box("salida"))
    sell(shop, ("V2",))
    assert numbers(shop, ("V2",)) == [2]
    shutil.rmtree(shop.spool)
    sell(shop, ("V3",))
    assert numbers(shop, ("V3",)) == [3]
    told(shop, "PULSO=")
    second = shop.run("iniciar")
    assert (second.returncode, "E9221" in second.stderr) == (78, True), (
        "the folders made again are locked like the first"
    )
    (shop.box("entrada") / "CAJA1").mkdir()
    sell(shop, ("V4",), "CAJA1")
    assert shop.answer("V4.txt", "CAJA1")["NUMERO"] == "4"
    shutil.rmtree(shop.box("salida") / "CAJA1")
    sell(shop, ("V5",), "CAJA1")
    assert shop.answer("V5.txt", "CAJA1")["NUMERO"] == "5"
    assert shop.alive()


def test_a_folder_replaced_by_a_file_is_told_and_by_a_link_is_followed(shop):
    shop.start()
    shutil.rmtree(shop.box("salida"))
    shop.box("salida").write_text("un archivo")
    wait_for("a complaint", lambda: logged(shop, "E9204") or None, PATIENCE)
    sell(shop, ("V1",))
    time.sleep(2)
    assert (shop.box("entrada") / "V1.txt").exists(), "nothing is taken that cannot be answered"
    shop.box("salida").unlink()
    assert numbers(shop, ("V1",)) == [1]
    other = shop.folder / "otra-salida"
    other.mkdir()
    shutil.rmtree(shop.box("salida"))
    shop.box("salida").symlink_to(other)
    sell(shop, ("V2",))
    assert numbers(shop, ("V2",)) == [2]
    assert (other / "V2.rsp").exists()


def test_a_disk_unmounted_under_the_daemon_is_not_taken_for_empty_folders(shop, spool):
    lay_out(shop, ("V1", "V2"))
    for name in ("V1", "V2"):
        shutil.move(shop.folder / f"{name}.txt", spool / f"{name}.listo")
    shop.start()
    (spool / "V1.listo").rename(spool / "entrada" / "V1.txt")
    assert numbers(shop, ("V1",)) == [1]
    assert mount("-l", str(shop.spool), command="umount").returncode == 0
    wait_for("a complaint", lambda: logged(shop, "E9207") or None, PATIENCE)
    (spool / "V2.listo").rename(spool / "entrada" / "V2.txt")
    time.sleep(3)
    assert os.listdir(shop.spool) == [], "nothing is written where the disk belongs"
    assert logged(shop, "E9207") == 1
    shop.stop()
    again = shop.run("iniciar")
    assert (again.returncode, "E9207" in again.stderr) == (78, True), again.stderr
    assert os.listdir(shop.spool) in ([], [".candado"])
    assert mount("--bind", str(spool), str(shop.spool)).returncode == 0
    shop.start()
    assert numbers(shop, ("V1", "V2")) == [1, 2]


def test_a_disk_that_comes_back_is_taken_up_without_a_restart(shop, spool):
    shop.start()
    mount("-l", str(shop.spool), command="umount")
    wait_for("a complaint", lambda: logged(shop, "E9207") or None, PATIENCE)
    (spool / "entrada" / "V1.txt").write_text(SALE.format(name="V1"), "ascii")
    mount("--bind", str(spool), str(shop.spool))
    assert numbers(shop, ("V1",)) == [1]
    assert shop.alive()


def test_folders_that_became_read_only_are_told_and_waited_for(shop, spool):
    shop.start()
    (spool / "entrada" / "V1.txt").write_text(SALE.format(name="V1"), "ascii")
    assert numbers(shop, ("V1",)) == [1]
    mount("-o", "bind", str(spool), str(shop.spool))
    mount("-o", "remount,bind,ro", str(shop.spool))
    (spool / "entrada" / "V2.txt").write_text(SALE.format(name="V2"), "ascii")
    wait_for("a complaint", lambda: logged(shop, "solo lectura") or None, PATIENCE)
    checked = shop.run("verificar")
    assert (checked.returncode, "solo lectura" in checked.stdout) == (78, True), checked.stdout
    assert shop.run("estado", "V1").returncode == 0
    mount(str(shop.spool), command="umount")
    assert numbers(shop, ("V1", "V2")) == [1, 2]
    assert shop.alive()


def test_without_permission_it_says_so_and_goes_on_with_it(shop):
    """The daemon runs without root's right to pass over modes, as a service does."""
    bounded = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", *COMMAND]
    with shop.log.open("ab") as log:
        shop.process = subprocess.Popen(
            [*bounded, "--config", str(shop.toml), "iniciar"],
            stdout=log,
            stderr=log,
            env=environment(),
            cwd=shop.folder,
        )
    told(shop, "PULSO=")
    sell(shop, ("V1",))
    assert numbers(shop, ("V1",)) == [1]
    for name in ("procesando", "salida"):
        shop.box(name).chmod(0)
    sell(shop, ("V2",))
    wait_for("a complaint", lambda: logged(shop, "E9203") or None, PATIENCE)
    time.sleep(3)
    assert shop.alive()
    shop.box("procesando").chmod(0o755)
    time.sleep(2)
    shop.box("salida").chmod(0o755)
    assert numbers(shop, ("V2",)) == [2]
    assert logged(shop, "E9203") <= 4


def test_a_journal_deleted_under_the_daemon_stops_new_sales_and_says_how_to_get_it_back(shop):
    shop.start()
    sell(shop, ("V1",))
    assert numbers(shop, ("V1",)) == [1]
    kept = shop.folder / "diario-aparte"
    (shop.folder / "diario.db").rename(kept)
    told(shop, "fue borrado o reemplazado")
    sell(shop, ("V2",))
    first = heartbeat(shop)
    wait_for("another heartbeat", lambda: heartbeat(shop) != first, PATIENCE)
    assert (shop.box("entrada") / "V2.txt").exists()
    kept.rename(shop.folder / "diario.db")
    assert numbers(shop, ("V1", "V2")) == [1, 2]
    not_told(shop, "fue borrado o reemplazado")
