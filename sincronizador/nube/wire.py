"""Core values as the JSON of the wire."""

from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable
from typing import Any

from sincronizador.core.contribuyente import Consulta
from sincronizador.core.emitido import Anexo, Emitido
from sincronizador.core.receipt import (
    Attempt,
    Changes,
    HandOver,
    Health,
    Lease,
    Receipt,
    Remark,
    Reply,
    Said,
    Submission,
)
from sincronizador.nube import bodies
from sincronizador.nube.fates import CaeFates
from sincronizador.nube.troubles import STATUS, Trouble

Reader = Callable[[Receipt], Emitido]
"""What a stored document says: the country reads its bytes."""


def attempt_of(body: bodies.AttemptBody) -> Attempt:
    """An attempt that we were sent."""
    return Attempt(body.epoch, body.counter)


def submission_of(body: bodies.Validation) -> Submission:
    """An unsigned document that we were sent."""
    return Submission(
        attempt=attempt_of(body.attempt) if body.attempt else Attempt(0, 0),
        country=body.country,
        issuer=body.issuer,
        branch=body.branch,
        terminal=body.terminal,
        tipo=body.doc_type,
        draft=body.payload.encode(),
        anexo=_anexo(body.annex),
    )


def hand_over_of(body: bodies.HandOver) -> HandOver:
    """A signed document that we were sent."""
    since = body.contingency
    return HandOver(
        attempt=attempt_of(body.attempt),
        lease=body.lease or "",
        serie=body.series,
        numero=body.number,
        signed=b64decode(body.signed_xml),
        anexo=_anexo(body.annex),
        signed_at=body.signed_at,
        contingency_since=since.started_at if since else None,
        contingency_reason=since.reason if since else "",
    )


def document(receipt: Receipt, read: Reader) -> dict[str, Any]:
    """A document as the cloud has it."""
    emitido = read(receipt)
    return {
        "key": receipt.key,
        "kind": "documento",
        "attempt": {"epoch": receipt.attempt.epoch, "counter": receipt.attempt.counter},
        "state": receipt.state.value,
        "doc_type": receipt.tipo,
        "series": receipt.serie,
        "number": receipt.numero,
        "cae": {
            "id": emitido.cae,
            "from": emitido.cae_desde,
            "to": emitido.cae_hasta,
            "expires": emitido.cae_vence.isoformat(),
        },
        "signed_xml": b64encode(receipt.signed).decode(),
        "sha256": receipt.sha256,
        "content_sha256": receipt.content_sha256,
        "signed_at": receipt.signed_at.isoformat(),
        "epoch": receipt.epoch,
        "signed_by": "installation" if receipt.signed_here else "cloud",
        "extra": receipt.extra,
        "annex": {"adenda": receipt.anexo.adenda, "correo": receipt.anexo.correo},
        "authority": receipt.authority or None,
        "receiver": receipt.receiver or None,
    }


def page(changes: Changes, read: Reader) -> dict[str, Any]:
    """A page of documents."""
    documents = [document(receipt, read) for receipt in changes.receipts]
    return {"documents": documents, "cursor": changes.cursor, "more": changes.more}


def trouble(reply: Reply, read: Reader) -> Trouble:
    """A verdict that is an error on the wire, with the document that exists."""
    more = {"document": document(reply.receipt, read)} if reply.receipt else {}
    details = remarks(reply.remarks)
    return Trouble(STATUS[reply.said], reply.code or _CODES[reply.said], reply.message, details=details, **more)


def remarks(found: Iterable[Remark]) -> list[dict[str, str]]:
    """What is wrong with which field."""
    return [{"field": remark.field, "rule": remark.rule, "message": remark.message} for remark in found]


def health(found: Health, *, recovered: bool) -> dict[str, Any]:
    """How the cloud is."""
    standing = {"epoch": found.epoch, "recovered": recovered, "clones": found.clones}
    return {
        "status": "ok" if found.ok else "recovering",
        "detail": found.detail,
        "time": found.time.isoformat(),
        "environment": found.environment,
        "server_epoch": found.server_epoch,
        "contingency": {"allowed": found.contingency_allowed, "reason": found.contingency_reason},
        "min_client": found.min_client,
        "installation": None if found.epoch is None else standing,
        "recovering_since": found.recovering_since.isoformat() if found.recovering_since else None,
    }


def lease(found: Lease) -> dict[str, Any]:
    """A slice of an authorised range."""
    return {
        "lease": found.id,
        "cae": {
            "id": found.cae,
            "from": found.cae_desde,
            "to": found.cae_hasta,
            "expires": found.vence.isoformat(),
            "special": found.especial,
            "reason": found.causal,
        },
        "doc_type": found.tipo,
        "series": found.serie,
        "from": found.desde,
        "to": found.hasta,
        "held": found.held,
        "closed": found.closed,
    }


def taxpayer(found: Consulta) -> dict[str, Any]:
    """A taxpayer, and how old that is."""
    who = found.contribuyente
    return {
        "country": "uy",
        "rut": who.rut,
        "name": who.razon_social,
        "trade_name": who.nombre_fantasia,
        "kind": who.tipo_entidad,
        "status": who.situacion,
        "since": who.inicio.isoformat() if who.inicio else None,
        "address": who.direccion,
        "city": who.ciudad,
        "department": who.departamento,
        "phones": list(who.telefonos),
        "emails": list(who.correos),
        "activities": list(who.giros),
        "source": found.fuente.value,
        "asked_at": found.consultado.isoformat(),
        "offline": found.sin_linea,
    }


def numbers(found: CaeFates) -> dict[str, Any]:
    """The fate of every number of a CAE."""
    return {
        "cae": found.cae,
        "doc_type": found.doc_type,
        "series": found.series,
        "from": found.first,
        "to": found.last,
        "expires": found.expires.isoformat(),
        "totals": {fate.value: count for fate, count in found.totals.items()},
        "fates": [
            {"from": stretch.first, "to": stretch.last, "fate": stretch.fate.value} for stretch in found.stretches
        ],
    }


def _anexo(annex: bodies.Annex) -> Anexo:
    return Anexo(adenda=annex.adenda, correo=annex.correo)


_CODES = {
    Said.UNKNOWN: "not_found",
    Said.CONFLICT: "other_content",
    Said.OVERTAKEN: "attempt_overtaken",
    Said.FENCED: "epoch_overtaken",
    Said.STALE: "run_overtaken",
    Said.RESTORED: "server_restored",
    Said.INVALID: "invalid",
}
"""``error.code`` of a verdict that names none."""
