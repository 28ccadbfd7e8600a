"""Passwords, sessions and tokens: who knows them enters, who guesses waits, and an open panel does not start."""

import json
import re
import ssl
import subprocess
import sys
import urllib.request
from urllib.parse import urlencode

import pytest
from click.testing import CliRunner
from panel_world import free_port, served
from starlette.requests import Request

from sincronizador.cli import main
from sincronizador.errors import NeedsOperator
from sincronizador.panel.access import Access, Waits, check, hash_password, is_password
from sincronizador.panel.guard import Guard
from sincronizador.panel.site import Site
from sincronizador.secret import Secret
from sincronizador.settings import Panel, load

FORM = "application/x-www-form-urlencoded"
TOKEN = "un-token-de-la-caja-uno"


class Clock:
    def __init__(self):
        self.time = 1_000.0

    def __call__(self):
        return self.time


def a_panel(**values):
    return Panel().model_copy(update=values)


@pytest.fixture
def clave(tmp_path):
    path = tmp_path / "clave.txt"
    path.write_bytes(hash_password("dos palabras") + b"\n")
    path.chmod(0o600)
    return Secret(key="panel.clave", path=str(path))


@pytest.fixture
def token(tmp_path):
    path = tmp_path / "tokens.txt"
    path.write_text(f"un-token-para-todas\n\nCAJA1 {TOKEN}\n")
    path.chmod(0o600)
    return Secret(key="panel.token", path=str(path))


@pytest.fixture
def settings(prepared):
    return load(str(prepared / "sincronizador.toml"))


@pytest.fixture
def panel(settings, clave, token):
    with served(settings, clave=clave, token=token) as found:
        yield found


def page_token(panel, cookie):
    _, _, page = panel.get("/entrar", cookie=cookie)
    return re.search(rb'name="token" value="([0-9a-f]{64})"', page)[1].decode()


def enter(panel, password, cookie=None, token=None):
    cookie = cookie or panel.visit()
    body = urlencode({"clave": password, "token": token or page_token(panel, cookie)})
    return panel.post("/entrar", body, content_type=FORM, cookie=cookie, origin=panel.origin)


def test_a_hash_knows_its_password_and_no_other():
    kept = hash_password("contraseña larga")
    assert is_password("contraseña larga", kept)
    assert not is_password("contraseña larga ", kept)
    assert b"larga" not in kept
    assert hash_password("contraseña larga") != kept


def test_who_does_not_know_the_password_sees_no_page(panel):
    status, headers, _ = panel.get("/ventas", accept="text/html")
    assert (status, headers["Location"]) == (303, "/entrar")
    for path in ("/", "/ventas", "//entrar", "/entrar/", "/salud/x", "/static", "/staticx", "/docs"):
        assert panel.get(path)[0] == 401
    assert panel.get("/salud")[0] == 200
    assert panel.get("/entrar")[0] == 200


def test_the_password_opens_a_session_of_another_name_that_leaving_ends(panel):
    before = panel.visit()
    status, headers, _ = enter(panel, "dos palabras", before)
    assert (status, headers["Location"]) == (303, "/")
    session = headers["Set-Cookie"].partition(";")[0]
    assert session != before
    assert "HttpOnly" in headers["Set-Cookie"]
    assert panel.get("/nada", cookie=session)[0] == 404
    assert panel.get("/nada", cookie=before)[0] == 401
    leaving = {"content_type": FORM, "cookie": session, "origin": panel.origin}
    assert panel.post("/salir", "token=x", **leaving)[0] == 403
    assert panel.get("/nada", cookie=session)[0] == 404


def test_the_token_of_a_form_is_of_one_visitor(panel):
    mine, other = panel.visit(), panel.visit()
    assert enter(panel, "dos palabras", mine, page_token(panel, other))[0] == 403
    assert enter(panel, "dos palabras", mine, page_token(panel, mine))[0] == 303


def test_guessing_has_to_wait(panel):
    statuses = [enter(panel, f"palabra {n}")[0] for n in range(6)]
    assert statuses == [403] * 5 + [429]
    assert enter(panel, "dos palabras")[0] == 429


