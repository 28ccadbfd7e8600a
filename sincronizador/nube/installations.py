"""Installations of an issuer, their tokens and their epochs."""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select, update

from sincronizador.core.receipt import Reply
from sincronizador.errors import Refused, Rejected
from sincronizador.nube import codes, issuers, leases
from sincronizador.nube.caller import Caller, Identified
from sincronizador.nube.gate import restored
from sincronizador.nube.tables import base, installation, token

_TOKEN = re.compile(r"(prueba|produccion)\.[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """One installation, as an administrator sees it."""

    id: int
    rut: str
    code: str
    epoch: int
    recovered: bool
    """Whether it has sent everything again since the last restore."""
    dead: bool
    tokens: int
    """Living ones."""
    seen: datetime | None
    """When it raised its epoch last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """What became of the wish for a new epoch."""

    epoch: int
    """The installation's epoch now."""
    granted: bool
    """Whether it is the caller's; else 409 ``epoch_conflict``."""


def identify(db: Connection, secret: str, environment: str) -> Identified | None:
    """
    Whose token it is; None for a stranger's.

    A token is random, so its plain hash is kept, and found by it: how long that takes tells nothing of another token.
    Raises `Refused` E3302 for a token of the other environment, E3303 for an installation declared dead.
    """
    hashed = hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
    row = db.execute(_TOKEN_ROW, {"hash": hashed}).one_or_none()
    named = _TOKEN.fullmatch(secret)
    if row is None or row.revoked is not None or not hmac.compare_digest(row.sha256, hashed):
        if named is not None and named[1] != environment:
            raise codes.OTHER_ENVIRONMENT_TOKEN.at(del_token=named[1], ambiente=environment).as_error(Refused)
        return None
    if row.dead is not None:
        raise codes.DEAD.at(codigo=row.code).as_error(Refused)
    return Identified(installation=row.id, rut=row.rut, code=row.code)


def add(db: Connection, rut: str, code: str) -> Installation:
    """A new one. Raises `Rejected`: E3311 unknown issuer, E3314 the code is taken, E3315 it is no code."""
    issuers.find(db, rut)
    if re.fullmatch(r"[A-Za-z0-9_-]{1,8}", code) is None:
        raise codes.BAD_CODE.at(value=code).as_error(Rejected)
    if db.execute(select(installation.c.id).where(*_of(rut, code))).first():
        raise codes.INSTALLATION_EXISTS.at(rut=rut, value=code).as_error(Rejected)
    told = db.execute(select(base.c.server_epoch)).scalar_one()
    db.execute(insert(installation).values(rut=rut, code=code, epoch=0, machine="", recovered=told))
    return find(db, rut, code)


def give_token(db: Connection, installation_id: int, environment: str, now: datetime) -> str:
    """A further token; it is told this once."""
    secret = f"{environment}.{secrets.token_urlsafe(32)}"
    hashed = hashlib.sha256(secret.encode()).hexdigest()
    db.execute(insert(token).values(installation=installation_id, sha256=hashed, created=now))
    return secret


def revoke_tokens(db: Connection, installation_id: int, now: datetime, *, but_last: bool) -> int:
    """Revoke all of them, or all but the newest; gives how many."""
    living = select(token.c.id).where(token.c.installation == installation_id, token.c.revoked.is_(None))
    numbers = list(db.execute(living.order_by(token.c.id)).scalars())[: -1 if but_last else None]
    if numbers:
        db.execute(update(token).where(token.c.id.in_(numbers)).values(revoked=now))
    return len(numbers)


def find(db: Connection, rut: str, code: str) -> Installation:
    """One of them. Raises `Rejected` E3313."""
    row = db.execute(_listed().where(*_of(rut, code))).one_or_none()
    if row is None:
        raise codes.UNKNOWN_INSTALLATION.at(rut=rut, value=code).as_error(Rejected)
    return _told(row)


def all_of(db: Connection, rut: str | None) -> tuple[Installation, ...]:
    """All of an issuer, or all there are."""
    found = _listed().order_by(installation.c.rut, installation.c.id)
    return tuple(_told(row) for row in db.execute(found if rut is None else found.where(installation.c.rut == rut)))


def declare_dead(db: Connection, installation_id: int, now: datetime) -> None:
    """It will never speak again: its leased numbers are doubtful."""
    db.execute(update(installation).where(installation.c.id == installation_id).values(dead=now))
    leases.lose(db, installation_id, held=True)


def raise_epoch(
    db: Connection, caller: Caller, server_epoch: str, machine: str, known: int, now: datetime
) -> Raised | Reply:
    """
    A new epoch for a machine that knows the one before; the same one again for the same machine.

    It exceeds every epoch of an earlier server_epoch. The leases of before are lost: their numbers are doubtful.
    """
    if reply := restored(caller, server_epoch):
        return reply
    row = db.execute(select(installation).where(installation.c.id == caller.installation)).one()
    if machine and row.machine == machine:
        return Raised(epoch=row.epoch, granted=True)
    if row.epoch != known:
        return Raised(epoch=row.epoch, granted=False)
    epoch = max(row.epoch + 1, db.execute(select(base.c.epoch_floor)).scalar_one())
    db.execute(
        update(installation)
        .where(installation.c.id == caller.installation)
        .values(epoch=epoch, machine=machine, raised=now, run="", turn=0, refused=None)
    )
    leases.lose(db, caller.installation, held=False)
    return Raised(epoch=epoch, granted=True)


def set_recovered(db: Connection, installation_id: int, server_epoch: str) -> None:
    """It has sent everything again under this server_epoch."""
    db.execute(update(installation).where(installation.c.id == installation_id).values(recovered=server_epoch))


def _of(rut: str, code: str) -> tuple[Any, ...]:
    return installation.c.rut == rut, installation.c.code == code


def _listed() -> Any:
    living = (
        select(func.count())
        .where(token.c.installation == installation.c.id, token.c.revoked.is_(None))
        .scalar_subquery()
        .label("tokens")
    )
    told = select(base.c.server_epoch).scalar_subquery().label("server_epoch")
    return select(installation, living, told)


def _told(row: Row[Any]) -> Installation:
    return Installation(
        id=row.id, rut=row.rut, code=row.code, epoch=row.epoch, recovered=row.recovered == row.server_epoch,
        dead=row.dead is not None, tokens=row.tokens, seen=row.raised,
    )  # fmt: skip


_TOKEN_ROW = (
    select(
        token.c.sha256, token.c.revoked, installation.c.id, installation.c.rut, installation.c.code, installation.c.dead
    )
    .join(installation, installation.c.id == token.c.installation)
    .where(token.c.sha256 == bindparam("hash"))
)
