"""The publication of a real server, as whoever holds a ticket sees it, and whoever would like to see others'."""

import hashlib
import http.client
import json
import random
import re
import socket
import time
from base64 import b64encode
from urllib.parse import quote, urlencode, urlsplit

import pytest
from cloud_world import Process, Shop, Speaker, confirmation, copy_of, signed_bytes
from markup import read_page

from sincronizador.countries.uy.signed import parse_signed
from sincronizador.countries.uy.tipos import TipoCfe


class Visitor:
    """A person with a ticket, or without one."""

    def __init__(self, url, address=""):
        self.url = url
        self.address = address

    def get(self, path, method="GET", **headers):
        """Status, headers, body."""
        found = urlsplit(self.url)
        line = http.client.HTTPConnection(found.hostname, found.port, timeout=30)
        told = {"X-Forwarded-For": self.address} if self.address else {}
        try:
            line.request(method, path, headers=told | headers)
            answer = line.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            line.close()


def publish(toml, **limits):
    """A server with its publication; the process, where it publishes."""
    lines = "".join(f"{name} = {value}\n" for name, value in limits.items())
    with toml.open("a") as file:
        file.write(f'[publicacion]\nescuchar = "127.0.0.1:0"\n{lines}')
    process = Process(toml)
    return process, next(re.search(r"url=(\S+)", line)[1] for line in process.log if "event=publishing" in line)


@pytest.fixture(scope="module")
def town(prepared, tmp_path_factory):
    """A cloud that publishes, for tests that do not disturb one another: TOML, process, where."""
    toml = copy_of(prepared, tmp_path_factory.mktemp("publica") / "i")
    process, url = publish(toml, por_direccion=1000, por_comprobante=1000)
    yield toml, process, url
    process.stop()


@pytest.fixture(scope="module")
def sold(town):
    """Three sales, of which the second one was never confirmed and the third one was voided."""
    toml, process, _ = town
    shop = Shop(toml.parent)
    till = Speaker(process.url, (toml.parent / "nube" / "token.txt").read_text().strip())
    till.take_epoch()
    found = []
    for key in ("V1", "V2", "V3"):
        answer = till.call("PUT", f"/v1/documents/{key}", shop.submission(key, epoch=till.epoch))
        assert answer.status == 201, answer.content
        found.append(answer.json)
    assert till.call("POST", "/v1/documents/V1/confirm", confirmation(found[0])).status == 200
    void = {"attempt": {"epoch": till.epoch, "counter": 2}, "reason": "no se vendió"}
    assert till.call("POST", "/v1/documents/V3/void", void).status == 200
    return shop, found


def code_of(document):
    return parse_signed(signed_bytes(document)).digest[:6]


def asked(shop, document, **other):
    fields = {
        "rut": shop.rut, "tipo": document["doc_type"], "serie": document["series"], "numero": document["number"],
        "codigo": code_of(document),
    }  # fmt: skip
    return fields | other


def people(fields):
    return f"/publico?{urlencode(fields)}"


def machines(fields, ending=""):
    path = "/".join(quote(str(fields[name]), safe="") for name in ("rut", "tipo", "serie", "numero"))
    return f"/publico/{path}{ending}?codigo={quote(fields['codigo'], safe='')}"


def json_of(body):
    return json.loads(body)


def test_the_form_is_one_that_everybody_can_fill_in(town):
    status, heads, body = Visitor(town[2]).get("/publico?rut=219999830019")
    found = read_page(body)
    assert (status, heads["content-type"]) == (200, "text/html; charset=utf-8")
    assert found.attributes["html"][0]["lang"] == "es"
    named = [one["id"] for one in found.attributes["input"] + found.attributes["select"]]
    assert sorted(named) == sorted(one["for"] for one in found.attributes["label"])
    assert sorted(named) == ["codigo", "numero", "rut", "serie", "tipo"]
    ids = {one.get("id") for many in found.attributes.values() for one in many}
    about = {id_ for one in found.attributes["input"] for id_ in one.get("aria-describedby", "").split()}
    assert about
    assert about <= ids
    assert next(one for one in found.attributes["input"] if one["id"] == "rut")["value"] == "219999830019"
    assert "script" not in found.attributes
    assert {int(one["value"]) for one in found.attributes["option"]} == {int(tipo) for tipo in TipoCfe}
    assert "PRUEBA" in found.text