def test_waits_grow_and_end():
    clock = Clock()
    waits = Waits(clock)
    for _ in range(5):
        assert waits.left("a") == 0
        waits.failed("a")
    assert waits.left("a") == 1
    assert waits.left("b") == 0
    clock.time += 1
    waits.failed("a")
    assert waits.left("a") == 2
    for _ in range(40):
        waits.failed("a")
    assert waits.left("a") == 300
    waits.passed("a")
    assert waits.left("a") == 0


def test_who_has_to_wait_does_not_enter_with_the_right_password(clave):
    clock = Clock()
    access = Access(a_panel(clave=clave), clock)
    for _ in range(5):
        assert access.enter("otra cosa", "a") is None
    assert access.enter("dos palabras", "a") is None
    assert access.enter("dos palabras", "b") is not None
    clock.time += 1
    assert access.enter("dos palabras", "a") is not None


def test_sessions_end_by_rest_by_age_and_by_another_password(clave):
    clock = Clock()
    access = Access(a_panel(clave=clave), clock)
    one, two = access.enter("dos palabras", "a"), access.enter("dos palabras", "a")
    assert access.is_inside(one)
    clock.time += 2 * 3600 + 1
    assert not access.is_inside(one)
    assert not access.is_inside(two)
    three = access.enter("dos palabras", "a")
    for _ in range(12):
        assert access.is_inside(three)
        clock.time += 3600 + 1
    assert not access.is_inside(three)
    four = access.enter("dos palabras", "a")
    with open(clave.path, "wb") as file:
        file.write(hash_password("otra contraseña"))
    assert not access.is_inside(four)
    assert access.enter("dos palabras", "a") is None


def test_the_door_wants_a_token_where_there_is_one(panel):
    assert panel.get("/v1/estado")[0] == 401
    status, headers, body = panel.get("/v1/estado", authorization="Bearer otro-token-que-no-es")
    assert (status, headers["WWW-Authenticate"]) == (401, "Bearer")
    assert json.loads(body)["RESPUESTA"]["CODIGO"] == "E9255"
    assert panel.get("/v1/estado", authorization=f"Basic {TOKEN}")[0] == 401
    assert panel.get("/v1/estado", authorization=f"Bearer {TOKEN}")[0] == 200
    assert panel.get("/v1/estado", authorization="bearer un-token-para-todas")[0] == 200
    assert panel.get("/v1/estado", authorization=f"Bearer CAJA1 {TOKEN}")[0] == 401


def test_a_token_does_not_let_a_foreign_page_in(panel):
    held = {"authorization": f"Bearer {TOKEN}", "origin": "http://evil.com"}
    assert panel.get("/v1/estado", **held)[0] == 403


def test_a_till_s_token_is_for_that_till(panel):
    held = {"authorization": f"Bearer {TOKEN}", "content_type": "text/plain"}
    status, _, answer = panel.door("[DOCUMENTO]\n[FIN]\n", "?caja=CAJA2", **held)
    assert status == 403
    assert "CAJA1" in answer["RESPUESTA"]["MENSAJE"]


def test_guessing_tokens_has_to_wait(panel):
    for _ in range(5):
        assert panel.get("/v1/estado", authorization="Bearer adivino")[0] == 401
    status, headers, _ = panel.get("/v1/estado", authorization=f"Bearer {TOKEN}")
    assert status == 429
    assert int(headers["Retry-After"]) >= 1


def test_what_others_reach_does_not_start_without_password_and_tls(clave, tmp_path):
    for escucha in ("0.0.0.0:8737", "192.168.1.10:8737", "[::]:8737"):
        with pytest.raises(NeedsOperator, match=r"panel\.clave; panel\.tls_certificado"):
            check(a_panel(escucha=escucha))
        with pytest.raises(NeedsOperator, match=r"falta panel\.tls_certificado y panel\.tls_clave"):
            check(a_panel(escucha=escucha, clave=clave))
        pem = str(tmp_path / "x")
        with pytest.raises(NeedsOperator, match=r"falta panel\.clave\."):
            check(a_panel(escucha=escucha, tls_certificado=pem, tls_clave=pem))
        check(a_panel(escucha=escucha, clave=clave, tls_certificado=pem, tls_clave=pem))
    for escucha in ("127.0.0.1:8737", "127.0.0.2:1", "localhost:8737", "[::1]:8737"):
        check(a_panel(escucha=escucha))


