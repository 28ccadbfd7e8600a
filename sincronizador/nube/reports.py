"""
Daily reports: one for every calendar day since the issuer's first, also without documents, followed to its end.

A report is made out of what the base says of its day, once the day has ended, and again, with the next sequence,
whenever a closed day changed. The intent, with the signed bytes, is committed before the first of them leaves. What it
needs and nobody knows (a rate) is waited for, never guessed. Every function here may be repeated.
"""

import hashlib
import logging
import re
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, or_, select

from sincronizador.authorities.door import Authority, Fault
from sincronizador.core.finding import Finding
from sincronizador.core.receipt import CloudState
from sincronizador.core.signature import SignaturePlan
from sincronizador.countries.uy import acks, consultas
from sincronizador.countries.uy.remedies import Act, Remedy, decision, fault_remedy
from sincronizador.countries.uy.report import MAX_SECUENCIA, compose_report, deadline
from sincronizador.countries.uy.resumen import Fate, Resumen
from sincronizador.countries.uy.tipos import TipoCfe
from sincronizador.errors import NeedsOperator, Rejected, Unanswered
from sincronizador.logs import event
from sincronizador.nube import acts, dailies, filers, filing_codes, issuers, rates
from sincronizador.nube.clerk import Clerk
from sincronizador.nube.dailies import Report
from sincronizador.nube.gate import touch
from sincronizador.nube.tables import day, document, filer, issuer
from sincronizador.signing.xmldsig import XmlSigner

DAYS_AT_ONCE = 10
"""Days in one sweep: another issuer's turn comes."""
TOLD_AT_ONCE = 1_000
"""Documents that become reported in one transaction."""
LAST_HOURS = timedelta(hours=6)
"""Before the deadline nothing is waited for any more."""
BETWEEN = timedelta(minutes=10)
"""Two reports of a day: what is handed over late comes in a row, and a day is told 99 times at most."""

_SIGNED_AT = re.compile(rb"<TmstFirmaEnv>[^<]*</TmstFirmaEnv>")

log = logging.getLogger(__name__)


def sweep(clerk: Clerk, rut: str) -> bool:
    """
    Do for the reports of an issuer what is due; whether there is more at once.

    Raises what its line to the authority raises: `Unavailable`, `Unanswered`, `Refused`, `NeedsOperator`.
    """
    with clerk.store.reading() as db:
        due = dailies.due(db, rut, clerk.now())
    for row in due:
        advance(clerk, clerk.line(rut), row)
    with clerk.store.reading() as db:
        standing = db.execute(select(filer).where(filer.c.rut == rut)).one_or_none()
        is_recovering = issuers.find(db, rut).recovering
        now = clerk.now()
        days = dailies.wanted(db, standing, closed(clerk, now), now) if standing is not None else []
    if is_recovering:
        return False
    for of in days[:DAYS_AT_ONCE]:
        made = make(clerk, rut, of)
        if made is not None:
            advance(clerk, clerk.line(rut), made)
    return len(days) > DAYS_AT_ONCE


def is_due(clerk: Clerk, now: datetime) -> ColumnElement[bool]:
    """Whether a day of an issuer wants a report, as a condition about the row of the issuer."""
    last = closed(clerk, now)
    of_issuer = filer.c.rut == issuer.c.rut
    marked = select(day.c.day).join(filer, filer.c.rut == day.c.rut).where(
        day.c.rut == issuer.c.rut, day.c.day <= last, or_(filer.c.since.is_(None), filer.c.since <= day.c.day),
        or_(day.c.due.is_(None), filers.due_by(day.c.due, now)),
    )  # fmt: skip
    waits = select(day.c.day).where(day.c.rut == issuer.c.rut, day.c.due > now)
    first = select(document.c.id).where(
        document.c.rut == issuer.c.rut, document.c.day <= last, document.c.state.in_(dailies.COUNTED)
    )
    behind = select(filer.c.rut).where(of_issuer, or_(filer.c.reported.is_(None), filer.c.reported < last))
    begun = or_(select(filer.c.rut).where(of_issuer, filer.c.since <= last).exists(), first.exists())
    wants = or_(marked.exists(), and_(behind.exists(), begun, ~waits.exists()))
    return and_(~issuer.c.recovering, wants)


def closed(clerk: Clerk, now: datetime) -> date:
    """The last day whose report may be sent."""
    return now.date() - timedelta(days=1 if now.time() >= clerk.report_at else 2)


