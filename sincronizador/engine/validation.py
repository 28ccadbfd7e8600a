"""What `validar` tells of a file: the findings of the walk, and what would become of it. Nothing is changed by it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sincronizador.core import codes
from sincronizador.core.answer import Estado
from sincronizador.core.emitido import Emitido
from sincronizador.core.finding import Finding
from sincronizador.core.job import Dropped, Job, Kind, Step
from sincronizador.core.route import next_steps
from sincronizador.core.sections import Reading, Sections
from sincronizador.core.ticket import Align, Feed, Page, Size, Text, Ticket
from sincronizador.core.total import Total
from sincronizador.errors import Rejected
from sincronizador.formats import whole
from sincronizador.formats.lote import Lote, read_lote
from sincronizador.formats.requests import read_ask
from sincronizador.formats.txt_writer import write
from sincronizador.journal import jobs, tasks
from sincronizador.journal.documents import stocks
from sincronizador.journal.journal import Tx
from sincronizador.printing.door import Printer
from sincronizador.printing.stations import make_printer

from . import slips
from .case import Case, Prepared, prepare, read_case
from .documents import check, resolve
from .house import House
from .opening import Seen, nameless, part_of
from .requests import lookup_of

LEGEND = (
    Text("VALIDACIÓN", Align.CENTER, Size.HUGE, bold=True),
    Text("NO ES UN COMPROBANTE", Align.CENTER, Size.LARGE, bold=True),
)
"""At both ends of what is shown."""
PICTURES = {"png": "val.png", "pdf": "val.pdf"}
"""Setting -> companion of an answer to ``validar/``; it has a name of its own, for the sale's may lie there already."""


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


def decide(house: House, db: Tx, prepared: Prepared, case: Case, now: datetime) -> None:
    """Answer a document in ``validar/``. It has no key: nobody who asks for its REFERENCIA means this file."""
    checkup = examine(house, db, prepared)
    job, (document,) = case.job, checkup.documents
    jobs.set_read(
        db, job.id, kind=Kind.DOCUMENTO, encoding=case.encoding, route="validar", referencia=job.referencia, key="",
        printer=case.printer, copies=0,
    )  # fmt: skip
    estado = Estado.VALIDO if checkup.is_valid else Estado.INVALIDO
    jobs.settle(db, job.id, estado, at=now, findings=checkup.findings, result=tuple(blocks(document)))
    if document.specimen is not None and checkup.is_valid and set(PICTURES) & set(house.rules.formatos):
        for step in next_steps("validar", Step.START):
            tasks.add(db, job.id, step, tasks.REPRESENT)


def pictures(house: House, prepared: Prepared, db: Tx) -> dict[str, bytes]:
    """What is written beside the answer to a valid file, by kind of companion; as the settings ask for real ones."""
    (document,) = examine(house, db, prepared).documents
    if document.specimen is None:
        return {}
    wanted = [kind for kind in PICTURES if kind in house.rules.formatos]
    made = {kind: picture(house, kind, document) for kind in wanted}
    return {PICTURES[kind]: content for kind, content in made.items() if content}


def picture(house: House, kind: str, document: Checked) -> bytes:
    """The ``png`` of its ticket or the ``pdf`` of its page; empty where there is none."""
    if document.specimen is None:
        return b""
    if kind == "pdf":
        from sincronizador.printing.pdf import render_pdf

        return render_pdf(page(house, document.specimen))
    printer = _printer(house, document)
    return printer.picture(printer.render(ticket(house, document.specimen)))


def plain(house: House, document: Checked) -> str:
    """Its ticket as text; empty where there is none."""
    return _printer(house, document).plain(ticket(house, document.specimen)) if document.specimen else ""


def examine(house: House, db: Tx, prepared: Prepared) -> Checkup:
    """A file that was read."""
    job, reading, kind = prepared.job, prepared.reading, prepared.kind
    documents: tuple[Checked, ...] = ()
    found: Sequence[Finding] = ()
    if prepared.case is not None:
        documents = (_check(house, db, prepared.case, reading, check(house, db, prepared.case)),)
    elif kind is Kind.LOTE:
        lote = read_lote(reading, decimal=house.rules.decimal)
        documents, found = tuple(_parts(house, db, job, lote)), lote.findings
        if not lote.referencia and house.rules.sin_referencia == "error":
            found = (*found, nameless(reading))
    else:
        found = _of_no_document(house, prepared)
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


def _of_no_document(house: House, prepared: Prepared) -> list[Finding]:
    found, kind = list(prepared.reading.findings), prepared.kind
    if kind is Kind.CONSULTA_RUT:
        return [*found, *lookup_of(house, prepared.reading)[1]]
    if kind in (Kind.IMPRIMIR, Kind.CAJON):
        return slips.examine(house, prepared.job, kind, prepared.reading)[2]
    if not isinstance(kind, Finding):
        return [*found, *read_ask(prepared.reading.sections, kind).findings]
    # What is wrong with the form already says why nobody knows what the file asks for.
    return found if any(finding.is_error for finding in found) else [*found, kind]


def _parts(house: House, db: Tx, job: Job, lote: Lote) -> Iterator[Checked]:
    seen = Seen(house, lote)
    for number, reading in enumerate(lote.documents, 1):
        part = part_of(job, number, reading)
        found = seen.findings(db, part, reading)
        yield _check(house, db, read_case(house, part, reading, b""), reading, found)


def _check(house: House, db: Tx, case: Case, reading: Reading, found: Sequence[Finding]) -> Checked:
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
        findings=_ordered(found),
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


def _printer(house: House, document: Checked) -> Printer:
    """The one that would print it, or the first; without any, paper of 80 mm."""
    found = house.printers.get(document.way.printer) or next(iter(house.printers.values()), None)
    return found or make_printer("VALIDACION", "carpeta", "-")


def blocks(document: Checked) -> Iterator[tuple[str, tuple[tuple[str, str], ...]]]:
    """Sections of an answer: our totals with those that differ, where it would go, what was understood."""
    if document.totals:
        yield "TOTALES", tuple(field for total in document.totals for field in _total(total))
    if document.specimen is None:
        return
    way = document.way
    fields = (
        ("TIPO", str(document.tipo)),
        ("NOMBRE", document.nombre),
        ("RUTA", way.route.upper()),
        ("NUMEROS", "" if way.numbers is None else str(way.numbers)),
        ("IMPRESORA", way.printer),
        ("FORMA", way.form.upper()),
    )
    yield "DESTINO", tuple((name, value) for name, value in fields if value)
    lines = write(document.interpreted).splitlines()
    yield "INTERPRETADO", tuple((f"L.{number}", line) for number, line in enumerate(lines, 1))


def _total(total: Total) -> Iterator[tuple[str, str]]:
    if total.ours is not None:
        yield total.name, f"{total.ours:.2f}"
    if total.given is not None and total.given != total.ours:
        yield f"{total.name}_DADO", f"{total.given:.2f}"
    if total.difference:
        yield f"{total.name}_DIFERENCIA", f"{total.difference:.2f}"


def _ordered(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=lambda finding: finding.place))
