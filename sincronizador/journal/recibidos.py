"""Documents that other issuers made out to ours: which states of which are still to be left for the legacy system."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sincronizador.core.answer import Block

from . import notices
from .journal import Tx, meta, remember

_CURSOR = "recibidos"
_AT_ONCE = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """A state of a document that is still to be written."""

    slug: str
    estado: str
    name: str
    """Of its files, without extension."""
    blocks: tuple[Block, ...]
    signed: bytes = field(repr=False)
    """Empty where the document itself was written before."""


def cursor(db: Tx) -> str:
    """Up to where the cloud told; empty at the beginning."""
    return meta(db, _CURSOR)


def keep_cursor(db: Tx, reached: str) -> None:
    """The cloud told up to here."""
    remember(db, _CURSOR, reached)


def is_known(db: Tx, slug: str, estado: str | None = None) -> bool:
    """Whether that document is here, in that state."""
    found = "SELECT 1 FROM received WHERE slug = ? AND (? IS NULL OR estado = ?)"
    return db.execute(found, (slug, estado, estado)).fetchone() is not None


def add(db: Tx, left: Left) -> None:
    """It is to be written."""
    values = (left.slug, left.estado, left.name, notices.to_text(left.blocks), left.signed)
    db.execute("INSERT INTO received (slug, estado, name, page, signed) VALUES (?, ?, ?, ?, ?)", values)


def due(db: Tx) -> Sequence[Left]:
    """What was not written yet, in the order in which it came."""
    found = "SELECT slug, estado, name, page, signed FROM received WHERE written = 0 ORDER BY rowid LIMIT ?"
    return [
        Left(slug=slug, estado=estado, name=name, blocks=notices.from_text(page), signed=signed)
        for slug, estado, name, page, signed in db.execute(found, (_AT_ONCE,))
    ]


def set_written(db: Tx, left: Left) -> None:
    """It lies in the folder: of it only the name is kept."""
    of = (left.slug, left.estado)
    db.execute("UPDATE received SET written = 1, page = '', signed = x'' WHERE slug = ? AND estado = ?", of)
