"""Pages over HTTP: whatever is asked they answer, they hold on to nothing, and open ones are told of changes."""

import os
import re
import socket
import threading
import time
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from panel_world import served
from walking import TICKET

from sincronizador.panel import live
from sincronizador.panel.app import create
from sincronizador.panel.server import _Server
from sincronizador.serving import STOP_SECONDS
from sincronizador.settings import load
from sincronizador.stopping import Stop

HOSTILE = b"[DOCUMENTO]\nTIPO=<script>\xff\n[FIN]\n"
FIELDS = ("q", "desde", "hasta", "minimo", "maximo", "estado", "caja", "lote", "antes", "recargar", "impresora")


@pytest.fixture
def panel(machine):
    """Of a machine that sold something."""
    machine.drop("V1.txt", TICKET.format(referencia="V1", precio="10"))
    machine.drop(os.fsdecode(b"\xf1\xff<b>.txt"), HOSTILE)
    machine.work()
    with served(load(str(machine.folder / "sincronizador.toml"))) as panel:
        yield panel


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.dictionaries(st.sampled_from(FIELDS), st.text(max_size=30), max_size=4))
def test_whatever_is_asked_a_page_answers(panel, asked):
    query = urlencode(asked, errors="replace")
    for path in ("/ventas", "/impresoras", "/"):
        status, _, _ = panel.get(f"{path}?{query}")
        assert status == 200


@pytest.mark.parametrize(
    "path",
    [
        "/ventas/0", "/ventas/99", f"/ventas/{2**63}", f"/ventas/{'9' * 400}", "/ventas/-1", "/ventas/99/ticket.png",
        "/ventas/2/ticket.png", "/ventas/2/comprobante.xml", "/ventas/99/archivo", "/impresoras/prueba.png?impresora=N",
        "/static/../app.py", "/static/%2e%2e/app.py",
    ],
)  # fmt: skip
def test_what_is_not_there_is_not_found_in_spanish(panel, path):
    status, _, body = panel.get(path)
    assert status == 404
    assert b"Esa p\xc3\xa1gina no existe" in body


def test_a_file_is_taken_along_as_it_came_and_never_shown_by_the_browser(panel):
    status, headers, body = panel.get("/ventas/2/archivo")
    assert (status, body) == (200, HOSTILE)
    assert headers["Content-Type"] == "application/octet-stream"
    assert headers["Content-Disposition"].startswith("attachment;")
    assert re.fullmatch(
        r"attachment; filename=\"[\w .()+-]*\"; filename\*=UTF-8''[\w.%-]*", headers["Content-Disposition"]
    )


def post(panel, path, **fields):
    """As its own form would."""
    cookie = panel.visit()
    _, _, page = panel.get("/ventas/1", Cookie=cookie)
    token = re.search(rb'name="token" value="([^"]+)"', page)[1].decode()
    body = urlencode({"token": token, **fields})
    kind = "application/x-www-form-urlencoded"
    return panel.post(path, body, Cookie=cookie, Origin=panel.origin, Content_Type=kind), cookie


@pytest.mark.parametrize(
    "where", ["//evil.example", "https://evil.example/", "/ventas/1\r\nX: y", "javascript:alert(1)"]
)
def test_a_button_leads_back_to_a_page_of_the_panel_only(panel, where):
    (status, headers, _), _ = post(panel, "/ventas/1/reintentar", volver=where)
    assert (status, headers["Location"]) == (303, "/ventas/1")


def test_a_button_without_a_reason_says_that_one_is_wanted_to_who_pressed_it_once(panel):
    (status, headers, _), cookie = post(panel, "/ventas/1/descartar", motivo="  ", volver="/problemas")
    assert (status, headers["Location"]) == (303, "/problemas")
    assert "Escriba el motivo" not in panel.get("/problemas")[2].decode()
    assert "Escriba el motivo" in panel.get("/problemas", Cookie=cookie)[2].decode()
    assert "Escriba el motivo" not in panel.get("/problemas", Cookie=cookie)[2].decode()


