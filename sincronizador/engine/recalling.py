"""A sale as it was read the first time: recomputed from the bytes as dropped, whatever happened since."""

from sincronizador.core.emitido import Emitido
from sincronizador.core.job import Job, Kind
from sincronizador.core.sections import Reading
from sincronizador.formats.requests import Annulment, kind_of, read_annulment
from sincronizador.journal import documents, jobs
from sincronizador.journal.journal import Tx

from .case import Case, read_case
from .completing import complete
from .house import House


def recall(house: House, db: Tx, job: Job) -> Case:
    """The case of a job that was read before; what it took from another document it takes from the same one again."""
    content = jobs.content(db, job.id)
    reading = house.read(job, content)
    if kind_of(reading.sections) is Kind.ANULAR and job.about is not None:
        asked = read_annulment(reading.sections, otherwise=job.referencia)
        reading = note_reading(house, db, reading, asked, jobs.get(db, job.about))
    return complete(house, db, read_case(house, job, reading, content), own=job)


def note_reading(house: House, db: Tx, reading: Reading, asked: Annulment, sale: Job) -> Reading:
    """What the note that undoes a sale would be read from, had somebody written it."""
    document = signed_document(house, db, sale)
    sections = house.country.reversal(document, asked.referencia, asked.razon, asked.line)
    return Reading(sections=sections, findings=reading.findings, encoding=reading.encoding)


def signed_document(house: House, db: Tx, sale: Job) -> Emitido:
    """The document of a sale that is signed."""
    signed = documents.signed(db, sale.id)
    if signed is None:
        raise AssertionError(f"job {sale.id} is not signed")
    return house.country.emitted(*signed)
