"""
The mailbox, looked into and read; what is in it verified, kept, and answered.

A letter is kept, bytes and digest, before it is marked where it lies; what it causes is one commit; what is answered
has its exact bytes committed before the first of them leaves, and repeats send those bytes. So a fall anywhere loses
nothing, and what is done again has no further effect. One process looks at a time.
"""

import hashlib
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, select

from sincronizador.core.recibido import Recepcion
from sincronizador.countries.uy import acks
from sincronizador.countries.uy.acks import Rechazos
from sincronizador.countries.uy.received import Received, take_apart
from sincronizador.countries.uy.schema import Schemas
from sincronizador.errors import NeedsOperator, Refused, Rejected, SincronizadorError, Unanswered, Unavailable
from sincronizador.logs import event
from sincronizador.nube import acts, exchange, inbound, issuers, letters, receipt_codes, reception
from sincronizador.nube.clerk import Clerk
from sincronizador.nube.enclosures import Enclosure, open_letter
from sincronizador.nube.filers import LONGEST_PAUSE
from sincronizador.nube.gate import touch
from sincronizador.nube.inbound import Office
from sincronizador.nube.mailbox import Mailbox, Place
from sincronizador.nube.outbox import Answering, Outbox
from sincronizador.nube.reception import Means
from sincronizador.nube.sweeps import OF_THE_BASE, trouble
from sincronizador.nube.tables import issuer
from sincronizador.signing.trust import Authorities
from sincronizador.signing.xmldsig import XmlSigner

