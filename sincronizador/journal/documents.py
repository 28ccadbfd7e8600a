"""Numbers and signed documents: a number is given once for ever, in the commit that keeps what was signed with it."""

import json
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sincronizador.core import codes
from sincronizador.core.emitido import Anexo, Emitido
from sincronizador.core.numbering import Folio, Rango
from sincronizador.errors import Rejected

from .journal import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """A range as it stands."""

    rango: Rango
    siguiente: int
    importado: datetime

    @property
    def left(self) -> int:
        """Numbers not yet given."""
        return self.rango.hasta - self.siguiente + 1


def add_range(db: Tx, rango: Rango, archivo: bytes, at: datetime) -> None:
    """Keep an authorised range. Raises `Rejected` when any number of it is in another range already."""
    overlap = db.execute(
        "SELECT cae FROM rango WHERE tipo = ? AND serie = ? AND desde <= ? AND hasta >= ?",
        (rango.tipo, rango.serie, rango.hasta, rango.desde),
    ).fetchone()
    if overlap:
        raise codes.OVERLAPPING_RANGE.at(
            tipo=rango.tipo, serie=rango.serie, desde=rango.desde, hasta=rango.hasta, cae=overlap[0]
        ).as_error(Rejected)
    db.execute(
        "INSERT INTO rango (cae, tipo, serie, desde, hasta, siguiente, vence, especial, causal, importado, archivo)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (rango.id, rango.tipo, rango.serie, rango.desde, rango.hasta, rango.desde, rango.vence.isoformat(),
         rango.especial, rango.causal, at.isoformat(), archivo),
    )  # fmt: skip


def take_number(db: Tx, tipo: int, today: date) -> Folio | None:
    """The next number of a type from the range that expires first; None when there is none that may be used today."""
    row = db.execute(
        "UPDATE rango SET siguiente = siguiente + 1 WHERE id ="
        " (SELECT id FROM rango WHERE tipo = ? AND siguiente <= hasta AND vence >= ? ORDER BY vence, id LIMIT 1)"
        " RETURNING cae, tipo, serie, desde, hasta, vence, especial, causal, siguiente - 1",
        (tipo, today.isoformat()),
    ).fetchone()
    return Folio(rango=_rango(row), numero=row[8]) if row else None


def stocks(db: Tx) -> list[Stock]:
    """All ranges, by type and age."""
    rows = db.execute(
        "SELECT cae, tipo, serie, desde, hasta, vence, especial, causal, siguiente, importado"
        " FROM rango ORDER BY tipo, vence, id"
    )
    return [
        Stock(rango=_rango(row), siguiente=row[8], importado=datetime.fromisoformat(row[9])) for row in rows.fetchall()
    ]


def keep(db: Tx, job: int, emitido: Emitido) -> None:
    """The signed bytes and their annex; T2 of the walk. Raises sqlite3.IntegrityError for a number given before."""
    db.execute(
        "INSERT INTO document (job, tipo, serie, numero, fecha, firmado_en, moneda, total, anexo, signed)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            job,
            emitido.tipo,
            emitido.serie,
            emitido.numero,
            emitido.fecha.isoformat(),
            emitido.firmado.isoformat(),
            emitido.moneda,
            str(emitido.total),
            json.dumps(asdict(emitido.anexo), ensure_ascii=False),
            emitido.signed,
        ),
    )


def signed(db: Tx, job: int) -> tuple[bytes, Anexo] | None:
    """The signed bytes of a job and their annex."""
    row = db.execute("SELECT signed, anexo FROM document WHERE job = ?", (job,)).fetchone()
    if row is None:
        return None
    anexo = json.loads(row[1])
    pairs = {name: tuple((key, value) for key, value in anexo[name]) for name in ("extra", "pagos")}
    return bytes(row[0]), Anexo(adenda=anexo["adenda"], correo=anexo["correo"], **pairs)


def slug_of(db: Tx, job: int) -> str:
    """The natural key of a job's document, ``101-A-1234``, or the empty string."""
    row = db.execute("SELECT tipo, serie, numero FROM document WHERE job = ?", (job,)).fetchone()
    return f"{row[0]}-{row[1]}-{row[2]}" if row else ""


def count_by_type(db: Tx) -> dict[int, int]:
    """How many documents of each type."""
    return dict(db.execute("SELECT tipo, count(*) FROM document GROUP BY tipo ORDER BY tipo").fetchall())


def _rango(row: tuple[str, int, str, int, int, str, str, str]) -> Rango:
    cae, tipo, serie, desde, hasta, vence, especial, causal = row[:8]
    return Rango(
        id=cae,
        tipo=tipo,
        serie=serie,
        desde=desde,
        hasta=hasta,
        vence=date.fromisoformat(vence),
        especial=especial,
        causal=causal,
    )