def make(clerk: Clerk, rut: str, of: date) -> Row[Any] | None:
    """The report of a day, its bytes committed; None when there is nothing new to tell, or something is missing."""
    with clerk.store.reading() as db:
        now = clerk.now()
        seq = db.execute(select(issuer.c.seq).where(issuer.c.rut == rut)).scalar_one()
        before = dailies.snapshot(db, rut, of)
        standing = db.execute(select(filer).where(filer.c.rut == rut)).one()
        last = dailies.last_of(db, rut, of)
        waits = dailies.undecided(db, rut, of) and now < deadline(of) - LAST_HOURS
        waits = waits or (last is not None and timedelta(0) <= now - last.made < BETWEEN)
        resumen = None if waits else _summed(db, rut, of, now)
    if resumen is None:
        return _wait(clerk, rut, of, "")
    if findings := resumen.findings:
        return _wait(clerk, rut, of, " ".join(finding.message for finding in findings[:3]))
    bare = _SIGNED_AT.sub(b"", compose_report(resumen, secuencia=1))
    content = hashlib.sha256(bare).hexdigest()
    secuencia = last.secuencia + 1 if last is not None else 1
    is_told = last is not None and last.content_sha256 == content
    if not is_told and standing.ask_until is not None and of <= standing.ask_until:
        secuencia = _next_unknown(clerk.line(rut), rut, of, secuencia)
    if secuencia > MAX_SECUENCIA:
        return _wait(clerk, rut, of, f"ya se envió {MAX_SECUENCIA} veces.")
    signer = XmlSigner(clerk.identity(rut), embed_certificate=True)
    sent = signer.sign(compose_report(resumen, secuencia=secuencia), SignaturePlan())
    with clerk.store.writing() as db:
        touch(db, rut, now)
        if dailies.snapshot(db, rut, of) != before:
            return None
        dailies.done_with(db, rut, of, seq)
        if is_told:
            return None
        row = dailies.make(db, rut, of, secuencia, sent=sent, content_sha256=content, seq=seq, now=now)
        dailies.advance(db, rut)
        return row


def advance(clerk: Clerk, line: Authority, row: Row[Any]) -> None:
    """Send a report, or ask what came of it, and keep what is said. Raises what the line raises."""
    try:
        if row.state == Report.MADE:
            _hear(clerk, row, line.send_report(row.sent))
        else:
            _hear_state(clerk, row, line.reports_sent(row.day, secuencia=row.secuencia))
    except (Unanswered, Rejected) as exc:
        with clerk.store.writing() as db:
            touch(db, row.rut, now := clerk.now())
            dailies.postpone(db, row, str(exc), now)
        event(log, "report", level=logging.WARNING, rut=row.rut, day=row.day, trouble=exc)
        if isinstance(exc, Unanswered):
            raise


def _summed(db: Connection, rut: str, of: date, now: datetime) -> Resumen:
    """All that the base says of a day."""
    ui = issuers.find(db, rut).ajustes.ui
    resumen = Resumen(emisor=rut, day=of, firmado=now, rates=rates.known(db), ui=ui)
    for row in dailies.papers(db, rut, of):
        resumen.add(row.signed, _fate(row))
    for one in dailies.annulled_on(db, rut, of):
        resumen.annul(one.doc_type, one.series, one.first, one.last)
    return resumen


def _fate(row: Row[Any]) -> Fate:
    if row.state == CloudState.OBSERVED:
        return Fate.OBSERVADO
    if row.state != CloudState.REJECTED:
        return Fate.EMITIDO
    return Fate.OBSERVADO if TipoCfe(row.doc_type).is_papel else Fate.RECHAZADO


def _wait(clerk: Clerk, rut: str, of: date, trouble: str) -> Row[Any] | None:
    """No report of this day for now; `trouble` is what somebody must mend, if anything."""
    with clerk.store.writing() as db:
        touch(db, rut, now := clerk.now())
        dailies.wait(db, rut, of, trouble, now)
    return None


def _next_unknown(line: Authority, rut: str, of: date, secuencia: int) -> int:
    """The first sequence from this one on that the authority has no report of: the base may have forgotten some."""
    while secuencia <= MAX_SECUENCIA:
        said = line.reports_sent(of, secuencia=secuencia)
        if isinstance(said, Fault):
            raise _fault(rut, said).as_error(Unanswered)
        if all(one.estado == "BR" for one in consultas.parse_envios_reporte(said)):
            break
        secuencia += 1
    return secuencia


