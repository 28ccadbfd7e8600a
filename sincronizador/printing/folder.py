"""A folder that receives each page as ``NAME.bin`` and its picture as ``NAME.png``."""

import os
import re
from collections.abc import Callable

from sincronizador.core.job import Impresion
from sincronizador.errors import NeedsOperator, Unanswered, Unavailable
from sincronizador.files import write_many
from sincronizador.printing.door import Printed
from sincronizador.printing.status import State
from sincronizador.printing.transport import misconfigured


class Folder:
    """The way to paper that is never cut."""

    def __init__(self, station: str, path: str, picture: Callable[[bytes], bytes]) -> None:
        self._station = station
        self._path = path
        self._picture = picture

    def send(self, page: bytes, name: str) -> Printed:
        """Write both, the picture first. A name that is taken goes on with ``~2``: no paper replaces another."""
        base = self._free(re.sub(r"[^\w.-]", "_", name) or "pagina")
        try:
            write_many(((f"{base}.png", self._picture(page)), (f"{base}.bin", page)))
        except NeedsOperator as error:
            # The page is the paper: without it nothing left, and time or a person will make room.
            if os.path.lexists(f"{base}.bin"):
                raise Unanswered(error.code, str(error)) from error
            raise Unavailable(error.code, str(error)) from error
        return Printed(outcome=Impresion.IMPRESO, detail=f"Escrito en {base}.bin.")

    def state(self) -> State:
        """Whether it can be written to."""
        if not os.path.isdir(self._path):
            raise misconfigured(self._station, f"no existe la carpeta {self._path}")
        if not os.access(self._path, os.W_OK | os.X_OK):
            raise misconfigured(self._station, f"no se puede escribir en la carpeta {self._path}")
        return State(note="Escribe en una carpeta.")

    def _free(self, name: str) -> str:
        base, number = os.path.join(self._path, name), 1
        while os.path.lexists(f"{base}.bin"):
            number += 1
            base = os.path.join(self._path, f"{name}~{number}")
        return base
