"""Passwords from a person: typed without being shown, or from a file, or piped in; never an argument."""

import sys

import click

from sincronizador.cli.ordering import read_file

HELP = "Archivo con la contraseña, o «-» para leerla de la entrada. Si no se dice, se pregunta."


def ask(prompt: str, path: str | None) -> bytes:
    """The first line of the file, or of what is piped in for ``-``; else what is typed. Raises a usage error."""
    if path is None:
        typed: str = click.prompt(prompt, hide_input=True, default="", show_default=False)
        return typed.encode()
    content = sys.stdin.buffer.read(1 << 16) if path == "-" else read_file(path)
    return content.partition(b"\n")[0].rstrip(b"\r")


def ask_new(prompt: str, path: str | None, *, shortest: int) -> str:
    """One that a person makes up: typed twice, and of some length. Raises a usage error."""
    made = ask(prompt, path)
    while path is None and made != ask("Otra vez", None):
        made = ask(f"No son iguales. {prompt}", None)
    text = made.decode("utf-8", "replace")
    if len(text) < shortest:
        raise click.UsageError(f"tiene que tener al menos {shortest} letras.")
    return text
