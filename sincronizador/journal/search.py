"""Sales found by what a person knows of them, newest first, a page at a time; no question reads a table to its end."""

import os
import time
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sincronizador.core.answer import Estado
from sincronizador.core.job import Impresion, Kind

from . import documents
from .jobs import stem_key
from .journal import Tx, storable

SALES = (Kind.DOCUMENTO, Kind.ILEGIBLE, Kind.LOTE, Kind.ANULAR)
"""What a person calls a sale; the others ask for something about one."""
_WINDOW = 4_000
"""Rows of the journal that one question looks at."""
_MOST = 500
"""Rows that a text may name."""
_LAST = "\U0010ffff"
_COLUMNS = (
    "job.id, job.kind, job.name, job.till, job.claimed_at, job.referencia, job.estado, job.motivo, job.impresion,"
    " job.parent, job.part, document.tipo, document.serie, document.numero, document.moneda, document.total,"
    " document.receptor"
)
_FROM = "FROM job LEFT JOIN document ON document.job = job.id"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is looked for; what is empty does not matter."""

    text: str = ""
    """A number (``1234``, ``A 1234``, ``101-A-1234``), the beginning of a REFERENCIA or of a file's name, a RUT."""
    first: date | None = None
    """The day on which it arrived, or later."""
    last: date | None = None
    least: Decimal | None = None
    most: Decimal | None = None
    estados: tuple[Estado, ...] = ()
    till: str = ""
    lote: int = 0
    """Only the documents of this lote."""
    before: int = 0
    """Only rows before this one: where the last page ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A sale in a list."""

    id: int
    kind: Kind
    name: str
    till: str
    claimed_at: datetime
    referencia: str
    estado: Estado
    motivo: str
    impresion: Impresion
    parent: int | None
    part: int
    tipo: int
    serie: str
    numero: int
    """0 without a document."""
    moneda: str
    total: Decimal | None
    receptor: str


@dataclass(frozen=True, slots=True)
class Page:
    """A page of them."""

    rows: tuple[Found, ...]
    next: int
    """`Wanted.before` of the page that follows; 0 after the last."""
    looked_at_all: bool = True
    """False: the time was over before the page was full, and older ones may be there."""


def search(db: Tx, wanted: Wanted, size: int, seconds: float = 0.6) -> Page:
    """
    The next page. Each question to the database is short, and looks at rows of one stretch.

    A day is found by halving: rows are in the order in which they arrived, but for a clock that was put back.
    """
    if wanted.lote:
        return _parts(db, wanted, size)
    where, args = _filters(wanted)
    if wanted.text:
        return _named(db, wanted, where, args, size)
    low = first_of(db, wanted.first) if wanted.first else 1
    high = first_of(db, date.fromordinal(wanted.last.toordinal() + 1)) - 1 if wanted.last else _newest(db)
    high = min(high, wanted.before - 1) if wanted.before else high
    deadline, rows = time.monotonic() + seconds, list[Found]()
    while high >= low:
        bottom = max(low, high - _WINDOW + 1)
        asked = f"SELECT {_COLUMNS} {_FROM} WHERE job.id BETWEEN ? AND ? {where} ORDER BY job.id DESC LIMIT ?"
        rows += map(_found, db.execute(asked, (bottom, high, *args, size + 1 - len(rows))).fetchall())
        if len(rows) > size:
            return Page(tuple(rows[:size]), rows[size - 1].id)
        high = bottom - 1
        if time.monotonic() > deadline and high >= low:
            return Page(tuple(rows), bottom, looked_at_all=False)
    return Page(tuple(rows), 0)


def _parts(db: Tx, wanted: Wanted, size: int) -> Page:
    where, args = _filters(wanted)
    asked = f"SELECT {_COLUMNS} {_FROM} WHERE job.parent = ? AND job.part > ? {where} ORDER BY job.part LIMIT ?"
    rows = [_found(row) for row in db.execute(asked, (wanted.lote, wanted.before, *args, size + 1))]
    return Page(tuple(rows[:size]), rows[size - 1].part if len(rows) > size else 0)


def _named(db: Tx, wanted: Wanted, where: str, args: Sequence[object], size: int) -> Page:
    named = sorted(_candidates(db, wanted.text), reverse=True)
    named = [job for job in named if not wanted.before or job < wanted.before]
    rows: list[Found] = []
    asked = f"SELECT {_COLUMNS} {_FROM} WHERE job.id = ? {where}"
    for job in named:
        if (row := db.execute(asked, (job, *args)).fetchone()) and _in_days(found := _found(row), wanted):
            rows.append(found)
        if len(rows) > size:
            return Page(tuple(rows[:size]), rows[size - 1].id)
    return Page(tuple(rows), 0)


