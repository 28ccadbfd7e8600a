"""
What reaches a terminal: whatever a file says, it gives the terminal no commands.

Files and their names are written by strangers. An escape sequence of theirs, shown as it is, could hide a line, write
over another one or rename the window.
"""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from sincronizador import progress

_SOON = 1.0
"""Seconds that somebody waits without asking how long it takes."""


def say(*lines: str, err: bool = False) -> None:
    """Show each as one line, blanks for blanks of any kind and ``?`` for what is no letter; on stderr with `err`."""
    for line in lines or ("",):
        click.echo(shown(line), err=err)


def say_styled(line: str, *, fg: str | None = None, bold: bool = False) -> None:
    """The same, in a colour or bold where there is a terminal."""
    click.secho(shown(line), fg=fg, bold=bold)


def say_sentences(text: str, *, err: bool = False) -> None:
    """The same for what was told in several lines, by an error or an order."""
    say(*text.split("\n"), err=err)


def say_json(value: object) -> None:
    """Show a value as JSON, with escapes for what a terminal would obey."""
    text = json.dumps(value, ensure_ascii=False, indent=1)
    click.echo(text if text.isprintable() else "".join(map(_escaped, text)))


@contextmanager
def _progress_bars() -> Iterator[None]:
    """Long work draws a bar for each thing that it does, on stderr and only where that is a terminal."""
    if not sys.stderr.isatty():
        yield
        return
    bars = _Bars()
    try:
        with progress.heard_by(bars.hear):
            yield
    finally:
        bars.end()


def draw_progress() -> None:
    """The command that runs now, and those below it, draw how far their long work has come."""
    click.get_current_context().with_resource(_progress_bars())


class _Bars:
    """One bar at a time; what is done at once draws none."""

    def __init__(self) -> None:
        self._what = ""
        self._bar: Any = None
        self._began = 0.0

    def hear(self, what: str, done: int, total: int) -> None:
        """Draw how far it is."""
        if what != self._what:
            self.end()
            self._what, self._began = what, time.monotonic()
        if self._bar is None and time.monotonic() - self._began > _SOON and done < total:
            self._bar = click.progressbar(length=total, label=shown(what), file=sys.stderr, width=30)
            self._bar.render_progress()
        if self._bar is not None:
            self._bar.update(done - self._bar.pos)
        if done >= total:
            self.end()

    def end(self) -> None:
        """The bar in hand is over."""
        if self._bar is not None:
            self._bar.render_finish()
        self._what, self._bar = "", None


def agrees(question: str, *, otherwise: bool = False) -> bool:
    """Whether a person says yes; Enter says `otherwise`."""
    while True:
        said: str = click.prompt(f"{question} (s/n)", default="s" if otherwise else "n")
        word = said.strip().casefold()
        if word in ("s", "si", "sí", "n", "no"):
            return word.startswith("s")


def insist(question: str) -> None:
    """Go on only when a person says yes. Raises `click.Abort`."""
    if not agrees(question):
        raise click.Abort


def shown(line: str) -> str:
    """A text as one line."""
    if line.isprintable():
        return line
    return "".join(letter if letter.isprintable() else " " if letter.isspace() else "?" for letter in line.expandtabs())


def _escaped(letter: str) -> str:
    return letter if letter.isprintable() or letter == "\n" else json.dumps(letter)[1:-1]
