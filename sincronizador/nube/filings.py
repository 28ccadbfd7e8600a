"""
Documents to the authority, one by one: sorted out, put into sobres, sent, and followed until each has its end.

The intent of a sobre, with its exact bytes, is committed before the first of them leaves, and repeats send those bytes.
So a fall, a lost answer and a late one are the same: what has no answer yet is sent or asked again, and DGI's "it is
already here" counts as taken. Every function here may be repeated.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select, update

from sincronizador.authorities.door import Authority, Fault
from sincronizador.core.emitido import Anexo
from sincronizador.core.finding import Finding
from sincronizador.core.receipt import CloudState
from sincronizador.countries.uy import acks, consultas, filing
from sincronizador.countries.uy import sobre as envelope
from sincronizador.countries.uy.acks import AckCfe, CfeAck, Motivo
from sincronizador.countries.uy.remedies import Act, Remedy, decision, fault_remedy
from sincronizador.countries.uy.tipos import TipoCfe
from sincronizador.errors import NeedsOperator, Rejected, Unanswered
from sincronizador.logs import event
from sincronizador.nube import acts, certificates, documents, envelopes, filers, filing_codes
from sincronizador.nube.clerk import Clerk
from sincronizador.nube.envelopes import Lot, Sobre
from sincronizador.nube.gate import touch
from sincronizador.nube.judgement import signer_of
from sincronizador.nube.tables import IS_UNSORTED, document

SORTED_AT_ONCE = 200
"""Documents in one transaction."""
SOBRES_AT_ONCE = 20
"""New ones in one sweep: another issuer's turn comes."""
LONGEST_QUESTION = timedelta(days=30)
"""About sobres, between its first and its last day."""

log = logging.getLogger(__name__)


def sweep(clerk: Clerk, rut: str) -> bool:
    """
    Do for the documents of an issuer what is due; whether there is more at once.

    Raises what its line to the authority raises: `Unavailable`, `Unanswered`, `Refused`, `NeedsOperator`.
    """
    while sort(clerk, rut):
        pass
    with clerk.store.reading() as db:
        due = envelopes.due(db, rut, clerk.now())
    for row in due:
        if row.state == Sobre.MADE:
            advance(clerk, clerk.line(rut), row)
    is_more = _send_new(clerk, rut)
    for row in due:
        if row.state == Sobre.TAKEN:
            advance(clerk, clerk.line(rut), row)
    return is_more


def _send_new(clerk: Clerk, rut: str) -> bool:
    """Whether there is more than goes in one sweep."""
    for _ in range(SOBRES_AT_ONCE):
        made = pack(clerk, rut)
        if made is None:
            return False
        advance(clerk, clerk.line(rut), made)
    return True


def sort(clerk: Clerk, rut: str) -> bool:
    """Say of documents that count how they reach the authority, and who signed them; whether there were any."""
    with clerk.store.reading() as db:
        found = select(document).where(document.c.rut == rut, IS_UNSORTED).order_by(document.c.id)
        rows = db.execute(found.limit(SORTED_AT_ONCE)).all()
        law, candidates = clerk.law(db, rut), certificates.known(db, rut)
    if not rows:
        return False
    judged, strange = [], []
    for row in rows:
        try:
            alone = law.sent_first(law.emitted(row.signed, Anexo()))
            judged.append((row, alone, signer_of(row.signed, candidates)[0]))
        except Rejected as exc:
            strange.append(filing_codes.UNSORTABLE.at(slug=documents.slug(row), rut=rut, detalle=str(exc).rstrip(".")))
    with clerk.store.writing() as db:
        touch(db, rut, now := clerk.now())
        for finding in strange:
            acts.sound(db, rut, now, finding)
        for row, alone, signer in judged:
            certificates.remember(db, rut, signer, now)
            envelopes.replace(db, row.id, row.sha256)
            of = (document.c.id == row.id, document.c.sha256 == row.sha256)
            db.execute(update(document).where(*of).values(alone=alone, signer=signer.fingerprint))
    return bool(judged)


