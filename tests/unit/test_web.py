"""What becomes of a request on a real socket: the answer, nothing left, or nobody knows."""

import gzip
import ipaddress
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from sincronizador.errors import NeedsOperator, Unanswered, Unavailable
from sincronizador.web import Http, Response

Script = Callable[[socket.socket], None]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def hear(conn: socket.socket) -> bytes:
    """One whole request."""
    heard = b""
    while b"\r\n\r\n" not in heard:
        heard += conn.recv(65_536)
    head, _, body = heard.partition(b"\r\n\r\n")
    length = int(dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:]).get(b"content-length", b"0"))
    while len(body) < length:
        body += conn.recv(65_536)
    return head + b"\r\n\r\n" + body


def reset(conn: socket.socket) -> None:
    conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    conn.close()


def reset_at_once(conn: socket.socket) -> None:
    conn.recv(1)
    reset(conn)


class Server:
    """Runs a script for each connection, and keeps the requests it heard."""

    def __init__(self, script: Script, context: ssl.SSLContext | None = None) -> None:
        self.connections = 0
        self._script, self._context = script, context
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept)]
        self._open: list[socket.socket] = []
        self._threads[0].start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                conn, _ = self._listening.accept()
                self.connections += 1
                self._open.append(conn)
                self._threads.append(threading.Thread(target=self._serve, args=(conn,)))
                self._threads[-1].start()

    def _serve(self, conn: socket.socket) -> None:
        with suppress(OSError, ValueError):
            if self._context is not None:
                conn = self._context.wrap_socket(conn, server_side=True)
                self._open.append(conn)
            self._script(conn)
            conn.close()

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for conn in self._open:
            with suppress(OSError):
                conn.shutdown(socket.SHUT_RDWR)
            conn.close()
        for thread in self._threads:
            thread.join()


@contextmanager
def server(script: Script, context: ssl.SSLContext | None = None) -> Iterator[Server]:
    made = Server(script, context)
    try:
        yield made
    finally:
        made.close()


@contextmanager
def talking(url: str, **options: object) -> Iterator[Http]:
    http = Http(url, **options)  # type: ignore[arg-type]
    try:
        yield http
    finally:
        http.close()


def ask(http: Http, deadline: float = 5.0, body: bytes | None = b"{}", limit: int = 1_000) -> Response:
    return http.request("PUT", "/v1/x", {"Authorization": "Bearer t"}, body, deadline, limit)


def asked(script: Script, deadline: float = 5.0, body: bytes = b"{}") -> Response:
    with server(script) as made, talking(f"http://127.0.0.1:{made.port}") as http:
        return ask(http, deadline, body)


def saying(answer: bytes) -> Script:
    def script(conn: socket.socket) -> None:
        hear(conn)
        conn.sendall(answer)

    return script


def test_an_answer_comes_whole_with_its_headers_in_lower_case():
    answer = asked(saying(b"HTTP/1.1 418 Teapot\r\nX-Other: A\r\nContent-Length: 3\r\n\r\n\x00ab"))
    assert answer == Response(status=418, headers={"x-other": "A", "content-length": "3"}, body=b"\x00ab")


def test_a_chunked_answer_comes_whole():
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"
    assert asked(saying(chunked)).body == b"abc"


def test_the_bytes_that_leave_are_those_that_were_given():
    heard: list[bytes] = []

    def script(conn: socket.socket) -> None:
        heard.append(hear(conn))
        conn.sendall(OK)

    asked(script, body="{ñ}".encode())
    head, _, body = heard[0].partition(b"\r\n\r\n")
    assert (head.split(b"\r\n")[0], body) == (b"PUT /v1/x HTTP/1.1", "{ñ}".encode())
    assert b"Authorization: Bearer t" in head
    assert b"Accept-Encoding: identity" in head


@pytest.mark.parametrize("status", [301, 302, 307, 500, 502, 504, 408, 204])
def test_no_status_is_followed_or_repeated(status):
    with server(saying(b"HTTP/1.1 %d X\r\nLocation: /y\r\nContent-Length: 0\r\n\r\n" % status)) as made:
        with talking(f"http://127.0.0.1:{made.port}") as http:
            assert ask(http).status == status
        assert made.connections == 1


