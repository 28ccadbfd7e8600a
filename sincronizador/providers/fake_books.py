"""What the cloud in memory keeps: documents, the fate of every number, leases, attempts; of `protocol_trial.py`."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256

from sincronizador.core.emitido import Anexo
from sincronizador.core.numbering import Folio, Rango
from sincronizador.core.receipt import Attempt, CloudState, HandOver, Highest, Lease, Receipt

JUMP = 500
"""Numbers that nobody is given after a restore: they may have been given out since the copy."""

Number = tuple[int, str, int]
"""tipo, serie, numero."""


GIVING_WAY = (CloudState.PREPARED, CloudState.REJECTED)
"""States in which a document leaves its key to a later attempt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pen:
    """How this cloud completes and signs, and what signed bytes say."""

    sign: Callable[[bytes, Folio, datetime], bytes]
    read: Callable[[bytes], tuple[int, bytes]]
    """The type and the draft of signed bytes; ValueError when they are not signed by this issuer."""


class Taken(Exception):
    """Another document, or nobody for ever, has this number."""


@dataclass(slots=True)
class Books:
    """One installation of one issuer. A copy of it is a backup."""

    ranges: tuple[Rango, ...]
    server_epoch: int = 1
    recovering: bool = False
    epoch: int = 0
    machine: str = ""
    run: str = ""
    turn: int = 0
    clones: int = 0
    refused_run: str | None = None
    documents: dict[str, Receipt] = field(default_factory=dict)
    extra: dict[Number, Receipt] = field(default_factory=dict)
    """Further documents of a key: their paper may exist."""
    fates: dict[Number, str] = field(default_factory=dict)
    """prepared, document, annulled, leased, doubtful; the others are free."""
    born: dict[Number, int] = field(default_factory=dict)
    """The server_epoch under which a number was prepared."""
    top: dict[str, Attempt] = field(default_factory=dict)
    refused: dict[str, Attempt] = field(default_factory=dict)
    leases: dict[str, Lease] = field(default_factory=dict)
    asked: dict[str, str] = field(default_factory=dict)
    """Idempotency-Key -> lease."""
    log: list[Receipt] = field(default_factory=list)
    """Every document as it was after each commit."""

    def free(self, rango: Rango) -> list[int]:
        """Its numbers without a fate."""
        return [n for n in range(rango.desde, rango.hasta + 1) if (rango.tipo, rango.serie, n) not in self.fates]

    def with_numbers(self, tipo: int) -> Rango | None:
        """The first range of this type that has free numbers."""
        return next((rango for rango in self.ranges if rango.tipo == tipo and self.free(rango)), None)

    def prepare(self, receipt: Receipt, *, confirmed: bool) -> Receipt:
        """A new document of the cloud, numbered and signed."""
        number = number_of(receipt)
        self.fates[number], self.born[number] = "document" if confirmed else "prepared", self.server_epoch
        if receipt.key in self.documents:
            self.extra[number_of(self.documents[receipt.key])] = self.documents[receipt.key]
        return self.keep(receipt)

    def keep(self, receipt: Receipt) -> Receipt:
        """The document of its key, from now on."""
        self.documents[receipt.key] = receipt
        self.log.append(receipt)
        return receipt

    def settle(self, receipt: Receipt) -> Receipt:
        """It counts."""
        if receipt.state is not CloudState.PREPARED:
            return receipt
        self.fates[number_of(receipt)] = "document"
        return self.keep(replace(receipt, state=CloudState.CONFIRMED))

    def supersede(self, receipt: Receipt, attempt: Attempt) -> None:
        """
        A prepared document will not be; from another epoch or before a restore, some machine may have printed it.

        One that the tax authority rejected is kept beside the one that takes its place.
        """
        number = number_of(receipt)
        if receipt.state is CloudState.REJECTED:
            self.extra[number] = replace(self.documents.pop(receipt.key), extra=True)
            return
        same = receipt.attempt.epoch == attempt.epoch and self.born.get(number) == self.server_epoch
        self.fates[number] = "annulled" if same else "doubtful"
        del self.documents[receipt.key]
        self.log.append(replace(receipt, state=CloudState.VOIDED))

    def take_signed(self, new: Receipt, lease: str, *, late: bool) -> Receipt | None:
        """A document handed over, stored; None when its number is not of a lease of ours. Raises `Taken`."""
        number, known = number_of(new), self.documents.get(new.key)
        if number in self.extra:
            return self._promote(new, late=late)
        if known is not None and number_of(known) == number:
            if known.signed != new.signed:
                raise Taken
            return self.settle(known)
        if not (late or not lease or self._leased(lease, number)):
            return None
        if self.fates.get(number) in ("annulled", "document", "prepared"):
            raise Taken
        self.fates[number] = "document"
        if known is not None and (known.state not in GIVING_WAY or late):
            self.extra[number] = replace(new, extra=True)
            self.log.append(self.extra[number])
            return self.extra[number]
        if known is not None:
            self.supersede(known, new.attempt)
        return self.keep(new)

    def lease(self, rango: Rango, name: str, desde: int, hasta: int, *, held: bool) -> Lease:
        """Numbers for the installation."""
        for numero in range(desde, hasta + 1):
            self.fates[rango.tipo, rango.serie, numero] = "leased"
        self.leases[name] = Lease(
            id=name,
            cae=rango.id,
            tipo=rango.tipo,
            serie=rango.serie,
            cae_desde=rango.desde,
            cae_hasta=rango.hasta,
            vence=rango.vence,
            especial=rango.especial,
            causal=rango.causal,
            desde=desde,
            hasta=hasta,
            held=held,
        )
        return self.leases[name]

    def end(self, lease: Lease, fate: str, used: tuple[int, ...]) -> Lease:
        """It is closed; what of it is neither used nor a document gets this fate."""
        self.leases[lease.id] = replace(lease, closed=True)
        for numero in range(lease.desde, lease.hasta + 1):
            number = (lease.tipo, lease.serie, numero)
            if self.fates[number] == "leased" and numero not in used:
                self.fates[number] = fate
        return self.leases[lease.id]

    def raise_epoch(self) -> None:
        """Above every epoch of an earlier server_epoch; nobody accounts for what was leased before."""
        self.epoch = max(self.epoch + 1, 1_000 * (self.server_epoch - 1))
        self.run, self.turn, self.refused_run = "", 0, None
        for lease in [lease for lease in self.leases.values() if not lease.closed and not lease.held]:
            self.end(lease, "doubtful", ())

    def begin_run(self, run: str, known: str, turn: int) -> bool:
        """Whether this run goes on; from the leases of one that was copied nobody numbers any more."""
        if run != self.run and (self.run in ("", known) or turn > self.turn + 1):
            self.run, self.turn = run, turn
        if run != self.run and self.refused_run != known:
            self.clones, self.refused_run = self.clones + 1, known
            for lease in [lease for lease in self.leases.values() if not lease.closed and not lease.held]:
                self.end(lease, "doubtful", ())
        return run == self.run

    def resume(self, highest: tuple[Highest, ...]) -> None:
        """After a restore: what may have been given out since the copy is doubtful, and it numbers again."""
        for rango in self.ranges if self.recovering else ():
            series = (rango.tipo, rango.serie)
            known = [top.numero for top in highest if (top.tipo, top.serie) == series]
            known += [numero for tipo, serie, numero in self.fates if (tipo, serie) == series]
            until = min(max([*known, rango.desde - 1]) + JUMP * (self.server_epoch - 1), rango.hasta)
            for numero in range(rango.desde, until + 1):
                self.fates.setdefault((*series, numero), "doubtful")
        self.recovering = False

    def _promote(self, new: Receipt, *, late: bool) -> Receipt:
        """The owner says which of the two documents of a key it is."""
        number, known = number_of(new), self.documents.get(new.key)
        if late or known is None or known.state is not CloudState.PREPARED:
            return self.extra[number]
        self.supersede(known, new.attempt)
        return self.keep(replace(self.extra.pop(number), extra=False))

    def _leased(self, name: str, number: Number) -> bool:
        lease = self.leases.get(name)
        if lease is not None and (lease.tipo, lease.serie) == number[:2] and lease.desde <= number[2] <= lease.hasta:
            return True
        return self.fates.get(number) in (None, "doubtful")


def number_of(receipt: Receipt) -> Number:
    """Its number."""
    return receipt.tipo, receipt.serie, receipt.numero


def signed_receipt(key: str, told: HandOver, tipo: int, draft: bytes, epoch: int) -> Receipt:
    """The receipt of what was handed over."""
    return Receipt(
        key=key,
        attempt=told.attempt,
        state=CloudState.CONFIRMED,
        tipo=tipo,
        serie=told.serie,
        numero=told.numero,
        signed=told.signed,
        sha256=sha256(told.signed).hexdigest(),
        content_sha256=sha256(draft).hexdigest(),
        signed_at=told.signed_at,
        epoch=epoch,
        signed_here=bool(told.lease),
        anexo=Anexo(adenda=told.anexo.adenda, correo=told.anexo.correo),
    )
