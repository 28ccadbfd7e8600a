"""Lotes in the journal: a job for the file, and below it one for each of its documents."""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sincronizador.core.answer import Estado
from sincronizador.core.finding import Finding
from sincronizador.core.job import Job, Step

from . import jobs, tasks
from .documents import load_anexo
from .journal import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How far a lote has come."""

    emitidos: int
    rechazados: int
    """Decided without a document: refused, withdrawn, discarded."""
    pendientes: int
    """Of those that are in the journal."""
    estados: frozenset[Estado]
    """Of its documents."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A document of a lote, as its CSV tells it."""

    part: int
    line: int
    name: str
    referencia: str
    estado: Estado
    motivo: str
    impresion: str
    findings: tuple[Finding, ...]
    tipo: int
    """0 while there is no document."""
    serie: str
    numero: int
    fecha: str
    moneda: str
    total: str
    extra: tuple[tuple[str, str], ...]


def add_part(db: Tx, part: Job, content: bytes) -> int:
    """A document of a lote; nobody decides it before it is its turn."""
    number = jobs.insert(db, part, content)
    tasks.add(db, number, Step.START, tasks.DECISION, state="waiting")
    return number


def part(db: Tx, lote: int, number: int) -> Job | None:
    """One of its documents, by its place from 1."""
    row = db.execute("SELECT id FROM job WHERE parent = ? AND part = ?", (lote, number)).fetchone()
    return jobs.get(db, row[0]) if row else None


def count_parts(db: Tx, lote: int) -> int:
    """How many of its documents are in the journal."""
    return int(db.execute("SELECT count(*) FROM job WHERE parent = ?", (lote,)).fetchone()[0])


def under_way(db: Tx) -> list[int]:
    """Lotes without a decision, oldest first; those that only follow another are not among them."""
    rows = db.execute("SELECT id FROM job WHERE kind = 'lote' AND decided = 0 AND follows IS NULL ORDER BY id")
    return [row[0] for row in rows]


def has_undecided(db: Tx, lote: int) -> bool:
    """Whether any of its documents waits for its decision."""
    found = db.execute("SELECT 1 FROM job WHERE parent = ? AND decided = 0 LIMIT 1", (lote,))
    return found.fetchone() is not None


