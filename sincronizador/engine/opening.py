"""
Opening a lote: one file becomes many jobs, slice by slice.

Read, compared with what its REFERENCIA has, checked where it is all or nothing, and its documents written into the
journal, a few in a commit. A fall in between costs only the checking; what is in the journal is not written twice.
"""

import hashlib
import os
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace

from sincronizador.core import codes
from sincronizador.core.answer import Estado
from sincronizador.core.emitido import Emitido
from sincronizador.core.finding import Finding
from sincronizador.core.job import Dropped, Job, Kind, Task
from sincronizador.core.sections import Reading
from sincronizador.formats.kept import keep
from sincronizador.formats.lote import Lote, line_of, read_lote, same
from sincronizador.formats.requests import kind_of
from sincronizador.journal import events, jobs, lots, tasks
from sincronizador.journal.journal import Tx, storable

from . import documents, voiding
from .case import Case, Prepared, key_of, read_case
from .completing import complete
from .house import House
from .learning import is_held
from .pauses import pause_after

SLICE = 10
"""Documents that are checked, or written into the journal, before anybody else is looked at."""
_MOST_FINDINGS = 100
"""That a lote's answer tells."""


class _Ended(Exception):
    """Somebody discarded or withdrew the lote meanwhile."""


def open_lote(house: House, task: Task, prepared: Prepared) -> Iterator[None]:
    """Everything from reading a lote to the last of its documents in the journal. Raises `Rejected`."""
    lote = read_lote(prepared.reading, decimal=house.rules.decimal)
    try:
        yield from _open(house, task, prepared, lote)
    except _Ended:
        return


@contextmanager
def _changing(house: House, task: Task) -> Iterator[Tx]:
    """A transaction of the opening of a file that is still wanted. Raises `_Ended`."""
    with house.journal.transaction() as db:
        if not tasks.is_due(db, task.id):
            raise _Ended
        yield db


def _open(house: House, task: Task, prepared: Prepared, lote: Lote) -> Iterator[None]:
    job = _keep_reading(house, task, prepared, lote)
    yield
    if not job.bound:
        found = list(lote.findings) if job.key else [*lote.findings, nameless(prepared.reading)]
        if job.only_check:
            found += yield from examine(house, job, lote)
            _settle_check(house, task, job, found)
            return
        if any(finding.is_error for finding in found):
            _refuse(house, task, job, found)
            return
        with house.journal.reading() as db:
            earlier = jobs.bound(db, Kind.LOTE, job.key)
        if earlier is not None:
            yield from _repeat(house, task, prepared, lote, earlier)
            return
        if lote.todo_o_nada:
            wrong = [finding for finding in (yield from examine(house, job, lote)) if finding.is_error]
            if wrong:
                _refuse_or_hold(house, task, job, wrong)
                return
        if not _begin(house, task, job, lote):
            return
    yield from _write(house, task, job, lote)


def examine(house: House, job: Job, lote: Lote) -> Generator[None, None, list[Finding]]:
    """
    Everything that is wrong with the documents of a lote, as far as it can be known before the first is issued.

    A document may refer to one before it in the same lote: it is looked at as if that one had its number.
    """
    found: list[Finding] = []
    seen = Seen(house, lote)
    for number, reading in enumerate(lote.documents, 1):
        with house.journal.reading() as db:
            found += seen.findings(db, part_of(job, number, reading), reading)
        if number % SLICE == 0:
            yield
    return found


