"""What the fake DGI needs of keys and certificates: a door that the roof fills with the signing room."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Whose certificate it is, and for how long."""

    rut: str
    """Twelve digits out of the subject's serialNumber, or empty."""
    titular: str
    serial: int
    not_before: datetime
    not_after: datetime
    der: bytes = field(repr=False)

    def is_valid(self, moment: datetime) -> bool:
        """Whether it could be used then."""
        return self.not_before <= moment <= self.not_after


class Notary(Protocol):
    """DGI's own identity, and its eye for those of others. Everything may be repeated."""

    @property
    def certificate(self) -> bytes:
        """DGI's own, DER."""

    def read(self, der: bytes) -> Holder:
        """What a certificate says. Raises ValueError for what is none."""

    def trusts(self, der: bytes) -> bool:
        """Whether one of the authorities that DGI knows issued it."""

    def trust(self, pem: bytes) -> None:
        """Know one more authority. Raises ValueError."""

    def verify(self, document: bytes, der: bytes) -> str:
        """The weakest digest, ``sha1`` or ``sha256``, of a good enveloped signature of that certificate's key.

        Raises ValueError with a sentence for a bad one.
        """

    def confirms(self, der: bytes, data: bytes, value: bytes, digest: str) -> bool:
        """Whether `value` is an RSA signature of that certificate's key over `data`."""

    def sign(self, data: bytes, digest: str) -> bytes:
        """DGI's own RSA signature over `data`."""

    def sign_document(self, document: bytes) -> bytes:
        """A canonical document with DGI's enveloped signature, SHA-1 as DGI's, as its last child."""