def _hear(clerk: Clerk, row: Row[Any], said: bytes | Fault) -> None:
    """What was answered to a report."""
    if isinstance(said, Fault):
        return _hear_fault(clerk, row, said)
    ack = acks.parse_ack_report(said)
    detail = "; ".join(motivo.sentence for motivo in ack.motivos)
    then = decision(ack.estado, (motivo.codigo for motivo in ack.motivos))
    with clerk.store.writing() as db:
        touch(db, row.rut, now := clerk.now())
        if dailies.again(db, row) is None:
            return None
        dailies.keep_answer(db, row, said, now)
        if ack.is_received:
            dailies.change(
                db, row, state=Report.TAKEN.value, id_receptor=str(ack.id_receptor), tries=0, trouble="",
                due=now + filers.pause_after(2, filers.LONGEST_WAIT),
            )  # fmt: skip
        else:
            _refused(db, row, now, detail, then)
    event(log, "report", rut=row.rut, day=row.day, secuencia=row.secuencia, estado=ack.estado)
    return None


def _refused(db: Connection, row: Row[Any], now: datetime, detail: str, then: Remedy) -> None:
    """The report counts for nothing: its day waits for another one."""
    dailies.change(db, row, state=Report.REFUSED.value, trouble=detail)
    dailies.wait(db, row.rut, row.day, f"DGI lo rechazó: {detail}", now)
    if then.act is Act.QUERY:
        filers.ask_until(db, row.rut, row.day)
    if then.act in (Act.QUERY, Act.WAIT):
        return
    finding = filing_codes.REPORT_REFUSED.at(
        fecha=f"{row.day:%d/%m/%Y}", secuencia=row.secuencia, rut=row.rut, detalle=detail, remedio=then.sentence
    )
    acts.sound(db, row.rut, now, finding)


def _hear_fault(clerk: Clerk, row: Row[Any], fault: Fault) -> None:
    then = fault_remedy(fault.code)
    with clerk.store.writing() as db:
        touch(db, row.rut, now := clerk.now())
        if dailies.again(db, row) is None:
            return
        if then.act is Act.THERE and row.state == Report.MADE:
            dailies.change(db, row, state=Report.TAKEN.value, tries=0, due=now, trouble="")
        else:
            dailies.postpone(db, row, f"{fault.code} {fault.description}", now)
    event(log, "fault", rut=row.rut, day=row.day, code=fault.code)
    if then.act is Act.PERSON:
        raise _fault(row.rut, fault).as_error(NeedsOperator)


def _fault(rut: str, fault: Fault) -> Finding:
    remedio = fault_remedy(fault.code).sentence
    return filing_codes.FAULT.at(rut=rut, codigo=fault.code, detalle=fault.description, remedio=remedio)


def _hear_state(clerk: Clerk, row: Row[Any], said: bytes | Fault) -> None:
    """What came of a report."""
    if isinstance(said, Fault):
        return _hear_fault(clerk, row, said)
    found = [one for one in consultas.parse_envios_reporte(said) if row.id_receptor in ("", str(one.id_receptor))]
    estado = max((one.estado for one in found), key=_RANK.index, default="AR")
    if estado == "AR":
        with clerk.store.writing() as db:
            touch(db, row.rut, now := clerk.now())
            if dailies.again(db, row) is not None:
                dailies.postpone(db, row, "", now)
        return None
    return _finish(clerk, row, estado)


_RANK = ("BR", "AR", "ER", "FR", "DR")
"""States of a report, what is least wanted first."""


def _finish(clerk: Clerk, row: Row[Any], estado: str) -> None:
    """The authority has said its last word about a report."""
    is_open = True
    while is_open:
        with clerk.store.writing() as db:
            seq = touch(db, row.rut, now := clerk.now()).seq
            if dailies.again(db, row) is None:
                return
            is_open = dailies.told(db, row, seq, TOLD_AT_ONCE) == TOLD_AT_ONCE
            if not is_open:
                dailies.change(db, row, state=Report.DONE.value, trouble="" if estado != "ER" else estado)
                if estado == "ER":
                    _differs(db, row, now)
    event(log, "reported", rut=row.rut, day=row.day, secuencia=row.secuencia, estado=estado)


def _differs(db: Connection, row: Row[Any], now: datetime) -> None:
    finding = filing_codes.INCONSISTENT.at(
        fecha=f"{row.day:%d/%m/%Y}", secuencia=row.secuencia, rut=row.rut, detalle="estado ER, gestionado"
    )
    acts.sound(db, row.rut, now, finding)
