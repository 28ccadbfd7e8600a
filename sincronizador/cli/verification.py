"""What ``verificar-xml`` says of a file: the law's audit and the signatures, put together."""

import re
from base64 import b64decode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from sincronizador.core.emitido import Emitido
from sincronizador.core.finding import Finding
from sincronizador.core.inspection import Check, Inspection, aviso, mal, ok
from sincronizador.core.signature import Digest
from sincronizador.countries.uy import audit
from sincronizador.countries.uy.received import CfeText, Received, take_apart
from sincronizador.countries.uy.schema import Schemas
from sincronizador.errors import NeedsOperator, Rejected
from sincronizador.signing.certificate import Certificate, load_certificate
from sincronizador.signing.codes import NO_CERTIFICATE_INSIDE
from sincronizador.signing.verify import is_intact, verify

KINDS = {
    "CFE": "un CFE",
    "CFE_Adenda": "un CFE con su adenda",
    "EnvioCFE": "sobre de CFE para DGI",
    "EnvioCFE_entreEmpresas": "sobre de CFE entre empresas",
    "CAE": "CAE",
    "Reporte": "reporte diario",
    "ACKSobre": "acuse de un sobre",
    "ACKCFE": "acuse de los CFE de un sobre",
    "ACKRepDiario": "acuse de un reporte diario",
    "CFEs_Anulados_x_RechazoDGI": "aviso de CFE anulados por rechazo de DGI",
}
"""Root element -> what people call it."""
_SHA1 = "usa SHA-1, un algoritmo viejo: DGI no lo admite en comprobantes desde 2018, aunque ella misma firma así"
_SERIAL = re.compile(rb"<(?:\w+:)?X509SerialNumber>\s*(\d{1,60})\s*<")
_ENVELOPES = ("EnvioCFE", "EnvioCFE_entreEmpresas")
_SIGNED = ("Reporte", "ACKSobre", "ACKCFE", "ACKRepDiario", "CFEs_Anulados_x_RechazoDGI")


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What an inspection has at hand."""

    today: date
    schemas: Schemas | None = None
    certificate: Certificate | None = None
    """Of the signer, where the file does not carry it."""
    own: Certificate | None = None
    """This installation's, for documents whose signature names it."""
    ui: Mapping[int, Decimal] = field(default_factory=dict)
    """Year -> value of the UI, where it is known."""
    qr: str = ""
    """Text of a printed QR, to be compared."""

    def signer_of(self, document: bytes) -> Certificate | None:
        """Whose signature it may be, where neither it nor its envelope carries the certificate."""
        if self.certificate is not None or self.own is None:
            return self.certificate
        named = _SERIAL.search(document)
        return self.own if named and int(named[1]) == self.own.serial else None


def inspect(content: bytes, name: str, means: Means) -> Inspection:
    """All that can be said of a file called `name`; whatever is wrong with it is a line, never an error."""
    try:
        received = take_apart(content)
    except Rejected as exc:
        return Inspection(titulo=name, checks=(mal("forma", f"{exc.code} {exc}"),))
    if received.root not in KINDS:
        text = f"la raíz es «{received.root}»; se conocen {', '.join(KINDS)}"
        return Inspection(titulo=name, checks=(mal("forma", text),))
    checks = [ok("forma", f"XML bien formado, en {received.encoding}"), *_against_schema(received, means.schemas)]
    title = f"{name}: {KINDS[received.root]}"
    if received.root == "CAE":
        return _cae(received, title, checks, means)
    if received.root in _SIGNED:
        return Inspection(titulo=title, checks=(*checks, *_signed(received, means)))
    return _cfes(received, title, checks, means)


