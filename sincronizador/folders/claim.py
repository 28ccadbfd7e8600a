"""
Taking dropped files: list, see whether they are whole, rename into ``procesando/``, read.

Renaming is the claim. From then on the file is ours, and its name alone says where it came from, so one that a crash
left without a row is adopted by the next look.
"""

import itertools
import os
import secrets
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from sincronizador import files
from sincronizador.core import codes
from sincronizador.core.dialect import NO_DIALECTS, Dialect, Dialects
from sincronizador.core.job import Dropped, stem_of
from sincronizador.errors import NeedsOperator, Rejected
from sincronizador.folders.answers import HEARTBEAT, is_heartbeat
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

_MANY = 1000
"""Names from which on a folder is not listed for every few files that leave it."""
_REST = 20
"""How many times as long as listing it took it then rests, while there are files of it to take."""

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

    Files leave each folder in order of their date, and the folders take turns, so that no till waits behind another
    one's thousands. A file whose stem is undecided in its till waits, unless it is a ``[RETIRAR]``. What is not a plain
    file of at most `maximo` bytes is claimed but never opened. What proves nothing else rests for `espera` seconds. A
    file's marker goes with it.
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
        self._waiting: dict[str, dict[str, _File]] = {}
        """What lies in each folder, by path; the folder that was served last is the last."""
        self._markers: dict[str, dict[str, str]] = {}
        """Of each folder: the name of a marker, its case ignored, to its path."""
        self._tills: dict[str, list[str]] = {}
        self._rests: dict[str, float] = {}
        """When a folder may be listed again."""
        self._claimed: dict[str, _File] = {}
        self._moved: list[str] = []
        """Paths of claimed files of which it is not certain yet that a power cut leaves them here, and whole."""
        self._unmarked: set[str] = set()
        """Folders of markers that were removed, as long as a cut may bring them back."""
        self.troubles: list[NeedsOperator] = []
        """What kept the latest scan from taking files that are due; it goes on with the others."""

    def scan(self, room: int = sys.maxsize) -> list[Dropped]:
        """
        The files that are due, at most `room` and `BATCH_FILES` new ones, claimed: moves and bytes are on the disk.

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
        for file in self._in_turn():
            if tries >= min(room, BATCH_FILES) or size > BATCH_BYTES:
                break
            if self._is_due(file) and not self._is_blocked(file, taken):
                tries += 1
                size += min(file.seen.size, self._maximo)
                self._serve_last(file)
                if name := self._claim(file):
                    taken.add(file.origin.stem_key)
                    moved.append(name)
                elif any(trouble.code == codes.DISK_FULL.code for trouble in self.troubles):
                    # Room for the next one must not let a withdrawal pass the sale that was dropped before it.
                    break
        self._make_durable()
        return dropped + self._read_claimed(moved)

    def rest(self) -> None:
        """Instead of a scan, when nothing may be taken: what kept the last one from its work is past."""
        self.troubles = []

    def _in_turn(self) -> Iterator[_File]:
        rounds = itertools.zip_longest(*(list(waiting.values()) for waiting in self._waiting.values()))
        return (file for turn in rounds for file in turn if file is not None)

    def _serve_last(self, file: _File) -> None:
        folder = self._folder_of(file.origin)
        self._waiting[folder] = self._waiting.pop(folder)

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
        """Bring what is under observation up to date, each folder by date."""
        folders: set[str] = set()
        layout = self._layout
        for root in (layout.entrada, layout.validar, *((layout.http,) if os.path.isdir(layout.http) else ())):
            self._list_folder(root, root, "")
            for till in self._tills[root]:
                self._list_folder(root, os.path.join(root, till), till)
            folders |= {root, *(os.path.join(root, till) for till in self._tills[root])}
        for gone in self._waiting.keys() - folders:
            del self._waiting[gone]

    def _list_folder(self, root: str, folder: str, till: str) -> None:
        start = self._clock()
        if start < self._rests.get(folder, 0.0) and self._waiting.get(folder):
            return
        waiting, self._markers[folder], self._tills[folder] = self._waiting.setdefault(folder, {}), {}, []
        listed = {os.path.join(folder, name): name for name in self._requests(folder, till)}
        for path in [path for path in waiting if path not in listed]:
            del waiting[path]
        only_check, by_door = root == self._layout.validar, root == self._layout.http
        new = (
            (path, Origin(name=name, till=till, only_check=only_check, by_door=by_door))
            for path, name in listed.items()
            if path not in waiting
        )
        known = [*waiting.values(), *self._first_look(new)]
        # All of them anew: listing a folder while files arrive may see a later one and miss an earlier one.
        self._waiting[folder] = {file.path: file for file in sorted(known, key=_date)}
        now = self._clock()
        self._rests[folder] = now + _REST * (now - start) if len(listed) >= _MANY else now

    def _requests(self, folder: str, till: str) -> Iterator[str]:
        """Names only: what a scan of a folder of thousands can afford."""
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    if self._dialects.is_marker(entry.name):
                        self._markers[folder][entry.name.casefold()] = entry.path
                    elif is_request(entry.name) or self._dialects.of(entry.name, till):
                        yield entry.name
                    elif not till and is_till(entry.name) and entry.is_dir(follow_symlinks=False):
                        self._tills[folder].append(entry.name)
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
            dialect = None if origin.by_door else self._dialects.of(origin.name, origin.till)
            looked.append(_File(path=path, origin=origin, seen=seen, dialect=dialect))
        return sorted(looked, key=_date)

    def _is_due(self, file: _File) -> bool:
        try:
            return self._judge(file) is not None
        except Rejected:
            return True
        except FileNotFoundError:
            self._forget(file)
        except OSError as error:
            self._report(files.trouble(error, file.path))
        return False

    def _forget(self, file: _File) -> None:
        del self._waiting[self._folder_of(file.origin)][file.path]

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
        _check_name(file)
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
        if not marker or marker.casefold() in self._markers[self._folder_of(file.origin)]:
            return ""
        return f"el archivo {marker}"

    def _claim(self, file: _File) -> str:
        """Rename into ``procesando/``; the claimed name, or empty when that was not possible now."""
        try:
            name = file.origin.claimed(secrets.token_hex(6))
            # The folder of a till is its user's: it may have become a link since it was listed.
            own = bool(file.origin.till)
            while not files.move_new(file.path, os.path.join(self._layout.procesando, name), own_folder=own):
                name = file.origin.claimed(secrets.token_hex(6))
        except FileNotFoundError:
            return ""
        except NeedsOperator as error:
            self._report(error)
            return ""
        self._forget(file)
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
        folder = self._folder_of(file.origin)
        path = self._markers.get(folder, {}).pop(_marker_of(file).casefold(), "")
        if not path or os.path.join(folder, file.origin.name) in self._waiting[folder]:
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
        layout = self._layout
        root = layout.http if origin.by_door else layout.validar if origin.only_check else layout.entrada
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


def _check_name(file: _File) -> None:
    """Raises `Rejected` for a file whose answer could not have its name."""
    origin, form = file.origin, file.dialect.form if file.dialect is not None else None
    if len(os.fsencode(origin.name)) > NAME_BYTES:
        raise refused(codes.NOT_PLAIN.at(detalle=f"su nombre tiene más de {NAME_BYTES} caracteres"))
    if form is not None and not origin.only_check and is_heartbeat(origin.name, form):
        raise refused(codes.NOT_PLAIN.at(detalle=f"su respuesta se llamaría {HEARTBEAT}, que es el latido"))


def _examine(file: _File, content: bytes) -> None:
    """What the bytes of a file tell about it."""
    if file.dialect is not None:
        file.missing = file.dialect.missing(content)
        file.ended = not file.dialect.proof.rest and content.endswith(_LINE_ENDS)
        return
    file.missing = missing(content, xml=file.path.lower().endswith(".xml"))
    # The door wrote what it was given, whole.
    file.ended = file.origin.by_door or content.endswith(_LINE_ENDS)
    file.withdraws = first_section(content) == "RETIRAR"


def _date(file: _File) -> tuple[int, str]:
    return file.seen.changed, file.path


def _marker_of(file: _File) -> str:
    """The name of the file that vouches for this one; empty when none does."""
    marker = file.dialect.proof.marker if file.dialect is not None else ""
    return f"{stem_of(file.origin.name)}.{marker}" if marker else ""


def _origin_of(dropped: Dropped) -> Origin:
    return Origin(name=dropped.name, till=dropped.till, only_check=dropped.only_check)
