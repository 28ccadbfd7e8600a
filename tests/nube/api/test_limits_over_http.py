"""What one caller may cost: bodies, heads, rates, slow senders, crowds. On real sockets."""

import socket
import threading
import time
from urllib.parse import urlsplit

import pytest
from cloud_world import Speaker, add_installation


@pytest.fixture
def limited(toml, serve):
    """Start a server with these limits."""

    def start(**limits):
        lines = "".join(f"{name} = {value}\n" for name, value in limits.items())
        with toml.open("a") as file:
            file.write(f"[limites]\n{lines}")
        return serve()

    return start


def token_of(toml):
    return (toml.parent / "nube" / "token.txt").read_text().strip()


def line_to(process, timeout=20):
    found = urlsplit(process.url)
    return socket.create_connection((found.hostname, found.port), timeout)


def all_of(line):
    """What the server says until it closes."""
    said = b""
    while piece := line.recv(65_536):
        said += piece
    return said


def test_a_body_that_is_too_large_is_refused_before_it_is_read(toml, limited, shop):
    process = limited(cuerpo=10_000)
    speaker = Speaker(process.url, token_of(toml))
    speaker.take_epoch()
    answer = speaker.call("PUT", "/v1/documents/V1", {"payload": "x" * 20_000})
    assert (answer.status, answer.code) == (413, "too_large")
    with line_to(process) as line:
        line.sendall(b"PUT /v1/documents/V1 HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999\r\n\r\n")
        assert all_of(line).startswith(b"HTTP/1.1 413")
    with line_to(process) as line:
        line.sendall(b"PUT /v1/documents/V1 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(11):
            line.sendall(b"400\r\n" + b"x" * 0x400 + b"\r\n")
        assert all_of(line).startswith(b"HTTP/1.1 413")
    assert speaker.call("PUT", "/v1/documents/V1", shop.submission("V1", epoch=speaker.epoch)).status == 201


def test_whoever_is_slow_to_speak_is_left(limited):
    process = limited(cabecera=0.5, espera=0.5)
    with line_to(process) as silent, line_to(process) as dripping, line_to(process) as bodiless:
        bodiless.sendall(b"POST /v1/validate HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12")
        began = time.monotonic()
        dripping.sendall(b"GET /v1/health HTTP/1.1\r\n")
        stop = threading.Event()

        def drip():
            while not stop.wait(0.1):
                try:
                    dripping.sendall(b"X-Y: z\r\n")
                except OSError:
                    return

        thread = threading.Thread(target=drip)
        thread.start()
        try:
            assert all_of(silent) == b""
            assert all_of(bodiless).startswith(b"HTTP/1.1 408")
            assert read_until_closed(dripping) == b""
        finally:
            stop.set()
            thread.join()
        assert time.monotonic() - began < 5
    assert Speaker(process.url).call("GET", "/v1/health").status == 200


def one_answer(line):
    """One whole answer, of a line that stays open."""
    said = b""
    while b"\r\n\r\n" not in said:
        said += line.recv(65_536)
    head, _, body = said.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    while len(body) < length:
        body += line.recv(65_536)
    return head


def read_until_closed(line):
    try:
        return all_of(line)
    except ConnectionResetError:
        return b""


def test_a_second_request_on_the_same_line_has_its_time_too(limited):
    process = limited(cabecera=0.5)
    with line_to(process) as line:
        line.sendall(b"GET /v1/health HTTP/1.1\r\nHost: x\r\n\r\n")
        assert one_answer(line).startswith(b"HTTP/1.1 200")
        time.sleep(0.8)
        line.sendall(b"GET /v1/health HTTP/1.1\r\nHost: x\r\n\r\n")
        assert one_answer(line).startswith(b"HTTP/1.1 200")
        line.sendall(b"GET /v1/hea")
        began = time.monotonic()
        assert all_of(line) == b""
        assert time.monotonic() - began < 5


def test_what_is_not_http_is_told_so_in_our_shape(limited):
    process = limited()
    for sent in (b"hola\r\n\r\n", b"GET / HTTP/1.1\r\nX: " + b"y" * 20_000 + b"\r\n\r\n"):
        with line_to(process) as line:
            line.sendall(sent)
            said = read_until_closed(line)
        assert said.startswith(b"HTTP/1.1 400")
        assert b"sincronizador-server-epoch" in said.lower()
        assert b'"bad_request"' in said


def test_an_installation_that_asks_too_much_waits_and_its_sister_does_not(toml, shop, limited):
    sister = add_installation(toml, shop.rut, "S02")
    process = limited(por_minuto=20)
    loud, quiet = Speaker(process.url, token_of(toml)), Speaker(process.url, sister)
    answers = [loud.call("GET", "/v1/health") for _ in range(25)]
    refused = [answer for answer in answers if answer.status == 429]
    assert 3 <= len(refused) <= 5
    assert refused[0].code == "too_many_requests"
    assert int(refused[0].headers["retry-after"]) >= 1
    assert quiet.call("GET", "/v1/health").status == 200


def test_guessing_tokens_is_slowed_down_and_hinders_nobody(toml, limited):
    process = limited(rechazos=5)
    guesses = [Speaker(process.url, f"prueba.{number}").call("GET", "/v1/health").status for number in range(8)]
    assert guesses == [401] * 5 + [429] * 3
    assert Speaker(process.url, token_of(toml)).call("GET", "/v1/health").status == 200


def test_an_address_that_asks_too_much_waits_whoever_it_is(toml, limited):
    process = limited(por_direccion=10)
    speaker = Speaker(process.url, token_of(toml))
    statuses = [speaker.call("GET", "/v1/health").status for _ in range(12)]
    assert statuses[:10] == [200] * 10
    assert 429 in statuses[10:]


def test_connections_beyond_the_limit_are_closed_and_the_others_served(limited):
    process = limited(conexiones=3)
    lines = [line_to(process) for _ in range(3)]
    try:
        with line_to(process) as fourth:
            assert read_until_closed(fourth) == b""
        lines[0].sendall(b"GET /v1/health HTTP/1.1\r\nHost: x\r\n\r\n")
        assert one_answer(lines[0]).startswith(b"HTTP/1.1 200")
    finally:
        for line in lines:
            line.close()


def test_a_crowd_is_told_to_come_back(toml, limited, shop):
    process = limited(a_la_vez=1)
    with line_to(process) as slow:
        slow.sendall(b"POST /v1/validate HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12")
        deadline = time.monotonic() + 10
        while (answer := Speaker(process.url).call("GET", "/v1/health")).status == 200:
            assert time.monotonic() < deadline
        assert (answer.status, answer.code) == (503, "busy")
        assert answer.headers["retry-after"] == "1"
        slow.sendall(b"34567890")
        assert one_answer(slow).startswith(b"HTTP/1.1 401")
    assert Speaker(process.url).call("GET", "/v1/health").status == 200