class Seen:
    """What is known of a lote's documents when the next one is looked at."""

    def __init__(self, house: House, lote: Lote) -> None:
        self._house = house
        self._lines: dict[str, int] = {}
        """REFERENCIA -> line of its document."""
        self._papers: dict[str, str] = {}
        """Number of a paper -> REFERENCIA of its document."""
        references = (section for reading in lote.documents for section in reading.sections.all("REFERENCIA"))
        self._referred = {key_of(section.text_of("VENTA")) for section in references}
        self._specimens: dict[str, Emitido] = {}
        """What those that others refer to would be."""

    def findings(self, db: Tx, part: Job, reading: Reading) -> list[Finding]:
        """Everything that is wrong with the next document."""
        kind = kind_of(reading.sections)
        if isinstance(kind, Finding):
            return [*reading.findings, kind]
        case = complete(self._house, db, read_case(self._house, part, reading, b""))
        checked = documents.check(self._house, db, case, self._specimens)
        found = [finding for finding in checked if not self._is_told(finding)]
        found += self._same_paper(case)
        key, line = case.job.key, line_of(reading)
        if key in self._lines:
            finding = codes.LOTE_REPEATED.at(
                field="REFERENCIA", line=line, value=case.job.referencia, primera=self._lines[key]
            )
            return [*found, finding]
        if key:
            self._lines[key] = line
        if key in self._referred and not any(finding.is_error for finding in checked):
            self._specimens[key] = self._specimen(db, case)
        return found

    def _same_paper(self, case: Case) -> list[Finding]:
        """That a document before it in the lote transcribes the same paper."""
        folio = case.request.folio
        if folio is None:
            return []
        first = self._papers.setdefault(folio.slug, case.job.referencia)
        if first == case.job.referencia:
            return []
        entry = case.reading.sections.items[0].get("NUMERO")
        line = entry.line if entry else line_of(case.reading)
        return [codes.PAPER_TAKEN.at(field="NUMERO", line=line, documento=folio.slug, existente=first)]

    def _is_told(self, finding: Finding) -> bool:
        """Whether it only says that a document of the lote is wrong, which is told where that one is."""
        return finding.code == codes.UNKNOWN_REFERENCE.code and key_of(finding.value or "") in self._lines

    def _specimen(self, db: Tx, case: Case) -> Emitido:
        """With a number that any document may have: what refers to it is checked in every respect."""
        house, request = self._house, case.request
        draft = house.country.draft(request, documents.known(house, db, request, self._specimens))
        return replace(house.country.specimen(request, draft, house.clock.now()), serie="A", numero=1)


def part_of(lote: Job, number: int, reading: Reading) -> Job:
    """The job of a document of a lote; its name is the lote's with its number."""
    stem, dot, extension = lote.name.rpartition(".")
    name = f"{stem}-{number:04d}{dot}{extension}"
    content = keep(reading)
    dropped = Dropped(
        name=name, till=lote.till, only_check=lote.only_check, claimed=f"{lote.claimed}#{number:04d}", content=content
    )  # fmt: skip
    arriving = Job.arriving(dropped, sha256=hashlib.sha256(content).hexdigest(), at=lote.claimed_at)
    return replace(arriving, today=lote.today, parent=lote.id, part=number, line=line_of(reading))


def _keep_reading(house: House, task: Task, prepared: Prepared, lote: Lote) -> Job:
    job = prepared.job
    referencia = lote.referencia or (storable(job.stem) if house.rules.sin_referencia == "nombre" else "")
    key = key_of(referencia)
    if not key and house.rules.sin_referencia == "cada_archivo":
        key = f"#{job.claimed}"
    with _changing(house, task) as db:
        jobs.set_read(
            db, job.id, kind=Kind.LOTE, encoding=prepared.reading.encoding, route="lote",
            referencia=referencia, key=key, printer="", copies=0,
        )  # fmt: skip
        return jobs.get(db, job.id)


def nameless(reading: Reading) -> Finding:
    """That a lote has no REFERENCIA."""
    return codes.NO_REFERENCE.at(field="REFERENCIA", line=line_of(reading), seccion="LOTE")


def _settle_check(house: House, task: Task, job: Job, found: list[Finding]) -> None:
    estado = Estado.INVALIDO if any(finding.is_error for finding in found) else Estado.VALIDO
    found = sorted(found, key=lambda finding: finding.place)[:_MOST_FINDINGS]
    with _changing(house, task) as db:
        jobs.settle(db, job.id, estado, at=house.clock.now(), findings=found)
        tasks.finish(db, task.id)


def _refuse(house: House, task: Task, job: Job, found: list[Finding]) -> None:
    found = sorted(found, key=lambda finding: finding.place)[:_MOST_FINDINGS]
    with _changing(house, task) as db:
        documents.refuse(db, job.id, found, house.clock.now())
        tasks.finish(db, task.id)


def _refuse_or_hold(house: House, task: Task, job: Job, wrong: list[Finding]) -> None:
    """All or nothing: what a setting cures is waited for, anything else refuses all of it."""
    if not all(finding.code in documents.HOLDING for finding in wrong):
        _refuse(house, task, job, wrong)
        return
    now, first = house.clock.now(), wrong[0]
    with _changing(house, task) as db:
        if job.estado is not Estado.ESPERANDO or job.findings != (first,):
            events.record(db, job.id, now, "held", f"Espera: {first.message}")
            motivo = documents.HOLDING[first.code]
            jobs.settle(db, job.id, Estado.ESPERANDO, at=now, motivo=motivo, findings=[first])
        tasks.pause(db, task.id, now.timestamp() + pause_after(task.tries), first.message)


