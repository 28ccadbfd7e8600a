"""A document's decision: compare with what its REFERENCIA already has, refuse, hold, or number and sign."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sincronizador.core import codes
from sincronizador.core.answer import Estado, Motivo
from sincronizador.core.emitido import Anexo, Emitido
from sincronizador.core.finding import Finding
from sincronizador.core.job import Job, Kind
from sincronizador.core.request import Known, Request, Target
from sincronizador.errors import Rejected
from sincronizador.journal import documents, doubts, episodes, events, jobs, leases, post
from sincronizador.journal.documents import Origin
from sincronizador.journal.journal import Tx, storable

from . import routing, submitting, transcribing, voiding
from .case import Case, Prepared, key_of, read_case
from .completing import complete
from .house import Held, House
from .issuing import Issued, issue, represent_repeated
from .learning import comes_to, is_held
from .recalling import recall
from .signing import sign

NOTHING: Mapping[str, Emitido] = {}
HOLDING = {"E1105": Motivo.UI}
"""Findings of the law that a setting cures: the request waits instead of being refused."""


def decide(house: House, db: Tx, prepared: Prepared, case: Case, held: Held | None, now: datetime) -> Held | None:
    """Decide about a document; None when it is decided, else why it waits. `held`: why nothing can be signed now."""
    case = complete(house, db, case)
    _keep_reading(db, case)
    if case.job.key and (why := voiding.pending(db, case.job.key)) is not None:
        _hold(db, case, why, now)
        return why
    waiting = jobs.undecided(db, Kind.DOCUMENTO, case.job.key, but=case.job.id) if case.job.key else None
    if case.job.key and not case.malformed and _repeats(house, db, case, waiting, now):
        return None
    if held is not None and held.motivo == Motivo.RELOJ:
        # Its day is not known, so neither is what is wrong with it.
        _hold(db, case, held, now)
        return held
    if (slug := doubts.answered_with(db, case.job.key)) and not case.malformed:
        lost = Held(Motivo.OPERADOR, codes.LOST_DOCUMENT.at(value=case.job.referencia, documento=slug))
        _hold(db, case, lost, now)
        return lost
    known, unsigned = resolve(house, db, case.request.refers_to)
    _keep_about(db, case)
    found = list(prepared.findings) if prepared.findings is not None else case.findings(house, known)
    if not case.malformed:
        found += transcribing.problems(db, case)
    why = _holding(found, unsigned)
    if why is None and any(finding.is_error for finding in found):
        refuse(db, case.job.id, found, now)
        return None
    if why is None:
        _free(db, case)
        draft = prepared.draft or house.country.draft(case.request, known)
        why = _take_up(house, db, case, known, draft, found, held=held, now=now)
    _supersede(db, case, waiting, now)
    if why is not None:
        _hold(db, case, why, now)
    return why


def known(house: House, db: Tx, request: Request, besides: Mapping[str, Emitido] = NOTHING) -> Known:
    """The documents that a request refers to, of ours and of those `besides`, by REFERENCIA."""
    coming = {target: besides.get(key_of(target.referencia)) for target in request.refers_to}
    found, _ = resolve(house, db, request.refers_to)
    return {**found, **{target: document for target, document in coming.items() if document is not None}}


def check(house: House, db: Tx, case: Case, besides: Mapping[str, Emitido] = NOTHING) -> list[Finding]:
    """
    Everything that is wrong with a document, as `validar` tells it; changes nothing.

    `besides` are documents that will be known once it is its turn, by REFERENCIA.
    """
    case = complete(house, db, case)
    found = case.findings(house, known(house, db, case.request, besides))
    if case.malformed:
        return found
    earlier = jobs.bound(db, Kind.DOCUMENTO, case.job.key) if case.job.key else None
    if earlier is not None and not _is_free(earlier):
        found += _other_content(house, db, case, earlier)
    else:
        found += transcribing.problems(db, case)
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


def decide_signed(house: House, db: Tx, job: Job, content: bytes, now: datetime) -> None:
    """A document that arrives signed (`entrada.firmados`): its bytes are kept verbatim. Raises `Rejected`."""
    signer = house.pen.verify(content)
    emitido = house.country.emitted(content, Anexo())
    if not signer == emitido.emisor == house.rules.rut:
        raise codes.FOREIGN_SIGNER.at(emisor=emitido.emisor, firma=signer, rut=house.rules.rut).as_error(Rejected)
    referencia = emitido.referencia or (storable(job.stem) if house.rules.sin_referencia == "nombre" else "")
    station = "" if house.country.transcribes(emitido.tipo) else house.station("", job.till, emitido.tipo) or ""
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
        issued = Issued(
            emitido=emitido, origin=Origin(), route="firmado", estado=Estado.FIRMADO_LOCAL, findings=(),
            printer=station, copies=routing.copies(house.rules.reglas, job.till, emitido.tipo),
        )  # fmt: skip
        issue(house, db, job.id, issued, now)
    elif content in (jobs.content(db, earlier.id), (documents.signed(db, earlier.id) or (b"",))[0]):
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
        route="local",
        referencia=case.job.referencia,
        key=case.job.key,
        printer=case.printer,
        copies=case.copies,
    )


def _keep_about(db: Tx, case: Case) -> None:
    """Which sale a note is about, for whoever asks later whether that one has a note."""
    targets = case.request.refers_to
    if len(targets) == 1 and (sale := find(db, targets[0])) is not None:
        jobs.set_about(db, case.job.id, jobs.head(db, sale).id)


def _is_free(earlier: Job) -> bool:
    """Whether other content under its REFERENCIA is another document: the authority did not want this one."""
    return transcribing.is_observed(earlier) or earlier.estado is Estado.RECHAZADO_DGI


def _free(db: Tx, case: Case) -> None:
    """A document that the authority rejected leaves its REFERENCIA to the one that takes its place."""
    earlier = jobs.bound(db, Kind.DOCUMENTO, case.job.key) if case.job.key else None
    if earlier is not None and earlier.estado is Estado.RECHAZADO_DGI:
        jobs.unbind(db, earlier.id)


def _repeats(house: House, db: Tx, case: Case, waiting: Job | None, now: datetime) -> bool:
    """Whether its REFERENCIA is bound, or waits with the same content: then it is answered with that one."""
    earlier = jobs.bound(db, Kind.DOCUMENTO, case.job.key)
    if earlier is None:
        # What waits since a restore is not joined: dropping it again is a new attempt.
        if waiting is None or is_held(waiting) or _difference(house, db, case, waiting) is not None:
            return False
        _follow(house, db, case.job, waiting, now)
    elif difference := _other_content(house, db, case, earlier):
        if _is_free(earlier):
            return False
        result = (("EXISTENTE", _existing(house, db, earlier, difference[0])),)
        events.record(db, case.job.id, now, "rejected", f"Rechazado: {difference[0].code} {difference[0].message}")
        jobs.settle(db, case.job.id, Estado.RECHAZADO, at=now, findings=difference, result=result)
    else:
        _follow(house, db, case.job, earlier, now)
        if waiting is not None and is_held(waiting) and _difference(house, db, case, waiting) is None:
            _follow(house, db, waiting, earlier, now)
    return True


def _difference(house: House, db: Tx, case: Case, earlier: Job) -> str | None:
    """The first field in which two files with one REFERENCIA differ."""
    content = jobs.content(db, earlier.id)
    if content == case.content or (earlier.is_learned and _comes_to_the_same(house, db, case, earlier)):
        return None
    if earlier.route == "firmado":
        return "FIRMA"
    return house.country.compare(case.request, recall(house, db, earlier).request)


def _comes_to_the_same(house: House, db: Tx, case: Case, earlier: Job) -> bool:
    """Whether a file whose first drop nobody has would have been this document, on the day of that one."""
    signed = documents.signed(db, earlier.id)
    if signed is None:
        return False
    emitido = house.country.emitted(*signed)
    today = replace(case.job, today=emitido.fecha)
    then = read_case(house, today, case.reading, case.content)
    known, _ = resolve(house, db, then.request.refers_to)
    if any(finding.is_error for finding in house.country.check(then.request, known, emitido.fecha)):
        return False
    return comes_to(house, house.country.draft(then.request, known), emitido.signed)


def _other_content(house: House, db: Tx, case: Case, earlier: Job) -> list[Finding]:
    field = _difference(house, db, case, earlier)
    if field is None:
        return []
    slug = documents.slug_of(db, earlier.id) or "que va camino a la nube"
    return [codes.OTHER_CONTENT.at(field=field, value=case.job.referencia, existente=slug, difiere=field)]


def _existing(house: House, db: Tx, earlier: Job, difference: Finding) -> tuple[tuple[str, str], ...]:
    signed = documents.signed(db, earlier.id)
    if signed is None:
        # On its way to the cloud: it has no number yet.
        return ("ESTADO", earlier.estado), ("CAMPO", difference.field or "")
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
        represent_repeated(house, db, job.id)


def _holding(found: Sequence[Finding], unsigned: Job | None) -> Held | None:
    """Why it waits, when everything wrong with it is cured by waiting."""
    errors = [finding for finding in found if finding.is_error]
    if unsigned is not None and all(finding.code == codes.UNKNOWN_REFERENCE.code for finding in errors):
        motivo = unsigned.motivo or Motivo.OPERADOR
        return Held(motivo, codes.WAITS_FOR_SALE.at(value=unsigned.referencia))
    if errors and all(finding.code in HOLDING for finding in errors):
        return Held(HOLDING[errors[0].code], errors[0])
    return None


def _follows_unsent(db: Tx, known: Known) -> bool:
    """Whether it refers to a document signed here that the cloud does not have yet: it goes the same way."""
    for emitido in known.values():
        job = jobs.of_document(db, emitido.tipo, emitido.serie, emitido.numero)
        if job is not None and job.route != "nube" and not documents.is_acked(db, job.id):
            return True
    return False


def _take_up(
    house: House,
    db: Tx,
    case: Case,
    known: Known,
    draft: bytes,
    found: Sequence[Finding],
    *,
    held: Held | None,
    now: datetime,
) -> Held | None:
    """A number and a signature by whoever gives them now: the cloud, or this machine; else why it waits."""
    if house.seal is not None and case.request.seal is not False:
        # Once for all: whoever signs it, and the cloud before, sees it so.
        draft = house.country.sealed(draft, house.seal.encrypt)
    if case.request.folio is not None:
        why = (submitting.trouble(db) if house.cloud is not None else None) or held
        if why is None:
            transcribing.transcribe(house, db, case, draft, found, now)
        return why
    if house.cloud is None:
        return held or _sign(house, db, case, draft, found, now)
    if (trouble := submitting.trouble(db)) is not None:
        return trouble
    if not ((house.line.link.contingency and house.line.allowed) or _follows_unsent(db, known)):
        submitting.submit(house, db, case, draft, found, now)
        return None
    why = held or _left_to_tills(house, db, case, now) or _sign(house, db, case, draft, found, now)
    if why is not None and not house.line.link.forced:
        # What cannot be signed here may still find the cloud.
        submitting.submit(house, db, case, draft, found, now)
        return None
    return why


def spared(house: House, job: Job) -> int:
    """Numbers at hand that a job must leave alone: those of a lote leave the tills enough to go on selling."""
    return house.rules.reserva // 2 if job.parent is not None else 0


def _left_to_tills(house: House, db: Tx, case: Case, now: datetime) -> Held | None:
    tipo = case.request.tipo
    if leases.usable(db, now.date()).get(tipo, 0) > spared(house, case.job) or case.job.parent is None:
        return None
    detail = "lo que queda de la reserva es de las cajas; el lote espera a la nube"
    return Held(Motivo.SIN_NUMEROS, codes.NO_NUMBERS.at(tipo=house.country.type_name(tipo), detalle=detail))


def _sign(house: House, db: Tx, case: Case, draft: bytes, found: Sequence[Finding], now: datetime) -> Held | None:
    signed = sign(house, db, draft, case.request.tipo, case.request.anexo, now)
    if isinstance(signed, Held):
        return signed
    sign_off(house, db, case.job, signed, found, now, printer=case.printer, copies=case.copies)
    return None


def sign_off(
    house: House,
    db: Tx,
    job: Job,
    signed: tuple[Emitido, str],
    found: Sequence[Finding],
    now: datetime,
    *,
    printer: str,
    copies: int,
) -> None:
    """What was signed here is issued; with a cloud the attempt is raised first, so that an earlier one is void."""
    emitido, lease = signed
    origin, route, estado = Origin(lease=lease), "local", Estado.FIRMADO_LOCAL
    if house.cloud is not None:
        counter = jobs.raise_attempt(db, job.id, Kind.DOCUMENTO, job.key)
        episode = episodes.current(db)
        origin = Origin(
            lease=lease, epoch=post.read(db).epoch, counter=counter, episode=episode.id if episode else None
        )  # fmt: skip
        route, estado = "contingencia", Estado.FIRMADO_CONTINGENCIA
    issued = Issued(
        emitido=emitido, origin=origin, route=route, estado=estado, findings=tuple(found), printer=printer,
        copies=copies,
    )  # fmt: skip
    issue(house, db, job.id, issued, now)


def _hold(db: Tx, case: Case, held: Held, now: datetime) -> None:
    """ESPERANDO."""
    if case.job.estado is not Estado.ESPERANDO or case.job.findings != (held.finding,):
        events.record(db, case.job.id, now, "held", f"Espera: {held.finding.message}")
        jobs.settle(db, case.job.id, Estado.ESPERANDO, at=now, motivo=held.motivo, findings=[held.finding])


def _supersede(db: Tx, case: Case, waiting: Job | None, now: datetime) -> None:
    """An earlier file that waits under the same REFERENCIA with other content gives way to this one."""
    if waiting is not None and waiting.id < case.job.id and waiting.estado is Estado.ESPERANDO:
        voiding.finish(db, waiting, Estado.RETIRADO, f"la reemplaza el archivo {case.job.name}", now)