def test_an_open_page_is_told_of_changes_at_most_once_a_second_and_holds_no_log(panel, machine, monkeypatch):
    monkeypatch.setattr(live, "SECONDS", 0.2)
    with served(load(str(machine.folder / "sincronizador.toml"))) as own:
        began = time.monotonic()
        told = []
        listening = threading.Thread(
            target=lambda: told.append(
                own.raw(f"GET /eventos HTTP/1.1\r\nHost: {own.host}\r\n\r\n".encode(), patience=1.5)
            )
        )
        listening.start()
        for number in range(6):
            machine.drop(f"E{number}.txt", TICKET.format(referencia=f"E{number}", precio="5"))
            machine.work()
            assert own.get("/")[0] == own.get("/ventas")[0] == 200
        with machine.house.journal.reading() as db:
            busy, _, _ = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        assert busy == 0
        assert os.path.getsize(machine.folder / "diario.db-wal") == 0
        listening.join()
        events = told[0].count(b"data: cambio")
        assert 1 <= events <= (time.monotonic() - began) / 0.2 + 1


def test_no_more_browsers_are_told_than_it_bears(panel, monkeypatch):
    monkeypatch.setattr(live, "MOST", 0)
    status, _, body = panel.get("/eventos")
    assert status == 503
    assert "muchas páginas" in body.decode()


def test_without_a_journal_the_first_page_says_what_to_do(machine, tmp_path):
    toml = tmp_path / "nueva" / "sincronizador.toml"
    toml.parent.mkdir()
    toml.write_text((machine.folder / "sincronizador.toml").read_text("utf-8"), "utf-8")
    with served(load(str(toml))) as panel:
        status, _, body = panel.get("/")
        assert status == 200
        assert "El servicio nunca arrancó en esta máquina." in body.decode()
        status, _, body = panel.get("/ventas")
        assert status == 503
        assert "No existe el diario" in body.decode()


def test_without_its_folders_the_pages_still_say_how_it_is(panel, machine):
    (machine.folder / "spool").rename(machine.folder / "lejos")
    for path in ("/", "/problemas", "/ventas", "/ventas/1", "/impresoras", "/contingencia", "/soporte"):
        assert panel.get(path)[0] == 200, path


def test_whatever_is_wrong_there_is_a_way_to_who_helps(panel, machine):
    machine.house.journal.close()
    (machine.folder / "diario.db").write_bytes(b"no journal" * 1000)
    for path in ("/", "/soporte"):
        assert 'href="/soporte/paquete.zip"' in panel.get(path)[2].decode(), path
    assert panel.get("/soporte/paquete.zip")[0] == 200


def test_a_page_that_is_open_does_not_hold_up_the_end(machine, monkeypatch):
    monkeypatch.setattr(live, "SECONDS", 0.1)
    server = _Server(create(machine.settings), None)
    stop = Stop()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        serving = threading.Thread(target=server.run, args=(listener, "", stop))
        serving.start()
        with socket.create_connection(("127.0.0.1", port), 5) as line:
            line.sendall(f"GET /eventos HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
            assert b"200" in line.recv(100)
            began = time.monotonic()
            stop.set()
            serving.join(20)
    assert time.monotonic() - began < STOP_SECONDS / 2


def test_every_address_on_every_page_leads_somewhere(panel):
    seen, waiting = set(), ["/"]
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        status, headers, body = panel.get(quote(path, safe="/?=&%#"))
        assert status == 200, path
        if headers["Content-Type"].startswith("text/html"):
            found = re.findall(r'(?:href|src)="(/[^"]*)"', body.decode())
            waiting += [one.replace("&amp;", "&").partition("#")[0] for one in found]
    assert {"/ventas/1/ticket.png", "/soporte/paquete.zip", "/static/panel.css"} <= seen
