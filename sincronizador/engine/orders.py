"""Orders of a person, carried out by the one who holds the journal."""

import logging
from collections.abc import Callable
from datetime import datetime

from sincronizador.core import cloud_codes, codes
from sincronizador.core.answer import Estado
from sincronizador.core.job import Impresion, Job, Kind
from sincronizador.errors import NeedsOperator, Rejected, SincronizadorError
from sincronizador.journal import (
    backups,
    certificates,
    documents,
    doubts,
    events,
    jobs,
    leases,
    lots,
    orders,
    papers,
    tasks,
)
from sincronizador.journal.documents import Stock
from sincronizador.journal.journal import Tx
from sincronizador.journal.orders import Order, Outcome
from sincronizador.signing.verify import verify

from . import ending, lanes, restoring, submitting, timekeeping, voiding
from .house import House
from .pen import IssuerPen

log = logging.getLogger(__name__)


def carry_out_next(house: House, pen: IssuerPen) -> bool:
    """Carry out the oldest order; False when there is none. What it changes and its outcome are one commit."""
    with house.journal.reading() as db:
        order = orders.pending(db)
    if order is None:
        return False
    outcome = _attempt(house, lambda _: order)
    if not outcome.ok:
        with house.journal.transaction() as db:
            orders.conclude(db, order.id, outcome, house.clock.now())
    elif order.verb in ("certificado", "certificado-leer"):
        pen.reload()
    return True


def do(house: House, verb: str, args: dict[str, str], content: bytes = b"") -> Outcome:
    """Place an order and carry it out, at once, for whoever holds the journal: it is among the others afterwards."""

    def place(db: Tx) -> Order:
        return Order(orders.place(db, verb, args, content, house.clock.now()), verb, args, content)

    outcome = _attempt(house, place)
    if not outcome.ok:
        with house.journal.transaction() as db:
            orders.conclude(db, place(db).id, outcome, house.clock.now())
    return outcome


def _attempt(house: House, placed: Callable[[Tx], Order]) -> Outcome:
    """The only place where an exception becomes an outcome of an order."""
    order: Order | None = None
    try:
        with house.journal.transaction() as db:
            order = placed(db)
            sentence = _VERBS[order.verb](house, db, order, house.clock.now())
            outcome = Outcome(ok=True, sentence=sentence)
            orders.conclude(db, order.id, outcome, house.clock.now())
            return outcome
    except SincronizadorError as error:
        return Outcome(ok=False, sentence=f"{error.code}: {error}")
    except Exception as error:
        log.exception("event=bug order=%d verb=%s", order.id if order else 0, order.verb if order else "")
        return Outcome(ok=False, sentence=f"E9001: error interno {type(error).__name__}.")


def _job(db: Tx, order: Order) -> Job:
    """The job that a person means: by its row, where one was looked at, else as it is called."""
    return jobs.get(db, int(order.args["pedido"])) if "pedido" in order.args else jobs.wanted(db, order.args["que"])


def _import_range(house: House, db: Tx, order: Order, now: datetime) -> str:
    _same_environment(house, order, "El CAE")
    file = house.country.parse_range(order.content)
    rango, name = file.rango, house.country.type_name(file.rango.tipo)
    problems = house.country.range_problems(order.content, now.date())
    if problems:
        raise problems[0].as_error(Rejected)
    signer = verify(order.content).certificate
    if signer.is_test and house.rules.ambiente == "produccion":
        raise codes.TEST_RANGE.at().as_error(Rejected)
    documents.add_range(db, rango, order.content, now)
    restoring.pass_used(db)
    leases.pass_documents(db)
    sentence = f"CAE {rango.id}: {name}, {rango.serie} {rango.desde} a {rango.hasta}, vence el {rango.vence:%d/%m/%Y}."
    if house.cloud is None and restoring.may_have_been_used(db, file.autorizado):
        leases.distrust(db, rango)
        sentence += " Puede ser de antes de recuperar el respaldo: diga hasta dónde se usó con «cae confirmar»."
    tasks.wake(db)
    events.record(db, None, now, "range", sentence)
    return sentence


