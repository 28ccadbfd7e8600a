"""
After a restore: what was under way breaks off, what is found outside the journal comes back, the rest is told.

An installation with a cloud asks it (`standing`). One that numbers alone has nobody to ask: it takes back what the
mirror, the lost journal and the working folders still have, and numbers nothing until a person says what was used.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sincronizador.core import cloud_codes
from sincronizador.core.answer import Block, Estado, First, Motivo
from sincronizador.core.emitido import Anexo
from sincronizador.core.job import Dropped, Job, Kind
from sincronizador.errors import Rejected
from sincronizador.folders import traces
from sincronizador.folders.answers import answer_name, parse_answer
from sincronizador.journal import documents, doubts, events, jobs, leases, notices, papers, tasks
from sincronizador.journal.journal import Tx, meta, remember

from .case import key_of
from .house import House
from .mirroring import Found, adopt, adopt_copies, genuine

SINCE = "recuperado"
"""When this journal was put back, for CAE files that are imported again."""
_USED = "usado:"
"""Before ``101-A``: a number of it is known to have been given, whoever has its document."""
_MARGIN = timedelta(days=1)
_TOLD = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What an installation that numbers alone is after a restore."""

    why: str
    adopted: int
    """Documents that came back from outside the journal."""
    lost: tuple[tuple[str, str], ...]
    """REFERENCIA and document of sales that were answered and whose bytes nobody here has."""
    foreign: tuple[str, ...]
    """Signed XML that was found and not taken, and why."""
    waiting: tuple[tuple[int, str, int], ...]
    """Type, series and the last number that is known, of what a person has to confirm."""
    held: int
    """Requests of before that wait to be dropped again."""

    def sentences(self) -> list[str]:
        """For a person, in order of urgency."""
        found = [self.why, f"Comprobantes que se encontraron fuera del diario y volvieron a él: {self.adopted}."]
        if self.waiting:
            found.append("No se numera hasta que diga, con «sincronizador cae confirmar», el último número que se usó:")
            found += [f"  {tipo} {serie}: se conoce hasta el {last}" for tipo, serie, last in self.waiting if last]
        if unknown := [f"{tipo} {serie}" for tipo, serie, last in self.waiting if not last]:
            found.append(f"  ninguno se conoce de {', '.join(unknown)}")
        if self.lost:
            found.append(
                f"Ventas contestadas cuyo comprobante no está ({len(self.lost)}); no se emiten otra vez solas:"
            )
            found += [f"  {referencia}: {slug}" for referencia, slug in self.lost[:_TOLD]]
        if len(self.lost) > _TOLD:
            found.append("  y otras: «sincronizador respaldo dudosos» las lista.")
        found += [f"No se tomó {sentence}" for sentence in self.foreign[:_TOLD]]
        if self.held:
            found.append(f"Pedidos de antes que esperan que se dejen de nuevo: {self.held}.")
        return found


def break_with_the_past(db: Tx, up_to: int, now: datetime) -> list[Job]:
    """
    No range of before is used, no paper of before comes out unmarked, requests of before wait to be dropped again.

    Returns these.
    """
    leases.lose_all(db)
    papers.mark_all(db)
    waiting = [*jobs.unfinished(db, Kind.DOCUMENTO, up_to), *jobs.unfinished(db, Kind.LOTE, up_to)]
    for job in waiting:
        _hold(db, job, now)
    return waiting


def begin_again(
    house: House, db: Tx, why: str, *, given: Mapping[str, int], orphans: Iterable[Dropped] = ()
) -> Account:
    """
    The past of an installation that numbers alone, as far as anybody knows it, in one commit with what it forbids.

    `given`: numbers that were given, by series, as the mark knows them; `orphans`: files that were claimed and that
    this journal does not know. Raises `NeedsOperator` for a mirror that cannot be read.
    """
    now = house.clock.now()
    newest = db.execute("SELECT coalesce(max(at), '') FROM event").fetchone()[0]
    since = (datetime.fromisoformat(newest) - _MARGIN).timestamp() if newest else 0.0
    _take_in(db, orphans, now)
    held = break_with_the_past(db, jobs.last_id(db), now)
    adopted = adopt_copies(house, db)
    more, foreign = _adopt_answered(house, db, since)
    _keep_used(db, given)
    for one in traces.answered(house.layout, since):
        _doubt(db, one)
    leases.pass_documents(db)
    pass_used(db)
    _keep_answers(house, db, held)
    remember(db, SINCE, now.isoformat())
    account = Account(
        why=why,
        adopted=adopted + more,
        lost=tuple(doubts.listed(db)),
        foreign=tuple(foreign),
        waiting=tuple((stock.rango.tipo, stock.rango.serie, stock.siguiente - 1) for stock in leases.unconfirmed(db)),
        held=len(held),
    )
    events.record(db, None, now, "restored", " ".join(account.sentences()))
    _tell(db, account, now)
    return account


