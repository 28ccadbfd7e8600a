"""Whose certificates are trusted: those that an authority on the list signed."""

from collections.abc import Iterable

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding

from sincronizador.signing.certificate import Certificate, facts


class Authorities:
    """A list of authorities. One in between stands on it by itself, beside the one above it."""

    def __init__(self, certificates: Iterable[Certificate] = ()) -> None:
        self._known = {one.fingerprint: x509.load_der_x509_certificate(one.der) for one in certificates}

    def add(self, pem: bytes) -> None:
        """The authorities of a PEM file. Raises ValueError for what holds none."""
        for one in x509.load_pem_x509_certificates(pem):
            self._known[facts(one).fingerprint] = one

    def trusts(self, certificate: Certificate) -> bool:
        """Whether one of them issued it. Its dates are not looked at."""
        found = x509.load_der_x509_certificate(certificate.der)
        return any(_issued(found, authority) for authority in list(self._known.values()))


def to_pem(certificate: Certificate) -> bytes:
    """The certificate as other programs read it."""
    return x509.load_der_x509_certificate(certificate.der).public_bytes(Encoding.PEM)


def _issued(certificate: x509.Certificate, authority: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True