def _against_schema(received: Received, schemas: Schemas | None) -> Iterator[Check]:
    if schemas is None:
        yield aviso("esquema", "no se controla: no hay carpeta de esquemas (use --esquemas CARPETA)")
    elif not schemas.knows(received.root):
        yield aviso("esquema", f"no se controla: la carpeta no tiene el esquema de {received.root}")
    elif problems := schemas.problems(received.whole):
        yield from (_schema_check(finding, received) for finding in problems)
    else:
        yield ok("esquema", "cumple el esquema de DGI")


def _schema_check(finding: Finding, received: Received) -> Check:
    without_ta = received.root == "CAE" and finding.field == "NA" and b"TA>" not in received.whole
    return (aviso if without_ta else mal)("esquema", f"{finding.code} línea {finding.line}: {finding.message}")


def _cfes(received: Received, title: str, checks: list[Check], means: Means) -> Inspection:
    """A CFE, or an envelope of them, each with its own lines."""
    carried, trouble = _carried(received)
    checks += trouble
    read = [_read(cfe) for cfe in received.cfes]
    emitidos = [found if isinstance(found, Emitido) else None for found in read]
    if received.root in _ENVELOPES:
        checks += audit.audit_sobre(received, emitidos)
    if means.qr and len(read) > 1:
        checks.append(_whose_qr(means.qr, emitidos))
    qr = means.qr if len(read) == 1 else ""
    parts = tuple(_cfe(cfe, found, carried, qr, means) for cfe, found in zip(received.cfes, read, strict=True))
    return Inspection(titulo=title, checks=tuple(checks), parts=parts)


def _read(cfe: CfeText) -> Emitido | Rejected:
    try:
        return audit.read_cfe(cfe.alone)
    except Rejected as exc:
        return exc


def _carried(received: Received) -> tuple[Certificate | None, list[Check]]:
    """The certificate in the Caratula."""
    text = received.caratula.get("X509Certificate", "")
    if not text:
        return None, []
    try:
        return load_certificate(b64decode(text)), []
    except (NeedsOperator, ValueError):
        return None, [mal("certificado", "el de la carátula no se puede leer")]


def _whose_qr(qr: str, emitidos: list[Emitido | None]) -> Check:
    """Of several documents the QR is one's."""
    for emitido in emitidos:
        if emitido is not None and audit.is_qr_of(emitido, qr):
            return ok("QR", f"el texto dado es el de {emitido.slug}")
    return mal("QR", "el texto dado no es el de ninguno de estos comprobantes")


def _cfe(cfe: CfeText, found: Emitido | Rejected, carried: Certificate | None, qr: str, means: Means) -> Inspection:
    signature, signer = _signature(cfe, carried, means)
    if isinstance(found, Rejected):
        return Inspection(titulo="un CFE", checks=(*signature, mal("contenido", f"{found.code} {found}")))
    checks = [*signature]
    if signer is not None:
        checks += _signer(signer, found.firmado, found.emisor)
        checks += _others(signer, cfe.alone, carried)
    checks += audit.audit_cfe(found, qr, means.ui)
    if cfe.adenda:
        checks.append(ok("adenda", f"{len(cfe.adenda)} caracteres; la firma no la abarca"))
    return Inspection(titulo=audit.title_of(found), checks=tuple(checks))


def _signature(cfe: CfeText, carried: Certificate | None, means: Means) -> tuple[list[Check], Certificate | None]:
    """What is said of the signature, and whose it is."""
    certificate = carried or means.signer_of(cfe.alone)
    checks, signer = _verified(cfe.alone, certificate)
    if signer is None and cfe.in_place != cfe.alone:
        _, there = _verified(cfe.in_place, certificate)
        if there is not None:
            text = "es buena solo con los espacios de nombres del sobre; DGI controla el CFE suelto (E04)"
            return [mal("firma", text)], there
    return checks, signer


