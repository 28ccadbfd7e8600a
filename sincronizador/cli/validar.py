"""``validar``: what is wrong with a file and what would become of it, without issuing anything."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import datetime
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from sincronizador.cli import settings
from sincronizador.cli.terminal import say, say_json
from sincronizador.files import cause_of
from sincronizador.folders.heartbeat import CONTRATO

if TYPE_CHECKING:
    from sincronizador.engine.house import House
    from sincronizador.engine.validation import Checked, Checkup
    from sincronizador.journal.journal import Journal
    from sincronizador.settings import Settings

STDIN = "-"
_FOLDER = "es una carpeta, sin archivos que se tomarían de entrada"


@click.command(help="Controla archivos sin emitir nada: dice todo lo que está mal, con su línea, y qué saldría.")
@click.argument("archivos", nargs=-1, required=True, metavar="ARCHIVO...")
@click.option("--json", "as_json", is_flag=True, help="Como JSON.")
@click.option("--breve", is_flag=True, help="Solo lo que está mal. Con varios archivos, es lo que se muestra.")
@click.option("--png", metavar="DESTINO", default="", help="Escribe la imagen del ticket: un archivo, o una carpeta.")
@click.option("--pdf", metavar="DESTINO", default="", help="Escribe la hoja A4: un archivo, o una carpeta.")
@click.option("--caja", metavar="CAJA", default="", help="Como si se dejara en esa caja.")
@click.option("--como", metavar="NOMBRE", default="", help="Como si se llamara así. «-» lee la entrada estándar.")
def validar(archivos: tuple[str, ...], as_json: bool, breve: bool, png: str, pdf: str, caja: str, como: str) -> int:
    """The command; exit code 1 when any file would be refused."""
    found = settings()
    with ExitStack() as stack:
        bench = Bench(found, stack, caja=caja, como=como)
        paths = list(bench.expanded(archivos))
        wanted = {kind: to for kind, to in (("png", png), ("pdf", pdf)) if to}
        show = Show(bench, as_json=as_json, breve=breve or len(paths) > 1)
        valid = [show.file(path, wanted, many=len(paths) > 1) for path in paths]
        show.end(found.ambiente)
    return int(not all(valid))


class Show:
    """What a person or a program reads of the files, one after the other."""

    def __init__(self, bench: "Bench", *, as_json: bool, breve: bool) -> None:
        self._bench = bench
        self._as_json = as_json
        self._breve = breve
        self._rows: list[dict[str, Any]] = []
        self._written: set[str] = set()
        """Pictures of this run: those of another file with the same name go beside them."""

    def file(self, path: str, wanted: dict[str, str], *, many: bool) -> bool:
        """One file and its pictures; whether it would not be refused."""
        from sincronizador.cli.checkup import facts, told

        content, checkup = self._bench.look(path)
        if self._as_json:
            self._rows.append(facts(path, checkup, self._bench.plain))
        else:
            say(*told(path, checkup, content, None if self._breve else self._bench.plain))
        _write_pictures(self._bench, checkup, wanted, self._written, many=many)
        return checkup.is_valid

    def end(self, ambiente: str) -> None:
        """What is worth knowing of the installation; for a program, everything at once."""
        notes = self._bench.notes
        if self._as_json:
            facts = {
                "contrato": CONTRATO,
                "instalacion": {"ambiente": ambiente, "avisos": notes},
                "archivos": self._rows,
            }
            say_json(facts)
            return
        for note in notes:
            say(f"Instalación: {note}")


class Bench:
    """Where files are looked at: the installation, with its journal when there is one that can be read."""

    def __init__(self, found: "Settings", stack: ExitStack, *, caja: str, como: str) -> None:
        from sincronizador.daemon.assembly import make_checker

        self._settings, self._stack, self._caja, self._como = found, stack, caja.upper(), como
        self.notes: list[str] = []
        """What is worth knowing of the installation, a sentence each."""
        journal = self._journal(found)
        stack.callback(journal.close)
        self.house: House = make_checker(found, journal)
        self.notes += self._about()

    def _journal(self, found: "Settings") -> "Journal":
        """The installation's; where there is none to read, an empty one that nobody keeps."""
        from sincronizador.errors import NeedsOperator
        from sincronizador.journal.journal import create, open_journal

        try:
            return open_journal(found.diario, read_only=True)
        except NeedsOperator as error:
            self.notes.append(f"no se conocen ventas anteriores ni números. {error}")
            return create(os.path.join(self._stack.enter_context(TemporaryDirectory()), "diario.db"), {})

    def _about(self) -> Iterator[str]:
        now = self.house.clock.now()
        if trouble := self.house.pen.trouble(now):
            yield f"hoy no se podría firmar: {trouble}."
        if not self.house.printers:
            yield "no hay ninguna impresora configurada."
        yield from (alarm.sentence for alarm in self.house.country.alarms(now.date()))

    def expanded(self, paths: Sequence[str]) -> Iterator[str]:
        """The files meant; of a folder, those that would be taken from ``entrada``."""
        from sincronizador.folders.settle import is_request

        for path in paths:
            if not os.path.isdir(path):
                yield path
                continue
            names = (entry.name for entry in os.scandir(path) if entry.is_file())
            taken = sorted(name for name in names if is_request(name) or self.house.dialects.of(name, self._caja))
            yield from (os.path.join(path, name) for name in taken)
            if not taken:
                yield path

    def look(self, path: str) -> "tuple[bytes, Checkup]":
        """A file's bytes and what is to be told of it; one that cannot be read is told too."""
        from sincronizador.core import codes
        from sincronizador.engine.validation import Checkup, validate

        maximo = self._settings.entrada.maximo
        now = datetime.now(self.house.country.zone)
        name = self._como or ("entrada.txt" if path == STDIN else os.path.basename(path))
        try:
            content = _read(path, maximo + 1)
        except OSError as error:
            cause = _FOLDER if isinstance(error, IsADirectoryError) else cause_of(error)
            finding = codes.EMPTY.at(detalle=cause)
            return b"", Checkup(name=name, kind=None, encoding="", findings=(finding,))
        if len(content) > maximo:
            finding = codes.NOT_PLAIN.at(detalle=f"tiene más de {maximo} bytes")
            return b"", Checkup(name=name, kind=None, encoding="", findings=(finding,))
        with self.house.journal.reading() as db:
            return content, validate(self.house, db, name, content, now, till=self._caja)

    def plain(self, document: "Checked") -> str:
        """The ticket that would come out, as text; empty for a document that cannot be issued."""
        from sincronizador.engine.validation import plain

        return plain(self.house, document)

    def picture(self, kind: str, document: "Checked") -> bytes:
        """The same as a ``png``, or the A4 form as a ``pdf``; empty for a document that cannot be issued."""
        from sincronizador.engine.validation import picture

        return picture(self.house, kind, document)


