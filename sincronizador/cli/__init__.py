"""
Roof: the command line. One module per command, imported only when that command is called.

Exit codes: 0 done, 1 a document was refused, 2 usage, 69 unavailable, 75 later, 78 configuration.
"""

import sys
from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from sincronizador import __version__
from sincronizador.cli import spanish
from sincronizador.cli.terminal import say, say_sentences
from sincronizador.errors import SincronizadorError

if TYPE_CHECKING:
    from sincronizador.settings import Settings

COMMANDS = {
    "configurar": "Prepara una instalación: pregunta, prueba cada respuesta y emite algo de prueba.",
    "iniciar": "Arranca el servicio y se queda en primer plano.",
    "validar": "Controla archivos sin emitir nada.",
    "mapeo": "Prueba cómo se leen los archivos de otro programa.",
    "estado": "Dice cómo está la instalación, o una venta.",
    "explicar": "Cuenta todo lo que pasó con una venta, en orden.",
    "verificar": "Abre y prueba todo: carpetas, diario, certificado, nube, CAE, impresoras.",
    "diagnostico": "Dice por qué no anda, y escribe un informe para soporte.",
    "verificar-xml": "Controla un CFE, sobre, CAE o reporte de quien sea: firma, QR, totales.",
    "reintentar": "Vuelve a intentar lo que quedó apartado.",
    "descartar": "Da por terminado un pedido que no se va a emitir.",
    "cierre": "Dice qué se emitió en un día, y si coincide con los totales de su sistema.",
    "reimprimir": "Imprime otra vez un comprobante.",
    "consultar-rut": "Pregunta a DGI, por medio de la nube, quién es un RUT.",
    "cae": "Importa y lista los CAE.",
    "certificado": "Instala y muestra el certificado.",
    "contingencia": "Muestra, abre y cierra la contingencia.",
    "impresora": "Prueba y muestra las impresoras.",
    "avisos": "Prueba los avisos por correo y webhook.",
    "respaldo": "Hace, controla y recupera respaldos del diario.",
    "mudar": "Lleva la instalación a otra máquina.",
    "panel": "El panel: la instalación vista en el navegador, y la puerta HTTP.",
    "nube": "La nube propia: el servidor y su administración.",
    "demo": "Muestra el producto funcionando, sin tocar nada de esta máquina.",
}
"""Command -> its line in the help. ``sincronizador.cli.<command>`` holds a click command of that name, its hyphens as
underscores."""


class Commands(click.Group):
    """The group of all commands. Listing them imports none; the error family leaves as a sentence and an exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's door
        """The commands in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's door
        """The command of that name, imported now."""
        if cmd_name not in COMMANDS:
            return None
        name = cmd_name.replace("-", "_")
        command: click.Command = getattr(import_module(f"sincronizador.cli.{name}"), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's door
        """The list of commands for ``--help``."""
        with formatter.section("Comandos"):
            formatter.write_dl(list(COMMANDS.items()))

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run a command line and leave the process with its exit code: what the command returns, or the error's."""
        run = partial(super().main, args, prog_name, complete_var, standalone_mode=False, **extra)
        if not standalone_mode:
            return run()
        sys.exit(self._exit_code(run))

    @staticmethod
    def _exit_code(run: Callable[[], object]) -> int:
        try:
            code = run()
        except SincronizadorError as error:
            say_sentences(f"Error {error.code}: {error}", err=True)
            return error.exit_code
        except click.ClickException as error:
            say_sentences(spanish.sentence(error), err=True)
            return error.exit_code
        except click.Abort:
            say("Interrumpido.", err=True)
            return 130
        return code if isinstance(code, int) else 0


def settings() -> "Settings":
    """The settings that the command line names. Raises `NeedsOperator` with everything that is wrong in them."""
    from sincronizador.cli.places import named_toml
    from sincronizador.settings import load

    return load(named_toml())


@click.group(cls=Commands, help="Convierte archivos de cualquier sistema de facturación en comprobantes electrónicos.")
@click.option("--config", metavar="TOML", help="El archivo de configuración.")
@click.version_option(__version__, message="%(prog)s %(version)s", help="Muestra la versión.")
def main(config: str | None) -> None:
    """Entry point."""