def test_a_proxy_of_the_environment_is_not_used(monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert asked(saying(OK)).body == b"ok"


def test_a_connection_is_kept_while_it_is_used_and_dropped_when_it_was_idle():
    def script(conn: socket.socket) -> None:
        while True:
            hear(conn)
            conn.sendall(OK)

    with server(script) as made, talking(f"http://127.0.0.1:{made.port}", idle=0.2) as http:
        ask(http), ask(http)
        assert made.connections == 1
        time.sleep(0.25)
        ask(http)
        assert made.connections == 2


def test_each_thread_has_a_connection_of_its_own():
    barrier = threading.Barrier(3, timeout=5)

    def script(conn: socket.socket) -> None:
        hear(conn)
        barrier.wait()
        conn.sendall(OK)

    with server(script) as made, talking(f"http://127.0.0.1:{made.port}") as http:
        threads = [threading.Thread(target=ask, args=(http,)) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert made.connections == 3


def test_a_server_that_closed_an_idle_connection_costs_nothing():
    with server(saying(OK)) as made, talking(f"http://127.0.0.1:{made.port}") as http:
        assert ask(http).body == b"ok"
        time.sleep(0.05)
        assert ask(http).body == b"ok"
        assert made.connections == 2


# Nothing left.


def test_a_refused_connection_left_nothing():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(Unavailable, match=f"127.0.0.1:{port} no acepta conexiones") as raised:
        ask(Http(f"http://127.0.0.1:{port}"))
    assert raised.value.code == "E3001"


def test_a_name_that_nobody_knows_left_nothing():
    with pytest.raises(Unavailable, match=r"no se encuentra la dirección de nadie\.invalid"):
        ask(Http("http://nadie.invalid"))


def test_a_look_up_that_hangs_does_not_hold_the_caller(monkeypatch):
    let_go = threading.Event()
    real = socket.getaddrinfo

    def hanging(host: str, *args: object, flags: int = 0, **more: object) -> object:
        if not flags:
            let_go.wait(10)
        return real("127.0.0.1" if not flags else host, *args, flags=flags, **more)

    monkeypatch.setattr(socket, "getaddrinfo", hanging)
    start = time.monotonic()
    with pytest.raises(Unavailable, match="no se encuentra la dirección"):
        ask(Http("http://nube.example", connect=0.2))
    assert time.monotonic() - start < 1
    let_go.set()


def test_a_dead_address_leaves_time_for_the_next_one(monkeypatch):
    with server(saying(OK)) as made, socket.socket() as dead:
        dead.bind(("127.0.0.1", 0))
        dead.listen(0)
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:  # a full backlog: further connections hang
            filler.setblocking(False)
            filler.connect_ex(dead.getsockname())
        real = socket.getaddrinfo

        def both(host: str, *args: object, flags: int = 0, **more: object) -> object:
            if flags:
                raise socket.gaierror
            address = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
            return [(*address, dead.getsockname()), (*address, ("127.0.0.1", made.port))]

        monkeypatch.setattr(socket, "getaddrinfo", both)
        with talking("http://nube.example", connect=1.0) as http:
            assert ask(http).body == b"ok"
        monkeypatch.setattr(socket, "getaddrinfo", real)
        for filler in fillers:
            filler.close()


def test_an_address_that_does_not_answer_left_nothing_and_costs_no_more_than_allowed():
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(full.getsockname())
        start = time.monotonic()
        with pytest.raises(Unavailable, match="no responde"):
            ask(Http(f"http://127.0.0.1:{full.getsockname()[1]}", connect=0.3))
        assert 0.25 < time.monotonic() - start < 1
        for filler in fillers:
            filler.close()


# Nobody knows.


def test_a_reset_before_the_answer_is_unanswered():
    def script(conn: socket.socket) -> None:
        hear(conn)
        reset(conn)

    with pytest.raises(Unanswered, match="la conexión se cortó") as raised:
        asked(script)
    assert raised.value.code == "E3002"


def test_a_reset_before_the_request_was_read_is_unanswered():
    with pytest.raises(Unanswered):
        asked(reset_at_once, body=b"x" * 30_000_000)


def test_a_connection_closed_without_an_answer_is_unanswered():
    with pytest.raises(Unanswered):
        asked(lambda conn: hear(conn) and None)


def silent(conn: socket.socket) -> None:
    hear(conn)
    conn.recv(1)


def half_open(conn: socket.socket) -> None:
    while conn.recv(65_536):
        pass


def stalled_body(conn: socket.socket) -> None:
    hear(conn)
    conn.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
    conn.recv(1)


def drip(head: bytes) -> Script:
    def script(conn: socket.socket) -> None:
        hear(conn)
        conn.sendall(head)
        for _ in range(100):
            time.sleep(0.05)
            conn.sendall(b"a")

    return script


ENDLESS_PATIENCE = {
    "silent": silent,
    "stalled body": stalled_body,
    "dripping headers": drip(b"HTTP/1.1 200 OK\r\nX: "),
    "dripping body": drip(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"),
    "dripping until the end": drip(b"HTTP/1.1 200 OK\r\n\r\n"),
    "dripping status": drip(b"HTT"),
}


@pytest.mark.parametrize("script", ENDLESS_PATIENCE.values(), ids=ENDLESS_PATIENCE.keys())
def test_nobody_holds_the_caller_beyond_the_deadline(script):
    start = time.monotonic()
    with pytest.raises(Unanswered, match=r"no contestó en 0\.4 s"):
        asked(script, deadline=0.4)
    assert time.monotonic() - start < 2


def test_a_server_that_does_not_read_holds_nobody_beyond_the_deadline():
    start = time.monotonic()
    with pytest.raises(Unanswered, match=r"no contestó en 0\.4 s"):
        asked(lambda conn: time.sleep(1), deadline=0.4, body=b"x" * 30_000_000)
    assert time.monotonic() - start < 3


def test_a_flood_of_provisional_answers_ends_at_the_deadline():
    def script(conn: socket.socket) -> None:
        hear(conn)
        while True:
            conn.sendall(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)

    start = time.monotonic()
    with pytest.raises(Unanswered):
        asked(script, deadline=0.4)
    assert time.monotonic() - start < 2


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n",
        b"HTTP/1.1 200 OK\r\n\r\nwho knows whether this is all",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\na",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n",
        b"\x16\x03\x01\x00\x00",
    ],
    ids=["short", "cut chunk", "bad chunk", "unframed", "ssh", "status", "lengths", "headers", "long", "binary"],
)
def test_what_is_cut_or_is_not_http_is_unanswered(answer):
    with pytest.raises(Unanswered):
        asked(saying(answer))


def test_an_answer_above_the_limit_is_unanswered_and_its_connection_is_not_used_again():
    def script(conn: socket.socket) -> None:
        while True:
            hear(conn)
            conn.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n" + b"a" * 900_000)

    with server(script) as made, talking(f"http://127.0.0.1:{made.port}") as http:
        with pytest.raises(Unanswered, match="más de 1000 bytes"):
            ask(http)
        assert len(ask(http, limit=900_000).body) == 900_000
        assert made.connections == 2


def test_a_compressed_answer_is_not_blown_up():
    bomb = gzip.compress(b"\x00" * 10_000_000)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb)
    with server(saying(head + bomb)) as made, talking(f"http://127.0.0.1:{made.port}") as http:
        assert ask(http, limit=20_000).body == bomb


