"""Requests that are no document: a query, a reprint, a withdrawal."""

from datetime import datetime

from sincronizador.core import cloud_codes, codes
from sincronizador.core.answer import Estado, Motivo
from sincronizador.core.finding import Finding
from sincronizador.core.job import Impresion, Job, Kind, Step
from sincronizador.core.route import next_steps
from sincronizador.core.sections import Reading
from sincronizador.formats.requests import Ask, read_ask, read_lookup
from sincronizador.journal import documents, events, jobs, papers, tasks
from sincronizador.journal.journal import Tx

from . import ending, looking_up, voiding
from .case import key_of
from .documents import find
from .house import Held, House

_ROUTES = {Kind.CONSULTA: "consulta", Kind.REIMPRIMIR: "reimprimir", Kind.RETIRAR: "retirar"}
_REPRINTABLE = (Impresion.ENTREGADO, Impresion.DUDOSO, Impresion.FALLIDA)
"""After these a paper without mark may be asked for again: nobody saw the first one come out."""


def decide(house: House, db: Tx, job: Job, kind: Kind, reading: Reading, now: datetime) -> Held | None:
    """Answer a request that has no key of its own; why it waits, or None."""
    if kind is Kind.CONSULTA_RUT:
        _look_up(house, db, job, reading, now)
        return None
    ask = read_ask(reading.sections, kind)
    found = sorted((*reading.findings, *ask.findings), key=lambda finding: finding.place)
    jobs.set_read(
        db, job.id, kind=kind, encoding=reading.encoding, route=_ROUTES[kind],
        referencia=ask.target.referencia, key="", printer="", copies=0,
    )  # fmt: skip
    if job.only_check or any(finding.is_error for finding in found):
        settle_form(db, job, found, now)
        return None
    wanted = jobs.last_signed(db, job.till) if ask.ultimo else find(db, ask.target) or _lote(db, ask)
    if wanted is None:
        _unknown(db, job, ask, now)
    elif kind is Kind.CONSULTA:
        events.record(db, job.id, now, "answered", f"Consulta de {wanted.name}.")
        jobs.settle(db, job.id, Estado.RESUELTO, at=now, findings=found, follows=wanted.id)
    elif kind is Kind.RETIRAR:
        return _withdraw(house, db, job, wanted, now)
    else:
        _reprint(house, db, job, wanted, ask, now)
    return None


def lookup_of(house: House, reading: Reading) -> tuple[str, list[Finding]]:
    """The taxpayer that a CONSULTA_RUT asks for, or what is wrong with its number."""
    text, line = read_lookup(reading.sections)
    if not text:
        hint = "Escriba RUT= con las doce cifras."
        return "", [codes.MISSING.at(field="RUT", line=line, seccion="CONSULTA_RUT", sugerencia=hint)]
    number = house.country.taxpayer_number(text, line)
    return ("", [number]) if isinstance(number, Finding) else (number, [])


def _look_up(house: House, db: Tx, job: Job, reading: Reading, now: datetime) -> None:
    """A question about a taxpayer goes to the cloud; what is no number of one goes nowhere."""
    number, wrong = lookup_of(house, reading)
    found = sorted((*reading.findings, *wrong), key=lambda finding: finding.place)
    jobs.set_read(
        db, job.id, kind=Kind.CONSULTA_RUT, encoding=reading.encoding, route="consulta_rut", referencia="",
        key=number, printer="", copies=0,
    )  # fmt: skip
    if job.only_check or any(finding.is_error for finding in found):
        settle_form(db, job, found, now)
    elif house.cloud is None or not house.cloud.capabilities.lookup:
        looking_up.answer_without(db, jobs.get(db, job.id), cloud_codes.NO_CLOUD.at().message, now)
    else:
        for step in next_steps("consulta_rut", Step.START):
            tasks.add(db, job.id, step, tasks.LOOKUP)


def settle_form(db: Tx, job: Job, found: list[Finding], now: datetime) -> None:
    """The end of a request without a sale of its own: it is well written, or what is wrong with it."""
    good, bad = (Estado.VALIDO, Estado.INVALIDO) if job.only_check else (Estado.RESUELTO, Estado.NO_RESUELTO)
    estado = bad if any(finding.is_error for finding in found) else good
    jobs.settle(db, job.id, estado, at=now, findings=found)


def reprint(db: Tx, job: int, document: Job, printer: str, *, original: bool, motivo: str, now: datetime) -> None:
    """One more paper of a document becomes due, for the job that asked for it."""
    papers.see(db, document.id, "se pidió otro papel")
    papers.add(db, job=job, document=document.id, printer=printer, papers=1, copia=not original, since=now)
    tasks.add(db, job, Step.PRINT, tasks.print_lane(printer))
    what = f"un nuevo original ({motivo})" if original else "una copia"
    events.record(db, document.id, now, "reprint", f"Se pidió {what} en {printer}.")
    jobs.settle(db, job, Estado.RECIBIDO, at=now, follows=document.id)
    jobs.set_impresion(db, job, Impresion.PENDIENTE)


