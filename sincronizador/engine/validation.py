"""What `validar` tells of a file: the findings of the walk, and what would become of it. Nothing is changed by it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sincronizador.core import codes
from sincronizador.core.emitido import Emitido
from sincronizador.core.finding import Finding
from sincronizador.core.job import Dropped, Job, Kind
from sincronizador.core.sections import Reading, Sections
from sincronizador.core.ticket import Align, Feed, Page, Size, Text, Ticket
from sincronizador.core.total import Total
from sincronizador.errors import Rejected
from sincronizador.formats import whole
from sincronizador.formats.lote import read_lote
from sincronizador.formats.requests import read_ask
from sincronizador.journal.documents import stocks
from sincronizador.journal.journal import Tx

from .case import Case, Prepared, prepare, read_case
from .documents import check, resolve
from .house import House

LEGEND = (
    Text("VALIDACIÓN", Align.CENTER, Size.HUGE, bold=True),
    Text("NO ES UN COMPROBANTE", Align.CENTER, Size.LARGE, bold=True),
)
"""At both ends of what is shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """Where a document would go."""

    route: str
    """``local``, ``nube``, or ``papel`` for the transcription of a paper."""
    numbers: int | None
    """How many of its type are left here; None: that is not known here, or it needs none."""
    printer: str
    form: str
    """``ticket``, ``A4``, or empty: no paper."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One document of a file."""

    line: int
    referencia: str
    tipo: int
    """0: nobody knows."""
    nombre: str
    findings: tuple[Finding, ...]
    totals: tuple[Total, ...]
    interpreted: Sections
    """As it would be issued; as it was read where that cannot be."""
    specimen: Emitido | None
    """None: it cannot be drafted."""
    way: Way


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkup:
    """A file, looked at."""

    name: str
    kind: Kind | None
    """What it asks for; None: nobody knows."""
    encoding: str
    findings: tuple[Finding, ...]
    """All of them, also those of its documents, in order of line."""
    documents: tuple[Checked, ...] = ()

    @property
    def is_valid(self) -> bool:
        """Whether it would not be refused."""
        return not any(finding.is_error for finding in self.findings)


def validate(house: House, db: Tx, name: str, content: bytes, now: datetime, *, till: str = "") -> Checkup:
    """A file as if it had been dropped under that name into that till now."""
    dropped = Dropped(name=name, till=till, only_check=True, claimed="", content=content)
    job = Job.arriving(dropped, sha256="", at=now)
    unfinished = _unfinished(house, job, content)
    if unfinished and (unfinished.code == codes.EMPTY.code or whole.is_xml(content)):
        return _unread(name, unfinished)
    try:
        prepared = prepare(house, job, content)
    except Rejected as error:
        return _unread(name, Finding(code=error.code, message=str(error)))
    checkup = examine(house, db, prepared)
    return replace(checkup, findings=_ordered((*checkup.findings, unfinished))) if unfinished else checkup


def examine(house: House, db: Tx, prepared: Prepared) -> Checkup:
    """A file that was read."""
    job, reading, kind = prepared.job, prepared.reading, prepared.kind
    documents: tuple[Checked, ...] = ()
    found: Sequence[Finding] = ()
    if prepared.case is not None:
        documents = (_check(house, db, prepared.case, reading),)
    elif kind is Kind.LOTE:
        lote = read_lote(reading, decimal=house.rules.decimal)
        cases = ((read_case(house, job, one, prepared.content), one) for one in lote.documents)
        documents, found = tuple(_check(house, db, case, one) for case, one in cases), lote.findings
    else:
        found = _of_no_document(prepared)
    return Checkup(
        name=job.name,
        kind=None if isinstance(kind, Finding) else kind,
        encoding=reading.encoding,
        findings=_ordered((*found, *(finding for one in documents for finding in one.findings))),
        documents=documents,
    )


def ticket(house: House, specimen: Emitido) -> Ticket:
    """The roll that would come out, saying at both ends that it is none."""
    blocks = house.country.ticket(specimen, copy=False).blocks
    return Ticket((*LEGEND, Feed(), *blocks[:-1], Feed(), *LEGEND, blocks[-1]))


def page(house: House, specimen: Emitido) -> Page:
    """The sheet that would come out, saying across it that it is none."""
    made = house.country.page(specimen, copy=False)
    return replace(made, marca=LEGEND[0].text, notas=(*made.notas, LEGEND[1]))


def _unread(name: str, finding: Finding) -> Checkup:
    return Checkup(name=name, kind=None, encoding="", findings=(finding,))


def _unfinished(house: House, job: Job, content: bytes) -> Finding | None:
    """That the file would never be taken, for it is not whole."""
    if not content.strip():
        return codes.EMPTY.at(detalle="no dice nada")
    dialect = house.dialect(job)
    is_xml = job.name.lower().endswith(".xml")
    missing = dialect.missing(content) if dialect else whole.missing(content, xml=is_xml)
    if missing is None:
        return None
    return codes.INCOMPLETE.at(line=len(content.splitlines()), falta=missing, espera="")


def _of_no_document(prepared: Prepared) -> list[Finding]:
    found, kind = list(prepared.reading.findings), prepared.kind
    if not isinstance(kind, Finding):
        return [*found, *read_ask(prepared.reading.sections, kind).findings]
    # What is wrong with the form already says why nobody knows what the file asks for.
    return found if any(finding.is_error for finding in found) else [*found, kind]


def _check(house: House, db: Tx, case: Case, reading: Reading) -> Checked:
    request, country = case.request, house.country
    known, _ = resolve(house, db, request.refers_to)
    law = (*reading.findings, *country.check(request, known, case.job.today))
    sections, specimen = reading.sections, None
    if not any(finding.is_error for finding in law):
        draft = country.draft(request, known)
        sections, specimen = country.interpreted(request, draft), country.specimen(request, draft, case.job.claimed_at)
    first = reading.sections.first("DOCUMENTO")
    return Checked(
        line=first.line if first else 1,
        referencia=request.referencia,
        tipo=request.tipo,
        nombre=country.type_name(request.tipo) if request.tipo else "",
        findings=tuple(check(house, db, case)),
        totals=tuple(country.totals(request)),
        interpreted=sections,
        specimen=specimen,
        way=_way(house, db, case),
    )


def _way(house: House, db: Tx, case: Case) -> Way:
    if case.request.folio is not None:
        return Way(route="papel", numbers=None, printer="", form="")
    is_page = any(finding.code == codes.A4_INSTEAD.code for finding in case.form)
    return Way(
        route=house.rules.ruta,
        numbers=_numbers(db, case) if house.rules.ruta == "local" else None,
        printer=case.printer,
        form="A4" if is_page else "ticket" if case.printer else "",
    )


def _numbers(db: Tx, case: Case) -> int:
    mine = (stock for stock in stocks(db) if stock.rango.tipo == case.request.tipo and not stock.closing)
    return sum(stock.left for stock in mine if stock.rango.vence >= case.job.today)


def _ordered(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=lambda finding: finding.place))
