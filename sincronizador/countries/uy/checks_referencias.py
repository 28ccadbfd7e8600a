"""The checks of what a document says of others. Formato CFE v25.2, zone F."""

import re
from collections.abc import Iterator
from decimal import Decimal

from sincronizador.core.codes import UNKNOWN_REFERENCE
from sincronizador.core.emitido import Emitido
from sincronizador.core.finding import Finding
from sincronizador.core.sections import Section
from sincronizador.countries.uy import codes
from sincronizador.countries.uy.caso import DIAS_ADELANTE, PRIMERA, ULTIMA, Caso, Check
from sincronizador.countries.uy.comprobante import Referencia, found
from sincronizador.countries.uy.read import is_named, target_of
from sincronizador.countries.uy.tipos import Clase, IndFact, TipoCfe

SERIE = re.compile("[A-Z]|[A-Z][A-Z]|[1-9][A-Z]")
"""A series. Schema 1.44.2, SerieType."""


def check_references(caso: Caso) -> Iterator[Finding]:
    """A note says what it corrects, once each, completely, and in its own family."""
    doc = caso.comprobante
    if doc.tipo.is_note and not doc.referencias:
        yield codes.NO_REFERENCE.at(field="REFERENCIA", line=doc.origen.line)
    yield from _takes_off(caso)
    seen: set[tuple[int, str, int]] = set()
    for referencia in doc.referencias:
        if not referencia.is_whole:
            continue
        if referencia.is_global:
            yield from _global(referencia)
        elif not is_named(referencia):
            yield from _open(referencia)
        else:
            yield from _named(caso, referencia, seen)
        yield from _rate(caso, referencia)


def _global(referencia: Referencia) -> Iterator[Finding]:
    if not referencia.razon:
        yield found(codes.GLOBAL_REFERENCE, referencia.origen, "RAZON", detalle="Una referencia global exige RAZON")
    for field in ("VENTA", "TIPO", "SERIE", "NUMERO", "FECHA", "MONTO", "MONEDA", "COTIZACION"):
        if getattr(referencia, field.lower()):
            detail = f"Una referencia global no lleva {field}"
            yield found(codes.GLOBAL_REFERENCE, referencia.origen, field, detalle=detail)


def _open(referencia: Referencia) -> Iterator[Finding]:
    absent = [name for name in ("TIPO", "SERIE", "NUMERO") if not getattr(referencia, name.lower())]
    if len(absent) == 3:
        detail = "La referencia no dice a qué comprobante"
    else:
        detail = f"Falta {' y '.join(absent)} en la referencia"
    yield found(codes.REFERENCE_OPEN, referencia.origen, absent[0], detalle=detail)


def _named(caso: Caso, referencia: Referencia, seen: set[tuple[int, str, int]]) -> Iterator[Finding]:
    origen, tipo = referencia.origen, caso.comprobante.tipo
    sale = caso.known.get(target_of(referencia))
    if referencia.venta and sale is None:
        yield found(UNKNOWN_REFERENCE, origen, "VENTA")
        return
    triple = (sale.tipo, sale.serie, sale.numero) if sale else (referencia.tipo, referencia.serie, referencia.numero)
    slug = f"{triple[0]}-{triple[1]}-{triple[2]}"
    field = "VENTA" if referencia.venta else "TIPO"
    if triple in seen:
        yield found(codes.REFERENCE_TWICE, origen, field, referido=slug)
    seen.add(triple)
    if not SERIE.fullmatch(triple[1]):
        yield found(codes.REFERENCE_OPEN, origen, "SERIE", detalle=f"«{triple[1]}» no es una serie")
    if tipo.is_note and triple[0] not in tipo.referible:
        hint = _corrected_by(triple[0])
        yield found(codes.OTHER_FAMILY, origen, field, nota=tipo.nombre, referido=triple[0], sugerencia=hint)
    if sale:
        yield from _against(sale, referencia, origen)
        yield from _beside(caso, sale)


def _corrected_by(referido: int) -> str:
    tipo = TipoCfe(referido)
    if not tipo.familia.is_sale:
        return f"Un comprobante de tipo {tipo.nombre} no se corrige con notas."
    first = tipo.electronico // 10 * 10
    return f"Un comprobante de tipo {tipo.nombre} se corrige con {first + 2} o {first + 3}."


