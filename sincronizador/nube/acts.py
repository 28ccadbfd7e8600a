"""What an administrator did, and what one must look at."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One entry of the audit."""

    who: str
    act: str
    """Stable: ``issuer``, ``installation``, ``token``, ``revoke``, ``dead``, ``certificate``, ``cae``, ``annul``..."""
    rut: str
    """Of the issuer it is about; empty for the whole cloud."""
    at: datetime
    detail: str
    """A Spanish sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """Something that a person must look at."""

    id: int
    """0 for what is computed now and goes away by itself."""
    rut: str
    code: str
    """Of the catalogue `nube.codes`."""
    at: datetime
    sentence: str
