"""
Enveloped XML signatures over a whole document: the hot path.

The SignedInfo is a constant in canonical form around the digest, so nothing is parsed or canonicalised and the cost is
the key's. (lxml's C14N of a subtree would be wrong: it writes ``xmlns=""`` where a default namespace is inherited.)
"""

import hashlib
import re
from base64 import b64decode, b64encode
from functools import lru_cache
from xml.sax.saxutils import escape

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1, SHA256

from sincronizador.core.signature import Digest, SignaturePlan
from sincronizador.signing.certificate import Certificate, Identity

DS = "http://www.w3.org/2000/09/xmldsig#"
C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
ENVELOPED = f"{DS}enveloped-signature"
SIGNATURE_METHODS = {Digest.SHA1: f"{DS}rsa-sha1", Digest.SHA256: "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"}
DIGEST_METHODS = {Digest.SHA1: f"{DS}sha1", Digest.SHA256: "http://www.w3.org/2001/04/xmlenc#sha256"}

HASHES = {Digest.SHA1: SHA1(), Digest.SHA256: SHA256()}  # noqa: S303 - some authorities still ask for SHA-1
_OPENING = b'<Signature xmlns="' + DS.encode() + b'"><SignedInfo>'
_ROOT = re.compile(rb"<([^\s<>/!?]+)((?: [^\s=<>]+=\"[^\"<]*\")*)>")
_PREFIXES = re.compile(rb" xmlns:[^\s=]+=\"[^\"]*\"")


def _signed_info(digest: Digest) -> tuple[bytes, bytes]:
    """The inside of SignedInfo before and after the digest, canonical."""
    head = (
        f'<CanonicalizationMethod Algorithm="{C14N}"></CanonicalizationMethod>'
        f'<SignatureMethod Algorithm="{SIGNATURE_METHODS[digest]}"></SignatureMethod>'
        f'<Reference URI=""><Transforms><Transform Algorithm="{ENVELOPED}"></Transform>'
        f'<Transform Algorithm="{C14N}"></Transform></Transforms>'
        f'<DigestMethod Algorithm="{DIGEST_METHODS[digest]}"></DigestMethod><DigestValue>'
    )
    return head.encode(), b"</DigestValue></Reference></SignedInfo>"


_TEMPLATES = {digest: _signed_info(digest) for digest in Digest}


class XmlSigner:
    """
    Signs with one identity; `signing.door.Signer`. Threads may share it.

    The KeyInfo names the certificate by issuer and serial; with `embed_certificate` it also carries it, as CAE files
    and daily reports do. Whether the certificate is valid today is its loader's question, not asked again here.
    """

    def __init__(self, identity: Identity, *, embed_certificate: bool = False) -> None:
        self._key = identity.key
        self._key_info = _key_info(identity.certificate, embed_certificate=embed_certificate)

    def sign(self, document: bytes, plan: SignaturePlan) -> bytes:
        """
        The document with its Signature as last child of the root; canonical in, canonical out.

        `document` is a whole one in inclusive C14N 1.0: no declaration, no byte after the root. Raises ValueError for
        what plainly is not: signing that would give a signature which nobody can verify.
        """
        prefixes, end = _anatomy(document)
        digest = b64encode(hashlib.new(plan.digest, document).digest())
        head, tail = _TEMPLATES[plan.digest]
        info = head + digest + tail
        # As apex of its subset SignedInfo declares every namespace in scope, default first, then by prefix.
        signed = b'<SignedInfo xmlns="' + DS.encode() + b'"' + prefixes + b">" + info
        value = b64encode(self._key.sign(signed, PKCS1v15(), HASHES[plan.digest]))
        return b"".join(
            (
                document[:end],
                b'<Signature xmlns="' + DS.encode() + b'"><SignedInfo>',
                info,
                b"<SignatureValue>",
                value,
                b"</SignatureValue>",
                self._key_info,
                document[end:],
            )
        )


def confirms(signed: bytes, certificate: Certificate) -> bool:
    """
    Whether these are the very bytes that `XmlSigner` makes with the key of `certificate`.

    The fast way of `verify`, for what came back from another machine of ours: nothing is parsed. False says nothing
    about a signature of another form.
    """
    document, found, signature = signed.rpartition(_OPENING)
    body, ended, closing = signature.partition(b"</Signature>")
    signed_info, valued, rest = body.partition(b"<SignatureValue>")
    value, _, key_info = rest.partition(b"</SignatureValue>")
    ours = (_key_info(certificate, embed_certificate=embed) for embed in (False, True))
    if not (found and ended and valued) or b"<Signature " in document or key_info + ended not in ours:
        return False
    document += closing
    try:
        prefixes, end = _anatomy(document)
    except ValueError:
        return False
    digest = b64encode(hashlib.sha256(document).digest())
    head, tail = _TEMPLATES[Digest.SHA256]
    info = head + digest + tail
    if document[end:] != closing or signed_info != info:
        return False
    bound = b'<SignedInfo xmlns="' + DS.encode() + b'"' + prefixes + b">" + info
    try:
        _public_key(certificate.der).verify(b64decode(value, validate=True), bound, PKCS1v15(), SHA256())
    except (InvalidSignature, ValueError):
        return False
    return True


@lru_cache(maxsize=16)
def _public_key(der: bytes) -> rsa.RSAPublicKey:
    key = x509.load_der_x509_certificate(der).public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        raise ValueError("not an RSA key")  # noqa: TRY004 - of the certificate, not of the argument
    return key


def _anatomy(document: bytes) -> tuple[bytes, int]:
    """The prefixed namespaces declared by the root, as written, and where its end tag begins."""
    root = _ROOT.match(document)
    if root is None or b"\r" in document:
        raise ValueError("not a canonical document")
    name, attributes = root.groups()
    if b" xml:" in attributes:
        raise ValueError("xml: attributes of the root would be inherited by SignedInfo")
    closing = b"</" + name + b">"
    if not document.endswith(closing):
        raise ValueError("the document goes on after its root")
    return b"".join(_PREFIXES.findall(attributes)), len(document) - len(closing)


@lru_cache(maxsize=16)
def _key_info(certificate: Certificate, *, embed_certificate: bool) -> bytes:
    embedded = f"<X509Certificate>{b64encode(certificate.der).decode()}</X509Certificate>" if embed_certificate else ""
    return (
        "<KeyInfo><X509Data><X509IssuerSerial>"
        f"<X509IssuerName>{escape(certificate.issuer)}</X509IssuerName>"
        f"<X509SerialNumber>{certificate.serial}</X509SerialNumber>"
        f"</X509IssuerSerial>{embedded}</X509Data></KeyInfo></Signature>"
    ).encode()
