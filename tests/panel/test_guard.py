"""Strangers at the panel: what a page of theirs, or a program, may send, and what it gets."""

import re

import pytest
from panel_world import served

from sincronizador.settings import load

SENTENCES = {421: "no se llama así", 403: "viene de otra página", 413: "bytes"}


@pytest.fixture(scope="module")
def panel(prepared):
    with served(load(str(prepared / "sincronizador.toml")), nombres=("caja1.lan",)) as found:
        yield found


def request(panel, line="GET /salud HTTP/1.1", *, host=None, body=b"", **headers):
    given = {"Host": host or panel.host, "Connection": "close", **{k.replace("_", "-"): v for k, v in headers.items()}}
    head = "".join(f"{name}: {value}\r\n" for name, value in given.items())
    return f"{line}\r\n{head}\r\n".encode() + body


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "localhost:9999", "LOCALHOST", "caja1.lan:8737"])
def test_the_names_of_this_machine_are_served(panel, host):
    assert panel.status(request(panel, host=host)) == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.com",
        "evil.com:8737",
        "127.0.0.1.evil.com",
        "localhost.evil.com",
        "127.0.0.1@evil.com",
        "evil.com#localhost",
        "evil.com/localhost",
        "localhost:80:evil.com",
        "[::1].evil.com",
        "127.1",
        "2130706433",
        "lan",
        "localhost:x",
        "localhost.",
        "ſalhost",
        "localhost\t.evil.com",
    ],
)
def test_another_name_is_a_rebinding(panel, host):
    sent = request(panel, host=host).decode("utf-8").encode("utf-8")
    assert panel.status(sent) in (400, 421)


def test_another_name_is_told_nothing_of_whose_panel_it_is(panel):
    mine = panel.raw(request(panel, "GET / HTTP/1.1"))
    assert b"ALMAC" in mine
    other = panel.raw(request(panel, "GET / HTTP/1.1", host="evil.com"))
    assert other.startswith(b"HTTP/1.1 421")
    assert b"no se llama as" in other
    assert b"ALMAC" not in other


def test_no_host_or_two_of_them_are_refused(panel):
    assert panel.status(b"GET /salud HTTP/1.1\r\nConnection: close\r\n\r\n") == 400
    two = f"GET /salud HTTP/1.1\r\nHost: {panel.host}\r\nHost: evil.com\r\nConnection: close\r\n\r\n"
    assert panel.status(two.encode()) in (400, 421)
    assert panel.status(b"GET /salud HTTP/1.0\r\n\r\n") == 421


def test_an_absolute_target_does_not_replace_the_host(panel):
    assert panel.status(request(panel, "GET http://localhost/salud HTTP/1.1", host="evil.com")) == 421
    assert panel.status(request(panel, "GET http://evil.com/salud HTTP/1.1")) != 200


@pytest.mark.parametrize(
    "origin", ["null", "http://evil.com", "ftp://{host}", "http://localhost:1", "", "http://{host}.evil.com"]
)
@pytest.mark.parametrize("line", ["POST /entrar HTTP/1.1", "POST /v1/solicitudes HTTP/1.1", "GET /v1/estado HTTP/1.1"])
def test_another_origin_gets_nothing(panel, origin, line):
    sent = request(
        panel, line, Origin=origin.format(host=panel.host), Content_Length="0", Content_Type="application/json"
    )
    assert panel.status(sent) == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site", "something-new"])
@pytest.mark.parametrize(
    "line", ["POST /entrar HTTP/1.1", "POST /v1/solicitudes HTTP/1.1", "GET /v1/estado HTTP/1.1", "GET / HTTP/1.1"]
)
def test_a_browser_that_says_cross_site_is_believed_without_an_origin_too(panel, site, line):
    assert (
        panel.status(request(panel, line, Sec_Fetch_Site=site, Content_Length="0", Content_Type="application/json"))
        == 403
    )


def test_a_link_from_elsewhere_may_be_followed_to_a_page_and_not_to_the_door(panel):
    how = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate"}
    assert panel.status(request(panel, **how)) == 200
    assert panel.status(request(panel, "GET /v1/estado HTTP/1.1", **how)) == 403
    assert panel.status(request(panel, "POST /entrar HTTP/1.1", **how, Content_Length="0")) == 403


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "",
        "text/plain; charset=application/json",
        "TEXT/PLAIN",
    ],
)
def test_what_any_page_can_post_without_asking_never_reaches_the_door(panel, kind, prepared):
    body = b"[DOCUMENTO]\r\nTIPO=101\r\n[FIN]\r\n"
    sent = request(panel, "POST /v1/solicitudes HTTP/1.1", Content_Type=kind, Content_Length=len(body), body=body)
    assert panel.status(sent) == 415
    assert not (prepared / "spool" / "http").exists()


