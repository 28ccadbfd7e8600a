"""
``estado --nagios``: one line with figures behind it and an exit code, as the Monitoring Plugins guidelines have them.

Whatever is wrong, also with the settings, is a line on stdout and one of the four codes.
"""

from datetime import datetime
from enum import IntEnum

import click

from sincronizador.cli import settings
from sincronizador.cli.terminal import say
from sincronizador.core.inspection import Juicio
from sincronizador.countries.uy.tipos import ZONE
from sincronizador.errors import SincronizadorError
from sincronizador.journal.journal import open_journal
from sincronizador.overview import Overview, overview


class Code(IntEnum):
    """The exit codes of a plugin."""

    OK = 0
    WARNING = 1
    CRITICAL = 2
    UNKNOWN = 3


_CODES = {Juicio.OK: Code.OK, Juicio.AVISO: Code.WARNING, Juicio.MAL: Code.CRITICAL}


def tell(que: str | None) -> int:
    """Say it; the exit code."""
    if que:
        raise click.UsageError("--nagios habla de la instalación entera; no lleva el nombre de una venta.")
    code, line = _judged()
    say(f"SINCRONIZADOR {code.name} - {line}")
    return code


def _judged() -> tuple[Code, str]:
    try:
        found = settings()
        with open_journal(found.diario, read_only=True).reading() as db:
            seen = overview(found, db, datetime.now(ZONE))
    except SincronizadorError as error:
        # The bar would begin the figures.
        return Code.UNKNOWN, f"{error.code} {error}".replace("|", "/")
    return _CODES[seen.juicio], f"{_sentence(seen)} | {_figures(seen)}"


def _sentence(seen: Overview) -> str:
    return " ".join((seen.frase, *seen.alarms)).replace("|", "/")


def _figures(seen: Overview) -> str:
    """``name=value;warn;crit;min``, separated by blanks."""
    figures = {
        "sin_decidir": seen.undecided,
        "cola_envio": seen.to_hand_over,
        "cola_impresion": seen.to_print,
        "apartados": seen.parked,
        "retenidos": seen.held,
        "dudosos": seen.doubtful,
        "hoy": seen.today,
    }
    if seen.beat is not None and seen.beat.certificado_dias is not None:
        figures["certificado_dias"] = seen.beat.certificado_dias
    return " ".join(f"{name}={value};;;0" for name, value in figures.items())