def pass_used(db: Tx) -> None:
    """No number that is known to have been given before a restore is given again, also from a CAE imported since."""
    for name, number in db.execute("SELECT key, value FROM meta WHERE key GLOB ?", (f"{_USED}*",)).fetchall():
        tipo, _, serie = name.removeprefix(_USED).partition("-")
        leases.pass_by(db, int(tipo), serie, int(number))


def may_have_been_used(db: Tx, authorised: date) -> bool:
    """Whether a CAE that is imported now may have been numbered from before this journal was restored."""
    since = meta(db, SINCE)
    return bool(since) and authorised <= datetime.fromisoformat(since).date()


def _hold(db: Tx, job: Job, now: datetime) -> None:
    """Unfinished requests of before wait to be dropped again, with any content."""
    tasks.cancel(db, job.id)
    finding = cloud_codes.HELD.at()
    jobs.settle(db, job.id, Estado.ESPERANDO, at=now, motivo=Motivo.OPERADOR, findings=[finding])
    events.record(db, job.id, now, "held", finding.message)


def _take_in(db: Tx, orphans: Iterable[Dropped], now: datetime) -> None:
    """Rows for claimed files that may have been answered by the journal that was lost: nothing is due for them."""
    for one in orphans:
        job = jobs.insert(db, Job.arriving(one, sha256="", at=now), one.content)
        jobs.set_read(
            db, job, kind=Kind.DOCUMENTO, encoding="ascii", route="local", referencia="", key="", printer="", copies=0
        )  # fmt: skip
        events.record(db, job, now, "claimed", "Estaba tomado cuando se recuperó el diario.")


def _adopt_answered(house: House, db: Tx, since: float) -> tuple[int, list[str]]:
    """The signed XML beside answers: how many were taken, and what was not."""
    count, foreign = 0, []
    for path, content in traces.signed(house.layout, since):
        try:
            emitido = genuine(house, content, Anexo())
        except Rejected as error:
            foreign.append(f"«{path}»: {error}")
            continue
        key = key_of(emitido.referencia) or f"#{emitido.slug}"
        found = Found(referencia=emitido.referencia, key=key, emitido=emitido, origin=documents.Origin())
        count += not house.country.transcribes(emitido.tipo) and adopt(house, db, found)
    return count, foreign


def _doubt(db: Tx, one: traces.Answered) -> None:
    """An answer named a document that is not in the journal: its number is used, and its sale is not repeated."""
    if jobs.of_document(db, one.tipo, one.serie, one.numero) is None:
        doubts.add(db, key_of(one.referencia), one.slug)
        _keep_used(db, {f"{one.tipo}-{one.serie}": one.numero})


def _keep_used(db: Tx, given: Mapping[str, int]) -> None:
    for series, number in given.items():
        remember(db, f"{_USED}{series}", str(max(number, int(meta(db, f"{_USED}{series}") or 0))))


def _keep_answers(house: House, db: Tx, held: Iterable[Job]) -> None:
    """What was answered OK is never taken back: an answer that the journal forgot stays as it is."""
    for job in held:
        path = f"{house.layout.salida_of(job.till)}/{answer_name(job.name, only_check=job.only_check)}"
        try:
            with open(path, "rb") as file:
                first, _ = parse_answer(file.read(), "latin-1")
        except (OSError, ValueError):
            continue
        if first is not First.PENDIENTE:
            jobs.hush(db, job.id)


def _tell(db: Tx, account: Account, now: datetime) -> None:
    head = (("ESTADO", "RECUPERADO"), ("HORA", now.isoformat(timespec="seconds")), ("MENSAJE", account.why))
    blocks = [Block("RESPUESTA", head)]
    blocks += [
        Block(f"CONFIRMAR.{place}", (("TIPO", str(tipo)), ("SERIE", serie), ("ULTIMO", str(last))))
        for place, (tipo, serie, last) in enumerate(account.waiting, 1)
    ]
    blocks += [
        Block(f"DUDOSA.{place}", (("REFERENCIA", referencia), ("COMPROBANTE", slug)))
        for place, (referencia, slug) in enumerate(account.lost[:_TOLD], 1)
    ]
    notices.add(db, blocks)
