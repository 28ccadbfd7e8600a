"""What stands in the installation's way, as alarms: their paragraphs are in ``docs/alarmas.md``, a family each."""

import shutil
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sincronizador import smtp
from sincronizador.core import cloud_codes, codes
from sincronizador.core.alarm import Alarm, Nivel
from sincronizador.core.finding import Finding
from sincronizador.errors import SincronizadorError
from sincronizador.journal import backups, documents, doubts, leases, papers, post, tasks
from sincronizador.journal.documents import Stock
from sincronizador.journal.journal import Tx, meta
from sincronizador.journal.post import Phase
from sincronizador.journal.tasks import Queue
from sincronizador.signing.certificate import Certificate

from .house import House
from .informing import late_day
from .leasing import NOT_CLOSED, NOT_HELD
from .timekeeping import clock_trouble, skew_alarm

FEW_NUMBERS = 0.1
"""Share of a type's numbers left from which on a person is told."""
EXPIRY_DAYS = 30
LAST_DAYS = 5
"""Of a certificate, from which on it is grave."""
LOW_DISK = 200 * 1024 * 1024
"""Bytes."""

OLD_BACKUP = timedelta(days=3)

_CRITICA, _AVISO = Nivel.CRITICA, Nivel.AVISO
_FAMILY_OF = {
    codes.DISK_FULL.code: "disco",
    codes.READ_ONLY.code: "disco",
    codes.NO_ROOM.code: "disco",
    codes.JOURNAL_FULL.code: "disco",
    codes.NO_PERMISSION.code: "carpetas",
    codes.NO_FOLDER.code: "carpetas",
    codes.FILESYSTEM.code: "carpetas",
    codes.UNMOUNTED.code: "carpetas",
    codes.OWNER_LOST.code: "carpetas",
    codes.JOURNAL_DAMAGED.code: "diario",
    codes.JOURNAL_CLOSED.code: "diario",
    codes.JOURNAL_BUSY.code: "diario",
    codes.JOURNAL_GONE.code: "diario",
    **{
        rule.code: "avisos"
        for rule in (
            *smtp.RULES,
            codes.HOOK_UNREACHABLE,
            codes.HOOK_UNANSWERED,
            codes.HOOK_NOT_ACCEPTED,
            codes.HOOK_REFUSED,
            codes.BAD_SECRET,
        )
    },
}
"""The family of what a loop or a dropped file stumbles over; of anything else: ``servicio``."""


def look(
    house: House,
    db: Tx,
    certificate: Certificate | None,
    now: datetime,
    queues: Sequence[Queue],
    troubles: Sequence[SincronizadorError] = (),
) -> tuple[Alarm, ...]:
    """What stands in the way now, as far as the journal, the certificate, the disk and `troubles` tell."""
    return (
        *(of_trouble(trouble) for trouble in troubles),
        *cloud_alarms(house, db, now),
        *_report_alarms(house, db, now),
        *_signing_alarms(house, db, certificate, now),
        *_number_alarms(house, db, now),
        *house.country.alarms(now.date()),
        *_queue_alarms(queues),
        *_old_queue_alarms(house, db, now, queues),
        *_print_alarms(db),
        *disk_alarms(house),
        *_backup_alarms(house, db, now),
    )


def of_trouble(trouble: SincronizadorError) -> Alarm:
    """What keeps a loop, or a dropped file, from its way."""
    texto, que_hacer = codes.parted(str(trouble))
    family = _FAMILY_OF.get(trouble.code, "servicio")
    clave = f"servicio:{trouble.code}" if family == "servicio" else family
    return Alarm(clave, _AVISO if family == "avisos" else _CRITICA, texto, que_hacer)


def left(house: House, db: Tx, now: datetime) -> dict[int, int]:
    """What may be signed here, by type: with a cloud only what it knows of."""
    found: dict[int, int] = {}
    for stock in _stocks(house, db):
        found[stock.rango.tipo] = found.get(stock.rango.tipo, 0) + _usable(stock, now)
    return found


def _stocks(house: House, db: Tx) -> list[Stock]:
    return [stock for stock in documents.stocks(db) if not stock.closing and (stock.lease or house.cloud is None)]


def _usable(stock: Stock, now: datetime) -> int:
    return stock.left if stock.rango.vence >= now.date() else 0


