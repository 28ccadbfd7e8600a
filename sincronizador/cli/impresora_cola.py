"""``impresora cola``: what waits at each print station, since when and why, and what a person does about it."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from sincronizador.cli import ordering, settings
from sincronizador.cli.terminal import say, say_json, say_sentences
from sincronizador.core.job import Kind
from sincronizador.journal import documents, jobs, papers, tasks
from sincronizador.journal.journal import open_journal

if TYPE_CHECKING:
    from sincronizador.journal.journal import Tx
    from sincronizador.journal.papers import Paper

_STATES = {"due": "en cola", "waiting": "retenido", "parked": "apartado"}
_WHAT = {Kind.IMPRIMIR: "texto", Kind.CAJON: "cajón"}
_DOUBT = "Mire si salió: si no, «reimprimir»; si salió, «impresora cola descartar»."


@click.group(invoke_without_command=True, help="Muestra qué espera en cada impresora, desde cuándo y por qué.")
@click.option("--json", "as_json", is_flag=True, help="Como JSON.")
@click.pass_context
def cola(context: click.Context, as_json: bool) -> None:
    """The command, and the group of what a person may do."""
    if context.invoked_subcommand is not None:
        return
    with open_journal(settings().diario, read_only=True).reading() as db:
        rows = [*_waiting(db), *_doubtful(db)]
    if as_json:
        say_json(rows)
    else:
        _print(rows)


@cola.command(help="Deja salir los papeles de QUE que esperan (REFERENCIA, 101-A-1234 o archivo), aunque sean viejos.")
@click.argument("que")
@click.option("--impresora", default="", help="Solo los que esperan en esta.")
@click.option("--motivo", default="", help="Por qué; queda anotado.")
def liberar(que: str, impresora: str, motivo: str) -> None:
    """Let out."""
    args = {"que": que, "impresora": impresora, "motivo": motivo}
    say_sentences(ordering.carry_out(settings(), "papel-liberar", args))


@cola.command(help="Da por terminados los papeles de QUE que esperan, o que quedaron dudosos.")
@click.argument("que")
@click.option("--impresora", default="", help="Solo los que esperan en esta.")
@click.option("--motivo", required=True, help="Por qué; queda anotado.")
def descartar(que: str, impresora: str, motivo: str) -> None:
    """End."""
    args = {"que": que, "impresora": impresora, "motivo": motivo}
    say_sentences(ordering.carry_out(settings(), "papel-descartar", args))


def _waiting(db: "Tx") -> Iterator[dict[str, Any]]:
    for waiting in tasks.waiting_to_print(db):
        for sheet in papers.of_job(db, waiting.job):
            if sheet.outcome is None and waiting.lane.endswith(f":{sheet.printer}"):
                state = "en pausa" if waiting.state == "due" and waiting.note else _STATES[waiting.state]
                yield _row(db, sheet, state, waiting.note)


def _doubtful(db: "Tx") -> Iterator[dict[str, Any]]:
    for sheet in papers.unseen(db):
        yield _row(db, sheet, "dudoso", f"{sheet.detail} {_DOUBT}".strip())


def _row(db: "Tx", sheet: "Paper", state: str, why: str) -> dict[str, Any]:
    document, asked = jobs.get(db, sheet.document), jobs.get(db, sheet.job)
    what = f"vía {sheet.via}" if sheet.via else "copia" if sheet.copia else "original"
    return {
        "impresora": sheet.printer,
        "estado": state,
        "desde": sheet.since.isoformat(timespec="seconds") if sheet.since else "",
        "papel": _WHAT.get(document.kind, what),
        "documento": documents.slug_of(db, document.id),
        "referencia": document.referencia,
        "archivo": asked.name,
        "caja": asked.till,
        "por": why,
    }


def _print(rows: list[dict[str, Any]]) -> None:
    if not rows:
        say("No espera ningún papel.")
    for name in dict.fromkeys(row["impresora"] for row in rows):
        here = [row for row in rows if row["impresora"] == name]
        say(f"{name}: {len(here)}")
        for row in here:
            which = " ".join(filter(None, (row["documento"], row["referencia"]))) or row["archivo"]
            say(f"  {row['estado']:9} {row['papel']:9} {which}  desde {_told(row['desde'])}  {row['por']}".rstrip())


def _told(at: str) -> str:
    """A moment as the clock on the wall showed it."""
    return f"{datetime.fromisoformat(at):%d/%m/%Y %H:%M:%S}" if at else "no se sabe"
