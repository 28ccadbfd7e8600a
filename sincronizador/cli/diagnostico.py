"""``diagnostico``: why it does not work, on the screen and as one text to be mailed to who helps."""

import os
import tempfile
from collections.abc import Sequence
from datetime import datetime

import click

from sincronizador.cli import diagnosis
from sincronizador.cli.places import new_toml
from sincronizador.cli.terminal import say, say_sentences, say_styled
from sincronizador.core.inspection import Juicio
from sincronizador.countries.uy.tipos import ZONE
from sincronizador.errors import NeedsOperator
from sincronizador.files import cause_of

_COLOURS = {Juicio.OK: None, Juicio.AVISO: "yellow", Juicio.MAL: "red"}


@click.command(help="Dice por qué no anda: red, TLS, reloj, certificado, carpetas, impresoras. Escribe un informe.")
@click.option(
    "--archivo",
    metavar="ARCHIVO",
    help="Dónde escribir el informe; si no se dice, en esta carpeta. Con «-», solo el informe, a la salida.",
)
def diagnostico(archivo: str | None) -> int:
    """The command; exit code 78 when something is wrong."""
    now = datetime.now(ZONE)
    parts = diagnosis.examine(diagnosis.scene_of(_toml(), now))
    report = diagnosis.report(parts, now)
    if archivo == "-":
        say_sentences(report.rstrip("\n"))
    else:
        _show(parts)
        say("", f"Informe para soporte, sin contraseñas ni datos de clientes: {_write(archivo, report, now)}")
    return 78 if diagnosis.worst(parts) is Juicio.MAL else 0


def _show(parts: Sequence[diagnosis.Part]) -> None:
    for part in parts:
        say("")
        say_styled(part.title, bold=True)
        for check in part.checks:
            say_styled(f"  {diagnosis.line(check)}", fg=_COLOURS[check.juicio])


def _toml() -> str:
    """The one that is there, or the place where one should be."""
    from sincronizador.cli.places import named_toml

    try:
        return os.path.abspath(named_toml())
    except NeedsOperator:
        return new_toml()


def _write(path: str | None, text: str, now: datetime) -> str:
    """Where it was written: what the current folder does not take goes to the one for temporary files."""
    name = f"diagnostico-{now:%Y%m%d-%H%M%S}.txt"
    for target in [path] if path else [name, os.path.join(tempfile.gettempdir(), name)]:
        try:
            with open(target, "w", encoding="utf-8") as file:
                file.write(text)
        except OSError as error:
            trouble = error
        else:
            return os.path.abspath(target)
    raise click.UsageError(f"no se puede escribir «{path or name}» ({cause_of(trouble)}).") from trouble
