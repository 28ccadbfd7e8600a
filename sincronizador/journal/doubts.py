"""Doubts: sales that were answered with a document before this journal was restored, and that it does not have."""

from .journal import Tx, meta, remember

_NAME = "dudosa:"


def add(db: Tx, key: str, slug: str) -> None:
    """The sale of this key was answered with that document, whose bytes nobody here has."""
    remember(db, f"{_NAME}{key}", slug)


def answered_with(db: Tx, key: str) -> str:
    """The document that a sale was answered with and that is lost; empty when there is no such doubt."""
    return meta(db, f"{_NAME}{key}") if key else ""


def settle(db: Tx, key: str) -> None:
    """A person decided about it, or its document was found."""
    db.execute("DELETE FROM meta WHERE key = ?", (f"{_NAME}{key}",))


def count(db: Tx) -> int:
    """How many there are."""
    return int(db.execute("SELECT count(*) FROM meta WHERE key GLOB ?", (f"{_NAME}*",)).fetchone()[0])


def listed(db: Tx) -> list[tuple[str, str]]:
    """REFERENCIA, as it is compared, and document, of all of them."""
    rows = db.execute("SELECT key, value FROM meta WHERE key GLOB ? ORDER BY value, key", (f"{_NAME}*",))
    return [(key.removeprefix(_NAME), slug) for key, slug in rows]