def test_a_connection_found_dead_while_sending_is_unanswered():
    let_go = threading.Event()

    def script(conn: socket.socket) -> None:
        hear(conn)
        conn.sendall(OK)
        let_go.wait(5)
        hear(conn)
        reset(conn)

    with server(script) as made, talking(f"http://127.0.0.1:{made.port}") as http:
        ask(http)
        let_go.set()
        with pytest.raises(Unanswered):
            ask(http)


# TLS.

NOW = datetime.now(UTC)


class Authority:
    """A certification authority, and server certificates by it or by themselves."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "AUTORIDAD DE PRUEBA")])
        made = self._builder(self._name, self._key, NOW - timedelta(days=9), NOW + timedelta(days=9))
        made = made.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        self.pem = str(folder / "ca.pem")
        Path(self.pem).write_bytes(made.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM))

    def context(
        self, *, host: str = "127.0.0.1", days: tuple[int, int] = (-1, 1), self_signed: bool = False
    ) -> ssl.SSLContext:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        names = [x509.IPAddress(ipaddress.ip_address(host))] if host[0].isdigit() else [x509.DNSName(host)]
        made = self._builder(name, key, *(NOW + timedelta(days=day) for day in days), self_signed=self_signed)
        made = made.add_extension(x509.SubjectAlternativeName(names), critical=False)
        signer = key if self_signed else self._key
        pem = self._folder / "servidor.pem"
        pem.write_bytes(
            key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            + made.sign(signer, hashes.SHA256()).public_bytes(Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem)
        return context

    def _builder(
        self,
        name: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        since: datetime,
        until: datetime,
        *,
        self_signed: bool = False,
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name if self_signed else self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(since)
            .not_valid_after(until)
        )


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def asked_with_tls(context: ssl.SSLContext, ca: str, script: Script) -> Response:
    with server(script, context) as made, talking(f"https://127.0.0.1:{made.port}", ca=ca) as http:
        return ask(http, deadline=3)


def test_a_certificate_of_the_authority_in_the_settings_is_trusted(authority):
    def twice(conn: socket.socket) -> None:
        while True:
            hear(conn)
            conn.sendall(OK)

    with (
        server(twice, authority.context()) as made,
        talking(f"https://127.0.0.1:{made.port}", ca=authority.pem) as http,
    ):
        assert [ask(http).body, ask(http).body] == [b"ok", b"ok"]
        assert made.connections == 1


@pytest.mark.parametrize(
    ("made", "sentence"),
    [
        ({"days": (-3, -1)}, "está vencido"),
        ({"days": (1, 3)}, "todavía no vale: mire la hora"),
        ({"self_signed": True}, "firmado por sí mismo"),
        ({"host": "127.0.0.2"}, "es de otra dirección"),
        ({"host": "otra.example"}, "es de otr"),
    ],
)
def test_a_certificate_that_time_does_not_mend_needs_the_operator(authority, made, sentence):
    heard: list[bytes] = []
    with pytest.raises(NeedsOperator, match=sentence) as raised:
        asked_with_tls(authority.context(**made), authority.pem, lambda conn: heard.append(hear(conn)))
    assert raised.value.code == "E3003"
    assert heard == []


def test_a_certificate_of_another_name_needs_the_operator(authority, monkeypatch):
    real = socket.getaddrinfo

    def here(host: str, *args: object, flags: int = 0, **more: object) -> object:
        return real(host if flags else "127.0.0.1", *args, flags=flags, **more)

    monkeypatch.setattr(socket, "getaddrinfo", here)
    with (
        server(saying(OK), authority.context(host="otra.example")) as made,
        talking(f"https://nube.example:{made.port}", ca=authority.pem) as http,
        pytest.raises(NeedsOperator, match=r"presentó nube\.example es de otro nombre"),
    ):
        ask(http)


def test_an_authority_that_nobody_knows_needs_the_operator(authority):
    with pytest.raises(NeedsOperator, match="no es de confianza"):
        asked_with_tls(authority.context(), "", saying(OK))


def test_a_ca_file_that_is_not_there_needs_the_operator(tmp_path):
    with pytest.raises(NeedsOperator, match=r"nube\.ca"):
        Http("https://127.0.0.1:1", ca=str(tmp_path / "no.pem"))


def test_a_server_that_does_not_speak_tls_got_nothing():
    with (
        server(lambda conn: conn.sendall(b"HTTP/1.1 400 Bad\r\n\r\n")) as made,
        talking(f"https://127.0.0.1:{made.port}") as http,
        pytest.raises(Unavailable, match="no contesta con TLS"),
    ):
        ask(http)


@pytest.mark.parametrize("script", [half_open, reset_at_once], ids=["half-open", "reset"])
def test_a_handshake_that_does_not_end_left_nothing(script):
    start = time.monotonic()
    with (
        server(script) as made,
        talking(f"https://127.0.0.1:{made.port}", connect=0.4) as http,
        pytest.raises(Unavailable),
    ):
        ask(http)
    assert time.monotonic() - start < 2


def test_a_reset_after_the_request_over_tls_is_unanswered(authority):
    def script(conn: socket.socket) -> None:
        hear(conn)
        reset(conn)

    with pytest.raises(Unanswered):
        asked_with_tls(authority.context(), authority.pem, script)


def test_an_answer_cut_short_over_tls_is_unanswered(authority):
    with pytest.raises(Unanswered):
        asked_with_tls(authority.context(), authority.pem, saying(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab"))


def test_a_dripping_body_over_tls_holds_nobody(authority):
    script = drip(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
    with (
        server(script, authority.context()) as made,
        talking(f"https://127.0.0.1:{made.port}", ca=authority.pem) as http,
        pytest.raises(Unanswered, match=r"no contestó en 0\.4 s"),
    ):
        ask(http, deadline=0.4)