LOCK = "buzon"
_ANSWERS = ("ACKSobre", "ACKCFE", "CFEs_Anulados_x_RechazoDGI")
_LOOSE = ("CFE", "CFE_Adenda")
"""A document that its issuer mailed to a customer, beside its PDF: nobody expects an answer to it."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipts:
    """What reading the mailbox needs."""

    clerk: Clerk
    mailbox: Mailbox
    outbox: Outbox
    window: timedelta
    """For how long a document may be rejected before it is accepted; zero: it is accepted at once."""
    schemas: Schemas | None = None
    authorities: Authorities | None = None

    def turn(self) -> None:
        """Do what is due, unless another process is at it. Raises what the base raises."""
        with self.clerk.store.alone(LOCK) as is_mine:
            if is_mine:
                self.look()
                self.read_all()
                self.decide()
                self.send()

    def look(self) -> None:
        """Keep what lies in the mailbox, and only then mark it there."""
        source, now = self.mailbox.source, self.clerk.now()
        with self.clerk.store.writing() as db:
            row = letters.place_of(db, source)
        if row.due is not None and now < row.due <= now + LONGEST_PAUSE:
            return
        why = ""
        try:
            for found in self.mailbox.letters(Place(validity=row.validity, last=row.last)):
                with self.clerk.store.writing() as db:
                    kept = letters.keep(db, source, found, self.clerk.now())
                self.mailbox.put_away(found, apart=kept.state == letters.APART)
        except (Unavailable, NeedsOperator) as exc:
            if exc.code in OF_THE_BASE:
                raise
            why = str(exc)
        finally:
            self.mailbox.close()
        if why or row.tries:
            with self.clerk.store.writing() as db:
                letters.stand(db, source, why, self.clerk.now())

    def read_all(self) -> None:
        """Read what was kept. One that cannot be read now waits, and delays no other."""
        with self.clerk.store.reading() as db:
            numbers = letters.unread(db)
        for number in numbers:
            try:
                self.read(number)
            except Rejected as exc:
                self._put_apart(number, str(exc))
            except SincronizadorError as exc:
                if exc.code in OF_THE_BASE:
                    raise
                event(log, "letter", level=logging.ERROR, letter=number, code=exc.code, message=str(exc))
            except Exception as exc:
                log.exception("event=bug what=letter letter=%s", number)
                self._put_apart(number, f"error interno: {exc!r}")

    def read(self, number: int) -> None:
        """One letter: all that it causes is one commit. Raises what keeps it from being read."""
        with self.clerk.store.reading() as db:
            row = letters.whole(db, number)
            ours = frozenset(db.execute(select(issuer.c.rut)).scalars())
        opened = open_letter(row.content, row.name)
        contents = [self._understood(one, ours) for one in opened.xmls]
        troubles = [*opened.troubles, *(one.trouble for one in contents if one.trouble)]
        ruts = sorted({one.rut for one in contents if one.rut})
        pens = {one.rut: self._pen(one.rut) for one in contents if one.verdict is not None}
        with self.clerk.store.writing() as db:
            now = self.clerk.now()
            turns = {rut: touch(db, rut, now).seq for rut in ruts}
            for one in contents:
                seq = turns.get(one.rut, 0)
                if one.verdict is not None:
                    office = Office(rut=one.rut, pen=pens[one.rut], now=now, seq=seq, window=self.window)
                    inbound.take(db, office, one.verdict, one.sha256, row, opened.reply_to)
                elif one.apply is not None and (why := one.apply(db, seq)):
                    troubles.append(why)
            is_ours = any(one.verdict is not None or one.apply is not None for one in contents)
            state = letters.APART if troubles else letters.READ if is_ours else letters.PLAIN
            letters.end(db, row, state, ruts[0] if ruts else "", "; ".join(troubles))
        event(log, "letter", letter=number, state=state, files=len(contents))

    def decide(self) -> None:
        """Accept what can no longer be rejected, and answer what was decided."""
        with self.clerk.store.reading() as db:
            ruts, open_ = inbound.overdue(db, self.clerk.now()), inbound.unanswered(db)
        for rut in ruts:
            with self.clerk.store.writing() as db:
                seq = touch(db, rut, now := self.clerk.now()).seq
                inbound.accept(db, rut, seq, now)
        if ruts:
            with self.clerk.store.reading() as db:
                open_ = inbound.unanswered(db)
        for row in open_:
            try:
                pen = self._pen(row.rut)
            except NeedsOperator as exc:
                event(log, "answer", level=logging.ERROR, rut=row.rut, code=exc.code, message=str(exc))
                continue
            with self.clerk.store.writing() as db:
                seq = touch(db, row.rut, now := self.clerk.now()).seq
                office = Office(rut=row.rut, pen=pen, now=now, seq=seq, window=self.window)
                inbound.answer_documents(db, office, row)

    def send(self) -> None:
        """Send what is answered, as often as need be."""
        with self.clerk.store.reading() as db:
            due = inbound.replies_due(db, self.clerk.now())
            leaving = [(row, _answering(db, row)) for row in due]
        for row, answer in leaving:
            why = ""
            try:
                self.outbox.post(answer)
            except (Unavailable, Unanswered, Refused, NeedsOperator) as exc:
                why = str(exc)
            with self.clerk.store.writing() as db:
                touch(db, row.rut, now := self.clerk.now())
                if why:
                    inbound.postpone(db, row, why, now)
                else:
                    inbound.set_sent(db, row, now)
            event(log, "reply", rut=row.rut, to=row.emisor, name=row.name, trouble=why)

    def _pen(self, rut: str) -> XmlSigner:
        return XmlSigner(self.clerk.identity(rut), embed_certificate=True)

    def _means(self) -> Means:
        return Means(
            now=self.clerk.now(), environment=self.clerk.store.environment, schemas=self.schemas,
            authorities=self.authorities,
        )  # fmt: skip

    def _understood(self, one: Enclosure, ours: frozenset[str]) -> "_Content":
        """What a file is, as far as that is known without the base."""
        try:
            found = take_apart(one.content)
            if found.root in reception.ENVELOPES:
                return self._sobre(found, one, ours)
            if found.root in _ANSWERS:
                return self._answer(found, one, ours)
        except (Rejected, ValueError) as exc:
            return _Content(trouble=f"«{one.name}»: {str(exc).rstrip('.')}")
        if found.root in _LOOSE:
            return _Content()
        return _Content(trouble=f"«{one.name}»: es un «{found.root[:80]}», que nadie espera")

    def _sobre(self, found: Received, one: Enclosure, ours: frozenset[str]) -> "_Content":
        caratula = reception.read_caratula(found, one.name)
        if caratula.receptor not in ours:
            return _Content(trouble=f"«{one.name}»: es un sobre para {caratula.receptor}, que no es un emisor de aquí")
        verdict = reception.judge(found, caratula, self._means())
        sha256 = hashlib.sha256(one.content).hexdigest()
        return _Content(rut=caratula.receptor, verdict=verdict, sha256=sha256)

    def _answer(self, found: Received, one: Enclosure, ours: frozenset[str]) -> "_Content":
        """An answer of a receiver, or a notice of an issuer, which counts as theirs only with their signature."""
        rut, other, apply = self._applier(found.root, one)
        if rut not in ours:
            return _Content(trouble=f"«{one.name}»: es para {rut}, que no es un emisor de aquí")
        if problem := reception.answer_problem(found, other, self._means()):
            return _Content(rut=rut, trouble=f"«{one.name}», de {other}: {problem}")
        return _Content(rut=rut, apply=apply)

    def _applier(self, root: str, one: Enclosure) -> tuple[str, str, "_Apply"]:
        """To whom it is said, by whom, and what it does."""
        unknown = f"«{one.name}»: no es sobre un envío que se haya hecho"
        if root == "ACKSobre":
            sobre = acks.parse_ack_sobre(one.content)

            def apply_sobre(db: Connection, _: int) -> str:
                return "" if exchange.apply_ack_sobre(db, sobre.ruc_emisor, sobre, self.clerk.now()) else unknown

            return sobre.ruc_emisor, sobre.ruc_receptor, apply_sobre
        if root == "ACKCFE":
            cfe = acks.parse_ack_cfe(one.content)

            def apply_cfe(db: Connection, _: int) -> str:
                return "" if exchange.apply_ack_cfe(db, cfe.ruc_emisor, cfe, self.clerk.now()) else unknown

            return cfe.ruc_emisor, cfe.ruc_receptor, apply_cfe
        notice = acks.parse_rechazos(one.content)

        def apply_notice(db: Connection, seq: int) -> str:
            return self._annul(db, seq, notice, one.name)

        return notice.ruc_receptor, notice.ruc_emisor, apply_notice

    def _annul(self, db: Connection, seq: int, notice: Rechazos, name: str) -> str:
        """Mark what an issuer says that the authority rejected; what is not here a person must see."""
        rut, now = notice.ruc_receptor, self.clerk.now()
        marked: list[str] = []
        unknown: list[str] = []
        for one in notice.anulados:
            slug = f"{one.tipo}-{one.serie}-{one.numero}"
            row = inbound.of_number(db, rut, notice.ruc_emisor, (one.tipo, one.serie, one.numero))
            (unknown if row is None else marked).append(slug)
            if row is not None and row.estado != Recepcion.ANULADO_DGI:
                inbound.decide(db, row, seq, Recepcion.ANULADO_DGI)
        if marked:
            finding = receipt_codes.ANNULLED.at(emisor=notice.ruc_emisor, rut=rut, slugs=_some(marked))
            acts.sound(db, rut, now, finding)
        return f"«{name}»: anula comprobantes que no se recibieron: {_some(unknown)}" if unknown else ""

    def _put_apart(self, number: int, why: str) -> None:
        with self.clerk.store.writing() as db:
            letters.end(db, letters.whole(db, number), letters.APART, trouble=why)


_Apply = Callable[[Connection, int], str]
"""Has its effect; why it has none, a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Content:
    """What a file in a letter is."""

    rut: str = ""
    """Of ours, whom it is about."""
    verdict: reception.Verdict | None = None
    sha256: str = ""
    apply: _Apply | None = None
    trouble: str = ""


class ReceiptsLoop:
    """Takes a turn every `pause` seconds."""

    def __init__(self, receipts: Receipts, lost: Callable[[], None], pause: float) -> None:
        self._receipts = receipts
        self._lost = lost
        self._pause = pause
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._run, name="buzon")

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End; what is in hand is finished."""
        self._ends.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ends.is_set():
            try:
                self._receipts.turn()
            except SincronizadorError as exc:
                trouble(self._lost, exc)
            except Exception:
                log.exception("event=bug what=mailbox")
            self._ends.wait(self._pause)


def _answering(db: Connection, row: Row[*tuple[Any, ...]]) -> Answering:
    return Answering(
        rut=row.rut, company=issuers.find(db, row.rut).branches[0].razon_social, address=inbound.address_of(db, row),
        name=row.name, content=row.content, made=row.made,
    )  # fmt: skip


def _some(slugs: Sequence[str]) -> str:
    return ", ".join(slugs[:10]) + (f" y {len(slugs) - 10} más" if len(slugs) > 10 else "")
