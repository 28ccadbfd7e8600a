"""Installed servers send to DGI by themselves what counts: here to the DGI to test against, over HTTPS."""

import random
import signal
import time
from pathlib import Path

import pytest
from click.testing import CliRunner
from cloud_world import Shop, Speaker, confirmation

from sincronizador.authorities import fake
from sincronizador.cli import main
from sincronizador.cli.dgi_prueba import open_server
from sincronizador.signing.certificate import load_pkcs12
from sincronizador.signing.trust import to_pem

SALE = """[DOCUMENTO]
TIPO=101
REFERENCIA={referencia}
FORMA_PAGO=CONTADO
[RECEPTOR]
TIPO_DOC=CI
DOCUMENTO=12345672
NOMBRE=Ana Pérez
DIRECCION=Colonia 1234
CIUDAD=Montevideo
[ITEM]
DETALLE=Heladera
PRECIO={precio}
IVA=BASICA
[FIN]
"""
"""Above 5,000 UI it goes one by one."""


@pytest.fixture
def dgi(prepared, tmp_path):
    """DGI, which knows the issuer of the tests and its CAEs."""
    server = open_server(str(tmp_path / "dgi"), 0)
    folder = prepared / "certificado"
    identity = load_pkcs12((folder / "emisor.p12").read_bytes(), (folder / "clave.txt").read_bytes().strip())
    server.dgi.notary.trust(to_pem(identity.chain[0]))
    server.dgi.registers.keep_issuer({"rut": Shop(prepared).rut}, server.dgi.now())
    for cae in sorted((prepared / "cae").iterdir()):
        server.dgi.registers.keep_cae(cae.read_bytes())
    with server.running():
        yield server
    server.dgi.close()


def settings(dgi, tmp_path):
    """What the cloud's TOML says to talk to it."""
    return (
        f'[dgi]\nrecepcion = "{dgi.url}{fake.RECEPCION}"\nconsultas = "{dgi.url}{fake.CONSULTAS}"\n'
        f'contribuyentes = "{dgi.url}{fake.RUT}"\nca = "{tmp_path}/dgi/identidad/autoridad.pem"\nespera = 10\n'
    )


@pytest.fixture
def shop(prepared, monkeypatch):
    monkeypatch.setattr("cloud_world.SALE", SALE)
    return Shop(prepared)


def sell(shop, speaker, key):
    created = speaker.call("PUT", f"/v1/documents/{key}", shop.submission(key, "60000,00", epoch=speaker.epoch))
    assert created.status == 201, created.content
    assert speaker.call("POST", f"/v1/documents/{key}/confirm", confirmation(created.json)).status == 200


def state(speaker, key):
    return speaker.call("GET", f"/v1/documents/{key}").json["state"]


def until(what, seconds):
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end
        time.sleep(0.1)


def test_what_is_confirmed_is_sent_at_once_and_accepted(toml, serve, dgi, shop, tmp_path):
    with Path(toml).open("a") as file:
        file.write("\n" + settings(dgi, tmp_path))
    speaker = Speaker(serve().url, (toml.parent / "nube" / "token.txt").read_text().strip())
    speaker.take_epoch()
    sell(shop, speaker, "V1")
    until(lambda: state(speaker, "V1") == "accepted", 30)


def test_four_servers_share_the_work_and_one_is_killed_at_random(prepared, cluster, serve, dgi, shop, tmp_path):
    base, tomls = cluster.new(), []
    for number in range(4):
        toml = tmp_path / f"n{number}.toml"
        toml.write_text(
            f'ambiente = "prueba"\nbase = "{base}"\nmarca = "./n{number}.marca"\nclave = "./nube.clave"\n'
            f'escuchar = "127.0.0.1:0"\n{settings(dgi, tmp_path)}'
        )
        tomls.append(toml)

    def run(*arguments):
        done = CliRunner().invoke(main, ["--config", str(tomls[0]), "nube", *map(str, arguments)])
        assert done.exit_code == 0, done.output

    folder, token = prepared / "certificado", tmp_path / "token.txt"
    run("crear")
    run("emisor", "agregar", "--desde", prepared / "sincronizador.toml")
    run("certificado", "instalar", folder / "emisor.p12", "--clave", folder / "clave.txt")
    run("cae", "importar", *(prepared / "cae").iterdir())
    run("instalacion", "agregar", "S01", "--token-en", token)
    processes = [serve(path=toml) for toml in tomls]
    speakers = [Speaker(process.url, token.read_text().strip()) for process in processes]
    for speaker in speakers:
        speaker.take_epoch("la-misma")
    keys = [f"V{number}" for number in range(24)]
    victim, moment = random.randrange(4), random.randrange(1, 22)
    print(f"server {victim} is killed after sale {moment}")
    living = [speaker for number, speaker in enumerate(speakers) if number != victim]
    for place, key in enumerate(keys):
        sell(shop, living[place % 3], key)
        if place == moment:
            processes[victim].stop(signal.SIGKILL)
    until(lambda: all(state(living[0], key) == "accepted" for key in keys), 60)
    rows = dgi.dgi.memory.rows("SELECT numero, count(*) AS veces FROM respuesta GROUP BY numero")
    assert {row["veces"] for row in rows} == {1}
    assert len(rows) == len(keys)


def test_the_set_of_test_documents_is_made_sent_and_told_by_one_command(toml, serve, dgi, tmp_path):
    with Path(toml).open("a") as file:
        file.write("\n" + settings(dgi, tmp_path))
    dgi.dgi.cues.add({"donde": "cfe", "filtro": {"tipo": 111}, "efecto": {"codigos": ["E05"]}})
    command = ["--config", str(toml), "nube", "homologar", "--cuantos", "2"]
    silent = CliRunner().invoke(main, [*command, "--esperar", "0"])
    assert silent.exit_code == 75, silent.output
    assert "101 e-Ticket: 2 enviados, 0 aceptados, 2 sin respuesta, 0 rechazados; faltan 2" in silent.output
    assert "tiene que estar corriendo" in silent.output
    serve()
    told = CliRunner().invoke(main, [*command, "--esperar", "1"])
    assert told.exit_code == 75, told.output
    assert "111 e-Factura: 3 enviados, 2 aceptados, 0 sin respuesta, 1 rechazados; completo" in told.output
    assert "DGI dijo: E05" in told.output
    assert "falta que procese el reporte" in told.output
    again = CliRunner().invoke(main, command)
    assert "emitidos ahora" not in again.output
    received = dgi.dgi.memory.rows("SELECT tipo, count(*) AS n FROM cfe WHERE estado = 'AE' GROUP BY tipo")
    assert {row["tipo"]: row["n"] for row in received} == dict.fromkeys((101, 102, 103, 111, 112, 113), 2)


def test_without_dgi_in_its_settings_there_is_no_set(toml):
    refused = CliRunner().invoke(main, ["--config", str(toml), "nube", "homologar"])
    assert refused.exit_code != 0
    assert "E3781" in refused.output


def test_a_cloud_of_production_makes_no_test_documents(toml, tmp_path):
    real = tmp_path / "real.toml"
    real.write_text(f'ambiente = "produccion"\nbase = "{tmp_path}/real.db"\nclave = "./real.clave"\n[dgi]\n')
    assert CliRunner().invoke(main, ["--config", str(real), "nube", "crear"]).exit_code == 0
    refused = CliRunner().invoke(main, ["--config", str(real), "nube", "homologar", "--rut", "219999830019"])
    assert refused.exit_code != 0
    assert "E3780" in refused.output
