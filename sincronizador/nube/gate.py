"""
Who may do what now: the checks that come before every call, in the transaction of the call.

The first statement of every transaction that writes for an issuer raises ``issuer.seq``. That locks the issuer's row
until the commit, so on PostgreSQL too its numbers are given one after another, and `seq` is the order of commits.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, case, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from sincronizador.core.finding import Finding
from sincronizador.core.receipt import Attempt, Receipt, Remark, Reply, Said
from sincronizador.errors import Refused
from sincronizador.nube import codes
from sincronizador.nube.caller import Caller
from sincronizador.nube.tables import Moment, attempt, base, installation, issuer

KIND = "documento"
BACKWARDS = timedelta(minutes=5)
"""How far the clock may lie before the latest time at which something was written for the issuer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """An admitted call: its transaction, and what holds in it."""

    db: Connection
    caller: Caller
    now: datetime
    """In the zone of the law."""
    server_epoch: str
    seq: int
    """Of this transaction, in the issuer's order of commits."""
    recovering: bool
    """The issuer waits for its installations after a restore: nothing is numbered."""
    late: bool
    """It comes from a machine that was replaced: its papers are kept, nothing is numbered."""
    contingency: bool
    """The last that was heard of the installation is that it signs by itself."""
    latest: datetime
    """The latest time at which something was written for the issuer: `now`, unless the clock went back."""

    @property
    def went_back(self) -> bool:
        """The clock shows a time that has passed: nothing is numbered."""
        return self.now < self.latest - BACKWARDS


def refused(said: Said, code: str, finding: Finding, receipt: Receipt | None = None) -> Reply:
    """A verdict with its sentence."""
    return Reply(said=said, code=code, message=finding.message, receipt=receipt)


def invalid(*remarks: Remark) -> Reply:
    """422."""
    return Reply(said=Said.INVALID, code="invalid", message=remarks[0].message, remarks=remarks)


def remark(finding: Finding) -> Remark:
    """A finding as the wire tells it."""
    return Remark(field=finding.field or "", rule=finding.code, message=finding.message)


def restored(caller: Caller, server_epoch: str) -> Reply | None:
    """425 for a caller that does not know of the last restore."""
    if caller.server_epoch == server_epoch:
        return None
    return refused(Said.RESTORED, "server_restored", codes.RESTORED.at())


@dataclass(frozen=True, slots=True)
class Turn:
    """A transaction's place in the issuer's order."""

    seq: int
    recovering: bool
    latest: datetime


def touch(db: Connection, rut: str, now: datetime, *, vouched: bool = False) -> Turn:
    """Lock the issuer until the commit. `vouched`: somebody says that `now` is right, whatever was written before."""
    row = db.execute(_TOUCH_ANEW if vouched else _TOUCH, {"of": rut, "at": now}).one()
    return Turn(row.seq, row.recovering, row.touched.astimezone(now.tzinfo))


def clock_back(rut: str, now: datetime, latest: datetime) -> Finding:
    """Why nothing is numbered while the clock shows a time that has passed."""
    return codes.CLOCK_BACK.at(
        rut=rut, ahora=f"{now:%d/%m/%Y %H:%M}", antes=f"{latest.astimezone(now.tzinfo):%d/%m/%Y %H:%M}"
    )


def admit(
    db: Connection, caller: Caller, server_epoch: str, now: datetime, *, vouched: bool, papers: bool = False
) -> Call | Reply:
    """
    The call, its issuer locked, or FENCED, or STALE. `papers`: also a replaced machine may say it, as late.

    An epoch above the known one is taken over: the base was restored. Raises `Refused` E3303 for a dead installation.
    """
    turn = touch(db, caller.rut, now, vouched=vouched)
    if db.execute(_SERVER_EPOCH).scalar_one() != server_epoch:
        # Declared restored by another server of this base; `health` will tell.
        return refused(Said.RESTORED, "server_restored", codes.RESTORED.at())
    known, run, contingency = _standing(db, caller)
    late = caller.epoch < known or caller.fenced
    if late and not papers:
        return _fenced(caller)
    if not late and _is_stale(caller, run):
        return _stale(caller)
    if caller.epoch > known:
        db.execute(
            update(installation)
            .where(installation.c.id == caller.installation)
            .values(epoch=caller.epoch, machine="", run="")
        )
    return Call(
        db=db, caller=caller, now=now, server_epoch=server_epoch, seq=turn.seq, recovering=turn.recovering,
        late=late, latest=turn.latest, contingency=contingency,
    )  # fmt: skip


