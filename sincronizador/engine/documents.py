"""A document's decision: compare with what its REFERENCIA already has, refuse, hold, or number and sign."""

from collections.abc import Sequence
from datetime import datetime

from sincronizador.core import codes
from sincronizador.core.answer import Estado, Motivo
from sincronizador.core.emitido import Anexo, Emitido
from sincronizador.core.finding import Finding
from sincronizador.core.job import Impresion, Job, Kind, Step
from sincronizador.core.request import Known, Target
from sincronizador.core.route import next_steps
from sincronizador.errors import Rejected
from sincronizador.journal import documents, events, jobs, papers, tasks
from sincronizador.journal.journal import Tx, storable

from .case import Case, Prepared, key_of, read_case
from .house import Held, House
from .signing import sign

HOLDING = {"E1105": Motivo.UI}
"""Findings of the law that a setting cures: the request waits instead of being refused."""


def decide(house: House, db: Tx, prepared: Prepared, case: Case, held: Held | None, now: datetime) -> Held | None:
    """Decide about a document; None when it is decided, else why it waits. `held`: why nothing can be signed now."""
    _keep_reading(db, case)
    if case.job.only_check:
        found = check(house, db, case)
        estado = Estado.INVALIDO if any(finding.is_error for finding in found) else Estado.VALIDO
        jobs.settle(db, case.job.id, estado, at=now, findings=found)
        return None
    waiting = jobs.undecided(db, Kind.DOCUMENTO, case.job.key, but=case.job.id) if case.job.key else None
    if case.job.key and not case.malformed and _repeats(house, db, case, waiting, now):
        return None
    known, unsigned = resolve(house, db, case.request.refers_to)
    found = list(prepared.findings) if prepared.findings is not None else case.findings(house, known)
    why = _holding(found, unsigned)
    if why is None and any(finding.is_error for finding in found):
        refuse(db, case.job.id, found, now)
        return None
    if (why := why or held) is None:
        why = _sign(house, db, case, prepared.draft or house.country.draft(case.request, known), found, now)
    _supersede(db, case, waiting, now)
    if why is not None:
        _hold(db, case, why, now)
    return why


def check(house: House, db: Tx, case: Case) -> list[Finding]:
    """Everything that is wrong with a document, as `validar` tells it; changes nothing."""
    found = case.findings(house, resolve(house, db, case.request.refers_to)[0])
    if not case.malformed and case.job.key and (earlier := jobs.bound(db, Kind.DOCUMENTO, case.job.key)):
        found += _other_content(house, db, case, earlier)
    return sorted(found, key=lambda finding: finding.place)


def refuse(db: Tx, job: int, findings: Sequence[Finding], now: datetime) -> None:
    """RECHAZADO, with everything that is wrong."""
    found = sorted(findings, key=lambda finding: finding.place)
    first = next(finding for finding in found if finding.is_error)
    events.record(db, job, now, "rejected", f"Rechazado: {first.code} {first.message}")
    jobs.settle(db, job, Estado.RECHAZADO, at=now, findings=found)


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


def withdraw(db: Tx, job: Job, detail: str, now: datetime) -> None:
    """RETIRADO: it is not signed and never will be."""
    tasks.cancel(db, job.id)
    events.record(db, job.id, now, "withdrawn", f"Retirado: {detail}.")
    jobs.settle(db, job.id, Estado.RETIRADO, at=now, findings=[codes.WITHDRAWN.at(detalle=detail)])


def decide_signed(house: House, db: Tx, job: Job, content: bytes, now: datetime) -> None:
    """A document that arrives signed (`entrada.firmados`): its bytes are kept verbatim. Raises `Rejected`."""
    signer = house.pen.verify(content)
    emitido = house.country.emitted(content, Anexo())
    if not signer == emitido.emisor == house.rules.rut:
        raise codes.FOREIGN_SIGNER.at(emisor=emitido.emisor, firma=signer, rut=house.rules.rut).as_error(Rejected)
    referencia = emitido.referencia or (storable(job.stem) if house.rules.sin_referencia == "nombre" else "")
    station = house.station("", job.till) or ""
    if not (house.rules.publicada or house.country.roll_allowed(emitido.tipo)):
        station = ""
    key = key_of(referencia) or f"#{job.claimed}"
    jobs.set_read(
        db, job.id, kind=Kind.DOCUMENTO, encoding="utf-8", route="firmado",
        referencia=referencia, key=key, printer=station, copies=0,
    )  # fmt: skip
    if not referencia and house.rules.sin_referencia == "error":
        refuse(db, job.id, [codes.NO_REFERENCE.at(field="NroInterno", seccion="IdDoc")], now)
        return
    earlier = jobs.bound(db, Kind.DOCUMENTO, key) or jobs.of_document(db, emitido.tipo, emitido.serie, emitido.numero)
    if earlier is None:
        _issue(house, db, job.id, emitido, (), now, route="firmado", printer=station, copies=0)
    elif jobs.content(db, earlier.id) == content:
        _follow(house, db, job, earlier, now)
    else:
        finding = codes.OTHER_CONTENT.at(
            field="NroInterno", value=referencia, existente=earlier.referencia, difiere="el documento firmado"
        )
        refuse(db, job.id, [finding], now)


def _keep_reading(db: Tx, case: Case) -> None:
    jobs.set_read(
        db,
        case.job.id,
        kind=case.job.kind,
        encoding=case.encoding,
        route="validar" if case.job.only_check else "local",
        referencia=case.job.referencia,
        key=case.job.key,
        printer=case.printer,
        copies=case.request.copias,
    )


