"""Leases: numbers for contingencia, topped up while there is a line, closed when they are used up or expired."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import partial

from sincronizador.core.receipt import Lease, Reply, Said
from sincronizador.errors import SincronizadorError
from sincronizador.journal import documents, events, leases, post, tasks
from sincronizador.journal.documents import Stock
from sincronizador.journal.journal import meta, remember
from sincronizador.providers.door import Cloud, Leases

from .asking import ask
from .fencing import heed
from .house import House
from .pauses import is_over

_OFFER_KEEP = timedelta(minutes=5)
"""How long the types that can be leased are not asked for again."""
NOT_HELD = "cae_sin_registrar:"
"""Before the authority's number of an own CAE: why the cloud does not let this installation number from it."""

NOT_CLOSED = "reserva_sin_cerrar:"
"""Before the cloud's name of a lease: why the cloud does not take its end."""


def tend(house: House) -> bool:
    """One round: tell of own CAEs, close what is over, top up what runs low. False when the cloud cannot be asked."""
    cloud = house.cloud
    if cloud is None or not cloud.capabilities.leases:
        return False
    return register_own(house, cloud) and _close_over(house, cloud) and _top_up(house, cloud)


def register_own(house: House, cloud: Cloud) -> bool:
    """A machine that ran alone joins with what it has signed: its CAE becomes a range that the cloud never uses."""
    with house.journal.reading() as db:
        standing, own = post.read(db).standing, leases.own_ranges(db)
    for stock in own:
        rango = stock.rango
        reply = ask(house, "held", partial(cloud.held, rango.id, rango.desde, rango.hasta, standing))
        if isinstance(reply, SincronizadorError) or (isinstance(reply, Reply) and reply.said is Said.RESTORED):
            return False
        if heed(house, reply, standing):
            return False
        _settle_held(house, stock, reply)
    return True


def _settle_held(house: House, stock: Stock, reply: Lease | Reply) -> None:
    with house.journal.transaction() as db:
        now = house.clock.now()
        if isinstance(reply, Lease):
            leases.set_held(db, stock, reply.id)
            remember(db, f"{NOT_HELD}{stock.rango.id}", "")
            tasks.wake_lane(db, tasks.HAND_OVER)
            events.record(db, None, now, "held", f"La nube sabe que el CAE {stock.rango.id} se numera aquí.")
        elif meta(db, f"{NOT_HELD}{stock.rango.id}") != reply.message:
            remember(db, f"{NOT_HELD}{stock.rango.id}", reply.message)


def _close_over(house: House, cloud: Cloud) -> bool:
    """First the journal gives no more numbers of it, in a commit of its own; only then the cloud is told."""
    today = house.clock.now().date()
    with house.journal.transaction() as db:
        for stock in documents.stocks(db):
            if stock.lease and not stock.closing and _is_over(stock, today):
                leases.close(db, stock)
        standing = post.read(db).standing
        closing = [(stock, leases.used(db, stock)) for stock in documents.stocks(db) if stock.closing == "due"]
    for stock, used in closing:
        voided = tuple(sorted(set(range(stock.primero, stock.ultimo + 1)) - set(used)))
        reply = ask(house, "close", partial(cloud.close, stock.lease, used, voided, standing))
        if isinstance(reply, SincronizadorError) or heed(house, reply, standing):
            return False
        _settle_close(house, stock, len(used), reply)
    return True


def _settle_close(house: House, stock: Stock, used: int, reply: Reply) -> None:
    with house.journal.transaction() as db:
        if reply.said in (Said.STORED, Said.UNKNOWN):
            leases.closed(db, stock)
            remember(db, f"{NOT_CLOSED}{stock.lease}", "")
            numbers = f"{stock.rango.tipo}, {stock.rango.serie} {stock.primero} a {stock.ultimo}"
            events.record(db, None, house.clock.now(), "lease_closed", f"Cerrada la reserva {numbers}: {used} usados.")
        elif meta(db, f"{NOT_CLOSED}{stock.lease}") != reply.message:
            remember(db, f"{NOT_CLOSED}{stock.lease}", reply.message)


def _is_over(stock: Stock, today: date) -> bool:
    return stock.rango.vence < today or stock.siguiente > stock.ultimo


def _top_up(house: House, cloud: Cloud) -> bool:
    today, now = house.clock.now().date(), house.clock.now()
    with house.journal.reading() as db:
        standing, left = post.read(db).standing, leases.usable(db, today)
    known_at, types = house.line.offer
    if known_at is not None and not is_over(known_at, now, _OFFER_KEEP) and not _low(house, left, types):
        return True
    offer = ask(house, "leases", lambda: cloud.leases(standing))
    if isinstance(offer, SincronizadorError) or not isinstance(offer, Leases):
        return False
    house.line.offer = now, offer.types
    low = _low(house, left, offer.types)
    return all(_take(house, cloud, tipo, house.rules.reserva - left.get(tipo, 0)) for tipo in low)


def _low(house: House, left: Mapping[int, int], types: Sequence[int]) -> list[int]:
    """Types of which less than half of the reserve is at hand."""
    return [tipo for tipo in types if left.get(tipo, 0) <= house.rules.reserva // 2]


def _take(house: House, cloud: Cloud, tipo: int, size: int) -> bool:
    """The wish and its random key are kept before they leave: what is asked again is the same lease."""
    with house.journal.transaction() as db:
        size, idem = leases.ask(db, tipo, size, secrets.token_urlsafe(18))
        standing = post.read(db).standing
    lease = ask(house, "lease", lambda: cloud.take(tipo, house.rules.sucursal, size, idem, standing))
    if isinstance(lease, SincronizadorError):
        return False
    with house.journal.transaction() as db:
        if post.read(db).standing != standing:
            return False
        if isinstance(lease, Lease):
            known = leases.add(db, lease, house.clock.now())
            sentence = (
                _sentence(lease) if known else f"La nube dio números que ya son de otro rango: {_sentence(lease)}"
            )
            events.record(db, None, house.clock.now(), "lease" if known else "lease_overlaps", sentence)
        if isinstance(lease, Lease) or lease.said is Said.INVALID:
            leases.forget_ask(db, tipo)
    return isinstance(lease, Lease) or lease.said is Said.INVALID


def _sentence(lease: Lease) -> str:
    return f"Números para contingencia: {lease.tipo}, {lease.serie} {lease.desde} a {lease.hasta}, CAE {lease.cae}."
