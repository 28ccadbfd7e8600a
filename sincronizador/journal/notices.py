"""Notices: news of the installation and of no sale, numbered with the others."""

import json
from collections.abc import Sequence

from sincronizador.core.answer import Block

from .journal import Tx, storable


def add(db: Tx, blocks: Sequence[Block]) -> int:
    """A notice is due. Returns its number."""
    row = db.execute("INSERT INTO news (notice, written) VALUES (?, 0)", (to_text(blocks),))
    return int(row.lastrowid or 0)


def due(db: Tx) -> list[tuple[int, tuple[Block, ...]]]:
    """What was not written yet, by number."""
    rows = db.execute("SELECT id, notice FROM news WHERE written = 0 ORDER BY id LIMIT 32").fetchall()
    return [(number, from_text(text)) for number, text in rows]


def set_written(db: Tx, number: int) -> None:
    """It lies in the folder."""
    db.execute("UPDATE news SET written = 1 WHERE id = ?", (number,))


def to_text(blocks: Sequence[Block]) -> str:
    """Blocks as they are kept."""
    return storable(json.dumps([(block.name, block.fields) for block in blocks], ensure_ascii=False))


def from_text(text: str) -> tuple[Block, ...]:
    """The blocks that were kept."""
    return tuple(_block(*block) for block in json.loads(text))


def _block(name: str, fields: list[list[str]]) -> Block:
    return Block(name, tuple((key, value) for key, value in fields))
