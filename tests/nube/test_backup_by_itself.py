"""The cloud's backup of the day, by a process of its own beside the server; and what is said when it fails."""

import json
import time
from pathlib import Path

import pytest
from click.testing import CliRunner
from clouds import KEY, RUT

from sincronizador import backup_plan
from sincronizador.cli import main
from sincronizador.nube import backup, backups
from sincronizador.nube.configuration import load

PATIENCE = 30.0


@pytest.fixture
def toml(place, tmp_path, monkeypatch):
    if place.cluster:
        pytest.skip("what is particular to PostgreSQL is looked at in test_backups.py")
    monkeypatch.setattr(backup_plan, "_AFTER_START", 0.0)
    monkeypatch.setattr(backups, "_LOOK", 0.05)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    key = tmp_path / "clave.txt"
    key.write_bytes(KEY)
    key.chmod(0o600)
    path = tmp_path / "nube.toml"
    path.write_text(
        f'ambiente = "prueba"\nbase = "{place.path}"\nmarca = "{place.mark}"\nclave = "{key}"\n'
        f'[respaldo]\nautomatico = "03:00"\ndestino = "{tmp_path / "lejos"}"\n'
    )
    return path


def wait(look):
    end = time.monotonic() + PATIENCE
    while not (seen := look()):
        assert time.monotonic() < end
        time.sleep(0.05)
    return seen


def test_it_is_made_once_a_day_and_can_be_looked_at(till, place, toml):
    till.sell("V1")
    found = load(str(toml))
    folder = toml.parent / "lejos"
    with backups.backing_up(found, str(toml), place.cloud):
        wait(lambda: "hecho" in (backups.bundle.read_note(backups.note_of(found)) or {}))
    [made] = folder.glob("respaldo-nube-prueba-*.zip")
    assert backup.verify(found, str(made)).signatures == 1
    with backups.backing_up(found, str(toml), place.cloud):
        time.sleep(0.5)
    assert len(list(folder.iterdir())) == 1, "one a day"
    listed = CliRunner().invoke(main, ["--config", str(toml), "nube", "respaldo", "listar", "--json"])
    assert [one["archivo"] for one in json.loads(listed.output)] == [str(made)]


def test_one_that_fails_is_an_alarm_and_is_tried_again_later(till, place, toml):
    (toml.parent / "lejos").write_bytes(b"in the way")
    found = load(str(toml))
    with backups.backing_up(found, str(toml), place.cloud):
        wait(lambda: "E3615" in place.alarms(RUT))
        time.sleep(0.3)
    assert place.alarms(RUT).count("E3615") == 1
    [alarm] = [one for one in place.cloud.alarms(RUT) if one.code == "E3615"]
    assert "lejos" in alarm.sentence
