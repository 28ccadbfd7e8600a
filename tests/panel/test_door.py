"""The HTTP door over the real engine: one document a sale, answers that promise what the folder's do."""

import json
import os
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
from panel_world import served
from walking import TICKET

from sincronizador.cli import show_files
from sincronizador.core import codes
from sincronizador.errors import NeedsOperator
from sincronizador.folders import heartbeat
from sincronizador.journal import jobs
from sincronizador.panel import dropping

SALE = {
    "DOCUMENTO": {"TIPO": "VENTA", "REFERENCIA": "J1", "FORMA_PAGO": "CONTADO"},
    "ITEM": [{"DETALLE": "Pan", "PRECIO": 89.5, "IVA": "MINIMA"}],
}


def sale(referencia, **item):
    made = json.loads(json.dumps(SALE))
    made["DOCUMENTO"]["REFERENCIA"] = referencia
    made["ITEM"][0].update(item)
    return made


def beat(machine, modo="LOCAL"):
    path = machine.folder / "spool" / "salida" / "LATIDO.TXT"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(f"[LATIDO]\r\nPULSO=1\r\nMODO={modo}\r\n".encode())


@contextmanager
def daemon(machine):
    """The engine, at work in a thread."""
    stop = threading.Event()

    def run():
        while not stop.is_set():
            machine.work()
            time.sleep(0.005)
        machine.house.journal.close()

    thread = threading.Thread(target=run)
    machine.house.journal.close()
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(20)


@pytest.fixture
def panel(machine):
    beat(machine)
    with served(machine.settings) as found:
        yield found


@pytest.fixture
def working(machine, panel):
    with daemon(machine):
        yield panel


def left(machine, *folders):
    root = machine.folder / "spool"
    found = (path for folder in folders for path in (root / folder).rglob("*") if path.is_file())
    return sorted(path.name for path in found if path.name not in ("LATIDO.TXT", ".latido"))


def test_a_txt_is_answered_with_its_document(working, machine):
    status, _, answer = working.door(TICKET.format(referencia="T1", precio="89,50"), "?caja=caja1")
    assert status == 200
    assert answer["RESULTADO"] == "OK"
    told = answer["RESPUESTA"]
    assert (told["ESTADO"], told["REFERENCIA"], told["TIPO"], told["NUMERO"]) == ("FIRMADO_LOCAL", "T1", "101", "1")
    assert told["A_PAGAR"] == "89.50"


def test_nothing_of_it_is_left_where_files_are_answered(working, machine):
    assert working.door(sale("J1"))[0] == 200
    status, _, answer = working.door(sale("J2", PRECIO="mucho"))
    assert (status, answer["RESPUESTA"]["ESTADO"]) == (422, "RECHAZADO")
    assert left(machine, "salida", "novedades", "http", "procesando", "entrada") == []
    assert [name.rpartition(".")[2] for name in left(machine, "procesados")] == ["rsp", "txt"]
    assert [name.rpartition(".")[2] for name in left(machine, "rechazados")] == ["rsp", "txt"]


def test_the_same_sale_again_and_by_file_is_the_same_document(working, machine):
    first = working.door(sale("J1"))[2]["RESPUESTA"]
    again = working.door(sale("J1"))
    assert again[0] == 200
    assert again[2]["RESPUESTA"]["NUMERO"] == first["NUMERO"]
    assert again[2]["AVISO"][0]["CODIGO"] == "A0001"
    machine.drop("J1.TXT", TICKET.format(referencia="J1", precio="89,50"))
    answer = machine.folder / "spool" / "salida" / "J1.RSP"
    deadline = time.monotonic() + 10
    while not answer.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert f"NUMERO={first['NUMERO']}".encode() in answer.read_bytes()


