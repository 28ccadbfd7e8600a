"""
Identities for tests and the demo: an authority of our own, certificates and CAE files that say PRUEBA.

The keys are real and new each time; nothing made here is worth anything at DGI.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from sincronizador.core.numbering import Rango
from sincronizador.core.signature import SignaturePlan
from sincronizador.countries.uy.tipos import ZONE
from sincronizador.signing.certificate import Identity, facts
from sincronizador.signing.xmldsig import XmlSigner

_BITS = 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class Validity:
    """From when to when a certificate is valid; both aware. It must begin before the first document (DGI: S03)."""

    desde: datetime
    hasta: datetime


def make_authority(validity: Validity, *, name: str = "AUTORIDAD CERTIFICADORA DE PRUEBA") -> Identity:
    """A certification authority of our own, self-signed; `name` should say PRUEBA."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=_BITS)
    subject = _subject(name, "SINCRONIZADOR - PRUEBA")
    builder = _builder(subject, subject, key, validity, authority=True)
    return Identity(key=key, certificate=facts(builder.sign(key, hashes.SHA256())))


def issue(authority: Identity, validity: Validity, *, rut: str, titular: str) -> Identity:
    """An issuer's identity as a Uruguayan authority gives it: RSA-2048, serialNumber ``RUC`` and the twelve digits."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=_BITS)
    subject = _subject(titular, titular, x509.NameAttribute(NameOID.SERIAL_NUMBER, f"RUC{rut}"))
    issuer = x509.load_der_x509_certificate(authority.certificate.der).subject
    builder = _builder(subject, issuer, key, validity, authority=False)
    certificate = builder.sign(_software(authority), hashes.SHA256())
    return Identity(key=key, certificate=facts(certificate), chain=(authority.certificate,))


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsFiles:
    """What a server needs to be trusted, as PEM."""

    authority: bytes
    """The authority's certificate: what a client trusts."""
    certificate: bytes
    key: bytes = field(repr=False)
    """Without password."""


def issue_tls(authority: Identity, validity: Validity, names: Sequence[str]) -> TlsFiles:
    """A server's certificate for these host names and IP addresses, issued by `authority`."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=_BITS)
    above = x509.load_der_x509_certificate(authority.certificate.der)
    certificate = (
        _builder(_subject(names[0], names[0]), above.subject, key, validity, authority=False)
        .add_extension(x509.SubjectAlternativeName([_general_name(name) for name in names]), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(_software(authority), hashes.SHA256())
    )
    return TlsFiles(
        authority=above.public_bytes(Encoding.PEM),
        certificate=certificate.public_bytes(Encoding.PEM),
        key=key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
    )


def _software(identity: Identity) -> rsa.RSAPrivateKey:
    if not isinstance(identity.key, rsa.RSAPrivateKey):
        raise TypeError("an authority's key is made here")
    return identity.key


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def sign_cae(authority: Identity, rango: Rango, *, rut: str, autorizado: date) -> bytes:
    """
    A CAE file as DGI hands it over (Formato CAE v05), for `rut` and authorised on that day, signed by `authority`.

    The certificate travels in it, so it can be verified alone; DGI's own files name another signer.
    """
    special = "".join(
        f"<{name}>{value}</{name}>"
        for name, value in (("CAEEspecial", rango.especial), ("CausalCAEEsp", rango.causal))
        if value
    )
    moment = datetime.combine(autorizado, time(10), ZONE).isoformat()
    document = (
        f'<CAE xmlns="http://cfe.dgi.gub.uy" version="1.0"><TmstFrma>{moment}</TmstFrma><DA><RucE>{rut}</RucE>'
        f"<TCFE>{rango.tipo}</TCFE><Serie>{rango.serie}</Serie><DNro>{rango.desde}</DNro><HNro>{rango.hasta}</HNro>"
        f"<TA>E</TA><NA>{rango.id}</NA><FA>{autorizado}</FA><FVD>{rango.vence}</FVD>{special}</DA></CAE>"
    )
    return XmlSigner(authority, embed_certificate=True).sign(document.encode(), SignaturePlan())


def _subject(name: str, organization: str, *more: x509.NameAttribute[str]) -> x509.Name:
    attributes = [
        x509.NameAttribute(NameOID.COUNTRY_NAME, "UY"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization),
        x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "PRUEBA"),
        *more,
        x509.NameAttribute(NameOID.COMMON_NAME, name),
    ]
    return x509.Name(attributes)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: rsa.RSAPrivateKey, validity: Validity, *, authority: bool
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(validity.desde)
        .not_valid_after(validity.hasta)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=0 if authority else None), critical=True)
    )