def test_nothing_in_a_page_comes_from_anywhere_else(town, sold):
    for path in ("/publico", people(asked(sold[0], sold[1][0]))):
        _, heads, body = Visitor(town[2]).get(path)
        found = read_page(body)
        addresses = [
            one[name] for many in found.attributes.values() for one in many for name in ("href", "src") if name in one
        ]
        assert not [address for address in addresses if "//" in address or address.startswith("/")]
        assert not {"script", "link", "img", "iframe", "object"} & found.attributes.keys()
        (style,) = found.styles
        digest = hashlib.sha256(style.encode()).digest()
        assert f"'sha256-{b64encode(digest).decode()}'" in heads["content-security-policy"]
        assert heads["content-security-policy"].startswith("default-src 'none'")


def test_every_answer_has_the_headers_that_protect_its_reader(town, sold):
    document = asked(sold[0], sold[1][0])
    paths = ["/publico", people(document), machines(document), machines(document, ".xml"), machines(document, ".pdf")]
    wrong = asked(sold[0], sold[1][0], codigo="AAAAAA")
    paths += [people(wrong), machines(wrong), "/nada", "/publico/" + "x" * 5000]
    for path in paths:
        _, heads, _ = Visitor(town[2]).get(path)
        assert heads["x-content-type-options"] == "nosniff", path
        assert heads["referrer-policy"] == "no-referrer"
        assert heads["cache-control"] == "no-store"
        assert "frame-ancestors 'none'" in heads["content-security-policy"]
        assert not {"set-cookie", "server", "sincronizador-server-epoch", "access-control-allow-origin"} & heads.keys()


def test_whoever_holds_a_ticket_sees_it_and_takes_its_xml_and_its_pdf(town, sold):
    shop, (first, *_) = sold
    status, _, body = Visitor(town[2]).get(people(asked(shop, first)))
    found = read_page(body)
    assert status == 200
    assert f"e-Ticket {first['series']} {first['number']}" in found.text
    assert "La empresa emitió este comprobante." in found.text
    assert "$ 89,00" in found.text
    links = [one["href"] for one in found.attributes["a"] if ".pdf" in one["href"] or ".xml" in one["href"]]
    assert len(links) == 2
    contents = {}
    for link in links:
        status, heads, content = Visitor(town[2]).get(f"/{link}")
        assert status == 200
        assert heads["content-disposition"].startswith("attachment; filename=")
        contents[heads["content-type"]] = content
    assert contents["application/xml"] == signed_bytes(first)
    assert contents["application/pdf"].startswith(b"%PDF-")


def test_a_program_is_told_the_same(town, sold):
    shop, (first, *_) = sold
    status, _, body = Visitor(town[2]).get(machines(asked(shop, first)))
    told = json_of(body)
    assert (status, told["estado"], told["vale"], told["total"], told["moneda"]) == (
        200,
        "emitido",
        True,
        "89.00",
        "UYU",
    )
    assert told["sha256"] == hashlib.sha256(signed_bytes(first)).hexdigest()
    base = machines(asked(shop, first)).rpartition("/")[0]
    assert Visitor(town[2]).get(f"{base}/{told['xml']}")[2] == signed_bytes(first)
    assert Visitor(town[2]).get(machines(asked(shop, first)), method="HEAD")[::2] == (200, b"")


@pytest.mark.parametrize(("which", "estado"), [(1, "en_proceso"), (2, "anulado")])
def test_what_does_not_count_is_told_so_and_is_not_given(town, sold, which, estado):
    shop, documents = sold
    fields = asked(shop, documents[which])
    status, _, body = Visitor(town[2]).get(machines(fields))
    told = json_of(body)
    assert (status, told["estado"], told["vale"]) == (200, estado, False)
    assert not {"total", "xml", "pdf"} & told.keys()
    page = read_page(Visitor(town[2]).get(people(fields))[2])
    assert "89,00" not in page.text
    assert told["mensaje"] in page.text
    for ending in (".xml", ".pdf"):
        status, _, body = Visitor(town[2]).get(machines(fields, ending))
        assert (status, b"Signature" in body, body[:4] == b"%PDF") == (404, False, False)


