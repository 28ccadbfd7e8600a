"""Numbers and signed documents: a number is given once for ever, in the commit that keeps what was signed with it."""

import hashlib
import json
from collections.abc import Iterator, Sequence
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

    id: int
    rango: Rango
    """As documents print it."""
    primero: int
    ultimo: int
    """The numbers that may be given here: all of the range, or a lease's slice of it."""
    siguiente: int
    importado: datetime
    lease: str
    """The cloud's name for it; empty for an own CAE that no cloud knows of."""
    closing: str
    """Empty while it is in use; ``due``: closed here, the cloud is to be told; ``done``; ``lost`` with an epoch."""

    @property
    def left(self) -> int:
        """Numbers that may still be given."""
        return 0 if self.closing else self.rest

    @property
    def rest(self) -> int:
        """Numbers not yet given, whether they may be or not."""
        return self.ultimo - self.siguiente + 1


def add_range(db: Tx, rango: Rango, archivo: bytes, at: datetime) -> None:
    """Keep an authorised range. Raises `Rejected` when any number of it is in another range already."""
    overlap = db.execute(
        "SELECT cae FROM rango WHERE tipo = ? AND serie = ? AND primero <= ? AND ultimo >= ?",
        (rango.tipo, rango.serie, rango.hasta, rango.desde),
    ).fetchone()
    if overlap:
        raise codes.OVERLAPPING_RANGE.at(
            tipo=rango.tipo, serie=rango.serie, desde=rango.desde, hasta=rango.hasta, cae=overlap[0]
        ).as_error(Rejected)
    db.execute(
        "INSERT INTO rango (cae, tipo, serie, desde, hasta, primero, ultimo, siguiente, vence, especial, causal,"
        " importado, archivo) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (rango.id, rango.tipo, rango.serie, rango.desde, rango.hasta, rango.desde, rango.hasta, rango.desde,
         rango.vence.isoformat(), rango.especial, rango.causal, at.isoformat(), archivo),
    )  # fmt: skip


def range_of(db: Tx, archivo: bytes) -> str | None:
    """The number of the CAE that was imported from these very bytes."""
    row = db.execute("SELECT cae FROM rango WHERE archivo = ? LIMIT 1", (archivo,)).fetchone()
    return str(row[0]) if row else None


def take_number(db: Tx, tipo: int, today: date, *, leased: bool = False) -> tuple[Folio, str] | None:
    """
    The next number of a type, and its lease, from the range that expires first; None when none may be used today.

    `leased`: only from ranges that the cloud knows of, for it numbers from the others.
    """
    row = db.execute(
        "UPDATE rango SET siguiente = siguiente + 1 WHERE id = (SELECT id FROM rango WHERE tipo = ? AND"
        " siguiente <= ultimo AND vence >= ? AND closing = '' AND (lease <> '' OR NOT ?) ORDER BY vence, id LIMIT 1)"
        " RETURNING cae, tipo, serie, desde, hasta, vence, especial, causal, siguiente - 1, lease",
        (tipo, today.isoformat(), int(leased)),
    ).fetchone()
    return (Folio(rango=_rango(row), numero=row[8]), row[9]) if row else None


def stocks(db: Tx) -> list[Stock]:
    """All ranges, by type and age."""
    rows = db.execute(
        "SELECT cae, tipo, serie, desde, hasta, vence, especial, causal, id, primero, ultimo, siguiente, importado,"
        " lease, closing FROM rango ORDER BY tipo, vence, id"
    )
    return [
        Stock(
            id=row[8],
            rango=_rango(row),
            primero=row[9],
            ultimo=row[10],
            siguiente=row[11],
            importado=datetime.fromisoformat(row[12]),
            lease=row[13],
            closing=row[14],
        )
        for row in rows.fetchall()
    ]


