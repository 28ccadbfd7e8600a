"""A case: a dropped file as far as it can be judged without the journal. Pure but for the settings of the house."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from sincronizador.core import codes
from sincronizador.core.finding import Finding
from sincronizador.core.job import Job, Kind
from sincronizador.core.letters import normal
from sincronizador.core.request import Known, Request
from sincronizador.core.sections import Reading, Section
from sincronizador.formats.requests import kind_of
from sincronizador.journal.journal import storable

from . import routing
from .house import House


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A request for a document, read and as far as possible checked; all of it recomputed from the dropped bytes."""

    job: Job
    """With kind, REFERENCIA and key as they were read."""
    request: Request
    form: tuple[Finding, ...]
    """Of the file and of this installation; the country's come with `findings`."""
    printer: str
    """The print station; empty: no paper."""
    copies: int
    """Papers besides the original, marked COPIA."""
    reading: Reading
    """What it was read from."""
    content: bytes

    @property
    def encoding(self) -> str:
        """Of its answer."""
        return self.reading.encoding

    @property
    def malformed(self) -> bool:
        """Whether its fields cannot be trusted."""
        return any(finding.is_error for finding in (*self.form, *self.request.findings))

    def with_finding(self, finding: Finding) -> "Case":
        """The case, with one more thing that is wrong with it."""
        return replace(self, form=(*self.form, finding))

    def findings(self, house: House, known: Known) -> list[Finding]:
        """
        Everything that is wrong with it or worth a warning, in order of line.

        A field whose value could not be read is not missing too.
        """
        unread = {(finding.field, finding.line) for finding in self.form if finding.is_error}
        law = house.country.check(self.request, known, self.job.today)
        found = [
            *self.form,
            *(one for one in law if one.code != codes.MISSING.code or (one.field, one.line) not in unread),
        ]
        return sorted(found, key=lambda finding: finding.place)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What can be done before the journal is asked, so that its write lock is held for as little as possible."""

    job: Job
    content: bytes
    reading: Reading
    kind: Kind | Finding
    """What the file asks for, or why nobody knows."""
    case: Case | None = None
    """Of a document."""
    findings: tuple[Finding, ...] | None = None
    """Of a document that needs no other one; else they need the journal."""
    draft: bytes | None = None
    """Of such a document without errors."""

    def with_id(self, job: int) -> "Prepared":
        """The same for a job that has its row now."""
        case = self.case and replace(self.case, job=replace(self.case.job, id=job))
        return replace(self, job=replace(self.job, id=job), case=case)


def key_of(referencia: str) -> str:
    """A REFERENCIA as it is compared: NFC, trimmed, upper case."""
    return normal("NFC", referencia).strip().upper()


def prepare(house: House, job: Job, content: bytes) -> Prepared:
    """Read a dropped file and check what needs no journal. Raises `Rejected` for what is neither text nor XML."""
    reading = house.read(job, content)
    kind = kind_of(reading.sections)
    if kind is not Kind.DOCUMENTO:
        return Prepared(job=job, content=content, reading=reading, kind=kind)
    case = read_case(house, job, reading, content)
    findings, draft = None, None
    if not case.request.refers_to and not house.country.to_complete(reading.sections):
        findings = tuple(case.findings(house, {}))
        if not any(finding.is_error for finding in findings):
            draft = house.country.draft(case.request, {})
    return Prepared(job=job, content=content, reading=reading, kind=kind, case=case, findings=findings, draft=draft)


def read_case(house: House, job: Job, reading: Reading, content: bytes) -> Case:
    """The document that a file asks for, with what this installation has to say about it."""
    sections = reading.sections
    if house.rules.sin_referencia == "nombre" and not sections.text_of("DOCUMENTO", "REFERENCIA"):
        sections = sections.with_field("DOCUMENTO", "REFERENCIA", storable(job.stem))
    request = house.country.read(sections, job.today)
    # What transcribes a paper is never printed, whatever it asks for.
    is_paper = house.country.transcribes(request.tipo)
    station = "" if is_paper else house.station(request.impresora, job.till, request.tipo)
    place = sections.first("DOCUMENTO") or Section("DOCUMENTO", 1)
    form = [*reading.findings, *_installation_findings(house, request, station, place)]
    if station and request.tipo and not (house.rules.publicada or house.country.roll_allowed(request.tipo)):
        form.append(codes.A4_INSTEAD.at())
        station = ""
    if request.seal and house.seal is None:
        wish = (sections.first("MANDANTE") or place).get("CIFRAR")
        form.append(codes.IN_CLEAR.at(field="CIFRAR", line=wish.line if wish else None))
    key = key_of(request.referencia)
    if not key and house.rules.sin_referencia == "cada_archivo":
        # Nobody else has this name.
        key = f"#{job.claimed}"
    return Case(
        job=job.read_as(Kind.DOCUMENTO, referencia=request.referencia, key=key),
        request=request,
        form=tuple(form),
        printer=station or "",
        copies=request.copias or routing.copies(house.rules.reglas, job.till, request.tipo),
        reading=reading,
        content=content,
    )


def _installation_findings(house: House, request: Request, station: str | None, place: Section) -> Iterator[Finding]:
    """What this installation has to say of a document; `place` is its section."""

    def line(field: str) -> int:
        entry = place.get(field)
        return entry.line if entry else place.line

    is_told = any(finding.is_error and finding.field == "REFERENCIA" for finding in request.findings)
    if not request.referencia and house.rules.sin_referencia == "error" and not is_told:
        yield codes.NO_REFERENCE.at(field="REFERENCIA", line=place.line, seccion="DOCUMENTO")
    if request.ambiente and request.ambiente != house.rules.ambiente:
        yield codes.ENVIRONMENT.at(
            field="AMBIENTE", line=line("AMBIENTE"), value=request.ambiente, ambiente=house.rules.ambiente
        )
    if station is None:
        names = ", ".join(house.printers) or "ninguna"
        yield codes.UNKNOWN_PRINTER.at(
            field="IMPRESORA", line=line("IMPRESORA"), value=request.impresora, impresoras=names
        )
