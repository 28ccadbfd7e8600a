"""The table of lines on A4: its columns, but for those that have nothing to say in this document."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from sincronizador.core.ticket import Align, Column
from sincronizador.countries.uy.lines import Line, Retencion

Kind = TypeVar("Kind", Line, Retencion)
Table = tuple[tuple[Column, ...], tuple[tuple[str, ...], ...]]
"""The columns, and the cells of each line."""


@dataclass(frozen=True, slots=True)
class _Field(Generic[Kind]):
    """A column, and what it tells of a line."""

    title: str
    width: int
    """Hundredths of the table."""
    align: Align
    cell: Callable[[Kind], str]
    decimal: bool = False


def goods(lines: Sequence[Line], *, iva: bool) -> Table:
    """What is sold or moved; `iva`: whether the column that says what a line is may be called so."""
    fields: tuple[_Field[Line], ...] = (
        _Field("Cantidad", 9, Align.RIGHT, lambda line: line.cantidad.partition(" ")[0], decimal=True),
        _Field("Un.", 5, Align.LEFT, lambda line: line.cantidad.partition(" ")[2]),
        _Field("Descripción", 42, Align.LEFT, lambda line: "\n".join(_description(line))),
        _Field("P. unitario", 13, Align.RIGHT, lambda line: line.precio, decimal=True),
        _Field("Dto./Rec.", 10, Align.RIGHT, lambda line: "\n".join(value for _, value in line.ajustes)),
        _Field("IVA" if iva else "Concepto", 8, Align.CENTER, lambda line: line.tasa),
        _Field("Importe", 13, Align.RIGHT, lambda line: line.importe),
    )
    return _table(fields, lines, wide="Descripción")


def retenciones(lines: Sequence[Retencion]) -> Table:
    """What is withheld, perceived or credited."""
    fields: tuple[_Field[Retencion], ...] = (
        _Field("Código", 14, Align.LEFT, lambda line: line.codigo),
        _Field("Concepto", 36, Align.LEFT, lambda line: "\n".join(filter(None, (line.nombre, line.detalle)))),
        _Field("Tasa", 12, Align.RIGHT, lambda line: line.tasa),
        _Field("Monto sujeto", 19, Align.RIGHT, lambda line: line.base),
        _Field("Valor", 19, Align.RIGHT, lambda line: line.valor),
    )
    return _table(fields, lines, wide="Concepto")


def _description(line: Line) -> Iterator[str]:
    yield line.nombre
    yield from line.detalles
    if line.codigos:
        yield f"Cód. {line.codigos}"
    # The column has room for the amount alone.
    yield from (name for name, _ in line.ajustes if name not in ("Descuento", "Recargo"))
    for each in line.retenciones:
        yield f"{each.nombre} {each.codigo}: {each.valor}" + (f" ({each.cuenta})" if each.cuenta else "")
        if each.detalle:
            yield each.detalle


def _table(fields: Sequence[_Field[Kind]], lines: Sequence[Kind], *, wide: str) -> Table:
    """The columns that some line fills; the room of the others goes to `wide`."""
    rows = [tuple(field.cell(line) for field in fields) for line in lines]
    kept = [at for at, field in enumerate(fields) if field.title == wide or any(row[at] for row in rows)]
    spare = 100 - sum(fields[at].width for at in kept)
    columns = (
        Column(field.title, (field.width + (spare if field.title == wide else 0)) / 100, field.align, field.decimal)
        for field in (fields[at] for at in kept)
    )
    return tuple(columns), tuple(tuple(row[at] for at in kept) for row in rows)
