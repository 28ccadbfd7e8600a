"""How the installation is, in figures: for the heartbeat, the metrics and the panel."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sincronizador.core.alarm import Alarm
from sincronizador.errors import SincronizadorError
from sincronizador.journal import jobs, papers, tasks
from sincronizador.journal.journal import Tx
from sincronizador.journal.tasks import Queue
from sincronizador.signing.certificate import Certificate

from . import alarms
from .house import House


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What a person may want to know now."""

    undecided: int
    to_hand_over: int
    to_print: int
    parked: int
    doubtful: int
    left: dict[int, int]
    """Numbers left by type."""
    certificate_days: int | None
    alarms: tuple[Alarm, ...]
    """The gravest first."""
    queues: tuple[Queue, ...]


def examine(
    house: House, db: Tx, certificate: Certificate | None, now: datetime, troubles: Sequence[SincronizadorError] = ()
) -> Health:
    """Look at everything that the journal, the certificate and the disk tell."""
    queues = tasks.queues(db)
    days = (certificate.not_after - now).days if certificate else None
    return Health(
        undecided=jobs.count_undecided(db),
        to_hand_over=sum(queue.due for queue in queues if queue.lane == tasks.HAND_OVER),
        to_print=sum(queue.due + queue.parked + queue.held for queue in queues if queue.lane.startswith("impresora:")),
        parked=sum(queue.parked for queue in queues),
        doubtful=papers.doubtful(db),
        left=alarms.left(house, db, now),
        certificate_days=days,
        alarms=alarms.look(house, db, certificate, now, queues, troubles),
        queues=tuple(queues),
    )
