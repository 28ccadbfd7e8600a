"""A folder as mailbox: whatever fetches the mail drops files, whole messages (.eml) or what was attached (.xml)."""

import os
import stat
import time
from collections.abc import Iterator

from sincronizador import files
from sincronizador.nube.mailbox import MOST_AT_ONCE, Letter, Place

READ, APART, REPLIES = "leidos", "apartados", "respuestas"
"""Folders inside: what was taken up, what a person should look at, and what is answered where nothing is mailed."""
REST_SECONDS = 2.0
"""For how long a file must not have changed: whoever writes it may not be done."""
_UNFINISHED = (".tmp", ".part", ".filepart", ".crdownload")


class FolderMailbox:
    """The files directly in `folder`. Links, folders and pipes in it are left alone."""

    def __init__(self, folder: str, most: int) -> None:
        """`most` bytes of one file are read."""
        self._folder = folder
        self._most = most

    @property
    def source(self) -> str:
        """The folder."""
        return f"carpeta {self._folder}"[:200]

    def letters(self, since: Place) -> Iterator[Letter]:  # noqa: ARG002 - of the door: files are moved instead
        """Files that rest, the oldest first. Raises `NeedsOperator` (E92xx)."""
        for name in ("", READ, APART, REPLIES):
            files.make_folder(os.path.join(self._folder, name), parents=True)
        try:
            with os.scandir(self._folder) as entries:
                found = sorted(_resting(entries))
        except OSError as exc:
            raise files.trouble(exc, self._folder) from exc
        for _, name, size in found[:MOST_AT_ONCE]:
            letter = self._letter(name, size)
            if letter is not None:
                yield letter

    def put_away(self, letter: Letter, *, apart: bool) -> None:
        """Move the file into its folder, beside others of that name. Raises `NeedsOperator` (E92xx)."""
        source = os.path.join(self._folder, letter.name)
        try:
            target = files.move_unique(source, os.path.join(self._folder, APART if apart else READ), letter.name)
        except FileNotFoundError:
            return  # somebody took it away: the base has it
        files.sync_moved([target])
        files.sync_folder(self._folder)

    def close(self) -> None:
        """Nothing is held open."""

    def _letter(self, name: str, size: int) -> Letter | None:
        """The letter in a file; None when that is gone: whoever fetches the mail took it away."""
        told = files.printable(name)
        if size > self._most:
            return Letter(name=name, content=b"", size=size, trouble=f"«{told}» tiene {size} bytes")
        try:
            content = self._content(name)
        except FileNotFoundError:
            return None
        except OSError as exc:
            return Letter(name=name, content=b"", size=size, trouble=str(files.trouble(exc, name)))
        return Letter(name=name, content=content, size=len(content))

    def _content(self, name: str) -> bytes:
        # What was a file a moment ago may be a link or a pipe now.
        descriptor = os.open(os.path.join(self._folder, name), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with open(descriptor, "rb") as file:
            return file.read(self._most + 1)[: self._most]


def _resting(entries: Iterator["os.DirEntry[str]"]) -> Iterator[tuple[float, str, int]]:
    now = time.time()
    for entry in entries:
        if entry.name.startswith(".") or entry.name.lower().endswith(_UNFINISHED):
            continue
        try:
            facts = entry.stat(follow_symlinks=False)
        except FileNotFoundError:
            continue  # whoever wrote it renamed it meanwhile
        # One from the future is not waited for: some clock is wrong.
        if stat.S_ISREG(facts.st_mode) and not 0 <= now - facts.st_mtime < REST_SECONDS:
            yield facts.st_mtime, entry.name, facts.st_size
