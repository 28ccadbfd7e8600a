"""``impresora cola``: what waits at each print station, since when and why, and what a person does about it."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from sincronizador.cli import ordering, settings
from sincronizador.cli.terminal import say, say_json, say_sentences
from sincronizador.engine.paper_queue import DOUBTFUL, waiting
from sincronizador.journal.journal import open_journal

if TYPE_CHECKING:
    from sincronizador.engine.paper_queue import Waiting

_DOUBT = "Mire si salió: si no, «reimprimir»; si salió, «impresora cola descartar»."


@click.group(invoke_without_command=True, help="Muestra qué espera en cada impresora, desde cuándo y por qué.")
@click.option("--json", "as_json", is_flag=True, help="Como JSON.")
@click.pass_context
def cola(context: click.Context, as_json: bool) -> None:
    """The command, and the group of what a person may do."""
    if context.invoked_subcommand is not None:
        return
    with open_journal(settings().diario, read_only=True).reading() as db:
        rows = [_row(paper) for paper in waiting(db)]
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


def _row(paper: "Waiting") -> dict[str, Any]:
    """A paper as data; the keys are public and stay."""
    return {
        "impresora": paper.printer,
        "estado": paper.state,
        "desde": paper.since.isoformat(timespec="seconds") if paper.since else "",
        "papel": paper.what,
        "documento": paper.document,
        "referencia": paper.referencia,
        "archivo": paper.name,
        "caja": paper.till,
        "por": f"{paper.why} {_DOUBT}".strip() if paper.state == DOUBTFUL else paper.why,
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
