"""ANULAR: what is not signed is withdrawn; what is, gets the note that undoes it whole, a document like any other."""

from datetime import datetime

from sincronizador.core import cloud_codes, codes
from sincronizador.core.answer import Estado, Motivo
from sincronizador.core.finding import Finding
from sincronizador.core.job import Job, Kind
from sincronizador.formats.requests import Annulment, read_annulment
from sincronizador.journal import documents as issued
from sincronizador.journal import events, jobs
from sincronizador.journal.journal import Tx, storable

from . import documents, voiding
from .case import Case, Prepared, key_of, read_case
from .house import Held, House
from .recalling import note_reading, signed_document


def decide(house: House, db: Tx, prepared: Prepared, held: Held | None, now: datetime) -> Held | None:
    """Decide about an annulment; None when it is decided, else why it waits."""
    asked, job = _read(house, db, prepared)
    found = sorted((*prepared.reading.findings, *asked.findings), key=lambda finding: finding.place)
    if any(finding.is_error for finding in found):
        _refuse(db, job, found, now)
        return None
    sale = _found_first(db, job) or documents.find(db, asked.target)
    if (earlier := _same_before(house, db, job, asked)) is not None:
        jobs.settle(db, job.id, Estado.RETIRADO, at=now, findings=[codes.REPEATED.at()], follows=earlier.follows)
        return None
    if sale is not None and issued.signed(db, (sale := jobs.head(db, sale)).id) is not None:
        return _note(house, db, prepared, asked, sale, held, now)
    if job.only_check:
        jobs.settle(db, job.id, Estado.VALIDO, at=now, findings=found)
        return None
    if sale is None:
        return _unknown(house, db, job, asked, now)
    return _withdraw(house, db, job, sale, now)


def _note_case(house: House, db: Tx, prepared: Prepared, asked: Annulment, sale: Job) -> Case:
    """The request for the note of a sale that is signed, with why there may not be another one."""
    reading = note_reading(house, db, prepared.reading, asked, sale)
    tipo = house.country.reversal_tipo(signed_document(house, db, sale).tipo)
    case = read_case(house, prepared.job, reading, prepared.content)
    others = [other for other in jobs.about(db, sale.id) if other.key != case.job.key]
    taken = next((other for other in others if issued.type_of(db, other.id) == tipo), None)
    if taken is None:
        return case
    slug = issued.slug_of(db, taken.id)
    finding = codes.ALREADY_ANNULLED.at(
        field="VENTA",
        line=asked.line,
        value=asked.target.referencia or slug,
        existente=slug,
        referencia=taken.referencia,
    )
    return case.with_finding(finding)


def _read(house: House, db: Tx, prepared: Prepared) -> tuple[Annulment, Job]:
    job = prepared.job
    name = storable(job.stem) if house.rules.sin_referencia == "nombre" else ""
    asked = read_annulment(prepared.reading.sections, otherwise=name)
    jobs.set_read(
        db, job.id, kind=Kind.ANULAR, encoding=prepared.reading.encoding, route="consulta",
        referencia=asked.referencia, key="" if job.only_check else key_of(asked.referencia), printer="", copies=0,
    )  # fmt: skip
    return asked, jobs.get(db, job.id)


def _refuse(db: Tx, job: Job, found: list[Finding], now: datetime) -> None:
    if job.only_check:
        jobs.settle(db, job.id, Estado.INVALIDO, at=now, findings=found)
    else:
        documents.refuse(db, job.id, found, now)


def _found_first(db: Tx, job: Job) -> Job | None:
    """The sale that an annulment found when it began to wait for the cloud."""
    return jobs.get(db, job.about) if job.about is not None else None


def _same_before(house: House, db: Tx, job: Job, asked: Annulment) -> Job | None:
    """The annulment of this REFERENCIA that withdrew the same sale: asked again it has the same answer."""
    earlier = jobs.ended(db, Kind.ANULAR, job.key, Estado.RETIRADO)
    if earlier is None:
        return None
    then = read_annulment(house.read(earlier, jobs.content(db, earlier.id)).sections, otherwise=earlier.referencia)
    return earlier if then.target == asked.target else None


def _note(
    house: House, db: Tx, prepared: Prepared, asked: Annulment, sale: Job, held: Held | None, now: datetime
) -> Held | None:
    case = _note_case(house, db, prepared, asked, sale)
    if case.job.only_check:
        found = documents.check(house, db, case)
        estado = Estado.INVALIDO if any(finding.is_error for finding in found) else Estado.VALIDO
        jobs.settle(db, case.job.id, estado, at=now, findings=found)
        return None
    return documents.decide(house, db, prepared, case, held, now)


def _unknown(house: House, db: Tx, job: Job, asked: Annulment, now: datetime) -> Held | None:
    if (why := voiding.unsure(house, db)) is not None:
        return _wait(db, job, why, now)
    target = asked.target
    value = target.referencia or f"{target.tipo}-{target.serie}-{target.numero}"
    finding = codes.UNKNOWN_REFERENCE.at(field="VENTA", line=asked.line, value=value)
    events.record(db, job.id, now, "unknown", finding.message)
    jobs.settle(db, job.id, Estado.NO_RESUELTO, at=now, findings=[finding])
    return None


def _withdraw(house: House, db: Tx, job: Job, sale: Job, now: datetime) -> Held | None:
    """It has no number, and will have none; while the cloud may have given it one, that is waited for."""
    detail = f"lo pidió el archivo {job.name}"
    if not sale.estado.decided:
        if (why := voiding.unsure(house, db)) is not None:
            return _wait(db, job, why, now)
        if not voiding.is_pending(db, sale) and not voiding.end(house, db, sale, Estado.RETIRADO, detail, now):
            sale = jobs.get(db, sale.id)
        if not jobs.get(db, sale.id).estado.decided:
            # What is dropped under its REFERENCIA from now on is another request.
            jobs.set_about(db, job.id, sale.id)
            return _wait(db, job, Held(Motivo.NUBE_SIN_RESPUESTA, cloud_codes.VOIDING.at(detalle=detail)), now)
    events.record(db, job.id, now, "withdrawn", f"Retirado {sale.name}: no tenía número.")
    jobs.settle(db, job.id, Estado.RETIRADO, at=now, follows=sale.id)
    return None


def _wait(db: Tx, job: Job, why: Held, now: datetime) -> Held:
    if job.findings != (why.finding,):
        jobs.settle(db, job.id, Estado.ESPERANDO, at=now, motivo=why.motivo, findings=[why.finding])
    return why
