"""
Runs: which start of which machine an installation is. Of two copies of one machine exactly one goes on.

Every start names the run that it begins and the one that it knew; the name is a compare-and-set, so that a copy, which
knew the same one, is refused. It is refused once for all: what it may have signed from the leases of the other is not
known, so these are lost, and `clones` counts it for the one that goes on.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, insert, select, update

from sincronizador.nube import acts, codes, leases
from sincronizador.nube.gate import Call
from sincronizador.nube.tables import installation, past_run

_KEPT = timedelta(days=30)
"""Nothing is held up in the network for so long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Began:
    """What became of the wish to begin a run."""

    granted: bool
    name: str
    """Of the machine that runs."""
    since: datetime | None


def begin(call: Call, run: str, known: str, turn: int, name: str) -> Began:
    """
    `run` is the installation's from now on, if `known` is its run until now; `turn` counts them.

    The same run again is granted again. So is a `turn` beyond the one that is kept: the base was restored.
    """
    row = call.db.execute(select(installation).where(installation.c.id == call.caller.installation)).one()
    if row.run == run:
        return Began(granted=True, name=row.run_name, since=row.run_since)
    if _was_granted(call, row.id, run):
        # It arrives again late.
        return Began(granted=False, name=row.run_name, since=row.run_since)
    if row.run in ("", known) or turn > row.turn + 1:
        _keep_past(call, row)
        values = {"run": run, "turn": turn, "run_name": name, "run_since": call.now}
        call.db.execute(update(installation).where(installation.c.id == row.id).values(values))
        return Began(granted=True, name=name, since=call.now)
    _refuse(call, row, known, name)
    return Began(granted=False, name=row.run_name, since=row.run_since)


def _was_granted(call: Call, of: int, run: str) -> bool:
    found = select(past_run.c.run).where(past_run.c.installation == of, past_run.c.run == run)
    return call.db.execute(found).first() is not None


def _keep_past(call: Call, row: Row[Any]) -> None:
    call.db.execute(delete(past_run).where(past_run.c.installation == row.id, past_run.c.ended < call.now - _KEPT))
    if row.run:
        call.db.execute(insert(past_run).values(installation=row.id, run=row.run, ended=call.now))


def _refuse(call: Call, row: Row[Any], known: str, name: str) -> None:
    """Told once of each copy, however often it asks."""
    if row.refused == known:
        return
    values = {"clones": row.clones + 1, "refused": known}
    call.db.execute(update(installation).where(installation.c.id == row.id).values(values))
    leases.lose(call.db, row.id, held=False)
    finding = codes.CLONED.at(codigo=call.caller.code, otra=name or "sin nombre", sigue=row.run_name or "sin nombre")
    acts.sound(call.db, call.caller.rut, call.now, finding)
