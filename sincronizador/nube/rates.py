"""
Fiscal rates: how many pesos a foreign currency was worth at the close of a day.

They come from a table that a person imports, with its source; what is not in it is never guessed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from sincronizador.countries.uy.rates import Rates
from sincronizador.nube.tables import rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A quotation, and who says so."""

    currency: str
    day: date
    pesos: Decimal
    source: str


def keep(db: Connection, rates: Rates, source: str, now: datetime) -> None:
    """Keep them; one that is there already is replaced."""
    insert = pg_insert if db.dialect.name == "postgresql" else sqlite_insert
    for (currency, day), pesos in rates.items():
        fresh = {"pesos": str(pesos), "source": source, "imported": now}
        row = insert(rate).values(currency=currency, day=day, **fresh)
        db.execute(row.on_conflict_do_update(index_elements=["currency", "day"], set_=fresh))


def known(db: Connection) -> Rates:
    """All of them, for `fiscal_rate`."""
    return {(row.currency, row.day): Decimal(row.pesos) for row in db.execute(select(rate))}


def all_rates(db: Connection, limit: int) -> Iterator[Rate]:
    """Those that are known, the newest first."""
    found = select(rate).order_by(rate.c.day.desc(), rate.c.currency).limit(limit)
    for row in db.execute(found):
        yield Rate(currency=row.currency, day=row.day, pesos=Decimal(row.pesos), source=row.source)
