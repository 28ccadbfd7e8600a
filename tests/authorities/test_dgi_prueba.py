"""The installed command: its folder, what people drop beside it, and what it remembers after a restart."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tomllib
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from issuer_by_hand import RUT, Issuer, Line

from sincronizador.core.numbering import Rango
from sincronizador.countries.uy.tipos import ZONE
from sincronizador.signing.identity import Validity, issue, make_authority, sign_cae
from sincronizador.signing.trust import to_pem


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as found:
        return found.getsockname()[1]


@contextmanager
def running(folder, port, *options):
    command = [sys.executable, "-m", "sincronizador", "nube", "dgi-prueba", "--puerto", str(port)]
    command += ["--carpeta", str(folder), *options]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as process:
        told = []
        for text in process.stdout:
            told.append(text)
            if "prueba/estado" in text:
                break
        try:
            yield "".join(told), process
        finally:
            process.send_signal(signal.SIGTERM)
            rest = process.communicate(timeout=20)[0]
            assert process.returncode == 0, "".join(told) + rest


class Server:
    """What a line asks of one."""

    def __init__(self, port):
        self.port = port


def test_it_serves_from_a_folder_that_it_makes_and_forgets_nothing(tmp_path, xsd_folder):
    now = datetime.now(ZONE)
    validity = Validity(desde=now - timedelta(days=30), hasta=now + timedelta(days=400))
    authority = make_authority(validity)
    identity = issue(authority, validity, rut=RUT, titular="EMPRESA INVENTADA SA (PRUEBA)")
    rango = Rango(id="90260000111", tipo=111, serie="A", desde=1, hasta=100, vence=(now + timedelta(days=300)).date())
    cae = sign_cae(authority, rango, rut=RUT, autorizado=now.date())
    folder, port = tmp_path / "dgi", free_port()
    for name in ("confianza", "cae"):
        (folder / name).mkdir(parents=True)
    (folder / "confianza" / "demo.pem").write_bytes(to_pem(authority.certificate))
    (folder / "cae" / "cae-111.xml").write_bytes(cae)
    (folder / "cae" / "notas.txt").write_text("nada")
    booklet = {"id": "9", "rut": RUT, "tipo": 211, "serie": "B", "desde": 1, "hasta": 9, "vence": "2030-01-01"}
    (folder / "cae" / "papeles.json").write_text(json.dumps([booklet]))
    (folder / "cae" / "mal.json").write_text('{"id": "9"}')
    schemas = ("--esquemas", str(xsd_folder)) if xsd_folder else ()
    with running(folder, port, *schemas) as (told, _):
        assert "Se confía en la autoridad" in told
        assert "Registrado: CAE 90260000111: 111 A 1 a 100" in told
        assert "Registradas 1 constancias de papel" in told
        assert told.count("No se registró") == 2
        found = tomllib.loads(told[told.index("[dgi]") : told.index("Lo que recibió")])["dgi"]
        assert found["recepcion"] == f"https://127.0.0.1:{port}/ePrueba/ws_eprueba"
        assert found["ruc"] == "219999830019"
        issuer = Issuer(Line(Server(port), found["ca"]), identity, authority, now=now, caes={111: rango})
        cfe = issuer.cfe(111, 1)
        sent = issuer.send(cfe)
        assert issuer.consult(sent).estado == ["AE"]
    with running(folder, port, *schemas):
        assert issuer.consult(sent).estado == ["AE"]
        assert issuer.judged(cfe).motivos == ["E02"]
        (folder / "cae" / "cae-112.xml").write_bytes(
            sign_cae(authority, Rango(id="90260000112", tipo=112, serie="B", desde=1, hasta=9, vence=rango.vence),
                     rut=RUT, autorizado=now.date())
        )  # fmt: skip
        for _ in range(100):
            if len(issuer.line.state()["caes"]) == 3:
                break
            signal.sigtimedwait([], 0.05)
        assert [one["tipo"] for one in issuer.line.state()["caes"]] == [111, 112, 211]
    assert oct(os.stat(folder / "identidad").st_mode)[-3:] == "700"


def test_a_port_of_somebody_else_is_told(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        command = [sys.executable, "-m", "sincronizador", "nube", "dgi-prueba", "--puerto", str(port)]
        got = subprocess.run(
            [*command, "--carpeta", str(tmp_path / "dgi")], capture_output=True, text=True, check=False, timeout=60
        )
    assert got.returncode == 2
    assert f"no se puede escuchar en el puerto {port}" in got.stderr


def test_the_page_of_the_manual_tells_every_place_and_effect():
    from sincronizador.authorities.fake_cues import PLACES
    from sincronizador.authorities.fake_registers import DEFAULTS

    with open(os.path.join(os.path.dirname(__file__), "..", "..", "docs", "dgi-prueba.md"), encoding="utf-8") as file:
        page = file.read()
    words = set(re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", page, flags=re.DOTALL)))
    known = {word for place in PLACES.values() for names in place.values() for word in names}
    assert known | set(PLACES) | set(DEFAULTS) <= words


@pytest.mark.parametrize("example", range(4))
def test_the_examples_of_the_manual_work(example, line):
    with open(os.path.join(os.path.dirname(__file__), "..", "..", "docs", "dgi-prueba.md"), encoding="utf-8") as file:
        found = re.findall(r"-d '(.*?)' https://127\.0\.0\.1:\d+(/prueba/\w+)", file.read(), re.DOTALL)
    said, path = found[example]
    got = line.send("POST", path, said.encode())
    assert got.status == 200, got.body
