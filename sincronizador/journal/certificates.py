"""Certificates: which were installed here, for which environment, and from when on one takes another's place."""

from base64 import b64decode, b64encode
from datetime import datetime

from .journal import Journal, Tx, meta, remember

_AMBIENTE = "certificado:"
_SINCE = "certificado-desde:"
_DER = "certificado-der:"


def record(db: Tx, fingerprint: str, ambiente: str, der: bytes, since: datetime | None) -> None:
    """
    A certificate was installed: to sign at once, or `since` a moment; its `der`, where it is given, is kept.

    Its moment is never taken back: it may be signing by it until its file has its new place.
    """
    remember(db, f"{_AMBIENTE}{fingerprint}", ambiente)
    if der:
        remember(db, f"{_DER}{fingerprint}", b64encode(der).decode())
    if since is not None:
        remember(db, f"{_SINCE}{fingerprint}", since.isoformat())


class Installed:
    """What the journal knows of certificates, read when it is asked."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def ambiente(self, fingerprint: str) -> str:
        """For which environment it was installed; empty for a stranger."""
        with self._journal.reading() as db:
            return meta(db, f"{_AMBIENTE}{fingerprint}")

    def since(self, fingerprint: str) -> datetime | None:
        """From when on it takes the present one's place; None for one that was not installed to follow."""
        with self._journal.reading() as db:
            found = meta(db, f"{_SINCE}{fingerprint}")
        return datetime.fromisoformat(found) if found else None

    def ders(self) -> list[bytes]:
        """All that were ever installed."""
        with self._journal.reading() as db:
            rows = db.execute("SELECT value FROM meta WHERE key GLOB ?", (f"{_DER}*",)).fetchall()
        return [b64decode(row[0]) for row in rows]
