"""The cloud's backup of the day, made by a process of its own when its hour has come."""

import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sincronizador import backup_plan, bundle
from sincronizador.errors import SincronizadorError
from sincronizador.logs import event
from sincronizador.nube import assembly
from sincronizador.nube.cloud import Cloud
from sincronizador.nube.configuration import Configuracion

log = logging.getLogger(__name__)

_LOOK = 2.0
_MADE, _WHERE, _TRIED = "hecho", "donde", "intento"


def note_of(found: Configuracion) -> str:
    """The file that says when there was one: beside the watermark, and in no backup."""
    return f"{found.marca}.respaldado"


@contextmanager
def backing_up(found: Configuracion, toml: str, cloud: Cloud) -> Iterator[None]:
    """Meanwhile the day's backup is made, where the settings say when."""
    if found.respaldo.hour is None:
        yield
        return
    backups = _Backups(found, toml, cloud)
    backups.start()
    try:
        yield
    finally:
        backups.stop()


class _Backups(threading.Thread):
    def __init__(self, found: Configuracion, toml: str, cloud: Cloud) -> None:
        super().__init__(name="respaldos", daemon=True)
        self._found = found
        self._cloud = cloud
        self._stopping = threading.Event()
        self._child = backup_plan.Child(
            ("--config", os.path.abspath(toml), "nube", "respaldo", "crear", "--automatico", "--json")
        )

    def run(self) -> None:
        """The thread."""
        while not self._stopping.wait(_LOOK):
            try:
                self._look()
            except SincronizadorError as error:
                event(log, "backup_failed", level=logging.ERROR, why=str(error))
            except Exception:
                log.exception("event=bug loop=respaldos")

    def stop(self) -> None:
        """End, and what is running with it: it is begun anew."""
        self._stopping.set()
        self.join()
        self._child.stop()

    def _look(self) -> None:
        if (ended := self._child.ended()) is not None:
            self._keep(*ended)
        elif self._found.respaldo.hour is not None and self._child.may_begin:
            now, note = assembly.now(), self._note()
            if backup_plan.is_due(self._found.respaldo.hour, now, _time(note, _MADE), _time(note, _TRIED)):
                bundle.keep_note(note_of(self._found), {**note, _TRIED: now.isoformat()})
                self._child.begin()

    def _keep(self, facts: dict[str, Any], trouble: str) -> None:
        if trouble:
            event(log, "backup_failed", level=logging.ERROR, why=trouble)
            self._cloud.backup_failed(trouble)
            return
        bundle.keep_note(note_of(self._found), {**self._note(), _MADE: facts["cuando"], _WHERE: facts["archivo"]})
        event(log, "backup_made", where=facts["archivo"])

    def _note(self) -> dict[str, Any]:
        return bundle.read_note(note_of(self._found)) or {}


def _time(note: dict[str, Any], key: str) -> datetime | None:
    found = note.get(key)
    return datetime.fromisoformat(found) if isinstance(found, str) else None
