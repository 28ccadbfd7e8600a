"""What happens to an installed service in the years of a shop: reloads, falls, cuts, a printer, several issuers."""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import local
import ministry
import pytest
from machine import LONG, Machine, wait_for

pytestmark = pytest.mark.skipif(not LONG, reason="the long form: make sistema")
_MEMORY = Path("/sys/fs/cgroup/memory")


@pytest.fixture
def machine(shop: tuple[Path, Path], switch_on: Callable[..., Machine]) -> Machine:
    """A configured machine, on."""
    on = switch_on("caja", *shop)
    wait_for("the service after a boot", lambda: on.show(local.SERVICE, "ActiveState") == "active")
    return on


def test_nothing_is_lost_or_doubled_when_it_is_reloaded_under_load(machine: Machine) -> None:
    pid = machine.show(local.SERVICE, "MainPID")
    sales = [f"R-{number}" for number in range(120)]
    for turn in range(6):
        local.drop(machine, *sales[turn * 20 : turn * 20 + 20])
        local.set_line(machine, r"^(# )?tolerancia = .*$", f'tolerancia = "{turn},00"')
        machine.run("systemctl", "reload", local.SERVICE)
    for sale in sales:
        local.answer(machine, sale)
    assert machine.show(local.SERVICE, "MainPID") == pid
    assert machine.show(local.SERVICE, "NRestarts") == "0"
    issued = local.numbers(machine)
    assert set(sales) <= set(issued)
    wait_for("every paper", lambda: local.papers(machine) == sorted(issued.values()))


def test_wrong_settings_are_told_and_the_old_ones_go_on(machine: Machine) -> None:
    pid = machine.show(local.SERVICE, "MainPID")
    good = machine.path(local.TOML).read_text("utf-8")
    for wrong, told in (
        (good.replace('ambiente = "prueba"', 'ambiente = "produccion"'), "E9247"),
        (good.replace("[totales]", "[totale]"), "E9301"),
        (good.replace("[totales]", "[totales"), "E9305"),
        (good.replace("[impresion]", '[impresion]\nplantilla = "no-hay.toml"'), "no-hay.toml"),
    ):
        assert wrong != good
        before = machine.journal(local.SERVICE).count("event=reload_refused")
        machine.path(local.TOML).write_text(wrong, "utf-8")
        machine.run("systemctl", "reload", local.SERVICE)
        wait_for(
            "a refusal", lambda before=before: machine.journal(local.SERVICE).count("event=reload_refused") > before
        )
        local.status(machine, "No se tomó la configuración nueva")
        assert told in machine.journal(local.SERVICE).split("event=reload_refused")[-1]
    local.drop(machine, "M-1")
    local.answer(machine, "M-1")
    assert machine.show(local.SERVICE, "MainPID") == pid
    machine.path(local.TOML).write_text(good, "utf-8")
    machine.run("systemctl", "reload", local.SERVICE)
    wait_for("no alarm", lambda: "No se tomó" not in machine.show(local.SERVICE, "StatusText"))


def test_it_starts_again_after_kills_want_of_memory_and_a_hang(machine: Machine) -> None:
    for name in ("KILL", "SEGV", "ABRT"):
        local.drop(machine, *(f"{name}-{number}" for number in range(5)))
        with another_process(machine) as pid:
            machine.run("sh", "-c", f"kill -{name} {pid}")
    with another_process(machine) as pid, starved(pid) as kills:
        local.drop(machine, *(f"OOM-{number}" for number in range(30)))
        wait_for("the kernel's killer", kills)
    local.drop_in(machine, "[Service]\nWatchdogSec=6\nTimeoutAbortSec=5\n")
    machine.run("systemctl", "restart", local.SERVICE)
    with another_process(machine) as pid:
        machine.run("sh", "-c", f"kill -STOP {pid}")
    local.drop(machine, "HANG-0")
    for name, count in (("KILL", 5), ("SEGV", 5), ("ABRT", 5), ("OOM", 30), ("HANG", 1)):
        for number in range(count):
            local.answer(machine, f"{name}-{number}")
    local.numbers(machine)


