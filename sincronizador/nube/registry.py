"""
DGI's register of electronic issuers, kept here: whole the first time, then what changed, once a day.

One for the whole cloud, whichever issuer asks. Where DGI does not tell it, what is kept goes on being used: nothing
else waits for it, and it waits for nothing else.
"""

import itertools
import logging
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from sincronizador.authorities.door import Fault
from sincronizador.countries.uy.consultas import EmisorElectronico, parse_emisores
from sincronizador.errors import SincronizadorError
from sincronizador.logs import event
from sincronizador.nube import filers
from sincronizador.nube.clerk import Clerk
from sincronizador.nube.tables import receiver, register

EVERY = timedelta(days=1)
OVERLAP = timedelta(days=2)
"""Of what changed it is asked again how it was so long before the last time: clocks differ, and days end."""

_ROW = 1
_CHUNK = 500
"""Entries in one transaction: a till does not wait for the whole register."""
_LOCK = "registro de emisores"

log = logging.getLogger(__name__)


def sweep(clerk: Clerk, rut: str) -> bool:
    """Ask for the register as `rut`, when it is due and nobody is at it; there is never more at once."""
    with clerk.store.alone(_LOCK) as is_mine:
        with clerk.store.reading() as db:
            row, now = of(db), clerk.now()
        if not is_mine or not is_due(row, now):
            return False
        try:
            said = clerk.line(rut).issuers(_since(row))
            if isinstance(said, Fault):
                _stumble(clerk, f"DGI contestó {said.code} ({said.description})")
                return False
            _keep(clerk, parse_emisores(said), now)
        except SincronizadorError as exc:
            # The base's own troubles come back from here.
            _stumble(clerk, str(exc))
            return False
        fine = {"tries": 0, "due": None, "trouble": "", "trouble_since": None}
        _note(clerk, whole=now if row is None or row.whole is None else row.whole, asked=now, **fine)
    event(log, "register", rut=rut)
    return False


def of(db: Connection) -> Row[Any] | None:
    """How it was asked for; None when nobody did."""
    return db.execute(select(register).where(register.c.id == _ROW)).one_or_none()


def is_due(row: Row[Any] | None, now: datetime) -> bool:
    """Whether it is asked for now."""
    if row is None:
        return True
    if row.due is not None and not filers.is_over(row.due, now):
        return False
    return row.asked is None or not timedelta() <= now - row.asked < EVERY


def is_known(db: Connection) -> bool:
    """Whether it was told once."""
    row = of(db)
    return row is not None and row.whole is not None


def find(db: Connection, rut: str) -> EmisorElectronico | None:
    """An electronic issuer, as it is registered."""
    row = db.execute(select(receiver).where(receiver.c.rut == rut)).one_or_none()
    if row is None:
        return None
    return EmisorElectronico(
        rut=row.rut, denominacion=row.name, desde=row.since, hasta=row.until, correo=row.mail,
        web_service=row.web_service,
    )  # fmt: skip


def _since(row: Row[Any] | None) -> date | None:
    if row is None or row.whole is None:
        return None
    last: datetime = row.asked
    return (last - OVERLAP).date()


def _keep(clerk: Clerk, told: Iterable[EmisorElectronico], now: datetime) -> None:
    """All of them, some at a time; of one that is told twice, as after an end and a new beginning, the later."""
    newest: dict[str, EmisorElectronico] = {}
    for one in told:
        before = newest.get(one.rut)
        if before is None or (one.desde or date.min) >= (before.desde or date.min):
            newest[one.rut] = one
    entries = iter(newest.values())
    while chunk := list(itertools.islice(entries, _CHUNK)):
        with clerk.store.writing() as db:
            insert = pg_insert if db.dialect.name == "postgresql" else sqlite_insert
            fresh = insert(receiver).values([_values(one, now) for one in chunk])
            taken = {name: fresh.excluded[name] for name in _values(chunk[0], now) if name != "rut"}
            db.execute(fresh.on_conflict_do_update(index_elements=["rut"], set_=taken))


def _values(one: EmisorElectronico, now: datetime) -> Mapping[str, Any]:
    return {
        "rut": one.rut, "name": one.denominacion, "since": one.desde, "until": one.hasta, "mail": one.correo,
        "web_service": one.web_service, "asked": now,
    }  # fmt: skip


def _stumble(clerk: Clerk, trouble: str) -> None:
    """It is asked for again after a while, longer each time."""
    with clerk.store.reading() as db:
        row, now = of(db), clerk.now()
    tries = row.tries if row is not None else 0
    since = row.trouble_since if row is not None and row.trouble_since is not None else now
    pause = filers.pause_after(tries, filers.LONGEST_WAIT)
    _note(clerk, tries=tries + 1, due=now + pause, trouble=trouble, trouble_since=since)
    event(log, "register", level=logging.WARNING, trouble=trouble)


def _note(clerk: Clerk, **values: Any) -> None:
    with clerk.store.writing() as db:
        insert = pg_insert if db.dialect.name == "postgresql" else sqlite_insert
        fresh = {"id": _ROW, "tries": 0, "trouble": "", **values}
        db.execute(insert(register).values(fresh).on_conflict_do_update(index_elements=["id"], set_=values))
