"""What an administrator must look at by itself: computed from the tables, gone when its cause is gone."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from sincronizador.core.finding import Finding
from sincronizador.countries.uy.report import deadline
from sincronizador.nube import (
    certificates,
    codes,
    couriers,
    dailies,
    documents,
    exchange,
    exchange_codes,
    fates,
    filing_codes,
    inbound,
    letters,
    receipt_codes,
    registry,
    restoration,
)
from sincronizador.nube.acts import Alarm
from sincronizador.nube.caller import Identified
from sincronizador.nube.fates import CaeFates, Fate
from sincronizador.nube.gate import BACKWARDS, clock_back
from sincronizador.nube.tables import (
    IS_UNACKNOWLEDGED,
    IS_UNANSWERED,
    day,
    delivery,
    document,
    filer,
    installation,
    issuer,
    mailbox,
)

PREPARED_ALERT = timedelta(hours=24)
"""How long a prepared document may wait for whoever asked for it."""
SOON = timedelta(days=30)
"""Before the end of a certificate or of the last CAE of a type."""
LINE_ALERT = timedelta(minutes=15)
"""How long the authority may be silent."""
UNSENT_ALERT = timedelta(hours=24)
"""How long a document may be without an answer of the authority."""
REPORT_ALERT = timedelta(hours=4)
"""Before the deadline of a report that was not taken yet."""
ANSWER_ALERT = timedelta(days=5)
"""How long a receiver may be without an answer to a sobre that it has."""
REGISTER_ALERT = timedelta(days=2)
"""How long the register of electronic issuers may not be told."""
FEW = 0.1
"""Share of the numbers of a type, of all its CAEs that are not expired."""


def recovering(db: Connection, rut: str | None = None) -> str:
    """Why nothing is numbered (for this issuer) after a restore, a sentence; empty when it is."""
    waiting = select(issuer.c.rut).where(issuer.c.recovering).order_by(issuer.c.rut)
    ruts = db.execute(waiting if rut is None else waiting.where(issuer.c.rut == rut)).scalars().all()
    if not ruts:
        return ""
    if rut is None:
        return "La base se recuperó de una copia y se esperan instalaciones."
    return codes.RECOVERING.at(codigos=", ".join(restoration.missing(db, rut)), rut=rut).message


def standing(db: Connection, who: Identified) -> tuple[int, int]:
    """The epoch of an installation, and how many copies of its machine were refused."""
    found = select(installation.c.epoch, installation.c.clones).where(installation.c.id == who.installation)
    row = db.execute(found).one()
    return int(row.epoch), int(row.clones)


def moved_clock(db: Connection, rut: str | None, now: datetime) -> str:
    """Why nothing is numbered (for this issuer) with a clock that went back, a sentence; empty when it is."""
    ruts = [rut] if rut else issuers(db)
    return next((finding.message for of in ruts for finding in _moved(db, of, now)), "")


def due(db: Connection, rut: str | None, now: datetime, *, vouched: bool) -> tuple[Alarm, ...]:
    """The alarms of this moment, of one issuer or of all. `vouched`: somebody keeps the clock right."""
    looks = _LOOKS if vouched else (_moved, *_LOOKS)
    ruts = [rut] if rut else issuers(db)
    return tuple(
        Alarm(id=0, rut=of, code=finding.code, at=now, sentence=" ".join(filter(None, (finding.message, finding.hint))))
        for of in ruts
        for look in looks
        for finding in look(db, of, now)
    )


def issuers(db: Connection) -> Sequence[str]:
    """The RUT of each of them."""
    return db.execute(select(issuer.c.rut).order_by(issuer.c.rut)).scalars().all()


def _moved(db: Connection, rut: str, now: datetime) -> Iterator[Finding]:
    latest = db.execute(select(issuer.c.touched).where(issuer.c.rut == rut)).scalar_one()
    if now < latest - BACKWARDS:
        yield clock_back(rut, now, latest)


def prepared(db: Connection, rut: str, now: datetime) -> Iterator[Finding]:
    """Documents that were prepared a day ago and that nobody adopted."""
    old = (
        select(document, installation.c.code)
        .join(installation, installation.c.id == document.c.installation)
        .where(document.c.rut == rut, document.c.state == "prepared", document.c.stored < now - PREPARED_ALERT)
        .order_by(document.c.stored)
    )
    for row in db.execute(old).all():
        since = row.stored.astimezone(now.tzinfo)
        yield codes.PREPARED_ALERT.at(
            slug=documents.slug(row), clave=row.key, codigo=row.code, fecha=f"{since:%d/%m/%Y %H:%M}"
        )


def stock(db: Connection, rut: str, now: datetime) -> Iterator[Finding]:
    """Types with few numbers, with a last CAE near its end, with doubtful numbers."""
    by_type: dict[int, list[CaeFates]] = {}
    for found in fates.fates_of(db, rut):
        by_type.setdefault(found.doc_type, []).append(found)
    for doc_type, caes in by_type.items():
        yield from _stock(rut, doc_type, caes, now)
        if doubtful := sum(one.totals[Fate.DOUBTFUL] for one in caes):
            yield codes.DOUBTFUL.at(rut=rut, cuantos=doubtful, tipo=doc_type)


def certificate(db: Connection, rut: str, now: datetime) -> Iterator[Finding]:
    """The certificate that signs is near its end, or there is none."""
    found = certificates.signing(db, rut, now)
    if found is None:
        yield codes.NO_CERTIFICATE.at(rut=rut, detalle="no hay ninguno instalado")
        return
    signing, change = found
    if signing.not_after - now < SOON and (change is None or change > signing.not_after):
        end = signing.not_after.astimezone(now.tzinfo)
        yield codes.CERTIFICATE_ENDS.at(titular=signing.titular, fecha=f"{end:%d/%m/%Y}")


def waiting(db: Connection, rut: str, _: datetime) -> Iterator[Finding]:
    """Installations that have not come back after a restore."""
    if recovering(db, rut):
        yield codes.RECOVERING.at(codigos=", ".join(restoration.missing(db, rut)), rut=rut)


def line(db: Connection, rut: str, now: datetime) -> Iterator[Finding]:
    """The authority does not answer, or what was sent to it stays without an answer."""
    row = db.execute(select(filer).where(filer.c.rut == rut)).one_or_none()
    if row is not None and row.trouble_since is not None and now - row.trouble_since > LINE_ALERT:
        since, detail = row.trouble_since.astimezone(now.tzinfo), row.trouble.rstrip(".")
        yield filing_codes.LINE_DOWN.at(rut=rut, fecha=f"{since:%d/%m/%Y %H:%M}", detalle=detail)
    # Without their bytes: there may be thousands.
    old = select(document.c.doc_type, document.c.series, document.c.number).where(
        document.c.rut == rut, IS_UNANSWERED, document.c.stored < now - UNSENT_ALERT
    )
    rows = db.execute(old.order_by(document.c.stored)).all()
    if rows:
        hours, first = int(UNSENT_ALERT.total_seconds() // 3600), documents.slug(rows[0])
        yield filing_codes.UNSENT.at(rut=rut, cuantos=len(rows), horas=hours, slug=first)


def reports(db: Connection, rut: str, now: datetime) -> Iterator[Finding]:
    """A report that cannot be made, or that is near its deadline without an answer."""
    for row in db.execute(select(day).where(day.c.rut == rut, day.c.trouble != "").order_by(day.c.day)).all():
        yield filing_codes.REPORT_WAITS.at(rut=rut, fecha=f"{row.day:%d/%m/%Y}", detalle=row.trouble)
    standing = db.execute(select(filer).where(filer.c.rut == rut)).one_or_none()
    first = dailies.first_day(db, standing) if standing is not None else None
    for late in dailies.unreported(db, rut, first, now.date()) if first is not None else ():
        if now > deadline(late) - REPORT_ALERT:
            yield filing_codes.REPORT_LATE.at(rut=rut, fecha=f"{late:%d/%m/%Y}")


def letterbox(db: Connection, rut: str, now: datetime) -> Iterator[Finding]:
    """The mailbox cannot be looked into, letters wait for a person, or answers do not leave."""
    # What is of no issuer in particular is told with the first one.
    is_first = db.execute(select(func.min(issuer.c.rut))).scalar() == rut
    down = select(mailbox).where(mailbox.c.trouble_since < now - LINE_ALERT)
    for row in db.execute(down).all() if is_first else ():
        yield receipt_codes.MAILBOX_DOWN.at(buzon=row.source, detalle=row.trouble.rstrip("."))
    waiting = [row for row in letters.apart(db) if row.rut == rut or (is_first and not row.rut)]
    if waiting:
        why = waiting[0].trouble.rstrip(".")
        yield receipt_codes.LETTERS_APART.at(cuantos=len(waiting), numero=waiting[0].id, detalle=why)
    count, oldest = inbound.waiting_replies(db, rut, now - UNSENT_ALERT)
    if oldest is not None:
        yield receipt_codes.REPLY_STUCK.at(
            cuantos=count, rut=rut, horas=int(UNSENT_ALERT.total_seconds() // 3600), nombre=oldest.name,
            detalle=oldest.trouble.rstrip("."),
        )  # fmt: skip


def _stock(rut: str, doc_type: int, caes: Sequence[CaeFates], now: datetime) -> Iterator[Finding]:
    usable = [one for one in caes if one.expires >= now.date()]
    free = [one for one in usable if one.totals[Fate.FREE]]
    left = sum(one.totals[Fate.FREE] for one in free)
    if left <= FEW * sum(one.last - one.first + 1 for one in usable):
        yield codes.FEW_NUMBERS.at(cuantos=left, tipo=doc_type, rut=rut)
    if free and (last := max(free, key=lambda one: one.expires)).expires < now.date() + SOON:
        yield codes.CAE_ENDS.at(cae=last.cae, tipo=doc_type, fecha=f"{last.expires:%d/%m/%Y}")


def mail(db: Connection, rut: str, now: datetime) -> Iterator[Finding]:
    """The mail server does not take anything, or receivers do not say that they have what they were sent."""
    row = couriers.of(db, rut)
    if row is not None and row.trouble_since is not None and now - row.trouble_since > LINE_ALERT:
        since, detail = row.trouble_since.astimezone(now.tzinfo), row.trouble.rstrip(".")
        yield exchange_codes.MAIL_DOWN.at(rut=rut, fecha=f"{since:%d/%m/%Y %H:%M}", detalle=detail)
    silent = select(delivery.c.number, delivery.c.receiver).where(
        delivery.c.rut == rut, IS_UNACKNOWLEDGED, delivery.c.left < now - ANSWER_ALERT
    )
    if rows := db.execute(silent.order_by(delivery.c.left)).all():
        yield exchange_codes.NO_ACKNOWLEDGEMENT.at(
            rut=rut, cuantos=len(rows), dias=ANSWER_ALERT.days, numero=rows[0].number, receptor=rows[0].receiver,
            nombre=exchange.name_of(db, rows[0].receiver),
        )  # fmt: skip


def registered(db: Connection, rut: str, now: datetime) -> Iterator[Finding]:
    """The register of electronic issuers cannot be asked for."""
    row = registry.of(db) if couriers.of(db, rut) is not None else None
    if row is not None and row.trouble_since is not None and now - row.trouble_since > REGISTER_ALERT:
        since, detail = row.trouble_since.astimezone(now.tzinfo), row.trouble.rstrip(".")
        yield exchange_codes.REGISTER_OLD.at(fecha=f"{since:%d/%m/%Y %H:%M}", detalle=detail)


_LOOKS: tuple[Callable[[Connection, str, datetime], Iterator[Finding]], ...] = (
    waiting, certificate, prepared, stock, line, reports, mail, registered, letterbox,
)  # fmt: skip
