"""A cloud that dies, dawdles or is not the cloud at all, and a line that loses, keeps and repeats: the till goes on."""

import time

import pytest
from outside.cloud import Kept
from outside.installation import wait_for
from outside.proxy import DEAF, MUTE, PASSING, REFUSED, STALLED, Line
from outside.site import Site, owed

PUT = r"^PUT /v1/documents/[^/]+$"
HTML = b"<html><body>Bienvenido al Wi-Fi. Acepte las condiciones.</body></html>"
HERE, SENT = "FIRMADO_CONTINGENCIA", "ENVIADO"


def answered_by(status: str, body: bytes, *more: str) -> bytes:
    """A whole HTTP answer of somebody."""
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *more, "", ""]
    return "\r\n".join(head).encode() + body


STRANGERS = {
    "portal": answered_by("200 OK", HTML, "Content-Type: text/html"),
    "redirect": answered_by("302 Found", b"", "Location: http://127.0.0.1/entrar"),
    "500": answered_by("500 Internal Server Error", HTML, "Content-Type: text/html"),
    "502": answered_by("502 Bad Gateway", b""),
    "json": answered_by("200 OK", b'{"status": "ok"}', "Content-Type: application/json"),
    "not found": answered_by("404 Not Found", b'{"error": {"code": "not_found"}}', "Content-Type: application/json"),
    "garbage": b"\x00\xff\x15\x03\x01 no es HTTP\r\n\r\n",
    "nothing": b"\n",
}


def kept_of(site: Site, key: str) -> list[Kept]:
    """What the cloud keeps under a key."""
    return [one for one in site.documents() if one.key == key]


def total(site: Site, fate: str) -> int:
    """How many numbers of all CAE have this fate."""
    return sum(cae["totals"][fate] for cae in site.numbers()["numbers"])


def bodies(requests) -> set[bytes]:
    """The different bodies of some requests."""
    return {request.raw.partition(b"\r\n\r\n")[2] for request in requests}


def test_online_the_cloud_numbers_and_signs(site, today):
    site.start()
    drops = [owed("V1", today), owed("V2", today, tipo=111), owed("V3", today, precio="1000.00")]
    for drop in drops:
        assert site.sell(drop)["ESTADO"] in ("FIRMADO", SENT)
    assert site.faults(drops) == []
    assert {(one.key, one.signed_by, one.state) for one in site.documents()} == {
        (drop.referencia, "cloud", "confirmed") for drop in drops
    }
    assert (total(site, "document"), total(site, "annulled")) == (3, 0)


def test_without_a_cloud_the_till_goes_on_and_hands_over_when_it_is_back(site, today):
    site.start()
    site.cloud.kill()
    drops = [owed(f"C{number}", today) for number in range(5)]
    for drop in drops:
        assert site.sell(drop)["ESTADO"] == HERE
    site.cloud.start()
    assert site.faults(drops) == []
    assert {one.signed_by for one in site.documents()} == {"installation"}


def test_a_cloud_killed_in_the_middle_of_traffic_loses_and_doubles_nothing(site, today):
    site.start()
    drops = [owed(f"K{number:02}", today) for number in range(40)]
    for drop in drops[:20]:
        site.till.drop(drop.name, drop.content)
    wait_for("the first documents", lambda: len(site.line.seen(PUT)) > 5)
    site.cloud.kill()
    for drop in drops[20:]:
        site.till.drop(drop.name, drop.content)
    for drop in drops:
        assert site.till.answer(drop.name, patience=10).first == "OK"
    site.cloud.start()
    assert site.faults(drops) == []


def test_a_cloud_that_is_too_slow_is_not_waited_for(site, today):
    site.start()
    site.line.become(Line(delay=1.2))
    drop = owed("LENTA", today)
    assert site.sell(drop)["ESTADO"] == HERE
    site.line.become(PASSING)
    assert site.faults([drop]) == []


@pytest.mark.parametrize("line", [REFUSED, STALLED, DEAF, MUTE], ids=["refused", "stalled", "deaf", "mute"])
def test_a_broken_line_holds_nobody_up(site, today, line):
    site.start()
    site.line.become(line)
    drops = [owed(f"L{number}", today) for number in range(3)]
    for drop in drops:
        assert site.sell(drop)["ESTADO"] == HERE
    wait_for("contingencia", site.contingency)
    site.line.become(PASSING)
    wait_for("the end of contingencia", lambda: not site.contingency())
    after = owed("DESPUES", today)
    assert site.sell(after)["ESTADO"] in ("FIRMADO", SENT)
    assert site.faults([*drops, after]) == []


def test_whoever_answers_instead_of_the_cloud_is_not_believed(site, today):
    site.till.configure("nube", fallas="1000")
    site.start()
    drops = []
    for name, answer in STRANGERS.items():
        site.line.become(Line(stranger=answer))
        before = len(site.line.seen(PUT))
        drop = owed(f"X-{name.replace(' ', '-')}", today)
        assert site.sell(drop)["ESTADO"] == HERE, name
        assert len(site.line.seen(PUT)) > before, name
        drops.append(drop)
    site.line.become(PASSING)
    assert site.faults(drops) == []


