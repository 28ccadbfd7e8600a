"""Jobs in the journal: one row per dropped file, and what its answer must show."""

import json
import os
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sincronizador.core import codes
from sincronizador.core.answer import Estado, Motivo
from sincronizador.core.finding import Finding
from sincronizador.core.job import Impresion, Job, Kind
from sincronizador.errors import Rejected

from .journal import Tx, storable

_COLUMNS = (
    "id, kind, name, till, only_check, claimed, sha256, encoding, claimed_at, today, route, referencia, key, bound, "
    "attempt, estado, motivo, follows, printer, copies, impresion, findings, result, revision, companions, decided_at, "
    "parent, part, line, about"
)
Result = tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
_PAGE = 128
_BOUND_KINDS = (Kind.DOCUMENTO, Kind.LOTE)
"""Kinds that a file of the same REFERENCIA may follow."""


def insert(db: Tx, job: Job, content: bytes) -> int:
    """The row of an arriving job, its bytes with it; T1 of the walk. Returns the job's id."""
    row = db.execute(
        "INSERT INTO job (kind, name, stem, till, only_check, claimed, sha256, claimed_at, today, findings,"
        " parent, part, line) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            job.kind,
            os.fsencode(job.name),
            stem_key(job.stem),
            job.till,
            int(job.only_check),
            os.fsencode(job.claimed),
            job.sha256,
            job.claimed_at.isoformat(),
            job.today.isoformat(),
            dump_findings(job.findings),
            job.parent,
            job.part,
            job.line,
        ),
    )
    db.execute("INSERT INTO content VALUES (?, ?)", (row.lastrowid, content))
    return int(row.lastrowid or 0)


def stem_key(stem: str) -> str:
    """A stem without its case, as text that any database takes."""
    return storable(stem.casefold())


def get(db: Tx, job: int) -> Job:
    """A job by its id. Raises KeyError."""
    row = db.execute(f"SELECT {_COLUMNS} FROM job WHERE id = ?", (job,)).fetchone()  # noqa: S608 - our own columns
    if row is None:
        raise KeyError(job)
    return _job(row)


def content(db: Tx, job: int) -> bytes:
    """The bytes as dropped."""
    return bytes(db.execute("SELECT bytes FROM content WHERE job = ?", (job,)).fetchone()[0])


def is_claimed(db: Tx, claimed: str) -> bool:
    """Whether a name in ``procesando/`` has its row."""
    return db.execute("SELECT 1 FROM job WHERE claimed = ?", (os.fsencode(claimed),)).fetchone() is not None


def is_settled(db: Tx, till: str, stem: str) -> bool:
    """Whether the newest files of that stem in that till are answered for good, and there is one: nothing is due."""
    newest = [
        db.execute(
            "SELECT id, decided AND written = revision AND archived FROM job"
            " WHERE till = ? AND stem = ? AND only_check = ? ORDER BY id DESC LIMIT 1",
            (till, stem_key(stem), only_check),
        ).fetchone()
        for only_check in (0, 1)
    ]
    open_ = (
        "SELECT 1 FROM task WHERE job = ? AND state <> 'done' AND NOT (lane = 'entrega' AND state = 'waiting') LIMIT 1"
    )
    known = [row for row in newest if row is not None]
    return bool(known) and all(done and db.execute(open_, (id_,)).fetchone() is None for id_, done in known)


def is_busy(db: Tx, till: str, stem: str, *, only_check: bool) -> bool:
    """
    Whether a file of this stem is still undecided in this till.

    What waits since a restore to be dropped again, with nothing to be done for it, is in nobody's way.
    """
    found = db.execute(
        "SELECT 1 FROM job INDEXED BY job_open_stem"
        " WHERE till = ? AND stem = ? AND only_check = ? AND decided = 0 AND parent IS NULL"
        " AND (follows IS NOT NULL OR EXISTS (SELECT 1 FROM task WHERE task.job = job.id AND task.state <> 'done')"
        " OR EXISTS (SELECT 1 FROM job part JOIN task ON task.job = part.id WHERE part.parent = job.id"
        " AND part.decided = 0 AND task.state <> 'done'))",
        (till, stem_key(stem), int(only_check)),
    )
    return found.fetchone() is not None


