"""What the engine works with: the country, the journal, the key, the printers, the clock. Assembled under the roof."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from sincronizador.core import codes
from sincronizador.core.dialect import NO_DIALECTS, AnswerForm, Dialect, Dialects
from sincronizador.core.finding import Finding
from sincronizador.core.job import Job
from sincronizador.core.sections import Reading
from sincronizador.core.signature import SignaturePlan
from sincronizador.countries.door import Country
from sincronizador.folders.layout import Layout
from sincronizador.formats.kept import read_kept
from sincronizador.formats.read import read
from sincronizador.formats.requests import vocabulary
from sincronizador.journal.journal import Journal
from sincronizador.printing.door import Printer
from sincronizador.providers.door import Cloud

from . import routing
from .line import Line
from .pace import Pace
from .routing import Regla


class Clock(Protocol):
    """The time, as an argument."""

    def now(self) -> datetime:
        """Now, in the country's zone."""
        ...

    def steady(self) -> float:
        """Seconds of a clock that nobody can move, and that goes on while the machine sleeps."""
        ...

    def is_synchronised(self) -> bool:
        """Whether somebody keeps the machine's clock right by the network."""
        ...


class Pen(Protocol):
    """The issuer's key."""

    def trouble(self, now: datetime) -> str:
        """Why it cannot sign now, as the end of a Spanish sentence; empty when it can."""
        ...

    def next_at(self, now: datetime) -> datetime | None:
        """When the key that follows takes over; None when none waits."""
        ...

    def sign(self, document: bytes, plans: Sequence[SignaturePlan], now: datetime) -> bytes:
        """The signed document. Raises `NeedsOperator` without a usable key."""
        ...

    def verify(self, document: bytes) -> str:
        """The tax number in the certificate of a document that somebody else signed. Raises `Rejected`."""
        ...

    def trust(self, ders: Sequence[bytes]) -> None:
        """Certificates (DER) that the cloud signs with for this issuer."""
        ...


class Seal(Protocol):
    """The authority's certificate."""

    def encrypt(self, element: bytes) -> bytes:
        """The element that stands for one which only the authority may read; another one each time."""
        ...