@contextmanager
def another_process(machine: Machine) -> Iterator[str]:
    """What happens inside ends the service's process; systemd has started another one afterwards."""
    pid = machine.show(local.SERVICE, "MainPID")
    yield pid
    wait_for("another process", lambda: machine.show(local.SERVICE, "MainPID") not in ("0", pid), 120)
    wait_for("the service", lambda: machine.show(local.SERVICE, "ActiveState") == "active", 120)


@contextmanager
def starved(pid: str) -> Iterator[Callable[[], bool]]:
    """A process, by its number in the machine, in a group of memory where nothing more fits; whether it was killed."""
    if not (_MEMORY / "memory.limit_in_bytes").exists():
        pytest.skip("memory is limited through cgroup v1 here")
    group = _MEMORY / f"hambre-{os.getpid()}"
    group.mkdir()
    (group / "memory.limit_in_bytes").write_text("4M", "ascii")
    for status in Path("/proc").glob("[0-9]*/status"):
        ids = re.search(r"^NSpid:\s+(\d+)\s+(\d+)$", status.read_text("utf-8", "replace"), re.MULTILINE)
        if ids and ids[2] == pid and b"iniciar" in status.with_name("cmdline").read_bytes():
            (group / "cgroup.procs").write_text(ids[1], "ascii")
    assert (group / "cgroup.procs").read_text("ascii").split()
    yield lambda: "oom_kill 0" not in (group / "memory.oom_control").read_text("ascii")
    wait_for("an empty group", lambda: not (group / "cgroup.procs").read_text("ascii").split())
    group.rmdir()


def test_a_day_with_a_cloud_a_cut_and_a_reboot_in_the_cut(
    bare: Path, deb: Path, switch_on: Callable[..., Machine]
) -> None:
    machine = switch_on("con-nube", bare)
    local.install(machine, deb)
    ministry.found(machine)
    local.hire(machine)
    local.drop(machine, "N-1")
    local.answer(machine, "N-1", ESTADO="ENVIADO")
    local.status(machine, "En línea: numera y firma la nube.")
    wait_for("numbers for a cut", lambda: "reserva de la nube" in machine.output("sincronizador", "cae", "listar"))

    machine.run("systemctl", "stop", ministry.NUBE)
    local.drop(machine, "C-1", "C-2")
    local.answer(machine, "C-2", ESTADO="FIRMADO_CONTINGENCIA")
    local.status(machine, "En contingencia desde el ", "2 por entregar")
    machine.run("systemctl", "disable", ministry.NUBE)
    machine.reboot()
    local.drop(machine, "C-3")
    local.answer(machine, "C-3", ESTADO="FIRMADO_CONTINGENCIA")
    local.status(machine, "En contingencia desde el ", "3 por entregar")
    machine.cut_power()
    machine.boot()
    local.drop(machine, "C-4")
    local.answer(machine, "C-4")

    machine.run("systemctl", "enable", "--now", ministry.NUBE)
    for sale in ("C-1", "C-2", "C-3", "C-4"):
        local.answer(machine, sale, patience=180, ESTADO="ENVIADO")
    assert {"N-1", "C-1", "C-2", "C-3", "C-4"} <= set(local.numbers(machine))
    # It closes when the line was good for a minute.
    local.status(machine, "En línea: numera y firma la nube.", patience=180)
    for unit in (local.SERVICE, ministry.NUBE):
        assert machine.show(unit, "NRestarts") == "0"