def doubt_day(db: Tx, job: int) -> None:
    """The clock was wrong when it was claimed."""
    db.execute("UPDATE job SET motivo = ? WHERE id = ?", (Motivo.RELOJ, job))


def set_day(db: Tx, job: int, today: date) -> None:
    """The day of a request whose claim's was doubtful."""
    db.execute("UPDATE job SET today = ?, motivo = '' WHERE id = ?", (today.isoformat(), job))


def bound(db: Tx, kind: Kind, key: str) -> Job | None:
    """The job whose document has this REFERENCIA."""
    return _one(db, "kind = ? AND key = ? AND bound = 1", (kind, key))


def latest(db: Tx, kind: Kind, key: str) -> Job | None:
    """The newest sale with this REFERENCIA, whatever became of it; the bound one before all others."""
    found = bound(db, kind, key) or _one(db, "kind = ? AND key = ? AND key <> '' ORDER BY id DESC LIMIT 1", (kind, key))
    return head(db, found) if found else None


def ended(db: Tx, kind: Kind, key: str, estado: Estado) -> Job | None:
    """The newest request of this REFERENCIA that ended so."""
    return _one(db, "kind = ? AND key = ? AND key <> '' AND estado = ? ORDER BY id DESC LIMIT 1", (kind, key, estado))


def about(db: Tx, job: int) -> list[Job]:
    """The bound jobs whose documents refer to this job's, oldest first."""
    return _many(db, "about = ? AND bound = 1 ORDER BY id", (job,))


def head(db: Tx, job: Job) -> Job:
    """The job whose document answers this one: itself, or the one that it joined or repeats."""
    return get(db, job.follows) if job.follows is not None else job


def undecided(db: Tx, kind: Kind, key: str, *, but: int) -> Job | None:
    """The job that still waits under this REFERENCIA, other than `but`; joined files are not it."""
    # The unary plus keeps the planner off the index of everything undecided, which a burst makes long.
    where = "kind = ? AND key = ? AND key <> '' AND +decided = 0 AND follows IS NULL AND id <> ? ORDER BY id LIMIT 1"
    return _one(db, where, (kind, key, but))


def by_name(db: Tx, name: str) -> Job | None:
    """The newest job of a file name or stem, in any till."""
    stem = stem_key(name)
    head = stem_key(name.rpartition(".")[0] or name)
    return _one(db, "stem IN (?, ?) ORDER BY id DESC LIMIT 1", (stem, head))


def key_of(referencia: str) -> str:
    """The key of a REFERENCIA as somebody writes it."""
    return storable(unicodedata.normalize("NFC", referencia).strip().upper())


def of_referencia(db: Tx, referencia: str) -> Job | None:
    """The newest sale or lote of a REFERENCIA as somebody writes it."""
    key = key_of(referencia)
    return latest(db, Kind.DOCUMENTO, key) or latest(db, Kind.LOTE, key)


def named(db: Tx, que: str) -> Job | None:
    """The job that a person names: a REFERENCIA, ``101-A-1234``, or a file name."""
    tipo, _, rest = que.strip().partition("-")
    serie, _, numero = rest.partition("-")
    found = of_referencia(db, que)
    if found is None and tipo.isdigit() and numero.isdigit() and max(len(tipo), len(numero)) < 10:
        found = of_document(db, int(tipo), storable(serie.upper()), int(numero))
    return found or by_name(db, que)


def wanted(db: Tx, que: str) -> Job:
    """The same, or `Rejected` E0112, which says that it never arrived."""
    job = named(db, que)
    if job is None:
        raise codes.NEVER_ARRIVED.at(value=que).as_error(Rejected)
    return job


def family(db: Tx, job: Job) -> list[Job]:
    """The job, whose document it shares, every other file that shares it, and what it corrected; oldest first."""
    head = job.follows or job.id
    corrected = "EXISTS (SELECT 1 FROM document WHERE document.job = job.id AND superseded_by IS NOT NULL)"
    where = f"id = ? OR follows = ? OR (kind = ? AND key = ? AND key <> '' AND {corrected}) ORDER BY id"
    return _many(db, where, (head, head, Kind.DOCUMENTO, job.key))


