"""The printed forms of a CFE: where each part of `printed` stands on a roll and on A4."""

from collections.abc import Iterable, Iterator

from sincronizador.core.emitido import Emitido
from sincronizador.core.ticket import QR, Align, Block, Box, Column, Cut, Feed, Page, Row, Rule, Size, Text, Ticket
from sincronizador.countries.uy.emisor import Emisor
from sincronizador.countries.uy.lines import Line
from sincronizador.countries.uy.printed import COPIA, PRUEBA, Printed
from sincronizador.countries.uy.signed import readable

COLUMNS = (
    Column("Cantidad", 0.11, Align.RIGHT),
    Column("Descripción", 0.40),
    Column("P. unitario", 0.15, Align.RIGHT),
    Column("Dto./Rec.", 0.12, Align.RIGHT),
    Column("IVA", 0.08, Align.CENTER),
    Column("Importe", 0.14, Align.RIGHT),
)


def ticket(emitido: Emitido, emisor: Emisor, ambiente: str, *, copy: bool) -> Ticket:
    """
    The form for a roll: issuer, document, receiver, lines, totals and foot in the order the law allows on narrow paper.

    In ``prueba`` it says at both ends that it is worth nothing; a copy says COPIA. Raises `Rejected` E1901 for a
    document that lacks what must be printed.
    """
    with readable():
        return Ticket(tuple(_roll(Printed(emitido, emisor), _legends(ambiente, copy=copy))))


def page(emitido: Emitido, emisor: Emisor, ambiente: str, *, copy: bool) -> Page:
    """The form for A4, with everything that the roll carries; the watermark says COPIA and PRUEBA. Raises the same."""
    with readable():
        return _page(emitido, emisor, ambiente, copy=copy)


def _page(emitido: Emitido, emisor: Emisor, ambiente: str, *, copy: bool) -> Page:
    parts = Printed(emitido, emisor)
    notes = (_sentence(row) for row in (*parts.referencias(), *parts.pagos()))
    special = (Text(parts.especial, size=Size.LARGE, bold=True),) if parts.especial else ()
    legend = (Text(PRUEBA, Align.CENTER, Size.LARGE, bold=True),) if ambiente == "prueba" else ()
    return Page(
        title=f"{emitido.nombre} {emitido.serie} {emitido.numero}",
        emisor=(*parts.emisor(Align.LEFT), *special),
        documento=parts.documento(Align.LEFT),
        receptor=(Text(parts.receptor_heading, size=Size.LARGE, bold=True), *_paragraphs(parts.receptor())),
        datos=tuple(parts.datos()),
        columns=COLUMNS,
        rows=tuple(_cells(line) for line in parts.lines()),
        totales=(*parts.discounts(), *parts.totales(), parts.a_pagar),
        notas=(*_paragraphs((parts.leyenda, *notes)), *legend),
        qr=emitido.qr,
        bajo_qr=f"Cód. de seguridad: {emitido.codigo_seguridad}",
        pie=tuple(_paragraphs(parts.pie())),
        vencimiento=parts.vencimiento,
        adenda="\n".join(parts.adenda()),
        marca=" - ".join((*((COPIA,) if copy else ()), *(("PRUEBA",) if ambiente == "prueba" else ()))),
    )


def _legends(ambiente: str, *, copy: bool) -> tuple[Text, ...]:
    copia = (Text(COPIA, Align.CENTER, Size.HUGE, bold=True),) if copy else ()
    prueba = (Text(PRUEBA, Align.CENTER, Size.LARGE, bold=True),) if ambiente == "prueba" else ()
    return copia + prueba


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
    if parts.especial:
        yield Box((Text(parts.especial, Align.CENTER, Size.LARGE),))
    yield Rule()
    yield from parts.documento(Align.CENTER)
    yield Box((Text(parts.receptor_heading, Align.CENTER, Size.LARGE, bold=True),))
    receptor = tuple(_paragraphs(parts.receptor()))
    if receptor:
        yield from receptor
        yield Rule()
    yield from parts.datos()
    yield Rule()


def _body(parts: Printed) -> Iterator[Block]:
    """Lines, totals, payments, references."""
    for line in parts.lines():
        yield from _item(line)
    yield Rule()
    yield from parts.discounts()
    yield from parts.totales()
    yield parts.a_pagar
    yield Rule()
    below: tuple[Block, ...] = (*parts.pagos(), *parts.referencias(), *_paragraphs((parts.leyenda,)))
    if below:
        yield from below
        yield Rule()


def _foot(parts: Printed) -> Iterator[Block]:
    """QR, authorisation, adenda."""
    yield QR(parts.emitido.qr)
    yield Text(f"Código de seguridad: {parts.emitido.codigo_seguridad}", Align.CENTER)
    yield from _paragraphs(parts.pie(), Align.CENTER)
    yield Box((Text(parts.vencimiento, Align.CENTER, Size.LARGE),))
    adenda = tuple(Text(line) for line in parts.adenda())
    if adenda:
        yield Box((Text("ADENDA", Align.CENTER, bold=True), *adenda))


def _item(line: Line) -> Iterator[Block]:
    """A line of the document: one line of paper when that says it all, else the name and below it how it adds up."""
    yield Row(line.nombre, line.importe) if line.plain else Text(line.nombre)
    if line.descripcion:
        yield Text(line.descripcion)
    if not line.plain:
        yield Row(f"  {line.cantidad} x {line.precio}", line.bruto if line.ajustes else line.importe)
        for name, value in line.ajustes:
            yield Row(f"  {name}", value)


def _cells(line: Line) -> tuple[str, ...]:
    description = "\n".join(filter(None, (line.nombre, line.descripcion)))
    adjustments = "\n".join(value for _, value in line.ajustes)
    return (line.cantidad, description, line.precio, adjustments, line.tasa, line.importe)


def _sentence(row: Row) -> str:
    return f"{row.left}: {row.right}" if row.right else row.left


def _paragraphs(lines: Iterable[str], align: Align = Align.LEFT) -> Iterator[Text]:
    return (Text(line, align) for line in lines if line)