def look(db: Connection, caller: Caller) -> Reply | None:
    """FENCED for a reader that was replaced, STALE for a copy of the one that goes on; None: it may read."""
    known, run, _ = _standing(db, caller)
    if caller.epoch < known or caller.fenced:
        return _fenced(caller)
    return _stale(caller) if _is_stale(caller, run) else None


def fence(call: Call, key: str, wanted: Attempt) -> Reply | None:
    """
    Keep the attempt when it is the highest one of its key, also of a key that is not known; 410 when it is lower.

    What is kept stays kept whatever becomes of the call. A late call is not fenced and fences nobody.
    """
    if call.late:
        return None
    of = {"installation": call.caller.installation, "kind": KIND, "key": key}
    row = call.db.execute(_ATTEMPT, of).one_or_none()
    seen = Attempt(row.epoch, row.counter) if row else None
    if seen is not None and wanted < seen:
        return refused(Said.OVERTAKEN, "attempt_overtaken", codes.OVERTAKEN.at(clave=key))
    if seen is None or wanted > seen:
        keep = pg_insert if call.db.dialect.name == "postgresql" else sqlite_insert
        fresh = {"epoch": wanted.epoch, "counter": wanted.counter, "refusal": ""}
        call.db.execute(keep(attempt).values(of | fresh).on_conflict_do_update(index_elements=list(of), set_=fresh))
    return None


def refusal_of(call: Call, key: str) -> str:
    """What the highest attempt of the key was refused with; empty when it was not."""
    of = {"installation": call.caller.installation, "kind": KIND, "key": key}
    return call.db.execute(_ATTEMPT, of).one().refusal or ""


def keep_refusal(call: Call, key: str, refusal: str) -> None:
    """The highest attempt of the key is refused for ever with this."""
    call.db.execute(
        update(attempt)
        .where(attempt.c.installation == call.caller.installation, attempt.c.kind == KIND, attempt.c.key == key)
        .values(refusal=refusal)
    )


def _standing(db: Connection, caller: Caller) -> tuple[int, str, bool]:
    """The epoch of the installation, its run, and whether it signs by itself."""
    row = db.execute(_INSTALLATION, {"id": caller.installation}).one()
    if row.dead is not None:
        raise codes.DEAD.at(codigo=caller.code).as_error(Refused)
    return int(row.epoch), row.run, bool(row.contingency_open)


def _is_stale(caller: Caller, run: str) -> bool:
    return bool(caller.run and run) and caller.run != run


def _stale(caller: Caller) -> Reply:
    return refused(Said.STALE, "run_overtaken", codes.RUN_OVERTAKEN.at(codigo=caller.code))


def _fenced(caller: Caller) -> Reply:
    return refused(Said.FENCED, "epoch_overtaken", codes.EPOCH_OVERTAKEN.at(codigo=caller.code))


_AT = bindparam("at", type_=Moment())
_LOCKED = update(issuer).where(issuer.c.rut == bindparam("of"))
_TOUCHED = (issuer.c.seq, issuer.c.recovering, issuer.c.touched)
_TOUCH_ANEW = _LOCKED.values(seq=issuer.c.seq + 1, touched=_AT).returning(*_TOUCHED)
_TOUCH = _LOCKED.values(
    seq=issuer.c.seq + 1, touched=case((issuer.c.touched < _AT, _AT), else_=issuer.c.touched)
).returning(*_TOUCHED)
_SERVER_EPOCH = select(base.c.server_epoch)
_INSTALLATION = select(
    installation.c.epoch, installation.c.run, installation.c.dead, installation.c.contingency_open
).where(installation.c.id == bindparam("id"))
_ATTEMPT = select(attempt.c.epoch, attempt.c.counter, attempt.c.refusal).where(
    attempt.c.installation == bindparam("installation"),
    attempt.c.kind == bindparam("kind"),
    attempt.c.key == bindparam("key"),
)
