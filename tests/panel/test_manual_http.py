"""The manual of the HTTP door: its commands, its JSON and its programs, against the door."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from panel_world import served
from test_door import beat, daemon
from walking import TICKET

DOCS = Path(__file__).parents[2] / "docs"
MANUAL = (DOCS / "http.md").read_text("utf-8")
HERE = "http://127.0.0.1:8737"


def fenced(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", MANUAL, re.DOTALL | re.MULTILINE)


def tool(name, how):
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"falta {name}: {how}")
    return found


@pytest.fixture
def working(machine):
    beat(machine)
    with served(machine.settings) as panel, daemon(machine):
        yield panel


def run(command, folder):
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)


def test_the_commands_do_what_the_manual_says(working, tmp_path):
    tool("curl", "apt install curl")
    (tmp_path / "V0000124.TXT").write_bytes(TICKET.format(referencia="V0000124", precio="89,50").encode("cp850"))
    answers = []
    for block in fenced("sh"):
        for command in re.findall(r"^curl .*?(?=^curl |\Z)", block, re.DOTALL | re.MULTILINE):
            typed = command.replace(HERE, working.origin).replace("curl ", "curl -sS --fail-with-body ", 1)
            done = run(["sh", "-c", typed], tmp_path)
            assert done.returncode == 0, done.stderr + done.stdout
            answers += [json.loads(done.stdout)] if done.stdout else []
    assert [answer["RESPUESTA"]["ESTADO"] for answer in answers] == [*["FIRMADO_LOCAL"] * 3, "VALIDO"]
    assert (tmp_path / "V0000123.pdf").read_bytes().startswith(b"%PDF-")
    shown = json.loads(fenced("json")[0])
    assert shown["RESPUESTA"].items() <= answers[0]["RESPUESTA"].items()


def test_the_invoice_of_the_manual_would_be_issued(working):
    (invoice,) = [block for block in fenced("json") if '"RECEPTOR"' in block]
    status, _, answer = working.door(json.loads(invoice), "?validar=1")
    assert status == 200, answer


def test_the_fields_of_the_shown_answers_exist(working):
    refused = json.loads(next(block for block in fenced("json") if '"ERROR"' in block))
    sale = {"DOCUMENTO": {"TIPO": "VENTA", "REFERENCIA": "R", "FORMA_PAGO": "CONTADO"}}
    _, _, answer = working.door({**sale, "ITEM": [{"DETALLE": "Pan", "PRECIO": "mucho", "IVA": "MINIMA"}]})
    assert refused["RESPUESTA"].items() <= answer["RESPUESTA"].items()
    assert refused["ERROR"][0].items() <= answer["ERROR"][0].items()


@pytest.mark.parametrize("name", ["venta_http.php", "venta_http.py"])
def test_the_programs_sell(working, tmp_path, name):
    interpreter = tool("php", "apt install php-cli") if name.endswith(".php") else sys.executable
    for _ in range(2):
        done = run([interpreter, str(DOCS / "ejemplos" / name), working.origin], tmp_path)
        assert (done.returncode, done.stdout.split(",")[0]) == (0, "e-Ticket A 1"), done.stdout + done.stderr


@pytest.mark.parametrize("name", ["venta_http.php", "venta_http.py"])
def test_the_programs_wait_for_what_was_not_decided_at_once(machine, tmp_path, name):
    interpreter = tool("php", "apt install php-cli") if name.endswith(".php") else sys.executable
    machine.configure(plazo={"decision": 0.2})
    beat(machine)
    with served(machine.settings) as panel:
        command = [interpreter, str(DOCS / "ejemplos" / name), panel.origin]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
            http = machine.folder / "spool" / "http"
            while not (list(http.rglob("*.txt")) if http.exists() else []):
                assert program.poll() is None
            machine.pass_time(seconds=1)
            told, _ = program.communicate(timeout=30)
    assert told.startswith("e-Ticket A 1, $ 2")
