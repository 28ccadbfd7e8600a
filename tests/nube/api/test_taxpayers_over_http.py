"""``GET /v1/taxpayers/uy/{rut}`` of a real server that asks a real (loopback) DGI over signed SOAP."""

import json
import re
from datetime import UTC, datetime

import pytest
from actividad import actividad
from click.testing import CliRunner
from cloud_world import Speaker
from loopback_office import CONSOLIDADO, DGI_RUC, VALIDITY, fault, make_tls, open_office, signing

from sincronizador.cli import main
from sincronizador.signing.identity import issue, make_authority

RUT = "211428940011"


def says(document):
    name = "WS_PersonaGetActEmpresarial.ExecuteResponse"
    return f'<{name} xmlns="{CONSOLIDADO}"><Data><![CDATA[{document}]]></Data></{name}>'.encode()


@pytest.fixture(scope="module")
def authority():
    return make_authority(VALIDITY)


@pytest.fixture(scope="module")
def dgi(authority):
    return signing(issue(authority, VALIDITY, rut=DGI_RUC, titular="DGI (PRUEBA)"))


@pytest.fixture
def office(authority, tmp_path):
    with open_office(make_tls(authority), tmp_path) as made:
        yield made


@pytest.fixture
def speaker(toml, serve, office):
    services = "\n".join(f'{name} = "{office.url}/{name}"' for name in ("recepcion", "consultas", "contribuyentes"))
    toml.write_text(f'{toml.read_text()}\n[dgi]\n{services}\nca = "{office.ca}"\n')
    return Speaker(serve().url, (toml.parent / "nube" / "token.txt").read_text().strip())


def test_a_taxpayer_is_asked_of_dgi_with_the_issuers_certificate_and_then_kept(speaker, office, dgi, toml):
    office.clerk = lambda _: (200, dgi(says(actividad(rut=RUT))))
    began = datetime.now(UTC)
    first = speaker.call("GET", f"/v1/taxpayers/uy/{RUT}")
    assert first.status == 200, first.content
    told = first.json
    assert (told["rut"], told["name"], told["status"]) == (RUT, "EMPRESA INVENTADA S.A.", "ACTIVO")
    assert (told["phones"], told["emails"]) == (["24001234"], ["ventas@example.com"])
    assert (told["source"], told["offline"]) == ("DGI", False)
    assert began <= datetime.fromisoformat(told["asked_at"]) <= datetime.now(UTC)
    assert [heard.values() for heard in office.heard] == [[("Rut", RUT)]]
    assert office.heard[0].signer == "219999830019"
    again = speaker.call("GET", f"/v1/taxpayers/uy/{RUT}").json
    assert (again["source"], len(office.heard)) == ("CACHE", 1)


def test_a_refusal_is_a_422_with_the_code_of_its_rule(speaker, office, dgi):
    office.clerk = lambda _: (500, dgi(fault(11, "Actividad cancelada")))
    answer = speaker.call("GET", f"/v1/taxpayers/uy/{RUT}")
    assert (answer.status, answer.code) == (422, "invalid")
    assert [detail["rule"] for detail in answer.json["error"]["details"]] == ["E1511"]
    wrong = speaker.call("GET", "/v1/taxpayers/uy/211428940012")
    assert [detail["rule"] for detail in wrong.json["error"]["details"]] == ["E1101"]
    assert len(office.heard) == 1


def test_without_dgi_the_cloud_asks_to_wait(speaker, office):
    office.clerk = lambda _: (200, b"<html>portal</html>")
    answer = speaker.call("GET", f"/v1/taxpayers/uy/{RUT}")
    assert (answer.status, answer.code) == (503, "not_ready")
    assert int(answer.headers["retry-after"]) > 0


def test_a_cloud_that_does_not_talk_to_dgi_says_so(till):
    answer = till.call("GET", f"/v1/taxpayers/uy/{RUT}")
    assert (answer.status, answer.code) == (404, "not_found")
    assert "no habla con DGI" in answer.json["error"]["message"]


@pytest.fixture
def ask(toml, speaker):
    """The command line of an installation of that cloud."""
    path = toml.parent / "sincronizador.toml"
    path.write_text(re.sub('(?m)^url = ".*"$', f'url = "{speaker.url}"', path.read_text()))

    def asked(*words):
        return CliRunner().invoke(main, ["--config", str(path), "consultar-rut", *words])

    return asked


def test_the_command_tells_a_person_who_it_is(ask, office, dgi):
    office.clerk = lambda _: (200, dgi(says(actividad(rut=RUT, nombre="PEÑA & CÍA"))))
    shown = ask("21.142894.0011")
    assert shown.exit_code == 0, shown.output
    for line in ("Razón social:     PEÑA & CÍA", "Situación:        ACTIVO", "Correos:          ventas@example.com"):
        assert line in shown.output.splitlines()
    told = json.loads(ask(RUT, "--json").stdout)
    assert (told["rut"], told["telefonos"], told["fuente"]) == (RUT, ["24001234"], "CACHE")
    assert told["consultado"].endswith("-03:00")


def test_the_command_says_why_not_with_its_exit_code(ask, office, dgi):
    wrong = ask("211428940012")
    assert (wrong.exit_code, "E1101" in wrong.output, office.heard) == (1, True, [])
    office.clerk = lambda _: (502, b"")
    later = ask(RUT)
    assert (later.exit_code, "E3016" in later.output) == (69, True)
    office.clerk = lambda _: (500, dgi(fault(10, "Nunca tuvo actividad")))
    never = ask(RUT)
    assert (never.exit_code, "E1510" in never.output) == (1, True)


def test_a_stranger_learns_nothing(speaker, office):
    speaker.token = "nadie"
    assert speaker.call("GET", f"/v1/taxpayers/uy/{RUT}").status == 401
    assert office.heard == []
