"""
How an installation is, at a glance: one answer for ``estado``, the panel, systemd's status line and monitors.

Read from the journal and the heartbeat alone, so that it can also say that the service does not work.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sincronizador.core.alarm import Nivel
from sincronizador.core.inspection import Juicio
from sincronizador.folders import heartbeat
from sincronizador.folders.heartbeat import Beat, Modo
from sincronizador.folders.layout import Layout
from sincronizador.formats.spelling import plain
from sincronizador.journal import alarms, documents, episodes, jobs, move, papers, post, tasks
from sincronizador.journal.alarms import Standing
from sincronizador.journal.journal import Tx
from sincronizador.journal.post import Phase
from sincronizador.journal.tasks import Queue
from sincronizador.settings import Settings

SILENT = timedelta(seconds=30)
"""Without a heartbeat for so long, the service does not work (file contract)."""


class Situacion(StrEnum):
    """What the installation is doing; the values are stable, for programs."""

    NUNCA_ARRANCO = "NUNCA_ARRANCO"
    DETENIDO = "DETENIDO"
    """It was stopped, in peace."""
    SIN_SENAL = "SIN_SENAL"
    """It fell, or it hangs: nobody said that it would stop."""
    APARTADA = "APARTADA"
    """Another machine goes on with this installation."""
    MUDADA = "MUDADA"
    """It was exported, to go on in another machine."""
    SIN_NUBE = "SIN_NUBE"
    """It did not catch up with its cloud yet: nothing is numbered."""
    CONTINGENCIA = "CONTINGENCIA"
    EN_LINEA = "EN_LINEA"
    LOCAL = "LOCAL"


_IDLE = (Situacion.NUNCA_ARRANCO, Situacion.DETENIDO, Situacion.SIN_SENAL, Situacion.APARTADA, Situacion.MUDADA)
_WARNED = (Situacion.SIN_NUBE, Situacion.CONTINGENCIA)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """All that is seen at a glance."""

    situacion: Situacion
    frase: str
    """The situation in words, one sentence: the same wherever a person reads it."""
    juicio: Juicio
    """The worst of everything: its colour."""
    alive: bool
    """Whether the service gave a sign of life just now."""
    desde: datetime | None
    """Since when it is in this situation, where that is known."""
    motivo: str
    """Why contingencia."""
    beat: Beat | None
    """The last sign of life."""
    alarms: tuple[str, ...]
    """A sentence each, the gravest first; of a service that does not work, its last ones."""
    standing: tuple[Standing, ...]
    """The same as the journal has them: how grave, since when, what to do."""
    undecided: int
    oldest: datetime | None
    """When the oldest file without a decision arrived."""
    to_hand_over: int
    to_print: int
    held: int
    """Papers, of these, that wait for a person."""
    parked: int
    doubtful: int
    today: int
    """Documents of today."""
    last: str
    """The newest of all documents, ``101-A-1234``; empty without any."""
    queues: tuple[Queue, ...]


def overview(settings: Settings, db: Tx | None, now: datetime) -> Overview:
    """How the installation is at `now`, aware and of the issuer's zone. `db` is None where there is no journal yet."""
    beat = heartbeat.read(Layout(settings.spool, settings.entrada.carpeta, settings.salida.carpeta))
    alive = beat is not None and beat.modo is not Modo.DETENIDO and _is_fresh(beat, now)
    situacion, desde, motivo = _situation(settings, db, beat, alive=alive)
    standing = tuple(alarms.current(db)) if db else ()
    told = _told(standing, beat, alive=alive)
    queues = tuple(tasks.queues(db)) if db else ()
    oldest = jobs.open_jobs(db, 1) if db else []
    return Overview(
        situacion=situacion,
        frase=sentence(situacion, desde, motivo),
        juicio=_worst(situacion, standing, told),
        alive=alive,
        desde=desde,
        motivo=motivo,
        beat=beat,
        alarms=told,
        standing=standing,
        undecided=jobs.count_undecided(db) if db else 0,
        oldest=oldest[0].claimed_at if oldest else None,
        to_hand_over=sum(queue.due for queue in queues if queue.lane == tasks.HAND_OVER),
        to_print=sum(queue.due + queue.parked + queue.held for queue in queues if _prints(queue)),
        held=sum(queue.held for queue in queues),
        parked=sum(queue.parked for queue in queues),
        doubtful=papers.doubtful(db) if db else 0,
        today=documents.count_of_day(db, now.date()) if db else 0,
        last=documents.newest(db) if db else "",
        queues=queues,
    )


def sentence(situacion: Situacion, desde: datetime | None, motivo: str = "") -> str:
    """A situation in words. `desde` is shown in its own time zone."""
    since = f" desde el {desde:%d/%m/%Y %H:%M}" if desde else ""
    return {
        Situacion.NUNCA_ARRANCO: "Nunca arrancó.",
        Situacion.DETENIDO: f"Detenido{since}: no se emite nada.",
        Situacion.SIN_SENAL: f"No da señales{since}: no se emite nada.",
        Situacion.APARTADA: "Otra máquina tomó esta instalación: aquí no se emite nada.",
        Situacion.MUDADA: "Se mudó a otra máquina: aquí no se emite nada.",
        Situacion.SIN_NUBE: "Poniéndose al día con la nube: todavía no se numera.",
        Situacion.CONTINGENCIA: f"En contingencia{since}: firma esta máquina. Motivo: {motivo}.",
        Situacion.EN_LINEA: "En línea: numera y firma la nube.",
        Situacion.LOCAL: "En marcha: numera y firma esta máquina.",
    }[situacion]


def _situation(
    settings: Settings, db: Tx | None, beat: Beat | None, *, alive: bool
) -> tuple[Situacion, datetime | None, str]:
    if db is not None and move.read(db) is not None:
        return Situacion.MUDADA, None, ""
    if db is None or beat is None:
        return Situacion.NUNCA_ARRANCO, None, ""
    if settings.ruta == "nube" and post.is_fenced(db):
        return Situacion.APARTADA, None, ""
    if not alive:
        return Situacion.DETENIDO if beat.modo is Modo.DETENIDO else Situacion.SIN_SENAL, beat.hora, ""
    if settings.ruta == "local":
        return Situacion.LOCAL, beat.desde, ""
    if post.read(db).phase is not Phase.READY:
        return Situacion.SIN_NUBE, beat.desde, ""
    if (episode := episodes.current(db)) is not None:
        return Situacion.CONTINGENCIA, episode.started_at, episode.reason.rstrip(".")
    return Situacion.EN_LINEA, beat.desde, ""


def _told(standing: tuple[Standing, ...], beat: Beat | None, *, alive: bool) -> tuple[str, ...]:
    """As the journal has them; first what the heartbeat alone could tell, as of a disk that takes no row any more."""
    known = tuple(one.alarm.sentence for one in standing)
    plainly = "\n".join(plain(sentence, "ascii") for sentence in known)
    news = tuple(one for one in beat.alarmas if one not in plainly) if beat and (alive or not known) else ()
    return (*news, *known)


def _worst(situacion: Situacion, standing: tuple[Standing, ...], told: tuple[str, ...]) -> Juicio:
    if situacion in _IDLE or any(one.alarm.nivel is Nivel.CRITICA for one in standing):
        return Juicio.MAL
    return Juicio.AVISO if told or situacion in _WARNED else Juicio.OK


def _is_fresh(beat: Beat, now: datetime) -> bool:
    """Not one of the future either: the clock was put back, and nobody beat since."""
    return abs(now - beat.hora) <= SILENT


def _prints(queue: Queue) -> bool:
    return queue.lane.startswith(tasks.PRINT_LANES)
