"""Leases: ranges of the cloud from which numbers are given here."""

from datetime import date, datetime

from sincronizador.core.numbering import Rango
from sincronizador.core.receipt import Lease

from .documents import Stock, stocks
from .journal import Tx


def ask(db: Tx, tipo: int, size: int, idem: str) -> tuple[int, str]:
    """The open wish for a lease of a type: its size and its random key, kept before it leaves; the first one stays."""
    db.execute("INSERT OR IGNORE INTO lease_ask (tipo, size, idem) VALUES (?, ?, ?)", (tipo, size, idem))
    row = db.execute("SELECT size, idem FROM lease_ask WHERE tipo = ?", (tipo,)).fetchone()
    return row[0], row[1]


def forget_ask(db: Tx, tipo: int) -> None:
    """The wish was answered."""
    db.execute("DELETE FROM lease_ask WHERE tipo = ?", (tipo,))


def add(db: Tx, lease: Lease, at: datetime) -> bool:
    """Keep a lease; one that is known already changes nothing. False when numbers of it are in another range here."""
    if db.execute("SELECT 1 FROM rango WHERE lease = ?", (lease.id,)).fetchone():
        return True
    overlap = "SELECT 1 FROM rango WHERE tipo = ? AND serie = ? AND primero <= ? AND ultimo >= ? AND closing <> 'lost'"
    if db.execute(overlap, (lease.tipo, lease.serie, lease.hasta, lease.desde)).fetchone():
        return False
    db.execute(
        "INSERT INTO rango (cae, tipo, serie, desde, hasta, primero, ultimo, siguiente, vence, especial,"
        " causal, importado, archivo, lease) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, x'', ?)",
        (lease.cae, lease.tipo, lease.serie, lease.cae_desde, lease.cae_hasta, lease.desde, lease.hasta, lease.desde,
         lease.vence.isoformat(), lease.especial, lease.causal, at.isoformat(), lease.id),
    )  # fmt: skip
    return True


def own_ranges(db: Tx) -> list[Stock]:
    """Own CAEs that the cloud was not told of."""
    return [stock for stock in stocks(db) if not stock.lease and not stock.closing]


def set_held(db: Tx, stock: Stock, lease: str) -> None:
    """The cloud knows an own CAE by this name, and what was signed with it is handed over under it."""
    db.execute("UPDATE rango SET lease = ? WHERE id = ?", (lease, stock.id))
    db.execute(
        "UPDATE document SET lease = ? WHERE lease = '' AND tipo = ? AND serie = ? AND numero BETWEEN ? AND ?",
        (lease, stock.rango.tipo, stock.rango.serie, stock.primero, stock.ultimo),
    )


def close(db: Tx, stock: Stock) -> None:
    """No number of it is ever given again; the cloud is told after this is committed."""
    db.execute("UPDATE rango SET closing = 'due' WHERE id = ? AND closing = ''", (stock.id,))


def closed(db: Tx, stock: Stock) -> None:
    """The cloud knows that it is closed."""
    db.execute("UPDATE rango SET closing = 'done' WHERE id = ?", (stock.id,))


def lose_all(db: Tx) -> None:
    """A new epoch: no range of before is ever used again, for nobody knows what was numbered from it since."""
    db.execute("UPDATE rango SET closing = 'lost' WHERE closing IN ('', 'due')")
    db.execute("DELETE FROM lease_ask")


def unconfirmed(db: Tx) -> list[Stock]:
    """Own CAEs that nothing is numbered from until a person says up to where they were used before a restore."""
    return [stock for stock in stocks(db) if stock.closing == "lost" and not stock.lease and stock.rest]


def distrust(db: Tx, rango: Rango) -> None:
    """Nobody knows what was numbered from an own CAE before it was imported: a person says so first."""
    db.execute("UPDATE rango SET closing = 'lost' WHERE cae = ? AND tipo = ? AND lease = ''", (rango.id, rango.tipo))


def confirm(db: Tx, stock: Stock, last: int) -> None:
    """A person knows that nothing above `last` was numbered from it."""
    db.execute("UPDATE rango SET closing = '', siguiente = max(siguiente, ? + 1) WHERE id = ?", (last, stock.id))


def pass_documents(db: Tx) -> None:
    """No number that has a document here is given again."""
    db.execute(
        "UPDATE rango SET siguiente = max(siguiente, 1 + coalesce((SELECT max(numero) FROM document"
        " WHERE document.tipo = rango.tipo AND document.serie = rango.serie"
        " AND numero BETWEEN primero AND ultimo), 0))"
    )


def pass_by(db: Tx, tipo: int, serie: str, numero: int) -> None:
    """A number that was given elsewhere, or before, is not given here again."""
    db.execute(
        "UPDATE rango SET siguiente = max(siguiente, ? + 1)"
        " WHERE tipo = ? AND serie = ? AND primero <= ? AND ultimo >= ?",
        (numero, tipo, serie, numero, numero),
    )


def used(db: Tx, stock: Stock) -> tuple[int, ...]:
    """The numbers of a range that have a document here."""
    rows = db.execute(
        "SELECT numero FROM document WHERE tipo = ? AND serie = ? AND numero BETWEEN ? AND ? AND superseded_by IS NULL"
        " ORDER BY numero",
        (stock.rango.tipo, stock.rango.serie, stock.primero, stock.ultimo),
    )
    return tuple(row[0] for row in rows)


def usable(db: Tx, today: date) -> dict[int, int]:
    """Numbers left in leases, by type."""
    left: dict[int, int] = {}
    for stock in stocks(db):
        if stock.lease and stock.rango.vence >= today:
            left[stock.rango.tipo] = left.get(stock.rango.tipo, 0) + stock.left
    return left
