"""The mark beside the journal: which machine this is, and how far its journal had come."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sincronizador import machine
from sincronizador.core import cloud_codes, codes
from sincronizador.engine.standing import take_over
from sincronizador.errors import NeedsOperator
from sincronizador.journal import mark, post
from sincronizador.journal.backup import RESTORED
from sincronizador.journal.journal import Journal, meta, remember
from sincronizador.journal.mark import Mark
from sincronizador.settings import Settings


def look_at_mark(settings: Settings, journal: Journal, now: datetime, *, tomar: bool) -> Mark:
    """
    Which machine this is for the cloud. A journal that was restored, and a take-over, ask for a new epoch.

    Raises `NeedsOperator` E3012 for a journal of another machine, E9227 where its mark is there too, unless a person
    ordered to take over.
    """
    path = mark.path_of(settings.diario)
    found = mark.read(path)
    with journal.reading() as db:
        position, known, restored = mark.position(db), post.read(db).epoch > 0, meta(db, RESTORED)
    equipment = look_at_equipment(settings, found, tomar=tomar)
    if tomar:
        why = "Una persona ordenó tomar esta instalación."
    elif found is None and known:
        raise cloud_codes.OTHER_MACHINE.at(detalle=settings.diario).as_error(NeedsOperator)
    elif restored:
        why = restored
    elif found is not None and position < found.last:
        why = "El diario es más viejo de lo que fue: se recuperó de una copia."
    elif found is not None:
        return known_better(path, found, equipment)
    else:
        why = ""
    if why and (known or settings.ruta == "nube"):
        # Before the mark: whoever falls in between finds it again.
        with journal.transaction() as db:
            take_over(db, now, ordered=tomar, why=why)
    with journal.reading() as db:
        new = replace(mark.new(db), equipment=equipment)
    mark.write(path, new)
    if restored:
        with journal.transaction() as db:
            remember(db, RESTORED, "")
    return new


def look_at_equipment(settings: Settings, found: Mark | None, *, tomar: bool) -> Mapping[str, str]:
    """What tells this machine from others. Raises `NeedsOperator` E9227 when the mark was made in another one."""
    equipment = machine.identify()
    if found is not None and not tomar and machine.is_other(found.equipment, equipment):
        raise codes.OTHER_EQUIPMENT.at(detalle=settings.diario).as_error(NeedsOperator)
    return equipment


def known_better(path: str, found: Mark, equipment: Mapping[str, str]) -> Mark:
    """What could not be read of the machine before is compared from now on."""
    if equipment.keys() <= found.equipment.keys():
        return found
    now = replace(found, equipment={**found.equipment, **equipment})
    mark.write(path, now)
    return now


def keep_mark(settings: Settings, journal: Journal, known: Mark, *, closed: bool = False) -> Mark:
    """How far the journal has come, beside it; written only when it moved."""
    with journal.reading() as db:
        now = replace(mark.of(db, known.machine, closed=closed), equipment=known.equipment)
    if (now.last, now.closed) != (known.last, known.closed):
        mark.write(mark.path_of(settings.diario), now)
        return now
    return known