def of_document(db: Tx, tipo: int, serie: str, numero: int) -> Job | None:
    """The job of a numbered document; of a paper that was corrected, of the newest."""
    row = db.execute(
        "SELECT job FROM document WHERE tipo = ? AND serie = ? AND numero = ? AND superseded_by IS NULL",
        (tipo, serie, numero),
    ).fetchone()
    return get(db, row[0]) if row else None


def last_signed(db: Tx, till: str) -> Job | None:
    """
    The job of the last document signed for a till.

    A paper's transcription was never printed there, and for those of a lote nobody waits there.
    """
    where = "till = ? AND bound = 1 AND kind = ? AND route <> 'papel' AND parent IS NULL ORDER BY id DESC LIMIT 1"
    return _one(db, where, (till, Kind.DOCUMENTO))


def set_read(  # what reading a file told
    db: Tx, job: int, *, kind: Kind, encoding: str, route: str, referencia: str, key: str, printer: str, copies: int
) -> None:
    """Keep what reading told; recomputed when a step runs again."""
    db.execute(
        "UPDATE job SET kind = ?, encoding = ?, route = ?, referencia = ?, key = ?, printer = ?, copies = ?"
        " WHERE id = ?",
        (kind, encoding, route, storable(referencia), storable(key), storable(printer), copies, job),
    )


def settle(
    db: Tx,
    job: int,
    estado: Estado,
    *,
    at: datetime,
    motivo: str = "",
    findings: Sequence[Finding] = (),
    result: Result = (),
    follows: int | None = None,
    bound: bool = False,
) -> None:
    """A new state of a job and of the files that joined it; the answer becomes due when it shows."""
    decided = estado.decided
    db.execute(
        "UPDATE job SET estado = ?, motivo = ?, findings = ?, result = ?, follows = ?, bound = ?, decided = ?,"
        " decided_at = coalesce(decided_at, ?), revision = revision + 1 WHERE id = ?",
        (
            estado,
            motivo,
            dump_findings(findings),
            storable(json.dumps(result, ensure_ascii=False)),
            follows,
            int(bound),
            int(decided),
            at.isoformat() if decided else None,
            job,
        ),
    )
    db.execute(
        "UPDATE job SET estado = ?, motivo = ?, decided = ?, decided_at = coalesce(decided_at, ?),"
        " follows = coalesce(?, follows), revision = revision + 1"
        " WHERE follows = ? AND kind IN (?, ?) AND decided = 0",
        (estado, motivo, int(decided), at.isoformat() if decided else None, follows, job, *_BOUND_KINDS),
    )


def set_impresion(db: Tx, job: int, impresion: Impresion) -> None:
    """What is known of a document's paper; files that share the document show it too."""
    notable = int(impresion in (Impresion.DUDOSO, Impresion.FALLIDA))
    db.execute(
        "UPDATE job SET impresion = ?, notable = ?, revision = revision + 1"
        " WHERE (id = ? OR (follows = ? AND kind = ?)) AND impresion <> ?",
        (impresion, notable, job, job, Kind.DOCUMENTO, impresion),
    )


def show_papers(db: Tx, job: int, *, notable: bool) -> None:
    """What its answer says of its papers is another thing now; `notable` when somebody must act."""
    db.execute(
        "UPDATE job SET revision = revision + 1, notable = max(notable, ?) WHERE id = ? OR (follows = ? AND kind = ?)",
        (int(notable), job, job, Kind.DOCUMENTO),
    )


@dataclass(frozen=True, slots=True)
class Behind:
    """A job whose answer does not show its newest revision."""

    job: Job
    published: bool
    """A decision was written once: from then on its reader may delete it."""
    notable: bool
    """The last change asks for action."""
    archived: bool


def behind(db: Tx, *, claimed_before: datetime) -> Iterator[Behind]:
    """Jobs whose answer is behind, oldest first, as they are looked at; undecided ones only when claimed before."""
    statement = (
        f"SELECT published, notable, archived, {_COLUMNS} FROM job"  # noqa: S608 - our own columns
        " WHERE written < revision AND parent IS NULL AND (decided = 1 OR claimed_at < ?) AND id > ?"
        " ORDER BY id LIMIT ?"
    )
    last = 0
    # Page by page: an open question would hold on to an old view, in which nothing can be written and no log ends.
    while page := db.execute(statement, (claimed_before.isoformat(), last, _PAGE)).fetchall():
        yield from (Behind(_job(row[3:]), bool(row[0]), bool(row[1]), bool(row[2])) for row in page)
        last = page[-1][3]


