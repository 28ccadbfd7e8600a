"""The printed form of a CFE on a roll: where each part of `printed` stands."""

from collections.abc import Iterator

from sincronizador.core.emitido import Emitido
from sincronizador.core.ticket import QR, Align, Block, Box, Cut, Feed, Row, Rule, Size, Text, Ticket
from sincronizador.countries.uy.emisor import Emisor
from sincronizador.countries.uy.letters import large, legend, paragraphs
from sincronizador.countries.uy.lines import Line, Retencion
from sincronizador.countries.uy.printed import COPIA, PAPEL, PRUEBA, Printed
from sincronizador.countries.uy.signed import readable
from sincronizador.countries.uy.tipos import Familia


def ticket(emitido: Emitido, emisor: Emisor, ambiente: str, *, copy: bool) -> Ticket:
    """
    The form for a roll: issuer, document, receiver, lines, totals and foot in the order the law allows on narrow paper.

    In ``prueba`` it says at both ends that it is worth nothing; a copy says COPIA, what transcribes a paper says so.
    Raises `Rejected` E1901 for a document that lacks what must be printed.
    """
    with readable():
        parts = Printed(emitido, emisor)
        return Ticket(tuple(_roll(parts, _legends(parts, ambiente, copy=copy))))


def _legends(parts: Printed, ambiente: str, *, copy: bool) -> tuple[Text, ...]:
    copia = (Text(COPIA, Align.CENTER, Size.HUGE, bold=True),) if copy else ()
    papel = (PAPEL,) if parts.tipo.is_papel else ()
    prueba = (PRUEBA,) if ambiente == "prueba" else ()
    return (*copia, *large((*papel, *prueba), Align.CENTER))


def _roll(parts: Printed, legends: tuple[Text, ...]) -> Iterator[Block]:
    if legends:
        yield from legends
        yield Feed()
    yield from _head(parts)
    yield from _body(parts)
    yield from _foot(parts)
    if legends:
        yield Feed()
        yield from legends
    yield Cut()


def _head(parts: Printed) -> Iterator[Block]:
    """Issuer, document, receiver, dates."""
    yield from parts.emisor(Align.CENTER)
    if parts.regimen:
        yield Box(large((parts.regimen,), Align.CENTER))
    yield Rule()
    yield from parts.documento(Align.CENTER)
    yield Box(large(parts.receptor.heading, Align.CENTER))
    receptor = (*paragraphs((*parts.receptor.lines(), parts.mandante)), *legend(parts.receptor.leyenda))
    if receptor:
        yield from receptor
        yield Rule()
    yield from parts.datos()
    yield Rule()


def _body(parts: Printed) -> Iterator[Block]:
    """Lines, totals, payments, references."""
    for line in parts.lines() if parts.tipo.familia is not Familia.E_RESG else ():
        yield from _item(line)
    for each in parts.retenciones() if parts.tipo.familia is Familia.E_RESG else ():
        yield from _retencion(each, "")
    yield Rule()
    totals = (*parts.balance.discounts(), *parts.balance.rows(), *parts.balance.total())
    below: tuple[Block, ...] = (*parts.balance.pagos(), *parts.referencias(), *legend(parts.leyenda))
    for blocks in (totals, below):
        if blocks:
            yield from blocks
            yield Rule()


def _foot(parts: Printed) -> Iterator[Block]:
    """QR, authorisation, adenda."""
    yield QR(parts.emitido.qr)
    yield Text(f"Código de seguridad: {parts.emitido.codigo_seguridad}", Align.CENTER)
    yield from paragraphs(parts.pie(), Align.CENTER)
    yield Box((Text(parts.vencimiento, Align.CENTER, Size.LARGE),))
    adenda = tuple(Text(line) for line in parts.adenda())
    if adenda:
        yield Box((Text("ADENDA", Align.CENTER, bold=True), *adenda))


def _item(line: Line) -> Iterator[Block]:
    """A line of the document: one line of paper when that says it all, else the name and below it how it adds up."""
    moved = not line.importe
    right = line.cantidad if moved else line.importe if line.plain else ""
    yield Row(line.nombre, right) if right else Text(line.nombre)
    yield from paragraphs(line.detalles)
    if not (line.plain or moved):
        yield Row(f"  {line.cantidad} x {line.precio}", line.bruto if line.ajustes else line.importe)
        for name, value in line.ajustes:
            yield Row(f"  {name}", value)
    for each in line.retenciones:
        yield from _retencion(each, "  ")


def _retencion(each: Retencion, indent: str) -> Iterator[Block]:
    yield Row(f"{indent}{each.nombre} {each.codigo}", each.valor)
    yield from paragraphs(f"{indent}  {text}" for text in (each.cuenta, each.detalle) if text)
