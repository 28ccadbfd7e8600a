"""``explicar``: the story of one sale, or of an order, as the journal tells it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import click

from sincronizador.cli import settings
from sincronizador.cli.terminal import say, say_json
from sincronizador.core import codes
from sincronizador.core.job import Job, Kind
from sincronizador.errors import Rejected
from sincronizador.journal import documents, events, jobs, lots, orders, papers, search, tasks
from sincronizador.journal.journal import open_journal
from sincronizador.journal.search import Found, Wanted

if TYPE_CHECKING:
    from sincronizador.journal.journal import Tx

_MOST = 20
"""Candidates that are listed."""


@click.command(
    help="Cuenta todo lo que pasó con una venta, en orden: REFERENCIA, 101-A-1234, «A 1234», archivo, o LOTE/3."
)
@click.argument("que", required=False)
@click.option("--orden", type=click.IntRange(1), metavar="N", help="En lugar de una venta, una orden de una persona.")
@click.option("--json", "as_json", is_flag=True, help="Como JSON.")
def explicar(que: str | None, orden: int | None, as_json: bool) -> int:
    """The command; exit code 1 when several sales may be meant."""
    if (que is None) == (orden is None):
        raise click.UsageError("diga una venta, o --orden N.")
    with open_journal(settings().diario, read_only=True).reading() as db:
        if orden is not None:
            _explain_order(db, orden, as_json=as_json)
            return 0
        found = _meant(db, que or "")
        if isinstance(found, Job):
            _explain(db, found, as_json=as_json)
            return 0
    _list(que or "", found, as_json=as_json)
    return 1


def _meant(db: "Tx", que: str) -> Job | Sequence[Found]:
    """The one that is named, or those that may be meant. Raises `Rejected` E0112 when nothing is."""
    if (exact := jobs.of_referencia(db, que)) is not None:
        return exact
    if (part := _part(db, que)) is not None:
        return part
    page = search.search(db, Wanted(text=que), _MOST)
    rows = _same_name(page.rows, que) or page.rows
    if len(rows) == 1:
        return jobs.get(db, rows[0].id)
    if rows:
        return rows
    # Requests that are no sales are looked for by their file.
    return jobs.wanted(db, que)


def _same_name(rows: Sequence[Found], que: str) -> list[Found]:
    """Those whose file is called exactly so, with or without its extension."""
    wanted = que.strip().casefold()
    return [one for one in rows if wanted in (one.name.casefold(), one.name.casefold().rpartition(".")[0])]


def _part(db: "Tx", que: str) -> Job | None:
    """``LOTE/3``: the third document of a lote."""
    lote, slash, number = que.rpartition("/")
    if not slash or not (number.isascii() and number.isdigit() and len(number) < 8):
        return None
    found = jobs.named(db, lote)
    head = jobs.head(db, found) if found is not None and found.kind is Kind.LOTE else None
    return lots.part(db, head.id, int(number)) if head is not None else None


def _explain(db: "Tx", job: Job, *, as_json: bool) -> None:
    family = jobs.family(db, job)
    told = events.of_jobs(db, family)
    head = job.follows or job.id
    slug = documents.slug_of(db, head)
    if as_json:
        rows = [{"hora": event.at.isoformat(), "hecho": f"{one.name}: {event.detail}"} for one, event in told]
        say_json({"estado": job.estado, "documento": slug, "hechos": rows})
        return
    say(f"{job.referencia or job.name}: {job.estado}{' ' + slug if slug else ''}")
    if job.parent is not None:
        lote = jobs.get(db, job.parent)
        say(f"Documento {job.part} del lote {lote.referencia or lote.name} ({lote.name}, línea {job.line}).")
    several = len({one.name for one in family}) > 1
    _tell([(event.at, f"{one.name}: {event.detail}" if several else event.detail) for one, event in told])
    for sheet in papers.of_document(db, head):
        if sheet.outcome is None:
            mark = f" (vía {sheet.via})" if sheet.via else " (COPIA)" if sheet.copia else ""
            say(f"Falta un papel en {sheet.printer}{mark}.")
    for step, state, note in tasks.notes(db, head):
        if state != "done" and note:
            say(f"Pendiente: {step} {note}")


def _tell(told: Sequence[tuple[datetime, str]]) -> None:
    """Clock times, and how long after the fact before; a day is said when it begins."""
    before: datetime | None = None
    for at, sentence in told:
        if before is None or at.date() != before.date():
            say(f"{at:%d/%m/%Y}")
        say(f"  {at:%H:%M:%S.%f}"[:-3] + f" {_after(at - before) if before else '':>9}  {sentence}")
        before = at


def _after(passed: timedelta) -> str:
    seconds = passed.total_seconds()
    if seconds < 60:
        return f"+{seconds:.3f} s"
    if seconds < 3600:
        return f"+{seconds / 60:.0f} min"
    return f"+{seconds / 3600:.0f} h" if seconds < 172_800 else f"+{seconds / 86_400:.0f} días"


def _list(que: str, rows: Sequence[Found], *, as_json: bool) -> None:
    if as_json:
        facts = [
            {"referencia": one.referencia, "archivo": one.name, "caja": one.till, "estado": one.estado,
             "documento": _slug(one), "recibido": one.claimed_at.isoformat()}
            for one in rows
        ]  # fmt: skip
        say_json({"candidatos": facts})
        return
    say(f"«{que}» puede ser cualquiera de estas; diga una por su REFERENCIA o su número:")
    for one in rows:
        till = f"{one.till}/" if one.till else ""
        named = f"{one.referencia or '(sin REFERENCIA)'}  {_slug(one)}".rstrip()
        say(f"  {one.claimed_at:%d/%m/%Y %H:%M}  {named}  {till}{one.name}  {one.estado}")


def _slug(one: Found) -> str:
    return f"{one.tipo}-{one.serie}-{one.numero}" if one.numero else ""


def _explain_order(db: "Tx", number: int, *, as_json: bool) -> None:
    found = orders.of(db, number)
    if found is None:
        raise codes.NEVER_ARRIVED.at(value=f"orden {number}").as_error(Rejected)
    args = {name: value for name, value in found.order.args.items() if value}
    if as_json:
        say_json({"orden": number, "verbo": found.order.verb, "args": args, "pedida": found.placed.isoformat(),
                  "hecha": found.done.isoformat() if found.done else "",
                  "resultado": found.outcome.sentence if found.outcome else ""})  # fmt: skip
        return
    say(f"Orden {number}: {found.order.verb} {', '.join(f'{name}={value}' for name, value in args.items())}".rstrip())
    told = [(found.placed, "Una persona la pidió.")]
    if found.done and found.outcome:
        told.append((found.done, ("" if found.outcome.ok else "No se pudo: ") + found.outcome.sentence))
    _tell(told)
    if not found.done:
        say("Espera al servicio, que es quien la cumple.")
