"""``verificar``: opens everything and says how it is, a line each, in words."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

import click

from sincronizador.cli import settings
from sincronizador.cli.terminal import say, say_json
from sincronizador.errors import SincronizadorError

if TYPE_CHECKING:
    from sincronizador.engine.house import House
    from sincronizador.engine.pen import IssuerPen
    from sincronizador.printing.door import Printer
    from sincronizador.providers.door import Cloud
    from sincronizador.settings import Settings

Line = tuple[bool, str]
"""Whether it is well, and the sentence."""


@click.command(help="Abre y prueba todo: carpetas, diario, certificado, CAE, impresoras, reloj. Una línea por cosa.")
@click.option("--json", "as_json", is_flag=True, help="Como JSON.")
def verificar(as_json: bool) -> int:
    """The command; exit code 78 when something stops work."""
    found = settings()
    lines = list(look(found))
    if as_json:
        rows = [{"bien": good, "texto": sentence} for good, sentence in lines]
        say_json(rows)
    else:
        for good, sentence in lines:
            say(f"{'bien ' if good else 'MAL  '} {sentence}")
    return 0 if all(good for good, _ in lines) else 78


def look(found: "Settings", *, outside: bool = True) -> Iterator[Line]:
    """A line for each thing that was opened and tried; cloud and printers are asked only `outside`."""
    from sincronizador.daemon import assembly
    from sincronizador.journal.journal import open_journal

    yield True, f"configuración: {found.emisor.razon_social}, RUT {found.emisor.rut}, ambiente {found.ambiente}"
    yield from ((True, f"configuración: {key} todavía no se usa en esta versión") for key in found.unused())
    layout = assembly.make_layout(found)
    troubles = layout.troubles()
    yield from ((False, f"carpetas: {trouble}") for trouble in troubles)
    if not troubles:
        yield True, f"carpetas: {layout.spool}"
        yield from ((True, f"carpetas: {note}") for note in layout.notes())
    if (weak := found.certificado.clave.weakness()) is not None:
        yield False, weak
    try:
        missing = assembly.missing_journal(found)
        if missing:
            yield False, f"diario: {missing}"
            return
        journal = open_journal(found.diario, read_only=True)
        assembly.check_origin(found, journal)
        assembly.refuse_moved(journal)
        yield True, f"diario: {found.diario}"
        house, pen = assembly.make_house(found, journal)
    except SincronizadorError as error:
        yield False, f"{error.code} {error}"
        return
    yield from _pen(pen, house.clock.now())
    if house.cloud is not None and outside:
        yield from _cloud(house, house.cloud)
    yield from _seal(found, house.clock.now())
    yield from _numbers(house)
    for printer in house.printers.values() if outside else ():
        yield _printer(printer)
    yield from _mirror(found, house)
    yield from _rest(house)
    yield from ((False, f"disco: {trouble}") for trouble in assembly.make_room(found).state())
    for dialect in house.dialects:
        yield True, f"mapeos: {dialect.name} toma {', '.join(dialect.names.patterns)}"
    if found.esquemas.carpeta:
        yield True, f"esquemas: los de {found.esquemas.carpeta}; cada comprobante se controla contra ellos"
    if found.impresion.plantilla:
        yield True, f"plantilla: {found.impresion.plantilla}"
    if house.printers and not found.publicacion.activa:
        yield True, "rollo: solo para e-Tickets y sus notas; lo demás sale en PDF (publicacion.activa = false)"


def _pen(pen: "IssuerPen", now: datetime) -> Iterator[Line]:
    certificate = pen.certificate_at(now)
    if trouble := pen.trouble(now):
        yield False, f"certificado: {trouble}"
    elif certificate is not None:
        yield True, f"certificado: {certificate.titular}, vence el {certificate.not_after:%d/%m/%Y}"
    if since := pen.next_at(now):
        yield True, f"certificado siguiente: firma desde el {since.astimezone(now.tzinfo):%d/%m/%Y %H:%M}"


def _seal(found: "Settings", now: datetime) -> Iterator[Line]:
    """DGI's certificate, which `make_house` could read."""
    from sincronizador.signing.certificate import load_certificate

    if found.mandante is not None:
        with open(found.mandante.certificado, "rb") as file:
            certificate = load_certificate(file.read())
        sentence = f"mandante: se cifra para {certificate.titular}, que vence el {certificate.not_after:%d/%m/%Y}"
        yield now <= certificate.not_after, sentence


def _cloud(house: "House", cloud: "Cloud") -> Iterator[Line]:
    from sincronizador.engine.alarms import cloud_alarms
    from sincronizador.journal import post

    with house.journal.reading() as db:
        place, alarms = post.read(db), cloud_alarms(house, db, house.clock.now())
    try:
        health = cloud.health(place.standing)
    except SincronizadorError as error:
        yield False, f"nube: {error}"
        return
    same = health.environment == house.rules.ambiente
    yield same, f"nube: contesta; es de {health.environment}, su hora es {health.time:%d/%m/%Y %H:%M:%S}"
    if not health.ok:
        yield False, f"nube: {health.detail}"
    yield from ((False, f"nube: {alarm.sentence}") for alarm in alarms)


def _numbers(house: "House") -> Iterator[Line]:
    from sincronizador.journal import documents

    with house.journal.reading() as db:
        stocks = [stock for stock in documents.stocks(db) if not stock.closing]
    if not stocks and house.cloud is not None:
        yield False, "números para contingencia: la nube todavía no dio ninguno; los da sola cuando el servicio corre"
    elif not stocks:
        yield False, "CAE: no hay ninguno importado; use «sincronizador cae importar ARCHIVO --ambiente ...»"
    today = house.clock.now().date()
    for stock in documents.telling(stocks, today):
        rango, name = stock.rango, house.country.type_name(stock.rango.tipo)
        usable = stock.left > 0 and rango.vence >= today
        state = "vencido" if rango.vence < today else f"quedan {stock.left}, vence"
        numbers = f"{rango.serie} {stock.primero}-{stock.ultimo}"
        yield usable, f"CAE {rango.id}: {name} {numbers}, {state} el {rango.vence:%d/%m/%Y}"


def _printer(printer: "Printer") -> Line:
    try:
        return True, f"impresora {printer.name}: {printer.status()}"
    except SincronizadorError as error:
        return False, f"impresora {printer.name}: {error}"


def _mirror(found: "Settings", house: "House") -> Iterator[Line]:
    if house.mirror is None:
        return
    try:
        house.mirror.check()
    except SincronizadorError as error:
        yield False, f"espejo: {error}"
        return
    yield True, f"espejo: {found.respaldo.espejo}"


def _rest(house: "House") -> Iterator[Line]:
    from sincronizador.engine.alarms import disk_alarms
    from sincronizador.engine.timekeeping import clock_trouble

    now: datetime = house.clock.now()
    with house.journal.reading() as db:
        trouble = clock_trouble(house, db, now)
    yield (not trouble), f"reloj: {trouble or f'{now:%d/%m/%Y %H:%M:%S %z}'}"
    for alarm in house.country.alarms(now.date()):
        yield False, alarm.sentence
    low = disk_alarms(house)
    yield (not low), f"disco: {low[0].sentence if low else 'hay lugar'}"
