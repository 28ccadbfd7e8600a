"""``reintentar``: again what waits or was put aside."""

import click

from sincronizador.cli import ordering, settings
from sincronizador.cli.terminal import say_sentences


@click.command(
    help="Vuelve a intentar ya lo que espera o quedó apartado: todo, o una venta (REFERENCIA, número, archivo)."
)
@click.argument("que", required=False, default="")
@click.option("--reloj", is_flag=True, help="Confirma que la hora de la máquina está bien.")
def reintentar(que: str, reloj: bool) -> None:
    """The command."""
    say_sentences(ordering.carry_out(settings(), "reintentar", {"que": que, "reloj": "si" if reloj else ""}))
