"""What the first page shows: one big state in words, the alarms, and a card for each thing that may run out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sincronizador.core.alarm import Nivel
from sincronizador.countries.door import Country
from sincronizador.engine.alarms import EXPIRY_DAYS, FEW_NUMBERS, LOW_DISK, OLD_BACKUP
from sincronizador.journal import backups, documents, episodes, tasks
from sincronizador.journal.alarms import Standing
from sincronizador.journal.backups import Last
from sincronizador.journal.journal import Tx
from sincronizador.journal.listings import last_informed
from sincronizador.overview import Overview, Situacion

from .words import Tone, count, lane_name, moment, whole

_URGENT_DAYS = 7
_SETTLED = {
    "papeles": ("/impresoras", "Resolverlo en Impresoras"),
    "impresora": ("/impresoras", "Ver la impresora"),
    "impresiones_dudosas": ("/impresoras", "Decir si salieron"),
    "apartados": ("/problemas", "Ver lo apartado"),
}
"""Families of alarms that have a page."""


@dataclass(frozen=True, slots=True)
class State:
    """The big words at the top of every page."""

    headline: str
    detail: str
    tone: Tone


@dataclass(frozen=True, slots=True)
class AlarmLine:
    """What a person must know, and what to do about it."""

    text: str
    remedy: str
    since: str
    tone: Tone
    link: tuple[str, str] = ("", "")
    """The page where it is settled, and what to call the way there."""


@dataclass(frozen=True, slots=True)
class Card:
    """One thing that may run out, or pile up."""

    title: str
    value: str
    detail: str = ""
    tone: Tone = Tone.NEUTRO
    link: str = ""
    rows: tuple[tuple[str, str], ...] = ()
    """More of it, a line each."""


def state(seen: Overview, db: Tx | None, troubles: int, now: datetime) -> State:
    """How the installation is, for who has to sell with it."""
    with_problems = f"Con problemas: {troubles}"
    match seen.situacion:
        case Situacion.CONTINGENCIA:
            return State(_contingency(seen, db, now), _go_on(seen), Tone.ATENCION)
        case Situacion.SIN_NUBE:
            return State("Poniéndose al día", "Todavía no numera: está hablando con la nube.", Tone.ATENCION)
        case Situacion.APARTADA:
            detail = "Otra máquina sigue con esta instalación. Aquí no se emite nada."
            return State("Detenido", detail, Tone.MAL)
        case Situacion.MUDADA:
            return State("Detenido", "La instalación se mudó a otra máquina. Aquí no se emite nada.", Tone.MAL)
        case Situacion.NUNCA_ARRANCO | Situacion.DETENIDO | Situacion.SIN_SENAL:
            return State("Detenido", _stopped(seen, now), Tone.MAL)
    works = "La nube numera y firma." if seen.situacion is Situacion.EN_LINEA else "Esta máquina numera y firma."
    if troubles:
        return State(with_problems, f"Lo demás sigue andando. {works}", Tone.ATENCION)
    headline = "En línea" if seen.situacion is Situacion.EN_LINEA else "En marcha"
    return State(headline, works, Tone.BIEN)


def _contingency(seen: Overview, db: Tx | None, now: datetime) -> str:
    episode = episodes.current(db) if db else None
    signed = sum(row[4] for row in episodes.signed_in(db, episode)) if db and episode else 0
    told = count(signed, "comprobante", "comprobantes")
    since = moment(seen.desde, now)
    if episode is not None and episode.forced:
        return f"En contingencia, pedida por una persona, desde {since} ({told})"
    return f"Sin Internet: firmando en contingencia desde {since} ({told})"


def _go_on(seen: Overview) -> str:
    return f"Siga vendiendo: los comprobantes valen, y se envían solos después. Motivo: {seen.motivo}."


def _stopped(seen: Overview, now: datetime) -> str:
    if seen.situacion is Situacion.NUNCA_ARRANCO:
        return "El servicio nunca arrancó en esta máquina. Avise a quien mantiene el sistema."
    since = f" Última señal: {moment(seen.beat.hora, now)}." if seen.beat else ""
    return f"No se emite nada. Lo que manden las cajas queda guardado y se toma al arrancar.{since}"


def alarm_lines(seen: Overview, standing: Sequence[Standing], now: datetime) -> list[AlarmLine]:
    """What stands now, but for what the big state says; of a service that does not work, what it said last."""
    if standing or seen.alive:
        return [_alarm_line(one, now) for one in standing if one.alarm.family != "contingencia"]
    return [AlarmLine(text, "", "", Tone.ATENCION) for text in seen.alarms]


def _alarm_line(one: Standing, now: datetime) -> AlarmLine:
    link = _SETTLED.get(one.alarm.family)
    return AlarmLine(
        _sentence(one.alarm.texto),
        # What others are told to type is a button here.
        "" if link else one.alarm.que_hacer,
        moment(one.desde, now),
        Tone.MAL if one.alarm.nivel is Nivel.CRITICA else Tone.ATENCION,
        link or ("", ""),
    )


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def cards(seen: Overview, db: Tx, country: Country, disks: Sequence[tuple[str, int]], now: datetime) -> list[Card]:
    """The cards, in the order of how often somebody looks at them. `disks`: what they hold, and bytes left."""
    return [
        _today(seen, country),
        *_queues(seen, now),
        _certificate(seen),
        _numbers(seen, db, country, now.date()),
        *_reports(db, seen, now.date()),
        _disk(disks),
        _backup(backups.last(db), now),
    ]


def _today(seen: Overview, country: Country) -> Card:
    tipo, _, number = seen.last.partition("-")
    last = f"El último: {country.type_name(int(tipo))} {number.replace('-', ' ')}." if seen.last else ""
    return Card("Hoy", count(seen.today, "comprobante", "comprobantes"), last, Tone.NEUTRO, "/ventas")


def _queues(seen: Overview, now: datetime) -> Iterator[Card]:
    if seen.situacion not in (Situacion.LOCAL, Situacion.NUNCA_ARRANCO):
        tone = Tone.ATENCION if seen.to_hand_over else Tone.BIEN
        value = whole(seen.to_hand_over) if seen.to_hand_over else "Nada"
        yield Card("Por enviar a la nube", value, "Se envía solo." if seen.to_hand_over else "", tone)
    if seen.undecided:
        since = f"El más viejo llegó: {moment(seen.oldest, now)}." if seen.oldest else ""
        yield Card("Archivos por decidir", whole(seen.undecided), since, Tone.ATENCION, "/problemas")


def printer_cards(db: Tx, names: Sequence[str], looks: dict[str, str]) -> Iterator[Card]:
    """A card for each printer: what waits, why, and what it said of itself when somebody asked."""
    for name in names:
        queue = tasks.queue_of(db, tasks.print_lane(name))
        waiting = queue.due + queue.parked + queue.held
        told = count(waiting, "papel espera", "papeles esperan") if waiting else "Nada espera"
        held = f"{count(queue.held, 'retenido', 'retenidos')}: hasta que una persona diga. " if queue.held else ""
        tone = Tone.MAL if queue.note or queue.held else Tone.ATENCION if waiting else Tone.BIEN
        detail = f"{held}{queue.note or looks.get(name, '')}"
        yield Card(lane_name(tasks.print_lane(name)), told, detail, tone, f"/impresoras#{name}")


def _certificate(seen: Overview) -> Card:
    days = seen.beat.certificado_dias if seen.beat else None
    if days is None:
        return Card("Certificado", "No se sabe", "Lo dice el servicio cuando anda.", Tone.ATENCION)
    if days < 0:
        return Card("Certificado", "Vencido", "Sin certificado no se firma nada.", Tone.MAL)
    tone = Tone.MAL if days <= _URGENT_DAYS else Tone.ATENCION if days <= EXPIRY_DAYS else Tone.BIEN
    return Card("Certificado", f"Vence en {count(days, 'día', 'días')}", "", tone)


def _numbers(seen: Overview, db: Tx, country: Country, today: date) -> Card:
    """Numbers left of the types that were ever used here; of all, where none was."""
    stocks = documents.stocks(db)
    used = {stock.rango.tipo for stock in stocks if stock.siguiente > stock.primero}
    left: dict[int, tuple[int, int]] = {}
    for stock in stocks:
        if stock.closing or (used and stock.rango.tipo not in used):
            continue
        have, had = left.get(stock.rango.tipo, (0, 0))
        usable = stock.left if stock.rango.vence >= today else 0
        left[stock.rango.tipo] = have + usable, had + stock.ultimo - stock.primero + 1
    if not left:
        return Card("Números", "Ninguno", "Falta importar un CAE.", Tone.MAL)
    empty = [tipo for tipo, (have, _) in left.items() if have == 0]
    few = [tipo for tipo, (have, had) in left.items() if have < had * FEW_NUMBERS]
    tone = Tone.MAL if empty else Tone.ATENCION if few else Tone.BIEN
    told = "Faltan" if empty else "Quedan pocos" if few else "Alcanzan"
    rows = tuple((country.type_name(tipo), whole(have)) for tipo, (have, _) in sorted(left.items()))
    title = "Números (CAE)" if seen.situacion is Situacion.LOCAL else "Números para contingencia"
    return Card(title, told, "", tone, "", rows)


def _reports(db: Tx, seen: Overview, today: date) -> Iterator[Card]:
    """The newest day of which the cloud told that DGI has its report."""
    if seen.situacion is Situacion.LOCAL:
        return
    if (day := last_informed(db, today)) is not None:
        yield Card("Reporte diario", f"Informado el {day:%d/%m/%Y}", "Es lo último que dijo la nube.", Tone.BIEN)


def _disk(disks: Sequence[tuple[str, int]]) -> Card:
    if not disks:
        return Card("Disco", "No se ve", "Revise que esté montado.", Tone.MAL)
    free = min(room for _, room in disks)
    tone = Tone.MAL if free < LOW_DISK else Tone.BIEN
    rows = tuple((what, size(room)) for what, room in disks) if len(disks) > 1 else ()
    return Card("Disco", f"{size(free)} libres", "", tone, "", rows)


def _backup(last: Last, now: datetime) -> Card:
    if last.made is None:
        return Card("Último respaldo", "Nunca", last.trouble, Tone.MAL if last.trouble else Tone.ATENCION)
    tone = Tone.MAL if last.age(now) >= OLD_BACKUP else Tone.ATENCION if last.trouble else Tone.BIEN
    return Card("Último respaldo", moment(last.made, now).capitalize(), last.trouble, tone)


def size(room: int) -> str:
    """Bytes for people."""
    return f"{room / (1 << 30):.0f} GB" if room >= 10 << 30 else f"{whole(room >> 20)} MB"
