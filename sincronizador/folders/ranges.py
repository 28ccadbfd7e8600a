"""``cae/``: where an operator drops the authority's files with numbers, and finds beside them what became of each."""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sincronizador import files
from sincronizador.core.answer import Answer, Block, First
from sincronizador.errors import Rejected
from sincronizador.folders.answers import companion_name, render
from sincronizador.folders.plain import read_plain, stat_plain
from sincronizador.folders.settle import Seen, Verdict, judge, look, refusal
from sincronizador.formats.whole import missing

LARGEST = 1_000_000
"""Bytes; the authority's files have a few thousand."""
REST_SECONDS = 2.0
_IMPORTED, _REFUSED = "importados", "rechazados"


@dataclass(frozen=True, slots=True)
class Dropped:
    """A file that nobody writes any more, or why it cannot be read."""

    name: str
    content: bytes
    trouble: tuple[str, str] | None = None
    """Code and sentence."""


class RangeFolder:
    """
    The folder of one installation; not for use by several threads. `clock` gives monotonic seconds.

    It is made for its owner alone to write in: who invoices must not be able to bring numbers. Whoever may is given it
    by the owner of the machine, whose modes are kept.
    """

    def __init__(self, folder: str, *, incompleto: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._folder = folder
        self._incompleto = incompleto
        self._clock = clock
        self._seen: dict[str, Seen] = {}

    def due(self) -> list[Dropped]:
        """The files that may be taken now, by name. They stay where they are until `settle`. Raises `NeedsOperator`."""
        for folder in ("", _IMPORTED, _REFUSED):
            files.make_folder(os.path.join(self._folder, folder).rstrip("/"), mode=0o750)
        try:
            names = sorted(entry.name for entry in os.scandir(self._folder) if _is_ours(entry.name))
        except OSError as error:
            raise files.trouble(error, self._folder) from error
        self._seen = {name: seen for name, seen in self._seen.items() if name in names}
        return list(self._judged(names))

    def _judged(self, names: list[str]) -> Iterator[Dropped]:
        for name in names:
            path = os.path.join(self._folder, name)
            try:
                status = stat_plain(path, maximo=LARGEST)
            except Rejected as error:
                yield Dropped(name, b"", (error.code, str(error)))
                continue
            except OSError:
                continue
            now = self._clock()
            self._seen[name] = look(self._seen.get(name), size=status.st_size, changed=status.st_mtime_ns, now=now)
            if now - self._seen[name].since >= REST_SECONDS and (found := self._read(name, path, now)):
                yield found

    def _read(self, name: str, path: str, now: float) -> Dropped | None:
        seen = self._seen[name]
        try:
            content = read_plain(path, maximo=LARGEST)
        except Rejected as error:
            return Dropped(name, b"", (error.code, str(error)))
        except FileNotFoundError:
            return None
        except OSError as error:
            trouble = files.trouble(error, path)
            return Dropped(name, b"", (trouble.code, str(trouble)))
        absent = missing(content, xml=True)
        verdict = judge(seen, absent, ended=False, now=now, incompleto=self._incompleto, rest=REST_SECONDS)
        if verdict is Verdict.WAIT:
            return None
        if verdict is Verdict.REFUSE:
            finding = refusal(seen, absent, incompleto=self._incompleto)
            return Dropped(name, content, (finding.code, finding.message))
        return Dropped(name, content)

    def settle(self, name: str, first: First, fields: tuple[tuple[str, str], ...]) -> None:
        """
        Write its answer, ``NAME.rsp``, and put the file away; a file that is gone by now has its answer all the same.

        May be repeated. Raises `NeedsOperator`.
        """
        answer = Answer(first=first, blocks=(Block("RESPUESTA", fields),), encoding="utf-8")
        files.write_atomic(os.path.join(self._folder, companion_name(name, "rsp")), render(answer), mode=0o660)
        away = os.path.join(self._folder, _IMPORTED if first is First.OK else _REFUSED)
        try:
            files.move_unique(os.path.join(self._folder, name), away, name)
        except FileNotFoundError:
            return
        files.sync_folder(away)
        self._seen.pop(name, None)


def _is_ours(name: str) -> bool:
    return name.lower().endswith(".xml") and not name.startswith((".", "~"))
