"""The printed forms of a CFE: where each part of `printed` stands on a roll and on A4."""

from collections.abc import Iterable, Iterator

from sincronizador.core.emitido import Emitido
from sincronizador.core.ticket import QR, Align, Block, Box, Cut, Feed, Page, Row, Rule, Size, Text, Ticket
from sincronizador.countries.uy import tables
from sincronizador.countries.uy.emisor import Emisor
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


def page(emitido: Emitido, emisor: Emisor, ambiente: str, *, copy: bool) -> Page:
    """The form for A4, with everything that the roll carries; the watermark says COPIA and PRUEBA. Raises the same."""
    with readable():
        return _page(Printed(emitido, emisor), ambiente, copy=copy)


def _page(parts: Printed, ambiente: str, *, copy: bool) -> Page:
    emitido = parts.emitido
    columns, rows = _table(parts)
    legends = [text for text in (PAPEL if parts.tipo.is_papel else "", PRUEBA if ambiente == "prueba" else "") if text]
    marks = [COPIA] * copy + [PAPEL] * parts.tipo.is_papel + ["PRUEBA"] * (ambiente == "prueba")
    return Page(
        title=f"{emitido.nombre} {emitido.serie} {emitido.numero}",
        emisor=parts.emisor(Align.LEFT),
        regimen=parts.regimen,
        documento=parts.documento(Align.LEFT),
        receptor=(
            *_large(parts.receptor.heading),
            *_paragraphs(parts.receptor.lines()),
            *_legend(parts.receptor.leyenda),
        ),
        datos=tuple(parts.datos()),
        columns=columns,
        rows=rows,
        totales=(*parts.balance.discounts(), *parts.balance.rows(), *parts.balance.total()),
        notas=(*_notes(parts), *_large(legends, Align.CENTER)),
        qr=emitido.qr,
        bajo_qr=f"Cód. de seguridad: {emitido.codigo_seguridad}",
        pie=tuple(_paragraphs(parts.pie())),
        vencimiento=parts.vencimiento,
        adenda="\n".join(parts.adenda()),
        marca=" - ".join(marks),
    )


def _table(parts: Printed) -> tables.Table:
    if parts.tipo.familia is Familia.E_RESG:
        return tables.retenciones(tuple(parts.retenciones()))
    return tables.goods(tuple(parts.lines()), iva=parts.balance.tells_iva)


def _notes(parts: Printed) -> Iterator[Text]:
    """For whom it is, references, payments, and in large letters what the issuer is obliged to say."""
    yield from _paragraphs((parts.mandante,))
    yield from _paragraphs(_sentence(row) for row in (*parts.referencias(), *parts.balance.pagos()))
    yield from _legend(parts.leyenda)


def _legends(parts: Printed, ambiente: str, *, copy: bool) -> tuple[Text, ...]:
    copia = (Text(COPIA, Align.CENTER, Size.HUGE, bold=True),) if copy else ()
    papel = (PAPEL,) if parts.tipo.is_papel else ()
    prueba = (PRUEBA,) if ambiente == "prueba" else ()
    return (*copia, *_large((*papel, *prueba), Align.CENTER))


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
        yield Box(_large((parts.regimen,), Align.CENTER))
    yield Rule()
    yield from parts.documento(Align.CENTER)
    yield Box(_large(parts.receptor.heading, Align.CENTER))
    receptor = (*_paragraphs((*parts.receptor.lines(), parts.mandante)), *_legend(parts.receptor.leyenda))
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
    below: tuple[Block, ...] = (*parts.balance.pagos(), *parts.referencias(), *_legend(parts.leyenda))
    for blocks in (totals, below):
        if blocks:
            yield from blocks
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
    moved = not line.importe
    right = line.cantidad if moved else line.importe if line.plain else ""
    yield Row(line.nombre, right) if right else Text(line.nombre)
    yield from _paragraphs(line.detalles)
    if not (line.plain or moved):
        yield Row(f"  {line.cantidad} x {line.precio}", line.bruto if line.ajustes else line.importe)
        for name, value in line.ajustes:
            yield Row(f"  {name}", value)
    for each in line.retenciones:
        yield from _retencion(each, "  ")


def _retencion(each: Retencion, indent: str) -> Iterator[Block]:
    yield Row(f"{indent}{each.nombre} {each.codigo}", each.valor)
    yield from _paragraphs(f"{indent}  {text}" for text in (each.cuenta, each.detalle) if text)


def _sentence(row: Row) -> str:
    return f"{row.left}: {row.right}" if row.right else row.left


def _legend(text: str) -> tuple[Text, ...]:
    """What the issuer is obliged to say is as large as the law's own legends."""
    return (Text(text, size=Size.LARGE),) if text else ()


def _large(lines: Iterable[str], align: Align = Align.LEFT) -> tuple[Text, ...]:
    """In letters of 3 mm."""
    return tuple(Text(line, align, Size.LARGE, bold=True) for line in lines)


def _paragraphs(lines: Iterable[str], align: Align = Align.LEFT) -> Iterator[Text]:
    return (Text(line, align) for line in lines if line)