def _record_certificate(house: House, db: Tx, order: Order, now: datetime) -> str:
    _same_environment(house, order, "El certificado")
    since = datetime.fromisoformat(order.args["desde"]) if order.args.get("desde") else None
    certificates.record(db, order.args["huella"], order.args["ambiente"], order.content, since)
    tasks.wake(db)
    what = "Certificado" if since is None else "Certificado siguiente"
    sentence = f"{what} de {order.args['titular']} instalado para {order.args['ambiente']}."
    if since is not None:
        sentence += f" Firma desde el {since.astimezone(now.tzinfo):%d/%m/%Y %H:%M}."
    events.record(db, None, now, "certificate", sentence)
    return sentence


def _read_certificates(house: House, db: Tx, order: Order, now: datetime) -> str:  # noqa: ARG001 - an order's form
    """After it the files are read again."""
    tasks.wake(db)
    return "Se leyeron los certificados."


def _same_environment(house: House, order: Order, what: str) -> None:
    if order.args["ambiente"] != house.rules.ambiente:
        raise codes.OTHER_ENVIRONMENT.at(
            que=what, ambiente=order.args["ambiente"], propio=house.rules.ambiente
        ).as_error(NeedsOperator)


def _retry(house: House, db: Tx, order: Order, now: datetime) -> str:
    if order.args.get("reloj"):
        timekeeping.confirm(house, db, now)
        tasks.wake(db)
    if not order.args.get("que"):
        return f"Se reintentan {tasks.wake(db)} tareas."
    job = jobs.head(db, _job(db, order))
    doubts.settle(db, job.key)
    together = lots.undecided(db, job.id) if job.kind is Kind.LOTE else [job]
    again = sum(submitting.retry(house, db, one, now) for one in together)
    count = sum(tasks.wake(db, one.id) for one in together) + again
    events.record(db, job.id, now, "retry", "Una persona pidió reintentar.")
    return f"Se reintentan {count} tareas de {job.referencia or job.name}."


def _discard(house: House, db: Tx, order: Order, now: datetime) -> str:
    job = jobs.head(db, _job(db, order))
    if job.estado.emitido:
        raise codes.ALREADY_ISSUED.at(value=job.referencia or job.name).as_error(Rejected)
    if job.estado.decided:
        raise codes.ALREADY_DECIDED.at(value=job.referencia or job.name, estado=job.estado).as_error(Rejected)
    if (why := voiding.unsure(house, db)) is not None:
        raise why.finding.as_error(Rejected)
    end = ending.end if job.kind is Kind.LOTE else voiding.end
    if end(house, db, job, Estado.DESCARTADO, order.args["motivo"], now):
        return f"Descartado {job.referencia or job.name}."
    if not house.fences:
        raise cloud_codes.MUST_NOT_SWITCH.at().as_error(Rejected)
    return f"Se pidió a la nube que no emita {job.referencia or job.name}; queda descartado cuando conteste."


def _reprint(house: House, db: Tx, order: Order, now: datetime) -> str:
    job = jobs.head(db, _job(db, order))
    printer = house.station(order.args.get("impresora", "") or job.printer, job.till)
    if documents.signed(db, job.id) is None:
        raise codes.NO_DOCUMENT.at(value=job.referencia or job.name).as_error(Rejected)
    if house.country.transcribes(documents.type_of(db, job.id)):
        raise codes.PAPER_NOT_PRINTED.at(value=documents.slug_of(db, job.id)).as_error(Rejected)
    if not printer:
        raise codes.UNKNOWN_PRINTER.at(
            value=order.args.get("impresora", ""), impresoras=", ".join(house.printers) or "ninguna"
        ).as_error(Rejected)
    motivo, coming = order.args.get("original", ""), papers.coming_original(db, job.id) is not None
    if coming or (motivo and job.impresion is Impresion.IMPRESO):
        raise codes.NOT_PRINTED_YET.at(
            value=job.referencia or job.name, estado=Impresion.PENDIENTE if coming else job.impresion
        ).as_error(Rejected)
    papers.see(db, job.id, "se pidió otro papel")
    papers.add(db, job=job.id, document=job.id, printer=printer, papers=1, copia=not motivo, since=now)
    tasks.reopen_print(db, job.id, printer)
    events.record(db, job.id, now, "reprint", f"Se pidió {'otro original: ' + motivo if motivo else 'una copia'}.")
    return f"Se imprime {job.referencia or job.name} en {printer}{'' if motivo else ', marcado COPIA'}."