def _repeats(house: House, db: Tx, case: Case, waiting: Job | None, now: datetime) -> bool:
    """Whether its REFERENCIA is bound, or waits with the same content: then it is answered with that one."""
    earlier = jobs.bound(db, Kind.DOCUMENTO, case.job.key)
    if earlier is None:
        if waiting is None or _difference(house, db, case, waiting) is not None:
            return False
        _follow(house, db, case.job, waiting, now)
    elif difference := _other_content(house, db, case, earlier):
        result = (("EXISTENTE", _existing(house, db, earlier, difference[0])),)
        events.record(db, case.job.id, now, "rejected", f"Rechazado: {difference[0].code} {difference[0].message}")
        jobs.settle(db, case.job.id, Estado.RECHAZADO, at=now, findings=difference, result=result)
    else:
        _follow(house, db, case.job, earlier, now)
    return True


def _difference(house: House, db: Tx, case: Case, earlier: Job) -> str | None:
    """The first field in which two files with one REFERENCIA differ."""
    content = jobs.content(db, earlier.id)
    if content == case.content:
        return None
    if earlier.route == "firmado":
        return "FIRMA"
    then = read_case(house, earlier, house.read(content), content)
    return house.country.compare(case.request, then.request)


def _other_content(house: House, db: Tx, case: Case, earlier: Job) -> list[Finding]:
    field = _difference(house, db, case, earlier)
    if field is None:
        return []
    slug = documents.slug_of(db, earlier.id)
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


def _follow(house: House, db: Tx, job: Job, earlier: Job, now: datetime) -> None:
    """The same sale again: nothing is issued, nothing printed, the first document answers."""
    events.record(db, job.id, now, "repeated", f"Es la misma venta que {earlier.name}: se responde con ella.")
    jobs.set_impresion(db, job.id, earlier.impresion)
    jobs.settle(
        db, job.id, earlier.estado, at=now, motivo=earlier.motivo, findings=[codes.REPEATED.at()], follows=earlier.id
    )
    if earlier.estado.emitido:
        _add_tasks(house, db, job.id, "repetido", Step.START)


def _holding(found: Sequence[Finding], unsigned: Job | None) -> Held | None:
    """Why it waits, when everything wrong with it is cured by waiting."""
    errors = [finding for finding in found if finding.is_error]
    if unsigned is not None and all(finding.code == codes.UNKNOWN_REFERENCE.code for finding in errors):
        motivo = unsigned.motivo or Motivo.OPERADOR
        return Held(motivo, codes.WAITS_FOR_SALE.at(value=unsigned.referencia))
    if errors and all(finding.code in HOLDING for finding in errors):
        return Held(HOLDING[errors[0].code], errors[0])
    return None


def _sign(house: House, db: Tx, case: Case, draft: bytes, found: Sequence[Finding], now: datetime) -> Held | None:
    signed = sign(house, db, draft, case.request.tipo, case.request.anexo, now)
    if isinstance(signed, Held):
        return signed
    _issue(house, db, case.job.id, signed, found, now, route="local", printer=case.printer, copies=case.request.copias)
    return None


def _hold(db: Tx, case: Case, held: Held, now: datetime) -> None:
    """ESPERANDO."""
    if case.job.estado is not Estado.ESPERANDO or case.job.findings != (held.finding,):
        events.record(db, case.job.id, now, "held", f"Espera: {held.finding.message}")
        jobs.settle(db, case.job.id, Estado.ESPERANDO, at=now, motivo=held.motivo, findings=[held.finding])


def _supersede(db: Tx, case: Case, waiting: Job | None, now: datetime) -> None:
    """An earlier file that waits under the same REFERENCIA with other content gives way to this one."""
    if waiting is not None and waiting.id < case.job.id and waiting.estado is Estado.ESPERANDO:
        withdraw(db, waiting, f"la reemplaza el archivo {case.job.name}", now)


def _issue(
    house: House,
    db: Tx,
    job: int,
    emitido: Emitido,
    found: Sequence[Finding],
    now: datetime,
    *,
    route: str,
    printer: str,
    copies: int,
) -> None:
    """T2: the document, its state, and what becomes due after it, in one commit."""
    documents.keep(db, job, emitido)
    jobs.settle(db, job, Estado.FIRMADO_LOCAL, at=now, findings=found, bound=True)
    events.record(db, job, now, "signed", f"Firmado aquí: {emitido.nombre} {emitido.serie} {emitido.numero}.")
    if printer:
        jobs.set_impresion(db, job, Impresion.PENDIENTE)
        papers.add(db, job=job, document=job, printer=printer, papers=1 + copies, copia=False)
    done = Step.SIGN if route == "local" else Step.START
    _add_tasks(house, db, job, route, done, findings=found, printer=printer)


def _add_tasks(
    house: House, db: Tx, job: int, route: str, done: Step, *, findings: Sequence[Finding] = (), printer: str = ""
) -> None:
    """What becomes due on `route` once `done` is done, where this installation has somebody to do it."""
    for step in next_steps(route, done):
        if step is Step.PRINT and printer:
            tasks.add(db, job, step, tasks.print_lane(printer))
        elif step is Step.REPRESENT and house.companions(findings):
            tasks.add(db, job, step, tasks.REPRESENT)
        elif step is Step.HAND_OVER:
            # No provider yet: it waits silently until there is one.
            tasks.add(db, job, step, tasks.HAND_OVER, state="waiting")
