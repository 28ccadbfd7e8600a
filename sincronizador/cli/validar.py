"""``validar``: what is wrong with a file, without issuing anything."""

import json
import os
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING

import click

from sincronizador.cli import ordering, settings

if TYPE_CHECKING:
    from sincronizador.core.finding import Finding


@click.command(help="Controla archivos sin emitir nada; dice todo lo que está mal, con su línea.")
@click.argument("archivos", nargs=-1, required=True, metavar="ARCHIVO...")
@click.option("--json", "as_json", is_flag=True, help="Como JSON.")
def validar(archivos: tuple[str, ...], as_json: bool) -> int:
    """The command; exit code 1 when any file is refused."""
    told = {archivo: _check(archivo) for archivo in archivos}
    bad = any(finding.is_error for found in told.values() for finding in found)
    if as_json:
        rows = {archivo: [asdict(finding) for finding in found] for archivo, found in told.items()}
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return int(bad)
    for archivo, found in told.items():
        errors = sum(finding.is_error for finding in found)
        click.echo(f"{archivo}: {'está bien' if not errors else f'{errors} errores' if errors > 1 else '1 error'}")
        for finding in found:
            place = f"línea {finding.line}: " if finding.line else ""
            click.echo(f"  {finding.code} {place}{finding.message} {finding.hint or ''}".rstrip())
    return int(bad)


def _check(archivo: str) -> list["Finding"]:
    from sincronizador.daemon import assembly
    from sincronizador.engine.validation import validate
    from sincronizador.journal.journal import open_journal

    found = settings()
    content = ordering.read_file(archivo)
    journal = open_journal(found.diario, read_only=True)
    house, _ = assembly.make_house(found, journal)
    with journal.reading() as db:
        return validate(house, db, os.path.basename(archivo), content, datetime.now(house.country.zone))
