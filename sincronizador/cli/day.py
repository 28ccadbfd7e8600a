"""A day, as an option of the command line."""

from datetime import date
from typing import Any

import click

from sincronizador.core.numbers import NotADate, parse_date


class Day(click.ParamType[date]):
    """As people write it, or as machines do."""

    name = "fecha"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """``21/11/2026``, ``2026-11-21``."""
        try:
            found = parse_date(str(value))
        except NotADate:
            found = None
        return found or self.fail(f"«{value}» no es una fecha: va como 21/11/2026.", param, ctx)
