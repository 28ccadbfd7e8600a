"""The issuer's keys as the engine uses them: loaded once, judged at every signature; the date says which one signs."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from sincronizador.core.signature import SignaturePlan
from sincronizador.errors import NeedsOperator, SincronizadorError
from sincronizador.signing.certificate import Certificate, Identity, load_certificate, problems
from sincronizador.signing.codes import TOKEN_AWAY
from sincronizador.signing.door import Signer
from sincronizador.signing.token import RETRY_SECONDS, TokenKey
from sincronizador.signing.verify import verify
from sincronizador.signing.xmldsig import XmlSigner, confirms


class Register(Protocol):
    """What is known of certificates by their fingerprint, whatever files there are."""

    def ambiente(self, fingerprint: str) -> str:
        """For which environment it was installed; empty for a stranger."""
        ...

    def since(self, fingerprint: str) -> datetime | None:
        """From when on it takes the present one's place; None for one that was not installed to follow."""
        ...

    def ders(self) -> Sequence[bytes]:
        """All that were ever installed."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Key:
    """One file with a key, as far as it could be read."""

    certificate: Certificate | None = None
    signer: Signer | None = field(default=None, repr=False)
    why: str = "no hay certificado cargado"
    """Why it cannot sign, whatever the date."""
    since: datetime | None = None
    away: bool = False
    """Its token was not there when it was loaded: it may come back."""
    holder: Callable[[], str] = lambda: ""
    """Why what holds the key cannot sign now."""


class IssuerPen:
    """
    A `Pen` over the present key and, where it was installed, the one that follows it.

    `load` gives the present identity or raises `NeedsOperator`; `load_next` the same of the one that follows, or None.
    Nothing changes when the day comes: at any moment the same dates choose the same key, also after a restart.
    """

    def __init__(
        self,
        load: Callable[[], Identity],
        register: Register,
        *,
        rut: str,
        ambiente: str,
        load_next: Callable[[], Identity | None] = lambda: None,
    ) -> None:
        self._load = load
        self._load_next = load_next
        self._register = register
        self._rut = rut
        self._ambiente = ambiente
        self._present = self._next = _Key()
        self._earlier: tuple[Certificate, ...] = ()
        self._cloud: tuple[Certificate, ...] = ()
        self.reload()

    def reload(self) -> None:
        """Read the certificates again; what is wrong with them is kept for `trouble`."""
        self._present, self._next = self._take(self._load), self._take(self._load_next)
        self._earlier = tuple(load_certificate(der) for der in self._register.ders())
        self._next_look = time.monotonic() + RETRY_SECONDS

    def _take(self, load: Callable[[], Identity | None]) -> _Key:
        try:
            identity = load()
        except SincronizadorError as error:
            return _Key(why=str(error).rstrip("."), away=error.code == TOKEN_AWAY.code)
        if identity is None:
            return _Key()
        known, fingerprint = identity.certificate, identity.certificate.fingerprint
        ambiente = self._register.ambiente(fingerprint)
        if not ambiente:
            why = "el certificado no fue instalado con «sincronizador certificado instalar»"
            return _Key(certificate=known, why=why)
        if ambiente != self._ambiente:
            why = f"el certificado se instaló para {ambiente} y esta instalación es de {self._ambiente}"
            return _Key(certificate=known, why=why)
        return _Key(
            certificate=known, signer=XmlSigner(identity), why="", since=self._register.since(fingerprint),
            holder=identity.key.trouble if isinstance(identity.key, TokenKey) else str,
        )  # fmt: skip

    @property
    def certificate(self) -> Certificate | None:
        """What the present file holds, usable or not."""
        return self._present.certificate

    def certificate_at(self, now: datetime) -> Certificate | None:
        """What signs at that moment, usable or not."""
        return self._at(now).certificate

    def next_at(self, now: datetime) -> datetime | None:
        """When the key that follows takes its place; None when there is none that could, or it has taken it."""
        waits = self._next.signer is not None and self._at(now) is self._present
        return self._next.since if waits else None

    def next_signs_at(self, now: datetime) -> bool:
        """Whether the key that follows has taken the present one's place."""
        return self._at(now) is self._next

    def trouble(self, now: datetime) -> str:
        """Why it cannot sign now; empty when it can."""
        if self._present.away and time.monotonic() >= self._next_look:
            self.reload()
        return self._trouble(self._at(now), now)

    def sign(self, document: bytes, plans: Sequence[SignaturePlan], now: datetime) -> bytes:
        """The signed document. Raises `NeedsOperator` E2002 without a usable key."""
        key = self._at(now)
        if key.signer is None:
            raise NeedsOperator("E2002", f"No se puede firmar: {key.why}.")
        for plan in plans:
            document = key.signer.sign(document, plan)
        return document

    def _at(self, now: datetime) -> _Key:
        """The key that follows from its day on, unless it is of no use and the present one still is."""
        due = self._next.since is not None and self._next.since <= now
        useless = due and self._trouble(self._next, now) and not self._trouble(self._present, now)
        return self._next if due and not useless else self._present

    def _trouble(self, key: _Key, now: datetime) -> str:
        if key.signer is None or key.certificate is None:
            return key.why
        found = problems(key.certificate, rut=self._rut, ambiente=self._ambiente, now=now)
        return found[0].message.rstrip(".") if found else key.holder()

    def verify(self, document: bytes) -> str:
        """The tax number in the certificate that signed `document`: ours, one of the cloud's. Raises `Rejected`."""
        own = (self._present.certificate, self._next.certificate)
        trusted = [*filter(None, own), *self._earlier, *self._cloud]
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
