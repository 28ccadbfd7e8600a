"""The documents of the cloud as rows: stored, found, changed; what a call may do with them is said in `nube.sales`."""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, delete, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from sincronizador.core.emitido import Anexo
from sincronizador.core.receipt import Attempt, Changes, CloudState, Receipt
from sincronizador.nube.gate import KIND, Call
from sincronizador.nube.tables import IS_MAIN, corrected, day, document

PAGE = 500
"""Documents in one page of changes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A signed document about to be stored."""

    key: str
    attempt: Attempt
    state: CloudState
    tipo: int
    serie: str
    numero: int
    signed: bytes
    content_sha256: str
    signed_at: datetime
    anexo: Anexo
    signed_here: bool
    terminal: str = ""
    extra: bool = False
    contingency_since: datetime | None = None
    contingency_reason: str = ""


def main_of(db: Connection, installation: int, key: str) -> Row[Any] | None:
    """The document of a key: the one that counts."""
    return db.execute(_MAIN, {"installation": installation, "kind": KIND, "key": key}).one_or_none()


def of_number(db: Connection, rut: str, doc_type: int, series: str, number: int) -> Row[Any] | None:
    """The row of a number, voided or not: there is never more than one."""
    of = {"rut": rut, "doc_type": doc_type, "series": series, "number": number}
    return db.execute(_NUMBER, of).one_or_none()


def store(call: Call, paper: Paper) -> Row[Any]:
    """Keep a document under a number that has none."""
    tz = call.now.tzinfo
    values = {
        "rut": call.caller.rut,
        "installation": call.caller.installation,
        "kind": KIND,
        "key": paper.key,
        "extra": paper.extra,
        "attempt_epoch": paper.attempt.epoch,
        "attempt_counter": paper.attempt.counter,
        "state": paper.state.value,
        "doc_type": paper.tipo,
        "series": paper.serie,
        "number": paper.numero,
        "signed": paper.signed,
        "sha256": hashlib.sha256(paper.signed).hexdigest(),
        "content_sha256": paper.content_sha256,
        "signed_at": paper.signed_at,
        "day": paper.signed_at.astimezone(tz).date(),
        "epoch": call.caller.epoch,
        "server_epoch": call.server_epoch,
        "signed_here": paper.signed_here,
        "late": call.late,
        "anexo": _dumped(paper.anexo),
        "terminal": paper.terminal,
        "contingency_since": paper.contingency_since,
        "contingency_reason": paper.contingency_reason,
        "authority": "",
        "stored": call.now,
        "changed": call.seq,
    }
    return call.db.execute(_INSERT, values).one()


def forget_voided(call: Call, row: Row[Any]) -> None:
    """What was voided under a number gives way to the paper that came to light."""
    call.db.execute(delete(document).where(document.c.id == row.id, document.c.state == CloudState.VOIDED.value))


def change(call: Call, row: Row[Any], **values: Any) -> Row[Any]:
    """Change a document; whoever follows changes sees it."""
    changed = update(document).where(document.c.id == row.id).values(changed=call.seq, **values)
    return call.db.execute(changed.returning(*document.c)).one()


def correct(call: Call, row: Row[Any], paper: Paper) -> Row[Any]:
    """Another transcription under the number of a paper; what the authority has seen of it is kept beside it."""
    before = {name: getattr(row, name) for name in ("signed", "sha256", "signed_at", "state", "authority")}
    call.db.execute(insert(corrected).values(document=row.id, at=call.now, **before))
    return change(
        call, row, attempt_epoch=paper.attempt.epoch, attempt_counter=paper.attempt.counter, state=paper.state.value,
        signed=paper.signed, sha256=hashlib.sha256(paper.signed).hexdigest(), content_sha256=paper.content_sha256,
        signed_at=paper.signed_at, day=paper.signed_at.astimezone(call.now.tzinfo).date(), epoch=call.caller.epoch,
        server_epoch=call.server_epoch, anexo=_dumped(paper.anexo), authority="", stored=call.now, alone=None,
        signer=None,
    )  # fmt: skip


