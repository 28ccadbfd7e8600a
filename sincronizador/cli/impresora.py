"""``impresora``: print stations."""

from typing import TYPE_CHECKING

import click

from sincronizador.cli import settings
from sincronizador.cli.impresora_cola import cola
from sincronizador.cli.terminal import say
from sincronizador.errors import SincronizadorError

if TYPE_CHECKING:
    from sincronizador.printing.door import Printer


@click.group(help="Prueba y muestra las impresoras.")
def impresora() -> None:
    """The group."""


impresora.add_command(cola)


@impresora.command(help="Imprime una página de prueba: acentos, tamaños, regla de columnas, QR y corte.")
@click.argument("nombre")
def probar(nombre: str) -> None:
    """Trial page."""
    from sincronizador.printing.trial import trial_ticket

    printer, columns = _printer(nombre)
    printed = printer.send(printer.render(trial_ticket(printer.name, columns)), name=f"prueba-{printer.name}")
    say(f"{printer.name}: {printed.outcome}. {printed.detail}".rstrip())


@impresora.command(help="Dice cómo está cada impresora.")
def ver() -> None:
    """State of all."""
    found = settings()
    if not found.impresora:
        say("No hay ninguna impresora en la configuración.")
    for name, station in found.impresora.items():
        say(f"{name} ({station.via} {station.destino}, {station.columnas} columnas): {_state(_printer(name)[0])}")


def _state(printer: "Printer") -> str:
    try:
        return printer.status()
    except SincronizadorError as error:
        return str(error)


def _printer(name: str) -> tuple["Printer", int]:
    """The station and its columns."""
    from sincronizador.printing.stations import make_printer

    stations = settings().impresora
    station = stations.get(name.upper())
    if station is None:
        raise click.UsageError(f"no existe la impresora «{name}»; las que hay son: {', '.join(stations) or 'ninguna'}.")
    printer = make_printer(name.upper(), station.via, station.destino, station.columnas, station.pagina_codigos)
    return printer, station.columnas
