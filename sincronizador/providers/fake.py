"""
A cloud in memory, for tests: one installation's view of it, and faults to order.

With ``Capabilities(fences=False, ...)`` it is a provider of another kind: what it is given counts at once, it compares
no attempt and no epoch, and it neither voids nor leases.
"""

import copy
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from enum import StrEnum, auto
from hashlib import sha256
from typing import TypeVar

from sincronizador.core.cloud_codes import LATER, UNANSWERED, UNREACHABLE
from sincronizador.core.contribuyente import Consulta
from sincronizador.core.emitido import Anexo
from sincronizador.core.numbering import Folio, Rango
from sincronizador.core.receipt import (
    Attempt,
    Changes,
    CloudState,
    HandOver,
    Health,
    Highest,
    Lease,
    Receipt,
    Remark,
    Reply,
    Said,
    Standing,
    Submission,
)
from sincronizador.core.recibido import Recibido, Recibidos
from sincronizador.errors import Unanswered, Unavailable
from sincronizador.providers import wire
from sincronizador.providers.door import Began, Capabilities, Certificates, Leases, Raised
from sincronizador.providers.fake_books import GIVING_WAY, Books, Pen, Taken, signed_receipt

FENCING = Capabilities(fences=True, idempotent=True, leases=True, lookup=True)

_T = TypeVar("_T")


class Fault(StrEnum):
    """What goes wrong with one call."""

    UNAVAILABLE = auto()
    """Nothing leaves."""
    GARBAGE = auto()
    """Somebody else answers, and nothing is done."""
    LOST = auto()
    """It is done, and the answer is lost."""
    SLOW = auto()
    """`FakeCloud.pause` is called before it is done."""
    MIXED_UP = auto()
    """The answer carries the bytes of another document under this key."""