def telling(stocks: Sequence[Stock], today: date) -> list[Stock]:
    """Those that numbers can be taken from today; of a type without any, its last one, which tells why."""
    usable = [stock for stock in stocks if stock.left > 0 and stock.rango.vence >= today]
    served = {stock.rango.tipo for stock in usable}
    last = {stock.rango.tipo: stock for stock in stocks if stock.rango.tipo not in served}
    return [stock for stock in stocks if stock in usable or stock is last.get(stock.rango.tipo)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a document's number is from and with which attempt it was adopted or signed; nothing without a cloud."""

    lease: str = ""
    epoch: int = 0
    counter: int = 0
    episode: int | None = None
    """The contingencia in which it was signed here."""
    acked_at: datetime | None = None
    """Since when the cloud has it for good."""


def keep(db: Tx, job: int, emitido: Emitido, origin: Origin) -> None:
    """The signed bytes and their annex; T2 of the walk. Raises sqlite3.IntegrityError for a number given before."""
    db.execute(
        "INSERT INTO document (job, tipo, serie, numero, fecha, firmado_en, moneda, total, anexo, signed,"
        " lease, epoch, counter, episode, acked_at, receptor) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            job,
            emitido.tipo,
            emitido.serie,
            emitido.numero,
            emitido.fecha.isoformat(),
            emitido.firmado.isoformat(),
            emitido.moneda,
            str(emitido.total),
            dump_anexo(emitido.anexo),
            emitido.signed,
            origin.lease,
            origin.epoch,
            origin.counter,
            origin.episode,
            origin.acked_at.isoformat() if origin.acked_at else None,
            emitido.receptor,
        ),
    )


def supersede(db: Tx, job: int, by: int) -> None:
    """The document of a job gives its number to the corrected one of another, which is kept next."""
    db.execute("UPDATE document SET superseded_by = ? WHERE job = ?", (by, job))


def dump_anexo(anexo: Anexo) -> str:
    """An annex as JSON."""
    return json.dumps(asdict(anexo), ensure_ascii=False)


def load_anexo(text: str) -> Anexo:
    """An annex from its JSON."""
    anexo = json.loads(text)
    pairs = {name: tuple((key, value) for key, value in anexo[name]) for name in ("extra", "pagos")}
    return Anexo(adenda=anexo["adenda"], correo=anexo["correo"], **pairs)


def origin(db: Tx, job: int) -> Origin:
    """Where the document of a job is from. Raises KeyError."""
    row = db.execute("SELECT lease, epoch, counter, episode, acked_at FROM document WHERE job = ?", (job,)).fetchone()
    if row is None:
        raise KeyError(job)
    acked_at = datetime.fromisoformat(row[4]) if row[4] else None
    return Origin(lease=row[0], epoch=row[1], counter=row[2], episode=row[3], acked_at=acked_at)


def sha256(signed_bytes: bytes) -> str:
    """Of a document's bytes, hexadecimal."""
    return hashlib.sha256(signed_bytes).hexdigest()


def acknowledge(db: Tx, job: int, at: datetime) -> None:
    """The cloud has it."""
    db.execute("UPDATE document SET acked_at = coalesce(acked_at, ?) WHERE job = ?", (at.isoformat(), job))


def lease_of(db: Tx, tipo: int, serie: str, numero: int) -> str:
    """The cloud's name for the range that a number is from, whoever signed with it; empty when it knows of none."""
    row = db.execute(
        "SELECT lease FROM rango WHERE tipo = ? AND serie = ? AND primero <= ? AND ultimo >= ? AND lease <> ''",
        (tipo, serie, numero, numero),
    ).fetchone()
    return str(row[0]) if row else ""


def forget_acks(db: Tx, since: datetime | None) -> list[int]:
    """After a restore of the cloud: what it acknowledged since then it may have lost. The jobs, oldest first."""
    rows = db.execute(
        "UPDATE document SET acked_at = NULL WHERE acked_at >= ? AND superseded_by IS NULL RETURNING job",
        (since.isoformat() if since else "",),
    )
    return sorted(row[0] for row in rows.fetchall())


