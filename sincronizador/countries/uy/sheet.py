"""The printed form of a CFE on A4: where each part of `printed` stands on its sheets."""

from collections.abc import Iterator
from dataclasses import replace

from sincronizador.core.emitido import Emitido
from sincronizador.core.template import PLAIN, Lugar, Template
from sincronizador.core.ticket import Align, Page, Size, Text
from sincronizador.countries.uy import tables
from sincronizador.countries.uy.emisor import Emisor
from sincronizador.countries.uy.letters import large, legend, paragraphs, sentence
from sincronizador.countries.uy.printed import COPIA, PAPEL, PRUEBA, Printed
from sincronizador.countries.uy.signed import readable
from sincronizador.countries.uy.tipos import Familia


def page(emitido: Emitido, emisor: Emisor, ambiente: str, template: Template = PLAIN, *, copy: bool) -> Page:
    """The form for A4, with everything that the roll carries; the watermark says COPIA and PRUEBA. Raises the same."""
    with readable():
        return _page(Printed(emitido, emisor, template), ambiente, copy=copy)


def _page(parts: Printed, ambiente: str, *, copy: bool) -> Page:
    emitido = parts.emitido
    columns, rows = _table(parts)
    legends = [text for text in (PAPEL if parts.tipo.is_papel else "", PRUEBA if ambiente == "prueba" else "") if text]
    marks = [COPIA] * copy + [PAPEL] * parts.tipo.is_papel + ["PRUEBA"] * (ambiente == "prueba")
    return Page(
        title=f"{emitido.nombre} {emitido.serie} {emitido.numero}",
        emisor=parts.emisor(Align.LEFT),
        regimen=parts.regimen,
        documento=tuple(_titled(parts)),
        receptor=(
            *large((" ".join(parts.receptor.heading),)),
            *_named(parts),
            *legend(parts.receptor.leyenda),
        ),
        datos=(*parts.datos(), *parts.extras(Lugar.CABEZA)),
        columns=columns,
        rows=rows,
        totales=(*parts.balance.discounts(), *parts.balance.rows(), *parts.balance.total()),
        notas=(*_notes(parts), *large(legends, Align.CENTER)),
        qr=emitido.qr,
        bajo_qr=f"Cód. de seguridad: {emitido.codigo_seguridad}",
        pie=tuple(paragraphs(parts.pie())),
        vencimiento=parts.vencimiento,
        adenda="\n".join((*parts.adenda(), *parts.template.pie)),
        marca=" - ".join(marks),
        logo=parts.template.logo,
        color=parts.template.color,
        encabezado=tuple(paragraphs(parts.template.encabezado)),
    )


def _titled(parts: Printed) -> Iterator[Text]:
    """The document's box, the type in the largest letters of the form."""
    ruc, name, *others = parts.documento(Align.CENTER)
    yield from (ruc, replace(name, size=Size.HUGE), *others)


def _named(parts: Printed) -> Iterator[Text]:
    """The receiver's lines; in bold, as every sheet repeats them, the name and what a consumer is identified by."""
    bold = 2 if parts.tipo.is_e_ticket else 1
    for at, line in enumerate(parts.receptor.lines()):
        if line:
            yield Text(line, bold=at < bold)


def _table(parts: Printed) -> tables.Table:
    if parts.tipo.familia is Familia.E_RESG:
        return tables.retenciones(tuple(parts.retenciones()))
    return tables.goods(tuple(parts.lines()), iva=parts.balance.tells_iva)


def _notes(parts: Printed) -> Iterator[Text]:
    """For whom it is, references, payments, and in large letters what the issuer is obliged to say."""
    yield from paragraphs((parts.mandante,))
    yield from paragraphs(sentence(row) for row in (*parts.referencias(), *parts.balance.pagos()))
    yield from legend(parts.leyenda)
