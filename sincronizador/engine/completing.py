"""COMPLETAR: a receiver's missing data, from the newest document of ours to it; bound once there is a document."""

from dataclasses import replace

from sincronizador.core import codes
from sincronizador.core.emitido import Anexo
from sincronizador.core.job import Job, Kind
from sincronizador.journal import documents, intents, jobs
from sincronizador.journal.journal import Tx

from .case import Case, read_case
from .house import House


def complete(house: House, db: Tx, case: Case, own: Job | None = None) -> Case:
    """
    The case with its receiver completed, where its file asks for that; else the case itself.

    Once its REFERENCIA has a document, or `own` is given, it is completed from that one: whatever the customer's
    address is in later documents, it stays the same sale.
    """
    sections = case.reading.sections
    receptor = house.country.to_complete(sections)
    if not receptor:
        return case
    source = own or (jobs.bound(db, Kind.DOCUMENTO, case.job.key) if case.job.key else None) or _newest(db, receptor)
    known = _draft(house, db, source) if source is not None else None
    line = next((section.line for section in sections if section.name == "RECEPTOR"), None)
    if source is None or known is None:
        finding = codes.NOTHING_TO_COMPLETE.at(field="COMPLETAR", line=line, value=receptor)
    else:
        sections, added = house.country.completed(sections, *known)
        if not added:
            return case
        slug = documents.slug_of(db, source.id) or source.referencia
        campos = ", ".join(added)
        finding = codes.COMPLETED.at(field="COMPLETAR", line=line, value=receptor, campos=campos, documento=slug)
    reading = replace(case.reading, sections=sections, findings=(*case.reading.findings, finding))
    return read_case(house, case.job, reading, case.content)


def _newest(db: Tx, receptor: str) -> Job | None:
    found = documents.newest_of(db, receptor)
    return jobs.get(db, found) if found is not None else None


def _draft(house: House, db: Tx, job: Job) -> tuple[bytes, Anexo] | None:
    """What a job's document says, or what left for the cloud to become one."""
    if (signed := documents.signed(db, job.id)) is not None:
        return house.country.draft_of(signed[0]), signed[1]
    intent = intents.of_job(db, job.id)
    return (intent.draft, intent.anexo) if intent is not None else None