def test_a_wrong_code_and_a_number_that_nobody_has_are_one_answer(town, sold):
    shop, (first, *_) = sold
    almost = code_of(first)[:5] + ("A" if code_of(first)[5] != "A" else "B")
    wrong = asked(shop, first, codigo=almost)
    unknown = asked(shop, first, numero=9_999, codigo=almost)
    stranger = asked(shop, first, rut="211003420017", codigo=almost)
    other_type = asked(shop, first, tipo=102, codigo=almost)
    case = asked(shop, first, codigo=code_of(first).swapcase())
    for ending in ("", ".xml", ".pdf"):
        answers = []
        for fields in (wrong, unknown, stranger, other_type, case):
            began = time.monotonic()
            status, heads, body = Visitor(town[2]).get(machines(fields, ending))
            assert time.monotonic() - began >= 0.24
            answers.append((status, {name: value for name, value in heads.items() if name != "date"}, body))
        assert answers[0][0] == 404
        assert all(answer == answers[0] for answer in answers)
    pages = [read_page(Visitor(town[2]).get(people(fields))[2]).text for fields in (wrong, unknown, stranger)]
    assert "No hay ningún comprobante con esos datos" in pages[0]
    assert pages[0] == pages[1] == pages[2]


def test_what_is_badly_written_is_told_without_a_look_at_the_base(town, sold):
    shop, (first, *_) = sold
    status, _, body = Visitor(town[2]).get(people(asked(shop, first, rut="123", codigo="abc", numero="x")))
    page = read_page(body)
    assert status == 400
    wrong = {one["id"] for one in page.attributes["input"] if one.get("aria-invalid") == "true"}
    assert wrong == {"rut", "numero", "codigo"}
    assert all(one["role"] == "alert" for one in page.attributes["p"] if one.get("class") == "aviso")
    status, _, body = Visitor(town[2]).get(machines(asked(shop, first, codigo="abc")))
    assert (status, json_of(body)["error"]["details"][0]["field"]) == (400, "codigo")


def test_how_people_write_is_understood(town, sold):
    shop, (first, *_) = sold
    rut = f"{shop.rut[:2]}.{shop.rut[2:6]} {shop.rut[6:]}"
    fields = asked(shop, first, rut=rut, serie=first["series"].lower(), numero=f" 00{first['number']} ")
    status, _, body = Visitor(town[2]).get(people(fields | {"codigo": f" {code_of(first)} "}))
    assert status == 200
    assert f"{shop.rut}/101/" in body.decode()


def test_nothing_of_the_installations_is_there_and_nothing_of_it_is_with_them(town, sold):
    _, process, url = town
    for path in ("/v1/health", "/v1/openapi.json", "/v1/admin/issuers", "/openapi.json", "/docs", "/", "/publico/"):
        assert Visitor(url).get(path)[0] == 404, path
    assert Speaker(process.url).call("GET", "/publico").status == 404
    for method in ("POST", "PUT", "DELETE"):
        status, heads, _ = Visitor(url).get("/publico", method=method)
        assert (status, heads["allow"]) == (405, "GET, HEAD")


def test_no_code_is_in_the_log(town, sold):
    _, process, url = town
    shop, (first, *_) = sold
    Visitor(url).get(people(asked(shop, first)))
    Visitor(url).get(machines(asked(shop, first)))
    deadline = time.monotonic() + 10
    while not any("path=/publico/{rut}" in line for line in process.log) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert any("path=/publico/{rut}" in line for line in process.log)
    assert not any(code_of(first) in line for line in process.log)


HOSTILE = (
    "..", "%2e%2e", "%2e%2e%2f%2e%2e%2fetc%2fpasswd", "..%5c..%5c", "%00", "%0d%0aSet-Cookie:x=1", "<script>",
    "%3Cb%3E", "' OR 1=1 --", "%F0%9F%98%80", "%ff%fe", "%25%32%65", "1e3", "-1", "99999999999999999999", "A;B",
    "{{7*7}}", "",
)  # fmt: skip