def settle(db: Connection, seq: int, row: Row[Any], state: CloudState, sentence: str) -> Row[Any]:
    """What the authority said of a document; whoever follows changes sees it."""
    settled = update(document).where(document.c.id == row.id)
    settled = settled.values(state=state.value, authority=sentence, changed=seq)
    return db.execute(settled.returning(*document.c)).one()


def touch_day(call: Call, changed: date) -> None:
    """A closed day changed: its report goes again."""
    mark_day(call.db, call.caller.rut, changed, seq=call.seq, now=call.now)


def mark_day(db: Connection, rut: str, changed: date, *, seq: int, now: datetime) -> None:
    """The same for who is no caller; `seq` is of the transaction, `now` in the zone of the law."""
    if changed >= now.date():
        return
    keep = pg_insert if db.dialect.name == "postgresql" else sqlite_insert
    fresh = {"changed": now, "seq": seq, "trouble": "", "due": None}
    row = {"rut": rut, "day": changed, **fresh}
    db.execute(keep(day).values(row).on_conflict_do_update(index_elements=["rut", "day"], set_=fresh))


def page(db: Connection, installation: int, server_epoch: str, cursor: str, limit: int, *, voided: bool) -> Changes:
    """
    What changed since the cursor, in the order of the commits, or all.

    A cursor of an earlier server_epoch, or one that is none, begins from the start: what the base forgot since would
    else never be told.
    """
    seq, last = place_of(cursor, server_epoch)
    limit = max(1, min(limit, PAGE))
    found = select(document).where(
        document.c.installation == installation,
        or_(document.c.changed > seq, and_(document.c.changed == seq, document.c.id > last)),
    )
    if not voided:
        found = found.where(document.c.state != CloudState.VOIDED.value)
    rows = db.execute(found.order_by(document.c.changed, document.c.id).limit(limit + 1)).all()
    here = rows[:limit]
    ending = f"{server_epoch}.{here[-1].changed}.{here[-1].id}" if here else f"{server_epoch}.{seq}.{last}"
    return Changes(receipts=tuple(receipt(row) for row in here), cursor=ending, more=len(rows) > limit)


def receipt(row: Row[Any]) -> Receipt:
    """A document as it is told."""
    anexo = json.loads(row.anexo)
    pairs = {name: tuple((key, value) for key, value in anexo[name]) for name in ("extra", "pagos")}
    return Receipt(
        key=row.key, attempt=Attempt(row.attempt_epoch, row.attempt_counter), state=CloudState(row.state),
        tipo=row.doc_type, serie=row.series, numero=row.number, signed=row.signed, sha256=row.sha256,
        content_sha256=row.content_sha256, signed_at=row.signed_at, epoch=row.epoch, signed_here=row.signed_here,
        anexo=Anexo(adenda=anexo["adenda"], correo=anexo["correo"], **pairs), extra=row.extra,
        authority=row.authority, receiver=row.receiver_said,
    )  # fmt: skip


def slug(row: Row[*tuple[Any, ...]]) -> str:
    """``101-A-1234``."""
    return f"{row.doc_type}-{row.series}-{row.number}"


def attempt_of(row: Row[Any]) -> Attempt:
    """The attempt that it is of."""
    return Attempt(row.attempt_epoch, row.attempt_counter)


def _dumped(anexo: Anexo) -> str:
    return json.dumps(asdict(anexo), ensure_ascii=False)


def place_of(cursor: str, server_epoch: str) -> tuple[int, int]:
    """Where a page begins; the start for a cursor of an earlier server_epoch, or for none."""
    parts = cursor.split(".")
    if (
        len(parts) != 3
        or parts[0] != server_epoch
        or not all(part.isdecimal() and len(part) < 19 for part in parts[1:])
    ):
        return 0, 0
    return int(parts[1]), int(parts[2])


_INSERT = insert(document).returning(*document.c)
_MAIN = select(document).where(
    document.c.installation == bindparam("installation"),
    document.c.kind == bindparam("kind"),
    document.c.key == bindparam("key"),
    IS_MAIN,
)
_NUMBER = select(document).where(
    document.c.rut == bindparam("rut"),
    document.c.doc_type == bindparam("doc_type"),
    document.c.series == bindparam("series"),
    document.c.number == bindparam("number"),
)
