"""
The open contract's JSON as values, and back.

Every reader raises `Strange` for what is not of the contract's shape: nothing is guessed.
"""

import json
import re
from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any, TypeVar

from sincronizador.core.contribuyente import Consulta, Contribuyente, Fuente
from sincronizador.core.emitido import Anexo
from sincronizador.core.receipt import (
    Attempt,
    Changes,
    CloudState,
    HandOver,
    Health,
    Highest,
    Lease,
    Receipt,
    Remark,
    Submission,
)
from sincronizador.core.recibido import Recepcion, Recibido, Recibidos, is_slug
from sincronizador.providers.door import Began, Certificates, Leases

KIND = "documento"
_YEARS = range(2000, 2100)
"""Of the moments that a cloud tells."""
_SURROGATE = re.compile("[\ud800-\udfff]")

_T = TypeVar("_T")
Object = Mapping[str, Any]


class Strange(Exception):
    """It is not what the contract says; the message names the field."""


def dump(value: Object) -> bytes:
    """The same bytes for the same value, whatever made it."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode("utf-8")


def load(body: bytes) -> Object:
    """A JSON object."""
    try:
        value = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError) as exc:
        raise Strange("JSON") from exc
    if not isinstance(value, dict):
        raise Strange("JSON")
    return value


def submission_body(submission: Submission) -> Object:
    """Of ``PUT /v1/documents/{key}``."""
    return {
        "attempt": attempt_body(submission.attempt),
        "country": submission.country,
        "issuer": submission.issuer,
        "branch": submission.branch,
        "terminal": submission.terminal,
        "doc_type": submission.tipo,
        "payload": submission.draft.decode("utf-8"),
        "annex": _annex_body(submission.anexo),
        "sha256": sha256(submission.draft).hexdigest(),
    }


def hand_over_body(document: HandOver) -> Object:
    """Of ``PUT /v1/documents/{key}/signed``."""
    since = document.contingency_since
    told = {"started_at": since.isoformat(), "reason": document.contingency_reason} if since is not None else None
    return {
        "attempt": attempt_body(document.attempt),
        "lease": document.lease or None,
        "series": document.serie,
        "number": document.numero,
        "signed_xml": b64encode(document.signed).decode("ascii"),
        "annex": _annex_body(document.anexo),
        "signed_at": document.signed_at.isoformat(),
        "sha256": sha256(document.signed).hexdigest(),
        "contingency": told,
    }


def attempt_body(attempt: Attempt) -> Object:
    """An attempt."""
    return {"epoch": attempt.epoch, "counter": attempt.counter}


def highest_body(highest: Highest) -> Object:
    """One number of ``recovered``."""
    return {"doc_type": highest.tipo, "series": highest.serie, "number": highest.numero}


def receipt(document: Object) -> Receipt:
    """A document, whose bytes are those of its digest."""
    signed = _bytes(document, "signed_xml")
    digest = field(document, "sha256", str)
    if digest != sha256(signed).hexdigest():
        raise Strange("sha256")
    if field(document, "kind", str) != KIND:
        raise Strange("kind")
    attempt = field(document, "attempt", dict)
    return Receipt(
        key=field(document, "key", str),
        attempt=Attempt(field(attempt, "epoch", int), field(attempt, "counter", int)),
        state=_state(document),
        tipo=field(document, "doc_type", int),
        serie=field(document, "series", str),
        numero=field(document, "number", int),
        signed=signed,
        sha256=digest,
        content_sha256=field(document, "content_sha256", str),
        signed_at=_moment(document, "signed_at"),
        epoch=field(document, "epoch", int),
        signed_here=_signed_here(document),
        anexo=_annex(field(document, "annex", dict)),
        extra=field(document, "extra", bool),
        authority=optional(document, "authority", str) or "",
        receiver=optional(document, "receiver", str) or "",
    )


def changes(page: Object) -> Changes:
    """A page of documents."""
    documents = field(page, "documents", list)
    return Changes(
        receipts=tuple(receipt(_object(document)) for document in documents),
        cursor=field(page, "cursor", str),
        more=field(page, "more", bool),
    )


def lease(body: Object) -> Lease:
    """A slice of a range."""
    cae = field(body, "cae", dict)
    return Lease(
        id=field(body, "lease", str),
        cae=field(cae, "id", str),
        tipo=field(body, "doc_type", int),
        serie=field(body, "series", str),
        cae_desde=field(cae, "from", int),
        cae_hasta=field(cae, "to", int),
        vence=_day(cae, "expires"),
        especial=optional(cae, "special", str) or "",
        causal=optional(cae, "reason", str) or "",
        desde=field(body, "from", int),
        hasta=field(body, "to", int),
        held=field(body, "held", bool),
        closed=field(body, "closed", bool),
    )


def leases(body: Object) -> Leases:
    """The open leases and the types that can be leased."""
    types = field(body, "types", list)
    if not all(type(tipo) is int for tipo in types):
        raise Strange("types")
    found = tuple(lease(_object(one)) for one in field(body, "leases", list))
    return Leases(open=found, types=tuple(types))


def certificates(body: Object) -> Certificates:
    """The certificates that the cloud signs with."""
    found = field(body, "certificates", list)
    try:
        return Certificates(tuple(b64decode(one, validate=True) for one in found))
    except (ValueError, TypeError) as exc:
        raise Strange("certificates") from exc


def health(body: Object) -> Health:
    """What the cloud says of itself."""
    status = field(body, "status", str)
    if status not in ("ok", "recovering"):
        raise Strange("status")
    contingency = field(body, "contingency", dict)
    installation = optional(body, "installation", dict)
    recovering = optional(body, "recovering_since", str)
    return Health(
        ok=status == "ok",
        detail=optional(body, "detail", str) or "",
        time=_moment(body, "time"),
        environment=field(body, "environment", str),
        server_epoch=field(body, "server_epoch", str),
        contingency_allowed=field(contingency, "allowed", bool),
        contingency_reason=optional(contingency, "reason", str) or "",
        min_client=field(body, "min_client", str),
        epoch=field(installation, "epoch", int) if installation is not None else None,
        clones=optional(installation, "clones", int) if installation is not None else None,
        recovering_since=_moment(body, "recovering_since") if recovering is not None else None,
    )


def received(page: Object) -> Recibidos:
    """A page of what others made out to ours."""
    return Recibidos(
        documents=tuple(_recibido(_object(one)) for one in field(page, "documents", list)),
        cursor=field(page, "cursor", str),
        more=field(page, "more", bool),
    )


def _recibido(body: Object) -> Recibido:
    signed = _bytes(body, "signed_xml")
    if sha256(signed).hexdigest() != field(body, "sha256", str):
        raise Strange("sha256")
    try:
        found = Recibido(
            emisor=field(body, "issuer", str),
            razon_social=field(body, "name", str),
            tipo=field(body, "doc_type", int),
            nombre=field(body, "doc_name", str),
            serie=field(body, "series", str),
            numero=field(body, "number", int),
            fecha=_day(body, "date"),
            firmado=_moment(body, "signed_at"),
            moneda=field(body, "currency", str),
            cotizacion=optional(body, "rate", str) or "",
            total=Decimal(field(body, "total", str)),
            importes=tuple((str(name), str(value)) for name, value in field(body, "amounts", list)),
            cae=field(body, "cae", str),
            codigo_seguridad=field(body, "security_code", str),
            estado=Recepcion(field(body, "state", str)),
            motivo=field(body, "reason", str),
            detalle=field(body, "detail", str),
            avisos=_texts(body, "remarks"),
            recibido=_moment(body, "received_at"),
            vence=_moment(body, "until"),
            adenda=field(field(body, "annex", dict), "adenda", str),
            signed=signed,
        )
    except (ValueError, TypeError, ArithmeticError) as exc:
        raise Strange("received") from exc
    # It becomes the name of a file.
    if not is_slug(found.slug) or not found.total.is_finite():
        raise Strange("number")
    return found


def taxpayer(body: Object) -> Consulta:
    """A taxpayer, and how old that is."""
    try:
        source = Fuente(field(body, "source", str))
    except ValueError as exc:
        raise Strange("source") from exc
    since = optional(body, "since", str)
    return Consulta(
        contribuyente=Contribuyente(
            rut=field(body, "rut", str),
            razon_social=field(body, "name", str),
            nombre_fantasia=optional(body, "trade_name", str) or "",
            tipo_entidad=optional(body, "kind", str) or "",
            situacion=field(body, "status", str),
            inicio=_day(body, "since") if since is not None else None,
            direccion=optional(body, "address", str) or "",
            ciudad=optional(body, "city", str) or "",
            departamento=optional(body, "department", str) or "",
            telefonos=_texts(body, "phones"),
            correos=_texts(body, "emails"),
            giros=_texts(body, "activities"),
        ),
        fuente=source,
        consultado=_moment(body, "asked_at"),
        sin_linea=field(body, "offline", bool),
    )


def began(body: Object, *, granted: bool) -> Began:
    """Which run goes on."""
    since = optional(body, "since", str)
    return Began(
        granted=granted,
        name=optional(body, "name", str) or "",
        since=_moment(body, "since") if since is not None else None,
    )


def remarks(error: Object) -> tuple[Remark, ...]:
    """The details of an error."""
    found = [_object(detail) for detail in optional(error, "details", list) or []]
    return tuple(
        Remark(
            field=optional(detail, "field", str) or "",
            rule=optional(detail, "rule", str) or "",
            message=field(detail, "message", str),
        )
        for detail in found
    )


def field(body: Object, name: str, kind: type[_T]) -> _T:
    """A field of exactly that kind, which the journal can keep."""
    value = body.get(name)
    if type(value) is not kind:  # bool is an int to isinstance
        raise Strange(name)
    if isinstance(value, int) and not 0 <= value < 1 << 63:
        raise Strange(name)
    if isinstance(value, str) and _SURROGATE.search(value):
        raise Strange(name)
    return value


def optional(body: Object, name: str, kind: type[_T]) -> _T | None:
    """The same, or None where it is null or absent."""
    return None if body.get(name) is None else field(body, name, kind)


def _object(value: object) -> Object:
    if not isinstance(value, dict):
        raise Strange("JSON")
    return value


def _texts(body: Object, name: str) -> tuple[str, ...]:
    return tuple(field({name: text}, name, str) for text in optional(body, name, list) or [])


def _bytes(body: Object, name: str) -> bytes:
    try:
        return b64decode(field(body, name, str), validate=True)
    except ValueError as exc:
        raise Strange(name) from exc


def _moment(body: Object, name: str) -> datetime:
    try:
        moment = datetime.fromisoformat(field(body, name, str))
    except ValueError as exc:
        raise Strange(name) from exc
    # One at the edge of the calendar cannot be told in another zone.
    if moment.tzinfo is None or moment.year not in _YEARS:
        raise Strange(name)
    return moment


def _day(body: Object, name: str) -> date:
    try:
        return date.fromisoformat(field(body, name, str))
    except ValueError as exc:
        raise Strange(name) from exc


def _state(document: Object) -> CloudState:
    try:
        return CloudState(field(document, "state", str))
    except ValueError as exc:
        raise Strange("state") from exc


def _signed_here(document: Object) -> bool:
    by = field(document, "signed_by", str)
    if by not in ("cloud", "installation"):
        raise Strange("signed_by")
    return by == "installation"


def _annex_body(anexo: Anexo) -> Object:
    return {"adenda": anexo.adenda, "correo": anexo.correo}


def _annex(body: Object) -> Anexo:
    return Anexo(adenda=optional(body, "adenda", str) or "", correo=optional(body, "correo", str) or "")
