"""Whether the journal of an installation that numbers alone is the one of this machine, and the newest one."""

import logging
import os
from dataclasses import replace

from sincronizador.core.job import Dropped
from sincronizador.engine.house import House
from sincronizador.engine.restoring import Account, begin_again
from sincronizador.journal import jobs, mark
from sincronizador.journal.backup import MACHINE, RESTORED
from sincronizador.journal.journal import Tx, meta, remember
from sincronizador.journal.mark import Mark
from sincronizador.logs import event
from sincronizador.settings import Settings

from . import assembly, marks

log = logging.getLogger(__name__)


def look_alone(settings: Settings, house: House, *, tomar: bool = False) -> Mark:
    """The mark of this machine. A journal that is not its newest begins again: see `take_up`."""
    found, _ = take_up(settings, house, tomar=tomar)
    return found


def take_up(settings: Settings, house: House, *, tomar: bool = False) -> tuple[Mark, Account | None]:
    """
    The mark of this machine, and what became of a journal that was restored, or that another machine wrote.

    Journal and mark tell each other apart by a name that both hold; whoever falls between the two begins again, which
    changes nothing. Raises `NeedsOperator`: a mirror that cannot be read, E9227.
    """
    path, account = mark.path_of(settings.diario), None
    found = mark.read(path)
    equipment = marks.look_at_equipment(settings, found, tomar=tomar)
    with house.journal.reading() as db:
        why, mine = _why(db, found, tomar=tomar), meta(db, MACHINE)
        fresh = mark.new(db)
    if why:
        orphans = _orphans(settings, house)
        with house.journal.transaction() as db:
            given = dict(found.numbers) if found is not None else {}
            account = begin_again(house, db, why, given=given, orphans=orphans)
            remember(db, RESTORED, "")
            remember(db, MACHINE, fresh.machine)
        for sentence in account.sentences():
            event(log, "restored", level=logging.WARNING, text=sentence)
    elif found is not None and mine:
        return marks.known_better(path, found, equipment), None
    else:
        fresh = found or fresh
        with house.journal.transaction() as db:
            remember(db, MACHINE, fresh.machine)
    with house.journal.reading() as db:
        fresh = replace(mark.of(db, fresh.machine), equipment=equipment)
    mark.write(path, fresh)
    return fresh, account


def _why(db: Tx, found: Mark | None, *, tomar: bool) -> str:
    """Why this journal may not know everything that was issued; empty when it does."""
    mine, restored = meta(db, MACHINE), meta(db, RESTORED)
    if tomar:
        return "Una persona ordenó tomar esta instalación."
    if restored:
        return restored
    if mine and (found is None or found.machine != mine):
        return "El diario viene de una copia o de otra máquina."
    if found is not None and mark.position(db) < found.last:
        return "El diario es más viejo de lo que fue: se recuperó de una copia."
    return ""


def _orphans(settings: Settings, house: House) -> list[Dropped]:
    """Files that were claimed and that the journal does not know: the lost one may have answered them."""

    def known(claimed: str) -> bool:
        with house.journal.reading() as db:
            return jobs.is_claimed(db, claimed)

    if not os.path.isdir(house.layout.procesando):
        return []
    return assembly.make_inbox(settings, house).adopt(known)
