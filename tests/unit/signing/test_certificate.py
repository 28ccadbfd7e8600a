"""Certificates good and bad."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, pkcs12

from sincronizador.core.finding import Rule
from sincronizador.errors import NeedsOperator
from sincronizador.signing import codes
from sincronizador.signing.certificate import Identity, facts, load_certificate, load_pkcs12, problems, to_pkcs12
from sincronizador.signing.identity import Validity, issue

RUT = "217777770013"
NOW = datetime(2026, 11, 21, 15, 4, tzinfo=UTC)


def outcome(content: bytes, password: bytes) -> str:
    """The RUT of the certificate, or the code of the refusal."""
    try:
        return load_pkcs12(content, password).certificate.rut
    except NeedsOperator as refusal:
        return refusal.code


def refused(content: bytes, password: bytes = b"clave") -> str:
    code = outcome(content, password)
    assert code.startswith("E")
    return code


def test_an_identity_survives_its_file(issuer: Identity) -> None:
    loaded = load_pkcs12(to_pkcs12(issuer, "contraseña".encode()), "contraseña".encode())
    assert loaded.certificate == issuer.certificate
    assert loaded.chain == issuer.chain
    assert loaded.key.private_numbers() == issuer.key.private_numbers()


def test_the_facts_are_those_of_the_certificate(issuer: Identity) -> None:
    told = issuer.certificate
    assert (told.rut, told.key_bits, told.is_test) == (RUT, 2048, True)
    assert told.titular == "EMPRESA INVENTADA SA (PRUEBA)"
    assert told.subject.startswith("CN=EMPRESA INVENTADA SA (PRUEBA), SERIALNUMBER=RUC217777770013, OU=PRUEBA")
    assert len(told.fingerprint) == 64


def test_the_key_is_never_shown(issuer: Identity) -> None:
    assert "key=" not in repr(issuer)
    assert "RSAPrivateKey" not in repr(issuer)


@pytest.mark.parametrize("password", [b"otra", b"", b"Clave", b"clave ", b"clave\0", b"\0", b"\xff\x81"])
def test_a_wrong_password_is_told_as_such(issuer: Identity, password: bytes) -> None:
    assert refused(to_pkcs12(issuer, b"clave"), password) == "E2101"


def test_a_password_file_of_windows_opens_it_too(issuer: Identity) -> None:
    assert load_pkcs12(to_pkcs12(issuer, "año".encode()), "año".encode("cp1252")).certificate == issuer.certificate
    assert load_pkcs12(to_pkcs12(issuer, b"clave"), "\ufeffclave".encode()).certificate == issuer.certificate


@pytest.mark.parametrize("content", [b"", b"hola", b"-----BEGIN CERTIFICATE-----\n", b"\x30\x82\x01\x00"])
def test_what_is_no_pkcs12_is_told_as_such(content: bytes) -> None:
    assert refused(content) == "E2102"


def test_a_certificate_alone_is_no_pkcs12_either(issuer: Identity) -> None:
    assert refused(issuer.certificate.der) == "E2102"


def test_an_old_cipher_that_this_machine_lacks_comes_with_the_command_that_converts_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def closed(*_: object) -> None:
        raise UnsupportedAlgorithm("RC2 is not supported")

    monkeypatch.setattr(pkcs12, "load_key_and_certificates", closed)
    with pytest.raises(NeedsOperator, match="openssl pkcs12 -legacy") as caught:
        load_pkcs12(b"x", b"clave")
    assert caught.value.code == "E2103"


def test_a_file_without_key_a_foreign_kind_of_key_and_a_short_one_are_told_apart(issuer: Identity) -> None:
    sealed = BestAvailableEncryption(b"clave")
    certificate = _x509(issuer)
    alone = pkcs12.serialize_key_and_certificates(None, None, None, [certificate], sealed)
    assert refused(alone) == "E2104"
    curve = pkcs12.serialize_key_and_certificates(None, ec.generate_private_key(ec.SECP256R1()), None, None, sealed)
    assert refused(curve) == "E2104"
    short = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 - that is the test
    assert refused(to_pkcs12(_self_signed(short), b"clave")) == "E2106"


def _x509(identity: Identity) -> x509.Certificate:
    return x509.load_der_x509_certificate(identity.certificate.der)


def _self_signed(key: Any) -> Identity:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "X")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(NOW).not_valid_after(NOW + timedelta(days=1))
    return Identity(key=key, certificate=facts(builder.sign(key, SHA256())))


def test_an_elliptic_key_is_refused(issuer: Identity) -> None:
    curve = _self_signed(ec.generate_private_key(ec.SECP256R1()))
    assert refused(to_pkcs12(curve, b"clave")) == "E2105"


def test_nothing_is_wrong_with_a_good_certificate(issuer: Identity) -> None:
    assert not problems(issuer.certificate, rut=RUT, ambiente="prueba", now=NOW)


def test_everything_wrong_is_told_at_once(authority: Identity) -> None:
    old = Validity(desde=datetime(2020, 1, 1, tzinfo=UTC), hasta=datetime(2022, 1, 1, tzinfo=UTC))
    certificate = issue(authority, old, rut="215555550010", titular="OTRA SA").certificate
    found = [finding.code for finding in problems(certificate, rut=RUT, ambiente="produccion", now=NOW)]
    assert found == ["E2107", "E2109", "E2111"]


def test_a_certificate_is_valid_from_its_first_to_its_last_second(issuer: Identity) -> None:
    certificate = issuer.certificate
    second = timedelta(seconds=1)

    def told(now: datetime) -> list[str]:
        return [finding.code for finding in problems(certificate, rut=RUT, ambiente="prueba", now=now)]

    assert told(certificate.not_before - second) == ["E2108"]
    assert told(certificate.not_before) == []
    assert told(certificate.not_after) == []
    assert told(certificate.not_after + second) == ["E2107"]


def test_a_real_certificate_is_welcome_in_both_environments_and_a_test_one_only_in_its_own(issuer: Identity) -> None:
    real = replace(issuer.certificate, subject="CN=ALMACEN SA", issuer="CN=Correo Uruguayo - CA")
    for ambiente in ("prueba", "produccion"):
        assert not problems(real, rut=RUT, ambiente=ambiente, now=NOW)
    lower = replace(real, issuer="CN=ca de Prueba")
    assert [f.code for f in problems(lower, rut=RUT, ambiente="produccion", now=NOW)] == ["E2111"]


def test_a_certificate_that_names_no_rut_cannot_sign(authority: Identity) -> None:
    assert [f.code for f in problems(authority.certificate, rut=RUT, ambiente="prueba", now=NOW)] == ["E2110"]


def test_a_certificate_is_read_in_der_and_pem(issuer: Identity) -> None:
    pem = _x509(issuer).public_bytes(Encoding.PEM)
    assert load_certificate(pem) == load_certificate(issuer.certificate.der) == issuer.certificate
    with pytest.raises(NeedsOperator):
        load_certificate(b"hola")


def test_every_code_is_used_once_and_in_order() -> None:
    assert [rule.code for rule in codes.RULES] == sorted({rule.code for rule in codes.RULES})
    assert all(isinstance(rule, Rule) and rule.hint for rule in codes.RULES)
