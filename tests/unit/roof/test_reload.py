"""New settings while the service works: looked at first, refused in a sentence, taken by beginning anew."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sincronizador.daemon import reload
from sincronizador.errors import NeedsOperator
from sincronizador.journal.journal import Journal, open_journal
from sincronizador.secret import Secret
from sincronizador.settings import Settings, load
from sincronizador.stopping import Stop


@pytest.fixture
def old(prepared: Path) -> Settings:
    """What the service works with."""
    return load(str(prepared / "sincronizador.toml"))


@pytest.fixture
def journal(old: Settings) -> Journal:
    """Its journal."""
    return open_journal(old.diario)


def test_what_a_start_would_take_is_taken(old: Settings, journal: Journal) -> None:
    reload.look_at(old.model_copy(update={"totales": old.totales.model_copy(update={"tolerancia": 5})}), old, journal)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("ambiente", "produccion"),
        ("instalacion.id", "OTRA"),
        ("emisor.rut", "210000000012"),
        ("diario", "/otro/diario.db"),
        ("spool", "/otro/spool"),
        ("entrada.carpeta", "/otra/entrada"),
        ("salida.carpeta", "/otra/salida"),
    ],
)
def test_what_says_whose_work_it_is_stays(old: Settings, journal: Journal, key: str, value: str) -> None:
    table, _, name = key.rpartition(".")
    change = {table: getattr(old, table).model_copy(update={name: value})} if table else {name: value}
    with pytest.raises(NeedsOperator, match=f"«{key}» no cambia.*«{value}»") as caught:
        reload.look_at(old.model_copy(update=change), old, journal)
    assert caught.value.code == "E9247"


def test_what_no_start_would_take_is_refused_as_a_start_does(old: Settings, journal: Journal) -> None:
    wrong = old.impresion.model_copy(update={"plantilla": "/no/hay.toml"})
    with pytest.raises(NeedsOperator, match=r"/no/hay\.toml"):
        reload.look_at(old.model_copy(update={"impresion": wrong}), old, journal)


def test_who_is_told_of_alarms_is_looked_at_too(old: Settings, journal: Journal, tmp_path: Path) -> None:
    (tmp_path / "clave.txt").write_text("secreto")
    hook = {
        "webhook": "https://127.0.0.1:1/x",
        "webhook_ca": "/no/hay.pem",
        "webhook_clave": Secret(key="avisos.webhook_clave", path=str(tmp_path / "clave.txt")),
    }
    with pytest.raises(NeedsOperator, match=r"/no/hay\.pem"):
        reload.look_at(old.model_copy(update={"avisos": old.avisos.model_copy(update=hook)}), old, journal)


def test_the_program_begins_anew_as_it_was_called_but_takes_nothing_over_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "orig_argv", ["python3", "-m", "sincronizador", "--config", "x", "iniciar", "--tomar"])
    called: list[object] = []
    try:
        reload.begin_anew(Stop(), lambda *given: called.append(given))
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM, signal.SIGINT})
    assert called == [(sys.executable, ["python3", "-m", "sincronizador", "--config", "x", "iniciar"])]


_ASKED_WHILE_BECOMING = """
import os, signal, sys
from sincronizador.daemon import reload
reload.listen()
if "again" in sys.argv:
    print(reload.asked(), reload.asked())
else:
    print(reload.asked(), flush=True)
    os.kill(os.getpid(), signal.SIGHUP)
    os.execv(sys.executable, [*sys.orig_argv, "again"])
"""


def test_who_asks_while_it_begins_anew_is_heard_once() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _ASKED_WHILE_BECOMING],
        env={**os.environ, "NOTIFY_SOCKET": "/no/such"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["False", "True", "False"]


_STOPPED_WHILE_BECOMING = """
import os, signal, sys
from sincronizador.daemon import reload
from sincronizador.stopping import Stop
if "again" in sys.argv:
    reload.listen()
    print("goes on")
else:
    stop = Stop(signal.SIGTERM)
    if "before" in sys.argv:
        stop.set()
    def become(program, arguments):
        os.kill(os.getpid(), signal.SIGTERM)
        os.execv(program, [*arguments, "again"])
    reload.begin_anew(stop, become)
    print("stops")
"""


@pytest.mark.parametrize(("when", "told", "code"), [("before", "stops", 0), ("meanwhile", "", -signal.SIGTERM)])
def test_who_stops_it_while_it_begins_anew_is_heard(when: str, told: str, code: int) -> None:
    command = [sys.executable, "-c", _STOPPED_WHILE_BECOMING, when]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.returncode) == (told, code)


def test_without_systemd_a_terminal_that_is_gone_ends_it() -> None:
    script = "import os, signal; from sincronizador.daemon import reload; reload.listen();"
    script += "os.kill(os.getpid(), signal.SIGHUP)"
    kept = {name: value for name, value in os.environ.items() if name != "NOTIFY_SOCKET"}
    assert subprocess.run([sys.executable, "-c", script], env=kept, check=False).returncode == -signal.SIGHUP
