"""``avisos``: whether what is told outside arrives."""

from datetime import datetime

import click

from sincronizador.cli import settings
from sincronizador.cli.terminal import say
from sincronizador.core import codes
from sincronizador.errors import NeedsOperator, SincronizadorError


@click.group(help="Prueba los avisos por correo y webhook.")
def avisos() -> None:
    """The group."""


@avisos.command(help="Manda un aviso de prueba a cada correo y webhook de [avisos], y dice cuáles lo tomaron.")
def probar() -> int:
    """Try."""
    from sincronizador.daemon import assembly
    from sincronizador.daemon.channels import make_channels, place_of
    from sincronizador.engine.notice import trial

    found = settings()
    told = trial(place_of(found), datetime.now(assembly.COUNTRIES[found.pais](found).zone))
    channels = make_channels(found)
    if not channels:
        raise codes.NOBODY_TO_TELL.at().as_error(NeedsOperator)
    worst = 0
    for channel in channels:
        try:
            channel.tell(told)
        except SincronizadorError as error:
            worst = max(worst, error.exit_code)
            say(f"MAL   {channel.name}: {error}")
        else:
            say(f"bien  {channel.name}: lo tomó")
    return worst