class FakeCloud:
    """The door of a cloud. What it keeps is `books`."""

    def __init__(
        self, pen: Pen, ranges: tuple[Rango, ...], now: Callable[[], datetime], capabilities: Capabilities = FENCING
    ) -> None:
        self.capabilities = capabilities
        self.books = Books(ranges)
        self.refuses: dict[str, str] = {}
        """Key -> why its draft is invalid."""
        self.taxpayers: dict[str, Consulta | str] = {}
        """What it knows of taxpayers, or why nothing is said of one."""
        self.received_documents: list[Recibido] = []
        """What others made out to ours, as it changed."""
        self.pause: Callable[[], None] = lambda: None
        self.calls: list[str] = []
        """The verbs, in order."""
        self._pen, self._now = pen, now
        self._faults: list[tuple[str, Fault]] = []
        self._lock = threading.RLock()

    def fail(self, verb: str, *faults: Fault) -> None:
        """The next calls of this verb go wrong, in this order."""
        self._faults += [(verb, fault) for fault in faults]

    def backup(self) -> Books:
        """A copy of what it knows."""
        return copy.deepcopy(self.books)

    def restore(self, kept: Books) -> None:
        """It knows no more than the copy did, and numbers nothing until it is told of the rest."""
        before = self.books.server_epoch
        self.books = copy.deepcopy(kept)
        self.books.server_epoch, self.books.recovering = before + 1, True
        self.books.run = ""

    def tell(self, key: str, state: CloudState, authority: str, receiver: str = "") -> None:
        """The tax authority, or its receiver, said something about a document."""
        self.books.keep(replace(self.books.documents[key], state=state, authority=authority, receiver=receiver))

    def compose(self, submission: Submission) -> bytes:
        """As the open contract does."""
        return wire.dump(wire.submission_body(submission))

    def submit(self, key: str, body: bytes, standing: Standing) -> Reply:
        """Of the door."""
        return self._call("submit", standing, lambda: self._submit(key, wire.load(body), standing.epoch))

    def find(self, key: str, standing: Standing) -> Reply:
        """Of the door."""

        def act() -> Reply:
            known = self.books.documents.get(key)
            return _stored(known) if known is not None else Reply(said=Said.UNKNOWN, code="not_found")

        return self._call("find", standing, act)

    def confirm(self, key: str, numero: int, sha256: str, standing: Standing) -> Reply:
        """Of the door."""

        def act() -> Reply:
            known = self.books.documents.get(key)
            if known is None:
                return Reply(said=Said.UNKNOWN, code="not_found")
            if (known.numero, known.sha256) != (numero, sha256):
                return _conflict("other_content", known)
            return _stored(self.books.settle(known))

        return self._call("confirm", standing, act)

    def hand_over(self, key: str, document: HandOver, standing: Standing) -> Reply:
        """Of the door. From a machine that was overtaken it is *late*: stored, for its paper may exist."""
        late = self._fenced(standing)

        def act() -> Reply:
            overtaken = None if late else self._overtaken(key, document.attempt)
            return overtaken or self._take_signed(key, document, standing.epoch, late=late)

        return self._call("hand_over", standing, act, late=True)

    def void(self, key: str, attempt: Attempt, reason: str, standing: Standing) -> Reply:  # noqa: ARG002 - of the door
        """Of the door."""

        def act() -> Reply:
            known = self.books.documents.get(key)
            if overtaken := self._overtaken(key, attempt):
                return overtaken
            if known is not None and known.state is not CloudState.PREPARED:
                return _conflict("already_confirmed", known)
            if known is not None:
                self.books.supersede(known, attempt)
            return Reply(said=Said.STORED)

        return self._call("void", standing, act, able=self.capabilities.fences)

    def changes(self, cursor: str, limit: int, standing: Standing) -> Changes | Reply:
        """Of the door."""
        return self._call("changes", standing, lambda: _page(self.books.log, cursor, limit))

    def pull(self, cursor: str, limit: int, standing: Standing) -> Changes | Reply:
        """Of the door."""

        def act() -> Changes:
            return _page([*self.books.documents.values(), *self.books.extra.values()], cursor, limit)

        return self._call("pull", standing, act)

    def health(self, standing: Standing) -> Health:  # noqa: ARG002 - of the door
        """Of the door."""
        fault = self._next_fault("health")
        self._meet(fault)
        if fault is Fault.LOST:
            raise UNANSWERED.at(detalle="no contestó").as_error(Unanswered)
        recovering = self.books.recovering
        return Health(
            ok=not recovering,
            detail="La nube se está recuperando de una copia." if recovering else "",
            time=self._now(),
            environment="prueba",
            server_epoch=str(self.books.server_epoch),
            contingency_allowed=True,
            contingency_reason="",
            min_client="0.1",
            epoch=self.books.epoch if self.capabilities.fences else None,
            clones=self.books.clones if self.capabilities.fences else None,
            recovering_since=self._now() if recovering else None,
        )

    def raise_epoch(self, machine: str, known: int, standing: Standing) -> Raised | Reply:
        """Of the door."""

        def act() -> Raised:
            if self.books.machine != machine:
                if known != self.books.epoch:
                    return Raised(epoch=self.books.epoch, granted=False)
                self.books.raise_epoch()
                self.books.machine = machine
            return Raised(epoch=self.books.epoch, granted=True)

        return self._call("raise_epoch", standing, act, late=True, able=self.capabilities.fences)

    def begin_run(self, run: str, known: str, turn: int, name: str, standing: Standing) -> Began | Reply:
        """Of the door."""

        def act() -> Began:
            granted = self.books.begin_run(run, known, turn)
            return Began(granted=granted, name=name if granted else "otra", since=None)

        return self._call("begin_run", replace(standing, run=""), act, able=self.capabilities.fences)

    def recovered(self, highest: tuple[Highest, ...], standing: Standing) -> Reply:
        """Of the door. It knows no other installation, so it numbers again."""

        def act() -> Reply:
            if not self._fenced(standing):
                self.books.resume(highest)
            return Reply(said=Said.STORED)

        return self._call("recovered", standing, act, late=True)

    def certificates(self, standing: Standing) -> Certificates | Reply:
        """Of the door: it signs with the installation's own."""
        return self._call("certificates", standing, lambda: Certificates(()))

    def leases(self, standing: Standing) -> Leases | Reply:
        """Of the door."""

        def act() -> Leases:
            given = tuple(lease for lease in self.books.leases.values() if not lease.closed)
            types = {rango.tipo for rango in self.books.ranges if self.books.free(rango)}
            return Leases(open=given, types=tuple(sorted(types)))

        return self._call("leases", standing, act, able=self.capabilities.leases)

    def received(self, cursor: str, limit: int, standing: Standing) -> Recibidos | Reply:
        """Of the door."""

        def act() -> Recibidos:
            first = int(cursor or 0)
            page = tuple(self.received_documents[first : first + limit])
            after = first + len(page)
            return Recibidos(documents=page, cursor=str(after), more=after < len(self.received_documents))

        return self._call("received", standing, act)

    def taxpayer(self, rut: str) -> Consulta | Reply:
        """Of the door."""
        if not self.capabilities.lookup:
            raise NotImplementedError("this cloud does not look up: see its capabilities")
        fault = self._next_fault("taxpayer")
        self._meet(fault)
        if fault is Fault.LOST:
            raise UNANSWERED.at(detalle="no contestó").as_error(Unanswered)
        known = self.taxpayers.get(rut)
        if known is None:
            return Reply(said=Said.UNKNOWN, code="not_found", message="Esta nube no habla con DGI.")
        return _invalid(known, rule="E1511") if isinstance(known, str) else known

    def take(
        self,
        tipo: int,
        branch: str,  # noqa: ARG002 - of the door
        size: int,
        idempotency_key: str,
        standing: Standing,
    ) -> Lease | Reply:
        """Of the door."""

        def act() -> Lease | Reply:
            books = self.books
            if idempotency_key in books.asked:
                return books.leases[books.asked[idempotency_key]]
            self._must_number()
            rango = books.with_numbers(tipo)
            if rango is None:
                return Reply(said=Said.INVALID, code="invalid", message="No quedan números de este tipo.")
            free = books.free(rango)
            together = [n for n in free[:size] if n - free[0] == free.index(n)]
            books.asked[idempotency_key] = f"{books.server_epoch}.{len(books.leases) + 1}"
            return books.lease(rango, books.asked[idempotency_key], together[0], together[-1], held=False)

        return self._call("take", standing, act, able=self.capabilities.leases)

    def held(self, cae: str, desde: int, hasta: int, standing: Standing) -> Lease | Reply:
        """Of the door."""

        def act() -> Lease | Reply:
            name = f"held-{cae}-{desde}-{hasta}"
            rango = next((one for one in self.books.ranges if one.id == cae), None)
            if rango is None:
                return Reply(said=Said.UNKNOWN, code="not_found")
            if name in self.books.leases:
                return self.books.leases[name]
            if not set(range(desde, hasta + 1)) <= set(self.books.free(rango)):
                return Reply(said=Said.CONFLICT, code="range_conflict")
            return self.books.lease(rango, name, desde, hasta, held=True)

        return self._call("held", standing, act, able=self.capabilities.leases)

    def close(
        self,
        lease: str,
        used: tuple[int, ...],
        voided: tuple[int, ...],  # noqa: ARG002 - what is not used is annulled, whether it is told or not
        standing: Standing,
    ) -> Reply:
        """Of the door."""

        def act() -> Reply:
            known = self.books.leases.get(lease)
            if known is None:
                return Reply(said=Said.UNKNOWN, code="not_found")
            self.books.end(known, "annulled", used)
            return Reply(said=Said.STORED)

        return self._call("close", standing, act, able=self.capabilities.leases)

    def _submit(self, key: str, body: wire.Object, epoch: int) -> Reply:
        attempt, fences = Attempt(**body["attempt"]), self.capabilities.fences
        if fences and (overtaken := self._overtaken(key, attempt)):
            return overtaken
        known = self.books.documents.get(key) if self.capabilities.idempotent else None
        if known is not None and known.content_sha256 == body["sha256"]:
            return _stored(self.books.keep(replace(known, attempt=max(known.attempt, attempt))))
        if known is not None and not (fences and known.state in GIVING_WAY and attempt > known.attempt):
            return _conflict("other_content", known)
        if known is not None:
            self.books.supersede(known, attempt)
        if fences and self.books.refused.get(key) == attempt:
            return _invalid(self.refuses.get(key, "El documento no es válido."))
        self._must_number()
        if key in self.refuses:
            self.books.refused[key] = attempt
            return _invalid(self.refuses[key])
        return _stored(self.books.prepare(self._number(key, body, attempt, epoch), confirmed=not fences))

    def _number(self, key: str, body: wire.Object, attempt: Attempt, epoch: int) -> Receipt:
        rango = self.books.with_numbers(body["doc_type"])
        if rango is None:
            raise LATER.at(detalle="no quedan números de este tipo").as_error(Unavailable)
        folio, at = Folio(rango=rango, numero=self.books.free(rango)[0]), self._now()
        signed = self._pen.sign(body["payload"].encode("utf-8"), folio, at)
        return Receipt(
            key=key,
            attempt=attempt,
            state=CloudState.PREPARED if self.capabilities.fences else CloudState.CONFIRMED,
            tipo=rango.tipo,
            serie=rango.serie,
            numero=folio.numero,
            signed=signed,
            sha256=sha256(signed).hexdigest(),
            content_sha256=body["sha256"],
            signed_at=at,
            epoch=epoch,
            signed_here=False,
            anexo=Anexo(**body["annex"]),
        )

    def _take_signed(self, key: str, told: HandOver, epoch: int, *, late: bool) -> Reply:
        try:
            tipo, draft = self._pen.read(told.signed)
            taken = self.books.take_signed(signed_receipt(key, told, tipo, draft, epoch), told.lease, late=late)
        except ValueError:
            return _invalid("La firma no es de este emisor.")
        except Taken:
            return _conflict("other_content", self.books.documents.get(key))
        return _stored(taken) if taken is not None else _invalid("El número no es de una reserva de esta instalación.")

    def _call(
        self, verb: str, standing: Standing, act: Callable[[], _T], *, late: bool = False, able: bool = True
    ) -> "_T | Reply":
        if not able:
            raise NotImplementedError(f"this cloud does not {verb}: see its capabilities")
        fault = self._next_fault(verb)
        self._meet(fault)
        with self._lock:
            said = self._judge(standing, late=late) or act()
            if isinstance(said, Reply) and said.receipt is not None and fault is Fault.MIXED_UP:
                said = self._mixed_up(said, said.receipt)
        if fault is Fault.LOST:
            raise UNANSWERED.at(detalle="no contestó").as_error(Unanswered)
        return said

    def _judge(self, standing: Standing, *, late: bool) -> Reply | None:
        if not self.capabilities.fences:
            return None
        if standing.server_epoch != str(self.books.server_epoch):
            return Reply(said=Said.RESTORED, code="server_restored")
        if not late and self._fenced(standing):
            return Reply(said=Said.FENCED, code="epoch_overtaken")
        if standing.run and self.books.run not in ("", standing.run) and not self._fenced(standing):
            return Reply(said=Said.STALE, code="run_overtaken")
        if not standing.fenced:
            self.books.epoch = max(self.books.epoch, standing.epoch)
        return None

    def _fenced(self, standing: Standing) -> bool:
        return self.capabilities.fences and (standing.fenced or standing.epoch < self.books.epoch)

    def _overtaken(self, key: str, attempt: Attempt) -> Reply | None:
        if not self.capabilities.fences:
            return None
        if attempt < self.books.top.get(key, attempt):
            return Reply(said=Said.OVERTAKEN, code="attempt_overtaken")
        self.books.top[key] = attempt
        return None

    def _must_number(self) -> None:
        if self.books.recovering:
            raise LATER.at(detalle="se está recuperando de una copia").as_error(Unavailable)

    def _next_fault(self, verb: str) -> Fault | None:
        self.calls.append(verb)
        due = next((n for n, (failing, _) in enumerate(self._faults) if failing == verb), None)
        return self._faults.pop(due)[1] if due is not None else None

    def _meet(self, fault: Fault | None) -> None:
        if fault is Fault.UNAVAILABLE:
            raise UNREACHABLE.at(detalle="no acepta conexiones").as_error(Unavailable)
        if fault is Fault.GARBAGE:
            raise UNANSWERED.at(detalle="contestó alguien que no es la nube").as_error(Unanswered)
        if fault is Fault.SLOW:
            self.pause()

    def _mixed_up(self, reply: Reply, receipt: Receipt) -> Reply:
        other = next(one for key, one in self.books.documents.items() if key != receipt.key)
        return replace(reply, receipt=replace(other, key=receipt.key, attempt=receipt.attempt))


def _stored(receipt: Receipt) -> Reply:
    return Reply(said=Said.STORED, receipt=receipt)


def _conflict(code: str, receipt: Receipt | None) -> Reply:
    return Reply(said=Said.CONFLICT, receipt=receipt, code=code, message="Esta clave ya tiene otro documento.")


def _invalid(why: str, rule: str = "") -> Reply:
    remark = Remark(field="", rule=rule, message=why)
    return Reply(said=Said.INVALID, code="invalid", message=why, remarks=(remark,))


def _page(found: Sequence[Receipt], cursor: str, limit: int) -> Changes:
    start = int(cursor or 0)
    page = tuple(found[start : start + limit])
    return Changes(receipts=page, cursor=str(start + len(page)), more=start + len(page) < len(found))
