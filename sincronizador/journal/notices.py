"""Notices: news of the installation and of no sale, numbered with the others."""

import json
from collections.abc import Sequence

from sincronizador.core.answer import Block

from .journal import Tx, storable


def add(db: Tx, blocks: Sequence[Block]) -> int:
    """A notice is due. Returns its number."""
    text = json.dumps([(block.name, block.fields) for block in blocks], ensure_ascii=False)
    row = db.execute("INSERT INTO news (notice, written) VALUES (?, 0)", (storable(text),))
    return int(row.lastrowid or 0)


def due(db: Tx) -> list[tuple[int, tuple[Block, ...]]]:
    """What was not written yet, by number."""
    rows = db.execute("SELECT id, notice FROM news WHERE written = 0 ORDER BY id LIMIT 32").fetchall()
    return [(number, tuple(_block(*block) for block in json.loads(text))) for number, text in rows]


def set_written(db: Tx, number: int) -> None:
    """It lies in the folder."""
    db.execute("UPDATE news SET written = 1 WHERE id = ?", (number,))


def _block(name: str, fields: list[list[str]]) -> Block:
    return Block(name, tuple((key, value) for key, value in fields))
