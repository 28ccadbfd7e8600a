"""``panel``: the installation in a browser, and the HTTP door: a process of its own."""

from importlib.util import find_spec

import click

from sincronizador.cli import settings
from sincronizador.core import codes
from sincronizador.errors import NeedsOperator


@click.group(help="El panel: la instalación vista en el navegador, y la puerta HTTP.", invoke_without_command=True)
@click.pass_context
def panel(context: click.Context) -> None:
    """Serve, unless something else is asked."""
    for library in ("jinja2", "starlette", "uvicorn"):
        if find_spec(library) is None:
            raise codes.NO_PANEL.at(detalle=library).as_error(NeedsOperator)
    if context.invoked_subcommand is None:
        from sincronizador import logs
        from sincronizador.panel.server import serve

        found = settings()
        logs.start()
        serve(found)
