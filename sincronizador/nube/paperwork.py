"""What a person asks and decides about the documents and reports of an issuer at DGI."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, func, select

from sincronizador.core.receipt import CloudState
from sincronizador.countries.uy.rates import parse_rates
from sincronizador.errors import Rejected
from sincronizador.nube import acts, codes, dailies, documents, envelopes, filers, filing_codes, issuers, rates
from sincronizador.nube.dailies import Report
from sincronizador.nube.envelopes import Lot
from sincronizador.nube.gate import touch
from sincronizador.nube.rates import Rate
from sincronizador.nube.store import Store
from sincronizador.nube.tables import IS_UNANSWERED, day, document, filer, report, shipment, sobre


class Resolution(StrEnum):
    """What becomes of a document that DGI did not accept and whose number is not annulled."""

    ACEPTADO = "aceptado"
    """DGI regularised it."""
    RECHAZADO = "rechazado"
    """Its number is annulled."""
    REENVIAR = "reenviar"
    """It goes again, as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How an issuer stands with DGI."""

    rut: str
    waiting: int
    """Documents that count and wait to be sent."""
    under_way: int
    """Sent, without an answer."""
    held: tuple[str, ...]
    """Not accepted, waiting for a person."""
    rejected: int
    since: date | None
    """The first day that is reported."""
    reports: int
    """Reports without the last word of DGI."""
    last_report: date | None
    """The last day of which DGI has the report."""
    pending: tuple[tuple[date, str], ...]
    """Days that wait for a report, with what is missing."""
    trouble: str
    """Why DGI cannot be talked to now; empty when it can."""
    trouble_since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DayReport:
    """What became of the report of a day."""

    state: Report | None
    """None: there is none yet."""
    trouble: str
    """What DGI has against it, or what it waits for."""


class Paperwork:
    """Over one base; `who` goes to the audit."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._now = clock

    def standings(self, rut: str | None = None) -> tuple[Standing, ...]:
        """Of one issuer or of all, by RUT. Raises `Rejected` E3311."""
        with self._store.reading() as db:
            found = [issuers.find(db, rut)] if rut else issuers.all_issuers(db)
            return tuple(_standing(db, one.rut, self._now().date()) for one in found)

    def report_of(self, rut: str, of: date) -> DayReport:
        """The report of a day that counts, or else the last one that DGI refused."""
        with self._store.reading() as db:
            found = select(report).where(report.c.rut == rut, report.c.day == of)
            last = dailies.last_of(db, rut, of) or db.execute(found.order_by(report.c.id.desc()).limit(1)).one_or_none()
            waits = db.execute(select(day.c.trouble).where(day.c.rut == rut, day.c.day == of)).scalar()
        return DayReport(
            state=Report(last.state) if last else None, trouble=(last.trouble if last else "") or waits or ""
        )

    def begin_reports(self, who: str, rut: str, first: date) -> None:
        """The first day that is reported. Raises `Rejected` E3311."""
        with self._store.writing() as db:
            issuers.find(db, rut)
            touch(db, rut, now := self._now())
            filers.begin_reports(db, rut, first)
            acts.record(db, who, "report", rut, now, f"Reportes diarios desde el {first:%d/%m/%Y}.")

    def redo_report(self, who: str, rut: str, of: date) -> None:
        """Look at a closed day again: its report goes out if it has none that counts, or tells something else."""
        with self._store.writing() as db:
            issuers.find(db, rut)
            seq = touch(db, rut, now := self._now()).seq
            documents.mark_day(db, rut, of, seq=seq, now=now)
            acts.record(db, who, "report", rut, now, f"Rehacer el reporte del {of:%d/%m/%Y}.")

    def import_rates(self, who: str, content: bytes, source: str) -> int:
        """Keep a table of quotations, all or none; how many. Raises `Rejected` E1941 to E1943."""
        file = parse_rates(content)
        if file.findings:
            raise file.findings[0].as_error(Rejected)
        with self._store.writing() as db:
            now = self._now()
            rates.keep(db, file.rates, source, now)
            dailies.wake(db)
            acts.record(db, who, "rates", "", now, f"{len(file.rates)} cotizaciones de {source}.")
        return len(file.rates)

    def rates(self, limit: int = 200) -> tuple[Rate, ...]:
        """Those that are known, the newest first."""
        with self._store.reading() as db:
            return tuple(rates.all_rates(db, limit))

    def resolve(
        self, who: str, rut: str, folio: tuple[int, str, int], how: Resolution, reason: str
    ) -> None:  # fmt: skip
        """Decide about a document that waits for a person. Raises `Rejected`: E3320, E3732 for any other."""
        if not reason.strip():
            raise codes.NO_REASON.at().as_error(Rejected)
        with self._store.writing() as db:
            seq = touch(db, rut, now := self._now()).seq
            row = documents.of_number(db, rut, *folio)
            lot = _held(db, row) if row is not None else None
            if row is None or lot is None:
                raise filing_codes.NOT_HELD.at(value="-".join(map(str, folio))).as_error(Rejected)
            end, state = _ENDS[how]
            envelopes.settle(db, lot.id, end, reason)
            documents.settle(db, seq, row, state, reason if how is Resolution.RECHAZADO else "")
            if how is Resolution.RECHAZADO:
                documents.mark_day(db, rut, row.day, seq=seq, now=now)
            acts.record(db, who, "resolve", rut, now, f"{documents.slug(row)}: {how.value} ({reason}).")