def test_a_browser_that_asks_whether_it_may_is_not_told_that_it_may(panel):
    asked = {
        "Origin": "http://evil.com",
        "Access_Control_Request_Method": "POST",
        "Access_Control_Request_Private_Network": "true",
    }
    told = panel.raw(request(panel, "OPTIONS /v1/solicitudes HTTP/1.1", **asked))
    assert told.startswith(b"HTTP/1.1 403")
    assert b"access-control-allow" not in told.lower()
    plain = panel.raw(request(panel, "OPTIONS /v1/solicitudes HTTP/1.1"))
    assert b"access-control-allow" not in plain.lower()


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "PROPFIND"])
@pytest.mark.parametrize("path", ["/salud", "/v1/solicitudes", "/entrar"])
def test_nothing_else_can_be_done(panel, method, path):
    assert panel.status(request(panel, f"{method} {path} HTTP/1.1", Content_Length="0")) == 405


def test_a_form_without_the_token_of_its_page_is_refused(panel):
    cookie = panel.visit()
    kind = {"Content_Type": "application/x-www-form-urlencoded"}
    for more in ({}, {"Cookie": cookie}, {"Cookie": cookie, "X_Sincronizador_Token": "0" * 64}):
        body = b"clave=x&token=" + b"0" * 64
        sent = request(panel, "POST /entrar HTTP/1.1", **kind, **more, Content_Length=len(body), body=body)
        assert panel.status(sent) == 403


def test_a_cookie_that_somebody_made_up_is_replaced(panel):
    for made in ("x", "a" * 42, "a" * 44, "<script>", "a" * 5_000):
        told = panel.raw(request(panel, "GET /salud HTTP/1.1", Cookie=f"sincronizador-{panel.port}={made}"))
        assert b"set-cookie: sincronizador-" in told


@pytest.mark.parametrize(
    "path",
    [
        "/static/../guard.py",
        "/static/%2e%2e/guard.py",
        "/static/..%2fguard.py",
        "/static/%2e%2e%2f%2e%2e%2fsettings.py",
        "/static//etc/passwd",
        "/static/%00",
        "/static/....//guard.py",
        "/static/..\\guard.py",
        "/static/%5c..%5cguard.py",
        "/static/",
        "//evil.com/",
        "//evil.com/..",
        "/%2f%2fevil.com",
        "/salud/",
        "/salud/../../etc/passwd",
        "/%2e%2e/etc/passwd",
        "/v1/../salud",
        "/v1/%2e%2e/salud",
        "/v1/solicitudes/..%2f..%2f..%2fetc%2fpasswd",
        "/v1/solicitudes/%2e%2e/xml",
        "/v1/solicitudes?archivo=../../diario.db",
        "/v1/solicitudes?archivo=%2fetc%2fpasswd",
        "/v1/solicitudes/x/../../y",
        "/v1/solicitudes/%ff%fe",
        "/v1/solicitudes/%00",
        "/v1/solicitudes/x/exe",
    ],
)
def test_no_path_leads_out(panel, path):
    told = panel.raw(request(panel, f"GET {path} HTTP/1.1"))
    assert int(told.split(b" ", 2)[1]) in (400, 404)
    assert b"root:" not in told
    assert b"class Guard" not in told
    assert b"\r\nlocation:" not in told.lower()


def test_every_answer_has_the_headers(panel):
    for line in (
        "GET /salud HTTP/1.1",
        "GET /nada HTTP/1.1",
        "POST /entrar HTTP/1.1",
        "GET /v1/estado HTTP/1.1",
        "PUT / HTTP/1.1",
    ):
        told = panel.raw(request(panel, line, Content_Length="0")).lower()
        head = told.partition(b"\r\n\r\n")[0]
        assert b"content-security-policy: default-src 'none'" in head
        assert b"unsafe" not in head
        for wanted in (
            b"x-content-type-options: nosniff",
            b"frame-ancestors 'none'",
            b"x-frame-options: deny",
            b"cache-control: no-store",
            b"referrer-policy: same-origin",
        ):
            assert wanted in head, (line, wanted)
        assert b"\r\nserver:" not in head
    cookie = re.search(rb"set-cookie: (.*)", panel.raw(request(panel)))[1]
    assert b"HttpOnly" in cookie
    assert b"SameSite=Strict" in cookie


