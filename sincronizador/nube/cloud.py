"""
The cloud below its HTTP edge: every verb of the contract as a function over core values.

One call is one transaction; what it says is committed. A verdict (200, 404, 409, 410, 422, 425 of the wire) is a value:
`Reply.said`, with the wire's ``error.code`` in `Reply.code`. Raised are `Unavailable` (503; its `code` is the wire's
``recovering``, ``no_numbers``, ``no_certificate`` or ``not_ready``) and `Refused` (403). Threads may share a `Cloud`.

Order of judgement of every call that names a key: server_epoch, epoch, attempt, what is stored, the refusal kept for
the attempt, whether the cloud is recovering, the law, numbers.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sincronizador.core.receipt import Attempt, Changes, HandOver, Health, Highest, Lease, Receipt, Reply, Submission
from sincronizador.countries.door import Country
from sincronizador.nube.acts import Act, Alarm
from sincronizador.nube.caller import Caller, Identified, Outcome
from sincronizador.nube.fates import CaeFates
from sincronizador.nube.installations import Installation, Raised
from sincronizador.nube.issuers import InstalledCertificate, Issuer
from sincronizador.nube.leases import Granted, OpenLeases
from sincronizador.nube.store import Store
from sincronizador.nube.vault import Vault


class Cloud:
    """
    The cloud over one base.

    `clock` gives the time now, aware; `margin` is by how many numbers each counter jumps for each restore of the base.
    """

    def __init__(self, store: Store, vault: Vault, clock: Callable[[], datetime], *, margin: int = 500) -> None:
        self._store = store
        self._vault = vault
        self._clock = clock
        self._margin = margin

    # --- who speaks ---

    def server_epoch(self) -> str:
        """Of this base; another one after each restore."""
        raise NotImplementedError

    def environment(self) -> str:
        """``prueba`` or ``produccion``, fixed at creation."""
        raise NotImplementedError

    def authenticate(self, token: str) -> Identified | None:
        """
        Who has this token; None for one that is unknown or revoked. Constant-time.

        Raises `Refused`: E3302 for a token of the other environment, E3303 for an installation declared dead (403).
        """
        raise NotImplementedError

    def health(self, who: Identified | None) -> Health:
        """How the cloud is; of the caller's issuer when there is one: `epoch` and `ok` are about it."""
        raise NotImplementedError

    def recovered_by(self, who: Identified) -> bool:
        """Whether this installation has sent everything again since the last restore (health's ``recovered``)."""
        raise NotImplementedError

    # --- documents ---

    def submit(self, caller: Caller, key: str, submission: Submission, sha256: str) -> Outcome:
        """
        Take an unsigned document: number it, sign it, store it as prepared. `sha256` is of the draft, hexadecimal.

        STORED with its receipt; CONFLICT (``other_content``, ``already_confirmed``) with the receipt that exists;
        OVERTAKEN, FENCED, RESTORED; INVALID with remarks, kept for the attempt. Raises `Unavailable`; `Refused` for a
        submission in the name of another issuer.
        """
        raise NotImplementedError

    def confirm(self, caller: Caller, key: str, number: int, sha256: str) -> Outcome:
        """It was adopted: STORED, UNKNOWN, CONFLICT (other number or other signed bytes), FENCED, RESTORED."""
        raise NotImplementedError

    def hand_over(self, caller: Caller, key: str, document: HandOver, sha256: str) -> Outcome:
        """
        Take a signed document. `sha256` is of the signed bytes.

        STORED (`receipt.extra` when the key has another document: both are kept and alarmed), CONFLICT
        (``range_conflict``: the number is annulled or of another document), OVERTAKEN, RESTORED, INVALID. A lower
        epoch is stored as late.
        """
        raise NotImplementedError

    def void(self, caller: Caller, key: str, attempt: Attempt, reason: str) -> Outcome:
        """What was prepared will not be adopted: STORED without a receipt, CONFLICT with the document, OVERTAKEN..."""
        raise NotImplementedError

    def find(self, caller: Caller, key: str) -> Reply:
        """The document of a key of this installation: STORED, UNKNOWN, FENCED, RESTORED."""
        raise NotImplementedError

    def find_number(self, caller: Caller, doc_type: int, series: str, number: int) -> tuple[Receipt, ...] | Reply:
        """The documents of this installation with that number: none or one."""
        raise NotImplementedError

    def changes(self, caller: Caller, cursor: str, limit: int) -> Changes | Reply:
        """What changed since the cursor, in commit order, voided ones included. At most 500."""
        raise NotImplementedError

    def pull(self, caller: Caller, cursor: str, limit: int) -> Changes | Reply:
        """All documents of this installation, extra ones included, voided ones not. At most 500."""
        raise NotImplementedError

    def validate(self, caller: Caller, submission: Submission, sha256: str) -> Reply:
        """A dry run: STORED when it would be taken, INVALID with remarks. Changes nothing."""
        raise NotImplementedError

    def country(self, rut: str, branch: str = "") -> Country:
        """The law for this issuer, at that branch (its first without one): what representations are made with."""
        raise NotImplementedError

    # --- leases, epochs, numbers ---

    def take_lease(
        self, caller: Caller, doc_type: int, branch: str, size: int, idempotency_key: str
    ) -> Granted | Reply:
        """A slice of a CAE; the same one for the same key. INVALID with rule ``no_numbers``; `Unavailable`."""
        raise NotImplementedError

    def leases(self, caller: Caller) -> OpenLeases | Reply:
        """Open ones of this epoch, held ones of any."""
        raise NotImplementedError

    def held(self, caller: Caller, cae: str, first: int, last: int) -> Granted | Reply:
        """A range that the installation numbers from already. UNKNOWN CAE, CONFLICT ``range_conflict``."""
        raise NotImplementedError

    def close_lease(self, caller: Caller, lease: str, used: Sequence[int], voided: Sequence[int]) -> Lease | Reply:
        """What is not in `used` and has no document is annulled. Idempotent: the first closing counts. UNKNOWN."""
        raise NotImplementedError

    def raise_epoch(self, caller: Caller, machine: str, known: int) -> Raised | Reply:
        """Compare-and-set; the same machine gets the same epoch again."""
        raise NotImplementedError

    def recovered(self, caller: Caller, highest: Sequence[Highest]) -> Reply:
        """The installation has sent everything again after a restore; the last living one lets its issuer number."""
        raise NotImplementedError

    def numbers(self, rut: str) -> tuple[CaeFates, ...]:
        """Every number of every CAE of an issuer is exactly one of document, annulled, leased, doubtful, free."""
        raise NotImplementedError

    # --- acts of an administrator: `who` did it goes to the audit ---

    def keep_issuer(self, who: str, emisor: Mapping[str, Any], ajustes: Mapping[str, Any]) -> Issuer:
        """
        Add an issuer, a branch of it, or change one: fields of `countries.uy.emisor.Emisor` and `Ajustes`.

        One `sucursal` is one place: the same RUT with another `sucursal` adds a branch. Decimals as strings, `ui` as
        ``{"2026": "6.1690"}``. Raises `Rejected` for what cannot be.
        """
        raise NotImplementedError

    def issuers(self) -> tuple[Issuer, ...]:
        """All issuers with their branches, by RUT."""
        raise NotImplementedError

    def add_installation(self, who: str, rut: str, code: str) -> tuple[Installation, str]:
        """A new installation and its token, which is told this once. Raises `Rejected`: unknown issuer, code taken."""
        raise NotImplementedError

    def installations(self, rut: str | None = None) -> tuple[Installation, ...]:
        """All installations, or those of an issuer."""
        raise NotImplementedError

    def new_token(self, who: str, rut: str, code: str) -> str:
        """A further token; the earlier ones live until they are revoked."""
        raise NotImplementedError

    def revoke_tokens(self, who: str, rut: str, code: str, *, but_last: bool = False) -> int:
        """Revoke its tokens, all or all but the newest; gives how many."""
        raise NotImplementedError

    def declare_dead(self, who: str, rut: str, code: str, reason: str) -> None:
        """It will never speak again: its tokens are refused, its leased numbers are doubtful, nobody waits for it."""
        raise NotImplementedError

    def install_certificate(self, who: str, rut: str, pkcs12: bytes, password: bytes) -> InstalledCertificate:
        """The issuer's key from now on; sealed in the base. Raises `NeedsOperator`/`Rejected`."""
        raise NotImplementedError

    def know_certificate(self, who: str, rut: str, certificate: bytes) -> InstalledCertificate:
        """A certificate (DER, PEM) with which installations sign; without its key."""
        raise NotImplementedError

    def revoke_certificate(self, who: str, rut: str, fingerprint: str, reason: str) -> None:
        """It signs nothing from now on; what was signed with it before still counts."""
        raise NotImplementedError

    def certificates(self, rut: str | None = None) -> tuple[InstalledCertificate, ...]:
        """What is installed, newest first."""
        raise NotImplementedError

    def import_cae(self, who: str, rut: str, content: bytes) -> CaeFates:
        """A CAE file of DGI. Raises `Rejected`: not this issuer's, expired, overlapping, of the other environment."""
        raise NotImplementedError

    def annul_doubtful(
        self, who: str, rut: str, doc_type: int, series: str, numbers: Sequence[int], reason: str
    ) -> int:
        """Annul doubtful numbers, all or none. Raises `Rejected` when one of them is not doubtful."""
        raise NotImplementedError

    def alarms(self, rut: str | None = None) -> tuple[Alarm, ...]:
        """What an administrator must look at, newest first: what was raised and is not seen to, and what is due now."""
        raise NotImplementedError

    def dismiss_alarm(self, who: str, alarm: int, reason: str) -> None:
        """It was seen to."""
        raise NotImplementedError

    def audit(self, rut: str | None = None, limit: int = 200) -> tuple[Act, ...]:
        """Who did what, newest first."""
        raise NotImplementedError

    def declare_restored(self, who: str) -> str:
        """The base was restored from a copy, says a person: a new server_epoch, which is given. Servers are stopped."""
        raise NotImplementedError

    def close(self) -> None:
        """Write the watermark and let go of the base."""
        raise NotImplementedError
