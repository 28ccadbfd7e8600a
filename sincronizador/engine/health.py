"""How the installation is, in figures and in sentences: for the heartbeat, `estado` and `verificar`."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sincronizador.errors import SincronizadorError
from sincronizador.journal import documents, jobs, papers, tasks
from sincronizador.journal.journal import Tx
from sincronizador.journal.tasks import Queue
from sincronizador.signing.certificate import Certificate

from .house import House
from .signing import clock_trouble

FEW_NUMBERS = 0.1
"""Share of a type's numbers left from which on a person is told."""
EXPIRY_DAYS = 30
LOW_DISK = 200 * 1024 * 1024
"""Bytes."""


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
    alarms: tuple[str, ...]
    """A sentence each, the gravest first."""
    queues: tuple[Queue, ...]


def examine(
    house: House, db: Tx, certificate: Certificate | None, now: datetime, troubles: Sequence[SincronizadorError] = ()
) -> Health:
    """Look at everything that the journal, the certificate and the disk tell."""
    queues = tasks.queues(db)
    left = _left(db, now)
    days = (certificate.not_after - now).days if certificate else None
    return Health(
        undecided=jobs.count_undecided(db),
        to_hand_over=sum(queue.due for queue in queues if queue.lane == tasks.HAND_OVER),
        to_print=sum(queue.due + queue.parked for queue in queues if queue.lane.startswith("impresora:")),
        parked=sum(queue.parked for queue in queues),
        doubtful=papers.doubtful(db),
        left=left,
        certificate_days=days,
        alarms=(
            *(str(trouble) for trouble in troubles),
            *_signing_alarms(house, db, certificate, now),
            *_number_alarms(house, db, now),
            *house.country.alarms(now.date()).values(),
            *_queue_alarms(queues),
            *disk_alarms(house),
        ),
        queues=tuple(queues),
    )


def _left(db: Tx, now: datetime) -> dict[int, int]:
    left: dict[int, int] = {}
    for stock in documents.stocks(db):
        usable = stock.left if stock.rango.vence >= now.date() else 0
        left[stock.rango.tipo] = left.get(stock.rango.tipo, 0) + usable
    return left


def _signing_alarms(house: House, db: Tx, certificate: Certificate | None, now: datetime) -> list[str]:
    found = []
    if detail := clock_trouble(db, now):
        found.append(f"No se firma: el reloj {detail}.")
    if detail := house.pen.trouble(now):
        found.append(f"No se firma: {detail}.")
    elif certificate is not None and (days := (certificate.not_after - now).days) <= EXPIRY_DAYS:
        found.append(f"El certificado vence en {days} días: pida el siguiente.")
    return found


def _number_alarms(house: House, db: Tx, now: datetime) -> list[str]:
    found = []
    by_type: dict[int, tuple[int, int]] = {}
    for stock in documents.stocks(db):
        usable = stock.left if stock.rango.vence >= now.date() else 0
        have, had = by_type.get(stock.rango.tipo, (0, 0))
        by_type[stock.rango.tipo] = (have + usable, had + stock.rango.hasta - stock.rango.desde + 1)
        days = (stock.rango.vence - now.date()).days
        if usable and days <= EXPIRY_DAYS:
            found.append(f"El CAE {stock.rango.id} vence en {days} días y le quedan {usable} números.")
    for tipo, (have, had) in by_type.items():
        name = house.country.type_name(tipo)
        if have == 0:
            found.append(f"No quedan números de {name}: importe un CAE.")
        elif have < had * FEW_NUMBERS:
            found.append(f"Quedan {have} números de {name}: pida otro CAE.")
    return found


def _queue_alarms(queues: Sequence[Queue]) -> list[str]:
    found = [
        f"La impresora {queue.lane.partition(':')[2]} espera con {queue.due + queue.parked} papeles: {queue.note}"
        for queue in queues
        if queue.lane.startswith("impresora:") and queue.note
    ]
    parked = sum(queue.parked for queue in queues if not queue.lane.startswith("impresora:"))
    if parked:
        found.append(f"Hay {parked} pedidos apartados: véalos con «sincronizador estado».")
    return found


def disk_alarms(house: House) -> list[str]:
    """A sentence when the disk of the folders is nearly full."""
    free = shutil.disk_usage(house.layout.spool).free
    return [f"Quedan {free // 1024 // 1024} MB de disco en {house.layout.spool}."] if free < LOW_DISK else []
