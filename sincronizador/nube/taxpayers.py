"""
Taxpayers: asked of the authority with the certificate of whoever asks, and kept for when there is no line.

No transaction is open while the authority thinks.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from sincronizador.authorities.door import Fault
from sincronizador.core.contribuyente import Consulta, Fuente
from sincronizador.core.finding import Finding
from sincronizador.countries.uy.codes import BAD_RUT
from sincronizador.countries.uy.rut import check_rut
from sincronizador.countries.uy.taxpayer import is_final, parse_taxpayer, refusal
from sincronizador.countries.uy.tipos import ZONE
from sincronizador.errors import Rejected, SincronizadorError, Unanswered, Unavailable
from sincronizador.nube import codes
from sincronizador.nube.certificates import Pens
from sincronizador.nube.offices import Offices
from sincronizador.nube.store import Store
from sincronizador.nube.tables import taxpayer

COUNTRY = "uy"
FRESH = timedelta(days=1)
"""What the authority said so lately is not asked again."""
PATIENCE = 5.0
"""Seconds for an answer of the authority: somebody waits at a till."""
AT_ONCE = 8
"""Questions under way: a slow authority does not take the threads of sales."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Word:
    """What the authority said, and when."""

    document: bytes | None
    fault: Fault | None
    asked: datetime


class Taxpayers:
    """The look-up. Threads may share it."""

    def __init__(self, store: Store, pens: Pens, offices: Offices | None, clock: Callable[[], datetime]) -> None:
        """Without `offices` only what is kept is told."""
        self._store = store
        self._pens = pens
        self._offices = offices
        self._clock = clock
        self._room = threading.BoundedSemaphore(AT_ONCE)

    def look_up(self, issuer: str, rut: str) -> Consulta | Finding | None:
        """
        What is known of a taxpayer, asked as `issuer`; or why the authority says nothing of it.

        None where nothing is known and nobody is ever asked. Raises `Unavailable` when nobody can say anything now:
        no line and nothing kept.
        """
        if not check_rut(rut):
            return BAD_RUT.at(field="RUT", value=rut)
        with self._store.reading() as db:
            kept = _kept(db, rut)
        now = self._clock()
        if kept is not None and timedelta() <= now - kept.asked < FRESH:
            return _told(kept, rut, Fuente.CACHE, without_line=False)
        if self._offices is None:
            return _told(kept, rut, Fuente.CACHE, without_line=True) if kept is not None else None
        try:
            word = self._asked(self._offices, issuer, rut, now)
        except SincronizadorError as error:
            if kept is None:
                raise Unavailable("not_ready", str(error)) from error
            return _told(kept, rut, Fuente.CACHE, without_line=True)
        with self._store.writing() as db:
            _keep(db, rut, word)
        return _told(word, rut, Fuente.DGI, without_line=False)

    def _asked(self, offices: Offices, issuer: str, rut: str, now: datetime) -> _Word:
        """The authority's word about `rut`. Raises an error of the family for anything else."""
        with self._store.reading() as db:
            identity = self._pens.identity(db, issuer, environment=self._store.environment, now=now)
        if isinstance(identity, Unavailable):
            raise identity
        if not self._room.acquire(blocking=False):
            raise codes.LOOKUPS_BUSY.at().as_error(Unavailable)
        try:
            said = offices.client(identity, patience=PATIENCE).taxpayer(rut)
        finally:
            self._room.release()
        if isinstance(said, Fault):
            if not is_final(said.code):
                raise refusal(said.code, said.description, rut).as_error(Unanswered)
            return _Word(document=None, fault=said, asked=now)
        if (found := parse_taxpayer(said).rut) != rut:
            # An answer is not bound to its question: it may be an old one about somebody else.
            raise codes.OTHER_TAXPAYER.at(value=rut, detalle=found).as_error(Rejected)
        return _Word(document=said, fault=None, asked=now)


def _told(word: _Word, rut: str, source: Fuente, *, without_line: bool) -> Consulta | Finding:
    if word.fault is not None:
        return refusal(word.fault.code, word.fault.description, rut)
    return Consulta(
        contribuyente=parse_taxpayer(word.document or b""),
        fuente=source,
        consultado=word.asked.astimezone(ZONE),
        sin_linea=without_line,
    )


def _kept(db: Connection, rut: str) -> _Word | None:
    row: Row[Any] | None = db.execute(
        select(taxpayer).where(taxpayer.c.country == COUNTRY, taxpayer.c.number == rut)
    ).one_or_none()
    if row is None:
        return None
    fault = Fault(code=row.fault, description=row.fault_text, detail="") if row.fault is not None else None
    return _Word(document=row.document, fault=fault, asked=row.asked)


def _keep(db: Connection, rut: str, word: _Word) -> None:
    insert = pg_insert if db.dialect.name == "postgresql" else sqlite_insert
    of = {"country": COUNTRY, "number": rut}
    fresh = {
        "asked": word.asked,
        "document": word.document,
        "fault": word.fault.code if word.fault else None,
        "fault_text": word.fault.description if word.fault else "",
    }
    db.execute(insert(taxpayer).values(of | fresh).on_conflict_do_update(index_elements=list(of), set_=fresh))
