"""The identities of tests and demo are what a Uruguayan authority would give, and say PRUEBA."""

import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from sincronizador.signing.certificate import Identity, problems, to_pkcs12
from sincronizador.signing.identity import Validity, issue

RUT = "217777770013"


def test_the_certificate_is_issued_by_its_authority_and_names_the_rut(authority: Identity, issuer: Identity) -> None:
    certificate = x509.load_der_x509_certificate(issuer.certificate.der)
    certificate.verify_directly_issued_by(x509.load_der_x509_certificate(authority.certificate.der))
    assert issuer.chain == (authority.certificate,)
    assert (issuer.certificate.rut, issuer.certificate.issuer) == (RUT, authority.certificate.subject)
    assert issuer.certificate.is_test


def test_an_expired_one_can_be_made(authority: Identity) -> None:
    validity = Validity(desde=datetime(2020, 1, 1, tzinfo=UTC), hasta=datetime(2021, 1, 1, tzinfo=UTC))
    old = issue(authority, validity, rut=RUT, titular="Pan & Cía. ÑANDÚ").certificate
    found = problems(old, rut=RUT, ambiente="prueba", now=datetime(2026, 11, 21, tzinfo=UTC))
    assert [finding.code for finding in found] == ["E2107"]


@pytest.mark.skipif(shutil.which("openssl") is None, reason="apt-get install openssl")
def test_openssl_opens_the_file_and_trusts_the_chain(authority: Identity, issuer: Identity, tmp_path: Path) -> None:
    p12, ca, leaf = tmp_path / "a.p12", tmp_path / "ca.pem", tmp_path / "leaf.pem"
    p12.write_bytes(to_pkcs12(issuer, b"clave"))
    ca.write_bytes(x509.load_der_x509_certificate(authority.certificate.der).public_bytes(Encoding.PEM))
    extract = ["openssl", "pkcs12", "-in", p12, "-passin", "pass:clave", "-clcerts", "-nokeys", "-out", leaf]
    subprocess.run(extract, check=True, capture_output=True)
    moment = str(int(datetime(2026, 11, 21, tzinfo=UTC).timestamp()))
    subprocess.run(["openssl", "verify", "-attime", moment, "-CAfile", ca, leaf], check=True, capture_output=True)
