"""Papers: every sheet that was meant to leave a printer, with its intent and its outcome."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sincronizador.core.job import Impresion

from .journal import Tx, storable


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
    via: str
    """The name that it carries as one of a document's further papers: ``DEPOSITO``."""
    meant: str
    """The station that it was for, when another one took it over."""
    since: datetime | None
    """From when on its age counts; None for those of before there was one."""

    @property
    def half_done(self) -> bool:
        """Whether it may lie in the printer already."""
        return self.intents > 0

    @property
    def is_first(self) -> bool:
        """Whether it is what its document's sale was answered for."""
        return self.job == self.document and self.ordinal == 0


_COLUMNS = "id, job, document, ordinal, printer, copia, intents, outcome, detail, via, meant, since"


def add(
    db: Tx, *, job: int, document: int, printer: str, papers: int, copia: bool, since: datetime, via: str = ""
) -> None:
    """More sheets of a job: the first as asked, the further ones copies."""
    (start,) = db.execute("SELECT coalesce(max(ordinal) + 1, 0) FROM paper WHERE job = ?", (job,)).fetchone()
    db.executemany(
        "INSERT INTO paper (job, document, ordinal, printer, copia, via, since) VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (job, document, start + place, printer, int(copia or place > 0), storable(via), since.isoformat())
            for place in range(papers)
        ],
    )


def pending(db: Tx, job: int, printer: str) -> Paper | None:
    """The next sheet of a job at a station, without an outcome."""
    row = db.execute(
        f"SELECT {_COLUMNS} FROM paper WHERE job = ? AND printer = ? AND outcome = ''"  # noqa: S608 - our own columns
        " ORDER BY ordinal LIMIT 1",
        (job, printer),
    ).fetchone()
    return _paper(row) if row else None


def stations(db: Tx, job: int) -> list[str]:
    """Where sheets of a job are still to come out, in the order of the sheets."""
    rows = db.execute("SELECT printer FROM paper WHERE job = ? AND outcome = '' ORDER BY ordinal", (job,))
    return list(dict.fromkeys(row[0] for row in rows))


def coming_original(db: Tx, document: int) -> Paper | None:
    """The sheet without mark of a document that is still to come out."""
    row = db.execute(
        f"SELECT {_COLUMNS} FROM paper WHERE document = ? AND copia = 0 AND outcome = '' LIMIT 1",  # noqa: S608 - the same
        (document,),
    ).fetchone()
    return _paper(row) if row else None


def is_open(db: Tx, paper: int) -> bool:
    """Whether nothing was said yet of what became of it."""
    return db.execute("SELECT 1 FROM paper WHERE id = ? AND outcome = ''", (paper,)).fetchone() is not None


def intend(db: Tx, paper: int, at: datetime) -> None:
    """T4: the sheet is about to leave."""
    db.execute("UPDATE paper SET intents = intents + 1, at = ? WHERE id = ?", (at.isoformat(), paper))


def withdraw(db: Tx, paper: int) -> None:
    """Certainly nothing left: the intent never happened."""
    db.execute("UPDATE paper SET intents = intents - 1 WHERE id = ?", (paper,))


def divert(db: Tx, job: int, printer: str, to: str) -> None:
    """What certainly did not leave a station, and came to it from no other, is another one's."""
    db.execute(
        "UPDATE paper SET meant = printer, printer = ? WHERE job = ? AND printer = ? AND outcome = '' AND intents = 0"
        " AND meant = ''",
        (to, job, printer),
    )


def renew(db: Tx, job: int, printer: str, at: datetime) -> None:
    """The age of what a job has to print at a station counts from now on."""
    db.execute(
        "UPDATE paper SET since = ? WHERE job = ? AND printer = ? AND outcome = ''", (at.isoformat(), job, printer)
    )


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
    return _many(db, "document = ? ORDER BY id", (document,))


def of_job(db: Tx, job: int) -> list[Paper]:
    """Every sheet that a job asked for, in order."""
    return _many(db, "job = ? ORDER BY ordinal", (job,))


def open_of(db: Tx, job: int) -> list[Paper]:
    """The sheets without an outcome that a job asked for, or that show its document."""
    return _many(db, "(job = ? OR document = ?) AND outcome = '' ORDER BY id", (job, job))


def unseen(db: Tx) -> list[Paper]:
    """The sheets that nobody knows about, and that nobody looked for yet."""
    return _many(db, "outcome = 'DUDOSO' AND seen = '' ORDER BY id", ())


def see(db: Tx, document: int, what: str) -> int:
    """A person acted on the doubtful sheets of a document. Returns how many there were."""
    told = "UPDATE paper SET seen = ? WHERE document = ? AND outcome = 'DUDOSO' AND seen = ''"
    return db.execute(told, (storable(what), document)).rowcount


def doubtful(db: Tx) -> int:
    """How many sheets nobody knows about, and nobody looked for."""
    return int(db.execute("SELECT count(*) FROM paper WHERE outcome = 'DUDOSO' AND seen = ''").fetchone()[0])


def _many(db: Tx, where: str, args: Sequence[object]) -> list[Paper]:
    rows = db.execute(f"SELECT {_COLUMNS} FROM paper WHERE {where}", args)  # noqa: S608 - our own text
    return [_paper(row) for row in rows]


def _paper(row: Sequence[Any]) -> Paper:
    id_, job, document, ordinal, printer, copia, intents, outcome, detail, via, meant, since = row
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
        via=via,
        meant=meant,
        since=datetime.fromisoformat(since) if since else None,
    )
