"""A key in a token (PKCS#11, SoftHSM): it signs as one from a file, is missed when it is pulled out, and comes back."""

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from test_trouble import RUT, VALIDITY, ticket

from sincronizador.core.signature import Digest, SignaturePlan
from sincronizador.errors import NeedsOperator
from sincronizador.signing import token as tokens
from sincronizador.signing.identity import issue, make_authority
from sincronizador.signing.token import TokenUri, load_token, parse_uri
from sincronizador.signing.verify import verify
from sincronizador.signing.xmldsig import XmlSigner

MODULE = "/usr/lib/softhsm/libsofthsm2.so"
PIN = b"123456"

pkcs11 = pytest.importorskip("pkcs11", reason="pip install python-pkcs11")
pytestmark = pytest.mark.skipif(shutil.which("softhsm2-util") is None, reason="apt-get install softhsm2")


@pytest.fixture(scope="module")
def identity():
    return issue(make_authority(VALIDITY), VALIDITY, rut=RUT, titular="TOKEN (PRUEBA)")


@pytest.fixture(scope="module")
def home(tmp_path_factory, identity):
    """A token with the key and its certificate. A library reads its settings once in a process."""
    home = tmp_path_factory.mktemp("softhsm")
    (home / "tokens").mkdir()
    conf = home / "softhsm2.conf"
    conf.write_text(f"directories.tokendir = {home}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n")
    os.environ["SOFTHSM2_CONF"] = str(conf)
    pem = home / "key.pem"
    pem.write_bytes(identity.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    util, pin = ["softhsm2-util"], PIN.decode()
    subprocess.run([*util, "--init-token", "--free", "--label", "Empresa", "--pin", pin, "--so-pin", pin], check=True)
    where = ["--token", "Empresa", "--label", "firma", "--id", "A1", "--pin", pin]
    subprocess.run([*util, "--import", str(pem), *where], check=True)
    session = pkcs11.lib(MODULE).get_token(token_label="Empresa").open(rw=True, user_pin=pin)
    attribute = pkcs11.Attribute
    session.create_object({
        attribute.CLASS: pkcs11.ObjectClass.CERTIFICATE, attribute.CERTIFICATE_TYPE: pkcs11.CertificateType.X_509,
        attribute.TOKEN: True, attribute.LABEL: "firma", attribute.ID: b"\xa1", attribute.SUBJECT: b"",
        attribute.VALUE: identity.certificate.der,
    })  # fmt: skip
    session.close()
    return home


@pytest.fixture(autouse=True)
def nobody_logged_in(home):
    """A login holds for all sessions of a process: those of the test before end here."""
    pkcs11.lib(MODULE).reinitialize()


def uri(**parts):
    return "pkcs11:" + ";".join(f"{name}={value}" for name, value in parts.items()) + f"?module-path={MODULE}"


OURS = uri(token="Empresa", object="firma")


class Usb:
    """The token in somebody's hand."""

    def __init__(self, home: Path) -> None:
        self.plugged, self.away = home / "tokens", home / "sacado"

    def pull(self):
        shutil.move(self.plugged, self.away)
        self.plugged.mkdir()

    def plug(self):
        self.plugged.rmdir()
        shutil.move(self.away, self.plugged)


@pytest.fixture
def usb(home, monkeypatch):
    monkeypatch.setattr(tokens, "RETRY_SECONDS", 0.0)
    monkeypatch.setattr("sincronizador.engine.pen.RETRY_SECONDS", 0.0)
    usb = Usb(home)
    yield usb
    if usb.away.exists():
        usb.plug()


def test_an_address_says_which_token_which_key_and_whose_library():
    found = parse_uri("pkcs11:token=Mi%20Empresa;id=%A1%b2;serial=00ff?module-path=/usr/lib/x.so")
    assert found == TokenUri(module="/usr/lib/x.so", token="Mi Empresa", id=b"\xa1\xb2", serial=b"00ff")


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("pkcs11:object=a", "biblioteca"),
        ("pkcs11:object=a?module-path=x.so", "biblioteca"),
        ("pkcs11:token=a?module-path=/x.so", "qué clave"),
        ("pkcs11:object=a?module-path=/x.so&pin-value=1234", "sin el PIN"),
        ("pkcs11:object=a;color=b?module-path=/x.so", "color"),
        ("pkcs11:object?module-path=/x.so", "bien escrita"),
    ],
)
def test_a_wrong_address_is_told_in_words_and_never_shown_with_a_pin(address, says):
    with pytest.raises(ValueError, match=says) as caught:
        parse_uri(address)
    assert "1234" not in str(caught.value)


