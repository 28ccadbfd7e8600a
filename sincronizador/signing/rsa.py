"""RSA signatures over bytes (PKCS#1 v1.5): what stands under any form of signed XML."""

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1, SHA256

from sincronizador.core.signature import Digest
from sincronizador.signing.certificate import Certificate, Identity

_HASHES = {Digest.SHA1: SHA1(), Digest.SHA256: SHA256()}  # noqa: S303 - DGI signs its answers with SHA-1


def sign_bytes(identity: Identity, data: bytes, digest: Digest) -> bytes:
    """The signature of the identity's key over `data`."""
    return identity.key.sign(data, PKCS1v15(), _HASHES[digest])


def confirms_bytes(certificate: Certificate, data: bytes, value: bytes, digest: Digest) -> bool:
    """Whether `value` is a signature over `data` of the certificate's key; never of a key that is not RSA."""
    key = x509.load_der_x509_certificate(certificate.der).public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        return False
    try:
        key.verify(value, data, PKCS1v15(), _HASHES[digest])
    except InvalidSignature:
        return False
    return True
