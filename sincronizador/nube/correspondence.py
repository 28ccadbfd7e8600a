"""What a person, or the system of a company, sees and decides about what others send."""

import json
import re
from base64 import b64encode
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from sincronizador.core.finding import Finding
from sincronizador.core.recibido import Recepcion
from sincronizador.countries.uy import remedies
from sincronizador.errors import Rejected
from sincronizador.nube import acts, inbound, issuers, letters, receipt_codes
from sincronizador.nube.gate import touch
from sincronizador.nube.store import Store
from sincronizador.nube.tables import letter

Which = tuple[str, int, str, int]
"""Issuer, type, series and number of a received document."""
_COMERCIAL = re.compile(r"E([2-5][0-9]|60)")
_DETAIL = 500


class Correspondence:
    """Over one base; `who` goes to the audit."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._now = clock

    def documents(self, rut: str, limit: int) -> list[dict[str, Any]]:
        """The last that an issuer received, the newest first. Raises `Rejected` E3311."""
        with self._store.reading() as db:
            issuers.find(db, rut)
            return [told(row) for row in inbound.newest(db, rut, limit)]

    def reject(self, who: str, rut: str, which: Which, code: str, detail: str) -> None:
        """Tell its issuer that a document is not wanted. Raises `Rejected`: E3311, E3755 to E3757."""
        with self._store.writing() as db:
            issuers.find(db, rut)
            seq = touch(db, rut, now := self._now()).seq
            if (finding := reject(db, rut, seq, which, code, detail)) is not None:
                raise finding.as_error(Rejected)
            acts.record(db, who, "received", rut, now, f"Rechazado {slug_of(which)}: {code} {detail}".rstrip())

    def apart(self) -> list[dict[str, Any]]:
        """Letters that wait for a person, the oldest first."""
        with self._store.reading() as db:
            return [
                {
                    "id": row.id, "name": row.name, "arrived": row.arrived.isoformat(), "rut": row.rut,
                    "trouble": row.trouble, "source": row.source,
                }
                for row in letters.apart(db)
            ]  # fmt: skip

    def content(self, number: int) -> bytes:
        """A letter that waits, as it came. Raises `Rejected` E3758."""
        with self._store.reading() as db:
            return bytes(self._apart(db, number).content)

    def set_seen(self, who: str, number: int) -> None:
        """A person saw to it: it is no longer told. Raises `Rejected` E3758."""
        with self._store.writing() as db:
            row = self._apart(db, number)
            letters.end(db, row, letters.SEEN, row.rut, row.trouble)
            acts.record(db, who, "letter", row.rut, self._now(), f"Visto el mensaje apartado {number}: {row.trouble}")

    def _apart(self, db: Connection, number: int) -> Row[Any]:
        row = db.execute(letter.select().where(letter.c.id == number, letter.c.state == letters.APART)).one_or_none()
        if row is None:
            raise receipt_codes.NO_SUCH_LETTER.at(valor=number).as_error(Rejected)
        return row


def reject(db: Connection, rut: str, seq: int, which: Which, code: str, detail: str) -> Finding | None:
    """
    A received document is not wanted; why it cannot be rejected. What was rejected already stays as it is.

    Who reads the mailbox answers it.
    """
    detail = detail.strip()[:_DETAIL]
    if not _COMERCIAL.fullmatch(code) or (remedies.COMERCIAL[code].que == remedies.SIN_MOTIVO and not detail):
        return receipt_codes.NO_SUCH_REASON.at(valor=code)
    row = inbound.of_number(db, rut, which[0], which[1:])
    if row is None:
        return receipt_codes.NOT_RECEIVED.at(rut=rut, valor=slug_of(which))
    if row.estado == Recepcion.RECHAZADO:
        return None
    if row.estado != Recepcion.RECIBIDO:
        return receipt_codes.TOO_LATE.at(slug=slug_of(which), estado=row.estado)
    inbound.decide(db, row, seq, Recepcion.RECHAZADO, code, detail)
    return None


def slug_of(which: Which) -> str:
    """``214844360018-111-A-1234``."""
    return "-".join(map(str, which))


def told(row: Row[*tuple[Any, ...]]) -> dict[str, Any]:
    """A received document as the wire tells it; with its bytes where `row` has them."""
    found = {
        "issuer": row.emisor,
        "doc_type": row.doc_type,
        "series": row.series,
        "number": row.number,
        **json.loads(row.facts),
        "state": row.estado,
        "reason": row.reason,
        "detail": row.detail,
        "received_at": row.arrived.isoformat(),
        "until": row.until.isoformat(),
        "annex": {"adenda": row.adenda},
        "sha256": row.sha256,
    }
    if hasattr(row, "signed"):
        found["signed_xml"] = b64encode(row.signed).decode()
    return found
