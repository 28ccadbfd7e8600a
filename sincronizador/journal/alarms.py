"""Alarms: what stands in this installation's way, since when, and until when it did."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sincronizador.core.alarm import Alarm, Nivel

from .journal import Tx, storable

FLAPS = timedelta(minutes=5)
"""What comes back within this is the same alarm still."""


@dataclass(frozen=True, slots=True)
class Standing:
    """An alarm and how long it stood."""

    id: int
    alarm: Alarm
    desde: datetime
    avisada: datetime | None
    """When the first of those outside was told of it."""
    terminada: datetime | None = None
    """Since when it is no more; None while it stands."""

    def lasted(self, now: datetime) -> timedelta:
        """How long it did, or does."""
        return max((self.terminada or now) - self.desde, timedelta())


@dataclass(frozen=True, slots=True)
class Change:
    """What is new since the last look."""

    begun: tuple[Alarm, ...] = ()
    """They began, or became graver."""
    ended: tuple[Standing, ...] = ()
    """They are over for good."""


_COLUMNS = (
    "id, clave, nivel, texto, que_hacer, desde,"
    " (SELECT min(since) FROM alarm_told WHERE alarm_told.alarm = alarm.id), terminada"
)


def current(db: Tx) -> list[Standing]:
    """What stands now, as the daemon last saw it: the gravest first."""
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM alarm WHERE closed = 0 AND terminada IS NULL"  # noqa: S608 - our own columns
        " ORDER BY nivel = 'CRITICA' DESC, orden, id"
    )
    return [_standing(row) for row in rows]


def keep(db: Tx, alarms: Sequence[Alarm], now: datetime) -> Change:
    """
    What stands now is `alarms`, the gravest first; of two with one key the first counts.

    One that is no more is over only when it did not come back for `FLAPS`.
    """
    known, begun, ended = {one.alarm.clave: one for one in _open(db)}, [], []
    named = _named(alarms)
    for place, (key, alarm) in enumerate(named.items()):
        before = known.get(key)
        _write(db, before, alarm, place, now)
        if before is None or (before.alarm.nivel is Nivel.AVISO and alarm.nivel is Nivel.CRITICA):
            begun.append(alarm)
    for key, one in known.items():
        if key not in named and one.terminada is None:
            db.execute("UPDATE alarm SET terminada = ? WHERE id = ?", (now.isoformat(), one.id))
        elif key not in named and _is_settled(one, now):
            db.execute("UPDATE alarm SET closed = 1 WHERE id = ?", (one.id,))
            ended.append(one)
    return Change(tuple(begun), tuple(ended))


def _named(alarms: Sequence[Alarm]) -> dict[str, Alarm]:
    found: dict[str, Alarm] = {}
    for alarm in alarms:
        text = Alarm(alarm.clave, alarm.nivel, storable(alarm.texto), storable(alarm.que_hacer))
        found.setdefault(storable(alarm.clave), text)
    return found


def _write(db: Tx, before: Standing | None, alarm: Alarm, place: int, now: datetime) -> None:
    told = alarm.nivel, alarm.texto, alarm.que_hacer, place
    if before is None:
        db.execute(
            "INSERT INTO alarm (nivel, texto, que_hacer, orden, clave, desde) VALUES (?, ?, ?, ?, ?, ?)",
            (*told, alarm.clave, now.isoformat()),
        )
    elif before.alarm != alarm or before.terminada is not None:
        db.execute(
            "UPDATE alarm SET nivel = ?, texto = ?, que_hacer = ?, orden = ?, terminada = NULL WHERE id = ?",
            (*told, before.id),
        )


def _is_settled(one: Standing, now: datetime) -> bool:
    # A clock that was put back does not keep it for ever.
    return one.terminada is not None and not timedelta() <= now - one.terminada < FLAPS


def _open(db: Tx) -> list[Standing]:
    rows = db.execute(f"SELECT {_COLUMNS} FROM alarm WHERE closed = 0 ORDER BY id")  # noqa: S608 - our own columns
    return [_standing(row) for row in rows]


def _standing(row: tuple[int, str, str, str, str, str, str | None, str | None]) -> Standing:
    id_, clave, nivel, texto, que_hacer, desde, avisada, terminada = row
    return Standing(
        id=id_,
        alarm=Alarm(clave, Nivel(nivel), texto, que_hacer),
        desde=datetime.fromisoformat(desde),
        avisada=datetime.fromisoformat(avisada) if avisada else None,
        terminada=datetime.fromisoformat(terminada) if terminada else None,
    )
