"""``descartar``: an end for what will not be issued."""

import click

from sincronizador.cli import ordering, settings
from sincronizador.cli.terminal import say_sentences


@click.command(help="Da por terminado un pedido que todavía no se emitió (REFERENCIA o archivo). Queda DESCARTADO.")
@click.argument("que")
@click.option("--motivo", required=True, help="Por qué; queda anotado y va en la respuesta.")
def descartar(que: str, motivo: str) -> None:
    """The command."""
    say_sentences(ordering.carry_out(settings(), "descartar", {"que": que, "motivo": motivo}))