def _repeat(house: House, task: Task, prepared: Prepared, lote: Lote, earlier: Job) -> Iterator[None]:
    """Its REFERENCIA is another lote's: that one answers it, or it says something else."""
    field = yield from _difference(house, prepared, lote, earlier)
    job, now = prepared.job, house.clock.now()
    with _changing(house, task) as db:
        tasks.finish(db, task.id)
        if not field:
            events.record(db, job.id, now, "repeated", f"Es el mismo lote que {earlier.name}: se responde con él.")
            known = jobs.get(db, earlier.id)
            jobs.settle(
                db, job.id, known.estado, at=now, motivo=known.motivo, findings=[codes.REPEATED.at()], follows=known.id
            )  # fmt: skip
            return
        finding = codes.OTHER_CONTENT.at(
            field=field, value=earlier.referencia, existente=f"del lote {earlier.name}", difiere=field
        )
        result = (("EXISTENTE", (("ESTADO", earlier.estado), ("ARCHIVO", earlier.name), ("CAMPO", field))),)
        events.record(db, job.id, now, "rejected", f"Rechazado: {finding.code} {finding.message}")
        jobs.settle(db, job.id, Estado.RECHAZADO, at=now, findings=[finding], result=result)


def _difference(house: House, prepared: Prepared, lote: Lote, earlier: Job) -> Generator[None, None, str]:
    """The first field in which two lotes of one REFERENCIA differ; empty: they are the same."""
    with house.journal.reading() as db:
        content = jobs.content(db, earlier.id)
    if content == prepared.content:
        return ""
    then = read_lote(house.read(earlier, content), decimal=house.rules.decimal)
    yield
    if len(then.documents) != len(lote.documents):
        return "CANTIDAD"
    for number, (one, other) in enumerate(zip(lote.documents, then.documents, strict=True), 1):
        if not same(one, other):
            now_, before = (
                read_case(house, part_of(job, number, reading), reading, b"")
                for job, reading in ((prepared.job, one), (earlier, other))
            )
            field = house.country.compare(now_.request, before.request)
            if now_.job.key != before.job.key or field:
                return f"{field or 'REFERENCIA'} del documento {number}"
        if number % SLICE == 0:
            yield
    return ""


def _begin(house: House, task: Task, job: Job, lote: Lote) -> bool:
    """Its REFERENCIA is bound from now on; False when another lote was quicker."""
    now, count = house.clock.now(), len(lote.documents)
    with _changing(house, task) as db:
        if jobs.bound(db, Kind.LOTE, job.key) is not None:
            return False
        facts = (("DOCUMENTOS", str(count)), ("TODO_O_NADA", "SI" if lote.todo_o_nada else "NO"))
        earlier = jobs.undecided(db, Kind.LOTE, job.key, but=job.id)
        if earlier is not None and is_held(earlier):
            voiding.finish(db, earlier, Estado.RETIRADO, f"la reemplaza el archivo {job.name}", now)
        events.record(db, job.id, now, "opened", f"Lote de {count} comprobantes.")
        jobs.settle(
            db, job.id, Estado.PARCIAL, at=now, findings=lote.findings, result=(("LOTE", facts),), bound=True
        )  # fmt: skip
        return True


def _write(house: House, task: Task, job: Job, lote: Lote) -> Iterator[None]:
    """Its documents into the journal, from the first that is not there yet."""
    with house.journal.reading() as db:
        there = lots.count_parts(db, job.id)
    for first in range(there, len(lote.documents), SLICE):
        slice_ = [
            (part_of(job, number, reading), reading)
            for number, reading in enumerate(lote.documents[first : first + SLICE], first + 1)
        ]
        with _changing(house, task) as db:
            for part, reading in slice_:
                number = lots.add_part(db, part, keep(reading))
                detail = (
                    f"Documento {part.part} de {os.fsencode(job.name).decode('utf-8', 'replace')}, línea {part.line}."
                )
                events.record(db, number, job.claimed_at, "claimed", detail)
        yield
    with _changing(house, task) as db:
        tasks.finish(db, task.id)
