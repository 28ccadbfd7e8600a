"""START and SIGN of a document: read, compare with what its REFERENCIA already has, check, number, sign."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sincronizador.core import codes
from sincronizador.core.answer import Estado, Motivo
from sincronizador.core.emitido import Anexo, Emitido
from sincronizador.core.finding import Finding
from sincronizador.core.job import Impresion, Job, Kind, Step
from sincronizador.core.request import Known, Request, Target
from sincronizador.core.route import next_steps
from sincronizador.core.sections import Reading
from sincronizador.errors import Rejected
from sincronizador.journal import documents, events, jobs, papers, tasks
from sincronizador.journal.journal import Tx

from .house import Held, House
from .signing import sign, trust

HOLDING = {"E1105": Motivo.UI}
"""Findings of the law that a setting cures: the request waits instead of being refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """A document on its way to a decision, all of it recomputed from the dropped bytes."""

    job: Job
    request: Request
    findings: tuple[Finding, ...]
    """Of its form."""
    content: bytes
    printer: str
    """The print station; empty: no paper."""

    @property
    def malformed(self) -> bool:
        return any(finding.is_error for finding in (*self.findings, *self.request.findings))


def key_of(referencia: str) -> str:
    """A REFERENCIA as it is compared: NFC, trimmed, upper case."""
    return unicodedata.normalize("NFC", referencia).strip().upper()


def start(house: House, db: Tx, job: Job, reading: Reading, content: bytes, now: datetime) -> Held | None:
    """Decide about a dropped document; None when it is decided, else why it waits."""
    case = _case(house, db, job, reading, content)
    if case.job.only_check:
        found = check(house, db, job, reading, content)
        estado = Estado.INVALIDO if any(finding.is_error for finding in found) else Estado.VALIDO
        jobs.settle(db, job.id, estado, at=now, findings=found)
        return None
    if case.job.key and not case.malformed and _repeats(house, db, case, now):
        return None
    known, unsigned = resolve(house, db, case.request.refers_to)
    found = _findings(house, case, known)
    if held := _holding(found, unsigned):
        return _hold(house, db, case, held, now)
    if any(finding.is_error for finding in found):
        refuse(db, job.id, found, now)
        return None
    return _sign(house, db, case, known, found, now)


def refuse(db: Tx, job: int, findings: Sequence[Finding], now: datetime) -> None:
    """RECHAZADO, with everything that is wrong."""
    found = sorted(findings, key=lambda finding: finding.place)
    first = next(finding for finding in found if finding.is_error)
    events.record(db, job, now, "rejected", f"Rechazado: {first.code} {first.message}")
    jobs.settle(db, job, Estado.RECHAZADO, at=now, findings=found)


def check(house: House, db: Tx, job: Job, reading: Reading, content: bytes) -> list[Finding]:
    """Everything that is wrong with a document, as `validar` tells it; changes nothing."""
    case = _read_case(house, job, reading, content)
    found = _findings(house, case, resolve(house, db, case.request.refers_to)[0])
    if not case.malformed and case.job.key and (earlier := jobs.bound(db, Kind.DOCUMENTO, case.job.key)):
        found += _other_content(house, db, case, earlier)
    return sorted(found, key=lambda finding: finding.place)


def resolve(house: House, db: Tx, targets: Sequence[Target]) -> tuple[Known, Job | None]:
    """The documents of ours among `targets`, and the first of them that still waits for its number."""
    known: dict[Target, Emitido] = {}
    unsigned = None
    for target in targets:
        job = find(db, target)
        if job is None:
            continue
        if (signed := documents.signed(db, job.follows or job.id)) is not None:
            known[target] = house.country.emitted(*signed)
        elif not job.estado.decided:
            unsigned = unsigned or job
    return known, unsigned


def find(db: Tx, target: Target) -> Job | None:
    """The job of a document, by REFERENCIA or by number."""
    if target.referencia:
        return jobs.latest(db, Kind.DOCUMENTO, key_of(target.referencia))
    return jobs.of_document(db, target.tipo, target.serie, target.numero)


