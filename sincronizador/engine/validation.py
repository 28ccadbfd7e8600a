"""What `validar` tells of a file that nobody dropped: the same findings as the walk, and nothing changes."""

from datetime import datetime

from sincronizador.core.finding import Finding
from sincronizador.core.job import Dropped, Job
from sincronizador.errors import Rejected
from sincronizador.formats.requests import read_ask
from sincronizador.journal.journal import Tx

from .case import prepare
from .documents import check
from .house import House


def validate(house: House, db: Tx, name: str, content: bytes, now: datetime) -> list[Finding]:
    """Everything that is wrong with a file, in order of line."""
    dropped = Dropped(name=name, till="", only_check=True, claimed="", content=content)
    try:
        prepared = prepare(house, Job.arriving(dropped, sha256="", at=now), content)
    except Rejected as error:
        return [Finding(code=error.code, message=str(error))]
    if prepared.case is not None:
        return check(house, db, prepared.case)
    found = list(prepared.reading.findings)
    if isinstance(prepared.kind, Finding):
        if not any(finding.is_error for finding in found):
            found.append(prepared.kind)
    else:
        found += read_ask(prepared.reading.sections, prepared.kind).findings
    return sorted(found, key=lambda finding: finding.place)
