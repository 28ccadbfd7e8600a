"""Every alarm that the program can raise, and every figure that it tells, is explained in the manual."""

import ast
import re
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from walking import TICKET

from sincronizador import metrics
from sincronizador.core.alarm import FAMILIES
from sincronizador.countries.uy.tipos import ZONE
from sincronizador.engine import alarms as looking
from sincronizador.journal import alarms, backups
from sincronizador.journal.journal import CERTIFICATE_ENDS, remember

HERE = Path(__file__).parents[2]


def raised():
    """The families of every `Alarm` that some line of the program makes."""
    found = set(looking._FAMILY_OF.values())
    for path in (HERE / "sincronizador").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("Alarm", "_of", "_noted") and node.args:
                key = node.args[0]
                parts = key.values if isinstance(key, ast.JoinedStr) else [key]
                if isinstance(parts[0], ast.Constant) and isinstance(parts[0].value, str):
                    found.add(parts[0].value.partition(":")[0])
    return found - {"prueba"}


def test_every_family_has_a_paragraph_and_every_alarm_a_family():
    text = (HERE / "docs" / "alarmas.md").read_text("utf-8")
    section = text.partition("## Las alarmas\n")[2]
    paragraphs = dict(re.findall(r"^### (.+)\n\n`([a-z_]+)", section, re.MULTILINE))
    assert {title: key for key, title in FAMILIES.items()} == paragraphs
    assert raised() | {"servicio"} == set(FAMILIES)


@pytest.fixture
def told(machine):
    """All figures of an installation to which everything happened, as Prometheus reads them."""
    machine.send("A.txt", TICKET.format(referencia="R-1", precio="89"))
    machine.send("B.txt", "[DOCUMENTO]\n[FIN]\n")
    with machine.house.journal.transaction() as db:
        now = machine.clock.now()
        db.execute("UPDATE task SET state = 'due' WHERE id = 1")
        alarms.keep(db, [looking.Alarm("ui", looking.Nivel.AVISO, "x")], now, now - now)
        backups.made(db, now, "x", by_itself=True)
        remember(db, CERTIFICATE_ENDS, now.isoformat())
    Path(machine.house.layout.salida, "LATIDO.TXT").write_bytes(b"")
    with machine.house.journal.reading() as db:
        found = metrics.text(machine.settings, db, machine.clock.now().astimezone(ZONE)).decode()
    return {family.name: family for family in text_string_to_metric_families(found)}


def test_every_figure_is_in_the_manual_and_says_what_it_is(told):
    table = re.findall(r"^\| `(sincronizador_\w+)`", (HERE / "docs" / "metricas.md").read_text("utf-8"), re.MULTILINE)
    assert sorted(name.removesuffix("_total") for name in table) == sorted(told)
    assert all(family.documentation for family in told.values())
    assert all(family.type in ("counter", "gauge") for family in told.values())


def test_the_figures_are_those_of_the_journal(told):
    def of(name, **labels):
        samples = told[f"sincronizador_{name}"].samples
        [found] = [one.value for one in samples if labels.items() <= one.labels.items()]
        return found

    assert of("documents", type="101", route="local") == 1
    assert (of("decisions", result="FIRMADO_LOCAL"), of("decisions", result="RECHAZADO")) == (1, 1)
    assert of("decisions_last_hour") == 2
    assert 0 < of("decision_seconds", quantile="0.5") < 1
    assert of("alarm", key="ui", level="AVISO") == 1
    assert of("numbers_left", type="101") > 1
    assert of("build_info", environment="prueba", route="local") == 1
    assert (of("contingency"), of("backup_failed"), of("undecided_files")) == (0, 0, 0)
