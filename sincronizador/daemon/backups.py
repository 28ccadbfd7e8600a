"""The day's backup, made by a process of its own when its hour has come."""

import logging
import os
from datetime import datetime

from sincronizador import backup_plan
from sincronizador.engine.house import House
from sincronizador.engine.timekeeping import clock_trouble
from sincronizador.journal import backups
from sincronizador.logs import event
from sincronizador.settings import Settings

log = logging.getLogger(__name__)


class Backups:
    """Looks whether one is due, begins it, and keeps in the journal what became of it."""

    def __init__(self, house: House, settings: Settings, toml: str) -> None:
        self._house = house
        self._hour = settings.respaldo.hour
        self._child = backup_plan.Child(
            ("--config", os.path.abspath(toml), "respaldo", "crear", "--automatico", "--json")
        )

    def advance(self) -> bool:
        """Never waits for anything."""
        if (ended := self._child.ended()) is not None:
            self._keep(*ended)
        elif self._hour is not None and self._child.may_begin:
            now = self._house.clock.now()
            with self._house.journal.reading() as db:
                last = backups.last(db)
                # It bears its moment in its name, and those that are old by then would go.
                in_doubt = clock_trouble(self._house, db, now)
            if not in_doubt and backup_plan.is_due(self._hour, now, last.by_itself, last.tried):
                with self._house.journal.transaction() as db:
                    backups.begun(db, now)
                self._child.begin()
        return False

    def stop(self) -> None:
        """End what is running; it is begun anew."""
        self._child.stop()

    def _keep(self, facts: dict[str, str], trouble: str) -> None:
        with self._house.journal.transaction() as db:
            if trouble:
                backups.failed(db, trouble)
            else:
                backups.made(db, datetime.fromisoformat(facts["cuando"]), facts["archivo"], by_itself=True)
        if trouble:
            event(log, "backup_failed", level=logging.ERROR, why=trouble)
        else:
            event(log, "backup_made", where=facts["archivo"])
