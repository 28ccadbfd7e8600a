"""What a file is that somebody took for a certificate with its key: told in words, so that the right one is found."""

import re

from cryptography import x509

from sincronizador.core.finding import Finding
from sincronizador.signing.codes import CUT_FILE, NOT_PKCS12

_PFX = re.compile(rb"\x30.{0,5}?\x02\x01\x03\x30", re.DOTALL)
"""How a PKCS#12 begins: a sequence of its version, 3, and a sequence."""
_PKCS7 = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"
_JKS = (b"\xfe\xed\xfe\xed", b"\xce\xce\xce\xce")
_PEM = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----")


def mistaken(content: bytes) -> Finding:
    """The finding about a file that does not open as PKCS#12 (nor as a certificate), whatever the password."""
    if _PFX.match(content[:12]):
        missing = _announced(content) - len(content)
        detail = f"le faltan {missing} bytes del final" if missing > 0 else "su contenido no se entiende"
        return CUT_FILE.at(detalle=detail)
    return NOT_PKCS12.at(detalle=_kind(content))


def _announced(content: bytes) -> int:
    """The length that the first bytes of a DER sequence announce, its header included; 0 when they do not."""
    first = content[1] if len(content) > 1 else 0
    if first < 0x80:
        return first + 2
    size = first & 0x7F
    return int.from_bytes(content[2 : 2 + size], "big") + 2 + size if size else 0


def _kind(content: bytes) -> str:
    if not content.strip():
        return "está vacío"
    if labels := _PEM.findall(content):
        return _pem(labels)
    if content.startswith(_JKS):
        return "es un almacén de claves de Java (JKS); páselo a PKCS#12 con «keytool -importkeystore»"
    if _PKCS7 in content[:32]:
        return "es un .p7b, que trae certificados sin la clave privada"
    if content.lstrip()[:1] == b"<":
        return "es una página o un XML, quizá el mensaje de error de una descarga"
    try:
        x509.load_der_x509_certificate(content)
    except ValueError:
        return "no se reconoce qué es"
    return "es solo el certificado (.cer o .crt), sin la clave privada"


def _pem(labels: list[bytes]) -> str:
    has_key = any(label.endswith(b"PRIVATE KEY") for label in labels)
    if b"CERTIFICATE" in labels:
        return f"es un certificado en texto (PEM){', con su clave' if has_key else ', sin la clave privada'}"
    if has_key:
        return "es una clave privada en texto (PEM), sin el certificado"
    if any(label.endswith(b"CERTIFICATE REQUEST") for label in labels):
        return "es el pedido que se mandó a la certificadora (CSR), no lo que ella contestó"
    return "es un archivo de texto (PEM) sin certificado"
