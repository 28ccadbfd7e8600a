"""``iniciar``: the daemon in the foreground."""

import click

from sincronizador.cli import settings


@click.command(help="Arranca el servicio y se queda en primer plano; lo detiene SIGTERM o Ctrl+C.")
def iniciar() -> None:
    """The command."""
    from sincronizador import logs
    from sincronizador.daemon.run import run

    found = settings()
    logs.start()
    run(found)
