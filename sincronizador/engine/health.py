"""How the installation is, in figures and in sentences: for the heartbeat, `estado` and `verificar`."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sincronizador.core import cloud_codes
from sincronizador.core.finding import Finding
from sincronizador.errors import SincronizadorError
from sincronizador.journal import documents, doubts, jobs, leases, papers, post, tasks
from sincronizador.journal.documents import Stock
from sincronizador.journal.journal import Tx, meta
from sincronizador.journal.post import Phase
from sincronizador.journal.tasks import Queue
from sincronizador.signing.certificate import Certificate

from .house import House
from .leasing import NOT_CLOSED, NOT_HELD
from .timekeeping import clock_trouble, skew_alarm

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
    left = _left(house, db, now)
    days = (certificate.not_after - now).days if certificate else None
    return Health(
        undecided=jobs.count_undecided(db),
        to_hand_over=sum(queue.due for queue in queues if queue.lane == tasks.HAND_OVER),
        to_print=sum(queue.due + queue.parked + queue.held for queue in queues if queue.lane.startswith("impresora:")),
        parked=sum(queue.parked for queue in queues),
        doubtful=papers.doubtful(db),
        left=left,
        certificate_days=days,
        alarms=(
            *(str(trouble) for trouble in troubles),
            *cloud_alarms(house, db, now),
            *_signing_alarms(house, db, certificate, now),
            *_number_alarms(house, db, now),
            *house.country.alarms(now.date()).values(),
            *_queue_alarms(queues),
            *disk_alarms(house),
        ),
        queues=tuple(queues),
    )


def _left(house: House, db: Tx, now: datetime) -> dict[int, int]:
    """What may be signed here: with a cloud only what it knows of."""
    left: dict[int, int] = {}
    for stock in _stocks(house, db):
        usable = stock.left if stock.rango.vence >= now.date() else 0
        left[stock.rango.tipo] = left.get(stock.rango.tipo, 0) + usable
    return left


def _stocks(house: House, db: Tx) -> list[Stock]:
    return [stock for stock in documents.stocks(db) if not stock.closing and (stock.lease or house.cloud is None)]


def cloud_alarms(house: House, db: Tx, now: datetime) -> list[str]:
    """What stands between this installation and its cloud."""
    if house.cloud is None:
        return []
    place = post.read(db)
    link, phase, found = house.line.link, place.phase, []
    if phase is Phase.FENCED and place.taken_by:
        found.append(_whole(cloud_codes.COPIED.at(detalle=place.taken_by)))
    elif phase is Phase.FENCED:
        found.append(cloud_codes.FENCED.at().message)
    elif phase is Phase.TAKEN:
        found.append(cloud_codes.TAKEN.at().message)
    elif phase is not Phase.READY:
        found.append(cloud_codes.REGISTERING.at(detalle=link.reason or "falta ponerse al día").message)
    if link.contingency and link.since is not None:
        found.append(f"Contingencia desde el {link.since:%d/%m/%Y %H:%M}: {link.reason}.")
    if alarm := skew_alarm(house, now):
        found.append(alarm)
    held = ((stock.rango.id, meta(db, f"{NOT_HELD}{stock.rango.id}")) for stock in leases.own_ranges(db))
    found += [f"El CAE {cae} no se puede usar con la nube: {why}" for cae, why in held if why]
    ended = (meta(db, f"{NOT_CLOSED}{stock.lease}") for stock in documents.stocks(db) if stock.closing == "due")
    found += [f"La nube no acepta el cierre de una reserva; avise a quien la administra: {why}" for why in ended if why]
    return found


def _whole(finding: Finding) -> str:
    return f"{finding.message} {finding.hint}"


def _signing_alarms(house: House, db: Tx, certificate: Certificate | None, now: datetime) -> list[str]:
    found = []
    if detail := clock_trouble(house, db, now):
        found.append(f"No se firma: el reloj {detail}.")
    if detail := house.pen.trouble(now):
        found.append(f"No se firma: {detail}.")
    elif certificate is not None and (days := (certificate.not_after - now).days) <= EXPIRY_DAYS:
        found.append(f"El certificado vence en {days} días: pida el siguiente.")
    return found


def _number_alarms(house: House, db: Tx, now: datetime) -> list[str]:
    found = _unconfirmed_alarms(house, db)
    by_type: dict[int, tuple[int, int]] = {}
    for stock in _stocks(house, db):
        usable = stock.left if stock.rango.vence >= now.date() else 0
        have, had = by_type.get(stock.rango.tipo, (0, 0))
        # Of a cloud's numbers it is the reserve that may run low, not any one lease.
        whole = stock.ultimo - stock.primero + 1 if house.cloud is None else house.rules.reserva
        by_type[stock.rango.tipo] = (have + usable, whole + had if house.cloud is None else whole)
        days = (stock.rango.vence - now.date()).days
        if usable and days <= EXPIRY_DAYS:
            found.append(f"El CAE {stock.rango.id} vence en {days} días y le quedan {usable} números.")
    for tipo, (have, had) in by_type.items():
        name = house.country.type_name(tipo)
        if have == 0:
            remedy = "importe un CAE" if house.cloud is None else "la nube da más cuando haya línea"
            found.append(f"No quedan números de {name}: {remedy}.")
        elif have < had * FEW_NUMBERS:
            remedy = "pida otro CAE" if house.cloud is None else "la nube da más cuando haya línea"
            found.append(f"Quedan {have} números de {name}: {remedy}.")
    return found


def _unconfirmed_alarms(house: House, db: Tx) -> list[str]:
    """What a restored installation that numbers alone waits for."""
    waiting = leases.unconfirmed(db) if house.cloud is None else []
    found = []
    if waiting:
        series = ", ".join(f"{stock.rango.tipo} {stock.rango.serie}" for stock in waiting)
        found.append(f"No se numera {series}: diga con «sincronizador cae confirmar» el último número que se usó.")
    if lost := doubts.count(db):
        found.append(f"Faltan {lost} comprobantes de antes de recuperar el diario: «sincronizador respaldo dudosos».")
    return found


def _queue_alarms(queues: Sequence[Queue]) -> list[str]:
    found = [
        f"La impresora {queue.lane.partition(':')[2]} espera con {queue.due + queue.parked} papeles: {queue.note}"
        for queue in queues
        if queue.lane.startswith("impresora:") and queue.note
    ]
    found += [
        f"{queue.due} ventas firmadas esperan su copia en el espejo, sin contestar ni imprimir: {queue.note}"
        for queue in queues
        if queue.lane == tasks.MIRROR and queue.note
    ]
    found += [
        f"Papeles retenidos en {queue.lane.partition(':')[2]}, que esperan a una persona: {queue.held}."
        " Véalos con «sincronizador impresora cola»."
        for queue in queues
        if queue.held
    ]
    parked = sum(queue.parked for queue in queues if not queue.lane.startswith("impresora:"))
    if parked:
        found.append(f"Hay {parked} pedidos apartados: véalos con «sincronizador estado».")
    return found


def disk_alarms(house: House) -> list[str]:
    """A sentence when the disk of the folders is nearly full."""
    free = shutil.disk_usage(house.layout.spool).free
    return [f"Quedan {free // 1024 // 1024} MB de disco en {house.layout.spool}."] if free < LOW_DISK else []