def undecided(db: Tx, lote: int) -> list[Job]:
    """Its documents without a decision, in order."""
    rows = db.execute("SELECT id FROM job WHERE parent = ? AND decided = 0", (lote,)).fetchall()
    return [jobs.get(db, row[0]) for row in sorted(rows)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """Documents of a lote whose turn has come and that are not decided."""

    held: int
    """With those that pause before they are tried again."""
    due: int


def in_hand(db: Tx, now: float) -> dict[int, Hand]:
    """What is being decided, by lote."""
    rows = db.execute(
        "SELECT job.parent, count(*), sum(task.due <= ?) FROM task JOIN job ON job.id = task.job"
        " WHERE lane IN (?, ?) AND state = 'due' AND aside = 1 AND step IN (?, ?) AND job.parent IS NOT NULL"
        " GROUP BY job.parent",
        (now, tasks.DECISION, tasks.CLOUD, Step.START, Step.SUBMIT),
    )
    return {lote: Hand(held=held, due=due) for lote, held, due in rows}


def feed(db: Tx, lote: int, room: int) -> int:
    """It is the turn of a lote's next documents, at most so many; how many there were."""
    return db.execute(
        "UPDATE task SET state = 'due' WHERE id IN"
        " (SELECT task.id FROM job JOIN task ON task.job = job.id WHERE job.parent = ? AND job.decided = 0"
        " AND lane = ? AND step = ? AND state = 'waiting' ORDER BY job.id LIMIT ?)",
        (lote, tasks.DECISION, Step.START, room),
    ).rowcount


def end_waiting(db: Tx, lote: int, estado: Estado, finding: Finding, at: datetime) -> None:
    """Those whose turn has not come will never have one."""
    db.execute(
        "UPDATE job SET estado = ?, findings = ?, decided = 1, decided_at = ?, revision = revision + 1"
        " WHERE parent = ? AND decided = 0"
        " AND EXISTS (SELECT 1 FROM task WHERE task.job = job.id AND lane = ? AND step = ? AND state = 'waiting')",
        (estado, jobs.dump_findings([finding]), at.isoformat(), lote, tasks.DECISION, Step.START),
    )
    db.execute(
        "UPDATE task SET state = 'done' WHERE lane = ? AND step = ? AND state = 'waiting' AND state <> 'done'"
        " AND job IN (SELECT id FROM job WHERE parent = ?)",
        (tasks.DECISION, Step.START, lote),
    )


def tally(db: Tx, lote: int) -> Tally:
    """How many of its documents are where."""
    rows = db.execute("SELECT estado, count(*) FROM job WHERE parent = ? GROUP BY estado", (lote,))
    counts = {Estado(estado): count for estado, count in rows}
    return Tally(
        emitidos=sum(count for estado, count in counts.items() if estado.emitido),
        rechazados=sum(count for estado, count in counts.items() if estado.decided and not estado.emitido),
        pendientes=sum(count for estado, count in counts.items() if not estado.decided),
        estados=frozenset(counts),
    )


def rows_of(db: Tx, lote: int) -> list[Row]:
    """Its documents in order; those that are answered with an earlier document show that one."""
    rows = db.execute(
        "SELECT job.part, job.line, job.name, job.referencia, job.estado, job.motivo, job.impresion, job.findings,"
        " document.tipo, document.serie, document.numero, document.fecha, document.moneda, document.total,"
        " document.anexo FROM job LEFT JOIN document ON document.job = coalesce(job.follows, job.id)"
        " WHERE job.parent = ? ORDER BY job.part",
        (lote,),
    )
    return [_row(row) for row in rows]


def have_moved(db: Tx) -> bool:
    """Whether anything below a lote is not told yet."""
    found = db.execute("SELECT 1 FROM job WHERE parent IS NOT NULL AND written < revision LIMIT 1")
    return found.fetchone() is not None


def bring_up(db: Tx) -> list[int]:
    """
    What moved below lotes becomes due in their answers; the documents that are news.

    Once a lote's decision is told its table stays as it is: what then asks for action is told by itself.
    """
    moved = "SELECT DISTINCT parent FROM job WHERE parent IS NOT NULL AND written < revision"
    news: list[int] = []
    for (parent,) in db.execute(moved).fetchall():
        published = db.execute("SELECT published FROM job WHERE id = ?", (parent,)).fetchone()[0]
        if published:
            notable = "SELECT id FROM job WHERE parent = ? AND written < revision AND notable = 1 ORDER BY id"
            news += [row[0] for row in db.execute(notable, (parent,)).fetchall()]
        else:
            db.execute("UPDATE job SET revision = revision + 1 WHERE id = ?", (parent,))
        db.execute(
            "UPDATE job SET written = revision, notable = 0"
            " WHERE parent = ? AND written < revision AND NOT (notable AND ?)",
            (parent, published),
        )
    return news


def _row(row: Sequence[Any]) -> Row:
    part, line, name, referencia, estado, motivo, impresion, findings, tipo, *document = row
    serie, numero, fecha, moneda, total, anexo = document if tipo else ("", 0, "", "", "", "")
    return Row(
        part=part,
        line=line,
        name=os.fsdecode(name),
        referencia=referencia,
        estado=Estado(estado),
        motivo=motivo,
        impresion=impresion,
        findings=tuple(Finding(**found) for found in json.loads(findings)),
        tipo=tipo or 0,
        serie=serie,
        numero=numero,
        fecha=fecha,
        moneda=moneda,
        total=total,
        extra=load_anexo(anexo).extra if anexo else (),
    )