def _case(house: House, db: Tx, job: Job, reading: Reading, content: bytes) -> _Case:
    """Read it, and keep in the journal what reading told."""
    case = _read_case(house, job, reading, content)
    jobs.set_read(
        db,
        job.id,
        kind=case.job.kind,
        encoding=reading.encoding,
        route="validar" if job.only_check else "local",
        referencia=case.job.referencia,
        key=case.job.key,
        printer=case.printer,
        copies=case.request.copias,
    )
    return case


def _read_case(house: House, job: Job, reading: Reading, content: bytes) -> _Case:
    sections = reading.sections
    own = sections.text_of("DOCUMENTO", "REFERENCIA")
    if not own and house.rules.sin_referencia == "nombre":
        sections = sections.with_field("DOCUMENTO", "REFERENCIA", job.stem)
    request = house.country.read(sections, job.today)
    station = house.station(request.impresora, job.till)
    findings = [*reading.findings, *_own_findings(house, request, station)]
    roll = house.rules.publicada or house.country.roll_allowed(request.tipo)
    if station and request.tipo and not roll:
        findings.append(codes.A4_INSTEAD.at())
        station = ""
    key = key_of(request.referencia)
    if not key and house.rules.sin_referencia == "cada_archivo":
        key = f"#{job.id}"
    return _Case(
        job=job.read_as(Kind.DOCUMENTO, referencia=request.referencia, key=key),
        request=request,
        findings=tuple(findings),
        content=content,
        printer=station or "",
    )


def _own_findings(house: House, request: Request, station: str | None) -> list[Finding]:
    found: list[Finding] = []
    if not request.referencia and house.rules.sin_referencia == "error":
        found.append(codes.NO_REFERENCE.at(field="REFERENCIA", seccion="DOCUMENTO"))
    if request.ambiente and request.ambiente != house.rules.ambiente:
        found.append(codes.ENVIRONMENT.at(field="AMBIENTE", value=request.ambiente, ambiente=house.rules.ambiente))
    if station is None:
        names = ", ".join(house.printers) or "ninguna"
        found.append(codes.UNKNOWN_PRINTER.at(field="IMPRESORA", value=request.impresora, impresoras=names))
    return found


def _findings(house: House, case: _Case, known: Known) -> list[Finding]:
    found = [*case.findings, *house.country.check(case.request, known, case.job.today)]
    return sorted(found, key=lambda finding: finding.place)


def _repeats(house: House, db: Tx, case: _Case, now: datetime) -> bool:
    """Whether its REFERENCIA is bound, or waits with the same content: then it is answered with that one."""
    earlier = jobs.bound(db, Kind.DOCUMENTO, case.job.key)
    if earlier is not None:
        if difference := _other_content(house, db, case, earlier):
            result = (("EXISTENTE", _existing(house, db, earlier, difference[0])),)
            events.record(db, case.job.id, now, "rejected", f"Rechazado: {difference[0].code} {difference[0].message}")
            jobs.settle(db, case.job.id, Estado.RECHAZADO, at=now, findings=difference, result=result)
            return True
        _follow(house, db, case, earlier, now)
        return True
    waiting = jobs.undecided(db, Kind.DOCUMENTO, case.job.key, but=case.job.id)
    if waiting is not None and _difference(house, db, case, waiting) is None:
        _follow(house, db, case, waiting, now)
        return True
    return False


def _difference(house: House, db: Tx, case: _Case, earlier: Job) -> str | None:
    content = jobs.content(db, earlier.id)
    if content == case.content:
        return None
    if earlier.route == "firmado":
        return "FIRMA"
    reading = house.read(content)
    then = _read_case(house, earlier, reading, content).request
    return house.country.compare(case.request, then)