def owns_its_name(db: Tx, job: Job) -> bool:
    """Whether no later drop has taken the name of its answer."""
    newest = db.execute(
        "SELECT max(id) FROM job WHERE till = ? AND stem = ? AND only_check = ? AND parent IS NULL",
        (job.till, stem_key(job.stem), int(job.only_check)),
    ).fetchone()[0]
    return bool(newest == job.id)


def is_published(db: Tx, job: int) -> bool:
    """Whether its decision was told."""
    return bool(db.execute("SELECT published FROM job WHERE id = ?", (job,)).fetchone()[0])


def set_written(db: Tx, shown: Iterable[Job]) -> None:
    """The answers show these revisions now; a decision among them is published."""
    db.executemany(
        "UPDATE job SET written = max(written, ?), published = max(published, ?), notable = notable AND revision > ?"
        " WHERE id = ?",
        [(job.revision, int(job.estado.decided), job.revision, job.id) for job in shown],
    )


def set_archived(db: Tx, archived: Iterable[int]) -> None:
    """The dropped files lie beside copies of their answers."""
    db.executemany("UPDATE job SET archived = 1 WHERE id = ?", [(job,) for job in archived])


def set_companions(db: Tx, job: int, extensions: Sequence[str]) -> None:
    """The files of these extensions, which the answer may name, exist."""
    db.execute("UPDATE job SET companions = ?, revision = revision + 1 WHERE id = ?", (" ".join(extensions), job))


def raise_attempt(db: Tx, job: int, kind: Kind, key: str) -> int:
    """A counter above every one that this sale was ever tried with; durable with the commit."""
    highest = "SELECT coalesce(max(attempt), 0) FROM job WHERE kind = ? AND key = ? AND key <> ''"
    counter = int(db.execute(highest, (kind, key)).fetchone()[0]) + 1
    db.execute("UPDATE job SET attempt = ? WHERE id = ?", (counter, job))
    return counter


def raise_to(db: Tx, job: int, counter: int) -> None:
    """The counter that the cloud knows of."""
    db.execute("UPDATE job SET attempt = max(attempt, ?) WHERE id = ?", (counter, job))


def advance(db: Tx, job: int, estado: Estado, *, notable: bool = False) -> None:
    """A later state of a document, and of the files that share it; nothing else of its answer changes."""
    db.execute(
        "UPDATE job SET estado = ?, revision = revision + 1, notable = max(notable, ?)"
        " WHERE (id = ? OR (follows = ? AND kind = ?)) AND estado <> ?",
        (estado, int(notable), job, job, Kind.DOCUMENTO, estado),
    )


def remark(db: Tx, job: int, findings: Sequence[Finding]) -> None:
    """Other findings of what is decided: its answer tells them, and those of the files that share it."""
    db.execute("UPDATE job SET findings = ? WHERE id = ?", (dump_findings(findings), job))
    db.execute(
        "UPDATE job SET revision = revision + 1, notable = 1 WHERE id = ? OR (follows = ? AND kind = ?)",
        (job, job, Kind.DOCUMENTO),
    )


def set_about(db: Tx, job: int, about: int) -> None:
    """Which of our documents it refers to."""
    db.execute("UPDATE job SET about = ? WHERE id = ?", (about, job))


def unbind(db: Tx, job: int) -> None:
    """Its REFERENCIA is another's."""
    db.execute("UPDATE job SET bound = 0 WHERE id = ?", (job,))


def set_route(db: Tx, job: int, route: str) -> None:
    """By which way it became a document."""
    db.execute("UPDATE job SET route = ? WHERE id = ?", (route, job))


def unfinished(db: Tx, kind: Kind, up_to: int) -> list[Job]:
    """Undecided jobs of a kind that arrived up to this one and follow no other."""
    return _many(db, "decided = 0 AND kind = ? AND id <= ? AND follows IS NULL ORDER BY id", (kind, up_to))


