"""The package changes: upgraded with work in hand, never back, removed, purged; and the shop goes on elsewhere."""

import io
import re
import shutil
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

import local
import pytest
from machine import LONG, PROJECT, Machine, wait_for

pytestmark = pytest.mark.skipif(not LONG, reason="the long form: make sistema")


@pytest.fixture
def machine(shop: tuple[Path, Path], switch_on: Callable[..., Machine]) -> Machine:
    """A configured machine, on."""
    return switch_on("caja", *shop)


@pytest.fixture
def before(build: Callable[..., Path], tmp_path: Path) -> Path:
    """The package of the last tree whose journal had another schema, under a version before all."""
    journal = "sincronizador/journal/journal.py"
    changed = _git("log", "-1", "--format=%H", "-G^SCHEMA_VERSION = ", "--first-parent", "--", journal)
    assert changed, "a clone with its history"
    tree = tmp_path / "antes"
    with tarfile.open(fileobj=io.BytesIO(_git_bytes("archive", f"{changed}^"))) as archive:
        archive.extractall(tree, filter="data")
    # The program of then in the service of now: what is tried is the journal.
    for unit in PROJECT.glob("*.service"):
        shutil.copy(unit, tree)
    shutil.copy(PROJECT / "config/sincronizador.tmpfiles", tree / "config")
    return build("0.0.1", tree)


def test_an_upgrade_brings_the_journal_along_and_loses_nothing(
    bare: Path, before: Path, deb: Path, switch_on: Callable[..., Machine]
) -> None:
    machine = switch_on("vieja", bare)
    local.install(machine, before)
    local.set_up_by_hand(machine)
    local.hire(machine)
    sales = [f"U-{number}" for number in range(150)]
    local.drop(machine, *sales[:100])
    wait_for("work in hand", lambda: machine.path(f"{local.SPOOL}/salida/U-3.rsp").exists())
    template = machine.path("/etc/sincronizador/plantilla.toml")
    template.write_text(f"{template.read_text('utf-8')}# nuestra\n", "utf-8")
    local.install(machine, deb)
    local.drop(machine, *sales[100:])
    for sale in sales:
        local.answer(machine, sale)
    issued = local.numbers(machine)
    assert set(sales) <= set(issued)
    wait_for(
        "every paper", lambda: {paper.partition("-COPIA")[0] for paper in local.papers(machine)} >= set(issued.values())
    )
    assert template.read_text("utf-8").endswith("# nuestra\n")
    upgraded = re.search(r"event=journal_upgraded copy=(\S+)", machine.journal(local.SERVICE))
    assert upgraded
    assert machine.path(upgraded[1]).stat().st_size > 10_000

    # Back is refused in a sentence, and what is there goes on.
    said = local.install(machine, before, fails=True)
    assert "no se vuelve a una versión anterior" in said
    wait_for("the service goes on", lambda: machine.show(local.SERVICE, "ActiveState") == "active")
    # By way of a removal the program itself says it.
    machine.run("apt-get", "remove", "--yes", "sincronizador")
    local.install(machine, before)
    machine.run("systemctl", "start", local.SERVICE, fails=True)
    assert "E9215" in machine.journal(local.SERVICE)


def test_removed_and_purged_it_leaves_what_the_law_wants_kept(machine: Machine, deb: Path) -> None:
    local.drop(machine, "P-1")
    local.answer(machine, "P-1")
    issued = local.numbers(machine)
    machine.run("apt-get", "remove", "--yes", "sincronizador")
    assert not machine.path("/opt/sincronizador/bin/python3").is_symlink()
    assert machine.path(local.TOML).exists()
    assert machine.show(local.SERVICE, "LoadState") in ("not-found", "masked")
    local.install(machine, deb)
    machine.run("systemctl", "enable", "--now", local.SERVICE)
    local.drop(machine, "P-2")
    local.answer(machine, "P-2")
    said = machine.run("apt-get", "purge", "--yes", "sincronizador").stdout
    assert "/var/lib/sincronizador" in said
    assert "cinco años" in said
    assert not machine.path("/etc/sincronizador").exists()
    assert not machine.path("/etc/credstore.encrypted/certificado.clave").exists()
    assert set(local.numbers(machine)) == {*issued, "P-2"}
    assert machine.path(f"{local.SPOOL}/salida/P-2.rsp").exists()


def test_a_backup_goes_on_in_a_second_machine(
    machine: Machine, bare: Path, deb: Path, switch_on: Callable[..., Machine]
) -> None:
    local.drop(machine, "B-1")
    local.answer(machine, "B-1")
    machine.run("sincronizador", "respaldo", "crear", "/root/respaldo")
    identity = machine.path("/etc/sincronizador/certificado/emisor.p12").read_bytes()
    password = machine.run("systemd-creds", "decrypt", "/etc/credstore.encrypted/certificado.clave", "-").stdout
    toml = machine.path(local.TOML).read_text("utf-8")
    backup = next(machine.path("/root/respaldo").glob("*.zip"))
    machine.switch_off()

    second = switch_on("segunda", bare)
    local.install(second, deb)
    local.hire(second)
    second.path("/root/respaldo.zip").write_bytes(backup.read_bytes())
    second.path("/root/emisor.p12").write_bytes(identity)
    second.path(local.TOML).write_text(toml, "utf-8")
    local.keep_credential(second, "certificado.clave", password)
    second.run("install", "-d", "-o", "sincronizador", "-g", "sincronizador", "-m", "2770", local.PAPERS)
    second.run("sincronizador", "respaldo", "restaurar", "/root/respaldo.zip")
    second.path("/root/clave.txt").write_text(password, "utf-8")
    archive = ("/root/emisor.p12", "--clave", "/root/clave.txt")
    second.run("sincronizador", "certificado", "instalar", *archive, "--ambiente", "prueba")
    second.run("systemctl", "enable", "--now", local.SERVICE)
    second.run("sincronizador", "cae", "confirmar", "--encontrados")
    local.drop(second, "B-1", "B-2")
    assert local.answer(second, "B-2")["NUMERO"] == "3"
    assert local.answer(second, "B-1")["NUMERO"] == "2"
    assert len(local.numbers(second)) == 3


def _git(*arguments: str) -> str:
    return _git_bytes(*arguments).decode().strip()


def _git_bytes(*arguments: str) -> bytes:
    return subprocess.run(["git", "-C", PROJECT, *arguments], check=True, capture_output=True).stdout
