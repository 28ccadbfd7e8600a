"""What the cloud finds wrong with a draft before it takes a number, and with a signed document that is handed over."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from lxml import etree

from sincronizador.core.emitido import Emitido
from sincronizador.core.finding import Finding
from sincronizador.core.numbering import Folio, Rango
from sincronizador.core.receipt import HandOver, Submission
from sincronizador.countries.door import Country
from sincronizador.countries.uy import codes as law
from sincronizador.countries.uy.elements import NAMESPACE
from sincronizador.errors import Rejected
from sincronizador.nube import codes
from sincronizador.nube.certificates import Known
from sincronizador.nube.issuers import COUNTRY
from sincronizador.signing.certificate import Certificate
from sincronizador.signing.verify import verify
from sincronizador.signing.xmldsig import confirms

CURED_HERE = frozenset({law.UI_UNKNOWN.code})
"""Findings that a setting of the issuer here cures: the document waits instead of being refused."""

_SERIAL = re.compile(rb"<(?:\w+:)?X509SerialNumber>\s*(\d+)\s*<")
_EMBEDDED = re.compile(rb"<(?:\w+:)?X509Certificate>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What is wrong with a draft."""

    errors: tuple[Finding, ...]
    waits: str = ""
    """Why it cannot be judged yet, where all that is wrong is cured by a setting here."""


def judge(country: Country | None, rut: str, submission: Submission, sha256: str, today: date) -> Verdict:
    """Everything that is wrong with a submission. `country` is the law at its branch; None: a branch nobody knows."""
    errors = list(_form(submission, sha256))
    if country is None:
        errors.append(codes.UNKNOWN_BRANCH.at(field="branch", value=submission.branch, rut=rut))
    elif country.transcribes(submission.tipo):
        errors.append(codes.PAPER_UNSIGNED.at(field="doc_type", value=str(submission.tipo)))
    if country is None or errors:
        return Verdict(errors=tuple(errors))
    reading = country.from_xml(submission.draft)
    errors = [finding for finding in reading.findings if finding.is_error]
    if errors:
        return Verdict(errors=tuple(errors))
    if not _can_be_completed(country, submission.draft):
        return Verdict(errors=(codes.NOT_CANONICAL.at(field="payload"),))
    request = country.read(reading.sections, today)
    errors = [finding for finding in country.check(request, {}, today) if finding.is_error]
    said = (reading.sections.text_of("EMISOR", "RUT"), reading.sections.text_of("EMISOR", "SUCURSAL"))
    errors += _headers(submission, rut, request.tipo, *said)
    if errors and all(finding.code in CURED_HERE for finding in errors):
        return Verdict(errors=(), waits=errors[0].message.rstrip("."))
    return Verdict(errors=tuple(errors))


def signer_of(signed: bytes, candidates: Sequence[Known]) -> tuple[Certificate, datetime | None]:
    """
    Whose key signed, and since when that certificate is revoked.

    Tried are the certificates that the issuer has here, the one that the signature names first, then the one that the
    signature carries. Raises `Rejected` (E21xx) when none of them confirms it.
    """
    for known in candidates:
        if confirms(signed, known.certificate):
            return known.certificate, known.revoked
    named = _SERIAL.search(signed)
    serial = int(named[1]) if named else 0
    trouble: Rejected | None = None
    for known in sorted(candidates, key=lambda known: known.certificate.serial != serial):
        try:
            verify(signed, certificate=known.certificate)
        except Rejected as exc:
            trouble = trouble or exc
        else:
            return known.certificate, known.revoked
    if trouble is not None and not _EMBEDDED.search(signed):
        raise trouble
    return verify(signed).certificate, None


def objections(
    document: HandOver, sha256: str, emitido: Emitido, rut: str, environment: str, signer: Certificate,
    revoked: datetime | None, *, is_paper: bool,
) -> Iterator[Finding]:  # fmt: skip
    """
    Why a signed document is not taken at all, but for its number.

    A paper is transcribed when it can be: its booklet may have expired since.
    """
    if hashlib.sha256(document.signed).hexdigest() != sha256:
        yield codes.BAD_HASH.at(field="sha256")
    if emitido.emisor != rut:
        yield codes.OTHER_RUT.at(field="signed_xml", value=emitido.emisor, rut=rut)
    if signer.rut != rut or (signer.is_test and environment == "produccion"):
        detail = f"es de {signer.titular or signer.subject}"
        yield codes.FOREIGN_SIGNATURE.at(field="signed_xml", slug=emitido.slug, detalle=detail)
    if revoked is not None and revoked <= emitido.firmado:
        detail = f"el certificado se revocó el {revoked:%d/%m/%Y}"
        yield codes.FOREIGN_SIGNATURE.at(field="signed_xml", slug=emitido.slug, detalle=detail)
    if (document.serie, document.numero) != (emitido.serie, emitido.numero):
        value = f"{document.serie}-{document.numero}"
        yield codes.OTHER_FOLIO.at(field="number", value=value, slug=emitido.slug)
    if emitido.firmado.date() > emitido.cae_vence and not is_paper:
        yield codes.AFTER_CAE.at(
            field="signed_at", slug=emitido.slug, fecha=emitido.firmado.date(), vence=emitido.cae_vence
        )


def remarks(country: Country | None, signed: bytes, signer: Certificate, emitido: Emitido) -> Sequence[Finding]:
    """What is wrong with a signed document that is taken all the same: its paper may exist."""
    found = []
    if not signer.not_before <= emitido.firmado <= signer.not_after:
        found.append(codes.FOREIGN_SIGNATURE.at(slug=emitido.slug, detalle="el certificado no valía ese día"))
    if country is None:
        return found
    reading = country.from_xml(country.draft_of(signed))
    request = country.read(reading.sections, emitido.fecha)
    found += [finding for finding in reading.findings if finding.is_error]
    return found + [finding for finding in country.check(request, {}, emitido.firmado.date()) if finding.is_error]


def _form(submission: Submission, sha256: str) -> Iterator[Finding]:
    if hashlib.sha256(submission.draft).hexdigest() != sha256:
        yield codes.BAD_HASH.at(field="sha256")
    if submission.country != COUNTRY:
        yield codes.OTHER_COUNTRY.at(field="country", value=submission.country)


def _headers(submission: Submission, rut: str, tipo: int, said_rut: str, said_branch: str) -> Iterator[Finding]:
    """Whether the document says what the submission says of it."""
    if tipo != submission.tipo:
        yield codes.OTHER_TYPE.at(field="doc_type", value=str(submission.tipo), tipo=tipo)
    if said_rut != rut:
        yield codes.OTHER_RUT.at(field="payload", value=said_rut, rut=rut)
    if said_branch != submission.branch:
        yield codes.OTHER_BRANCH.at(field="branch", value=submission.branch, sucursal=said_branch)


def _can_be_completed(country: Country, draft: bytes) -> bool:
    """
    Whether it can be completed and signed as it is: canonical, and with nothing around the document.

    The country has read it, so it is well-formed and has no DTD.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    if (
        not draft.startswith(_ROOT)
        or etree.tostring(etree.fromstring(draft, parser), method="c14n", with_comments=False) != draft
    ):
        return False
    try:
        return country.draft_of(country.complete(draft, _FOLIO, _THEN)) == draft
    except ValueError:
        return False


_ROOT = f'<CFE xmlns="{NAMESPACE}" version="1.0"><'.encode()
_THEN = datetime(2026, 1, 1, tzinfo=UTC)
_FOLIO = Folio(rango=Rango(id="1", tipo=101, serie="A", desde=1, hasta=1, vence=date(2026, 1, 1)), numero=1)
