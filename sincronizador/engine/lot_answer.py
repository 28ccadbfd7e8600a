"""What a lote is answered: how far it has come, and a table with a line for each of its documents."""

from collections.abc import Iterator, Sequence

from sincronizador import files
from sincronizador.core.finding import Finding
from sincronizador.core.job import Job, Kind
from sincronizador.folders.answers import table_name
from sincronizador.folders.table import render_table
from sincronizador.journal import lots
from sincronizador.journal.journal import Tx
from sincronizador.journal.lots import Row

from .ending import documents_of
from .house import House

COLUMNS = (
    "N", "LINEA", "REFERENCIA", "ESTADO", "EMITIDO", "TIPO", "SERIE", "NUMERO", "FECHA", "MONEDA", "A_PAGAR",
    "IMPRESION", "CODIGO", "LINEA_ERROR", "CAMPO", "MENSAJE", "ARCHIVO", "EXTRA",
)  # fmt: skip
"""Of the table, in order. Further ones come at the end."""


def fields(house: House, db: Tx, job: Job, lote: Job) -> list[tuple[str, str]]:
    """The counts in the answer of a job that is answered with a lote."""
    tally, count = lots.tally(db, lote.id), documents_of(lote)
    rejected = count - tally.emitidos if lote.estado.decided else tally.rechazados
    return [
        ("RECIBIDOS", str(count)),
        ("EMITIDOS", str(tally.emitidos)),
        ("RECHAZADOS", str(rejected)),
        ("PENDIENTES", str(count - tally.emitidos - rejected)),
        ("CSV", table_name(job.name, house.form(job))),
    ]


def opened(job: Job) -> Job | None:
    """The job, if it is a lote with documents to tell of."""
    return job if job.kind is Kind.LOTE and documents_of(job) else None


def has_issued(db: Tx, lote: Job) -> bool:
    """Whether any of its documents exists."""
    return lots.tally(db, lote.id).emitidos > 0


def table(db: Tx, job: Job, lote: Job) -> bytes:
    """The CSV beside the answer of a job that is answered with a lote."""
    return render_table([COLUMNS, *(_cells(row) for row in lots.rows_of(db, lote.id))], job.encoding)


def _cells(row: Row) -> Sequence[str]:
    finding = next((each for each in row.findings if each.is_error), next(iter(row.findings), None))
    document = (str(row.tipo), row.serie, str(row.numero), row.fecha, row.moneda, row.total)
    return (
        str(row.part),
        str(row.line),
        row.referencia,
        row.estado,
        "SI" if row.estado.emitido else "NO",
        *(document if row.tipo else ("",) * len(document)),
        row.impresion if row.tipo else "",
        finding.code if finding else "0",
        str(finding.line) if finding and finding.line is not None else "",
        (finding.field or "") if finding else "",
        " ".join(_told(row, finding)),
        files.printable(row.name),
        "|".join(f"{name}={value}" for name, value in row.extra),
    )


def _told(row: Row, finding: Finding | None) -> Iterator[str]:
    if finding is not None:
        yield finding.message
    errors = sum(each.is_error for each in row.findings)
    if errors > 1:
        yield f"Tiene {errors} errores."