def followers(db: Tx, job: int, kind: Kind) -> list[Job]:
    """Undecided jobs of a kind that wait for what becomes of a job."""
    return _many(db, "follows = ? AND kind = ? AND +decided = 0 ORDER BY id", (job, kind))


def last_id(db: Tx) -> int:
    """The newest job."""
    return int(db.execute("SELECT coalesce(max(id), 0) FROM job").fetchone()[0])


def add_foreign(db: Tx, job: Job, content: bytes) -> int:
    """A sale that this journal learns of from the cloud: nobody dropped it here, and no answer is due."""
    number = insert(db, job, content)
    db.execute("UPDATE job SET archived = 1, published = 1 WHERE id = ?", (number,))
    return number


def hush(db: Tx, job: int) -> None:
    """Its answer is not due: nobody dropped it here."""
    db.execute("UPDATE job SET written = revision WHERE id = ?", (job,))


def news_number(db: Tx, job: Job) -> int:
    """The number of the news about this revision; the same one when asked again."""
    row = db.execute("SELECT id FROM news WHERE job = ? AND revision = ?", (job.id, job.revision)).fetchone()
    if row is None:
        row = (db.execute("INSERT INTO news (job, revision) VALUES (?, ?)", (job.id, job.revision)).lastrowid,)
    return int(row[0] or 0)


def open_jobs(db: Tx, limit: int = 200) -> list[Job]:
    """Files without a decision, oldest first."""
    return _many(db, "decided = 0 AND parent IS NULL ORDER BY id LIMIT ?", (limit,))


def newest(db: Tx, limit: int) -> list[Job]:
    """The last files that arrived, newest first."""
    return _many(db, "id > 0 ORDER BY id DESC LIMIT ?", (limit,))


def is_crowded(db: Tx, files: int, since: datetime) -> bool:
    """Whether more than so many files arrived since then."""
    row = db.execute("SELECT claimed_at FROM job WHERE id = (SELECT max(id) FROM job) - ?", (files,)).fetchone()
    return row is not None and datetime.fromisoformat(row[0]) >= since


def count_undecided(db: Tx) -> int:
    """How many files wait for a decision."""
    return int(db.execute("SELECT count(*) FROM job WHERE decided = 0 AND parent IS NULL").fetchone()[0])


def dump_findings(findings: Iterable[Finding]) -> str:
    """Findings as JSON."""
    return storable(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False))


def _one(db: Tx, where: str, args: Sequence[object]) -> Job | None:
    row = db.execute(f"SELECT {_COLUMNS} FROM job WHERE {where}", args).fetchone()  # noqa: S608 - our own text
    return _job(row) if row else None


def _many(db: Tx, where: str, args: Sequence[object]) -> list[Job]:
    return [_job(row) for row in db.execute(f"SELECT {_COLUMNS} FROM job WHERE {where}", args)]  # noqa: S608 - the same


def _job(row: Sequence[Any]) -> Job:
    (id_, kind, name, till, only_check, claimed, sha256, encoding, claimed_at, today, route, referencia, key, bound_,
     attempt, estado, motivo, follows, printer, copies, impresion, findings, result, revision, companions,
     decided_at, parent, part, line, about) = row  # fmt: skip
    return Job(
        id=id_,
        kind=Kind(kind),
        name=os.fsdecode(name),
        till=till,
        only_check=bool(only_check),
        claimed=os.fsdecode(claimed),
        sha256=sha256,
        encoding=encoding,
        claimed_at=datetime.fromisoformat(claimed_at),
        today=date.fromisoformat(today),
        route=route,
        referencia=referencia,
        key=key,
        bound=bool(bound_),
        attempt=attempt,
        estado=Estado(estado),
        motivo=motivo,
        follows=follows,
        printer=printer,
        copies=copies,
        impresion=Impresion(impresion),
        findings=tuple(Finding(**found) for found in json.loads(findings)),
        result=tuple((block, tuple((k, v) for k, v in fields)) for block, fields in json.loads(result)),
        revision=revision,
        companions=tuple(companions.split()),
        decided_at=datetime.fromisoformat(decided_at) if decided_at else None,
        parent=parent,
        part=part,
        line=line,
        about=about,
    )
