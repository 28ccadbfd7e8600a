"""The signing room as the fake DGI's eye and hand, and the identity that it signs with."""

import os
import secrets
import ssl
from datetime import datetime, timedelta

from sincronizador.authorities.fake import RUT_DGI
from sincronizador.authorities.fake_notary import Holder
from sincronizador.core.signature import Digest, SignaturePlan
from sincronizador.errors import NeedsOperator, Rejected
from sincronizador.files import make_folder, write_atomic
from sincronizador.signing.certificate import Certificate, Identity, load_certificate, load_pkcs12, to_pkcs12
from sincronizador.signing.identity import Validity, issue, issue_tls, make_authority
from sincronizador.signing.rsa import confirms_bytes, sign_bytes
from sincronizador.signing.trust import Authorities, to_pem
from sincronizador.signing.verify import verify
from sincronizador.signing.xmldsig import XmlSigner

AUTHORITY = "autoridad.pem"
"""What its callers trust: it issued the server's certificate and the one that answers are signed with."""

_YEARS = timedelta(days=1825)
_TLS = ("tls.pem", "tls.key")
_SIGNING = ("firma.p12", "clave.txt")


class SigningNotary:
    """`authorities.fake_notary.Notary`."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._signer = XmlSigner(identity, embed_certificate=True)
        self._authorities = Authorities(identity.chain)

    @property
    def certificate(self) -> bytes:
        """DGI's own, DER."""
        return self._identity.certificate.der

    def read(self, der: bytes) -> Holder:
        """What a certificate says. Raises ValueError."""
        found = _certificate(der)
        return Holder(
            rut=found.rut, titular=found.titular, serial=found.serial, not_before=found.not_before,
            not_after=found.not_after, der=found.der,
        )  # fmt: skip

    def trusts(self, der: bytes) -> bool:
        """Whether an authority on the list issued it."""
        return self._authorities.trusts(_certificate(der))

    def trust(self, pem: bytes) -> None:
        """One more authority. Raises ValueError."""
        self._authorities.add(pem)

    def verify(self, document: bytes, der: bytes) -> str:
        """The weakest digest of a good signature. Raises ValueError."""
        try:
            return str(verify(document, certificate=_certificate(der)).digest)
        except Rejected as exc:
            raise ValueError(str(exc)) from exc

    def confirms(self, der: bytes, data: bytes, value: bytes, digest: str) -> bool:
        """Whether `value` signs `data`."""
        return confirms_bytes(_certificate(der), data, value, Digest(digest))

    def sign(self, data: bytes, digest: str) -> bytes:
        """DGI's signature over bytes."""
        return sign_bytes(self._identity, data, Digest(digest))

    def sign_document(self, document: bytes) -> bytes:
        """DGI's enveloped signature, with SHA-1 as DGI's."""
        return self._signer.sign(document, SignaturePlan(digest=Digest.SHA1))


def _certificate(der: bytes) -> Certificate:
    try:
        return load_certificate(der)
    except NeedsOperator as exc:
        raise ValueError("no es un certificado X.509") from exc


def open_identity(folder: str, now: datetime) -> tuple[SigningNotary, ssl.SSLContext]:
    """
    The fake DGI's identity and its server's, of an authority of its own; made in `folder` the first time.

    The authority's certificate is written last: where it is, the rest is complete.
    """
    paths = {name: os.path.join(folder, name) for name in (AUTHORITY, *_TLS, *_SIGNING)}
    if not os.path.exists(paths[AUTHORITY]):
        _make(folder, paths, now)
    with open(paths["firma.p12"], "rb") as file, open(paths["clave.txt"], "rb") as key:
        identity = load_pkcs12(file.read(), key.read().strip())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(paths["tls.pem"], paths["tls.key"])
    return SigningNotary(identity), context


def _make(folder: str, paths: dict[str, str], now: datetime) -> None:
    make_folder(folder, parents=True)
    os.chmod(folder, 0o700)
    validity = Validity(desde=now - timedelta(days=30), hasta=now + _YEARS)
    authority = make_authority(validity, name="AUTORIDAD DE LA DGI DE PRUEBA")
    password = secrets.token_urlsafe(12).encode()
    identity = issue(authority, validity, rut=RUT_DGI, titular="***PRUEBA*** DGI DE PRUEBA")
    tls = issue_tls(authority, validity, ("127.0.0.1", "localhost"))
    write_atomic(paths["clave.txt"], password + b"\n", mode=0o600)
    write_atomic(paths["firma.p12"], to_pkcs12(identity, password), mode=0o600)
    write_atomic(paths["tls.key"], tls.key, mode=0o600)
    write_atomic(paths["tls.pem"], tls.certificate)
    write_atomic(paths[AUTHORITY], to_pem(authority.certificate))
