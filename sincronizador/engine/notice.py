"""What those outside are told of alarms: several at once, in words and as data."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sincronizador.core.alarm import Alarm, Nivel
from sincronizador.journal.alarms import Owed, Standing, What

_LONGEST_SUBJECT = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Whose alarms they are."""

    rut: str
    razon_social: str
    instalacion: str
    ambiente: str

    @property
    def label(self) -> str:
        """In front of a subject."""
        return self.instalacion if self.ambiente == "produccion" else f"{self.instalacion}, {self.ambiente}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What is told at once."""

    place: Place
    at: datetime
    about: tuple[Owed, ...]
    """Not empty; what is over stands last."""

    @property
    def id(self) -> str:
        """The same for what is told again because nobody knows whether it arrived."""
        facts = [self.place.rut, self.place.instalacion]
        for one in self.about:
            again = f"{self.at:%Y-%m-%d}" if one.what is What.STANDS else ""
            facts += [str(one.standing.id), one.standing.desde.isoformat(), one.what, again]
        return hashlib.sha256("\n".join(facts).encode()).hexdigest()[:32]

    @property
    def subject(self) -> str:
        """On one line: what is gravest, and how many there are besides."""
        first = self.about[0]
        text = first.standing.alarm.texto.rstrip(".")
        if first.what in (What.OVER, What.PASSED):
            text = f"se recuperó: {text}"
        text = text if len(text) <= _LONGEST_SUBJECT else f"{text[: _LONGEST_SUBJECT - 1]}…"
        more = f" (y {len(self.about) - 1} más)" if len(self.about) > 1 else ""
        return f"[{self.place.label}] {text}{more}"

    @property
    def text(self) -> str:
        """All of it, for a person."""
        place = self.place
        head = f"{place.razon_social}, instalación {place.instalacion} ({place.ambiente}), {self.at:%d/%m/%Y %H:%M}."
        parts = [_told(one, self.at) for one in self.about]
        return "\n\n".join([head, *parts, "Qué significa cada uno y qué hacer: docs/alarmas.md"]) + "\n"

    @property
    def facts(self) -> dict[str, Any]:
        """All of it, for a machine."""
        place = self.place
        return {
            "id": self.id,
            "cuando": self.at.isoformat(timespec="seconds"),
            "rut": place.rut,
            "instalacion": place.instalacion,
            "ambiente": place.ambiente,
            "avisos": [_facts(one, self.at) for one in self.about],
        }


def duration(lasted: timedelta) -> str:
    """In words, of two units at most: ``2 h 5 min``."""
    minutes = round(lasted.total_seconds() / 60)
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = [(days, "día" if days == 1 else "días"), (hours, "h"), (minutes, "min")]
    told = [f"{count} {unit}" for count, unit in parts if count]
    return " ".join(told[:2]) or "menos de 1 min"


def _told(one: Owed, now: datetime) -> str:
    standing, alarm = one.standing, one.standing.alarm
    if one.what in (What.OVER, What.PASSED):
        return f"SE RECUPERÓ, duró {duration(standing.lasted(now))} ({_span(standing)}): {alarm.texto}"
    how = {What.BEGUN: "", What.WORSE: " (se agravó)", What.STANDS: " (sigue)"}[one.what]
    nivel = "CRÍTICO" if alarm.nivel is Nivel.CRITICA else "AVISO"
    lines = [f"{nivel}{how}, desde el {standing.desde:%d/%m/%Y %H:%M}: {alarm.texto}"]
    lines += [f"Qué hacer: {alarm.que_hacer}"] if alarm.que_hacer else []
    return "\n".join([*lines, f"({alarm.clave})"])


def _span(standing: Standing) -> str:
    end = standing.terminada or standing.desde
    return f"{standing.desde:%d/%m/%Y %H:%M} a {end:%d/%m/%Y %H:%M}"


def _facts(one: Owed, now: datetime) -> dict[str, Any]:
    standing, alarm = one.standing, one.standing.alarm
    return {
        "que": one.what.value,
        "clave": alarm.clave,
        "nivel": alarm.nivel.value,
        "texto": alarm.texto,
        "que_hacer": alarm.que_hacer,
        "desde": standing.desde.isoformat(timespec="seconds"),
        "hasta": standing.terminada.isoformat(timespec="seconds") if standing.terminada else None,
        "segundos": round(standing.lasted(now).total_seconds()),
    }


def trial(place: Place, now: datetime) -> Notice:
    """What is told to see whether it arrives."""
    alarm = Alarm("prueba", Nivel.AVISO, "Esto es una prueba de los avisos: no pasa nada.")
    return Notice(place=place, at=now, about=(Owed(What.BEGUN, Standing(0, alarm, now, None)),))


def notice(place: Place, now: datetime, about: Sequence[Owed]) -> Notice:
    """Of what is owed."""
    return Notice(place=place, at=now, about=tuple(about))
