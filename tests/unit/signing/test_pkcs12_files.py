"""Files with a key as people have them: of old Windows and of today, of Java, with odd passwords; and what is none."""

import random
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs7,
    pkcs12,
)

from sincronizador.errors import NeedsOperator
from sincronizador.signing.certificate import Identity, load_certificate, load_pkcs12, to_pkcs12

JAVA = Path(__file__).parent / "java"
RC2 = ["-legacy"]
TRIPLE_DES = ["-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES", "-macalg", "sha1"]
TODAY = ["-keypbe", "AES-256-CBC", "-certpbe", "AES-256-CBC", "-macalg", "sha256"]
CIPHERS = {
    "rc2-40, as old Windows and Correo's": RC2,
    "3des": TRIPLE_DES,
    "3des and rc2-40, no iterations": [*RC2, "-noiter", "-nomaciter"],
    "rc4": [*RC2, "-keypbe", "PBE-SHA1-RC4-128", "-certpbe", "PBE-SHA1-RC4-128"],
    "des under md5": [*RC2, "-keypbe", "PBE-MD5-DES", "-certpbe", "PBE-MD5-DES"],
    "aes-256": TODAY,
    "aes-128, mac of sha-512": ["-keypbe", "AES-128-CBC", "-certpbe", "AES-128-CBC", "-macalg", "sha512"],
    "certificates in clear": ["-certpbe", "NONE"],
}
PASSWORDS = ["", "clave", "con espacios ", "áéíóú ñandú", "precio €", "密码", "-clave", "$HOME `x`"]

Export = Callable[[list[str], str], bytes]


