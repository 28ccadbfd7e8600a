"""
WS-Security over SOAP 1.1: the Body signed with an X.509 certificate that travels with it.

One way for every service of DGI (`exclusive`): also for the one whose namespace no library canonicalises.
"""

import binascii
import hashlib
from base64 import b64decode, b64encode
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

from sincronizador.core.finding import Rule
from sincronizador.core.signature import Digest
from sincronizador.errors import Rejected
from sincronizador.signing.certificate import Certificate, Identity, facts
from sincronizador.signing.codes import BROKEN_SEAL, NOT_AN_ENVELOPE, NOT_SEALED
from sincronizador.signing.exclusive import Element, NotXmlError, canonical, read
from sincronizador.signing.xmldsig import DIGEST_METHODS, DS, HASHES, SIGNATURE_METHODS

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"

_OASIS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
WSSE = f"{_OASIS}wssecurity-secext-1.0.xsd"
WSU = f"{_OASIS}wssecurity-utility-1.0.xsd"
X509V3 = f"{_OASIS}x509-token-profile-1.0#X509v3"
BASE64 = f"{_OASIS}soap-message-security-1.0#Base64Binary"

_BODY_ID = "cuerpo"
_TOKEN_ID = "certificado"  # noqa: S105 - an XML id
_HEAD = (
    f'<soapenv:Envelope xmlns:soapenv="{SOAP}"><soapenv:Header>'
    f'<wsse:Security xmlns:wsse="{WSSE}" soapenv:mustUnderstand="1">'
    f'<wsse:BinarySecurityToken xmlns:wsu="{WSU}" EncodingType="{BASE64}" ValueType="{X509V3}" wsu:Id="{_TOKEN_ID}">'
)
_SIGNATURE = f'</wsse:BinarySecurityToken><ds:Signature xmlns:ds="{DS}">'
_TAIL = (
    f"</ds:SignatureValue><ds:KeyInfo><wsse:SecurityTokenReference>"
    f'<wsse:Reference URI="#{_TOKEN_ID}" ValueType="{X509V3}"></wsse:Reference></wsse:SecurityTokenReference>'
    f"</ds:KeyInfo></ds:Signature></wsse:Security></soapenv:Header>"
)


class Seal:
    """Signs messages with one identity. Threads may share it."""

    def __init__(self, identity: Identity, *, digest: Digest = Digest.SHA256) -> None:
        self._key = identity.key
        self._certificate = b64encode(identity.certificate.der)
        self._digest = digest

    def seal(self, content: bytes) -> bytes:
        """
        The envelope, in UTF-8, whose Body holds `content`: XML without declaration, its namespaces declared in it.

        Raises ValueError for what is no such XML.
        """
        opening = f'<soapenv:Body xmlns:soapenv="{SOAP}" xmlns:wsu="{WSU}" wsu:Id="{_BODY_ID}">'
        body = canonical(read(opening.encode() + content + b"</soapenv:Body>"))
        info = _signed_info(self._digest, b64encode(hashlib.new(self._digest, body).digest()).decode())
        value = b64encode(self._key.sign(info, PKCS1v15(), HASHES[self._digest]))
        parts = (_HEAD, self._certificate, _SIGNATURE, info, "<ds:SignatureValue>", value, _TAIL, body)
        whole = b"".join(part.encode() if isinstance(part, str) else part for part in parts)
        return whole + b"</soapenv:Envelope>"


