"""The printed form of a CFE on a roll: where each part of `printed` stands."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby

from sincronizador.core.emitido import Emitido
from sincronizador.core.template import PLAIN, Lugar, Template
from sincronizador.core.ticket import QR, Align, Block, Box, Cut, Feed, Logo, Phrases, Row, Rule, Size, Text, Ticket
from sincronizador.countries.uy.emisor import Emisor
from sincronizador.countries.uy.letters import large, legend, paragraphs, sentence
from sincronizador.countries.uy.lines import Line, Retencion
from sincronizador.countries.uy.printed import COPIA, PAPEL, PRUEBA, Printed
from sincronizador.countries.uy.signed import readable
from sincronizador.countries.uy.tipos import Familia


def ticket(emitido: Emitido, emisor: Emisor, ambiente: str, template: Template = PLAIN, *, copy: bool) -> Ticket:
    """
    The form for a roll: issuer, document, receiver, lines, totals and foot in the order the law allows on narrow paper.

    In ``prueba`` it says at both ends that it is worth nothing; a copy says COPIA, what transcribes a paper says so.
    Raises `Rejected` E1901 for a document that lacks what must be printed.
    """
    with readable():
        parts = Printed(emitido, emisor, template)
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
    if parts.template.logo:
        yield Logo(parts.template.logo)
    yield from _head(parts)
    yield from _body(parts)
    yield from _foot(parts)
    if legends:
        yield Feed()
        yield from legends
    yield Cut()


def _head(parts: Printed) -> Iterator[Block]:
    """Issuer, document, receiver, dates."""
    yield from _dense(parts.emisor(Align.CENTER))
    yield from paragraphs(parts.template.encabezado, Align.CENTER)
    if parts.regimen:
        yield Box(large((parts.regimen,), Align.CENTER))
    yield Rule()
    ruc, name, *others = parts.documento(Align.CENTER)
    yield from (ruc, replace(name, size=Size.HUGE))
    yield Phrases(tuple(text.text for text in others), Align.CENTER, Size.LARGE, bold=True)
    yield Box(large(parts.receptor.heading, Align.CENTER))
    name, *others = (*paragraphs(parts.receptor.lines()), Text(""))
    yield from (name, *_dense(others)) if name.text else ()
    yield from (*paragraphs((parts.mandante,)), *legend(parts.receptor.leyenda))
    yield Phrases(tuple(sentence(row) for row in (*parts.datos(), *parts.extras(Lugar.CABEZA))))
    yield Rule()


def _dense(texts: Iterable[Text]) -> Iterator[Block]:
    """Small letters share lines; large ones are legends and names, and have lines of their own."""
    for is_small, run in groupby(texts, lambda text: text.size is Size.NORMAL and not text.bold):
        told = list(run)
        yield from (Phrases(tuple(text.text for text in told), told[0].align),) if is_small else told


def _body(parts: Printed) -> Iterator[Block]:
    """Lines, totals, and in the issuer's order payments, references and what it is obliged to say."""
    balance = parts.balance
    free: dict[str, Iterable[Block]] = {
        "pagos": map(_payment, balance.pagos()),
        "referencias": parts.referencias(),
        "informacion": legend(parts.leyenda),
    }
    totals = (*balance.discounts(), *balance.rows(), *(replace(row, size=Size.HUGE) for row in balance.total()))
    below = tuple(block for name in parts.template.orden for block in free[name])
    yield from _lines(parts)
    for blocks in (totals, below):
        if blocks:
            yield from (Rule(), *blocks)


def _lines(parts: Printed) -> Iterator[Block]:
    if parts.tipo.familia is Familia.E_RESG:
        for each in parts.retenciones():
            yield from _retencion(each, "")
        return
    for line in parts.lines():
        yield from _item(line)


def _payment(row: Row) -> Row:
    """What is given back is counted out by the cashier, and counted again by the customer."""
    return replace(row, left=row.left.upper(), size=Size.HUGE) if row.bold else row


def _foot(parts: Printed) -> Iterator[Block]:
    """QR, authorisation, adenda."""
    code = f"Código de seguridad: {parts.emitido.codigo_seguridad}"
    yield QR(parts.emitido.qr)
    yield Phrases((code, *parts.pie()), Align.CENTER)
    yield Box((Text(parts.vencimiento, Align.CENTER, Size.LARGE),))
    adenda = (*map(Text, parts.adenda()), *paragraphs(parts.template.pie, Align.CENTER))
    if adenda:
        yield Box((Text("ADENDA", Align.CENTER, bold=True), *adenda), is_tight=True)


def _item(line: Line) -> Iterator[Block]:
    """A line of the document: its name and amount, with what the amount is made of only when that says something."""
    if not line.importe:
        yield Row(line.nombre, line.cantidad)
    else:
        made_of = "" if line.plain else f"{line.cantidad} x {line.precio}"
        yield Row(line.nombre, line.bruto if line.ajustes else line.importe, middle=made_of)
    yield from paragraphs(f"  {text}" for text in line.detalles)
    yield from (Row(f"  {name}", value) for name, value in line.ajustes)
    for each in line.retenciones:
        yield from _retencion(each, "  ")


def _retencion(each: Retencion, indent: str) -> Iterator[Block]:
    yield Row(f"{indent}{each.nombre} {each.codigo}", each.valor)
    yield from paragraphs(f"{indent}  {text}" for text in (each.cuenta, each.detalle) if text)
