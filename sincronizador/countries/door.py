"""The door of a country: its law as pure functions."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, tzinfo
from typing import Protocol

from sincronizador.core.alarm import Alarm
from sincronizador.core.emitido import Anexo, Emitido
from sincronizador.core.finding import Finding
from sincronizador.core.numbering import Folio, Rango
from sincronizador.core.request import Known, Request
from sincronizador.core.sections import Reading, Sections, Vocabulary
from sincronizador.core.signature import SignaturePlan
from sincronizador.core.ticket import Page, Ticket
from sincronizador.core.total import Total


class Country(Protocol):
    """
    One country's law. Pure: same bytes in, same answer out, on any machine, in any year.

    Made with the issuer and its settings: ``Uruguay(emisor, ajustes)``. Nothing here raises for what a file says: that
    is what findings are for.
    """

    zone: tzinfo
    """The zone of the law's calendar days and signing times."""
    vocabulary: Vocabulary
    """What a TXT of a document may hold."""
    moneda_de: Mapping[str, str]
    """The code of a currency, as tills write it in capitals: ``{"U$S": "USD", "USD": "USD"}``."""

    def from_xml(self, content: bytes) -> Reading:
        """The country's own XML as sections; values keep the line of their element."""
        ...

    def read(self, sections: Sections, today: date) -> Request:
        """The request with its defaults fixed. `today` is the day of the claim; bad values become findings."""
        ...

    def check(self, request: Request, known: Known, today: date) -> Sequence[Finding]:
        """All findings of the law, with those of reading. No error among them means that it can be drafted."""
        ...

    def compare(self, request: Request, earlier: Request) -> str | None:
        """The TXT name of the first field in which two requests with one REFERENCIA differ; None: the same sale."""
        ...

    def draft(self, request: Request, known: Known) -> bytes:
        """The country's XML without number, range, signing time and signature. Only after `check` found no error."""
        ...

    def complete(self, draft: bytes, folio: Folio, at: datetime) -> bytes:
        """The draft with its number, range and signing time: what is signed."""
        ...

    def draft_of(self, signed: bytes) -> bytes:
        """
        The draft that was completed into a signed document, byte for byte; whoever completed it.

        For bytes that are no signed document of this country, something that is no draft.
        """
        ...

    def branch(self, draft: bytes) -> str:
        """The issuer's branch that a draft says: its file may name another than the installation's."""
        ...

    def transcribes(self, tipo: int) -> bool:
        """Whether a document of this type transcribes a paper: it brings its number, and none is printed of it."""
        ...

    def sealed(self, draft: bytes, encrypt: Callable[[bytes], bytes]) -> bytes:
        """
        The draft with what only the authority may read encrypted; the same where there is nothing of it in clear.

        `encrypt` is given that element, canonical and with its namespaces, and gives the one that stands for it.
        """
        ...

    def blinded(self, draft: bytes) -> bytes:
        """The draft without what is sealed in it: all that can be compared where nobody has the key."""
        ...

    def to_complete(self, sections: Sections) -> str:
        """The number of the receiver whose missing data a file wants taken from an earlier document; empty: none."""
        ...

    def completed(self, sections: Sections, draft: bytes, anexo: Anexo) -> tuple[Sections, Sequence[str]]:
        """The sections with what another document, its `draft` and annex, says of the same receiver; what was added."""
        ...

    def reversal(self, document: Emitido, referencia: str, razon: str, line: int) -> Sections:
        """The request for the document that undoes another one whole, to the cent, under a REFERENCIA of its own."""
        ...

    def reversal_tipo(self, tipo: int) -> int:
        """The type of the documents that undo one of type `tipo`."""
        ...

    def taxpayer_number(self, text: str, line: int) -> str | Finding:
        """The number of a taxpayer as the authority writes it; a finding for what is none."""
        ...

    def sent_first(self, document: Emitido) -> bool:
        """Whether the authority must have it before its paper leaves: all but what only the daily report carries."""
        ...

    def signatures(self, document: bytes) -> Sequence[SignaturePlan]:
        """The signatures it needs, in order."""
        ...

    def emitted(self, signed: bytes, anexo: Anexo) -> Emitido:
        """What a signed document says. Raises `Rejected` for bytes that are not a signed document of this country."""
        ...

    def totals(self, request: Request) -> Sequence[Total]:
        """The totals that its file gave beside ours, in the order of the answer."""
        ...

    def interpreted(self, request: Request, draft: bytes) -> Sections:
        """Its draft as the sections of a TXT, in words: dropped, it would be the same document."""
        ...

    def specimen(self, request: Request, draft: bytes, at: datetime) -> Emitido:
        """What the draft would become, to be looked at: without number, authorisation and signature. `at` is aware."""
        ...

    def paid_in_cash(self, document: Emitido) -> bool:
        """Whether some of it was paid in notes and coins, as far as it says."""
        ...

    def ticket(self, document: Emitido, *, copy: bool) -> Ticket:
        """Its form for a roll of paper, with every element the law asks for."""
        ...

    def page(self, document: Emitido, *, copy: bool) -> Page:
        """Its form for A4."""
        ...

    def roll_allowed(self, tipo: int) -> bool:
        """Whether thermal paper is allowed for this type without publishing the document on the web."""
        ...

    def type_name(self, tipo: int) -> str:
        """The type's printed name: ``e-Ticket``."""
        ...

    def parse_range(self, content: bytes) -> "RangeFile":
        """A file of the authority that authorises numbers. Raises `Rejected` when it is none."""
        ...

    def range_problems(self, content: bytes, today: date) -> Sequence[Finding]:
        """Why the range of such a file may not be used by this issuer."""
        ...

    def report_due(self, day: date) -> datetime:
        """Until when the authority must have the report of a day."""
        ...

    def alarms(self, today: date) -> Sequence[Alarm]:
        """What the installation must be told by date."""
        ...


class RangeFile(Protocol):
    """What an authorisation file says."""

    @property
    def rango(self) -> Rango:
        """The range."""
        ...

    @property
    def emisor(self) -> str:
        """The tax number it was given to."""
        ...

    @property
    def autorizado(self) -> date:
        """The day on which it was given."""
        ...