def pack(clerk: Clerk, rut: str) -> Row[Any] | None:
    """A sobre with what is due, oldest first, its bytes committed; None when nothing is."""
    with clerk.store.reading() as db:
        chosen = _chosen(db, rut, clerk.now())
    if not chosen:
        return None
    with clerk.store.writing() as db:
        touch(db, rut, now := clerk.now())
        still = {row.id for row in envelopes.waiting(db, rut)}
        ids = [row.id for row in chosen if row.id in still]
        papers = db.execute(
            select(document).where(document.c.id.in_(ids)).order_by(document.c.signed_at, document.c.id)
        )
        rows = papers.all()
        if not rows:
            return None
        idemisor = filers.next_idemisor(db, rut, now)
        sent = envelope.compose_sobre(
            [row.signed for row in rows], ruc_emisor=rut, ruc_receptor=clerk.receptor, idemisor=idemisor, fecha=now,
            certificate=certificates.der_of(db, rut, rows[0].signer),
        )  # fmt: skip
        return envelopes.make(db, rut, idemisor, sent, rows, now)


def advance(clerk: Clerk, line: Authority, row: Row[Any]) -> None:
    """Send a sobre, or ask about its documents, and keep what is said. Raises what the line raises."""
    try:
        if row.state == Sobre.MADE:
            _hear_sobre(clerk, row, line.send_sobre(row.sent))
        elif row.token:
            _hear_documents(clerk, line, row, line.consult(row.id_receptor, row.token))
        else:
            _find(clerk, line, row)
    except (Unanswered, Rejected) as exc:
        with clerk.store.writing() as db:
            touch(db, row.rut, now := clerk.now())
            envelopes.postpone(db, row, str(exc), now)
        event(log, "sobre", level=logging.WARNING, rut=row.rut, idemisor=row.idemisor, trouble=exc)
        if isinstance(exc, Unanswered):
            raise


