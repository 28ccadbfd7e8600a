"""The server as a process: its lock, its TLS, its end, what it tells systemd, what it writes into the log."""

import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
from datetime import datetime, timedelta
from ipaddress import ip_address

import pytest
from cloud_world import NOW, PROJECT, Speaker, confirmation
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID


def token_of(toml):
    return (toml.parent / "nube" / "token.txt").read_text().strip()


def refusal(toml, *options):
    """What the command says when it must not start."""
    command = [sys.executable, "-m", "sincronizador", "--config", str(toml), "nube", "servir", *options]
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(PROJECT)}
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=environment)
    return done.returncode, done.stderr


def is_listening(host, port):
    try:
        socket.create_connection((host, port), 20).close()
    except ConnectionRefusedError:
        return False
    return True


class Authority:
    """A certification authority for TLS of our own."""

    def __init__(self, folder):
        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "AUTORIDAD DE PRUEBA")])
        self.path = folder / "ca.pem"
        usage = x509.KeyUsage(
            digital_signature=False,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            key_cert_sign=True,
            crl_sign=True,
            encipher_only=False,
            decipher_only=False,
        )
        builder = self._builder(self.name, self.key.public_key(), NOW + timedelta(days=10))
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        builder = builder.add_extension(usage, critical=True)
        self.path.write_bytes(builder.sign(self.key, hashes.SHA256()).public_bytes(Encoding.PEM))

    def issue(self, until, password=b""):
        """A server's certificate for 127.0.0.1, and its key: paths."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "nube")])
        own = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
        authority_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        builder = self._builder(name, key.public_key(), until).add_extension(own, critical=False)
        builder = builder.add_extension(authority_key, critical=False)
        certificate, private = self.folder / "nube.pem", self.folder / "nube.key"
        certificate.write_bytes(builder.sign(self.key, hashes.SHA256()).public_bytes(Encoding.PEM))
        kept = BestAvailableEncryption(password) if password else NoEncryption()
        private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, kept))
        return certificate, private

    def _builder(self, name, key, until):
        return (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self.name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW - timedelta(days=20))
            .not_valid_after(until)
        )


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path)


def with_tls(toml, certificate, private):
    with toml.open("a") as file:
        file.write(f'[tls]\ncertificado = "{certificate}"\nclave = "{private}"\n')


def test_tls_is_spoken_to_who_knows_the_authority(toml, serve, authority):
    with_tls(toml, *authority.issue(NOW + timedelta(days=5)))
    process = serve()
    assert process.url.startswith("https://")
    assert Speaker(process.url, token_of(toml), ca=str(authority.path)).greet().status == 200
    with pytest.raises(ssl.SSLCertVerificationError, match="unable to get local issuer"):
        Speaker(process.url).call("GET", "/v1/health")
    assert any("event=tls_certificate" in line and "WARNING" in line for line in process.log)


@pytest.mark.parametrize(("place", "scheme"), [("0.0.0.0:0", "https"), ("127.0.0.1:0", "http")])
def test_what_is_published_to_other_machines_is_encrypted(toml, serve, authority, place, scheme):
    with_tls(toml, *authority.issue(NOW + timedelta(days=50)))
    with toml.open("a") as file:
        file.write(f'[publicacion]\nescuchar = "{place}"\n')
    url = next(line for line in serve().log if "event=publishing" in line).split("url=")[1].split()[0]
    assert url.startswith(f"{scheme}://")
    visitor = Speaker(url.replace("//0.0.0.0", "//127.0.0.1"), ca=str(authority.path))
    assert visitor.call("GET", "/publico").status == 200


def test_a_publication_that_cannot_be_had_keeps_the_cloud_from_starting(toml):
    with socket.create_server(("127.0.0.1", 0)) as taken, toml.open("a") as file:
        file.write(f'[publicacion]\nescuchar = "127.0.0.1:{taken.getsockname()[1]}"\n')
        file.flush()
        code, said = refusal(toml)
    assert (code, "E3601" in said) == (78, True)


def test_an_expired_certificate_is_an_error_in_the_log_and_nobody_believes_it(toml, serve, authority):
    with_tls(toml, *authority.issue(NOW - timedelta(days=1)))
    process = serve()
    with pytest.raises(ssl.SSLCertVerificationError, match="expired"):
        Speaker(process.url, ca=str(authority.path)).call("GET", "/v1/health")
    assert any("event=tls_certificate" in line and "ERROR" in line for line in process.log)


def test_a_key_that_does_not_fit_or_asks_for_a_password_is_a_sentence(toml, authority):
    certificate, private = authority.issue(NOW + timedelta(days=5), password=b"secreta")
    with_tls(toml, certificate, private)
    code, said = refusal(toml)
    assert (code, "E3603" in said) == (78, True)
    private.unlink()
    code, said = refusal(toml)
    assert (code, "E3603" in said) == (78, True)


def test_without_tls_it_listens_on_this_machine_only(toml):
    toml.write_text(toml.read_text().replace("127.0.0.1:0", "0.0.0.0:0"))
    code, said = refusal(toml)
    assert code == 78
    assert "[tls]" in said


def test_a_second_server_on_the_same_base_names_the_first(toml, serve):
    first = serve()
    code, said = refusal(toml)
    assert (code, "E3602" in said) == (78, True)
    assert str(first.process.pid) in said
    assert first.stop() == 0
    assert serve().url


def test_a_port_in_use_is_a_sentence(toml):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        toml.write_text(toml.read_text().replace("127.0.0.1:0", f"127.0.0.1:{port}"))
        code, said = refusal(toml)
    assert (code, "E3601" in said, str(port) in said) == (78, True, True)


def test_a_base_of_the_other_environment_a_missing_one_and_a_wrong_key_are_sentences(toml):
    toml.write_text(toml.read_text().replace('"prueba"', '"produccion"'))
    assert "E3606" in refusal(toml)[1]
    toml.write_text(toml.read_text().replace('"produccion"', '"prueba"'))
    (toml.parent / "nube" / "clave.txt").write_text("0" * 64)
    assert "E3410" in refusal(toml)[1]
    (toml.parent / "nube" / "nube.db").unlink()
    assert "E3402" in refusal(toml)[1]


def test_sigterm_finishes_the_request_in_hand_and_says_so(toml, serve, shop):
    process = serve()
    speaker = Speaker(process.url, token_of(toml))
    speaker.take_epoch()
    body = json.dumps(shop.submission("V1", epoch=speaker.epoch)).encode()
    heads = {**speaker.heads(), "Host": "x", "Content-Length": str(len(body))}
    host, port = process.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), 20) as line:
        head = "".join(f"{name}: {value}\r\n" for name, value in heads.items())
        line.sendall(f"PUT /v1/documents/V1 HTTP/1.1\r\n{head}\r\n".encode() + body[:-10])
        speaker.greet()
        process.process.send_signal(signal.SIGTERM)
        while is_listening(host, int(port)):
            pass
        line.sendall(body[-10:])
        assert line.recv(65_536).startswith(b"HTTP/1.1 201")
    assert process.stop() == 0
    assert "event=stopped" in process.log[-1]
    again = Speaker(serve().url, speaker.token, epoch=speaker.epoch)
    again.greet()
    assert again.call("GET", "/v1/documents/V1").json["state"] == "prepared"


def test_what_was_acknowledged_survives_a_kill(toml, serve, shop):
    process = serve()
    speaker = Speaker(process.url, token_of(toml))
    speaker.take_epoch()
    documents = []
    for number in range(5):
        created = speaker.call("PUT", f"/v1/documents/V{number}", shop.submission(f"V{number}", epoch=speaker.epoch))
        documents.append(created.json)
        speaker.call("POST", f"/v1/documents/V{number}/confirm", confirmation(created.json))
    assert process.stop(signal.SIGKILL) == -signal.SIGKILL
    speaker.url = serve().url
    assert speaker.greet().json["server_epoch"] == speaker.server_epoch
    for document in documents:
        found = speaker.call("GET", f"/v1/documents/{document['key']}").json
        assert found == {**document, "state": "confirmed"}


def test_a_restored_base_is_noticed_and_numbers_nothing_until_its_installations_have_spoken(toml, serve, shop):
    process = serve()
    speaker = Speaker(process.url, token_of(toml))
    speaker.take_epoch()
    before = speaker.server_epoch
    process.stop()
    base = toml.parent / "nube" / "nube.db"
    shutil.copy(base, toml.parent / "ayer.db")
    process = serve()
    speaker.url = process.url
    made = speaker.call("PUT", "/v1/documents/V1", shop.submission("V1", epoch=speaker.epoch)).json
    speaker.call("POST", "/v1/documents/V1/confirm", confirmation(made))
    process.stop()
    shutil.copy(toml.parent / "ayer.db", base)
    speaker.url = serve().url
    restored = speaker.call("PUT", "/v1/documents/V2", shop.submission("V2", epoch=speaker.epoch))
    assert (restored.status, restored.code) == (425, "server_restored")
    health = speaker.greet().json
    assert (health["status"], health["server_epoch"] == before) == ("recovering", False)
    assert health["installation"]["recovered"] is False
    assert datetime.fromisoformat(health["recovering_since"]) <= datetime.fromisoformat(health["time"])
    waiting = speaker.call("PUT", "/v1/documents/V2", shop.submission("V2", epoch=speaker.epoch))
    assert (waiting.status, waiting.code) == (503, "recovering")
    back = {**made, "lease": None}
    body = {name: back[name] for name in ("attempt", "lease", "series", "number", "signed_xml", "signed_at", "sha256")}
    taken = speaker.call("PUT", "/v1/documents/V1/signed", {**body, "annex": made["annex"], "contingency": None})
    assert taken.status in (200, 201), taken.content
    speaker.call("POST", "/v1/installations/self/recovered", {"numbers": []})
    assert speaker.greet().json["status"] == "ok"
    again = speaker.call("PUT", "/v1/documents/V2", shop.submission("V2", epoch=speaker.epoch))
    assert again.status == 201
    assert again.json["number"] > made["number"]


def test_a_person_may_say_that_the_base_was_restored(toml, serve):
    process = serve()
    before = Speaker(process.url).greet().json["server_epoch"]
    process.stop()
    after = Speaker(serve("--restaurada").url).greet().json
    assert after["server_epoch"] != before


def test_systemd_hears_when_it_is_ready_that_it_lives_and_that_it_stops(toml, tmp_path):
    path = str(tmp_path / "aviso")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(path)
        systemd.settimeout(30)
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(PROJECT), "NOTIFY_SOCKET": path}
        command = [sys.executable, "-m", "sincronizador", "--config", str(toml), "nube", "servir"]
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL, env={**environment, "WATCHDOG_USEC": "400000"})
        try:
            assert systemd.recv(1000).startswith(b"READY=1")
            assert [systemd.recv(1000) for _ in range(3)] == [b"WATCHDOG=1"] * 3
            process.terminate()
            while (said := systemd.recv(1000)) == b"WATCHDOG=1":
                pass
            assert said == b"STOPPING=1"
        finally:
            process.terminate()
            assert process.wait(60) == 0


def test_a_line_of_log_a_request_and_no_secret_in_it_or_in_the_process_list(toml, serve, shop):
    process = serve()
    speaker = Speaker(process.url, token_of(toml))
    speaker.take_epoch()
    secret = "CLIENTE-RESERVADO"
    speaker.call("PUT", f"/v1/documents/{secret}", shop.submission(secret, epoch=speaker.epoch))
    Speaker(process.url, "un-token-ajeno").call("GET", f"/v1/documents/{secret}?type=9")
    with open(f"/proc/{process.process.pid}/cmdline", "rb") as file:
        arguments = file.read()
    process.stop()
    lines = [line for line in process.log if "event=request" in line]
    assert len(lines) == 4
    put = next(line for line in lines if "method=PUT" in line)
    assert "path=/v1/documents/{key} status=201 ms=" in put
    assert f"who={shop.rut}/PRUEBA" in put
    said = "\n".join(process.log).encode() + arguments
    key = (toml.parent / "nube" / "clave.txt").read_bytes().strip()
    for hidden in (secret, speaker.token, "un-token-ajeno", "type=9"):
        assert hidden.encode() not in said
    assert key not in said


def test_many_at_once_get_each_a_number_of_their_own(toml, serve, shop):
    speaker = Speaker(serve().url, token_of(toml))
    speaker.take_epoch()
    bodies = {f"V{number}": shop.submission(f"V{number}", epoch=speaker.epoch) for number in range(60)}
    answers = {}

    def sell(keys):
        for key in keys:
            answers[key] = speaker.call("PUT", f"/v1/documents/{key}", bodies[key])

    keys = list(bodies)
    # Every key by two threads: a request that is repeated while the first is in hand counts once.
    threads = [threading.Thread(target=sell, args=(keys[first % 6 :: 6],)) for first in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status for answer in answers.values()} <= {200, 201}
    assert sorted(answer.json["number"] for answer in answers.values()) == list(range(1, 61))
