"""
What is wrong with a sobre that another issuer sends, and with each document in it: codes S and E of DGI's tables.

Pure: the base is not asked. What DGI judges itself (its registers, the amounts) is not judged here again; whether the
lines add up is told to whoever must pay, and is no reason to refuse.
"""

import json
import re
from base64 import b64decode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sincronizador.core.emitido import Emitido
from sincronizador.core.inspection import Juicio
from sincronizador.countries.uy import audit, remedies
from sincronizador.countries.uy.acks import Motivo
from sincronizador.countries.uy.received import CfeText, Received
from sincronizador.countries.uy.rut import check_rut
from sincronizador.countries.uy.schema import Schemas
from sincronizador.countries.uy.signed import parse_signed
from sincronizador.countries.uy.sobre import MAX_CFES, MAX_ID, MAX_SOBRE, sobre_name
from sincronizador.countries.uy.tipos import ZONE
from sincronizador.errors import NeedsOperator, Rejected
from sincronizador.signing.certificate import Certificate, load_certificate
from sincronizador.signing.codes import NO_CERTIFICATE_INSIDE
from sincronizador.signing.trust import Authorities
from sincronizador.signing.verify import verify

ENVELOPES = ("EnvioCFE_entreEmpresas", "EnvioCFE")
"""Roots of what is taken as a sobre: some send the one that goes to DGI, with the receiver's RUC in it."""
AHEAD = timedelta(days=1)
"""How far in the future a signature may lie: clocks differ."""
_SERIE = re.compile(r"[A-Z0-9]{1,2}")
_NAME = re.compile(r"[A-Za-z0-9._-]{1,60}\.xml", re.IGNORECASE)
_DETAIL = 500
_HIGHEST = 9_999_999
_PAPER = 200
"""Types from here on are papers of contingency, whose number is their booklet's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What a sobre is judged with."""

    now: datetime
    environment: str
    schemas: Schemas | None = None
    authorities: Authorities | None = None
    """Who must have issued the certificates; None: whoever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caratula:
    """Whose sobre, to whom."""

    receptor: str
    emisor: str
    idemisor: int
    name: str
    """Of its file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A document of a sobre."""

    ordinal: int
    signed: bytes = field(repr=False)
    emitido: Emitido | None
    adenda: str = ""
    motivos: tuple[Motivo, ...] = ()
    """Why it is refused; none: it is taken."""
    facts: str = ""
    """What is told of it, JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What is said of a sobre before the base is asked."""

    caratula: Caratula
    count: int
    """Documents in it."""
    motivos: tuple[Motivo, ...]
    """Why all of it is refused."""
    cfes: tuple[Judged, ...]


def read_caratula(sobre: Received, name: str) -> Caratula:
    """To whom an answer goes. Raises ValueError for a sobre that cannot even be answered."""
    said = {key: value.strip() for key, value in sobre.caratula.items()}
    receptor, emisor, number = said.get("RutReceptor", ""), said.get("RUCEmisor", ""), said.get("Idemisor", "")
    if not (check_rut(receptor) and check_rut(emisor)):
        raise ValueError("su carátula no dice de quién es y para quién")
    if not (number.isascii() and number.isdecimal() and len(number) <= len(str(MAX_ID))):
        raise ValueError("su carátula no dice qué número tiene (Idemisor)")
    fecha = _moment(said.get("Fecha", "")) or datetime.min.replace(year=2000, tzinfo=ZONE)
    told = name if _NAME.fullmatch(name) else sobre_name(emisor, fecha, int(number))
    return Caratula(receptor=receptor, emisor=emisor, idemisor=int(number), name=told)


def judge(sobre: Received, caratula: Caratula, means: Means) -> Verdict:
    """Everything that is wrong with a sobre and with what is in it."""
    carried, motivos = _certificate(sobre, caratula, means)
    motivos += _shape(sobre)
    if motivos:
        return Verdict(caratula=caratula, count=len(sobre.cfes), motivos=tuple(motivos), cfes=())
    judged, signers = [], set()
    for ordinal, cfe in enumerate(sobre.cfes, 1):
        one, signer = _cfe(ordinal, cfe, caratula, carried, means)
        judged.append(one)
        signers |= {signer.fingerprint} if signer else set()
    foreign = [one.ordinal for one in judged if one.emitido is not None and one.emitido.emisor != caratula.emisor]
    if foreign:
        motivos.append(_s("S02", f"no son de {caratula.emisor} los comprobantes {_list(foreign)}"))
    if carried is not None and signers - {carried.fingerprint}:
        motivos.append(_s("S06", "hay comprobantes firmados con otro certificado que el de la carátula"))
    return Verdict(caratula=caratula, count=len(judged), motivos=tuple(motivos), cfes=tuple(judged))


def signer_problem(signer: Certificate, rut: str, at: datetime, means: Means) -> str:
    """Why a certificate does not count for `rut` at a moment; empty when it does."""
    if signer.rut != rut:
        return f"el certificado es del RUC {signer.rut or '(ninguno)'} y no de {rut}"
    if not signer.not_before <= at <= signer.not_after:
        return f"el certificado no valía el {at.astimezone(ZONE):%d/%m/%Y}"
    if signer.is_test and means.environment == "produccion":
        return "el certificado es de prueba"
    if means.authorities is not None and not means.authorities.trusts(signer):
        return "ninguna autoridad reconocida emitió el certificado"
    return ""


def answer_problem(answer: Received, rut: str, means: Means) -> str:
    """Why a signed answer or notice does not count as said by `rut`; empty when it does."""
    try:
        signer = verify(answer.whole).certificate
    except Rejected as exc:
        return f"su firma no es buena: {str(exc).rstrip('.')}"
    return signer_problem(signer, rut, audit.signed_at(answer) or means.now, means)


def _certificate(sobre: Received, caratula: Caratula, means: Means) -> tuple[Certificate | None, list[Motivo]]:
    text = sobre.caratula.get("X509Certificate", "")
    try:
        carried = load_certificate(b64decode(text))
    except (NeedsOperator, ValueError):
        return None, [_s("S03", "el certificado de la carátula no se puede leer")]
    if carried.rut != caratula.emisor:
        return carried, [_s("S02", f"el certificado es del RUC {carried.rut or '(ninguno)'}")]
    problem = signer_problem(carried, caratula.emisor, _moment(sobre.caratula.get("Fecha", "")) or means.now, means)
    return carried, [_s("S03", problem)] if problem else []


def _shape(sobre: Received) -> Iterator[Motivo]:
    said, there = sobre.caratula.get("CantCFE", "").strip(), len(sobre.cfes)
    if len(sobre.whole) > MAX_SOBRE:
        yield _s("S07", f"tiene {len(sobre.whole)} bytes")
    if not 1 <= there <= MAX_CFES:
        yield _s("S04", f"trae {there} comprobantes y un sobre lleva de 1 a {MAX_CFES}")
    elif said != str(there):
        yield _s("S05", f"la carátula dice {said[:10] or 'nada'} y trae {there}")
    if _moment(sobre.caratula.get("Fecha", "")) is None:
        yield _s("S04", "la carátula no dice su fecha")


def _cfe(
    ordinal: int, cfe: CfeText, caratula: Caratula, carried: Certificate | None, means: Means
) -> tuple[Judged, Certificate | None]:
    signed, signer, trouble = _signature(cfe, carried)
    try:
        emitido = audit.read_cfe(signed)
    except Rejected as exc:
        return Judged(ordinal=ordinal, signed=signed, emitido=None, motivos=(_e("E05", str(exc)),)), signer
    motivos = [_e("E04", trouble)] if trouble else []
    if signer is not None and (problem := signer_problem(signer, emitido.emisor, emitido.firmado, means)):
        motivos.append(_e("E04", problem))
    motivos += _format(emitido, caratula, means)
    if not motivos and means.schemas is not None and (found := means.schemas.problems(signed)):
        motivos.append(_e("E05", found[0].message))
    facts = "" if motivos else json.dumps(_facts(emitido), ensure_ascii=False)
    one = Judged(
        ordinal=ordinal, signed=signed, emitido=emitido, adenda=cfe.adenda, motivos=tuple(motivos), facts=facts
    )
    return one, signer


def _signature(cfe: CfeText, carried: Certificate | None) -> tuple[bytes, Certificate | None, str]:
    """
    The bytes that were signed, who did it, and what is wrong with that.

    Some cut the namespaces that the envelope repeats out of what they signed: with them it is what was signed.
    """
    trouble = ""
    for document in dict.fromkeys((cfe.alone, cfe.in_place)):
        try:
            return document, _verified(document, carried), ""
        except Rejected as exc:
            trouble = trouble or str(exc)
    return cfe.in_place, None, trouble


def _verified(document: bytes, carried: Certificate | None) -> Certificate:
    try:
        return verify(document).certificate
    except Rejected as exc:
        if exc.code != NO_CERTIFICATE_INSIDE.code or carried is None:
            raise
    return verify(document, certificate=carried).certificate


def _format(emitido: Emitido, caratula: Caratula, means: Means) -> Iterator[Motivo]:
    if not _SERIE.fullmatch(emitido.serie):
        yield _e("E05", "la serie no tiene una o dos letras o cifras")
    if not 0 < emitido.numero <= _HIGHEST:
        yield _e("E05", "el número no va de 1 a 9999999")
    if emitido.receptor != caratula.receptor:
        yield _e("E05", f"el receptor del comprobante es {emitido.receptor or 'ninguno'} y no {caratula.receptor}")
    if emitido.firmado > means.now + AHEAD:
        yield _e("E05", f"está firmado el {emitido.firmado:%d/%m/%Y %H:%M}, que todavía no llegó")
    if emitido.tipo < _PAPER:
        if not emitido.cae_desde <= emitido.numero <= emitido.cae_hasta:
            yield _e("E03", f"el CAE va de {emitido.cae_desde} a {emitido.cae_hasta}")
        if emitido.firmado.date() > emitido.cae_vence:
            yield _e("E07", f"el CAE venció el {emitido.cae_vence:%d/%m/%Y}")


def _facts(emitido: Emitido) -> dict[str, Any]:
    """What is told of a document, so that nobody need read its XML to know what it is."""
    emisor = parse_signed(emitido.signed).zone("Encabezado", "Emisor")
    return {
        "name": emisor.get("RznSoc", "").strip(),
        "doc_name": emitido.nombre,
        "date": emitido.fecha.isoformat(),
        "signed_at": emitido.firmado.isoformat(),
        "currency": emitido.moneda,
        "rate": str(emitido.cotizacion) if emitido.cotizacion is not None else None,
        "total": str(emitido.total),
        "amounts": [[name, value] for name, value in emitido.importes],
        "cae": emitido.cae,
        "security_code": emitido.codigo_seguridad,
        "remarks": list(_remarks(emitido)),
    }


def _remarks(emitido: Emitido) -> Iterator[str]:
    """What whoever pays should look at."""
    for check in audit.audit_cfe(emitido, "", {}):
        if check.juicio is Juicio.MAL and check.que in ("totales", "reglas"):
            yield check.texto[:_DETAIL]


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=ZONE)


def _s(code: str, detail: str) -> Motivo:
    return Motivo(codigo=code, glosa=remedies.SOBRE[code].que, detalle=detail[:_DETAIL])


def _e(code: str, detail: str) -> Motivo:
    return Motivo(codigo=code, glosa=remedies.CFE[code].que, detalle=detail.rstrip(".")[:_DETAIL])


def _list(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers[:20]))
