"""``reimprimir``: one more paper."""

import click

from sincronizador.cli import ordering, settings
from sincronizador.cli.terminal import say_sentences


@click.command(help="Imprime otra vez un comprobante (REFERENCIA, 101-A-1234 o archivo), marcado COPIA.")
@click.argument("que")
@click.option("--impresora", default="", help="En qué impresora; si no se dice, la de siempre.")
@click.option("--original", metavar="MOTIVO", default="", help="Sin la marca COPIA, si el primero no salió bien.")
def reimprimir(que: str, impresora: str, original: str) -> None:
    """The command."""
    args = {"que": que, "impresora": impresora, "original": original}
    say_sentences(ordering.carry_out(settings(), "reimprimir", args))