@pytest.mark.parametrize("content", ["dos palabras", "scrypt:1:2", "", "scrypt:a:b:c:d:e"])
def test_a_password_in_clear_is_no_hash(tmp_path, content):
    (tmp_path / "clave").write_text(content)
    (tmp_path / "clave").chmod(0o600)
    with pytest.raises(NeedsOperator, match="panel clave") as told:
        check(a_panel(clave=Secret(key="panel.clave", path=str(tmp_path / "clave"))))
    assert not content or content not in str(told.value)


@pytest.mark.parametrize("content", ["", "corto", "CAJA1 corto", "a b c-de-mas-de-16-letras"])
def test_a_token_that_could_be_guessed_is_none(tmp_path, content):
    (tmp_path / "token").write_text(content)
    (tmp_path / "token").chmod(0o600)
    with pytest.raises(NeedsOperator, match=r"panel\.token"):
        check(a_panel(token=Secret(key="panel.token", path=str(tmp_path / "token"))))


def test_the_command_line_makes_what_a_panel_in_the_network_needs(prepared, tmp_path):
    port = free_port()
    toml = tmp_path / "sincronizador.toml"
    text = (prepared / "sincronizador.toml").read_text("utf-8")
    toml.write_text(
        f'{text}\n[panel]\nescucha = "0.0.0.0:{port}"\nnombres = ["caja1.lan"]\nclave = "panel/clave.txt"\n'
        'token = "panel/tokens.txt"\ntls_certificado = "panel/tls.pem"\ntls_clave = "panel/tls.key"\n',
        "utf-8",
    )

    def run(*words, stdin=""):
        done = CliRunner().invoke(main, ["--config", str(toml), "panel", *words], input=stdin)
        return done.exit_code, done.output

    assert run("clave", stdin="corta\n")[0] == 2
    assert run("clave", stdin="dos palabras\n")[0] == 0
    assert run("tls")[0] == 0
    assert run("tls")[0] == 2
    code, said = run("token", "--caja", "caja1")
    assert code == 0
    made = said.splitlines()[0]
    for name in ("clave.txt", "tokens.txt", "tls.key"):
        assert (tmp_path / "panel" / name).stat().st_mode & 0o777 == 0o600
        assert b"dos palabras" not in (tmp_path / "panel" / name).read_bytes()

    command = [sys.executable, "-m", "sincronizador", "--config", str(toml), "panel"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        assert "url=https://" in next(line for line in process.stderr if "event=ready" in line)
        trust = ssl.create_default_context(cafile=str(tmp_path / "panel" / "tls-autoridad.pem"))
        url = f"https://localhost:{port}/v1/estado"
        asked = urllib.request.Request(url, headers={"Authorization": f"Bearer {made}", "Host": "caja1.lan"})
        with urllib.request.urlopen(asked, context=trust, timeout=10) as answer:  # noqa: S310 - ours
            assert answer.status == 200
        with urllib.request.urlopen(url.replace("/v1/estado", "/salud"), context=trust, timeout=10) as answer:  # noqa: S310
            cookie = answer.headers["Set-Cookie"]
            assert cookie.startswith(f"__Host-sincronizador-{port}=")
            assert "; Secure" in cookie
    finally:
        process.terminate()
        assert process.wait(15) == 0
        process.stderr.close()


def test_metrics_are_for_this_machine_without_a_token(panel, prepared):
    status, headers, body = panel.get("/metrics")
    assert status == 200
    assert headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert b"sincronizador_build_info" in body
    assert panel.get("/metrics", origin="http://evil.com")[0] == 403
    assert panel.get("/metrics", host="evil.com")[0] == 421


def test_metrics_are_for_other_machines_with_a_token(settings, clave, token, monkeypatch):
    def ask(**headers):
        scope = {"type": "http", "method": "GET", "path": "/metrics", "client": ("192.168.1.9", 4000), "headers": [
            (name.encode(), value.encode()) for name, value in headers.items()
        ]}  # fmt: skip
        guard = Guard(None, Site(settings), Access(settings.panel.model_copy(update={"clave": clave, "token": token})))
        return guard._check_token(Request({**scope, "state": {}}))

    with pytest.raises(Exception, match="Falta el token"):
        ask()
    ask(authorization=f"Bearer {TOKEN}")