def _read(path: str, most: int) -> bytes:
    if path == STDIN:
        return sys.stdin.buffer.read(most)
    with open(path, "rb") as file:
        return file.read(most)


def _write_pictures(bench: Bench, checkup: "Checkup", wanted: dict[str, str], written: set[str], *, many: bool) -> None:
    documents = checkup.documents
    for kind, target in wanted.items():
        for number, document in enumerate(documents, 1):
            content = bench.picture(kind, document)
            if not content:
                continue
            end = f"-{number:04d}" if len(documents) > 1 else ""
            stem = os.path.splitext(os.path.basename(checkup.name))[0]
            is_folder = many or bool(end) or os.path.isdir(target) or target.endswith(os.sep)
            path = os.path.join(target, f"{stem}{end}.{kind}") if is_folder else target
            _save(_unused(path, written), content)


def _unused(path: str, written: set[str]) -> str:
    stem, extension = os.path.splitext(path)
    number = 1
    while path in written:
        number += 1
        path = f"{stem}~{number}{extension}"
    written.add(path)
    return path


def _save(path: str, content: bytes) -> None:
    try:
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        with open(path, "wb") as file:
            file.write(content)
    except OSError as error:
        raise click.UsageError(f"no se puede escribir «{path}» ({cause_of(error)}).") from error
    say(f"Escrito: {path}", err=True)
