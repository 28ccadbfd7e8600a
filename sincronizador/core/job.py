"""A job: one dropped file on its walk, and the words for what happens to it."""

import re
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from sincronizador.core import codes
from sincronizador.core.answer import Estado
from sincronizador.core.finding import Finding

LEARNED = "nube:"
"""Before the claimed name of a sale whose file was never here: its draft stands for it."""

BY_DOOR = "h"
"""The letter in the claimed name of what came over HTTP; its door allows no other letters in a till's name."""
_BY_DOOR = re.compile(rf".*~{BY_DOOR}[0-9a-f]{{12}}(~[A-Za-z0-9_-]{{1,8}})?\.[^.~#]+(#[0-9]+)?", re.DOTALL)


class Kind(StrEnum):
    """What a dropped file asks for. Kinds with a key are bound by their REFERENCIA."""

    DOCUMENTO = "documento"
    VALIDAR = "validar"
    CONSULTA = "consulta"
    REIMPRIMIR = "reimprimir"
    RETIRAR = "retirar"
    LOTE = "lote"
    """Many documents in one file: each of them is a job of its own below it."""
    CONSULTA_RUT = "consulta_rut"
    """What the tax authority has registered of somebody."""
    ANULAR = "anular"
    """To undo a sale: of one that is signed, a note, which is a DOCUMENTO; of one that is not, nothing is left."""
    CIERRE = "cierre"
    """What the legacy system sold on a day, to be compared with what was issued."""
    LISTADO = "listado"
    IMPRIMIR = "imprimir"
    """A text that is no document, on paper."""
    CAJON = "cajon"
    """The cash drawer, opened."""
    ILEGIBLE = "ilegible"
    """Nothing could be read from it: answered and put aside."""


class Step(StrEnum):
    """A stretch of the walk; each due step is a task row."""

    START = "start"
    SIGN = "sign"
    PRINT = "print"
    REPRESENT = "represent"
    """The files beside the answer: signed XML, PDF, picture of the ticket."""
    SUBMIT = "submit"
    """To the cloud, which numbers and signs; adopted in the same stretch."""
    CONFIRM = "confirm"
    VOID = "void"
    """The cloud is told that a sale will not be; only then it ends."""
    MIRROR = "mirror"
    """The copy elsewhere, without which no contingency paper leaves."""
    HAND_OVER = "hand_over"
    FOLLOW = "follow"
    LOOKUP = "lookup"
    """A taxpayer is asked for, once: whatever comes of it is the answer."""


class Verdict(StrEnum):
    """How a step ended."""

    DONE = "done"
    RETRY = "retry"
    """Nothing left: again after a pause."""
    UNKNOWN = "unknown"
    """Something may have left: the intent stays."""
    REFUSED = "refused"
    PARKED = "parked"
    """A person must act."""


class Resume(StrEnum):
    """What to do with an intent that has no outcome."""

    REPEAT = "repeat"
    ASK = "ask"
    MARK = "mark"


class Impresion(StrEnum):
    """IMPRESION of the answer."""

    NO_PEDIDA = "NO_PEDIDA"
    PENDIENTE = "PENDIENTE"
    IMPRESO = "IMPRESO"
    ENTREGADO = "ENTREGADO"
    DUDOSO = "DUDOSO"
    FALLIDA = "FALLIDA"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """A file as it was dropped and claimed. Only its bytes decide; the clock of its claim fixes its defaults."""

    name: str
    """As dropped, undecodable bytes as surrogates: ``V0000123.TXT``."""
    till: str
    """``CAJA1``, or empty."""
    only_check: bool
    """Dropped into ``validar/``."""
    claimed: str
    """Its unique name in ``procesando/``."""
    content: bytes
    trouble: tuple[str, str] | None = None
    """Code and sentence of a file that could not be taken (a link, too large, never whole): content is empty."""

    @property
    def stem(self) -> str:
        """The name without its extension."""
        return stem_of(self.name)


def stem_of(name: str) -> str:
    """The name without its last extension; a name that begins with its only dot keeps nothing before it."""
    head, dot, _ = name.rpartition(".")
    return head if dot else name


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A row of the journal: a dropped file and where its walk stands."""

    id: int
    kind: Kind
    name: str
    till: str
    only_check: bool
    claimed: str
    sha256: str
    encoding: str
    """Of the request, for its answer: ``cp850``, ``utf-8``, ``ascii`` ..."""
    claimed_at: datetime
    today: date
    """The issuer's calendar day of the claim: what `Country.read` was and will be given."""
    route: str
    referencia: str
    key: str
    """The normalised REFERENCIA; empty for kinds without a key."""
    bound: bool
    attempt: int
    estado: Estado
    motivo: str
    follows: int | None
    """The job whose document answers this one (a repeated or joined drop), or is printed by it."""
    printer: str
    """The print station chosen for it; empty: no paper."""
    copies: int
    impresion: Impresion
    findings: tuple[Finding, ...]
    result: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    """Sections of the answer that are not derived from a document: ``(("EXISTENTE", (("TIPO", "101"), ...)), ...)``."""
    revision: int
    """Raised at each change that the answer shows."""
    companions: tuple[str, ...]
    """Extensions of the files beside the answer that it may name, because they exist whole: ``xml``, ``pdf``."""
    decided_at: datetime | None
    parent: int | None = None
    """The lote that it came in."""
    part: int = 0
    """Which of the lote's documents it is, from 1."""
    line: int = 0
    """Of the lote's file on which it begins."""
    about: int | None = None
    """The job whose document its own refers to, of those that are ours."""

    @property
    def stem(self) -> str:
        """The dropped name without its extension."""
        return stem_of(self.name)

    @property
    def is_learned(self) -> bool:
        """Whether nobody has the file of this sale: the cloud or the mirror told of it."""
        return self.claimed.startswith(LEARNED)

    @property
    def is_by_door(self) -> bool:
        """Whether it came over HTTP: then it is answered there, and nothing is left where files are answered."""
        return _BY_DOOR.fullmatch(self.claimed) is not None

    @staticmethod
    def arriving(dropped: Dropped, *, sha256: str, at: datetime) -> "Job":
        """A job that has no row yet: its id is 0."""
        return Job(
            id=0,
            kind=Kind.ILEGIBLE,
            name=dropped.name,
            till=dropped.till,
            only_check=dropped.only_check,
            claimed=dropped.claimed,
            sha256=sha256,
            encoding="ascii",
            claimed_at=at,
            today=at.date(),
            route="",
            referencia="",
            key="",
            bound=False,
            attempt=1,
            estado=Estado.RECIBIDO,
            motivo="",
            follows=None,
            printer="",
            copies=0,
            impresion=Impresion.NO_PEDIDA,
            findings=tuple(
                Finding(code=code, message=sentence, hint=codes.hint_of(code))
                for code, sentence in filter(None, [dropped.trouble])
            ),
            result=(),
            revision=1,
            companions=(),
            decided_at=None,
        )

    def read_as(self, kind: Kind, *, referencia: str, key: str) -> "Job":
        """The job with what reading its file told."""
        return replace(self, kind=kind, referencia=referencia, key=key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A due step of a job, with its lane and its own pauses."""

    id: int
    job: int
    step: Step
    lane: str
    """What shares a lane keeps its order: a series, a print station. Lanes never wait for each other."""
    tries: int
    aside: bool = False
    """Of a lote: it steps aside for everybody else in its lane."""
