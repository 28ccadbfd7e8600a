"""
The cloud below its HTTP edge: every verb of the contract as a function over core values.

One call is one transaction; what it says is committed. A verdict (200, 404, 409, 410, 422, 425 of the wire) is a value:
`Reply.said`, with the wire's ``error.code`` in `Reply.code`. Raised are `Unavailable` (503; its `code` is the wire's
``recovering``, ``no_numbers``, ``no_certificate`` or ``not_ready``) and `Refused` (403). Threads may share a `Cloud`.

Order of judgement of every call that names a key: server_epoch, epoch, attempt, what is stored, the refusal kept for
the attempt, whether the cloud is recovering, the law, numbers.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, time
from typing import Any, TypeVar

from sqlalchemy import Connection

from sincronizador.core.contribuyente import Consulta
from sincronizador.core.finding import Finding
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
    Submission,
)
from sincronizador.countries.door import Country
from sincronizador.countries.uy.schema import Schemas
from sincronizador.countries.uy.uruguay import Uruguay
from sincronizador.errors import Refused, Rejected, Unavailable
from sincronizador.nube import (
    acts,
    certificates,
    codes,
    correspondence,
    documents,
    fates,
    inbound,
    installations,
    issuers,
    leases,
    numbers,
    receipt_codes,
    restoration,
    runs,
    sales,
    server_codes,
    watch,
)
from sincronizador.nube.acts import Act, Alarm
from sincronizador.nube.caller import Caller, Identified, Outcome
from sincronizador.nube.certificates import Following, Pens
from sincronizador.nube.clerk import Clerk
from sincronizador.nube.correspondence import Correspondence, Which
from sincronizador.nube.dispatch import Dispatch
from sincronizador.nube.fates import CaeFates
from sincronizador.nube.gate import Call, admit, invalid, look, refused, remark, restored, touch
from sincronizador.nube.installations import Installation, Raised
from sincronizador.nube.issuers import InstalledCertificate, Issuer
from sincronizador.nube.judgement import Verdict, judge, objections, remarks, signer_of
from sincronizador.nube.leases import Granted, OpenLeases
from sincronizador.nube.offices import Offices
from sincronizador.nube.paperwork import Paperwork
from sincronizador.nube.post import Post
from sincronizador.nube.publication import Publication
from sincronizador.nube.runs import Began
from sincronizador.nube.store import Store
from sincronizador.nube.taxpayers import Taxpayers
from sincronizador.nube.vault import Vault
from sincronizador.signing.verify import verify
from sincronizador.signing.xmldsig import XmlSigner

MIN_CLIENT = "0.1"
"""The oldest daemon that this cloud understands."""

_T = TypeVar("_T")


class Cloud:
    """
    The cloud over one base; `clock` gives the time now, aware; `is_vouched` whether somebody keeps that clock right.

    Raises `NeedsOperator` E3410 when the vault's key is not the one of this base.
    """

    def __init__(
        self,
        store: Store,
        vault: Vault,
        clock: Callable[[], datetime],
        schemas: Schemas | None = None,
        offices: Offices | None = None,
        *,
        is_vouched: Callable[[], bool] = lambda: False,
    ) -> None:
        self._store = store
        self._is_vouched = is_vouched
        self._schemas = schemas
        self._vault = vault
        self._clock = clock
        self._pens = Pens(vault)
        self.woken: Callable[[str], None] = lambda _: None
        """Who wants to know that a document of an issuer counts."""
        self._offices = offices
        self._taxpayers = Taxpayers(store, self._pens, offices, self._now)
        self.paperwork = Paperwork(store, self._now)
        """What a person asks and decides about DGI."""
        self.correspondence = Correspondence(store, self._now)
        """What a person sees and decides about what others send."""
        self.dispatch = Dispatch(store, self._now)
        """What a person asks and decides about what goes to receivers."""
        self.publication = Publication(store, self.country)
        """What anybody who holds a document may see of it."""
        with store.reading() as db:
            certificates.probe(db, vault)

    # --- who speaks ---

    def server_epoch(self) -> str:
        """Of this base; another one after each restore."""
        return self._store.server_epoch

    def environment(self) -> str:
        """``prueba`` or ``produccion``, fixed at creation."""
        return self._store.environment

    def authenticate(self, token: str) -> Identified | None:
        """
        Who has this token; None for one that is unknown or revoked. Constant-time.

        Raises `Refused`: E3302 for a token of the other environment, E3303 for an installation declared dead (403).
        """
        with self._store.reading() as db:
            return installations.identify(db, token, self._store.environment)

    def health(self, who: Identified | None) -> Health:
        """How the cloud is; of the caller's issuer when there is one: `epoch` and `ok` are about it."""
        self._store.refresh()
        with self._store.reading() as db:
            moved = self._moved_clock(db, who)
            waiting = watch.recovering(db, who.rut if who else None)
            epoch, clones = watch.standing(db, who) if who else (None, None)
        return Health(
            ok=not (waiting or moved),
            detail=waiting or moved,
            time=self._now(),
            environment=self._store.environment,
            server_epoch=self._store.server_epoch,
            contingency_allowed=True,
            contingency_reason="",
            min_client=MIN_CLIENT,
            epoch=epoch,
            clones=clones,
            recovering_since=self._store.recovering_since if waiting else None,
        )

    def clock_trouble(self) -> str:
        """Why nothing is numbered with a clock that went back; empty when it is."""
        with self._store.reading() as db:
            return self._moved_clock(db, None)

    def recovered_by(self, who: Identified) -> bool:
        """Whether this installation has sent everything again since the last restore (health's ``recovered``)."""
        with self._store.reading() as db:
            return installations.find(db, who.rut, who.code).recovered

    # --- documents ---

    def submit(self, caller: Caller, key: str, submission: Submission, sha256: str) -> Outcome:
        """
        Take an unsigned document: number it, sign it, store it as prepared. `sha256` is of the draft, hexadecimal.

        STORED with its receipt; CONFLICT (``other_content``, ``already_confirmed``) with the receipt that exists;
        OVERTAKEN, FENCED, RESTORED; INVALID with remarks, kept for the attempt. Raises `Unavailable`; `Refused` for a
        submission in the name of another issuer.
        """
        self._same_issuer(caller, submission)
        if reply := restored(caller, self._store.server_epoch):
            return Outcome(reply=reply)
        now, country, verdict = self._judge(caller, submission, sha256)

        def act(call: Call) -> Outcome | Unavailable:
            def pen() -> XmlSigner | Unavailable:
                return self._pens.pen(call.db, caller.rut, environment=self._store.environment, now=now)

            return sales.submit(call, key, submission, verdict, country, pen)

        return _outcome(self._admitted(caller, now, act))

    def confirm(self, caller: Caller, key: str, number: int, sha256: str) -> Outcome:
        """It was adopted: STORED, UNKNOWN, CONFLICT (other number or other signed bytes), FENCED, RESTORED."""
        return self._counted(caller, self._speak(caller, lambda call: sales.confirm(call, key, number, sha256)))

    def hand_over(self, caller: Caller, key: str, document: HandOver, sha256: str) -> Outcome:
        """
        Take a signed document. `sha256` is of the signed bytes.

        STORED (`receipt.extra` when the key has another document: both are kept and alarmed), CONFLICT
        (``range_conflict``: the number is annulled or of another document), OVERTAKEN, RESTORED, INVALID. A lower
        epoch is stored as late.
        """
        if reply := restored(caller, self._store.server_epoch):
            return Outcome(reply=reply)
        examined = self._examine(caller, document, sha256)
        forgot = self._store.restores > 0

        def act(call: Call) -> Outcome:
            return sales.hand_over(call, key, document, examined, was_restored=forgot)

        return self._counted(caller, self._admitted(caller, self._now(), act, papers=True))

    def void(self, caller: Caller, key: str, attempt: Attempt, reason: str) -> Outcome:
        """What was prepared will not be adopted: STORED without a receipt, CONFLICT with the document, OVERTAKEN..."""
        return _outcome(self._speak(caller, lambda call: sales.void(call, key, attempt, reason)))

    def find(self, caller: Caller, key: str) -> Reply:
        """The document of a key of this installation: STORED, UNKNOWN, FENCED, RESTORED."""

        def read(db: Connection) -> Reply:
            row = documents.main_of(db, caller.installation, key)
            return Reply(said=Said.STORED, receipt=documents.receipt(row)) if row else sales.unknown(key)

        return self._read(caller, read)

    def find_number(self, caller: Caller, doc_type: int, series: str, number: int) -> tuple[Receipt, ...] | Reply:
        """The documents of this installation with that number: none or one."""

        def read(db: Connection) -> tuple[Receipt, ...]:
            row = documents.of_number(db, caller.rut, doc_type, series, number)
            own = row is not None and row.installation == caller.installation and row.state != CloudState.VOIDED
            return (documents.receipt(row),) if row is not None and own else ()

        return self._read(caller, read)

    def changes(self, caller: Caller, cursor: str, limit: int) -> Changes | Reply:
        """What changed since the cursor, in commit order, voided ones included. At most 500."""
        return self._page(caller, cursor, limit, voided=True)

    def pull(self, caller: Caller, cursor: str, limit: int) -> Changes | Reply:
        """All documents of this installation, extra ones included, voided ones not. At most 500."""
        return self._page(caller, cursor, limit, voided=False)

    def validate(self, caller: Caller, submission: Submission, sha256: str) -> Reply:
        """A dry run: STORED when it would be taken, INVALID with remarks. Changes nothing."""
        self._same_issuer(caller, submission)
        if reply := restored(caller, self._store.server_epoch):
            return reply
        _, _, verdict = self._judge(caller, submission, sha256)
        if verdict.waits:
            raise Unavailable("not_ready", codes.WAITS_FOR_ISSUER.at(detalle=verdict.waits).message)
        return invalid(*map(remark, verdict.errors)) if verdict.errors else Reply(said=Said.STORED)

    def country(self, rut: str, branch: str = "") -> Country:
        """The law for this issuer, at that branch (its first without one): what representations are made with."""
        return self._law(rut, branch)

    # --- leases, epochs, numbers ---

    def take_lease(
        self, caller: Caller, doc_type: int, branch: str, size: int, idempotency_key: str
    ) -> Granted | Reply:
        """A slice of a CAE; the same one for the same key. INVALID with rule ``no_numbers``; `Unavailable`."""
        found = self._speak(caller, lambda call: leases.take(call, doc_type, branch, size, idempotency_key))
        if isinstance(found, Unavailable):
            raise found
        return found

    def leases(self, caller: Caller) -> OpenLeases | Reply:
        """Open ones of this epoch, held ones of any."""

        def read(db: Connection) -> OpenLeases:
            return OpenLeases(
                leases=leases.open_leases(db, caller.installation, caller.epoch),
                types=numbers.types_with_numbers(db, caller.rut, self._now().date()),
            )

        return self._read(caller, read)

    def signing_certificates(self, caller: Caller) -> tuple[bytes, ...] | Reply:
        """All certificates (DER) that documents of the issuer may be signed with, the newest first."""

        def read(db: Connection) -> tuple[bytes, ...]:
            return tuple(known.certificate.der for known in certificates.known(db, caller.rut))

        return self._read(caller, read)

    def held(self, caller: Caller, cae: str, first: int, last: int) -> Granted | Reply:
        """A range that the installation numbers from already. UNKNOWN CAE, CONFLICT ``range_conflict``."""
        return self._speak(caller, lambda call: leases.hold(call, cae, first, last))

    def close_lease(self, caller: Caller, lease: str, used: Sequence[int], voided: Sequence[int]) -> Lease | Reply:
        """What is not in `used` and has no document is annulled. Idempotent: the first closing counts. UNKNOWN."""
        return self._speak(caller, lambda call: leases.close(call, lease, used, voided))

    def raise_epoch(self, caller: Caller, machine: str, known: int) -> Raised | Reply:
        """Compare-and-set; the same machine gets the same epoch again."""
        now = self._now()
        with self._store.writing() as db:
            touch(db, caller.rut, now)
            return installations.raise_epoch(db, caller, self._store.server_epoch, machine, known, now)

    def begin_run(self, caller: Caller, run: str, known: str, turn: int, name: str) -> Began | Reply:
        """Compare-and-set of the run: of two copies of one machine exactly one goes on."""
        return self._speak(replace(caller, run=""), lambda call: runs.begin(call, run, known, turn, name))

    def recovered(self, caller: Caller, highest: Sequence[Highest]) -> Reply:
        """The installation has sent everything again after a restore; the last living one lets its issuer number."""

        def act(call: Call) -> Reply:
            if not call.late:
                for known in highest:
                    restoration.learn(call.db, caller.rut, known)
                installations.set_recovered(call.db, caller.installation, self._store.server_epoch)
                if call.recovering:
                    restoration.finish_if_complete(call.db, caller.rut)
            return Reply(said=Said.STORED)

        if reply := restored(caller, self._store.server_epoch):
            return reply
        return self._admitted(caller, self._now(), act, papers=True)

    def numbers(self, rut: str) -> tuple[CaeFates, ...]:
        """Every number of every CAE of an issuer is exactly one of document, annulled, leased, doubtful, free."""
        with self._store.reading() as db:
            return fates.fates_of(db, rut)

    def taxpayer(self, issuer: str, rut: str) -> Consulta | Finding | None:
        """
        What the authority has registered of a taxpayer, asked as `issuer`; or why it says nothing of it.

        None where this cloud asks nobody and knows nothing. Raises `Unavailable`.
        """
        return self._taxpayers.look_up(issuer, rut)

    def received(self, caller: Caller, cursor: str, limit: int) -> dict[str, Any] | Reply:
        """A page of the documents that others made out to the caller's issuer, as they changed, in commit order."""

        def read(db: Connection) -> dict[str, Any]:
            rows, ending, more = inbound.page(db, caller.rut, self._store.server_epoch, cursor, limit)
            return {"documents": [correspondence.told(row) for row in rows], "cursor": ending, "more": more}

        return self._read(caller, read)

    def reject_received(self, caller: Caller, which: Which, code: str, detail: str) -> Reply:
        """One of them is not wanted: STORED, UNKNOWN, CONFLICT when it is decided, INVALID for such a reason."""

        def act(call: Call) -> Reply:
            finding = correspondence.reject(call.db, caller.rut, call.seq, which, code, detail)
            if finding is None:
                return Reply(said=Said.STORED)
            return _REJECTIONS[finding.code](finding)

        return self._speak(caller, act)

    # --- acts of an administrator: `who` did it goes to the audit ---

    def keep_issuer(self, who: str, emisor: Mapping[str, Any], ajustes: Mapping[str, Any]) -> Issuer:
        """
        Add an issuer, a branch of it, or change one: fields of `countries.uy.emisor.Emisor` and `Ajustes`.

        One `sucursal` is one place: the same RUT with another `sucursal` adds a branch. Decimals as strings, `ui` as
        ``{"2026": "6.1690"}``. Raises `Rejected` for what cannot be.
        """
        with self._store.writing() as db:
            now = self._now()
            kept = issuers.keep(db, emisor, ajustes, environment=self._store.environment, now=now)
            touch(db, kept.rut, now)
            place = emisor["sucursal"]
            acts.record(db, who, "issuer", kept.rut, now, f"Emisor {kept.rut}, sucursal {place}.")
            return kept

    def issuers(self) -> tuple[Issuer, ...]:
        """All issuers with their branches, by RUT."""
        with self._store.reading() as db:
            return issuers.all_issuers(db)

    def add_installation(self, who: str, rut: str, code: str) -> tuple[Installation, str]:
        """A new installation and its token, which is told this once. Raises `Rejected`: unknown issuer, code taken."""
        with self._administering(rut) as (db, now):
            made = installations.add(db, rut, code)
            token = installations.give_token(db, made.id, self._store.environment, now)
            acts.record(db, who, "installation", rut, now, f"Instalación {code}, con un token.")
            return installations.find(db, rut, code), token

    def installations(self, rut: str | None = None) -> tuple[Installation, ...]:
        """All installations, or those of an issuer."""
        with self._store.reading() as db:
            return installations.all_of(db, rut)

    def new_token(self, who: str, rut: str, code: str) -> str:
        """A further token; the earlier ones live until they are revoked."""
        with self._administering(rut) as (db, now):
            found = installations.find(db, rut, code)
            acts.record(db, who, "token", rut, now, f"Otro token para la instalación {code}.")
            return installations.give_token(db, found.id, self._store.environment, now)

    def revoke_tokens(self, who: str, rut: str, code: str, *, but_last: bool = False) -> int:
        """Revoke its tokens, all or all but the newest; gives how many."""
        with self._administering(rut) as (db, now):
            found = installations.find(db, rut, code)
            count = installations.revoke_tokens(db, found.id, now, but_last=but_last)
            acts.record(db, who, "revoke", rut, now, f"Revocados {count} tokens de la instalación {code}.")
            return count

    def declare_dead(self, who: str, rut: str, code: str, reason: str) -> None:
        """It will never speak again: its tokens are refused, its leased numbers are doubtful, nobody waits for it."""
        _reasoned(reason)
        with self._administering(rut) as (db, now):
            found = installations.find(db, rut, code)
            installations.declare_dead(db, found.id, now)
            acts.record(db, who, "dead", rut, now, f"De baja la instalación {code}: {reason}.")
            if issuers.find(db, rut).recovering:
                restoration.finish_if_complete(db, rut)

    def install_certificate(
        self, who: str, rut: str, pkcs12: bytes, password: bytes, following: Following | None = None
    ) -> InstalledCertificate:
        """The issuer's key from now on, or from its day on; sealed in the base. Raises `NeedsOperator`/`Rejected`."""
        with self._administering(rut) as (db, now):
            kept = certificates.install(
                db, self._vault, rut, pkcs12, password, environment=self._store.environment, now=now,
                following=following,
            )  # fmt: skip
            day = f", desde el {kept.since.astimezone(now.tzinfo):%d/%m/%Y %H:%M}" if kept.since else ""
            acts.record(db, who, "certificate", rut, now, f"Certificado de {kept.titular}, {kept.fingerprint}{day}.")
            return kept

    def know_certificate(self, who: str, rut: str, certificate: bytes) -> InstalledCertificate:
        """A certificate (DER, PEM) with which installations sign; without its key."""
        with self._administering(rut) as (db, now):
            kept = certificates.know(db, rut, certificate, environment=self._store.environment, now=now)
            acts.record(
                db, who, "certificate", rut, now, f"Certificado sin clave de {kept.titular}, {kept.fingerprint}."
            )
            return kept

    def revoke_certificate(self, who: str, rut: str, fingerprint: str, reason: str) -> None:
        """It signs nothing from now on; what was signed with it before still counts."""
        _reasoned(reason)
        with self._administering(rut) as (db, now):
            certificates.revoke(db, rut, fingerprint, now)
            acts.record(db, who, "certificate", rut, now, f"Revocado el certificado {fingerprint}: {reason}.")

    def certificates(self, rut: str | None = None) -> tuple[InstalledCertificate, ...]:
        """What is installed, newest first."""
        with self._store.reading() as db:
            return certificates.installed(db, rut)

    def import_cae(self, who: str, rut: str, content: bytes, *, held_by: str = "") -> CaeFates:
        """
        A CAE file of DGI. `held_by` is the code of an installation that numbers from it already, if one does: no
        number of it is given to anybody in between. Raises `Rejected`: not this issuer's, expired, overlapping, of
        the other environment, E3313 for an unknown installation.
        """
        country = self._law(rut)
        file, now = country.parse_range(content), self._now()
        problems = country.range_problems(content, now.date())
        if problems:
            raise problems[0].as_error(Rejected)
        if verify(content).certificate.is_test and self._store.environment == "produccion":
            raise codes.TEST_CAE.at().as_error(Rejected)
        rango = file.rango
        with self._administering(rut) as (db, now):
            sealed = self._vault.seal(content, f"cae:{rut}:{rango.id}")
            numbers.add_cae(db, rut, rango, sealed, authorised=file.autorizado, now=now)
            if held_by:
                holder = installations.find(db, rut, held_by)
                leases.hold_whole(db, rut, rango.id, holder.id, holder.epoch, now)
            span = f"{rango.tipo} {rango.serie} {rango.desde} a {rango.hasta}"
            acts.record(db, who, "cae", rut, now, f"CAE {rango.id}: {span}, vence el {rango.vence:%d/%m/%Y}.")
            return next(found for found in fates.fates_of(db, rut) if found.cae == rango.id)

    def annul_doubtful(
        self, who: str, rut: str, doc_type: int, series: str, numbers: Sequence[int], reason: str
    ) -> int:
        """Annul doubtful numbers, all or none. Raises `Rejected` when one of them is not doubtful."""
        _reasoned(reason)
        with self._administering(rut) as (db, now):
            for first, last in fates.runs(numbers):
                fates.annul_doubtful(db, rut, doc_type, series, first, last, today=now.date(), reason=reason)
            told = ", ".join(str(number) for number in sorted(set(numbers)))
            acts.record(db, who, "annul", rut, now, f"Anulados {doc_type} {series} {told}: {reason}.")
            return len(set(numbers))

    def observe(self, who: str, rut: str, doc_type: int, series: str, number: int, reasons: Sequence[str]) -> Receipt:
        """
        The authority remarked something about a paper of contingency: its installation is told, and corrects it.

        Raises `Rejected`: E3311, E3322 for what is no paper that counts, E3320 without a reason.
        """
        _reasoned("".join(reasons))
        if not self._law(rut).transcribes(doc_type):
            finding = codes.NOT_OBSERVABLE.at(value=f"{doc_type}-{series}-{number}", estado="no es un papel")
            raise finding.as_error(Rejected)
        with self._store.writing() as db:
            now = self._now()
            turn = touch(db, rut, now)
            found = sales.observe(db, turn.seq, rut, (doc_type, series, number), reasons)
            detail = f"{doc_type} {series} {number}: {found.authority}"
            acts.record(db, who, "observe", rut, now, f"DGI observó {detail}.")
            return found

    def alarms(self, rut: str | None = None) -> tuple[Alarm, ...]:
        """What an administrator must look at, newest first: what was raised and is not seen to, and what is due now."""
        with self._store.reading() as db:
            due = watch.due(db, rut, self._now(), vouched=self._is_vouched())
            return (*due, *acts.sounding(db, rut))

    def backup_failed(self, detail: str) -> None:
        """Everybody whose documents are here is told, once until somebody saw to it."""
        now = self._now()
        with self._store.writing() as db:
            for rut in watch.issuers(db):
                acts.sound(db, rut, now, server_codes.BACKUP_FAILED.at(detalle=detail))

    def dismiss_alarm(self, who: str, alarm: int, reason: str) -> None:
        """It was seen to."""
        _reasoned(reason)
        now = self._now()
        with self._store.writing() as db:
            seen = acts.dismiss(db, alarm, now)
            touch(db, seen.rut, now)
            acts.record(db, who, "alarm", seen.rut, now, f"Alarma {seen.code} atendida ({reason}): {seen.sentence}")

    def audit(self, rut: str | None = None, limit: int = 200) -> tuple[Act, ...]:
        """Who did what, newest first."""
        with self._store.reading() as db:
            return acts.recorded(db, rut, limit)

    def confirm_clock(self, who: str) -> datetime:
        """The clock is right, says a person, whatever it showed before; the time that counts from now on."""
        now = self._now()
        with self._store.writing() as db:
            for known in issuers.all_issuers(db):
                touch(db, known.rut, now, vouched=True)
            acts.record(db, who, "clock", "", now, f"Confirmada la hora: {now:%d/%m/%Y %H:%M}.")
        return now

    def declare_restored(self, who: str) -> str:
        """The base was restored from a copy, says a person: a new server_epoch, which is given. Servers are stopped."""
        self._store.declare_restored()
        with self._store.writing() as db:
            acts.record(db, who, "restored", "", self._now(), "La base se recuperó de una copia.")
        return self._store.server_epoch

    def close(self) -> None:
        """Write the watermark and let go of the base, and of the authority's services."""
        if self._offices is not None:
            self._offices.close()
        self._store.close()

    def _law(self, rut: str, branch: str = "") -> Uruguay:
        with self._store.reading() as db:
            found = issuers.law_at(db, rut, branch, self._schemas) or issuers.law_at(db, rut, schemas=self._schemas)
        if found is None:
            raise codes.UNKNOWN_ISSUER.at(value=rut).as_error(Rejected)
        return found

    def clerk(self, *, receptor: str, report_at: time, post: Post | None = None) -> Clerk:
        """What the sweeps of this cloud work with. Raises RuntimeError in one that does not talk to the authority."""
        if self._offices is None:
            raise RuntimeError("no services of the authority")
        return Clerk(
            store=self._store, pens=self._pens, clock=self._clock, authority=self._offices.client, receptor=receptor,
            report_at=report_at, is_vouched=self._is_vouched, post=post,
        )  # fmt: skip

    def _counted(self, caller: Caller, said: Outcome | Reply) -> Outcome:
        """A document counts from now on: the sweeps need not wait for their next look."""
        outcome = _outcome(said)
        if outcome.reply.said is Said.STORED:
            self.woken(caller.rut)
        return outcome

    def _now(self) -> datetime:
        return self._clock().astimezone(Uruguay.zone)

    def _speak(self, caller: Caller, act: Callable[[Call], _T]) -> _T | Reply:
        """What `act` says in a transaction of its own, when the caller knows of the last restore and is current."""
        if reply := restored(caller, self._store.server_epoch):
            return reply
        return self._admitted(caller, self._now(), act)

    def _admitted(
        self, caller: Caller, now: datetime, act: Callable[[Call], _T], *, papers: bool = False
    ) -> _T | Reply:
        with self._store.writing() as db:
            call = admit(db, caller, self._store.server_epoch, now, vouched=self._is_vouched(), papers=papers)
            return call if isinstance(call, Reply) else act(call)

    def _moved_clock(self, db: Connection, who: Identified | None) -> str:
        return "" if self._is_vouched() else watch.moved_clock(db, who.rut if who else None, self._now())

    def _read(self, caller: Caller, read: Callable[[Connection], _T]) -> _T | Reply:
        if reply := restored(caller, self._store.server_epoch):
            return reply
        with self._store.reading() as db:
            return look(db, caller) or read(db)

    def _page(self, caller: Caller, cursor: str, limit: int, *, voided: bool) -> Changes | Reply:
        epoch = self._store.server_epoch
        return self._read(
            caller, lambda db: documents.page(db, caller.installation, epoch, cursor, limit, voided=voided)
        )

    @contextmanager
    def _administering(self, rut: str) -> Iterator[tuple[Connection, datetime]]:
        """A transaction for an act of an administrator; the issuer is locked. Raises `Rejected` E3311."""
        now = self._now()
        with self._store.writing() as db:
            issuers.find(db, rut)
            touch(db, rut, now)
            yield db, now

    def _same_issuer(self, caller: Caller, submission: Submission) -> None:
        if submission.issuer != caller.rut:
            raise codes.OTHER_ISSUER.at(propio=caller.rut, value=submission.issuer).as_error(Refused)

    def _judge(self, caller: Caller, submission: Submission, sha256: str) -> tuple[datetime, Country | None, Verdict]:
        """The law about a draft, before the transaction: it is pure, and nobody need wait for it."""
        now = self._now()
        with self._store.reading() as db:
            country = issuers.law_at(db, caller.rut, submission.branch, self._schemas)
        return now, country, judge(country, caller.rut, submission, sha256, now.date())

    def _examine(self, caller: Caller, document: HandOver, sha256: str) -> sales.Examined | Reply:
        """What a signed document says and what is wrong with it, before the transaction."""
        with self._store.reading() as db:
            candidates = certificates.known(db, caller.rut)
        country = self._law(caller.rut)
        try:
            emitido = country.emitted(document.signed, document.anexo)
            signer, revoked = signer_of(document.signed, candidates)
        except Rejected as exc:
            return invalid(Remark(field="signed_xml", rule=exc.code, message=str(exc)))
        environment, is_paper = self._store.environment, country.transcribes(emitido.tipo)
        against = objections(
            document, sha256, emitido, caller.rut, environment, signer, revoked, is_paper=is_paper
        )  # fmt: skip
        return sales.Examined(
            emitido=emitido,
            content_sha256=hashlib.sha256(country.draft_of(document.signed)).hexdigest(),
            objections=tuple(against),
            remarks=tuple(remarks(country, document.signed, signer, emitido)),
            is_paper=is_paper,
        )


def _outcome(said: Outcome | Reply | Unavailable) -> Outcome:
    if isinstance(said, Unavailable):
        raise said
    return Outcome(reply=said) if isinstance(said, Reply) else said


def _reasoned(reason: str) -> None:
    if not reason.strip():
        raise codes.NO_REASON.at().as_error(Rejected)


_REJECTIONS: Mapping[str, Callable[[Finding], Reply]] = {
    receipt_codes.NOT_RECEIVED.code: lambda finding: refused(Said.UNKNOWN, "not_found", finding),
    receipt_codes.TOO_LATE.code: lambda finding: refused(Said.CONFLICT, "already_decided", finding),
    receipt_codes.NO_SUCH_REASON.code: lambda finding: invalid(remark(finding)),
}
"""What the wire says when a received document cannot be rejected."""
