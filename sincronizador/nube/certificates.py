"""The certificates of issuers: the one that the cloud signs with, and those of installations that it knows."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from sincronizador.core.signature import SignaturePlan
from sincronizador.errors import Rejected, Unavailable
from sincronizador.nube import codes
from sincronizador.nube.issuers import InstalledCertificate
from sincronizador.nube.tables import base, certificate
from sincronizador.nube.vault import Vault
from sincronizador.signing.certificate import Certificate, Identity, load_certificate, load_pkcs12, problems
from sincronizador.signing.succession import change_at
from sincronizador.signing.xmldsig import XmlSigner


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A certificate that may have signed documents of an issuer."""

    certificate: Certificate
    revoked: datetime | None


class Pens:
    """The keys of the issuers, opened once each. Threads may share it."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._open: dict[str, tuple[Identity, XmlSigner]] = {}
        self._lock = threading.Lock()

    def pen(self, db: Connection, rut: str, *, environment: str, now: datetime) -> XmlSigner | Unavailable:
        """The signer of an issuer at this moment, or why there is none: ``no_certificate``."""
        found = self._of(db, rut, environment, now)
        return found if isinstance(found, Unavailable) else found[1]

    def identity(self, db: Connection, rut: str, *, environment: str, now: datetime) -> Identity | Unavailable:
        """The same, for what is no document: key and certificate."""
        found = self._of(db, rut, environment, now)
        return found if isinstance(found, Unavailable) else found[0]

    def _of(
        self, db: Connection, rut: str, environment: str, now: datetime
    ) -> tuple[Identity, XmlSigner] | Unavailable:
        row = _current(db, rut, environment, now)
        if row is None:
            return _without(rut, "no hay ninguno instalado")
        facts = facts_of(row.der)
        if found := problems(facts, rut=rut, ambiente=environment, now=now):
            return _without(rut, found[0].message.rstrip("."))
        with self._lock:
            if row.fingerprint not in self._open:
                identity = load_pkcs12(*_opened(self._vault, row))
                self._open[row.fingerprint] = identity, XmlSigner(identity)
            return self._open[row.fingerprint]


def sign(pen: XmlSigner, document: bytes, plans: Sequence[SignaturePlan]) -> bytes:
    """The document with its signatures, in order."""
    for plan in plans:
        document = pen.sign(document, plan)
    return document


@dataclass(frozen=True, slots=True)
class Following:
    """That a certificate takes the place of the one that signs; when, as a person wishes it."""

    wanted: datetime | None = None


def install(
    db: Connection, vault: Vault, rut: str, pkcs12: bytes, password: bytes, *, environment: str, now: datetime,
    following: Following | None = None,
) -> InstalledCertificate:  # fmt: skip
    """
    The issuer's key from now on, or from its day on when it follows another.

    Raises `NeedsOperator` (E21xx) for no such file or one that cannot follow, `Rejected` for another's.
    """
    facts, since = load_pkcs12(pkcs12, password).certificate, None
    if following is not None:
        row = _current(db, rut, environment, now)
        since = change_at(facts_of(row.der) if row else None, facts, following.wanted, now)
    _judge(facts, rut, environment, max(now, since or now))
    sealed = {
        "pkcs12": vault.seal(pkcs12, _place(rut, facts.fingerprint, "pkcs12")),
        "password": vault.seal(password, _place(rut, facts.fingerprint, "clave")),
    }
    return _keep(db, rut, facts, now, sealed, since)


def know(db: Connection, rut: str, content: bytes, *, environment: str, now: datetime) -> InstalledCertificate:
    """
    A certificate that installations of the issuer sign with, or will; one whose key is here stays as it is.
    """
    facts = load_certificate(content)
    _judge(facts, rut, environment, max(now, facts.not_before))
    return _keep(db, rut, facts, now, {})


def remember(db: Connection, rut: str, facts: Certificate, now: datetime) -> None:
    """A certificate that signed a document which is here; one that is known stays as it is."""
    of = (certificate.c.rut == rut, certificate.c.fingerprint == facts.fingerprint)
    if db.execute(select(certificate.c.id).where(*of)).first() is None:
        _keep(db, rut, facts, now, {})


def revoke(db: Connection, rut: str, fingerprint: str, now: datetime) -> None:
    """It signs nothing from now on. Raises `Rejected` E3316."""
    of = (certificate.c.rut == rut, certificate.c.fingerprint == fingerprint)
    if db.execute(select(certificate.c.id).where(*of)).first() is None:
        raise codes.UNKNOWN_CERTIFICATE.at(rut=rut, value=fingerprint).as_error(Rejected)
    db.execute(update(certificate).where(*of, certificate.c.revoked.is_(None)).values(revoked=now))


def known(db: Connection, rut: str) -> list[Known]:
    """All that the issuer has or had, newest first."""
    return [
        Known(certificate=facts_of(row.der), revoked=row.revoked)
        for row in db.execute(
            select(certificate).where(certificate.c.rut == rut).order_by(certificate.c.installed.desc())
        )
    ]


def installed(db: Connection, rut: str | None) -> tuple[InstalledCertificate, ...]:
    """What is here, newest first."""
    found = select(certificate).order_by(certificate.c.installed.desc(), certificate.c.id.desc())
    return tuple(_told(row) for row in db.execute(found if rut is None else found.where(certificate.c.rut == rut)))


def probe(db: Connection, vault: Vault) -> None:
    """Raises `NeedsOperator` E3410 when the vault's key is not the one of this base."""
    row = db.execute(select(certificate).where(certificate.c.pkcs12.is_not(None)).limit(1)).first()
    if row is not None:
        _opened(vault, row)


