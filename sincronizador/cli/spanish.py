"""Click in Spanish: the headings of its help and the sentences of its usage errors."""

from collections.abc import Iterable
from difflib import get_close_matches

import click
from click.exceptions import MissingParameter, NoArgsIsHelpError, NoSuchCommand, NoSuchOption

_WORDS = {
    "Options": "Opciones",
    "Positional arguments": "Argumentos",
    "Commands": "Comandos",
    "Show this message and exit.": "Muestra esta ayuda.",
}


class Formatter(click.HelpFormatter):
    """The help with its headings in Spanish."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """The first line."""
        args = args.replace("[OPTIONS]", "[OPCIONES]").replace("COMMAND [ARGS]...", "COMANDO [ARGUMENTOS]...")
        super().write_usage(prog, args, prefix or "Uso: ")

    def write_heading(self, heading: str) -> None:
        """The heading of a section."""
        super().write_heading(_WORDS.get(heading, heading))

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """A list of options or commands."""
        super().write_dl([(term, _WORDS.get(text, text)) for term, text in rows], col_max, col_spacing)


click.Context.formatter_class = Formatter


def sentence(error: click.ClickException) -> str:
    """What is wrong with a command line, for the person who typed it."""
    if isinstance(error, NoArgsIsHelpError):
        return error.format_message()
    context = error.ctx if isinstance(error, click.UsageError) else None
    where = f" Vea «{context.command_path} --help»." if context else ""
    return f"Error: {_complaint(error)}{where}"


def _complaint(error: click.ClickException) -> str:
    if isinstance(error, NoSuchCommand):
        known = error.cmd.list_commands(error.ctx) if isinstance(error.cmd, click.Group) and error.ctx else []
        return f"no existe el comando «{error.command_name}».{_nearest(get_close_matches(error.command_name, known))}"
    if isinstance(error, NoSuchOption):
        return f"no existe la opción «{error.option_name}».{_nearest(error.possibilities)}"
    if isinstance(error, MissingParameter):
        return f"falta {_name(error)}."
    if isinstance(error, click.BadParameter):
        return f"valor no admitido en {_name(error)}: {_expected(error)}"
    if isinstance(error, click.BadOptionUsage):
        return f"la opción «{error.option_name}» lleva un valor."
    return error.format_message()


def _nearest(possibilities: list[str] | None) -> str:
    return f" ¿Quiso decir «{possibilities[0]}»?" if possibilities else ""


def _name(error: click.BadParameter) -> str:
    if error.param is None:
        return "un argumento"
    if isinstance(error.param, click.Option):
        return error.param.opts[-1]
    return error.param.make_metavar(error.ctx) if error.ctx else str(error.param.name)


def _expected(error: click.BadParameter) -> str:
    kind = error.param.type if error.param else None
    if isinstance(kind, click.Choice):
        return f"elija entre {', '.join(map(str, kind.choices))}."
    if isinstance(kind, click.types.IntParamType):
        return "debe ser un número entero."
    return error.message


def count(number: int, one: str, many: str) -> str:
    """``1 venta``, ``2 ventas``."""
    return f"{number} {one if number == 1 else many}"
