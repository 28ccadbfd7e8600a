"""
Taking dropped files: list, see whether they are whole, rename into ``procesando/``, read.

Renaming is the claim. From then on the file is ours, and its name alone says where it came from, so one that a crash
left without a row is adopted by the next look.
"""

import os
import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from sincronizador import files
from sincronizador.core import codes
from sincronizador.core.dialect import NO_DIALECTS, Dialect, Dialects
from sincronizador.core.job import Dropped, stem_of
from sincronizador.errors import NeedsOperator, Rejected
from sincronizador.folders.layout import Layout, is_till
from sincronizador.folders.origin import NAME_BYTES, Origin, origin_of
from sincronizador.folders.plain import read_plain, refused, stat_plain
from sincronizador.folders.settle import END_SECONDS, Seen, Verdict, is_request, judge, look, refusal
from sincronizador.formats.whole import first_section, missing

BATCH_FILES = 500
BATCH_BYTES = 16 << 20
"""What one scan takes at most; the rest is taken by the next."""

UNREADABLE_SECONDS = 2.0
"""How long a file may stay without permission to read it: some programs write first and grant later."""

_GRAIN_SECONDS = 0.1
"""Two writes within a tick of the filesystem's clock leave one date: a file this young is read again."""

_LINE_ENDS = (b"\n", b"\0", b"\x1a")
"""A carriage return may still get its line feed."""


class Busy(Protocol):
    """Whether the journal has a file of this stem, case ignored, still undecided in this till."""

    def __call__(self, till: str, stem: str, *, only_check: bool) -> bool: ...


@dataclass(slots=True)
class _File:
    """A file under observation, dropped or already claimed."""

    path: str
    origin: Origin
    seen: Seen
    dialect: Dialect | None
    """Its form; None: a TXT or XML of ours."""
    missing: str | None = ""
    ended: bool = False
    withdraws: bool = False
    unvouched: str = ""
    """The marker that it still waited for when it was last seen where it was dropped."""
    settled: bool = False
    """Read after its date could no longer hide a change: not read again until it changes."""


