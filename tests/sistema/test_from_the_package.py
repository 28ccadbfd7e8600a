"""The package in a booted machine: from nothing to a printed sale, a reload, and a clean end."""

import re
from collections.abc import Callable
from pathlib import Path

import local
from machine import LONG, Machine, wait_for

UNITS = ("sincronizador.service", "sincronizador-nube.service", "sincronizador-panel.service")


def test_from_the_package_to_a_sale_and_to_a_clean_end(request, deb: Path, switch_on: Callable[..., Machine]) -> None:
    machine = switch_on("primera", request.getfixturevalue("bare" if LONG else "here"))
    said = local.install(machine, deb)
    assert "todavía sin configurar" in said
    # Before it is configured it does not start, and nothing failed.
    machine.run("systemctl", "start", *UNITS)
    assert {machine.show(unit, "ActiveState") for unit in UNITS} == {"inactive"}
    assert not machine.output("systemctl", "--failed", "--no-legend", "sincronizador*")

    assert "FIRMADO_LOCAL" in local.configure(machine)
    local.hire(machine)
    local.drop(machine, "V-1")
    local.answer(machine, "V-1", ESTADO="FIRMADO_LOCAL", IMPRESION="IMPRESO")
    assert local.papers(machine) == ["101-A-1", "101-A-2"]
    assert machine.show(local.SERVICE, "StatusText") == "En marcha: numera y firma esta máquina."
    _closed_to_the_group(machine)
    _exposed(machine)

    machine.run("systemctl", "start", "sincronizador-panel.service")
    page = "import urllib.request as r; print(r.urlopen('http://127.0.0.1:8737/salud').status)"
    assert machine.run("python3", "-c", page).stdout.strip() == "200"

    pid = machine.show(local.SERVICE, "MainPID")
    machine.run("systemctl", "reload", local.SERVICE)
    wait_for("a reload", lambda: machine.journal(local.SERVICE).count("event=ready") >= 2)
    local.drop(machine, "V-2")
    local.answer(machine, "V-2")
    assert machine.show(local.SERVICE, "MainPID") == pid
    assert local.numbers(machine)["V-2"] == "101-A-3"

    machine.run("systemctl", "stop", local.SERVICE)
    assert machine.show(local.SERVICE, "Result") == "success"
    assert "MODO=DETENIDO" in machine.path(f"{local.SPOOL}/salida/LATIDO.TXT").read_text("latin-1")
    assert not machine.path(f"{local.JOURNAL}-wal").exists()
    _documented(machine)


def _closed_to_the_group(machine: Machine) -> None:
    """Who drops files reads answers, and neither journal nor keys."""
    for secret in (local.JOURNAL, "/etc/sincronizador/certificado/emisor.p12"):
        machine.run("cat", secret, user=local.LEGACY, fails=True)
    assert machine.show(local.SERVICE, "SubState") == "running"


def _exposed(machine: Machine) -> None:
    """The judge that looks at the unit as it is installed, with its drop-ins."""
    for unit in UNITS:
        told = machine.output("systemd-analyze", "security", "--no-pager", unit)
        found = re.search(r"exposure level for \S+: ([0-9.]+)", told)
        assert found, told
        assert float(found[1]) <= 2.0, told


def _documented(machine: Machine) -> None:
    page = machine.run("zcat", "/usr/share/man/man8/sincronizador.8.gz").stdout
    assert '.SS "respaldo crear' in page
    script = (
        ". /usr/share/bash-completion/completions/sincronizador; COMP_WORDS=(sincronizador cert); COMP_CWORD=1;"
        ' _sincronizador_completion sincronizador; echo "${COMPREPLY[@]}"'
    )
    assert machine.run("bash", "-c", script).stdout.split() == ["certificado"]