def _against(sale: Emitido, referencia: Referencia, origen: Section) -> Iterator[Finding]:
    """What a reference says of a document of ours is true."""
    given = (referencia.tipo, referencia.serie, referencia.numero)
    if referencia.venta and any(given) and given != (sale.tipo, sale.serie, sale.numero):
        yield found(
            codes.REFERENCE_OPEN, origen, "VENTA", detalle=f"VENTA es el comprobante {sale.slug}, no el que se da"
        )
    if referencia.fecha not in (None, sale.fecha):
        yield found(codes.REFERENCE_DATE, origen, "FECHA", dada=referencia.fecha, referido=sale.slug, fecha=sale.fecha)
    if referencia.monto is not None and referencia.monto > sale.total:
        yield found(
            codes.REFERENCE_AMOUNT, origen, "MONTO", dado=referencia.monto, referido=sale.slug, total=sale.total
        )
    for field, ours, theirs in (
        ("MONEDA", referencia.moneda or sale.moneda, sale.moneda),
        ("COTIZACION", referencia.cotizacion or sale.cotizacion, sale.cotizacion),
    ):
        if ours != theirs:
            yield found(codes.REFERENCE_CURRENCY, origen, field, dado=ours, referido=sale.slug, tiene=theirs)


def _beside(caso: Caso, sale: Emitido) -> Iterator[Finding]:
    """What is strange about a note beside the document of ours that it corrects."""
    doc = caso.comprobante
    if not doc.tipo.is_note:
        return
    if doc.fecha < sale.fecha:
        yield found(codes.NOTE_EARLIER, doc.origen, "FECHA", fecha=doc.fecha, referido=sale.slug, suya=sale.fecha)
    total = doc.calculo.totales.a_pagar if doc.calculo else Decimal(0)
    is_credit = doc.tipo.clase is Clase.NOTA_CREDITO and len(doc.referencias) == 1
    if is_credit and doc.moneda == sale.moneda and total > sale.total:
        yield codes.NOTE_LARGER.at(line=doc.origen.line, total=total, referido=sale.slug, suyo=sale.total)


def _takes_off(caso: Caso) -> Iterator[Finding]:
    """A line that takes off another e-Remito or e-Resguardo says which. Formato CFE v25.2, IndFact 8 and 9."""
    doc = caso.comprobante
    lines = [linea for linea in doc.lineas if linea.ind_fact in (IndFact.A_RESTAR, IndFact.A_ANULAR)]
    if not lines or any(_is_own(caso, referencia) for referencia in doc.referencias):
        return
    field, value = ("ANULA", "ANULA=SI") if lines[0].ind_fact is IndFact.A_ANULAR else ("IVA", "IVA=A_RESTAR")
    name = doc.tipo.electronico.nombre
    yield codes.TAKES_OFF_NOTHING.at(field=field, line=lines[0].origen.line, value=value, tipo=name)


def _is_own(caso: Caso, referencia: Referencia) -> bool:
    """Whether it refers to a document of the same kind; what could not be read or found is told elsewhere."""
    own = caso.comprobante.tipo.electronico
    sale = caso.known.get(target_of(referencia)) if referencia.venta else None
    tipo = sale.tipo if sale else referencia.tipo
    return tipo in (own, own + 100) or not referencia.is_whole or (bool(referencia.venta) and sale is None)


def _rate(caso: Caso, referencia: Referencia) -> Iterator[Finding]:
    moneda, cotizacion = referencia.moneda, referencia.cotizacion
    if moneda not in ("", "UYU") and cotizacion is None and not referencia.venta:
        detail = f"La MONEDA de la referencia es {moneda} y falta COTIZACION"
        yield found(codes.REFERENCE_RATE, referencia.origen, "COTIZACION", detalle=detail)
    elif moneda == "UYU" and cotizacion not in (None, 1):
        detail = "La referencia es en pesos y trae COTIZACION"
        yield found(codes.REFERENCE_RATE, referencia.origen, "COTIZACION", detalle=detail)
    elif not moneda and cotizacion is not None and not (referencia.venta or referencia.is_global):
        detail = "La referencia trae COTIZACION y falta MONEDA"
        yield found(codes.REFERENCE_RATE, referencia.origen, "COTIZACION", detalle=detail)
    fecha, last = referencia.fecha, min(caso.today + DIAS_ADELANTE, ULTIMA)
    if fecha is not None and not PRIMERA <= fecha <= last:
        yield found(codes.DATE_FAR, referencia.origen, "FECHA", fecha=fecha, primera=PRIMERA, ultima=last)


CHECKS: tuple[Check, ...] = (check_references,)