def cloud_alarms(house: House, db: Tx, now: datetime) -> list[Alarm]:
    """What stands between this installation and its cloud."""
    if house.cloud is None:
        return []
    place = post.read(db)
    link, phase, found = house.line.link, place.phase, []
    if phase is Phase.FENCED and place.taken_by:
        found.append(_of("nube", _CRITICA, cloud_codes.COPIED.at(detalle=place.taken_by)))
    elif phase is Phase.FENCED:
        found.append(_of("nube", _CRITICA, cloud_codes.FENCED.at()))
    elif phase is Phase.TAKEN:
        found.append(_of("nube", _CRITICA, cloud_codes.TAKEN.at()))
    elif phase is not Phase.READY:
        found.append(_of("nube", _CRITICA, cloud_codes.REGISTERING.at(detalle=link.reason or "falta ponerse al día")))
    if link.contingency and link.since is not None:
        nivel = _CRITICA if now - link.since >= house.rules.contingencia_larga else _AVISO
        found.append(Alarm("contingencia", nivel, f"Contingencia desde el {link.since:%d/%m/%Y %H:%M}: {link.reason}."))
    if alarm := skew_alarm(house, now):
        found.append(Alarm("hora_nube", _AVISO, alarm))
    held = ((stock.rango.id, meta(db, f"{NOT_HELD}{stock.rango.id}")) for stock in leases.own_ranges(db))
    found += [
        Alarm(f"cae_nube:{cae}", _AVISO, f"El CAE {cae} no se puede usar con la nube: {why}")
        for cae, why in held
        if why
    ]
    ended = (
        (stock.lease, meta(db, f"{NOT_CLOSED}{stock.lease}"))
        for stock in documents.stocks(db)
        if stock.closing == "due"
    )
    refused = "La nube no acepta el cierre de una reserva; avise a quien la administra"
    found += [Alarm(f"reserva:{lease}", _AVISO, f"{refused}: {why}") for lease, why in ended if why]
    return found


def _of(clave: str, nivel: Nivel, finding: Finding) -> Alarm:
    return Alarm(clave, nivel, finding.message, finding.hint or "")


def _report_alarms(house: House, db: Tx, now: datetime) -> Iterator[Alarm]:
    if day := late_day(house, db, now):
        texto = f"La nube todavía no dijo que DGI tenga los comprobantes del {day:%d/%m/%Y}."
        yield Alarm("reporte", _AVISO, texto, "Avise a quien administra la nube.")


def _signing_alarms(house: House, db: Tx, certificate: Certificate | None, now: datetime) -> Iterator[Alarm]:
    if detail := clock_trouble(house, db, now):
        yield Alarm("reloj", _CRITICA, f"No se firma: el reloj {detail}.", codes.CLOCK.hint)
    if detail := house.pen.trouble(now):
        yield Alarm("certificado", _CRITICA, f"No se firma: {detail}.")
    elif certificate is not None and (days := (certificate.not_after - now).days) <= EXPIRY_DAYS:
        nivel = _CRITICA if days <= LAST_DAYS else _AVISO
        if since := house.pen.next_at(now):
            texto = f"El certificado vence en {_days(days)}; el siguiente ya está instalado y firma desde el"
            yield Alarm("certificado", _AVISO, f"{texto} {since.astimezone(now.tzinfo):%d/%m/%Y %H:%M}.")
        else:
            yield Alarm("certificado", nivel, f"El certificado vence en {_days(days)}", "Pida el siguiente.")


def _number_alarms(house: House, db: Tx, now: datetime) -> Iterator[Alarm]:
    yield from _unconfirmed_alarms(house, db)
    by_type: dict[int, tuple[int, int]] = {}
    for stock in _stocks(house, db):
        usable = _usable(stock, now)
        have, had = by_type.get(stock.rango.tipo, (0, 0))
        # Of a cloud's numbers it is the reserve that may run low, not any one lease.
        whole = stock.ultimo - stock.primero + 1 if house.cloud is None else house.rules.reserva
        by_type[stock.rango.tipo] = (have + usable, whole + had if house.cloud is None else whole)
        days = (stock.rango.vence - now.date()).days
        if usable and days <= EXPIRY_DAYS:
            texto = f"El CAE {stock.rango.id} vence en {_days(days)} y le quedan {usable} números."
            yield Alarm(f"cae_vence:{stock.rango.id}", _AVISO, texto)
    more = "La nube da más cuando haya línea."
    for tipo, (have, had) in by_type.items():
        name = house.country.type_name(tipo)
        if have == 0:
            remedy = "Importe un CAE." if house.cloud is None else more
            yield Alarm(f"cae:{tipo}", _CRITICA, f"No quedan números de {name}", remedy)
        elif have < had * FEW_NUMBERS:
            remedy = "Pida otro CAE." if house.cloud is None else more
            yield Alarm(f"cae:{tipo}", _AVISO, f"Quedan {have} números de {name}", remedy)


def _days(number: int) -> str:
    return "1 día" if number == 1 else f"{number} días"