_ENDS = {
    Resolution.ACEPTADO: (Lot.ACCEPTED, CloudState.ACCEPTED),
    Resolution.RECHAZADO: (Lot.REJECTED, CloudState.REJECTED),
    Resolution.REENVIAR: (Lot.BLOCKED, CloudState.CONFIRMED),
}


def _held(db: Connection, row: Row[Any]) -> Row[Any] | None:
    of = (shipment.c.document == row.id, shipment.c.state == Lot.HELD.value)
    return db.execute(select(shipment).where(*of)).one_or_none()


def _standing(db: Connection, rut: str, today: date) -> Standing:
    row = db.execute(select(filer).where(filer.c.rut == rut)).one_or_none()
    since = dailies.first_day(db, row) if row is not None else None
    unanswered = select(document.c.state, func.count().label("count")).where(document.c.rut == rut, IS_UNANSWERED)
    counts: dict[str, int] = {row[0]: row[1] for row in db.execute(unanswered.group_by(document.c.state))}
    held = _slugs(db, rut, Lot.HELD)
    pending = db.execute(select(day).where(day.c.rut == rut, day.c.day < today).order_by(day.c.day)).all()
    told = {one.day: one.trouble for one in pending}
    late = dailies.unreported(db, rut, since, today) if since is not None else []
    return Standing(
        rut=rut, waiting=counts.get("confirmed", 0), under_way=counts.get("sent", 0) - len(held), held=held,
        rejected=len(_slugs(db, rut, Lot.REJECTED)), since=since, reports=_open_reports(db, rut),
        last_report=_last_report(db, rut), pending=tuple((one, told.get(one, "")) for one in sorted({*late, *told})),
        trouble=row.trouble if row is not None else "", trouble_since=row.trouble_since if row is not None else None,
    )  # fmt: skip


def _slugs(db: Connection, rut: str, state: Lot) -> tuple[str, ...]:
    found = (
        select(document.c.doc_type, document.c.series, document.c.number)
        .join(shipment, shipment.c.document == document.c.id)
        .join(sobre, sobre.c.id == shipment.c.sobre)
        .where(sobre.c.rut == rut, shipment.c.state == state.value)
    )
    rows: list[Row[Any]] = list(db.execute(found.order_by(document.c.id)))
    return tuple(documents.slug(row) for row in rows)


def _open_reports(db: Connection, rut: str) -> int:
    found = select(func.count()).where(report.c.rut == rut, report.c.state.in_(("made", "taken")))
    return int(db.execute(found).scalar_one())


def _last_report(db: Connection, rut: str) -> date | None:
    found = select(func.max(report.c.day)).where(report.c.rut == rut, report.c.state.in_(("taken", "done")))
    last: date | None = db.execute(found).scalar()
    return last
