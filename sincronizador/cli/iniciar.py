"""``iniciar``: the daemon in the foreground."""

import click

from sincronizador.cli import settings
from sincronizador.cli.places import named_toml


@click.command(help="Arranca el servicio y se queda en primer plano; lo detiene SIGTERM o Ctrl+C.")
@click.option("--tomar", is_flag=True, help="Sigue en lugar de otra máquina que ya no trabaja, o de un diario perdido.")
def iniciar(tomar: bool) -> None:
    """The command."""
    from sincronizador import logs
    from sincronizador.daemon.run import run

    found = settings()
    logs.start()
    run(found, named_toml(), tomar=tomar)