def _unconfirmed_alarms(house: House, db: Tx) -> Iterator[Alarm]:
    """What a restored installation that numbers alone waits for."""
    waiting = leases.unconfirmed(db) if house.cloud is None else []
    if waiting:
        series = ", ".join(f"{stock.rango.tipo} {stock.rango.serie}" for stock in waiting)
        remedy = "Diga con «sincronizador cae confirmar» el último número que se usó."
        yield Alarm("numeros", _CRITICA, f"No se numera {series}", remedy)
    if lost := doubts.count(db):
        texto = f"Faltan {lost} comprobantes de antes de recuperar el diario"
        yield Alarm("recuperado", _AVISO, f"{texto}: «sincronizador respaldo dudosos».")


def _queue_alarms(queues: Sequence[Queue]) -> Iterator[Alarm]:
    for queue in queues:
        lane, colon, name = queue.lane.partition(":")
        if colon and lane == "impresora" and queue.note:
            count = queue.due + queue.parked
            yield _noted(f"impresora:{name}", f"La impresora {name} espera con {count} papeles", queue.note)
    for queue in queues:
        if queue.lane == tasks.MIRROR and queue.note:
            texto = f"{queue.due} ventas firmadas esperan su copia en el espejo, sin contestar ni imprimir"
            yield _noted("cola:espejo", texto, queue.note, _CRITICA)
    for queue in queues:
        if queue.held:
            name = queue.lane.partition(":")[2]
            texto = f"Papeles retenidos en {name}, que esperan a una persona: {queue.held}."
            yield Alarm(f"papeles:{name}", _AVISO, texto, "Véalos con «sincronizador impresora cola».")
    parked = sum(queue.parked for queue in queues if not queue.lane.startswith("impresora:"))
    if parked:
        yield Alarm("apartados", _AVISO, f"Hay {parked} pedidos apartados", "Véalos con «sincronizador estado».")


def _old_queue_alarms(house: House, db: Tx, now: datetime, queues: Sequence[Queue]) -> Iterator[Alarm]:
    """What waits for long without saying why."""
    for queue in queues:
        lane, _, name = queue.lane.partition(":")
        if lane not in _SLOW or queue.note or not queue.due or (lane == tasks.HAND_OVER and not _is_online(house)):
            continue
        since = tasks.oldest(db, queue.lane)
        if since is not None and now - since >= house.rules.cola_vieja:
            told = _SLOW[lane].format(name=name)
            texto = f"{queue.due} {told}, la primera desde el {since:%d/%m/%Y %H:%M}."
            yield Alarm(f"cola:{name or lane}", _AVISO, texto, "Véalas con «sincronizador estado».")


_SLOW = {
    tasks.HAND_OVER: "ventas firmadas esperan entregarse a la nube",
    tasks.MIRROR: "ventas firmadas esperan su copia en el espejo",
    "impresora": "ventas esperan salir en la impresora {name}",
}


def _is_online(house: House) -> bool:
    return house.cloud is not None and not house.line.link.contingency


def _backup_alarms(house: House, db: Tx, now: datetime) -> Iterator[Alarm]:
    last = backups.last(db)
    if house.rules.respaldo_automatico:
        if last.trouble:
            nivel = _CRITICA if last.age(now) >= OLD_BACKUP else _AVISO
            texto, que_hacer = codes.parted(last.trouble)
            yield Alarm("respaldo", nivel, f"El respaldo automático falló: {texto}", que_hacer)
        elif last.made is not None and last.age(now) >= OLD_BACKUP:
            texto = f"El último respaldo es del {last.made:%d/%m/%Y %H:%M}."
            yield Alarm("respaldo", _CRITICA, texto, "Haga uno con «sincronizador respaldo crear».")
    elif house.rules.ambiente == "produccion" and last.made is None:
        todo = "Ponga [respaldo] automatico, o haga uno con «sincronizador respaldo crear»."
        yield Alarm("respaldo", _AVISO, "Nunca se hizo un respaldo de esta instalación.", todo)


def _noted(clave: str, texto: str, note: str, nivel: Nivel = _AVISO) -> Alarm:
    why, que_hacer = codes.parted(note)
    return Alarm(clave, nivel, f"{texto}: {why}", que_hacer)


def _print_alarms(db: Tx) -> Iterator[Alarm]:
    if doubtful := papers.doubtful(db):
        texto = f"No se sabe si salieron {doubtful} papeles." if doubtful > 1 else "No se sabe si salió un papel."
        yield Alarm("impresiones_dudosas", _AVISO, texto, "Véalos con «sincronizador impresora cola» y diga si están.")


def disk_alarms(house: House) -> list[Alarm]:
    """When the disk of the folders is nearly full."""
    free = shutil.disk_usage(house.layout.spool).free
    texto = f"Quedan {free // 1024 // 1024} MB de disco en {house.layout.spool}."
    return [Alarm("disco", _AVISO, texto)] if free < LOW_DISK else []
