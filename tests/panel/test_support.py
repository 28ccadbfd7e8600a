"""The bundle for who helps: it tells how the installation is, and no secret of it."""

import io
import json
import shutil
import threading
import zipfile

import pytest
from panel_world import served
from walking import NOON, TICKET

from sincronizador.panel import support
from sincronizador.settings import load

PLANTED = "clave-secreta-91b7"
TOKEN = "token-secreto-44c0"


@pytest.fixture
def settings(machine):
    """Of a machine that sold something, with secrets in every place where one may be."""
    (machine.folder / "certificado" / "clave.txt").write_text(PLANTED)
    toml = machine.folder / "sincronizador.toml"
    text = toml.read_text("utf-8").replace('ruta = "local"', 'ruta = "nube"')
    (machine.folder / "token.txt").write_text(TOKEN)
    toml.write_text(f'{text}\n[nube]\nurl = "https://127.0.0.1:1"\ntoken = "token.txt"\n', "utf-8")
    machine.drop("malo.txt", f"[DOCUMENTO]\nTIPO=101\nREFERENCIA={PLANTED}\n[RECEPTOR]\nNOMBRE={TOKEN}\n[FIN]\n")
    machine.drop("V1.txt", TICKET.format(referencia="V1", precio="10"))
    machine.work()
    return load(str(toml))


@pytest.fixture
def toml(machine):
    """Of that machine."""
    return str(machine.folder / "sincronizador.toml")


def members(settings, toml):
    """What is in the bundle, by name."""
    with zipfile.ZipFile(io.BytesIO(support.bundle(settings, toml, NOON))) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def test_no_secret_and_nothing_of_a_sale_is_in_it(settings, toml, machine):
    packed = members(settings, toml)
    everything = b"".join(packed.values())
    identity = (machine.folder / "certificado" / "emisor.p12").read_bytes()
    for secret in (PLANTED.encode(), TOKEN.encode(), identity[40:72], identity.hex()[80:120].encode(), b"BEGIN "):
        assert secret not in everything
    assert b"Pan" not in packed["servicio.json"]
    assert b"<CFE" not in everything


def test_a_password_written_where_its_path_belongs_is_not_told(settings, machine):
    toml = machine.folder / "sincronizador.toml"
    toml.write_text(
        toml.read_text("utf-8").replace('clave = "certificado/clave.txt"', f'clave = "./{PLANTED}"'), "utf-8"
    )
    assert PLANTED.encode() not in b"".join(members(load(str(toml)), str(toml)).values())


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://hooks.example.com/T0/secreto", f"https://hooks.example.com/{support.HIDDEN}"),
        ("https://yo:secreto@s3.example.com:9000/", "https://s3.example.com:9000"),
        ("https://a.example.com?k=secreto", f"https://a.example.com/{support.HIDDEN}"),
        ("https://nube.example.com", "https://nube.example.com"),
        ("/dev/usb/lp0", "/dev/usb/lp0"),
    ],
)
def test_an_address_loses_what_may_be_a_key(address, shown):
    assert support._shown(address) == shown


def test_it_tells_how_the_installation_is(settings, toml):
    packed = members(settings, toml)
    told = json.loads(packed["servicio.json"])
    assert [sale["estado"] for sale in told["ventas"]] == ["FIRMADO_LOCAL", "RECHAZADO"]
    assert told["ventas"][1]["hallazgos"]
    assert json.loads(packed["configuracion.json"])["nube"]["token"] == support.HIDDEN
    assert json.loads(packed["versiones.json"])["sincronizador"]
    report = packed["diagnostico.txt"].decode()
    for told in ("Diagnóstico de sincronizador", "MAL   conexión: 127.0.0.1:1 no atiende", "Impresora CAJA1", "Reloj"):
        assert told in report


def test_a_diagnosis_that_never_ends_is_left_out_and_said_so(settings, toml, monkeypatch):
    monkeypatch.setattr(support, "_DIAGNOSIS_SECONDS", 0.01)
    assert "El diagnóstico no terminó" in members(settings, toml)["diagnostico.txt"].decode()


def test_one_is_made_at_a_time(settings, monkeypatch):
    begun, go_on = threading.Event(), threading.Event()

    def slow(*_):
        begun.set()
        go_on.wait(10)
        return b"zip"

    monkeypatch.setattr(support, "bundle", slow)
    with served(settings) as panel:
        told = []
        first = threading.Thread(target=lambda: told.append(panel.get("/soporte/paquete.zip")[0]))
        first.start()
        assert begun.wait(10)
        status, _, body = panel.get("/soporte/paquete.zip")
        go_on.set()
        first.join()
        assert (status, told) == (503, [200])
        assert "ya se está haciendo" in body.decode()
        assert panel.get("/soporte/paquete.zip")[0] == 200


def test_without_a_journal_it_says_so_and_is_made_all_the_same(settings, toml, machine):
    machine.house.journal.close()
    shutil.move(settings.diario, f"{settings.diario}.lejos")
    assert "No existe el diario" in json.loads(members(settings, toml)["servicio.json"])["diario"]