def test_a_token_signs_as_a_file_does(home, identity):
    found = load_token(OURS, PIN)
    assert found.certificate == identity.certificate
    for algorithm in (SHA1(), SHA256()):  # noqa: S303 - some authorities still ask for SHA-1
        assert found.key.sign(b"x", PKCS1v15(), algorithm) == identity.key.sign(b"x", PKCS1v15(), algorithm)
    document = b'<CFE xmlns="http://cfe.dgi.gub.uy"><a></a></CFE>'
    signed = XmlSigner(found).sign(document, SignaturePlan(digest=Digest.SHA256))
    assert signed == XmlSigner(identity).sign(document, SignaturePlan(digest=Digest.SHA256))
    assert verify(signed, certificate=identity.certificate)
    assert load_token(uri(token="Empresa", id="%A1"), PIN).certificate == identity.certificate
    assert PIN.decode() not in repr(found)


@pytest.mark.parametrize(
    ("address", "pin", "code", "says"),
    [
        (OURS, b"999999", "E2115", "PIN no es ese"),
        (uri(token="Otra", object="firma"), PIN, "E2116", "no está conectado"),
        (uri(token="Empresa", object="otra"), PIN, "E2116", "no tiene esa clave"),
        ("pkcs11:object=a?module-path=/nada.so", PIN, "E2115", "biblioteca /nada.so"),
    ],
)
def test_what_cannot_be_used_is_told_in_words(home, address, pin, code, says):
    with pytest.raises(NeedsOperator, match=says) as caught:
        load_token(address, pin)
    assert caught.value.code == code


def test_a_wrong_pin_is_tried_once_and_not_again_by_itself(home, monkeypatch):
    monkeypatch.setattr(tokens, "RETRY_SECONDS", 0.0)
    key = tokens.TokenKey(parse_uri(OURS), b"999999")
    assert "PIN" in key.trouble()
    opened = []
    monkeypatch.setattr(tokens.TokenKey, "_find", lambda *_: opened.append(1))
    assert "PIN" in key.trouble()
    assert not opened


@pytest.fixture
def machine(machine, home):
    own = machine.settings.certificado
    Path(own.clave.path).write_bytes(PIN + b"\n")
    machine.configure(certificado={"archivo": OURS})
    known = load_token(OURS, PIN).certificate
    machine.order("certificado", known.der, huella=known.fingerprint, ambiente="prueba", titular="x")
    return machine


def test_sales_wait_while_the_token_is_away_and_go_on_by_themselves(machine, usb):
    assert machine.send("A.txt", ticket())["ESTADO"] == "FIRMADO_LOCAL"
    usb.pull()
    answer = machine.send("B.txt", ticket("R-2"))
    assert answer["ESTADO"] == "ESPERANDO"
    assert "token" in machine.pen.trouble(machine.clock.now())
    machine.pass_time(minutes=2)
    assert machine.answer("B.txt")["MOTIVO"] == "CERTIFICADO"
    usb.plug()
    assert machine.pen.trouble(machine.clock.now()) == ""
    machine.pass_time(minutes=2)
    answer = machine.answer("B.txt")
    assert (answer["ESTADO"], answer["NUMERO"]) == ("FIRMADO_LOCAL", "2")


def test_a_token_that_is_away_at_the_start_is_used_when_it_comes(machine, usb):
    usb.pull()
    machine.switch_on()
    assert machine.send("A.txt", ticket())["MOTIVO"] == "CERTIFICADO"
    usb.plug()
    machine.pass_time(minutes=2)
    assert machine.answer("A.txt")["ESTADO"] == "FIRMADO_LOCAL"


def test_what_a_token_signs_in_a_second(home):
    key = load_token(OURS, PIN).key
    began, count = time.perf_counter(), 0
    while time.perf_counter() - began < 0.3:
        key.sign(b"x" * 300, PKCS1v15(), SHA256())
        count += 1
    assert count > 20, "a signature of a token in software takes milliseconds"
    print(f"{count / 0.3:.0f} signatures a second")
