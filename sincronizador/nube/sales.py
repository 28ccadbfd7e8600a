"""
What a call does with the document of a sale: prepared, adopted, handed over, voided.

One sale never gets two documents. Where two papers exist all the same, both are kept and a person is told.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, Row

from sincronizador.core.emitido import Emitido
from sincronizador.core.finding import Finding, Rule
from sincronizador.core.receipt import Attempt, CloudState, HandOver, Receipt, Remark, Reply, Said, Submission
from sincronizador.countries.door import Country
from sincronizador.errors import Rejected, Unavailable
from sincronizador.nube import acts, codes, contingencies, documents, fates, numbers, restoration
from sincronizador.nube.caller import Outcome
from sincronizador.nube.certificates import sign
from sincronizador.nube.fates import Fate, Place
from sincronizador.nube.gate import Call, clock_back, fence, invalid, keep_refusal, refusal_of, refused, remark
from sincronizador.nube.judgement import Verdict
from sincronizador.signing.xmldsig import XmlSigner

Pen = Callable[[], "XmlSigner | Unavailable"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """A signed document, read and judged but for its number."""

    emitido: Emitido
    content_sha256: str
    objections: tuple[Finding, ...]
    """Why it is not taken at all."""
    remarks: tuple[Finding, ...]
    """What is wrong with it all the same."""
    is_paper: bool = False
    """It transcribes a paper, whose number is its own."""


def submit(
    call: Call, key: str, submission: Submission, verdict: Verdict, country: Country | None, pen: Pen
) -> Outcome | Unavailable:
    """Number, sign and keep a draft as prepared; or what is known of its key already."""
    if overtaken := fence(call, key, submission.attempt):
        return Outcome(reply=overtaken)
    row = documents.main_of(call.db, call.caller.installation, key)
    if row is not None:
        if row.content_sha256 == hashlib.sha256(submission.draft).hexdigest():
            return _stored(_raised(call, row, submission.attempt))
        if not _gives_way(row, submission.attempt):
            return _conflict(row)
        supersede(call, row, submission.attempt, "Se volvió a pedir con otro contenido.")
    if refusal := refusal_of(call, key):
        return Outcome(reply=invalid(*(Remark(**each) for each in json.loads(refusal))))
    if call.recovering:
        return Unavailable("recovering", codes.RESTORED.at().message)
    if verdict.errors:
        found = [remark(finding) for finding in verdict.errors]
        keep_refusal(call, key, json.dumps([asdict(each) for each in found]))
        return Outcome(reply=invalid(*found))
    if verdict.waits or country is None:
        return Unavailable("not_ready", codes.WAITS_FOR_ISSUER.at(detalle=verdict.waits).message)
    return _prepare(call, key, submission, country, pen)


def confirm(call: Call, key: str, number: int, sha256: str) -> Outcome:
    """It was adopted: from now on it counts."""
    row = documents.main_of(call.db, call.caller.installation, key)
    if row is None:
        return Outcome(reply=unknown(key))
    if (row.number, row.sha256) != (number, sha256):
        finding = codes.OTHER_NUMBER.at(clave=key, slug=documents.slug(row))
        return Outcome(reply=refused(Said.CONFLICT, "other_content", finding, documents.receipt(row)))
    return _stored(_confirmed(call, row))


def void(call: Call, key: str, attempt: Attempt, reason: str) -> Outcome:
    """What is prepared will not be adopted; of a key that is not known the attempt is kept."""
    if overtaken := fence(call, key, attempt):
        return Outcome(reply=overtaken)
    row = documents.main_of(call.db, call.caller.installation, key)
    if row is not None and row.state != CloudState.PREPARED:
        return _conflict(row)
    if row is not None:
        supersede(call, row, attempt, reason)
    return Outcome(reply=Reply(said=Said.STORED))


def hand_over(call: Call, key: str, document: HandOver, examined: Examined | Reply, *, was_restored: bool) -> Outcome:
    """
    Keep a document that is signed; `examined` is a verdict when it could not be read.

    `was_restored`: this base may have forgotten numbers that it gave.
    """
    if overtaken := fence(call, key, document.attempt):
        return Outcome(reply=overtaken)
    if isinstance(examined, Reply):
        return Outcome(reply=examined)
    if examined.objections:
        return Outcome(reply=invalid(*map(remark, examined.objections)))
    emitido = examined.emitido
    there = documents.of_number(call.db, call.caller.rut, emitido.tipo, emitido.serie, emitido.numero)
    if examined.is_paper:
        return _transcribed(call, key, document, examined, there, was_restored=was_restored)
    if there is not None and there.state != CloudState.VOIDED:
        return _again(call, key, document, emitido, there)
    place = fates.place_of(call.db, call.caller.rut, emitido.tipo, emitido.serie, emitido.numero)
    if why := _not_taken(call, key, emitido, place, was_restored=was_restored):
        return Outcome(reply=why)
    if there is not None:
        documents.forget_voided(call, there)
    return _take_over(call, key, document, examined, place)


def observe(db: Connection, seq: int, rut: str, folio: tuple[int, str, int], reasons: Sequence[str]) -> Receipt:
    """The authority remarked something about a paper. Raises `Rejected` E3322 for what it cannot be about."""
    row = documents.of_number(db, rut, *folio)
    if row is None or row.state not in _REMARKABLE:
        slug = "-".join(map(str, folio))
        raise codes.NOT_OBSERVABLE.at(value=slug, estado=row.state if row else "no está").as_error(Rejected)
    return documents.receipt(documents.settle(db, seq, row, CloudState.OBSERVED, "; ".join(reasons)))


def supersede(call: Call, row: Row[Any], attempt: Attempt, reason: str) -> None:
    """
    A prepared document gives way to a later attempt, and so does one that the authority rejected, which is kept.

    The number of a prepared one is annulled today when it was prepared for this very machine under this server_epoch;
    of before, some machine may have printed it: it is doubtful. What became of a rejected one is said already.
    """
    if row.state == CloudState.REJECTED:
        documents.change(call, row, extra=True)
        return
    documents.change(call, row, state=CloudState.VOIDED.value)
    ours = {row.epoch, row.attempt_epoch} == {attempt.epoch} and row.server_epoch == call.server_epoch
    of = fates.cae_of(call.db, row.rut, row.doc_type, row.series, row.number)
    if ours and of is not None:
        fates.annul(call.db, of.id, [(row.number, row.number)], today=call.now.date(), reason=reason)


def unknown(key: str) -> Reply:
    """404."""
    return refused(Said.UNKNOWN, "not_found", codes.UNKNOWN_KEY.at(clave=key))


def _prepare(call: Call, key: str, submission: Submission, country: Country, pen: Pen) -> Outcome | Unavailable:
    if call.went_back:
        return Unavailable("not_ready", clock_back(call.caller.rut, call.now, call.latest).message)
    signer = pen()
    if isinstance(signer, Unavailable):
        return signer
    folio = numbers.take_number(call.db, call.caller.rut, submission.tipo, call.now.date())
    if folio is None:
        sentence = codes.NO_NUMBERS.at(tipo=submission.tipo, rut=call.caller.rut).message
        return Unavailable("no_numbers", sentence)
    complete = country.complete(submission.draft, folio, call.now)
    signed = sign(signer, complete, country.signatures(complete))
    paper = documents.Paper(
        key=key, attempt=submission.attempt, state=CloudState.PREPARED, tipo=submission.tipo,
        serie=folio.rango.serie, numero=folio.numero, signed=signed,
        content_sha256=hashlib.sha256(submission.draft).hexdigest(), signed_at=call.now.replace(microsecond=0),
        anexo=submission.anexo, signed_here=False, terminal=submission.terminal,
    )  # fmt: skip
    contingencies.over(call)
    return _stored(documents.store(call, paper), created=True)


_REMARKABLE = (CloudState.CONFIRMED, CloudState.SENT, CloudState.OBSERVED)


def _transcribed(
    call: Call, key: str, document: HandOver, examined: Examined, there: Row[Any] | None, *, was_restored: bool
) -> Outcome:
    """A paper brings its number: all that is asked is that no other sale has it. What was observed is corrected."""
    if there is None:
        return _take_over(call, key, document, examined, Place(cae=None, fate=Fate.FREE))
    if (there.installation, there.key) == (call.caller.installation, key) and there.signed != document.signed:
        if _may_correct(call, document, there, was_restored=was_restored):
            return _corrected(call, key, document, examined, there)
        if there.content_sha256 == examined.content_sha256:
            # Transcribed by a machine and again by the one that replaced it: it is one paper.
            return _stored(there)
    return _again(call, key, document, examined.emitido, there)


def _may_correct(call: Call, document: HandOver, there: Row[Any], *, was_restored: bool) -> bool:
    """A base that was restored may have forgotten that it was observed."""
    waits = there.state == CloudState.OBSERVED or (was_restored and there.state in _REMARKABLE)
    return waits and not call.late and document.attempt > documents.attempt_of(there)


def _corrected(call: Call, key: str, document: HandOver, examined: Examined, there: Row[Any]) -> Outcome:
    stored = documents.correct(call, there, _paper(key, document, examined, extra=there.extra))
    for changed in {there.day, stored.day}:
        documents.touch_day(call, changed)
    _tell(call, key, examined, Place(cae=None, fate=Fate.FREE), extra=False)
    return _stored(stored)


_GIVING_WAY = (CloudState.PREPARED, CloudState.REJECTED)


def _gives_way(row: Row[Any], attempt: Attempt) -> bool:
    return row.state in _GIVING_WAY and attempt > documents.attempt_of(row)


def _raised(call: Call, row: Row[Any], attempt: Attempt) -> Row[Any]:
    if attempt <= documents.attempt_of(row):
        return row
    return documents.change(call, row, attempt_epoch=attempt.epoch, attempt_counter=attempt.counter)


def _confirmed(call: Call, row: Row[Any]) -> Row[Any]:
    if row.state != CloudState.PREPARED:
        return row
    documents.touch_day(call, row.day)
    return documents.change(call, row, state=CloudState.CONFIRMED.value)


def _again(call: Call, key: str, document: HandOver, emitido: Emitido, there: Row[Any]) -> Outcome:
    """The number has a document already: this very one, or it cannot be."""
    if (there.installation, there.key) != (call.caller.installation, key):
        return Outcome(reply=_taken(call, key, emitido, "ya es de otra venta"))
    if there.signed != document.signed:
        _alarm(call, codes.NUMBER_TAKEN, key, emitido.slug, suerte="ya tiene otro comprobante de la misma venta")
        finding = codes.OTHER_CONTENT.at(clave=key, slug=emitido.slug)
        return Outcome(reply=refused(Said.CONFLICT, "other_content", finding, documents.receipt(there)))
    if not there.extra:
        return _stored(_raised(call, _confirmed(call, there), _attempt(document, call, there)))
    row = documents.main_of(call.db, call.caller.installation, key)
    if not call.late and row is not None and row.state == CloudState.PREPARED:
        # The owner says which of the two it is.
        supersede(call, row, document.attempt, "Se entregó firmado otro comprobante de la venta.")
        there = documents.change(call, there, extra=False)
    return _stored(there)


def _attempt(document: HandOver, call: Call, there: Row[Any]) -> Attempt:
    """A late call raises no attempt."""
    return documents.attempt_of(there) if call.late else document.attempt


def _not_taken(call: Call, key: str, emitido: Emitido, place: Place, *, was_restored: bool) -> Reply | None:
    """Why a number without document is not taken from this installation; None: it is."""
    strange = place.lease is not None and place.lease.installation != call.caller.installation
    if place.fate is Fate.ANNULLED:
        return _taken(call, key, emitido, "está anulado")
    forgotten = was_restored or (call.late and place.cae is not None)
    if strange or (place.fate is Fate.FREE and not forgotten):
        _alarm(call, codes.NUMBER_TAKEN, key, emitido.slug, suerte="no es de una reserva suya")
        return invalid(remark(codes.OUTSIDE.at(field="number", slug=emitido.slug)))
    return None


def _take_over(call: Call, key: str, document: HandOver, examined: Examined, place: Place) -> Outcome:
    row = documents.main_of(call.db, call.caller.installation, key)
    extra = row is not None and (row.state not in _GIVING_WAY or call.late)
    if row is not None and not extra:
        supersede(call, row, document.attempt, "Se entregó firmado otro comprobante de la venta.")
    emitido = examined.emitido
    stored = documents.store(call, _paper(key, document, examined, extra=extra))
    if place.lease is None:
        restoration.pass_by(call.db, call.caller.rut, emitido.tipo, emitido.serie, emitido.numero)
    documents.touch_day(call, stored.day)
    contingencies.began(call, document)
    _tell(call, key, examined, place, extra=extra)
    return _stored(stored, created=True)


def _paper(key: str, document: HandOver, examined: Examined, *, extra: bool) -> documents.Paper:
    emitido = examined.emitido
    return documents.Paper(
        key=key, attempt=document.attempt, state=CloudState.CONFIRMED, tipo=emitido.tipo, serie=emitido.serie,
        numero=emitido.numero, signed=document.signed, content_sha256=examined.content_sha256,
        signed_at=emitido.firmado, anexo=document.anexo, signed_here=bool(document.lease) or examined.is_paper,
        extra=extra, contingency_since=document.contingency_since, contingency_reason=document.contingency_reason,
    )  # fmt: skip


def _tell(call: Call, key: str, examined: Examined, place: Place, *, extra: bool) -> None:
    """The alarms of a document that is kept though something is wrong with it."""
    slug = examined.emitido.slug
    if extra:
        _alarm(call, codes.TWO_DOCUMENTS, key, slug)
    if call.late:
        _alarm(call, codes.LATE, key, slug)
    if place.cae is None and not examined.is_paper:
        _alarm(call, codes.UNKNOWN_CAE, key, slug, cae=examined.emitido.cae)
    if found := (*examined.remarks, *_cae_remarks(examined.emitido, place)):
        detail = "; ".join(finding.message.rstrip(".") for finding in found)
        _alarm(call, codes.REMARKS, key, slug, detalle=detail)


def _cae_remarks(emitido: Emitido, place: Place) -> Sequence[Finding]:
    """What the document says of its CAE is what the CAE says."""
    if place.cae is None:
        return ()
    said = (emitido.cae, emitido.cae_desde, emitido.cae_hasta, emitido.cae_vence)
    row = place.cae
    if said == (row.cae, row.first, row.last, row.expires):
        return ()
    return (codes.OTHER_CAE.at(slug=emitido.slug, cae=row.cae),)


def _taken(call: Call, key: str, emitido: Emitido, fate: str) -> Reply:
    _alarm(call, codes.NUMBER_TAKEN, key, emitido.slug, suerte=fate)
    finding = codes.NUMBER_TAKEN.at(codigo=call.caller.code, slug=emitido.slug, clave=key, suerte=fate)
    return refused(Said.CONFLICT, "range_conflict", finding)


def _alarm(call: Call, rule: Rule, key: str, slug: str, **details: str) -> None:
    finding = rule.at(field=None, line=None, value=None, codigo=call.caller.code, clave=key, slug=slug, **details)
    acts.sound(call.db, call.caller.rut, call.now, finding)


def _stored(row: Row[Any], *, created: bool = False) -> Outcome:
    return Outcome(reply=Reply(said=Said.STORED, receipt=documents.receipt(row)), created=created)


def _conflict(row: Row[Any]) -> Outcome:
    prepared = row.state == CloudState.PREPARED
    rule = codes.OTHER_CONTENT if prepared else codes.ALREADY_CONFIRMED
    finding = rule.at(clave=row.key, slug=documents.slug(row))
    code = "other_content" if prepared else "already_confirmed"
    return Outcome(reply=refused(Said.CONFLICT, code, finding, documents.receipt(row)))
