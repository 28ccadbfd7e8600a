"""The sale that a person names, without loading the engine."""

from typing import TYPE_CHECKING

from sincronizador.core import codes
from sincronizador.errors import Rejected
from sincronizador.journal import jobs

if TYPE_CHECKING:
    from sincronizador.core.job import Job
    from sincronizador.journal.journal import Tx


def find_job(db: "Tx", que: str) -> "Job":
    """By REFERENCIA, ``101-A-1234`` or file name. Raises `Rejected` E0108, which says that it never arrived."""
    job = jobs.named(db, que)
    if job is None:
        raise codes.NEVER_ARRIVED.at(value=que).as_error(Rejected)
    return job