def test_two_issuers_on_one_machine(machine: Machine) -> None:
    """Beside the one that is there, another one of the template."""
    other = machine.path("/root/otra.toml")
    other.write_text(local.ANSWERS.replace(local.PAPERS, "/var/spool/sincronizador/otra/papel"), "utf-8")
    machine.run("sincronizador", "demo", "--preparar", "/root/p")
    toml = machine.path("/root/p/sincronizador.toml").read_text("utf-8")
    toml = toml.replace('spool = "spool"', 'spool = "/var/spool/sincronizador/otra"')
    toml = toml.replace('diario = "diario.db"', 'diario = "/var/lib/sincronizador/otra/diario.db"')
    toml = toml.replace('"certificado/', '"/etc/sincronizador/otra/').replace(
        '"papel"', '"/var/spool/sincronizador/otra/papel"'
    )
    machine.path("/etc/sincronizador/otra.toml").write_text(toml, "utf-8")
    owned = ("-o", "sincronizador", "-g", "sincronizador")
    machine.run("install", "-d", *owned, "-m", "0700", "/etc/sincronizador/otra", "/var/lib/sincronizador/otra")
    machine.run(
        "install", "-d", *owned, "-m", "2770", "/var/spool/sincronizador/otra", "/var/spool/sincronizador/otra/papel"
    )
    for name in ("emisor.p12", "clave.txt"):
        machine.run("install", *owned, "-m", "0600", f"/root/p/certificado/{name}", f"/etc/sincronizador/otra/{name}")
    command = ("sincronizador", "--config", "/etc/sincronizador/otra.toml")
    p12, password = "/etc/sincronizador/otra/emisor.p12", "/etc/sincronizador/otra/clave.txt"
    machine.run(*command, "certificado", "instalar", p12, "--clave", password, "--ambiente", "prueba")
    machine.run(*command, "cae", "importar", "/root/p/cae/cae-101.xml", "--ambiente", "prueba")
    machine.run("systemctl", "enable", "--now", "sincronizador@otra")
    local.drop(machine, "O-1", spool="/var/spool/sincronizador/otra")
    local.drop(machine, "S-1")
    assert local.answer(machine, "O-1", spool="/var/spool/sincronizador/otra")["NUMERO"] == "1"
    assert local.answer(machine, "S-1")["NUMERO"] == "2"
    assert machine.show("sincronizador@otra", "StatusText").startswith("En marcha")
    told = machine.output("systemd-analyze", "security", "--no-pager", "sincronizador@otra.service")
    assert float(re.search(r"exposure level for \S+: ([0-9.]+)", told)[1]) <= 2.0


_PRINTER = """
import socket
with socket.create_server(("127.0.0.1", 9100)) as server:
    while True:
        with server.accept()[0] as page, open("/root/papel", "ab") as paper:
            while piece := page.recv(65536):
                paper.write(piece)
"""


def test_a_page_leaves_the_sandbox_through_cups(here: Path, deb: Path, switch_on: Callable[..., Machine]) -> None:
    """`lp` runs as the service does, under its filters; a real cupsd puts the page where we can read it."""
    machine = switch_on("cups", here)
    local.install(machine, deb)
    machine.run("systemd-run", "--quiet", "--unit=impresora", "/usr/bin/python3", "-c", _PRINTER)
    machine.run("systemctl", "start", "cups.service")
    machine.run("lpadmin", "-p", "CAJA1", "-E", "-v", "socket://127.0.0.1:9100/?waiteof=false", "-m", "raw")
    cups = '[impresora.CAJA1]\nvia = "cups"\ndestino = "CAJA1"\n'
    local.configure(machine, local.ANSWERS.partition("[impresora.CAJA1]")[0] + cups)
    local.hire(machine)
    local.drop(machine, "L-1")
    local.answer(machine, "L-1", IMPRESION="ENTREGADO")
    wait_for("two pages", lambda: machine.path("/root/papel").read_bytes().count(b"RUC 219999830019") == 2)
    assert not [line for line in machine.journal(local.SERVICE).splitlines() if "event=trouble" in line]