@pytest.fixture
def export(issuer: Identity, authority: Identity, tmp_path: Path) -> Export:
    """What ``openssl pkcs12 -export`` makes of the issuer's identity with those options and that password."""
    if shutil.which("openssl") is None:
        pytest.skip("apt-get install openssl")
    paths = {name: tmp_path / name for name in ("key", "certificate", "chain", "password")}
    paths["key"].write_bytes(issuer.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    paths["certificate"].write_bytes(pem(issuer))
    paths["chain"].write_bytes(pem(authority))

    def made(options: list[str], password: str) -> bytes:
        paths["password"].write_text(f"{password}\n", encoding="utf-8")
        inputs = ["-inkey", paths["key"], "-in", paths["certificate"], "-certfile", paths["chain"]]
        command = ["openssl", "pkcs12", "-export", *inputs, *options, "-passout", f"file:{paths['password']}"]
        # OpenSSL reads a password as the locale says.
        return subprocess.run(command, check=True, capture_output=True, env={"LC_ALL": "C.UTF-8"}).stdout

    return made


def crypto(identity: Identity) -> x509.Certificate:
    return x509.load_der_x509_certificate(identity.certificate.der)


def pem(identity: Identity) -> bytes:
    return crypto(identity).public_bytes(Encoding.PEM)


def outcome(content: bytes) -> str:
    try:
        return load_pkcs12(content, b"clave").certificate.fingerprint
    except NeedsOperator as refusal:
        return refusal.code


def told(content: bytes, password: bytes = b"clave") -> str:
    with pytest.raises(NeedsOperator) as caught:
        load_pkcs12(content, password)
    return f"{caught.value.code}: {caught.value}"


@pytest.mark.parametrize("options", CIPHERS.values(), ids=CIPHERS)
def test_every_cipher_of_the_last_thirty_years_is_opened(export: Export, issuer: Identity, options: list[str]) -> None:
    content = export(options, "clave")
    found = load_pkcs12(content, b"clave")
    assert (found.certificate, found.chain, found.others) == (issuer.certificate, issuer.chain, ())
    assert told(content, b"otra").startswith("E2101: La contraseña no abre el certificado.")


@pytest.mark.parametrize("options", [RC2, TODAY], ids=["old", "new"])
@pytest.mark.parametrize("password", PASSWORDS)
def test_odd_passwords_open_what_they_closed(
    export: Export, issuer: Identity, options: list[str], password: str
) -> None:
    content = export(options, password)
    assert load_pkcs12(content, password.encode()).certificate == issuer.certificate
    assert told(content, b"otra").startswith("E2101")


@pytest.mark.parametrize("codec", ["cp1252", "cp850", "utf-8-sig", "utf-8"])
def test_the_file_of_the_password_may_have_been_written_by_another_system(issuer: Identity, codec: str) -> None:
    content = to_pkcs12(issuer, "ñandú".encode())
    assert load_pkcs12(content, "ñandú".encode(codec)).certificate == issuer.certificate


def test_letters_and_their_accents_may_come_apart(issuer: Identity) -> None:
    apart, composed = "n\N{COMBINING TILDE}andu\N{COMBINING ACUTE ACCENT}".encode(), "ñandú".encode()
    for made, given in ((apart, composed), (composed, apart)):
        assert load_pkcs12(to_pkcs12(issuer, made), given).certificate == issuer.certificate


def test_a_file_without_cipher_and_without_mac_opens(export: Export, issuer: Identity) -> None:
    content = export(["-keypbe", "NONE", "-certpbe", "NONE", "-nomac"], "")
    assert load_pkcs12(content, b"").certificate == issuer.certificate


def test_files_of_java_open_and_tell_which_certificates_stay_behind() -> None:
    old = load_pkcs12((JAVA / "java_8.p12").read_bytes(), b"clave123")
    assert (old.certificate.titular, old.certificate.rut) == ("ANTIGUO (PRUEBA)", "217777770013")
    two = load_pkcs12((JAVA / "dos_claves.p12").read_bytes(), b"clave123")
    assert {two.certificate.titular, *(one.titular for one in two.others)} == {"VIEJO (PRUEBA)", "NUEVO (PRUEBA)"}
    assert two.chain == ()


def test_the_certificate_of_the_key_is_found_where_the_file_does_not_say_which_it_is(
    issuer: Identity, authority: Identity
) -> None:
    content = pkcs12.serialize_key_and_certificates(
        b"x", issuer.key, None, [crypto(authority), crypto(issuer)], BestAvailableEncryption(b"clave")
    )
    found = load_pkcs12(content, b"clave")
    assert (found.certificate, found.chain, found.others) == (issuer.certificate, (authority.certificate,), ())


def test_a_key_without_its_certificate_and_a_certificate_without_its_key_are_told_apart(
    issuer: Identity, authority: Identity
) -> None:
    sealed = BestAvailableEncryption(b"clave")
    alone = pkcs12.serialize_key_and_certificates(b"x", issuer.key, None, [crypto(authority)], sealed)
    assert told(alone).startswith("E2104: El archivo no trae el certificado de la clave")
    other = pkcs12.serialize_key_and_certificates(b"x", None, None, [crypto(issuer)], sealed)
    assert told(other).startswith("E2104: El archivo no trae la clave privada")


def test_what_was_taken_for_a_pkcs12_is_told_by_its_name(issuer: Identity) -> None:
    key = issuer.key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    p7b = pkcs7.serialize_certificates([crypto(issuer)], Encoding.DER)
    wrong = {
        "solo el certificado (.cer o .crt)": issuer.certificate.der,
        "certificado en texto (PEM), sin la clave": pem(issuer),
        "certificado en texto (PEM), con su clave": pem(issuer) + key,
        "clave privada en texto (PEM)": key,
        "pedido que se mandó": b"-----BEGIN CERTIFICATE REQUEST-----\nx",
        ".p7b": p7b,
        "Java (JKS)": b"\xfe\xed\xfe\xed\0\0\0\2",
        "está vacío": b"\r\n",
        "mensaje de error de una descarga": b"<!DOCTYPE html><title>403</title>",
        "no se reconoce": b"MZ\x90\0",
    }
    for words, content in wrong.items():
        said = told(content)
        assert said.startswith("E2102"), said
        assert words in said
    with pytest.raises(NeedsOperator, match="Java"):
        load_certificate(b"\xfe\xed\xfe\xed")


@pytest.mark.parametrize("kept", [20, 60, 500, -1])
def test_a_cut_file_is_no_wrong_password(issuer: Identity, kept: int) -> None:
    content = to_pkcs12(issuer, b"clave")
    missing = len(content) - len(content[:kept])
    said = told(content[:kept])
    assert said.startswith("E2113: El archivo del certificado está dañado")
    assert f"le faltan {missing} bytes" in said
    assert "No es la contraseña" in said


def test_a_damaged_file_is_one_sentence_or_opens_to_the_very_key(issuer: Identity) -> None:
    content, chance = to_pkcs12(issuer, b"clave"), random.Random(7)
    for _ in range(150):
        hurt = bytearray(content)
        hurt[chance.randrange(len(hurt))] ^= chance.randrange(1, 256)
        assert outcome(bytes(hurt)) in ("E2101", "E2102", "E2113", issuer.certificate.fingerprint)
    assert "cópielo otra vez" in told(content, b"otra")


def test_what_we_write_is_of_today_and_openssl_opens_it(issuer: Identity, tmp_path: Path) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("apt-get install openssl")
    path = tmp_path / "x.p12"
    path.write_bytes(to_pkcs12(issuer, b"clave"))
    command = ["openssl", "pkcs12", "-in", path, "-info", "-noout", "-passin", "pass:clave"]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stderr
    assert "MAC: sha256" in said
    assert said.count("PBES2, PBKDF2, AES-256-CBC") == 2