def is_acked(db: Tx, job: int) -> bool:
    """Whether the cloud has the document of a job."""
    return db.execute("SELECT 1 FROM document WHERE job = ? AND acked_at IS NOT NULL", (job,)).fetchone() is not None


def count_unsent(db: Tx) -> int:
    """How many are due to be handed over; not those of an own CAE of which the cloud does not know yet."""
    row = db.execute(
        "SELECT count(*) FROM task JOIN document ON document.job = task.job JOIN job ON job.id = task.job"
        " WHERE task.step = 'hand_over' AND task.state = 'due'"
        " AND (document.lease <> '' OR job.route IN ('nube', 'papel'))"
    ).fetchone()
    return int(row[0])


def highest(db: Tx) -> list[tuple[int, str, int]]:
    """The highest number of each type and series that is known here, of documents and of ranges in use; no paper's."""
    rows = db.execute(
        "SELECT tipo, serie, max(numero) FROM (SELECT tipo, serie, numero FROM document"
        " JOIN job ON job.id = document.job WHERE job.route <> 'papel'"
        " UNION ALL SELECT tipo, serie, ultimo FROM rango WHERE lease <> '') GROUP BY tipo, serie ORDER BY tipo, serie"
    )
    return [(tipo, serie, numero) for tipo, serie, numero in rows]


def signed(db: Tx, job: int) -> tuple[bytes, Anexo] | None:
    """The signed bytes of a job and their annex."""
    row = db.execute("SELECT signed, anexo FROM document WHERE job = ?", (job,)).fetchone()
    return (bytes(row[0]), load_anexo(row[1])) if row else None


def newest_of(db: Tx, receptor: str) -> int | None:
    """The job of the newest document to a receiver, by the number of its document."""
    row = db.execute("SELECT max(job) FROM document WHERE receptor = ? AND receptor <> ''", (receptor,)).fetchone()
    return None if row is None else row[0]


def type_of(db: Tx, job: int) -> int:
    """The type of a job's document; 0 without one."""
    row = db.execute("SELECT tipo FROM document WHERE job = ?", (job,)).fetchone()
    return int(row[0]) if row else 0


def slug_of(db: Tx, job: int) -> str:
    """The natural key of a job's document, ``101-A-1234``, or the empty string."""
    row = db.execute("SELECT tipo, serie, numero FROM document WHERE job = ?", (job,)).fetchone()
    return f"{row[0]}-{row[1]}-{row[2]}" if row else ""


def newest(db: Tx) -> str:
    """The natural key of the newest sale's document; empty without any."""
    newest_job = "SELECT tipo, serie, numero FROM document WHERE job = (SELECT max(job) FROM document)"
    row = db.execute(newest_job).fetchone()
    return f"{row[0]}-{row[1]}-{row[2]}" if row else ""


def count_of_day(db: Tx, day: date) -> int:
    """How many documents bear that date."""
    counted = "SELECT count(*) FROM document WHERE fecha = ? AND superseded_by IS NULL"
    return int(db.execute(counted, (day.isoformat(),)).fetchone()[0])


def series(db: Tx) -> Iterator[tuple[int, str]]:
    """Every type and series that there is: a leap of the index for each, and not all of it."""
    counts, first = "FROM document WHERE superseded_by IS NULL AND", "ORDER BY tipo, serie LIMIT 1"
    within = f"SELECT tipo, serie {counts} tipo = ? AND serie > ? {first}"
    beyond = f"SELECT tipo, serie {counts} tipo > ? {first}"
    kind = (0, "")
    while (row := db.execute(within, kind).fetchone() or db.execute(beyond, kind[:1]).fetchone()) is not None:
        kind = row
        yield kind


def count_by_type(db: Tx) -> dict[int, int]:
    """How many documents of each type."""
    counted = "SELECT tipo, count(*) FROM document WHERE superseded_by IS NULL GROUP BY tipo ORDER BY tipo"
    return dict(db.execute(counted).fetchall())


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