def _signed_info(digest: Digest, value: str) -> bytes:
    """SignedInfo over the Body, canonical."""
    return (
        f'<ds:SignedInfo xmlns:ds="{DS}">'
        f'<ds:CanonicalizationMethod Algorithm="{EXCLUSIVE}"></ds:CanonicalizationMethod>'
        f'<ds:SignatureMethod Algorithm="{SIGNATURE_METHODS[digest]}"></ds:SignatureMethod>'
        f'<ds:Reference URI="#{_BODY_ID}"><ds:Transforms>'
        f'<ds:Transform Algorithm="{EXCLUSIVE}"></ds:Transform></ds:Transforms>'
        f'<ds:DigestMethod Algorithm="{DIGEST_METHODS[digest]}"></ds:DigestMethod>'
        f"<ds:DigestValue>{value}</ds:DigestValue></ds:Reference></ds:SignedInfo>"
    ).encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A message whose Body is signed. Whether the certificate is trusted, and whose it should be, is not said."""

    body: bytes
    """The Body as it was signed, canonical: the very bytes that the signature covers, to be read by whoever asked."""
    certificate: Certificate
    """Whose key signed."""
    digest: Digest
    """The weaker one of digest and signature."""


def open_envelope(document: bytes) -> Opened:
    """
    The Body of a signed SOAP 1.1 envelope.

    What is given back is what was verified, never looked up again: an envelope with a second Body, or with the signed
    one moved elsewhere, gives nothing. Raises `Rejected` with E2123 to E2125.
    """
    try:
        envelope = read(document)
    except NotXmlError as exc:
        raise _rejected(NOT_AN_ENVELOPE, str(exc)) from exc
    security, body = _parts(envelope)
    signature = _only(security, DS, "Signature")
    info = _only(signature, DS, "SignedInfo")
    reference = _reference_to(envelope, body, info)
    digest = _digest(reference)
    signed = canonical(body, _prefixes(_only(_only(reference, DS, "Transforms"), DS, "Transform")))
    if hashlib.new(digest, signed).digest() != _decoded(_only(reference, DS, "DigestValue")):
        raise _rejected(BROKEN_SEAL, "su contenido cambió")
    signer, told = _signer(security, signature)
    method = _named(SIGNATURE_METHODS, _only(info, DS, "SignatureMethod"))
    bound = canonical(info, _prefixes(_only(info, DS, "CanonicalizationMethod")))
    _verify(signer, method, bound, _decoded(_only(signature, DS, "SignatureValue")))
    weaker = Digest.SHA1 if Digest.SHA1 in (digest, method) else Digest.SHA256
    return Opened(body=signed, certificate=told, digest=weaker)


def _parts(envelope: Element) -> tuple[Element, Element]:
    """The one Security header and the one Body, each in its place."""
    if envelope.tag != (SOAP, "Envelope"):
        raise _rejected(NOT_AN_ENVELOPE, "la raíz no es un sobre SOAP 1.1")
    *headers, body = envelope.elements() or [envelope]  # an empty one has no Body, and is none
    if body.tag != (SOAP, "Body") or [header.tag for header in headers] not in ([], [(SOAP, "Header")]):
        raise _rejected(NOT_AN_ENVELOPE, "no tiene un encabezado y un cuerpo, en este orden")
    found = headers[0].all(WSSE, "Security") if headers else []
    if len(found) != 1:
        raise _rejected(NOT_SEALED, "no tiene un encabezado Security" if not found else "tiene más de uno")
    return found[0], body


def _reference_to(envelope: Element, body: Element, info: Element) -> Element:
    """The reference of SignedInfo to the Body, by an id that nothing else has."""
    name = body.get(WSU, "Id")
    if name and sum(name in (one.get(WSU, "Id"), one.get("", "Id")) for one in envelope.walk()) > 1:
        raise _rejected(BROKEN_SEAL, "el identificador de su cuerpo está más de una vez")
    references = [one for one in info.all(DS, "Reference") if name and one.get("", "URI") == f"#{name}"]
    if len(references) != 1:
        raise _rejected(NOT_SEALED, "la firma no abarca el cuerpo")
    return references[0]


def _signer(security: Element, signature: Element) -> tuple[x509.Certificate, Certificate]:
    """The certificate of the token to which KeyInfo points, and what it says."""
    pointer = _only(_only(_only(signature, DS, "KeyInfo"), WSSE, "SecurityTokenReference"), WSSE, "Reference")
    tokens = security.all(WSSE, "BinarySecurityToken")
    named = [token for token in tokens if f"#{token.get(WSU, 'Id')}" == pointer.get("", "URI")]
    if len(named) != 1 or named[0].get("", "ValueType") != X509V3:
        raise _rejected(NOT_SEALED, "no dice con qué certificado se firmó")
    try:
        signer = x509.load_der_x509_certificate(_decoded(named[0]))
        return signer, facts(signer)
    except ValueError as exc:
        raise _rejected(BROKEN_SEAL, "el certificado que trae no se puede leer") from exc


def _verify(signer: x509.Certificate, method: Digest, bound: bytes, value: bytes) -> None:
    try:
        key = signer.public_key()
        if not isinstance(key, rsa.RSAPublicKey):
            raise _rejected(BROKEN_SEAL, "la clave del certificado no es RSA")
        key.verify(value, bound, PKCS1v15(), HASHES[method])
    except (InvalidSignature, ValueError) as exc:  # the second: a key that is none
        raise _rejected(BROKEN_SEAL, "la clave del certificado no la confirma") from exc


def _digest(reference: Element) -> Digest:
    return _named(DIGEST_METHODS, _only(reference, DS, "DigestMethod"))


def _named(methods: dict[Digest, str], element: Element) -> Digest:
    for digest, name in methods.items():
        if name == element.get("", "Algorithm"):
            return digest
    raise _rejected(BROKEN_SEAL, "usa un algoritmo que no es RSA con SHA-1 o SHA-256")


def _prefixes(method: Element) -> tuple[str, ...]:
    """The PrefixList of an exc-c14n; every other canonicalisation or transform is refused."""
    if method.get("", "Algorithm") != EXCLUSIVE:
        raise _rejected(BROKEN_SEAL, "usa una forma canónica que no es la exclusiva")
    lists = method.all(EXCLUSIVE, "InclusiveNamespaces")
    return tuple((lists[0].get("", "PrefixList") or "").split()) if lists else ()


def _only(element: Element, uri: str, local: str) -> Element:
    """Its one element of that name, and no second one."""
    found = element.all(uri, local)
    if len(found) != 1:
        raise _rejected(NOT_SEALED, f"falta {local}" if not found else f"{local} está más de una vez")
    return found[0]


def _decoded(element: Element) -> bytes:
    try:
        return b64decode("".join(element.text.split()), validate=True)
    except (ValueError, binascii.Error) as exc:
        raise _rejected(BROKEN_SEAL, "lleva algo que no está en Base64") from exc


def _rejected(rule: Rule, detail: str) -> Rejected:
    finding = rule.at(detalle=detail)
    return Rejected(finding.code, finding.message)
