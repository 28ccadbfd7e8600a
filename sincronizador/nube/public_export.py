"""
The publication as files that any web server serves: a page, the XML and the PDF of each document, each whole.

Done again, it writes what is new and what changed, and goes on where it was interrupted: what is there already is
looked at, and nothing else is remembered, so that nothing that is served tells which documents there are.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sincronizador import files
from sincronizador.core.receipt import CloudState
from sincronizador.errors import NeedsOperator
from sincronizador.lock import Lock
from sincronizador.nube import public_pages, public_site, server_codes
from sincronizador.nube.publication import STANDINGS, Publication, Published, Question

_LOCK = ".exportacion.candado"
_INDEX = "index.html"
_ENDINGS = ("xml", "pdf", "html")
"""The page is the last one to appear: what it leads to is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What an export did."""

    written: int = 0
    """Documents whose files are new or changed."""
    unchanged: int = 0
    waiting: int = 0
    """Not confirmed yet: for another time."""


def export(publication: Publication, rut: str, first: date, last: date, folder: str, now: datetime) -> Tally:
    """
    The documents of an issuer signed from `first` to `last` into `folder`, which may hold other days and issuers.

    Raises `Rejected` E3311, `NeedsOperator` (E3613 for a folder of somebody else, E3614, E92xx), `Unavailable`.
    """
    files.make_folder(folder, parents=True)
    with Lock(os.path.join(folder, _LOCK), server_codes.SECOND_EXPORT) as lock:
        lock.take(now)
        site = _Site(publication, folder)
        tally = Tally()
        for batch in _batches(publication, rut, first, last):
            tally = site.put(batch, tally)
        return tally


def _batches(publication: Publication, rut: str, first: date, last: date) -> Iterator[list[Published]]:
    for number in range((last - first).days + 1):
        yield from publication.signed_on(rut, first + timedelta(days=number))


class _Site:
    """The folder, while it is written."""

    def __init__(self, publication: Publication, folder: str) -> None:
        self._publication = publication
        self._folder = folder
        self._ready: set[str] = set()
        self._begin(os.path.join(folder, _INDEX))

    def put(self, batch: Sequence[Published], tally: Tally) -> Tally:
        """Some documents, on the disk when it returns."""
        fresh: list[tuple[str, bytes]] = []
        doomed: list[str] = []
        for published in batch:
            if published.standing is STANDINGS[CloudState.PREPARED]:
                tally = replace(tally, waiting=tally.waiting + 1)
                continue
            changed, gone = self._compared(published)
            fresh += changed
            doomed += gone
            if changed or gone:
                tally = replace(tally, written=tally.written + 1)
            else:
                tally = replace(tally, unchanged=tally.unchanged + 1)
        files.write_many(fresh)
        _remove(doomed)
        return tally

    def _begin(self, path: str) -> None:
        """The first page, in a folder of our own. Raises `NeedsOperator` E3613."""
        before = _content(path)
        if before is not None and public_pages.MARK.encode() not in before:
            raise server_codes.FOREIGN_FOLDER.at(detalle=files.printable(path)).as_error(NeedsOperator)
        files.sweep_temporaries(self._folder)
        page = public_site.index(trial=self._publication.is_trial).encode()
        if page != before:
            files.write_atomic(path, page)
        self._make(os.path.join(self._folder, public_site.DOCUMENTS))

    def _make(self, folder: str) -> None:
        """A folder that shows nothing of what is in it, also where a server shows the names in folders."""
        if folder in self._ready:
            return
        files.make_folder(folder)
        files.sweep_temporaries(folder)
        blind = public_pages.nothing(trial=self._publication.is_trial).encode()
        if _content(os.path.join(folder, _INDEX)) != blind:
            files.write_atomic(os.path.join(folder, _INDEX), blind)
        self._ready.add(folder)

    def _compared(self, published: Published) -> tuple[list[tuple[str, bytes]], list[str]]:
        """The files of a document that are not as they should be, and those that should not be."""
        paths = self._paths(published, published.emitido.codigo_seguridad)
        before = [
            path for code in self._publication.codes_before(published) for path in self._paths(published, code).values()
        ]
        names = {ending: os.path.basename(path) for ending, path in paths.items()}
        files_of = [(words, names[ending]) for ending, words in public_pages.FILES.items() if published.standing.vale]
        page = public_pages.result(published, files_of, f"../../{_INDEX}", trial=self._publication.is_trial).encode()
        fresh: list[tuple[str, bytes]] = []
        if published.standing.vale:
            fresh += self._files(published, paths)
        else:
            before += [paths["xml"], paths["pdf"]]
        if _content(paths["html"]) != page:
            fresh.append((paths["html"], page))
        return fresh, [path for path in before if os.path.lexists(path)]

    def _files(self, published: Published, paths: dict[str, str]) -> Iterator[tuple[str, bytes]]:
        signed = published.emitido.signed
        if _content(paths["xml"]) != signed:
            yield paths["xml"], signed
        # The same document gives the same PDF, and drawing one is what costs most.
        if not os.path.exists(paths["pdf"]):
            yield paths["pdf"], self._publication.pdf(published)

    def _paths(self, published: Published, code: str) -> dict[str, str]:
        emitido = published.emitido
        question = Question(
            rut=published.rut, tipo=emitido.tipo, serie=emitido.serie, numero=emitido.numero, codigo=code
        )  # fmt: skip
        shard, stem = public_site.stem_of(question)
        folder = os.path.join(self._folder, public_site.DOCUMENTS, shard)
        self._make(folder)
        return {ending: os.path.join(folder, f"{stem}.{ending}") for ending in _ENDINGS}


def _content(path: str) -> bytes | None:
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None
    except OSError as exc:
        raise files.trouble(exc, path) from exc


def _remove(paths: Sequence[str]) -> None:
    """What is not to be had any more; the page that says so is on the disk."""
    for path in paths:
        try:
            os.unlink(path)
        except OSError as exc:
            raise files.trouble(exc, path) from exc
    for folder in {os.path.dirname(path) for path in paths}:
        files.sync_folder(folder)
