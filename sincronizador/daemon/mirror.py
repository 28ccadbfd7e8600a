"""The mirror: a folder elsewhere (another disk, a share) with a copy of what is signed here and nowhere else."""

import os
from collections.abc import Iterator

from sincronizador import files


class FolderMirror:
    """A `Mirror` in a folder. Raises `NeedsOperator` (E92xx) when it cannot be written or read."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def write(self, name: str, content: bytes) -> None:
        """Keep a copy, durable when it returns."""
        files.write_atomic(os.path.join(self._folder, name), content)

    def check(self) -> None:
        """Write a file and take it away again."""
        path = os.path.join(self._folder, "verificar.tmp")
        files.write_atomic(path, b"")
        try:
            os.unlink(path)
        except OSError as error:
            raise files.trouble(error, path) from error

    def read_all(self) -> Iterator[tuple[str, bytes]]:
        """Name and content of every copy there is, in order."""
        try:
            for name in sorted(os.listdir(self._folder)):
                if name.endswith(".json"):
                    with open(os.path.join(self._folder, name), "rb") as file:
                        yield name, file.read()
        except OSError as error:
            raise files.trouble(error, self._folder) from error
