"""``impresora``: print stations."""

from typing import TYPE_CHECKING, Any

import click

from sincronizador.cli import settings
from sincronizador.cli.impresora_cola import cola
from sincronizador.cli.terminal import say, say_json

if TYPE_CHECKING:
    from sincronizador.printing.stations import Station
    from sincronizador.settings import Impresora


_DRAWN = click.option("--png", type=click.File("wb"), metavar="ARCHIVO", help="No imprime: la dibuja en un archivo.")


@click.group(help="Prueba y muestra las impresoras.")
def impresora() -> None:
    """The group."""


impresora.add_command(cola)


@impresora.command(help="Imprime una página de prueba: acentos, tamaños, regla de columnas, QR y corte.")
@click.argument("nombre")
@_DRAWN
def probar(nombre: str, png: Any) -> None:
    """Trial page."""
    from sincronizador.printing.trial import trial_ticket

    name, table = _table(nombre)
    station = _station(name, table)
    page = station.render(trial_ticket(name, table.columnas), original=True)
    if png is not None:
        _draw(station, page, png)
        return
    _send(station, page, f"prueba-{name}")


@impresora.command(help="Imprime un renglón por cada página de códigos, para ver cuál tiene las tildes.")
@click.argument("nombre")
@_DRAWN
def codigos(nombre: str, png: Any) -> None:
    """The sheet of code pages."""
    station = _station(*_table(nombre))
    sheet = station.code_sheet()
    if png is not None:
        _draw(station, sheet, png)
        say("Cada impresora la imprime a su manera: la que vale es la de papel.")
        return
    _send(station, sheet, f"codigos-{station.name}")
    say("Busque el renglón que salió con sus tildes, y ponga en [impresora." + station.name + "] del TOML")
    say('pagina_codigos = lo que dice a su izquierda, por ejemplo "CP858:19". Si ninguno está bien: "ascii".')


@impresora.command(help="Pregunta ahora a cada impresora, o a una, cómo está; termina con 69 si alguna no imprimiría.")
@click.argument("nombre", required=False)
@click.option("--json", "as_json", is_flag=True, help="Como JSON.")
def estado(nombre: str | None, as_json: bool) -> int:
    """State, asked now."""
    rows = [_facts(*one) for one in ([_table(nombre)] if nombre else settings().impresora.items())]
    if as_json:
        say_json(rows)
    else:
        _tell(rows)
    return 0 if all(row["imprime"] for row in rows) else 69


@impresora.command(help="Dice cómo está cada impresora.")
def ver() -> None:
    """The same of all, for who only wants to see."""
    _tell([_facts(*one) for one in settings().impresora.items()])


def _tell(rows: list[dict[str, Any]]) -> None:
    if not rows:
        say("No hay ninguna impresora en la configuración.")
    for row in rows:
        verdict = "bien" if row["imprime"] else "MAL "
        say(f"{verdict} {row['nombre']} ({row['via']} {row['destino']}, {row['columnas']} columnas): {row['texto']}")


def _facts(name: str, table: "Impresora") -> dict[str, Any]:
    """A printer as data; the keys are public and stay."""
    from sincronizador.printing.stations import look

    seen = look(lambda: _station(name, table))
    state = seen.state
    tells = state is not None and not state.silent
    known = {
        "sin_papel": "no_paper", "poco_papel": "little_paper", "tapa_abierta": "cover_open",
        "fuera_de_linea": "offline", "falla": "failed",
    }  # fmt: skip
    return {
        "nombre": name, "via": table.via, "destino": table.destino, "columnas": table.columnas,
        "imprime": seen.prints, "informa": tells,
        **{key: getattr(state, field) if tells else None for key, field in known.items()},
        "texto": seen.text,
    }  # fmt: skip


def _draw(station: "Station", page: bytes, png: Any) -> None:
    png.write(station.picture(page))
    say(f"Escrita en {png.name}.")


def _send(station: "Station", page: bytes, name: str) -> None:
    printed = station.send(page, name=name)
    say(f"{station.name}: {printed.outcome}. {printed.detail}".rstrip())


def _table(name: str) -> tuple[str, "Impresora"]:
    """A printer's name as the settings have it, and what they say about it."""
    tables = settings().impresora
    if name.upper() not in tables:
        raise click.UsageError(f"no existe la impresora «{name}»; las que hay son: {', '.join(tables) or 'ninguna'}.")
    return name.upper(), tables[name.upper()]


def _station(name: str, table: "Impresora") -> "Station":
    from sincronizador.daemon.assembly import make_station

    return make_station(name, table)