def _in_days(found: Found, wanted: Wanted) -> bool:
    day = found.claimed_at.date()
    return (wanted.first is None or day >= wanted.first) and (wanted.last is None or day <= wanted.last)


def _filters(wanted: Wanted) -> tuple[str, list[object]]:
    """What every row must be, beside where it is looked for."""
    args: list[object] = [*SALES]
    # Files that repeat a sale or joined it are told on its page.
    found = [f"job.kind IN ({_marks(SALES)}) AND job.only_check = 0 AND job.follows IS NULL"]
    if wanted.estados:
        found.append(f"job.estado IN ({_marks(wanted.estados)})")
        args += wanted.estados
    if wanted.till:
        found.append("upper(job.till) = ?")
        args.append(storable(wanted.till.upper()))
    for limit, sign in ((wanted.least, ">="), (wanted.most, "<=")):
        if limit is not None:
            found.append(f"CAST(document.total AS REAL) {sign} ?")
            args.append(float(limit))
    return "".join(f" AND {one}" for one in found), args


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))


def _candidates(db: Tx, text: str) -> set[int]:
    """The rows that a text may mean, by every index that knows one; a repeated file means the sale that it repeats."""
    text = storable(unicodedata.normalize("NFC", text).strip())
    key, stem = text.upper(), stem_key(text)
    head = stem_key(text.rpartition(".")[0] or text)
    found = {
        row[0]
        for kind in (Kind.DOCUMENTO, Kind.LOTE)
        for row in db.execute(
            "SELECT id FROM job WHERE kind = ? AND key <> '' AND key BETWEEN ? AND ? LIMIT ?",
            (kind, key, key + _LAST, _MOST),
        )
    }
    named = "SELECT coalesce(follows, id) FROM job WHERE stem BETWEEN ? AND ? LIMIT ?"
    found |= {row[0] for row in db.execute(named, (stem, stem + _LAST, _MOST))}
    found |= {row[0] for row in db.execute(named, (head, head, _MOST))}
    digits = "".join(letter for letter in text if letter.isalnum())
    received = "SELECT job FROM document WHERE receptor = ? AND receptor <> '' ORDER BY job DESC LIMIT ?"
    found |= {row[0] for row in db.execute(received, (digits.upper(), _MOST))}
    return found | _numbered(db, text)


def _numbered(db: Tx, text: str) -> set[int]:
    """The documents of a number, with its type and series or without."""
    words = text.upper().replace("-", " ").split()
    if not words or not words[-1].isdigit() or len(words[-1]) > 9 or not words[-1].isascii() or len(words) > 3:
        return set()
    asked = "SELECT job FROM document WHERE tipo = ? AND serie = ? AND numero = ? AND superseded_by IS NULL"
    return {
        row[0]
        for tipo, serie in documents.series(db)
        if len(words) < 2 or serie == words[-2] or str(tipo) == words[-2]
        if len(words) < 3 or str(tipo) == words[0]
        for row in db.execute(asked, (tipo, serie, int(words[-1])))
    }


def _newest(db: Tx) -> int:
    return int(db.execute("SELECT coalesce(max(id), 0) FROM job").fetchone()[0])


def first_of(db: Tx, day: date) -> int:
    """The first row of that day; the one after the newest when there is none."""
    low, high = 1, _newest(db) + 1
    while low < high:
        middle = (low + high) // 2
        row = db.execute("SELECT id, today FROM job WHERE id >= ? ORDER BY id LIMIT 1", (middle,)).fetchone()
        if row is None or row[1] >= day.isoformat():
            high = middle
        else:
            low = row[0] + 1
    return low


def _found(row: Sequence[Any]) -> Found:
    (id_, kind, name, till, claimed_at, referencia, estado, motivo, impresion, parent, part, tipo, serie, numero,
     moneda, total, receptor) = row  # fmt: skip
    return Found(
        id=id_,
        kind=Kind(kind),
        name=os.fsdecode(name),
        till=till,
        claimed_at=datetime.fromisoformat(claimed_at),
        referencia=referencia,
        estado=Estado(estado),
        motivo=motivo,
        impresion=Impresion(impresion),
        parent=parent,
        part=part,
        tipo=tipo or 0,
        serie=serie or "",
        numero=numero or 0,
        moneda=moneda or "",
        total=Decimal(total) if total is not None else None,
        receptor=receptor or "",
    )