def raw(url, target):
    """An answer to a path that no client of good manners sends."""
    found = urlsplit(url)
    with socket.create_connection((found.hostname, found.port), 20) as line:
        line.sendall(f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        said = b""
        while piece := line.recv(65_536):
            said += piece
    head, _, body = said.partition(b"\r\n\r\n")
    return int(head.split()[1]), head.decode("latin-1").lower(), body


def test_no_path_leads_anywhere_else(town, sold):
    shop, (first, *_) = sold
    chance = random.Random(11)
    good = [shop.rut, "101", first["series"], str(first["number"])]
    for _ in range(150):
        parts = [chance.choice(HOSTILE) if chance.random() < 0.5 else part for part in good]
        ending = chance.choice(("", ".xml", ".pdf", ".xml/..", "/"))
        code = chance.choice((code_of(first)[:5], "", *HOSTILE))
        target = f"/publico/{'/'.join(parts)}{ending}?codigo={code}".replace(" ", "+")
        status, head, body = raw(town[2], target)
        assert status in (400, 404), target
        assert "set-cookie" not in head
        assert b"root:" not in body
        assert b"<" not in body, target
        assert "content-type: application/json" in head


def test_what_was_typed_comes_back_as_text(town):
    for nasty in ("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "'\"&<x>"):
        fields = dict.fromkeys(("rut", "tipo", "serie", "numero", "codigo"), nasty)
        status, _, body = Visitor(town[2]).get(people(fields))
        page = read_page(body)
        assert status == 400
        assert not {"script", "img"} & page.attributes.keys()
        assert next(one["value"] for one in page.attributes["input"] if one["id"] == "rut") == nasty[:16]


@pytest.fixture
def limited(toml):
    started = []

    def start(**limits):
        process, url = publish(toml, **limits)
        started.append(process)
        return url

    yield start
    for process in started:
        process.stop()


NOBODY = {"rut": "219999830019", "tipo": 101, "serie": "A", "numero": 1, "codigo": "AAAAAA"}


def test_an_address_that_asks_too_often_waits_and_another_one_does_not(limited):
    url = limited(por_direccion=3)
    loud, quiet = Visitor(url, "203.0.113.7"), Visitor(url, "203.0.113.8")
    statuses = [loud.get(machines(NOBODY | {"numero": number}))[0] for number in range(1, 6)]
    assert statuses == [404, 404, 404, 429, 429]
    status, heads, body = loud.get(people(NOBODY))
    assert (status, "Hubo demasiadas consultas" in body.decode()) == (429, True)
    assert int(heads["retry-after"]) >= 1
    assert quiet.get(machines(NOBODY))[0] == 404
    assert loud.get("/publico")[0] == 200


def test_a_subscriber_with_a_whole_network_is_one_address(limited):
    url = limited(por_direccion=2)
    found = [Visitor(url, f"2001:db8:1:2::{n}").get(machines(NOBODY | {"numero": n}))[0] for n in range(1, 4)]
    assert found == [404, 404, 429]
    assert Visitor(url, "2001:db8:1:3::1").get(machines(NOBODY))[0] == 404
    assert Visitor(url, "::1").get(machines(NOBODY | {"numero": 9}))[0] == 404


def test_a_visitor_cannot_say_that_he_is_somebody_else(limited):
    url = limited(por_direccion=2)
    found = [Visitor(url, f"198.51.100.{n}, 203.0.113.7").get(machines(NOBODY | {"numero": n}))[0] for n in range(1, 5)]
    assert found == [404, 404, 429, 429]


def test_without_a_trusted_proxy_only_the_connection_says_who_it_is(limited):
    url = limited(por_direccion=2, proxy="[]")
    found = [Visitor(url, f"203.0.113.{n}").get(machines(NOBODY | {"numero": n}))[0] for n in range(1, 4)]
    assert found == [404, 404, 429]


def test_the_codes_of_a_number_are_not_tried_out_from_many_addresses(limited, shop):
    url = limited(por_comprobante=5)
    found = [Visitor(url, f"203.0.113.{n}").get(machines(NOBODY | {"codigo": f"AAAAA{n}"}))[0] for n in range(8)]
    assert found == [404] * 5 + [429] * 3
    assert Visitor(url, "203.0.113.99").get(machines(NOBODY | {"numero": 2}))[0] == 404


def test_without_the_table_nothing_is_published(shared):
    _, process = shared
    assert not any("event=publishing" in line for line in process.log)
