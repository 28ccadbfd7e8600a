"""Alarms: what stands in this installation's way, since when, and until when it did."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sincronizador.core.alarm import Alarm, Nivel

from .journal import Tx, meta, remember, storable


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


class What(StrEnum):
    """What somebody outside is told of an alarm."""

    BEGUN = "COMENZO"
    WORSE = "EMPEORO"
    STANDS = "SIGUE"
    OVER = "TERMINO"
    PASSED = "PASO"
    """It began and ended while nobody could be told."""


@dataclass(frozen=True, slots=True)
class Owed:
    """An alarm of which somebody outside is to be told."""

    what: What
    standing: Standing


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


def keep(db: Tx, alarms: Sequence[Alarm], now: datetime, calm: timedelta) -> Change:
    """
    What stands now is `alarms`, the gravest first; of two with one key the first counts.

    One that is no more is over only when it did not come back for as long as `calm`.
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
        elif key not in named and not timedelta() <= now - (one.terminada or now) < calm:
            # A clock that was put back does not keep it for ever.
            db.execute("UPDATE alarm SET closed = 1 WHERE id = ?", (one.id,))
            ended.append(one)
    return Change(tuple(begun), tuple(ended))


def owed(
    db: Tx, channel: str, now: datetime, patience: Callable[[Alarm], timedelta], remind: timedelta | None
) -> list[Owed]:
    """
    What a channel is to be told now, the gravest first, what is over last.

    Nothing of before it was first asked for, unless it stands. `patience`: for how long an alarm stands until it is
    told; what was over sooner is not. `remind`: after which what is grave is told again.
    """
    told_of = db.execute("SELECT alarm, nivel, at FROM alarm_told WHERE channel = ? AND over = 0", (channel,))
    heard = {alarm: (nivel, datetime.fromisoformat(at)) for alarm, nivel, at in told_of}
    rows = db.execute(
        f"SELECT {_COLUMNS}, closed FROM alarm"  # noqa: S608 - our own columns
        " WHERE (closed = 0 OR terminada >= ?)"
        " AND NOT EXISTS (SELECT 1 FROM alarm_told AS told WHERE told.alarm = alarm.id AND channel = ? AND over = 1)"
        " ORDER BY nivel = 'CRITICA' DESC, orden, id",
        (meta(db, _since(channel)), channel),
    )
    found = []
    for *row, closed in rows:
        one = _standing(row)
        what = _what(one, bool(closed), heard.get(one.id), now, patience(one.alarm), remind)
        if what is not None:
            found.append(Owed(what, one))
    return sorted(found, key=lambda one: one.what in (What.OVER, What.PASSED))


def told(db: Tx, channel: str, about: Sequence[Owed], now: datetime) -> None:
    """A channel was told."""
    for one in about:
        over = one.what in (What.OVER, What.PASSED)
        db.execute(
            "INSERT INTO alarm_told (alarm, channel, nivel, at, since, over) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET nivel = excluded.nivel, at = excluded.at, over = excluded.over",
            (one.standing.id, channel, one.standing.alarm.nivel, now.isoformat(), now.isoformat(), int(over)),
        )


def begin_telling(db: Tx, channel: str, now: datetime) -> None:
    """From now on this channel is told what happens. Saying it again changes nothing."""
    if not meta(db, _since(channel)):
        remember(db, _since(channel), now.isoformat())


def _since(channel: str) -> str:
    return f"avisos:{channel}"


def _what(
    one: Standing, closed: bool, told: tuple[str, datetime] | None, now: datetime, patience: timedelta,
    remind: timedelta | None,
) -> What | None:  # fmt: skip
    if closed and told is not None:
        return What.OVER
    if closed:
        return What.PASSED if one.lasted(now) >= patience else None
    if one.terminada is not None:
        return None
    if told is None:
        return What.BEGUN if one.lasted(now) >= patience else None
    if one.alarm.nivel is not Nivel.CRITICA:
        return None
    if told[0] == Nivel.AVISO:
        return What.WORSE
    return What.STANDS if remind is not None and abs(now - told[1]) >= remind else None


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


def _open(db: Tx) -> list[Standing]:
    rows = db.execute(f"SELECT {_COLUMNS} FROM alarm WHERE closed = 0 ORDER BY id")  # noqa: S608 - our own columns
    return [_standing(row) for row in rows]


def _standing(row: Sequence[Any]) -> Standing:
    id_, clave, nivel, texto, que_hacer, desde, avisada, terminada = row
    return Standing(
        id=id_,
        alarm=Alarm(clave, Nivel(nivel), texto, que_hacer),
        desde=datetime.fromisoformat(desde),
        avisada=datetime.fromisoformat(avisada) if avisada else None,
        terminada=datetime.fromisoformat(terminada) if terminada else None,
    )