class Inbox:
    """
    The folders that files are dropped into.

    Files leave in order of their date, at most `BATCH_FILES` a scan. One whose stem is undecided in its till waits,
    unless it is a ``[RETIRAR]``. What is not a plain file of at most `maximo` bytes is claimed but never opened.
    What proves nothing else rests for `espera` seconds. A file's marker goes with it.
    Not for use by several threads. `clock` gives monotonic seconds.
    """

    def __init__(
        self,
        layout: Layout,
        *,
        incompleto: float,
        maximo: int,
        busy: Busy,
        dialects: Dialects = NO_DIALECTS,
        espera: float = 2.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._layout = layout
        self._incompleto = incompleto
        self._maximo = maximo
        self._busy = busy
        self._dialects = dialects
        self._espera = espera
        self._clock = clock
        self._markers: dict[str, str] = {}
        """Path of a marker, case of its name ignored, to its path."""
        self._waiting: dict[str, _File] = {}
        self._claimed: dict[str, _File] = {}
        self._moved: list[str] = []
        """Paths of claimed files of which it is not certain yet that a power cut leaves them here, and whole."""
        self._unmarked: set[str] = set()
        """Folders of markers that were removed, as long as a cut may bring them back."""
        self.troubles: list[NeedsOperator] = []
        """What kept the latest scan from taking files that are due; it goes on with the others."""

    def scan(self) -> list[Dropped]:
        """
        The files that are due, claimed: the renames have reached the disk, and so have the files.

        The caller writes their rows before it scans again. Never raises for a single file: see `troubles`.
        """
        self.troubles = []
        self._make_durable()
        dropped = self._read_claimed(list(self._claimed))
        taken = {file.origin.stem_key for file in self._claimed.values()}
        taken |= {_origin_of(one).stem_key for one in dropped}
        self._list()
        moved: list[str] = []
        tries = size = 0
        for file in list(self._waiting.values()):
            if tries >= BATCH_FILES or size > BATCH_BYTES:
                break
            if self._is_due(file) and not self._is_blocked(file, taken):
                tries += 1
                size += min(file.seen.size, self._maximo)
                if name := self._claim(file):
                    taken.add(file.origin.stem_key)
                    moved.append(name)
        self._make_durable()
        return dropped + self._read_claimed(moved)

    def adopt(self, known: Callable[[str], bool]) -> list[Dropped]:
        """
        Claimed files without a row, which a crash left behind; `known` tells the rows' claimed names.

        Oldest first, at most `BATCH_FILES` a call. One that is not whole yet comes with a later scan. Raises
        `NeedsOperator` when the folder cannot be listed.
        """
        folder = self._layout.procesando
        try:
            names = [name for name in os.listdir(folder) if name not in self._claimed]
        except OSError as error:
            raise files.trouble(error, folder) from error
        origins = [(name, origin_of(name)) for name in names]
        new = self._first_look(
            (os.path.join(folder, name), origin) for name, origin in origins if origin is not None and not known(name)
        )[:BATCH_FILES]
        self._claimed |= {os.path.basename(file.path): file for file in new}
        self._moved += [file.path for file in new]
        if marked := [file for file in new if _marker_of(file)]:
            self._list()
            for file in marked:
                self._drop_marker(file)
        self._make_durable()
        return self._read_claimed([os.path.basename(file.path) for file in new])

    def _list(self) -> None:
        """Bring what is under observation up to date; new files after those already known, by their date."""
        self._markers = {}
        listed = {os.path.join(folder, name): (name, till, check) for folder, name, till, check in self._names()}
        for path in [path for path in self._waiting if path not in listed]:
            del self._waiting[path]
        new = (
            (path, Origin(name=name, till=till, only_check=only_check))
            for path, (name, till, only_check) in listed.items()
            if path not in self._waiting
        )
        self._waiting |= {file.path: file for file in self._first_look(new)}

    def _names(self) -> Iterator[tuple[str, str, str, bool]]:
        for root, only_check in ((self._layout.entrada, False), (self._layout.validar, True)):
            tills: list[str] = []
            yield from ((root, name, "", only_check) for name in self._requests(root, "", tills))
            for till in tills:
                folder = os.path.join(root, till)
                yield from ((folder, name, till, only_check) for name in self._requests(folder, till, []))

    def _requests(self, folder: str, till: str, tills: list[str]) -> Iterator[str]:
        """Names only: what a scan of a folder of thousands can afford."""
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    if self._dialects.is_marker(entry.name):
                        path = os.path.join(folder, entry.name)
                        self._markers[_marker_key(path)] = path
                    elif is_request(entry.name) or self._dialects.of(entry.name, till):
                        yield entry.name
                    elif is_till(entry.name) and entry.is_dir(follow_symlinks=False):
                        tills.append(entry.name)
        except OSError as error:
            self._report(files.trouble(error, folder))

    def _first_look(self, found: Iterable[tuple[str, Origin]]) -> list[_File]:
        looked = []
        for path, origin in found:
            try:
                status = os.lstat(path)
            except FileNotFoundError:
                continue
            except OSError as error:
                self._report(files.trouble(error, os.path.dirname(path)))
                continue
            seen = look(None, size=status.st_size, changed=status.st_mtime_ns, now=self._clock())
            dialect = self._dialects.of(origin.name, origin.till)
            looked.append(_File(path=path, origin=origin, seen=seen, dialect=dialect))
        return sorted(looked, key=lambda file: (file.seen.changed, file.path))

    def _is_due(self, file: _File) -> bool:
        try:
            return self._judge(file) is not None
        except Rejected:
            return True
        except FileNotFoundError:
            del self._waiting[file.path]
        except OSError as error:
            self._report(files.trouble(error, file.path))
        return False

    def _is_blocked(self, file: _File, taken: set[tuple[bool, str, str]]) -> bool:
        if file.withdraws:
            return False
        origin = file.origin
        return origin.stem_key in taken or self._busy(origin.till, stem_of(origin.name), only_check=origin.only_check)

    def _judge(self, file: _File, *, again: bool = False) -> bytes | None:
        """
        None while a file must wait, else its bytes (empty when they were read before and not `again`).

        Raises `Rejected` for a file that must be refused, and OSError.
        """
        status = stat_plain(file.path, maximo=self._maximo)
        if len(os.fsencode(file.origin.name)) > NAME_BYTES:
            raise refused(codes.NOT_PLAIN.at(detalle=f"su nombre tiene más de {NAME_BYTES} caracteres"))
        now, content = self._clock(), b""
        seen = look(file.seen, size=status.st_size, changed=status.st_mtime_ns, now=now)
        if again or not file.settled or seen is not file.seen:
            file.seen, file.settled = seen, now - seen.since >= _GRAIN_SECONDS
            try:
                content = read_plain(file.path, maximo=self._maximo)
            except PermissionError as error:
                if now - seen.since < UNREADABLE_SECONDS:
                    return None
                raise refused(codes.EMPTY.at(detalle="no hay permiso para leerlo")) from error
            _examine(file, content)
        if not again:
            file.unvouched = self._missing_marker(file)
        lack = file.missing or file.unvouched or None
        rests = file.dialect is not None and file.dialect.proof.rest
        rest = self._espera if rests else END_SECONDS
        match judge(seen, lack, ended=file.ended, now=now, incompleto=self._incompleto, rest=rest):
            case Verdict.TAKE:
                return content
            case Verdict.REFUSE:
                raise refused(refusal(seen, lack, incompleto=self._incompleto))
            case Verdict.WAIT:
                return None

    def _missing_marker(self, file: _File) -> str:
        """The marker that a file still waits for, in words; empty when it is there, or none is wanted."""
        marker = _marker_of(file)
        return f"el archivo {os.path.basename(marker)}" if marker and _marker_key(marker) not in self._markers else ""

    def _claim(self, file: _File) -> str:
        """Rename into ``procesando/``; the claimed name, or empty when that was not possible now."""
        try:
            name = file.origin.claimed(secrets.token_hex(6))
            while not files.move_new(file.path, os.path.join(self._layout.procesando, name)):
                name = file.origin.claimed(secrets.token_hex(6))
        except FileNotFoundError:
            return ""
        except NeedsOperator as error:
            self._report(error)
            return ""
        del self._waiting[file.path]
        self._drop_marker(file)
        file.path = os.path.join(self._layout.procesando, name)
        self._claimed[name] = file
        self._moved.append(file.path)
        return name

    def _make_durable(self) -> None:
        """No row before the move that it tells of, or the file would be there to be claimed again after a cut."""
        if self._moved:
            files.sync_moved(self._moved)
            self._moved = []
        for folder in sorted(self._unmarked):
            files.sync_folder(folder)
            self._unmarked.discard(folder)

    def _drop_marker(self, file: _File) -> None:
        """A marker has vouched for its file and must not vouch for the next one, unless that lies there already."""
        wanted = _marker_of(file, folder=self._folder_of(file.origin))
        path = self._markers.pop(_marker_key(wanted), "") if wanted else ""
        if not path or any(other.origin == file.origin for other in self._waiting.values()):
            return
        try:
            os.unlink(path)
        except FileNotFoundError:
            return
        except OSError as error:
            self._report(files.trouble(error, path))
        else:
            self._unmarked.add(os.path.dirname(path))

    def _folder_of(self, origin: Origin) -> str:
        root = self._layout.validar if origin.only_check else self._layout.entrada
        return os.path.join(root, origin.till) if origin.till else root

    def _read_claimed(self, names: Iterable[str]) -> list[Dropped]:
        """Those of the claimed files that are settled. One that is not whole any more stays, and is judged again."""
        return [dropped for name in names if (dropped := self._read_one(name))]

    def _read_one(self, name: str) -> Dropped | None:
        file, trouble = self._claimed[name], None
        try:
            content = self._judge(file, again=True)
        except Rejected as error:
            content, trouble = b"", (error.code, str(error))
        except FileNotFoundError:
            del self._claimed[name]
            return None
        except OSError as error:
            self._report(files.trouble(error, file.path))
            return None
        if content is None:
            return None
        del self._claimed[name]
        origin = file.origin
        return Dropped(
            name=origin.name,
            till=origin.till,
            only_check=origin.only_check,
            claimed=name,
            content=content,
            trouble=trouble,
        )

    def _report(self, trouble: NeedsOperator) -> None:
        if str(trouble) not in map(str, self.troubles):
            self.troubles.append(trouble)


def _examine(file: _File, content: bytes) -> None:
    """What the bytes of a file tell about it."""
    if file.dialect is not None:
        file.missing = file.dialect.missing(content)
        file.ended = not file.dialect.proof.rest and content.endswith(_LINE_ENDS)
        return
    file.missing = missing(content, xml=file.path.lower().endswith(".xml"))
    file.ended = content.endswith(_LINE_ENDS)
    file.withdraws = first_section(content) == "RETIRAR"


def _marker_of(file: _File, folder: str = "") -> str:
    """The path of the file that vouches for this one, as it was dropped; empty when none does."""
    marker = file.dialect.proof.marker if file.dialect is not None else ""
    return os.path.join(folder or os.path.dirname(file.path), f"{stem_of(file.origin.name)}.{marker}") if marker else ""


def _marker_key(path: str) -> str:
    folder, name = os.path.split(path)
    return os.path.join(folder, name.casefold())


def _origin_of(dropped: Dropped) -> Origin:
    return Origin(name=dropped.name, till=dropped.till, only_check=dropped.only_check)
