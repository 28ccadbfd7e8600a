"""The issuer's key as the engine uses it: loaded once, judged at every signature."""

from collections.abc import Callable, Sequence
from datetime import datetime

from sincronizador.core.signature import SignaturePlan
from sincronizador.errors import NeedsOperator, SincronizadorError
from sincronizador.signing.certificate import Certificate, Identity, load_certificate, problems
from sincronizador.signing.door import Signer
from sincronizador.signing.verify import verify
from sincronizador.signing.xmldsig import XmlSigner, confirms


class IssuerPen:
    """
    A `Pen` over a PKCS#12.

    `load` gives the identity or raises `NeedsOperator`; `recorded` tells for which environment a fingerprint was
    installed, empty for none.
    """

    def __init__(
        self, load: Callable[[], Identity], recorded: Callable[[str], str], *, rut: str, ambiente: str
    ) -> None:
        self._load = load
        self._recorded = recorded
        self._rut = rut
        self._ambiente = ambiente
        self._signer: Signer | None = None
        self._cloud: tuple[Certificate, ...] = ()
        self._why = "no hay certificado cargado"
        self.certificate: Certificate | None = None
        """What is loaded, usable or not."""
        self.reload()

    def reload(self) -> None:
        """Read the certificate again; what is wrong with it is kept for `trouble`."""
        self._signer, self.certificate = None, None
        try:
            identity = self._load()
        except SincronizadorError as error:
            self._why = str(error).rstrip(".")
            return
        self.certificate = identity.certificate
        ambiente = self._recorded(identity.certificate.fingerprint)
        if not ambiente:
            self._why = "el certificado no fue instalado con «sincronizador certificado instalar»"
        elif ambiente != self._ambiente:
            self._why = f"el certificado se instaló para {ambiente} y esta instalación es de {self._ambiente}"
        else:
            self._signer = XmlSigner(identity)

    def trouble(self, now: datetime) -> str:
        """Why it cannot sign now; empty when it can."""
        if self._signer is None or self.certificate is None:
            return self._why
        found = problems(self.certificate, rut=self._rut, ambiente=self._ambiente, now=now)
        return found[0].message.rstrip(".") if found else ""

    def sign(self, document: bytes, plans: Sequence[SignaturePlan]) -> bytes:
        """The signed document. Raises `NeedsOperator` E2002 without a usable key."""
        if self._signer is None:
            raise NeedsOperator("E2002", f"No se puede firmar: {self._why}.")
        for plan in plans:
            document = self._signer.sign(document, plan)
        return document

    def verify(self, document: bytes) -> str:
        """The tax number in the certificate that signed `document`: ours, one of the cloud's. Raises `Rejected`."""
        trusted = [*filter(None, [self.certificate]), *self._cloud]
        for certificate in trusted:
            if confirms(document, certificate):
                return certificate.rut
        return verify(document, certificate=self._named(document, trusted)).certificate.rut

    def trust(self, ders: Sequence[bytes]) -> None:
        """The certificates that the cloud signs with for this issuer."""
        self._cloud = tuple(load_certificate(der) for der in ders)

    @staticmethod
    def _named(document: bytes, trusted: Sequence[Certificate]) -> Certificate | None:
        """The one whose serial the signature names; else ours, whose verdict then says what is wrong."""
        serials = ((f"<X509SerialNumber>{one.serial}<".encode(), one) for one in trusted)
        return next((one for serial, one in serials if serial in document), trusted[0] if trusted else None)
