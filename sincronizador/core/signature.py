"""What to sign and how, as data: a country says it, the signing room does it."""

from dataclasses import dataclass
from enum import StrEnum


class Key(StrEnum):
    """Whose key signs."""

    EMISOR = "emisor"
    RANGO = "rango"


class Digest(StrEnum):
    """Digest and signature hash."""

    SHA1 = "sha1"
    SHA256 = "sha256"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignaturePlan:
    """
    One signature over a whole document: enveloped XMLDSig, ``URI=""``, RSA, inclusive C14N 1.0, as last child.

    Plans of one document are carried out in order, each over the bytes the one before left.
    """

    key: Key = Key.EMISOR
    digest: Digest = Digest.SHA256