def der_of(db: Connection, rut: str, fingerprint: str) -> bytes:
    """A certificate that the base keeps."""
    of = (certificate.c.rut == rut, certificate.c.fingerprint == fingerprint)
    return bytes(db.execute(select(certificate.c.der).where(*of)).scalar_one())


@lru_cache(maxsize=1024)
def facts_of(der: bytes) -> Certificate:
    """The facts of a certificate that the base keeps."""
    return load_certificate(der)


def _judge(facts: Certificate, rut: str, environment: str, now: datetime) -> None:
    found = problems(facts, rut=rut, ambiente=environment, now=now)
    if found:
        raise found[0].as_error(Rejected)


def _keep(
    db: Connection,
    rut: str,
    facts: Certificate,
    now: datetime,
    sealed: dict[str, bytes],
    since: datetime | None = None,
) -> InstalledCertificate:
    of = (certificate.c.rut == rut, certificate.c.fingerprint == facts.fingerprint)
    fresh: dict[str, Any] = {"installed": now, "revoked": None, "since": since, **sealed}
    if db.execute(select(certificate.c.id).where(*of)).first() is None:
        db.execute(insert(certificate).values(rut=rut, fingerprint=facts.fingerprint, der=facts.der, **fresh))
    elif sealed:
        db.execute(update(certificate).where(*of).values(fresh))
    return _told(db.execute(select(certificate).where(*of)).one())


def _current(db: Connection, rut: str, environment: str, now: datetime) -> Row[Any] | None:
    """The newest whose day has come and which may sign; where none may, the newest, so that it is told why."""
    found = select(certificate).where(
        certificate.c.rut == rut, certificate.c.revoked.is_(None), certificate.c.pkcs12.is_not(None),
        certificate.c.since.is_(None) | (certificate.c.since <= now),
    )  # fmt: skip
    rows = db.execute(found.order_by(certificate.c.installed.desc(), certificate.c.id.desc())).all()
    good = (row for row in rows if not problems(facts_of(row.der), rut=rut, ambiente=environment, now=now))
    return next(good, rows[0] if rows else None)


def signing(db: Connection, rut: str, now: datetime) -> tuple[Certificate, datetime | None] | None:
    """What the issuer's documents are signed with now, and when another one takes its place."""
    row = _current(db, rut, db.execute(select(base.c.environment)).scalar_one(), now)
    if row is None:
        return None
    days = [one.since for one in installed(db, rut) if one.has_key and not one.revoked and one.since]
    return facts_of(row.der), min((day for day in days if day > now), default=None)


def _opened(vault: Vault, row: Row[Any]) -> tuple[bytes, bytes]:
    return (
        vault.open(row.pkcs12, _place(row.rut, row.fingerprint, "pkcs12")),
        vault.open(row.password, _place(row.rut, row.fingerprint, "clave")),
    )


def _place(rut: str, fingerprint: str, what: str) -> str:
    return f"certificado:{rut}:{fingerprint}:{what}"


def _told(row: Row[Any]) -> InstalledCertificate:
    facts = facts_of(row.der)
    return InstalledCertificate(
        rut=row.rut, fingerprint=row.fingerprint, titular=facts.titular, not_before=facts.not_before,
        not_after=facts.not_after, has_key=row.pkcs12 is not None, installed=row.installed, revoked=row.revoked,
        since=row.since,
    )  # fmt: skip


def _without(rut: str, detail: str) -> Unavailable:
    return Unavailable("no_certificate", codes.NO_CERTIFICATE.at(rut=rut, detalle=detail).message)
