"""
When installations went on without this cloud, and when they came back: a person tells DGI of both.

The cloud learns of the beginning from the first document that is handed over, and of the end when it numbers for the
installation again. Each contingencia is told once for each, whatever is dismissed, delayed or handed over twice.
"""

from datetime import datetime

from sqlalchemy import Connection, func, select, update

from sincronizador.core.receipt import HandOver
from sincronizador.countries.uy.signed import parse_signed
from sincronizador.nube import acts, filing_codes
from sincronizador.nube.gate import Call
from sincronizador.nube.tables import document, installation

UNTOLD = "sin motivo dicho"


def began(call: Call, handed: HandOver) -> None:
    """A document of a contingencia came; the first of each sounds the alarm."""
    since = handed.contingency_since
    if since is None:
        return
    row = call.db.execute(select(installation).where(installation.c.id == call.caller.installation)).one()
    if row.contingency_since is not None and since <= row.contingency_since:
        return
    reason = handed.contingency_reason.strip().rstrip(".") or UNTOLD
    sucursal = parse_signed(handed.signed).zone("Encabezado", "Emisor").get("CdgDGISucur", "")[:4]
    fresh = {"contingency_since": since, "contingency_reason": reason, "contingency_branch": sucursal}
    _keep(call, **fresh, contingency_open=True)
    finding = filing_codes.CONTINGENCY_BEGAN.at(
        codigo=call.caller.code, rut=call.caller.rut, sucursal=sucursal, inicio=_shown(call, since), motivo=reason
    )
    acts.sound(call.db, call.caller.rut, call.now, finding)


def over(call: Call) -> None:
    """The cloud numbers for the installation: if it was in contingencia, it no longer is."""
    if not call.contingency:
        return
    row = call.db.execute(select(installation).where(installation.c.id == call.caller.installation)).one()
    _keep(call, contingency_open=False)
    finding = filing_codes.CONTINGENCY_OVER.at(
        codigo=call.caller.code, rut=call.caller.rut, sucursal=row.contingency_branch,
        inicio=_shown(call, row.contingency_since), fin=_shown(call, call.now), motivo=row.contingency_reason,
        entregados=_signed_in(call.db, call.caller.installation, row.contingency_since),
    )  # fmt: skip
    acts.sound(call.db, call.caller.rut, call.now, finding)


def _signed_in(db: Connection, of: int, since: datetime) -> str:
    """What it has handed over of a contingencia, by type and series, in words."""
    number = document.c.number
    found = (
        select(document.c.doc_type, document.c.series, func.count(), func.min(number), func.max(number))
        .where(document.c.installation == of, document.c.contingency_since == since, document.c.state != "voided")
        .group_by(document.c.doc_type, document.c.series)
        .order_by(document.c.doc_type, document.c.series)
    )
    told = (
        f"{count} del tipo {tipo}, serie {serie}, entre {low} y {high}"
        for tipo, serie, count, low, high in db.execute(found)
    )
    return "; ".join(told)


def _keep(call: Call, **values: object) -> None:
    call.db.execute(update(installation).where(installation.c.id == call.caller.installation).values(values))


def _shown(call: Call, moment: datetime) -> str:
    return f"{moment.astimezone(call.now.tzinfo):%d/%m/%Y %H:%M}"
