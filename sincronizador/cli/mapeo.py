"""``mapeo``: how the files of another program are read."""

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from sincronizador.cli import ordering, settings
from sincronizador.cli.terminal import say, say_json
from sincronizador.core.dialect import Dialects
from sincronizador.errors import NeedsOperator, Rejected

if TYPE_CHECKING:
    from sincronizador.cli.validar import Bench
    from sincronizador.core.dialect import Dialect
    from sincronizador.core.finding import Finding
    from sincronizador.core.sections import Sections

_NO_TOML = "E9304"


@click.group(help="Prueba los mapeos: cómo se leen los archivos de otro programa.")
def mapeo() -> None:
    """The group."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What there is to tell of a file."""

    mapeo: str
    falta: str
    """What it lacks to be whole; empty: nothing."""
    sections: "Sections"
    unused: tuple[str, ...]
    findings: "tuple[Finding, ...]"
    law: bool
    """Whether the law was asked too."""

    @property
    def is_bad(self) -> bool:
        """Whether it would be refused."""
        return bool(self.falta) or any(finding.is_error for finding in self.findings)


class _Only(Dialects):
    """One dialect, for whatever name."""

    def of(self, name: str, till: str) -> "Dialect | None":  # noqa: ARG002 - the names are what is not asked
        """That one."""
        return self.items[0]


@mapeo.command(help="Muestra el TXT que sale de un archivo, lo que el mapeo deja sin usar y todo lo que está mal.")
@click.argument("archivo")
@click.option("--mapeo", "toml", metavar="TOML", help="Con este mapeo; si no, con el que toma ese nombre.")
@click.option("--caja", metavar="CAJA", default="", help="Como si se dejara en esa caja.")
@click.option("--json", "as_json", is_flag=True, help="Como JSON.")
def probar(archivo: str, toml: str | None, caja: str, as_json: bool) -> int:
    """Try; exit code 1 when the file would be refused."""
    content, name = ordering.read_file(archivo), os.path.basename(archivo)
    with ExitStack() as stack:
        bench = _bench(stack, toml, name, caja)
        dialect = _chosen(bench, toml, name, caja)
        told = _look(bench, dialect, content, name, caja)
    if as_json:
        say_json(_facts(archivo, told))
    else:
        notes = [] if toml is None else _names_note(dialect, name, caja)
        say(*notes, *_lines(archivo, told))
    return int(told.is_bad)


def _bench(stack: ExitStack, toml: str | None, name: str, caja: str) -> "Bench | None":
    """The installation; a mapping may also be tried where there is none."""
    from sincronizador.cli.validar import Bench

    try:
        return Bench(settings(), stack, caja=caja, como=name)
    except NeedsOperator as error:
        if toml is None or error.code != _NO_TOML:
            raise
        return None


def _chosen(bench: "Bench | None", toml: str | None, name: str, caja: str) -> "Dialect":
    from sincronizador.daemon import assembly

    if toml is not None:
        return assembly.make_dialect(toml)
    dialect = bench.house.dialects.of(name, caja.upper()) if bench is not None else None
    if dialect is None:
        raise click.UsageError(f"Ningún mapeo toma «{name}». Diga con cuál se prueba: --mapeo TOML.")
    return dialect


def _look(bench: "Bench | None", dialect: "Dialect", content: bytes, name: str, caja: str) -> _Told:
    """The file as the mapping reads it and, with an installation, as the law would judge it."""
    from sincronizador.core.finding import Finding
    from sincronizador.core.sections import Sections
    from sincronizador.formats.mapping.dialect import MappedDialect

    falta, sections, unused = dialect.missing(content) or "", Sections(()), tuple[str, ...]()
    try:
        if isinstance(dialect, MappedDialect):
            trial = dialect.trial(content, name)
            reading, unused = trial.reading, trial.unused
        else:
            reading = dialect.read(content, name)
        sections, findings = reading.sections, reading.findings
    except Rejected as error:
        findings = (Finding(code=error.code, message=str(error)),)
    asked = bench is not None and bool(sections.items)
    if bench is not None and asked:
        findings = _judged(bench, dialect, content, name, caja)
    return _Told(mapeo=dialect.name, falta=falta, sections=sections, unused=unused, findings=findings, law=asked)


def _judged(bench: "Bench", dialect: "Dialect", content: bytes, name: str, caja: str) -> "tuple[Finding, ...]":
    from dataclasses import replace

    from sincronizador.engine.validation import validate

    house = replace(bench.house, dialects=_Only((dialect,)))
    with house.journal.reading() as db:
        return validate(house, db, name, content, house.clock.now(), till=caja.upper()).findings


def _names_note(dialect: "Dialect", name: str, caja: str) -> Sequence[str]:
    if dialect.names.take(name, caja.upper()):
        return ()
    return [f"Atención: el mapeo {dialect.name} no toma «{name}»: toma {', '.join(dialect.names.patterns)}.", ""]


def _lines(archivo: str, told: _Told) -> Iterator[str]:
    from sincronizador.formats.txt_writer import write

    errors = sum(finding.is_error for finding in told.findings)
    state = f"{errors} {'error' if errors == 1 else 'errores'}" if errors else "está bien"
    yield f"{archivo}, con el mapeo {told.mapeo}: {state}"
    if told.falta and not told.law:
        yield f"  No está entero: le falta {told.falta}."
    for finding in told.findings:
        place = f"línea {finding.line}: " if finding.line else ""
        yield f"  {finding.code} {place}{finding.message} {finding.hint or ''}".rstrip()
    if not told.law:
        yield "  La ley no se controló: hace falta la configuración de una instalación (--config)."
    yield ""
    yield from write(told.sections).rstrip("\n").split("\n")
    yield ""
    if told.unused:
        yield "Queda sin usar:"
        yield from (f"  {one}" for one in told.unused)
    else:
        yield "No queda nada sin usar."


def _facts(archivo: str, told: _Told) -> dict[str, object]:
    from sincronizador.cli.checkup import finding_facts
    from sincronizador.formats.txt_writer import write

    return {
        "archivo": archivo,
        "mapeo": told.mapeo,
        "falta": told.falta,
        "txt": write(told.sections),
        "sin_usar": list(told.unused),
        "hallazgos": [finding_facts(finding) for finding in told.findings],
    }
