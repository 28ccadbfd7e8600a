"""
XML Encryption of one element to a certificate: what only the tax authority may read.

In the form of DGI's sample of a sale for somebody else (``Sob_219999830019_fac-Cta_Ajena-enc.xml``): the element is
encrypted with a key of its own, and that key with the certificate's.
"""

import os
from base64 import b64encode
from dataclasses import dataclass
from enum import StrEnum

from cryptography import x509
from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP, AsymmetricPadding, PKCS1v15
from cryptography.hazmat.primitives.ciphers import BlockCipherAlgorithm, Cipher, CipherAlgorithm, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.hashes import SHA1

from sincronizador.errors import NeedsOperator
from sincronizador.signing.certificate import Certificate
from sincronizador.signing.codes import NOT_RSA
from sincronizador.signing.xmldsig import DS

XENC = "http://www.w3.org/2001/04/xmlenc#"
KEY_NAME = "CERT_DGI_EFACTURA"
"""What DGI's sample calls the certificate that it is encrypted to."""


class Cifrado(StrEnum):
    """With what an element is encrypted."""

    TRIPLE_DES = "3des"
    """``tripledes-cbc`` under ``rsa-1_5``: what DGI's sample has."""
    AES = "aes256"
    """``aes256-cbc`` under ``rsa-oaep-mgf1p``."""


@dataclass(frozen=True, slots=True)
class _Suite:
    """The algorithms of a `Cifrado`, and their names in XML Encryption."""

    data: str
    transport: str
    key_bytes: int
    cipher: type[TripleDES] | type[AES]
    padding: AsymmetricPadding
    method: str = ""
    """What the transport's EncryptionMethod holds."""


_SUITES = {
    Cifrado.TRIPLE_DES: _Suite("tripledes-cbc", "rsa-1_5", 24, TripleDES, PKCS1v15()),
    Cifrado.AES: _Suite(
        "aes256-cbc",
        "rsa-oaep-mgf1p",
        32,
        AES,
        OAEP(mgf=MGF1(SHA1()), algorithm=SHA1(), label=None),  # noqa: S303 - what rsa-oaep-mgf1p means
        f'<dsig:DigestMethod Algorithm="{DS}sha1"></dsig:DigestMethod>',
    ),
}


class Sealer:
    """Encrypts to one certificate. Threads may share it. Raises `NeedsOperator` E2105 for one whose key is not RSA."""

    def __init__(self, certificate: Certificate, cifrado: Cifrado = Cifrado.TRIPLE_DES) -> None:
        key = x509.load_der_x509_certificate(certificate.der).public_key()
        if not isinstance(key, rsa.RSAPublicKey):
            raise NOT_RSA.at().as_error(NeedsOperator)
        self._key = key
        self._suite = _SUITES[cifrado]

    def encrypt(self, element: bytes) -> bytes:
        """
        The ``xenc:EncryptedData`` that stands for `element`, canonical; another one each time.

        `element` is a whole one that declares its own namespaces, for it is read alone once it is decrypted.
        """
        suite, secret = self._suite, os.urandom(self._suite.key_bytes)
        wrapped = self._key.encrypt(secret, suite.padding)
        return (
            f'<xenc:EncryptedData xmlns:xenc="{XENC}" Type="{XENC}Element">'
            f'<xenc:EncryptionMethod Algorithm="{XENC}{suite.data}"></xenc:EncryptionMethod>'
            f'<dsig:KeyInfo xmlns:dsig="{DS}"><xenc:EncryptedKey Recipient="name:{KEY_NAME}">'
            f'<xenc:EncryptionMethod Algorithm="{XENC}{suite.transport}">{suite.method}</xenc:EncryptionMethod>'
            f"<dsig:KeyInfo><dsig:KeyName>{KEY_NAME}</dsig:KeyName></dsig:KeyInfo>"
            f"{_cipher_data(wrapped)}</xenc:EncryptedKey></dsig:KeyInfo>"
            f"{_cipher_data(_ciphered(suite.cipher(secret), element))}</xenc:EncryptedData>"
        ).encode()


def _cipher_data(content: bytes) -> str:
    value = b64encode(content).decode()
    return f"<xenc:CipherData><xenc:CipherValue>{value}</xenc:CipherValue></xenc:CipherData>"


def _ciphered(algorithm: CipherAlgorithm, clear: bytes) -> bytes:
    """Vector and blocks; the last byte of the last block says how many were added (XML Encryption 1.0, 5.2)."""
    if not isinstance(algorithm, BlockCipherAlgorithm):
        raise TypeError("a cipher of blocks")
    size = algorithm.block_size // 8
    vector, added = os.urandom(size), size - len(clear) % size
    encryptor = Cipher(algorithm, modes.CBC(vector)).encryptor()
    return vector + encryptor.update(clear + bytes(added - 1) + bytes([added])) + encryptor.finalize()