def _chosen(db: Connection, rut: str, now: datetime) -> Sequence[Row[Any]]:
    """The documents of the next sobre: the oldest that may go, and those that may go with it."""
    refused = envelopes.refusals(db, rut)
    free: list[Row[Any]] = []
    for row in envelopes.waiting(db, rut):
        before, fits = refused.get(row.id), row.size + envelope.AROUND <= envelope.MAX_SOBRE
        if fits and (before is None or filers.is_over(before.until, now)) and _may_go(db, row):
            free.append(row)
    if not free:
        return ()

    def most(row: Row[Any]) -> int:
        """What was refused among many goes among half as many, down to alone."""
        return max(1, refused[row.id].smallest // 2) if row.id in refused else envelope.MAX_CFES

    kin = [row for row in free if (row.signer, most(row)) == (free[0].signer, most(free[0]))]
    first = next(envelope.pack((row.size, row.signer) for row in kin))
    return [kin[place] for place in first][: most(free[0])]


def _may_go(db: Connection, row: Row[Any]) -> bool:
    """Whether the authority knows, or will never know, the documents that a note corrects."""
    if not TipoCfe(row.doc_type).is_note:
        return True
    signed = db.execute(select(document.c.signed).where(document.c.id == row.id)).scalar_one()
    corrected = (documents.of_number(db, row.rut, *one) for one in filing.read_rumbo(signed).referencias)
    return not any(one is not None and one.alone is not False and one.state in _UNDECIDED for one in corrected)


_UNDECIDED = (CloudState.PREPARED, CloudState.CONFIRMED, CloudState.SENT, CloudState.OBSERVED)


def _hear_sobre(clerk: Clerk, row: Row[Any], said: bytes | Fault) -> None:
    """What was answered to a sobre."""
    if isinstance(said, Fault):
        return _hear_fault(clerk, row, said)
    ack = acks.parse_ack_sobre(said)
    if ack.id_emisor != row.idemisor:
        raise _strange(f"se envió el sobre {row.idemisor} y contestó por el {ack.id_emisor}")
    then = decision(ack.estado, (motivo.codigo for motivo in ack.motivos))
    with clerk.store.writing() as db:
        seq = touch(db, row.rut, now := clerk.now()).seq
        if envelopes.again(db, row) is None:
            return None
        envelopes.keep_answer(db, row, said, now)
        if ack.is_received:
            token, due = (ack.consulta.token, ack.consulta.desde) if ack.consulta else ("", now)
            envelopes.take(db, row, id_receptor=str(ack.id_receptor), token=token, due=max(due, now), now=now)
            envelopes.mark_sent(db, row, seq)
        elif then.act is Act.THERE:
            envelopes.take(db, row, id_receptor="", token="", due=now, now=now)
            envelopes.mark_sent(db, row, seq)
        else:
            _refuse(db, row, then, _sentence(ack.motivos), now)
    event(log, "sobre", rut=row.rut, idemisor=row.idemisor, estado=ack.estado, cuantos=row.documents)
    if then.act is Act.PERSON:
        raise _refusal(row, then, _sentence(ack.motivos)).as_error(NeedsOperator)
    return None


def _hear_fault(clerk: Clerk, row: Row[Any], fault: Fault) -> None:
    """The service answered something else."""
    then = fault_remedy(fault.code)
    with clerk.store.writing() as db:
        seq = touch(db, row.rut, now := clerk.now()).seq
        if envelopes.again(db, row) is None:
            return
        if then.act is Act.THERE and row.state == Sobre.MADE:
            envelopes.take(db, row, id_receptor="", token="", due=now, now=now)
            envelopes.mark_sent(db, row, seq)
        elif then.act is Act.RESEND and row.state == Sobre.MADE:
            _refuse(db, row, then, f"{fault.code} {fault.description}", now)
        elif then.act is Act.QUERY and row.token:
            envelopes.take(db, row, id_receptor="", token="", due=now, now=now)
        else:
            envelopes.postpone(db, row, f"{fault.code} {fault.description}", now)
    event(log, "fault", rut=row.rut, idemisor=row.idemisor, code=fault.code)
    if then.act is Act.PERSON:
        raise filing_codes.FAULT.at(
            rut=row.rut, codigo=fault.code, detalle=fault.description, remedio=then.sentence
        ).as_error(NeedsOperator)


def _hear_documents(clerk: Clerk, line: Authority, row: Row[Any], said: bytes | Fault) -> None:
    """What was answered about the documents of a sobre, about all of them or some."""
    if isinstance(said, Fault):
        return _hear_fault(clerk, row, said)
    ack = acks.parse_ack_cfe(said)
    if ack.id_emisor != row.idemisor:
        raise _strange(f"se preguntó por el sobre {row.idemisor} y contestó por el {ack.id_emisor}")
    first = {cfe.slug: _first_answer(line, cfe) for cfe in ack.cfes if _then(cfe).act is Act.THERE}
    said_of = {cfe.slug: cfe for cfe in ack.cfes if not isinstance(first.get(cfe.slug), Fault)}
    with clerk.store.writing() as db:
        seq = touch(db, row.rut, now := clerk.now()).seq
        if envelopes.again(db, row) is None:
            return None
        envelopes.keep_answer(db, row, said, now)
        for lot in envelopes.lots(db, row):
            cfe = said_of.get(documents.slug(lot))
            if cfe is not None:
                before = first.get(cfe.slug)
                _settle(db, seq, now, lot, cfe, before if isinstance(before, CfeAck) else None)
        if not envelopes.finish(db, row):
            envelopes.postpone(db, row, "", now)
    return None


def _find(clerk: Clerk, line: Authority, row: Row[Any]) -> None:
    """A sobre that the authority says it has already: what it answered then is asked for."""
    made = row.made.astimezone(clerk.now().tzinfo).date()
    said = line.sobres_sent(made, min(made + LONGEST_QUESTION, clerk.now().date()), id_emisor=row.idemisor)
    if isinstance(said, Fault):
        return _hear_fault(clerk, row, said)
    found = [one for one in consultas.parse_envios_sobre(said) if one.id_emisor == row.idemisor]
    taken = next((one for one in found if one.consulta is not None and one.estado == "AS"), None)
    with clerk.store.writing() as db:
        touch(db, row.rut, now := clerk.now())
        if envelopes.again(db, row) is None:
            return None
        if taken is not None and taken.consulta is not None:
            due = max(taken.consulta.desde, now)
            envelopes.take(db, row, id_receptor=str(taken.id_receptor), token=taken.consulta.token, due=due, now=now)
        elif found and all(one.estado == "BS" for one in found):
            _refuse(db, row, decision("BS", ()), "", now)
        else:
            envelopes.postpone(db, row, "DGI dice que lo tiene y no lo encuentra", now)
    return None


def _first_answer(line: Authority, cfe: CfeAck) -> CfeAck | Fault | None:
    """
    What was answered about a document when it was received the first time; a fault: it is asked again later.

    None where the authority does not say which time that was. Raises what the line raises.
    """
    if cfe.original is None:
        return None
    said = line.consult(str(cfe.original.id_receptor), cfe.original.token)
    if isinstance(said, Fault):
        return said if fault_remedy(said.code).act is Act.WAIT else None
    ack: AckCfe = acks.parse_ack_cfe(said)
    return next((one for one in ack.cfes if one.slug == cfe.slug), None)


def _settle(
    db: Connection, seq: int, now: datetime, lot: Row[Any], cfe: CfeAck, first: CfeAck | None
) -> None:  # fmt: skip
    """A document has its end. One that was transcribed anew meanwhile waits for its own answer."""
    is_twin = first is not None and first.firmado not in (None, lot.signed_at)
    counts = cfe if first is None or is_twin or _then(first).act is Act.THERE else first
    # Signed at another moment, it is another document that has the number: a person must look.
    end, sentence = Lot.HELD if is_twin else _end_of(counts), _sentence(counts.motivos)
    envelopes.settle(db, lot.lot, end, sentence)
    if lot.digest != lot.sha256 or lot.state not in (CloudState.CONFIRMED, CloudState.SENT):
        return
    _tell(db, seq, now, lot, end, sentence, _then(counts).sentence)
    event(log, "filed", rut=lot.rut, document=documents.slug(lot), estado=counts.estado, end=end.value)


def _tell(
    db: Connection, seq: int, now: datetime, lot: Row[Any], end: Lot, sentence: str, cure: str
) -> None:  # fmt: skip
    """Whoever follows the document sees it; a person is told what to do."""
    slug = documents.slug(lot)
    documents.settle(db, seq, lot, _STATES[end], "" if end is Lot.ACCEPTED else sentence)
    if end in (Lot.REJECTED, Lot.OBSERVED):
        documents.mark_day(db, lot.rut, lot.day, seq=seq, now=now)
    rule = {Lot.REJECTED: filing_codes.DOCUMENT_REJECTED, Lot.HELD: filing_codes.DOCUMENT_HELD}.get(end)
    if rule is not None:
        acts.sound(db, lot.rut, now, rule.at(slug=slug, rut=lot.rut, detalle=sentence or "sin motivo", remedio=cure))


def _then(cfe: CfeAck) -> Remedy:
    return decision(cfe.estado, (motivo.codigo for motivo in cfe.motivos))


def _end_of(cfe: CfeAck) -> Lot:
    """What an answer means for a document."""
    then = _then(cfe)
    if cfe.estado == "CE":
        return Lot.OBSERVED
    if cfe.estado != "BE" or then.act is Act.THERE:
        return Lot.ACCEPTED
    return Lot.REJECTED if then.annuls or not cfe.motivos else Lot.HELD


_STATES = {
    Lot.ACCEPTED: CloudState.ACCEPTED,
    Lot.REJECTED: CloudState.REJECTED,
    Lot.OBSERVED: CloudState.OBSERVED,
    Lot.HELD: CloudState.SENT,
}


def _refuse(db: Connection, row: Row[Any], then: Remedy, detail: str, now: datetime) -> None:
    lot = Lot.BLOCKED if then.act is Act.PERSON else Lot.RETURNED
    envelopes.refuse(db, row, lot, detail, now)
    acts.sound(db, row.rut, now, _refusal(row, then, detail))


def _refusal(row: Row[Any], then: Remedy, detail: str) -> Finding:
    return filing_codes.SOBRE_REFUSED.at(
        idemisor=row.idemisor, rut=row.rut, cuantos=row.documents, detalle=detail or "sin motivo", remedio=then.sentence
    )


def _sentence(motivos: Sequence[Motivo]) -> str:
    return "; ".join(motivo.sentence for motivo in motivos)


def _strange(detail: str) -> Unanswered:
    return filing_codes.STRANGE_ANSWER.at(detalle=detail).as_error(Unanswered)
