"""The way out by mail, against a real server and against servers that do what they should not."""

import time
from email import message_from_bytes
from email.policy import SMTP as POLICY

import pytest
from loopback_office import VALIDITY
from mail_servers import PASSWORD, USER, mail_server, scripted, server_context

from sincronizador.errors import NeedsOperator, Refused, Unanswered, Unavailable
from sincronizador.signing.identity import issue_tls, make_authority
from sincronizador.smtp import Cipher, MailServer, is_address, send

MAIL = b"From: <a@example.com>\r\nSubject: Hola\r\n\r\n.una linea con punto\r\nfin\r\n"
WHO = {"sender": "cfe@tienda.example", "recipient": "compras@cliente.example"}
READY = ("220 listo", "250 hola", "250 de", "250 para", "354 adelante")


@pytest.fixture(scope="module")
def authority():
    return make_authority(VALIDITY)


@pytest.fixture(scope="module")
def tls(authority):
    return issue_tls(authority, VALIDITY, ["localhost", "127.0.0.1"])


@pytest.fixture
def ca(tls, tmp_path):
    path = tmp_path / "ca.pem"
    path.write_bytes(tls.authority)
    return str(path)


def plain(port, **more):
    return MailServer(host="127.0.0.1", port=port, cipher=Cipher.NONE, **{"patience": 5.0, **more})


def test_a_message_arrives_as_it_is():
    with mail_server() as (box, port):
        assert send(plain(port), MAIL, **WHO) == "250 2.0.0 Ok: queued as 7F3"
    assert box.came == [(WHO["sender"], [WHO["recipient"]], MAIL)]
    assert message_from_bytes(MAIL, policy=POLICY)["Subject"] == "Hola"


@pytest.mark.parametrize("password", [PASSWORD, "plain"])
@pytest.mark.parametrize("cipher", [Cipher.STARTTLS, Cipher.TLS])
def test_it_goes_over_tls_with_user_and_password(tls, ca, tmp_path, cipher, password):
    with mail_server(tls=server_context(tls, tmp_path), implicit=cipher is Cipher.TLS, auth=password) as (box, port):
        right = MailServer(
            host="localhost", port=port, cipher=cipher, user=USER, password=password.encode, ca=ca, patience=10.0
        )
        send(right, MAIL, **WHO)
        wrong = MailServer(host="localhost", port=port, cipher=cipher, user=USER, password=b"otra".strip, ca=ca)
        with pytest.raises(NeedsOperator) as raised:
            send(wrong, MAIL, **WHO)
    assert len(box.came) == 1
    assert raised.value.code == "E3763"
    assert "otra" not in str(raised.value)


@pytest.mark.parametrize("cipher", [Cipher.STARTTLS, Cipher.TLS])
@pytest.mark.parametrize("why", ["authority", "name"])
def test_a_server_that_cannot_be_trusted_gets_nothing(authority, tls, ca, tmp_path, cipher, why):
    shown = tls if why == "authority" else issue_tls(authority, VALIDITY, ["otra.example"])
    trusted = "" if why == "authority" else ca
    serving = mail_server(tls=server_context(shown, tmp_path), implicit=cipher is Cipher.TLS)
    with serving as (box, port), pytest.raises(NeedsOperator) as raised:
        send(MailServer(host="localhost", port=port, cipher=cipher, ca=trusted), MAIL, **WHO)
    assert (raised.value.code, box.came) == ("E3763", [])


def test_a_server_without_starttls_gets_nothing():
    with mail_server() as (box, port), pytest.raises(NeedsOperator) as raised:
        send(MailServer(host="127.0.0.1", port=port), MAIL, **WHO)
    assert "STARTTLS" in str(raised.value)
    assert box.came == []


@pytest.mark.parametrize(
    ("answers", "kind", "code"),
    [
        (("421 cerrado",), Unavailable, "E3761"),
        ((None,), Unavailable, "E3761"),
        (("220 listo", None), Unavailable, "E3761"),
        (("220 listo", "250 hola", "550 usted no"), NeedsOperator, "E3763"),
        (("220 listo", "250 hola", "451 luego"), Unavailable, "E3764"),
        (("220 listo", "250 hola", "250 de", "550 no existe"), Refused, "E3765"),
        (("220 listo", "250 hola", "250 de", "450 lista gris"), Unavailable, "E3764"),
        (("220 listo", "250 hola", "250 de", "421 me voy"), Unavailable, "E3761"),
        (("220 listo", "250 hola", "250 de", "250 para", "452 sin lugar"), Unavailable, "E3764"),
        ((*READY, "552 muy grande"), Refused, "E3765"),
        ((*READY, "451 luego"), Unavailable, "E3764"),
        ((*READY, None), Unanswered, "E3762"),
    ],
)
def test_each_word_of_the_server_means_one_thing(answers, kind, code):
    with scripted(*answers) as (_, port), pytest.raises(kind) as raised:
        send(plain(port), MAIL, **WHO)
    assert raised.value.code == code


def test_a_server_that_is_silent_is_left_in_time():
    for answers, kind in (((5.0,), Unavailable), ((*READY, 5.0), Unanswered)):
        began = time.monotonic()
        with scripted(*answers) as (_, port):
            with pytest.raises(kind):
                send(plain(port, patience=0.5), MAIL, **WHO)
            assert time.monotonic() - began < 3


def test_a_server_that_drips_is_left_in_time():
    """Each byte comes within the time-out of a read, the line never ends."""
    import socket
    import threading

    def drip(listener):
        sock, _ = listener.accept()
        with sock:
            try:
                for _ in range(100):
                    sock.sendall(b"2")
                    time.sleep(0.05)
            except OSError:
                return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=drip, args=(listener,))
        thread.start()
        began = time.monotonic()
        with pytest.raises(Unavailable):
            send(plain(listener.getsockname()[1], patience=0.5), MAIL, **WHO)
        assert time.monotonic() - began < 3
        thread.join()


def test_nobody_listens():
    with scripted() as (_, port):
        pass
    with pytest.raises(Unavailable) as raised:
        send(plain(port), MAIL, **WHO)
    assert raised.value.code == "E3761"


@pytest.mark.parametrize(
    "address",
    ["", "a", "a@", "@b", "a@b c", "a@b\r\nRCPT TO:<x@y>", "a@b\n", "<a@b>", "A <a@b>", "a@b,c@d", "ñ@b", "a..b@c",
     "a" * 300 + "@b"],
)  # fmt: skip
def test_what_is_no_address_reaches_no_server(address):
    assert not is_address(address)
    with pytest.raises(Refused):
        send(plain(1), MAIL, sender=WHO["sender"], recipient=address)


@pytest.mark.parametrize("address", ["a@b", "juan.perez+cfe@mail.example.com.uy", "o'neill@x-y.example"])
def test_what_is_one(address):
    assert is_address(address)
