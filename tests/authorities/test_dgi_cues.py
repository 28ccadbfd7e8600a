"""DGI misbehaves when told to: its line, its answers, its hour; and it says what it was told."""

import http.client
import socket
import ssl
import time

import pytest
from issuer_by_hand import NOON, RUT

from sincronizador.authorities.fake_codes import SOBRE

SOBRES = {"operacion": "EFACRECEPCIONSOBRE"}


def cue(issuer, **effect):
    return issuer.line.told("guion", {"donde": "servicio", "filtro": SOBRES, "efecto": effect})["id"]


def received(issuer):
    return len(issuer.line.state()["sobres"])


@pytest.mark.parametrize("code", SOBRE)
def test_every_code_of_a_sobre_comes_on_cue(code, issuer, answer_schemas):
    issuer.line.told("guion", {"donde": "sobre", "filtro": {"id_emisor": 2}, "efecto": {"codigos": [code]}})
    assert issuer.send(issuer.cfe(111, 1)).estado == ["AS"]
    got = issuer.send(issuer.cfe(111, 2))
    assert (got.estado, got.motivos) == (["BS"], [code])
    assert not answer_schemas or answer_schemas["ACKSobre"].validate(got.ack)
    assert issuer.send(issuer.cfe(111, 2)).estado == ["AS"]


def test_silence_before_the_work_leaves_nothing_and_after_it_leaves_all(issuer):
    issuer.line.timeout = 0.5
    cue(issuer, silencio=1, cuando="antes")
    with pytest.raises(TimeoutError):
        issuer.send(issuer.cfe(111, 1))
    assert received(issuer) == 0
    cue(issuer, silencio=1, cuando="despues")
    with pytest.raises(TimeoutError):
        issuer.send(issuer.cfe(111, 2))
    assert received(issuer) == 1


def test_an_answer_may_break_off_in_the_middle(issuer):
    cue(issuer, corte=100)
    with pytest.raises(http.client.IncompleteRead):
        issuer.send(issuer.cfe(111, 1))
    assert received(issuer) == 1


def test_a_connection_may_end_without_an_answer(issuer):
    cue(issuer, cerrar=True)
    with pytest.raises((http.client.RemoteDisconnected, ssl.SSLError, ConnectionError)):
        issuer.send(issuer.cfe(111, 1))
    assert received(issuer) == 0


def test_an_answer_may_be_slow_or_no_answer_of_dgi_at_all(issuer):
    cue(issuer, lento=0.3)
    began = time.monotonic()
    assert issuer.send(issuer.cfe(111, 1)).estado == ["AS"]
    assert time.monotonic() - began >= 0.3
    cue(issuer, http=503)
    assert issuer.send(issuer.cfe(111, 2)).status == 503


def test_the_seal_of_an_answer_may_be_missing_or_broken(issuer):
    cue(issuer, firma="falta")
    assert b"Security" not in issuer.send(issuer.cfe(111, 1)).body
    cue(issuer, firma="rota")
    broken = issuer.send(issuer.cfe(111, 2))
    assert broken.estado == ["AS"]
    assert b"<ds:DigestValue>AAAA" in broken.body


def test_a_cue_is_used_as_often_as_it_was_told(issuer):
    number = issuer.line.told("guion", {"donde": "servicio", "efecto": {"falla": 99}, "veces": 2})["id"]
    codes = [issuer.send(issuer.cfe(111, 1)).code for _ in range(3)]
    assert codes == [99, 99, None]
    (kept,) = issuer.line.control("GET", "guion")[1]["guion"]
    assert (kept["id"], kept["quedan"], kept["usado"]) == (number, 0, 2)


def test_a_cue_for_ever_lasts_until_it_is_taken_back(issuer):
    number = issuer.line.told("guion", {"donde": "servicio", "efecto": {"falla": 99}, "veces": 0})["id"]
    assert [issuer.send().code for _ in range(3)] == [99, 99, 99]
    assert issuer.line.control("DELETE", f"guion/{number}")[0] == 200
    assert issuer.send(issuer.cfe(111, 1)).estado == ["AS"]


@pytest.mark.parametrize(
    "said",
    [
        {"donde": "nada", "efecto": {"falla": 99}},
        {"donde": "sobre"},
        {"donde": "sobre", "efecto": {"falla": 99}},
        {"donde": "sobre", "filtro": {"color": 1}, "efecto": {"codigos": ["S01"]}},
        {"donde": "cfe", "efecto": {"codigos": ["E99"]}},
        {"donde": "servicio", "efecto": {"falla": 98}},
        {"donde": "sobre", "efecto": {"demora": 1}, "veces": -1},
        [],
    ],
)
def test_a_cue_that_makes_no_sense_is_refused_with_a_sentence(said, line):
    status, told = line.control("POST", "guion", said)
    assert status == 400
    assert told["error"]
    assert line.control("GET", "guion")[1]["guion"] == []


@pytest.mark.parametrize(
    ("path", "said"),
    [("cae", b"<CAE/>"), ("confianza", b"-"), ("ajustes", {"color": 1}), ("emisores", [{}]), ("constancias", {})],
)
def test_what_cannot_be_kept_is_refused_with_a_sentence(path, said, line):
    status, told = line.control("POST", path, said)
    assert status == 400
    assert told["error"]


def test_what_is_not_there_is_not_found(line):
    for path in ("sobre/1", "reporte/1", f"cfe/{RUT}/111/A/1", "otro"):
        assert line.control("GET", path)[0] == 404
    assert line.send("POST", "/otro", b"").status == 404


def test_down_it_refuses_connections_and_is_up_again_by_itself(issuer, server):
    kept = ssl.create_default_context()
    kept.check_hostname, kept.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", server.port)) as way, kept.wrap_socket(way) as talking:
        assert issuer.line.control("POST", "linea", {"caida": 1.0})[0] == 200
        talking.settimeout(5)
        assert talking.recv(1) == b"", "whoever was connected is hung up on"
    with pytest.raises(ConnectionRefusedError):
        issuer.send(issuer.cfe(111, 1))
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            assert issuer.send(issuer.cfe(111, 2)).estado == ["AS"]
            break
        except ConnectionRefusedError:
            time.sleep(0.05)
    else:
        pytest.fail("it did not come up again")


def test_a_silent_client_keeps_nobody_waiting(issuer, server):
    with socket.create_connection(("127.0.0.1", server.port)):
        assert issuer.send(issuer.cfe(111, 1)).estado == ["AS"]


def test_dgis_clock_may_be_ahead(issuer):
    issuer.line.told("ajustes", {"adelanto": 86400})
    assert issuer.send(issuer.cfe(111, 1)).find("FecHRecibido") == ["2026-11-21T12:00:00-03:00"]
    assert NOON.date().isoformat() == "2026-11-20"


def test_the_state_tells_all_that_dgi_has(issuer):
    cfe = issuer.cfe(111, 1)
    issuer.judged(cfe)
    state = issuer.line.state()
    assert [(one["tipo"], one["desde"], one["hasta"]) for one in state["caes"]][:2] == [(101, 1, 1000), (102, 1, 1000)]
    (sobre,), (document,) = state["sobres"], state["comprobantes"]
    assert (sobre["estado"], sobre["cantidad"], sobre["consultas"]) == ("AS", 1, 1)
    assert (document["tipo"], document["serie"], document["numero"], document["estado"]) == (111, "A", 1, "AE")
    assert document["dia"] == "2026-11-20"
