"""Uruguay behind the door of countries: the law of CFE for one issuer and its settings."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, tzinfo

from sincronizador.core.alarm import Alarm
from sincronizador.core.emitido import Anexo, Emitido
from sincronizador.core.finding import Finding
from sincronizador.core.numbering import Folio
from sincronizador.core.request import Known, Request
from sincronizador.core.sections import Reading, Sections, Vocabulary
from sincronizador.core.signature import SignaturePlan
from sincronizador.core.template import PLAIN, Template
from sincronizador.core.ticket import Page, Ticket
from sincronizador.core.total import Total
from sincronizador.countries.uy import (
    cae,
    checks,
    codes,
    completing,
    compose,
    emitted,
    representation,
    reversal,
    sealing,
    sheet,
    specimen,
    xml,
)
from sincronizador.countries.uy.cae import CaeFile
from sincronizador.countries.uy.caso import Caso
from sincronizador.countries.uy.compare import compare
from sincronizador.countries.uy.comprobante import Comprobante
from sincronizador.countries.uy.emisor import Ajustes, Emisor
from sincronizador.countries.uy.fields import VOCABULARY
from sincronizador.countries.uy.filing import travels_alone
from sincronizador.countries.uy.kin import KIN
from sincronizador.countries.uy.monedas import MONEDA_DE
from sincronizador.countries.uy.read import read
from sincronizador.countries.uy.report import deadline
from sincronizador.countries.uy.rut import check_rut
from sincronizador.countries.uy.schema import Schemas
from sincronizador.countries.uy.signed import parse_signed
from sincronizador.countries.uy.tipos import ZONE, Regimen, TipoCfe
from sincronizador.errors import NeedsOperator

_PAPERS = frozenset(int(tipo) for tipo in TipoCfe if tipo.is_papel)
_ROLL = frozenset(tipo for tipo in TipoCfe if tipo.is_e_ticket)


class Uruguay:
    """A `Country`. Formato CFE v25.2, schema 1.44.2. Raises `NeedsOperator` E1005 for an issuer that cannot be one."""

    zone: tzinfo = ZONE
    vocabulary: Vocabulary = replace(VOCABULARY, kin=KIN)
    moneda_de: Mapping[str, str] = MONEDA_DE

    def __init__(
        self, emisor: Emisor, ajustes: Ajustes, schemas: Schemas | None = None, template: Template = PLAIN
    ) -> None:
        if problems := checks.issuer_problems(emisor):
            trouble = codes.BAD_ISSUER.at(detalle="; ".join(problems))
            raise NeedsOperator(trouble.code, trouble.message)
        self._emisor = emisor
        self._ajustes = ajustes
        self._schemas = schemas
        self._template = template

    def from_xml(self, content: bytes) -> Reading:
        """A CFE without number as sections."""
        return xml.from_xml(content)

    def read(self, sections: Sections, today: date) -> Request:
        """The request with its defaults fixed; bad values become findings."""
        return read(sections, today, self._emisor, self._ajustes)

    def check(self, request: Request, known: Known, today: date) -> Sequence[Finding]:
        """All findings of reading and of the law, in order of line and code; then, without errors, of DGI's schema."""
        caso = Caso(
            comprobante=_document(request), known=known, today=today, ajustes=self._ajustes,
            regimen=Regimen(self._emisor.regimen), free_shop=self._emisor.free_shop, adenda=request.anexo.adenda,
        )  # fmt: skip
        # What nobody knows the type of has no law yet.
        found = [*request.findings, *(checks.check(caso) if request.tipo else ())]
        if self._schemas and not any(finding.is_error for finding in found):
            found += self._schemas.draft_problems(self.draft(request, known), caso.comprobante, request.folio)
        return sorted(found, key=lambda finding: finding.place)

    def compare(self, request: Request, earlier: Request) -> str | None:
        """The first field that differs; None: the same sale."""
        return compare(request, earlier)

    def draft(self, request: Request, known: Known) -> bytes:
        """The CFE without number, range, signing time and signature."""
        return compose.draft(_document(request), request.referencia, known)

    def complete(self, draft: bytes, folio: Folio, at: datetime) -> bytes:
        """The draft with its number, range and signing time, canonical."""
        return compose.complete(draft, folio, at)

    def draft_of(self, signed: bytes) -> bytes:
        """The draft that was completed into this CFE."""
        return compose.draft_of(signed)

    def branch(self, draft: bytes) -> str:
        """CdgDGISucur."""
        return compose.branch_of(draft)

    def transcribes(self, tipo: int) -> bool:
        """201 to 282: what was written on paper while the system was down. Formato CFE v25.2, table A."""
        return tipo in _PAPERS

    def sealed(self, draft: bytes, encrypt: Callable[[bytes], bytes]) -> bytes:
        """The draft with its Complemento Fiscal sealed."""
        return sealing.sealed(draft, encrypt)

    def blinded(self, draft: bytes) -> bytes:
        """The draft with nothing in its Complemento Fiscal, if that is sealed."""
        return sealing.blinded(draft)

    def to_complete(self, sections: Sections) -> str:
        """The receiver of ``COMPLETAR=SI``."""
        return completing.to_complete(sections)

    def completed(self, sections: Sections, draft: bytes, anexo: Anexo) -> tuple[Sections, Sequence[str]]:
        """The receiver as another CFE knew it, where the file says nothing."""
        return completing.completed(sections, draft, anexo.correo)

    def reversal(self, document: Emitido, referencia: str, razon: str, line: int) -> Sections:
        """Its credit note, or the e-Remito or e-Resguardo that takes it back."""
        return reversal.reversal(document, referencia, razon, self._emisor.sucursal, line)

    def reversal_tipo(self, tipo: int) -> int:
        """101 is undone by 102, 102 by 103, 181 by another 181, a paper by an electronic one."""
        return reversal.reversal_tipo(tipo)

    def taxpayer_number(self, text: str, line: int) -> str | Finding:
        """A RUT; dots, dashes and blanks in it say nothing."""
        digits = "".join(char for char in text if char not in ".-/ ")
        return digits if check_rut(digits) else codes.BAD_RUT.at(field="RUT", line=line, value=text)

    def sent_first(self, document: Emitido) -> bool:
        """What travels to DGI one by one."""
        return travels_alone(document, self._ajustes.ui)

    def signatures(self, document: bytes) -> Sequence[SignaturePlan]:  # noqa: ARG002 - one for every CFE
        """One enveloped signature with the issuer's key, SHA-256."""
        return (SignaturePlan(),)

    def emitted(self, signed: bytes, anexo: Anexo) -> Emitido:
        """What a signed CFE says."""
        return emitted.read_emitido(signed, anexo)

    def totals(self, request: Request) -> Sequence[Total]:
        """The totals given beside ours."""
        return specimen.totals(_document(request))

    def interpreted(self, request: Request, draft: bytes) -> Sections:
        """The CFE as a TXT would say it."""
        return specimen.interpreted(request, _document(request), draft)

    def specimen(self, request: Request, draft: bytes, at: datetime) -> Emitido:
        """The CFE to be looked at, worth nothing."""
        return specimen.specimen(request, draft, at)

    def paid_in_cash(self, document: Emitido) -> bool:
        """By the words of its MedioPago, or because its file said what was handed over."""
        pagos = parse_signed(document.signed).zones("MediosPago", "MedioPago")
        return bool(document.anexo.pagos) or any("efectivo" in pago.get("GlosaMP", "").lower() for pago in pagos)

    def ticket(self, document: Emitido, *, copy: bool) -> Ticket:
        """Its form for a roll of paper."""
        return representation.ticket(document, self._emisor, self._ajustes.ambiente, self._template, copy=copy)

    def page(self, document: Emitido, *, copy: bool) -> Page:
        """Its form for A4."""
        return sheet.page(document, self._emisor, self._ajustes.ambiente, self._template, copy=copy)

    def roll_allowed(self, tipo: int) -> bool:
        """Thermal paper is free for e-Tickets and their notes. Formato CFE v25.2, representación impresa."""
        return tipo in _ROLL and tipo not in _PAPERS

    def type_name(self, tipo: int) -> str:
        """The printed name; of a type that is not issued here, its number."""
        return TipoCfe(tipo).nombre if tipo in frozenset(TipoCfe) else f"CFE {tipo}"

    def parse_range(self, content: bytes) -> CaeFile:
        """A CAE file of DGI."""
        return cae.parse_cae(content)

    def range_problems(self, content: bytes, today: date) -> Sequence[Finding]:
        """Why the range of a CAE file may not be used by this issuer."""
        regimen = Regimen(self._emisor.regimen)
        return cae.cae_problems(cae.parse_cae(content), rut=self._emisor.rut, hoy=today, regimen=regimen)

    def report_due(self, day: date) -> datetime:
        """18 h of the next day from Monday to Friday."""
        return deadline(day)

    def alarms(self, today: date) -> Sequence[Alarm]:
        """That the UI of the year is missing, in time."""
        return checks.alarms(today, self._ajustes.ui)


def _document(request: Request) -> Comprobante:
    if not isinstance(request.document, Comprobante):
        raise TypeError("a request of another country")
    return request.document