def test_a_body_that_is_too_large_is_refused_before_it_is_sent(panel):
    for path, size in (("/entrar", 1_000_001), ("/v1/solicitudes", 5_000_001)):
        sent = request(panel, f"POST {path} HTTP/1.1", Content_Type="application/json", Content_Length=size)
        assert panel.status(sent) == 413
    # Refused by its length already where it would have to be read for a token.
    assert panel.status(request(panel, "POST /entrar HTTP/1.1", Content_Length="9" * 30)) in (400, 413)


def test_pieces_that_never_end_are_cut(panel):
    piece = b"10000\r\n" + b"a" * 65_536 + b"\r\n"
    sent = request(panel, "POST /entrar HTTP/1.1", Transfer_Encoding="chunked", body=piece * 20)
    assert panel.status(sent) in (0, 413)


@pytest.mark.parametrize(
    "more",
    [
        "Content-Length: 5\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 5",
        "Content-Length: 5\r\nContent-Length: 6",
        "Content-Length: -1",
        "Content-Length: +5",
        "Content-Length: 0x5",
        "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding: identity",
        "Content-Length : 5",
        " Content-Length: 5",
        "Content-Length: 5\n\nGET /x HTTP/1.1",
    ],
)
def test_nothing_is_smuggled_behind_two_lengths(panel, more):
    smuggled = f"GET /salud HTTP/1.1\r\nHost: {panel.host}\r\n\r\n"
    head = f"POST /v1/solicitudes HTTP/1.1\r\nHost: {panel.host}\r\nContent-Type: application/json\r\n{more}\r\n\r\n"
    sent = f"{head}0\r\n\r\n{smuggled}"
    told = panel.raw(sent.encode(), patience=2.0)
    assert b"bien\n" not in told
    # A folded line belongs to the one above it.
    assert not told or told.split(b" ", 2)[1] in (b"400", b"415", b"501")


@pytest.mark.parametrize(
    "body",
    [
        b"zz\r\nabc\r\n",
        b"-1\r\n\r\n",
        b"5\r\nab",
        b"FFFFFFFFFFFFFFFF\r\nx",
        b"3\r\nabcX\r\n0\r\n\r\n",
        b"1;" + b"x" * 70_000 + b"\r\na\r\n",
    ],
)
def test_pieces_that_lie_about_their_length_are_no_request(panel, body, prepared):
    sent = request(
        panel, "POST /v1/solicitudes HTTP/1.1", Content_Type="application/json", Transfer_Encoding="chunked", body=body
    )
    assert panel.status(sent, patience=1.0) in (0, 400)
    assert not (prepared / "spool" / "http").exists()


def test_what_is_not_http_is_told_and_closed(panel):
    assert panel.status(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 60 + b"\r\n\r\n") == 400
    assert panel.status(b"GET /" + b"a" * 70_000) in (0, 400)
    assert panel.status(request(panel, X="a\0b")) in (0, 400)


def test_a_head_that_never_ends_is_closed(panel):
    assert panel.raw(f"GET /salud HTTP/1.1\r\nHost: {panel.host}\r\n".encode(), patience=4.0) == b""


def test_a_name_that_is_written_into_a_page_is_text(panel):
    told = panel.raw(
        request(panel, "GET /v1/solicitudes/%3Cscript%3Ealert(1)%3C%2Fscript%3E HTTP/1.1", Accept="text/html")
    )
    assert b"content-type: application/json" in told.lower()
    assert b"nosniff" in told
    assert b"<script>" not in panel.raw(request(panel, "GET /%3Cscript%3E HTTP/1.1"))


def test_who_follows_a_link_from_elsewhere_keeps_the_cookie_that_a_browser_does_not_show_then(panel):
    assert (
        b"set-cookie" not in panel.raw(request(panel, Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="navigate")).lower()
    )
    assert b"set-cookie" in panel.raw(request(panel, Sec_Fetch_Site="none", Sec_Fetch_Mode="navigate")).lower()


def test_the_cookies_of_two_panels_of_a_machine_do_not_meet(panel):
    assert f"sincronizador-{panel.port}=" in panel.visit()
