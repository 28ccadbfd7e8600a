"""Papers: every sheet that was meant to leave a printer, with its intent and its outcome."""

from dataclasses import dataclass
from datetime import datetime

from sincronizador.core.job import Impresion

from .journal import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One sheet."""

    id: int
    job: int
    document: int
    ordinal: int
    printer: str
    copia: bool
    """Asked for as a copy."""
    intents: int
    """How many times it was about to leave; more than none without an outcome means that it may be on paper already."""
    outcome: Impresion | None
    detail: str

    @property
    def half_done(self) -> bool:
        """Whether it may lie in the printer already."""
        return self.intents > 0


def add(db: Tx, *, job: int, document: int, printer: str, papers: int, copia: bool) -> None:
    """The sheets of a job: the first as asked, the further ones copies."""
    db.executemany(
        "INSERT INTO paper (job, document, ordinal, printer, copia) VALUES (?, ?, ?, ?, ?)",
        [(job, document, ordinal, printer, int(copia or ordinal > 0)) for ordinal in range(papers)],
    )


def add_one(db: Tx, *, job: int, printer: str, copia: bool) -> None:
    """One more sheet of a document, asked for by a person."""
    db.execute(
        "INSERT INTO paper (job, document, ordinal, printer, copia)"
        " SELECT ?, ?, coalesce(max(ordinal) + 1, 0), ?, ? FROM paper WHERE job = ?",
        (job, job, printer, int(copia), job),
    )


def pending(db: Tx, job: int) -> Paper | None:
    """The next sheet of a job without an outcome."""
    row = db.execute(
        "SELECT id, job, document, ordinal, printer, copia, intents, outcome, detail FROM paper"
        " WHERE job = ? AND outcome = '' ORDER BY ordinal LIMIT 1",
        (job,),
    ).fetchone()
    return _paper(row) if row else None


def intend(db: Tx, paper: int, at: datetime) -> None:
    """T4: the sheet is about to leave."""
    db.execute("UPDATE paper SET intents = intents + 1, at = ? WHERE id = ?", (at.isoformat(), paper))


def withdraw(db: Tx, paper: int) -> None:
    """Certainly nothing left: the intent never happened."""
    db.execute("UPDATE paper SET intents = intents - 1 WHERE id = ?", (paper,))


def mark_all(db: Tx) -> None:
    """After a restore: what was about to leave may have left since. What is still to come says COPIA."""
    db.execute("UPDATE paper SET copia = 1 WHERE outcome = ''")


def conclude(db: Tx, paper: int, outcome: Impresion, detail: str, at: datetime) -> None:
    """T5: what became of it."""
    db.execute(
        "UPDATE paper SET outcome = ?, detail = ?, at = ? WHERE id = ?", (outcome, detail, at.isoformat(), paper)
    )


def of_document(db: Tx, document: int) -> list[Paper]:
    """Every sheet that shows a document, in order."""
    rows = db.execute(
        "SELECT id, job, document, ordinal, printer, copia, intents, outcome, detail FROM paper"
        " WHERE document = ? ORDER BY id",
        (document,),
    )
    return [_paper(row) for row in rows]


def doubtful(db: Tx) -> int:
    """How many sheets nobody knows about."""
    return int(db.execute("SELECT count(*) FROM paper WHERE outcome = 'DUDOSO'").fetchone()[0])


def _paper(row: tuple[int, int, int, int, str, int, int, str, str]) -> Paper:
    id_, job, document, ordinal, printer, copia, intents, outcome, detail = row
    return Paper(
        id=id_,
        job=job,
        document=document,
        ordinal=ordinal,
        printer=printer,
        copia=bool(copia),
        intents=intents,
        outcome=Impresion(outcome) if outcome else None,
        detail=detail,
    )