def _unknown(db: Tx, job: Job, ask: Ask, now: datetime) -> None:
    if ask.ultimo:
        field, value = "ULTIMO", "SI"
    elif ask.target.referencia:
        field, value = "REFERENCIA", ask.target.referencia
    else:
        field, value = "NUMERO", f"{ask.target.tipo}-{ask.target.serie}-{ask.target.numero}"
    finding = codes.UNKNOWN_REFERENCE.at(field=field, value=value)
    events.record(db, job.id, now, "unknown", finding.message)
    jobs.settle(db, job.id, Estado.NO_RESUELTO, at=now, findings=[finding])


def _withdraw(house: House, db: Tx, job: Job, wanted: Job, now: datetime) -> Held | None:
    """What is signed is answered with its document; what is not, never will be, once the cloud agrees."""
    if wanted.estado.emitido or (wanted.kind is Kind.LOTE and wanted.estado.decided):
        jobs.settle(db, job.id, wanted.estado, at=now, follows=wanted.id)
        return None
    if not wanted.estado.decided and (why := voiding.unsure(house, db)) is not None:
        if job.findings != (why.finding,):
            jobs.settle(db, job.id, Estado.ESPERANDO, at=now, motivo=why.motivo, findings=[why.finding])
        return why
    detail = f"lo pidió el archivo {job.name}"
    if wanted.kind is Kind.LOTE:
        return _withdraw_lote(house, db, job, wanted, detail, now)
    if not wanted.estado.decided and not voiding.end(house, db, wanted, Estado.RETIRADO, detail, now):
        jobs.settle(
            db, job.id, Estado.ESPERANDO, at=now, motivo=Motivo.NUBE_SIN_RESPUESTA, follows=wanted.id,
            findings=[cloud_codes.VOIDING.at(detalle=detail)],
        )  # fmt: skip
        return None
    events.record(db, job.id, now, "withdrawn", f"Retirado {wanted.name}.")
    jobs.settle(db, job.id, Estado.RETIRADO, at=now, follows=wanted.id)
    return None


def _withdraw_lote(house: House, db: Tx, job: Job, lote: Job, detail: str, now: datetime) -> Held | None:
    """What is signed of it stays; the answer is the lote's."""
    if not ending.end(house, db, lote, Estado.RETIRADO, detail, now):
        why = Held(Motivo.NUBE_SIN_RESPUESTA, cloud_codes.VOIDING.at(detalle=detail))
        jobs.settle(db, job.id, Estado.ESPERANDO, at=now, motivo=why.motivo, findings=[why.finding], follows=lote.id)
        return why
    jobs.settle(db, job.id, jobs.get(db, lote.id).estado, at=now, follows=lote.id)
    return None


def _lote(db: Tx, ask: Ask) -> Job | None:
    return jobs.latest(db, Kind.LOTE, key_of(ask.target.referencia)) if ask.target.referencia else None


def _reprint(house: House, db: Tx, job: Job, wanted: Job, ask: Ask, now: datetime) -> None:
    document = jobs.head(db, wanted)
    printer = house.station(ask.impresora, job.till or document.till, documents.type_of(db, document.id))
    finding = _trouble(house, db, document, printer or "", ask)
    if finding is not None:
        jobs.settle(db, job.id, Estado.NO_RESUELTO, at=now, findings=[finding])
        return
    reprint(db, job.id, document, printer or "", original=ask.original, motivo=ask.motivo, now=now)


def _trouble(house: House, db: Tx, document: Job, printer: str, ask: Ask) -> Finding | None:
    if document.kind is Kind.LOTE:
        return codes.LOTE_TARGET.at(field="REFERENCIA", value=document.referencia)
    if documents.signed(db, document.id) is None:
        return codes.UNKNOWN_REFERENCE.at(field="REFERENCIA", value=document.referencia)
    if house.country.transcribes(documents.type_of(db, document.id)):
        return codes.PAPER_NOT_PRINTED.at(field="REFERENCIA", value=documents.slug_of(db, document.id))
    if not printer:
        names = ", ".join(house.printers) or "ninguna"
        return codes.UNKNOWN_PRINTER.at(field="IMPRESORA", value=ask.impresora or "de esta caja", impresoras=names)
    if ask.original:
        return no_original(db, document)
    return None


def no_original(db: Tx, document: Job) -> Finding | None:
    """Why no other paper without mark may be asked for: the first is well, or one is still to come out."""
    coming = papers.coming_original(db, document.id)
    impresion = Impresion.PENDIENTE if coming else document.impresion
    if impresion in _REPRINTABLE:
        return None
    return codes.NOT_PRINTED_YET.at(field="ORIGINAL", value=document.referencia, estado=impresion)