def _other_content(house: House, db: Tx, case: _Case, earlier: Job) -> list[Finding]:
    field = _difference(house, db, case, earlier)
    if field is None:
        return []
    signed = documents.signed(db, earlier.id)
    slug = house.country.emitted(*signed).slug if signed else earlier.referencia
    return [codes.OTHER_CONTENT.at(field=field, value=case.job.referencia, existente=slug, difiere=field)]


def _existing(house: House, db: Tx, earlier: Job, difference: Finding) -> tuple[tuple[str, str], ...]:
    signed = documents.signed(db, earlier.id)
    if signed is None:
        raise AssertionError(f"job {earlier.id} is bound without a document")
    emitido = house.country.emitted(*signed)
    return (
        ("ESTADO", earlier.estado),
        ("TIPO", str(emitido.tipo)),
        ("SERIE", emitido.serie),
        ("NUMERO", str(emitido.numero)),
        ("FECHA", emitido.fecha.isoformat()),
        ("TOTAL", f"{emitido.total:.2f}"),
        ("CAMPO", difference.field or ""),
    )


def _follow(house: House, db: Tx, case: _Case, earlier: Job, now: datetime) -> None:
    """The same sale again: nothing is issued, nothing printed, the first document answers."""
    events.record(db, case.job.id, now, "repeated", f"Es la misma venta que {earlier.name}: se responde con ella.")
    findings = (codes.REPEATED.at(),) if earlier.estado.decided else ()
    jobs.set_impresion(db, case.job.id, earlier.impresion)
    jobs.settle(db, case.job.id, earlier.estado, at=now, motivo=earlier.motivo, findings=findings, follows=earlier.id)
    if earlier.estado.emitido:
        add_tasks(house, db, case.job.id, "repetido", Step.START)


def _holding(found: Sequence[Finding], unsigned: Job | None) -> Held | None:
    """Why it waits, when everything wrong with it is cured by waiting."""
    errors = [finding for finding in found if finding.is_error]
    if unsigned is not None and (not errors or all(finding.code == codes.UNKNOWN_REFERENCE.code for finding in errors)):
        detail = f"la venta {unsigned.referencia} a la que se refiere todavía no tiene número"
        return Held(unsigned.motivo or Motivo.OPERADOR, codes.NO_NUMBERS.at(tipo="esta nota", detalle=detail))
    if errors and all(finding.code in HOLDING for finding in errors):
        return Held(HOLDING[errors[0].code], errors[0])
    return None


def _hold(house: House, db: Tx, case: _Case, held: Held, now: datetime) -> Held:
    """ESPERANDO; an earlier file that waits under the same REFERENCIA with other content gives way to this one."""
    _supersede(db, case, now)
    if case.job.estado is not Estado.ESPERANDO or case.job.motivo != held.motivo:
        events.record(db, case.job.id, now, "held", f"Espera: {held.finding.message}")
        jobs.settle(db, case.job.id, Estado.ESPERANDO, at=now, motivo=held.motivo, findings=[held.finding])
    return held


def _supersede(db: Tx, case: _Case, now: datetime) -> None:
    earlier = jobs.undecided(db, Kind.DOCUMENTO, case.job.key, but=case.job.id) if case.job.key else None
    if earlier is None or earlier.id > case.job.id or earlier.estado is not Estado.ESPERANDO:
        return
    withdraw(db, earlier, f"la reemplaza el archivo {case.job.name}", now)


def withdraw(db: Tx, job: Job, detail: str, now: datetime) -> None:
    """RETIRADO: it is not signed and never will be."""
    tasks.cancel(db, job.id)
    events.record(db, job.id, now, "withdrawn", f"Retirado: {detail}.")
    jobs.settle(db, job.id, Estado.RETIRADO, at=now, findings=[codes.WITHDRAWN.at(detalle=detail)])


