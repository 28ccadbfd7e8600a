"""Issuers, their branches and their certificates."""

from dataclasses import dataclass
from datetime import datetime

from sincronizador.countries.uy.emisor import Ajustes, Emisor


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """An issuer."""

    rut: str
    branches: tuple[Emisor, ...]
    """Its places, oldest first; one at least."""
    ajustes: Ajustes
    recovering: bool
    """After a restore, until its installations have sent everything again: nothing is numbered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalledCertificate:
    """A certificate of an issuer."""

    rut: str
    fingerprint: str
    titular: str
    not_before: datetime
    not_after: datetime
    has_key: bool
    """Whether the cloud signs with it; the newest of those that are not revoked does."""
    installed: datetime
    revoked: datetime | None
