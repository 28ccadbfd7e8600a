"""`diagnostico` finds what is wrong, whatever is, says nothing that is secret, and never hangs."""

import os
import shutil
import socket
import ssl
import threading
import time
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from sincronizador import cli
from sincronizador.cli import diagnosis, diagnosis_machine, diagnosis_net, diagnosis_work
from sincronizador.core.inspection import Juicio, ok
from sincronizador.countries.uy.tipos import ZONE
from sincronizador.journal import events
from sincronizador.journal.journal import open_journal
from sincronizador.settings import load
from sincronizador.signing.identity import Validity, issue_tls, make_authority

NOW = datetime.now(ZONE)


@pytest.fixture
def shop(prepared: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "i"
    shutil.copytree(prepared, folder)
    return folder / "sincronizador.toml"


def run(toml: Path, *words: str):
    report = toml.parent.parent / "informe.txt"
    done = CliRunner().invoke(cli.main, ["--config", str(toml), "diagnostico", "--archivo", str(report), *words])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, report.read_text("utf-8")


def with_cloud(shop: Path, url: str, ca: str = "") -> None:
    token = shop.parent / "certificado" / "token.txt"
    token.write_text("token-secretisimo\n", "utf-8")
    token.chmod(0o600)
    table = f'[nube]\nurl = "{url}"\ntoken = "./certificado/token.txt"\n' + (f'ca = "{ca}"\n' if ca else "")
    text = shop.read_text("utf-8").replace('ruta = "local"', 'ruta = "nube"')
    shop.write_text(text.replace("[salida]", f"{table}[salida]"), "utf-8")


def told(parts, what: str) -> list[str]:
    return [f"{check.juicio} {check.texto}" for part in parts for check in part.checks if check.que == what]


def test_without_settings_it_still_looks_at_the_machine(tmp_path: Path) -> None:
    (tmp_path / "i").mkdir()
    code, text = run(tmp_path / "i" / "sincronizador.toml")
    assert code == 78
    assert "MAL   configuración: No hay" in text
    assert "«sincronizador configurar» la escribe" in text
    assert "reloj: " in text
    assert "programa: sincronizador" in text


def test_of_broken_settings_every_fault_is_told(shop: Path) -> None:
    shop.write_text(shop.read_text("utf-8").replace("[salida]", "[salida]\nformatoss = 1"), "utf-8")
    code, text = run(shop)
    assert (code, "MAL   configuración: En [salida] no existe" in text or "«formatoss»" in text) == (78, True)


def test_nothing_secret_and_nothing_of_customers_is_told(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_cloud(shop, "http://127.0.0.1:1")
    found = load(str(shop))
    monkeypatch.setenv("https_proxy", "http://pepe:clave-del-proxy@10.0.0.1:3128")
    with open_journal(found.diario).transaction() as db:
        for detail in ("Rechazado: E1101 RUT 211003420017 de JUANA PÉREZ", "E9208 juana@example.com"):
            events.record(db, None, NOW, "parked", detail)
    _, text = run(shop)
    password = found.certificado.clave.read().decode()
    for planted in (password, "token-secretisimo", "clave-del-proxy", "211003420017", "JUANA", "juana@"):
        assert planted not in text
    assert "parked E1101 (1)" in text
    assert "http://(oculto)@10.0.0.1:3128" in text


def test_what_a_probe_lets_slip_is_taken_out(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    password = load(str(shop)).certificado.clave.read().decode()
    slips = {"Suelto": lambda: [ok("x", f"clave {password} de ana@example.com, RUT 211003420017 y 219999830019")]}
    monkeypatch.setattr(diagnosis_work, "probes", lambda scene: slips)
    parts = diagnosis.examine(diagnosis.scene_of(str(shop), NOW))
    assert told(parts, "x") == ["ok clave (oculto) de (correo), RUT (número) y 219999830019"]


def test_of_a_file_of_tokens_none_is_told(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = shop.parent / "tokens.txt"
    tokens.write_text("CAJA1 token-de-la-caja-1-000\ntoken-de-todas-las-cajas\n", "utf-8")
    tokens.chmod(0o600)
    shop.write_text(f'{shop.read_text("utf-8")}\n[panel]\ntoken = "./tokens.txt"\n', "utf-8")
    slips = {"Suelto": lambda: [ok("x", "CAJA1 dijo token-de-la-caja-1-000, token-de-todas-las-cajas")]}
    monkeypatch.setattr(diagnosis_work, "probes", lambda scene: slips)
    parts = diagnosis.examine(diagnosis.scene_of(str(shop), NOW))
    assert told(parts, "x") == ["ok CAJA1 dijo (oculto), (oculto)"]


def test_the_report_alone_goes_where_another_program_reads_it(shop: Path) -> None:
    done = CliRunner().invoke(cli.main, ["--config", str(shop), "diagnostico", "--archivo", "-"])
    assert done.stdout.startswith("Diagnóstico de sincronizador")
    assert "Informe para soporte" not in done.stdout
    assert not Path("-").exists()


def test_a_probe_that_hangs_or_breaks_holds_up_no_other(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stuck = threading.Event()

    def hangs():
        yield ok("a", "empezó")
        stuck.wait(30)

    def breaks():
        yield ok("b", "empezó")
        raise ZeroDivisionError

    probes = {"Cuelga": hangs, "Rompe": breaks}
    monkeypatch.setattr(diagnosis_machine, "probes", lambda scene: probes)
    began = time.monotonic()
    parts = {part.title: part for part in diagnosis.examine(diagnosis.scene_of(str(shop), NOW), patience=1.5)}
    stuck.set()
    assert time.monotonic() - began < 3
    assert [check.juicio for check in parts["Cuelga"].checks] == [Juicio.OK, Juicio.MAL]
    assert "ZeroDivisionError" in parts["Rompe"].checks[1].texto
    assert "Configuración" in parts


def test_a_printer_that_is_off_and_a_cloud_that_is_away_are_named(shop: Path) -> None:
    with_cloud(shop, "http://127.0.0.1:1")
    text = shop.read_text("utf-8").replace('via = "carpeta"', 'via = "tcp"').replace('"papel"', '"127.0.0.1:1"')
    shop.write_text(text, "utf-8")
    code, report = run(shop)
    assert code == 78
    assert "MAL   conexión: 127.0.0.1:1 no atiende" in report
    assert "MAL   impresora: tcp 127.0.0.1:1:" in report


@contextmanager
def tls_server(folder: Path, validity: Validity):
    """Somebody who speaks TLS and nothing else; gives the port and the path of its authority."""
    made = issue_tls(make_authority(validity, name="AUTORIDAD DEL LOCAL"), validity, ("127.0.0.1",))
    for name, content in (("ca.pem", made.authority), ("c.pem", made.certificate), ("k.pem", made.key)):
        (folder / name).write_bytes(content)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "c.pem", folder / "k.pem")
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    peer, _ = server.accept()
                except OSError:
                    return
                with peer:
                    try:
                        context.wrap_socket(peer, server_side=True).close()
                    except OSError:
                        continue

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1], str(folder / "ca.pem")


def way(url: str, ca: str, shop: Path) -> list:
    with_cloud(shop, url, ca)
    return [diagnosis.Part("camino", tuple(diagnosis_net._way(load(str(shop)).nube)))]


def test_tls_is_told_with_its_authority_and_who_made_one_that_is_not_trusted(shop: Path, tmp_path: Path) -> None:
    with tls_server(tmp_path, Validity(desde=NOW - timedelta(days=1), hasta=NOW + timedelta(days=90))) as (port, ca):
        original = shop.read_text("utf-8")
        parts = way(f"https://127.0.0.1:{port}", ca, shop)
        assert told(parts, "TLS")[0].startswith("ok TLSv1")
        assert "AUTORIDAD DEL LOCAL" in told(parts, "certificado TLS")[0]
        shop.write_text(original, "utf-8")
        parts = way(f"https://127.0.0.1:{port}", "", shop)
        assert told(parts, "TLS")[0].startswith("mal no se confía")
        assert "AUTORIDAD DEL LOCAL" in told(parts, "certificado TLS")[0]


def test_a_certificate_that_expired_is_told_as_that(shop: Path, tmp_path: Path) -> None:
    with tls_server(tmp_path, Validity(desde=NOW - timedelta(days=9), hasta=NOW - timedelta(days=1))) as (port, ca):
        parts = way(f"https://127.0.0.1:{port}", ca, shop)
    assert told(parts, "certificado TLS")[0].startswith("mal no vale hoy")


@pytest.mark.parametrize(
    ("what", "kind", "juicio"),
    [
        ("diario", "cifs", Juicio.MAL), ("entrada", "nfs4", Juicio.AVISO), ("diario", "tmpfs", Juicio.MAL),
        ("trabajo", "tmpfs", Juicio.AVISO), ("trabajo", "vfat", Juicio.AVISO), ("diario", "ext4", Juicio.OK),
    ],
)  # fmt: skip
def test_what_a_share_means_depends_on_what_lies_there(what: str, kind: str, juicio: Juicio) -> None:
    assert diagnosis_machine._share(what, "/x", "/", kind).juicio is juicio


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away: run as root")
def test_what_the_service_may_not_read_is_named(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import pwd

    nobody = pwd.getpwnam("nobody")
    monkeypatch.setattr(diagnosis_machine, "service_user", lambda: nobody)
    parts = [diagnosis.Part("p", tuple(diagnosis_machine._permissions(load(str(shop)))))]
    assert any("nobody no puede usar" in line and "emisor.p12" in line for line in told(parts, "permisos"))