def _verified(document: bytes, certificate: Certificate | None) -> tuple[list[Check], Certificate | None]:
    """The signature with the certificate that it carries, or else with the one at hand."""
    try:
        found = verify(document)
    except Rejected as exc:
        if exc.code != NO_CERTIFICATE_INSIDE.code:
            return [mal("firma", f"{exc.code} {exc}")], None
        if certificate is None:
            return [_unsure(document)], None
        try:
            found = verify(document, certificate=certificate)
        except Rejected as other:
            return [mal("firma", f"{other.code} {other}")], None
    good = ok("firma", f"es buena, de {found.certificate.titular or found.certificate.subject}")
    if found.digest is Digest.SHA1:
        return [good, aviso("firma", _SHA1)], found.certificate
    return [good], found.certificate


def _unsure(document: bytes) -> Check:
    try:
        intact = is_intact(document)
    except Rejected as exc:
        return mal("firma", f"{exc.code} {exc}")
    if not intact:
        return mal("firma", "el contenido cambió después de firmado: su resumen (DigestValue) no coincide")
    text = "el contenido no cambió, pero no trae el certificado: para saber quién firmó use --certificado ARCHIVO"
    return aviso("firma", text)


def _signer(signer: Certificate, moment: datetime | None, rut: str) -> Iterator[Check]:
    """Whether that certificate could sign then, for that issuer."""
    zone = moment.tzinfo if moment else None
    dates = f"{signer.not_before.astimezone(zone):%d/%m/%Y} a {signer.not_after.astimezone(zone):%d/%m/%Y}"
    about = f"{signer.titular or signer.subject}, emitido por {signer.issuer}, vale del {dates}"
    if moment is not None and not signer.not_before <= moment <= signer.not_after:
        yield mal("certificado", f"no valía el {moment:%d/%m/%Y}, cuando firmó: {about}")
    else:
        yield ok("certificado", about)
    if signer.rut != rut:
        yield mal("emisor", f"el certificado es del RUT {signer.rut or '(ninguno)'} y el emisor es {rut} (S02)")
    else:
        yield ok("emisor", f"el certificado es del RUT {rut}")


def _others(signer: Certificate, document: bytes, carried: Certificate | None) -> Iterator[Check]:
    """Whether the envelope and the signature itself name another certificate than the one that signed."""
    named = _SERIAL.search(document)
    if named and int(named[1]) != signer.serial:
        yield mal("certificado", f"la firma nombra el de número {int(named[1])} y firmó el {signer.serial}")
    if carried is not None and carried.fingerprint != signer.fingerprint:
        yield mal("certificado", f"el de la carátula es otro, de {carried.titular or carried.subject} (S06)")


def _cae(received: Received, title: str, checks: list[Check], means: Means) -> Inspection:
    signature, signer = _verified(received.whole, means.signer_of(received.whole))
    checks += signature
    if signer is not None:
        checks += _authority(signer, audit.signed_at(received))
    try:
        title, told = audit.audit_cae(received.whole, means.today)
    except Rejected as exc:
        told = [mal("CAE", f"{exc.code} {exc}")]
    return Inspection(titulo=title, checks=(*checks, *told))


def _authority(signer: Certificate, moment: datetime | None) -> Iterator[Check]:
    """Whether DGI signed."""
    rut = signer.rut if signer.rut in audit.DGI else audit.DGI[0]
    for check in _signer(signer, moment, rut):
        if check.que != "emisor":
            yield check
    if signer.rut not in audit.DGI:
        yield aviso("emisor", f"no lo firmó DGI sino el RUT {signer.rut or '(ninguno)'}: en producción no vale")


def _signed(received: Received, means: Means) -> Iterator[Check]:
    """A daily report, or an answer."""
    signature, signer = _verified(received.whole, means.signer_of(received.whole))
    yield from signature
    rut = received.caratula.get("RUCEmisor", "").strip()
    if signer is not None:
        moment = audit.signed_at(received)
        yield from _signer(signer, moment, rut) if received.root == "Reporte" else _authority(signer, moment)
    if received.root == "Reporte":
        yield from audit.audit_report(received)
    else:
        yield from audit.audit_answer(received)
