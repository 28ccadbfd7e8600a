"""SIGN: a number and a signature in one commit, or nothing."""

from datetime import datetime

from sincronizador.core import codes
from sincronizador.core.answer import Motivo
from sincronizador.core.emitido import Anexo, Emitido
from sincronizador.journal import documents, leases
from sincronizador.journal.journal import Tx

from .house import Held, House
from .timekeeping import clock_trouble


def sign(house: House, db: Tx, draft: bytes, tipo: int, anexo: Anexo, now: datetime) -> tuple[Emitido, str] | Held:
    """The signed document and its lease, its number taken, or why it must wait. Only while nothing is `held`."""
    taken = documents.take_number(db, tipo, now.date(), leased=house.cloud is not None)
    if taken is None:
        return _no_numbers(house, db, tipo)
    folio, lease = taken
    document = house.country.complete(draft, folio, now)
    emitido = house.country.emitted(house.pen.sign(document, house.country.signatures(document), now), anexo)
    if (emitido.tipo, emitido.serie, emitido.numero) != (folio.rango.tipo, folio.rango.serie, folio.numero):
        raise AssertionError(f"signed {emitido.slug} with the number of {folio.slug}")
    return emitido, lease


def held(house: House, db: Tx, now: datetime) -> Held | None:
    """Why nothing can be signed now."""
    if detail := clock_trouble(house, db, now):
        return Held(Motivo.RELOJ, codes.CLOCK.at(detalle=detail))
    if detail := house.pen.trouble(now):
        return Held(Motivo.CERTIFICADO, codes.NO_CERTIFICATE.at(detalle=detail))
    return None


def _no_numbers(house: House, db: Tx, tipo: int) -> Held:
    if house.cloud is None and any(stock.rango.tipo == tipo for stock in leases.unconfirmed(db)):
        return Held(Motivo.SIN_NUMEROS, codes.UNCONFIRMED.at(tipo=house.country.type_name(tipo)))
    mine = [stock for stock in documents.stocks(db) if stock.rango.tipo == tipo and not stock.closing]
    if house.cloud is not None:
        detail = "no hay números reservados por la nube para firmar aquí"
    elif not mine:
        detail = "no hay ningún CAE importado"
    elif any(stock.left for stock in mine):
        newest = max(stock.rango.vence for stock in mine if stock.left)
        detail = f"el CAE venció el {newest:%d/%m/%Y}"
    else:
        detail = "se usaron todos los números del CAE"
    return Held(Motivo.SIN_NUMEROS, codes.NO_NUMBERS.at(tipo=house.country.type_name(tipo), detalle=detail))
