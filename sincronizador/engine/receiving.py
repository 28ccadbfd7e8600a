"""
What other issuers made out to ours, left in ``recibidos/`` for the legacy system: pulled, kept, written once.

A page is kept with its cursor in one commit; then each document is written, and only then marked as written. What falls
in between is written again, with the same name and content. A document that the journal knows is never written anew,
whatever the cloud tells again; another state of it is another file.
"""

from datetime import datetime, timedelta, tzinfo

from sincronizador.core.answer import Answer, Block, First
from sincronizador.core.recibido import Recepcion, Recibido, Recibidos
from sincronizador.folders.answers import leave_received
from sincronizador.folders.heartbeat import CONTRATO
from sincronizador.journal import events, post, recibidos
from sincronizador.journal.recibidos import Left
from sincronizador.providers.door import Cloud

from .asking import ask
from .fencing import heed
from .house import House
from .pauses import is_over

_PAGE = 50
_MOST_WARNINGS = 20
_EVERY = timedelta(seconds=30)


def receive(house: House, cloud: Cloud) -> bool:
    """Ask for what arrived or changed, now and then; whether there is more at once."""
    now, last = house.clock.now(), house.line.received_at
    if not house.rules.recibidos or (last is not None and not is_over(last, now, _EVERY)):
        return False
    with house.journal.reading() as db:
        standing, cursor = post.read(db).standing, recibidos.cursor(db)
    page = ask(house, "received", lambda: cloud.received(cursor, _PAGE, standing), by_the_way=True)
    if heed(house, page, standing) or not isinstance(page, Recibidos):
        house.line.received_at = now
        return False
    house.line.received_at = None if page.more else now
    if page.cursor == cursor:
        return False
    with house.journal.transaction() as db:
        if recibidos.cursor(db) != cursor:
            return True
        for document in page.documents:
            if not recibidos.is_known(db, document.slug, document.estado):
                is_first = not recibidos.is_known(db, document.slug)
                recibidos.add(db, _left(document, house.country.zone, is_first=is_first))
                events.record(db, None, now, "received", f"Recibido {document.slug}: {document.estado}.")
        recibidos.keep_cursor(db, page.cursor)
    return page.more


def leave(house: House) -> int:
    """Write what was received, unless another machine took over; how many. Raises `NeedsOperator`."""
    with house.journal.reading() as db:
        due = () if post.is_fenced(db) else recibidos.due(db)
    for left in due:
        page = Answer(first=First.OK, blocks=left.blocks, encoding="ascii")
        leave_received(house.layout, left.name, page, left.signed)
        with house.journal.transaction() as db:
            recibidos.set_written(db, left)
    return len(due)


def _left(document: Recibido, zone: tzinfo, *, is_first: bool) -> Left:
    """The first state of a document comes with the document, a later one alone, under a name that says it."""
    name = document.slug if is_first else f"{document.slug}-{document.estado}"
    return Left(
        slug=document.slug, estado=document.estado, name=name, blocks=_blocks(document, zone),
        signed=document.signed if is_first else b"",
    )  # fmt: skip


def _blocks(document: Recibido, zone: tzinfo) -> tuple[Block, ...]:
    fields = (
        ("CONTRATO", str(CONTRATO)),
        ("ESTADO", document.estado.value),
        ("RUT", document.emisor),
        ("RAZON_SOCIAL", document.razon_social),
        ("TIPO", str(document.tipo)),
        ("NOMBRE", document.nombre),
        ("SERIE", document.serie),
        ("NUMERO", str(document.numero)),
        ("FECHA", document.fecha.isoformat()),
        ("FECHA_FIRMA", document.firmado.isoformat()),
        ("MONEDA", document.moneda),
        ("COTIZACION", document.cotizacion),
        *document.importes,
        ("CAE", document.cae),
        ("CODIGO_SEGURIDAD", document.codigo_seguridad),
        ("MOTIVO", document.motivo),
        ("DETALLE", document.detalle),
        ("RECIBIDO", _moment(document.recibido, zone)),
        ("VENCE", _moment(document.vence, zone) if document.estado is Recepcion.RECIBIDO else ""),
        ("XML", f"{document.slug}.XML"),
        ("ADENDA", document.adenda),
    )
    said = Block("RECIBIDO", tuple((name, value) for name, value in fields if value))
    warnings = (
        Block(f"AVISO.{number}", (("MENSAJE", text),))
        for number, text in enumerate(document.avisos[:_MOST_WARNINGS], 1)
    )
    return (said, *warnings)


def _moment(at: datetime, zone: tzinfo) -> str:
    return at.astimezone(zone).isoformat(timespec="seconds")
