"""The documents of some days, as closings and listings tell them, and the tables that wait for their answer."""

import os
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sincronizador.core.answer import Estado
from sincronizador.core.closing import Issued
from sincronizador.core.job import Kind

from .journal import Tx, meta, remember

_COLUMNS = (
    "job.till, job.referencia, job.key, document.tipo, document.serie, document.numero, document.fecha,"
    " document.firmado_en, document.moneda, document.total, document.receptor, job.estado, job.impresion, job.name"
)
_INFORMS_SINCE = "informa_desde"
"""The FECHA of the first document of which the cloud said that the authority has it."""


def between(db: Tx, first: date, last: date, till: str) -> list[Issued]:
    """What has a FECHA of these days and was dropped for this till (upper case; empty: any), by day and number."""
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM document JOIN job ON job.id = document.job"  # noqa: S608 - our own columns
        " WHERE document.superseded_by IS NULL AND document.fecha BETWEEN ? AND ? AND ? IN ('', upper(job.till))"
        " ORDER BY document.fecha, document.tipo, document.serie, document.numero",
        (first.isoformat(), last.isoformat(), till),
    )
    return [_issued(row) for row in rows.fetchall()]


def of_job(db: Tx, job: int) -> Issued | None:
    """The document of a job."""
    row = db.execute(
        f"SELECT {_COLUMNS} FROM document JOIN job ON job.id = document.job WHERE document.job = ?",  # noqa: S608
        (job,),
    ).fetchone()
    return _issued(row) if row else None


def last_informed(db: Tx, today: date) -> date | None:
    """The newest day, of the last two weeks, of which a document went in a daily report that was accepted."""
    row = db.execute(
        "SELECT document.fecha FROM document JOIN job ON job.id = document.job WHERE superseded_by IS NULL"
        " AND fecha BETWEEN ? AND ? AND job.estado = ? ORDER BY fecha DESC LIMIT 1",
        ((today - timedelta(days=14)).isoformat(), today.isoformat(), Estado.INFORMADO),
    ).fetchone()
    return date.fromisoformat(row[0]) if row else None


def begin_informing(db: Tx, job: int) -> None:
    """The cloud said of this document that the authority has it. Only the first one counts."""
    if not meta(db, _INFORMS_SINCE):
        [fecha] = db.execute("SELECT fecha FROM document WHERE job = ?", (job,)).fetchone()
        remember(db, _INFORMS_SINCE, fecha)


def uninformed(db: Tx, first: date, last: date) -> date | None:
    """
    The day of the oldest document of these days that the cloud had by the last of them, and the authority has not yet.

    Nothing that was dropped before the first document of which the cloud ever said so; None where it never did.
    """
    since = meta(db, _INFORMS_SINCE)
    if not since:
        return None
    until = last.isoformat()
    row = db.execute(
        "SELECT fecha FROM job JOIN document ON document.job = job.id"
        # As the index has it; and what the cloud had by then was dropped by then.
        " WHERE estado = 'ENVIADO' AND today BETWEEN ? AND ? AND superseded_by IS NULL"
        " AND fecha <= ? AND substr(acked_at, 1, 10) <= ? ORDER BY today LIMIT 1",
        (max(first.isoformat(), since), until, until, until),
    ).fetchone()
    return date.fromisoformat(row[0]) if row else None


def pending(db: Tx, before: int, till: str) -> int:
    """Files that arrived before this job, may become documents and are not decided."""
    found = db.execute(
        "SELECT count(*) FROM job WHERE decided = 0 AND id < ? AND only_check = 0 AND follows IS NULL"
        " AND kind IN (?, ?, ?) AND ? IN ('', upper(till))",
        (before, Kind.DOCUMENTO, Kind.LOTE, Kind.ILEGIBLE, till),
    )
    return int(found.fetchone()[0])


def keep_table(db: Tx, job: int, table: bytes) -> None:
    """The table of an answer, as it was when the job was decided."""
    db.execute("INSERT INTO listing VALUES (?, ?)", (job, table))


def table_of(db: Tx, job: int) -> bytes:
    """The table of an answer; empty once it was written."""
    row = db.execute("SELECT bytes FROM listing WHERE job = ?", (job,)).fetchone()
    return bytes(row[0]) if row else b""


def drop_tables(db: Tx, jobs: Iterable[int]) -> None:
    """They lie in their folder."""
    db.executemany("DELETE FROM listing WHERE job = ?", [(job,) for job in jobs])


def _issued(row: Sequence[Any]) -> Issued:
    till, referencia, key, tipo, serie, numero, fecha, firmado, moneda, total, receptor, estado, impresion, name = row
    return Issued(
        till=till,
        referencia=referencia,
        key=key,
        tipo=tipo,
        serie=serie,
        numero=numero,
        fecha=date.fromisoformat(fecha),
        firmado=firmado,
        moneda=moneda,
        total=Decimal(total),
        receptor=receptor,
        estado=Estado(estado),
        impresion=impresion,
        name=os.fsdecode(name),
    )
