"""What is seen at a glance: the words, the colour, and what monitors are told."""

import shutil
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from sincronizador import cli
from sincronizador.core.alarm import Alarm, Nivel
from sincronizador.core.inspection import Juicio
from sincronizador.countries.uy.tipos import ZONE
from sincronizador.folders.heartbeat import Latido, Modo, beat
from sincronizador.folders.layout import Layout
from sincronizador.journal import alarms, episodes, post
from sincronizador.journal.journal import open_journal
from sincronizador.overview import Situacion, overview
from sincronizador.settings import load

CLOUD = '[nube]\nurl = "http://127.0.0.1:1"\ntoken = "./certificado/clave.txt"\n'


@pytest.fixture
def shop(prepared: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "i"
    shutil.copytree(prepared, folder)
    return folder / "sincronizador.toml"


def now() -> datetime:
    """The command looks at the real clock, and a heartbeat is fresh for half a minute."""
    return datetime.now(ZONE).replace(microsecond=0)


def with_cloud(shop: Path) -> None:
    text = shop.read_text("utf-8").replace('ruta = "local"', 'ruta = "nube"')
    shop.write_text(text.replace("[salida]", f"{CLOUD}[salida]"), "utf-8")


def beats(shop: Path, modo: Modo = Modo.LOCAL, *, ago: int = 4, alarms: tuple[str, ...] = ()) -> None:
    found = load(str(shop))
    at = now() - timedelta(seconds=ago)
    latido = Latido(
        pulso=7, version="0", ambiente="prueba", modo=modo, desde=at, hora=at, quedan={101: 5}, certificado_dias=90,
        alarmas=alarms,
    )  # fmt: skip
    beat(Layout(found.spool), "", latido)


def seen(shop: Path):
    found = load(str(shop))
    with open_journal(found.diario, read_only=True).reading() as db:
        return overview(found, db, now())


def ready(shop: Path, phase: post.Phase = post.Phase.READY) -> None:
    with open_journal(load(str(shop)).diario).transaction() as db:
        post.keep(db, post.Post(epoch=1, server_epoch="a", phase=phase, pull_after=False, ordered=False, last_job=0,
                                cursor=""))  # fmt: skip


def nagios(shop: Path) -> tuple[int, str]:
    done = CliRunner().invoke(cli.main, ["--config", str(shop), "estado", "--nagios"])
    return done.exit_code, done.output


def test_without_a_heartbeat_it_never_started(shop: Path) -> None:
    assert (seen(shop).situacion, seen(shop).juicio) == (Situacion.NUNCA_ARRANCO, Juicio.MAL)
    code, line = nagios(shop)
    figures = ("sin_decidir", "cola_envio", "cola_impresion", "apartados", "retenidos", "dudosos", "hoy")
    zeros = " ".join(f"{name}=0;;;0" for name in figures)
    assert (code, line) == (2, f"SINCRONIZADOR CRITICAL - Nunca arrancó. | {zeros}\n")


def test_one_that_beats_works_and_one_that_says_so_was_stopped(shop: Path) -> None:
    beats(shop)
    assert (seen(shop).situacion, seen(shop).juicio, seen(shop).alive) == (Situacion.LOCAL, Juicio.OK, True)
    assert nagios(shop)[0] == 0
    assert nagios(shop)[1].endswith(" certificado_dias=90;;;0\n")
    beats(shop, Modo.DETENIDO)
    assert (seen(shop).situacion, seen(shop).alive) == (Situacion.DETENIDO, False)
    assert seen(shop).frase == f"Detenido desde el {seen(shop).beat.hora:%d/%m/%Y %H:%M}: no se emite nada."


@pytest.mark.parametrize("ago", [40, -60])
def test_a_heartbeat_of_another_time_is_no_sign_of_life(shop: Path, ago: int) -> None:
    beats(shop, ago=ago)
    assert (seen(shop).situacion, seen(shop).juicio) == (Situacion.SIN_SENAL, Juicio.MAL)


@pytest.mark.parametrize("content", [b"", b"PULSO=1\r\n", b"\xff" * 200_000, b"naive"])
def test_a_heartbeat_that_is_none_of_ours_is_none(shop: Path, content: bytes) -> None:
    path = Path(load(str(shop)).spool) / "salida" / "LATIDO.TXT"
    beats(shop)
    path.write_bytes(path.read_bytes().replace(b"-03:00", b"") if content == b"naive" else content)
    assert seen(shop).situacion is Situacion.NUNCA_ARRANCO


def test_an_alarm_is_a_warning(shop: Path) -> None:
    beats(shop, alarms=("El certificado vence en 3 dias: pida el | siguiente.",))
    code, line = nagios(shop)
    assert (code, line.count("|")) == (1, 1)
    assert "El certificado vence en 3 dias: pida el / siguiente." in line


def test_alarms_are_told_as_the_journal_has_them_and_a_grave_one_is_critical(shop: Path) -> None:
    beats(shop, alarms=("Vence manana. Pida otro.",))
    since, stands = now(), Alarm("certificado", Nivel.AVISO, "Vence mañana.", "Pida otro.")
    with open_journal(load(str(shop)).diario).transaction() as db:
        alarms.keep(db, [stands], since, timedelta())
    assert (seen(shop).alarms, seen(shop).juicio) == (("Vence mañana. Pida otro.",), Juicio.AVISO)
    with open_journal(load(str(shop)).diario).transaction() as db:
        alarms.keep(db, [replace(stands, nivel=Nivel.CRITICA)], since, timedelta())
    assert (seen(shop).standing[0].desde, nagios(shop)[0]) == (since, 2)


def test_what_the_journal_had_no_room_for_is_told_as_the_heartbeat_says_it(shop: Path) -> None:
    with open_journal(load(str(shop)).diario).transaction() as db:
        alarms.keep(db, [Alarm("certificado", Nivel.AVISO, "Vence mañana.")], now(), timedelta())
    beats(shop, alarms=("Queda poco lugar.", "Vence manana."))
    assert seen(shop).alarms == ("Queda poco lugar.", "Vence mañana.")
    beats(shop, alarms=("Queda poco lugar.",), ago=40)
    assert seen(shop).alarms == ("Vence mañana.",)


def test_with_a_cloud_it_says_where_it_is_with_it(shop: Path) -> None:
    with_cloud(shop)
    beats(shop, Modo.EN_LINEA)
    assert (seen(shop).situacion, seen(shop).juicio) == (Situacion.SIN_NUBE, Juicio.AVISO)
    ready(shop)
    assert (seen(shop).situacion, seen(shop).juicio) == (Situacion.EN_LINEA, Juicio.OK)
    with open_journal(load(str(shop)).diario).transaction() as db:
        episodes.begin(db, now() - timedelta(hours=2), "no contesta", forced=False)
    assert seen(shop).frase.startswith("En contingencia desde el ")
    assert seen(shop).frase.endswith(": firma esta máquina. Motivo: no contesta.")
    ready(shop, post.Phase.FENCED)
    beats(shop, Modo.DETENIDO)
    assert (seen(shop).situacion, seen(shop).juicio) == (Situacion.APARTADA, Juicio.MAL)


def test_what_cannot_be_known_is_unknown_to_a_monitor(shop: Path, tmp_path: Path) -> None:
    shop.write_text(shop.read_text("utf-8") + "\nesto | no es TOML\n", "utf-8")
    code, line = nagios(shop)
    assert (code, line.startswith("SINCRONIZADOR UNKNOWN - E9305 "), "|" in line) == (3, True, False)
    assert nagios(tmp_path / "no-hay.toml")[0] == 3


def test_the_screen_begins_with_the_situation_and_stays_a_screen(shop: Path) -> None:
    beats(shop)
    done = CliRunner().invoke(cli.main, ["--config", str(shop), "estado"])
    lines = done.output.splitlines()
    assert lines[0] == "En marcha: numera y firma esta máquina."
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 80