def test_many_at_once_with_one_reference_are_one_document(working):
    answers = []
    senders = [threading.Thread(target=lambda: answers.append(working.door(sale("J1")))) for _ in range(6)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert {answer[0] for answer in answers} == {200}
    assert {answer[2]["RESPUESTA"]["NUMERO"] for answer in answers} == {"1"}


def test_other_content_for_a_reference_is_a_conflict(working):
    working.door(sale("J1"))
    status, _, answer = working.door(sale("J1", PRECIO=90))
    assert (status, answer["RESPUESTA"]["CODIGO"]) == (409, "E0104")
    assert answer["EXISTENTE"]["NUMERO"] == "1"


def test_everything_that_is_wrong_is_told_with_its_place_in_the_json(working):
    wrong = sale("J1", PRECIO="mucho", CANTIDADES=3)
    wrong["DOCUMENTO"]["FORMA_PAGO"] = "TRUEQUE"
    status, _, answer = working.door(wrong)
    assert status == 422
    assert answer["RESPUESTA"]["EMITIDO"] == "NO"
    told = {error["RUTA"] for error in answer["ERROR"]}
    assert told == {"DOCUMENTO.FORMA_PAGO", "ITEM[0].PRECIO", "ITEM[0].CANTIDADES"}
    assert all(error["MENSAJE"] and error["SUGERENCIA"] for error in answer["ERROR"])


def test_xml_is_taken_as_it_is(working):
    status, _, answer = working.door(show_files.XML.format(referencia="X1"), content_type="application/xml")
    assert status == 200
    assert answer["RESPUESTA"]["REFERENCIA"] == "X1"
    assert answer["RESPUESTA"]["ARCHIVO"].endswith(".xml")


def test_the_text_of_the_answer_file_for_who_asks_for_it(working):
    content = TICKET.format(referencia="Ñ1", precio="1").encode("cp850")
    status, headers, body = working.door(content, accept="text/plain")
    assert status == 200
    assert headers["Content-Type"] == "text/plain; charset=cp850"
    assert body.startswith(b"OK\r\n[RESPUESTA]\r\nCONTRATO=1\r\n")
    assert b"REFERENCIA=\xa51\r\n" in body


def test_what_is_not_decided_yet_is_in_the_house_and_is_found_later(panel, machine):
    status, headers, answer = panel.door(sale("J1"), "?espera=0.05&archivo=V0001.json")
    assert (status, answer["RESULTADO"], answer["RESPUESTA"]["ESTADO"]) == (202, "PENDIENTE", "RECIBIDO")
    (name,) = left(machine, "http")
    assert name.startswith("V0001-")
    assert panel.get(headers["Location"])[0] == 200
    assert json.loads(panel.get(headers["Location"])[2])["RESULTADO"] == "PENDIENTE"
    machine.work()
    found = json.loads(panel.get(headers["Location"])[2])
    assert (found["RESULTADO"], found["RESPUESTA"]["NUMERO"]) == ("OK", "1")
    assert json.loads(panel.get("/v1/solicitudes/J1")[2]) == found


def test_what_was_taken_survives_the_panel_and_the_daemon(machine):
    beat(machine)
    with served(machine.settings) as panel:
        assert panel.door(sale("J1"), "?espera=0")[0] == 202
    machine.switch_on()
    machine.work()
    with served(machine.settings) as panel:
        status, _, answer = panel.get("/v1/solicitudes/J1")
        assert (status, json.loads(answer)["RESPUESTA"]["NUMERO"]) == (200, "1")


def test_a_stopped_daemon_takes_nothing(panel, machine):
    beat(machine, "DETENIDO")
    status, headers, answer = panel.door(sale("J1"))
    assert (status, answer["RESPUESTA"]["CODIGO"]) == (503, "E9250")
    assert int(headers["Retry-After"])
    beat(machine)
    old = time.time() - 31
    os.utime(machine.folder / "spool" / "salida" / "LATIDO.TXT", (old, old))
    assert panel.door(sale("J1"))[0] == 503
    assert left(machine, "http") == []
    # What would become of it is told all the same.
    assert panel.door(sale("J1"), "?validar=1")[0] == 200


def test_without_a_place_nothing_is_taken(panel, machine, monkeypatch):
    spool = machine.folder / "spool"
    (spool / "http").write_text("in the way")
    status, _, answer = panel.door(sale("J1"))
    assert (status, answer["RESPUESTA"]["EMITIDO"]) == (503, "NO")


def test_checking_leaves_nothing(panel, machine):
    status, _, answer = panel.door(sale("J1", CANTIDAD=1.175, PRECIO=100), "?validar=1")
    assert (status, answer["RESPUESTA"]["ESTADO"]) == (200, "VALIDO")
    assert answer["TOTALES"]["A_PAGAR"] == "117.50"
    status, _, answer = panel.door(sale("J1", PRECIO="x"), "?validar=1")
    assert (status, answer["ERROR"][0]["RUTA"]) == (422, "ITEM[0].PRECIO")
    machine.work()
    assert panel.get("/v1/solicitudes/J1")[0] == 404
    assert not (machine.folder / "spool" / "http").exists()


@pytest.mark.parametrize("sin_referencia", ["nombre", "cada_archivo"])
def test_over_http_a_sale_has_a_reference_whatever_the_settings_allow_files(machine, sin_referencia):
    machine.configure(entrada={"sin_referencia": sin_referencia})
    beat(machine)
    nameless = sale("")
    with served(machine.settings) as panel, daemon(machine):
        status, _, answer = panel.door(nameless, "?archivo=V1")
        assert (status, answer["RESPUESTA"]["CODIGO"], "ESTADO" in answer["RESPUESTA"]) == (422, "E0105", False)
        assert panel.door(sale("J1"))[0] == 200
    assert left(machine, "http") == []


@pytest.mark.parametrize(
    ("query", "content"),
    [
        ("?caja=demasiadolarga", SALE),
        ("?caja=../x", SALE),
        ("?caja=a~b", SALE),
        ("?caja=.", SALE),
        ("?espera=nan", SALE),
        ("?espera=-1", SALE),
        ("?espera=inf", SALE),
        ("?espera=x", SALE),
        ("?archivo=../../x", SALE),
        ("?archivo=.x", SALE),
        ("?archivo=%C3%B1", SALE),
        ("?archivo=" + "a" * 101, SALE),
        ("", []),
        ("", {}),
        ("", {"DOCUMENTO": 1}),
        ("", {"DOCUMENTO": {"TIPO": [1]}}),
    ],
)
def test_what_is_badly_asked_is_told_and_not_taken(panel, machine, query, content):
    status, _, answer = panel.door(content, query)
    assert (status, answer["RESULTADO"], answer["RESPUESTA"]["EMITIDO"]) == (400, "ERROR", "NO")
    assert not (machine.folder / "spool" / "http").exists()


@pytest.mark.parametrize(
    "content", [b"", b"[DOCUMENTO]\nTIPO=101\n", b"<PEDIDO><DOCUMENTO>", b"[DOCUMENTO]\n" + b"\0" * 600 + b"[FIN]\n"]
)
def test_what_is_not_whole_is_told_at_once(panel, machine, content):
    status, _, answer = panel.door(content)
    assert (status, answer["RESPUESTA"]["CODIGO"], "ESTADO" in answer["RESPUESTA"]) == (422, "E0103", False)
    assert not (machine.folder / "spool" / "http").exists()


def test_the_files_of_a_document(working):
    assert working.door(sale("á/1 2"))[0] == 200
    place = f"/v1/solicitudes/{quote('á/1 2', safe='')}"
    for form, beginning in (("xml", b"<"), ("pdf", b"%PDF-"), ("png", b"\x89PNG")):
        status, headers, content = working.get(f"{place}/{form}")
        assert status == 200, form
        assert content.startswith(beginning)
        assert headers["Content-Disposition"] == f'inline; filename="101-A-1.{form}"'
    assert working.get("/v1/solicitudes/nada/xml")[0] == 404
    assert working.get(f"{place}/exe")[0] == 404


def test_a_decision_that_still_waits_for_its_copy_is_not_told(machine):
    machine.configure(respaldo={"espejo": str(machine.folder / "espejo")})
    beat(machine)
    with served(machine.settings) as panel:
        assert panel.door(sale("J1"), "?espera=0")[0] == 202
        machine.work()
        with machine.house.journal.reading() as db:
            job = jobs.latest(db, "documento", "J1")
        assert job.estado.decided
        with machine.house.journal.transaction() as db:
            db.execute("UPDATE job SET published = 0 WHERE id = ?", (job.id,))
        answer = json.loads(panel.get("/v1/solicitudes/J1")[2])["RESPUESTA"]
        assert (answer["ESTADO"], answer["MOTIVO"], answer["EMITIDO"]) == ("ESPERANDO", "ESPEJO", "NO")
        assert "NUMERO" not in answer
        assert panel.get("/v1/solicitudes/J1/xml")[0] == 404


def test_a_file_and_a_request_of_one_label_are_not_in_each_others_way(working, machine):
    assert working.door(sale("J1"), "?archivo=V1.txt")[0] == 200
    machine.drop("V1.TXT", TICKET.format(referencia="T1", precio="1"))
    answer = machine.folder / "spool" / "salida" / "V1.RSP"
    deadline = time.monotonic() + 10
    while not answer.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert working.door(sale("J2"), "?archivo=V1.txt")[0] == 200
    assert b"REFERENCIA=T1" in answer.read_bytes()


def test_a_later_state_is_news_to_nobody_s_folder(working, machine):
    assert working.door(sale("J1"))[0] == 200
    with machine.house.journal.transaction() as db:
        job = jobs.latest(db, "documento", "J1")
        jobs.advance(db, job.id, "RECHAZADO_DGI", notable=True)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with machine.house.journal.reading() as db:
            if not db.execute("SELECT 1 FROM job WHERE written < revision").fetchone():
                break
        machine.pass_time(seconds=1)
        time.sleep(0.02)
    machine.house.journal.close()
    assert left(machine, "salida", "novedades") == []
    assert json.loads(working.get("/v1/solicitudes/J1")[2])["RESPUESTA"]["ESTADO"] == "RECHAZADO_DGI"


def test_a_lote_is_one_request(working, machine):
    documents = [{**sale(f"L1-{n}")["DOCUMENTO"], "ITEM": sale("", PRECIO=n)["ITEM"]} for n in (1, 2)]
    lote = {"LOTE": {"REFERENCIA": "L1"}, "DOCUMENTO": documents}
    status, headers, answer = working.door(lote)
    assert status in (200, 202), answer
    deadline = time.monotonic() + 20
    while answer["RESULTADO"] == "PENDIENTE" and time.monotonic() < deadline:
        machine.pass_time(seconds=3)
        answer = json.loads(working.get(headers["Location"])[2])
    machine.house.journal.close()
    assert answer["RESPUESTA"]["EMITIDOS"] == "2"
    assert json.loads(working.get("/v1/solicitudes/L1-2")[2])["RESPUESTA"]["NUMERO"]
    assert left(machine, "salida", "novedades", "http") == []


def test_without_a_journal_a_sentence(machine):
    beat(machine)
    machine.house.journal.close()
    os.remove(machine.settings.diario)
    with served(machine.settings) as panel:
        status, _, answer = panel.get("/v1/solicitudes/J1")
        assert status == 503
        assert "E92" in json.loads(answer)["RESPUESTA"]["CODIGO"]
        assert panel.get("/v1/estado")[0] == 200


def test_without_a_journal_nothing_is_taken_that_nobody_could_answer(machine):
    beat(machine)
    machine.house.journal.close()
    os.remove(machine.settings.diario)
    with served(machine.settings) as panel:
        assert panel.door(sale("J1"))[0] == 503
    assert left(machine, "http") == []


@pytest.mark.parametrize("error", [codes.JOURNAL_MISSING.at(detalle="x").as_error(NeedsOperator), KeyError("a bug")])
def test_what_is_on_the_disk_is_never_answered_as_if_it_were_not(panel, machine, monkeypatch, error):
    def fails(*_):
        raise error

    monkeypatch.setattr(dropping, "decided", fails)
    status, headers, answer = panel.door(sale("J1"))
    assert (status, answer["RESULTADO"], answer["RESPUESTA"]["ESTADO"]) == (202, "PENDIENTE", "RECIBIDO")
    assert [answer["RESPUESTA"]["ARCHIVO"]] == left(machine, "http")
    assert json.loads(panel.get(headers["Location"])[2])["RESPUESTA"]["ESTADO"] == "RECIBIDO"


def test_how_it_is_for_a_machine(panel, machine):
    told = json.loads(panel.get("/v1/estado")[2])
    assert (told["servicio"], told["toma_pedidos"], told["modo"]) == ("EN_MARCHA", True, "LOCAL")
    Path(machine.settings.spool, "salida", "LATIDO.TXT").unlink()
    assert json.loads(panel.get("/v1/estado")[2])["servicio"] == "DETENIDO"


def test_a_heartbeat_is_as_old_as_its_file(machine, tmp_path):
    layout = machine.house.layout
    assert not heartbeat.beats(layout, time.time())
    beat(machine)
    assert heartbeat.beats(layout, time.time())
    assert not heartbeat.beats(layout, time.time() + 31)
    assert not heartbeat.beats(layout, time.time() - 31)