def test_an_answer_that_was_lost_is_asked_for_again_with_the_same_bytes(site, today):
    site.till.configure("nube", paciencia="8")
    site.start()
    site.line.become(Line(loses=PUT))
    drop = owed("PERDIDA", today)
    site.till.drop(drop.name, drop.content)
    first = wait_for("the document in the cloud", lambda: kept_of(site, "PERDIDA") or None)[0]
    assert first.state == "prepared"
    site.line.become(PASSING)
    assert site.till.answer(drop.name, patience=10).number == first.number
    assert site.faults([drop]) == []
    asked = site.line.seen(PUT)
    assert len(asked) > 1
    assert len(bodies(asked)) == 1
    assert total(site, "annulled") == 0


def test_a_document_whose_answers_are_all_lost_is_signed_here_and_the_clouds_number_annulled(site, today):
    site.start()
    site.line.become(Line(loses=PUT))
    drop = owed("SORDA", today)
    answer = site.sell(drop)
    assert answer["ESTADO"] in (HERE, SENT)
    site.line.become(PASSING)
    assert site.faults([drop]) == []
    issued = [one for one in kept_of(site, "SORDA") if one.state != "voided"]
    assert [(one.number, one.signed_by) for one in issued] == [(answer.number, "installation")]
    assert (total(site, "document"), total(site, "annulled")) == (1, 1)


def test_a_request_that_comes_twice_and_late_changes_nothing(site, today):
    site.start()
    drops = [owed("TARDE1", today), owed("TARDE2", today)]
    site.sell(drops[0])
    site.line.become(STALLED)
    assert site.sell(drops[1])["ESTADO"] == HERE
    site.line.become(PASSING)  # what was held arrives now, after the sale was signed here
    assert site.faults(drops) == []
    before = site.documents(), site.numbers()
    statuses = {
        str(request): int(site.line.repeat(request).split()[1]) for request in site.line.seen("^(PUT|POST) /v1/doc")
    }
    assert set(statuses.values()) <= {200, 410}, statuses
    assert statuses["PUT /v1/documents/TARDE1"] == 200
    assert statuses["PUT /v1/documents/TARDE2"] == 410
    assert (site.documents(), site.numbers()) == before


def test_a_person_opens_and_closes_contingencia(site, today):
    site.start()
    done = site.till.run("contingencia", "forzar", "--motivo", "mudanza del enlace")
    assert done.returncode == 0, done.stdout + done.stderr
    wait_for("contingencia", site.contingency)
    drops = [owed("FORZADA", today)]
    before = len(site.line.seen(PUT))
    assert site.till.ask(drops[0].name, drops[0].content, patience=10)["ESTADO"] in (HERE, SENT)
    assert len(site.line.seen(PUT)) == before
    quiet_until = time.monotonic() + 2.5
    wait_for("a link that is stable", lambda: time.monotonic() > quiet_until)
    assert site.contingency()
    assert "mudanza del enlace" in site.till.run("contingencia", "ver").stdout
    assert site.till.run("contingencia", "terminar").returncode == 0
    wait_for("the end of contingencia", lambda: not site.contingency())
    drops.append(owed("LIBRE", today))
    site.sell(drops[1])
    assert site.faults(drops) == []
    assert {one.key: one.signed_by for one in site.documents()} == {"FORZADA": "installation", "LIBRE": "cloud"}


def test_entering_and_leaving_contingencia_is_told_to_the_operator(site, today):
    site.start()
    site.line.become(REFUSED)
    wait_for("contingencia", site.contingency)
    wait_for("the news of it", lambda: _news(site, b"contingencia"))
    known = len(_news(site, b"contingencia"))
    site.line.become(PASSING)
    wait_for("the news of its end", lambda: len(_news(site, b"contingencia")) > known)


def _news(site: Site, word: bytes) -> list[bytes]:
    found = [path.read_bytes() for path in site.till.box("novedades").rglob("*.[rR][sS][pP]")]
    return [content for content in found if word in content.lower()]


def test_when_the_leased_numbers_end_a_sale_waits_and_goes_out_once_the_cloud_is_back(site, today):
    site.till.configure("nube", reserva="3")
    site.start()
    site.cloud.kill()
    names, waiting = [], None
    for number in range(40):
        drop = owed(f"R{number}", today)
        names.append(drop)
        site.till.drop(drop.name, drop.content)
        answer = site.till.answer(
            drop.name, until=lambda seen: seen.decided or seen["ESTADO"] == "ESPERANDO", patience=10
        )
        if not answer.decided:
            waiting = answer
            break
    assert waiting is not None, "more numbers than were leased"
    assert (waiting["MOTIVO"], waiting["EMITIDO"], len(names) > 3) == ("SIN_NUMEROS", "NO", True)
    site.cloud.start()
    assert site.till.answer(names[-1].name, patience=20).first == "OK"
    assert site.faults(names) == []


def test_a_token_that_was_revoked_leaves_the_till_in_contingencia_and_says_so(site, today):
    site.start()
    site.cloud.order("instalacion", "revocar", site.till.settings["instalacion"]["id"])
    drop = owed("REVOCADA", today)
    assert site.sell(drop)["ESTADO"] == HERE
    wait_for("the word about it", lambda: "token" in site.till.run("contingencia", "ver").stdout)
    checked = site.till.run("verificar")
    assert checked.returncode != 0
    assert "token" in checked.stdout
