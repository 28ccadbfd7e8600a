"""The door of a cloud."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sincronizador.core.contribuyente import Consulta
from sincronizador.core.receipt import (
    Attempt,
    Changes,
    HandOver,
    Health,
    Highest,
    Lease,
    Reply,
    Standing,
    Submission,
)
from sincronizador.core.recibido import Recibidos


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a cloud can do, declared."""

    fences: bool
    """It compares attempts and epochs, and prepares before it confirms. Without it, what may have left is never signed
    here: rule 9 of the contract."""
    idempotent: bool
    """Its `submit` may be repeated: it counts once per key."""
    leases: bool
    """It gives ranges for contingency; else what cannot be sent waits."""
    lookup: bool = False
    """It knows taxpayers."""


class Provider(Protocol):
    """
    A cloud. Everything may be repeated; it counts once per key and attempt.

    What comes back is certainly the cloud's own answer. Else every verb raises: `Unavailable` when certainly nothing
    left or the cloud itself said "later", `Unanswered` when nobody knows, `NeedsOperator` when time does not help (the
    token is not accepted, its certificate has expired, it is of another environment).
    """

    @property
    def capabilities(self) -> Capabilities:
        """What it can do."""
        ...

    def compose(self, submission: Submission) -> bytes:
        """The exact bytes of a request to `submit`. Pure: they are kept, and repeats send them."""
        ...

    def submit(self, key: str, body: bytes, standing: Standing) -> Reply:
        """Hand over an unsigned document. STORED with its receipt, CONFLICT, OVERTAKEN, FENCED, RESTORED, INVALID."""
        ...

    def find(self, key: str, standing: Standing) -> Reply:
        """The document of a key: STORED with its receipt, UNKNOWN, FENCED, RESTORED."""
        ...

    def confirm(self, key: str, numero: int, sha256: str, standing: Standing) -> Reply:
        """It was adopted. STORED, UNKNOWN, CONFLICT (then it is handed over as signed), FENCED, RESTORED."""
        ...

    def hand_over(self, key: str, document: HandOver, standing: Standing) -> Reply:
        """Hand over a signed document. STORED, CONFLICT, OVERTAKEN, RESTORED, INVALID."""
        ...

    def void(self, key: str, attempt: Attempt, reason: str, standing: Standing) -> Reply:
        """What was prepared will not be adopted. STORED, CONFLICT with the document that exists, OVERTAKEN, ..."""
        ...

    def changes(self, cursor: str, limit: int, standing: Standing) -> Changes | Reply:
        """What changed since the cursor (empty: from the beginning); a `Reply` when it said FENCED or RESTORED."""
        ...

    def pull(self, cursor: str, limit: int, standing: Standing) -> Changes | Reply:
        """All documents of this installation, page by page."""
        ...

    def certificates(self, standing: Standing) -> "Certificates | Reply":
        """With which certificates it signs for this issuer, so that what comes back can be verified."""
        ...

    def health(self, standing: Standing) -> Health:
        """The probe. The only verb that does not depend on the server_epoch."""
        ...


@dataclass(frozen=True, slots=True)
class Certificates:
    """Certificates of the issuer."""

    ders: tuple[bytes, ...]
    """DER."""


class Installations(Protocol):
    """Epochs of a cloud that fences."""

    def raise_epoch(self, machine: str, known: int, standing: Standing) -> "Raised | Reply":
        """Compare-and-set: the same machine gets the same epoch again. CONFLICT when `known` is not the cloud's."""
        ...

    def begin_run(self, run: str, known: str, turn: int, name: str, standing: Standing) -> "Began | Reply":
        """
        Compare-and-set: this start is the one that goes on, if `known` was. UNKNOWN where runs are not compared.

        With a run that is not the one that goes on every other verb is STALE, but for what a fenced machine may say.
        """
        ...

    def recovered(self, highest: tuple[Highest, ...], standing: Standing) -> Reply:
        """After a restore of the cloud: everything that this installation knows was sent again."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """What became of the wish for a new epoch."""

    epoch: int
    """The installation's epoch now."""
    granted: bool
    """Whether it is this machine's; else another one raised it first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Began:
    """What became of the wish to begin a run."""

    granted: bool
    """Whether it is this one that goes on."""
    name: str
    """Of the machine that does."""
    since: datetime | None


class Ranges(Protocol):
    """Leases: slices of authorised ranges for numbers that are given here."""

    def leases(self, standing: Standing) -> "Leases | Reply":
        """The open leases of this installation, and the types of document that can be leased."""
        ...

    def take(self, tipo: int, branch: str, size: int, idempotency_key: str, standing: Standing) -> Lease | Reply:
        """A new lease; the same one for the same key. INVALID when the cloud has no numbers of this type."""
        ...

    def held(self, cae: str, desde: int, hasta: int, standing: Standing) -> Lease | Reply:
        """A range that this installation numbers from already. UNKNOWN (the cloud has no such CAE), CONFLICT."""
        ...

    def close(self, lease: str, used: tuple[int, ...], voided: tuple[int, ...], standing: Standing) -> Reply:
        """The lease was closed here for good: what is not among `used` is annulled."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Leases:
    """What may be leased, and what is."""

    open: tuple[Lease, ...]
    types: tuple[int, ...]
    """Types of document of which the cloud has numbers for this installation."""


class Lookup(Protocol):
    """Taxpayers, as the tax authority has them registered."""

    def taxpayer(self, rut: str) -> Consulta | Reply:
        """What is registered; INVALID when the authority says nothing of it, UNKNOWN when this cloud asks nobody."""
        ...


class Receiving(Protocol):
    """What other issuers made out to ours."""

    def received(self, cursor: str, limit: int, standing: Standing) -> Recibidos | Reply:
        """What arrived or changed since the cursor (empty: from the beginning); UNKNOWN where this cloud has none."""
        ...


class Cloud(Provider, Installations, Ranges, Lookup, Receiving, Protocol):
    """A cloud with everything that the open contract offers."""
