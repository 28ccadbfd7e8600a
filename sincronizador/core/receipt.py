"""What a daemon and its cloud say to each other, as values: who speaks, with which attempt, and what came back."""

import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256

from sincronizador.core.emitido import Anexo

_PLAIN_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,49}")


def cloud_key(referencia_key: str) -> str:
    """
    The key of a sale in the cloud, out of its normalised REFERENCIA: itself when it is plain, else a digest of it.

    The digest begins with ``~``, which no plain key does.
    """
    if _PLAIN_KEY.fullmatch(referencia_key):
        return referencia_key
    digest = sha256(referencia_key.encode("utf-8")).digest()
    return "~" + urlsafe_b64encode(digest).decode("ascii").rstrip("=")


@dataclass(frozen=True, slots=True, order=True)
class Attempt:
    """
    The token of one try at a sale, compared in this order. The highest one that the cloud saw wins for ever.

    Raised durably before a corrected file, a `reintentar`, a discard or a signature made here acts.
    """

    epoch: int
    counter: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What an installation says about itself in every call."""

    epoch: int
    """Raised after a restore, on a new machine, on a take-over; 0 before the first contact."""
    server_epoch: str
    """Of the cloud, as `health` told it; opaque, empty before the first contact."""
    run: str = ""
    """Which start of this machine speaks; empty before the cloud knows it."""
    fenced: bool = False
    """It knows that another machine took over: it only hands over what it signed or adopted."""


class CloudState(StrEnum):
    """State of a document in the cloud."""

    PREPARED = "prepared"
    """Numbered and signed, not yet adopted: neither sent nor counted."""
    CONFIRMED = "confirmed"
    SENT = "sent"
    ACCEPTED = "accepted"
    REPORTED = "reported"
    OBSERVED = "observed"
    REJECTED = "rejected"
    VOIDED = "voided"
    INVALID = "invalid"


class Said(StrEnum):
    """The verdict of an answer that the cloud certainly gave."""

    STORED = "stored"
    """200, 201: it counts, once, however often it is asked."""
    UNKNOWN = "unknown"
    """404: there is no document of this key."""
    CONFLICT = "conflict"
    """409: another document or another content has this key; a person decides."""
    OVERTAKEN = "overtaken"
    """410: a higher attempt was seen. This one can do nothing any more."""
    FENCED = "fenced"
    """410: a higher epoch was seen. This machine numbers, prints and answers nothing any more."""
    STALE = "stale"
    """410: another start of this machine, or a copy of it, is the one that goes on; nothing was changed."""
    RESTORED = "restored"
    """425: the cloud has another server_epoch; nothing was changed."""
    INVALID = "invalid"
    """422: final for this attempt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """What the cloud found wrong with one field."""

    field: str
    rule: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A document as the cloud has it."""

    key: str
    attempt: Attempt
    state: CloudState
    tipo: int
    serie: str
    numero: int
    signed: bytes
    """The exact bytes that it stores."""
    sha256: str
    """Of `signed`, hexadecimal."""
    content_sha256: str
    """Of the draft that was completed into it: whether it is the same sale."""
    signed_at: datetime
    epoch: int
    """The installation's epoch under which it was prepared or handed over."""
    signed_here: bool
    """Handed over signed by the installation, not signed by the cloud."""
    anexo: Anexo
    extra: bool = False
    """Not the document of its key, but a further one whose paper may exist: kept and alarmed."""
    authority: str = ""
    """What the tax authority said, a sentence."""
    receiver: str = ""
    """What its receiver answered who does not want it, a sentence: what the document is worth does not change."""

    @property
    def slug(self) -> str:
        """``101-A-1234``."""
        return f"{self.tipo}-{self.serie}-{self.numero}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer that is certainly the cloud's own."""

    said: Said
    receipt: Receipt | None = None
    """The document, where the answer carries one."""
    code: str = ""
    """``error.code`` of the answer."""
    message: str = ""
    """``error.message``, a Spanish sentence."""
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """An unsigned document on its way to the cloud."""

    attempt: Attempt
    country: str
    issuer: str
    branch: str
    terminal: str
    tipo: int
    draft: bytes
    """UTF-8, without number, range, signing time and signature."""
    anexo: Anexo


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """A signed document on its way to the cloud."""

    attempt: Attempt
    lease: str
    """The lease its number is from; empty takes back a document that the cloud itself signed."""
    serie: str
    numero: int
    signed: bytes
    anexo: Anexo
    signed_at: datetime
    contingency_since: datetime | None = None
    contingency_reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What the cloud says of itself."""

    ok: bool
    """Whether it numbers."""
    detail: str
    """Why not, a Spanish sentence."""
    time: datetime
    environment: str
    server_epoch: str
    contingency_allowed: bool
    contingency_reason: str
    min_client: str
    epoch: int | None = None
    """The epoch that the cloud knows of the caller; None where it does not say."""
    clones: int | None = None
    """How many copies of this machine it has refused; None where it does not say."""
    recovering_since: datetime | None = None
    """After a restore, while it waits for what its installations know: the time of its last commit before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """A page of documents that changed, in the order of the cloud's commits."""

    receipts: tuple[Receipt, ...]
    cursor: str
    """What to ask with next; opaque."""
    more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """A slice of an authorised range that this installation may number from, or held before."""

    id: str
    cae: str
    tipo: int
    serie: str
    cae_desde: int
    cae_hasta: int
    vence: date
    especial: str
    causal: str
    desde: int
    hasta: int
    held: bool = False
    """A range that the installation numbered from before it had a cloud."""
    closed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Highest:
    """The highest number of a type and series that an installation knows of."""

    tipo: int
    serie: str
    numero: int