def _release(house: House, db: Tx, order: Order, now: datetime) -> str:  # noqa: ARG001 - an order's form
    return lanes.release(db, _job(db, order), order.args["que"], order.args["impresora"], order.args["motivo"], now)


def _drop(house: House, db: Tx, order: Order, now: datetime) -> str:  # noqa: ARG001 - an order's form
    return lanes.drop(db, _job(db, order), order.args["que"], order.args["impresora"], order.args["motivo"], now)


def _contingency(house: House, db: Tx, order: Order, now: datetime) -> str:
    if house.cloud is None:
        raise cloud_codes.NO_CLOUD.at().as_error(NeedsOperator)
    if order.args["que"] == "forzar":
        house.line.force(db, now, order.args["motivo"])
        return "Contingencia: desde ahora se firma en esta máquina, hasta «sincronizador contingencia terminar»."
    house.line.release(db, now)
    return "Contingencia terminada: las ventas van otra vez a la nube."


def _confirm_numbers(house: House, db: Tx, order: Order, now: datetime) -> str:
    """A person says up to where the CAEs of a restored installation were used."""
    waiting = leases.unconfirmed(db) if house.cloud is None else []
    if order.args.get("encontrados"):
        told = [(stock, stock.siguiente - 1) for stock in waiting]
    else:
        last = int(order.args["ultimo"])
        wanted = (int(order.args["tipo"]), order.args["serie"].upper())
        told = [
            (stock, last)
            for stock in waiting
            if (stock.rango.tipo, stock.rango.serie) == wanted and stock.siguiente - 1 <= last <= stock.ultimo
        ]
    if not told:
        raise codes.NOTHING_TO_CONFIRM.at(detalle=_not_confirmed(order, waiting)).as_error(Rejected)
    for stock, last in told:
        leases.confirm(db, stock, last)
    tasks.wake(db)
    said = ", ".join(f"{stock.rango.tipo} {stock.rango.serie} desde el {last + 1}" for stock, last in told)
    events.record(db, None, now, "confirmed", f"Una persona confirmó los números usados: sigue {said}.")
    return f"Se numera otra vez: {said}."


def _not_confirmed(order: Order, waiting: list[Stock]) -> str:
    if order.args.get("encontrados"):
        return "nada: ningún CAE espera"
    tipo, serie, ultimo = (order.args[name] for name in ("tipo", "serie", "ultimo"))
    near = next((stock for stock in waiting if str(stock.rango.tipo) == tipo), None)
    if near is None:
        return f"{tipo} {serie}: ningún CAE de ese tipo espera"
    first = near.siguiente - 1
    return f"{ultimo} de {tipo} {serie}: se espera un número de {first} (el último conocido) a {near.ultimo}"


def _note_backup(_: House, db: Tx, order: Order, __: datetime) -> str:
    backups.made(db, datetime.fromisoformat(order.args["cuando"]), order.args["donde"], by_itself=False)
    return "Anotado."


_VERBS: dict[str, Callable[[House, Tx, Order, datetime], str]] = {
    "cae": _import_range,
    "confirmar": _confirm_numbers,
    "certificado": _record_certificate,
    "certificado-leer": _read_certificates,
    "reintentar": _retry,
    "descartar": _discard,
    "reimprimir": _reprint,
    "papel-liberar": _release,
    "papel-descartar": _drop,
    "contingencia": _contingency,
    "respaldo": _note_backup,
}
