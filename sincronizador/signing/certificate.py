"""The issuer's certificate and key: loaded once, told in plain facts, judged by date, owner and environment."""

import re
import threading
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Protocol
from unicodedata import normalize

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import AsymmetricPadding
from cryptography.hazmat.primitives.hashes import SHA256, HashAlgorithm
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, pkcs12
from cryptography.x509.oid import NameOID

from sincronizador.core.finding import Finding
from sincronizador.errors import NeedsOperator
from sincronizador.signing.codes import (
    EXPIRED,
    FOREIGN_RUT,
    KEY_MISMATCH,
    LEGACY,
    NO_KEY,
    NO_RUT,
    NOT_RSA,
    NOT_YET_VALID,
    OTHER_ENVIRONMENT,
    WEAK_KEY,
    WRONG_PASSWORD,
)
from sincronizador.signing.mistaken import mistaken

MIN_BITS = 2048
"""Shortest RSA key that may sign here."""

_NAMES = {NameOID.SERIAL_NUMBER: "SERIALNUMBER", NameOID.EMAIL_ADDRESS: "EMAILADDRESS"}
_LENIENT = threading.Lock()
"""Filters of warnings are the whole process's."""
_RUC = re.compile(r"RUC\D*(\d{12})(?!\d)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """What a certificate says, as plain facts."""

    subject: str
    """Most specific name first, as DGI writes it: ``CN=..., OU=..., O=..., C=UY``."""
    issuer: str
    """The same of who issued it: X509IssuerName of a signature."""
    titular: str
    """The subject's common name."""
    serial: int
    not_before: datetime
    """Aware, UTC."""
    not_after: datetime
    """Aware, UTC."""
    rut: str
    """Twelve digits out of the subject's serialNumber ``RUC...``, or empty."""
    key_bits: int
    """Of an RSA key; 0 for another kind."""
    fingerprint: str
    """SHA-256 of the certificate, lower-case hex."""
    der: bytes = field(repr=False)

    @property
    def is_test(self) -> bool:
        """Whether its owner or its issuer says PRUEBA."""
        return "PRUEBA" in f"{self.subject} {self.issuer}".upper()


class PrivateKey(Protocol):
    """What signing needs of a key, wherever it is; an `rsa.RSAPrivateKey` has it."""

    def sign(self, data: bytes, padding: AsymmetricPadding, algorithm: HashAlgorithm) -> bytes:
        """The signature of `data`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A private key, its certificate and the certificates above it. The key is never shown."""

    key: PrivateKey = field(repr=False)
    certificate: Certificate
    chain: tuple[Certificate, ...] = ()
    others: tuple[Certificate, ...] = ()
    """Certificates of other keys of its file, which stay there: only the first key of a file is loaded."""


def load_pkcs12(content: bytes, password: bytes) -> Identity:
    """
    The identity in a PKCS#12 file. The key is validated here, once: some 40 ms. A password is tried as it is and as
    another system would have written it.

    Raises `NeedsOperator` with E2101 to E2106, E2112 or E2113 when it cannot sign. Dates, owner and environment are not
    judged: that is what `problems` is for.
    """
    key, certificate, others = _opened(content, password)
    if key is None or certificate is None:
        raise _trouble(NO_KEY.at(falta="la clave privada" if key is None else "el certificado de la clave"))
    if not isinstance(key, rsa.RSAPrivateKey):
        raise _trouble(NOT_RSA.at())
    if key.key_size < MIN_BITS:
        raise _trouble(WEAK_KEY.at(bits=key.key_size))
    try:
        known, *more = (facts(one) for one in (certificate, *others))
    except ValueError as exc:
        raise _trouble(NOT_RSA.at()) from exc
    if key.public_key() != certificate.public_key():
        raise _trouble(KEY_MISMATCH.at())
    chain = tuple(one for one in more if not one.rut)
    return Identity(key=key, certificate=known, chain=chain, others=tuple(one for one in more if one.rut))


def to_pkcs12(identity: Identity, password: bytes) -> bytes:
    """The identity as a PKCS#12 file of today's ciphers under `password`, which must not be empty."""
    chain = [x509.load_der_x509_certificate(above.der) for above in identity.chain]
    certificate = x509.load_der_x509_certificate(identity.certificate.der)
    name = identity.certificate.titular.encode()
    key: Any = identity.key  # one in a token does not leave it: a TypeError
    return pkcs12.serialize_key_and_certificates(
        name, key, certificate, chain, BestAvailableEncryption(_spelled(password))
    )


def to_pem(certificate: Certificate) -> bytes:
    """The certificate alone, as text."""
    return x509.load_der_x509_certificate(certificate.der).public_bytes(Encoding.PEM)


def load_certificate(content: bytes) -> Certificate:
    """The facts of a certificate in DER or PEM. Raises `NeedsOperator` E2102 for anything else."""
    pem = content.lstrip().startswith(b"-----BEGIN")
    try:
        return facts(x509.load_pem_x509_certificate(content) if pem else x509.load_der_x509_certificate(content))
    except ValueError as exc:
        raise _trouble(mistaken(content)) from exc


def facts(certificate: x509.Certificate) -> Certificate:
    """The facts of a parsed certificate. Raises ValueError for one whose key is of an unknown kind."""
    try:
        key = certificate.public_key()
    except UnsupportedAlgorithm as exc:
        raise ValueError(str(exc)) from exc
    owner = _attribute(certificate.subject, NameOID.SERIAL_NUMBER)
    ruc = _RUC.search(owner.upper())
    return Certificate(
        subject=_name(certificate.subject),
        issuer=_name(certificate.issuer),
        titular=_attribute(certificate.subject, NameOID.COMMON_NAME),
        serial=certificate.serial_number,
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        rut=ruc[1] if ruc else "",
        key_bits=key.key_size if isinstance(key, rsa.RSAPublicKey) else 0,
        fingerprint=certificate.fingerprint(SHA256()).hex(),
        der=certificate.public_bytes(Encoding.DER),
    )


def problems(certificate: Certificate, *, rut: str, ambiente: str, now: datetime) -> Sequence[Finding]:
    """
    Why `certificate` must not sign for `rut` in `ambiente` (``prueba``, ``produccion``) at `now`; empty: it may.

    A certificate without PRUEBA is welcome in ``prueba``: DGI's testing environment takes the real ones.
    """
    found = []
    if now > certificate.not_after:
        found.append(EXPIRED.at(fecha=_day(certificate.not_after, now)))
    if now < certificate.not_before:
        found.append(NOT_YET_VALID.at(fecha=_day(certificate.not_before, now)))
    if not certificate.rut:
        found.append(NO_RUT.at(sujeto=certificate.subject))
    elif certificate.rut != rut:
        found.append(FOREIGN_RUT.at(del_certificado=certificate.rut, emisor=rut))
    if certificate.is_test and ambiente == "produccion":
        found.append(OTHER_ENVIRONMENT.at(titular=certificate.titular or certificate.subject))
    return found


def _day(moment: datetime, now: datetime) -> str:
    return f"{moment.astimezone(now.tzinfo):%d/%m/%Y %H:%M}"


def _attribute(name: x509.Name, oid: x509.ObjectIdentifier) -> str:
    values = name.get_attributes_for_oid(oid)
    return str(values[0].value) if values else ""


def _name(name: x509.Name) -> str:
    parts = (rdn.rfc4514_string(_NAMES) for rdn in reversed(name.rdns))
    return ", ".join(parts)


def _opened(content: bytes, password: bytes) -> tuple[object, x509.Certificate | None, list[x509.Certificate]]:
    """Key, its certificate and the others. Raises `NeedsOperator` E2101 to E2103 or E2113 for what does not open."""
    found: Exception | None = None
    for spelling in _spellings(password):
        try:
            with _LENIENT, warnings.catch_warnings():
                # Old exports are BER and not DER; what we keep is written anew.
                warnings.simplefilter("ignore", UserWarning)
                key, certificate, others = pkcs12.load_key_and_certificates(content, spelling)
        except (ValueError, UnsupportedAlgorithm) as exc:
            found = exc
            continue
        return key, *_with_its_key(key, certificate, others)
    if found is None:
        raise _trouble(WRONG_PASSWORD.at())
    raise _trouble(_why_closed(found, content)) from found


def _with_its_key(
    key: object, certificate: x509.Certificate | None, others: list[x509.Certificate]
) -> tuple[x509.Certificate | None, list[x509.Certificate]]:
    """The key's certificate and the rest: some programs do not write down which of them it is."""
    if certificate is None and isinstance(key, rsa.RSAPrivateKey):
        certificate = next((one for one in others if one.public_key() == key.public_key()), None)
    return certificate, [one for one in others if one != certificate]


def _spelled(password: bytes) -> bytes:
    found = next(_spellings(password), None)
    if found is None:
        raise _trouble(WRONG_PASSWORD.at())
    return found


def _spellings(password: bytes) -> Iterator[bytes]:
    """
    The password in UTF-8 without BOM, for the library breaks on anything else and on NUL, which no password has.

    Letters with accents are tried composed and apart, and what is not UTF-8 as what Windows and DOS write.
    """
    if b"\0" in password:
        return
    try:
        texts = [password.decode("utf-8-sig")]
    except UnicodeDecodeError:
        texts = [password.decode(codec, "replace") for codec in ("cp1252", "cp850")]
    forms = (form(text) for text in texts for form in (str, partial(normalize, "NFC"), partial(normalize, "NFD")))
    yield from dict.fromkeys(form.encode() for form in forms)


def _why_closed(exc: Exception, content: bytes) -> Finding:
    # cryptography tells these apart by their words only; the tests hold it to them.
    if "Invalid password" in str(exc):
        return WRONG_PASSWORD.at()
    if "Could not deserialize" in str(exc):
        return mistaken(content)
    return LEGACY.at(detalle=exc)


def _trouble(finding: Finding) -> NeedsOperator:
    return NeedsOperator(finding.code, f"{finding.message} {finding.hint}")
