"""Backups of a daemon that sells, each of them looked at; then the disk breaks, by the commands alone."""

import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
from outside.installation import COMMAND, environment, wait_for

SALE = (
    "[DOCUMENTO]\nTIPO=101\nREFERENCIA={name}\nFORMA_PAGO=CONTADO\n[ITEM]\nDETALLE=Pan\nPRECIO=89\nIVA=MINIMA\n[FIN]\n"
)


def sale(name):
    return SALE.format(name=name).encode()


@pytest.fixture
def shop(installation, tmp_path):
    (tmp_path / "espejo").mkdir()
    installation.configure("respaldo", espejo=f'"{tmp_path / "espejo"}"')
    installation.configure("salida", formatos="[]")
    return installation


def done(shop, *words, code=0):
    found = shop.run(*words, patience=60)
    assert "Traceback" not in found.stderr
    assert found.returncode == code, found.stdout + found.stderr
    return found.stdout + found.stderr


def break_disk(shop):
    for path in shop.folder.glob("diario.db*"):
        if path.suffix != ".candado":
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def test_copies_taken_while_it_sells_are_good_and_bring_everything_back(shop, tmp_path):
    shop.start()
    folder, names = tmp_path / "respaldos", []
    for round_ in range(3):
        batch = [f"V{round_}{number}" for number in range(8)]
        for name in batch:
            shop.drop(f"{name}.txt", sale(name))
        done(shop, "respaldo", "crear", str(folder))
        names += batch
    numbers = {name: shop.answer(f"{name}.txt")["NUMERO"] for name in names}
    copies = sorted(folder.glob("respaldo-*.zip"))
    assert len(copies) == 3
    for copy in copies:
        assert "Está sano" in done(shop, "respaldo", "verificar", str(copy))
        assert os.stat(copy).st_mode & 0o777 == 0o600
    assert "E9221" in done(shop, "respaldo", "restaurar", str(copies[0]), code=78), "while it runs it is refused"
    shop.kill()
    break_disk(shop)
    (shop.folder / "diario.db").write_bytes(b"SQLite format 3\0" + bytes(90_000))
    shop.launch()
    assert wait_for("the daemon to end", shop.process.poll) == 78
    assert "respaldo restaurar" in shop.tail()
    assert "Traceback" not in shop.tail()
    said = done(shop, "respaldo", "restaurar", str(copies[0]))
    assert re.search(r"101 A: se conoce hasta el 24", said), said
    shop.start()
    again = shop.ask("V27.txt", sale("V27"))
    assert (again.first, again["NUMERO"], again.codes("AVISO")) == ("OK", numbers["V27"], ["A0001"])
    shop.drop("NUEVA.txt", sale("NUEVA"))
    shop.answer("NUEVA.txt", until=lambda seen: seen["MOTIVO"] == "SIN_NUMEROS")
    done(shop, "cae", "confirmar", "101", "A", "24")
    assert shop.answer("NUEVA.txt")["NUMERO"] == "25"
    assert sorted(map(int, numbers.values())) == list(range(1, 25))


def test_a_kill_in_the_middle_of_a_backup_or_a_restoration_leaves_a_way_on(shop, tmp_path):
    shop.start()
    for number in range(4):
        shop.ask(f"V{number}.txt", sale(f"V{number}"))
    folder = tmp_path / "respaldos"
    done(shop, "respaldo", "crear", str(folder))
    copy = next(folder.glob("*.zip"))
    shop.stop()
    for pause in (0.45, 0.6, 0.75):
        _killed(shop, pause, "respaldo", "crear", str(tmp_path / "otros"))
        _killed(shop, pause, "respaldo", "restaurar", str(copy))
    for path in (tmp_path / "otros").glob("respaldo-*.zip"):
        done(shop, "respaldo", "verificar", str(path))
    done(shop, "respaldo", "restaurar", str(copy))
    done(shop, "cae", "confirmar", "--encontrados")
    shop.start()
    assert shop.ask("NUEVA.txt", sale("NUEVA"))["NUMERO"] == "5"
    assert not list(Path(tmp_path / "otros").glob("~*"))


def _killed(shop, pause, *words):
    process = subprocess.Popen(
        [*COMMAND, "--config", str(shop.toml), *words], env=environment(), cwd=shop.folder,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    time.sleep(pause)
    process.send_signal(signal.SIGKILL)
    process.wait()
