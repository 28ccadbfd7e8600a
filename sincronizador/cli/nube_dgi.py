"""``nube dgi-prueba``: the DGI to test against, in the foreground."""

import signal

import click

from sincronizador.cli.terminal import say
from sincronizador.files import cause_of
from sincronizador.stopping import Stop

_LOOK_SECONDS = 1.0
"""Between two looks at what people drop beside it."""


@click.command(
    name="dgi-prueba", help="Una DGI de prueba en esta máquina: recibe, controla y responde como la verdadera."
)
@click.option("--puerto", type=click.IntRange(1, 65535), required=True, help="Dónde escucha, solo en esta máquina.")
@click.option("--carpeta", default="dgi-prueba", show_default=True, help="Dónde guarda su identidad y lo que recibe.")
@click.option("--esquemas", default="", metavar="CARPETA", help="Los XSD de DGI, para controlar también contra ellos.")
def dgi_prueba(puerto: int, carpeta: str, esquemas: str) -> None:
    """Serve until told to stop."""
    from sincronizador.cli.dgi_prueba import Intake, open_server, settings_text

    stop = Stop(signal.SIGTERM, signal.SIGINT)
    server = open_server(carpeta, puerto, esquemas)
    intake = Intake(server, carpeta)
    told = intake.look()
    try:
        server.up()
    except OSError as exc:
        server.dgi.close()
        raise click.UsageError(f"no se puede escuchar en el puerto {puerto}: {cause_of(exc)}.") from exc
    say(*told, f"DGI de prueba en {server.url}. En la configuración de la nube:", "")
    say(*settings_text(server.url, carpeta).splitlines())
    say("", f"Lo que recibió: {server.url}/prueba/estado. Cómo se le piden rechazos y cortes: docs/dgi-prueba.md.")
    while not stop.wait(_LOOK_SECONDS):
        if told := intake.look():
            say(*told)
    server.down()
    server.dgi.close()