def _sign(house: House, db: Tx, case: _Case, known: Known, found: Sequence[Finding], now: datetime) -> Held | None:
    signed = sign(house, db, case.request, known, now)
    if isinstance(signed, Held):
        return _hold(house, db, case, signed, now)
    _supersede(db, case, now)
    issue(house, db, case.job, signed, Estado.FIRMADO_LOCAL, found, case.printer, case.request.copias, "local", now)
    trust(db, now)
    return None


def issue(  # T2 is one list of facts
    house: House,
    db: Tx,
    job: Job,
    emitido: Emitido,
    estado: Estado,
    found: Sequence[Finding],
    printer: str,
    copies: int,
    route: str,
    now: datetime,
) -> None:
    """T2: the document, its state, and what becomes due after it, in one commit."""
    documents.keep(db, job.id, emitido)
    jobs.settle(db, job.id, estado, at=now, findings=found, bound=True)
    events.record(db, job.id, now, "signed", f"Firmado aquí: {emitido.nombre} {emitido.serie} {emitido.numero}.")
    if printer:
        jobs.set_impresion(db, job.id, Impresion.PENDIENTE)
        papers.add(db, job=job.id, document=job.id, printer=printer, papers=1 + copies, copia=False)
    add_tasks(house, db, job.id, route, Step.SIGN if route == "local" else Step.START, printer=printer)


def add_tasks(house: House, db: Tx, job: int, route: str, done: Step, *, printer: str = "") -> None:
    """What becomes due on `route` once `done` is done, where this installation has somebody to do it."""
    for step in next_steps(route, done):
        if step is Step.PRINT and printer:
            tasks.add(db, job, step, tasks.print_lane(printer))
        elif step is Step.REPRESENT and house.rules.formatos:
            tasks.add(db, job, step, tasks.REPRESENT)
        elif step is Step.HAND_OVER:
            # No provider yet: it waits silently until there is one.
            tasks.add(db, job, step, tasks.HAND_OVER, state="waiting")


def start_signed(house: House, db: Tx, job: Job, content: bytes, now: datetime) -> None:
    """A document that arrives signed (`entrada.firmados`): its bytes are kept verbatim. Raises `Rejected`."""
    signer = house.pen.verify(content)
    emitido = house.country.emitted(content, Anexo())
    if house.rules.rut not in (signer, emitido.emisor) or signer != emitido.emisor:
        raise Rejected("E2103", f"El CFE lo emite {emitido.emisor} y lo firma {signer}; aquí emite {house.rules.rut}.")
    referencia = emitido.referencia or (job.stem if house.rules.sin_referencia == "nombre" else "")
    if not referencia and house.rules.sin_referencia == "error":
        refuse(db, job.id, [codes.NO_REFERENCE.at(field="NroInterno", seccion="IdDoc")], now)
        return
    key = key_of(referencia) or f"#{job.id}"
    station = house.station("", job.till) or ""
    if not (house.rules.publicada or house.country.roll_allowed(emitido.tipo)):
        station = ""
    jobs.set_read(
        db, job.id, kind=Kind.DOCUMENTO, encoding="utf-8", route="firmado",
        referencia=referencia, key=key, printer=station, copies=0,
    )  # fmt: skip
    job = job.read_as(Kind.DOCUMENTO, referencia=referencia, key=key)
    earlier = jobs.bound(db, Kind.DOCUMENTO, key) or jobs.of_document(db, emitido.tipo, emitido.serie, emitido.numero)
    if earlier is None:
        issue(house, db, job, emitido, Estado.FIRMADO_LOCAL, (), station, 0, "firmado", now)
    elif jobs.content(db, earlier.id) == content:
        jobs.settle(db, job.id, earlier.estado, at=now, findings=[codes.REPEATED.at()], follows=earlier.id)
        add_tasks(house, db, job.id, "repetido", Step.START)
    else:
        finding = codes.OTHER_CONTENT.at(
            field="NroInterno", value=referencia, existente=earlier.referencia, difiere="el documento firmado"
        )
        refuse(db, job.id, [finding], now)
