"""The bad line does to a small HTTP server what it says."""

import http.client
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from outside.installation import wait_for
from outside.proxy import DEAF, MUTE, PASSING, REFUSED, STALLED, Line, Proxy, Way

ANSWER = b"x" * 1000


class Counter(BaseHTTPRequestHandler):
    """Remembers what it was told."""

    protocol_version = "HTTP/1.1"
    told: list[bytes]

    def do_PUT(self) -> None:
        self.told.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.do_GET()

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(ANSWER)))
        self.end_headers()
        self.wfile.write(ANSWER)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """Serves on; clients that vanish are what is tested."""

    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def told() -> list[bytes]:
    """The bodies that reached the server."""
    return []


@pytest.fixture
def proxy(told) -> Iterator[Proxy]:
    server = Server(("127.0.0.1", 0), type("Told", (Counter,), {"told": told}))
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    with Proxy(server.server_address[1]) as line:
        yield line
    server.shutdown()
    server.server_close()


@pytest.fixture
def client(proxy) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=0.4)
    yield connection
    connection.close()


def put(client: http.client.HTTPConnection, body: bytes = b"venta", path: str = "/v1/documents/V1") -> bytes:
    """Send and read."""
    client.request("PUT", path, body)
    return client.getresponse().read()


def test_it_passes_requests_and_answers_over_one_connection(client, proxy, told):
    assert [put(client, body) for body in (b"una", b"y otra" * 50_000)] == [ANSWER, ANSWER]
    assert told == [b"una", b"y otra" * 50_000]
    assert [str(request) for request in proxy.requests] == ["PUT /v1/documents/V1"] * 2
    assert proxy.seen("GET") == []


def test_a_refused_line_refuses_and_comes_back_on_the_same_port(client, proxy, told):
    put(client)
    proxy.become(REFUSED)
    with pytest.raises(ConnectionError):
        put(client)
    client.close()
    with pytest.raises(ConnectionRefusedError):
        put(client)
    client.close()
    proxy.become(PASSING)
    assert put(client) == ANSWER
    assert len(told) == 2


def test_a_cut_resets_what_is_open_and_nothing_else(client, proxy):
    put(client)
    proxy.cut()
    with pytest.raises(ConnectionResetError):
        put(client)
    client.close()
    assert put(client) == ANSWER


def test_without_a_server_every_connection_is_reset(client, proxy):
    proxy.target = 1
    with pytest.raises(ConnectionResetError):
        put(client)


@pytest.mark.parametrize("line", [STALLED, DEAF, MUTE])
def test_a_line_that_is_silent_is_silent(client, proxy, line, told):
    proxy.become(line)
    with pytest.raises(TimeoutError):
        put(client)
    assert told == ([b"venta"] if line is MUTE else [])


def test_what_was_held_arrives_late_although_nobody_listens_any_more(client, proxy, told):
    proxy.become(STALLED)
    with pytest.raises(TimeoutError):
        put(client)
    client.close()
    time.sleep(0.1)
    assert told == []
    proxy.become(PASSING)
    wait_for("the late request", lambda: told == [b"venta"])


def test_what_was_dropped_never_arrives(client, proxy, told):
    proxy.become(DEAF)
    with pytest.raises(TimeoutError):
        put(client)
    proxy.become(PASSING)
    client.close()
    assert put(client, b"otra") == ANSWER
    assert told == [b"otra"]


def test_an_answer_is_lost_after_the_server_did_its_work(client, proxy, told):
    proxy.become(Line(loses="PUT .*/V1"))
    with pytest.raises(ConnectionResetError):
        put(client)
    assert told == [b"venta"]
    client.close()
    assert put(client, path="/v1/documents/V2") == ANSWER


def test_an_answer_is_cut_at_a_byte(client, proxy):
    proxy.become(Line(cuts_at=500))
    with pytest.raises(http.client.IncompleteRead) as short:
        put(client)
    assert 0 < len(short.value.partial) < 500


def test_a_request_is_cut_at_a_byte_and_the_server_sees_its_end(client, proxy, told):
    proxy.become(Line(trims=40))
    with pytest.raises((http.client.HTTPException, OSError)):
        put(client)
    assert told == []
    client.close()
    proxy.become(PASSING)
    assert put(client) == ANSWER


def test_of_a_request_that_is_cut_the_caller_may_hear_nothing(client, proxy, told):
    proxy.become(Line(trims=40, down=Way.DROP))
    with pytest.raises(TimeoutError):
        put(client)
    assert told == []


def test_a_slow_line_takes_its_time_in_both_directions(client, proxy):
    proxy.become(Line(delay=0.1))
    start = time.monotonic()
    assert put(client) == ANSWER
    assert 0.2 <= time.monotonic() - start < 0.4


def test_a_stranger_answers_instead_of_the_server(client, proxy, told):
    proxy.become(replace(PASSING, stranger=b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhola"))
    assert put(client) == b"hola"
    assert told == []


def test_a_request_is_delivered_once_more_word_for_word(client, proxy, told):
    put(client)
    answer = proxy.repeat(proxy.requests[0])
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(ANSWER)
    assert told == [b"venta", b"venta"]