class Mirror(Protocol):
    """A second place for what is signed here and nowhere else."""

    def write(self, name: str, content: bytes) -> None:
        """Keep a copy, durable when it returns; the same name again changes nothing. Raises `NeedsOperator`."""
        ...

    def check(self) -> None:
        """Raises `NeedsOperator` when nothing could be kept there now."""
        ...

    def read_all(self) -> Iterable[tuple[str, bytes]]:
        """Name and content of every copy there is. Raises `NeedsOperator`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the settings decide about the walk."""

    ambiente: str
    """``prueba`` or ``produccion``."""
    rut: str
    codificacion: str = "auto"
    sin_referencia: str = "error"
    firmados: bool = False
    decimal: str = ""
    """``PUNTO`` or ``COMA``, for amounts of a lote that can be read in two ways."""
    formatos: tuple[str, ...] = ()
    publicada: bool = False
    """Documents are downloadable on the issuer's web, so any of them may go to thermal paper."""
    impresora: str = ""
    """Where a till without a printer of its own prints."""
    cajas: Mapping[str, str]
    """Till -> print station."""
    reglas: tuple[Regla, ...] = ()
    """Where papers go besides that."""
    suplentes: Mapping[str, str] = field(default_factory=dict)
    """Print station -> the one that takes over its papers."""
    espera_suplente: timedelta = timedelta(seconds=30)
    """For how long nothing left a station until its papers go to the other one."""
    vence: timedelta | None = None
    """The age from which on a paper comes out only when a person says so."""
    cajones: Mapping[str, str] = field(default_factory=dict)
    """Print station -> which sales open its drawer: ``efectivo``, ``siempre``."""
    pais: str = "uy"
    ruta: str = "local"
    """``local``: this machine numbers and signs; ``nube``: the cloud does, and this machine without it."""
    sucursal: str = ""
    paciencia: timedelta = timedelta(seconds=4)
    """From the claim until a sale is signed here."""
    nube_ajena: bool = False
    """The cloud is on another machine: its clock is not ours, and says something about it."""
    decision: timedelta = timedelta(seconds=10)
    """From the claim until its answer says what it waits for."""
    espera_envio: timedelta = timedelta(seconds=3)
    """For the cloud's acknowledgement, before the paper of what must reach the authority first."""
    recibidos: bool = False
    """What other issuers made out to ours is left in ``recibidos/`` here."""
    reserva: int = 100
    """Numbers of each type to keep at hand."""
    contingencia_larga: timedelta = timedelta(hours=4)
    """From which on contingencia is grave."""
    cola_vieja: timedelta = timedelta(minutes=15)
    """From which on what waits is an alarm."""
    calma: timedelta = timedelta(minutes=10)
    """An alarm that comes back within this is the same still."""
    respaldo_automatico: bool = False
    """Backups are made by the service."""


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """Everything a step may touch."""

    journal: Journal
    country: Country
    rules: Rules
    layout: Layout
    pen: Pen
    printers: Mapping[str, Printer]
    clock: Clock
    line: Line
    pace: Pace = field(default_factory=Pace)
    """Whether the clock goes as time does."""
    cloud: Cloud | None = None
    """Who numbers and signs on the route ``nube``."""
    mirror: Mirror | None = None
    """Where a copy must be before a paper that was signed here leaves."""
    rescued: Mirror | None = None
    """What a journal that was replaced by its backup still had."""
    seal: Seal | None = None
    """What encrypts for the authority; without it nothing is."""
    dialects: Dialects = NO_DIALECTS
    """Other forms of dropped files, by their names."""

    @property
    def fences(self) -> bool:
        """Whether the cloud compares attempts: only then may a sale that it may have be signed here."""
        return self.cloud is not None and self.cloud.capabilities.fences

    def dialect(self, job: Job) -> Dialect | None:
        """The form of a job's file; None: a TXT or XML of ours, or no file of its own."""
        return None if job.is_learned or job.part or job.is_by_door else self.dialects.of(job.name, job.till)

    def form(self, job: Job) -> AnswerForm | None:
        """How a job is answered; None: as ours."""
        dialect = self.dialect(job)
        return dialect.form if dialect is not None else None

    def read(self, job: Job, content: bytes) -> Reading:
        """A job's file as sections. Raises `Rejected` for what cannot be read at all."""
        if job.part:
            return read_kept(content)
        dialect = self.dialect(job)
        if dialect is not None:
            return dialect.read(content, job.name)
        return read(
            content,
            vocabulary=vocabulary(self.country.vocabulary),
            from_xml=self.country.from_xml,
            encoding=self.rules.codificacion,
        )

    def station(self, wanted: str, till: str, tipo: int = 0) -> str | None:
        """
        The print station of a job: the one asked for, a rule's, the till's, its namesake, the default, the only one.

        Empty means that nothing is to be printed; None that the wanted one does not exist.
        """
        wanted = wanted.upper()
        if wanted == "NINGUNA":
            return ""
        if wanted:
            return wanted if wanted in self.printers else None
        only = next(iter(self.printers)) if len(self.printers) == 1 else ""
        ruled = routing.station(self.rules.reglas, till, tipo)
        for name in (ruled, self.rules.cajas.get(till.upper(), ""), till.upper(), self.rules.impresora.upper(), only):
            if name in self.printers:
                return name
        return ""

    def companions(self, job: Job, findings: Iterable[Finding]) -> tuple[str, ...]:
        """
        Extensions of what is written beside the answer of a job whose document has these findings.

        What may not go to thermal paper has its PDF, whatever the settings ask for; a dialect has what its readers
        expect. What came over HTTP has none: who wants them asks for them.
        """
        if job.is_by_door:
            return ()
        dialect = self.dialect(job)
        own = dialect.companions if dialect is not None else ()
        # Two pictures of one name there cannot be: who waits for the QR alone has it, and not the ticket's.
        formatos = tuple(kind for kind in self.rules.formatos if kind != "png" or "qr" not in own)
        wanted = tuple(dict.fromkeys((*formatos, *own)))
        if "pdf" not in wanted and any(finding.code == codes.A4_INSTEAD.code for finding in findings):
            wanted = (*wanted, "pdf")
        return wanted


@dataclass(frozen=True, slots=True)
class Held:
    """A request that must wait, with the motive that its answer gives."""

    motivo: str
    finding: Finding
