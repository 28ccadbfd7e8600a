"""The installed server reads a folder that somebody fills, answers into another, and tells its installations."""

import json
import os
import time
from datetime import timedelta

import pytest
from click.testing import CliRunner
from cloud_world import NOW, Speaker
from clouds import OTHER_RUT, RUT, rango
from supplier import invoice, sobre

from sincronizador.cli import main
from sincronizador.countries.uy.acks import parse_ack_cfe, parse_ack_sobre
from sincronizador.errors import NeedsOperator
from sincronizador.nube.configuration import load
from sincronizador.signing.identity import Validity, issue, make_authority

DGI = "\n".join(f'{name} = "https://localhost:9/{name}"' for name in ("recepcion", "consultas", "contribuyentes"))
BUZON = '\n[buzon]\ncarpeta = "buzon"\ncada = 0.2\nhoras_para_rechazar = 24\n'
SECONDS = 60


@pytest.fixture(scope="module")
def signer():
    validity = Validity(desde=NOW - timedelta(days=1), hasta=NOW + timedelta(days=300))
    return issue(make_authority(validity), validity, rut=OTHER_RUT, titular="PROVEEDOR (PRUEBA)")


@pytest.fixture
def received(toml, serve, signer):
    """A server that has read one sobre of two documents; who speaks to it."""
    toml.write_text(f"{toml.read_text()}\n[dgi]\n{DGI}\n{BUZON}")
    folder = toml.parent / "buzon"
    folder.mkdir()
    numbers = rango(111, vence=(NOW + timedelta(days=90)).date())
    documents = [invoice(number, signer=signer, at=NOW, numbers=numbers) for number in (1, 2)]
    (folder / "Sob_1.xml").write_bytes(sobre(*documents, signer=signer, at=NOW))
    os.utime(folder / "Sob_1.xml", (1, 1))
    speaker = Speaker(serve().url, (toml.parent / "nube" / "token.txt").read_text().strip())
    speaker.take_epoch()
    until(lambda: answers(folder, "M_"))
    return speaker, folder


def until(what):
    end = time.monotonic() + SECONDS
    while not (found := what()):
        assert time.monotonic() < end
        time.sleep(0.05)
    return found


def answers(folder, kind):
    place = folder / "respuestas" / RUT
    names = sorted(os.listdir(place)) if place.exists() else []
    return [(place / name).read_bytes() for name in names if name.startswith(kind) and name.endswith(".xml")]


def run(toml, *words):
    done = CliRunner().invoke(main, ["--config", str(toml), "nube", "recibidos", *words])
    return done.exit_code, done.output


def test_a_sobre_is_answered_told_and_its_documents_rejected_by_whoever_may(received, toml):
    speaker, folder = received
    assert parse_ack_sobre(answers(folder, "M_")[0]).is_received
    assert (folder / "leidos" / "Sob_1.xml").exists()
    page = speaker.call("GET", "/v1/received").json
    assert [(one["number"], one["state"]) for one in page["documents"]] == [(1, "RECIBIDO"), (2, "RECIBIDO")]
    assert speaker.call("GET", f"/v1/received?changed_since={page['cursor']}").json["documents"] == []
    path = f"/v1/received/{OTHER_RUT}/111/A/1/reject"
    for _ in range(2):
        assert speaker.call("POST", path, {"code": "E23", "detail": "No llegó"}).status == 200
    told = until(lambda: answers(folder, "ME_"))
    assert [(cfe.numero, cfe.estado) for cfe in parse_ack_cfe(told[0]).cfes] == [(1, "BE")]
    assert speaker.call("POST", path.replace("/1/", "/9/"), {"code": "E23"}).status == 404
    assert speaker.call("POST", path, {"code": "E99"}).code == "invalid"
    assert speaker.call("POST", path, {"code": "E2"}).status == 400
    assert speaker.call("GET", "/v1/received?limit=0").status == 400
    code, text = run(toml, "rechazar", OTHER_RUT, "111", "a", "2", "--motivo", "e24", "--detalle", "Precio")
    assert (code, f"{OTHER_RUT}-111-A-2" in text) == (0, True)
    assert len(until(lambda: answers(folder, "ME_")[1:])) == 1
    changed = speaker.call("GET", f"/v1/received?changed_since={page['cursor']}").json["documents"]
    assert [(one["number"], one["state"], one["reason"]) for one in changed] == [
        (1, "RECHAZADO", "E23"), (2, "RECHAZADO", "E24"),
    ]  # fmt: skip


def test_a_person_lists_what_came_and_what_was_put_apart(received, toml):
    _, folder = received
    code, text = run(toml, "listar", "--json")
    assert code == 0
    assert [one["number"] for one in json.loads(text)] == [2, 1]
    assert "ALMACÉN DE PRUEBA" in run(toml, "listar")[1]
    (folder / "raro.xml").write_bytes(b"<raro/>")
    os.utime(folder / "raro.xml", (1, 1))
    until(lambda: "raro" in run(toml, "apartados")[1])
    number = json.loads(run(toml, "apartados", "--json")[1])[0]["id"]
    saved = toml.parent / "guardado.xml"
    assert run(toml, "apartados", str(number), "--guardar", str(saved), "--visto")[0] == 0
    assert saved.read_bytes() == b"<raro/>"
    assert "No hay" in run(toml, "apartados")[1]
    assert run(toml, "apartados", str(number), "--visto")[0] != 0
    code, text = run(toml, "rechazar", OTHER_RUT, "111", "A", "7", "--motivo", "E23")
    assert (code != 0, "E3755" in text) == (True, True)


WRONG = {
    '[buzon]\ncarpeta = "b"\n': "dgi",
    f'[dgi]\n{DGI}\n[buzon]\nservidor = "imap.example.com"\nrespuestas = "r"\n': "buzon.usuario",
    f'[dgi]\n{DGI}\n[buzon]\nservidor = "x y"\n': "buzon.servidor",
    f'[dgi]\n{DGI}\n[buzon]\ncarpeta = "b"\nusuario = "u"\n': "buzon.usuario",
    f'[dgi]\n{DGI}\n[buzon]\nservidor = "i.uy"\nusuario = "u"\nclave = "./c"\n': "correo",
}


@pytest.mark.parametrize("text", WRONG)
def test_half_a_mailbox_is_refused(toml, text):
    toml.write_text(f"{toml.read_text()}\n{text}")
    with pytest.raises(NeedsOperator) as told:
        load(str(toml))
    assert WRONG[text] in str(told.value)


def test_in_production_somebody_must_have_issued_the_certificates_of_suppliers(toml):
    real = toml.read_text().replace('ambiente = "prueba"', 'ambiente = "produccion"')
    assert real != toml.read_text()
    toml.write_text(f'{real}\n[dgi]\n[buzon]\ncarpeta = "b"\n')
    with pytest.raises(NeedsOperator, match=r"buzon\.autoridades"):
        load(str(toml))
    toml.write_text(f'{toml.read_text()}autoridades = "emisores.pem"\n')
    assert load(str(toml)).buzon.autoridades.endswith("emisores.pem")


def test_an_account_has_the_port_of_imap_over_tls(toml):
    (toml.parent / "c").write_text("x")
    account = '[buzon]\nservidor = "i.uy"\nusuario = "u"\nclave = "./c"\nrespuestas = "r"\n'
    toml.write_text(f"{toml.read_text()}\n[dgi]\n{DGI}\n{account}")
    assert load(str(toml)).buzon.imap == ("i.uy", 993)
